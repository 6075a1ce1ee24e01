"""Callbacks on their way to the functions of the program: each once, and never backwards."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping
from typing import Any, Final, TypeAlias

from .._transport.clock import sleep
from .._wire.values import mask, quoted
from ._callbacks import Received, StatusReport
from ._request import Refused
from ._seen import Letter, Seen, event_of

Handler: TypeAlias = Callable[[Any], object]

# Seconds between two looks whether another of the same message is done, at first and at last.
_LOOK: Final = 0.02
_LONGEST_LOOK: Final = 0.25
_LEASE: Final = 5.0  # seconds that a subject is held beyond the time for its handler

_log = logging.getLogger("smsc_async.webhooks")


class Inbox:
    """What was handled, by *seen*, and whom to call, by the kind of a callback."""

    def __init__(
        self,
        handlers: Mapping[type[Received], Handler | None],
        on_late: Handler | None,
        seen: Seen,
        timeout: float,
    ) -> None:
        self._handlers = handlers
        self._on_late = _ignore if on_late is None else on_late
        self._seen = seen
        self._lease = timeout + _LEASE
        self._dropped: set[str] = set()  # the kinds of which it was said

    async def take(self, callback: Received) -> None:
        """Have *callback* handled if it was not yet; raise Refused if it cannot be now."""
        handler = self._handlers[type(callback)]
        if handler is None:
            self._drop(type(callback).__name__)
            return
        event = event_of(callback)
        try:
            pause = _LOOK
            while (verdict := await self._seen.begin(event, self._lease)) == "busy":
                await sleep(pause)
                pause = min(2 * pause, _LONGEST_LOOK)
        except Exception as error:
            raise _unusable(error) from error
        if verdict == "duplicate":
            return
        handled = False
        try:
            await self._call(self._on_late if verdict == "late" else handler, callback)
            handled = True
        finally:
            try:
                await self._seen.end(event, handled=handled)
            except Exception as error:
                raise _unusable(error) from error

    async def _call(self, handler: Handler, callback: Any) -> None:  # noqa: ANN401 - it fits
        """Call what the program gave; raise Refused for whatever that raises."""
        try:
            waiting = handler(callback)
            if isinstance(waiting, Awaitable):  # else it was a plain function, and has returned
                await waiting
        except (Exception, asyncio.CancelledError) as error:
            task = asyncio.current_task()
            if isinstance(error, asyncio.CancelledError) and task is not None and task.cancelling():
                raise  # the request itself; else it is something that the handler waited for
            what = type(callback).__name__
            reason = f"the handler for a {what} raised {type(error).__name__}"
            raise Refused(503, reason) from error

    def _drop(self, kind: str) -> None:
        """Say once of each kind that nobody is there for it: one address serves all kinds."""
        level = logging.DEBUG if kind in self._dropped else logging.WARNING
        self._dropped.add(kind)
        _log.log(level, "a %s came, and nobody handles those: it is dropped", kind)

    async def keep(self, letter: Letter) -> None:
        """Keep what nobody understands, so that the service need not call again in vain."""
        try:
            await self._seen.keep(letter)
        except Exception as error:
            raise _unusable(error) from error
        _log.error("kept a callback of the service's in the store: %s", quoted(letter.reason))


async def _ignore(report: StatusReport) -> None:
    """Drop a report that comes after a newer one."""
    _log.info(
        "status %d of message %s to %s comes after a newer one",
        report.status,
        quoted(report.id),
        mask(report.phone),
    )


def _unusable(error: Exception) -> Refused:
    return Refused(503, f"the store cannot be used: {error}")
