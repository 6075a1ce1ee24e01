"""Work of ours beside the bare work, which is what nobody is spared."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from .turns import ROUNDS, Figures, microseconds, take_turns, timed


@dataclass(frozen=True, slots=True)
class Pair:
    """Two that do the same, and how often each does it in a turn."""

    ours: Callable[[], object]
    bare: Callable[[], object]
    times: int

    def take_turns(self, rounds: int = ROUNDS) -> Figures:
        """Return the CPU seconds of the sides ``ours`` and ``bare``."""
        sides = {"ours": timed(self.ours, self.times), "bare": timed(self.bare, self.times)}
        return take_turns(sides, rounds)


def rows(found: Mapping[str, Figures]) -> list[tuple[str, ...]]:
    """Return a table's rows: the bare work, ours, and the ratio."""
    return [
        (
            name,
            microseconds(figures.seconds("bare")),
            microseconds(figures.seconds("ours")),
            f"{figures.ratio('ours', 'bare'):.2f}",
        )
        for name, figures in found.items()
    ]
