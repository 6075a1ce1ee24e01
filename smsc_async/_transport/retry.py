"""What is repeated and when: an error in, yes or no and seconds out."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from .._wire.codes import CONCURRENT_HINT
from ..errors import (
    BadReply,
    DuplicateSend,
    NoAnswer,
    NotSent,
    SmscError,
    Throttled,
    TooManyRequests,
)

BASE = 0.5
CAP = 8.0
# Error 9 from the service: others use the login, so give them room.
PAUSE = 2.0


def concurrent(error: SmscError) -> bool:
    """Tell the two causes of error 9 apart, which only its text does."""
    return isinstance(error, TooManyRequests) and CONCURRENT_HINT in error.text.lower()


def repeatable(error: BaseException, *, query: bool) -> bool:
    """Tell whether a call may be made again after *error*.

    A change is repeated only after what proves that nothing was taken.
    """
    if isinstance(error, Throttled | DuplicateSend):
        return False
    if isinstance(error, NotSent) or (isinstance(error, SmscError) and concurrent(error)):
        return True
    return query and isinstance(error, NoAnswer | BadReply | TooManyRequests)


def pause(attempt: int, chance: float) -> float:
    """Return the seconds to wait after the *attempt*-th failure: full jitter up to a cap."""
    return min(CAP, BASE * 2.0 ** (attempt - 1)) * chance


async def repeat(
    failed: SmscError,
    again: Callable[[int], Awaitable[object]],
    *,
    repeatable: Callable[[BaseException], bool],
    given_up: Callable[[int, float], bool],
    chance: Callable[[], float],
    sleep: Callable[[float], Awaitable[None]],
    told: Callable[[float], None],
) -> object:
    """Go on after a first attempt that *failed*; return an outcome or raise the last error.

    *given_up* is asked with the number of attempts made and the seconds of the next pause.
    """
    import tenacity  # noqa: PLC0415 - most processes never repeat anything

    pending: SmscError | None = failed

    async def attempt() -> object:
        nonlocal pending
        if pending is not None:
            first, pending = pending, None
            raise first
        return await again(retrying.statistics["attempt_number"])

    retrying = tenacity.AsyncRetrying(
        stop=lambda state: given_up(state.attempt_number, state.upcoming_sleep),
        wait=lambda state: pause(state.attempt_number, chance()),
        retry=tenacity.retry_if_exception(repeatable),
        before_sleep=lambda state: told(state.upcoming_sleep),
        sleep=sleep,
        reraise=True,
    )
    return await retrying(attempt)
