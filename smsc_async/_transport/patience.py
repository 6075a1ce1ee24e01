"""How long one call may take, all its attempts and questions together."""

from __future__ import annotations

import copy
import math
from collections.abc import Callable
from types import TracebackType

import msgspec

from .._operation import OnUnknown, Overrides
from .._wire.limits import Lane
from ..errors import InvalidMessage

_FAR = 64  # bits: more seconds than a clock counts


class Options(msgspec.Struct, frozen=True, kw_only=True):
    """How long a call may take, and who goes first; all times in seconds."""

    max_wait: float = 75.0
    timeout: float = 30.0
    deadline: float | None = None
    priority: Lane = "interactive"
    on_unknown: OnUnknown = "settle"
    settle_for: float = 15.0

    def __post_init__(self) -> None:
        """Refuse what can never work."""
        waits = (self.max_wait, self.settle_for)
        spans = (self.timeout, *([] if self.deadline is None else [self.deadline]))
        if not (
            all(_are_seconds(value) and value >= 0 for value in waits)
            and all(_are_seconds(value) and value > 0 for value in spans)
        ):
            raise ValueError(
                "timeout and deadline are above 0 seconds, max_wait and settle_for are 0 or more"
            )
        if self.priority not in ("interactive", "bulk"):
            raise ValueError(f"priority is 'interactive' or 'bulk', not {self.priority!r}")
        if self.on_unknown not in ("settle", "raise"):
            raise ValueError(f"on_unknown is 'settle' or 'raise', not {self.on_unknown!r}")

    def but(self, overrides: Overrides) -> Options:
        """Return these options with what *overrides* says otherwise; raise for what never works."""
        said = {name: v for name, v in msgspec.structs.asdict(overrides).items() if v is not None}
        try:
            return msgspec.structs.replace(self, **said) if said else self
        except ValueError as error:
            raise InvalidMessage("options", str(error)) from None


def _are_seconds(value: object) -> bool:
    if isinstance(value, int):
        return not isinstance(value, bool) and value.bit_length() < _FAR
    return isinstance(value, float)


class Patience:
    """What is left of a call's times; its waiting for the limits is what happens inside it.

    Several may wait at once for one call: time that they share counts once.
    """

    def __init__(
        self, clock: Callable[[], float], options: Options, since: float | None = None
    ) -> None:
        self._clock = clock
        self._max_wait = options.max_wait
        self._begun = clock() if since is None else since
        self._ends = math.inf if options.deadline is None else self._begun + options.deadline
        self._inside = 0
        self._since = 0.0
        self._waited = 0.0

    def anew(self) -> Patience:
        """Return the patience for what follows: the same deadline, and all of the waiting."""
        twin = copy.copy(self)
        twin._begun, twin._waited, twin._inside = self._clock(), 0.0, 0  # noqa: SLF001 - a copy
        return twin

    def left(self) -> float:
        """Return the seconds until the deadline."""
        return self._ends - self._clock()

    def for_waiting(self) -> float:
        """Return the seconds that may still be waited for the limits; below 0 it is too late."""
        left = self.left()
        return left if left < 0 else min(left, max(0.0, self._max_wait - self._waiting()))

    def working(self) -> float:
        """Return the seconds since the call began in which nobody waited for the limits."""
        return self._clock() - self._begun - self._waiting()

    def __enter__(self) -> None:
        if not self._inside:
            self._since = self._clock()
        self._inside += 1

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._inside -= 1
        if not self._inside:
            self._waited += self._clock() - self._since

    def _waiting(self) -> float:
        return self._waited + (self._clock() - self._since if self._inside else 0.0)
