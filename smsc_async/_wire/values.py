"""Python values as the service wants to read them; plain functions."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable
from datetime import UTC, date, datetime, timedelta, timezone, tzinfo
from decimal import Decimal
from hashlib import blake2b
from typing import TypeGuard

from .secret import Secret

# The service counts its zones from Moscow, which has been three hours ahead of UTC since 2014.
MOSCOW = timedelta(hours=3)

_NOT_A_DIGIT = re.compile(r"[^0-9]+")
_NATIONAL_LENGTH = 10
_LONG_ENOUGH_TO_SHOW = 9
_PERSONAL = re.compile(r"[^\s@\"'<>,;:()]+@[^\s@\"'<>,;:()]+|\+?[0-9]{9,}")
_SHOWN = 200
_DAY = re.compile(r"\s*([0-9]{1,2})\.([0-9]{1,2})\.([0-9]{4})\b")


def wire(value: object) -> str:
    """Write a flag, a number, a text or a secret; anything else has a function of its own."""
    if isinstance(value, bool):
        return "1" if value else "0"
    if isinstance(value, str):
        return str.__str__(value)  # of an enumeration the value: formatted it would be its name
    if isinstance(value, int | Decimal):
        return format(value, "f") if isinstance(value, Decimal) else str(value)
    if isinstance(value, Secret):
        return value.reveal().decode()
    raise TypeError(
        f"no wire form for {type(value).__name__}; give text, a whole number or a Decimal"
    )


def is_whole(value: object, allowed: range) -> TypeGuard[int]:
    """Tell whether *value* is a whole number out of *allowed*; ``True`` and ``2.0`` are none."""
    return isinstance(value, int) and not isinstance(value, bool) and value in allowed


def is_encodable(text: str) -> bool:
    """Tell whether *text* can be written; half of a surrogate pair cannot."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def joined(values: Iterable[str]) -> str:
    """Write a list the way every endpoint reads it."""
    return ",".join(values)


def one_line(text: str) -> str:
    """Write a text as a line of a list holds it: a line feed is a backslash and an n."""
    return text.replace("\r\n", "\n").replace("\r", "\n").replace("\n", "\\n")


def digits(phone: str) -> str:
    """Return what makes two spellings one number, as the service's auto-correction sees them.

    Without a plus, a Russian number may begin with 8 or leave the country out. What is no number
    (a group, an address, a nick or a number of Telegram's) is its own spelling.
    """
    if _is_plain(phone):
        number = phone.removeprefix("+")
    else:
        phone = phone.strip()
        number = _NOT_A_DIGIT.sub("", phone)
        if not number or phone[0].isalpha() or phone[0] == "#" or "@" in phone:
            return phone.lower()
    if phone.startswith("+"):
        return number
    if len(number) == _NATIONAL_LENGTH and number[0] == "9":
        return "7" + number
    if len(number) == _NATIONAL_LENGTH + 1 and number[0] == "8":
        return "7" + number[1:]
    return number


def plain(name: str, value: str) -> str:
    """Return one value of a parameter as the service reads it, for one number has many spellings.

    Whether a login has many, by the case of its letters, no page says: the stricter reading holds.
    """
    match name:
        case "phone" | "phones":
            return digits(value)
        case "user":
            return value.strip().lower()
        case _:
            return value.strip()


def tidy(phone: str) -> str:
    """Return *phone* without what people put between digits; a plus stays, for it has a meaning."""
    if _is_plain(phone):
        return str.__str__(phone)
    stripped = phone.strip()
    return ("+" if stripped.startswith("+") else "") + _NOT_A_DIGIT.sub("", stripped)


def _is_plain(phone: str) -> bool:
    """Tell whether *phone* is digits alone, with a plus or without: there is nothing to be read.

    Most of a long list are; each is read several times on its way out.
    """
    return phone.isascii() and phone.removeprefix("+").isdigit()


def moment(when: datetime, tz: int | None) -> str:
    """Write a moment, never earlier than asked.

    Unix seconds; with *tz* the wall time that many hours from Moscow, which has whole minutes.
    """
    if tz is None:
        return f"0{math.ceil(when.timestamp())}"
    return reading(when.astimezone(zone(tz)))


def reading(when: datetime) -> str:
    """Write what a clock shows at a moment, whatever its zone; whole minutes, rounded up.

    Of the two forms of the page, ``DD.MM.YY hh:mm``: the other is digits alone, which on nine
    days of a month begin with a 0, as unix seconds do.
    """
    late = when + timedelta(minutes=1) - timedelta(microseconds=1)
    return late.strftime("%d.%m.%y %H:%M")


def zone(tz: int) -> timezone:
    """Return the zone that is so many hours ahead of Moscow's."""
    return timezone(MOSCOW + timedelta(hours=tz))


def day(when: date) -> str:
    """Write a day as ``dd.mm.yyyy``."""
    return f"{when.day:02}.{when.month:02}.{when.year:04}"


def read_day(text: str) -> date | None:
    """Read a day written ``dd.mm.yyyy``; what is no day, such as one of zeros, is None."""
    found = _DAY.match(text)
    try:
        return found and date(int(found[3]), int(found[2]), int(found[1]))
    except ValueError:
        return None


def local(text: str | None, zone: tzinfo) -> datetime | None:
    """Read ``dd.mm.yyyy hh:mm:ss`` as the clocks of *zone* show it; None where it is not that."""
    try:
        return datetime.strptime(text or "", "%d.%m.%Y %H:%M:%S").replace(tzinfo=zone)
    except ValueError:
        return None


def minutes(delay: timedelta) -> str:
    """Write a time span in whole minutes, rounded up: never earlier than asked."""
    return str(-(-delay // timedelta(minutes=1)))


def clock(span: timedelta) -> str:
    """Write a time span as ``hh:mm``."""
    total = span // timedelta(minutes=1)
    return f"{total // 60:02d}:{total % 60:02d}"


def hours(span: timedelta) -> str:
    """Write a time span in hours, with as few decimals as it needs."""
    return f"{span / timedelta(hours=1):.4f}".rstrip("0").rstrip(".")


def mask(phone: str) -> str:
    """Hide the middle of a number or an address, for logs and error texts."""
    if len(phone) < _LONG_ENOUGH_TO_SHOW:
        return "***"
    head = 1 if "@" in phone else 5 if phone.startswith("+") else 4
    return escaped(f"{phone[:head]}***{phone[-2:]}")


def quoted(text: str) -> str:
    """Return what others wrote as logs and error texts may hold it.

    On one line, without a sign that a terminal or a reader of logs would obey, with numbers and
    addresses masked, and at most 200 characters of it.
    """
    safe = escaped(_PERSONAL.sub(lambda found: mask(found[0]), text[: 2 * _SHOWN]))
    whole = len(safe) <= _SHOWN and len(text) <= 2 * _SHOWN
    return safe if whole else f"{safe[: _SHOWN - 3]}..."


def escaped(text: str) -> str:
    """Return *text* with all that is not to be seen in it spelled out."""
    if text.isprintable():
        return text
    return "".join(
        sign if sign.isprintable() else sign.encode("unicode_escape").decode("ascii")
        for sign in text
    )


def utc(seconds: float) -> datetime:
    """Return the aware moment of unix *seconds*."""
    return datetime.fromtimestamp(seconds, UTC)


def stamped(seconds: int | None) -> datetime | None:
    """Return the moment of a time stamp of the service's; None for one that is no moment.

    Such is one before 1970, which not every system can read, or after the year 9999.
    """
    if seconds is None or seconds < 0:
        return None
    try:
        return utc(seconds)
    except (OverflowError, ValueError, OSError):
        return None


def digest(*parts: str | bytes) -> bytes:
    """Return 16 bytes that stand for *parts*: no number and no text is kept in memory."""
    whole: list[bytes] = []
    for part in parts:
        data = part.encode() if isinstance(part, str) else part
        whole += (len(data).to_bytes(4, "big"), data)
    return blake2b(b"".join(whole), digest_size=16).digest()
