"""The bodies of callbacks, in each of the three formats, as fields of text: pure.

No page shows an XML or a JSON body, so one callback and a list of them are both understood.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final, Literal, TypeAlias, cast
from urllib.parse import parse_qsl
from xml.parsers import expat

import msgspec

from .._wire.values import is_encodable
from ._errors import BadCallback

Charset: TypeAlias = Literal["utf-8", "koi8-r", "windows-1251"]
Fields: TypeAlias = dict[str, str | int]  # of one callback, by the service's names

FORM: Final = "application/x-www-form-urlencoded"
CHARSETS: Final = ("utf-8", "koi8-r", "windows-1251")
DEFAULT: Final = "windows-1251"
MOST_FIELDS: Final = 64  # the page has 30
DEEPEST: Final = 8  # of elements in one another
MOST_RECORDS: Final = 1000

_DECLARATION: Final = re.compile(r"\s*<\?xml\b[^>]*?(?:encoding\s*=\s*[\"']([\w-]+)[\"'][^>]*)?\?>")
_DECLARED: Final = 200  # bytes within which a declaration ends
# Stands for a carriage return, which a parser of XML takes for a line feed; it is no character.
_RETURN: Final = "\ufdd0"


def fields_of(body: bytes, content_type: str, query: bytes, charset: str | None) -> list[Fields]:
    """Return the fields of each callback in *body*; those of the address are in each.

    *charset* None is what the body names, or else UTF-8 where it is that, or else windows-1251.
    Raises :class:`BadCallback` for what cannot be read, or not in one way only.
    """
    if charset is not None and charset not in CHARSETS:
        raise ValueError(f"charset: one of {', '.join(CHARSETS)}")
    records = _FORMATS[_format(body, content_type)](body, charset)
    if query:
        shared = _pairs(query, charset)
        for record in records:
            if both := shared.keys() & record.keys():
                raise BadCallback(f"{min(both)} stands in the address and in the body")
            record.update(shared)
    return records


def _format(body: bytes, content_type: str) -> str:
    """Tell the format by the content type, or where that says nothing by the first sign."""
    kind = content_type.partition(";")[0].strip().lower()
    if kind == FORM:
        return "form"
    if kind.endswith(("/json", "+json")):
        return "json"
    if kind.endswith(("/xml", "+xml")):
        return "xml"
    first = body.lstrip(b"\xef\xbb\xbf \t\r\n")[:1]
    return {b"{": "json", b"[": "json", b"<": "xml"}.get(first, "form")


def _form(body: bytes, charset: str | None) -> list[Fields]:
    return [_pairs(body, charset)]


def _pairs(data: bytes, charset: str | None) -> Fields:
    """Read a form: each byte as one sign at first, so that it can name its own charset."""
    try:
        pairs = parse_qsl(
            data.decode("latin-1"),
            keep_blank_values=True,
            encoding="latin-1",
            max_num_fields=MOST_FIELDS,
        )
    except ValueError:
        raise BadCallback(f"more than {MOST_FIELDS} fields") from None
    fields = _unique(pairs)
    named = charset or fields.get("charset") or None
    if named is not None and named not in CHARSETS:
        raise BadCallback("charset names none that the service has")
    for name, value in pairs:
        if not value.isascii():
            fields[name] = _text(value.encode("latin-1"), named, name)
    return fields


def _json(body: bytes, charset: str | None) -> list[Fields]:
    try:
        if charset in _UTF_8:
            found: Any = _QUICK.decode(body)
            if _is_plain(body, found):
                return [found]
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        pass  # the exact way says what is wrong, or finds another charset
    try:
        found = _EXACT.decode(_text(body, charset, "the body").strip())
    except (json.JSONDecodeError, RecursionError):
        raise BadCallback("not JSON, or cut") from None
    records = [*cast("Sequence[Any]", found)] if isinstance(found, list) else [found]
    if not 0 < len(records) <= MOST_RECORDS:
        raise BadCallback(f"a list of none, or of more than {MOST_RECORDS}")
    if not all(isinstance(record, dict) for record in records):
        raise BadCallback("neither an object nor a list of objects")
    return records


def _is_plain(body: bytes, found: object) -> bool:
    """Tell whether *found* is one object, each name of which stands once in *body*.

    Without a backslash each quote begins or ends a name or a text, so a name that stands there
    twice leaves quotes over.
    """
    if type(found) is not dict or b"\\" in body:
        return False
    kinds = list(map(type, cast("Fields", found).values()))
    quotes = 2 * (len(kinds) + kinds.count(str))
    return quotes == body.count(b'"') and len(kinds) <= MOST_FIELDS


def _object(pairs: list[tuple[str, Any]]) -> Fields:
    """Return an object as fields; numbers are text already, as they were written."""
    if len(pairs) > MOST_FIELDS:
        raise BadCallback(f"more than {MOST_FIELDS} fields")
    return cast("Fields", texts(_unique(pairs)))


def texts(fields: Mapping[str, object]) -> dict[str, str]:
    """Return the fields as text; what is null did not come."""
    found: dict[str, str] = {}
    for name, value in fields.items():
        if isinstance(value, str | int) and not isinstance(value, bool):
            found[name] = str(value)
        elif value is not None:
            raise BadCallback(f"{name} is neither a text nor a number")
        if not is_encodable(found.get(name, "")):
            raise BadCallback(f"{name} has half of a surrogate pair")
    return found


def _constant(_: str) -> str:
    raise BadCallback("a number that is none")


class _Pointed(str):
    """A number with a point, as it was written: not a text in quotes."""

    __slots__ = ()


_UTF_8: Final = frozenset({None, "utf-8"})
_QUICK: Final = msgspec.json.Decoder(float_hook=_Pointed)
# The slower, as it can be told what to do with a name that comes twice.
_EXACT: Final = json.JSONDecoder(
    object_pairs_hook=_object, parse_int=str, parse_float=str, parse_constant=_constant
)


def _xml(body: bytes, charset: str | None) -> list[Fields]:
    declared = _DECLARATION.match(body[:_DECLARED].decode("latin-1"))
    named = charset or (declared and declared[1] and declared[1].lower()) or None
    if named is not None and named not in CHARSETS:
        raise BadCallback("the declaration names a charset that the service does not have")
    text = _DECLARATION.sub("", _text(body, named, "the body"), count=1).strip()
    return _Elements().read(text.replace("\r", _RETURN))


class _Elements:
    """Reads elements without children as fields, and what holds them as one callback.

    Nothing is expanded or fetched: a document type ends it.
    """

    def __init__(self) -> None:
        self._records: list[Fields] = []
        self._open: list[list[tuple[str, str]]] = []  # the fields of each element that is open
        self._text: list[str] = []
        self._leaf = False
        parser = self._parser = expat.ParserCreate("utf-8")
        parser.buffer_text = True
        parser.StartDoctypeDeclHandler = self._refuse
        parser.StartElementHandler = self._start
        parser.EndElementHandler = self._end
        parser.CharacterDataHandler = self._text.append

    def read(self, text: str) -> list[Fields]:
        try:
            self._parser.Parse(text.encode(), True)  # noqa: FBT003 - expat takes it by place
        except expat.ExpatError:
            raise BadCallback("not XML, or cut") from None
        if not self._records:
            raise BadCallback("XML without fields")
        return self._records

    def _refuse(self, *_: object) -> None:
        raise BadCallback("XML with a document type")

    def _start(self, _name: str, _attributes: Mapping[str, str]) -> None:
        if len(self._open) == DEEPEST:
            raise BadCallback(f"elements deeper than {DEEPEST}")
        if self._open and len(self._open[-1]) == MOST_FIELDS:
            raise BadCallback(f"more than {MOST_FIELDS} fields")
        self._open.append([])
        self._text.clear()
        self._leaf = True

    def _end(self, name: str) -> None:
        pairs = self._open.pop()
        if self._leaf and self._open:
            self._open[-1].append((name, "".join(self._text).replace(_RETURN, "\r")))
        elif pairs:
            self._records.append(_unique(pairs))
            if len(self._records) > MOST_RECORDS:
                raise BadCallback(f"more than {MOST_RECORDS} callbacks")
        self._leaf = False


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    fields = dict(pairs)
    if len(fields) != len(pairs):
        raise BadCallback("a field stands there twice")
    return fields


def _text(data: bytes, charset: str | None, what: str) -> str:
    """Read *data* in its charset, or in the one that it is in."""
    data = data.removeprefix(b"\xef\xbb\xbf")
    try:
        if charset is not None:
            return data.decode(charset)
        try:
            return data.decode()
        except UnicodeDecodeError:
            return data.decode(DEFAULT)
    except UnicodeDecodeError:
        raise BadCallback(f"{what} is not {charset or DEFAULT}") from None


_FORMATS: Final[Mapping[str, Callable[[bytes, str | None], list[Fields]]]] = {
    "form": _form,
    "json": _json,
    "xml": _xml,
}
