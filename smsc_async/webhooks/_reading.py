"""From a body to callbacks, checked: pure."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final, TypeAlias

import msgspec

from .._wire.secret import Secret
from . import _bodies as bodies
from . import _signing as signing
from ._bodies import FORM, Charset, Fields
from ._callbacks import CallConfirmation, IncomingMessage, StatusReport
from ._errors import BadCallback, NotUnderstood, SignatureMismatch
from ._signing import Algorithm

Received: TypeAlias = StatusReport | IncomingMessage | CallConfirmation


@dataclass(frozen=True, slots=True)
class _Kind:
    """What a kind of callback becomes, and what of it is signed, in order, with its form.

    The forms are such that no text signed for one kind is one of another: only the text of a
    message may hold a colon, and a status has two digits at most where a number has three.
    """

    type: type[Received]
    signed: tuple[tuple[str, re.Pattern[str]], ...]
    flags: frozenset[str] = frozenset()

    @property
    def known(self) -> frozenset[str]:
        """The names of the fields that are understood."""
        return _COMMON | self.flags | frozenset(self.type.__struct_encode_fields__) - {"extra"}


_COMMON: Final = frozenset({*signing.DIGESTS, "charset", "fmt"})
_NUMBER: Final = re.compile(r"\+?[0-9]{3,20}\Z")
_MOMENT: Final = re.compile(r"[0-9]{9,11}\Z")

_STATUS: Final = _Kind(
    StatusReport,
    (
        ("id", re.compile(r"[A-Za-z0-9._-]{1,40}\Z")),
        ("phone", re.compile(r"[^\s:]{3,254}\Z")),
        ("status", re.compile(r"-?[0-9]{1,2}\Z")),
    ),
)
_MESSAGE: Final = _Kind(
    IncomingMessage, (("phone", _NUMBER), ("mes", re.compile("")), ("to", _NUMBER))
)
_CALL: Final = _Kind(
    CallConfirmation, (("phone", _NUMBER), ("ts", _MOMENT)), frozenset({"waitcall"})
)
_KNOWN: Final = {kind: kind.known for kind in (_STATUS, _MESSAGE, _CALL)}


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
        content_type: The header of that name.
        query: What stands after ``?`` in the address that was called.
        charset: That of the address. None is what a form or XML names itself, or else UTF-8 where
            the text is that, or else windows-1251, the service's own.

    Raises:
        SignatureMismatch: It is not signed with the secret: answer 403.
        NotUnderstood: It is signed, and not as the page has it: keep it, and answer 200.
        BadCallback: It is no callback of the service's: answer 400.
        ValueError: Secret, algorithm or charset is none that the service takes.
    """
    if algorithm not in signing.DIGESTS:
        raise ValueError(f"algorithm: one of {', '.join(signing.DIGESTS)}")
    keys = () if secret is None else signing.secrets(secret)
    return read(
        body,
        keys=keys,
        algorithm=algorithm,
        content_type=content_type,
        query=query,
        charset=charset,
    )


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


def read(
    body: bytes,
    *,
    keys: tuple[Secret, ...],
    algorithm: Algorithm,
    content_type: str,
    query: bytes,
    charset: Charset | None,
) -> tuple[Received, ...]:
    """Do what :func:`parse` does, with secrets that were looked at once; without one no check."""
    return tuple(
        _callback(fields, keys, algorithm)
        for fields in bodies.read(body, content_type, query, charset)
    )


def _callback(fields: Fields, keys: tuple[Secret, ...], algorithm: Algorithm) -> Received:
    kind = _kind_of(fields)
    parts: list[str] = []
    strange: str | None = None
    for name, form in kind.signed:
        value = fields.get(name)
        if value is None:
            raise BadCallback(f"{name} is missing")
        if not form.match(value):
            strange = strange or name
        parts.append(value)
    signed = bool(keys) and signing.is_signed(parts, fields, algorithm, keys)
    if strange is not None:
        if signed:
            raise NotUnderstood(f"{strange} is not as the page has it", fields)
        raise BadCallback(f"{strange} is not what it should be")
    if keys and not signed:
        raise SignatureMismatch(f"no {algorithm} of it with the secret")
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
    known = _KNOWN[kind]
    extra: Fields = {}
    if not fields.keys() <= known:
        extra = {name: value for name, value in fields.items() if name not in known}
    usable: Mapping[str, object] = fields
    while True:
        if extra:
            usable = {name: value for name, value in fields.items() if name not in extra}
            usable = {**usable, "extra": extra}
        try:
            return msgspec.convert(usable, kind.type, strict=False)
        except msgspec.ValidationError as error:
            name = str(error).rpartition("$.")[2].rstrip("`")
            if name in extra or name not in fields:
                raise NotUnderstood("of an unknown shape", fields) from None
            extra[name] = fields[name]
