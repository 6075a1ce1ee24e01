"""Files that go along with a message."""

from __future__ import annotations

import os
import re
import stat
from collections.abc import Iterator, Sequence
from hashlib import blake2b
from pathlib import Path
from typing import BinaryIO

import msgspec

from ._wire import codes
from .errors import InvalidMessage

CHUNK = 128 * 1024
# Control characters, ends of lines and paragraphs, halves of pairs, and what overrides or isolates
# the direction of writing, by which one ending can be shown as another.
_MISLEADING = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff\u202a-\u202e\u2066-\u2069]")


class File(msgspec.Struct, frozen=True):
    """A file to be sent: its bytes, or the path that they are read from when it is sent.

    ``name`` is what the recipient sees; its ending tells the service what the file is. What is
    read from a path must not change until the call has ended. A message has at most 20 files, none
    of them empty, of 25 MB in all: the client's own bounds, for the pages name none. The call's
    ``timeout`` covers the whole upload, so that large files want a longer one.
    """

    name: str
    content: bytes | Path

    def __post_init__(self) -> None:
        """Refuse a name that could not be written down, or would not arrive."""
        name = self.name
        is_text = isinstance(name, str)  # pyright: ignore[reportUnnecessaryIsInstance]
        if not is_text or not name.strip() or "/" in name or "\\" in name:
            raise InvalidMessage("files", "a file has a name, without a folder")
        if _MISLEADING.search(name):
            raise InvalidMessage(
                "files",
                "a name has no control character, no half of a surrogate pair, and no mark that "
                "turns the direction of writing",
            )
        if not isinstance(self.content, bytes | Path):  # pyright: ignore[reportUnnecessaryIsInstance]
            raise InvalidMessage("files", "a file is its bytes, or the Path to read them from")

    def __repr__(self) -> str:
        return f"File({self.name!r})"  # what is in it is nothing for a log


class Taken(msgspec.Struct, frozen=True):
    """A file as it was when its call was made."""

    name: str
    kind: str  # its content type
    size: int
    changed: int  # when, in nanoseconds; 0 for bytes, which do not change
    digest: bytes
    source: bytes | Path

    @property
    def mark(self) -> str:
        """Return what is the same for two files only if they are the same."""
        return f"{self.digest.hex()} {self.name}"

    def __repr__(self) -> str:
        return f"Taken({self.name!r})"  # as of a File


def take(files: Sequence[File]) -> tuple[Taken, ...]:
    """Note what *files* are now; reads those that have a path to their end.

    Raises InvalidMessage for one that cannot be read, and for too many or too much.
    """
    if len(files) > codes.MAX_FILES:
        raise InvalidMessage("files", f"are at most {codes.MAX_FILES}")
    return tuple(_taken(files))


def sponge() -> blake2b:
    """Return what makes the digest of a file."""
    return blake2b(digest_size=32)


def opened(path: Path) -> BinaryIO:
    """Open a file, without waiting for what is none."""
    return open(path, "rb", buffering=0, opener=_at_once)


def why(error: OSError) -> str:
    """Say what is wrong with a file, but not where it is."""
    return os.strerror(error.errno).lower() if error.errno else "it cannot be read"


def _taken(files: Sequence[File]) -> Iterator[Taken]:
    room = codes.MAX_FILES_SIZE
    for file in files:
        if isinstance(file.content, bytes):
            digest = sponge()
            digest.update(file.content)
            found = _noted(file, len(file.content), 0, digest.digest())
        else:
            found = _read(file, file.content, room)
        if not found.size:
            raise InvalidMessage("files", f"{file.name}: it is empty")
        if (room := room - found.size) < 0:
            raise InvalidMessage("files", _TOO_MUCH)
        yield found


_TOO_MUCH = f"are of {codes.MAX_FILES_SIZE // 1024**2} MB at most, all together"


def _read(file: File, path: Path, room: int) -> Taken:
    """Note what a file on disk is; the error does not tell where it is."""
    reason = "it changes while it is read"
    try:
        with opened(path) as source:
            before = os.fstat(source.fileno())
            if not stat.S_ISREG(before.st_mode):
                reason = "it is no file"
            elif before.st_size > room:
                reason = ""
            elif found := _hashed(source, before.st_size):
                after = os.fstat(source.fileno())
                if (after.st_size, after.st_mtime_ns) == (before.st_size, before.st_mtime_ns):
                    return _noted(file, before.st_size, before.st_mtime_ns, found)
    except OSError as error:
        reason = why(error)
    except ValueError:
        reason = "it cannot be opened"
    raise InvalidMessage("files", f"{file.name}: {reason}" if reason else _TOO_MUCH)


def _hashed(source: BinaryIO, size: int) -> bytes | None:
    """Return the digest of a file, unless it is not of that size to its end."""
    digest = sponge()
    while size >= 0 and (data := source.read(CHUNK)):  # one that grows for ever is not read so
        digest.update(data)
        size -= len(data)
    return None if size else digest.digest()


def _noted(file: File, size: int, changed: int, digest: bytes) -> Taken:
    import mimetypes  # noqa: PLC0415 - few messages have files

    kind, packed = mimetypes.guess_type(file.name, strict=False)
    known = kind if kind and not packed else "application/octet-stream"
    return Taken(file.name, known, size, changed, digest, file.content)


def _at_once(path: str, flags: int) -> int:
    return os.open(path, flags | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0))
