"""Those who wait for one key, and in which order they go on."""

from __future__ import annotations

import heapq
from collections.abc import Iterator
from typing import Any, Literal

import msgspec

from .._wire.limits import Lane, Rule
from .keys import Slot

# One start in twenty goes to bulk while it waits, so that it never starves.
BULK_TURN = 20
# So many who left may stay in a heap, beside as many as still wait.
_GONE = 16


class Refusal(msgspec.Struct, frozen=True):
    """Why one in line will not get in: it would have to wait *wait* ms for *rule*."""

    rule: Rule
    wait: float


class Entry(msgspec.Struct, eq=False):
    """One that wants in. The line alone writes its fate; *tag* is the waiter's own."""

    slots: tuple[Slot, ...]
    lane: Lane = "interactive"
    unique: bool = False  # it does not wait for the minute of its twin, it is refused
    tag: Any = None
    fate: Literal["admitted", "gone", "lost"] | Refusal | None = None
    at: Slot | None = None  # what is in the way
    number: int = 0
    is_early: bool = False  # it came before it entered, so others may be behind it already


class Queue:
    """Those who wait for one key: a heap by arrival for each lane."""

    def __init__(self, slot: Slot) -> None:
        self.slot = slot
        self.lanes: dict[Lane, list[tuple[int, Entry]]] = {"interactive": [], "bulk": []}
        self.counts: dict[Lane, int] = {"interactive": 0, "bulk": 0}
        self.streak = 0  # interactive starts since bulk began to wait or last had its turn

    def push(self, entry: Entry) -> None:
        heapq.heappush(self.lanes[entry.lane], (entry.number, entry))
        self.counts[entry.lane] += 1
        entry.at = self.slot

    def forget(self, entry: Entry) -> None:
        """Note that *entry* left; its heap is cleared of such when most in it are gone."""
        heap = self.lanes[entry.lane]
        self.counts[entry.lane] -= 1
        entry.at = None
        if heap[0][1] is entry:
            heapq.heappop(heap)
        elif len(heap) > 2 * self.counts[entry.lane] + _GONE:
            heap[:] = [waiter for waiter in heap if waiter[1].at is self.slot]
            heapq.heapify(heap)

    def first(self, lane: Lane) -> Entry | None:
        heap = self.lanes[lane]
        while heap and heap[0][1].at is not self.slot:
            heapq.heappop(heap)
        return heap[0][1] if heap else None

    def head(self) -> Entry | None:
        """Return who is next; *bulk's turn* comes when interactive had nineteen before it."""
        interactive, bulk = self.first("interactive"), self.first("bulk")
        if bulk and (not interactive or self.bulk_turn):
            return bulk
        return interactive

    @property
    def bulk_turn(self) -> bool:
        return self.streak >= BULK_TURN - 1

    def before(self, entry: Entry) -> bool:
        """Tell whether someone stands here whom *entry* must not overtake."""
        interactive, bulk = self.first("interactive"), self.first("bulk")
        if entry.lane == "interactive":
            return interactive is not None and interactive.number < entry.number
        return interactive is not None or (bulk is not None and bulk.number < entry.number)

    def ahead(self, entry: Entry) -> int:
        """Return how many go on before *entry*, which stands here or would."""
        if entry.is_early:
            return sum(self._goes_before(other, entry) for other in self)
        count = self.counts["interactive"] + (self.counts["bulk"] if entry.lane == "bulk" else 0)
        return count - (entry.at is self.slot)

    @staticmethod
    def _goes_before(other: Entry, entry: Entry) -> bool:
        if other.lane == entry.lane:
            return other.number < entry.number
        return other.lane == "interactive"

    def __iter__(self) -> Iterator[Entry]:
        for heap in self.lanes.values():
            yield from (entry for _, entry in heap if entry.at is self.slot)

    def __len__(self) -> int:
        return self.counts["interactive"] + self.counts["bulk"]
