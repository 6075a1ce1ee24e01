"""The bytes of a request on their way out; files are read in threads, piece by piece."""

from __future__ import annotations

import os
import threading
from collections.abc import AsyncIterator, Callable
from io import BytesIO
from pathlib import Path
from typing import BinaryIO, TypeVar

from anyio import to_thread

from .._bodies import Content
from .._upload import CHUNK, Taken, opened, sponge, why
from .._wire.secret import Secret

T = TypeVar("T")


class Spoiled(Exception):
    """A file is not what it was when its call was made."""


class Body:
    """A content as it goes out once; it shows itself to the wire only."""

    def __init__(self, content: Content) -> None:
        self.spoiled = ""  # why it cannot go on, in words for a person
        self._parts = [_readable(part) for part in content.parts]
        self._readers = [part for part in self._parts if isinstance(part, _Reader)]

    @property
    def is_in_memory(self) -> bool:
        """Whether none of it comes from a file."""
        return not self._readers

    async def open(self) -> None:
        """Open the files; raise Spoiled unless all are as they were."""
        if self._readers:
            await self._read(self._open)

    async def __aiter__(self) -> AsyncIterator[bytes]:
        for part in self._parts:
            if isinstance(part, _Reader):
                while part.left:
                    yield await self._read(part.chunk)
            elif isinstance(part, bytes):
                for begin in range(0, len(part), CHUNK):
                    yield part[begin : begin + CHUNK]
            else:
                yield part.reveal()

    def close(self) -> None:
        """Close the files, however far they were read."""
        for reader in self._readers:
            reader.close()

    def _open(self) -> None:
        for reader in self._readers:
            reader.open()

    async def _read(self, work: Callable[[], T]) -> T:
        try:
            return await to_thread.run_sync(work, abandon_on_cancel=True)
        except Spoiled as error:
            self.spoiled = str(error)
            raise

    def __repr__(self) -> str:
        return "Body(***)"


def _readable(part: Secret | Taken) -> Secret | bytes | _Reader:
    if isinstance(part, Secret):
        return part
    return part.source if isinstance(part.source, bytes) else _Reader(part, part.source)


class _Reader:
    """Reads a file in threads, one at a time.

    A thread may be at it when nobody waits for it any more; whoever is last closes the file.
    """

    def __init__(self, file: Taken, path: Path) -> None:
        self.left = file.size
        self._taken = file
        self._path = path
        self._sponge = sponge()
        self._file: BinaryIO = BytesIO()  # until it is opened
        self._lock = threading.Lock()
        self._over = False

    def open(self) -> None:
        """Open the file."""
        self._alone(self._open)

    def chunk(self) -> bytes:
        """Return the next bytes; the last ones only if all were what they were."""
        return self._alone(self._chunk)

    def close(self) -> None:
        """Close the file, or have it closed by the thread that is at it; waits for nobody."""
        self._over = True
        if self._lock.acquire(blocking=False):
            try:
                self._file.close()
            finally:
                self._lock.release()

    def _alone(self, work: Callable[[], T]) -> T:
        try:
            with self._lock:
                if self._over:
                    raise Spoiled("nobody waits for it")
                try:
                    return work()
                except OSError as error:
                    reason = why(error)
            raise Spoiled(f"{self._taken.name}: {reason}")
        finally:
            if self._over:  # since the work began
                self.close()

    def _open(self) -> None:
        self._file = opened(self._path)
        now = os.fstat(self._file.fileno())
        self._check((now.st_size, now.st_mtime_ns) == (self._taken.size, self._taken.changed))

    def _chunk(self) -> bytes:
        data = self._file.read(min(CHUNK, self.left))
        self._sponge.update(data)
        self.left -= len(data)
        whole = self._sponge.digest() == self._taken.digest
        self._check(bool(data) and (whole or self.left > 0))
        return data

    def _check(self, same: bool) -> None:  # noqa: FBT001 - it says what is checked
        if not same:
            raise Spoiled(f"{self._taken.name}: the file has changed")
