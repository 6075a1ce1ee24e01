"""Campaigns whose questions go wrong: look-ups, prices, the blacklist."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Callable, Mapping
from decimal import Decimal
from pathlib import Path

import pytest

from smsc_async import NotSent, Sms
from smsc_async.campaigns import (
    Campaign,
    Options,
    RowState,
)
from smsc_async.campaigns._course import Course
from smsc_async.campaigns._plan import Event
from smsc_async.campaigns._records import Verdict
from smsc_async.campaigns._resolving import Resolver
from smsc_async.campaigns._sender import Sender
from smsc_async.simulator import Fault, Settings
from tests.campaigns.worlds import World, check, now, world
from tests.virtual import run

MONEY = Decimal(100_000)


def going_wrong(
    send: Fault | int | None = None, status: Fault | int | None = None, price: Fault | None = None
) -> Callable[[str, Mapping[str, str], int], Fault | int | None]:
    """Let all of a sort go wrong in the same way."""

    def faults(path: str, params: Mapping[str, str], _: int) -> Fault | int | None:
        if path == "status.php":
            return status
        if path == "send.php":
            return price if params.get("cost") == "1" else send
        return None

    return faults


async def course_of(at: World, campaign: Campaign) -> Course:
    return Course(
        at.store,
        await at.store.campaign(campaign.number),
        options=Options(),
        message=Sms(text="hello"),
        smsc=at.smsc,
        seams=at.seams,
    )


def test_where_nobody_can_be_asked_for_an_hour_rows_are_held(tmp_path: Path) -> None:
    async def main() -> None:
        async with world(tmp_path) as at:
            campaign = await at.made(10)
            at.sim.faults = going_wrong("drop_after", "drop_before")
            begun = now()
            report = await at.run(campaign)

            assert 3600 <= now() - begun < 3800
            assert report.rows == {RowState.HELD: 10}
            assert "could not be looked up" in report.unsettled[0].note
            at.sim.faults = None
            report = await at.run(campaign)
            assert report.rows == {RowState.ACCEPTED: 10}
            assert at.sends() == 1
            await check(at, campaign)

    run(main())


@pytest.mark.parametrize(("code", "words"), [(2, "login"), (4, "address")])
def test_a_look_up_that_needs_a_person_pauses_the_campaign(
    tmp_path: Path, code: int, words: str
) -> None:
    async def main() -> None:
        async with world(tmp_path) as at:
            campaign = await at.made(10)
            at.sim.faults = going_wrong("drop_after", code)
            report = await at.run(campaign)

            assert report.standing == "paused"
            assert words in report.reason
            assert report.in_doubt == 10

    run(main())


def test_of_a_cancelled_campaign_nothing_is_asked_for_ever(tmp_path: Path) -> None:
    async def main() -> None:
        async with world(tmp_path) as at:
            campaign = await at.made(10)
            at.sim.faults = going_wrong("drop_after", "drop_before")
            task = asyncio.create_task(at.run(campaign))
            await asyncio.sleep(20)
            await campaign.cancel()
            at.sim.faults = going_wrong("drop_after", 4)
            report = await task

            assert report.standing == "cancelled"
            assert report.in_doubt == 10
            assert now() < 1000 + 200

    run(main())


def test_what_is_sent_again_is_looked_up_by_two_of_its_rows_and_once_by_all(
    tmp_path: Path,
) -> None:
    """Not right before it goes: that takes long for many rows, and the place of a send."""

    async def main() -> None:
        async with world(tmp_path) as at:
            campaign = await at.made(100, statuses=False)
            at.sim.faults = lambda path, _, __: (
                "drop_before" if path == "send.php" and not at.sends() else None
            )
            report = await at.run(campaign)

            assert report.rows == {RowState.ACCEPTED: 100}
            assert at.sends() == 2
            asked = Counter(
                phone.lstrip("+")
                for one in at.sim.log
                if one.path == "status.php"
                for phone in one.params["phone"].split(",")
                if phone
            )
            for end in ("79990000000", "79990000099"):
                assert asked.pop(end) == campaign.options.lookups + 1
            assert asked == Counter(f"799900000{n:02}" for n in range(1, 99))

    run(main())


def test_before_it_is_sent_again_it_is_looked_up_or_it_waits(tmp_path: Path) -> None:
    async def main() -> None:
        async with world(tmp_path) as at:
            campaign = await at.made(10, policy="hold")
            at.sim.faults = going_wrong("drop_before")
            (one,) = (await at.run(campaign)).unsettled
            await campaign.resolve(one.id, "resend", by="Ann")
            at.sim.faults = going_wrong(None, "drop_before")
            task = asyncio.create_task(at.run(campaign))
            await asyncio.sleep(300)
            assert at.sends() == 1
            at.sim.faults = None
            report = await task

            assert report.rows == {RowState.ACCEPTED: 10}
            assert at.sends() == 2
            await check(at, campaign)

    run(main())


def test_a_client_that_is_closed_ends_the_look_ups_too(tmp_path: Path) -> None:
    async def main() -> None:
        async with world(tmp_path) as at:
            campaign = await at.made(10)
            at.sim.faults = going_wrong("drop_before")
            task = asyncio.create_task(at.run(campaign))
            await asyncio.sleep(20)
            await at.smsc.aclose()
            with pytest.raises(NotSent, match="closed"):
                await task
            assert (await campaign.report()).in_doubt == 10

    run(main())


@pytest.mark.parametrize("count", [3, 10, 150])
def test_a_row_in_the_middle_that_was_left_out_of_what_was_lost_is_in_doubt(
    tmp_path: Path, count: int
) -> None:
    async def main() -> None:
        service = Settings(latency=0.2, taken=lambda phone: phone != "79990000001", balance=MONEY)
        async with world(tmp_path, service) as at:
            campaign = await at.made(count, rows_per_request=count)
            at.wire.lost = lambda form: form.get("cost") == "3"
            report = await at.run(campaign)

            assert report.rows == {RowState.ACCEPTED: count - 1, RowState.HELD: 1}
            assert report.spent == (count - 1) * Decimal("1.2")
            assert at.sends() == 1
            await check(at, campaign)

    run(main())


@pytest.mark.parametrize("policy", ["resend", "hold"])
def test_one_row_in_the_middle_that_was_taken_alone_is_not_sent_again(
    tmp_path: Path, policy: str
) -> None:
    async def main() -> None:
        service = Settings(latency=0.2, taken=lambda phone: phone == "79990000005", balance=MONEY)
        async with world(tmp_path, service) as at:
            campaign = await at.made(10, policy=policy)
            at.wire.lost = lambda form: form.get("cost") == "3"
            report = await at.run(campaign)

            assert report.rows == {RowState.ACCEPTED: 1, RowState.HELD: 9}
            assert at.sends() == 1
            await check(at, campaign)

    run(main())


def test_a_row_in_the_middle_that_shows_late_is_found_among_those_that_are_held(
    tmp_path: Path,
) -> None:
    async def main() -> None:
        service = Settings(
            latency=0.2, taken=lambda phone: phone == "79990000005", balance=MONEY, visible=1800.0
        )
        async with world(tmp_path, service) as at:
            campaign = await at.made(10, policy="hold")
            at.wire.lost = lambda form: form.get("cost") == "3"
            assert (await at.run(campaign)).rows == {RowState.HELD: 10}
            await asyncio.sleep(3600)

            assert (await at.run(campaign)).rows == {RowState.ACCEPTED: 1, RowState.HELD: 9}
            await check(at, campaign)

    run(main())


def test_without_its_price_nothing_goes_out_that_may_cost_too_much(tmp_path: Path) -> None:
    async def main() -> None:
        async with world(tmp_path) as at:
            campaign = await at.made(20, max_cost=Decimal(1000))
            at.sim.faults = going_wrong(price="drop_before")
            task = asyncio.create_task(at.run(campaign))
            await asyncio.sleep(300)
            assert at.sends() == 0
            at.sim.faults = None
            report = await task

            assert report.rows == {RowState.ACCEPTED: 20}
            assert at.sends() == 1
            await check(at, campaign)

    run(main())


def test_a_client_that_is_closed_ends_a_run_that_asks_for_prices(tmp_path: Path) -> None:
    async def main() -> None:
        async with world(tmp_path) as at:
            campaign = await at.made(20, max_cost=Decimal(1000), blacklist=False)
            await at.smsc.aclose()
            async with asyncio.timeout(600):
                with pytest.raises(NotSent, match="closed"):
                    await at.run(campaign)

    run(main())


def test_rows_whose_price_nobody_can_say_are_refused_by_the_send(tmp_path: Path) -> None:
    async def main() -> None:
        service = Settings(latency=0.2, refused={"79990000000": 7})
        async with world(tmp_path, service) as at:
            campaign = await at.made(1, max_cost=Decimal(1000))
            report = await at.run(campaign)

            assert report.rows == {RowState.REFUSED: 1}

    run(main())


@pytest.mark.parametrize("fault", ["drop_before", 1])
def test_a_blacklist_that_cannot_be_read_stops_nobody(
    tmp_path: Path, fault: Fault | int, caplog: pytest.LogCaptureFixture
) -> None:
    async def main() -> None:
        async with world(tmp_path) as at:
            at.sim.faults = lambda path, *_: fault if path == "phones.php" else None
            campaign = await at.made(3)
            assert (await at.run(campaign)).rows == {RowState.ACCEPTED: 3}

    run(main())

    assert "the blacklist cannot be read" in caplog.text


def test_the_blacklist_is_not_asked_for_where_it_is_not_to_count(tmp_path: Path) -> None:
    async def main() -> None:
        async with world(tmp_path) as at:
            campaign = await at.made(3, blacklist=False)
            await at.run(campaign)
            assert at.sim.requests == 1

    run(main())


def test_what_is_ready_goes_once_however_often_it_is_taken_on(tmp_path: Path) -> None:
    async def main() -> None:
        async with world(tmp_path) as at:
            campaign = await at.made(5)
            await at.store.own()
            claimed = await at.store.claim(campaign.number, 5)
            assert claimed is not None
            await at.store.record(claimed.number, Verdict(event=Event.NOT_TAKEN))
            sender = Sender(await course_of(at, campaign))
            sender.see_places()
            for _ in range(2):
                (ready,) = await at.store.requests(campaign.number, "ready")
                sender.put(ready)

            assert await sender.begin()
            assert not await sender.begin()
            await asyncio.wait(sender.active)
            assert at.sends() == 1
            await check(at, campaign)

    run(main())


def test_a_look_from_before_a_request_was_sent_again_says_nothing_of_it(tmp_path: Path) -> None:
    async def main() -> None:
        async with world(tmp_path) as at:
            campaign = await at.made(5)
            await at.store.own()
            resolver = Resolver(await course_of(at, campaign), lambda _: None)
            claimed = await at.store.claim(campaign.number, 5)
            assert claimed is not None
            await at.store.record(claimed.number, Verdict(event=Event.LOST))
            hold = Verdict(event=Event.HOLD, rows=RowState.HELD)
            resolver.add(await at.store.record(claimed.number, hold))
            looking = asyncio.create_task(resolver.run())
            await asyncio.sleep(0.1)  # it is asked about now
            await campaign.resolve(claimed.id, "resend", by="Ann")
            await at.store.start(claimed.number)
            resolver.add(await at.store.record(claimed.number, Verdict(event=Event.LOST)))
            await asyncio.sleep(0.35)  # the two questions of before are answered

            (doubt,) = await at.store.requests(campaign.number, "doubt")
            assert doubt.misses == 0
            looking.cancel()
            await asyncio.gather(looking, return_exceptions=True)

    run(main())
