"""One call, start to end: every call of the client goes through here."""

from __future__ import annotations

import asyncio
import logging
import math
from collections.abc import Coroutine, Sequence
from typing import Any, Literal, cast

from anyio import to_thread

from .. import _bodies, _codec
from .._events import Listener
from .._operation import Operation, Params, R, Settle
from .._slices import Work, at_once, in_slices, in_turns
from .._throttle.keys import recipient, slots
from .._upload import File, Taken, take
from .._wire import codes, limits
from .._wire.secret import Secret
from ..errors import (
    CLOSED,
    NotFound,
    NotSent,
    OutcomeUnknown,
    SmscError,
    ThrottleUnavailable,
)
from . import retry
from .attempts import LATE, Attempts
from .clock import Seams
from .exchange import Exchange
from .http import Http
from .ids import Ids
from .matrix import Then, after
from .observer import Observer
from .patience import Options, Patience
from .prepared import Outcome, Prepared, doubt, twin
from .questions import Questions
from .throttle import Throttle

_log = logging.getLogger("smsc_async")
_ASSIGN = frozenset({"", "0"})  # ids that ask for one


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
        json_body: bool,
        on_event: Listener | None,
        seams: Seams,
    ) -> None:
        self.throttle = throttle
        self.seams = seams
        self._credentials = credentials
        self._most = attempts
        self._message_only = identity == "message"
        self._json_body = json_body
        self._observer = Observer(on_event, seams.clock, self._paused)
        self._ids = Ids(account, seams)
        self._allowance = retry.Allowance(seams.clock)
        self._attempts = Attempts(
            http=http,
            throttle=throttle,
            credentials=credentials.reveal(),
            hosts=hosts,
            ids=self._ids,
            allowance=self._allowance,
            observer=self._observer,
            seams=seams,
        )

    async def call(
        self,
        operation: Operation[R],
        params: Params,
        options: Options,
        *,
        files: Sequence[File] = (),
        repeat: bool = False,
        settle: Settle[R] | None = None,
        since: float | None = None,
    ) -> R:
        """Make a call: return its reply or raise one of our errors."""
        patience = Patience(self.seams.clock, options, since)
        taken = await self._take(operation, files, patience)
        call = await in_turns(self._prepare(operation, params, repeat=repeat, files=taken))
        try:
            return cast("R", await self._run(call, options, patience, settle))
        except SmscError as error:
            self._observer.refused(call, error)
            raise

    async def ask(
        self,
        operation: Operation[R],
        params: Params,
        options: Options,
        patience: Patience,
        number: int,
    ) -> R:
        """Make a query within another call's *patience*, once; the *number* chooses the host."""
        if not self._allowance.ask():
            raise NotSent(operation.name, "the service does not answer, so it is asked rarely")
        call = await in_turns(self._prepare(operation, params, repeat=False))
        made = await self._attempts.make(call, options, patience, number)
        if isinstance(made.outcome, SmscError):
            raise made.outcome
        return cast("R", made.outcome)

    def opens(self, operation: Operation[Any], params: Params, options: Options) -> float:
        """Return the seconds until the windows let such a call start, as things stand."""
        if self._attempts.closed:
            raise NotSent(operation.name, CLOSED)
        call = at_once(self._prepare(operation, params, repeat=False))
        return self.throttle.opens(call.slots, options.priority)

    async def aclose(self, grace: float) -> None:
        """Let what is under way end, at most *grace* seconds; what is cut then is reported."""
        await self._attempts.aclose(grace)

    async def _run(
        self, call: Prepared, options: Options, patience: Patience, settle: Settle[Any] | None
    ) -> Outcome:
        """Try, and try again what may be repeated, within the patience and the deadline."""

        def settling(error: SmscError) -> Coroutine[Any, Any, Outcome]:
            return self._settle(call, error, settle, options, patience)

        last: Exchange | None = None

        async def attempt(number: int) -> Outcome:
            nonlocal last
            last = None
            outcome, last = await self._attempts.make(call, options, patience, number, settling)
            if not isinstance(outcome, SmscError):
                return outcome
            if after(call.row.kind, outcome) is Then.SETTLE:
                return await self._attempts.keep(call, settling(outcome), outcome)
            return outcome

        def given_up(number: int, wait: float) -> bool:
            if number >= self._most or wait >= patience.left():
                return True
            return not (last.again(self._allowance.repeat) if last else self._allowance.repeat())

        def chance() -> float:
            return last.chance(self.seams.chance) if last else self.seams.chance()

        return await retry.repeat(
            attempt,
            repeatable=lambda error: (
                not self._attempts.closed and after(call.row.kind, error) is Then.REPEAT
            ),
            given_up=given_up,
            done=lambda error: call.operation.gone if isinstance(error, NotFound) else None,
            chance=chance,
            sleep=self.seams.sleep,
            told=lambda wait: self._observer.tell("repeated", call.operation.name, seconds=wait),
        )

    async def _settle(
        self,
        call: Prepared,
        error: SmscError,
        settle: Settle[Any] | None,
        options: Options,
        patience: Patience,
    ) -> Outcome:
        """Ask what became of a send; return its reply, or the error that tells what is known."""
        unknown = doubt(call, error, self.seams.wall())
        outcome: Outcome = unknown
        if settle is not None and options.on_unknown == "settle":
            try:
                outcome = await settle(Questions(self, options, patience), unknown)
            except SmscError as failed:
                _log.debug("%s: it could not be asked: %s", call.operation.name, str(failed))
            except Exception as fault:  # noqa: BLE001 - no fault of ours may hide what is known
                kind = type(fault).__name__
                _log.error("%s: it could not be asked: a fault, %s", call.operation.name, kind)
        if outcome is unknown:
            return error if isinstance(error, OutcomeUnknown) else twin(call, error)
        if not isinstance(outcome, OutcomeUnknown):
            self._attempts.spend(call)
        known = outcome if isinstance(outcome, SmscError) else None
        self._observer.tell("settled", call.operation.name, id=call.id, error=known)
        return outcome

    async def _take(
        self, operation: Operation[Any], files: Sequence[File], patience: Patience
    ) -> tuple[Taken, ...]:
        """Note what the files are now: those on a disk in a thread, which may take its time."""
        if all(isinstance(file.content, bytes) for file in files):
            return take(files)
        try:
            async with asyncio.timeout(None if math.isinf(left := patience.left()) else left):
                return await to_thread.run_sync(take, files, abandon_on_cancel=True)
        except TimeoutError:
            raise NotSent(operation.name, LATE) from None

    def _paused(self) -> float:
        try:
            return self.throttle.snapshot().paused
        except ThrottleUnavailable:  # then the one pause is known that this client was told of
            return 0.0

    def _prepare(
        self,
        operation: Operation[Any],
        params: Params,
        *,
        repeat: bool,
        files: Sequence[Taken] = (),
    ) -> Work[Prepared]:
        pairs = _codec.form(operation, params)
        named = {f"{codes.FILE}{at}": file for at, file in enumerate(files)}
        whole = pairs | {name: file.mark for name, file in named.items()}
        row = limits.find(operation.path, pairs)
        messages = (yield from _codec.addressed(pairs)) if row.path == codes.SEND else []
        same = yield from _codec.fingerprint(row, whole, messages, message_only=self._message_only)
        sends = row.kind == "send"
        phones = tuple(phone for phone, _ in messages) if sends else ()
        recipients = yield from in_slices(recipient, phones)
        derived = sends and pairs.get("id", "") in _ASSIGN
        if derived:
            whole.pop("id", None)
            pairs.pop("id", None)
            pairs["id"] = self._ids.fresh() if repeat else self._ids.derived(whole)
        content = yield from _bodies.content(
            operation.path, pairs, self._credentials, named, json_body=self._json_body
        )
        return Prepared(
            operation=operation,
            row=row,
            content=content,
            slots=slots(row, pairs, same=same, recipients=recipients),
            unique=row.dear and not repeat,
            id=pairs.get("id") if sends else None,
            derived=derived,
            twin_after=row.rules[0].window / 1000 + self.throttle.guard,
            phones=phones,
        )
