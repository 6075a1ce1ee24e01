"""What the account decides about a sub-client."""

from __future__ import annotations

import re
from collections.abc import Mapping
from enum import IntEnum
from typing import Final, Literal, TypeAlias, cast

import msgspec

from ..errors import InvalidMessage
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
_MOST: Final = 10**18  # more than any setting counts to
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
        return {
            "type": checks.optional(_type, "type", self.type),
            "email": checks.optional(checks.name, "email", self.email),
            "phone": checks.optional(checks.name, "phone", self.phone),
            "fio": checks.optional(checks.name, "full_name", self.full_name),
            "tariff": checks.optional(_tariff, "tariff", self.tariff),
            "curr": checks.optional(_currency, "currency", self.currency),
            "tz": checks.optional(_zone, "tz", self.tz),
            "sender": checks.optional(checks.sender, "sender", self.sender),
            "url": checks.optional(_url, "url", self.url),
            **_named(self.other),
        }


def settled(field: str, given: object) -> SubclientSettings:
    """Return settings; raise for what is none."""
    if not isinstance(given, SubclientSettings):
        raise InvalidMessage(field, "is SubclientSettings")
    return given


def _type(field: str, given: object) -> int:
    first, *_, last = SubclientType
    return checks.within(field, given, first, last)


def _tariff(field: str, given: object) -> int:
    return checks.within(field, given, 0, _DEAREST_TARIFF)


def _currency(field: str, given: object) -> int:
    for name, number in _CURRENCIES.items():
        if name == given:
            return number
    raise InvalidMessage(field, f"is one of {', '.join(_CURRENCIES)}")


def _zone(field: str, hours: object) -> int:
    """Return a zone as the service counts it: 0 is 12 hours behind UTC."""
    return checks.within(field, hours, -_FARTHEST, _FARTHEST) + _FARTHEST


def _url(field: str, given: object) -> str:
    found = checks.text(field, given)
    if not found.startswith(("http://", "https://")):
        raise InvalidMessage(field, "begins with https:// or http://")
    return found


def _named(given: object) -> dict[str, str | int]:
    """Return the settings that go by the service's own names."""
    if not isinstance(given, Mapping):
        raise InvalidMessage("other", "is a mapping from names to values")
    found = cast("Mapping[object, object]", given)
    return {_name(name): _value(name, value) for name, value in found.items()}


def _name(given: object) -> str:
    name = checks.text("other", given)
    if name not in _OTHER and not _FLAG.match(name):
        raise InvalidMessage(
            "other", f"{name!r} is no setting that the pages name, or has a field of its own"
        )
    return name


def _value(name: object, given: object) -> str | int:
    """Return the value of a setting; a text may have lines, and may be empty to take it away."""
    if isinstance(given, str):
        return checks.text("other", given)
    if isinstance(given, int) and abs(given) < _MOST:
        return given
    raise InvalidMessage("other", f"{name} is a text or a whole number")
