"""The run of a campaign: what begins when, and that all that began comes to an end."""

from __future__ import annotations

import asyncio
import math
from collections.abc import Callable, Coroutine
from datetime import UTC, datetime
from heapq import heappop, heappush
from typing import Any, Final

import anyio

from .. import Sent, SmscError, ThrottleUnavailable
from . import _doubts as doubts
from . import _letters as letters
from ._after import After, after, is_closed
from ._blacklist import heed
from ._caps import Caps
from ._course import Course
from ._pace import open_zones, pace_of, portion
from ._phones import zone
from ._plan import IN_DOUBT, OPEN, State
from ._records import Request, RowState
from ._report import Progress
from ._resolving import Resolver
from ._statuses import poll
from ._trouble import Trouble

TICK: Final = 1.0  # seconds; within this what another program says is seen
CLOSED_WINDOW: Final = 30.0  # seconds until a ready request is looked at again
# So many refused in a row, and none taken in between, are no matter of single rows.
REFUSED_IN_A_ROW: Final = 20
RESUMED: Final = "resumed"  # why a campaign is ready that a person has let go on
OUTSIDE: Final = "the hours in which messages may go out"


class Run:
    """One run; *on_progress* is called once a second."""

    def __init__(self, course: Course, on_progress: Callable[[Progress], object] | None) -> None:
        self._course = course
        self._on_progress = on_progress
        self._resolver = Resolver(course, self._ready_now)
        self._caps = Caps(course)
        self._trouble = Trouble(course.clock, course.seams.chance)
        self._ready: list[tuple[float, int, Request]] = []  # a heap: not before, number
        self._active = set[asyncio.Task[None]]()
        self._zones: list[str | None] = [None]  # in which rows wait
        self._places = 1
        self._refused = 0
        self._canary: int | None = None
        self._is_settled = False  # nothing is left, and the statuses alone are waited for

    async def run(self, *, statuses_for: float, grace: float) -> None:
        """Run to the end; where it is cancelled, what is under way gets *grace* seconds."""
        work = asyncio.create_task(self._whole(statuses_for))
        try:
            await asyncio.shield(work)
        except asyncio.CancelledError:
            self._course.stop()
            try:
                with anyio.CancelScope(shield=True):
                    await asyncio.wait({work}, timeout=grace)
            finally:
                work.cancel()
                await asyncio.gather(work, return_exceptions=True)
            raise

    async def _whole(self, statuses_for: float) -> None:
        course = self._course
        jobs = list[asyncio.Task[None]]()
        try:
            await self._take_over()
            parts = (self._tick(), self._resolver.run(), poll(course, lambda: self._is_settled))
            jobs = [asyncio.create_task(self._guarded(part)) for part in parts]
            while not await self._is_over():
                await self._step()
            self._is_settled = True
            if statuses_for > 0 and course.options.statuses and not course.stopping:
                course.wake()
                await asyncio.wait({jobs[-1]}, timeout=statuses_for)
        except Exception as error:  # noqa: BLE001 - raised below, when nothing is under way
            course.fail(error)
            if self._active:
                await asyncio.wait(self._active)
        finally:
            left = [*jobs, *self._active]
            for task in left:
                task.cancel()
            await asyncio.gather(*left, return_exceptions=True)
        self._tell()
        if course.failure is not None:
            raise course.failure

    async def _take_over(self) -> None:
        """See what an earlier life has left."""
        course = self._course
        left = await course.store.recover(course.number)
        held = await course.store.requests(course.number, State.HELD, State.PARTIAL)
        for request in left:
            self._put(request)
        for request in held:
            self._put(request)
        await self._count()
        gone, options = course.tally.gone, course.options
        if options.canary is not None and (
            gone < options.canary or (gone == options.canary and course.reason != RESUMED)
        ):
            self._canary = options.canary
        self._pace = pace_of(options.spread, course.tally.rows)
        self._most = portion(options.rows_per_request, options.spread, course.tally.rows)
        self._caps.begin(left)
        if course.sends:
            if options.window is not None:
                self._zones = await course.store.zones(course.number)
            await heed(course)
        self._see_places()

    async def _is_over(self) -> bool:
        course = self._course
        if self._active:
            return False
        if course.stopping:
            return True
        if course.standing == "paused":
            return self._resolver.has_looked
        if course.standing != "ready":
            return self._resolver.is_done
        if not course.is_dry or self._ready or not self._resolver.is_done:
            return False
        # A person may have resolved something meanwhile, or rows have come back.
        self._zones = await course.store.zones(course.number)
        course.is_dry = not self._zones
        await self._adopt()
        if course.is_dry and not self._ready and self._resolver.is_done:
            await course.finish()
        return course.standing == "done"

    async def _step(self) -> None:
        """Begin one request, or wait for what may let one begin."""
        course = self._course
        wait = TICK
        if course.sends and len(self._active) < self._trouble.room(self._places):
            now = course.clock()
            wait = self._trouble.wait(now)
            if wait <= 0:
                if await self._begin(now):
                    return
                wait = TICK
        await course.rest(min(wait, TICK))

    async def _begin(self, now: float) -> bool:
        course = self._course
        course.waiting_for = ""
        moment = datetime.fromtimestamp(course.seams.wall(), UTC)
        if (request := self._due(now, moment)) is not None:
            self._go(self._again(request))
            return True
        if course.is_dry or self._pace.wait(now) > 0 or not (most := await self._room()):
            return False
        zones = open_zones(course.options.window, self._zones, moment)
        if not zones:
            course.waiting_for = OUTSIDE
            return False
        inside = None if course.options.window is None else zones
        request = await course.store.claim(course.number, most, zones=inside)
        if request is None:
            await course.refresh()
            self._zones = await course.store.zones(course.number)
            course.is_dry = not self._zones
            return course.is_dry
        course.tally.claimed(request)
        self._pace.take(len(request.items), now)
        self._go(self._send(request))
        return True

    def _due(self, now: float, moment: datetime) -> Request | None:
        """Take a ready request that may go now."""
        window = self._course.options.window
        while self._ready and self._ready[0][0] <= now:
            _, number, request = heappop(self._ready)
            zones = {zone(item.phone) for item in request.items} if window else {None}
            if len(open_zones(window, zones, moment)) == len(zones):
                return request
            heappush(self._ready, (now + CLOSED_WINDOW, number, request))
        return None

    async def _room(self) -> int:
        """Return how many rows may be packed now: the canary's are few, and then it pauses."""
        course = self._course
        if self._canary is None:
            return self._most
        left = self._canary - course.tally.gone
        if left <= 0 and not self._active and not self._ready and self._resolver.is_done:
            tally = course.tally
            await course.pause(
                f"the first {tally.gone} rows have gone: {tally.count('accepted')} accepted, "
                f"{tally.count('refused')} refused, {tally.count('in doubt')} in doubt; "
                "look at them, then resume"
            )
        return max(0, min(left, self._most))

    def _go(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(self._guarded(work))
        self._active.add(task)
        task.add_done_callback(self._gone)

    def _gone(self, task: asyncio.Task[None]) -> None:
        self._active.discard(task)
        self._course.wake()

    async def _again(self, request: Request) -> None:
        """Send a request that is ready; one that may have been taken before is looked up first."""
        course = self._course
        if request.resends:
            try:
                told = await doubts.look(course.smsc, request.id, request.items)
            except SmscError:
                self._put(request, doubts.MISSED_WAIT)
                return
            if (verdict := doubts.found(request, told)) is not None:
                self._put(await course.record(request, verdict))
                return
        try:
            started = await course.store.start(request.number)
        except KeyError:  # another has moved it
            started = None
        if started is not None:
            course.tally.open(started)
            await self._send(started)
            return
        course.tally.stale = True
        await course.refresh()
        if not course.sends:
            self._put(request)

    async def _send(self, request: Request) -> None:
        course = self._course
        begun = course.clock()
        step, outcome = await self._caps.check(request), None
        if step is None:
            course.tally.requests += 1
            try:
                outcome = await letters.send(course.smsc, course.message, request)
            except Exception as error:  # noqa: BLE001 - whatever it is, it is written down
                outcome = error
            step = after(request, outcome)
        self._put(await course.record(request, step.verdict), step.wait)
        if step.verdict.split:
            await self._adopt()
        await self._heed(step, outcome, begun)

    async def _heed(self, step: After, outcome: Sent | Exception | None, begun: float) -> None:
        """Go on as the end of a request that was begun then demands."""
        course = self._course
        if isinstance(outcome, Sent):
            self._refused = 0
            course.balance = outcome.balance
        if step.trouble:
            self._trouble.met(begun)
        elif outcome is not None:
            self._trouble.over()
        if step.pause:
            await course.pause(step.pause)
        if step.refused:
            self._refused += 1
            if self._refused >= REFUSED_IN_A_ROW:
                await course.pause(f"{self._refused} in a row were refused: {step.verdict.note}")
        if is_closed(outcome) and isinstance(outcome, Exception):
            course.fail(outcome)

    def _put(self, request: Request | None, wait: float = 0.0) -> None:
        """Keep a request as what it now is."""
        if request is None:
            return
        if request.state is State.READY:
            heappush(self._ready, (self._course.clock() + wait, request.number, request))
        elif request.state in IN_DOUBT:
            self._resolver.add(request)

    def _ready_now(self, request: Request) -> None:
        self._put(request)
        self._course.wake()

    async def _adopt(self) -> None:
        """Take on what is ready and not known here: halves, and what a person has resolved."""
        course = self._course
        known = {number for _, number, _ in self._ready}
        for request in await course.store.requests(course.number, State.READY):
            if request.number not in known and request.number not in self._starting:
                course.tally.open(request)
                self._put(request)

    async def _count(self) -> None:
        course = self._course
        counts = await course.store.counts(course.number)
        course.tally.begin(counts, await course.store.requests(course.number, *sorted(OPEN)))

    async def _tick(self) -> None:
        """Once a second: see what others have said, and tell how it is going."""
        while True:
            await self._course.seams.sleep(TICK)
            await self._course.refresh()
            self._see_places()
            self._tell()

    def _see_places(self) -> None:
        try:
            self._places = max(1, self._course.smsc.throttle.snapshot().places)
        except ThrottleUnavailable:
            pass  # then nothing begins either: it is as it was

    def _tell(self) -> None:
        course = self._course
        if self._on_progress is not None:
            self._on_progress(
                course.tally.progress(
                    course.clock(),
                    standing=course.standing,
                    spent=course.purse.spent,
                    balance=course.balance,
                    places=self._places,
                    waiting_for=course.waiting_for,
                )
            )

    async def _guarded(self, work: Coroutine[Any, Any, None]) -> None:
        """Do a part of the run; what goes wrong with it ends the whole, in order."""
        try:
            await work
        except Exception as error:  # noqa: BLE001 - raised at the end of the run
            self._course.fail(error)
