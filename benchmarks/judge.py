"""What is read from moments that were written down: plain functions."""

from __future__ import annotations

import math
import statistics
from bisect import bisect_left
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

NEAR = 0.01  # what starts a hundredth of a second before the window is over is no fault


class Arrival(NamedTuple):
    """A request as the service saw it: whose, from when to when, the error or 0, and what for."""

    worker: str
    begun: float
    ended: float
    code: int = 0
    path: str = ""
    messages: int = 1


def worst_window(starts: Sequence[float], window: float) -> int:
    """Return the most of the sorted *starts* that lie in one window."""
    ends = (bisect_left(starts, first + window - NEAR) for first in starts)
    return max((end - at for at, end in enumerate(ends)), default=0)


def most_at_once(arrivals: Iterable[Arrival]) -> int:
    """Return the most that were there at one moment; what ends as another begins is gone."""
    steps = [step for one in arrivals for step in ((one.begun, 1), (one.ended, -1))]
    running = most = 0
    for _, step in sorted(steps):
        running += step
        most = max(most, running)
    return most


def busy(arrivals: Iterable[Arrival], since: float, until: float, places: int) -> float:
    """Return the share of *places* that was taken between two moments."""
    inside = (min(one.ended, until) - max(one.begun, since) for one in arrivals)
    return sum(max(0.0, seconds) for seconds in inside) / (places * (until - since))


def shares(
    arrivals: Iterable[Arrival], workers: Sequence[str], since: float, until: float
) -> list[float]:
    """Return what each of *workers* began between two moments, as a multiple of a fair share."""
    counts = Counter(one.worker for one in arrivals if since <= one.begun < until)
    total = sum(counts[name] for name in workers) or 1
    return [counts[name] * len(workers) / total for name in workers]


def held(arrivals: Iterable[Arrival], killed: Mapping[str, float], linger: float) -> list[Arrival]:
    """Return *arrivals* as places: one of a worker killed meanwhile is taken for *linger* more.

    The service may end such a request sooner, but nobody who is alive can know.
    """
    return [
        one._replace(ended=max(one.ended, killed[one.worker] + linger))
        if one.ended > killed.get(one.worker, math.inf)
        else one
        for one in arrivals
    ]


def whole_again(
    arrivals: Sequence[Arrival], since: float, places: int, *, share: float, span: float
) -> float:
    """Return the first moment from *since* on which begins a *span* with *share* of *places* busy.

    It is looked for in tenths of a span; infinite if it never comes.
    """
    last = max((one.ended for one in arrivals), default=since)
    steps = max(0, math.floor((last - span - since) / (span / 10)) + 1)
    moments = (since + step * span / 10 for step in range(steps))
    fine = (at for at in moments if busy(arrivals, at, at + span, places) >= share)
    return next(fine, math.inf)


def percentile(values: Sequence[float], hundredth: int) -> float:
    """Return the value that *hundredth* in a hundred are not above."""
    return statistics.quantiles(values, n=100, method="inclusive")[hundredth - 1]
