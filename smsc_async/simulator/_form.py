"""Reading what was sent: a query, a form, a form with files, or JSON."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final, cast
from urllib.parse import parse_qsl

from . import _multipart
from ._records import Uploaded

# The names that the pages give, and Python's for them.
CHARSETS: Final = {"windows-1251": "cp1251", "utf-8": "utf-8", "koi8-r": "koi8-r"}
DEFAULT: Final = "windows-1251"


@dataclass(frozen=True, slots=True)
class Form:
    """The parameters of one request; *charset* is Python's name of what was asked for."""

    params: Mapping[str, str]
    charset: str
    files: tuple[Uploaded, ...] = ()
    broken: bool = False  # the body is not what it says it is


def read(query: bytes, body: bytes = b"", content_type: str = "") -> Form:
    """Read the parameters of the address and of the body; the body's win."""
    # The charset stands among the very parameters it applies to; its own name is ASCII.
    if content_type.startswith("multipart/form-data"):
        try:
            parts = _multipart.read(body, content_type)
        except _multipart.Broken:
            charset = _charset(_pairs(query, "latin-1"))
            return Form(_pairs(query, charset), charset, broken=True)
        blind = _pairs(query, "latin-1") | {k: v.decode("latin-1") for k, v in parts.fields.items()}
        charset = _charset(blind)
        texts = {name: value.decode(charset, "replace") for name, value in parts.fields.items()}
        return Form(_pairs(query, charset) | texts, charset, parts.files)
    charset = _charset(_pairs(query, "latin-1") | _pairs(body, "latin-1"))
    return Form(_pairs(query, charset) | _pairs(body, charset), charset)


def read_json(body: bytes, content_type: str) -> Form:
    """Read an object whose values are texts, numbers or switches; it is answered in JSON."""
    form = {"fmt": "3", "charset": "utf-8"}
    try:
        form |= _object(body, content_type)
    except (ValueError, RecursionError):
        return Form(form, _charset(form), broken=True)
    return Form(form, _charset(form))


def _object(body: bytes, content_type: str) -> dict[str, str]:
    found = json.loads(body.decode("utf-8"), parse_float=str, parse_constant=_refuse)
    if content_type.partition(";")[0] != "application/json" or not isinstance(found, dict):
        raise ValueError
    return {name: _text(value) for name, value in cast("dict[str, Any]", found).items()}


def _refuse(name: str) -> object:
    raise ValueError(name)


def _text(value: object) -> str:
    match value:
        case str():
            return value
        case bool():
            return str(int(value))
        case int():
            return str(value)
        case _:
            raise ValueError


def _charset(params: Mapping[str, str]) -> str:
    return CHARSETS.get(params.get("charset", DEFAULT).lower(), CHARSETS[DEFAULT])


def _pairs(data: bytes, charset: str) -> dict[str, str]:
    text = data.decode(charset, "replace")
    return dict(parse_qsl(text, keep_blank_values=True, encoding=charset, errors="replace"))
