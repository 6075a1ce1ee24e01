"""Parameters to bytes, bytes to replies or errors: pure."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any, NoReturn, cast
from urllib.parse import urlencode

import msgspec

from ._operation import Operation, Params, R
from ._wire import codes
from ._wire.limits import Row
from ._wire.values import digest, digits, one_line, wire
from .errors import ApiError, BadReply

_PLAIN_ERROR = re.compile(
    r"\s*ERROR\s*=\s*(\d+)\s*(?:\((.*?)\))?(?:\s*,\s*ID\s*-\s*(\S+))?\s*\Z", re.DOTALL
)
_DIVIDER = re.compile("[:;]")  # what stands between the phones and the text of a line
_SMALL = 4096  # an error is never longer, so a page of history is not searched for one
_START = 120


class Secret:
    """Bytes that no repr, log, copy, pickle or traceback shows; it equals nothing but itself."""

    # The bytes stand in a function's cell: whoever walks over attributes meets the function only.
    __slots__ = ("reveal",)
    reveal: Callable[[], bytes]  # for the wire only

    def __init__(self, data: bytes) -> None:
        self.reveal = lambda: data

    def __repr__(self) -> str:
        return "Secret(***)"

    def __reduce__(self) -> NoReturn:
        raise TypeError("a secret is not copied or pickled")

    __getstate__ = __reduce__


def form(operation: Operation[Any], params: Params) -> dict[str, str]:
    """Write the parameters of a call as text, without the credentials; None is left out."""
    pairs: dict[str, str] = dict(operation.fixed)
    pairs.update((name, wire(value)) for name, value in params.items() if value is not None)
    return pairs | codes.ANSWER_FORM


def encode(pairs: Mapping[str, str]) -> bytes:
    """Return *pairs* as an urlencoded form."""
    return urlencode(pairs).encode("ascii")


def addressed(pairs: Mapping[str, str]) -> list[tuple[str, str]]:
    """List who gets which text by a send; a line feed in a text is written as in a list."""
    if lines := pairs.get("list"):
        found: list[tuple[str, str]] = []
        for line in lines.split("\n"):
            phones, text = (*_DIVIDER.split(line, maxsplit=1), "")[:2]
            found += [(phone, text) for phone in phones.rpartition("|")[2].split(",") if phone]
        return found
    text = one_line(pairs.get("mes", ""))
    numbers = pairs.get("phones", "").replace(";", ",").split(",")
    return [(phone, text) for phone in numbers if phone.strip()]


def fingerprint(row: Row, pairs: Mapping[str, str], *, message_only: bool) -> bytes:
    """Return the digest of what makes two calls identical.

    The pages do not say what "identical" means. For a send it is taken as widely as can be: who
    gets which text, whatever the kind, the id and the options; so no reading of the service's can
    see two identical sends where the client saw none. A send without a text (HLR, ping) and all
    else is compared by every parameter.
    """
    if message_only and row.path == codes.SEND and (messages := addressed(pairs)):
        if any(text for _, text in messages):
            known = sorted((digits(phone), text) for phone, text in messages)
            return digest(*(part for message in known for part in message))
        pairs = {name: value for name, value in pairs.items() if name != "id"}
    return digest(*(part for pair in sorted(pairs.items()) for part in pair))


def decode(operation: Operation[R], data: bytes) -> R | ApiError | BadReply:
    """Return what an answer means: the reply, or the error to raise.

    The charset that was asked for is read, whatever the header says. JSON comes first; then the
    two plain texts that were met in its place.
    """
    data = data.removeprefix(b"\xef\xbb\xbf").strip()
    if error := _error(operation, data):
        if operation.nothing and error.code == codes.ERROR_NOTHING:
            return operation.nothing()
        return error
    if data == b"OK":
        data = b'{"result": "OK"}'
    try:
        return cast("R", _decoder(operation.reply).decode(data))
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
        return BadReply(operation.name, f"not the answer expected: {error}", data[:_START])


class _Refusal(msgspec.Struct):
    """An error object, as every endpoint answers it."""

    error_code: int
    error: str | None = None
    id: int | str | None = None


_REFUSAL = msgspec.json.Decoder(_Refusal, strict=False)
_DECODERS: dict[object, msgspec.json.Decoder[Any]] = {}


def _decoder(reply: object) -> msgspec.json.Decoder[Any]:
    """Return the one decoder of a type; quoted numbers are numbers to it."""
    decoder = _DECODERS.get(reply)
    if decoder is None:
        decoder = _DECODERS[reply] = msgspec.json.Decoder(reply, strict=False)
    return decoder


def _error(operation: Operation[Any], data: bytes) -> ApiError | None:
    """Return the service's error in *data*, which it sends as JSON or, at times, as plain text."""
    if len(data) > _SMALL:
        return None
    text = data.decode("utf-8", "replace")  # text in the wrong charset must not hide the number
    if '"error_code"' in text:
        try:
            refusal = _REFUSAL.decode(text)
        except (msgspec.MsgspecError, RecursionError):
            return None
        return _refused(operation, refusal.error_code, refusal.error, refusal.id)
    if found := _PLAIN_ERROR.match(text):
        return _refused(operation, int(found[1]), found[2] or "", found[3])
    return None


def _refused(
    operation: Operation[Any], code: int, text: str | None, id: int | str | None
) -> ApiError:
    kind = operation.errors.get(code, ApiError)
    named = None if id in (None, 0, "0", "") else str(id)
    return kind(operation.name, code, (text or "").strip() or "no reason given", named)
