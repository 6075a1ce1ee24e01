"""Where the tokens that are not free are kept."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final, Protocol, TypeAlias

from .._wire.limits import Rule
from .keys import Slot


class Bucket:
    """The tokens of one key that are not free: *out* with a request, *back* at known moments."""

    __slots__ = ("back", "out", "used")

    def __init__(self, out: int = 0, used: int = 0, back: list[int] | None = None) -> None:
        self.out = out
        self.used = used  # of a chain: the messages in it
        self.back: list[int] = [] if back is None else back  # the earliest first


class Buckets(Protocol):
    """The buckets of one login."""

    def expect(self, slots: Iterable[Slot], now: int) -> None:
        """Hear for which *slots* it will be asked."""
        ...

    def find(self, slot: Slot, now: int) -> Bucket | None:
        """Return the bucket of *slot*, None if all its tokens are free.

        It may be a copy: whoever changes it puts it back.
        """
        ...

    def put(self, slot: Slot, bucket: Bucket) -> None:
        """Keep a changed bucket, or a new one."""
        ...

    def widen(self, extra: int) -> None:
        """Remember a key at least its window and *extra* milliseconds longer than it is used."""
        ...

    def __len__(self) -> int:
        """Return how many keys are remembered."""
        ...


# A bucket with no token out, in as few bytes as there are keys by the million: when its token comes
# back; of a chain, that moment and the number of messages; else the moments.
_Resting: TypeAlias = int | tuple[int, ...]
_LINKS: Final = 16  # bits


class _Shelf:
    """The buckets of one window.

    Buckets with a token out are *busy*, the others go in two generations: when a generation's time
    is over, the one before it holds nothing that could still be alive and is dropped whole. So
    nothing is ever searched for expired keys, and no live key is lost.
    """

    __slots__ = ("busy", "old", "span", "turn", "young")

    def __init__(self, span: int) -> None:
        self.span = span
        self.busy: dict[bytes, Bucket] = {}
        self.young: dict[bytes, _Resting] = {}
        self.old: dict[bytes, _Resting] = {}
        self.turn = 0

    def age(self, now: int) -> None:
        self.old = self.young if now < self.turn + self.span else {}
        self.young = {}
        self.turn = now + self.span


class Memory:
    """Buckets in the memory of this process."""

    def __init__(self, extra: int) -> None:
        self._extra = extra
        self._shelves: dict[int, _Shelf] = {}

    def expect(self, slots: Iterable[Slot], now: int) -> None:
        pass  # each is found as soon as all of them

    def find(self, slot: Slot, now: int) -> Bucket | None:
        rule, key = slot
        shelf = self._shelves.get(rule.window)
        if shelf is None:
            shelf = self._shelves[rule.window] = _Shelf(rule.window + self._extra)
        if now >= shelf.turn:  # before anything is put down: a generation outlives what is in it
            shelf.age(now)
        bucket = shelf.busy.get(key)
        if bucket is not None:
            return bucket
        resting = shelf.young.get(key) or shelf.old.get(key)
        return None if resting is None else _unpacked(rule, resting)

    def put(self, slot: Slot, bucket: Bucket) -> None:
        rule, key = slot
        shelf = self._shelves[rule.window]
        if bucket.out:
            shelf.busy[key] = bucket  # what rested of it is out of sight, and will be overwritten
            return
        shelf.busy.pop(key, None)
        shelf.old.pop(key, None)
        if bucket.back:
            shelf.young[key] = _packed(rule, bucket)
        else:
            shelf.young.pop(key, None)

    def widen(self, extra: int) -> None:
        self._extra = extra
        for window, shelf in self._shelves.items():
            shelf.span = window + extra

    def __len__(self) -> int:
        shelves = self._shelves.values()
        return sum(len(s.busy.keys() | s.young.keys() | s.old.keys()) for s in shelves)


def _packed(rule: Rule, bucket: Bucket) -> _Resting:
    back = bucket.back
    if rule.chain:
        return back[0] << _LINKS | bucket.used
    return back[0] if len(back) == 1 else tuple(back)


def _unpacked(rule: Rule, resting: _Resting) -> Bucket:
    if isinstance(resting, tuple):
        return Bucket(used=len(resting), back=[*resting])
    if rule.chain:
        return Bucket(used=resting & ((1 << _LINKS) - 1), back=[resting >> _LINKS])
    return Bucket(used=1, back=[resting])
