"""Sub-clients: what is refused before the network, and what answers mean."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from smsc_async import (
    InvalidMessage,
    NoMoney,
    NotFound,
    OperationFailed,
    SmscClient,
    SubclientSettings,
    SubclientStatistics,
    SubclientType,
)
from tests.samples import asked, sample, unsent

START, END = date(2026, 11, 1), date(2026, 11, 21)
Asking = Callable[[SmscClient], Awaitable[object]]


def with_settings(**given: Any) -> Asking:  # noqa: ANN401 - whatever
    return lambda smsc: smsc.subclients.change("branch", SubclientSettings(**given))


def pay(amount: Any, user: str = "branch") -> Asking:  # noqa: ANN401 - whatever
    return lambda smsc: smsc.subclients.pay(user, amount)


BAD: list[tuple[Asking, str]] = [
    (lambda smsc: smsc.subclients.add("", "secret"), "user"),
    (lambda smsc: smsc.subclients.add("branch", ""), "password"),
    (lambda smsc: smsc.subclients.add("branch", "\ud800"), "password"),
    (lambda smsc: smsc.subclients.add("branch", b"bytes"), "password"),  # type: ignore[arg-type]
    (lambda smsc: smsc.subclients.change("branch"), "change"),
    (lambda smsc: smsc.subclients.change("branch", current_password="old"), "change"),
    (lambda smsc: smsc.subclients.change(" ", new_login="office"), "user"),
    (lambda smsc: smsc.subclients.change("branch", new_login=""), "new_login"),
    (lambda smsc: smsc.subclients.change("branch", password=""), "password"),
    (
        lambda smsc: smsc.subclients.change("branch", password="new", current_password=""),
        "current_password",
    ),
    (with_settings(type=5), "type"),
    (with_settings(tariff=-1), "tariff"),
    (with_settings(tariff=9), "tariff"),
    (with_settings(currency="RUR"), "currency"),
    (with_settings(tz=-13), "tz"),
    (with_settings(tz=13), "tz"),
    (with_settings(sender="TWELVE CHARS"), "sender"),
    (with_settings(sender=""), "sender"),
    (with_settings(url="ftp://branch.example"), "url"),
    (with_settings(url="https://\ud800"), "url"),
    (with_settings(email=""), "email"),
    *[
        (with_settings(other={name: 1}), "other")
        for name in (
            *("login", "psw", "apikey", "password", "pswc", "user", "new_login", "fmt", "charset"),
            *("add", "chg", "pay", "get_stat", "get_stat_all", "sum", "email", "tz", "curr"),
            *("fl", "fl[]", "fl[x]", "fl4[1]", "fl[1]x", "xfl[1]", "fl[1]\n", "unheard of", ""),
        )
    ],
    (with_settings(other={"notes": "\ud800"}), "other"),
    (with_settings(other={"plim": 1.5}), "other"),
    (pay(Decimal(0)), "amount"),
    (pay(Decimal(-1)), "amount"),
    (pay(Decimal("NaN")), "amount"),
    (pay(Decimal("Infinity")), "amount"),
    (pay(0), "amount"),
    (pay(1.5), "amount"),
    (pay("1.5"), "amount"),
    (pay(Decimal(1), ""), "user"),
    (lambda smsc: smsc.subclients.statistics(END, START), "start"),
    (lambda smsc: smsc.subclients.details(END, START), "start"),
    (lambda smsc: smsc.subclients.statistics(START, END, user="b", user_id=1), "user_id"),
    (lambda smsc: smsc.subclients.statistics(START, END, user_id=0), "user_id"),
    (lambda smsc: smsc.subclients.details(START, END, user=""), "user"),
]


@pytest.mark.parametrize(("call", "field"), BAD, ids=range(len(BAD)))
def test_what_cannot_be_a_sub_client_is_refused_before_the_network(
    call: Asking, field: str
) -> None:
    with pytest.raises(InvalidMessage) as error:
        unsent(call)

    assert error.value.field == field


@pytest.mark.parametrize(("hours", "written"), [(-12, "0"), (0, "12"), (3, "15"), (12, "24")])
def test_a_zone_is_counted_from_the_one_that_is_last(hours: int, written: str) -> None:
    _, _, form = asked(with_settings(tz=hours), sample("subclients.change/done.json"))

    assert form["tz"] == written


@pytest.mark.parametrize("kind", SubclientType)
def test_a_type_goes_by_its_number(kind: SubclientType) -> None:
    _, _, form = asked(with_settings(type=kind), sample("subclients.change/done.json"))

    assert form["type"] == str(kind.value)


@pytest.mark.parametrize(
    ("amount", "written"), [(Decimal("1E+2"), "100"), (Decimal("0.01"), "0.01"), (5, "5")]
)
def test_an_amount_is_written_out(amount: Decimal | int, written: str) -> None:
    _, _, form = asked(pay(amount), sample("subclients.pay/done.json"))

    assert form["sum"] == written


@pytest.mark.parametrize(
    ("answer", "rows"),
    [
        ("subclients.statistics/object.json", [{"login": "branch", "sms": "12"}]),
        ("errors/nothing_found.json", []),
    ],
)
def test_statistics_may_come_bare_or_not_at_all(answer: str, rows: list[dict[str, str]]) -> None:
    for call in (
        lambda smsc: smsc.subclients.statistics(START, END),
        lambda smsc: smsc.subclients.details(START, END),
    ):
        found, _, _ = asked(call, sample(answer))

        assert found == [SubclientStatistics(raw=row) for row in rows]


@pytest.mark.parametrize(
    "call",
    [
        lambda smsc: smsc.subclients.details(START, END),
        lambda smsc: smsc.jobs.list(),
        lambda smsc: smsc.senders.list(),
    ],
)
def test_a_list_may_be_longer_than_other_answers(
    call: Callable[[SmscClient], Awaitable[list[Any]]],
) -> None:
    row = b'{"id": 1, "sender": "%s"}' % (b"x" * 1000)

    found, _, _ = asked(call, b"[%s]" % b",".join([row] * 1500))

    assert len(found) == 1500


@pytest.mark.parametrize(
    ("code", "kind"),
    [(6, NotFound), (7, OperationFailed), (8, OperationFailed), (10, NoMoney)],
)
def test_an_error_of_a_payment_says_what_to_do(code: int, kind: type[Exception]) -> None:
    with pytest.raises(kind):
        asked(pay(Decimal(1)), b'{"error": "text", "error_code": %d}' % code)


def test_the_id_of_a_sub_client_is_a_number() -> None:
    found, _, _ = asked(lambda smsc: smsc.subclients.add("branch", "secret"), b'{"id": "42"}')

    assert found == 42
