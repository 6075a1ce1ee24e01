"""What is refused before the network, whatever the subject; plain functions."""

from __future__ import annotations

import re
from collections.abc import Callable, Generator, Iterable
from contextlib import contextmanager
from datetime import date, datetime
from typing import Final, TypeVar

from .._operation import Params
from .._wire import values
from .._wire.values import joined
from ..errors import InvalidMessage
from ..messages._checks import check_sender, is_address
from . import _addressing as addressing

A = TypeVar("A")
R = TypeVar("R")

_MOST: Final = 10**18 - 1  # more than the service has ever counted to
_PHONE = re.compile(r"\s*\+?[0-9 ()\-]{5,}\Z")
_ID = re.compile(r"[0-9]{1,18}\Z")


def optional(check: Callable[[str, A], R], field: str, given: A | None) -> R | None:
    """Return what *check* makes of an argument that may be left out."""
    return None if given is None else check(field, given)


def several(field: str, given: object) -> tuple[str, ...]:
    """Return one or many texts as many; raise for what is neither."""
    if isinstance(given, str):
        return (given,)
    return tuple(text(field, one) for one in addressing.listed(field, given, addressing.SEVERAL))


def text(field: str, given: object) -> str:
    """Return a text that may be empty; raise for one that cannot be written."""
    if not isinstance(given, str):
        raise InvalidMessage(field, "is a text")
    if not values.is_encodable(given):
        raise InvalidMessage(field, "has half of a surrogate pair, which is no character")
    return given


def name(field: str, given: object) -> str:
    """Return a text that says something; raise for one that is empty."""
    found = text(field, given)
    if not found.strip():
        raise InvalidMessage(field, "is empty")
    return found


def sender(field: str, given: object) -> str:
    """Return from whom messages are; raise for what is no name, or has an @ and is no address.

    A number has one spelling, its digits: the service knows such a sender by them.
    """
    found = name(field, given)
    if _PHONE.match(found):
        number = values.digits(found)
        if values.digits(number) != number:
            raise InvalidMessage(field, "would without its plus be read as a number in Russia")
        found = number
    if "@" not in found:
        with naming(field):
            check_sender(found)
    elif not is_address(found):
        raise InvalidMessage(field, "has an @, and is no e-mail address")
    return found


@contextmanager
def naming(field: str) -> Generator[None]:
    """Let a check that names another field name *field*."""
    try:
        yield
    except InvalidMessage as error:
        raise InvalidMessage(field, error.rule) from None


def number(field: str, given: object) -> int:
    """Return a number that counts or names something; raise for what nothing has."""
    return within(field, given, 1, _MOST)


def within(field: str, given: object, first: int, last: int) -> int:
    """Return a whole number that is in its range."""
    if not values.is_whole(given, range(first, last + 1)):
        raise InvalidMessage(field, f"is a whole number between {first} and {last}")
    return given


def between(first: int, last: int) -> Callable[[str, object], int]:
    """Return a check for a whole number that is in that range."""
    return lambda field, given: within(field, given, first, last)


def place(field: str, given: object) -> int:
    """Return the number of something to go on behind; 0 is before the first."""
    return within(field, given, 0, _MOST)


def among(*allowed: A) -> Callable[[str, object], A]:
    """Return a check that raises for whatever is not one of those values, or of another kind."""

    def check(field: str, given: object) -> A:
        for one in allowed:
            if type(given) is type(one) and given == one:
                return one
        raise InvalidMessage(field, f"is one of {', '.join(map(repr, allowed))}")

    return check


def service_id(field: str, given: object) -> int:
    """Return an id of the service's, which may be given as its digits."""
    if isinstance(given, str):
        if not _ID.match(given):
            raise InvalidMessage(field, "is a number of the service's, or its digits")
        return number(field, int(given))
    return number(field, given)


def flag(field: str, given: object) -> int | None:
    """Return 1 for what is wanted, and for all else nothing, which is the service's default."""
    if not isinstance(given, bool):
        raise InvalidMessage(field, "is True or False")
    return 1 if given else None


def day(field: str, given: object) -> str:
    """Write a day; raise for a moment, which has a time and a zone."""
    if not isinstance(given, date) or isinstance(given, datetime):
        raise InvalidMessage(field, "is a date: a day has no time, and the account's own zone")
    return values.day(given)


def something(changes: Params) -> Params:
    """Return *changes*; raise if they change nothing."""
    if all(value is None for value in changes.values()):
        raise InvalidMessage("change", "says nothing new; give what is to be otherwise")
    return changes


def one_of(**given: object) -> None:
    """Raise unless exactly one of the arguments is given."""
    if sum(value is not None for value in given.values()) != 1:
        raise InvalidMessage(next(iter(given)), f"give one of {', '.join(given)}")


def numbers(field: str, given: str | Iterable[str]) -> list[str]:
    """Return numbers as they are sent; raise for what is none, with ``rows`` if they are many."""
    listed = several(field, given)
    if not listed:
        raise InvalidMessage(field, "names nobody")
    if len(listed) == 1:
        return [addressing.phone(listed[0], field)]
    bad: dict[int, str] = {}
    found: list[str] = []
    for at, one in enumerate(listed):
        try:
            found.append(addressing.phone(one, field))
        except InvalidMessage as error:
            bad[at] = error.rule
    if bad:
        raise InvalidMessage(field, f"{len(bad)} of {len(listed)} are no numbers", bad)
    return found


def phones(field: str, given: str | Iterable[str]) -> str:
    """Write numbers as a list; raise for what is none."""
    return joined(numbers(field, given))


def mails(field: str, given: str | Iterable[str]) -> str:
    """Write e-mail addresses as a list; raise for what is none."""
    listed = several(field, given)
    if not listed:
        raise InvalidMessage(field, "names nobody")
    if not all(map(addressing.is_mail, listed)):
        raise InvalidMessage(field, "has what is no e-mail address, or several in one text")
    return joined(one.strip() for one in listed)


def subscribers(field: str, given: str | Iterable[str]) -> dict[str, str]:
    """Return the parameter that names numbers, or else e-mail addresses; raise for a mixture."""
    listed = several(field, given)
    if any(map(addressing.is_mail, listed)):
        return {"mail": mails(field, listed)}
    return {"phone": phones(field, listed)}
