"""Several holders of one file in one process: each acts as a process of its own would.

What a holder does with the file is one synchronous transaction, so on a loop with a clock of its
own their turns are taken as those of processes would be, the same in every run.
"""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import Any

from smsc_async import FileThrottle
from smsc_async._throttle.keys import PLACE, Slot
from smsc_async._transport.admission import Admission
from smsc_async._transport.clock import loop_time
from smsc_async._wire.limits import AT_ONCE, Lane, Rule
from tests.virtual import run

FREE = {"interactive": 0, "bulk": 0}
OFFERED = 0.05  # seconds for which a place is left to the one whose turn it is
SOON = 0.011  # two looks of one who waits
TABLES = ("bucket", "lease", "claim")


def holder(path: Path, *, boot: str = "a", linger: float = 5.0) -> FileThrottle:
    return FileThrottle(path, clock=loop_time, boot=lambda: boot, linger=linger)


def ask(
    *rules: tuple[Rule, str],
    lane: Lane = "interactive",
    max_wait: float = 1_000.0,
    unique: bool = False,
) -> Admission:
    """Ask for a place and a token of each of the *rules* with its key."""
    taken = [Slot(rule, f"{rule} {key}".encode()) for rule, key in rules]
    return Admission("test", (*taken, PLACE), lane, max_wait, unique)


async def admit(throttle: FileThrottle, wanted: Admission | None = None) -> Admission:
    wanted = wanted or ask()
    await throttle.admit(wanted, lambda _: None)
    return wanted


async def fill(throttle: FileThrottle, count: int = AT_ONCE.limit) -> list[Admission]:
    return [await admit(throttle) for _ in range(count)]


def waiting(throttle: FileThrottle, wanted: Admission | None = None) -> asyncio.Task[Admission]:
    return asyncio.ensure_future(admit(throttle, wanted))


def done(throttle: FileThrottle, *wanted: Admission) -> None:
    for each in wanted:
        throttle.leave(each.slots, "done")


def die(throttle: FileThrottle) -> None:
    """End a holder as the system would a process: what it has taken stays in the file."""
    with throttle._lock:
        throttle._close()
        throttle._life.end()
        for timer in throttle._alarms.timers.values():
            timer.cancel()


def rows(path: Path, table: str) -> int:
    db = sqlite3.connect(path)
    try:
        return int(db.execute(f"SELECT COUNT(*) FROM {table}").fetchone()[0])  # noqa: S608 - ours
    finally:
        db.close()


def kept(throttle: FileThrottle) -> list[object]:
    """List what a throttle must not keep when nobody is in flight or waits."""
    alarms = throttle._alarms
    return [*throttle._taken, *throttle._waiting, *alarms.loops, *alarms.timers, *throttle._later]


def now() -> float:
    return asyncio.get_running_loop().time()


def virtual(
    test: Callable[[Path], Coroutine[Any, Any, None]],
) -> Callable[[Path], None]:
    """Run *test* with a path for its file, on a loop with a clock of its own."""

    def ran(tmp_path: Path) -> None:
        run(test(tmp_path / "limits.db"))

    ran.__name__ = test.__name__
    return ran
