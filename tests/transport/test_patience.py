"""What is left of a call's times; the clock is a number."""

from __future__ import annotations

import math

from smsc_async._transport.patience import Options, Patience


class Clock:
    def __init__(self) -> None:
        self.now = 1_000.0

    def __call__(self) -> float:
        return self.now


def test_time_in_line_counts_against_the_wait_and_not_as_work() -> None:
    clock = Clock()
    patience = Patience(clock, Options(max_wait=75))
    clock.now += 10
    with patience:
        clock.now += 30
        assert patience.for_waiting() == 45
        assert patience.working() == 10
    clock.now += 5

    assert patience.for_waiting() == 45
    assert patience.working() == 15
    assert patience.left() == math.inf


def test_time_that_several_wait_together_counts_once() -> None:
    clock = Clock()
    patience = Patience(clock, Options(max_wait=75))
    with patience:
        clock.now += 10
        with patience:
            clock.now += 10
        clock.now += 10

    assert patience.for_waiting() == 45
    assert patience.working() == 0


def test_the_deadline_bounds_the_wait_and_is_told_when_it_has_passed() -> None:
    clock = Clock()
    patience = Patience(clock, Options(max_wait=75, deadline=20))
    assert patience.for_waiting() == 20
    clock.now += 21

    assert patience.for_waiting() == -1
    assert patience.left() == -1


def test_patience_that_is_used_up_is_none_and_not_less() -> None:
    clock = Clock()
    patience = Patience(clock, Options(max_wait=10))
    with patience:
        clock.now += 11

    assert patience.for_waiting() == 0
