"""What the benchmark of the workers says of what a service saw."""

from __future__ import annotations

import math
from collections.abc import Sequence

import pytest

from benchmarks.crew import FIRST, KILLED, LINGER, NEXT, Outcome
from benchmarks.judge import Arrival
from benchmarks.workers import PLACES, judged

KILL, END = 60.0, 80.0


def line(place: int, since: float, until: float, names: Sequence[str]) -> list[Arrival]:
    """Keep one place busy with requests of half a second."""
    moments = [since + 0.5 * at for at in range(math.ceil((until - since) / 0.5))]
    turns = range(place, place + len(moments))
    return [
        Arrival(names[turn % len(names)], at, at + 0.5)
        for turn, at in zip(turns, moments, strict=True)
    ]


def seen(back: float = KILL + LINGER, names: Sequence[str] = FIRST) -> Outcome:
    """Let fourteen places be busy, of which four are left by the killed and used again later."""
    arrivals = list[Arrival]()
    for place in range(PLACES):
        arrivals += line(place, -0.25, KILL - 0.25, names)
        if place < 4:
            arrivals.append(Arrival(KILLED[place % 2], KILL - 0.25, KILL + 0.25))
            arrivals += line(place, back, END, NEXT)
        else:
            arrivals += line(place, KILL - 0.25, END, ("c", "d", *NEXT))
    return Outcome(1.0, KILL, dict.fromkeys(KILLED, KILL), END, [], arrivals)


def broken(outcome: Outcome) -> list[str]:
    """Return the promises that did not hold, by their first words."""
    lines = [line for line in judged(outcome).splitlines() if "NOT HELD" in line]
    return [" ".join(line.split()[3:5]) for line in lines]


def test_all_holds_where_places_are_busy_and_the_killed_keep_theirs_for_the_linger() -> None:
    assert broken(seen()) == []


def test_a_refusal_and_an_error_of_a_worker_are_seen() -> None:
    refused, failed = seen(), seen()
    refused.arrivals.append(Arrival("a", 30.0, 30.0, 9))
    failed.errors.append("OutcomeUnknown 1")

    assert broken(refused) == ["no refusals,"]
    assert broken(failed) == ["no refusals,"]


def test_places_that_are_left_idle_are_seen() -> None:
    idle = seen()
    idle.arrivals = [one for one in idle.arrivals if not 20 < one.begun < 24]

    assert broken(idle) == ["at least"]


def test_a_process_that_is_left_out_is_seen() -> None:
    assert broken(seen(names=("a", "b", "c"))) == ["no process"]


@pytest.mark.parametrize(("back", "said"), [(KILL + LINGER - 1, "places of"), (END, "and they")])
def test_places_that_come_back_early_or_never_are_seen(back: float, said: str) -> None:
    assert broken(seen(back)) == [said]
