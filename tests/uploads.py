"""Sends with files, for tests that look at what goes out."""

from __future__ import annotations

import email
import re
from collections.abc import Awaitable, Sequence
from dataclasses import dataclass, field
from email.message import Message
from pathlib import Path
from typing import Any, cast

from smsc_async import SmscClient
from smsc_async._operation import Operation, Overrides
from smsc_async._upload import File
from smsc_async._wire import codes

PHONE = "+79990000000"
MMS = Operation[dict[str, Any]](
    name="mms",
    path=codes.SEND,
    fixed={"cost": "3", "mms": "1"},
    reply=dict[str, Any],
    page="Sending an SMS message",
)
PRICE = Operation[dict[str, Any]](
    name="price of mms",
    path=codes.SEND,
    fixed={"cost": "1", "mms": "1"},
    reply=dict[str, Any],
    page="Sending an SMS message",
)


def mms(
    smsc: SmscClient,
    *files: File,
    operation: Operation[dict[str, Any]] = MMS,
    overrides: Overrides = Overrides(),  # noqa: B008 - frozen
    **params: str,
) -> Awaitable[dict[str, Any]]:
    """Send *files* to a phone, with the first one's name as the text."""
    text = {"mes": files[0].name if files else "none"}
    return smsc._call(operation, {"phones": PHONE} | text | params, overrides, files=files)


@dataclass(frozen=True)
class Read:
    """A form as Python's reader of mail sees it."""

    fields: dict[str, str] = field(default_factory=dict[str, str])
    files: list[tuple[str, str, bytes]] = field(default_factory=list[tuple[str, str, bytes]])


def read(kind: str, body: bytes) -> Read:
    """Read a form: its fields, and its files as names of fields, names and contents."""
    whole = email.message_from_bytes(f"Content-Type: {kind}\r\n\r\n".encode() + body)
    assert not whole.defects
    assert whole.get_content_type() == "multipart/form-data"
    found = Read()
    for part in cast("Sequence[Message]", whole.get_payload()):
        named = Message()
        for name, value in part.raw_items():  # in UTF-8, which is no mail
            named[name] = value.encode("ascii", "surrogateescape").decode()
        field = named.get_param("name", header="content-disposition")
        content = part.get_payload(decode=True)
        assert isinstance(field, str)
        assert isinstance(content, bytes)
        if (file := named.get_filename()) is None:
            assert field not in found.fields
            found.fields[field] = content.decode()
        else:
            found.files.append((field, file, content))
    return found


def boundary(kind: str) -> bytes:
    """Return what divides the parts of a form."""
    (found,) = re.findall(r"boundary=([0-9a-f]{48})\Z", kind)
    return str(found).encode()


def handles(path: Path) -> int:
    """Count how often this process has a file open."""
    links = Path("/proc/self/fd")
    found = 0
    for link in links.iterdir():
        try:
            found += link.samefile(path)
        except OSError:  # the folder's own, or one that was closed meanwhile
            continue
    return found
