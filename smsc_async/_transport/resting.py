"""The tokens that came back together and are not free yet, as a shared file holds them: one row.

A campaign's request has a key for each of its hundred phones, and in a table that is sought by key
each lies on another page: to write them there was most of what a decision costs. So they are only
appended, and each opening of the file seeks them in an index of its own, which ends with it.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping, Sequence
from typing import Final

import msgspec

from .books import marks, portions

_KEYS: Final = msgspec.msgpack.Decoder(list[bytes])
_INDEX: Final = """
CREATE TABLE {} (
    window INTEGER NOT NULL, key BLOB NOT NULL, until INTEGER NOT NULL, PRIMARY KEY (window, key)
) WITHOUT ROWID
"""


class _Generation:
    """Some of the index; when the last of it is over, it is dropped whole."""

    def __init__(self, index: sqlite3.Connection, name: str) -> None:
        self._index = index
        self._name = name
        self.over = 0
        index.execute(_INDEX.format(name))

    def add(self, window: int, until: int, keys: Sequence[bytes]) -> None:
        self._index.executemany(
            f"INSERT OR REPLACE INTO {self._name} VALUES (?, ?, ?)",  # noqa: S608 - a name of ours
            [(window, key, until) for key in keys],
        )
        self.over = max(self.over, until)

    def find(self, window: int, keys: Sequence[bytes], now: int) -> Mapping[bytes, int]:
        if self.over <= now or not keys:
            return {}
        return dict(
            self._index.execute(
                f"SELECT key, until FROM {self._name} "  # noqa: S608 - a name of ours, and marks
                f"WHERE window = ? AND key IN ({marks(keys)}) AND until > ?",
                (window, *keys, now),
            ).fetchall()
        )

    def drop(self) -> None:
        self._index.execute(f"DELETE FROM {self._name}")  # noqa: S608 - a name of ours
        self.over = 0


class Resting:
    """The rows of one opening of a file; call the methods in a transaction of *db*."""

    def __init__(self, db: sqlite3.Connection) -> None:
        self._db = db
        self._seen = 0  # the number of the last row that is in the index
        # In memory, or beyond some size in a file without a name; what it holds stands in ours.
        index = sqlite3.connect("", isolation_level=None, check_same_thread=False)
        index.execute("PRAGMA journal_mode = OFF")
        index.execute("BEGIN")  # and never the end: nobody else reads it
        self._young, self._old = _Generation(index, "one"), _Generation(index, "other")

    def begin(self, now: int) -> None:
        """See what was written since."""
        rows = self._db.execute(
            "SELECT number, window, until, keys FROM resting WHERE number > ? ORDER BY number",
            (self._seen,),
        ).fetchall()
        if rows and self._old.over <= now:
            self._old.drop()
            self._young, self._old = self._old, self._young
        for number, window, until, keys in rows:
            self._young.add(window, until, _KEYS.decode(keys))
            self._seen = number

    def find(self, window: int, keys: Sequence[bytes], now: int) -> Mapping[bytes, int]:
        """Return when the tokens come back of those *keys* that were given back."""
        found = dict[bytes, int]()
        for some in portions(keys):
            # What is in both was written again later.
            found |= self._old.find(window, some, now)
            found |= self._young.find(window, some, now)
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

    def __len__(self) -> int:
        (keys,) = self._db.execute("SELECT COALESCE(SUM(size), 0) FROM resting").fetchone()
        return int(keys)
