"""What the account decides about a sub-client."""

from __future__ import annotations

import re
from collections.abc import Mapping
from enum import IntEnum
from typing import Final, Literal, TypeAlias

import msgspec

from ..errors import InvalidMessage
from ..messages._checks import check_sender
from . import _checks as checks


class SubclientType(IntEnum):
    """Whose tariff and whose money a sub-client uses."""

    OWN = 0
    """Its own tariff and balance; what the service takes where none is said."""
    MAIN_TARIFF = 1
    """The main account's tariff, its own balance."""
    MAIN = 2
    """The main account's tariff and balance."""
    MAIN_BALANCE = 3
    """Its own tariff, the main account's balance."""
    LOGIN = 4
    """One more login of the main account."""


Currency: TypeAlias = Literal["RUB", "USD", "EUR", "UAH", "KZT"]
_CURRENCIES: Final[Mapping[Currency, int]] = {"RUB": 1, "USD": 2, "EUR": 3, "UAH": 4, "KZT": 5}
_DEAREST_TARIFF: Final = 8
_FARTHEST: Final = 12  # hours from UTC; the service counts from the one that is last
# What has no field of its own: names that the service's pages give, mostly without a meaning.
_OTHER: Final = frozenset(
    {
        *("email2", "phone2", "props", "cntr", "site_id", "mintrf", "sender2", "nb", "ktm", "fmts"),
        *("notes", "ph", "dlim", "plim", "tlim", "ilim", "tmlim", "vld", "mph", "mh1", "mh2"),
        *("mlen", "answ", "answ_call"),
    }
)
_FLAG = re.compile(r"(fl|fl2|fl3|mfl)\[[0-9]{1,3}\]\Z")


class SubclientSettings(msgspec.Struct, frozen=True, kw_only=True):
    """What the account decides about a sub-client; what is None stays as it is.

    ``type`` says whose tariff and balance it uses, ``tariff`` (0 to 8) which one, ``currency``
    what it pays in. ``tz`` is its zone in whole hours from UTC, -12 to 12. ``full_name``,
    ``email`` and ``phone`` are the person's, ``sender`` the name of its messages, ``url`` the
    handler that its statuses and incoming messages are posted to.

    ``other`` holds settings by the service's own names, such as ``notes``, ``fmts`` (``"7,-77"``:
    the country codes that are allowed and not), ``tmlim`` (``"9-21"``: hours) or ``vld`` (minutes),
    and its flags as ``fl[n]``, ``fl2[n]``, ``fl3[n]`` and ``mfl[n]``: ``"fl[29]": 1`` lets it use
    the main account's sender names, ``fl[26]`` its contacts, ``fl2[27]`` is the test mode, in which
    nothing is sent, and ``fl2[10]`` blocks it.
    """

    type: SubclientType | None = None
    email: str | None = None
    phone: str | None = None
    full_name: str | None = None
    tariff: int | None = None
    currency: Currency | None = None
    tz: int | None = None
    sender: str | None = None
    url: str | None = None
    other: Mapping[str, str | int] = {}

    def __post_init__(self) -> None:
        """Refuse what the service would refuse, or would not know."""
        self.params()

    def params(self) -> dict[str, str | int | None]:
        """Return it by the service's names; what is None is not sent."""
        check_sender(self.sender)
        if self.url is not None and not self.url.startswith(("http://", "https://")):
            raise InvalidMessage("url", "begins with https:// or http://")
        return {
            "type": None if self.type is None else _type(self.type),
            "email": checks.optional(checks.name, "email", self.email),
            "phone": checks.optional(checks.name, "phone", self.phone),
            "fio": checks.optional(checks.name, "full_name", self.full_name),
            "tariff": _within("tariff", self.tariff, 0, _DEAREST_TARIFF),
            "curr": None if self.currency is None else _currency(self.currency),
            "tz": _zone(self.tz),
            "sender": checks.optional(checks.name, "sender", self.sender),
            "url": checks.optional(checks.name, "url", self.url),
            **{_name(name): _value(name, value) for name, value in self.other.items()},
        }


def _type(given: int) -> int:
    try:
        return int(SubclientType(given))
    except ValueError:
        raise InvalidMessage("type", "is a SubclientType") from None


def _currency(given: Currency) -> int:
    if given not in _CURRENCIES:
        raise InvalidMessage("currency", f"is one of {', '.join(_CURRENCIES)}")
    return _CURRENCIES[given]


def _zone(hours: int | None) -> int | None:
    """Return a zone as the service counts it: 0 is 12 hours behind UTC."""
    found = _within("tz", hours, -_FARTHEST, _FARTHEST)
    return None if found is None else found + _FARTHEST


def _within(field: str, given: int | None, first: int, last: int) -> int | None:
    if given is not None and not first <= given <= last:
        raise InvalidMessage(field, f"is between {first} and {last}")
    return given


def _name(given: str) -> str:
    if given not in _OTHER and not _FLAG.match(given):
        raise InvalidMessage(
            "other", f"{given!r} is no setting that the pages name, or has a field of its own"
        )
    return given


def _value(name: str, given: object) -> str | int:
    """Return the value of a setting; a text may have lines, and may be empty to take it away."""
    if isinstance(given, str):
        checks.text("other", given)
        return given
    if isinstance(given, int):
        return given
    raise InvalidMessage("other", f"{name} is a text or a whole number")
