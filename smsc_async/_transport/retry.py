"""When a call is repeated, and how often that is allowed."""

from __future__ import annotations

from collections import deque
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING

from ..errors import NotSent, OutcomeUnknown, SmscError
from .matrix import Point, point

if TYPE_CHECKING:
    import tenacity

BASE = 0.5
CAP = 8.0
# Error 9 from the service: others use the login, so give them room.
PAUSE = 2.0


# Repeats stay under a tenth of the calls, counted by the last minute, but a few are always allowed:
# a service in trouble is not helped by being asked twice as often.
SHARE = 0.08
FLOOR = 3
SPAN = 60.0
# After so many answers lost in a row the service is taken to be away.
AWAY = 10


class Allowance:
    """How many repeats the calls of one client are allowed, all together."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._calls: deque[float] = deque()
        self._repeats: deque[float] = deque()
        self._lost = 0

    def called(self) -> None:
        """Count a call that went out."""
        self._calls.append(self._clock())
        self._forget()

    def heard(self, *, answer: bool) -> None:
        """Note whether an attempt was answered."""
        self._lost = 0 if answer else self._lost + 1

    def repeat(self) -> bool:
        """Tell whether one more repeat is allowed, and count it."""
        self._forget()
        if len(self._repeats) >= max(FLOOR, SHARE * len(self._calls)):
            return False
        self._repeats.append(self._clock())
        return True

    def ask(self) -> bool:
        """Tell whether to ask what became of a send: of a service that is away, as of a repeat."""
        return self._lost < AWAY or self.repeat()

    def _forget(self) -> None:
        since = self._clock() - SPAN
        for times in (self._calls, self._repeats):
            while times and times[0] <= since:
                times.popleft()


def pause(attempt: int, chance: float) -> float:
    """Return the seconds to wait after the *attempt*-th failure: full jitter up to a cap."""
    return min(CAP, BASE * 2.0 ** (attempt - 1)) * chance


async def repeat(
    attempt: Callable[[int], Awaitable[object]],
    *,
    repeatable: Callable[[SmscError], bool],
    given_up: Callable[[int, float], bool],
    done: Callable[[SmscError], object],
    chance: Callable[[], float],
    sleep: Callable[[float], Awaitable[None]],
    told: Callable[[float], None],
) -> object:
    """Make attempts until one is no failure, or none is to follow; return or raise what is known.

    An attempt, of a number, returns a reply, or the error to raise in its place, or raises what
    hindered it. *given_up* is asked with the number of attempts made and the seconds of the next
    pause. *done* is asked about the error at the end, if an answer was lost before: it returns the
    reply in its place if that error means that all is done, else None.
    """
    outcome = await _first(attempt)
    if not isinstance(outcome, SmscError):
        return outcome
    if not repeatable(outcome):
        raise outcome
    first: SmscError | None = outcome
    lost = outcome if point(outcome) is Point.LOST else None

    async def again() -> object:
        nonlocal first, lost
        if first is not None:
            failed, first = first, None
            raise failed
        number = retrying.statistics["attempt_number"]
        outcome = await attempt(number)
        if not isinstance(outcome, SmscError):
            return outcome
        lost = outcome if point(outcome) is Point.LOST else lost
        raise outcome

    try:
        retrying = _retrying(repeatable, given_up, chance, sleep, told)
    except (ImportError, OSError):  # there may be no file left to read the library with
        raise outcome from None
    try:
        return await retrying(again)
    except SmscError as error:
        if lost and (reply := done(error)) is not None:
            return reply
        # An earlier attempt may have done it, whatever came later; and it did reach the service.
        if lost and (isinstance(lost, OutcomeUnknown) or isinstance(error, NotSent)):
            raise lost from None
        raise


async def _first(attempt: Callable[[int], Awaitable[object]]) -> object:
    try:
        return await attempt(1)
    except SmscError as error:
        return error


def _retrying(
    repeatable: Callable[[SmscError], bool],
    given_up: Callable[[int, float], bool],
    chance: Callable[[], float],
    sleep: Callable[[float], Awaitable[None]],
    told: Callable[[float], None],
) -> tenacity.AsyncRetrying:
    import tenacity  # noqa: PLC0415 - most processes never repeat anything

    return tenacity.AsyncRetrying(
        stop=lambda state: given_up(state.attempt_number, state.upcoming_sleep),
        wait=lambda state: pause(state.attempt_number, chance()),
        retry=tenacity.retry_if_exception(
            lambda error: isinstance(error, SmscError) and repeatable(error)
        ),
        before_sleep=lambda state: told(state.upcoming_sleep),
        sleep=sleep,
        reraise=True,
    )
