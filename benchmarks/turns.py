"""Sides that take turns in one process, so that what slows the machine slows them all."""

from __future__ import annotations

import gc
import statistics
from collections.abc import Callable, Mapping
from dataclasses import dataclass

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
        return statistics.median(taken[side] / taken[base] for taken in self.rounds)


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


def microseconds(seconds: float) -> str:
    """Return *seconds* for a table."""
    return f"{seconds * 1e6:.1f} µs"
