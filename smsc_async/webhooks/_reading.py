"""From a body to callbacks, checked: pure."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from .._wire.secret import Secret
from ._bodies import FORM, Charset, Fields, fields_of, texts
from ._callbacks import Received
from ._errors import BadCallback, NotUnderstood, SignatureMismatch
from ._kinds import CALL, MESSAGE, MONEY, STATUS, Kind
from ._quick import usual
from ._signing import Algorithm, check_algorithm, is_signed, secrets_of


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
    keys = () if secret is None else secrets_of(secret)
    if found := usual(body, content_type, query, charset, algorithm, keys):
        return (found,)
    check_algorithm(algorithm)  # here, for the quick way knows one alone, which is right
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


def _kind_of(fields: Fields) -> Kind:
    """Tell the kinds apart as the page does, by the presence of a field."""
    if "mes" in fields:
        if "waitcall" in fields:
            raise BadCallback("both a message and a call")
        return MESSAGE
    return CALL if "waitcall" in fields else STATUS


def _made(kind: Kind, fields: Fields) -> Received:
    """Return the callback; what is not signed and not what it should be stands in ``extra``."""
    if fields.keys() <= kind.known and MONEY.match(str(fields.get("cost", 0))):
        if type(number := fields.get("id")) is int:  # the service's own ids are bare in JSON
            fields["id"] = str(number)
        try:
            return msgspec.convert(fields, kind.type, strict=False)
        except msgspec.ValidationError:
            pass  # the long way finds out what is to be done
    usable = texts(fields)
    extra = {name: usable.pop(name) for name in fields if name not in kind.known}
    if not MONEY.match(usable.get("cost", "0")):
        extra["cost"] = usable.pop("cost")
    while True:
        try:
            return msgspec.convert({**usable, "extra": extra}, kind.type, strict=False)
        except msgspec.ValidationError as error:  # at one field, by its name
            name = str(error).rpartition("$.")[2].rstrip("`")
            extra[name] = usable.pop(name)
