"""The usual callback in JSON, read without the questions that an unusual one takes: pure.

What :func:`callback_url` recommends comes in one way: an object in JSON, in UTF-8, with a SHA-1 and
with fields of the page, each of them once. This reads that alone, sooner than the exact way, which
has to ask for every other. It accepts nothing that the exact way would not, and returns what that
would. All else it leaves to that, a wrong hash too: that says what is wrong.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from decimal import Decimal
from hashlib import sha1
from hmac import compare_digest
from typing import Any, Final, TypeAlias, TypedDict, cast, get_type_hints

import msgspec

from .._wire.secret import Secret
from ._bodies import format_of
from ._callbacks import Received
from ._kinds import MESSAGE, STATUS, Kind
from ._signing import Algorithm

Decode: TypeAlias = Callable[[bytes], dict[str, Any]]

_UTF_8: Final = (None, "utf-8")
_BACKSLASH: Final = ord("\\")
# Bare or quoted, and no fraction: of 1.0 as a whole number another text would be signed.
_NUMBER: Final = str | int | None
_TEXTS: Final = (str, str | None, Decimal | None)  # an amount is quoted
_AMOUNT: Final = re.compile(r"[0-9]{1,12}(?:\.[0-9]{1,12})?\Z")


def _decoder(kind: Kind) -> Decode:
    """Return what decodes an object, and drops all but the usual fields of *kind*."""
    hints = get_type_hints(kind.type, include_extras=True)
    names = zip(kind.type.__struct_encode_fields__, kind.type.__struct_fields__, strict=True)
    fields = {
        name: str | None if hints[ours] in _TEXTS else _NUMBER
        for name, ours in names
        if name != "extra"
    }
    fields |= {"id": _NUMBER, "sha1": str, "charset": str, "fmt": _NUMBER}
    make = cast("Callable[..., type[dict[str, Any]]]", TypedDict)  # of names that are no literals
    return msgspec.json.Decoder(make("Usual", fields, total=False)).decode


_STATUS: Final = _decoder(STATUS)
_MESSAGE: Final = _decoder(MESSAGE)


def usual(  # noqa: PLR0917 - by name it would take longer
    body: bytes,
    content_type: str,
    query: bytes,
    charset: str | None,
    algorithm: Algorithm,
    keys: tuple[Secret, ...],
) -> Received | None:
    """Return the callback, checked, if it came in the usual way; None says nothing of it."""
    if algorithm != "sha1" or query or charset not in _UTF_8 or format_of(content_type) != "json":
        return None
    try:
        if body.find(b'"mes"') < 0:  # a guess: where it is wrong, a field is missing or dropped
            kind, fields = STATUS, _STATUS(body)
            text = f"{fields['id']}:{fields['phone']}:{fields['status']}:"
            free = fields.get("time", "")
            fits = kind.fits(text) and _AMOUNT.match(fields.get("cost", "0"))
        else:
            kind, fields = MESSAGE, _MESSAGE(body)
            phone, free, to = fields["phone"], fields["mes"], fields["to"]
            text = f"{phone}:{free}:{to}:"
            fits = kind.fits(f"{phone}:{to}:")
        # A colon stands behind each name, so these are as many as the names, or more: of one that
        # was dropped or is there twice, or of a text. An escape could make them seem fewer.
        colons = body.count(b":") - free.count(":")
        is_escaped = _BACKSLASH in body and b"\\u003" in body
        if fits and colons == len(fields) and not is_escaped:
            data, claimed = text.encode(), fields["sha1"]
            for key in keys:
                digest = sha1(data + key.reveal()).hexdigest()  # noqa: S324 - the service's best
                if compare_digest(digest, claimed):
                    if type(number := fields.get("id")) is int:
                        fields["id"] = str(number)
                    return msgspec.convert(fields, kind.type, strict=False)
    except Exception:  # noqa: BLE001, S110 - whatever it stumbled over, the exact way tells of it
        pass
    return None
