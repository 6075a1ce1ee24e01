"""The harness sees: each fault that is planted is found, and shown as a short program."""

from __future__ import annotations

import asyncio

import pytest
from hypothesis import Phase, find, settings

from smsc_async import Throttle
from tests.virtual import EPOCH

from .laws import faults
from .planted import PLANTED
from .program import Program, Step
from .sharing import in_process, in_processes
from .simulation import play
from .strategies import calm, wild

DAY = 86_400.0
SEEN = settings(derandomize=True, max_examples=200, database=None, phases=[Phase.generate])


@pytest.mark.parametrize("name", PLANTED)
def test_every_planted_fault_is_found_within_two_hundred_programs(name: str) -> None:
    law, made = PLANTED[name]

    def is_seen(program: Program) -> bool:
        found = faults(play(program, in_process(made())))
        return any(fault.startswith(law) for fault in found)

    find(calm if law == "no_time_is_lost" else wild, is_seen, settings=SEEN)


def test_a_fault_is_shown_as_a_short_program_that_can_be_pasted() -> None:
    def is_seen(program: Program) -> bool:
        return faults(play(program, in_process(Throttle(guard=0)))) != []

    found = find(calm, is_seen, settings=settings(derandomize=True, database=None))

    assert repr(found) == "Program((Step('send', times=2),))"
    assert eval(repr(found)) == found  # noqa: S307 - it is our own text
    assert faults(play(Program((Step("send", times=2),)))) == []


def test_a_throttle_that_goes_by_the_clock_on_the_wall_is_seen() -> None:
    program = Program((Step("send"), Step("send", at=31.0)), wall=((30.0, DAY),))

    def wall() -> float:
        passed = asyncio.get_running_loop().time()
        return passed + DAY if passed >= EPOCH + 30.0 else passed

    assert faults(play(program, in_process(Throttle(clock=wall)))) != []


def test_processes_that_share_no_file_are_seen() -> None:
    program = Program((Step("send"), Step("send", client=1)))

    assert faults(play(program, lambda _: Throttle())) != []
    with in_processes() as sharing:
        assert faults(play(program, sharing)) == []
