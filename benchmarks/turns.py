"""Sides that take turns in one process, so that what slows the machine slows them all."""

from __future__ import annotations

import gc
import statistics
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

ROUNDS = 7


@dataclass(frozen=True, slots=True)
class Figures:
    """The seconds that one turn of each side took, round by round."""

    rounds: tuple[Mapping[str, float], ...]

    def seconds(self, side: str) -> float:
        """Return the median of *side*."""
        return statistics.median(taken[side] for taken in self.rounds)

    def ratio(self, side: str, base: str) -> float:
        """Return the median of how often *base* fits in *side* of the same round."""
        return statistics.median(self._ratios(side, base))

    def middle(self, side: str, base: str) -> tuple[float, float]:
        """Return between which ratios the middle half of the rounds is: how sure the median is."""
        low, _, high = statistics.quantiles(self._ratios(side, base), n=4, method="inclusive")
        return low, high

    def _ratios(self, side: str, base: str) -> list[float]:
        return [taken[side] / taken[base] for taken in self.rounds]


def take_turns(sides: Mapping[str, Callable[[], float]], rounds: int = ROUNDS) -> Figures:
    """Let each side, which returns seconds, have its turn in each round; the first is forgotten."""
    names, found = list(sides), list[Mapping[str, float]]()
    for number in range(rounds + 1):
        taken = dict[str, float]()
        for name in names[number % len(names) :] + names[: number % len(names)]:
            gc.collect()
            taken[name] = sides[name]()
        found.append(taken)
    return Figures(tuple(found[1:]))


def timed(work: Callable[[], object], times: int) -> Callable[[], float]:
    """Return what measures *work*, done so many *times*, in CPU seconds each."""

    def measure() -> float:
        begun = time.process_time()
        for _ in range(times):
            work()
        return (time.process_time() - begun) / times

    return measure


def cpu_seconds(pid: int) -> float:
    """Return the CPU time that a process has taken, as Linux's scheduler counts it."""
    return int(Path(f"/proc/{pid}/schedstat").read_text("ascii").split()[0]) / 1e9


def microseconds(seconds: float) -> str:
    """Return *seconds* for a table."""
    return f"{seconds * 1e6:.1f} µs"
