"""Values that are written as they were given, once they are found to be sound; plain functions."""

from __future__ import annotations

import re
from collections.abc import Generator, Iterable, Mapping
from contextlib import contextmanager
from datetime import date
from typing import Annotated, Any, TypeAlias

from msgspec import Meta

from .._wire import values
from .._wire.secret import Secret
from ..errors import InvalidMessage

_NO_LINE = re.compile("[\x00-\x1f\x7f\ud800-\udfff]")
_NO_UNICODE = re.compile("[\ud800-\udfff]")

# An object of which no page shows the keys: it is anything but an error.
Raw: TypeAlias = dict[Annotated[str, Meta(pattern="^(?!error_code$)")], Any]
# The same where one may come bare, or many in a list.
RawList: TypeAlias = Raw | list[Raw]


@contextmanager
def named_for(field: str) -> Generator[None]:
    """Let a check that names another field name *field*."""
    try:
        yield
    except InvalidMessage as error:
        raise InvalidMessage(field, error.rule) from None


def is_unicode(given: str) -> bool:
    """Tell whether a text can be written down."""
    return not _NO_UNICODE.search(given)


def text(field: str, given: str | None) -> str | None:
    """Return a line of text; raise if it is blank or more than one."""
    if given is None:
        return None
    if not given.strip():
        raise InvalidMessage(field, "is empty")
    if _NO_LINE.search(given):
        raise InvalidMessage(field, "is a line of text, without control signs")
    return given


def count(field: str, given: int | None, first: int = 1, last: int | None = None) -> int | None:
    """Return a whole number; raise if it is not between *first* and *last*."""
    if given is None:
        return None
    if given < first or (last is not None and given > last):
        ends = f"{first} or more" if last is None else f"between {first} and {last}"
        raise InvalidMessage(field, f"is {ends}")
    return given


def days(start: date | None, end: date | None) -> dict[str, str | None]:
    """Return the parameters of a span of whole days; raise if it ends before it starts."""
    if start is not None and end is not None and end.timetuple()[:3] < start.timetuple()[:3]:
        raise InvalidMessage("end", "is before the start")
    return {"start": _day(start), "end": _day(end)}


def _day(given: date | None) -> str | None:
    return None if given is None else values.day(given)


def one_of(**given: object) -> None:
    """Raise unless exactly one of the arguments is given."""
    if sum(value is not None for value in given.values()) != 1:
        raise InvalidMessage(next(iter(given)), f"give one of {', '.join(given)}")


def flags(field: str, given: Iterable[str], known: Iterable[str]) -> dict[str, str | int | None]:
    """Return a parameter that is switched on for each of *given*; raise for one that is none."""
    chosen = {given} if isinstance(given, str) else set(given)
    if strange := sorted(chosen.difference(known)):
        raise InvalidMessage(field, f"{', '.join(strange)}: not one of {', '.join(known)}")
    return dict.fromkeys(sorted(chosen), 1)


def hidden(given: object) -> Secret | None:
    """Return a password as a secret: an empty one where it is no text.

    Raises nothing, for its frame would be in the traceback; :func:`password` does.
    """
    if given is None:
        return None
    if not isinstance(given, str):
        return Secret(b"")
    return Secret(given.encode() if is_unicode(given) else b"")


def password(field: str, given: Secret | None) -> Secret | None:
    """Return a password; raise if it is empty or no text."""
    if given is not None and not given.reveal():
        raise InvalidMessage(field, "is empty, or no text")
    return given


def rows(reply: Raw | list[Raw]) -> list[Mapping[str, Any]]:
    """Return what came bare or in a list as a list."""
    return list(reply) if isinstance(reply, list) else [reply]


def named(row: Mapping[str, Any], key: str) -> str | None:
    """Return an id or a name of a row as text; None where it has none."""
    value = row.get(key)
    return str(value) if isinstance(value, int | str) and value != "" else None
