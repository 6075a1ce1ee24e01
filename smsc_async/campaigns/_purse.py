"""What a campaign may still cost; plain arithmetic, and one mutable purse of a run."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Final

HOUR: Final = 3600.0
# So many requests of the dearest rows seen must fit before a request goes without its price.
_NEAR: Final = 14
_NOTHING: Final = Decimal()


@dataclass(slots=True)
class Purse:
    """The caps of a campaign, of which the run alone takes.

    A request is set aside for before it goes, and what was set aside stays so while it is in doubt.
    The last hour is that of this run.
    """

    spent: Decimal
    most: Decimal | None = None
    most_per_hour: Decimal | None = None
    dearest: Decimal | None = None  # of one row, of all answers so far
    aside: dict[int, Decimal] = field(default_factory=dict[int, Decimal])
    _hour: deque[tuple[float, Decimal]] = field(default_factory=deque[tuple[float, Decimal]])

    @property
    def is_limited(self) -> bool:
        """Whether there is a cap."""
        return self.most is not None or self.most_per_hour is not None

    def needs_price(self, rows: int, now: float) -> bool:
        """Tell whether the price of a request of *rows* has to be asked before it goes."""
        room = self._room(now)
        if room is None:
            return False
        return self.dearest is None or room < self.dearest * rows * _NEAR

    def guess(self, rows: int) -> Decimal:
        """Return what *rows* may cost."""
        return (self.dearest or _NOTHING) * rows

    def forbids(self, cost: Decimal, now: float) -> str:
        """Say why a request that costs so much may not go, "" if it may."""
        committed = sum(self.aside.values(), _NOTHING)
        if self.most is not None and self.spent + committed + cost > self.most:
            return _over("max_cost", self.most, self.spent + committed, cost)
        hour = self._last_hour(now)
        if self.most_per_hour is not None and hour + committed + cost > self.most_per_hour:
            return _over("max_cost_per_hour", self.most_per_hour, hour + committed, cost)
        return ""

    def set_aside(self, request: int, cost: Decimal) -> None:
        """Keep what a request will cost."""
        self.aside[request] = cost

    def settle(self, request: int, cost: Decimal | None, rows: int, now: float) -> None:
        """Note what a request has cost; None: nothing, or it is not told."""
        self.aside.pop(request, None)
        if cost is None:
            return
        self.spent += cost
        if rows:
            self.dearest = max(self.dearest or _NOTHING, cost / rows)
        self._hour.append((now, cost))

    def _room(self, now: float) -> Decimal | None:
        committed = sum(self.aside.values(), _NOTHING)
        rooms = [
            most - used - committed
            for most, used in (
                (self.most, self.spent),
                (self.most_per_hour, self._last_hour(now)),
            )
            if most is not None
        ]
        return min(rooms, default=None)

    def _last_hour(self, now: float) -> Decimal:
        while self._hour and self._hour[0][0] <= now - HOUR:
            self._hour.popleft()
        return sum((cost for _, cost in self._hour), _NOTHING)


def _over(name: str, most: Decimal, used: Decimal, cost: Decimal) -> str:
    return (
        f"{name} is {most:f}, of which {used:f} is spent or set aside, and the next request would "
        f"cost {cost:f}"
    )
