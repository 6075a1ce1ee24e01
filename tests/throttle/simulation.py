"""Plays programs of calls by real clients against the model, on a clock of its own.

A failing property prints its program as Python; pasted into a test, it plays the same again:

    assert faults(play(Program((Step("send", times=15, distinct=True),), seed=3))) == []
"""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import itertools
import logging
import random
from collections.abc import Awaitable, Callable, Coroutine
from contextvars import ContextVar
from dataclasses import dataclass
from functools import partial
from typing import Any, NamedTuple, cast

import anyio
import httpx

from smsc_async import SmscClient, SmscError, Throttle
from smsc_async._throttle.keys import Slot
from smsc_async._transport.admission import Admission
from smsc_async._wire import limits
from tests.virtual import VirtualLoop, run

from .model import Network, Service
from .program import KINDS, Call, Program
from .reading import Arrival
from .sharing import Sharing, held, in_process
from .transport import HELLO, ServiceTransport

# The service has done with what was given up a moment before the client counts on it, for that
# counts in whole milliseconds.
LINGER = 4.99
BEGUN = 1_800_000_000  # the time of day when the loop's clock shows 0
LONGEST = 12 * 3_600.0  # seconds: no program takes as long
LONG = 20 * 3_600.0  # seconds in which every window has passed twice

WINDOWS = {rule.window: rule for row in limits.ROWS for rule in row.rules}  # a rule of each

_calling = ContextVar[str]("_calling")


class Start(NamedTuple):
    """A request that left, for the call of that name."""

    at: float
    call: str
    path: str


class End(NamedTuple):
    """How a call ended, and how many passes of the event loop it took."""

    at: float
    outcome: str
    passes: int


@dataclass(frozen=True)
class Played:
    """What happened; the times are seconds since the beginning."""

    program: Program
    entered: list[Call]  # in that order
    apart: bool  # each client has a throttle of its own, as in a process of its own
    starts: list[Start]
    ends: dict[str, End]
    arrivals: list[Arrival]
    left: list[str]  # what was left behind when all calls had ended

    def trace(self) -> str:
        """Return a hash of what happened when, but for ids, which the time of day decides."""
        lines = [f"{start.at:.4f} {start.call} {start.path}" for start in self.starts]
        lines += [f"{end.at:.4f} {call} {end.outcome}" for call, end in self.ends.items()]
        lines += [f"{arrival.at:.4f} {arrival.path}" for arrival in self.arrivals]
        return hashlib.sha256("\n".join(sorted(lines)).encode()).hexdigest()


def play(program: Program, sharing: Sharing | None = None) -> Played:
    """Play *program* to its end; the clients share one throttle, unless *sharing* says other."""
    log = logging.getLogger("smsc_async")
    level = log.level
    log.setLevel(logging.CRITICAL)  # it tells of each send whose caller is cancelled
    stage = _Stage(program, sharing or in_process(Throttle()))
    try:
        return run(stage.play())
    finally:
        log.setLevel(level)


class _Stage:
    """The clients and the service while a program is played."""

    def __init__(self, program: Program, sharing: Sharing) -> None:
        self._program = program
        self._begun = 0.0
        self._service = Service(Network(program.seed, troubles=program.troubles), linger=LINGER)
        self._entered: list[Call] = []
        self._starts: list[Start] = []
        self._ends: dict[str, End] = {}
        self._closing: list[asyncio.Task[None]] = []
        chance, ids = random.Random(program.seed), itertools.count(1)
        numbers = sorted({step.client for step in program.steps})
        self._throttles = {number: sharing(number) for number in numbers}
        self._clients = {
            number: SmscClient(
                api_key="key",
                transport=_Noting(self._service, self._note),
                throttle=self._throttles[number],
                max_wait=1e9,
                chance=chance.random,
                new_id=lambda: f"id{next(ids)}",
                wall=self._wall,
            )
            for number in numbers
        }

    async def play(self) -> Played:
        self._begun = _now()
        greeted = {id(throttle): number for number, throttle in self._throttles.items()}
        for number in greeted.values():
            await self._clients[number].raw(HELLO, {"n": number})
        with contextlib.suppress(TimeoutError):  # who has no end is seen afterwards
            async with asyncio.timeout(LONGEST):
                await self._all()
        await asyncio.gather(*self._closing)
        for client in self._clients.values():
            await client.aclose()
        await asyncio.sleep(LINGER + 1)
        left = await self._left()
        return Played(
            program=self._program,
            entered=self._entered,
            apart=len({id(throttle) for throttle in self._throttles.values()}) > 1,
            starts=self._starts,
            ends=self._ends,
            arrivals=self._service.arrivals,
            left=left,
        )

    async def _all(self) -> None:
        tasks: list[asyncio.Task[None]] = []
        for call in self._program.calls:
            await asyncio.sleep(max(0.0, self._begun + call.step.at - _now()))
            tasks.append(asyncio.create_task(self._one(call)))
        await asyncio.gather(*tasks)

    async def _one(self, call: Call) -> None:
        _calling.set(call.name)
        work, begun = self._made(call), _loop().passes
        try:
            outcome = await self._cancelled(call, work)
        except (asyncio.CancelledError, TimeoutError):
            outcome = "cancelled" if _now() - self._begun < LONGEST else "no end"
        finally:
            work.close()  # it may have been cancelled before it began
        self._ends[call.name] = End(_now() - self._begun, outcome, _loop().passes - begun)

    async def _made(self, call: Call) -> str:
        step = call.step
        self._entered.append(call)
        smsc = self._clients[step.client].with_options(
            priority=step.lane,
            max_wait=step.max_wait,
            deadline=step.deadline,
            timeout=step.timeout,
        )
        try:
            return type(await KINDS[step.call].call(smsc, call.number)).__name__
        except SmscError as error:
            return type(error).__name__

    async def _cancelled(self, call: Call, work: Coroutine[Any, Any, str]) -> str:
        """Do *work*, and cancel it as the step says: after a time, or at a pass of the loop."""
        wanted = call.step.cancelled or call.step.cut
        if wanted is None:
            return await work
        way, when = wanted
        outcome = "cancelled"
        if way == "wait_for" and call.step.cancelled:
            outcome = await asyncio.wait_for(work, when)
        elif way in ("task", "wait_for"):
            task = asyncio.ensure_future(work if way == "task" else asyncio.wait_for(work, 1e6))
            outcome = await _until(task, call, task.cancel)
        elif way == "timeout":
            async with asyncio.timeout(None) as limit:
                outcome = await _until(work, call, lambda: limit.reschedule(_now()))
        elif way == "scope":
            with anyio.CancelScope() as scope:
                outcome = await _until(work, call, scope.cancel)
        else:
            outcome = await _until(work, call, partial(self._close, call.step.client))
        return outcome

    def _close(self, number: int) -> None:
        self._closing.append(asyncio.create_task(self._clients[number].aclose(grace=2.0)))

    def _note(self, path: str) -> None:
        self._starts.append(Start(_now() - self._begun, _calling.get(), path))

    def _wall(self) -> float:
        seconds = _now() - self._begun
        return BEGUN + seconds + sum(step for at, step in self._program.wall if at <= seconds)

    async def _left(self) -> list[str]:
        """Tell what is still there, now and when all windows have passed."""
        loop = asyncio.get_running_loop()
        found = [f"{task}" for task in asyncio.all_tasks() if task is not asyncio.current_task()]
        timers: list[asyncio.TimerHandle] = getattr(loop, "_scheduled")  # noqa: B009 - asyncio has no name for it
        found += [f"{timer}" for timer in timers if not timer.cancelled()]
        throttles = {id(throttle): throttle for throttle in self._throttles.values()}.values()
        for throttle in throttles:
            found += held(throttle)
        await asyncio.sleep(LONG)
        for throttle in throttles:
            # Keys are forgotten when one of the same window is used.
            late = tuple(Slot(rule, str(window).encode()) for window, rule in WINDOWS.items())
            await throttle.admit(Admission("later", late, "bulk", 0, unique=False), lambda _: None)
            throttle.leave(late, "undo")
            if keys := throttle._line.ledger.keys():
                found.append(f"{keys} keys")
        return found


class _Noting(ServiceTransport):
    """Notes what leaves before it does."""

    def __init__(self, service: Service, note: Callable[[str], None]) -> None:
        super().__init__(service)
        self._note = note

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        if not request.url.path.endswith(HELLO):
            self._note(request.url.path.rpartition("/")[2])
        return await super().handle_async_request(request)


async def _until(work: Awaitable[str], call: Call, act: Callable[[], object]) -> str:
    """Wait for *work*, and do *act* when the step says."""
    loop = _loop()
    if call.step.cut:
        acts = loop.on_pass.setdefault(loop.passes + call.step.cut[1], [])
        acts.append(act)
        try:
            return await work
        finally:
            if act in acts:
                acts.remove(act)
    assert call.step.cancelled
    timer = loop.call_later(call.step.cancelled[1], act)
    try:
        return await work
    finally:
        timer.cancel()


def _loop() -> VirtualLoop:
    return cast("VirtualLoop", asyncio.get_running_loop())


def _now() -> float:
    return _loop().time()
