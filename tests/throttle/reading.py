"""What the service would count, under every reading of its pages.

Nothing of the throttle is used here, only the table of limits. The service is watched: what
arrived when is written down, and judged afterwards.
"""

from __future__ import annotations

import itertools
import math
from collections import defaultdict
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


class Arrival(NamedTuple):
    """A request as the service saw it; *end* is when it had done the work."""

    at: float
    end: float
    path: str
    params: Params
    refused: bool


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
