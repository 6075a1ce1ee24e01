"""Looks up what is in doubt, until it is known or nobody but a person can say."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import replace
from functools import partial

from msgspec import structs

from .. import AddressBlocked, LoginRefused, SmscError, Throttled
from . import _doubts as doubts
from ._after import is_closed, why
from ._course import Course, log
from ._doubts import Doubt
from ._plan import State
from ._records import Request, Verdict

# The service answers so many questions about statuses at once; others may have some, too.
_AT_ONCE = 4
_IDLE = 60.0  # seconds, if nothing happens before


class Resolver:
    """Drives the doubts of a run; *resend* gets those that are to go again."""

    def __init__(self, course: Course, resend: Callable[[Request], None]) -> None:
        self._course = course
        self._resend = resend
        self._doubts = dict[int, Doubt]()
        self._tasks = dict[int, asyncio.Task[None]]()

    def add(self, request: Request) -> None:
        """Take on a request, which may have been on its way until now; it is looked up at once."""
        now = self._course.clock()
        self._doubts[request.number] = Doubt(request, since=now, heard=now, due=now)
        self._course.wake()

    @property
    def is_done(self) -> bool:
        """Whether nothing is left that time alone will settle soon."""
        options = self._course.options
        return not any(doubts.is_pressing(doubt, options) for doubt in self._doubts.values())

    @property
    def has_looked(self) -> bool:
        """Whether each was looked up in this run, or it was tried."""
        return all(doubt.asked for doubt in self._doubts.values())

    async def run(self) -> None:
        """Look up what is due, for ever."""
        course = self._course
        try:
            while True:
                await course.rest(self._begin(course.clock()))
        finally:
            for task in self._tasks.values():
                task.cancel()
            await asyncio.gather(*self._tasks.values(), return_exceptions=True)

    def _begin(self, now: float) -> float:
        """Begin what is due; return the seconds until more is."""
        course = self._course
        idle = [one for at, one in self._doubts.items() if at not in self._tasks]
        if (wait := course.trouble.wait(now)) > 0:
            return wait
        room = course.trouble.room(_AT_ONCE) - len(self._tasks)
        for doubt in sorted(idle, key=lambda one: one.due)[: max(0, room)]:
            if doubt.due > now:
                return doubt.due - now
            number = doubt.request.number
            task = asyncio.create_task(course.guarded(partial(self._look, doubt)))
            self._tasks[number] = task
            task.add_done_callback(partial(self._ended, number))
        return _IDLE

    def _ended(self, number: int, _: asyncio.Task[None]) -> None:
        del self._tasks[number]
        self._course.wake()

    def drop(self, number: int) -> None:
        """Let go of a request that is ready: a look at it that is under way decides nothing."""
        self._doubts.pop(number, None)

    async def _look(self, looked: Doubt) -> None:
        course = self._course
        asked_at = course.clock()
        try:
            # One that is held is looked up seldom, and any row of it may have come late.
            whole = doubts.is_last(looked, course.options, asked_at) or (
                looked.request.state is State.HELD
            )
            answers = await doubts.answers(course.smsc, looked.request, of_all=whole)
        except SmscError as error:
            if not isinstance(error, Throttled):
                course.trouble.met(asked_at)
            await self._failed(looked, error)
            return
        course.trouble.over()
        now = course.clock()
        doubt = replace(looked, asked=looked.asked + 1, heard=now)
        verdict = doubts.found(doubt.request, answers)
        if verdict is None:
            verdict = doubts.missed(
                doubt,
                course.options,
                asked_at=asked_at,
                decides=course.standing != "paused" and not course.stopping,
                may_resend=course.standing == "ready",
            )
        await self._go_on(looked, doubt, verdict, now)

    async def _failed(self, looked: Doubt, error: SmscError) -> None:
        """Note that a look-up failed, which counts for nothing but the time it takes."""
        course = self._course
        if is_closed(error):
            course.fail(error)
        elif isinstance(error, AddressBlocked | LoginRefused):  # which no time soon will mend
            await course.pause(why(error))
            if course.standing != "paused":
                course.stop()
        log.info("campaign %d: %s cannot be looked up: %s", course.number, looked.request.id, error)
        now = course.clock()
        verdict = None
        if looked.request.state is State.DOUBT and now - looked.heard >= course.options.give_up:
            verdict = doubts.held(f"it could not be looked up: {error}")
        await self._go_on(looked, replace(looked, asked=looked.asked + 1), verdict, now)

    async def _go_on(
        self, looked: Doubt, doubt: Doubt, verdict: Verdict | None, now: float
    ) -> None:
        """Write down what a look showed, unless the request was sent again since it *looked*."""
        number = looked.request.number
        if self._doubts.get(number) is not looked:
            return
        request: Request | None = looked.request
        if verdict is not None:
            request = await self._recorded(looked.request, verdict)
        if self._doubts.get(number) is looked:
            self._moved(doubt, request, now)

    async def _recorded(self, request: Request, verdict: Verdict) -> Request | None:
        """Write down a verdict; of a partial request go on with the rows that are held."""
        after = await self._course.record(request, verdict)
        if after is None:
            return None
        if after.state is State.PARTIAL and request.state is State.PARTIAL:
            after = structs.replace(after, items=request.items)
        return doubts.left(after, verdict)

    def _moved(self, doubt: Doubt, request: Request | None, now: float) -> None:
        """Go on with a doubt as it now is."""
        number = doubt.request.number
        del self._doubts[number]
        if request is None:
            return
        if request.state is State.READY:
            self._resend(request)
        elif (after := doubts.going_on(doubt, request, self._course.options, now)) is not None:
            self._doubts[number] = after
