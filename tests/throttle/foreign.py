"""Another program on the same login, and a service that refuses what is too much for both."""

from __future__ import annotations

import itertools
from bisect import bisect_right
from collections import defaultdict
from collections.abc import Hashable, Iterator
from dataclasses import dataclass
from typing import NamedTuple

from smsc_async._wire.limits import AT_ONCE, Rule

from .model import Fate, Network, Service
from .optimum import Request
from .reading import Params, row_of, things


@dataclass(frozen=True)
class Foreign:
    """Another program: how many places it holds from each moment on, and what it asks besides."""

    holds: tuple[tuple[float, int], ...]  # the first from the beginning on
    asks: tuple[Request, ...] = ()  # in the order of time

    def places(self, at: float) -> int:
        """Return how many places it holds at that moment."""
        return self.holds[bisect_right(self.holds, (at, AT_ONCE.limit)) - 1][1]

    def left(self, begin: float, end: float) -> float:
        """Return how many place-seconds it leaves in that time."""
        moments = sorted({begin, end, *(at for at, _ in self.holds if begin < at < end)})
        spans = itertools.pairwise(moments)
        return sum((AT_ONCE.limit - self.places(at)) * (until - at) for at, until in spans)


class Refused(NamedTuple):
    """A request of ours that was refused."""

    at: float
    fate: Fate


class Shared(Service):
    """A service that counts both programs together, and refuses with error 9 as its pages say.

    What it refuses for coming too often counts as well; who is turned away at the door does not.
    """

    def __init__(self, network: Network, foreign: Foreign, begun: float) -> None:
        super().__init__(network)
        self.refused: list[Refused] = []
        self._foreign = foreign
        self._begun = begun
        self._asked = 0
        self._seen: defaultdict[tuple[Rule, Hashable], list[float]] = defaultdict(list)

    def refusal(self, at: float, path: str, params: Params) -> Fate | None:
        now = at - self._begun
        for path_there, params_there, wanted in self._foreign.asks[self._asked :]:
            if wanted > now:
                break
            self._count(path_there, params_there, wanted)
            self._asked += 1
        fate: Fate | None = None
        if self.running + self._foreign.places(now) >= AT_ONCE.limit:
            fate = "busy"
        elif self._count(path, params, now):
            fate = "often"
        if fate:
            self.refused.append(Refused(now, fate))
        return fate

    def _count(self, path: str, params: Params, now: float) -> bool:
        """Count a request; tell whether it is one too many."""
        many = False
        for seen, rule in self._counts(path, params):
            del seen[: bisect_right(seen, now - rule.window / 1000)]
            many |= len(seen) >= rule.limit
            seen.append(now)
        return many

    def _counts(self, path: str, params: Params) -> Iterator[tuple[list[float], Rule]]:
        row = row_of(path, params)
        for rule in row.rules:
            if rule.window and not rule.chain:
                for thing in things(rule, row, params, "all"):
                    yield self._seen[rule, thing], rule
