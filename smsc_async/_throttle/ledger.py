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
from collections.abc import Iterable, Sequence
from typing import Final

import msgspec

from .._wire.limits import HOUR, MINUTE, SECOND, Rule
from .buckets import Bucket, Buckets, Memory
from .keys import Slot

# After a refusal so many answers must have come before one more place is tried: that is at most one
# refusal in a hundred requests, and with ever more answers needed while the tries fail, fewer.
FEWEST_ANSWERS = 100
MOST_ANSWERS = 800
# Once a try has held, others seem to be gone: so more places follow, sooner.
ANSWERS_THEN = 50
MOST_PLACES = 4
_NOTHING: Final = Bucket()  # nobody changes it


class Cap(msgspec.Struct):
    """How many places are taken for free, where the service said that there are fewer."""

    places: int
    answers: int = 0  # since it last changed
    needed: int = FEWEST_ANSWERS  # before it grows
    rise: int = 0  # by how many it grew last; 0 if it shrank
    refused: int = 0  # when there was one too many

    def shrink(self, places: int, now: int) -> None:
        """Believe that there are *places* only."""
        self.refused = now
        if self.rise:  # that was too many
            self.needed = min(MOST_ANSWERS, max(FEWEST_ANSWERS, 2 * self.needed))
        self.places, self.answers, self.rise = max(1, places), 0, 0

    def answered(self) -> None:
        """Count an answer; after enough of them try more places."""
        self.answers += 1
        if self.answers >= self.needed:
            if self.rise:
                self.needed = ANSWERS_THEN
            self.rise = min(MOST_PLACES, 2 * self.rise) or 1
            self.places, self.answers = self.places + self.rise, 0


class Common(msgspec.Struct):
    """What is known of a login beside its tokens."""

    resume: int = 0  # no place is given before this moment
    seen: int | None = None  # when an interactive call came last
    number: int = 0  # of who came last
    refused: int = 0  # sends in a row
    blocked: int = 0  # until when the address is; 0 once it was seen to be free again
    caps: dict[bytes, Cap] = {}


class Ledger:
    """The books of one login; whoever holds its lock may write in them."""

    def __init__(
        self, guard: int = SECOND, linger: int = 5 * SECOND, buckets: Buckets | None = None
    ) -> None:
        self.guard = guard
        self.linger = linger
        self.common = Common()
        self._buckets = Memory(guard + linger) if buckets is None else buckets

    def expect(self, slots: Iterable[Slot], now: int) -> None:
        """Hear for which *slots* it will be asked, so that they can be read at once."""
        self._buckets.expect(slots, now)

    def wait(self, slot: Slot, now: int) -> float:
        """Return the milliseconds until *slot* can be had; infinite while it hangs on an answer."""
        return self._wait(slot, self._buckets.find(slot, now), now)

    def limit(self, slot: Slot, now: int) -> int:
        """Return how many tokens *slot* has in all."""
        cap = self.common.caps.get(slot.key)
        if cap is not None and now - cap.refused < HOUR:  # what was then says nothing of today
            return cap.places
        return slot.rule.limit

    def look(self, slot: Slot, now: int) -> Bucket:
        """Return the tokens of *slot* that are not free, to be looked at only."""
        bucket = self._buckets.find(slot, now)
        if bucket is None:
            return _NOTHING
        _settle(bucket, now)
        return bucket

    def free(self, slot: Slot, now: int) -> int:
        """Return how many tokens *slot* has left."""
        return max(0, self.limit(slot, now) - _taken(slot.rule, self.look(slot, now)))

    def next_back(self, slot: Slot, now: int) -> float:
        """Return the milliseconds until a token of *slot* comes back by itself."""
        back = self.look(slot, now).back
        return back[0] - now if back else math.inf

    def opens(self, slot: Slot, ahead: int, now: int) -> float:
        """Return the fewest milliseconds until *slot* can be had by one with *ahead* before it.

        What is out counts as answered now. A rule without a window opens when the pause is over.
        """
        rule = slot.rule
        if not rule.window:
            return max(0, self.common.resume - now)
        bucket = self.look(slot, now)
        if bucket is _NOTHING and ahead < rule.limit:
            return 0
        period = rule.window + self.guard
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

    def take(self, slots: Sequence[Slot], now: int) -> float:
        """Take every slot, or none: return 0, or the milliseconds until they can be had."""
        find, put = self._buckets.find, self._buckets.put
        longest, paused = 0.0, self.common.resume > now
        buckets: list[Bucket] = []
        for slot in slots:
            bucket = find(slot, now)
            if bucket is None:
                bucket = Bucket()
                if not paused:
                    buckets.append(bucket)
                    continue
            if (wait := self._wait(slot, bucket, now)) > longest:
                longest = wait
            buckets.append(bucket)
        if longest:
            return longest
        for slot, bucket in zip(slots, buckets, strict=False):  # as many; it is the hottest loop
            bucket.out += 1
            bucket.used += 1
            put(slot, bucket)
        return 0

    def done(self, slots: Iterable[Slot], now: int) -> None:
        """Note that the answer came at *now*."""
        self._release(slots, now, now)
        if self.common.caps:
            self._grow(slots)

    def lost(self, slots: Iterable[Slot], now: int) -> None:
        """Note that no answer will come: the request may run, and be counted, for a linger."""
        self._release(slots, now + self.linger, now)

    def undo(self, slots: Iterable[Slot], now: int) -> None:
        """Give back what was taken for a request that never counted."""
        for slot in slots:
            bucket = self._settled(slot, now)
            bucket.out -= 1
            bucket.used -= 1
            self._buckets.put(slot, bucket)

    def count(self, slots: Iterable[Slot], now: int) -> None:
        """Count what was answered without having asked; what is full stays as full as it is."""
        for slot in slots:
            if not self.take([slot], now):
                self.done([slot], now)

    def fill(self, slots: Iterable[Slot], now: int) -> None:
        """Believe the service that *slots* are used up: all tokens come back in a full minute.

        Its answer does not say which rule it means; the hours are left alone, for believing in a
        full one would stop an operation for as long.
        """
        for slot in slots:
            if slot.rule.window != MINUTE or slot.rule.chain:
                continue
            bucket = self._settled(slot, now)
            back = now + slot.rule.window + self.guard
            later = [at for at in bucket.back if at > back]  # of requests given up a moment ago
            bucket.back = [back] * (slot.rule.limit - bucket.out - len(later)) + later
            self._buckets.put(slot, bucket)

    def shrink(self, slots: Iterable[Slot], now: int) -> None:
        """Believe the service that of the requests at once with one of *slots* one is too many.

        Of several that are refused together each is one too many: while the login pauses nothing
        starts, so what is refused then was under way already.
        """
        slot = next(slot for slot in slots if not slot.rule.window)
        cap = self.common.caps.setdefault(slot.key, Cap(slot.rule.limit))
        cap.places = self.limit(slot, now)
        under_way = cap.places if now < self.common.resume else self.look(slot, now).out
        cap.shrink(min(cap.places, under_way) - 1, now)

    def clear(self, slot: Slot, now: int) -> None:
        """Let every token of *slot* come back at once, but those that are out."""
        bucket = self._settled(slot, now)
        bucket.back = []
        self._buckets.put(slot, bucket)

    def pause(self, now: int, span: int) -> None:
        """Give no place for *span* milliseconds; the longest pause of all holds."""
        self.common.resume = max(self.common.resume, now + span)

    def widen(self, guard: int, linger: int) -> None:
        """Be at least as careful as *guard* and *linger* ask; what is taken keeps its moment."""
        self.guard, self.linger = max(self.guard, guard), max(self.linger, linger)
        self._buckets.widen(self.guard + self.linger)

    def keys(self) -> int:
        """Return how many keys are remembered."""
        return len(self._buckets)

    def _settled(self, slot: Slot, now: int) -> Bucket:
        bucket = self._buckets.find(slot, now)
        if bucket is None:
            return Bucket()
        _settle(bucket, now)
        return bucket

    def _wait(self, slot: Slot, bucket: Bucket | None, now: int) -> float:
        rule = slot.rule
        pause = 0 if rule.window else max(0, self.common.resume - now)
        if bucket is None:
            return pause
        _settle(bucket, now)
        if _taken(rule, bucket) < (self.limit(slot, now) if self.common.caps else rule.limit):
            return pause
        if not bucket.back or (rule.chain and bucket.out):
            return math.inf
        return max(pause, bucket.back[0] - now)

    def _release(self, slots: Iterable[Slot], ended: int, now: int) -> None:
        for slot in slots:
            rule, bucket = slot.rule, self._settled(slot, now)
            bucket.out -= 1
            back = ended + self.guard + rule.window if rule.window else ended
            if rule.chain:
                bucket.back = [max(back, *bucket.back)] if bucket.back else [back]
            elif back > now:
                insort(bucket.back, back)
            self._buckets.put(slot, bucket)

    def _grow(self, slots: Iterable[Slot]) -> None:
        caps = self.common.caps
        for slot in slots:
            if cap := caps.get(slot.key):
                cap.answered()
                if cap.places >= slot.rule.limit:
                    del caps[slot.key]


def _taken(rule: Rule, bucket: Bucket) -> int:
    return bucket.used if rule.chain else bucket.out + len(bucket.back)


def _settle(bucket: Bucket, now: int) -> None:
    """Drop what has come back by *now*."""
    back = bucket.back
    if not back or back[0] > now:
        return
    while back and back[0] <= now:
        del back[0]
    if not back and not bucket.out:
        bucket.used = 0
