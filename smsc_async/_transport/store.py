"""The books of a login in a file, for all processes of a machine: a transaction for each decision.

Who may start is decided by the same line and ledger as within one process. What they ask for is
read in the transaction, and what they change is written at its end.
"""

from __future__ import annotations

import os
import sqlite3
from array import array
from collections.abc import Callable, Generator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

import msgspec

from .._throttle.buckets import Bucket
from .._throttle.keys import Slot
from .._throttle.ledger import Common, Ledger
from .._wire.limits import HOUR
from .claims import NEVER, Claims
from .living import Identity, Living, identity

VERSION: Final = 1
OPENING: Final = 5.0  # seconds to wait while others make the file
BUSY: Final = 250  # ms to wait for the end of another's transaction
TIDY: Final = 1_000  # ms between two looks for what ended without saying so

_TABLES: Final = """
CREATE TABLE login (common BLOB NOT NULL, boot TEXT NOT NULL, last INTEGER NOT NULL);
CREATE TABLE bucket (
    window INTEGER NOT NULL, key BLOB NOT NULL,
    out INTEGER NOT NULL, used INTEGER NOT NULL, back BLOB NOT NULL, until INTEGER NOT NULL,
    PRIMARY KEY (window, key)
) WITHOUT ROWID;
CREATE INDEX bucket_until ON bucket (until);
CREATE TABLE holder (number INTEGER PRIMARY KEY AUTOINCREMENT, file TEXT NOT NULL);
CREATE TABLE lease (number INTEGER PRIMARY KEY, holder INTEGER NOT NULL, slots BLOB NOT NULL);
CREATE TABLE claim (
    key BLOB NOT NULL, holder INTEGER NOT NULL, lane TEXT NOT NULL,
    number INTEGER NOT NULL, waiting INTEGER NOT NULL, rule TEXT NOT NULL,
    passed INTEGER NOT NULL DEFAULT 0, offered INTEGER,
    PRIMARY KEY (key, holder, lane)
) WITHOUT ROWID;
CREATE INDEX claim_offered ON claim (holder) WHERE offered IS NOT NULL;
"""
_COMMON = msgspec.msgpack.Decoder(Common)


class Store:
    """The file at *path*, open in this process as one holder of it.

    *clock* is one that all processes of the machine share, in seconds since it was started; *boot*
    tells one start from another. Raises :class:`sqlite3.Error`, :class:`OSError`, and
    :class:`ValueError` for a file of another kind.
    """

    def __init__(self, path: Path, clock: Callable[[], float], boot: Callable[[], str]) -> None:
        self._clock = clock
        self._path = path
        self._db = _connected(path)
        try:
            self._identity: Identity = identity(path.stat())
            locks = path.with_name(f"{path.name}-holders")
            with self._transaction():
                self._living = Living(locks)
                self.is_new = self._prepare(boot(), self._now())
                self._holder = self._register(locks)
        except BaseException:
            self._db.close()
            raise
        self._db.execute(f"PRAGMA busy_timeout = {BUSY}")
        self.claims = Claims(self._db, self._holder)
        self._buckets: dict[tuple[int, bytes], Bucket | None] = {}  # of the transaction that runs
        self._changed: set[tuple[int, bytes]] = set()
        self._common = b""
        self._version = 0
        self._tidied = -TIDY

    def begin(self) -> None:
        """Begin a transaction, if no other takes too long; nothing is read before."""
        self._db.execute("BEGIN IMMEDIATE")

    @contextmanager
    def deciding(self, ledger: Ledger) -> Generator[int]:
        """Hold what was begun open for a decision of *ledger*; give the time, in ms."""
        try:
            now = self._now()
            self._load(ledger)
            self.claims.begin()
            if now - self._tidied >= TIDY:
                self._tidied = now
                self._tidy(ledger, now)
            yield now
            self.claims.end()
            self._save(ledger, now)
            self._db.execute("COMMIT")
            if any(window >= HOUR for window, _ in self._changed):
                # What counts for hours outlives even a loss of power: this writes it to the disk.
                self._db.execute("PRAGMA wal_checkpoint(PASSIVE)")
        except BaseException:
            if self._db.in_transaction:
                self._db.execute("ROLLBACK")
            raise
        finally:
            self.claims.forget()
            self._buckets.clear()
            self._changed.clear()

    def is_in_place(self) -> bool:
        """Tell whether the file is still the one that was opened."""
        try:
            return identity(self._path.stat()) == self._identity
        except OSError:
            return False

    def was_changed(self) -> bool:
        """Tell whether another process wrote since this was asked last."""
        (version,) = self._db.execute("PRAGMA data_version").fetchone()
        changed, self._version = version != self._version, version
        return bool(changed)

    def is_untidy(self) -> bool:
        """Tell whether it is time to look for what ended without saying so."""
        return self._now() - self._tidied >= TIDY

    def close(self) -> None:
        """Give the file back; what is still taken ends as if the process had."""
        self._living.release(self._holder)
        self._db.close()

    # Buckets, as a ledger knows them.

    def find(self, slot: Slot, now: int) -> Bucket | None:
        at = (slot.rule.window, slot.key)
        if at in self._buckets:
            return self._buckets[at]
        row = self._db.execute(
            "SELECT out, used, back FROM bucket WHERE window = ? AND key = ? AND until > ?",
            (*at, now),
        ).fetchone()
        bucket = None if row is None else Bucket(row[0], row[1], _moments(row[2]))
        self._buckets[at] = bucket
        return bucket

    def put(self, slot: Slot, bucket: Bucket) -> None:
        at = (slot.rule.window, slot.key)
        self._buckets[at] = bucket
        self._changed.add(at)

    def widen(self, extra: int) -> None:
        pass  # a key is forgotten when its last token is back

    def __len__(self) -> int:
        (keys,) = self._db.execute("SELECT COUNT(*) FROM bucket").fetchone()
        return int(keys)

    def _load(self, ledger: Ledger) -> None:
        (common,) = self._db.execute("SELECT common FROM login").fetchone()
        if common != self._common:
            self._common = common
            ledger.common = _COMMON.decode(common)

    def _save(self, ledger: Ledger, now: int) -> None:
        self._common = msgspec.msgpack.encode(ledger.common)
        self._db.execute("UPDATE login SET common = ?, last = ?", (self._common, now))
        for at in self._changed:
            bucket = self._buckets[at]
            if bucket is None or not (bucket.out or bucket.back):
                self._db.execute("DELETE FROM bucket WHERE window = ? AND key = ?", at)
            else:
                until = NEVER if bucket.out else bucket.back[-1]
                back = array("q", bucket.back).tobytes()
                self._db.execute(
                    "INSERT OR REPLACE INTO bucket VALUES (?, ?, ?, ?, ?, ?)",
                    (*at, bucket.out, bucket.used, back, until),
                )

    def _tidy(self, ledger: Ledger, now: int) -> None:
        """Take back what dead processes had taken, and forget what is over."""
        holders = self._db.execute("SELECT number FROM holder").fetchall()
        for (holder,) in holders:
            if not self._living.lives(holder):
                for slots in self.claims.bury(holder):
                    ledger.lost(slots, now)  # it may have ended just now, with its request out
        self._db.execute("DELETE FROM bucket WHERE until <= ?", (now,))

    def _prepare(self, boot: str, now: int) -> bool:
        """Make the tables, or see that they are ours and of this start of the machine."""
        db = self._db
        (version,) = db.execute("PRAGMA user_version").fetchone()
        if version == 0 and not db.execute("SELECT 1 FROM sqlite_master").fetchone():
            for statement in _TABLES.split(";"):
                db.execute(statement)
            common = msgspec.msgpack.encode(Common())
            db.execute("INSERT INTO login VALUES (?, ?, ?)", (common, boot, now))
            db.execute(f"PRAGMA user_version = {VERSION}")
            return True
        if version != VERSION:
            raise ValueError("it is no file of limits, or one of another version")
        known, last = db.execute("SELECT boot, last FROM login").fetchone()
        if known != boot or now < last:
            _shift(db, last)
            db.execute("UPDATE login SET boot = ?, last = ?", (boot, now))
            # Nobody of before lives, whatever file was locked then.
            db.execute("UPDATE holder SET file = ?", (str(self._living.identity),))
        return False

    def _register(self, locks: Path) -> int:
        """Become a holder of the file, by a number that nobody else holds."""
        file = str(self._living.identity)
        strange = "SELECT 1 FROM holder WHERE file <> ?"
        if self._db.execute(strange, (file,)).fetchone():
            raise ValueError(
                f"{locks} was replaced while {self._path.name} was in use; delete both once no "
                "program uses them"
            )
        while True:
            row = self._db.execute("INSERT INTO holder (file) VALUES (?)", (file,))
            number = row.lastrowid or 0
            if self._living.claim(number):
                return number
            # Someone holds it who knew an earlier file of this name.
            self._db.execute("DELETE FROM holder WHERE number = ?", (number,))

    @contextmanager
    def _transaction(self) -> Generator[None]:
        self._db.execute("BEGIN IMMEDIATE")
        try:
            yield
            self._db.execute("COMMIT")
        except BaseException:
            self._db.execute("ROLLBACK")
            raise

    def _now(self) -> int:
        return int(self._clock() * 1000)


def _connected(path: Path) -> sqlite3.Connection:
    try:  # made here, so that nobody else may read it; its companions are made like it
        os.close(os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600))
    except FileExistsError:
        path.chmod(0o600)
    db = sqlite3.connect(path, timeout=OPENING, isolation_level=None, check_same_thread=False)
    try:
        db.execute("PRAGMA journal_mode = WAL")
        db.execute("PRAGMA synchronous = NORMAL")  # the end of a process loses nothing
    except BaseException:
        db.close()
        raise
    return db


def _shift(db: sqlite3.Connection, last: int) -> None:
    """Carry the books over to another start of the machine.

    It came after *last*, and its clock counts from there: what was to come back so long after
    *last* comes back so long after the start, at the latest. So no clock of the day is trusted.
    """
    for window, key, out, used, back in db.execute(
        "SELECT window, key, out, used, back FROM bucket"
    ).fetchall():
        moments = [at - last for at in _moments(back)]
        until = NEVER if out else moments[-1]
        db.execute(
            "INSERT OR REPLACE INTO bucket VALUES (?, ?, ?, ?, ?, ?)",
            (window, key, out, used, array("q", moments).tobytes(), until),
        )
    common = _COMMON.decode(db.execute("SELECT common FROM login").fetchone()[0])
    common.resume -= last
    if common.seen is not None:
        common.seen -= last
    db.execute("UPDATE login SET common = ?", (msgspec.msgpack.encode(common),))


def _moments(back: bytes) -> list[int]:
    moments = array("q")
    moments.frombytes(back)
    return moments.tolist()
