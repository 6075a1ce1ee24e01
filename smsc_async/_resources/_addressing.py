"""To whom and when: checked and written down; plain functions."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import NamedTuple

from .._wire import codes, values
from ..errors import InvalidMessage
from ..messages import Hours, Sms, options

_GROUP = re.compile(r"[Gg][0-9]+\Z")
_PHONE = re.compile(r"\+?[0-9 ()./\-\u00a0]+\Z")
_MAIL = re.compile(r"[^@\s,;:]+@[^@\s,;:]+\Z")
_PHONE_DIGITS = range(5, 16)  # the longest international number has 15
_ZONES = range(-15, 12)  # UTC-12 to UTC+14, counted from Moscow
_NUMBER = re.compile(rf"[0-9]{{1,{codes.MAX_ID_TEXT}}}\Z")
_ID = re.compile(rf"[A-Za-z0-9._\-]{{1,{codes.MAX_ID_TEXT}}}\Z")


def recipients(to: str | Iterable[str]) -> tuple[str, ...]:
    """Return the numbers as they are sent; raise for what is none, and for one given twice."""
    given = (to,) if isinstance(to, str) else tuple(to)
    if not given:
        raise InvalidMessage("to", "names nobody")
    if len(given) > codes.MAX_RECIPIENTS:
        raise InvalidMessage(
            "to",
            f"names {len(given)} recipients, and one request takes {codes.MAX_RECIPIENTS}; send in "
            "portions, with send_each() if the texts differ, or run a campaign",
        )
    bad: dict[int, str] = {}
    found: dict[str, str] = {}
    for at, phone in enumerate(given):
        why = _fault(phone) or ("came before" if values.digits(phone) in found else None)
        if why:
            bad[at] = why
        else:
            found[values.digits(phone)] = _spelled(phone)
    if bad and len(given) == 1:
        raise InvalidMessage("to", bad[0])
    if bad:
        raise InvalidMessage("to", f"{len(bad)} of {len(given)} recipients are bad", bad)
    return tuple(found.values())


def rows(
    messages: Iterable[tuple[str, str | Sms]],
) -> tuple[tuple[str, ...], list[str], Sms]:
    """Return phones, lines of the ``list`` form, and a message with the options of all."""
    given = list(messages)
    if not given:
        raise InvalidMessage("messages", "is empty")
    if len(given) > codes.MAX_RECIPIENTS:
        raise InvalidMessage(
            "messages",
            f"has {len(given)} rows, and one request takes {codes.MAX_RECIPIENTS}; send in "
            "portions, or run a campaign",
        )
    bad: dict[int, str] = {}
    found: dict[str, str] = {}
    lines: list[str] = []
    like: Sms | None = None
    for at, (phone, text) in enumerate(given):
        try:
            message = Sms(text=text) if isinstance(text, str) else text
            why = _row_fault(phone, message.text)
        except InvalidMessage as error:
            bad[at] = str(error)
            continue
        if why is None and values.digits(phone) in found:
            why = "the phone came before; messages of one request are told apart by it"
        like = like or message
        if why is None and options(message) != options(like):
            why = "has other options than the first row; one request has one set"
        if why:
            bad[at] = why
        else:
            found[values.digits(phone)] = _spelled(phone)
            lines.append(f"{_spelled(phone)}:{values.one_line(message.text)}")
    if bad or like is None:
        raise InvalidMessage("messages", f"{len(bad)} of {len(given)} rows are bad", bad)
    return tuple(found.values()), lines, like


def schedule(
    when: datetime | timedelta | Hours | None,
    tz: int | None,
    period: timedelta | None,
    freq: timedelta | None,
    now: float,
) -> dict[str, str | int | None]:
    """Return the parameters that say when; *now* is the time of day in unix seconds."""
    if tz is not None and not isinstance(when, datetime | Hours):
        raise InvalidMessage("tz", "goes with a moment or hours in when")
    if tz is not None and tz not in _ZONES:
        raise InvalidMessage("tz", "is -15 to 11 hours from Moscow")
    if freq is not None and period is None:
        raise InvalidMessage("freq", "needs a period; the service would ignore it")
    if period is not None and not timedelta(minutes=6) <= period <= timedelta(hours=720):
        raise InvalidMessage("period", "is between 0.1 and 720 hours")
    if freq is not None and not timedelta(minutes=1) <= freq <= timedelta(minutes=1440):
        raise InvalidMessage("freq", "is between 1 and 1440 minutes")
    return {
        "time": _time(when, tz, now),
        "tz": tz,
        "period": None if period is None else values.hours(period),
        "freq": None if freq is None else values.minutes(freq),
    }


def checked_id(given: str | int | None) -> str | None:
    """Return an id as text; raise if it is outside the service's range or alphabet."""
    if given is None:
        return None
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
    return bool(_MAIL.match(address.strip()))


def phone(given: str, field: str = "phone") -> str:
    """Return a number as it is sent; raise for what is none, and for a group."""
    if is_group(given):
        raise InvalidMessage(field, "is a group, and not a number")
    if why := _fault(given):
        raise InvalidMessage(field, why)
    return _spelled(given)


def own_number(given: str, field: str) -> str:
    """Return a number of the account's own, which may be a short one."""
    if not _PHONE.match(given.strip()) or not (number := values.tidy(given)).lstrip("+"):
        raise InvalidMessage(field, "is one phone number")
    return number


class Message(NamedTuple):
    """One message as its status is asked by: the id and the phone (or address) it went to."""

    id: str
    phone: str


def message(id: str | int, phone: str) -> Message:
    """Return a message as it is asked about; raise for a group, whose phones have one each."""
    known = checked_id(id)
    if known is None:
        raise InvalidMessage("id", "is missing")
    if is_group(phone):
        raise InvalidMessage("phone", "is a group; a status is asked for each of its phones")
    if is_mail(phone):
        return Message(known, phone.strip())
    if why := _fault(phone):
        raise InvalidMessage("phone", why)
    return Message(known, _spelled(phone))


def messages(given: Iterable[tuple[str | int, str]]) -> dict[Message, Message]:
    """Return each message once, by what tells messages apart; raise for rows that are none."""
    bad: dict[int, str] = {}
    found: dict[Message, Message] = {}
    for at, row in enumerate(given):
        try:
            one = message(*row)
        except InvalidMessage as error:
            bad[at] = str(error)
        else:
            found.setdefault(same(*one), one)
    if bad:
        raise InvalidMessage("messages", f"{len(bad)} of the messages cannot be asked about", bad)
    return found


def same(id: str, phone: str) -> Message:
    """Return what is equal for all spellings of one message."""
    return Message(str(int(id)) if _NUMBER.match(id) else id, values.digits(phone))


def visitor(userip: str | None, imgcode: str | None) -> dict[str, str | int | None]:
    """Return the parameters of the service's captcha."""
    if imgcode is not None and userip is None:
        raise InvalidMessage("imgcode", "needs userip, the address of the visitor who typed it")
    return {"userip": userip, "imgcode": imgcode}


def _fault(phone: str) -> str | None:
    if is_group(phone):
        return None
    if not phone.strip():
        return "is empty"
    if "," in phone or ";" in phone:
        return "is more than one number; pass a list of them"
    if not _PHONE.match(phone.strip()) or len(values.tidy(phone).lstrip("+")) not in _PHONE_DIGITS:
        return f"{values.mask(phone)!r} is no phone number"
    return None


def _spelled(phone: str) -> str:
    return phone.upper() if is_group(phone) else values.tidy(phone)


def _row_fault(phone: str, text: str) -> str | None:
    if is_group(phone):
        return "a group is no row; send() takes one"
    if why := _fault(phone):
        return why
    if "\\n" in text:
        return "text: holds a backslash and an n, which a list turns into a line feed"
    return None


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
