"""To whom and when: checked and written down; plain functions."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping
from datetime import datetime, timedelta
from typing import Final, NamedTuple, cast

from .._wire import codes, values
from ..errors import InvalidMessage
from ..messages import Hours
from ..messages._checks import is_address
from ..messages._message import Recipients

_GROUP = re.compile(r"[Gg][0-9]+\Z")
_PHONE = re.compile(r"\+?[0-9 ()./\-\u00a0]+\Z")
_TELEGRAM = re.compile(r"@[A-Za-z0-9_]{3,32}\Z|#[0-9]{1,20}\Z")
_CALLED: Final[Mapping[Recipients, str]] = {
    "phones": "phone number",
    "phone": "phone number",
    "addresses": "e-mail address",
    "telegram": "phone number, @nick or #id",
}
_PHONE_DIGITS = range(5, 16)  # the longest international number has 15
_ZONES = range(-15, 12)  # UTC-12 to UTC+14, counted from Moscow
ZONE_RULE: Final = "is -15 to 11 hours from Moscow"
_NUMBER = re.compile(rf"[0-9]{{1,{codes.MAX_ID_TEXT}}}\Z")
_ID = re.compile(rf"[A-Za-z0-9._\-]{{1,{codes.MAX_ID_TEXT}}}\Z")


def recipients(to: str | Iterable[str], takes: Recipients = "phones") -> tuple[str, ...]:
    """Return whom a kind that *takes* such goes to, as it is sent.

    Raises for what is no such recipient, and for one that is given twice.
    """
    given = (to,) if isinstance(to, str) else tuple(to)
    if not given:
        raise InvalidMessage("to", "names nobody")
    if len(given) > codes.MAX_RECIPIENTS:
        raise InvalidMessage(
            "to",
            f"names {len(given)} recipients, and one request takes {codes.MAX_RECIPIENTS}; send in "
            "portions, with send_each() if the texts differ, or run a campaign",
        )
    if takes == "phone" and len(given) > 1:
        raise InvalidMessage("to", "names many; a call that tells a code has one recipient")
    bad: dict[int, str] = {}
    found: dict[str, str] = {}
    for at, phone in enumerate(given):
        why = fault(phone, takes) or ("came before" if values.digits(phone) in found else None)
        if why:
            bad[at] = why
        else:
            found[values.digits(phone)] = spelled(phone)
    if bad and len(given) == 1:
        raise InvalidMessage("to", bad[0])
    if bad:
        raise InvalidMessage("to", f"{len(bad)} of {len(given)} recipients are bad", bad)
    return tuple(found.values())


def schedule(
    when: datetime | timedelta | Hours | None,
    tz: int | None,
    period: timedelta | None,
    freq: timedelta | None,
    now: float,
    *,
    zones: Collection[int] = (),
) -> dict[str, str | int | None]:
    """Return the parameters that say when; *now* is the time of day in unix seconds.

    Where lines have *zones* of their own, *when* is what the clock shows in each of them.
    """
    if tz is not None:
        _check_zone(tz, when, zones)
    _check_spans(period=period, freq=freq)
    _check_spread(period, freq)
    return {
        "time": _reading(when, zones, now) if zones else _time(when, tz, now),
        "tz": tz,
        "period": None if period is None else values.hours(period),
        "freq": None if freq is None else values.minutes(freq),
    }


def _check_zone(tz: int, when: object, zones: Collection[int]) -> None:
    if zones:
        raise InvalidMessage("tz", "is common to all, and here each line has a zone of its own")
    if not isinstance(when, datetime | Hours):
        raise InvalidMessage("tz", "goes with a moment or hours in when")
    if not is_zone(tz):
        raise InvalidMessage("tz", ZONE_RULE)


def _check_spans(**spans: object) -> None:
    for field, span in spans.items():
        if span is not None and not isinstance(span, timedelta):
            raise InvalidMessage(field, "is a timedelta")


def _check_spread(period: timedelta | None, freq: timedelta | None) -> None:
    if freq is not None and period is None:
        raise InvalidMessage("freq", "needs a period; the service would ignore it")
    if period is not None and not timedelta(minutes=6) <= period <= timedelta(hours=720):
        raise InvalidMessage("period", "is between 0.1 and 720 hours")
    if freq is not None and not timedelta(minutes=1) <= freq <= timedelta(minutes=1440):
        raise InvalidMessage("freq", "is between 1 and 1440 minutes")


def is_zone(tz: object) -> bool:
    """Tell whether there is such a zone."""
    return isinstance(tz, int) and not isinstance(tz, bool) and tz in _ZONES


def check_text(phone: object, field: str = "phone") -> str:
    """Return a phone; raise unless it is a text, which a number is not."""
    if not isinstance(phone, str):
        raise InvalidMessage(field, "is a text, such as '+79991234567'")
    return phone


def checked_id(given: str | int | None) -> str | None:
    """Return an id that may be left out, as text."""
    return None if given is None else known_id(given)


def known_id(given: object) -> str:
    """Return an id as text; raise if it is outside the service's range or alphabet."""
    if not isinstance(given, str | int) or isinstance(given, bool):
        raise InvalidMessage("id", "is a text or a whole number")
    if isinstance(given, int) or _NUMBER.match(given):
        if not 1 <= int(given) <= codes.MAX_ID_NUMBER:
            raise InvalidMessage("id", f"a number is between 1 and {codes.MAX_ID_NUMBER}")
    elif not _ID.match(given):
        raise InvalidMessage(
            "id", f"is at most {codes.MAX_ID_TEXT} Latin letters, digits and the signs . - _"
        )
    return str(given)


def is_group(phone: str) -> bool:
    """Tell whether *phone* is a group of the account, ``G`` and its number."""
    return bool(_GROUP.match(phone))


def is_mail(address: str) -> bool:
    """Tell whether *address* is one of e-mail."""
    return is_address(address.strip())


def is_askable(recipient: str) -> bool:
    """Tell whether a status can be asked for: by a phone or an address, which the service shows."""
    return is_mail(recipient) or _is_phone(recipient)


def phone(given: object, field: str = "phone") -> str:
    """Return a number as it is sent; raise for what is none, and for a group."""
    number = check_text(given, field)
    if is_group(number):
        raise InvalidMessage(field, "is a group, and not a number")
    if why := fault(number, "phone"):
        raise InvalidMessage(field, why)
    return spelled(number)


def own_number(field: str, given: object) -> str:
    """Return a number of the account's own, which may be a short one."""
    text = check_text(given, field)
    if not _PHONE.match(text.strip()) or not (number := values.tidy(text)).lstrip("+"):
        raise InvalidMessage(field, "is one phone number")
    return number


class Message(NamedTuple):
    """One message as its status is asked by: the id and the phone (or address) it went to."""

    id: str
    phone: str


def message(id: object, phone: object) -> Message:
    """Return a message as it is asked about; raise for a group, whose phones have one each."""
    known = known_id(id)
    number = check_text(phone)
    if is_group(number):
        raise InvalidMessage("phone", "is a group; a status is asked for each of its phones")
    if why := None if is_mail(number) else fault(number, "phone"):
        raise InvalidMessage("phone", why)
    return Message(known, spelled(number))


def messages(given: object) -> dict[Message, Message]:
    """Return each message once, by what tells messages apart; raise for rows that are none."""
    if not isinstance(given, Iterable):
        raise InvalidMessage("messages", "are pairs of an id and a phone")
    bad: dict[int, str] = {}
    found: dict[Message, Message] = {}
    for at, row in enumerate(cast("Iterable[object]", given)):
        try:
            one = message(*_pair(row))
        except InvalidMessage as error:
            bad[at] = str(error)
        else:
            found.setdefault(same(*one), one)
    if bad:
        raise InvalidMessage("messages", f"{len(bad)} of the messages cannot be asked about", bad)
    return found


def _pair(row: object) -> tuple[object, object]:
    pair = tuple(cast("Iterable[object]", row)) if isinstance(row, tuple | list) else ()
    match pair:
        case (id, phone):
            return id, phone
        case _:
            raise InvalidMessage("messages", "are pairs of an id and a phone")


def same(id: str, phone: str) -> Message:
    """Return what is equal for all spellings of one message."""
    return Message(str(int(id)) if _NUMBER.match(id) else id, values.digits(phone))


def visitor(userip: str | None, imgcode: str | None) -> dict[str, str | int | None]:
    """Return the parameters of the service's captcha."""
    if imgcode is not None and userip is None:
        raise InvalidMessage("imgcode", "needs userip, the address of the visitor who typed it")
    return {"userip": userip, "imgcode": imgcode}


def fault(recipient: str, takes: Recipients) -> str | None:
    """Return why a kind that *takes* such cannot go to that *recipient*, if it cannot."""
    stripped = recipient.strip()
    if not stripped:
        return "is empty"
    if "," in recipient or ";" in recipient:
        return "is more than one number; pass a list of them"
    if is_group(recipient) and takes != "phone":
        return None
    if takes == "telegram" and _TELEGRAM.match(stripped):
        return None
    if is_mail(stripped) if takes == "addresses" else _is_phone(stripped):
        return None
    return f"{values.mask(recipient)!r} is no {_CALLED[takes]}"


def spelled(recipient: str) -> str:
    """Write a recipient as it is sent."""
    if is_group(recipient):
        return recipient.upper()
    return values.tidy(recipient) if _is_phone(recipient.strip()) else recipient.strip()


def _is_phone(text: str) -> bool:
    return bool(_PHONE.match(text)) and len(values.tidy(text).lstrip("+")) in _PHONE_DIGITS


def _time(when: datetime | timedelta | Hours | None, tz: int | None, now: float) -> str | None:
    match when:
        case None:
            return None
        case Hours():
            return f"{when.first}-{when.last}"
        case timedelta():
            if when < timedelta(minutes=1):
                raise InvalidMessage("when", "a delay is one minute or more")
            return f"+{values.minutes(when)}"
        case datetime():
            if when.tzinfo is None:
                raise InvalidMessage("when", "a moment needs a zone; the account's is not known")
            if when.timestamp() <= now:
                raise InvalidMessage("when", "is in the past, and would be sent at once")
            return values.moment(when, tz)
        case _:  # a date or a text, where no type checker looks: sent at once, were it passed over
            raise InvalidMessage("when", "is a datetime, a timedelta or Hours")


def _reading(when: datetime | timedelta | Hours | None, zones: Collection[int], now: float) -> str:
    if not isinstance(when, datetime):
        raise InvalidMessage("when", "is a datetime where lines have zones: the clock in each")
    first = max(zones)  # where the clock is ahead of all others
    if when.replace(tzinfo=values.zone(first)).timestamp() <= now:
        raise InvalidMessage("when", f"is in the past in zone {first}, and would be sent at once")
    return values.reading(when)
