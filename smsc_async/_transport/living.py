"""Telling whether another process still lives, whatever has become of it.

Each holder of a file has a number, and locks the byte of that number in a second file. The system
frees the lock when the process ends, by whatever end; a number of a process would not do, for it
is given anew, and means another process in another container.
"""

from __future__ import annotations

import os
import sys
import threading
from pathlib import Path
from typing import Final

from .clock import new_id

if sys.platform == "win32":
    import msvcrt

    def _lock(file: int, number: int, count: int = 1) -> bool:
        os.lseek(file, number, os.SEEK_SET)
        try:
            msvcrt.locking(file, msvcrt.LK_NBLCK, count)
        except OSError:
            return False
        return True

    def _unlock(file: int, number: int, count: int = 1) -> None:
        os.lseek(file, number, os.SEEK_SET)
        msvcrt.locking(file, msvcrt.LK_UNLCK, count)
else:
    import fcntl

    def _lock(file: int, number: int, count: int = 1) -> bool:
        try:
            fcntl.lockf(file, fcntl.LOCK_EX | fcntl.LOCK_NB, count, number)
        except BlockingIOError:
            return False
        return True

    def _unlock(file: int, number: int, count: int = 1) -> None:
        fcntl.lockf(file, fcntl.LOCK_UN, count, number)


_LENGTH: Final = 33  # of a token
_ALL: Final = 1 << 30  # more numbers than were ever given

Identity = tuple[int, int]  # of a file on a disk, whatever its name


def identity(known: os.stat_result) -> Identity:
    """Return what tells a file from others."""
    return known.st_dev, known.st_ino


class _File:
    """The one opening of such a file in this process, and the numbers that it holds there.

    There must be no second one: closing it would free the locks of the first.
    """

    def __init__(self, number: int) -> None:
        self.number = number
        self.mine: set[int] = set()
        self.users = 0
        self.process = os.getpid()


_lock_of_files = threading.RLock()  # what is collected while it is held may close one
_files: dict[Identity, _File] = {}  # written under the lock


def _forget() -> None:
    """Begin anew in a fork: locks are not inherited."""
    _files.clear()
    _lock_of_files.release()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(
        before=_lock_of_files.acquire,
        after_in_parent=_lock_of_files.release,
        after_in_child=_forget,
    )


class Living:
    """The holders that live, by the file at *path*.

    Whoever calls does so in a transaction on the database beside it, so that no two processes try
    the same byte at once. Raises :class:`OSError` where the file cannot be opened.
    """

    def __init__(self, path: Path) -> None:
        with _lock_of_files:
            known = _files.get(identity(path.stat())) if path.exists() else None
            if known is None:
                known = _File(os.open(path, os.O_RDWR | os.O_CREAT, 0o600))
                _files[identity(os.fstat(known.number))] = known
            known.users += 1
        path.chmod(0o600)  # whoever may open it could lock others' numbers
        self._file = known
        self.token = _token(known.number)
        self.identity = identity(os.fstat(known.number))

    def close(self) -> None:
        """Look at the file no longer."""
        file = self._file
        with _lock_of_files:
            file.users -= 1
            # In a fork it is the parent's: closing it would free what the fork holds by itself.
            if not file.users and file.process == os.getpid():
                del _files[self.identity]
                os.close(file.number)

    def claim(self, number: int) -> bool:
        """Hold *number* as long as this process lives; False says that another one has it."""
        if number in self._file.mine or not _lock(self._file.number, number):
            return False
        self._file.mine.add(number)
        return True

    def release(self, number: int) -> None:
        """Hold *number* no longer."""
        self._file.mine.discard(number)
        _unlock(self._file.number, number)

    def lives(self, number: int) -> bool:
        """Tell whether someone holds *number*."""
        if number in self._file.mine:
            return True
        if _lock(self._file.number, number):
            _unlock(self._file.number, number)
            return False
        return True

    def anyone(self) -> bool:
        """Tell whether anybody holds any number."""
        if self._file.mine:
            return True
        if _lock(self._file.number, 1, _ALL):
            _unlock(self._file.number, 1, _ALL)
            return False
        return True


def _token(file: int) -> str:
    """Return what tells this file from one that is made anew; a copy has it too."""
    os.lseek(file, 0, os.SEEK_SET)
    known = os.read(file, _LENGTH)
    if len(known) < _LENGTH:
        known = new_id().encode()
        os.lseek(file, 0, os.SEEK_SET)
        os.write(file, known)
    return known.decode("ascii", "replace")


class Life:
    """The number that one holder has, and where: it outlives the times the books are closed."""

    def __init__(self) -> None:
        self._living: Living | None = None
        self.number = 0  # none yet

    def among(self, path: Path) -> Living:
        """Return the holders by the file at *path*, where this life goes on or begins."""
        living = self._living
        if living is not None and not (path.exists() and identity(path.stat()) == living.identity):
            self.end()
            living = None
        if living is None:
            living = self._living = Living(path)
        return living

    def take(self, number: int) -> bool:
        """Live by *number* from now on, if nobody else does; tell whether it is so."""
        living = self._living
        if living is None or not living.claim(number):
            return False
        if self.number:
            living.release(self.number)
        self.number = number
        return True

    def end(self) -> None:
        """Live no more; others see it as if the process had ended."""
        living, self._living = self._living, None
        if living is not None:
            if self.number:
                living.release(self.number)
            self.number = 0
            living.close()
