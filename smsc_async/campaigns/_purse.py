"""What a campaign may still cost; plain arithmetic, and one mutable purse of a run."""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Final

from ._phones import beginning
from ._plan import State
from ._records import Item

HOUR: Final = 3600.0
# What is spent within so many seconds is kept as one, and counts until an hour after their end.
STEP: Final = 10.0
# So many requests of the dearest rows seen must fit before a request goes without its price:
# several times those under way at once, for one of the same sort may be dearer than all before it.
_NEAR: Final = 50
_NOTHING: Final = Decimal()


def sort(items: Sequence[Item]) -> str | None:
    """Return what requests have in common whose rows cost about the same; None: it has no such.

    That is the campaign's one text, and where the numbers are.
    """
    if any(item.text is not None for item in items):
        return None
    beginnings = {beginning(item.phone) for item in items}
    return beginnings.pop() if len(beginnings) == 1 else None


def booked(state: State, cost: Decimal | None, aside: Decimal) -> tuple[Decimal, Decimal]:
    """Return what is spent on a request that is now in *state*, and what stays set aside for it.

    What nobody tells the cost of, or not of all rows, is taken to cost what was set *aside*.
    """
    told = _NOTHING if cost is None else cost
    match state:
        case State.INTENT | State.DOUBT | State.HELD:
            return told, aside if cost is None else _NOTHING
        case State.PARTIAL:
            return max(told, aside), _NOTHING
        case State.ACCEPTED if cost is None:
            return aside, _NOTHING
        case _:
            return told, _NOTHING


@dataclass(slots=True)
class Purse:
    """The caps of a campaign, of which the run alone takes.

    A request is set aside for before it goes, and what was set aside stays so while it is in doubt.
    """

    spent: Decimal
    most: Decimal | None = None
    most_per_hour: Decimal | None = None
    dearest: dict[str, Decimal] = field(default_factory=dict[str, Decimal])  # row of each sort
    aside: dict[int, Decimal] = field(default_factory=dict[int, Decimal])
    _hour: deque[tuple[float, Decimal]] = field(default_factory=deque[tuple[float, Decimal]])
    _in_hour: Decimal = _NOTHING  # all of these

    @property
    def is_limited(self) -> bool:
        """Whether there is a cap."""
        return self.most is not None or self.most_per_hour is not None

    def guess(self, items: Sequence[Item], now: float) -> Decimal | None:
        """Return what a request of *items* may cost; None: its price is to be asked."""
        room, alike = self._room(now), sort(items)
        if room is None or alike is None or alike not in self.dearest:
            return None
        cost = self.dearest[alike] * len(items)
        return None if room < cost * _NEAR else cost

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

    def learn(self, items: Sequence[Item], each: Decimal) -> None:
        """Note what each row of a request has cost."""
        if self.is_limited and (alike := sort(items)) is not None:
            self.dearest[alike] = max(self.dearest.get(alike, _NOTHING), each)

    def settle(self, request: int, state: State, cost: Decimal | None, now: float) -> None:
        """Note what a request that is now in *state* has cost; None: it is not told."""
        cost, aside = booked(state, cost, self.aside.pop(request, _NOTHING))
        if aside:
            self.aside[request] = aside
        self.spent += cost
        if cost:
            self.count(cost, now)

    def count(self, cost: Decimal, at: float) -> None:
        """Count what was spent at a moment, which is not before those counted already."""
        if self.most_per_hour is None:
            return
        until = (at // STEP + 1) * STEP
        before = self._hour.pop()[1] if self._hour and self._hour[-1][0] == until else _NOTHING
        self._hour.append((until, before + cost))
        self._in_hour += cost
        self._last_hour(at)

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
            self._in_hour -= self._hour.popleft()[1]
        return self._in_hour


def _over(name: str, most: Decimal, used: Decimal, cost: Decimal) -> str:
    return (
        f"{name} is {most:f}, of which {used:f} is spent or set aside, and the next request would "
        f"cost {cost:f}"
    )
