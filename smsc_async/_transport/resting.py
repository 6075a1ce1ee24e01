"""The tokens that came back together and are not free yet, as a shared file holds them: one row.

A campaign's request has a key for each of its hundred phones, and in a table that is sought by key
each lies on another page: to write them there was most of what a decision costs. So they are only
appended, and each opening of the file seeks them in an index of its own, in its memory.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping, Sequence
from typing import Final

import msgspec

from .books import marks, portions

_KEYS: Final = msgspec.msgpack.Decoder(list[bytes])


class _Generation:
    """Some of the index; when the last of it is over, it is dropped whole.

    It is a table, for one takes a quarter of a dictionary's memory. A key is known by its hash: two
    with the same one would count for each other, which is only too careful.
    """

    def __init__(self) -> None:
        self.over = 0
        self._db = sqlite3.connect(":memory:", isolation_level=None, check_same_thread=False)
        self._db.execute("PRAGMA journal_mode = OFF")
        self._db.execute("CREATE TABLE resting (key INTEGER PRIMARY KEY, until INTEGER NOT NULL)")

    def add(self, window: int, until: int, keys: Sequence[bytes]) -> None:
        self._db.execute("BEGIN")
        self._db.executemany(
            "INSERT OR REPLACE INTO resting VALUES (?, ?)",
            [(hash((window, key)), until) for key in keys],
        )
        self._db.execute("COMMIT")
        self.over = max(self.over, until)

    def find(self, numbers: Sequence[int]) -> Mapping[int, int]:
        if not self.over:
            return {}
        query = f"SELECT key, until FROM resting WHERE key IN ({marks(numbers)})"  # noqa: S608 - marks alone
        return dict(self._db.execute(query, numbers).fetchall())

    def drop(self) -> None:
        self._db.execute("DELETE FROM resting")
        self.over = 0

    def close(self) -> None:
        self._db.close()


class Resting:
    """The rows of one opening of the file *db*; what is written needs a transaction of it."""

    def __init__(self, db: sqlite3.Connection) -> None:
        self._db = db
        self._seen = 0  # the number of the last row that is in the index
        self._young, self._old = _Generation(), _Generation()

    def look(self, now: int) -> None:
        """See what was written since, and is not over."""
        rows = self._db.execute(
            "SELECT number, window, until, keys FROM resting WHERE number > ? ORDER BY number",
            (self._seen,),
        ).fetchall()
        if rows and self._old.over <= now:
            self._old.drop()
            self._young, self._old = self._old, self._young
        for number, window, until, keys in rows:
            if until > now:
                self._young.add(window, until, _KEYS.decode(keys))
            self._seen = number

    def find(self, window: int, keys: Sequence[bytes], now: int) -> Mapping[bytes, int]:
        """Return when the tokens come back of those *keys* that were given back."""
        found = dict[bytes, int]()
        for some in portions(keys):
            numbers = [hash((window, key)) for key in some]
            # What is in both was written again later; it may come back sooner than before.
            known = {**self._old.find(numbers), **self._young.find(numbers)}
            for key, number in zip(some, numbers, strict=True):
                if known.get(number, 0) > now:
                    found[key] = known[number]
        return found

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

    def close(self) -> None:
        """Forget the index."""
        self._young.close()
        self._old.close()

    def __len__(self) -> int:
        (keys,) = self._db.execute("SELECT COALESCE(SUM(size), 0) FROM resting").fetchone()
        return int(keys)
