"""Parameters to bytes, bytes to replies or errors: pure."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from decimal import Decimal
from functools import cache
from itertools import chain
from typing import Any, cast
from urllib.parse import quote_plus

import msgspec
from msgspec import inspect

from . import _refusals
from ._amounts import are_sound
from ._operation import Operation, Params, R
from ._slices import Work, in_slices
from ._wire import codes
from ._wire.limits import Row
from ._wire.values import digest, digits, is_encodable, joined, one_line, plain, wire
from .errors import ApiError, BadReply, InvalidMessage

_PLAIN_ERROR = re.compile(
    r"\s*ERROR\s*=\s*(-?[1-9]\d*)\s*(?:\((.*?)\))?(?:\s*,\s*ID\s*-\s*(\S+))?\s*\Z", re.DOTALL
)
_BREAK = one_line(codes.TEXT_BREAK)
_DIVIDER = re.compile("[:;]")  # what stands between the phones and the text of a line
_QUOTED = [quote_plus(bytes([byte])) for byte in range(256)]
_SMALL = 4096  # an error is never longer, so a page of history is not searched for one
_START = 120
_PIECE = 250  # characters of a value: as many as a message may have


def form(operation: Operation[Any], params: Params) -> dict[str, str]:
    """Write the parameters of a call as text, without the credentials; None is left out.

    Raises InvalidMessage for what cannot be written, which itself stands nowhere in the error.
    """
    if (bad := _unwritable(params)) is not None:
        raise InvalidMessage(bad, "has half of a surrogate pair, which is no character")
    pairs: dict[str, str] = dict(operation.fixed)
    pairs.update((name, wire(value)) for name, value in params.items() if value is not None)
    return pairs | codes.ANSWER_FORM


def _unwritable(params: Params) -> str | None:
    """Return the name of a parameter that cannot be written, if there is one."""
    for name, value in params.items():
        if not is_encodable(name):
            return "params"
        if isinstance(value, str) and not is_encodable(value):
            return name
    return None


def encode(pairs: Mapping[str, str]) -> Work[bytes]:
    """Return *pairs* as an urlencoded form."""
    form: list[str] = []
    before = ""
    for name, value in pairs.items():
        if len(value) <= _PIECE:
            form.append(f"{before}{_quoted(name)}={_quoted(value)}")
        else:
            pieces = [value[begin : begin + _PIECE] for begin in range(0, len(value), _PIECE)]
            form.append(f"{before}{_quoted(name)}=")
            form += yield from in_slices(_quoted, pieces)
        before = "&"
    return "".join(form).encode("ascii")


def _quoted(text: str) -> str:
    """Return what ``quote_plus`` does, in half the time: a list of messages is long."""
    if text.isascii() and text.isalnum():  # as most names, numbers and ids are
        return text
    return "".join(map(_QUOTED.__getitem__, text.encode()))


def addressed(pairs: Mapping[str, str]) -> Work[list[tuple[str, str]]]:
    """List who gets which text by a send; a line feed in a text is written as in a list.

    A prefix that chooses a kind, and what follows a break, such as a comment, are no text.
    """
    if lines := pairs.get("list"):
        return list(chain.from_iterable((yield from in_slices(_of_line, lines.split("\n")))))
    text = _said(one_line(pairs.get("mes", "")))
    numbers = pairs.get("phones", "").replace(";", ",").split(",")
    return [(phone, text) for phone in numbers if phone.strip()]


def _of_line(line: str) -> list[tuple[str, str]]:
    phones, text = (*_DIVIDER.split(line, maxsplit=1), "")[:2]
    said = _said(text)
    return [(phone, said) for phone in phones.rpartition("|")[2].split(",") if phone]


def _said(text: str) -> str:
    if text.startswith(codes.KIND_PREFIXES):
        text = text.removeprefix(next(filter(text.startswith, codes.KIND_PREFIXES)))
    return text.partition(_BREAK)[0]


def fingerprint(
    row: Row,
    pairs: Mapping[str, str],
    messages: Iterable[tuple[str, str]],
    *,
    message_only: bool,
) -> Work[bytes]:
    """Return the digest of what makes two calls identical; *messages* are those of a send.

    The pages do not say what "identical" means. For a send it is taken as widely as can be: who
    gets which text, whatever the kind, the sender, the files, the id and the options; so no reading
    of the service's can see two identical sends where the client saw none. Sends without a text
    (HLR, ping, a subject or files alone) are identical if kind and recipients are. What else costs
    money is compared by every parameter, however phones and logins are spelled and in whatever
    order; all other calls by every parameter as it is.
    """
    if message_only and (known := sorted((digits(phone), text) for phone, text in messages)):
        has_text = any(text for _, text in known)
        kind = () if has_text else [name for name in codes.KINDS if name in pairs]
        return digest(*kind, *(part for message in known for part in message))
    if message_only and row.dear:
        meant: dict[str, str] = {}
        for name, value in pairs.items():
            meant[name] = yield from _meant(name, value)
        pairs = meant
    return digest(*(part for pair in sorted(pairs.items()) for part in pair))


def _meant(name: str, value: str) -> Work[str]:
    """Return what is equal for all spellings and orders of a parameter's value."""
    match name:
        case "list":
            lines = yield from addressed({name: value})
            return "\n".join(sorted(f"{digits(phone)}:{text}" for phone, text in lines))
        case "phone" | "phones":
            return joined(sorted(digits(phone) for phone in value.replace(";", ",").split(",")))
        case _:
            return plain(name, value)


def decode(operation: Operation[R], data: bytes) -> R | ApiError | BadReply:
    """Return what an answer means: the reply, or the error to raise.

    The charset that was asked for is read, whatever the header says; what is not in it is taken
    for windows-1251, the service's own. JSON comes first; then the two plain texts that were met
    in its place. Of amounts, only those are taken that may be money. A file is as it came.
    """
    whole, data = data, data.removeprefix(b"\xef\xbb\xbf").strip()
    if error := _error(operation, data):
        if operation.nothing and error.code == codes.ERROR_NOTHING:
            return operation.nothing()
        return error
    if operation.reply is bytes:
        return cast("R", whole)
    if data == b"OK":
        data = b'{"result": "OK"}'
    try:
        reply = _read(operation.reply, data)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError, ArithmeticError) as error:
        return BadReply(operation.name, f"not the answer expected: {error}", data[:_START])
    if not are_sound(reply):
        return BadReply(operation.name, "not the answer expected: no amount", data[:_START])
    return cast("R", reply)


class _Refusal(msgspec.Struct):
    """An error object, as every endpoint answers it; its number is what counts."""

    error_code: int
    error: Any = None
    id: Any = None


_REFUSAL = msgspec.json.Decoder(_Refusal, strict=False)
_LOOSE = msgspec.json.Decoder(Any, float_hook=Decimal)
_DECODERS: dict[object, msgspec.json.Decoder[Any]] = {}


def _decoder(reply: object) -> msgspec.json.Decoder[Any]:
    """Return the one decoder of a type; quoted numbers are numbers to it."""
    decoder = _DECODERS.get(reply)
    if decoder is None:
        decoder = _DECODERS[reply] = msgspec.json.Decoder(reply, strict=False)
    return decoder


def _read(reply: Any, data: bytes) -> object:  # noqa: ANN401 - a type, or an alias of one
    """Read JSON as *reply*, whatever its charset, and however its numbers are written."""
    try:
        return _decoder(reply).decode(data)
    except UnicodeDecodeError:
        return _decoder(reply).decode(_text(data))
    except msgspec.ValidationError:
        value = _mended(_LOOSE.decode(_text(data)), _kinds(reply))
        return msgspec.convert(value, reply, strict=False)


def _text(data: bytes) -> str:
    """Read *data* as UTF-8, or as windows-1251 where that makes more sense of it."""
    text = data.decode("utf-8", "replace")
    lost = text.count("\ufffd")
    if lost and 2 * lost > sum(char > "\x7f" for char in text):
        return data.decode("cp1251", "replace")
    return text


@cache
def _kinds(reply: object) -> tuple[inspect.Type, ...]:
    return _alternatives(inspect.type_info(reply))


def _alternatives(kind: inspect.Type) -> tuple[inspect.Type, ...]:
    return kind.types if isinstance(kind, inspect.UnionType) else (kind,)


def _mended(value: Any, kinds: tuple[inspect.Type, ...]) -> Any:  # noqa: ANN401 - JSON
    """Return *value* as one of *kinds* would have it, where the service is known to differ.

    What may be missing and is no text is left out where it is empty; a number in the place of a
    text is one.
    """
    if isinstance(value, int | Decimal) and not isinstance(value, bool):
        texts = all(isinstance(kind, inspect.StrType | inspect.NoneType) for kind in kinds)
        return str(value) if texts else value
    for kind in kinds:
        match kind, value:
            case inspect.StructType(fields=fields), dict():
                return dict(_mended_fields(cast("dict[str, Any]", value), fields))
            case (
                (inspect.ListType(item_type=each) | inspect.VarTupleType(item_type=each)),
                list(),
            ):
                inner = _alternatives(each)
                return [_mended(item, inner) for item in cast("Iterable[Any]", value)]
            case _:
                pass
    return value


def _mended_fields(
    value: Mapping[str, Any], fields: Iterable[inspect.Field]
) -> Iterator[tuple[str, Any]]:
    known = {field.encode_name: field for field in fields}
    for name, item in value.items():
        if (field := known.get(name)) is None:
            yield name, item
            continue
        kinds = _alternatives(field.type)
        text = any(isinstance(kind, inspect.StrType | inspect.AnyType) for kind in kinds)
        if field.required or text or item not in ("", None):
            yield name, _mended(item, kinds)


def _error(operation: Operation[Any], data: bytes) -> ApiError | None:
    """Return the service's error in *data*, which it sends as JSON or, at times, as plain text."""
    if len(data) > _SMALL:
        return None
    if b'"error_code"' in data:
        try:
            refusal = _REFUSAL.decode(_text(data))  # a wrong charset must not hide the number
        except (msgspec.MsgspecError, RecursionError):
            return None
        if not refusal.error_code:
            return None  # no error: to be taken for one, a message would be sent again
        return _refused(operation, refusal.error_code, refusal.error, refusal.id)
    if b"ERROR" in data and (found := _PLAIN_ERROR.match(_text(data))):
        return _refused(operation, int(found[1]), found[2], found[3])
    return None


def _refused(operation: Operation[Any], code: int, text: object, id: object) -> ApiError:
    kind = _refusals.of(operation.path).get(code, ApiError)
    said = text.strip() if isinstance(text, str) else ""
    named = str(id) if isinstance(id, int | str) and id not in (0, "0", "") else None
    return kind(operation.name, code, said or "no reason given", named)
