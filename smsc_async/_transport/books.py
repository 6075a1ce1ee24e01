"""The file in which the books of a login are kept: how it is made, known again and carried over."""

from __future__ import annotations

import sqlite3
from array import array
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Final, NamedTuple, TypeAlias, TypeVar

import msgspec

from .. import _sqlite
from .._throttle.keys import Slot
from .._throttle.ledger import Common
from .._wire.limits import Per, Rule

T = TypeVar("T")
OURS: Final = 0x534D5343  # in the header of a file, beside its version
VERSION: Final = 1
_IN_ONE: Final = 500  # values that a statement takes, of any build of SQLite
NEVER: Final = 1 << 62  # when what hangs on an answer is over
# Whatever may come of a file that cannot be used, or that does not hold what was written in it.
BROKEN: Final = (sqlite3.Error, OSError, ValueError, TypeError)
COMMON = msgspec.msgpack.Decoder(Common)
Key: TypeAlias = tuple[int, bytes]  # of a bucket: its window, and what its rule counts together
_TABLES: Final = """
CREATE TABLE login (common BLOB NOT NULL, boot TEXT NOT NULL, last INTEGER NOT NULL);
CREATE TABLE bucket (
    window INTEGER NOT NULL, key BLOB NOT NULL,
    out INTEGER NOT NULL, used INTEGER NOT NULL, back BLOB NOT NULL, until INTEGER NOT NULL,
    PRIMARY KEY (window, key)
) WITHOUT ROWID;
CREATE TABLE resting (
    number INTEGER PRIMARY KEY AUTOINCREMENT, window INTEGER NOT NULL, until INTEGER NOT NULL,
    size INTEGER NOT NULL, keys BLOB NOT NULL
);
CREATE TABLE holder (number INTEGER PRIMARY KEY AUTOINCREMENT, file TEXT NOT NULL);
CREATE TABLE lease (number INTEGER PRIMARY KEY, holder INTEGER NOT NULL, slots BLOB NOT NULL);
CREATE TABLE claim (
    key BLOB NOT NULL, holder INTEGER NOT NULL, lane TEXT NOT NULL,
    number INTEGER NOT NULL, waiting INTEGER NOT NULL, rule TEXT NOT NULL,
    slot BLOB NOT NULL, passed INTEGER NOT NULL DEFAULT 0, offered INTEGER,
    PRIMARY KEY (key, holder, lane)
) WITHOUT ROWID;
CREATE INDEX claim_offered ON claim (holder) WHERE offered IS NOT NULL;
"""


class _Taken(NamedTuple):
    """A slot, as far as others must know it."""

    limit: int
    window: int
    chain: bool
    key: bytes


_TAKEN = msgspec.msgpack.Decoder(list[_Taken])


def connected(path: Path, patience: float) -> sqlite3.Connection:
    """Open the file at *path*, which nobody else may read, or make it."""
    return _sqlite.connected(path, patience, OURS, VERSION, "limits")


def prepared(db: sqlite3.Connection, boot: str, now: int) -> tuple[bool, bool]:
    """Make the tables, or carry them over; tell whether they are new, and whether time is.

    Call it in a transaction.
    """
    if _sqlite.is_empty(db):
        _sqlite.make(db, _TABLES, OURS, VERSION)
        common = msgspec.msgpack.encode(Common())
        db.execute("INSERT INTO login VALUES (?, ?, ?)", (common, boot, now))
        return True, False
    known, last = db.execute("SELECT boot, last FROM login").fetchone()
    begins = known != boot or now < last
    if begins:
        _shift(db, last - (now if known == boot else 0))
        db.execute("UPDATE login SET boot = ?, last = ?", (boot, now))
    return False, begins


def _shift(db: sqlite3.Connection, last: int) -> None:
    """Carry the books over to a clock that shows 0 where the one of before showed *last*.

    Another start of the machine came after the last look at the clock, and counts from there: what
    was to come back so long after that comes back so long after the start, at the latest. A clock
    that went back is only known to have shown that moment before now. So no clock of the day is
    trusted.
    """
    for window, key, out, used, back in db.execute(
        "SELECT window, key, out, used, back FROM bucket"
    ).fetchall():
        found = [at - last for at in moments(back)]
        until = NEVER if out else found[-1]
        db.execute(
            "INSERT OR REPLACE INTO bucket VALUES (?, ?, ?, ?, ?, ?)",
            (window, key, out, used, array("q", found).tobytes(), until),
        )
    # Under new numbers, so that who has read them reads them again.
    (end,) = db.execute("SELECT COALESCE(MAX(number), 0) FROM resting").fetchone()
    db.execute(
        "INSERT INTO resting (window, until, size, keys)"
        " SELECT window, until - ?, size, keys FROM resting ORDER BY number",
        (last,),
    )
    db.execute("DELETE FROM resting WHERE number <= ?", (end,))
    common = COMMON.decode(db.execute("SELECT common FROM login").fetchone()[0])
    common.resume -= last
    common.blocked = max(0, common.blocked - last)
    for cap in common.caps.values():
        cap.refused -= last
    if common.seen is not None:
        common.seen -= last
    db.execute("UPDATE login SET common = ?", (msgspec.msgpack.encode(common),))


def moments(packed: bytes) -> list[int]:
    """Read what an array wrote."""
    found = array("q")
    found.frombytes(packed)
    return found.tolist()


def pack(slots: Iterable[Slot]) -> bytes:
    """Write slots as a lease holds them."""
    return msgspec.msgpack.encode(
        [(s.rule.limit, s.rule.window, s.rule.chain, s.key) for s in slots]
    )


def unpack(slots: bytes) -> tuple[Slot, ...]:
    """Read what :func:`pack` wrote, as far as others must know it."""
    return tuple(
        Slot(Rule(taken.limit, taken.window, Per.LOGIN, chain=taken.chain), taken.key)
        for taken in _TAKEN.decode(slots)
    )


def leased(slots: bytes) -> list[Key]:
    """Return the keys of what :func:`pack` wrote."""
    return [(taken.window, taken.key) for taken in _TAKEN.decode(slots)]


def portions(values: Sequence[T]) -> Iterator[Sequence[T]]:
    """Yield *values* as statements take them."""
    for begin in range(0, len(values), _IN_ONE):
        yield values[begin : begin + _IN_ONE]


def marks(values: Sequence[object]) -> str:
    """Return the place in a statement where *values* go."""
    return ", ".join("?" * len(values))
