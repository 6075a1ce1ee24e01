"""One attempt of a call: it waits for the limits, goes out, and its end is written down."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Coroutine, Sequence
from functools import partial
from typing import Any, NamedTuple, TypeAlias, TypeVar

from .._wire.limits import Lane
from .._wire.values import digest
from ..errors import CLOSED, ApiError, NotSent, OutcomeUnknown, SmscError, TooManyRequests
from . import retry
from .address import Caller, Held
from .admission import Admission
from .clock import Seams
from .exchange import Exchange, exchanged, read
from .flights import Flight, Flights, same
from .http import Http
from .ids import Ids
from .loops import cancellations
from .matrix import Point, Then, after, point
from .observer import Observer, Wait
from .patience import Options, Patience
from .prepared import Outcome, Prepared, Verdict, blamed
from .throttle import Throttle

T = TypeVar("T")
# Makes the work that finds out what became of a send which ended with an error.
Settling: TypeAlias = Callable[[SmscError], Coroutine[Any, Any, Outcome]]

LATE = "its deadline has passed"
_log = logging.getLogger("smsc_async")


class Made(NamedTuple):
    """What an attempt brought, an error of ours too, and the exchange that it is read from."""

    outcome: Outcome
    exchange: Exchange


class Attempts:
    """Makes attempts for one client; owns the tasks in which they run."""

    def __init__(
        self,
        *,
        http: Http,
        throttle: Throttle,
        credentials: bytes,
        hosts: Sequence[str],
        ids: Ids,
        allowance: retry.Allowance,
        observer: Observer,
        seams: Seams,
    ) -> None:
        self.closed = False
        self._http = http
        self._throttle = throttle
        self._who = digest(credentials)
        self._hosts = hosts
        self._ids = ids
        self._allowance = allowance
        self._observer = observer
        self._seams = seams
        self._flights = Flights(throttle.arrive)
        self._tasks: set[asyncio.Task[Any]] = set()

    async def make(
        self,
        call: Prepared,
        options: Options,
        patience: Patience,
        number: int,
        settling: Settling | None = None,
    ) -> Made:
        """Make the attempt of that *number*, or share that of a call which asks the same.

        Raises what hindered it from beginning. *settling* is for a caller that is cancelled.
        """
        host = self._hosts[(number - 1) % len(self._hosts)]
        flight = await self._flights.join(same(call, options, host), patience)
        if isinstance(flight, Exchange):
            return Made(read(call, flight.answer, number, flight.begun).outcome, flight)
        try:
            held, left = await self._enter(call, options.priority, patience, flight)
        except BaseException:
            if flight:
                self._flights.fall_out(flight)
            raise
        work = partial(
            exchanged,
            *(self._http, call, host, number),
            timeout=min(options.timeout, left),
            wall=self._seams.wall,
        )
        task, over = self._begin(work, call, held)
        if flight:
            self._flights.begin(flight, task)
        if number == 1:  # one that is kept waiting allows nobody a repeat
            self._allowance.called()
        before = cancellations()
        try:
            exchange = await over
        except asyncio.CancelledError:
            if task.cancelled() and cancellations() == before:  # closing cut it before it began
                raise NotSent(call.operation.name, CLOSED) from None
            task.add_done_callback(lambda ended: self._orphaned(call, ended, settling))
            raise
        return Made(exchange.verdict.outcome, exchange)

    async def keep(
        self, call: Prepared, work: Coroutine[Any, Any, Outcome], otherwise: Outcome
    ) -> Outcome:
        """Wait for *work*, which outlives a cancelled caller; closing the client cuts it."""
        task, before = self._own(work, call), cancellations()
        try:
            return await asyncio.shield(task)
        except asyncio.CancelledError:
            if task.cancelled() and cancellations() == before:
                return otherwise
            task.add_done_callback(
                lambda ended: self._observer.orphaned(call, _result(ended, otherwise))
            )
            raise

    def spend(self, call: Prepared) -> None:
        """Note that the client's own id of a message that was answered is not to be used again."""
        if call.derived and call.id:
            self._ids.spend(call.id)

    async def aclose(self, grace: float) -> None:
        """Let what is under way end, at most *grace* seconds; what is cut then is reported."""
        self.closed = True
        self._throttle.turn_away(lambda _, owner: owner is self)
        self._throttle.address.turn_away(self)
        try:
            if self._tasks:
                await asyncio.wait(self._tasks, timeout=grace)
        finally:
            self._observer.close()
            while self._tasks:  # the end of one may begin another
                for task in self._tasks:
                    task.cancel()
                await asyncio.wait(self._tasks)
            await self._http.aclose()

    async def _enter(
        self, call: Prepared, lane: Lane, patience: Patience, flight: Flight | None
    ) -> tuple[Held, float]:
        """Wait until the call may go out; return what it holds, and the seconds to its deadline."""
        wait = Wait(self._observer, call.operation.name, self._seams.clock)
        with patience:
            held = await self._admit(call, lane, patience, wait, flight.number if flight else 0)
        try:
            wait.over()
        except BaseException:  # of a listener's that ends the program
            self._end(call, held, Verdict("undo", None))
            raise
        left = patience.left()
        if self.closed or left <= 0:  # since the place was given
            self._end(call, held, Verdict("undo", None))
            raise NotSent(call.operation.name, CLOSED if self.closed else LATE)
        return held, left

    async def _admit(
        self, call: Prepared, lane: Lane, patience: Patience, wait: Wait, turn: int
    ) -> Held:
        """Wait for the login's limits and for the address; return what is held of the address."""
        address, caller, name = self._throttle.address, self._caller(call), call.operation.name
        while True:
            address.check(name, caller)
            if not await self._throttle.admit(self._ask(call, lane, patience, turn), wait):
                raise NotSent(name, CLOSED)
            held = address.take(caller)
            if held is None:
                # Nobody keeps a place while waiting for the address, nor others from being tried
                # there while waiting for a window.
                self._throttle.leave(call.slots, "undo")
                held = await address.wait(self._ask(call, lane, patience, turn), caller, wait)
                if not held or not self._throttle.seize(call.slots):
                    address.leave(held, caller, None)
                    continue
            try:
                address.check(name, caller)  # the service may have said more meanwhile
            except SmscError:
                self._throttle.leave(call.slots, "undo")
                address.leave(held, caller, None)
                raise
            return held

    def _ask(self, call: Prepared, lane: Lane, patience: Patience, turn: int) -> Admission:
        """Return what to ask of a gate now; raise if it is too late for that."""
        name = call.operation.name
        if self.closed:
            raise NotSent(name, CLOSED)
        if (wait := patience.for_waiting()) < 0:
            raise NotSent(name, LATE)
        return Admission(name, call.slots, lane, wait, call.unique, self, turn)

    def _begin(
        self, work: Callable[[], Awaitable[Exchange]], call: Prepared, held: Held
    ) -> tuple[asyncio.Task[Exchange], asyncio.Future[Exchange]]:
        """Make an exchange in a task, and write its end in the books.

        Its caller waits for the future beside it, at no risk to the task: a shield would let the
        loop turn once more between an answer and what the caller does with it.
        """
        loop = asyncio.get_running_loop()
        over: asyncio.Future[Exchange] = loop.create_future()

        async def seen_through() -> Exchange:
            exchange = await work()
            try:
                self._end(call, held, exchange.verdict)
            except Exception as error:  # noqa: BLE001 - whoever waits for the answer has it all the same
                loop.call_exception_handler({"message": "the end of a call", "exception": error})
            if not over.done():  # the caller may be gone
                over.set_result(exchange)
            return exchange

        def ended(task: asyncio.Task[Exchange]) -> None:
            if task.cancelled():  # before it began
                over.cancel()
                self._end(call, held, Verdict("undo", None))
            elif (error := task.exception()) and not over.done():  # what ends a program or a test
                over.set_exception(error)

        task = self._own(seen_through(), call)
        task.add_done_callback(ended)
        return task, over

    def _end(self, call: Prepared, held: Held, verdict: Verdict) -> None:
        """Write the books; the one place where what was admitted is given back."""
        books, outcome = verdict
        address = self._throttle.address
        if isinstance(outcome, TooManyRequests):
            self._hold_back(call, outcome)
        if block := address.leave(held, self._caller(call), outcome):
            _log.error("the service has blocked this machine's address; it is left alone")
            self._observer.paused(call.operation.name, block)
        self._throttle.leave(call.slots, books)
        if isinstance(outcome, ApiError):
            for slot in call.slots:
                if outcome.code in slot.rule.free:
                    self._throttle.clear(slot)
        if isinstance(outcome, SmscError):
            self._allowance.heard(answer=point(outcome) not in (Point.UNSENT, Point.LOST))
        elif outcome is not None:
            self._allowance.heard(answer=True)
        if books == "done" and not isinstance(outcome, OutcomeUnknown):
            self.spend(call)
        if call.row.kind != "query":
            self._flights.changed()

    def _hold_back(self, call: Prepared, error: TooManyRequests) -> None:
        """Believe the service when it says that a limit was met, for another may use the login."""
        if point(error) is Point.OFTEN:
            self._throttle.fill(call.slots)
            what = "what it counts by the minute is taken to be full"
        else:
            self._throttle.shrink(call.slots)
            what = "fewer go at once for a while"
        self._throttle.pause(retry.PAUSE)
        self._observer.limited(call, error, retry.PAUSE, what)
        self._observer.paused(call.operation.name, retry.PAUSE, blamed(call, error))

    def _caller(self, call: Prepared) -> Caller:
        return Caller(self._who, call.row.kind == "send")

    def _own(self, work: Coroutine[Any, Any, T], call: Prepared) -> asyncio.Task[T]:
        task = asyncio.create_task(work, name=call.operation.name)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return task

    def _orphaned(
        self, call: Prepared, task: asyncio.Task[Exchange], settling: Settling | None
    ) -> None:
        """See to its end an exchange whose caller was cancelled."""
        outcome = None if task.cancelled() else task.result().verdict.outcome
        if (
            settling is not None
            and not task.cancelling()  # by closing, or with the loop: there is no time to ask
            and isinstance(outcome, SmscError)
            and after(call.row.kind, outcome) is Then.SETTLE
        ):
            question = self._own(settling(outcome), call)
            question.add_done_callback(
                lambda ended: self._observer.orphaned(call, _result(ended, outcome))
            )
        else:
            self._observer.orphaned(call, outcome)


def _result(task: asyncio.Task[Outcome], otherwise: Outcome) -> Outcome:
    return otherwise if task.cancelled() or task.exception() is not None else task.result()
