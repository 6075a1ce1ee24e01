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

from .._throttle.keys import Slot
from .._throttle.ledger import Common, Ledger
from .._throttle.line import Line
from .._throttle.queue import Entry, Refusal
from .._throttle.snapshot import Snapshot, snapshot
from .._wire.limits import Lane, Per
from ..errors import DuplicateSend, Throttled, ThrottleUnavailable
from .admission import Admission
from .alarms import Alarms
from .clock import loop_time
from .loops import Taken, resolve, running, take, untake

T = TypeVar("T")

LOOK = 1_000  # ms between two looks at what nobody tells of: loops that may have been closed


class Unreachable(Exception):
    """What is known of the limits cannot be read now, or written, and why."""


class Gate:
    """A line before some limits; *buried* says how the calls of a closed loop are taken to end."""

    is_shared = False  # with other processes: then no decision is made but in _decide

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
        self._why = ""  # why those are turned away whose fate is lost
        self._clock = clock
        self._lock = threading.Lock()
        self._alarms = Alarms(self._lock, self._due, self._look_again)
        # Who waits, by owner, and what each loop's calls have taken: a loop that is closed in the
        # middle never gives it back. Both are written under the lock.
        self._waiting: dict[Entry, object] = {}
        self._taken: Taken = {}

    def snapshot(self) -> Snapshot:
        """Tell what is in flight, what waits, and for what; call it where an event loop runs."""
        with self._lock:
            return self._decide(lambda now: snapshot(self._line, now))

    def opens(self, slots: tuple[Slot, ...], lane: Lane) -> float:
        """Return the seconds until the windows let a new call start, as far as is known."""
        with self._lock:
            return self._known(lambda now: self._line.opens(Entry(slots, lane), now), 0.0) / 1000

    @property
    def guard(self) -> float:
        """The seconds that are added to each window of the service."""
        return self._line.ledger.guard / 1000

    def widen(self, *, guard: float, linger: float) -> None:
        """Be at least as careful as a client asks."""
        with self._lock:
            self._line.ledger.widen(round(guard * 1000), round(linger * 1000))

    async def admit(self, ask: Admission, waits: Callable[[Refusal], None]) -> bool:
        """Wait until the call may start; False says that its owner was turned away.

        *waits* is told what it must wait for, if it must. Raise :class:`Throttled` when that cannot
        be within ``max_wait``, :class:`DuplicateSend` for the twin of a send,
        :class:`ThrottleUnavailable` where the limits are not known.
        """
        loop = asyncio.get_running_loop()
        with self._lock:
            if len(self._taken) > (loop in self._taken):  # other loops, which may be closed
                self._bury()
            clock = self._clock
            now = int((loop.time() if clock is loop_time else clock()) * 1000)
            if not self.is_shared and self._line.start(ask.slots, ask.lane, now):
                take(self._taken, loop, ask.slots)
                return True
        try:
            return await self._stand(ask, loop, waits)
        except Unreachable as error:
            reason = f"the shared limits cannot be used: {error}"
            raise ThrottleUnavailable(ask.operation, reason) from None

    def arrive(self) -> int:
        """Keep a turn in line: return its number; 0, none, where others stand in line too."""
        with self._lock:
            return 0 if self.is_shared else self._line.arrive()

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
            untake(self._taken, asyncio.get_running_loop(), slots)
            self._leave(slots, how)

    def clear(self, slot: Slot) -> None:
        """Forget what counts against *slot*."""
        with self._lock:
            self._note(lambda now: self._line.clear(slot, now))

    @property
    def common(self) -> Common:
        """What is known of the login beside its tokens, as it was read last."""
        return self._line.ledger.common

    def note(self, fact: Callable[[Ledger, int], None]) -> None:
        """Write down what happened, now, that lets nobody in."""
        with self._lock:
            self._note(lambda now: fact(self._line.ledger, now))

    def wait(self, slot: Slot) -> float:
        """Return the seconds until *slot* can be had, as far as is known."""
        with self._lock:
            return self._known(lambda now: self._line.ledger.wait(slot, now), 0.0) / 1000

    def seize(self, slots: tuple[Slot, ...]) -> bool:
        """Take *slots* past those in line, if they can be had now; tell whether they could."""
        loop = asyncio.get_running_loop()
        with self._lock:
            self._bury()
            if taken := self._known(lambda now: self._line.seize(slots, now), otherwise=False):
                take(self._taken, loop, slots)
            return taken

    def pause(self, seconds: float) -> None:
        """Let nothing start for *seconds*."""
        self.note(lambda ledger, now: ledger.pause(now, round(seconds * 1000)))

    def fill(self, slots: tuple[Slot, ...]) -> None:
        """Believe the service that the minute windows of *slots* are full."""
        self.note(lambda ledger, now: ledger.fill(slots, now))

    def shrink(self, slots: tuple[Slot, ...]) -> None:
        """Believe the service that the call with these *slots* was one too many at once.

        There are fewer places then, which grow back with the answers.
        """
        self.note(lambda ledger, now: ledger.shrink(slots, now))

    def _decide(self, decision: Callable[[int], T]) -> T:
        """Ask the line or its ledger, at the time it is; the lock is held.

        Raises :class:`Unreachable`.
        """
        return decision(self._now())

    def _known(self, decision: Callable[[int], T], otherwise: T) -> T:
        try:
            return self._decide(decision)
        except Unreachable:
            return otherwise

    def _note(self, fact: Callable[[int], list[Entry] | None]) -> None:
        """Tell the line or its ledger what happened; the lock is held."""
        self._wake(fact(self._now()) or [])

    async def _stand(
        self, ask: Admission, loop: asyncio.AbstractEventLoop, waits: Callable[[Refusal], None]
    ) -> bool:
        """Enter the line, and wait there."""
        entry = Entry(ask.slots, ask.lane, ask.unique, number=ask.number)

        def enter(now: int) -> tuple[list[Entry], Refusal | None]:
            decided = self._line.enter(entry, now, ask.max_wait * 1000)
            return decided, None if entry.fate else self._line.expected(entry, now)

        with self._lock:
            self._bury()
            decided, expected = self._decide(enter)
            if expected is not None:
                entry.tag = (loop, loop.create_future())
                self._waiting[entry] = ask.owner
                self._alarms.join(loop)
            elif entry.fate == "admitted":
                take(self._taken, loop, entry.slots)
            self._wake(decided)
        if expected is not None:
            try:
                waits(expected)
                await self._wait(entry, ask.max_wait)
            except GeneratorExit:
                # Collected with its closed loop, perhaps while the lock is held: see _bury.
                raise
            except BaseException:
                self._abandon(entry)
                self._forget(loop, entry)
                raise
            self._forget(loop, entry)
        if entry.fate == "lost":
            raise Unreachable(self._why)
        if isinstance(entry.fate, Refusal):
            rule, seconds = entry.fate.rule, entry.fate.wait / 1000
            kind = DuplicateSend if ask.unique and rule.per is Per.REQUEST else Throttled
            raise kind(ask.operation, seconds, str(rule))
        return entry.fate == "admitted"

    async def _wait(self, entry: Entry, max_wait: float) -> None:
        with anyio.move_on_after(max_wait):
            await entry.tag[1]
            return
        with self._lock:
            if entry.fate is None:
                refusal = self._decide(lambda now: self._line.retry_after(entry, now))
                if entry.fate is None:  # what was told late may have let it in
                    self._drop(entry)
                    entry.fate = refusal

    def _abandon(self, entry: Entry) -> None:
        with self._lock:
            if entry.fate == "admitted":
                untake(self._taken, entry.tag[0], entry.slots)
            self._drop(entry)

    def _leave(self, slots: tuple[Slot, ...], how: Literal["done", "lost", "undo"]) -> None:
        self._note(lambda now: self._line.leave(slots, now, how))

    def _drop(self, entry: Entry) -> None:
        self._note(lambda now: self._line.drop(entry, now))

    def _bury(self) -> None:
        """Take back what closed loops had taken, and their places in line; the lock is held.

        Their requests may have left.
        """
        closed = {loop for loop in (*self._alarms.loops, *self._taken) if loop.is_closed()}
        if not closed:
            return
        for entry in [entry for entry in self._waiting if entry.tag[0] in closed]:
            del self._waiting[entry]
            if entry.fate is None:
                self._drop(entry)
        for loop in closed & self._taken.keys():
            for slots in self._taken.pop(loop):
                self._leave(slots, self._buried)
        self._alarms.bury()

    def _wake(self, decided: list[Entry]) -> None:
        """Tell each decided one, in its own loop; the lock is held."""
        for entry in decided:
            if entry.tag is None:
                continue  # it is being decided in its own call
            loop, future = entry.tag
            if entry.fate == "admitted":
                take(self._taken, loop, entry.slots)
            if loop is running():
                resolve(future)
            elif not self._alarms.soon(loop, resolve, future) and entry.fate == "admitted":
                # Its loop is closed: nobody will ever start this one.
                untake(self._taken, loop, entry.slots)
                self._drop(entry)
        if self._alarms.loops:
            self._alarms.arm()

    def _due(self) -> float | None:
        """Return the milliseconds until something may have changed of which nobody tells."""
        due = self._line.next_due()
        wait = None if due is None else max(0, due - self._now())
        if self._taken.keys() - self._alarms.loops.keys():  # they may be closed in the middle
            wait = LOOK if wait is None else min(wait, LOOK)
        return wait

    def _look_again(self) -> None:
        with self._lock:
            self._bury()
            self._note(self._line.advance)

    def _forget(self, loop: asyncio.AbstractEventLoop, entry: Entry) -> None:
        with self._lock:
            del self._waiting[entry]
            self._alarms.leave(loop)

    def _now(self) -> int:
        return int(self._clock() * 1000)
