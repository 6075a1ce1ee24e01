"""Reading a form with files; what is not written as it must be is not read at all."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from hashlib import sha256
from typing import Final, NamedTuple

from ._records import Uploaded

_BOUNDARY: Final = re.compile(
    r';\s*boundary=(?:"([^"]{1,70})"|([^\s";,]{1,70}))\s*(?:;|\Z)', re.IGNORECASE
)
_DISPOSITION: Final = re.compile(
    rb'content-disposition: *form-data; *name="([^"]*)"(?:; *filename="([^"]*)")?', re.IGNORECASE
)
_END: Final = b"--"
_LINE: Final = b"\r\n"


class Broken(Exception):
    """It cannot be read."""


@dataclass(frozen=True, slots=True)
class Parts:
    """The fields of a form, whose charset is not known yet, and its files in their order."""

    fields: dict[str, bytes]
    files: tuple[Uploaded, ...]


def read(body: bytes, content_type: str) -> Parts:
    """Take a body apart.

    Raises:
        Broken: it is not whole, or no form.
    """
    found = _BOUNDARY.search(content_type)
    if found is None:
        raise Broken
    fields: dict[str, bytes] = {}
    files: list[Uploaded] = []
    for part in _parts(body, (found[1] or found[2]).encode()):
        if part.file is None:
            fields[part.name] = part.content
        else:
            digest = sha256(part.content).hexdigest()
            files.append(Uploaded(part.name, part.file, part.kind, len(part.content), digest))
    return Parts(fields, tuple(files))


class _Part(NamedTuple):
    name: str
    file: str | None
    kind: str
    content: bytes


def _parts(body: bytes, boundary: bytes) -> Iterator[_Part]:
    line = b"--" + boundary
    before, *parts = (_LINE + body).split(_LINE + line)
    # Each part begins where the line of its boundary ends; after the last there is nothing.
    if before or not parts or parts.pop() not in {_END, _END + _LINE}:
        raise Broken
    for part in parts:
        head, divider, content = part.partition(_LINE + _LINE)
        if not divider or not head.startswith(_LINE):
            raise Broken
        yield _part(head.removeprefix(_LINE).split(_LINE), content)


def _part(lines: list[bytes], content: bytes) -> _Part:
    kind = ""
    named: re.Match[bytes] | None = None
    for line in lines:
        title, _, value = line.partition(b":")
        match title.lower():
            case b"content-disposition":
                named = _DISPOSITION.fullmatch(line)
            case b"content-type":
                kind = value.strip().decode("latin-1")
            case _:
                raise Broken
    if named is None:
        raise Broken
    try:
        # A sign that is escaped stays so: the service's language does not undo it either.
        return _Part(
            named[1].decode(), None if named[2] is None else named[2].decode(), kind, content
        )
    except UnicodeDecodeError:
        raise Broken from None
