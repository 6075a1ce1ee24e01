"""A call cut at any pass of the event loop, in any of five ways: the others notice nothing."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, nullcontext
from dataclasses import replace

import pytest

from smsc_async import Throttle

from .laws import faults
from .planted import KeepsTheTurn, of
from .program import WAYS, Program, Step, Way
from .sharing import Sharing, in_process, in_processes
from .simulation import Played, play

CUT = 1  # the step that is cut, by a client of its own

# What it is in the middle of: four statuses run at once, and each of them counts five a minute.
PROGRAMS = {
    "in line for a place": Program(
        (Step("status", times=6, distinct=True), Step("status", 7, client=1), Step("status", 8)),
        seed=5,
    ),
    "in line for a window": Program(
        (Step("statistics", times=4), Step("statistics", client=1), Step("statistics")), seed=1
    ),
    "on its way": Program((Step("send", 1), Step("send", 2, client=1), Step("send", 3)), seed=2),
    "in trouble": Program(
        (Step("price", 1), Step("send", 2, client=1), Step("price", 3)), seed=9, troubles=0.9
    ),
}


def alone() -> AbstractContextManager[Sharing]:
    """Let all clients share a throttle of one process."""
    return nullcontext(in_process(Throttle()))


def cut(
    program: Program, way: Way, shared: Callable[[], AbstractContextManager[Sharing]] = alone
) -> Iterator[list[str]]:
    """Give what is wrong when the call is cut at the first pass of the loop, and at each other."""
    name = f"{CUT}.0"
    with shared() as sharing:
        whole = play(program, sharing)
    for at in range(1, whole.ends[name].passes + 1):
        steps = list(program.steps)
        steps[CUT] = replace(steps[CUT], cut=(way, at))
        with shared() as sharing:
            played = play(replace(program, steps=tuple(steps)), sharing)
        yield [*faults(played), *changed(whole, played, name)]


def changed(whole: Played, played: Played, but: str) -> Iterator[str]:
    """Tell whose outcome differs."""
    for name, end in played.ends.items():
        if name != but and end.outcome != whole.ends[name].outcome:
            yield f"{name}: {end.outcome}"


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("name", PROGRAMS)
def test_a_call_cut_at_any_moment_leaves_nothing_behind_and_changes_nobody_else(
    name: str, way: Way
) -> None:
    found = list(cut(PROGRAMS[name], way))

    assert [fault for faults in found for fault in faults] == []
    assert len(found) > 3


def test_a_call_cut_at_any_moment_changes_nothing_for_other_processes() -> None:
    found = list(cut(PROGRAMS["in line for a place"], "task", in_processes))

    assert [fault for faults in found for fault in faults] == []
    assert len(found) > 3


def test_a_turn_that_is_kept_on_cancel_is_seen() -> None:
    program = PROGRAMS["in line for a place"]

    assert any(cut(program, "task", lambda: nullcontext(in_process(of(KeepsTheTurn)))))
