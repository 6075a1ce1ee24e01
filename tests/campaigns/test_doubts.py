"""What look-ups prove, and what nothing found means in the end."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import structs

from smsc_async import MessageStatus
from smsc_async.campaigns import Options
from smsc_async.campaigns import _doubts as doubts
from smsc_async.campaigns._doubts import Doubt
from smsc_async.campaigns._plan import IN_DOUBT, MOVES, Event, State
from smsc_async.campaigns._records import Item, Request, RowState

OPTIONS = Options()
MISSED = MessageStatus(status=-3)
DELIVERED = MessageStatus(status=1, cost=Decimal("1.2"))
WRONG = MessageStatus(status=22, err=249, cost=Decimal(0))
NO_MONEY = MessageStatus(status=24)


def request(count: int = 4, state: State = State.DOUBT, **fields: Any) -> Request:  # noqa: ANN401 - whatever
    items = tuple(Item(at, f"+7999000000{at}", "hello") for at in range(count))
    return Request(number=1, campaign=1, id="key.1", state=state, items=items, **fields)


def doubt(one: Request | None = None, **fields: Any) -> Doubt:  # noqa: ANN401 - whatever
    return replace(Doubt(one or request(), since=0.0, heard=0.0, due=0.0), **fields)


def test_the_first_and_the_last_phone_are_asked_about() -> None:
    assert [item.row for item in doubts.probes(request())] == [0, 3]
    assert [item.row for item in doubts.probes(request(1))] == [0]


def test_where_all_are_there_the_request_was_taken() -> None:
    verdict = doubts.found(request(), dict.fromkeys(range(4), DELIVERED))

    assert verdict is not None
    assert (verdict.event, verdict.rows, verdict.others) == (Event.FOUND, RowState.ACCEPTED, ())
    assert verdict.cost == Decimal("4.8")


def test_what_no_cost_is_told_of_is_taken_for_the_dearest() -> None:
    untold, cheap = MessageStatus(status=1), MessageStatus(status=1, cost=Decimal("0.5"))

    verdict = doubts.found(request(), {0: cheap, 1: DELIVERED, 2: untold, 3: WRONG})

    assert verdict is not None
    assert verdict.cost == Decimal("2.9")


def test_a_row_that_nothing_is_said_of_is_not_taken_to_be_there() -> None:
    verdict = doubts.found(request(), {0: DELIVERED, 3: DELIVERED})

    assert verdict is not None
    assert (verdict.event, verdict.rows) == (Event.FOUND_SOME, RowState.HELD)
    assert {row for row, _, _ in verdict.others} == {0, 3}


def test_where_nothing_is_there_nothing_is_known() -> None:
    assert doubts.found(request(), {0: MISSED, 3: MISSED}) is None


def test_of_some_that_are_there_the_others_are_held() -> None:
    answers = {0: DELIVERED, 1: MISSED, 2: WRONG, 3: DELIVERED}

    verdict = doubts.found(request(), answers)

    assert verdict is not None
    assert (verdict.event, verdict.rows) == (Event.FOUND_SOME, RowState.HELD)
    assert {(row, state) for row, state, _ in verdict.others} == {
        (0, RowState.ACCEPTED),
        (2, RowState.REFUSED),
        (3, RowState.ACCEPTED),
    }
    assert verdict.cost == Decimal("2.4")


def test_a_phone_that_is_there_as_refused_is_refused() -> None:
    verdict = doubts.found(request(2), {0: WRONG, 1: DELIVERED})

    assert verdict is not None
    assert (verdict.event, verdict.rows) == (Event.FOUND, RowState.ACCEPTED)
    assert verdict.others == ((0, RowState.REFUSED, "wrong number: wrong format of the number"),)


def test_where_all_are_there_as_refused_all_are() -> None:
    verdict = doubts.found(request(2), {0: WRONG, 1: WRONG})

    assert verdict is not None
    assert (verdict.event, verdict.rows) == (Event.FOUND_REFUSED, RowState.REFUSED)


def test_rows_that_were_refused_for_want_of_money_wait_again() -> None:
    verdict = doubts.found(request(2), {0: NO_MONEY, 1: NO_MONEY})

    assert verdict is not None
    assert (verdict.event, verdict.rows) == (Event.FOUND_REFUSED, RowState.WAITING)


def test_rows_of_a_partial_one_that_are_not_there_stay_as_they_are() -> None:
    verdict = doubts.found(request(state=State.PARTIAL), {0: DELIVERED, 1: MISSED})

    assert verdict is not None
    assert (verdict.event, verdict.rows, verdict.cost) == (Event.FOUND_SOME, None, None)


ANSWERS = st.lists(st.sampled_from([MISSED, DELIVERED, WRONG, NO_MONEY]), min_size=1, max_size=6)


@given(ANSWERS, st.sampled_from([State.DOUBT, State.HELD, State.PARTIAL, State.READY]))
def test_rows_are_called_taken_only_where_they_are_there(
    told: list[MessageStatus], state: State
) -> None:
    one = request(len(told), state)
    verdict = doubts.found(one, dict(enumerate(told)))

    if verdict is None:
        assert all(answer is MISSED for answer in told)
        return
    assert (state, verdict.event) in MOVES
    others = {row: known for row, known, _ in verdict.others}
    for row, answer in enumerate(told):
        known = others.get(row, verdict.rows)
        assert (known is RowState.ACCEPTED) is (answer is DELIVERED), row
        assert (known is RowState.REFUSED) <= (answer in {WRONG, NO_MONEY})


def missed(one: Doubt, asked_at: float, *, may_resend: bool = True, **how: Any) -> Event:  # noqa: ANN401 - whatever
    options = structs.replace(OPTIONS, **how.pop("options", {}))
    decides = how.pop("decides", True)
    return doubts.missed(
        one, options, asked_at=asked_at, decides=decides, may_resend=may_resend
    ).event


@pytest.mark.parametrize(
    ("misses", "asked_at", "event"),
    [
        (0, 0.0, Event.NOT_FOUND),
        (0, 1000.0, Event.NOT_FOUND),  # not often enough
        (1, 1000.0, Event.NOT_FOUND),
        (2, 119.0, Event.NOT_FOUND),  # not for long enough
        (2, 120.0, Event.RESEND),
        (9, 119.0, Event.NOT_FOUND),
    ],
)
def test_nothing_found_means_nothing_before_it_was_so_often_enough_for_long_enough(
    misses: int, asked_at: float, event: Event
) -> None:
    assert missed(doubt(request(misses=misses)), asked_at) is event


def test_what_decides_in_the_end() -> None:
    last = doubt(request(misses=2))

    assert missed(last, 120.0) is Event.RESEND
    assert missed(last, 120.0, options={"policy": "hold"}) is Event.HOLD
    assert missed(last, 120.0, may_resend=False) is Event.HOLD
    assert missed(last, 120.0, decides=False) is Event.NOT_FOUND
    assert missed(doubt(request(misses=2, resends=1)), 120.0) is Event.HOLD
    assert missed(doubt(request(misses=2, resends=1)), 120.0, options={"most_resends": 2}) is (
        Event.RESEND
    )


@pytest.mark.parametrize("state", [State.HELD, State.PARTIAL])
def test_what_is_held_is_never_sent_again_by_itself(state: State) -> None:
    assert missed(doubt(request(state=state, misses=9)), 10**6) is Event.NOT_FOUND


def test_a_resend_is_counted_and_its_look_ups_are_kept() -> None:
    verdict = doubts.missed(
        doubt(request(misses=2)), OPTIONS, asked_at=120.0, decides=True, may_resend=True
    )

    assert (verdict.resends, verdict.misses) == (1, 3)


def test_the_look_up_that_decides_comes_after_the_quiet_time() -> None:
    now, one, times = 0.0, doubt(), list[float]()
    while True:
        times.append(now)
        verdict = doubts.missed(one, OPTIONS, asked_at=now, decides=True, may_resend=True)
        after = structs.replace(one.request, misses=verdict.misses or 0)
        if verdict.event is not Event.NOT_FOUND:
            break
        going_on = doubts.going_on(one, after, OPTIONS, now)
        assert going_on is not None
        one, now = going_on, going_on.due

    assert times == [0.0, 30.0, 120.0]


def test_what_is_held_is_looked_up_again_ever_later() -> None:
    held = request(state=State.HELD)
    one: Doubt | None = doubt(held, asked=1)
    times = list[float]()
    while (one := doubts.going_on(one, held, OPTIONS, 10.0) if one else None) is not None:
        times.append(one.due)

    assert times == [3610.0, 86410.0]


@pytest.mark.parametrize("state", sorted(set(State) - IN_DOUBT))
def test_what_is_known_is_no_doubt(state: State) -> None:
    assert doubts.going_on(doubt(), request(state=state), OPTIONS, 0.0) is None


def test_a_run_waits_for_what_time_alone_settles() -> None:
    partial, held = request(state=State.PARTIAL), request(state=State.HELD)

    assert doubts.is_pressing(doubt(asked=99), OPTIONS)
    assert doubts.is_pressing(doubt(partial, asked=2), OPTIONS)
    assert not doubts.is_pressing(doubt(partial, asked=3), OPTIONS)
    assert doubts.is_pressing(doubt(held), OPTIONS)
    assert not doubts.is_pressing(doubt(held, asked=1), OPTIONS)


def test_of_a_partial_request_only_the_rows_that_are_held_go_on() -> None:
    verdict = doubts.found(request(3), {0: DELIVERED, 1: MISSED, 2: WRONG})
    assert verdict is not None

    left = doubts.left(request(3, State.PARTIAL), verdict)

    assert [item.row for item in left.items] == [1]
    assert doubts.left(request(3), verdict) == request(3)
