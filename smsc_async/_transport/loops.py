"""Small things about event loops, of which a process may have several."""

from __future__ import annotations

import asyncio


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
