"""Files that go along with a message."""

from __future__ import annotations

from pathlib import Path

import msgspec

from .errors import InvalidMessage


class File(msgspec.Struct, frozen=True):
    """A file to be sent: its bytes, or the path that they are read from when it is sent.

    ``name`` is what the recipient sees; its ending tells the service what the file is.
    """

    name: str
    content: bytes | Path

    def __post_init__(self) -> None:
        """Refuse a name that could not be written down."""
        if not self.name.strip() or not self.name.isprintable() or "/" in self.name:
            raise InvalidMessage("files", "a file has a name, without a folder")
