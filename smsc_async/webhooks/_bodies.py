"""The bodies of callbacks, in each of the three formats, as fields of text: pure.

No page shows an XML or a JSON body, so one callback and a list of them are both understood.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from contextlib import suppress
from decimal import Decimal
from functools import lru_cache
from typing import Any, Final, Literal, TypeAlias, cast
from urllib.parse import parse_qsl
from xml.parsers import expat

import msgspec

from ._errors import BadCallback

Charset: TypeAlias = Literal["utf-8", "koi8-r", "windows-1251"]
# The fields of one callback, by the service's names. JSON alone has others than texts.
Fields: TypeAlias = dict[str, str | int | Decimal]

FORM: Final = "application/x-www-form-urlencoded"
CHARSETS: Final = ("utf-8", "windows-1251", "koi8-r")
DEFAULT: Final = "windows-1251"
MOST_FIELDS: Final = 64  # the page has 30
DEEPEST: Final = 8  # of elements in one another
MOST_RECORDS: Final = 1000

_MARK: Final = b"\xef\xbb\xbf"  # may stand before UTF-8
_DECLARATION: Final = re.compile(r"\s*<\?xml\b[^>]*?(?:encoding\s*=\s*[\"']([\w-]+)[\"'][^>]*)?\?>")
_DECLARED: Final = 200  # bytes within which a declaration ends; to look further could take minutes
# Stands for a carriage return, which a parser of XML takes for a line feed; it is no character.
_RETURN: Final = "\ufdd0"


def fields_of(body: bytes, content_type: str, query: bytes, charset: str | None) -> list[Fields]:
    """Return the fields of each callback in *body*; those of the address are in each.

    *charset* None is what the body names, or else UTF-8 where it is that, or else windows-1251.
    Raises :class:`BadCallback` for what cannot be read, or not in one way only.
    """
    if charset is not None and charset not in CHARSETS:
        raise ValueError(f"charset: one of {', '.join(CHARSETS)}")
    name = format_of(content_type) or _FIRST.get(body.lstrip(_MARK + b" \t\r\n")[:1], "form")
    records = _FORMATS[name](body, charset)
    if query:
        shared = _pairs(query, charset)
        for record in records:
            if both := shared.keys() & record.keys():
                raise BadCallback(f"{min(both)} stands in the address and in the body")
            record.update(shared)
    return records


def texts(fields: Fields) -> dict[str, str]:
    """Return *fields* with numbers as texts."""
    return {name: str(value) for name, value in fields.items()}


@lru_cache(maxsize=16)
def format_of(content_type: str) -> str | None:
    """Return the format that a content type names.

    That of a form names none: it is what many programs say of whatever they post.
    """
    kind = content_type.partition(";")[0].strip().lower()
    return next((name for name in ("json", "xml") if kind.endswith((f"/{name}", f"+{name}"))), None)


def _form(body: bytes, charset: str | None) -> list[Fields]:
    return [_pairs(body, charset)]


def _pairs(data: bytes, charset: str | None) -> Fields:
    """Read a form: each byte as one sign at first, so that it can name its own charset."""
    if 3 * data.count(b"%") > len(data):  # each of them would take much memory
        raise BadCallback("escapes that are none")
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
    named = charset or fields.get("charset", "").lower() or None
    if named is not None and named not in CHARSETS:
        raise BadCallback("charset names none that the service has")
    signs = "&".join([*fields, *fields.values()])
    if not signs.isascii():
        charset = _charset_of(signs.encode("latin-1"), named, "the form")
        fields = {_in(charset, name): _in(charset, value) for name, value in pairs}
    return cast("Fields", fields)


def _in(charset: str, text: str) -> str:
    return text.encode("latin-1").decode(charset)


def _json(body: bytes, charset: str | None) -> list[Fields]:
    found = _decoded(body.removeprefix(_MARK), charset)
    records = cast("list[Fields]", found if isinstance(found, list) else [found])
    if not 1 <= len(records) <= MOST_RECORDS:
        raise BadCallback(f"a list of none, or of more than {MOST_RECORDS}")
    if sum([_quotes(record) for record in records]) != _written(body):
        raise BadCallback("a field stands there twice")
    return records


def _decoded(body: bytes, charset: str | None) -> object:
    """Return what JSON says; its parser knows UTF-8 alone, and checks that."""
    try:
        if charset is None or charset == "utf-8" or body.isascii():
            try:
                return _DECODER.decode(body)
            except UnicodeDecodeError:
                pass
        return _DECODER.decode(body.decode(_charset_of(body, charset, "the body")))
    # A number may be too great for its type.
    except (msgspec.MsgspecError, RecursionError, ArithmeticError):
        raise BadCallback("not JSON, or cut") from None


def _quotes(record: object) -> int:
    """Return how many quotes *record* takes if each name is there once.

    Drop what is null, and make texts of what is neither a text nor a number. Raises
    :class:`BadCallback` for what is no object.
    """
    if type(record) is not dict:
        raise BadCallback("neither an object nor a list of objects")
    fields = cast("dict[str, Any]", record)
    if len(fields) > MOST_FIELDS:
        raise BadCallback(f"more than {MOST_FIELDS} fields")
    types = [*map(type, fields.values())]
    texts = types.count(str)
    quotes = 2 * (len(types) + texts)
    if len(types) != texts + types.count(int):
        for name, value in list(fields.items()):
            if value is None:
                del fields[name]
            elif type(value) not in {str, int, Decimal}:  # no page shows what may come
                as_json = _ENCODER.encode(value)
                fields[name] = as_json.decode()
                quotes += _written(as_json)
    return quotes


def _written(body: bytes) -> int:
    """Return how many quotes there are in JSON that are not part of a text."""
    if b"\\" not in body:
        return body.count(b'"')
    body = body.replace(b"\\\\", b"")
    return body.count(b'"') - body.count(b'\\"')


_DECODER: Final = msgspec.json.Decoder(float_hook=Decimal)
_ENCODER: Final = msgspec.json.Encoder(decimal_format="number")


def _xml(body: bytes, charset: str | None) -> list[Fields]:
    body = body.removeprefix(_MARK)
    declared = _DECLARATION.match(body[:_DECLARED].decode("latin-1"))
    if declared:
        body = body[declared.end() :]
    name = declared[1].lower() if declared and declared[1] else None
    named = charset or (name and _ALSO.get(name, name))
    if named is not None and named not in CHARSETS:
        raise BadCallback("the declaration names a charset that the service does not have")
    text = body.decode(_charset_of(body, named, "the body")).strip()
    if "\0" in text:  # which no XML has, and expat would take for a sign of UTF-16
        raise BadCallback("not XML, or cut")
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

    def read(self, text: str) -> list[Fields]:
        # Of this call alone: kept here, the two would hold each other until the next collection.
        parser = expat.ParserCreate("utf-8")
        parser.buffer_text = True
        parser.StartDoctypeDeclHandler = self._refuse
        parser.StartElementHandler = self._start
        parser.EndElementHandler = self._end
        parser.CharacterDataHandler = self._text.append
        try:
            parser.Parse(text.encode(), True)  # noqa: FBT003 - expat takes it by place
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
            self._records.append(cast("Fields", _unique(pairs)))
            if len(self._records) > MOST_RECORDS:
                raise BadCallback(f"more than {MOST_RECORDS} callbacks")
        self._leaf = False


def _unique(pairs: list[tuple[str, str]]) -> dict[str, str]:
    fields = dict(pairs)
    if len(fields) != len(pairs):
        raise BadCallback("a field stands there twice")
    return fields


def _charset_of(data: bytes, charset: str | None, what: str) -> str:
    """Return *charset* if *data* is that; for None the one that it is."""
    for candidate in (charset,) if charset else ("utf-8", DEFAULT):
        with suppress(UnicodeDecodeError):
            data.decode(candidate)
            return candidate
    raise BadCallback(f"{what} is not {charset or DEFAULT}")


_ALSO: Final = {"cp1251": "windows-1251", "utf8": "utf-8"}
_FIRST: Final = {b"{": "json", b"[": "json", b"<": "xml"}
_FORMATS: Final[Mapping[str, Callable[[bytes, str | None], list[Fields]]]] = {
    "form": _form,
    "json": _json,
    "xml": _xml,
}
