"""How fast one could be: the second opinion about the time that the limits cost."""

from __future__ import annotations

import heapq
import math
from collections import defaultdict
from collections.abc import Hashable, Sequence
from typing import NamedTuple

from smsc_async._wire.limits import Rule

from .model import Network
from .reading import Params, row_of, things


class Request(NamedTuple):
    """A call that someone wants to make *wanted* seconds after the beginning."""

    path: str
    params: Params
    wanted: float = 0.0


class _Tokens:
    """When the tokens of one key can be had, for the plan below; a chain's come all together."""

    def __init__(self, rule: Rule) -> None:
        self.rule = rule
        self.out = 0
        self.links = 0
        self.backs: list[float] = []

    def free(self, now: float) -> bool:
        if self.rule.chain:
            if not self.out and all(at <= now for at in self.backs):
                self.links, self.backs = 0, []
            return self.links < self.rule.limit
        while self.backs and self.backs[0] <= now:
            heapq.heappop(self.backs)
        return self.out + len(self.backs) < self.rule.limit

    def take(self) -> None:
        self.out += 1
        self.links += 1

    def give(self, back: float) -> None:
        self.out -= 1
        heapq.heappush(self.backs, back)


def plan(requests: Sequence[Request], network: Network, guard: float = 1.0) -> list[float]:
    """Return when each answer comes if everyone starts as soon as all rules allow it.

    Whoever asked first goes first, and nobody waits for one who cannot start. Identity is read as
    widely as can be; windows count from the answer, and a guard is added.
    """
    trips = [network.trip(request.path, request.params) for request in requests]
    tokens: dict[tuple[Rule, Hashable], _Tokens] = {}
    needs: list[list[_Tokens]] = []
    for path, params, _ in requests:
        row = row_of(path, params)
        keys = [(r, thing) for r in row.rules for thing in things(r, row, params, "message")]
        needs.append([tokens.setdefault(key, _Tokens(key[0])) for key in reversed(keys)])
    waiting = dict.fromkeys(range(len(requests)))
    moments = [(request.wanted, -1) for request in requests]  # or the number of who is answered
    heapq.heapify(moments)
    ends = [math.inf] * len(requests)
    while moments:
        now, answered = heapq.heappop(moments)
        if answered >= 0:
            ends[answered] = now
            for need in needs[answered]:
                back = now + need.rule.window / 1000 + (guard if need.rule.window else 0)
                need.give(back)
                heapq.heappush(moments, (back, -1))
        if moments and moments[0][0] == now:
            continue
        for at in list(waiting):
            if requests[at].wanted <= now and all(need.free(now) for need in needs[at]):
                del waiting[at]
                for need in needs[at]:
                    need.take()
                heapq.heappush(moments, (now + trips[at].total, at))
    return ends


def floor(requests: Sequence[Request], network: Network, guard: float = 1.0) -> float:
    """Return a time below which nobody can be ready, in whatever order.

    Each token of a key serves one request after another, and all but its last for the whole trip,
    window and guard.
    """
    spans: dict[tuple[Rule, Hashable], list[float]] = defaultdict(list)
    for path, params, _ in requests:
        trip, row = network.trip(path, params), row_of(path, params)
        for rule in row.rules:
            if not rule.chain:
                for thing in things(rule, row, params, "message"):
                    spans[rule, thing].append(trip.total)
    lowest = 0.0
    for (rule, _), totals in spans.items():
        pause = rule.window / 1000 + (guard if rule.window else 0)
        whole = sorted(total + pause for total in totals)
        if len(whole) > rule.limit:
            lowest = max(lowest, sum(whole[: -rule.limit]) / rule.limit)
    return lowest
