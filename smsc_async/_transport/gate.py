"""Waiting for one's turn: the thin, waking half of the throttle.

All clients of one account and host family in a process share a gate, across event loops and
threads. The line is guarded by a lock and decides; each waiter is woken in its own loop.
"""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable
from typing import Literal

import anyio

from .._events import Event
from .._throttle.keys import Slot
from .._throttle.ledger import Ledger
from .._throttle.line import Line, Snapshot
from .._throttle.queue import Entry, Refusal
from .._wire.limits import MINUTE, Lane, Per
from ..errors import DuplicateSend, Throttled
from .admission import Admission
from .clock import loop_time
from .loops import resolve, running

_LOOK = 1_000  # ms between two looks at loops that may have been closed


class Gate:
    """A line before some limits, for waiters of any loop and thread.

    *buried* says how the calls of a loop that was closed under them are taken to have ended.
    """

    def __init__(
        self,
        *,
        guard: float = 1.0,
        linger: float = 5.0,
        clock: Callable[[], float] = loop_time,
        buried: Literal["lost", "undo"] = "lost",
    ) -> None:
        self._buried: Literal["lost", "undo"] = buried
        self._line = Line(Ledger(round(guard * 1000), round(linger * 1000)))
        self._clock = clock
        self._lock = threading.Lock()
        # Loops in which someone waits, with their number; written under the lock.
        self._loops: dict[asyncio.AbstractEventLoop, int] = {}
        self._timers: dict[asyncio.AbstractEventLoop, tuple[int, asyncio.TimerHandle]] = {}
        # Who waits, by owner, and what each loop's calls have taken: a loop that is closed in the
        # middle never gives it back. Both are written under the lock.
        self._waiting: dict[Entry, object] = {}
        self._taken: dict[asyncio.AbstractEventLoop, list[tuple[Slot, ...]]] = {}

    def snapshot(self) -> Snapshot:
        """Tell what is in flight, what waits, and for what; call it where an event loop runs."""
        with self._lock:
            return self._line.snapshot(self._now())

    def opens(self, slots: tuple[Slot, ...], lane: Lane) -> float:
        """Return the seconds until the windows let a new call start, as things stand."""
        with self._lock:
            return self._line.opens(Entry(slots, lane), self._now()) / 1000

    @property
    def guard(self) -> float:
        """The seconds that are added to each window of the service."""
        return self._line.ledger.guard / 1000

    def widen(self, *, guard: float, linger: float) -> None:
        """Be at least as careful as a client asks."""
        with self._lock:
            self._line.ledger.widen(round(guard * 1000), round(linger * 1000))

    async def admit(self, ask: Admission, tell: Callable[[Event], None]) -> bool:
        """Wait until the call may start; False says that its owner was turned away.

        Raise :class:`Throttled` when that cannot be within ``max_wait``, :class:`DuplicateSend`
        for the twin of a send.
        """
        loop = asyncio.get_running_loop()
        entry = Entry(ask.slots, ask.lane, ask.unique)
        expected = None
        with self._lock:
            begun = self._now()
            self._bury()
            decided = self._line.enter(entry, begun, ask.max_wait * 1000)
            if entry.fate is None:
                entry.tag = (loop, loop.create_future())
                self._waiting[entry] = ask.owner
                self._loops[loop] = self._loops.get(loop, 0) + 1
                expected = self._line.retry_after(entry, begun)
            elif entry.fate == "admitted":
                self._taken.setdefault(loop, []).append(entry.slots)
            self._wake(decided)
        if expected is not None:
            try:
                tell(Event("waiting", ask.operation, str(expected.rule), expected.wait / 1000))
                await self._wait(entry, ask.max_wait)
                if entry.fate == "admitted":
                    seconds = self._since(begun)
                    tell(Event("admitted", ask.operation, seconds=seconds))
            except GeneratorExit:
                # Collected with its closed loop, perhaps while the lock is held: see _bury.
                raise
            except BaseException:
                self._abandon(entry)
                self._forget(loop, entry)
                raise
            self._forget(loop, entry)
        if isinstance(entry.fate, Refusal):
            rule, seconds = entry.fate.rule, entry.fate.wait / 1000
            kind = DuplicateSend if ask.unique and rule.per is Per.REQUEST else Throttled
            raise kind(ask.operation, seconds, str(rule))
        return entry.fate == "admitted"

    def turn_away(self, which: Callable[[Entry, object], bool]) -> None:
        """End the waiting of the calls that *which* says, of each entry and its owner."""
        with self._lock:
            now = self._now()
            for entry in [entry for entry, whose in self._waiting.items() if which(entry, whose)]:
                if entry.fate is None:
                    self._wake(self._line.drop(entry, now))
                    resolve(entry.tag[1])

    def leave(self, slots: tuple[Slot, ...], how: Literal["done", "lost", "undo"]) -> None:
        """Note how a call that was admitted ended."""
        with self._lock:
            self._untake(asyncio.get_running_loop(), slots)
            self._wake(self._line.leave(slots, self._now(), how))

    def count(self, slots: tuple[Slot, ...]) -> None:
        """Count what happened without having asked; what is full stays as full as it is."""
        with self._lock:
            now = self._now()
            for slot in slots:
                if not self._line.ledger.take([slot], now):
                    self._line.ledger.done([slot], now)

    def clear(self, slot: Slot) -> None:
        """Forget what counts against *slot*."""
        with self._lock:
            self._wake(self._line.clear(slot, self._now()))

    def wait(self, slot: Slot) -> float:
        """Return the seconds until *slot* can be had; infinite while it hangs on an answer."""
        with self._lock:
            return self._line.ledger.wait(slot, self._now()) / 1000

    def seize(self, slots: tuple[Slot, ...]) -> bool:
        """Take *slots* past those in line, if they can be had now; tell whether they could."""
        loop = asyncio.get_running_loop()
        with self._lock:
            self._bury()
            taken = self._line.seize(slots, self._now())
            if taken:
                self._taken.setdefault(loop, []).append(slots)
            return taken

    def pause(self, seconds: float) -> None:
        """Let nothing start for *seconds*."""
        with self._lock:
            self._line.pause(self._now(), round(seconds * 1000))

    def fill(self, slots: tuple[Slot, ...]) -> None:
        """Believe the service that the minute windows of *slots* are full.

        Its answer does not say which rule it means; the hours are left alone, for believing in a
        full one would stop an operation for as long.
        """
        with self._lock:
            now = self._now()
            for slot in slots:
                if slot.rule.window == MINUTE and not slot.rule.chain:
                    self._line.ledger.fill(slot, now)

    async def _wait(self, entry: Entry, max_wait: float) -> None:
        with anyio.move_on_after(max_wait):
            await entry.tag[1]
        with self._lock:
            if entry.fate is None:
                now = self._now()
                refusal = self._line.retry_after(entry, now)
                self._wake(self._line.drop(entry, now))
                entry.fate = refusal

    def _abandon(self, entry: Entry) -> None:
        with self._lock:
            if entry.fate == "admitted":
                self._untake(entry.tag[0], entry.slots)
            self._wake(self._line.drop(entry, self._now()))

    def _untake(self, loop: asyncio.AbstractEventLoop, slots: tuple[Slot, ...]) -> None:
        """Forget what a call of *loop* had taken; the lock is held."""
        taken = self._taken[loop]
        taken.remove(slots)
        if not taken:
            del self._taken[loop]

    def _bury(self) -> None:
        """Take back what closed loops had taken, and their places in line; the lock is held.

        Their requests may have left.
        """
        for entry in [entry for entry in self._waiting if entry.tag[0].is_closed()]:
            del self._waiting[entry]
            if entry.fate is None:
                self._wake(self._line.drop(entry, self._now()))
        for loop in [loop for loop in self._taken if loop.is_closed()]:
            for slots in self._taken.pop(loop):
                self._wake(self._line.leave(slots, self._now(), self._buried))
        for loop in [loop for loop in self._loops if loop.is_closed()]:
            del self._loops[loop]
            self._timers.pop(loop, None)

    def _wake(self, decided: list[Entry]) -> None:
        """Tell each decided one, in its own loop; the lock is held."""
        for entry in decided:
            if entry.tag is None:
                continue  # it is being decided in its own call
            loop, future = entry.tag
            if entry.fate == "admitted":
                self._taken.setdefault(loop, []).append(entry.slots)
            if loop is running():
                resolve(future)
            elif not self._soon(loop, resolve, future) and entry.fate == "admitted":
                # Its loop is closed: nobody will ever start this one.
                self._untake(loop, entry.slots)
                decided.extend(self._line.drop(entry, self._now()))
        self._arm()

    def _arm(self) -> None:
        """See to it that each loop with waiters looks again when the next window opens."""
        due = self._next_look()
        if due is None:
            return
        for loop in list(self._loops):
            if loop not in self._timers or self._timers[loop][0] > due:
                self._soon(loop, self._set_timer, loop)

    def _next_look(self) -> int | None:
        """Return when something may have changed of which nobody tells."""
        due = self._line.next_due()
        if self._taken.keys() - self._loops.keys():  # loops that may be closed in the middle
            look = self._now() + _LOOK
            due = look if due is None else min(due, look)
        return due

    def _set_timer(self, loop: asyncio.AbstractEventLoop) -> None:
        with self._lock:
            due = self._next_look()
            set_to, handle = self._timers.get(loop, (0, None))
            if due is None or loop not in self._loops or (handle and set_to <= due):
                return
            if handle:
                handle.cancel()
            delay = max(0, due - self._now()) / 1000
            self._timers[loop] = (due, loop.call_later(delay, self._look_again, loop))

    def _look_again(self, loop: asyncio.AbstractEventLoop) -> None:
        with self._lock:
            self._timers.pop(loop, None)
            self._bury()
            self._wake(self._line.advance(self._now()))

    def _forget(self, loop: asyncio.AbstractEventLoop, entry: Entry) -> None:
        with self._lock:
            del self._waiting[entry]
            self._loops[loop] = self._loops.get(loop, 1) - 1
            if not self._loops[loop]:
                del self._loops[loop]
                _, timer = self._timers.pop(loop, (0, None))
                if timer:
                    timer.cancel()

    def _soon(
        self, loop: asyncio.AbstractEventLoop, callback: Callable[..., None], *args: object
    ) -> bool:
        """Run *callback* in *loop*; tell whether that loop still lives. The lock is held."""
        try:
            if loop is running():
                loop.call_soon(callback, *args)
            else:
                loop.call_soon_threadsafe(callback, *args)
        except RuntimeError:
            self._loops.pop(loop, None)
            self._timers.pop(loop, None)
            return False
        return True

    def _since(self, begun: int) -> float:
        return (self._now() - begun) / 1000

    def _now(self) -> int:
        return int(self._clock() * 1000)
