"""The tokens of a login that are not free, as a shared file holds them.

What is out with a request stands in its lease already, and what it gave back at once stands in one
row for all its keys, if that is all that is to be said of them. Any other bucket has a row.
"""

from __future__ import annotations

import sqlite3
from array import array
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from collections.abc import Set as AbstractSet
from itertools import groupby
from operator import itemgetter
from typing import Final

from .._throttle.buckets import Bucket
from .._throttle.keys import Slot
from .._wire.limits import MINUTE
from .books import NEVER, Key, leased, marks, moments, portions
from .resting import Resting

# So many rows are looked at for each that is written, whether they are over, and so many at least:
# then what is over is never more than half of what is not.
_LOOKED: Final = 3
_FEWEST: Final = 64
_ROWS: Final = 16  # of what came back together, of which a decision writes one, or a few
_FIRST: Final[Key] = (-1, b"")
_LAST: Final[Key] = (NEVER, b"")


class Shelf:
    """The buckets of one opening of a file; what is read is of the transaction that runs."""

    def __init__(self, db: sqlite3.Connection) -> None:
        self._db = db
        self._leases = Counter[bytes]()  # of all, whosever they are
        self._out = Counter[Key]()  # in how many of them
        self._swept = _FIRST
        self._resting = Resting(db)
        # Of the transaction that runs:
        self._buckets: dict[Key, Bucket | None] = {}
        self._written: set[Key] = set()  # of those, which have a row
        self._rested: dict[Key, int] = {}  # and which came back with others, until when
        self._changed: set[Key] = set()

    @property
    def changed(self) -> AbstractSet[Key]:
        """What the transaction has changed."""
        return self._changed

    def look(self, now: int) -> None:
        """See what came back before a transaction, which would hold up others meanwhile."""
        self._resting.look(now)

    def begin(self, now: int) -> None:
        """See what is out *now*, and what came back."""
        self._resting.look(now)
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
        together = defaultdict[tuple[int, int], list[bytes]](list)
        for at in sorted(self._changed):
            bucket, rested = self._buckets[at] or Bucket(), self._rested.get(at)
            if _is_leased(bucket) and rested is None:
                if at in self._written:
                    gone.append(at)
            elif at in self._written or not _rests(bucket, at[0]):
                # What it rested on is out of sight while there is a row.
                until = NEVER if bucket.out else max([*bucket.back[-1:], rested or 0])
                used = bucket.used if bucket.out or bucket.back else 0
                back = array("q", bucket.back).tobytes()
                kept.append((*at, bucket.out, used, back, until))
            else:
                together[at[0], bucket.back[0]].append(at[1])
        self._db.executemany("DELETE FROM bucket WHERE window = ? AND key = ?", gone)
        self._db.executemany("INSERT OR REPLACE INTO bucket VALUES (?, ?, ?, ?, ?, ?)", kept)
        for (window, until), keys in together.items():
            self._resting.add(window, until, keys)
        self.sweep(now, max(_FEWEST, _LOOKED * len(kept)))

    def sweep(self, now: int, most: int) -> None:
        """Forget what is over among the next *most* rows, in the order in which they lie.

        All that is over lies on all pages of the file: to forget it at once would hold the loop.
        """
        self._resting.sweep(now, _ROWS)
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
        self._rested.clear()
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
        return int(keys) + len(self._resting)

    def _read(self, window: int, keys: Sequence[bytes], now: int) -> None:
        found = self._db.execute(
            "SELECT key, out, used, back FROM bucket "  # noqa: S608 - marks alone
            f"WHERE window = ? AND key IN ({marks(keys)}) AND until > ?",
            (window, *keys, now),
        )
        rows = {key: Bucket(out, used, moments(back)) for key, out, used, back in found.fetchall()}
        # What is out with nothing resting beside it has no row, and is sought no further.
        outs = {key: out for key in keys if (out := self._out.get((window, key)))}
        sought = [key for key in keys if key in rows or key not in outs]
        rested = self._resting.find(window, sought, now)
        for key in keys:
            at = (window, key)
            if key in rested:
                self._rested[at] = rested[key]
            if key in rows:
                self._written.add(at)
                self._buckets[at] = rows[key]
            elif key in rested:
                self._buckets[at] = Bucket(0, 1, [rested[key]])
            else:
                self._buckets[at] = Bucket(out, out) if (out := outs.get(key, 0)) else None


def _is_leased(bucket: Bucket) -> bool:
    """Tell whether the leases say all that there is to say of *bucket*."""
    return not bucket.back and bucket.out in (0, bucket.used)


def _rests(bucket: Bucket, window: int) -> bool:
    """Tell whether a token that comes back is all there is to say of *bucket*, and comes soon."""
    return not bucket.out and bucket.used == len(bucket.back) == 1 and window <= MINUTE
