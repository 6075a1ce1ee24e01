"""Each loop in which someone waits is woken in time, whichever loop sees what is next."""

from __future__ import annotations

import asyncio
import threading

import pytest

from smsc_async._transport.alarms import Alarms
from tests.virtual import VirtualLoop, run


class Rung:
    """Alarms that ring after *wait* milliseconds, and the moments at which they rang."""

    def __init__(self, wait: float | None) -> None:
        self.wait = wait
        self.at: list[float] = []
        self.alarms = Alarms(threading.Lock(), lambda: self.wait, self._ring)

    def _ring(self) -> None:
        self.at.append(asyncio.get_running_loop().time())


@pytest.fixture
def other() -> VirtualLoop:
    return VirtualLoop(start=5_000.0)


def test_one_who_waits_in_another_loop_is_woken_there(other: VirtualLoop) -> None:
    rung = Rung(2_000)
    rung.alarms.join(other)

    async def seen_here() -> None:
        rung.alarms.arm()

    run(seen_here())
    other.run_until_complete(asyncio.sleep(1))
    assert rung.at == []
    other.run_until_complete(asyncio.sleep(2))
    assert rung.at == [5_002.0]
    other.close()


def test_an_alarm_that_is_set_is_moved_forward_but_not_back(other: VirtualLoop) -> None:
    rung = Rung(2_000)

    async def main() -> None:
        rung.alarms.join(asyncio.get_running_loop())
        for wait in (2_000, 1_000, 3_000):
            rung.wait = wait
            rung.alarms.arm()
        await asyncio.sleep(5)

    other.run_until_complete(main())
    assert rung.at == [5_001.0]
    other.close()


def test_nothing_rings_for_those_who_are_gone(other: VirtualLoop) -> None:
    rung = Rung(1_000)

    async def main() -> None:
        loop = asyncio.get_running_loop()
        rung.alarms.join(loop)
        rung.alarms.arm()
        rung.alarms.leave(loop)
        await asyncio.sleep(5)

    other.run_until_complete(main())
    assert rung.at == []
    assert not rung.alarms.timers
    other.close()


def test_a_loop_that_nobody_waits_in_any_more_is_not_woken(other: VirtualLoop) -> None:
    rung = Rung(1_000)
    rung.alarms.join(other)

    async def seen_here() -> None:
        rung.alarms.arm()
        rung.alarms.leave(other)

    run(seen_here())
    other.run_until_complete(asyncio.sleep(5))
    assert rung.at == []
    other.close()


@pytest.mark.parametrize("way", ["arm", "bury"])
def test_a_loop_that_was_closed_is_forgotten(other: VirtualLoop, way: str) -> None:
    rung = Rung(1_000)
    rung.alarms.join(other)
    other.close()

    async def seen_here() -> None:
        getattr(rung.alarms, way)()

    run(seen_here())
    assert not rung.alarms.loops


def test_where_nothing_is_due_no_alarm_is_set(other: VirtualLoop) -> None:
    rung = Rung(None)
    rung.alarms.join(other)

    async def seen_here() -> None:
        rung.alarms.arm()

    run(seen_here())
    assert not rung.alarms.timers
    other.close()
