"""Sender names: the whole client against the simulator, on a virtual clock."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from datetime import timedelta

import httpx
import pytest

from smsc_async import (
    ApiError,
    BadPhone,
    CodeAlreadySent,
    NotFound,
    OperationFailed,
    OutcomeUnknown,
    SenderDetails,
    SmscClient,
    Throttled,
    TooManyRequests,
    Undeliverable,
    WrongCode,
)
from smsc_async.simulator import Settings
from tests.virtual import run
from tests.whole.offline import NOW, world

PHONE = "79990000000"
SHOP = Settings(senders=("SHOP", "OTHER"))
SOME = SenderDetails(comment="for the shop")


async def names(smsc: SmscClient, *, all: bool = False) -> list[str]:
    return [name.sender for name in await smsc.senders.list(all=all)]


def test_a_name_that_was_added_waits_for_its_approval() -> None:
    async def main() -> None:
        async with world(SHOP) as (_, smsc):
            await smsc.senders.add("NEW", SOME)

            assert await names(smsc) == ["OTHER", "SHOP"]
            assert await names(smsc, all=True) == ["NEW", "OTHER", "SHOP"]

    run(main())


def test_the_list_has_pages_and_days() -> None:
    async def main() -> None:
        async with world(SHOP) as (_, smsc):
            await smsc.senders.add("NEW", SOME)
            first = await smsc.senders.list(all=True, limit=2, operators=True)
            rest = await smsc.senders.list(all=True, limit=2, before=first[-1].id)
            tomorrow = (NOW + timedelta(days=1)).date()
            recent = await smsc.senders.list(all=True, since=tomorrow)

            assert [name.sender for name in first] == ["NEW", "OTHER"]
            assert [name.raw["mts"] for name in first] == ["0", "1"]
            assert [name.sender for name in rest] == ["SHOP"]
            assert [name.sender for name in recent] == ["OTHER", "SHOP"]

    run(main())


def test_a_number_is_approved_by_the_code_that_it_gets() -> None:
    async def main() -> None:
        async with world() as (sim, smsc):
            await smsc.senders.add(PHONE, SOME)
            await smsc.senders.send_code(f"+{PHONE}", site_name="shop.example")
            (message,) = sim.accepted
            site, _, code = message.text.partition(": ")
            with pytest.raises(WrongCode):
                await smsc.senders.check_code(PHONE, "99999")
            await smsc.senders.check_code(PHONE, code)

            assert (message.phone, site) == (PHONE, "shop.example")
            assert await names(smsc) == [PHONE]
            with pytest.raises(WrongCode):
                await smsc.with_options(max_wait=100).senders.check_code(PHONE, code)

    run(main())


def test_a_number_that_is_confirmed_need_not_be_added() -> None:
    async def main() -> None:
        async with world() as (sim, smsc):
            await smsc.senders.send_code(PHONE)
            await smsc.senders.check_code(PHONE, sim.accepted[0].text)

            assert await names(smsc) == [PHONE]

    run(main())


def test_the_client_does_not_ask_for_a_code_twice_in_eight_hours() -> None:
    async def main() -> None:
        async with world() as (sim, smsc):
            await smsc.senders.send_code(PHONE)
            with pytest.raises(Throttled) as error:
                await smsc.senders.send_code("8 (999) 000-00-00")
            assert 7.9 < error.value.retry_after / 3600 < 8.1
            assert len(sim.log) == 1

            await asyncio.sleep(error.value.retry_after)
            await smsc.senders.send_code(PHONE)
            assert sim.refusals == []

    run(main())


def test_a_code_that_another_program_asked_for_is_not_sent_again() -> None:
    async def main() -> None:
        async with (
            world() as (sim, smsc),
            SmscClient(
                login="demo", password="demo", transport=httpx.ASGITransport(app=sim.app)
            ) as other,
        ):
            await smsc.senders.send_code(PHONE)
            with pytest.raises(CodeAlreadySent):
                await other.senders.send_code(PHONE)

            assert len(sim.accepted) == 1

    run(main())


@pytest.mark.parametrize(("number", "kind"), [("12345", BadPhone), (PHONE, Undeliverable)])
def test_a_number_that_no_code_can_be_sent_to_is_said_to_be_one(
    number: str, kind: type[ApiError]
) -> None:
    async def main() -> None:
        async with world(Settings(refused={PHONE: 8})) as (sim, smsc):
            for _ in range(2):  # no code was sent, so the eight hours have not begun
                with pytest.raises(kind):
                    await smsc.senders.send_code(number)
                await asyncio.sleep(62)

            assert sim.accepted == []
            assert len(sim.log) == 2

    run(main())


def test_a_name_is_changed_and_deleted_by_itself_and_by_its_id() -> None:
    async def main() -> None:
        async with world(SHOP) as (_, smsc):
            other, shop = await smsc.senders.list()
            await smsc.senders.change("SHOP", SOME)
            await smsc.senders.delete(id=other.id)
            await smsc.senders.delete("SHOP")
            await asyncio.sleep(61)
            with pytest.raises(NotFound):
                await smsc.senders.change(id=shop.id, details=SOME)
            with pytest.raises(NotFound):
                await smsc.senders.delete("NEVER")

            assert await smsc.senders.list() == []

    run(main())


def test_a_name_is_added_once() -> None:
    async def main() -> None:
        async with world(SHOP) as (_, smsc):
            with pytest.raises(OperationFailed):
                await smsc.senders.add("SHOP", SOME)
            await smsc.senders.add("SHOP", SOME, user="branch")
            found = await smsc.senders.list(all=True, user="branch")

            assert [name.sender for name in found] == ["SHOP"]

    run(main())


def test_a_name_of_e_mail_is_an_address_of_any_length() -> None:
    async def main() -> None:
        async with world() as (_, smsc):
            address = "newsletter@shop.example"
            await smsc.senders.add(address)
            await smsc.senders.change(address, SenderDetails(name="Shop"))
            assert await names(smsc, all=True) == [address]
            await smsc.senders.delete(address)

            assert await names(smsc, all=True) == []

    run(main())


def test_a_number_is_confirmed_for_a_sub_client() -> None:
    async def main() -> None:
        async with world() as (sim, smsc):
            await smsc.senders.add(PHONE, user="branch")
            await smsc.senders.send_code(PHONE, user="branch")
            (message,) = sim.accepted
            await smsc.senders.check_code(PHONE, message.text, user="branch")
            (name,) = await smsc.senders.list(user="branch")

            assert name.sender == PHONE
            assert await names(smsc, all=True) == []

    run(main())


def test_a_name_whose_answer_is_lost_is_asked_for_once() -> None:
    async def main() -> None:
        async with world(lost=lambda form: "add" in form) as (sim, smsc):
            with pytest.raises(OutcomeUnknown):
                await smsc.senders.add("NEW", SOME)

            assert len(sim.log) == 1
            assert await names(smsc, all=True) == ["NEW"]

    run(main())


def test_a_name_that_is_deleted_by_a_request_whose_answer_is_lost_is_deleted() -> None:
    lost: list[str] = []

    def first(form: Mapping[str, str]) -> bool:
        lost.extend(["del"] if "del" in form else [])
        return lost == ["del"] and "del" in form

    async def main() -> None:
        async with world(SHOP, first) as (_, smsc):
            await smsc.senders.delete("SHOP")

            assert lost == ["del", "del"]
            assert await names(smsc) == ["OTHER"]

    run(main())


def test_a_code_that_was_refused_for_coming_too_often_can_be_asked_for_again() -> None:
    async def main() -> None:
        async with world() as (sim, smsc):
            sim.faults = lambda *_: 9
            with pytest.raises(TooManyRequests):
                await smsc.senders.send_code(PHONE)
            sim.faults = None
            await asyncio.sleep(120)
            await smsc.senders.send_code(PHONE)

            assert len(sim.accepted) == 1

    run(main())
