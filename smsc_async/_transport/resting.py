"""The tokens that came back together and are not free yet, as a shared file holds them: one row.

A campaign's request has a key for each of its hundred phones, and in a table that is sought by key
each lies on another page: to write them there was most of what a decision costs. So they are only
appended, and each opening of the file seeks them in an index of its own, in its memory.
"""

from __future__ import annotations

import sqlite3
from array import array
from bisect import bisect_left
from collections.abc import Iterable, Mapping, Sequence
from typing import Final

import msgspec

_KEYS: Final = msgspec.msgpack.Decoder(list[bytes])
# Keys of which a portion is made: a dictionary takes ten times its memory, and each portion is one
# more to seek a key in. At most two to the power of sixteen, as a portion counts its moments.
MANY: Final = 1 << 15


class _Portion:
    """Many numbers of the index, in order, and when each is over; dropped with the last of them.

    Keys come back a request at a time, so their moments are few: each is kept once.
    """

    def __init__(self, known: Mapping[int, int]) -> None:
        self._numbers = array("q", sorted(known))
        self._moments = array("q", sorted(set(known.values())))
        places = {moment: place for place, moment in enumerate(self._moments)}
        self._places = array("H", [places[known[number]] for number in self._numbers])
        self.over = self._moments[-1]

    def find(self, numbers: Iterable[int]) -> dict[int, int]:
        own, size, found = self._numbers, len(self._numbers), dict[int, int]()
        for number in numbers:
            at = bisect_left(own, number)
            if at < size and own[at] == number:
                found[number] = self._moments[self._places[at]]
        return found


class Resting:
    """The rows of one opening of the file *db*; what is written needs a transaction of it.

    In the index a key is known by its hash: two with the same one would count for each other, which
    is only too careful.
    """

    def __init__(self, db: sqlite3.Connection, many: int = MANY) -> None:
        self._db = db
        self._many = many
        self._seen = 0  # the number of the last row that is in the index
        self._last: dict[int, int] = {}  # what was written last, and until when it rests
        self._portions: list[_Portion] = []  # and what before, the latest first

    def look(self, now: int) -> None:
        """See what was written since, and is not over."""
        rows = self._db.execute(
            "SELECT number, window, until, keys FROM resting WHERE number > ? ORDER BY number",
            (self._seen,),
        )
        for number, window, until, keys in rows:
            if until > now:
                self._last |= {hash((window, key)): until for key in _KEYS.decode(keys)}
            self._seen = number
            if len(self._last) >= self._many:
                alive = [portion for portion in self._portions if portion.over > now]
                self._portions = [_Portion(self._last), *alive]
                self._last = {}

    def find(self, window: int, keys: Sequence[bytes], now: int) -> Mapping[bytes, int]:
        """Return when the tokens come back of those *keys* that were given back."""
        sought = {hash((window, key)): key for key in keys}
        # What was written again counts, though it may come back sooner than before.
        known = {number: self._last[number] for number in sought.keys() & self._last.keys()}
        for portion in self._portions:
            if portion.over > now:
                known |= portion.find(sought.keys() - known.keys())
        return {sought[number]: until for number, until in known.items() if until > now}

    def add(self, window: int, until: int, keys: Sequence[bytes]) -> None:
        """Write a token of each of the *keys*, which all come back at the moment *until*."""
        self._db.execute(
            "INSERT INTO resting (window, until, size, keys) VALUES (?, ?, ?, ?)",
            (window, until, len(keys), msgspec.msgpack.encode(keys)),
        )

    def sweep(self, now: int, most: int) -> None:
        """Forget what is over among the *most* rows that were written first."""
        self._db.execute(
            "DELETE FROM resting WHERE until <= ?"
            " AND number IN (SELECT number FROM resting ORDER BY number LIMIT ?)",
            (now, most),
        )

    def __len__(self) -> int:
        (keys,) = self._db.execute("SELECT COALESCE(SUM(size), 0) FROM resting").fetchone()
        return int(keys)
