"""Calls that ask the same while one of them is under way share its exchange.

The first of them leads: it alone waits for the limits, and the books are its own. The others wait
for what comes back, and each reads it for itself. While the exchange has not begun, whoever leads
may fall out, for a reason of its own; then the first of those behind it leads.
"""

from __future__ import annotations

import asyncio
import math
from collections import deque
from collections.abc import Callable
from typing import NamedTuple, TypeAlias

from .._wire.secret import Secret
from .._wire.values import digest
from .exchange import Exchange
from .patience import Options, Patience
from .prepared import Prepared


class Same(NamedTuple):
    """What two calls share that may share an exchange.

    With the options goes the lane, so that nobody is led by one of a lower lane.
    """

    host: str
    path: str
    body: bytes  # its digest
    options: Options


Begun: TypeAlias = asyncio.Task[Exchange]


class Flight:
    """One exchange, led by one call and followed by others; it is written by :class:`Flights`."""

    def __init__(self, same: Same) -> None:
        self.same = same
        self.exchange: Begun | None = None
        self.age = 0
        self.number = 0  # the turn in line of whoever leads, if it came before it leads
        self.behind: deque[asyncio.Future[bool]] = deque()  # True: it leads now

    def is_over(self, changes: int) -> bool:
        """Tell whether its answer is there, or older than *changes* that the answer is to show."""
        return self.exchange is not None and (self.exchange.done() or self.age != changes)


class Flights:
    """The flights of one client; belongs to one event loop.

    *arrive* keeps a turn in line for one that does not stand there yet.
    """

    def __init__(self, arrive: Callable[[], int]) -> None:
        self._arrive = arrive
        self._open: dict[Same, Flight] = {}
        self._changes = 0

    async def join(self, same: Same | None, patience: Patience) -> Exchange | Flight | None:
        """Return what came of the exchange of another call, or the flight that this one leads.

        Whoever leads ends that by :meth:`begin` or :meth:`fall_out`. None says that the call goes
        by itself: it shares with none, or its waiting is over, or the exchange was cut. Until the
        exchange begins, the time is spent from *patience* as in line; then its deadline counts.
        """
        if same is None:
            return None
        flight = self._open.get(same)
        if flight is None or flight.is_over(self._changes):
            flight = self._open[same] = Flight(same)
            return flight
        if flight.exchange is None:
            number = self._arrive()
            with patience:
                leads = await self._follow(flight, patience.for_waiting())
            if leads:
                flight.number = number
                return flight
        if flight.exchange is None:
            return None
        ended, _ = await asyncio.wait((flight.exchange,), timeout=_finite(patience.left()))
        return flight.exchange.result() if ended and not flight.exchange.cancelled() else None

    def begin(self, flight: Flight, exchange: Begun) -> None:
        """Note that *exchange* is under way; it is done with when its answer is there."""
        flight.exchange, flight.age = exchange, self._changes
        exchange.add_done_callback(lambda _: self._forget(flight))
        while flight.behind:
            _tell(flight.behind.popleft(), leads=False)

    def fall_out(self, flight: Flight) -> None:
        """Let the next one lead, if there is one."""
        while flight.behind:
            if _tell(flight.behind.popleft(), leads=True):
                return
        self._forget(flight)

    def changed(self) -> None:
        """Note that the client may have changed what the answers under way do not tell yet.

        Whoever asks from now on wants to see it.
        """
        self._changes += 1

    async def _follow(self, flight: Flight, seconds: float) -> bool:
        """Wait until the exchange begins; True says that the caller is to lead."""
        turn = asyncio.get_running_loop().create_future()
        flight.behind.append(turn)
        try:
            await asyncio.wait((turn,), timeout=_finite(seconds))
        except asyncio.CancelledError:
            if not turn.cancel() and turn.result():
                self.fall_out(flight)
            raise
        return not turn.cancel() and turn.result()

    def _forget(self, flight: Flight) -> None:
        if self._open.get(flight.same) is flight:
            del self._open[flight.same]


def same(call: Prepared, options: Options, host: str) -> Same | None:
    """Return what *call* has in common with those that it may share an exchange with, if any.

    That is a question without files: what changes something is done as often as it is asked for.
    One with a deadline of its own would be cut by that of another.
    """
    match call.content.parts:
        case (Secret() as body,) if call.row.kind == "query" and options.deadline is None:
            return Same(host, call.content.path, digest(body.reveal()), options)
        case _:
            return None


def _tell(turn: asyncio.Future[bool], *, leads: bool) -> bool:
    """Wake whoever waits for its turn, unless it went away."""
    if turn.done() or turn.get_loop().is_closed():
        return False
    turn.set_result(leads)
    return True


def _finite(seconds: float) -> float | None:
    return None if math.isinf(seconds) else seconds
