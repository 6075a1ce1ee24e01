"""Processes that share a login through one file: what holds for one holds for all of them.

Real processes and real sockets, and so real time: what the service saw is judged, never how long
it took.
"""

from __future__ import annotations

import sys

import pytest

from benchmarks.crew import FIRST, KILLED, LINGER, NEXT, Plan, work
from benchmarks.judge import held, most_at_once
from smsc_async._wire.limits import AT_ONCE

PLAN = Plan(latency=0.2, steady=2, after=LINGER + 3)


@pytest.mark.skipif(sys.platform == "win32", reason="this system cannot kill so")
async def test_no_limit_is_tripped_and_the_places_of_the_killed_come_back_but_not_early() -> None:
    outcome = await work(PLAN)
    seen, kill = outcome.arrivals, min(outcome.killed.values())
    underway = [one for one in seen if one.worker in KILLED and one.begun <= kill < one.ended]
    later = [one for one in seen if one.begun >= max(outcome.killed.values()) + LINGER]

    assert [one for one in seen if one.code] == []
    assert outcome.errors == []
    assert {one.worker for one in seen} == {*FIRST, *NEXT}
    assert underway
    assert most_at_once(held(seen, outcome.killed, LINGER)) <= AT_ONCE.limit
    assert most_at_once(later) == AT_ONCE.limit
