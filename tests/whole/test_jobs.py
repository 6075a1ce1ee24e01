"""Mailings: the whole client against the simulator, on a virtual clock."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from decimal import Decimal

import pytest

from smsc_async import (
    DuplicateSend,
    Email,
    OperationFailed,
    OutcomeUnknown,
    SmscClient,
    Status,
    TooManyRequests,
)
from smsc_async.simulator import Settings, Simulator
from tests.virtual import run
from tests.whole.offline import NOW, now, world

PHONES = ["+79990000000", "+79990000001"]
HOUR = timedelta(hours=1)
PRICE = Decimal("1.2")


async def names(smsc: SmscClient) -> list[str]:
    return [job.raw["name"] for job in await smsc.jobs.list()]


async def later(seconds: float = 3600) -> None:
    await asyncio.sleep(seconds)


def test_a_mailing_is_sent_at_its_time() -> None:
    async def main() -> None:
        async with world() as (sim, smsc):
            known = await smsc.jobs.add("spring", PHONES, "hello", when=HOUR)
            assert (await smsc.jobs.get(known)).raw["state"] == "waiting"
            before = await smsc.statuses.get(known, PHONES[0])
            await later()
            after = await smsc.statuses.get(known, PHONES[1])

            assert (before.state, after.state) == (Status.WAITING, Status.DELIVERED)
            assert (await smsc.jobs.get(known)).raw["state"] == "sent"
            assert [message.text for message in sim.accepted] == ["hello"] * 2
            assert sim.balance == 1000 - 2 * PRICE

    run(main())


def test_each_phone_of_a_mailing_may_get_a_text_of_its_own() -> None:
    async def main() -> None:
        async with world() as (sim, smsc):
            known = await smsc.jobs.add(
                "codes", messages=[(PHONES[0], "one"), (PHONES[1], "two")], id="codes-1"
            )

            assert known == "codes-1"
            assert [(message.id, message.text) for message in sim.accepted] == [
                ("codes-1", "one"),
                ("codes-1", "two"),
            ]

    run(main())


def test_a_template_stands_in_place_of_a_text() -> None:
    async def main() -> None:
        async with world() as (sim, smsc):
            number = await smsc.templates.add("greeting", "hello from here")
            await smsc.jobs.add("spring", PHONES[0], template=number)
            with pytest.raises(OperationFailed):
                await smsc.jobs.add("summer", PHONES[0], template=number + 1)

            assert [message.text for message in sim.accepted] == ["hello from here"]

    run(main())


def test_a_template_may_go_by_e_mail() -> None:
    async def main() -> None:
        async with world() as (sim, smsc):
            number = await smsc.templates.add("Greeting", "hello from here", format="mail")
            for to, subject in (("a@shop.example", None), ("b@shop.example", "Spring")):
                known = await smsc.jobs.add(
                    "letter", to, template=number, sender="newsletter@shop.example", subject=subject
                )
                assert (await smsc.jobs.get(known, mail=True)).id == known

            assert await smsc.jobs.list() == []
            assert [(message.kind, message.phone, message.text) for message in sim.accepted] == [
                ("mail", "a@shop.example", "hello from here"),
                ("mail", "b@shop.example", "hello from here"),
            ]
            assert {message.sender for message in sim.accepted} == {"newsletter@shop.example"}

    run(main())


def test_a_template_has_a_sender_of_its_own_unless_another_is_named() -> None:
    async def main() -> None:
        async with world(Settings(senders=("SHOP", "OTHER"))) as (sim, smsc):
            number = await smsc.templates.add("greeting", "hello", sender="SHOP")
            await smsc.jobs.add("spring", PHONES[0], template=number)
            await smsc.jobs.add("spring", PHONES[0], template=number, sender="OTHER")

            assert [message.sender for message in sim.accepted] == ["SHOP", "OTHER"]

    run(main())


def test_a_mailing_that_is_cancelled_in_time_is_neither_sent_nor_paid() -> None:
    async def main() -> None:
        async with world() as (sim, smsc):
            known = await smsc.jobs.add("spring", PHONES, "hello", when=HOUR)
            await smsc.jobs.cancel(known)
            assert sim.balance == Decimal(1000)
            with pytest.raises(OperationFailed):
                await smsc.with_options(max_wait=100).jobs.cancel(known)
            await later()

            assert sim.accepted == []
            assert (await smsc.jobs.get(known)).raw["state"] == "cancelled"
            assert not (await smsc.statuses.get(known, PHONES[0])).is_known

    run(main())


def test_a_mailing_that_has_begun_cannot_be_cancelled() -> None:
    async def main() -> None:
        async with world() as (sim, smsc):
            known = await smsc.jobs.add("spring", PHONES, "hello")
            with pytest.raises(OperationFailed):
                await smsc.jobs.cancel(known)

            assert len(sim.accepted) == 2

    run(main())


@pytest.mark.parametrize(("when", "sent"), [(None, 1), (HOUR, 0)])
def test_a_deleted_mailing_is_gone_and_what_it_has_sent_is_not(
    when: timedelta | None, sent: int
) -> None:
    async def main() -> None:
        async with world() as (sim, smsc):
            known = await smsc.jobs.add("spring", PHONES[0], "hello", when=when)
            await smsc.jobs.delete(known)
            with pytest.raises(OperationFailed):
                await smsc.jobs.get(known)

            assert await smsc.jobs.list() == []
            assert len(sim.accepted) == sent
            assert sim.balance == 1000 - sent * PRICE

    run(main())


def test_deleting_a_cancelled_mailing_gives_the_money_back_once() -> None:
    async def main() -> None:
        async with world() as (sim, smsc):
            known = await smsc.jobs.add("spring", PHONES, "hello", when=HOUR)
            await smsc.jobs.cancel(known)
            await smsc.jobs.delete(known)

            assert sim.balance == Decimal(1000)

    run(main())


def test_mailings_are_listed_by_their_days() -> None:
    async def main() -> None:
        async with world() as (_, smsc):
            today = NOW.date()
            for day in range(3):
                when = timedelta(days=day) if day else None
                await smsc.jobs.add(f"day {day}", PHONES[0], f"hello {day}", when=when)
            tomorrow = today + timedelta(days=1)
            found = await smsc.jobs.list(start=tomorrow, end=tomorrow)

            assert await names(smsc) == ["day 0", "day 1", "day 2"]
            assert [job.raw["name"] for job in found] == ["day 1"]
            assert [job.raw["name"] for job in await smsc.jobs.list(end=today)] == ["day 0"]
            assert await smsc.jobs.list(start=today + timedelta(days=9)) == []

    run(main())


def test_a_mailing_of_e_mail_is_found_as_such_only() -> None:
    async def main() -> None:
        async with world() as (_, smsc):
            letter = Email(subject="hi", text="hello", sender="b@shop.example")
            known = await smsc.jobs.add("letter", "a@shop.example", letter)
            with pytest.raises(OperationFailed):
                await smsc.jobs.get(known)

            assert (await smsc.jobs.get(known, mail=True)).raw["name"] == "letter"
            assert await smsc.jobs.list() == []
            assert [job.id for job in await smsc.jobs.list(mail=True)] == [known]
            await smsc.jobs.delete(known, mail=True)
            with pytest.raises(OperationFailed):
                await smsc.jobs.cancel(known, mail=True)

    run(main())


@pytest.mark.parametrize(
    "settings",
    [Settings(balance=Decimal(1)), Settings(refused={phone[1:]: 6 for phone in PHONES})],
    ids=["no money", "denied"],
)
def test_a_mailing_that_cannot_be_sent_is_not_kept(settings: Settings) -> None:
    async def main() -> None:
        async with world(settings) as (sim, smsc):
            with pytest.raises(OperationFailed) as error:
                await smsc.jobs.add("spring", PHONES, "hello", id=5)

            assert error.value.code == 3
            assert sim.accepted == []
            assert sim.balance == settings.balance
            assert await smsc.jobs.list() == []
            assert not (await smsc.statuses.get(5, PHONES[0])).is_known

    run(main())


def test_an_id_is_one_mailings() -> None:
    async def main() -> None:
        async with world() as (sim, smsc):
            await smsc.jobs.add("spring", PHONES, "hello", id=5)
            with pytest.raises(OperationFailed):
                await smsc.jobs.add("summer", PHONES, "hello again", id=5)

            assert await names(smsc) == ["spring"]
            assert len(sim.accepted) == 2

    run(main())


def test_a_mailing_whose_answer_is_lost_is_made_once_and_found_in_the_list() -> None:
    async def main() -> None:
        async with world(lost=lambda form: "add" in form) as (sim, smsc):
            with pytest.raises(OutcomeUnknown) as error:
                await smsc.jobs.add("spring", PHONES, "hello")

            assert (error.value.operation, error.value.id) == ("jobs.add", None)
            assert await names(smsc) == ["spring"]
            assert len(sim.accepted) == 2

    run(main())


def test_asking_what_a_mailing_costs_makes_it_all_the_same() -> None:
    async def main() -> None:
        async with world() as (sim, smsc):
            made = await smsc.raw(
                "jobs.php",
                {"add": 1, "name": "spring", "phones": PHONES[0], "mes": "hi", "cost": 1},
            )

            assert made == {"id": 1, "cost": "1.2"}
            assert len(sim.accepted) == 1

    run(main())


def test_the_same_mailing_within_a_minute_is_refused_and_waits_if_it_is_meant() -> None:
    async def main() -> Simulator:
        async with world() as (sim, smsc):
            await smsc.jobs.add("spring", PHONES, "hello")
            with pytest.raises(DuplicateSend, match="pass repeat=True"):
                await smsc.jobs.add("spring", PHONES, "hello")
            assert len(sim.log) == 1
            await smsc.jobs.add("spring", PHONES, "hello", repeat=True)
            assert now() - sim.log[0].ended > 60
            assert len(await smsc.jobs.list()) == 2
            return sim

    assert run(main()).refusals == []


def test_the_same_mailing_made_by_another_program_is_refused() -> None:
    async def main() -> None:
        async with world() as (sim, smsc):
            sim.faults = lambda path, *_: 9 if path == "jobs.php" else None
            with pytest.raises(TooManyRequests):
                await smsc.jobs.add("spring", PHONES, "hello")

            assert len(sim.log) == 1

    run(main())
