"""Waking those who wait, each in a loop of its own, when there may be something to do."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable

from .loops import running


class Alarms:
    """A timer in each loop in which someone waits, for the next moment that matters.

    Whoever calls holds *lock*; *ring* is called in one of the loops, without it. *due* returns the
    milliseconds until the next moment, None if there is none.
    """

    def __init__(
        self, lock: threading.Lock, due: Callable[[], float | None], ring: Callable[[], None]
    ) -> None:
        self._lock = lock
        self._due = due
        self._ring = ring
        self.loops: dict[asyncio.AbstractEventLoop, int] = {}  # with how many wait there
        self.timers: dict[asyncio.AbstractEventLoop, asyncio.TimerHandle] = {}

    def join(self, loop: asyncio.AbstractEventLoop) -> None:
        """Note that one more waits in *loop*."""
        self.loops[loop] = self.loops.get(loop, 0) + 1

    def leave(self, loop: asyncio.AbstractEventLoop) -> None:
        """Note that one of *loop* waits no more."""
        self.loops[loop] = self.loops.get(loop, 1) - 1
        if not self.loops[loop]:
            del self.loops[loop]
            if timer := self.timers.pop(loop, None):
                timer.cancel()

    def bury(self) -> None:
        """Forget the loops that were closed."""
        for loop in [loop for loop in self.loops if loop.is_closed()]:
            del self.loops[loop]
            self.timers.pop(loop, None)

    def arm(self) -> None:
        """See to it that each loop with waiters rings at the next moment."""
        if not self.loops or (wait := self._due()) is None:
            return
        here = running()
        for loop in list(self.loops):
            if loop is here:
                self._set(loop, wait)
            elif loop not in self.timers or self.timers[loop].when() > loop.time() + wait / 1000:
                self.soon(loop, self._set_there, loop)

    def soon(
        self, loop: asyncio.AbstractEventLoop, callback: Callable[..., None], *args: object
    ) -> bool:
        """Run *callback* in *loop*; tell whether that loop still lives."""
        try:
            if loop is running():
                loop.call_soon(callback, *args)
            else:
                loop.call_soon_threadsafe(callback, *args)
        except RuntimeError:
            self.loops.pop(loop, None)
            self.timers.pop(loop, None)
            return False
        return True

    def _set(self, loop: asyncio.AbstractEventLoop, wait: float) -> None:
        timer, at = self.timers.get(loop), loop.time() + wait / 1000
        if timer is not None:
            if timer.when() <= at:
                return
            timer.cancel()
        self.timers[loop] = loop.call_at(at, self._ring_in, loop)

    def _set_there(self, loop: asyncio.AbstractEventLoop) -> None:
        with self._lock:
            wait = self._due()
            if wait is not None and loop in self.loops:
                self._set(loop, wait)

    def _ring_in(self, loop: asyncio.AbstractEventLoop) -> None:
        with self._lock:
            self.timers.pop(loop, None)
        self._ring()
