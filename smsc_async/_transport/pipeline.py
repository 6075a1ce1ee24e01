"""One call, start to end: every call of the client goes through here."""

from __future__ import annotations

import asyncio
import logging
import math
from collections.abc import Sequence
from functools import lru_cache
from typing import Any, Literal, cast

import httpx
import msgspec

from .. import _codec
from .._codec import Secret
from .._events import Event, Listener
from .._operation import Operation, Overrides, Params, R
from .._throttle.keys import slots
from .._wire import codes, limits
from .._wire.limits import Lane
from .._wire.values import mask
from ..errors import DuplicateSend, NotSent, OutcomeUnknown, SmscError, TooManyRequests
from . import retry
from .clock import Seams
from .gate import Admission, Throttle
from .http import Body, Http
from .ids import Ids
from .prepared import Outcome, Prepared, Verdict, judge

_log = logging.getLogger("smsc_async")


_CLOSED = "the client is closed"
_LATE = "its deadline has passed"
_ASSIGN = frozenset({"", "0"})  # ids that ask for one
_url = lru_cache(maxsize=64)(httpx.URL)  # reading an address takes longer than the throttle


class Options(msgspec.Struct, frozen=True, kw_only=True):
    """How long a call may take, and who goes first; all times in seconds."""

    max_wait: float = 75.0
    timeout: float = 30.0
    deadline: float | None = None
    priority: Lane = "interactive"

    def __post_init__(self) -> None:
        """Refuse what can never work."""
        if (
            self.max_wait < 0
            or self.timeout <= 0
            or (self.deadline is not None and self.deadline <= 0)
        ):
            raise ValueError("timeout and deadline are above 0 seconds, max_wait is 0 or more")
        if self.priority not in ("interactive", "bulk"):
            raise ValueError(f"priority is 'interactive' or 'bulk', not {self.priority!r}")

    def but(self, overrides: Overrides) -> Options:
        """Return these options with what *overrides* says otherwise."""
        said = {name: v for name, v in msgspec.structs.asdict(overrides).items() if v is not None}
        return msgspec.structs.replace(self, **said) if said else self


class Pipeline:
    """Makes calls for one account; belongs to one event loop."""

    def __init__(
        self,
        *,
        http: Http,
        throttle: Throttle,
        credentials: Secret,
        account: bytes,
        hosts: Sequence[str],
        attempts: int,
        identity: Literal["message", "all"],
        on_event: Listener | None,
        seams: Seams,
    ) -> None:
        self.throttle = throttle
        self._http = http
        self._credentials = credentials
        self._hosts = hosts
        self._attempts = attempts
        self._message_only = identity == "message"
        self._on_event = on_event
        self._seams = seams
        self._ids = Ids(account, seams)
        self._exchanges: set[asyncio.Task[Verdict]] = set()
        self._closed = False

    async def call(
        self, operation: Operation[R], params: Params, options: Options, *, repeat: bool
    ) -> R:
        """Make a call: return its reply or raise one of our errors."""
        prepared = self._prepare(operation, params, repeat=repeat)
        try:
            return cast("R", await self._run(prepared, options))
        except SmscError as error:
            self._tell(Event("refused", operation.name, id=prepared.id, error=error))
            raise

    def opens(self, operation: Operation[Any], params: Params, options: Options) -> float:
        """Return the seconds until the windows let such a call start, as things stand."""
        if self._closed:
            raise NotSent(operation.name, _CLOSED)
        prepared = self._prepare(operation, params, repeat=False)
        return self.throttle.opens(prepared.slots, options.priority)

    async def _run(self, call: Prepared, options: Options) -> Outcome:
        """Try, and try again what may be repeated, within the patience and the deadline."""
        clock = self._seams.clock
        ends = clock() + (math.inf if options.deadline is None else options.deadline)
        patience = options.max_wait

        async def attempt(number: int) -> Outcome:
            nonlocal patience
            started = clock()
            await self._admit(call, options.priority, min(patience, ends - started))
            patience = max(0.0, patience - (clock() - started))
            left = ends - clock()
            if self._closed or left <= 0:  # since the place was given
                self.throttle.leave(call.slots, "undo")
                raise NotSent(call.operation.name, _CLOSED if self._closed else _LATE)
            outcome = await self._exchange(call, number, min(options.timeout, left))
            if isinstance(outcome, SmscError):
                raise outcome
            return outcome

        try:
            return await attempt(1)
        except SmscError as error:
            if self._closed or not retry.repeatable(error, query=call.row.query):
                raise
            failed = error
        return await retry.repeat(
            failed,
            attempt,
            repeatable=lambda error: retry.repeatable(error, query=call.row.query),
            given_up=lambda number, wait: (
                self._closed or number >= self._attempts or clock() + wait >= ends
            ),
            chance=self._seams.chance,
            sleep=self._seams.sleep,
            told=lambda wait: self._tell(Event("repeated", call.operation.name, seconds=wait)),
        )

    async def aclose(self, grace: float) -> None:
        """Let what is under way end, at most *grace* seconds; what is cut then is reported."""
        self._closed = True
        self.throttle.turn_away(self)
        try:
            if self._exchanges:
                await asyncio.wait(self._exchanges, timeout=grace)
        finally:
            for task in self._exchanges:
                task.cancel()
            if self._exchanges:
                await asyncio.wait(self._exchanges)
            await self._http.aclose()

    def _prepare(self, operation: Operation[Any], params: Params, *, repeat: bool) -> Prepared:
        pairs = _codec.form(operation, params)
        row = limits.find(operation.path, pairs)
        same = _codec.fingerprint(row, pairs, message_only=self._message_only)
        messages = _codec.addressed(pairs) if row.path == codes.SEND else []
        phones = tuple(phone for phone, _ in messages)
        sends = row.path == codes.SEND and not row.query
        derived = sends and pairs.get("id", "") in _ASSIGN
        if derived:
            pairs.pop("id", None)
            pairs["id"] = self._ids.fresh() if repeat else self._ids.derived(pairs)
        return Prepared(
            operation=operation,
            row=row,
            body=Body(Secret(_codec.encode(pairs)), self._credentials),
            slots=slots(row, pairs, same=same, recipients=phones),
            unique=sends and not repeat,
            id=pairs.get("id") if sends else None,
            derived=derived,
            twin_after=row.rules[0].window / 1000 + self.throttle.guard,
            phones=phones if sends else (),
        )

    async def _admit(self, call: Prepared, lane: Lane, patience: float) -> None:
        name = call.operation.name
        if self._closed:
            raise NotSent(name, _CLOSED)
        if patience < 0:
            raise NotSent(name, _LATE)
        ask = Admission(name, call.slots, lane, patience, call.unique, owner=self)
        if not await self.throttle.admit(ask, self._tell):
            raise NotSent(name, _CLOSED)

    async def _exchange(self, call: Prepared, number: int, timeout: float) -> Outcome:
        """Run one admitted attempt in a task of the client's, which outlives a cancelled caller.

        So cancelling never cuts an exchange whose bytes have left, and never frees a place that
        the service still counts.
        """
        attempt = self._attempt(call, number, timeout)
        task = asyncio.create_task(attempt, name=call.operation.name)
        self._exchanges.add(task)
        task.add_done_callback(lambda ended: self._end(call, ended))
        try:
            return (await asyncio.shield(task)).outcome
        except asyncio.CancelledError:
            caller = asyncio.current_task()
            if caller is None or not caller.cancelling():  # closing the client cut the task
                raise NotSent(call.operation.name, _CLOSED) from None
            task.add_done_callback(lambda ended: self._report(call, ended))
            raise

    async def _attempt(self, call: Prepared, number: int, timeout: float) -> Verdict:
        url = _url(self._hosts[(number - 1) % len(self._hosts)] + call.operation.path)
        begun = self._seams.wall()
        answer = await self._http.post(url, call.body, timeout)
        return judge(call, answer, number, begun)

    def _end(self, call: Prepared, task: asyncio.Task[Verdict]) -> None:
        """Write the books; the one place where what was admitted is given back.

        A task that was cancelled never began: an exchange that has begun ends with a verdict.
        """
        self._exchanges.discard(task)
        if task.cancelled():
            self.throttle.leave(call.slots, "undo")
            return
        if task.exception() is not None:  # a fault of ours, which the caller sees
            self.throttle.leave(call.slots, "lost")
            return
        books, outcome = task.result()
        if isinstance(outcome, TooManyRequests | DuplicateSend):
            self._hold_back(call, outcome)
        self.throttle.leave(call.slots, books)
        if call.id and call.derived and books == "done" and not isinstance(outcome, OutcomeUnknown):
            self._ids.spend(call.id)

    def _hold_back(self, call: Prepared, error: SmscError) -> None:
        """Believe the service when it says that a limit was met, for another may use the login."""
        self.throttle.pause(retry.PAUSE)
        self._tell(Event("paused", call.operation.name, seconds=retry.PAUSE))
        if not retry.concurrent(error):
            self.throttle.fill(call.slots)

    def _report(self, call: Prepared, task: asyncio.Task[Verdict]) -> None:
        """Say what became of a call whose caller was cancelled."""
        if task.cancelled() or task.exception() is not None:
            outcome: Outcome = NotSent(call.operation.name, "cancelled")
        else:
            outcome = task.result().outcome
        error = outcome if isinstance(outcome, SmscError) else None
        _log.log(
            logging.DEBUG if call.row.query else logging.WARNING,
            "%s%s: its caller was cancelled while it was under way: %s",
            call.operation.name,
            f" of id {call.id} to {', '.join(map(mask, call.phones[:3]))}" if call.id else "",
            error or "it went through",
        )
        self._tell(Event("orphaned", call.operation.name, id=call.id, error=error))

    def _tell(self, event: Event) -> None:
        if self._on_event is not None:
            try:
                self._on_event(event)
            except Exception:  # noqa: BLE001 - a listener of the user's, whatever it raises
                _log.exception("on_event raised; the call goes on")
