"""Who has asked too often, or with too many at once.

Only arrivals are counted: a service cannot know when a request left. Nothing here decides when it
is time to ask again; the answer is yes or no.
"""

from __future__ import annotations

import math
from collections import Counter, OrderedDict, deque
from collections.abc import Callable, Hashable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import partial
from itertools import zip_longest
from typing import Protocol

from .._wire import limits
from .._wire.limits import Per, Row, Rule


@dataclass(frozen=True, slots=True)
class Call:
    """One request as the limits see it."""

    path: str
    params: Mapping[str, str]  # without the credentials
    identity: Hashable  # equal for requests that are identical
    phones: tuple[str, ...] = ()  # one for each message it asks to send


@dataclass(slots=True)
class Entry:
    """What a request has taken; *full* is the rule that refused it."""

    full: Rule | None = None
    running: list[Hashable] = field(default_factory=list[Hashable])
    undo: list[tuple[Rule, Callable[[], None]]] = field(
        default_factory=list[tuple[Rule, Callable[[], None]]]
    )


class Counting:
    """All the limits of one account."""

    def __init__(
        self,
        *,
        whole_seconds: bool = False,
        refusals_count: bool = True,
        concurrent_limit: int = limits.AT_ONCE.limit,
    ) -> None:
        self.most_at_once = 0  # the refused ones too
        self._whole = whole_seconds
        self._refusals_count = refusals_count
        self._concurrent_limit = concurrent_limit
        # Only enter and leave change these.
        self._running: Counter[Hashable] = Counter()
        self._tallies: dict[tuple[int, bool], _Tally] = {}

    def enter(self, call: Call, now: float) -> Entry:
        """Let a request in, or name the rule that keeps it out."""
        # The strictest reading of whole seconds: 60 by the clock is not yet more than a minute.
        now = math.floor(now) if self._whole else now
        row = limits.find(call.path, call.params)
        wanted = [
            (rule, (rule, thing), count)
            for rule in row.rules
            for thing, count in Counter(_things(rule, row, call)).items()
        ]
        places = [(rule, key) for rule, key, _ in wanted if not rule.window]
        windows = [(self._tally(rule), rule, key, n) for rule, key, n in wanted if rule.window]

        self.most_at_once = max(self.most_at_once, self._running[_ANY] + 1)
        crowded = [rule for rule, key in places if self._running[key] >= self._limit(rule)]
        if crowded:  # turned away at the door: no window has seen it
            return Entry(crowded[0])
        full = [rule for tally, rule, key, n in windows if tally.count(key, now) + n > rule.limit]
        entry = Entry(full[0] if full else None)
        if not full:
            entry.running = [_ANY, *(key for _, key in places)]
            self._running.update(entry.running)
        if not full or self._refusals_count:
            entry.undo = [
                (rule, tally.add(key, now)) for tally, rule, key, n in windows for _ in range(n)
            ]
        return entry

    def leave(self, entry: Entry, code: int) -> None:
        """End a request; *code* is the error that it came to, or 0."""
        self._running.subtract(entry.running)
        self._running += Counter()  # drops what has come to zero
        for rule, undo in entry.undo:
            if code and (code in rule.free or not self._refusals_count):
                undo()

    def _limit(self, rule: Rule) -> int:
        return self._concurrent_limit if rule == limits.AT_ONCE else rule.limit

    def _tally(self, rule: Rule) -> _Tally:
        which = rule.window, rule.chain
        if which not in self._tallies:
            span = rule.window / limits.SECOND + (1 if self._whole else 0)
            self._tallies[which] = Chains(span, rule.limit) if rule.chain else Arrivals(span)
        return self._tallies[which]


_ANY = "any request"


def _things(rule: Rule, row: Row, call: Call) -> Iterator[Hashable]:
    """Give what *rule* counts in a call."""
    match rule.per:
        case Per.REQUEST:
            yield call.identity
        case Per.OPERATION:
            yield row.name
        case Per.PATH:
            yield call.path
        case Per.LOGIN:
            yield None
        case Per.RECIPIENT:
            yield from call.phones
        case Per.VALUES:
            yield from _values(rule.by, _folded(call.params))


def _folded(params: Mapping[str, str]) -> Mapping[str, str]:
    """Return the parameters with the login of a sub-client in one case; no page says it has one."""
    return {**params, "user": params["user"].casefold()} if "user" in params else params


def _values(names: tuple[str, ...], params: Mapping[str, str]) -> set[tuple[str, ...]]:
    """Pair the lists of some parameters position by position; a thing named twice is one."""
    lists = [params.get(name, "").split(",") for name in names]
    return {
        tuple(value.strip().removeprefix("+") for value in position)
        for position in zip_longest(*lists, fillvalue="")
    }


class _Tally(Protocol):
    """Counts things over time, and takes a count back."""

    def count(self, thing: Hashable, now: float) -> int: ...

    def add(self, thing: Hashable, now: float) -> Callable[[], None]: ...


class Arrivals:
    """What arrived within one span of time."""

    def __init__(self, span: float) -> None:
        self._span = span
        self._next = 0
        self._stamps: OrderedDict[int, tuple[float, Hashable]] = OrderedDict()  # oldest first
        self._counts: Counter[Hashable] = Counter()

    def __len__(self) -> int:
        return len(self._stamps) + len(self._counts)

    def count(self, thing: Hashable, now: float) -> int:
        """Count the arrivals of *thing* less than a span ago."""
        while self._stamps:
            oldest = next(iter(self._stamps))
            if now - self._stamps[oldest][0] < self._span:
                break
            self._drop(oldest)
        return self._counts[thing]

    def add(self, thing: Hashable, now: float) -> Callable[[], None]:
        """Count one more; the returned function takes it back."""
        self._next += 1
        self._stamps[self._next] = now, thing
        self._counts[thing] += 1
        return partial(self._drop, self._next)

    def _drop(self, stamp: int) -> None:
        if stamp not in self._stamps:
            return
        _, thing = self._stamps.pop(stamp)
        self._counts[thing] -= 1
        if not self._counts[thing]:
            del self._counts[thing]


class Chains:
    """How long an unbroken run of arrivals is, each less than a gap after the one before."""

    def __init__(self, gap: float, longest: int) -> None:
        self._gap = gap
        self._longest = longest
        self._runs: OrderedDict[Hashable, deque[float]] = OrderedDict()  # longest unused first

    def __len__(self) -> int:
        return sum(map(len, self._runs.values()))

    def count(self, thing: Hashable, now: float) -> int:
        """Count the run that an arrival *now* would lengthen."""
        while self._runs:
            oldest = next(iter(self._runs))
            if self._runs[oldest] and now - self._runs[oldest][-1] < self._gap:
                break
            del self._runs[oldest]
        run, later = 0, now
        for stamp in reversed(self._runs.get(thing, ())):
            if later - stamp >= self._gap:
                break
            run, later = run + 1, stamp
        return run

    def add(self, thing: Hashable, now: float) -> Callable[[], None]:
        """Count one more; the returned function takes it back."""
        run = self._runs.setdefault(thing, deque(maxlen=self._longest))
        run.append(now)
        self._runs.move_to_end(thing)
        return partial(self._drop, run, now)

    @staticmethod
    def _drop(run: deque[float], stamp: float) -> None:
        if stamp in run:
            run.remove(stamp)
