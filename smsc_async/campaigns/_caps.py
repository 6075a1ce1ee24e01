"""Keeps a run within what its campaign may cost, by asking for prices where it is close."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal

from .. import BadPhone, Forbidden, InvalidMessage, SmscError, Undeliverable
from . import _letters as letters
from ._after import After, unpriced
from ._course import Course
from ._plan import Event, State
from ._records import Request, Verdict

_NOTHING = Decimal()


class Caps:
    """The caps of a run's campaign."""

    def __init__(self, course: Course) -> None:
        self._course = course

    def begin(self, left: Iterable[Request]) -> None:
        """Set aside for what an earlier life left in doubt as much as rows have cost so far."""
        course = self._course
        taken = course.tally.count("accepted")
        if not taken or not course.purse.spent:
            return
        each = course.purse.spent / taken
        for request in left:
            if request.state is State.DOUBT:
                course.purse.set_aside(request.number, each * len(request.items))

    async def check(self, request: Request) -> After | None:
        """Set aside for a request what it will cost; return what follows where it may not go."""
        course, rows = self._course, len(request.items)
        purse = course.purse
        if not purse.is_limited:
            return None
        cost = purse.guess(rows)
        if purse.needs_price(rows, course.clock()):
            try:
                price = await letters.price(course.smsc, course.message, request.items)
            except (Forbidden, BadPhone, Undeliverable, InvalidMessage):
                cost = _NOTHING  # nobody of it can be sent to, as the send will tell
            except SmscError as error:
                return unpriced(error)
            else:
                cost = price.cost
        if reason := purse.forbids(cost, course.clock()):
            return After(verdict=Verdict(event=Event.NOT_TAKEN, note=reason), pause=reason)
        purse.set_aside(request.number, cost)
        return None
