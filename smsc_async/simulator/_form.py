"""Reading what was sent: a query, a form, or a form with files."""

from __future__ import annotations

import email
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final
from urllib.parse import parse_qsl

# The names that the pages give, and Python's for them.
CHARSETS: Final = {"windows-1251": "cp1251", "utf-8": "utf-8", "koi8-r": "koi8-r"}
DEFAULT: Final = "windows-1251"


@dataclass(frozen=True, slots=True)
class Form:
    """The parameters of one request; *charset* is Python's name of what was asked for."""

    params: Mapping[str, str]
    charset: str
    files: tuple[str, ...] = ()


def read(query: bytes, body: bytes = b"", content_type: str = "") -> Form:
    """Read the parameters of the address and of the body; the body's win."""
    # The charset stands among the very parameters it applies to; its own name is ASCII.
    if content_type.startswith("multipart/form-data"):
        fields, files = _multipart(body, content_type)
        blind = _pairs(query, "latin-1") | {k: v.decode("latin-1") for k, v in fields.items()}
        charset = _charset(blind)
        texts = {name: value.decode(charset, "replace") for name, value in fields.items()}
        return Form(_pairs(query, charset) | texts, charset, files)
    charset = _charset(_pairs(query, "latin-1") | _pairs(body, "latin-1"))
    return Form(_pairs(query, charset) | _pairs(body, charset), charset)


def _charset(params: Mapping[str, str]) -> str:
    return CHARSETS.get(params.get("charset", DEFAULT).lower(), CHARSETS[DEFAULT])


def _pairs(data: bytes, charset: str) -> dict[str, str]:
    text = data.decode(charset, "replace")
    return dict(parse_qsl(text, keep_blank_values=True, encoding=charset, errors="replace"))


def _multipart(body: bytes, content_type: str) -> tuple[dict[str, bytes], tuple[str, ...]]:
    """Split a body into its fields and the names of its files."""
    whole = email.message_from_bytes(b"Content-Type: %b\r\n\r\n" % content_type.encode() + body)
    fields: dict[str, bytes] = {}
    files: list[str] = []
    for part in whole.walk():
        name = part.get_param("name", header="content-disposition")
        if not isinstance(name, str):
            continue
        if (file := part.get_filename()) is not None:
            files.append(file)
        else:
            value = part.get_payload(decode=True)
            fields[name] = value if isinstance(value, bytes) else b""
    return fields, tuple(files)
