"""The tokens of every rule, counted the slow way: no use of a key is ever thrown away."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from smsc_async._throttle.keys import Slot

How = Literal["done", "lost", "undo"]


@dataclass(eq=False)
class Use:
    """One token taken; *back* is when it comes back, None while the request runs."""

    back: int | None = None
    undone: bool = False


class Naive:
    """Every use of every slot since the beginning."""

    def __init__(self, guard: int = 1_000, linger: int = 5_000) -> None:
        self.guard = guard
        self.linger = linger
        self.now = 0  # whoever counts moves the time
        self._uses: dict[Slot, list[Use]] = defaultdict(list)

    def take(self, slots: Iterable[Slot]) -> list[tuple[Slot, Use]]:
        taken = [(slot, Use()) for slot in slots]
        for slot, use in taken:
            if slot.rule.chain and self._broken(slot):
                self._uses[slot].clear()  # a new chain
            self._uses[slot].append(use)
        return taken

    def leave(self, taken: Iterable[tuple[Slot, Use]], how: How) -> None:
        for slot, use in taken:
            use.back = self._back(slot) + (self.linger if how == "lost" else 0)
            use.undone = how == "undo"

    def fill(self, slot: Slot) -> None:
        live = self._live(slot)
        for use in live:
            if use.back is not None:
                use.back = max(use.back, self._back(slot))
        self._uses[slot] += [Use(self._back(slot)) for _ in range(slot.rule.limit - len(live))]

    def wait(self, slot: Slot) -> float:
        """Return the milliseconds until one more may start, infinite if an answer decides."""
        live = self._live(slot)
        if len(live) < slot.rule.limit:
            return 0
        backs = [use.back for use in live if use.back is not None]
        if slot.rule.chain:
            running = any(use.back is None for use in self._uses[slot])
            return math.inf if running else max(backs) - self.now
        return min(backs, default=math.inf) - self.now

    def _live(self, slot: Slot) -> list[Use]:
        kept = [use for use in self._uses[slot] if not use.undone]
        if slot.rule.chain:
            return [] if self._broken(slot) else kept
        return [use for use in kept if use.back is None or use.back > self.now]

    def _broken(self, slot: Slot) -> bool:
        return all(
            use.back is not None and (use.undone or use.back <= self.now)
            for use in self._uses[slot]
        )

    def _back(self, slot: Slot) -> int:
        return self.now + (slot.rule.window + self.guard if slot.rule.window else 0)
