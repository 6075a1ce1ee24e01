"""How the library opens a file of SQLite's: privately, known by its header, for many processes."""

from __future__ import annotations

import os
import sqlite3
from contextlib import suppress
from pathlib import Path
from typing import Literal


def connected(
    path: Path,
    patience: float,
    kind: int,
    version: int,
    what: str,
    *,
    oldest: int | None = None,
    synchronous: Literal["NORMAL", "FULL"] = "NORMAL",
) -> sqlite3.Connection:
    """Open the file at *path*, which nobody else may read, or make it; transactions are yours.

    *patience* is how many seconds to wait for others; *kind* and *version* stand in the header of
    a file of *what*, or a version from *oldest* on. Raises ValueError for one with others,
    :class:`OSError` and :class:`sqlite3.Error`. The end of a process loses nothing; that of the
    power, with ``"FULL"``, does not either.
    """
    with suppress(FileExistsError):  # made here, so that nobody else may ever read it
        os.close(os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600))
    db = sqlite3.connect(path, timeout=patience, isolation_level=None, check_same_thread=False)
    try:
        # Before anything is changed: it may be someone's own.
        _check(db, kind, range(version if oldest is None else oldest, version + 1), what)
        for end in ("", "-wal", "-shm"):
            with suppress(FileNotFoundError):
                path.with_name(path.name + end).chmod(0o600)
        _write_ahead(db)
        db.execute(f"PRAGMA synchronous = {synchronous}")
    except BaseException:
        db.close()
        raise
    return db


def is_empty(db: sqlite3.Connection) -> bool:
    """Tell whether nothing was ever written to the file."""
    (version,) = db.execute("PRAGMA user_version").fetchone()
    return not version and not db.execute("SELECT 1 FROM sqlite_master").fetchone()


def make(db: sqlite3.Connection, tables: str, kind: int, version: int) -> None:
    """Make the tables and the header, in a transaction of yours."""
    for statement in tables.split(";"):
        db.execute(statement)
    db.execute(f"PRAGMA application_id = {kind}")
    db.execute(f"PRAGMA user_version = {version}")


def _check(db: sqlite3.Connection, kind: int, versions: range, what: str) -> None:
    db.execute("BEGIN")  # so that all is of one moment: another may be making it
    (found_kind,) = db.execute("PRAGMA application_id").fetchone()
    (found,) = db.execute("PRAGMA user_version").fetchone()
    empty = is_empty(db)
    db.execute("COMMIT")
    if empty or (found_kind == kind and found in versions):
        return
    if found_kind == kind and found >= versions.stop:
        raise ValueError(f"it is a file of {what} of a newer version of this library")
    raise ValueError(f"it is no file of {what}, or one of another version")


def _write_ahead(db: sqlite3.Connection) -> None:
    while True:
        try:
            db.execute("PRAGMA journal_mode = WAL")
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode & 0xFF != sqlite3.SQLITE_BUSY:
                raise
            # It waits for nobody; this waits for those who make the file as well.
            db.execute("BEGIN EXCLUSIVE")
            db.execute("COMMIT")
        else:
            return
