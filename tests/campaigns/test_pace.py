"""Hours, spread, back-off, and caps: the arithmetic of when and for how much."""

from __future__ import annotations

import pickle
from collections.abc import Callable
from datetime import UTC, datetime, time, timedelta
from decimal import Decimal
from typing import Any, cast
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import structs

from smsc_async.campaigns import Options, Policy, Window
from smsc_async.campaigns._pace import Pace, is_open, open_zones, pace_of, portion
from smsc_async.campaigns._plan import Event, State
from smsc_async.campaigns._purse import HOUR, STEP, Purse
from smsc_async.campaigns._records import Item, Request, RowState, Verdict
from smsc_async.campaigns._tally import Tally
from smsc_async.campaigns._trouble import LONGEST, Trouble, pause

DAY = Window(time(9), time(21))
ITEMS = (Item(1, "+79990000001", "hello"),)
NEW_YORK = "America/New_York"


@pytest.mark.parametrize(
    ("moment", "expected"),
    [
        ("2026-11-21T05:59:59", False),
        ("2026-11-21T06:00:00", True),
        ("2026-11-21T17:59:59", True),
        ("2026-11-21T18:00:00", False),
    ],
)
def test_the_window_is_open_from_its_first_hour_and_not_at_its_last(
    moment: str, *, expected: bool
) -> None:
    assert is_open(DAY, None, datetime.fromisoformat(moment).replace(tzinfo=UTC)) is expected


@pytest.mark.parametrize(
    ("moment", "expected"),
    [
        ("2026-03-07T13:59", False),  # the day before the clocks go forward
        ("2026-03-07T14:00", True),
        ("2026-03-08T12:59", False),
        ("2026-03-08T13:00", True),
        ("2026-11-01T13:59", False),  # they went back
        ("2026-11-01T14:00", True),
    ],
)
def test_the_hours_are_those_that_the_clock_shows_there(moment: str, *, expected: bool) -> None:
    at = datetime.fromisoformat(moment).replace(tzinfo=UTC)

    assert is_open(DAY, NEW_YORK, at) is expected


@given(
    st.sampled_from(["Europe/Moscow", NEW_YORK, "Asia/Kolkata", "Australia/Lord_Howe"]),
    st.datetimes(datetime(2026, 1, 1), datetime(2027, 1, 1)),  # noqa: DTZ001 - in UTC, as drawn
)
def test_nobody_is_written_to_outside_the_hours(zone: str, moment: datetime) -> None:
    at = moment.replace(tzinfo=UTC)

    assert is_open(DAY, zone, at) is (9 <= at.astimezone(ZoneInfo(zone)).hour < 21)


def test_a_window_may_last_till_midnight() -> None:
    late = Window(time(20), time(), "UTC")

    assert is_open(late, None, datetime(2026, 1, 1, 23, 59, 59, tzinfo=UTC))
    assert not is_open(late, None, datetime(2026, 1, 2, tzinfo=UTC))


def test_only_the_zones_where_it_is_day_are_open() -> None:
    morning = datetime(2026, 11, 21, 7, 0, tzinfo=UTC)  # 10 in Moscow, 2 in New York

    assert open_zones(DAY, [None, NEW_YORK, "Asia/Tokyo"], morning) == [None, "Asia/Tokyo"]
    assert open_zones(None, [None, NEW_YORK], morning) == [None, NEW_YORK]


@pytest.mark.parametrize(
    "bad",
    [
        lambda: Window(time(21), time(9)),
        lambda: Window(time(9), time(9)),
        lambda: Window(time(9), time(21), "Mars/Base"),
        lambda: Window(time(9, tzinfo=UTC), time(21)),
        lambda: Options(rows_per_request=0),
        lambda: Options(rows_per_request=1001),
        lambda: Options(policy=cast("Policy", "never")),
        lambda: Options(lookups=0),
        lambda: Options(lookup_every=0),
        lambda: Options(quiet=-1),
        lambda: Options(recheck=(1.0, -1.0)),
        lambda: Options(canary=0),
        lambda: Options(max_cost=Decimal(0)),
    ],
)
def test_settings_that_cannot_be_kept_to_are_refused(bad: Callable[[], object]) -> None:
    with pytest.raises(ValueError, match=r"\w: "):
        bad()


@given(
    st.floats(1, 10_000),
    st.lists(st.integers(1, 50), min_size=1, max_size=50),
    st.lists(st.floats(0, 100), min_size=50, max_size=50),
)
def test_rows_that_are_spread_never_come_quicker_than_their_share(
    spread: float, sizes: list[int], delays: list[float]
) -> None:
    pace, now, begun = pace_of(spread, sum(sizes)), 100.0, 0.0
    gone = 0
    for size, delay in zip(sizes, delays, strict=False):
        now += pace.wait(now) + delay
        begun = begun or now
        # What is behind by less than its own share may catch up, and no more.
        assert gone * spread / sum(sizes) <= now - begun + 50 * spread / sum(sizes) + 1e-6
        pace.take(size, now)
        gone += size


def test_rows_that_are_spread_take_the_whole_time() -> None:
    pace, now = pace_of(600.0, 200), 0.0
    for _ in range(100):
        now += pace.wait(now)
        pace.take(2, now)

    assert now == pytest.approx(600 * 99 / 100)


def test_nothing_waits_where_nothing_is_spread() -> None:
    pace = pace_of(None, 100)
    pace.take(50, 1.0)

    assert pace.wait(1.0) == 0
    assert Pace().wait(0.0) == 0
    assert portion(100, None, 10**6) == 100


def test_a_list_that_is_spread_goes_in_many_small_portions() -> None:
    assert portion(100, 3600.0, 200) == 2
    assert portion(100, 3600.0, 10) == 1
    assert portion(100, 3600.0, 10**6) == 100


def test_the_service_is_left_alone_longer_and_longer() -> None:
    waits = [pause(times, 1.0) for times in range(1, 40)]

    assert waits == sorted(waits)
    assert waits[0] == 0.5
    assert max(waits) == LONGEST
    assert [pause(5, 0.0), pause(5, 1.0)] == [4.0, 8.0]


def test_what_fails_together_is_one_failure() -> None:
    now = 10.0
    trouble = Trouble(lambda: now, lambda: 1.0)
    assert trouble.room(14) == 14

    for _ in range(14):
        trouble.met(begun=5.0)

    assert trouble.room(14) == 1
    assert trouble.wait(now) == 0.5
    now = 11.0
    trouble.met(begun=10.6)
    assert trouble.wait(now) == 1.0
    trouble.over()
    assert trouble.room(14) == 14
    assert trouble.wait(now) <= 0


def test_nothing_is_asked_or_forbidden_where_there_is_no_cap() -> None:
    purse = Purse(Decimal(0))

    assert not purse.is_limited
    assert purse.forbids(Decimal(10**9), 0.0) == ""


def test_the_price_is_asked_at_first_and_where_the_cap_is_close() -> None:
    purse = Purse(Decimal(0), most=Decimal(1000))
    items = [Item(n, f"+7999000000{n}", None) for n in range(10)]
    assert purse.guess(items, 0.0) is None

    purse.settle(1, State.ACCEPTED, Decimal(10), 0.0)
    purse.learn(items, Decimal(1))

    assert purse.guess(items, 0.0) == 10
    purse.settle(2, State.ACCEPTED, Decimal(860), 0.0)
    assert purse.guess(items, 0.0) is None


@pytest.mark.parametrize(
    "items",
    [
        [Item(1, "+79990000001", "hello")],
        [Item(1, "+79990000001", None), Item(2, "+380990000001", None)],
        [Item(1, "+79990000001", None), Item(2, "+77010000001", None)],
        [Item(1, "+380990000001", None)],
    ],
)
def test_what_no_request_of_its_sort_has_cost_is_never_guessed(items: list[Item]) -> None:
    purse = Purse(Decimal(0), most=Decimal(10**9))
    purse.learn([Item(1, "+79990000001", None)], Decimal(1))

    assert purse.guess(items, 0.0) is None


def test_what_is_set_aside_counts_until_it_is_known() -> None:
    purse = Purse(Decimal(0), most=Decimal(100))
    purse.set_aside(1, Decimal(60))

    assert "max_cost is 100, of which 60 is spent or set aside" in purse.forbids(Decimal(50), 0.0)
    assert purse.forbids(Decimal(40), 0.0) == ""
    purse.settle(1, State.READY, None, 0.0)
    assert purse.forbids(Decimal(50), 0.0) == ""


def test_the_cap_of_an_hour_forgets_what_is_older() -> None:
    purse = Purse(Decimal(0), most_per_hour=Decimal(100))
    purse.settle(1, State.ACCEPTED, Decimal(90), 0.0)

    assert "max_cost_per_hour" in purse.forbids(Decimal(20), HOUR - 1)
    assert purse.forbids(Decimal(20), HOUR + STEP) == ""


@given(st.lists(st.tuples(st.integers(1, 40), st.floats(0, HOUR / 2)), max_size=60))
def test_in_no_hour_more_is_spent_than_it_may_cost(costs: list[tuple[int, float]]) -> None:
    purse, now, spent = Purse(Decimal(0), most_per_hour=Decimal(100)), 0.0, list[Any]()
    for number, (cost, wait) in enumerate(costs):
        now += wait
        if not purse.forbids(Decimal(cost), now):
            purse.settle(number, State.ACCEPTED, Decimal(cost), now)
            spent.append((now, cost))
        assert sum(cost for at, cost in spent if at > now - HOUR) <= 100


@pytest.mark.parametrize("cap", [None, Decimal(10**9)])
def test_what_is_kept_of_a_long_run_is_little(cap: Decimal | None) -> None:
    purse, tally = Purse(Decimal(0), most_per_hour=cap), Tally()
    sizes = set[int]()
    for number in range(40_000):
        now = number / 2
        purse.settle(number, State.ACCEPTED, Decimal(1), now)
        sent = Request(number=number, campaign=1, id="", state=State.INTENT, items=ITEMS)
        tally.claimed(sent)
        taken = Verdict(event=Event.TAKEN, rows=RowState.ACCEPTED)
        tally.moved(sent, taken, structs.replace(sent, state=State.ACCEPTED), now)
        if number >= 10_000 and number % 1000 == 0:
            sizes.add(len(pickle.dumps((purse, vars(tally)))))

    assert max(sizes) < 1.2 * min(sizes)
    assert max(sizes) < 20_000


@given(st.lists(st.tuples(st.integers(1, 40), st.booleans()), max_size=60))
def test_no_cap_is_ever_passed(costs: list[tuple[int, bool]]) -> None:
    purse, paid = Purse(Decimal(0), most=Decimal(100), most_per_hour=Decimal(70)), Decimal(0)
    for number, (cost, is_known) in enumerate(costs):
        if purse.forbids(Decimal(cost), float(number)):
            continue
        purse.set_aside(number, Decimal(cost))
        paid += cost
        if is_known:
            purse.settle(number, State.ACCEPTED, Decimal(cost), float(number))
    assert paid <= 70
    assert timedelta(hours=1).total_seconds() == HOUR
