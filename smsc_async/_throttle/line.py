"""Who is next: the waiting lines before the ledger; plain functions of the time.

Whoever cannot start stands in exactly one line, that of the key which is in the way, so that one
who waits for a key never blocks another key, and nobody holds a place while waiting for a window.
In a line the order of arrival holds, apart for each lane.
"""

from __future__ import annotations

import heapq
import math
from collections.abc import Iterable, Iterator
from typing import Literal

from .._wire.limits import AT_ONCE, MINUTE, Lane, Per, Rule
from .keys import Slot
from .ledger import Ledger
from .others import Others
from .queue import Entry, Queue, Refusal

# While an interactive call was seen in the last minute, bulk leaves two places free: a one-time
# code never waits for a campaign's request to end.
RESERVE = 2
RESERVE_SPAN = MINUTE


class Line:
    """The lines of one login; whoever holds its lock may call it.

    Every method returns those whose fate it decided, for the caller to wake.
    """

    def __init__(self, ledger: Ledger, others: Others | None = None) -> None:
        self.ledger = ledger
        self._others = others
        self._queues: dict[bytes, Queue] = {}
        self._due: list[tuple[int, bytes]] = []
        self._due_at: dict[bytes, int] = {}

    def start(self, slots: tuple[Slot, ...], lane: Lane, now: int) -> bool:
        """Start a call if nobody at all waits and all is free; tell whether it did.

        Not for a line that has others.
        """
        if self._queues:
            return False
        if lane == "bulk" and self._reserve_ends(now) > now:
            return False
        if self.ledger.take(slots, now):
            return False
        if lane == "interactive":
            self.ledger.common.seen = now
        return True

    def enter(self, entry: Entry, now: int, max_wait: float = math.inf) -> list[Entry]:
        """Let *entry* start, or put it in line, or refuse it at once if the wait is too long."""
        decided = self.advance(now)
        entry.is_early = entry.number > 0
        entry.number = entry.number or self.arrive()
        if entry.lane == "interactive":
            self.ledger.common.seen = now
        self._consider(entry, None, now, decided)
        if entry.fate is None:
            rule, wait = self._shortest(entry, now)
            if wait > max_wait:
                self._withdraw(entry)
                entry.fate = Refusal(rule, wait)
                decided.append(entry)
        return decided

    def arrive(self) -> int:
        """Return the number of one who comes now."""
        self.ledger.common.number += 1
        return self.ledger.common.number

    def leave(
        self, slots: tuple[Slot, ...], now: int, how: Literal["done", "lost", "undo"]
    ) -> list[Entry]:
        """Note how a call that had started ended."""
        if self._others is not None and not self._others.ended(slots):
            return []
        self.ledger.expect(slots, now)
        match how:
            case "done":
                self.ledger.done(slots, now)
            case "lost":
                self.ledger.lost(slots, now)
            case "undo":
                self.ledger.undo(slots, now)
        if not self._queues:
            return []
        return self.serve([slot.key for slot in slots], now)

    def drop(self, entry: Entry, now: int) -> list[Entry]:
        """Take out one that no longer wants in, wherever it stands."""
        if entry.fate not in (None, "admitted"):
            return []  # it is out
        if entry.fate == "admitted":
            entry.fate = "gone"
            return self.leave(entry.slots, now, "undo")
        key = entry.at.key if entry.at else None
        self._withdraw(entry)
        entry.fate = "gone"
        return self.serve([] if key is None else [key], now)

    def advance(self, now: int) -> list[Entry]:
        """Serve every line whose moment has come."""
        decided: list[Entry] = []
        while keys := self._opened(now):
            for key in keys:
                self._serve(key, now, decided)
        return decided

    def seize(self, slots: tuple[Slot, ...], now: int) -> bool:
        """Start one that stands in no line, if *slots* are free; tell whether they were."""
        taken = not self.ledger.take(slots, now)
        if taken and self._others is not None:
            self._others.started(slots, None)
        return taken

    def clear(self, slot: Slot, now: int) -> list[Entry]:
        """Forget what counts against *slot*, and serve those who wait for it."""
        self.ledger.clear(slot, now)
        return self.serve([slot.key], now)

    def next_due(self) -> int | None:
        """Return the moment at which :meth:`advance` has something to do."""
        while self._due and self._due_at.get(self._due[0][1]) != self._due[0][0]:
            heapq.heappop(self._due)
        return self._due[0][0] if self._due else None

    def expected(self, entry: Entry, now: int) -> Refusal:
        """Return what holds *entry* up longest, and for how long at the least; 0 is not known."""
        return Refusal(*self._shortest(entry, now))

    def retry_after(self, entry: Entry, now: int) -> Refusal:
        """Return what *entry* would still have to wait for, and for about how long."""
        rule, wait = self._shortest(entry, now)
        return Refusal(rule, max(wait, self.ledger.guard))  # nobody knows when a place is free

    def opens(self, entry: Entry, now: int) -> float:
        """Return the fewest milliseconds until the windows let a new *entry* start."""
        return self._shortest(entry, now)[1]

    def waiting(self, lane: Lane) -> int:
        """Return how many of *lane* wait."""
        return sum(queue.counts[lane] for queue in self._queues.values())

    def queues(self) -> Iterable[Queue]:
        """Return the lines, to be looked at only."""
        return self._queues.values()

    def hanging(self) -> Iterator[bytes]:
        """Give the keys of those lines of which nobody knows when they go on."""
        for key, queue in self._queues.items():
            if not queue.slot.rule.window or key not in self._due_at:
                yield key

    def serve(self, keys: Iterable[bytes], now: int) -> list[Entry]:
        """Serve the lines before *keys*, which others may have moved, and all that are due."""
        decided = self.advance(now)
        for key in keys:
            self._serve(key, now, decided)
        return decided

    def _opened(self, now: int) -> list[bytes]:
        """Take out the keys whose moment has come.

        One answer opens several windows at one moment: then the line goes first whose first does.
        """
        found: dict[bytes, tuple[bool, int]] = {}
        while self._due and self._due[0][0] <= now:
            at, key = heapq.heappop(self._due)
            if self._due_at.get(key) == at:
                del self._due_at[key]
                if (queue := self._queues.get(key)) and (head := queue.head()):
                    found[key] = head.lane == "bulk", head.number
        return sorted(found, key=found.__getitem__)

    def _serve(self, key: bytes, now: int, decided: list[Entry]) -> None:
        """Let those who wait for *key* go on, in their order, as far as it is open."""
        queue = self._queues.get(key)
        while queue and (entry := queue.head()):
            if not self._consider(entry, queue, now, decided):
                break
        if queue is not None and not queue:
            self._queues.pop(key, None)

    def _consider(self, entry: Entry, queue: Queue | None, now: int, decided: list[Entry]) -> bool:
        """Decide about *entry*, the head of *queue* or new: tell whether it left that queue."""
        self.ledger.expect(entry.slots, now)
        if self._others is not None:
            self._others.expect(entry.slots)
        obstacle = self._obstacle(entry, queue, now)
        if obstacle is None:
            self._forget(entry, queue)
            self._start(entry, now, decided)
            return True
        slot, wait = obstacle
        minute = self._opens(entry, slot, now) if slot.rule.per is Per.REQUEST else 0
        if entry.unique and minute:
            self._forget(entry, queue)
            entry.fate = Refusal(slot.rule, minute)
            decided.append(entry)
            return True
        if not math.isinf(wait) and wait:
            self._remind(slot.key, now + int(wait))
        if queue and queue.slot.key == slot.key:
            return False
        self._forget(entry, queue)
        queue = self._queues.setdefault(slot.key, Queue(slot))
        queue.push(entry)
        if self._others is not None:
            self._others.changed(queue)
        return True

    def _obstacle(self, entry: Entry, queue: Queue | None, now: int) -> tuple[Slot, float] | None:
        """Return the first thing in *entry*'s way and the milliseconds until it may be gone."""
        for slot in entry.slots:
            other = self._queues.get(slot.key)
            wait = self.ledger.wait(slot, now)
            if not wait and entry.lane == "bulk" and slot.rule is AT_ONCE:
                wait = self._reserved(slot, other, now)
            if wait:
                return slot, wait
            if other and other is not queue and other.before(entry):
                return slot, math.inf  # those before it will be reminded
            if self._others and (wait := self._others.before(entry, slot, other, now)):
                return slot, wait
        return None

    def _reserved(self, slot: Slot, queue: Queue | None, now: int) -> float:
        """Return how long bulk must leave the last places alone."""
        left = self._reserve_ends(now) - now
        if left <= 0 or (queue and queue.bulk_turn):
            return 0
        if self.ledger.free(slot, now) > RESERVE:
            return 0
        return min(left, self.ledger.next_back(slot, now))  # a place may come back by itself

    def _reserve_ends(self, now: int) -> int:
        seen = self.ledger.common.seen
        return now if seen is None else seen + RESERVE_SPAN

    def _start(self, entry: Entry, now: int, decided: list[Entry]) -> None:
        self.ledger.take(entry.slots, now)
        if self._others is not None:
            self._others.started(entry.slots, entry.lane)
        entry.fate = "admitted"
        decided.append(entry)
        for slot in entry.slots:
            queue = self._queues.get(slot.key)
            if queue and entry.lane == "bulk":
                queue.streak = 0
            elif queue and queue.counts["bulk"]:
                queue.streak += 1
                if queue.bulk_turn and slot.rule is AT_ONCE:
                    self._remind(slot.key, now)

    def _shortest(self, entry: Entry, now: int) -> tuple[Rule, float]:
        """Return the rule that holds *entry* up longest, and for how long at the least."""
        best = (entry.slots[-1].rule, 0.0)
        for slot in entry.slots:
            wait = self._opens(entry, slot, now)
            if wait > best[1]:
                best = (slot.rule, wait)
        return best

    def _opens(self, entry: Entry, slot: Slot, now: int) -> float:
        """Return the fewest milliseconds until *slot* opens for *entry*, behind those before it."""
        queue = self._queues.get(slot.key)
        ahead = queue.ahead(entry) if queue else 0
        return self.ledger.opens(slot, ahead, now)

    def _withdraw(self, entry: Entry) -> None:
        if entry.at is not None:
            queue = self._queues[entry.at.key]
            self._forget(entry, queue)
            if not queue:
                del self._queues[queue.slot.key]

    def _forget(self, entry: Entry, queue: Queue | None) -> None:
        if queue:
            queue.forget(entry)
            if self._others is not None:
                self._others.changed(queue)

    def _remind(self, key: bytes, at: int) -> None:
        if at < self._due_at.get(key, math.inf):
            self._due_at[key] = at
            heapq.heappush(self._due, (at, key))
