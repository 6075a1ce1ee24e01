"""The one who runs the campaigns of a file."""

from __future__ import annotations

import os
import sqlite3
from contextlib import suppress
from pathlib import Path
from typing import Final

from .._errors import StoreBusy

_LOOK: Final = 0.1  # seconds; who only looks holds it for far less


class Owner:
    """Holds a file beside that at *path*, as long as nobody else does.

    SQLite locks it: the system frees that at any end of a process, and another holder in the same
    process is seen as well. Nothing is ever written to it.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._db: sqlite3.Connection | None = None

    @property
    def is_held(self) -> bool:
        """Whether it is held here."""
        return self._db is not None

    def take(self) -> None:
        """Hold it until :meth:`close`; raises :class:`StoreBusy` where another does."""
        if self._db is not None:
            return
        path = self._beside()
        with suppress(FileExistsError):  # made here, so that nobody else may ever hold it
            os.close(os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600))
        db = sqlite3.connect(path, timeout=_LOOK, isolation_level=None, check_same_thread=False)
        try:
            db.execute("PRAGMA journal_mode = OFF")
            db.execute("BEGIN EXCLUSIVE")
        except sqlite3.Error as error:
            db.close()
            if not _is_busy(error):
                raise
            raise StoreBusy(
                "another program runs campaigns of this store: wait until it ends"
            ) from None
        self._db = db

    def is_taken(self) -> bool:
        """Tell whether it is held, here or by another; to look makes no file."""
        if self.is_held:
            return True
        path = self._beside()
        if not path.exists():
            return False
        db = sqlite3.connect(f"{path.as_uri()}?mode=ro", uri=True, timeout=0)
        try:
            db.execute("SELECT 1 FROM sqlite_master")
        except sqlite3.Error as error:
            if not _is_busy(error):
                raise
            return True
        finally:
            db.close()
        return False

    def close(self) -> None:
        """Hold it no longer."""
        db, self._db = self._db, None
        if db is not None:
            db.close()

    def _beside(self) -> Path:
        path = self._path.resolve()
        return path.with_name(path.name + "-owner")


def _is_busy(error: sqlite3.Error) -> bool:
    return error.sqlite_errorcode & 0xFF == sqlite3.SQLITE_BUSY
