"""What a client tells of its calls: to whoever listens, and to the log."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable

from .._events import Event, Happening, Listener
from .._throttle.queue import Refusal
from .._wire.values import escaped, mask, quoted
from ..errors import NotSent, SmscError, Throttled, TooManyRequests
from .prepared import Outcome, Prepared

# A person who looks on wonders after so many seconds why nothing happens.
LONG = 5.0
_log = logging.getLogger("smsc_async")


class Observer:
    """Tells what happens to the calls of one client; no event is made where nobody listens.

    *clock* and *paused*, the seconds for which nothing starts, are those of the login.
    """

    def __init__(
        self, listener: Listener | None, clock: Callable[[], float], paused: Callable[[], float]
    ) -> None:
        self._listener = listener
        self._clock = clock
        self._paused = paused
        self._until = 0.0
        self._timer: asyncio.TimerHandle | None = None  # there is one while a pause is on

    def tell(
        self,
        kind: Happening,
        operation: str,
        *,
        rule: str | None = None,
        seconds: float = 0.0,
        id: str | None = None,
        error: SmscError | None = None,
    ) -> None:
        """Tell the listener; what it raises stays its own."""
        if self._listener is None:
            return
        try:
            self._listener(Event(kind, operation, rule, seconds, id, error))
        except Exception:  # noqa: BLE001 - a listener of the user's, whatever it raises
            _log.exception("on_event raised; the call goes on")

    def refused(self, call: Prepared, error: SmscError) -> None:
        """Tell that a call ended with *error*."""
        rule, seconds = None, 0.0
        if isinstance(error, Throttled):
            rule, seconds = error.rule, error.retry_after
        name = call.operation.name
        self.tell("refused", name, rule=rule, seconds=seconds, id=call.id, error=error)

    def limited(self, call: Prepared, error: TooManyRequests, seconds: float, what: str) -> None:
        """Tell that the service refused a call for a limit, and what is done about it.

        Once is enough for all that are refused together: nothing more starts in the pause.
        """
        _log.log(
            logging.WARNING if self._timer is None else logging.DEBUG,
            "%s: the service says %s (error 9), so another program may use the login: nothing "
            "starts for %g s, and %s",
            call.operation.name,
            quoted(error.text),
            seconds,
            what,
        )

    def paused(self, operation: str, seconds: float, rule: str | None = None) -> None:
        """Tell that nothing starts for so long; that this is over is told by itself."""
        self.tell("paused", operation, rule=rule, seconds=seconds)
        now = self._clock()
        self._until = max(self._until, now + seconds)
        if self._timer is None:
            self._look(operation, now)

    def orphaned(self, call: Prepared, outcome: Outcome) -> None:
        """Tell what became of a call whose caller was cancelled; None: nothing was sent."""
        if outcome is None:
            outcome = NotSent(call.operation.name, "cancelled")
        error = outcome if isinstance(outcome, SmscError) else None
        _log.log(
            logging.DEBUG if call.row.kind == "query" else logging.WARNING,
            "%s%s: its caller was cancelled while it was under way: %s",
            call.operation.name,
            f" of id {escaped(call.id)} to {', '.join(map(mask, call.phones[:3]))}"
            if call.id
            else "",
            # As text: a handler may show the arguments, and an error has whole numbers in its own.
            str(error or "it went through"),
        )
        self.tell("orphaned", call.operation.name, id=call.id, error=error)

    def close(self) -> None:
        """Tell nothing more of a pause that is on."""
        if self._timer:
            self._timer.cancel()

    def _look(self, operation: str, begun: float) -> None:
        """Look whether the pause is over; it may have been made longer, by others too."""
        now = self._clock()
        if (left := max(self._until - now, self._paused())) > 0:
            loop = asyncio.get_running_loop()
            self._timer = loop.call_later(left, self._look, operation, begun)
            return
        self._timer = None
        _log.info("%s: the pause is over after %.1f s; calls start again", operation, now - begun)
        self.tell("resumed", operation, seconds=now - begun)


class Wait:
    """The waiting of one call until it starts; the gates that it passes call it."""

    __slots__ = ("_begun", "_clock", "_observer", "_operation", "_rule")

    def __init__(self, observer: Observer, operation: str, clock: Callable[[], float]) -> None:
        self._observer = observer
        self._operation = operation
        self._clock = clock
        self._rule: str | None = None
        self._begun = 0.0

    def __call__(self, expected: Refusal) -> None:
        """Tell what the call must wait for."""
        if self._rule is None:
            self._begun = self._clock()
        self._rule, seconds = str(expected.rule), expected.wait / 1000
        if seconds:
            level = logging.INFO if seconds >= LONG else logging.DEBUG
            _log.log(level, "%s waits about %.1f s for %s", self._operation, seconds, self._rule)
        else:
            _log.debug("%s waits for its turn: %s", self._operation, self._rule)
        self._observer.tell("waiting", self._operation, rule=self._rule, seconds=seconds)

    def over(self) -> None:
        """Tell that the call starts."""
        seconds = 0.0
        if self._rule:
            seconds = self._clock() - self._begun
            _log.debug(
                "%s starts after %.1f s: it waited for %s", self._operation, seconds, self._rule
            )
        self._observer.tell("admitted", self._operation, rule=self._rule, seconds=seconds)
