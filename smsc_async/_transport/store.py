"""The books of a login in a file, for all processes of a machine: a transaction for each decision.

Who may start is decided by the same line and ledger as within one process. What they ask for is
read in the transaction, and what they change is written at its end.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Generator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

import msgspec

from .._throttle.ledger import Ledger
from .._wire.limits import HOUR
from .books import COMMON, connected, prepared
from .claims import Claims
from .living import Identity, Life, identity
from .shelf import Shelf

OPENING: Final = 1.0  # seconds to wait while others make the file
BUSY: Final = 250  # ms to wait for the end of another's transaction
TIDY: Final = 1_000  # ms between two looks for what ended without saying so
SWEPT: Final = 1_000  # rows of which each such look forgets what is over


class Store:
    """The file at *path*, open in this process as one holder of it.

    *clock* is one that all processes of the machine share, in seconds since it was started; *boot*
    tells one start from another. The *life* outlives this opening: what it had taken is still its
    own at the next. Whatever is wrong with the file raises one of ``BROKEN``.
    """

    def __init__(
        self,
        path: Path,
        clock: Callable[[], float],
        boot: Callable[[], str],
        life: Life,
        patience: float = OPENING,
    ) -> None:
        self._clock = clock
        self._path = path
        self._db = connected(path, patience)
        try:
            self._identity: Identity = identity(path.stat())
            locks = path.with_name(f"{path.name}-holders")
            with self._transaction():
                self._living = life.among(locks)
                now = self._now()
                self.is_new, begins = prepared(self._db, boot(), now)
                if begins:  # nobody of before lives, whatever file was locked then
                    here = self._living.token
                    self._db.execute("UPDATE holder SET file = ?", (here,))
                # Others are at work who knew an earlier file.
                self.was_removed = self.is_new and self._living.anyone()
                self._holder = self._register(locks, life)
        except BaseException:
            self._db.close()
            raise
        self._patience(BUSY)
        self._waits = True
        self.went_on = False  # whoever opened it has seen to what it had taken before
        self.claims = Claims(self._db, self._holder)
        self.shelf = Shelf(self._db)
        self._common = b""
        self._version = 0
        self._tidied = -TIDY
        self.is_tidied = False  # in the transaction that runs
        self._changes = 0  # to the file before the transaction that runs

    def begin(self) -> None:
        """Begin a transaction, if no other takes too long; what is read before is not decided upon.

        Raises :class:`BlockingIOError` if one does. Then nobody waits again until it is over: the
        whole loop would wait.
        """
        self.shelf.look(self._now())
        try:
            self._db.execute("BEGIN IMMEDIATE")
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode & 0xFF != sqlite3.SQLITE_BUSY:
                raise
            if self._waits:
                self._patience(0)
                self._waits = False
            raise BlockingIOError(str(error)) from None
        if not self._waits:
            self._patience(BUSY)
            self._waits = True

    @contextmanager
    def deciding(self, ledger: Ledger) -> Generator[int]:
        """Hold what was begun open for a decision of *ledger*; give the time, in ms."""
        try:
            now, self._changes = self._now(), self._db.total_changes
            self._load(ledger)
            self.claims.begin()
            self.shelf.begin(now)
            self.is_tidied = now - self._tidied >= TIDY
            if self.is_tidied:
                self._tidied = now
                self._tidy(ledger, now)
            yield now
            self.claims.end()
            self._save(ledger, now)
            self._db.execute("COMMIT")
            if any(window >= HOUR for window, _ in self.shelf.changed):
                # What counts for hours outlives even a loss of power: this writes it to the disk.
                self._db.execute("PRAGMA wal_checkpoint(PASSIVE)")
        except BaseException:
            if self._db.in_transaction:
                self._db.execute("ROLLBACK")
            raise
        finally:
            self.claims.forget()
            self.shelf.forget()

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
        """Give the file back; what is taken stays taken as long as its holder's life."""
        self._db.close()

    def _load(self, ledger: Ledger) -> None:
        common, lives = self._db.execute(
            "SELECT common, EXISTS (SELECT 1 FROM holder WHERE number = ?) FROM login",
            (self._holder,),
        ).fetchone()
        if not lives:  # some program here opened and closed the companion: that frees its locks
            raise ValueError("others took this process for dead")
        if common != self._common:
            self._common = common
            ledger.common = COMMON.decode(common)

    def _save(self, ledger: Ledger, now: int) -> None:
        common = msgspec.msgpack.encode(ledger.common)
        written = self._db.total_changes != self._changes
        if not (written or self.shelf.changed or common != self._common):
            return  # or each look of one process would make the others look again
        self._common = common
        self._db.execute("UPDATE login SET common = ?, last = ?", (self._common, now))
        self.shelf.save(now)

    def _tidy(self, ledger: Ledger, now: int) -> None:
        """Take back what dead processes had taken, and forget some of what is over."""
        holders = self._db.execute("SELECT number FROM holder").fetchall()
        for (holder,) in holders:
            if not self._living.lives(holder):
                for slots in self.claims.bury(holder):
                    ledger.lost(slots, now)  # it may have ended just now, with its request out
        self.shelf.sweep(now, SWEPT)

    def _register(self, locks: Path, life: Life) -> int:
        """Become a holder of the file, by the number of before or one that nobody else holds."""
        file = self._living.token
        strange = "SELECT 1 FROM holder WHERE file <> ?"
        if self._db.execute(strange, (file,)).fetchone():
            raise ValueError(f"{locks.name} was replaced: delete both once nobody uses them")
        known = "SELECT 1 FROM holder WHERE number = ?"
        if life.number and self._db.execute(known, (life.number,)).fetchone():
            return life.number
        while True:
            row = self._db.execute("INSERT INTO holder (file) VALUES (?)", (file,))
            number = row.lastrowid or 0
            if life.take(number):
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

    def _patience(self, most: int) -> None:
        self._db.execute(f"PRAGMA busy_timeout = {most}")

    def _now(self) -> int:
        return int(self._clock() * 1000)
