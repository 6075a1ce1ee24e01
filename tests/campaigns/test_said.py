"""What a person says of what is in doubt, and what comes of it."""

from __future__ import annotations

import asyncio
from decimal import Decimal
from pathlib import Path

import pytest

from smsc_async.campaigns import Campaign, CampaignError, Resolution, RowState, State, StoreBusy
from smsc_async.campaigns._plan import Event
from smsc_async.campaigns._records import Status, Verdict
from smsc_async.simulator import Settings
from tests.campaigns.inline import store_at
from tests.campaigns.test_running import every
from tests.campaigns.worlds import check, cut_short, rows, world
from tests.virtual import run


@pytest.mark.parametrize("how", ["sent", "resend", "drop"])
@pytest.mark.parametrize("state", ["intent", "doubt", "ready", "held"])
def test_a_person_settles_what_was_sent_under_a_key_that_is_gone(
    tmp_path: Path, state: str, how: Resolution
) -> None:
    """Nobody can look it up any more, and nothing else may go out before it is settled."""
    verdicts = {
        "intent": [],
        "doubt": [Verdict(event=Event.LOST)],
        "ready": [Verdict(event=Event.LOST), Verdict(event=Event.RESEND, resends=1, misses=3)],
        "held": [Verdict(event=Event.LOST), Verdict(event=Event.HOLD, rows=RowState.HELD)],
    }

    async def main() -> None:
        async with world(tmp_path) as at:
            campaign = await at.made(20, rows_per_request=10)
            await at.store.own()
            await at.store.bind(campaign.number, "a key that is gone")
            claimed = await at.store.claim(campaign.number, 10)
            assert claimed is not None
            for verdict in verdicts[state]:
                await at.store.record(claimed.number, verdict)
            with pytest.raises(CampaignError, match="resolve what is in doubt"):
                await at.run(campaign)
            await campaign.resolve(claimed.id, how, by="Ann")

            report = await at.run(campaign)
            assert report.in_doubt == 0
            assert report.standing == "done"
            dropped = {RowState.ACCEPTED: 10, RowState.ABANDONED: 10}
            assert report.rows == (dropped if how == "drop" else {RowState.ACCEPTED: 20})
            assert at.sends() == (2 if how == "resend" else 1)

    run(main())


def test_what_a_run_may_find_out_is_left_to_it_while_there_is_one(tmp_path: Path) -> None:
    async def main() -> None:
        async with world(tmp_path) as at:
            campaign = await at.made(10)
            at.sim.faults = every(1, "drop_before")
            task = asyncio.create_task(at.run(campaign))
            await asyncio.sleep(5)
            (one,) = (await campaign.report()).unsettled
            with pytest.raises(StoreBusy, match="this program"):
                await campaign.resolve(one.id, "resend", by="Ann")
            another = store_at(tmp_path / "campaigns.db")
            elsewhere = await Campaign.open(another)
            with pytest.raises(StoreBusy, match="another program"):
                await elsewhere.resolve(one.id, "resend", by="Ann")
            await another.aclose()
            at.sim.faults = None
            report = await task

            assert report.rows == {RowState.ACCEPTED: 10}
            assert [left.resends for left in await at.store.requests(campaign.number, *State)] == [
                1
            ]

    run(main())


def test_of_what_was_taken_in_part_the_rest_alone_is_sent_again(tmp_path: Path) -> None:
    async def main() -> None:
        left_out = {"79990000003", "79990000004"}
        service = Settings(
            latency=0.2, taken=lambda phone: phone not in left_out, balance=Decimal(1000)
        )
        async with world(tmp_path, service) as at:
            campaign = await at.made(10)
            (one,) = (await at.run(campaign)).unsettled
            left_out.clear()
            await campaign.resolve(one.id, "resend", by="Ann")
            assert (await campaign.report()).in_doubt == 0
            report = await at.run(campaign)

            assert report.rows == {RowState.ACCEPTED: 10}
            assert report.requests == {State.ACCEPTED: 2}
            assert len({row["request_id"] for row in await rows(at.store, campaign.number)}) == 2
            await check(at, campaign)

    run(main())


def test_of_what_a_callback_alone_told_of_the_rest_is_asked_about_before_it_goes_again(
    tmp_path: Path,
) -> None:
    async def main() -> None:
        async with world(tmp_path) as at:
            campaign = await at.made(10)
            (one,) = await cut_short(at, campaign)
            await at.store.note([Status(one.id, one.items[0].phone, 1, None, None)])
            with pytest.raises(CampaignError, match="run the campaign first"):
                await campaign.resolve(one.id, "resend", by="Ann")
            report = await at.run(campaign)

            assert report.rows == {RowState.ACCEPTED: 10}
            await check(at, campaign)

    run(main())


def test_what_a_person_lets_go_again_is_looked_up_by_all_its_rows(tmp_path: Path) -> None:
    async def main() -> None:
        left_out = {f"7999000000{n}" for n in range(10) if n != 5}
        service = Settings(
            latency=0.2, taken=lambda phone: phone not in left_out, balance=Decimal(1000)
        )
        async with world(tmp_path, service) as at:
            campaign = await at.made(10)
            (one,) = await cut_short(at, campaign)
            left_out.clear()
            await asyncio.sleep(100)  # a twin within a minute is refused anyway
            await campaign.resolve(one.id, "resend", by="Ann")
            report = await at.run(campaign)

            assert report.rows == {RowState.ACCEPTED: 1, RowState.HELD: 9}
            await check(at, campaign)

    run(main())


@pytest.mark.parametrize(("how", "state"), [("sent", "accepted"), ("drop", "abandoned")])
def test_what_a_person_says_of_one_that_was_taken_in_part_is_of_the_rest_of_it(
    tmp_path: Path, how: Resolution, state: str
) -> None:
    async def main() -> None:
        service = Settings(latency=0.2, taken=lambda phone: not phone.endswith("3"))
        async with world(tmp_path, service) as at:
            campaign = await at.made(10)
            (one,) = (await at.run(campaign)).unsettled
            await campaign.resolve(one.id, how, by="Ann")

            states = [row["state"] for row in await rows(at.store, campaign.number)]
            assert states == ["accepted"] * 3 + [state] + ["accepted"] * 6

    run(main())


def test_what_is_cancelled_is_not_to_be_sent_again(tmp_path: Path) -> None:
    async def main() -> None:
        service = Settings(latency=0.2, taken=lambda phone: not phone.endswith("3"))
        async with world(tmp_path, service) as at:
            campaign = await at.made(20, rows_per_request=10, policy="hold")
            at.sim.faults = every(2, "drop_before")
            task = asyncio.create_task(at.run(campaign))
            await asyncio.sleep(5)
            await campaign.cancel()
            report = await task
            assert report.requests == {State.PARTIAL: 1, State.HELD: 1}
            for one in report.unsettled:
                with pytest.raises(CampaignError, match="cancelled"):
                    await campaign.resolve(one.id, "resend", by="Ann")
            assert (await campaign.report()) == report

    run(main())


def test_of_what_was_never_sent_nothing_can_be_said(tmp_path: Path) -> None:
    async def main() -> None:
        async with world(tmp_path) as at:
            campaign = await at.made(10)
            claimed = await at.store.claim(campaign.number, 10)
            assert claimed is not None
            await at.store.record(claimed.number, Verdict(event=Event.NOT_TAKEN))
            with pytest.raises(LookupError, match="in doubt"):
                await campaign.resolve(claimed.id, "sent", by="Ann")

    run(main())
