"""A second opinion about the limits: what the service would count, and how fast one could be.

Nothing of the throttle is used here, only the table of limits. The service is watched and never
refuses: what arrived when is written down, and judged afterwards under every reading of the pages.
"""

from __future__ import annotations

import asyncio
import heapq
import itertools
import math
import random
from collections import Counter, defaultdict
from collections.abc import Hashable, Iterator, Mapping, Sequence
from typing import Literal, NamedTuple

from smsc_async._wire import limits
from smsc_async._wire.limits import Per, Row, Rule

Params = Mapping[str, str]
Identity = Literal["all", "without id", "message"]


def row_of(path: str, params: Params) -> Row:
    many = "," in params.get("id", "") or "," in params.get("phone", "")
    for row in limits.ROWS:
        fits = set(row.flags) <= set(params.items())
        if row.path == path and fits and (many or not row.mass):
            return row
    return Row(path[:-4], path, limits.UNDOCUMENTED)


def number(phone: str) -> str:
    """Return a number as the service dials it."""
    return phone.strip().lstrip("+")


def identity(row: Row, params: Params, reading: Identity) -> Hashable:
    """Return what two requests share if the service takes them for identical."""
    if row.path != "send.php" or reading == "all":
        return frozenset(params.items())
    if reading == "without id":
        return frozenset((name, value) for name, value in params.items() if name != "id")
    phones = frozenset(number(phone) for phone in params["phones"].split(","))
    return phones, params["mes"]


def things(rule: Rule, row: Row, params: Params, reading: Identity) -> list[Hashable]:
    """List what *rule* counts in a request."""
    match rule.per:
        case Per.LOGIN:
            return ["the login"]
        case Per.PATH:
            return [row.path]
        case Per.OPERATION:
            return [row.name]
        case Per.REQUEST:
            return [(row.name, identity(row, params, reading))]
        case Per.RECIPIENT:
            return [number(phone) for phone in params["phones"].split(",")]
        case Per.VALUES:
            lists = [params.get(name, "").split(",") for name in rule.by]
            found = dict.fromkeys(itertools.zip_longest(*lists, fillvalue=""))
            return [(row.path, thing) for thing in found if any(thing)]


class Request(NamedTuple):
    """A call that someone wants to make *wanted* seconds after the beginning."""

    path: str
    params: Params
    wanted: float = 0.0


class Trip(NamedTuple):
    """How long the request is on its way, at the service, and its answer on the way back."""

    forward: float
    work: float
    back: float

    @property
    def total(self) -> float:
        return self.forward + self.work + self.back


class Network:
    """Latencies by chance, the same for the same request whoever asks and whenever.

    A *slow* share of the trips takes up to *tail* seconds, on any part of the way. None is faster
    than two milliseconds.
    """

    def __init__(self, seed: int, tail: float = 70.0, slow: float = 0.05) -> None:
        self._seed = seed
        self._tail = tail
        self._slow = slow
        self._seen: Counter[Hashable] = Counter()

    def trip(self, path: str, params: Params) -> Trip:
        row = row_of(path, params)
        mine = {n: v for n, v in params.items() if n not in ("fmt", "charset")}
        same = mine["phones"] + mine["mes"] if path == "send.php" else sorted(mine.items())
        self._seen[str(same)] += 1
        chance = random.Random(f"{self._seed} {row.name} {same} {self._seen[str(same)]}")  # noqa: S311
        parts = [chance.uniform(0.001, 0.05), chance.uniform(0, 0.3), chance.uniform(0.001, 0.05)]
        if chance.random() < self._slow:
            parts[chance.randrange(3)] += chance.uniform(0, self._tail - 0.4)
        return Trip(*parts)


class Arrival(NamedTuple):
    """A request as the service saw it; *end* is when it had done the work."""

    at: float
    end: float
    path: str
    params: Params
    refused: bool


class Service:
    """Takes requests, each for its trip, and writes down what arrived."""

    def __init__(self, network: Network, *, refusals: float = 0.0, seed: int = 0) -> None:
        self.arrivals: list[Arrival] = []
        self.running = 0
        self.most_at_once = 0
        self._network = network
        self._refusals = refusals
        self._chance = random.Random(seed)  # noqa: S311

    async def handle(self, path: str, params: Params) -> bool:
        """Tell whether the request was accepted; a refusal has to do with its contents only."""
        trip = self._network.trip(path, params)
        await asyncio.sleep(trip.forward)
        refused = self._chance.random() < self._refusals
        at = asyncio.get_running_loop().time()
        self.arrivals.append(Arrival(at, at + trip.work, path, params, refused))
        self.running += 1
        self.most_at_once = max(self.most_at_once, self.running)
        await asyncio.sleep(trip.work)
        self.running -= 1
        await asyncio.sleep(trip.back)
        return not refused


class Reading(NamedTuple):
    """One way to understand the pages."""

    identity: Identity
    whole_seconds: bool
    refusals_count: bool


IDENTITIES: tuple[Identity, ...] = ("all", "without id", "message")
READINGS = [
    Reading(identity, whole, count)
    for identity in IDENTITIES
    for whole in (False, True)
    for count in (True, False)
]


def broken(arrivals: Sequence[Arrival], reading: Reading) -> Iterator[str]:
    """Give every rule that *arrivals* break under *reading*."""
    counted: dict[tuple[Rule, Hashable], list[Arrival]] = defaultdict(list)
    for arrival in sorted(arrivals):
        row = row_of(arrival.path, arrival.params)
        for rule in row.rules:
            if not rule.window or reading.refusals_count or not arrival.refused:
                for thing in things(rule, row, arrival.params, reading.identity):
                    counted[rule, thing].append(arrival)
    for (rule, thing), seen in counted.items():
        if most := _most(rule, seen, whole_seconds=reading.whole_seconds):
            yield f"{rule}: {most} of {thing}"


def _most(rule: Rule, seen: Sequence[Arrival], *, whole_seconds: bool) -> int:
    """Return how many are too many, or 0."""
    if not rule.window:
        steps = sorted([(a.at, 1) for a in seen] + [(a.end, -1) for a in seen])
        most = max(itertools.accumulate(step for _, step in steps))
    else:
        # In whole seconds 60 by the clock is not yet more than a minute, in the strictest reading.
        span = rule.window / 1000 + (1 if whole_seconds else 0)
        times = [math.floor(a.at) if whole_seconds else a.at for a in seen]
        if rule.chain:
            run = [0]
            for earlier, later in itertools.pairwise([-math.inf, *times]):
                run.append(run[-1] + 1 if later - earlier < span else 1)
            most = max(run)
        else:
            most, left = 0, 0
            for right, at in enumerate(times):
                while at - times[left] >= span:
                    left += 1
                most = max(most, right - left + 1)
    return most if most > rule.limit else 0


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
