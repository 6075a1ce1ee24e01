"""One exchange: a request that was posted, and what its answer, or none, says."""

from __future__ import annotations

import logging
from collections.abc import Callable

import msgspec

from .http import Answer, Http, Lost
from .prepared import Prepared, Verdict, judge, lost

_log = logging.getLogger("smsc_async")


class Exchange(msgspec.Struct, eq=False):
    """What came of one exchange that was begun at *begun* (unix seconds).

    The *verdict* is of the call that led it. What follows a failure is decided once for all calls
    that share it, or a single lost answer would be repeated by each of them; only the two methods
    write that down.
    """

    answer: Answer | Lost
    begun: float
    verdict: Verdict
    _again: bool | None = None
    _chance: float | None = None

    def again(self, allowed: Callable[[], bool]) -> bool:
        """Tell whether it may be repeated; *allowed* is asked once."""
        if self._again is None:
            self._again = allowed()
        return self._again

    def chance(self, draw: Callable[[], float]) -> float:
        """Return the chance in its repeat's pause, so that those who share it come back at once."""
        if self._chance is None:
            self._chance = draw()
        return self._chance


async def exchanged(
    http: Http,
    call: Prepared,
    host: str,
    number: int,
    *,
    timeout: float,
    wall: Callable[[], float],
) -> Exchange:
    """Post *call* in its attempt of that *number*, and read what came of it; never raises."""
    begun = wall()
    try:
        answer = await http.post(host, call.content, timeout)
    except Exception as error:  # noqa: BLE001 - no fault of ours may lose what was sent
        answer = Lost(_fault(call, error), left=True)
    return Exchange(answer, begun, read(call, answer, number, begun))


def read(call: Prepared, answer: Answer | Lost, number: int, begun: float) -> Verdict:
    """Return what *answer* says to *call*; never raises."""
    try:
        return judge(call, answer, number, begun)
    except Exception as error:  # noqa: BLE001 - no fault of ours may lose what was sent
        return Verdict("lost", lost(call, _fault(call, error), number, begun))


def _fault(call: Prepared, error: Exception) -> str:
    """Log a fault of ours by its kind alone, for its text may quote anything."""
    reason = f"a fault of the client, {type(error).__name__}"
    _log.error("%s: %s", call.operation.name, reason)
    return reason
