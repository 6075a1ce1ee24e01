"""What a file tells of a login is what a process alone would tell."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from smsc_async import FileThrottle, Snapshot, Throttle
from smsc_async._throttle.keys import PLACE, Slot
from smsc_async._transport.admission import Admission
from smsc_async._wire.limits import IDENTICAL, ONE_IDENTICAL
from tests.virtual import run

TWINS = (Slot(IDENTICAL, b"twins"), PLACE)
OTHERS = (Slot(IDENTICAL, b"others"), PLACE)
ALONE = (Slot(ONE_IDENTICAL, b"alone"), PLACE)


async def admit(throttle: Throttle, slots: tuple[Slot, ...]) -> None:
    await throttle.admit(Admission("test", slots, "bulk", 75.0, unique=False), lambda _: None)


async def seen(throttle: Throttle) -> Snapshot:
    """Use up some, at different times, and let others wait."""
    for slots in (TWINS, OTHERS):
        for _ in range(3):
            await admit(throttle, slots)
            throttle.leave(slots, "done")
            await asyncio.sleep(5)
    await admit(throttle, ALONE)  # and no answer comes
    wanted = (TWINS, TWINS, OTHERS, ALONE)
    waiting = [asyncio.ensure_future(admit(throttle, slots)) for slots in wanted]
    await asyncio.sleep(0.5)
    try:
        return throttle.snapshot()
    finally:
        for task in waiting:
            task.cancel()
        await asyncio.wait(waiting)


def test_a_file_tells_for_what_they_wait_as_a_process_alone_does(tmp_path: Path) -> None:
    async def main() -> tuple[Snapshot, Snapshot]:
        clock = asyncio.get_running_loop().time
        shared = FileThrottle(tmp_path / "smsc.db", clock=clock)
        return await seen(Throttle()), await seen(shared)

    alone, shared = run(main())

    told = {standing.rule: standing for standing in alone.standing}
    assert {standing.rule for standing in shared.standing} == told.keys()
    for standing in shared.standing:
        expected = told[standing.rule]
        assert standing.waiting == expected.waiting
        assert standing.seconds == pytest.approx(expected.seconds, abs=0.01)
    assert (shared.waiting, shared.in_flight) == (alone.waiting, alone.in_flight)


def test_for_a_place_that_is_kept_for_others_one_waits_without_knowing_how_long() -> None:
    async def main() -> Snapshot:
        throttle = Throttle()
        first = Admission("test", (PLACE,), "interactive", 75.0, unique=False)
        for _ in range(12):
            await throttle.admit(first, lambda _: None)
        waiting = asyncio.ensure_future(admit(throttle, (PLACE,)))
        await asyncio.sleep(0.5)
        found = throttle.snapshot()
        waiting.cancel()
        return found

    (standing,) = run(main()).standing

    assert (standing.waiting, standing.seconds) == (1, None)
