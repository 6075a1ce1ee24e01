"""Whole campaigns against the service: whatever goes wrong, each row is accounted for."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable, Mapping
from contextlib import suppress
from datetime import time
from decimal import Decimal
from pathlib import Path
from random import Random
from typing import Any, cast

import httpx
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from smsc_async import Email, LoginRefused, NotSent, Sms, SmscClient, VoiceCode
from smsc_async.campaigns import (
    BadTemplate,
    Campaign,
    CampaignError,
    Options,
    Report,
    Resolution,
    RowState,
    State,
    StoreBusy,
    StoreError,
    Window,
)
from smsc_async.campaigns._records import Status
from smsc_async.simulator import Fault, Settings, Simulator
from smsc_async.simulator._faults import Faults
from tests.campaigns.failing import FailingStore
from tests.campaigns.worlds import World, check, cut_short, inline, now, people, rows, world
from tests.virtual import run

MONEY = Decimal(100_000)
EXAMPLES = 25 if int(os.environ.get("SMSC_SEEDS", "1")) else 8
TAKEN: tuple[Fault, ...] = ("drop_after", "html_502_after", "garbage", "truncated", "empty")
NOT_TAKEN: tuple[Fault, ...] = ("drop_before", "html_502")


def every(nth: int, fault: Fault | int) -> Faults:
    """Let each *nth* request go wrong, the first time it comes."""
    seen = set[str]()

    def faults(path: str, params: Mapping[str, str], _: int) -> Fault | int | None:
        if path != "send.php" or params["id"] in seen:
            return None
        seen.add(params["id"])
        return fault if len(seen) % nth == 0 else None

    return faults


def settings_of(**options: Any) -> Settings:  # noqa: ANN401 - whatever
    return Settings(**{"latency": 0.2, "balance": MONEY, **options})


def test_a_campaign_goes_out_once_with_as_few_requests_as_it_takes(tmp_path: Path) -> None:
    async def main() -> None:
        async with world(tmp_path) as at:
            campaign = await at.made(1000, rows_per_request=10)
            begun = now()
            report = await at.run(campaign)

            assert report.standing == "done"
            assert report.rows == {RowState.ACCEPTED: 1000}
            assert report.spent == Decimal(1200)
            assert report.in_doubt == 0
            assert at.sends() == 100
            assert at.sim.requests == 101  # the blacklist
            assert at.sim.most_at_once == 14
            assert now() - begun < 0.2 * (100 / 14 + 3)  # the first ones go one by one
            await check(at, campaign)

    run(main())


@pytest.mark.parametrize("fault", TAKEN)
def test_a_lost_answer_is_looked_up_and_nothing_is_sent_again(tmp_path: Path, fault: Fault) -> None:
    async def main() -> None:
        async with world(tmp_path) as at:
            campaign = await at.made(200, rows_per_request=10)
            at.sim.faults = every(3, fault)
            report = await at.run(campaign)

            assert report.rows == {RowState.ACCEPTED: 200}
            assert report.spent == Decimal(240)
            assert at.sends() == 20
            await check(at, campaign)

    run(main())


@pytest.mark.parametrize("fault", NOT_TAKEN)
def test_what_got_lost_on_the_way_is_sent_again_when_nothing_was_found_for_long(
    tmp_path: Path, fault: Fault
) -> None:
    async def main() -> None:
        async with world(tmp_path) as at:
            campaign = await at.made(200, rows_per_request=10)
            at.sim.faults = every(5, fault)
            begun = now()
            report = await at.run(campaign)

            assert report.rows == {RowState.ACCEPTED: 200}
            assert report.requests == {State.ACCEPTED: 20}
            assert at.sends() == 24
            assert now() - begun > 120
            await check(at, campaign)

    run(main())


def test_with_the_policy_hold_nothing_is_ever_sent_again_and_what_is_in_doubt_is_named(
    tmp_path: Path,
) -> None:
    async def main() -> None:
        async with world(tmp_path) as at:
            campaign = await at.made(200, rows_per_request=10, policy="hold")
            at.sim.faults = every(5, "drop_before")
            report = await at.run(campaign)

            assert report.standing == "done"
            assert report.rows == {RowState.ACCEPTED: 160, RowState.HELD: 40}
            assert report.in_doubt == 40
            assert [one.state for one in report.unsettled] == [State.HELD] * 4
            assert all(one.lookups >= 3 and len(one.phones) == 10 for one in report.unsettled)
            assert at.sends() == 20
            await check(at, campaign)

    run(main())


@pytest.mark.parametrize("late", [20.0, 100.0, 1000.0])
def test_with_the_policy_hold_nothing_goes_out_twice_however_late_it_is_taken(
    tmp_path: Path, late: float
) -> None:
    async def main() -> None:
        service = settings_of(delays=lambda random: (late if random.random() < 0.2 else 0.1, 0.1))
        async with world(tmp_path, service) as at:
            campaign = await at.made(150, rows_per_request=10, policy="hold")
            report = await at.run(campaign)
            await at.sim.idle()

            assert sum(report.rows.values()) == 150
            assert report.rows.keys() <= {RowState.ACCEPTED, RowState.HELD}
            await check(at, campaign)
            again = await at.run(campaign)  # the late ones are found
            assert again.in_doubt == 0
            await check(at, campaign)

    run(main())


def test_with_the_policy_resend_nothing_goes_out_twice_if_it_is_taken_within_the_quiet_time(
    tmp_path: Path,
) -> None:
    async def main() -> None:
        service = settings_of(
            delays=lambda random: (100.0 if random.random() < 0.2 else 0.1, 0.1), visible=5.0
        )
        async with world(tmp_path, service) as at:
            campaign = await at.made(150, rows_per_request=10)
            report = await at.run(campaign)

            assert report.rows == {RowState.ACCEPTED: 150}
            assert at.sends() == 15
            await check(at, campaign)

    run(main())


def test_bad_numbers_cost_their_neighbours_nothing(tmp_path: Path) -> None:
    async def main() -> None:
        bad = {"79990000005": 7, "79990000015": 6, "79990000025": 8}
        async with world(tmp_path, settings_of(refused=bad)) as at:
            campaign = await at.made(200, rows_per_request=10)
            report = await at.run(campaign)

            assert report.rows == {RowState.ACCEPTED: 197, RowState.REFUSED: 3}
            refused = [
                (row["phone"], row["reason"])
                for row in await rows(at.store, campaign.number)
                if row["state"] == RowState.REFUSED
            ]
            assert refused == [
                ("+79990000005", "wrong number: wrong format of the number"),
                ("+79990000015", "forbidden: stopped as spam"),
                ("+79990000025", "unreachable number: no route"),
            ]

    run(main())


def test_a_request_that_is_refused_whole_is_halved_until_the_bad_row_is_alone(
    tmp_path: Path,
) -> None:
    def faults(path: str, params: Mapping[str, str], _: int) -> Fault | int | None:
        listed = params.get("list", "") + params.get("phones", "")
        return 6 if path == "send.php" and "9990000013" in listed else None

    async def main() -> None:
        async with world(tmp_path) as at:
            campaign = await at.made(40, rows_per_request=20)
            at.sim.faults = faults
            report = await at.run(campaign)

            assert report.rows == {RowState.ACCEPTED: 39, RowState.REFUSED: 1}
            assert report.standing == "done"
            ids = [one.params["id"] for one in at.sim.log if one.path == "send.php"]
            assert len(ids) == len(set(ids))
            await check(at, campaign)

    run(main())


def test_a_campaign_of_which_all_is_refused_pauses_before_the_service_blocks(
    tmp_path: Path,
) -> None:
    async def main() -> None:
        async with world(tmp_path) as at:
            campaign = await at.made(400, rows_per_request=10)
            at.sim.faults = lambda path, *_: 6 if path == "send.php" else None
            report = await at.run(campaign)

            assert report.standing == "paused"
            assert "in a row were refused" in report.reason
            assert len(at.sim.refusals) < 50
            assert at.sim.blocked == 0

    run(main())


def test_phones_that_the_service_leaves_out_are_in_doubt_and_nobody_else(tmp_path: Path) -> None:
    async def main() -> None:
        async with world(tmp_path, settings_of(taken=lambda phone: int(phone) % 7 != 0)) as at:
            campaign = await at.made(100, rows_per_request=10)
            report = await at.run(campaign)

            left_out = [one for one in people(100) if int(one["phone"]) % 7 == 0]
            held = [
                row["phone"]
                for row in await rows(at.store, campaign.number)
                if row["state"] == RowState.HELD
            ]
            assert held == [one["phone"] for one in left_out]
            assert report.in_doubt == len(left_out)
            assert {one.state for one in report.unsettled} == {State.PARTIAL}
            assert at.sends() == 10
            await check(at, campaign)

    run(main())


@pytest.mark.parametrize(
    ("code", "words"),
    [
        (1, "does not understand the request"),
        (2, "refuses the login"),
        (3, "cannot pay"),
        (4, "blocked this machine's address"),
        (5, "does not understand the moment"),
    ],
)
def test_what_needs_a_person_pauses_the_campaign_and_says_why(
    tmp_path: Path, code: int, words: str
) -> None:
    async def main() -> None:
        async with world(tmp_path) as at:
            campaign = await at.made(400, rows_per_request=10)
            at.sim.faults = lambda path, *_: code if path == "send.php" else None
            report = await at.run(campaign)

            assert report.standing == "paused"
            assert words in report.reason
            assert at.sends() <= 14
            assert not at.sim.accepted
            at.sim.faults = None
            await campaign.resume()
            await asyncio.sleep(3600)
            report = await at.run(campaign)
            assert report.rows == {RowState.ACCEPTED: 400}
            await check(at, campaign)

    run(main())


def test_an_empty_account_pauses_the_campaign_and_a_full_one_lets_it_go_on(tmp_path: Path) -> None:
    async def main() -> None:
        async with world(tmp_path, settings_of(balance=Decimal(100))) as at:
            campaign = await at.made(200, rows_per_request=10)
            report = await at.run(campaign)

            assert report.rows[RowState.ACCEPTED] == 80
            assert "top it up" in report.reason
            at.sim._service.book.balance = MONEY  # somebody does
            await campaign.resume()
            report = await at.run(campaign)
            assert report.rows == {RowState.ACCEPTED: 200}
            await check(at, campaign)

    run(main())


def test_error_9_is_waited_out(tmp_path: Path) -> None:
    async def main() -> None:
        async with world(tmp_path) as at:
            campaign = await at.made(200, rows_per_request=10)
            at.sim.faults = every(5, 9)
            report = await at.run(campaign)

            assert report.rows == {RowState.ACCEPTED: 200}
            await check(at, campaign)

    run(main())


def test_while_the_service_is_away_it_is_asked_ever_more_rarely(tmp_path: Path) -> None:
    async def main() -> None:
        async with world(tmp_path) as at:
            campaign = await at.made(600, rows_per_request=10)
            begun, tried = now(), list[float]()

            def down() -> bool:
                if 1 < now() - begun < 601:
                    tried.append(now() - begun)
                    return True
                return False

            at.wire.down = down
            report = await at.run(campaign)

            assert report.rows == {RowState.ACCEPTED: 600}
            assert sum(at > 60 for at in tried) < 600 / 4
            await check(at, campaign)

    run(main())


@pytest.mark.parametrize("grace", [35.0, 0.0])
def test_a_run_that_is_cancelled_leaves_nothing_that_the_next_does_not_find(
    tmp_path: Path, grace: float
) -> None:
    async def main() -> None:
        async with world(tmp_path) as at:
            campaign = await at.made(400, rows_per_request=10)
            task = asyncio.create_task(at.run(campaign, grace=grace))
            await asyncio.sleep(0.5)
            task.cancel()
            with pytest.raises(asyncio.CancelledError):
                await task

            report = await campaign.report()
            assert report.standing == "ready"
            assert report.rows[RowState.WAITING] == 120
            assert len(report.under_way) == (0 if grace else 14)
            await at.sim.idle()
            sends = at.sends()
            report = await at.run(campaign)
            assert report.rows == {RowState.ACCEPTED: 400}
            assert sends == 28
            assert at.sends() == 40
            await check(at, campaign)

    run(main())


def test_a_second_cancellation_ends_the_run_at_once(tmp_path: Path) -> None:
    async def main() -> None:
        async with world(tmp_path, settings_of(latency=20.0)) as at:
            campaign = await at.made(100, rows_per_request=10)
            task = asyncio.create_task(at.run(campaign))
            await asyncio.sleep(25)
            task.cancel()
            await asyncio.sleep(1)
            assert not task.done()
            begun = now()
            task.cancel()
            with pytest.raises(asyncio.CancelledError):
                await task
            assert now() == begun
            report = await at.run(campaign)
            assert report.rows == {RowState.ACCEPTED: 100}
            await check(at, campaign)

    run(main())


@pytest.mark.parametrize("when", ["before", "after"])
def test_whichever_write_fails_the_run_says_so_and_the_next_one_ends_it(
    tmp_path: Path, when: str
) -> None:
    async def main(nth: int) -> bool:
        folder = tmp_path / str(nth)
        folder.mkdir()
        async with world(folder) as at:
            campaign = await at.made(30, rows_per_request=10)
            failing = FailingStore(at.store, nth, "before" if when == "before" else "after")
            broken = await Campaign.open(failing)
            with suppress(StoreError):
                await at.run(broken)
                assert failing.writes < nth  # or it would have been told
            report = await at.run(campaign)
            assert report.rows == {RowState.ACCEPTED: 30}
            assert at.sends() == 3
            await check(at, campaign)
            return failing.writes < nth

    for nth in range(1, 100):
        if run(main(nth)):
            break
    else:
        pytest.fail("it never ends")


def test_another_program_pauses_and_cancels_it_within_a_second_or_so(tmp_path: Path) -> None:
    async def main() -> None:
        async with world(tmp_path) as at:
            campaign = await at.made(2000, rows_per_request=10)
            other = await Campaign.open(at.store)
            task = asyncio.create_task(at.run(campaign))
            await asyncio.sleep(0.7)
            await other.pause("lunch")
            paused = now()
            report = await task
            assert (report.standing, report.reason) == ("paused", "lunch")
            assert now() - paused < 1.3
            assert not report.under_way
            assert (await at.run(campaign)).rows == report.rows

            await other.resume()
            task = asyncio.create_task(at.run(campaign))
            await asyncio.sleep(0.7)
            await other.cancel()
            report = await task
            assert report.rows.keys() == {RowState.ACCEPTED, RowState.CANCELLED}
            assert sum(report.rows.values()) == 2000
            await check(at, campaign)
            for wrong in (other.pause, other.resume):
                with pytest.raises(CampaignError, match="cancelled"):
                    await wrong()

    run(main())


def test_what_is_in_doubt_when_it_is_cancelled_is_found_out_and_never_sent(tmp_path: Path) -> None:
    async def main() -> None:
        async with world(tmp_path) as at:
            campaign = await at.made(100, rows_per_request=10)
            at.sim.faults = every(2, "drop_before")
            task = asyncio.create_task(at.run(campaign))
            await asyncio.sleep(30)
            await campaign.cancel()
            report = await task

            assert report.rows == {RowState.ACCEPTED: 50, RowState.HELD: 50}
            assert at.sends() == 10
            await check(at, campaign)

    run(main())


def test_nobody_is_sent_to_outside_the_hours(tmp_path: Path) -> None:
    async def main() -> None:
        async with world(tmp_path) as at:  # it is 12 in Moscow
            campaign = await at.made(200, rows_per_request=10, window=Window(time(13), time(14)))
            begun = now()
            report = await at.run(campaign)

            assert report.rows == {RowState.ACCEPTED: 200}
            assert min(one.at for one in at.sim.accepted) >= begun + 3600
            assert at.told[5].waiting_for == "the hours in which messages may go out"

    run(main())


def test_it_is_told_that_what_the_service_did_not_take_waits_to_be_sent_again(
    tmp_path: Path,
) -> None:
    async def main() -> None:
        async with world(tmp_path) as at:
            campaign = await at.made(10)
            at.sim.faults = every(1, 9)
            report = await at.run(campaign)

            assert report.rows == {RowState.ACCEPTED: 10}
            waits = "the moment to send again what the service did not take"
            assert waits in {told.waiting_for for told in at.told if told.under_way}
            assert at.told[-1].waiting_for == ""

    run(main())


def test_each_is_sent_to_in_the_hours_of_its_own_zone(tmp_path: Path) -> None:
    async def main() -> None:
        async with world(tmp_path) as at:  # it is 12 in Moscow and 14 in Yekaterinburg
            phones = [f"+7495123{n:04}" for n in range(20)] + [f"+7343210{n:04}" for n in range(20)]
            campaign = await Campaign.create(
                at.store,
                [(phone, "hello") for phone in phones],
                "{text}",
                options=Options(window=Window(time(9), time(13)), rows_per_request=10),
                work=inline,
            )
            task = asyncio.create_task(at.run(campaign))
            await asyncio.sleep(3700)
            assert {one.phone[:5] for one in at.sim.accepted} == {"74951"}
            task.cancel()
            with pytest.raises(asyncio.CancelledError):
                await task

    run(main())


def test_rows_are_spread_over_the_time(tmp_path: Path) -> None:
    async def main() -> None:
        async with world(tmp_path) as at:
            campaign = await at.made(200, spread=600.0, statuses=False)
            begun = now()
            await at.run(campaign)

            assert 590 < now() - begun < 610
            starts = [one.at - begun for one in at.sim.accepted]
            for first in range(0, 600, 60):
                assert 18 <= sum(first <= start < first + 60 for start in starts) <= 24

    run(main())


def test_a_canary_goes_first_and_once(tmp_path: Path) -> None:
    async def main() -> None:
        async with world(tmp_path) as at:
            campaign = await at.made(200, rows_per_request=10, canary=25)
            report = await at.run(campaign)
            assert report.standing == "paused"
            assert "25 rows have gone: 25 accepted" in report.reason
            assert report.rows == {RowState.ACCEPTED: 25, RowState.WAITING: 175}

            await campaign.resume()
            report = await at.run(campaign)
            assert report.standing == "done"
            assert at.sends() == 3 + 18
            await check(at, campaign)

    run(main())


@pytest.mark.parametrize("cap", ["max_cost", "max_cost_per_hour"])
def test_it_pauses_before_it_could_cost_more_than_it_may(tmp_path: Path, cap: str) -> None:
    async def main() -> None:
        async with world(tmp_path) as at:
            caps: dict[str, Any] = {cap: Decimal(100)}
            campaign = await at.made(200, rows_per_request=10, **caps)
            report = await at.run(campaign)

            assert report.standing == "paused"
            assert cap in report.reason
            assert report.spent == Decimal(96)
            assert MONEY - at.sim.balance == Decimal(96)
            assert not report.in_doubt

    run(main())


def test_however_often_it_is_begun_anew_it_costs_no_more_in_an_hour(tmp_path: Path) -> None:
    async def main() -> None:
        async with world(tmp_path) as at:
            campaign = await at.made(200, rows_per_request=10, max_cost_per_hour=Decimal(100))
            for _ in range(3):
                report = await at.run(campaign)
                assert report.standing == "paused"
                assert report.spent == Decimal(96)
                await campaign.resume()
                await asyncio.sleep(600)
            await asyncio.sleep(1810)
            assert (await at.run(campaign)).spent == Decimal(192)

    run(main())


def test_what_callbacks_told_of_after_the_end_of_a_program_counts_in_the_cap(
    tmp_path: Path,
) -> None:
    async def main() -> None:
        async with world(tmp_path) as at:
            campaign = await at.made(40, rows_per_request=10, max_cost=Decimal(24))
            cut = await cut_short(at, campaign, seconds=1.0)
            priced = [one for one in cut if one.aside]
            assert [one.aside for one in priced] == [Decimal(12)] * 2
            for one in priced:
                told = [Status(one.id, item.phone, 1, None, None) for item in one.items]
                await at.store.note(told)
            await campaign.resume()
            report = await at.run(campaign)

            assert report.spent == Decimal(24)
            assert report.standing == "paused"

    run(main())


def test_texts_of_differing_length_never_cost_more_than_the_cap(tmp_path: Path) -> None:
    async def main() -> None:
        async with world(tmp_path) as at:
            listed = [
                {**one, "name": "x" if n < 600 else "y" * 900} for n, one in enumerate(people(1200))
            ]
            campaign = await Campaign.create(
                at.store,
                listed,
                "hello {name}",
                options=Options(rows_per_request=20, max_cost=Decimal(1100)),
                work=inline,
            )
            report = await at.run(campaign)

            assert report.standing == "paused"
            assert Decimal(900) < report.spent <= Decimal(1100)
            assert MONEY - at.sim.balance == report.spent

    run(main())


def test_a_lost_send_that_a_callback_settles_counts_as_spent(tmp_path: Path) -> None:
    async def main() -> None:
        async with world(tmp_path, settings_of(visible=100.0)) as at:
            campaign = await at.made(20, rows_per_request=10, max_cost=Decimal(20))
            lost = iter(["drop_after"])
            at.sim.faults = lambda path, params, _: (
                cast("Fault | None", next(lost, None))
                if path == "send.php" and params.get("cost") == "3"
                else None
            )
            task = asyncio.create_task(at.run(campaign))
            await asyncio.sleep(5)
            (doubt,) = await at.store.requests(campaign.number, State.DOUBT)
            assert doubt.aside == Decimal(12)
            await at.store.note([Status(doubt.id, one.phone, 1, None, None) for one in doubt.items])
            await task
            await campaign.resume()
            report = await at.run(campaign)

            assert (report.standing, report.spent) == ("paused", Decimal(12))
            assert MONEY - at.sim.balance == Decimal(12)

    run(main())


def test_far_from_its_cap_it_asks_for_few_prices(tmp_path: Path) -> None:
    async def main() -> None:
        async with world(tmp_path) as at:
            campaign = await at.made(600, "hello", rows_per_request=10, max_cost=Decimal(100_000))
            report = await at.run(campaign)

            assert report.rows == {RowState.ACCEPTED: 600}
            asked = [one for one in at.sim.log if one.params.get("cost") == "1"]
            assert 1 <= len(asked) <= 16  # those that begin before one is answered

    run(main())


def test_who_is_on_the_blacklist_of_the_account_or_has_stopped_gets_nothing(tmp_path: Path) -> None:
    async def main() -> None:
        async with world(tmp_path) as at:
            await at.smsc.blacklist.add("+79990000003", scope="mass")
            await at.smsc.blacklist.add("+79990000004", scope="single")
            campaign = await Campaign.create(
                at.store, people(10), "hello", stops=["8 999 000-00-01"], work=inline
            )
            assert campaign.loaded is not None
            assert (campaign.loaded.rows, campaign.loaded.stopped) == (9, 1)
            report = await at.run(campaign)

            assert report.rows == {RowState.ACCEPTED: 8, RowState.STOPPED: 2}
            assert not {"79990000001", "79990000003"} & {one.phone for one in at.sim.accepted}

    run(main())


def test_deliveries_are_asked_about_until_all_are_told(tmp_path: Path) -> None:
    async def main() -> None:
        async with world(tmp_path, settings_of(delivery=30.0)) as at:
            campaign = await at.made(250)
            report = await at.run(campaign, statuses_for=600.0)

            assert report.statuses == {1: 250}
            assert now() < 1000 + 300
            assert not [one for one in at.sim.refusals if one.code == 9]

    run(main())


def test_progress_is_told_every_second_and_adds_up(tmp_path: Path) -> None:
    async def main() -> None:
        async with world(tmp_path) as at:
            campaign = await at.made(2000, rows_per_request=10)
            at.sim.faults = every(7, "drop_after")
            await at.run(campaign)

            for told in at.told:
                parts = (told.waiting, told.under_way, told.accepted, told.refused, told.in_doubt)
                assert sum(parts) == told.rows == 2000
            assert at.told[1].rate > 100
            assert at.told[1].seconds_left is not None
            assert at.told[-1].standing == "done"
            assert at.told[-1].accepted == 2000
            assert at.told[-1].balance is not None

    run(main())


def test_a_listener_that_fails_ends_the_run_in_order(tmp_path: Path) -> None:
    async def main() -> None:
        async with world(tmp_path) as at:
            campaign = await at.made(2000, rows_per_request=10)

            def listener(_: object) -> None:
                raise ZeroDivisionError

            with pytest.raises(ZeroDivisionError):
                await campaign.run(at.smsc, on_progress=listener, seams=at.seams)
            assert not (await campaign.report()).under_way
            await check(at, campaign)

    run(main())


def test_a_campaign_is_run_once_at_a_time(tmp_path: Path) -> None:
    async def main() -> None:
        async with world(tmp_path) as at:
            campaign = await at.made(400, rows_per_request=10)
            task = asyncio.create_task(at.run(campaign))
            await asyncio.sleep(0.3)
            with pytest.raises(StoreBusy, match="already"):
                await at.run(campaign)
            assert (await task).rows == {RowState.ACCEPTED: 400}
            await check(at, campaign)

    run(main())


def test_what_is_in_doubt_is_not_looked_up_nor_sent_under_another_account(tmp_path: Path) -> None:
    async def main() -> None:
        async with world(tmp_path) as at, Simulator(Settings(login="other")) as others:
            campaign = await at.made(10)
            at.sim.faults = every(1, "drop_after")
            cut = asyncio.create_task(at.run(campaign, grace=0.0))
            await asyncio.sleep(1)
            cut.cancel()
            with suppress(asyncio.CancelledError):
                await cut
            wire = httpx.ASGITransport(app=others.app)
            async with SmscClient(login="other", password="demo", transport=wire) as other:
                with pytest.raises(CampaignError, match="that one"):
                    await campaign.run(other, seams=at.seams)

            assert not others.log
            report = await at.run(campaign)
            assert report.rows == {RowState.ACCEPTED: 10}
            assert at.sends() == 1

    run(main())


@pytest.mark.parametrize("own", [None, "OWN"])
def test_what_is_in_doubt_is_not_sent_again_from_another_sender(
    tmp_path: Path, own: str | None
) -> None:
    """What is sent again is the same; a message that names its sender is that anyway."""

    async def main() -> None:
        async with world(tmp_path) as at:
            message = Sms(text="hello", sender=own)
            campaign = await Campaign.create(at.store, people(20), message, work=inline)
            at.sim.faults = every(1, "drop_before")
            cut = asyncio.create_task(at.run(campaign, grace=0.0))
            await asyncio.sleep(1)
            cut.cancel()
            with suppress(asyncio.CancelledError):
                await cut
            async with SmscClient(
                login="demo", password="demo", sender="OTHER", transport=at.wire, wall=at.seams.wall
            ) as other:
                if own is None:
                    with pytest.raises(CampaignError, match="sender"):
                        await campaign.run(other, seams=at.seams)
                    assert (await at.run(campaign)).rows == {RowState.ACCEPTED: 20}
                else:
                    report = await campaign.run(other, seams=at.seams)
                    assert report.rows == {RowState.ACCEPTED: 20}
            senders = {one.params.get("sender") for one in at.sim.log if one.path == "send.php"}
            assert senders == {own}

    run(main())


def test_with_nothing_in_doubt_another_account_goes_on(tmp_path: Path) -> None:
    async def main() -> None:
        async with world(tmp_path, settings_of(balance=Decimal(1))) as at:
            campaign = await at.made(10)
            assert (await at.run(campaign)).standing == "paused"
            await campaign.resume()
            async with Simulator(Settings(login="other", balance=MONEY)) as others:
                wire = httpx.ASGITransport(app=others.app)
                async with SmscClient(login="other", password="demo", transport=wire) as other:
                    report = await campaign.run(other, seams=at.seams)
                    assert report.rows == {RowState.ACCEPTED: 10}
                    kept = await at.store.campaign(campaign.number)
                    assert kept.account == other.account_key != at.smsc.account_key

    run(main())


def test_a_client_that_is_closed_ends_the_run(tmp_path: Path) -> None:
    async def main() -> None:
        async with world(tmp_path) as at:
            campaign = await at.made(400, rows_per_request=10)
            task = asyncio.create_task(at.run(campaign))
            await asyncio.sleep(0.5)
            await at.smsc.aclose()
            with pytest.raises(NotSent, match="closed"):
                await task
            assert (await campaign.report()).standing == "ready"

    run(main())


def test_a_code_that_is_sent_meanwhile_goes_first(tmp_path: Path) -> None:
    async def main() -> None:
        async with world(tmp_path) as at:
            campaign = await at.made(2000, rows_per_request=10)
            task = asyncio.create_task(at.run(campaign))
            await asyncio.sleep(1)
            waits = list[float]()
            for n in range(5):
                begun = now()
                await at.smsc.send("+79991234567", f"code {n}")
                waits.append(now() - begun)
            assert max(waits) < 0.45  # its own 0.2 s, and at most one of the others
            assert (await task).rows == {RowState.ACCEPTED: 2000}

    run(main())


async def held(at: World, campaign: Campaign) -> Report:
    """Bring one request of a campaign into doubt for good."""
    at.sim.faults = every(2, "drop_before")
    report = await at.run(campaign)
    at.sim.faults = None
    assert report.in_doubt == 10
    return report


@pytest.mark.parametrize(
    ("how", "state", "sends"),
    [("sent", RowState.ACCEPTED, 0), ("resend", RowState.ACCEPTED, 1), ("drop", "abandoned", 0)],
)
def test_a_person_settles_what_is_in_doubt_for_good(
    tmp_path: Path,
    how: Resolution,
    state: str,
    sends: int,
) -> None:
    async def main() -> None:
        async with world(tmp_path) as at:
            campaign = await at.made(20, rows_per_request=10, policy="hold")
            (one,) = (await held(at, campaign)).unsettled
            before = at.sends()
            with pytest.raises(CampaignError, match="resolve them"):
                await campaign.purge()
            with pytest.raises(ValueError, match="who"):
                await campaign.resolve(one.id, how, by=" ")
            with pytest.raises(LookupError):
                await campaign.resolve("another", how, by="Ann")
            await campaign.resolve(one.id, how, by="Ann")

            report = await at.run(campaign)
            assert report.standing == "done"
            assert report.in_doubt == 0
            assert at.sends() - before == sends
            assert report.rows.get(RowState(state), 0) in {10, 20}
            with pytest.raises(LookupError):
                await campaign.resolve(one.id, how, by="Ann")
            await campaign.purge()
            assert {row["phone"] for row in await rows(at.store, campaign.number)} == {""}

    run(main())


def test_one_that_is_to_be_sent_again_is_not_if_it_turns_up_before(tmp_path: Path) -> None:
    async def main() -> None:
        service = settings_of(visible=5000.0)
        async with world(tmp_path, service) as at:
            campaign = await at.made(10, policy="hold")
            at.sim.faults = every(1, "drop_after")
            (one,) = (await at.run(campaign)).unsettled
            await campaign.resolve(one.id, "resend", by="Ann")
            await asyncio.sleep(5000)
            report = await at.run(campaign)

            assert report.rows == {RowState.ACCEPTED: 10}
            assert at.sends() == 1
            await check(at, campaign)

    run(main())


def test_what_waits_to_be_sent_again_is_in_doubt(tmp_path: Path) -> None:
    async def main() -> None:
        async with world(tmp_path) as at:
            campaign = await at.made(20, rows_per_request=10, policy="hold")
            (one,) = (await held(at, campaign)).unsettled
            await campaign.resolve(one.id, "resend", by="Ann")

            report = await campaign.report()
            assert report.in_doubt == 10
            assert [(left.id, left.state) for left in report.unsettled] == [(one.id, State.READY)]
            assert not report.under_way
            assert (await at.run(campaign)).in_doubt == 0

    run(main())


def test_a_callback_settles_a_doubt_that_is_waited_for(tmp_path: Path) -> None:
    async def main() -> None:
        async with world(tmp_path, settings_of(visible=10_000.0)) as at:
            campaign = await at.made(10)
            at.sim.faults = every(1, "drop_after")
            task = asyncio.create_task(at.run(campaign))
            await asyncio.sleep(20)
            (one,) = (await campaign.report()).unsettled
            await at.store.note([Status(one.id, phone, 1, None, None) for phone in one.phones])
            report = await task

            assert report.rows == {RowState.ACCEPTED: 10}
            assert at.sends() == 1

    run(main())


def test_one_that_is_told_of_when_it_is_about_to_go_again_is_looked_up(tmp_path: Path) -> None:
    async def main() -> None:
        async with world(tmp_path) as at:
            campaign = await at.made(10)
            at.sim.faults = every(1, "drop_before")
            task = asyncio.create_task(at.run(campaign))
            # Nothing but the store tells of it, and a run reads nobody else's event.
            while not (ready := await at.store.requests(campaign.number, "ready")):  # noqa: ASYNC110 - a store tells nobody
                await asyncio.sleep(0.01)
            (one,) = ready
            await at.store.note([Status(one.id, one.items[0].phone, 1, None, None)])
            report = await task

            assert report.requests == {State.PARTIAL: 1}
            assert at.sends() == 1
            (left,) = report.unsettled
            assert left.lookups > 3

    run(main())


def test_what_it_costs_is_told_beforehand(tmp_path: Path) -> None:
    async def main() -> None:
        async with world(tmp_path) as at:
            campaign = await at.made(450)
            whole = await campaign.price(at.smsc)
            sample = await campaign.price(at.smsc, most=45)

            assert (whole.cost, whole.parts, whole.rows, whole.asked) == (
                Decimal(540),
                450,
                450,
                450,
            )
            assert not whole.is_sample
            assert (sample.cost, sample.parts, sample.rows, sample.asked) == (
                Decimal(540),
                450,
                450,
                45,
            )
            assert sample.is_sample
            assert whole.balance == MONEY
            assert not at.sim.accepted

    run(main())


def test_rows_that_no_list_carries_go_alone(tmp_path: Path) -> None:
    async def main() -> None:
        async with world(tmp_path) as at:
            texts = ["a|b", "plain", r"C:\new", "plain too"]
            campaign = await Campaign.create(
                at.store,
                [(one["phone"], text) for one, text in zip(people(4), texts, strict=True)],
                "{text}",
                work=inline,
            )
            assert (await campaign.price(at.smsc)).parts == 4
            report = await at.run(campaign)

            assert report.rows == {RowState.ACCEPTED: 4}
            assert sorted(one.text for one in at.sim.accepted) == sorted(texts)
            assert at.sends() == 3

    run(main())


def test_a_login_that_is_refused_is_tried_twice_and_no_more(tmp_path: Path) -> None:
    async def main() -> None:
        async with world(tmp_path) as at:
            campaign = await at.made(400, rows_per_request=10)
            async with SmscClient(login="demo", password="wrong", transport=at.wire) as wrong:
                report = await campaign.run(wrong, seams=at.seams)
                assert report.standing == "paused"
                assert "refuses the login" in report.reason
                assert at.sim.requests <= 2
                with pytest.raises(LoginRefused):
                    await campaign.price(wrong)
            assert report.rows == {RowState.WAITING: 400}

    run(main())


def test_what_cannot_be_a_campaign_leaves_nothing_in_the_store(tmp_path: Path) -> None:
    async def main() -> None:
        async with world(tmp_path) as at:
            with pytest.raises(BadTemplate):
                await Campaign.create(at.store, people(3), VoiceCode(), work=inline)
            with pytest.raises(BadTemplate, match="nickname"):
                await Campaign.create(at.store, people(3), "hello {nickname}", work=inline)
            assert await at.store.campaigns() == []
            with pytest.raises(LookupError):
                await Campaign.open(at.store)
            record = await at.store.begin("half", (await _plan(at)))
            with pytest.raises(CampaignError, match="anew"):
                await (await Campaign.open(at.store, record.number)).run(at.smsc)

    run(main())


async def _plan(at: World) -> bytes:
    campaign = await at.made(1)
    return (await at.store.campaign(campaign.number)).plan


SCRIPTS = st.lists(
    st.sampled_from([None, None, None, None, *TAKEN, *NOT_TAKEN, 9]), min_size=1, max_size=12
)


@settings(
    max_examples=EXAMPLES,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(
    script=SCRIPTS,
    seed=st.integers(0, 2**32),
    policy=st.sampled_from(["resend", "hold"]),
    late=st.sampled_from([0.0, 40.0, 100.0]),
    own=st.booleans(),
)
def test_whatever_goes_wrong_each_row_is_accounted_for(  # noqa: PLR0917 - drawn by name
    tmp_path_factory: pytest.TempPathFactory,
    script: list[Fault | int | None],
    seed: int,
    policy: str,
    late: float,
    own: bool,  # noqa: FBT001 - drawn
) -> None:
    def faults() -> Callable[[str, Mapping[str, str], int], Fault | int | None]:
        left = list(script)
        return lambda *_: left.pop(0) if left else None

    async def main(folder: Path) -> None:
        chance = Random(seed)
        service = settings_of(
            delays=lambda _: (late if chance.random() < 0.1 else chance.random(), 0.1)
        )
        async with world(folder, service) as at:
            text = "hello {name}" if own else "hello"
            campaign = await at.made(120, text, rows_per_request=10, policy=policy)
            at.sim.faults = faults()
            report = await at.run(campaign)
            await at.sim.idle()

            assert report.standing == "done"
            assert sum(report.rows.values()) == 120
            assert report.rows.keys() <= {RowState.ACCEPTED, RowState.HELD}
            assert report.in_doubt == report.rows.get(RowState.HELD, 0)
            named = [phone for one in report.unsettled for phone in one.phones]
            assert len(named) == report.in_doubt
            await check(at, campaign)

    run(main(tmp_path_factory.mktemp("law")))


def test_rows_that_come_back_at_the_very_end_are_not_waited_for_in_vain(tmp_path: Path) -> None:
    async def main() -> None:
        async with world(tmp_path, settings_of(balance=Decimal(1))) as at:
            campaign = await at.made(10)
            at.sim.faults = every(1, "drop_after")  # the answer, which is that there is no money
            report = await at.run(campaign)

            assert (report.standing, report.rows) == ("paused", {RowState.WAITING: 10})
            assert "top it up" in report.reason

    run(main())


def test_letters_are_sent_again_in_the_hours_of_the_window(tmp_path: Path) -> None:
    async def main() -> None:
        async with world(tmp_path, settings_of()) as at:
            campaign = await Campaign.create(
                at.store,
                [{"phone": f"u{number}@example.com", "name": "x"} for number in range(4)],
                Email(text="hi {name}", subject="s", sender="a@example.com"),
                options=Options(window=Window(time(0), time(0), "UTC")),
                work=inline,
            )
            at.sim.faults = every(1, "drop_before")
            report = await at.run(campaign)

            assert report.rows == {RowState.ACCEPTED: 4}

    run(main())


def test_what_stands_in_line_hears_of_a_pause_and_of_who_has_stopped(tmp_path: Path) -> None:
    async def main() -> None:
        async with world(tmp_path, settings_of(latency=20.0)) as at:
            campaign = await at.made(20, rows_per_request=10, statuses=False, blacklist=False)
            places = at.smsc.throttle.snapshot().places
            others = [
                asyncio.create_task(at.smsc.send(f"+7998000{number:04}", "hello"))
                for number in range(places)
            ]
            await asyncio.sleep(0.1)
            running = asyncio.create_task(at.run(campaign))
            await asyncio.sleep(1)
            await campaign.pause("wait")
            stopped = people(1)[0]["phone"].lstrip("+")
            await at.store.stop([stopped], "said STOP")
            assert (await running).standing == "paused"
            await campaign.resume()
            report = await at.run(campaign)
            await asyncio.gather(*others)

            assert report.rows == {RowState.ACCEPTED: 19, RowState.STOPPED: 1}
            assert stopped not in {message.phone for message in at.sim.accepted}

    run(main())
