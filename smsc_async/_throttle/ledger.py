"""What is taken and when it comes back.

A token comes back one full window and a guard after the *answer* arrived: counted so, no jitter
of the network can put one request too many into a window of the service, and the guard covers a
service that counts whole seconds. A bucket that refills evenly would not do: it admits five where
three are allowed.

Time is in whole milliseconds, of any clock that never goes back.
"""

from __future__ import annotations

import math
from bisect import insort
from collections.abc import Iterable

from .._wire.limits import SECOND
from .keys import Slot


class Bucket:
    """The tokens of one key that are not free: *out* with a request, *back* at known moments."""

    __slots__ = ("back", "out", "used")

    def __init__(self) -> None:
        self.out = 0
        self.back: list[int] = []
        self.used = 0  # of a chain: the messages in it


class _Shelf:
    """The buckets of one window.

    Buckets with a token out are *busy*, the others go in two generations: when a generation's time
    is over, the one before it holds nothing that could still be alive and is dropped whole. So
    nothing is ever searched for expired keys, and no live key is lost.
    """

    def __init__(self, span: int) -> None:
        self.span = span
        self.busy: dict[bytes, Bucket] = {}
        self.young: dict[bytes, Bucket] = {}
        self.old: dict[bytes, Bucket] = {}
        self.turn = 0

    def age(self, now: int) -> None:
        if now < self.turn:
            return
        self.old = self.young if now < self.turn + self.span else {}
        self.young = {}
        self.turn = now + self.span

    def find(self, key: bytes) -> Bucket | None:
        return self.busy.get(key) or self.young.get(key) or self.old.get(key)

    def hold(self, key: bytes) -> Bucket:
        bucket = self.busy.get(key)
        if bucket is None:
            bucket = self.young.pop(key, None) or self.old.pop(key, None) or Bucket()
            self.busy[key] = bucket
        return bucket

    def rest(self, key: bytes) -> None:
        bucket = self.busy[key]
        if not bucket.out:
            del self.busy[key]
            if bucket.back:
                self.young[key] = bucket


class Ledger:
    """The books of one login; whoever holds its lock may write in them."""

    def __init__(self, guard: int = SECOND, linger: int = 5 * SECOND) -> None:
        self.guard = guard
        self.linger = linger
        self.resume = 0  # no place is given before this moment
        self._shelves: dict[int, _Shelf] = {}

    def wait(self, slot: Slot, now: int) -> float:
        """Return the milliseconds until *slot* can be had; infinite while it hangs on an answer."""
        rule, key = slot
        pause = max(0, self.resume - now) if not rule.window else 0
        shelf = self._shelves.get(rule.window)
        bucket = shelf.find(key) if shelf else None
        if bucket is None:
            return pause
        _settle(bucket, now)
        taken = bucket.used if rule.chain else bucket.out + len(bucket.back)
        if taken < rule.limit:
            return pause
        if not bucket.back or (rule.chain and bucket.out):
            return math.inf
        return max(pause, bucket.back[0] - now)

    def free(self, slot: Slot, now: int) -> int:
        """Return how many tokens *slot* has left."""
        shelf = self._shelves.get(slot.rule.window)
        bucket = shelf.find(slot.key) if shelf else None
        if bucket is None:
            return slot.rule.limit
        _settle(bucket, now)
        taken = bucket.used if slot.rule.chain else bucket.out + len(bucket.back)
        return slot.rule.limit - taken

    def next_back(self, slot: Slot, now: int) -> float:
        """Return the milliseconds until a token of *slot* comes back by itself."""
        shelf = self._shelves.get(slot.rule.window)
        bucket = shelf.find(slot.key) if shelf else None
        if bucket is None:
            return math.inf
        _settle(bucket, now)
        return bucket.back[0] - now if bucket.back else math.inf

    def opens(self, slot: Slot, ahead: int, now: int) -> float:
        """Return the fewest milliseconds until *slot* can be had by one with *ahead* before it.

        What is out counts as answered now. Rules without a window open when they open: 0.
        """
        rule, key = slot
        if not rule.window:
            return 0
        period = rule.window + self.guard
        shelf = self._shelves.get(rule.window)
        bucket = (shelf.find(key) if shelf else None) or Bucket()
        _settle(bucket, now)
        if rule.chain:
            left = rule.limit - bucket.used
            if ahead < left:
                return 0
            return period if bucket.out or not bucket.back else bucket.back[0] - now
        # When each token comes back first; from then on it comes once in a period.
        coming = [0] * (rule.limit - bucket.out - len(bucket.back))
        coming += [at - now for at in bucket.back]
        coming += [period] * bucket.out
        begun = 0
        while True:
            here = sorted(at % period for at in coming if at < begun + period)
            if len(here) == rule.limit:
                rounds, place = divmod(ahead, rule.limit)
                return begun + rounds * period + here[place]
            if ahead < len(here):
                return begun + here[ahead]
            ahead -= len(here)
            begun += period

    def take(self, slots: Iterable[Slot], now: int) -> float:
        """Take every slot, or none: return 0, or the milliseconds until they can be had."""
        for shelf in self._shelves.values():
            shelf.age(now)
        slots = tuple(slots)
        longest = max((self.wait(slot, now) for slot in slots), default=0)
        if longest:
            return longest
        for rule, key in slots:
            bucket = self._shelf(rule.window, now).hold(key)
            bucket.out += 1
            bucket.used += 1
        return 0

    def done(self, slots: Iterable[Slot], now: int) -> None:
        """Note that the answer came at *now*."""
        self._release(slots, now, now)

    def lost(self, slots: Iterable[Slot], now: int) -> None:
        """Note that no answer will come: the request may run, and be counted, for a linger."""
        self._release(slots, now + self.linger, now)

    def undo(self, slots: Iterable[Slot], now: int) -> None:
        """Give back what was taken for a request that never counted."""
        for rule, key in slots:
            shelf = self._shelf(rule.window, now)
            bucket = shelf.hold(key)
            bucket.out -= 1
            bucket.used -= 1
            shelf.rest(key)

    def fill(self, slot: Slot, now: int) -> None:
        """Believe the service that *slot* is used up: every token comes back in a full window."""
        shelf = self._shelf(slot.rule.window, now)
        bucket = shelf.hold(slot.key)
        back = now + slot.rule.window + self.guard
        later = [at for at in bucket.back if at > back]  # of requests given up a moment ago
        bucket.back = [back] * (slot.rule.limit - bucket.out - len(later)) + later
        shelf.rest(slot.key)

    def clear(self, slot: Slot, now: int) -> None:
        """Let every token of *slot* come back at once, but those that are out."""
        shelf = self._shelf(slot.rule.window, now)
        shelf.hold(slot.key).back = []
        shelf.rest(slot.key)

    def pause(self, now: int, span: int) -> None:
        """Give no place for *span* milliseconds; the longest pause of all holds."""
        self.resume = max(self.resume, now + span)

    def widen(self, guard: int, linger: int) -> None:
        """Be at least as careful as *guard* and *linger* ask; what is taken keeps its moment."""
        self.guard, self.linger = max(self.guard, guard), max(self.linger, linger)
        for window, shelf in self._shelves.items():
            shelf.span = window + self.guard + self.linger

    def keys(self) -> int:
        """Return how many keys are remembered."""
        return sum(len(s.busy) + len(s.young) + len(s.old) for s in self._shelves.values())

    def _release(self, slots: Iterable[Slot], ended: int, now: int) -> None:
        for rule, key in slots:
            shelf = self._shelf(rule.window, now)
            bucket = shelf.hold(key)
            bucket.out -= 1
            back = ended + self.guard + rule.window if rule.window else ended
            if rule.chain:
                bucket.back = [max(back, *bucket.back)] if bucket.back else [back]
            elif back > now:
                insort(bucket.back, back)
            shelf.rest(key)

    def _shelf(self, window: int, now: int) -> _Shelf:
        shelf = self._shelves.get(window)
        if shelf is None:
            shelf = self._shelves[window] = _Shelf(window + self.guard + self.linger)
        shelf.age(now)  # before anything is put down: a generation outlives what is put into it
        return shelf


def _settle(bucket: Bucket, now: int) -> None:
    """Drop what has come back by *now*."""
    back = bucket.back
    if not back or back[0] > now:
        return
    while back and back[0] <= now:
        del back[0]
    if not back and not bucket.out:
        bucket.used = 0
