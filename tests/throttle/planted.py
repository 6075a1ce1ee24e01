"""Throttles with a fault each, such as have been made before: what looks at them must see it."""

from __future__ import annotations

import asyncio
import math
from collections import Counter
from collections.abc import Callable, Iterable
from typing import Literal

from msgspec.structs import replace

from smsc_async import Throttle
from smsc_async._throttle.keys import Slot
from smsc_async._throttle.ledger import Ledger
from smsc_async._throttle.line import Line
from smsc_async._throttle.queue import Entry, Queue, Refusal
from smsc_async._transport.admission import Admission
from smsc_async._wire.limits import AT_ONCE, STATUS_AT_ONCE, Rule

How = Literal["done", "lost", "undo"]


def of(line: type[Line] = Line, ledger: type[Ledger] = Ledger) -> Throttle:
    """Make a throttle of other parts."""
    throttle = Throttle()
    throttle._line = line(ledger(guard=1_000, linger=5_000))
    return throttle


class FromTheStart(Ledger):
    """Counts its windows from the start of a request, not from the answer."""

    def __init__(self, guard: int, linger: int) -> None:
        super().__init__(guard, linger)
        self._started: dict[bytes, list[int]] = {}

    def take(self, slots: Iterable[Slot], now: int) -> float:
        slots = tuple(slots)
        wait = super().take(slots, now)
        if not wait:
            for slot in slots:
                self._started.setdefault(slot.key, []).append(self.planned(slot, now))
        return wait

    def done(self, slots: Iterable[Slot], now: int) -> None:
        for slot in slots:
            started = self._started[slot.key].pop(0)
            super().done([slot], started if slot.rule.window else now)

    def planned(self, slot: Slot, now: int) -> int:
        return now


class ByPlan(FromTheStart):
    """Counts its windows from when a request was due, though it may have started later."""

    def __init__(self, guard: int, linger: int) -> None:
        super().__init__(guard, linger)
        self._due: dict[bytes, int] = {}

    def planned(self, slot: Slot, now: int) -> int:
        period = (slot.rule.window + self.guard) // slot.rule.limit
        due = self._due[slot.key] = self._due.get(slot.key, now - period) + period
        return min(due, now)


class OneMore(Ledger):
    """Takes one more than a rule allows."""

    rule: Rule = AT_ONCE

    def wait(self, slot: Slot, now: int) -> float:
        if slot.rule == self.rule:
            slot = Slot(replace(self.rule, limit=self.rule.limit + 1), slot.key)
        return super().wait(slot, now)


class OneMoreStatus(OneMore):
    """Takes one more than the rule of the statuses allows."""

    rule = STATUS_AT_ONCE


class Leaky(Ledger):
    """Lets tokens come back one by one, all through the window."""

    def done(self, slots: Iterable[Slot], now: int) -> None:
        for slot in slots:
            part = slot.rule.window - slot.rule.window // slot.rule.limit
            super().done([slot], now - part if slot.rule.limit > 1 else now)


class Forgetful(Ledger):
    """Never gives back the places of requests without an answer."""

    def lost(self, slots: Iterable[Slot], now: int) -> None:
        super().lost([slot for slot in slots if slot.rule.window], now)


class LastFirst(Line):
    """Serves last whoever came first."""

    def enter(self, entry: Entry, now: int, max_wait: float = math.inf) -> list[Entry]:
        self.ledger.common.number -= 2
        return super().enter(entry, now, max_wait)


class LeavesTheCancelled(Line):
    """Leaves a waiter in line that was cancelled."""

    def drop(self, entry: Entry, now: int) -> list[Entry]:
        if entry.fate is None:
            entry.fate = "gone"
            return []
        return super().drop(entry, now)


class KeepsTheTurn(Line):
    """Keeps the turn of one that was cancelled on being woken."""

    def drop(self, entry: Entry, now: int) -> list[Entry]:
        return [] if entry.fate == "admitted" else super().drop(entry, now)


class NoTurn(Line):
    """Never lets bulk go first."""

    def _start(self, entry: Entry, now: int, decided: list[Entry]) -> None:
        super()._start(entry, now, decided)
        for queue in self._queues.values():
            queue.streak = 0


class NoReserve(Line):
    """Leaves no place free for interactive calls."""

    def _reserved(self, slot: Slot, queue: Queue | None, now: int) -> float:
        return 0


class FreeOnCancel(Throttle):
    """Takes a call for ended when its caller is cancelled."""

    def __init__(self) -> None:
        super().__init__()
        self._early = Counter[tuple[Slot, ...]]()

    async def admit(self, ask: Admission, waits: Callable[[Refusal], None]) -> bool:
        admitted = await super().admit(ask, waits)
        caller = asyncio.current_task()
        assert caller
        caller.add_done_callback(lambda ended: self._ended(ended, ask.slots))
        return admitted

    def leave(self, slots: tuple[Slot, ...], how: How) -> None:
        if self._early[slots]:
            self._early[slots] -= 1
        else:
            super().leave(slots, how)

    def _ended(self, caller: asyncio.Task[object], slots: tuple[Slot, ...]) -> None:
        if caller.cancelled():
            super().leave(slots, "done")
            self._early[slots] += 1


class OneLock(Throttle):
    """Lets nobody pass one that waits for a key of its own."""

    def __init__(self) -> None:
        super().__init__()
        self._one = asyncio.Lock()

    async def admit(self, ask: Admission, waits: Callable[[Refusal], None]) -> bool:
        async with self._one:
            return await super().admit(ask, waits)


class Unbelieving(Throttle):
    """Gives the tokens back after error 9, too often."""

    _refused = False

    def fill(self, slots: tuple[Slot, ...]) -> None:
        self._refused = True

    def leave(self, slots: tuple[Slot, ...], how: How) -> None:
        super().leave(slots, "undo" if self._refused else how)
        self._refused = False


# By the law that must see it.
PLANTED: dict[str, tuple[str, Callable[[], Throttle]]] = {
    "windows from the start": ("limits_are_kept", lambda: of(ledger=FromTheStart)),
    "windows by plan": ("limits_are_kept", lambda: of(ledger=ByPlan)),
    "windows that refill evenly": ("limits_are_kept", lambda: of(ledger=Leaky)),
    "no guard": ("limits_are_kept", lambda: Throttle(guard=0)),
    "too much of a guard": ("no_time_is_lost", lambda: Throttle(guard=3)),
    "no linger": ("limits_are_kept", lambda: Throttle(linger=0)),
    "the fifteenth place": ("limits_are_kept", lambda: of(ledger=OneMore)),
    "the fifth status": ("limits_are_kept", lambda: of(ledger=OneMoreStatus)),
    "a place free on cancel": ("limits_are_kept", FreeOnCancel),
    "a token back after error 9": ("limits_are_kept", Unbelieving),
    "a place never given back": ("nothing_is_left", lambda: of(ledger=Forgetful)),
    "a cancelled waiter in line": ("nothing_is_left", lambda: of(LeavesTheCancelled)),
    "who came last goes first": ("turns_are_kept", lambda: of(LastFirst)),
    "one lock for all keys": ("no_time_is_lost", OneLock),
}
