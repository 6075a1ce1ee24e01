"""Waiting for one's turn: the thin, waking half of the throttle.

All clients of one account and host family in a process share a gate, across event loops and
threads. The line is guarded by a lock and decides; each waiter is woken in its own loop.
"""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable
from typing import Literal, TypeVar

import anyio

from .._events import Event
from .._throttle.keys import Slot
from .._throttle.ledger import Ledger
from .._throttle.line import Line
from .._throttle.queue import Entry, Refusal
from .._throttle.snapshot import Snapshot, snapshot
from .._wire.limits import MINUTE, Lane, Per
from ..errors import DuplicateSend, Throttled
from .admission import Admission
from .alarms import Alarms
from .clock import loop_time
from .loops import resolve, running

T = TypeVar("T")

_LOOK = 1_000  # ms between two looks at what nobody tells of: loops that may have been closed


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
        self._alarms = Alarms(self._lock, self._due, self._look_again)
        # Who waits, by owner, and what each loop's calls have taken: a loop that is closed in the
        # middle never gives it back. Both are written under the lock.
        self._waiting: dict[Entry, object] = {}
        self._taken: dict[asyncio.AbstractEventLoop, list[tuple[Slot, ...]]] = {}

    def snapshot(self) -> Snapshot:
        """Tell what is in flight, what waits, and for what; call it where an event loop runs."""
        with self._lock:
            return self._decide(lambda now: snapshot(self._line, now))

    def opens(self, slots: tuple[Slot, ...], lane: Lane) -> float:
        """Return the seconds until the windows let a new call start, as things stand."""
        with self._lock:
            return self._decide(lambda now: self._line.opens(Entry(slots, lane), now)) / 1000

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
        with self._lock:
            if len(self._taken) > (loop in self._taken):  # other loops, which may be closed
                self._bury()
            clock = self._clock
            now = int((loop.time() if clock is loop_time else clock()) * 1000)
            if self._line.start(ask.slots, ask.lane, now):
                self._take(loop, ask.slots)
                return True
        return await self._stand(ask, loop, tell)

    def turn_away(self, which: Callable[[Entry, object], bool]) -> None:
        """End the waiting of the calls that *which* says, of each entry and its owner."""
        with self._lock:
            for entry in [entry for entry, whose in self._waiting.items() if which(entry, whose)]:
                if entry.fate is None:
                    self._drop(entry)
                    resolve(entry.tag[1])

    def leave(self, slots: tuple[Slot, ...], how: Literal["done", "lost", "undo"]) -> None:
        """Note how a call that was admitted ended."""
        with self._lock:
            self._untake(asyncio.get_running_loop(), slots)
            self._wake(self._decide(lambda now: self._line.leave(slots, now, how)))

    def count(self, slots: tuple[Slot, ...]) -> None:
        """Count what happened without having asked; what is full stays as full as it is."""
        with self._lock:
            self._decide(lambda now: self._line.ledger.count(slots, now))

    def clear(self, slot: Slot) -> None:
        """Forget what counts against *slot*."""
        with self._lock:
            self._wake(self._decide(lambda now: self._line.clear(slot, now)))

    def wait(self, slot: Slot) -> float:
        """Return the seconds until *slot* can be had; infinite while it hangs on an answer."""
        with self._lock:
            return self._decide(lambda now: self._line.ledger.wait(slot, now)) / 1000

    def seize(self, slots: tuple[Slot, ...]) -> bool:
        """Take *slots* past those in line, if they can be had now; tell whether they could."""
        loop = asyncio.get_running_loop()
        with self._lock:
            self._bury()
            taken = self._decide(lambda now: self._line.seize(slots, now))
            if taken:
                self._take(loop, slots)
            return taken

    def pause(self, seconds: float) -> None:
        """Let nothing start for *seconds*."""
        with self._lock:
            self._decide(lambda now: self._line.ledger.pause(now, round(seconds * 1000)))

    def fill(self, slots: tuple[Slot, ...]) -> None:
        """Believe the service that the minute windows of *slots* are full.

        Its answer does not say which rule it means; the hours are left alone, for believing in a
        full one would stop an operation for as long.
        """
        minutes = [slot for slot in slots if slot.rule.window == MINUTE and not slot.rule.chain]
        with self._lock:
            self._decide(lambda now: self._line.ledger.fill(minutes, now))

    def shrink(self, slots: tuple[Slot, ...]) -> int:
        """Believe the service that the call with these *slots* was one too many at once.

        Returns how many are taken to be allowed; that grows back with the answers.
        """
        place = next(slot for slot in slots if not slot.rule.window)
        with self._lock:
            return self._decide(lambda now: self._line.ledger.shrink(place, now))

    def _decide(self, decision: Callable[[int], T]) -> T:
        """Ask the line or its ledger, at the time it is; the lock is held."""
        return decision(self._now())

    async def _stand(
        self, ask: Admission, loop: asyncio.AbstractEventLoop, tell: Callable[[Event], None]
    ) -> bool:
        """Enter the line, and wait there."""
        entry = Entry(ask.slots, ask.lane, ask.unique)

        def enter(now: int) -> tuple[list[Entry], Refusal | None]:
            decided = self._line.enter(entry, now, ask.max_wait * 1000)
            waits = entry.fate is None
            return decided, self._line.retry_after(entry, now) if waits else None

        with self._lock:
            self._bury()
            begun = self._now()
            decided, expected = self._decide(enter)
            if expected is not None:
                entry.tag = (loop, loop.create_future())
                self._waiting[entry] = ask.owner
                self._alarms.join(loop)
            elif entry.fate == "admitted":
                self._take(loop, entry.slots)
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

    async def _wait(self, entry: Entry, max_wait: float) -> None:
        with anyio.move_on_after(max_wait):
            await entry.tag[1]
        with self._lock:
            if entry.fate is None:
                refusal = self._decide(lambda now: self._line.retry_after(entry, now))
                self._drop(entry)
                entry.fate = refusal

    def _abandon(self, entry: Entry) -> None:
        with self._lock:
            if entry.fate == "admitted":
                self._untake(entry.tag[0], entry.slots)
            self._drop(entry)

    def _drop(self, entry: Entry) -> None:
        self._wake(self._decide(lambda now: self._line.drop(entry, now)))

    def _take(self, loop: asyncio.AbstractEventLoop, slots: tuple[Slot, ...]) -> None:
        """Note what a call of *loop* has taken; the lock is held."""
        if (taken := self._taken.get(loop)) is None:
            taken = self._taken[loop] = []
        taken.append(slots)

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
                self._drop(entry)
        for loop in [loop for loop in self._taken if loop.is_closed()]:
            for slots in self._taken.pop(loop):
                self._end(slots)
        self._alarms.bury()

    def _end(self, slots: tuple[Slot, ...]) -> None:
        self._wake(self._decide(lambda now: self._line.leave(slots, now, self._buried)))

    def _wake(self, decided: list[Entry]) -> None:
        """Tell each decided one, in its own loop; the lock is held."""
        for entry in decided:
            if entry.tag is None:
                continue  # it is being decided in its own call
            loop, future = entry.tag
            if entry.fate == "admitted":
                self._take(loop, entry.slots)
            if loop is running():
                resolve(future)
            elif not self._alarms.soon(loop, resolve, future) and entry.fate == "admitted":
                # Its loop is closed: nobody will ever start this one.
                self._untake(loop, entry.slots)
                self._drop(entry)
        if self._alarms.loops:
            self._alarms.arm()

    def _due(self) -> float | None:
        """Return the milliseconds until something may have changed of which nobody tells."""
        due = self._line.next_due()
        wait = None if due is None else max(0, due - self._now())
        if self._taken.keys() - self._alarms.loops.keys():  # they may be closed in the middle
            wait = _LOOK if wait is None else min(wait, _LOOK)
        return wait

    def _look_again(self) -> None:
        with self._lock:
            self._bury()
            self._wake(self._decide(self._line.advance))

    def _forget(self, loop: asyncio.AbstractEventLoop, entry: Entry) -> None:
        with self._lock:
            del self._waiting[entry]
            self._alarms.leave(loop)

    def _since(self, begun: int) -> float:
        return (self._now() - begun) / 1000

    def _now(self) -> int:
        return int(self._clock() * 1000)
