"""What is refused before the network, whatever the subject; plain functions."""

from __future__ import annotations

from collections.abc import Iterable

from .._operation import Params
from .._wire.values import joined
from ..errors import InvalidMessage
from . import _addressing as addressing


def several(given: str | Iterable[str]) -> tuple[str, ...]:
    """Return one or many as many."""
    return (given,) if isinstance(given, str) else tuple(given)


def text(field: str, given: str | None) -> str | None:
    """Return a text that may be empty; raise for one that cannot be written."""
    try:
        (given or "").encode()
    except UnicodeEncodeError:
        raise InvalidMessage(field, "has half of a surrogate pair, which is no character") from None
    return given


def name(field: str, given: str | None) -> str | None:
    """Return a text that says something; raise for one that is empty."""
    if given is not None and not given.strip():
        raise InvalidMessage(field, "is empty")
    return text(field, given)


def number(field: str, given: int | None) -> int | None:
    """Return an id or a number of the service's; raise for one below 1, which nothing has."""
    if given is not None and given < 1:
        raise InvalidMessage(field, "is 1 or more")
    return given


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
    listed = several(given)
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
    listed = several(given)
    if not listed:
        raise InvalidMessage(field, "names nobody")
    if not all(map(addressing.is_mail, listed)):
        raise InvalidMessage(field, "has what is no e-mail address, or several in one text")
    return joined(one.strip() for one in listed)


def subscribers(field: str, given: str | Iterable[str]) -> dict[str, str]:
    """Return the parameter that names numbers, or else e-mail addresses; raise for a mixture."""
    listed = several(given)
    if any(map(addressing.is_mail, listed)):
        return {"mail": mails(field, listed)}
    return {"phone": phones(field, listed)}
