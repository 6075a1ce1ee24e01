"""What was handled before, in a file: for several processes, and over restarts."""

from __future__ import annotations

import logging
import math
import os
import sqlite3
import threading
from collections.abc import Callable, Generator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from .. import _sqlite
from .._transport.clock import wall_time
from .._wire.values import digest
from ._seen import MOST_LETTERS, Event, Letter, Verdict

OURS: Final = 0x534D5357  # in the header of a file, beside its version
VERSION: Final = 1
DAY: Final = 86_400.0
_log = logging.getLogger("smsc_async.webhooks")

_BUSY: Final = 0.25  # seconds that a locked file may hold the loop: the service calls again
_HURRY: Final = 1.0  # seconds after that in which nobody waits for it at all
_TIDY: Final = 1000  # events between two looks for what is too old

_TABLES: Final = """
CREATE TABLE handled (key BLOB PRIMARY KEY, at REAL NOT NULL) WITHOUT ROWID;
CREATE INDEX handled_at ON handled (at);
CREATE TABLE subject (
    subject BLOB PRIMARY KEY, at REAL NOT NULL, held REAL NOT NULL,
    progress INTEGER, ts INTEGER, status INTEGER, spoken INTEGER, key BLOB
) WITHOUT ROWID;
CREATE INDEX subject_at ON subject (at);
CREATE TABLE letter (
    key BLOB PRIMARY KEY, at REAL NOT NULL, reason TEXT NOT NULL, content_type TEXT NOT NULL,
    body BLOB NOT NULL, query BLOB NOT NULL
) WITHOUT ROWID;
"""


class SqliteSeen:
    """Remembers in the file at *path*, for *days*; what the service repeats ends after a few hours.

    Every process of a machine may use the same file, which its owner alone can read. It holds
    digests; only what was not understood (:meth:`letters`) stands there as it came. Each step is
    one short transaction on the loop, which a killed process leaves whole; after a loss of power
    the last events may be handled once more. A locked file may hold the loop for a quarter of a
    second, and after that for no more within a second.

    What it raises (:class:`sqlite3.Error`, :class:`OSError`, and :class:`ValueError` for a file of
    something else) a :class:`CallbackApp` answers with 503; a file that was lost is opened anew.
    """

    def __init__(
        self,
        path: str | os.PathLike[str],
        *,
        days: float = 30.0,
        clock: Callable[[], float] = wall_time,
    ) -> None:
        if not days > 0:
            raise ValueError("days: more than none")
        self._path = Path(path)
        self._days = days
        self._clock = clock
        self._db: sqlite3.Connection | None = None
        self._file: tuple[int, int] | None = None  # which one is open under that name
        self._ended = 0
        self._turn = threading.Lock()  # a person may read the letters from another thread
        self._hurries = -math.inf  # until when
        self._holds: dict[bytes, float] = {}  # until when, of the events that are being handled

    async def begin(self, event: Event, lease: float) -> Verdict:
        """Tell what to do with *event*, as :class:`~smsc_async.webhooks.Seen` has it."""
        now = self._clock()
        with self._transaction() as db:
            if db.execute("SELECT 1 FROM handled WHERE key = ?", (event.key,)).fetchone():
                return "duplicate"
            found = db.execute(
                "SELECT held, progress, ts, status, spoken, key FROM subject WHERE subject = ?",
                (event.subject,),
            ).fetchone()
            if found and 0 < found[0] - now <= lease:
                return "busy"
            db.execute(
                "INSERT INTO subject (subject, at, held) VALUES (?, ?, ?) "
                "ON CONFLICT DO UPDATE SET held = excluded.held",
                (event.subject, now, now + lease),
            )
        self._holds[event.key] = now + lease
        newest = found and found[1] is not None and (found[1:5], found[5])
        return "late" if newest and event.place < newest else "new"

    async def end(self, event: Event, *, handled: bool) -> None:
        """Let go of the subject of *event*, as :class:`~smsc_async.webhooks.Seen` has it."""
        now = self._clock()
        with self._transaction() as db:
            db.execute(  # unless it took too long, and another holds it now
                "UPDATE subject SET held = 0 WHERE subject = ? AND held = ?",
                (event.subject, self._holds.pop(event.key, None)),
            )
            if not handled:
                return
            db.execute("INSERT OR IGNORE INTO handled VALUES (?, ?)", (event.key, now))
            db.execute(  # the row is not there if the file was lost meanwhile
                "INSERT INTO subject VALUES (?, ?, 0, ?, ?, ?, ?, ?) ON CONFLICT DO UPDATE SET "
                "(at, progress, ts, status, spoken, key) = (excluded.at, excluded.progress, "
                "excluded.ts, excluded.status, excluded.spoken, excluded.key) "
                "WHERE subject.progress IS NULL "
                "OR (subject.progress, subject.ts, subject.status, subject.spoken, subject.key) < "
                "(excluded.progress, excluded.ts, excluded.status, excluded.spoken, excluded.key)",
                (event.subject, now, *event.rank, event.key),
            )
            self._ended += 1
            if self._ended % _TIDY == 1:
                for table in ("handled", "subject", "letter"):
                    db.execute(f"DELETE FROM {table} WHERE at < ?", (now - self._days * DAY,))  # noqa: S608 - ours

    async def keep(self, letter: Letter) -> None:
        """Keep what was not understood, the same once: the newest hundred."""
        with self._transaction() as db:
            db.execute(
                "INSERT OR REPLACE INTO letter VALUES (?, ?, ?, ?, ?, ?)",
                (digest(letter.body), *letter),
            )
            db.execute(
                "DELETE FROM letter WHERE key IN "
                "(SELECT key FROM letter ORDER BY at DESC LIMIT -1 OFFSET ?)",
                (MOST_LETTERS,),
            )

    def letters(self) -> list[Letter]:
        """Return what was not understood, oldest first."""
        with self._transaction() as db:
            rows = db.execute(
                "SELECT at, reason, content_type, body, query FROM letter ORDER BY at"
            )
            return [Letter(*row) for row in rows]

    async def aclose(self) -> None:
        """Close the file; the next callback opens it again."""
        with self._turn:
            self._close()

    @contextmanager
    def _transaction(self) -> Generator[sqlite3.Connection]:
        """Give the file for one transaction; after an error it is opened anew."""
        with self._turn:
            try:
                db = self._begun()
                yield db
                db.execute("COMMIT")
            except BaseException as error:
                if getattr(error, "sqlite_errorcode", 0) & 0xFF == sqlite3.SQLITE_BUSY:
                    self._hurries = self._clock() + _HURRY
                self._close()  # which ends the transaction, too
                raise

    def _begun(self) -> sqlite3.Connection:
        """Return the file with a transaction that has begun."""
        if self._db is not None and self._found() != self._file:
            _log.warning("%s was removed: what is repeated will be handled once more", self._path)
            self._close()  # SQLite would go on writing where nobody finds it
        if self._db is not None:
            self._db.execute("BEGIN IMMEDIATE")
            return self._db
        hurries = 0 < self._hurries - self._clock() <= _HURRY
        db = _sqlite.connected(self._path, 0 if hurries else _BUSY, OURS, VERSION, "callbacks")
        self._db, self._file = db, self._found()
        db.execute("BEGIN IMMEDIATE")
        if _sqlite.is_empty(db):
            _sqlite.make(db, _TABLES, OURS, VERSION)
        if hurries:
            db.execute(f"PRAGMA busy_timeout = {_BUSY * 1000:.0f}")
        return db

    def _found(self) -> tuple[int, int] | None:
        """Tell which file has the name now."""
        try:
            found = os.stat(self._path)  # noqa: PTH116 - at each event, and twice as fast as Path's
        except OSError:
            return None
        return found.st_dev, found.st_ino

    def _close(self) -> None:
        db, self._db = self._db, None
        if db is not None:
            db.close()
