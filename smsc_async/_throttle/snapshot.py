"""How the limits of a login stand, for a person to look at."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from .._wire.limits import ROWS, Lane, Per
from .keys import PLACE, Slot, slots
from .ledger import Ledger
from .line import Line


@dataclass(frozen=True, slots=True)
class Standing:
    """How many wait for *rule*, and in how many seconds it opens, if that is known."""

    rule: str
    waiting: int
    seconds: float | None


@dataclass(frozen=True, slots=True)
class Meter:
    """How much of a limit is used: *used* of *limit*, of what *name* names, counted by *rule*.

    The next use comes back in *seconds*, if that is known: it is not while all hang on answers.
    """

    name: str
    rule: str
    used: int
    limit: int
    seconds: float | None


@dataclass(frozen=True, slots=True)
class Snapshot:
    """What a throttle looks like now.

    ``in_flight`` requests are under way of at most ``places`` at once, and ``lingering`` ones were
    given up but may still run at the service. ``places`` are fewer than the service's ``allowed``
    while it has said that others use some. Nothing starts for ``paused`` seconds. ``waiting``
    counts those in line by lane, and ``standing`` says for which rules. ``meters`` are the limits
    of which something is used and that count more than requests which are the same: those of whole
    operations and scripts. Times are in seconds.
    """

    in_flight: int
    lingering: int
    places: int
    allowed: int
    paused: float
    waiting: dict[Lane, int]
    standing: tuple[Standing, ...]
    meters: tuple[Meter, ...]


def snapshot(line: Line, now: int) -> Snapshot:
    """Tell how things stand."""
    places = line.ledger.look(PLACE, now)
    return Snapshot(
        in_flight=places.out,
        lingering=len(places.back),
        places=line.ledger.limit(PLACE, now),
        allowed=PLACE.rule.limit,
        paused=max(0, line.ledger.common.resume - now) / 1000,
        waiting={lane: line.waiting(lane) for lane in ("interactive", "bulk")},
        standing=standings(
            ((str(queue.slot.rule), queue.slot, len(queue)) for queue in line.queues()),
            line.ledger,
            now,
        ),
        meters=tuple(_meters(line, now)),
    )


def standings(
    waiting: Iterable[tuple[str, Slot, int]], ledger: Ledger, now: int
) -> tuple[Standing, ...]:
    """Tell how many stand for each rule, from its name, the slots, and how many wait there."""
    found: dict[str, Standing] = {}
    for name, slot, count in waiting:
        # What is free is kept for others: bulk leaves two places, or it is someone's turn.
        seconds = _seconds(ledger.wait(slot, now) or math.inf)
        if known := found.get(name):
            times = [s for s in (known.seconds, seconds) if s is not None]
            seconds = min(times, default=None)
            count += known.waiting  # noqa: PLW2901 - of all slots of the rule
        found[name] = Standing(name, count, seconds)
    return tuple(found.values())


def _meters(line: Line, now: int) -> Iterator[Meter]:
    for name, slot in _SHARED.items():
        bucket = line.ledger.look(slot, now)
        used = bucket.out + len(bucket.back)
        if used:
            seconds = _seconds(line.ledger.next_back(slot, now))
            yield Meter(name, str(slot.rule), used, line.ledger.limit(slot, now), seconds)


def _shared() -> dict[str, Slot]:
    """Return what counts more than one request, by the name of what it counts."""
    found: dict[str, Slot] = {}
    for row in ROWS:
        for slot in slots(row, {}, same=b""):
            if slot.rule.per is Per.OPERATION:
                found[row.name] = slot
            elif slot.rule.per is Per.PATH:
                found[row.path if slot.rule.window else f"{row.path} at once"] = slot
    return found


_SHARED = _shared()


def _seconds(wait: float) -> float | None:
    return None if math.isinf(wait) else wait / 1000
