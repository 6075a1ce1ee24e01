"""Callbacks as the service might write them: in each format, charset and way to sign.

Made with other means than those that read them: the standard library's writers alone.
"""

from __future__ import annotations

import hashlib
import json
import zlib
from collections.abc import Callable, Mapping, Sequence
from urllib.parse import quote_from_bytes
from xml.sax.saxutils import escape

Row = Mapping[str, str]
Writer = Callable[[Sequence[Row], str], bytes]

SECRET = "Tq3-vJ8_xW1mZ6nB4kR9pL2c"
OTHER_SECRET = "Yc5_hD7-aF0gE2uS8oI3tN6w"

SIGNED = {
    "status": ("id", "phone", "status"),
    "message": ("phone", "mes", "to"),
    "call": ("phone", "ts"),
}


def _crc32(data: bytes) -> int:
    return zlib.crc32(data)


# How a hash may be written, by the name of its parameter and what is special.
HASHES: dict[str, Callable[[bytes], str]] = {
    "md5": lambda data: hashlib.md5(data).hexdigest(),  # noqa: S324 - the service's own
    "md5 in capitals": lambda data: hashlib.md5(data).hexdigest().upper(),  # noqa: S324 - as above
    "sha1": lambda data: hashlib.sha1(data).hexdigest(),  # noqa: S324 - as above
    "sha1 in capitals": lambda data: hashlib.sha1(data).hexdigest().upper(),  # noqa: S324 - as above
    "crc32": lambda data: str(_crc32(data)),
    "crc32 with a sign": lambda data: str((_crc32(data) ^ 1 << 31) - (1 << 31)),
    "crc32 in 8 digits": lambda data: format(_crc32(data), "08x"),
    "crc32 without zeros": lambda data: format(_crc32(data), "x"),
    "crc32 in capitals": lambda data: format(_crc32(data), "08X"),
}


def signed(
    kind: str, row: Row, *, how: str = "sha1", secret: str = SECRET, charset: str = "utf-8"
) -> dict[str, str]:
    """Return *row* with the hash of its kind."""
    text = "".join(f"{row[name]}:" for name in SIGNED[kind]) + secret
    return {**row, how.split(maxsplit=1)[0]: HASHES[how](text.encode(charset))}


def form(rows: Sequence[Row], charset: str) -> bytes:
    (row,) = rows
    return "&".join(
        f"{quote_from_bytes(name.encode(charset), safe='')}"
        f"={quote_from_bytes(value.encode(charset), safe='').replace('%20', '+')}"
        for name, value in row.items()
    ).encode()


def loose_form(rows: Sequence[Row], charset: str) -> bytes:
    """Write no more escapes than a form needs: Cyrillic stands there in its own bytes."""
    (row,) = rows
    special = {ord(sign): f"%{ord(sign):02X}" for sign in "&=%+#"}
    return "&".join(
        f"{name}={value.translate(special).replace(' ', '+')}" for name, value in row.items()
    ).encode(charset)


def _values(row: Row) -> dict[str, str | int]:
    """Return whole numbers as such, as PHP does with what came from a column of numbers."""
    names = {
        "id",
        "status",
        "ts",
        "sent",
        "time",
        "type",
        "cnt",
        "err",
        "flag",
        "crc32",
        "waitcall",
    }
    return {
        name: int(value)
        if name in names and value.removeprefix("-").isdigit() and str(int(value)) == value
        else value
        for name, value in row.items()
    }


def as_json(rows: Sequence[Row], charset: str) -> bytes:
    (row,) = rows
    return json.dumps(_values(row), ensure_ascii=False).encode(charset)


def escaped_json(rows: Sequence[Row], charset: str) -> bytes:
    (row,) = rows
    return json.dumps(row, separators=(",", ":")).replace("/", "\\/").encode(charset)


def json_list(rows: Sequence[Row], charset: str) -> bytes:
    return json.dumps([_values(row) for row in rows], ensure_ascii=False, indent=1).encode(charset)


def _elements(row: Row, write: Callable[[str], str]) -> str:
    return "".join(f"<{name}>{write(value)}</{name}>" for name, value in row.items())


def _declared(charset: str, inside: str) -> bytes:
    return f'<?xml version="1.0" encoding="{charset}"?>\n{inside}\n'.encode(charset)


def xml(rows: Sequence[Row], charset: str) -> bytes:
    (row,) = rows
    return _declared(charset, f"<callback>{_elements(row, escape)}</callback>")


def referring_xml(rows: Sequence[Row], charset: str) -> bytes:
    """Write each sign that is not plain as a reference, a line break too."""
    (row,) = rows

    def write(value: str) -> str:
        return "".join(
            sign if sign.isalnum() and sign.isascii() else f"&#x{ord(sign):X};" for sign in value
        )

    return _declared(charset, f"<callback>{_elements(row, write)}</callback>")


def cdata_xml(rows: Sequence[Row], charset: str) -> bytes:
    (row,) = rows
    return _declared(charset, f"<c>{_elements(row, lambda value: f'<![CDATA[{value}]]>')}</c>")


def xml_list(rows: Sequence[Row], charset: str) -> bytes:
    inside = "".join(f"\r\n <callback>{_elements(row, escape)}</callback>" for row in rows)
    return _declared(charset, f"<callbacks>{inside}\r\n</callbacks>")


def undeclared_xml(rows: Sequence[Row], charset: str) -> bytes:
    (row,) = rows
    return f"<callback>{_elements(row, escape)}</callback>".encode(charset)


FORM = "application/x-www-form-urlencoded"
JSON = "application/json"
XML = "text/xml"
# Each writer with its content type, and whether it writes several at once.
WRITERS: dict[str, tuple[Writer, str, bool]] = {
    "form": (form, FORM, False),
    "loose form": (loose_form, FORM, False),
    "JSON": (as_json, JSON, False),
    "escaped JSON": (escaped_json, JSON, False),
    "JSON list": (json_list, JSON, True),
    "XML": (xml, XML, False),
    "XML of references": (referring_xml, XML, False),
    "XML of CDATA": (cdata_xml, XML, False),
    "XML undeclared": (undeclared_xml, XML, False),
    "XML list": (xml_list, XML, True),
}
# koi8-r is for forms alone.
CHARSETS = {
    name: ("utf-8", "windows-1251", *(("koi8-r",) if "form" in name else ())) for name in WRITERS
}

STATUS = {
    "id": "123456",
    "phone": "79991234567",
    "status": "1",
    "time": "21.11.26 12:00:00",
    "ts": "1795262400",
    "cnt": "2",
    "type": "0",
    "cost": "2.40",
    "flag": "1280",
    "sender": "Магазин",
    "cmt": "Заказ № 12",
}
MESSAGE = {
    "id": "77",
    "sms_id": "123456",
    "phone": "79991234567",
    "mes": "Да",
    "to": "79990000000",
    "smsc": "79029990000",
    "sent": "1795262399",
    "time": "1795262400",
}
CALL = {"waitcall": "1", "phone": "79991234567", "ts": "1795262400"}
