"""An event loop whose clock is its own: an hour takes a millisecond, and no test sleeps."""

from __future__ import annotations

import asyncio
import selectors
from collections.abc import Coroutine
from typing import Any, TypeVar

T = TypeVar("T")


class _Selector(selectors.DefaultSelector):
    """Instead of waiting for a socket, lets the time pass."""

    loop: VirtualLoop

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        ready = super().select(0)
        if not ready and timeout is None:
            message = "everything waits for something that will never happen"
            raise RuntimeError(message)
        if not ready and timeout:
            self.loop.now += timeout
        return ready


class VirtualLoop(asyncio.SelectorEventLoop):
    """A loop on which time passes only when everyone waits. No threads, no network."""

    def __init__(self, start: float = 1_000.0) -> None:
        self.now = start
        selector = _Selector()
        selector.loop = self
        super().__init__(selector)

    def time(self) -> float:
        return self.now


def run(main: Coroutine[Any, Any, T], *, debug: bool = False) -> T:
    """Run *main* to its end on a loop with a clock of its own."""
    with asyncio.Runner(loop_factory=VirtualLoop, debug=debug) as runner:
        return runner.run(main)
