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

if sys.platform == "win32":
    import msvcrt

    def _lock(file: int, number: int) -> bool:
        os.lseek(file, number, os.SEEK_SET)
        try:
            msvcrt.locking(file, msvcrt.LK_NBLCK, 1)
        except OSError:
            return False
        return True

    def _unlock(file: int, number: int) -> None:
        os.lseek(file, number, os.SEEK_SET)
        msvcrt.locking(file, msvcrt.LK_UNLCK, 1)
else:
    import fcntl

    def _lock(file: int, number: int) -> bool:
        try:
            fcntl.lockf(file, fcntl.LOCK_EX | fcntl.LOCK_NB, 1, number)
        except BlockingIOError:
            return False
        return True

    def _unlock(file: int, number: int) -> None:
        fcntl.lockf(file, fcntl.LOCK_UN, 1, number)


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


_lock_of_files = threading.Lock()
_files: dict[Identity, _File] = {}  # written under the lock
if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_files.clear)  # locks are not inherited


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
        self._file = known
        self.identity = identity(os.fstat(known.number))

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
