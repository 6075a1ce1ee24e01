"""The tokens of a login that are not free, as a shared file holds them.

What is out with a request stands in its lease already. So a bucket is written when something comes
back to it, and not before: a campaign's request has a key for each of its hundred phones, and each
of them lies on another page of the file.
"""

from __future__ import annotations

import sqlite3
from array import array
from collections import Counter
from collections.abc import Iterable, Sequence
from collections.abc import Set as AbstractSet
from itertools import groupby
from operator import itemgetter
from typing import Final

from .._throttle.buckets import Bucket
from .._throttle.keys import Slot
from .books import NEVER, Key, leased, marks, moments, portions

# So many rows are looked at for each that is written, whether they are over, and so many at least:
# then what is over is never more than half of what is not.
_LOOKED: Final = 3
_FEWEST: Final = 64
_FIRST: Final[Key] = (-1, b"")
_LAST: Final[Key] = (NEVER, b"")


class Shelf:
    """The buckets of one opening of a file; what is read is of the transaction that runs."""

    def __init__(self, db: sqlite3.Connection) -> None:
        self._db = db
        self._leases = Counter[bytes]()  # of all, whosever they are
        self._out = Counter[Key]()  # in how many of them
        self._swept = _FIRST
        # Of the transaction that runs:
        self._buckets: dict[Key, Bucket | None] = {}
        self._written: set[Key] = set()  # of those, which have a row
        self._changed: set[Key] = set()

    @property
    def changed(self) -> AbstractSet[Key]:
        """What the transaction has changed."""
        return self._changed

    def begin(self) -> None:
        """See what is out now."""
        leases = Counter(slots for (slots,) in self._db.execute("SELECT slots FROM lease"))
        for slots in (self._leases - leases).elements():
            for key in leased(slots):
                self._out[key] -= 1
                if not self._out[key]:
                    del self._out[key]
        for slots in (leases - self._leases).elements():
            self._out.update(leased(slots))
        self._leases = leases

    def save(self, now: int) -> None:
        """Write what was changed, and forget some of what is over *now*."""
        gone, kept = list[Key](), list[tuple[object, ...]]()
        for at in sorted(self._changed):
            bucket = self._buckets[at]
            if bucket is None or _is_leased(bucket):
                if at in self._written:
                    gone.append(at)
            else:
                until = NEVER if bucket.out else bucket.back[-1]
                back = array("q", bucket.back).tobytes()
                kept.append((*at, bucket.out, bucket.used, back, until))
        self._db.executemany("DELETE FROM bucket WHERE window = ? AND key = ?", gone)
        self._db.executemany("INSERT OR REPLACE INTO bucket VALUES (?, ?, ?, ?, ?, ?)", kept)
        self.sweep(now, max(_FEWEST, _LOOKED * len(self._changed)))

    def sweep(self, now: int, most: int) -> None:
        """Forget what is over among the next *most* rows, in the order in which they lie.

        All that is over lies on all pages of the file: to forget it at once would hold the loop.
        """
        end = self._db.execute(
            "SELECT window, key FROM bucket WHERE (window, key) > (?, ?)"
            " ORDER BY window, key LIMIT 1 OFFSET ?",
            (*self._swept, most - 1),
        ).fetchone()
        self._db.execute(
            "DELETE FROM bucket WHERE (window, key) > (?, ?) AND (window, key) <= (?, ?)"
            " AND until <= ?",
            (*self._swept, *(end or _LAST), now),
        )
        self._swept = end or _FIRST

    def forget(self) -> None:
        """Forget what was seen in a transaction."""
        self._buckets.clear()
        self._written.clear()
        self._changed.clear()

    # As a ledger knows them.

    def expect(self, slots: Iterable[Slot], now: int) -> None:
        wanted = {(slot.rule.window, slot.key) for slot in slots} - self._buckets.keys()
        for window, some in groupby(sorted(wanted), key=itemgetter(0)):
            for keys in portions([key for _, key in some]):
                self._read(window, keys, now)

    def find(self, slot: Slot, now: int) -> Bucket | None:
        at = (slot.rule.window, slot.key)
        if at not in self._buckets:
            self._read(slot.rule.window, [slot.key], now)
        return self._buckets[at]

    def put(self, slot: Slot, bucket: Bucket) -> None:
        at = (slot.rule.window, slot.key)
        self._buckets[at] = bucket
        self._changed.add(at)

    def widen(self, extra: int) -> None:
        pass  # a key is forgotten when its last token is back

    def __len__(self) -> int:
        (keys,) = self._db.execute("SELECT COUNT(*) FROM bucket").fetchone()
        return int(keys)

    def _read(self, window: int, keys: Sequence[bytes], now: int) -> None:
        for key in keys:
            out = self._out.get((window, key), 0)
            self._buckets[window, key] = Bucket(out, out) if out else None
        found = self._db.execute(
            "SELECT key, out, used, back FROM bucket "  # noqa: S608 - marks alone
            f"WHERE window = ? AND key IN ({marks(keys)}) AND until > ?",
            (window, *keys, now),
        )
        for key, out, used, back in found.fetchall():
            self._buckets[window, key] = Bucket(out, used, moments(back))
            self._written.add((window, key))


def _is_leased(bucket: Bucket) -> bool:
    """Tell whether the leases say all that there is to say of *bucket*."""
    return not bucket.back and bucket.out in (0, bucket.used)
