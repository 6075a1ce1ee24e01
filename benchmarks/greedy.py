"""How many starts a limiter admits in the worst minute, on a clock of its own."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from unittest import mock

from tests.virtual import VirtualLoop

from .judge import worst_window
from .peers import MINUTE, Peer

LIMIT = 3
CALLERS = 6
HORIZON = 5 * MINUTE
PAUSE = 0.25  # of a caller that was sent away


def worst(make: Callable[[], Peer]) -> int:
    """Return the most starts in any minute of a limiter of three a minute.

    One call starts; after a while in which nobody asks, six callers want as many as they can get.
    """
    return max(worst_window(_starts(make, idle), MINUTE) for idle in range(0, MINUTE + 10, 5))


def _starts(make: Callable[[], Peer], idle: float) -> list[float]:
    loop, starts = VirtualLoop(), list[float]()

    async def caller(peer: Peer) -> None:
        while True:
            if await peer.acquire("key", LIMIT):
                starts.append(loop.time())
            else:
                await asyncio.sleep(PAUSE)

    async def main() -> None:
        peer = make()
        await peer.acquire("key", LIMIT)
        starts.append(loop.time())
        await asyncio.sleep(idle)
        callers = [asyncio.create_task(caller(peer)) for _ in range(CALLERS)]
        await asyncio.sleep(HORIZON)
        others = asyncio.all_tasks() - {asyncio.current_task()}  # also those of the library
        for task in others:
            task.cancel()
        await asyncio.gather(*callers, *others, return_exceptions=True)

    def nanoseconds() -> int:
        return int(loop.time() * 1e9)

    # Some peers have no seam for the clock, so the clock itself is changed, here alone.
    with (
        mock.patch.object(time, "time", loop.time),
        mock.patch.object(time, "monotonic", loop.time),
        mock.patch.object(time, "monotonic_ns", nanoseconds),
    ):
        try:
            loop.run_until_complete(main())
        finally:
            loop.close()  # not through a runner, which waits for threads: their time stands still
    return starts
