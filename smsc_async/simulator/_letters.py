"""Calls of the account's handler as they are sent: hash, body and content type."""

from __future__ import annotations

import hashlib
import json
import re
import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final
from urllib.parse import urlencode

from ._address import Address
from ._records import CallbackKind
from ._reports import Fields
from ._settings import Crc32

SIGNED: Final[Mapping[CallbackKind, tuple[str, ...]]] = {
    "status": ("id", "phone", "status"),
    "message": ("phone", "mes", "to"),
    "call": ("phone", "ts"),
}
ROOT: Final = "callback"  # of the XML; no page shows it, so it is made up
TYPES: Final = {
    "form": "application/x-www-form-urlencoded",
    "xml": "text/xml; charset={}",
    "json": "application/json; charset={}",
}
# XML has no way to write these.
UNWRITABLE: Final = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")
# A carriage return that is not escaped is read as the end of a line.
ESCAPES: Final = str.maketrans({"&": "&amp;", "<": "&lt;", ">": "&gt;", "\r": "&#13;"})


@dataclass(frozen=True, slots=True)
class Letter:
    """One call of the handler: what it says, and the bytes that say it."""

    fields: Fields
    body: bytes
    content_type: str


def letter(kind: CallbackKind, told: Fields, to: Address, *, crc32: Crc32, as_list: bool) -> Letter:
    """Write *told* as the address asks for.

    The parameters of the address come last and replace nothing. A sign that the charset, or XML,
    does not have becomes a question mark, in what is hashed too.
    """
    fields = {name: _clean(value, to) for name, value in {**to.params, **told}.items()}
    if to.algorithm is not None:
        signed = [str(fields[name]) for name in SIGNED[kind]]
        data = ":".join([*signed, to.params[to.algorithm]]).encode(to.charset)
        fields[to.algorithm] = _hashed(to.algorithm, data, crc32)
    ordered = {name: fields[name] for name in [*told, *fields]}
    text = _written(ordered, to, as_list=as_list)
    return Letter(ordered, text.encode(to.charset), TYPES[to.form].format(to.charset))


def _clean(value: str | int, to: Address) -> str | int:
    if isinstance(value, int):
        return value
    if to.form == "xml":
        value = UNWRITABLE.sub("?", value)
    return value.encode(to.charset, "replace").decode(to.charset)


def _hashed(algorithm: str, data: bytes, crc32: Crc32) -> str:
    if algorithm == "crc32":
        value = zlib.crc32(data)
        return f"{value:08x}" if crc32 == "hex" else str(value)
    return hashlib.new(algorithm, data, usedforsecurity=False).hexdigest()


def _written(fields: Fields, to: Address, *, as_list: bool) -> str:
    if to.form == "form":
        return urlencode(fields, encoding=to.charset)
    if to.form == "json":
        return json.dumps([fields] if as_list else fields, ensure_ascii=False)
    elements = "".join(
        f"<{name}>{str(value).translate(ESCAPES)}</{name}>" for name, value in fields.items()
    )
    return f'<?xml version="1.0" encoding="{to.charset}"?>\n<{ROOT}>{elements}</{ROOT}>'
