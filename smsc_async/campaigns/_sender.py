"""Begins requests, as many at once as there are places, and writes down how each ends."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from functools import partial
from typing import Final

from .. import ApiError, Sent, SmscError, ThrottleUnavailable
from . import _doubts as doubts
from . import _letters as letters
from ._after import After, after, is_closed
from ._caps import Caps
from ._course import Course, Portion
from ._pace import Pace, open_zones, pace_of, portion
from ._phones import zone
from ._plan import IN_DOUBT, State
from ._records import RESUMED, Request
from ._resolving import Resolver

CLOSED_WINDOW: Final = 30.0  # seconds until a ready request is looked at again
# So many refused in a row, and none taken in between, are no matter of single rows.
REFUSED_IN_A_ROW: Final = 20
OUTSIDE: Final = "the hours in which messages may go out"
AGAIN: Final = "the moment to send again what the service did not take"


class Sender:
    """The requests of a run that are ready or under way; doubts go to its *resolver*."""

    def __init__(self, course: Course) -> None:
        self.resolver = Resolver(course, self.put)
        self.active = set[asyncio.Task[None]]()
        self.places = 1
        self._course = course
        self._caps = Caps(course)
        self._pace = Pace()
        self._most = course.options.rows_per_request
        self._ready = dict[int, tuple[float, Request]]()  # by number, with when they may go
        self._starting = set[int]()  # requests that were ready and are not sent yet
        self._refused = 0
        self.canary: int | None = None

    async def prepare(self, left: list[Request]) -> None:
        """Take on what an earlier life has *left*; the tally is there."""
        course = self._course
        options, tally = course.options, course.tally
        for request in left:
            self.put(request)
        if options.canary is not None and (
            tally.gone < options.canary
            or (tally.gone == options.canary and course.reason != RESUMED)
        ):
            self.canary = options.canary
        self._pace = pace_of(options.spread, tally.rows)
        self._most = portion(options.rows_per_request, options.spread, tally.rows)
        await self._caps.begin(left)
        await course.look()

    async def is_empty(self) -> bool:
        """Tell whether nothing is left to be sent, after another look."""
        course = self._course
        if self.active or self._ready or not course.is_dry():
            return False
        # A person may have resolved something meanwhile, or rows have come back.
        await course.look()
        await self._adopt()
        return course.is_dry() and not self._ready and not self.active

    async def begin(self) -> bool:
        """Begin a request, if one may; False: there is nothing to do but wait."""
        course, now = self._course, self._course.clock()
        if not course.sends or len(self.active) >= self._course.trouble.room(self.places):
            return False
        if self._course.trouble.wait(now) > 0:
            course.waiting_for = "the service to be back"
            return False
        course.waiting_for = ""
        moment = datetime.fromtimestamp(course.seams.wall(), UTC)
        if (ready := self._due(now, moment)) is not None:
            self._starting.add(ready.number)
            self._go(partial(self._again, ready))
            return True
        if course.is_unseen:
            await course.look()
        if course.is_dry() or self._pace.wait(now) > 0:
            if self._ready and not self.active:
                course.waiting_for = course.waiting_for or AGAIN
            return False
        return await self._claim(now, moment)

    def wait(self) -> float:
        """Return the seconds until time alone may let a request begin."""
        now = self._course.clock()
        times = [self._course.trouble.wait(now), self._pace.wait(now)]
        times += [at - now for at, _ in self._ready.values()]
        return min((one for one in times if one > 0), default=1.0)

    def see_places(self) -> None:
        """See how many requests may be under way at once."""
        try:
            self.places = max(1, self._course.smsc.throttle.snapshot().places)
        except ThrottleUnavailable:
            return  # nothing begins then, and they are as many as before

    def put(self, request: Request | None, wait: float = 0.0) -> None:
        """Keep a request as what it now is; it may go again *wait* seconds from now."""
        if request is None:
            return
        if request.state is State.READY:
            self.resolver.drop(request.number)
            self._ready[request.number] = self._course.clock() + wait, request
        elif request.state in IN_DOUBT:
            self.resolver.add(request)
        self._course.wake()

    def _due(self, now: float, moment: datetime) -> Request | None:
        """Take a ready request that may go now."""
        window = self._course.options.window
        for number, (at, request) in sorted(self._ready.items(), key=lambda one: one[1][0]):
            if at > now:
                break
            zones = {zone(item.phone) for item in request.items} if window else {None}
            if len(open_zones(window, zones, moment)) == len(zones):
                del self._ready[number]
                return request
            self._ready[number] = now + CLOSED_WINDOW, request
            self._course.waiting_for = OUTSIDE
        return None

    async def _claim(self, now: float, moment: datetime) -> bool:
        """Pack a request and begin it; False where none may be packed."""
        course = self._course
        zones = self._open_zones(moment)
        if not zones:
            course.waiting_for = OUTSIDE
        if not zones or not (most := await self._room()):
            return False
        portion = self._portion(most, zones)
        if self.canary is None and not self._pace.each:
            # Those that are claimed at the same time are committed together.
            self._go(partial(self._next, portion))
            return True
        claimed = await course.claim(portion)
        if claimed is None:
            return course.is_dry()
        self._pace.take(len(claimed.items), now)
        self._go(partial(self._send, claimed))
        return True

    async def _next(self, portion: Portion) -> None:
        """Pack a request, and send it."""
        if self._course.sends and (claimed := await self._course.claim(portion)) is not None:
            await self._send(claimed)

    def _following(self, step: After, outcome: Sent | Exception | None) -> Portion | None:
        """Return what may be packed together with the end of a request, as that leaves its place.

        That is for a run in which all goes well: where anything else is to be seen to, what comes
        next is :meth:`begin`'s to say.
        """
        course, now = self._course, self._course.clock()
        smooth = isinstance(outcome, Sent) and not step.verdict.others and not step.trouble
        crowded = len(self.active) > course.trouble.room(self.places)
        if not (smooth and course.sends) or crowded or course.trouble.wait(now) > 0:
            return None
        due = any(at <= now for at, _ in self._ready.values())
        if due or course.is_unseen or self.canary is not None or self._pace.each:
            return None
        zones = self._open_zones(datetime.fromtimestamp(course.seams.wall(), UTC))
        return self._portion(self._most, zones) if zones else None

    def _open_zones(self, moment: datetime) -> list[str | None]:
        """Return the zones of rows that wait, and may be sent now."""
        return open_zones(self._course.options.window, self._course.zones, moment)

    def _portion(self, most: int, zones: list[str | None]) -> Portion:
        return Portion(most, None if self._course.options.window is None else zones)

    async def _room(self) -> int:
        """Return how many rows may be packed now: the canary's are few, and then it pauses."""
        course = self._course
        if self.canary is None:
            return self._most
        left = self.canary - course.tally.gone
        if left <= 0 and not self.active and not self._ready and self.resolver.is_done:
            tally = course.tally
            await course.pause(
                f"the first {tally.gone} rows have gone: {tally.count('accepted')} accepted, "
                f"{tally.count('refused')} refused, {tally.count('in doubt')} in doubt; "
                "look at them, then resume"
            )
        return max(0, min(left, self._most))

    def _go(self, work: Callable[[], Awaitable[None]]) -> None:
        task = asyncio.create_task(self._course.guarded(work))
        self.active.add(task)
        task.add_done_callback(self._gone)

    def _gone(self, task: asyncio.Task[None]) -> None:
        self.active.discard(task)
        self._course.wake()

    async def _again(self, request: Request) -> None:
        """Send a request that is ready."""
        try:
            started = await self._started(request)
        finally:
            self._starting.discard(request.number)
        if started is not None:
            await self._send(started)

    async def _started(self, request: Request) -> Request | None:
        """Note the intent; one that may have been taken before is looked up right before that."""
        course = self._course
        if request.resends:
            try:
                # Where a person said so, nobody may have asked about all of it before.
                told = await doubts.answers(course.smsc, request, of_all=not request.misses)
            except SmscError as error:
                if is_closed(error):
                    course.fail(error)
                self.put(request, course.options.lookup_every)
                return None
            if (verdict := doubts.found(request, told)) is not None:
                recorded = await course.record(request, verdict)
                self.put(recorded and doubts.left(recorded, verdict))
                return None
        try:
            started = await course.store.start(request.number)
        except KeyError:  # another has moved it
            started = None
        if started is not None:
            course.tally.open(started)
            return started
        course.tally.stale = True
        await course.refresh()
        self.put(await course.again(request.number))
        return None

    async def _send(self, request: Request) -> None:
        """Send a request that is noted, and in its place all that are packed after it."""
        following: Request | None = request
        while following is not None:
            following = await self._sent(following)

    async def _sent(self, request: Request) -> Request | None:
        """Send a request; return the next, where one was packed when this had its end."""
        course = self._course
        begun = course.clock()
        step = await self._caps.check(request)
        outcome: Sent | Exception | None = None
        if step is None:
            course.tally.requests += 1
            try:
                outcome = await letters.send(course.smsc, course.message, request)
            except Exception as error:  # noqa: BLE001 - whatever it is, it is written down
                outcome = error
            step = after(request, outcome)
        recorded, claimed = await course.record_and_claim(
            request, step.verdict, self._following(step, outcome)
        )
        self.put(recorded and doubts.left(recorded, step.verdict), step.wait)
        if step.verdict.split:
            await self._adopt()
        await self._heed(step, outcome, begun)
        return claimed

    async def _heed(self, step: After, outcome: Sent | Exception | None, begun: float) -> None:
        """Go on as the end of a request that was begun then demands."""
        course = self._course
        if isinstance(outcome, Sent):
            self._refused = 0
            course.balance = outcome.balance
        if step.trouble:
            course.trouble.met(begun)
        elif isinstance(outcome, Sent | ApiError):
            course.trouble.over()
        if step.pause:
            await course.pause(step.pause)
        if step.refused:
            self._refused += 1
            if self._refused >= REFUSED_IN_A_ROW:
                await course.pause(f"{self._refused} in a row were refused: {step.verdict.note}")
        if isinstance(outcome, Exception) and is_closed(outcome):
            course.fail(outcome)

    async def _adopt(self) -> None:
        """Take on what is ready and not known here: halves, and what a person has resolved."""
        course = self._course
        for request in await course.store.requests(course.number, State.READY):
            if request.number not in self._ready and request.number not in self._starting:
                course.tally.open(request)
                self.put(request)
