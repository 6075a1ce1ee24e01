"""Dates as the service reads and writes them."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime, timedelta, timezone, tzinfo

from ._records import Refused
from ._settings import MOSCOW


def due(time: str, tz: str | None, now: datetime, zone: tzinfo) -> datetime:
    """Read the parameter ``time``: the moment a message is to leave, never before *now*.

    Raises:
        Refused: *time* has none of its four forms.
    """
    try:
        local = now.astimezone(zone if tz is None else _from_moscow(tz))
        return max(now, _moment(time.strip(), local))
    except (ValueError, OverflowError):
        raise Refused(5, "invalid date format") from None


def is_reading(time: str) -> bool:
    """Tell whether ``time`` is what a clock shows, which is another moment in another zone."""
    return bool(re.fullmatch(r"\d{10}|\d\d\.\d\d\.\d\d \d\d:\d\d", time.strip()))


def _from_moscow(hours: str) -> tzinfo:
    """Read the parameter ``tz``, which counts from Moscow and not from Greenwich."""
    return timezone(timedelta(hours=float(hours)) + MOSCOW.utcoffset(None))


def _moment(time: str, local: datetime) -> datetime:
    if time in {"", "0"}:
        return local
    if time.startswith("+"):
        return local + timedelta(minutes=int(time[1:]))
    if window := re.fullmatch(r"(\d{1,2})-(\d{1,2})", time):
        return _opening(int(window[1]), int(window[2]), local)
    # Ten digits that begin with 0 are a day of the month; a time stamp is longer.
    if re.fullmatch(r"\d{10}", time):
        return datetime.strptime(time, "%d%m%y%H%M").replace(tzinfo=local.tzinfo)
    if re.fullmatch(r"0\d+", time):
        return datetime.fromtimestamp(int(time), local.tzinfo)
    return datetime.strptime(time, "%d.%m.%y %H:%M").replace(tzinfo=local.tzinfo)


def _opening(first: int, last: int, local: datetime) -> datetime:
    """Find when the hours from *first* to *last* are next open."""
    if not first < last <= 24:  # noqa: PLR2004 - hours
        raise ValueError(first, last)
    if first <= local.hour < last:
        return local
    opening = local.replace(hour=first, minute=0, second=0, microsecond=0)
    return opening if local.hour < first else opening + timedelta(days=1)


def day(text: str, zone: tzinfo) -> datetime:
    """Read the first moment of a day written ``dd.mm.yyyy``.

    Raises:
        Refused: *text* is no such day.
    """
    try:
        return datetime.strptime(text, "%d.%m.%Y").replace(tzinfo=zone)
    except ValueError:
        raise Refused(1, "parameters error") from None


def span(params: Mapping[str, str], zone: tzinfo) -> tuple[datetime | None, datetime | None]:
    """Read ``start`` and ``end``: the first moment, and the one that is too late.

    Raises:
        Refused: one of them is no day.
    """
    first = day(params["start"], zone) if params.get("start") else None
    last = day(params["end"], zone) + timedelta(days=1) if params.get("end") else None
    return first, last


def is_longer(first: datetime, last: datetime, months: int) -> bool:
    """Tell whether the day of *last* is more than so many calendar months after that of *first*."""
    passed = (last.year - first.year) * 12 + last.month - first.month
    return passed > months or (passed == months and last.day > first.day)


def written(moment: datetime, zone: tzinfo) -> str:
    """Write a moment as the answers do: in the account's zone, without saying which."""
    return f"{moment.astimezone(zone):%d.%m.%Y %H:%M:%S}"
