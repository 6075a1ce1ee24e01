"""From a body to callbacks, checked: pure."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from operator import itemgetter
from typing import Final, TypeAlias, cast

import msgspec

from .._wire.secret import Secret
from ._bodies import FORM, Charset, Fields, fields_of, texts
from ._callbacks import CallConfirmation, IncomingMessage, StatusReport
from ._errors import BadCallback, NotUnderstood, SignatureMismatch
from ._signing import DIGESTS, Algorithm, check_algorithm, is_signed, secrets_of

Parts: TypeAlias = Callable[[Fields], tuple[object, ...]]
Received: TypeAlias = StatusReport | IncomingMessage | CallConfirmation


@dataclass(frozen=True, slots=True)
class _Kind:
    """What a kind of callback becomes, and what of it is signed, in which form.

    The forms are such that no text signed for one kind is one of another: only the text of a
    message may hold a colon, and a status has two digits at most where a number has three.
    """

    type: type[Received]
    signed: Parts  # in the order of the page
    joined: str  # how they are written as one
    bound: Parts | None  # those of them that have a form, where one is a free text
    fits: Callable[[str], object]  # whether these, as one, have the form
    known: frozenset[str]


def _kind(type: type[Received], signed: tuple[str, ...], form: str, free: str = "") -> _Kind:
    bound = [name for name in signed if name != free]
    return _Kind(
        type=type,
        signed=cast("Parts", itemgetter(*signed)),
        joined="%s:" * len(signed),
        bound=cast("Parts", itemgetter(*bound)) if free else None,
        fits=re.compile(form).match,
        known=frozenset({*_COMMON, *type.__struct_encode_fields__} - {"extra"}),
    )


_COMMON: Final = (*DIGESTS, "charset", "fmt", "waitcall")
_STATUS: Final = _kind(
    StatusReport,
    ("id", "phone", "status"),
    r"[A-Za-z0-9._-]{1,40}:[^\s:\x00-\x1f\x7f]{3,254}:(?:0|-?[1-9][0-9]?):\Z",
)
_MESSAGE: Final = _kind(
    IncomingMessage, ("phone", "mes", "to"), r"\+?[0-9]{3,20}:\+?[0-9]{3,20}:\Z", free="mes"
)
_CALL: Final = _kind(CallConfirmation, ("phone", "ts"), r"\+?[0-9]{3,20}:[1-9][0-9]{8,10}:\Z")
# The names of all fields that the page has.
KNOWN: Final = _STATUS.known | _MESSAGE.known | _CALL.known
# A decimal of Python's takes more: NaN, and numbers that fill the memory as soon as one counts.
_MONEY: Final = re.compile(r"-?[0-9]{1,12}(?:\.[0-9]{1,12})?(?:[eE][-+]?[0-9]{1,2})?\Z")


def parse(
    body: bytes,
    *,
    secret: str | Sequence[str] | None,
    algorithm: Algorithm = "sha1",
    content_type: str = FORM,
    query: bytes = b"",
    charset: Charset | None = None,
) -> tuple[Received, ...]:
    """Read what the service posted, and check that it did: mostly one callback.

    Pure: no I/O, no clock.

    Args:
        body: The body of the request, as it came; bound its length before.
        secret: The one in the address that the account has, or two while you change it. None
            checks nothing: then anybody may have written the callback.
        algorithm: The one in the address. A sum of ``crc32`` can be forged by anybody who has seen
            one callback.
        content_type: The header of that name. Where it names neither JSON nor XML, the first sign
            of the body tells the format.
        query: What stands after ``?`` in the address that was called.
        charset: That of the address. None is what a form or XML names itself, or else UTF-8 where
            the text is that, or else windows-1251, the service's own.

    Raises:
        SignatureMismatch: It is not signed with the secret: answer 403.
        NotUnderstood: It is signed, and not as the page has it: keep it, and answer 200.
        BadCallback: It is no callback of the service's: answer 400.
        ValueError: Secret, algorithm or charset is none that the service takes.
    """
    check_algorithm(algorithm)
    keys = () if secret is None else secrets_of(secret)
    records = fields_of(body, content_type, query, charset)
    return tuple([callback_of(fields, keys, algorithm) for fields in records])


def verify(
    body: bytes,
    *,
    secret: str | Sequence[str],
    algorithm: Algorithm = "sha1",
    content_type: str = FORM,
    query: bytes = b"",
    charset: Charset | None = None,
) -> None:
    """Return if the service signed what it posted; for those who hand it on as it is.

    Arguments and errors are those of :func:`parse`, which checks this, too.
    """
    parse(
        body,
        secret=secret,
        algorithm=algorithm,
        content_type=content_type,
        query=query,
        charset=charset,
    )


def callback_of(fields: Fields, keys: tuple[Secret, ...], algorithm: Algorithm) -> Received:
    """Check and read one callback as :func:`parse` does; without a key nobody is checked."""
    kind = _kind_of(fields)
    try:
        text = kind.joined % kind.signed(fields)
    except KeyError as error:
        raise BadCallback(f"{error.args[0]} is missing") from None
    # Nothing that fits holds a colon of its own, so what fits as one fits part by part.
    fits = kind.fits(
        text if kind.bound is None else "".join([f"{part}:" for part in kind.bound(fields)])
    )
    if keys and not is_signed(text, fields, algorithm, keys):
        if fits:
            raise SignatureMismatch(f"no {algorithm} of it with the secret")
        raise BadCallback("what is signed is not what it should be")
    if not fits:
        if keys:
            raise NotUnderstood("what is signed is not as the page has it", texts(fields))
        raise BadCallback("what is signed is not what it should be")
    return _made(kind, fields)


def _kind_of(fields: Fields) -> _Kind:
    """Tell the kinds apart as the page does, by the presence of a field."""
    if "mes" in fields:
        if "waitcall" in fields:
            raise BadCallback("both a message and a call")
        return _MESSAGE
    return _CALL if "waitcall" in fields else _STATUS


def _made(kind: _Kind, fields: Fields) -> Received:
    """Return the callback; what is not signed and not what it should be stands in ``extra``."""
    if fields.keys() <= kind.known and _MONEY.match(str(fields.get("cost", 0))):
        if type(number := fields.get("id")) is int:  # the service's own ids are bare in JSON
            fields["id"] = str(number)
        try:
            return msgspec.convert(fields, kind.type, strict=False)
        except msgspec.ValidationError:
            pass  # the long way finds out what is to be done
    usable = texts(fields)
    extra = {name: usable.pop(name) for name in fields if name not in kind.known}
    if not _MONEY.match(usable.get("cost", "0")):
        extra["cost"] = usable.pop("cost")
    while True:
        try:
            return msgspec.convert({**usable, "extra": extra}, kind.type, strict=False)
        except msgspec.ValidationError as error:  # at one field, by its name
            name = str(error).rpartition("$.")[2].rstrip("`")
            extra[name] = usable.pop(name)
