"""What the benchmarks read from moments that were written down."""

from __future__ import annotations

import pytest

from benchmarks.judge import (
    Arrival,
    busy,
    held,
    most_at_once,
    percentile,
    shares,
    whole_again,
    worst_window,
)


@pytest.mark.parametrize(
    ("starts", "most"),
    [
        ([], 0),
        ([5.0], 1),
        ([0.0, 0.0, 0.0, 60.0, 60.0], 3),
        ([0.0, 0.0, 0.0, 59.995], 3),  # as good as a minute
        ([0.0, 0.0, 0.0, 59.9, 60.0], 4),
        ([0.0, 30.0, 40.0, 61.0, 62.0, 95.0], 4),
    ],
)
def test_the_worst_window_holds_the_most_starts_less_than_its_length_apart(
    starts: list[float], most: int
) -> None:
    assert worst_window(starts, 60) == most


def at(begun: float, ended: float, worker: str = "a") -> Arrival:
    return Arrival(worker, begun, ended)


def test_what_ends_as_another_begins_is_not_there_at_once_with_it() -> None:
    assert most_at_once([]) == 0
    assert most_at_once([at(0, 1), at(1, 2), at(2, 3)]) == 1
    assert most_at_once([at(0, 1.5), at(1, 2), at(1.2, 3), at(2, 3)]) == 3


def test_places_are_busy_for_the_part_of_their_time_that_lies_within() -> None:
    arrivals = [at(0, 2), at(1, 5), at(9, 11), at(20, 21)]

    assert busy(arrivals, 0, 10, places=1) == pytest.approx(0.7)
    assert busy(arrivals, 0, 10, places=2) == pytest.approx(0.35)
    assert busy(arrivals, 12, 14, places=2) == 0


def test_a_worker_that_never_got_in_has_no_share() -> None:
    arrivals = [at(0, 1, "a"), at(1, 2, "a"), at(2, 3, "b"), at(3, 9, "b"), at(10, 11, "c")]

    assert shares(arrivals, ["a", "b"], 0, 10) == [1, 1]
    assert shares(arrivals, ["a", "b"], 0, 3) == [pytest.approx(4 / 3), pytest.approx(2 / 3)]
    assert shares(arrivals, ["a", "c"], 0, 10) == [2, 0]
    assert shares([], ["a", "c"], 0, 10) == [0, 0]


def test_the_place_of_a_killed_worker_is_taken_until_its_linger_is_over() -> None:
    before, underway, late = at(0, 0.9), at(0.8, 1.2), at(1.1, 9)
    other = at(0.8, 1.2, "b")

    places = held([before, underway, late, other], {"a": 1.0}, linger=5)

    assert places == [before, at(0.8, 6), late, other]


def test_a_place_that_is_used_again_too_early_is_seen() -> None:
    killed = [at(0.9, 1.2)]

    for begun, most in ((1.3, 2), (5.9, 2), (6.0, 1)):
        assert most_at_once(held([*killed, at(begun, 9, "b")], {"a": 1.0}, linger=5)) == most


def test_all_is_whole_again_from_when_all_places_are_busy() -> None:
    arrivals = [at(0, 10), at(0, 2), at(5, 10)]

    assert whole_again(arrivals, 2, 2, share=0.99, span=1) == pytest.approx(5)
    assert whole_again(arrivals, 2, 3, share=0.95, span=1) == float("inf")
    assert whole_again([], 2, 3, share=0.95, span=1) == float("inf")


def test_a_percentile_is_not_below_as_many_of_a_hundred() -> None:
    assert percentile([float(at) for at in range(101)], 99) == 99
    assert percentile([1.0, 2.0, 3.0], 50) == 2
