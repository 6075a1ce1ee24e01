"""The bodies of callbacks, in each of the three formats, as fields of text: pure.

No page shows an XML or a JSON body, so one callback and a list of them are both understood.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any, Final, Literal, TypeAlias, cast
from urllib.parse import parse_qsl
from xml.parsers import expat

import msgspec

from ._errors import BadCallback

Charset: TypeAlias = Literal["utf-8", "koi8-r", "windows-1251"]
Fields: TypeAlias = dict[str, str]  # of one callback, by the service's names

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


def read(body: bytes, content_type: str, query: bytes, charset: str | None) -> list[Fields]:
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
    return {b"{": "json", b"[": "json", b"<": "xml"}.get(
        body.lstrip(b"\xef\xbb\xbf \t\r\n")[:1], "form"
    )


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
    text = _text(body, charset, "the body")
    try:
        found: Any = _DECODER.decode(text)
    except (msgspec.MsgspecError, RecursionError):
        raise BadCallback("not JSON, or cut") from None
    records = cast("list[dict[str, Any]]", found if isinstance(found, list) else [found])
    if not records or len(records) > MOST_RECORDS:
        raise BadCallback(f"a list of none, or of more than {MOST_RECORDS}")
    if sum(map(_quotes, records)) != _written(text):
        raise BadCallback("a field stands there twice")
    for record in records:
        _as_text(record)
    return records


def _quotes(record: object) -> int:
    """Return how many quotes a record of texts and numbers takes if each name is there once."""
    if not isinstance(record, dict):
        raise BadCallback("neither an object nor a list of objects")
    if len(record) > MOST_FIELDS:
        raise BadCallback(f"more than {MOST_FIELDS} fields")
    values = cast("dict[str, Any]", record).values()
    return 2 * len(values) + 2 * sum([type(value) is str for value in values])


def _written(text: str) -> int:
    """Return how many quotes there are in JSON that are not part of a text."""
    if "\\" not in text:
        return text.count('"')
    text = text.replace("\\\\", "")
    return text.count('"') - text.count('\\"')


def _as_text(record: dict[str, Any]) -> None:
    """Make the numbers of *record* texts, as they were written; what is null did not come."""
    for name, value in list(record.items()):
        kind = type(value)
        if kind is str:
            continue
        if kind is int or kind is _Bare:
            record[name] = str(value)
        elif value is None:
            del record[name]
        else:
            raise BadCallback(f"{name} is neither a text nor a number")


class _Bare(str):
    """A number with a point, as it was written."""

    __slots__ = ()


_DECODER: Final = msgspec.json.Decoder(float_hook=_Bare)


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


def _unique(pairs: list[tuple[str, Any]]) -> Fields:
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
