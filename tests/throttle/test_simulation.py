"""Whatever programs of calls are played, over whatever network: the laws hold.

A program that fails is printed as Python, as short as can be; see ``simulation.py``.
"""

from __future__ import annotations

import os
from dataclasses import replace

from hypothesis import given, settings
from hypothesis import strategies as st

from .laws import faults
from .program import KINDS, WAYS, Program, Step
from .sharing import in_processes
from .simulation import play
from .strategies import MOMENTS, calm, wild

SEEDS = int(os.environ.get("SMSC_SEEDS", "1"))
DAY = 86_400.0
LAW = settings(derandomize=True, max_examples=100 * SEEDS or 20)
FEWER = settings(derandomize=True, max_examples=25 * SEEDS or 5)

# Of everything something: what becomes of it is written down below.
FIXED = Program(
    (
        *(Step(kind, times=4, client=at % 3, at=at) for at, kind in enumerate(KINDS)),
        *(
            Step("price", 3, client=at, at=20.0, lane="bulk", cancelled=(way, 0.01 * at))
            for at, way in enumerate(WAYS, 3)
        ),
        Step("send", 9, times=30, distinct=True, at=25.0, timeout=2.0, max_wait=0.1),
        Step("status", 9, times=15, distinct=True, at=30.0, deadline=5.0, lane="bulk"),
    ),
    seed=14,
)


@LAW
@given(wild)
def test_after_any_program_the_laws_hold(program: Program) -> None:
    assert faults(play(program)) == []


@LAW
@given(calm)
def test_no_program_takes_longer_than_the_limits_force_it_to(program: Program) -> None:
    assert faults(play(program)) == []


@FEWER
@given(calm | wild)
def test_over_a_file_that_processes_share_the_laws_hold_as_well(program: Program) -> None:
    with in_processes() as sharing:
        assert faults(play(program, sharing)) == []


@FEWER
@given(wild, st.lists(st.tuples(st.sampled_from(MOMENTS), st.sampled_from([DAY, -DAY]))).map(tuple))
def test_steps_of_the_clock_on_the_wall_change_no_moment(
    program: Program, wall: tuple[tuple[float, float], ...]
) -> None:
    assert play(replace(program, wall=wall)).trace() == play(program).trace()


@FEWER
@given(wild)
def test_the_same_program_goes_the_same_way_again(program: Program) -> None:
    assert play(program).trace() == play(program).trace()


def test_a_program_goes_the_same_way_on_every_python() -> None:
    played = play(FIXED)

    assert faults(played) == []
    assert {end.outcome for end in played.ends.values()} == {
        *("dict", "Balance", "Price", "Sent"),
        *("cancelled", "DuplicateSend", "NoAnswer", "Throttled"),
    }
    # Where calls are meant to start at other moments than before, this is another.
    assert played.trace() == "517b59f80fe6a62834ae3b6283afebf42b6d9123207b8d25d4f73f804c707627"
