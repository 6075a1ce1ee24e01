"""When rows may go out: the hours of their recipients, and the spread over a time; plain."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, time
from functools import lru_cache
from zoneinfo import ZoneInfo

from ._options import Window

# A list that is spread goes out in so many portions at least.
_PORTIONS = 100

_MIDNIGHT = time()
_zone = lru_cache(maxsize=1024)(ZoneInfo)


def is_open(window: Window, zone: str | None, moment: datetime) -> bool:
    """Tell whether messages may go to *zone* at an aware *moment*; None is the window's own."""
    there = moment.astimezone(_zone(zone or window.zone)).time()
    return window.first <= there and (there < window.last or window.last == _MIDNIGHT)


def open_zones(
    window: Window | None, zones: Iterable[str | None], moment: datetime
) -> list[str | None]:
    """Return those of *zones* to which messages may go."""
    return [zone for zone in zones if window is None or is_open(window, zone, moment)]


@dataclass(slots=True)
class Pace:
    """Rows evenly over a time; *each* is the seconds of one. Who sends calls :meth:`take`.

    What could not go in its time is not made up for by more at once later.
    """

    each: float = 0.0
    next: float = -math.inf

    def take(self, rows: int, now: float) -> None:
        """Note that *rows* go out now."""
        planned = self.next if now - self.next < self.each * rows else now
        self.next = planned + self.each * rows

    def wait(self, now: float) -> float:
        """Return the seconds until the next may go."""
        return max(0.0, self.next - now)


def pace_of(spread: float | None, rows: int) -> Pace:
    """Return the pace of so many *rows* over *spread* seconds."""
    return Pace(each=spread / rows if spread and rows else 0.0)


def portion(rows_per_request: int, spread: float | None, rows: int) -> int:
    """Return how many rows a request may have, so that *rows* are not sent in a few heaps."""
    if not spread:
        return rows_per_request
    return max(1, min(rows_per_request, math.ceil(rows / _PORTIONS)))
