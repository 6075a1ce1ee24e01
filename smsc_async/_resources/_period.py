"""From which day to which: checked and written down; plain functions."""

from __future__ import annotations

from calendar import monthrange
from datetime import MAXYEAR, date, timedelta
from typing import Final

from .._wire import values
from ..errors import InvalidMessage
from . import _checks as checks

# The account's zone is not known. Of the days that it is somewhere on earth these are the first
# and the last.
_FARTHEST_BEHIND: Final = timedelta(hours=-12)
_FARTHEST_AHEAD: Final = timedelta(hours=14)
_YEAR: Final = 12


def period(
    start: date | None, end: date | None, now: float, *, months: int | None = None
) -> dict[str, str | int | None]:
    """Return the parameters of the days from *start* to *end*, both included.

    The pages say two things of a missing end, so with a start it is always sent: today, by the
    zone that is farthest ahead, so that none of the account's day is left out; in the account's
    own it may be tomorrow. *now* is the time of day in unix seconds; *months* is the longest
    span that the service takes.
    """
    first = checks.optional(checks.day, "start", start)
    checks.optional(checks.day, "end", end)
    if start is None:
        if end is not None:
            raise InvalidMessage("end", "needs a start")
        return {}
    latest = None if months is None else _later(start, months)
    last = _today(now, _FARTHEST_AHEAD) if end is None else end
    if latest and end is None and last > latest >= _today(now, _FARTHEST_BEHIND):
        last = latest  # it is only too far somewhere else
    if last < start:
        why = "is in the future" if end is None else "is after the end"
        raise InvalidMessage("start", why)
    if latest and last > latest:
        raise InvalidMessage("start", f"is more than {months} months before the end")
    return {"start": first, "end": values.day(last)}


def _today(now: float, ahead: timedelta) -> date:
    return (values.utc(now) + ahead).date()


def _later(start: date, months: int) -> date:
    """Return the same day of a later month, or its last one where it is too short."""
    years, month = divmod(start.month - 1 + months, _YEAR)
    year = start.year + years
    if year > MAXYEAR:
        return date.max
    return date(year, month + 1, min(start.day, monthrange(year, month + 1)[1]))
