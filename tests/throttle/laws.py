"""What must hold after any program: each law gives what it finds wrong.

Programs by chance are in ``test_simulation.py``: no limit is met, all ends, nothing is left, turns
are kept, no time is lost, whatever the clock on the wall does, and the same again each time. Calls
that are cut at any moment are in ``test_cancelling.py``, who waits for whom in
``test_fairness.py``, other programs of the login in ``test_foreign.py``, every row of the limits
in ``test_laws.py``, places that are always busy in ``test_throughput.py``, and faults that must be
seen in ``test_sensitivity.py``.
"""

from __future__ import annotations

import itertools
from collections import Counter, defaultdict
from collections.abc import Iterator

from .model import Network
from .optimum import floor, plan
from .program import Call
from .reading import READINGS, broken
from .simulation import Played

SLOWER = 1.01
LATENCY = 0.4  # seconds: the longest usual trip


def faults(played: Played) -> list[str]:
    """List everything that any law finds wrong."""
    laws = (limits_are_kept, all_ends, nothing_is_left, turns_are_kept, no_time_is_lost)
    return [f"{law.__name__}: {fault}" for law in laws for fault in law(played)]


def limits_are_kept(played: Played) -> Iterator[str]:
    """The service never has a reason for error 9, under any reading; places are limits too."""
    yield from {line for reading in READINGS for line in broken(played.arrivals, reading)}


def all_ends(played: Played) -> Iterator[str]:
    """Every call has one end."""
    for call in played.program.calls:
        if call.name not in played.ends or played.ends[call.name].outcome == "no end":
            yield f"{call.name} has no end"


def nothing_is_left(played: Played) -> Iterator[str]:
    """No place, waiter, task, timer or key remains when all is over."""
    yield from played.left


def turns_are_kept(played: Played) -> Iterator[str]:
    """Of those of one lane that wait for the same, whoever came first starts first.

    Identical calls wait for the same, and so do all that wait for nothing but a place. Processes
    take turns that have nothing to do with who came first.
    """
    first = {start.call: start.at for start in reversed(played.starts)}
    lines: defaultdict[object, list[Call]] = defaultdict(list)
    common = Counter(_identity(call) for call in played.program.calls)
    for call in played.entered:
        if call.name in first:
            lane = call.step.lane, call.step.client if played.apart else 0
            lines[lane, _identity(call)].append(call)
            if call.step.call in ("send", "send once") and common[_identity(call)] == 1:
                lines[lane].append(call)
    for line in lines.values():
        for earlier, later in itertools.pairwise(line):
            if first[earlier.name] > first[later.name]:
                yield f"{later.name} overtook {earlier.name}"


def no_time_is_lost(played: Played) -> Iterator[str]:
    """Where every call ends with its first answer, all end as early as can be."""
    if not played.program.is_calm or not played.program.calls:
        return
    left = {start.call for start in played.starts}  # the others shared what one of these asked
    requests = [call.request for call in played.program.calls if call.name in left]
    best = max(plan(requests, Network(played.program.seed)))
    took = max(end.at for end in played.ends.values())
    assert floor(requests, Network(played.program.seed)) <= best
    if took > SLOWER * best + LATENCY:
        yield f"{took:.1f} s where {best:.1f} s are enough"


def _identity(call: Call) -> object:
    return call.request.path, frozenset(call.request.params.items())
