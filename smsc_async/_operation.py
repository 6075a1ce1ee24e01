"""What an operation of the service is, and what a resource may ask of the client."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any, Generic, Literal, Protocol, TypeAlias, TypeVar

import msgspec

from ._upload import File
from ._wire.limits import Lane
from ._wire.secret import Secret
from .errors import ApiError, OutcomeUnknown

R = TypeVar("R")

Params: TypeAlias = Mapping[str, "str | int | Secret | None"]
# What to do about a send whose answer was lost: ask what became of it, or raise at once.
OnUnknown: TypeAlias = Literal["settle", "raise"]


class Operation(msgspec.Struct, Generic[R], frozen=True, kw_only=True):
    """One operation: where it is, what always goes with it, and what its answers mean.

    How often it may be asked, and whether it may be asked again, stands in the limits table; what
    the numbers of its errors mean, in the table of refusals.
    """

    name: str
    path: str
    reply: Any  # the type that an answer is decoded to: what R stands for
    page: str  # where the facts are from: a page's title, with its path where that is known
    bounds: tuple[str, ...] = ()  # the most that one call takes, in the words of the table of docs
    fixed: Mapping[str, str] = {}
    nothing: Callable[[], R] | None = None  # what "nothing found" means, if it is no error
    gone: R | None = None  # of a removal: its reply where an answer was lost and nothing is found


class Overrides(msgspec.Struct, frozen=True, kw_only=True):
    """What one call wants otherwise than its client; all times in seconds."""

    max_wait: float | None = None
    timeout: float | None = None
    deadline: float | None = None
    priority: Lane | None = None
    on_unknown: OnUnknown | None = None


class Ask(Protocol):
    """The way to ask something."""

    async def __call__(
        self, operation: Operation[R], params: Params, overrides: Overrides = ...
    ) -> R:
        """Make a query and return its answer, or raise one of :mod:`smsc_async.errors`."""
        ...

    def opens(self, operation: Operation[Any], params: Params) -> float:
        """Return the seconds until the windows of its limits let such a call start: 0 is now.

        As things stand now, and behind those in line for the same window; at least so many where
        a window hangs on an answer. A place among the requests at once may still have to be
        waited for. Raises :class:`NotSent` once the client is closed.
        """
        ...

    async def sleep(self, seconds: float) -> None:
        """Let the time pass."""
        ...

    def wall(self) -> float:
        """Return the time of day in unix seconds."""
        ...


class Call(Ask, Protocol):
    """The one way in: every method of every resource goes through it."""

    def now(self) -> float:
        """Return the moment that a call begins at, for its deadline."""
        ...

    async def __call__(
        self,
        operation: Operation[R],
        params: Params,
        overrides: Overrides = ...,
        *,
        files: Sequence[File] = ...,
        repeat: bool = ...,
        settle: Settle[R] | None = ...,
        since: float | None = ...,
    ) -> R:
        """Make the call and return its answer, or raise one of :mod:`smsc_async.errors`.

        *files* go along with the parameters. *settle* finds out what became of a send whose answer
        was lost. *since* is when the call began, if what it was made of took time.
        """
        ...


# Asks, in a way that shares the time of the send, what became of it. Returns the reply that
# was lost, or what is known in its place: the error that it was given, one that knows more, or the
# service's refusal.
Settle: TypeAlias = Callable[[Ask, OutcomeUnknown], Awaitable["R | OutcomeUnknown | ApiError"]]
