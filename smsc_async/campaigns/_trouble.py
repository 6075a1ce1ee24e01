"""Holds back while the service seems to be away: one request at a time, ever more rarely."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Final

FIRST: Final = 0.5  # seconds
LONGEST: Final = 30.0


def pause(times: int, chance: float) -> float:
    """Return the seconds to wait after so many times of trouble in a row."""
    return min(LONGEST, FIRST * 2.0 ** min(times - 1, 16)) * (1 + chance) / 2


class Trouble:
    """What was met lately; a run writes to it."""

    def __init__(self, clock: Callable[[], float], chance: Callable[[], float]) -> None:
        self._clock = clock
        self._chance = chance
        self._times = 0
        self._met = -math.inf
        self._until = -math.inf

    def met(self, begun: float) -> None:
        """Note that a request that was begun then met trouble; all that were with it are one."""
        if begun < self._met:
            return
        self._times += 1
        self._met = self._clock()
        self._until = self._met + pause(self._times, self._chance())

    def over(self) -> None:
        """Note that the service has answered."""
        self._times = 0
        self._until = -math.inf

    def room(self, places: int) -> int:
        """Return how many requests may be under way, of so many *places*."""
        return 1 if self._times else places

    def wait(self, now: float) -> float:
        """Return the seconds until a request may begin."""
        return self._until - now
