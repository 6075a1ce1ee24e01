"""When a message is to leave: checked and written down; plain functions."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime, timedelta
from typing import Final

from .._wire import values
from ..errors import InvalidMessage
from ..messages import Hours
from ..messages._checks import is_between

_ZONES = range(-15, 12)  # UTC-12 to UTC+14, counted from Moscow
ZONE_RULE: Final = "is a whole number of hours, -15 to 11, from Moscow"
# No page gives a bound. The service reads a year of two digits: one of another century would be
# past, and so sent at once, and by an account's own clock it may be past a little earlier.
_YEARS: Final = 5
_FURTHEST: Final = timedelta(days=365 * _YEARS)
_TOO_FAR: Final = f"is over {_YEARS} years ahead, where the service may take it for the past"


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
    _check_spread(period, freq)
    return {
        "time": _reading(when, zones, now) if zones else _time(when, tz, now),
        "tz": tz,
        "period": None if period is None else values.hours(period),
        "freq": None if freq is None else values.minutes(freq),
    }


def is_zone(tz: object) -> bool:
    """Tell whether there is such a zone."""
    return values.is_whole(tz, _ZONES)


def _check_zone(tz: object, when: object, zones: Collection[int]) -> None:
    if zones:
        raise InvalidMessage("tz", "is common to all, and here each line has a zone of its own")
    if not isinstance(when, datetime | Hours):
        raise InvalidMessage("tz", "goes with a moment or hours in when")
    if not is_zone(tz):
        raise InvalidMessage("tz", ZONE_RULE)


def _check_spread(period: object, freq: object) -> None:
    if freq is not None and period is None:
        raise InvalidMessage("freq", "needs a period; the service would ignore it")
    if period is not None and not is_between(period, timedelta(minutes=6), timedelta(hours=720)):
        raise InvalidMessage("period", "is a timedelta between 0.1 and 720 hours")
    if freq is not None and not is_between(freq, timedelta(minutes=1), timedelta(minutes=1440)):
        raise InvalidMessage("freq", "is a timedelta between 1 and 1440 minutes")


def _time(when: object, tz: int | None, now: float) -> str | None:
    match when:
        case None:
            return None
        case Hours():
            return f"{when.first}-{when.last}"
        case timedelta():
            if when < timedelta(minutes=1):
                raise InvalidMessage("when", "a delay is one minute or more")
            if when > _FURTHEST:
                raise InvalidMessage("when", _TOO_FAR)
            return f"+{values.minutes(when)}"
        case datetime():
            if when.utcoffset() is None:
                raise InvalidMessage("when", "a moment needs a zone; the account's is not known")
            if when.timestamp() <= now:
                raise InvalidMessage("when", "is in the past, and would be sent at once")
            _check_far(when.timestamp(), now)
            return values.moment(when, tz)
        case _:  # a date or a text, where no type checker looks: sent at once, were it passed over
            raise InvalidMessage("when", "is a datetime, a timedelta or Hours")


def _reading(when: object, zones: Collection[int], now: float) -> str:
    if not isinstance(when, datetime):
        raise InvalidMessage("when", "is a datetime where lines have zones: the clock in each")
    first = max(zones)  # where the clock is ahead of all others
    if _shown(when, first) <= now:
        raise InvalidMessage("when", f"is in the past in zone {first}, and would be sent at once")
    _check_far(_shown(when, min(zones)), now)
    return values.reading(when)


def _shown(when: datetime, tz: int) -> float:
    """Return the unix seconds at which the clock of a zone shows this."""
    return when.replace(tzinfo=values.zone(tz)).timestamp()


def _check_far(seconds: float, now: float) -> None:
    if seconds - now > _FURTHEST.total_seconds():
        raise InvalidMessage("when", _TOO_FAR)
