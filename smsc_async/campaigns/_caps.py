"""Keeps a run within what its campaign may cost, by asking for prices where it is close."""

from __future__ import annotations

from collections.abc import Iterable

from .. import BadPhone, Forbidden, InvalidMessage, SmscError, Undeliverable
from . import _letters as letters
from ._after import After, after, is_closed, unpriced
from ._course import Course
from ._plan import Event
from ._purse import HOUR
from ._records import Request, Verdict


class Caps:
    """The caps of a run's campaign."""

    def __init__(self, course: Course) -> None:
        self._course = course

    async def begin(self, left: Iterable[Request]) -> None:
        """Keep aside what an earlier life did for what it left, and count what it has spent."""
        course, purse = self._course, self._course.purse
        for request in left:
            if request.aside:
                purse.set_aside(request.number, request.aside)
        # What was under way and told of by callbacks was booked when the run took it on.
        purse.spent = (await course.store.campaign(course.number)).spent
        if purse.most_per_hour is None:
            return
        now, wall = course.clock(), course.seams.wall()
        for at, cost in await course.store.costs(course.number, wall - HOUR):
            purse.count(cost, now - max(0.0, wall - at))

    async def check(self, request: Request) -> After | None:
        """Set aside for a request what it will cost; return what follows where it may not go."""
        course, purse = self._course, self._course.purse
        if not purse.is_limited:
            return None
        cost = purse.guess(request.items, course.clock())
        if cost is None:
            try:
                cost = (await letters.price(course.smsc, course.message, request.items)).cost
            except (Forbidden, BadPhone, Undeliverable, InvalidMessage) as error:
                return after(request, error)  # as the send would say; some of it may yet cost
            except SmscError as error:
                if is_closed(error):
                    course.fail(error)
                return unpriced(error)
        if reason := purse.forbids(cost, course.clock()):
            return After(verdict=Verdict(event=Event.NOT_TAKEN, note=reason), pause=reason)
        purse.set_aside(request.number, cost)
        await course.store.set_aside(request.number, cost)
        return None
