"""Every kind of message: the whole client against the simulator, on a virtual clock."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import httpx
import pytest

from smsc_async import (
    Binary,
    Dialling,
    DuplicateSend,
    InformationElement,
    Line,
    Message,
    Mms,
    OutcomeUnknown,
    Sms,
    SmscClient,
    Voice,
    VoiceCode,
    parts,
)
from smsc_async._wire import codes
from smsc_async.simulator import Settings, Simulator
from tests.test_kinds import PLAIN
from tests.virtual import run

PHONE = "+79990000001"
RECIPIENTS = {"phones": PHONE, "phone": PHONE, "addresses": "ivan@example.com", "telegram": "@ivan"}
every_kind = pytest.mark.parametrize("message", PLAIN, ids=lambda kind: type(kind).__name__)


def wall() -> float:
    return 1_700_000_000 + asyncio.get_running_loop().time()


@asynccontextmanager
async def world(sender: str | None = None) -> AsyncIterator[tuple[Simulator, SmscClient]]:
    """Give a service and a client of it that trips none of its limits."""
    sim = Simulator(Settings(), wall=lambda: datetime.fromtimestamp(wall(), UTC))
    transport = httpx.ASGITransport(app=sim.app)
    smsc = SmscClient(login="demo", password="demo", transport=transport, wall=wall, sender=sender)
    async with sim, smsc:
        yield sim, smsc
    assert not [refusal for refusal in sim.refusals if refusal.code == 9]


@every_kind
def test_a_kind_is_taken_as_what_it_is_and_costs_what_it_was_said_to(message: Message) -> None:
    async def main() -> None:
        async with world() as (sim, smsc):
            to = RECIPIENTS[message.takes]
            price = await smsc.price(to, message)
            sent = await smsc.send(to, message)

            (taken,) = sim.accepted
            flags = [name for name in codes.KINDS if message.params().get(name)]
            assert taken.kind == (flags[0] if flags else "sms")
            assert taken.text == message.mes
            assert (sent.cost, sent.count) == (price.cost, price.count)

    run(main())


@every_kind
def test_a_kind_whose_answer_was_lost_is_settled_or_unknown_at_once(message: Message) -> None:
    async def main() -> None:
        async with world() as (sim, smsc):
            sim.faults = lambda path, _, __: "drop_after" if path == "send.php" else None
            to = RECIPIENTS[message.takes]
            asked = not isinstance(message, VoiceCode) and not to.startswith("@")
            if asked:
                sent = await smsc.send(to, message)
                assert (sent.settled, sent.phones) == (True, (to,))
            else:
                with pytest.raises(OutcomeUnknown) as error:
                    await smsc.send(to, message)
                assert error.value.phones == (to,)
            assert any(request.path == "status.php" for request in sim.log) == asked
            assert len(sim.accepted) == 1

    run(main())


@every_kind
def test_a_kind_is_not_sent_twice_within_a_minute(message: Message) -> None:
    async def main() -> None:
        async with world() as (sim, smsc):
            to = RECIPIENTS[message.takes]
            await smsc.send(to, message)
            with pytest.raises(DuplicateSend):
                await smsc.send(to, message, report=True, id=17)
            await smsc.send(to, message, repeat=True)
            assert len(sim.accepted) == 2

    run(main())


def test_what_the_service_takes_for_the_same_the_client_does_not_send_twice() -> None:
    async def main() -> None:
        async with world() as (sim, smsc):
            first = Binary(data=b"x", pid=1, dcs=2)
            for one, other in [
                (Mms(subject="one"), Mms(subject="two", sender="Shop")),
                (first, Binary(data=b"x")),
                (Voice(text="hi"), Sms(text="__CALL__hi", markup=True)),
            ]:
                await smsc.send(PHONE, one)
                with pytest.raises(DuplicateSend):
                    await smsc.send(PHONE, other)
            await smsc.send_each([(PHONE, Sms(text="a", sender="Shop")), ("+79990000002", "b")])
            with pytest.raises(DuplicateSend):
                await smsc.send_each([(PHONE, "a"), ("+79990000002", "b")])
            assert len(sim.accepted) == 5

    run(main())


def test_a_code_that_was_read_out_is_told() -> None:
    async def main() -> None:
        async with world(sender="Shop") as (sim, smsc):
            dialling = Dialling(
                wait=timedelta(seconds=15), interval=timedelta(minutes=1), attempts=2
            )

            sent = await smsc.send(PHONE, VoiceCode(dialling=dialling))

            assert sent.code is not None
            assert sent.code.isdecimal()
            (call,) = sim.accepted
            assert (call.dialling, call.sender) == ((15, 60, 2), "")

    run(main())


def test_lines_leave_by_their_own_clocks_under_their_own_names() -> None:
    async def main() -> None:
        async with world(sender="Us") as (sim, smsc):
            when = datetime(2023, 11, 16, 10, 0, tzinfo=UTC)
            await smsc.send_each(
                [
                    Line(PHONE, Sms(text="a", sender="Shop"), 0),
                    Line("+79990000002", "b", 7),
                ],
                when=when,
            )

            moscow, east = sim.accepted
            assert (moscow.sender, east.sender) == ("Shop", "Us")
            assert moscow.due - east.due == 7 * 3600
            assert 1_700_000_000 + moscow.due == when.timestamp() - 3 * 3600

    run(main())


def test_a_list_costs_what_it_was_said_to_and_goes_to_nobody_else() -> None:
    async def main() -> None:
        async with world(sender="Us") as (sim, smsc):
            rows: list[tuple[str, str | Message]] = [
                (PHONE, "a | 79991112233:b"),
                ("+79990000002", Sms(text="я" * 71)),
            ]

            price = await smsc.price_each(rows)
            assert not sim.accepted, "nothing is sent by asking"
            sent = await smsc.send_each(rows)

            assert (price.cost, price.count) == (sent.cost, sent.count) == (Decimal("3.6"), 3)
            assert [(m.sender, m.phone, m.text) for m in sim.accepted] == [
                ("Us", PHONE.removeprefix("+"), "a | 79991112233:b"),
                ("Us", "79990000002", "я" * 71),
            ]

    run(main())


def test_bytes_arrive_with_their_header() -> None:
    async def main() -> None:
        async with world() as (sim, smsc):
            ports = InformationElement.ports(2948, 9200)
            await smsc.send(PHONE, Binary(data=b"\x01\x02", udh=(ports,), pid=1, dcs=4))
            (message,) = sim.accepted
            assert message.text == "0605040B8423F00102"
            assert message.comment == "pid: 1, dcs: 4"

    run(main())


@pytest.mark.parametrize(
    "text", ["a" * 160, "a" * 161, "€" * 81, "я" * 71, "я" * 66 + "😀" + "я" * 66, "[" * 77 + "a"]
)
def test_the_parts_that_are_counted_here_are_those_that_the_service_counts(text: str) -> None:
    async def main() -> None:
        async with world() as (_, smsc):
            assert (await smsc.price(PHONE, text)).count == parts(text).count
            assert (await smsc.price(PHONE, text)).cost == Decimal("1.2") * parts(text).count

    run(main())
