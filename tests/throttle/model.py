"""The model of the service and of the network before it: seeded, and the same whoever asks.

The service takes what comes, writes down when it arrived, and goes on working though nobody waits
for the answer any more. It refuses only what it is told to: what it *could* have refused is
judged afterwards, under every reading of its pages.
"""

from __future__ import annotations

import asyncio
import math
import random
from collections import Counter
from collections.abc import Hashable
from typing import Literal, NamedTuple

from .reading import Arrival, Params, row_of

Fate = Literal[
    "answered",
    "turned down",  # for its contents
    "busy",  # error 9, too many at once: turned away at the door, and counted nowhere
    "often",  # error 9, too often: another program of the login asked the same
    "unreachable",  # no connection, and the transport proves it
    "unheard",  # the connection breaks before it arrives
    "cut",  # the connection breaks, and it arrives all the same
    "unanswered",  # the connection breaks when it has been worked on
    "silent",  # it is worked on, and the answer never comes
]
LOSSES: tuple[Fate, ...] = ("unreachable", "unheard", "cut", "unanswered", "silent")
REFUSALS: tuple[Fate, ...] = ("turned down", "busy", "often")


class Trip(NamedTuple):
    """How long the request is on its way, at the service, and its answer on the way back."""

    forward: float
    work: float
    back: float
    fate: Fate = "answered"

    @property
    def total(self) -> float:
        return self.forward + self.work + self.back


class Network:
    """Latencies by chance, the same for the same request whoever asks and whenever.

    A *slow* share of the trips takes up to *tail* seconds, on any part of the way. None is faster
    than two milliseconds. A share of *troubles* has another fate than an answer, one of *fates*.
    """

    def __init__(
        self,
        seed: int,
        tail: float = 70.0,
        slow: float = 0.05,
        *,
        troubles: float = 0.0,
        fates: tuple[Fate, ...] = LOSSES + REFUSALS,
    ) -> None:
        self._seed = seed
        self._tail = tail
        self._slow = slow
        self._troubles = troubles
        self._fates = fates
        self._seen: Counter[Hashable] = Counter()

    def trip(self, path: str, params: Params) -> Trip:
        row = row_of(path, params)
        # A question about a send has an id that the time of day decides.
        besides = ("fmt", "charset", *(["id"] if "all" in params else []))
        mine = {n: v for n, v in params.items() if n not in besides}
        same = mine["phones"] + mine["mes"] if path == "send.php" else sorted(mine.items())
        self._seen[str(same)] += 1
        chance = random.Random(f"{self._seed} {row.name} {same} {self._seen[str(same)]}")
        parts = [chance.uniform(0.001, 0.05), chance.uniform(0, 0.3), chance.uniform(0.001, 0.05)]
        if chance.random() < self._slow:
            parts[chance.randrange(3)] += chance.uniform(0, self._tail - 0.4)
        fate: Fate = "answered"
        if chance.random() < self._troubles:
            fate = self._fates[chance.randrange(len(self._fates))]
        return Trip(parts[0], parts[1], parts[2], fate)


class Exchange:
    """One request as the service has it; nobody needs to wait for it."""

    def __init__(self, service: Service, path: str, params: Params, trip: Trip) -> None:
        self._loop = asyncio.get_running_loop()
        self._service = service
        self._path = path
        self._params = params
        self.fate: Fate = trip.fate
        self._arrives = self._loop.time() + trip.forward
        self._ends = self._arrives + trip.work
        self._at = math.inf
        self._timer = self._loop.call_at(self._arrives, self._arrive)

    def drag(self, span: float) -> None:
        """Arrive and run as late as can be, to be at an end in *span*: the client has left."""
        now = self._loop.time()
        if (left := self._ends - now) <= 0:
            return
        self._ends = now + span
        due, act = self._ends, self._end
        if self._at > now:
            self._arrives = now + (self._arrives - now) * span / left
            due, act = self._arrives, self._arrive
        self._timer.cancel()
        self._timer = self._loop.call_at(due, act)

    def _arrive(self) -> None:
        self._at = self._loop.time()
        if refusal := self._service.refusal(self._at, self._path, self._params):
            self.fate = refusal
        if self.fate == "busy":
            return
        self._service.running += 1
        self._service.most_at_once = max(self._service.most_at_once, self._service.running)
        self._timer = self._loop.call_at(self._ends, self._end)

    def _end(self) -> None:
        self._service.running -= 1
        refused = self.fate in REFUSALS
        arrival = Arrival(self._at, self._loop.time(), self._path, self._params, refused)
        self._service.arrivals.append(arrival)


class Service:
    """Takes requests, each for its trip, and writes down what arrived.

    One whose client gave it up takes *linger* seconds more, if that is said: no more and no less.
    """

    def __init__(self, network: Network, *, linger: float | None = None) -> None:
        self.arrivals: list[Arrival] = []
        self.running = 0
        self.most_at_once = 0
        self._network = network
        self._linger = linger

    async def handle(self, path: str, params: Params) -> Fate:
        """Return what became of the request once its client can know that."""
        trip = self._network.trip(path, params)
        if trip.fate in ("unreachable", "unheard"):
            await asyncio.sleep(trip.total)
            return trip.fate
        exchange = Exchange(self, path, params, trip)
        try:
            if trip.fate == "silent":
                await asyncio.get_running_loop().create_future()
            await asyncio.sleep(trip.forward / 2 if trip.fate == "cut" else trip.total)
        except asyncio.CancelledError:
            self._left(exchange)
            raise
        self._left(exchange)
        return exchange.fate

    def refusal(self, at: float, path: str, params: Params) -> Fate | None:
        """Return how a request is refused that arrives now; this service never does."""
        return None

    def _left(self, exchange: Exchange) -> None:
        if self._linger is not None:
            exchange.drag(self._linger)
