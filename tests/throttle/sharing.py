"""Which throttle each client uses: one for all, or one of its own over a file that all share."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TypeAlias

from smsc_async import FileThrottle, Throttle
from smsc_async._transport.clock import loop_time

# Gives each client, by its number, the throttle that it is to use.
Sharing: TypeAlias = Callable[[int], Throttle]


def in_process(throttle: Throttle) -> Sharing:
    """Let all clients share one throttle."""
    return lambda _: throttle


@contextlib.contextmanager
def in_processes() -> Iterator[Sharing]:
    """Let each client have a throttle of its own, as in its own process, over one file."""
    made: list[FileThrottle] = []

    def throttle(_: int) -> Throttle:
        made.append(FileThrottle(path, clock=loop_time, boot=lambda: "boot"))
        return made[-1]

    with TemporaryDirectory() as folder:
        path = Path(folder, "limits.db")
        try:
            yield throttle
        finally:
            for one in made:
                one.close()


def held(throttle: Throttle) -> list[str]:
    """Tell what of *throttle* is taken, and who waits there."""
    now = throttle.snapshot()
    found = {
        "in flight": now.in_flight,
        "lingering": now.lingering,
        "waiting": sum(now.waiting.values()),
        "standing": len(now.standing),
        "waiters": len(throttle._waiting),
        "taken": len(throttle._taken),
        "loops": len(throttle._alarms.loops),
        "timers": len(throttle._alarms.timers),
    }
    return [f"{count} {name}" for name, count in found.items() if count]
