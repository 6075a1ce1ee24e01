"""Small things about event loops, of which a process may have several."""

from __future__ import annotations

import asyncio
from typing import TypeAlias

from .._throttle.keys import Slot

Taken: TypeAlias = dict[asyncio.AbstractEventLoop, list[tuple[Slot, ...]]]


def running() -> asyncio.AbstractEventLoop | None:
    """Return the loop that runs in this thread."""
    try:
        return asyncio.get_running_loop()
    except RuntimeError:
        return None


def resolve(future: asyncio.Future[None]) -> None:
    """Wake whoever waits for *future*, if nobody else has."""
    if not future.done():
        future.set_result(None)


def take(taken: Taken, loop: asyncio.AbstractEventLoop, slots: tuple[Slot, ...]) -> None:
    """Note what a call of *loop* has taken."""
    if (here := taken.get(loop)) is None:
        here = taken[loop] = []
    here.append(slots)


def untake(taken: Taken, loop: asyncio.AbstractEventLoop, slots: tuple[Slot, ...]) -> None:
    """Forget what a call of *loop* had taken."""
    here = taken[loop]
    here.remove(slots)
    if not here:
        del taken[loop]


def cancellations() -> int:
    """Return how often the caller was cancelled: once more, and it is not what it waits for."""
    caller = asyncio.current_task()
    return caller.cancelling() if caller else 0
