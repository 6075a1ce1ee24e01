"""Changes that no page answers, and those that cost money."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from decimal import Decimal
from typing import TypeAlias

import pytest

from smsc_async import DuplicateSend, OutcomeUnknown, SmscClient
from tests.samples import Answering, asked
from tests.virtual import run

Change: TypeAlias = Callable[..., Awaitable[object]]
PHONE = "+79990000001"

UNSHOWN: dict[str, Change] = {
    "numbers.buy": lambda smsc: smsc.numbers.buy(PHONE),
    "numbers.change": lambda smsc: smsc.numbers.change(PHONE, prolong=True),
    "operator_templates.add": lambda smsc: smsc.operator_templates.add("x", "x", kinds=["soc"]),
    "senders.add": lambda smsc: smsc.senders.add("Shop"),
    "senders.check_code": lambda smsc: smsc.senders.check_code(PHONE, "1234"),
    "subclients.pay": lambda smsc: smsc.subclients.pay("branch", 5),
}
DEAR: dict[str, tuple[Change, bytes]] = {
    "send": (lambda smsc, **how: smsc.send(PHONE, "x", **how), b'{"id": 1, "cnt": 1}'),
    "jobs.add": (lambda smsc, **how: smsc.jobs.add("x", PHONE, "x", **how), b'{"id": 1}'),
    "numbers.buy": (lambda smsc, **how: smsc.numbers.buy(PHONE, **how), b'{"result": "OK"}'),
    "subclients.pay": (
        lambda smsc, **how: smsc.subclients.pay("branch", 5, **how),
        b'{"result": "OK"}',
    ),
}


@pytest.mark.parametrize("change", UNSHOWN)
@pytest.mark.parametrize(
    "answer", [b"OK", b"{}", b'{"result": "OK"}', b'{"id": 5, "error": null}', b'{"error_code": 0}']
)
def test_what_tells_of_no_failure_is_taken_for_done(change: str, answer: bytes) -> None:
    asked(UNSHOWN[change], answer)


@pytest.mark.parametrize("change", UNSHOWN)
@pytest.mark.parametrize(
    "answer",
    [
        *(b"[]", b'""', b"null", b"[1]", b'{"error": "no money"}', b'{"result": "ERROR"}'),
        b'[{"error": "x"}]',
    ],
)
def test_what_may_be_a_failure_is_not_taken_for_done(change: str, answer: bytes) -> None:
    with pytest.raises(OutcomeUnknown):
        asked(UNSHOWN[change], answer)


@pytest.mark.parametrize("operation", DEAR)
def test_what_costs_money_is_not_done_twice_in_a_minute_unless_that_is_meant(
    operation: str,
) -> None:
    change, answer = DEAR[operation]
    transport = Answering(answer)

    async def main() -> None:
        async with SmscClient(login="demo", password="demo", transport=transport) as smsc:
            await change(smsc)
            with pytest.raises(DuplicateSend) as error:
                await change(smsc)
            assert 60 < error.value.retry_after < 70
            assert len(transport.forms) == 1

            await change(smsc, repeat=True)
            assert len(transport.forms) == 2

    run(main())


TWINS: dict[str, tuple[Change, Change]] = {
    "a login and a sum": (
        lambda smsc: smsc.subclients.pay("Branch", 5),
        lambda smsc: smsc.subclients.pay("branch ", Decimal("5.00")),
    ),
    "a number to buy": (
        lambda smsc: smsc.numbers.buy("+79990000001"),
        lambda smsc: smsc.numbers.buy("8 999 000-00-01"),
    ),
    "the order of phones": (
        lambda smsc: smsc.jobs.add("x", ["+79990000001", "+79990000002"], "x"),
        lambda smsc: smsc.jobs.add("x", ["89990000002", "+79990000001"], "x"),
    ),
    "the order of lines": (
        lambda smsc: smsc.jobs.add("x", messages=[("+79990000001", "a"), ("+79990000002", "b")]),
        lambda smsc: smsc.jobs.add("x", messages=[("89990000002", "b"), ("89990000001", "a")]),
    ),
}


@pytest.mark.parametrize("name", TWINS)
def test_twins_are_known_however_they_are_spelled(name: str) -> None:
    first, second = TWINS[name]
    transport = Answering(b'{"id": 1, "result": "OK"}')

    async def main() -> None:
        async with SmscClient(login="demo", password="demo", transport=transport) as smsc:
            await first(smsc)
            with pytest.raises(DuplicateSend):
                await second(smsc)

    run(main())
    assert len(transport.forms) == 1


def test_a_mailing_of_another_name_is_no_twin() -> None:
    transport = Answering(b'{"id": 1}')

    async def main() -> None:
        async with SmscClient(login="demo", password="demo", transport=transport) as smsc:
            for name in ("x", "y"):
                await smsc.jobs.add(name, PHONE, "x")

    run(main())
    assert len(transport.forms) == 2
