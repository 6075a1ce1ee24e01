"""An event loop on which time runs faster: real processes and sockets, minutes in seconds."""

from __future__ import annotations

import asyncio
import selectors
from collections.abc import Callable, Coroutine
from typing import Any, Final, TypeVar

from smsc_async._transport.clock import boot_time

T = TypeVar("T")
SPEED: Final = 30  # seconds of the loop in one of the machine


class _Selector(selectors.DefaultSelector):
    """Waits less than it is told, and counts how often."""

    on_pass: Callable[[int], object] | None = None
    passes = 0

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        self.passes += 1
        if self.on_pass is not None:
            self.on_pass(self.passes)
        return super().select(timeout and timeout / SPEED)


class QuickLoop(asyncio.SelectorEventLoop):
    """A loop with a clock that is :data:`SPEED` times as fast as the machine's.

    *on_pass* hears the number of each pass.
    """

    def __init__(self, on_pass: Callable[[int], object] | None = None) -> None:
        selector = _Selector()
        selector.on_pass = on_pass
        super().__init__(selector)

    def time(self) -> float:
        return super().time() * SPEED


def quick_boot_time() -> float:
    """Return the seconds since the machine was started, by the same fast clock."""
    return boot_time() * SPEED


def run(main: Coroutine[Any, Any, T], on_pass: Callable[[int], object] | None = None) -> T:
    """Run *main* to its end on such a loop."""
    with asyncio.Runner(loop_factory=lambda: QuickLoop(on_pass)) as runner:
        return runner.run(main)
