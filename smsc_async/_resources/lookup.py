"""Whose a number is, and where a short link leads."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Iterable

import msgspec

from .._operation import Operation
from .._wire import codes
from .._wire.values import digits
from ..errors import InvalidMessage
from . import _addressing as addressing
from . import _checks as checks
from . import _operators as operators
from ._operators import OPERATOR, TOGETHER, Operator
from ._resource import Resource


class Link(msgspec.Struct, frozen=True, kw_only=True):
    """A short link of the account's, and how often it was clicked.

    ``link`` is the short link itself. ``cnt`` counts all clicks, ``cnt_day`` those of today,
    ``cnt_yes`` of yesterday, ``cnt_mon`` of the month and ``cnt_pmon`` of the month before.
    """

    id: str
    link: str
    cnt: int | None = None
    cnt_mon: int | None = None
    cnt_day: int | None = None
    cnt_yes: int | None = None
    cnt_pmon: int | None = None


LINK = Operation[Link](
    name="lookup.link",
    path=codes.TINYURLS,
    fixed={"get": "1"},
    reply=Link,
    page="Getting data",
)


class Lookup(Resource):
    """What the service knows of numbers and of short links."""

    async def operator(self, phone: str) -> Operator:
        """Ask whose a number is.

        At most three times a minute about the same number, and a hundred times a minute in all.
        Raises :class:`~smsc_async.NotFound` if the service does not know, and
        :class:`~smsc_async.InvalidMessage` before anything is asked; else an
        :class:`~smsc_async.ApiError`, :class:`~smsc_async.NoAnswer`,
        :class:`~smsc_async.BadReply` or :class:`~smsc_async.NotSent`. Page: "Getting data".
        """
        number = addressing.phone(phone)
        found = await self._call(OPERATOR, operators.about(number))
        return msgspec.structs.replace(found, phone=number)

    def operators(
        self, phones: Iterable[str], *, as_lists: bool = False
    ) -> AsyncGenerator[Operator]:
        """Ask whose many numbers are: yield each as it comes, in any order.

        A number given twice is asked about once; one that the service does not know is yielded
        too, and its ``is_known`` is false. Each question is about one number, and the service
        takes a hundred a minute: what is more waits for the next minute.

        With *as_lists* a question is about a hundred numbers, and counts as one of the hundred a
        minute. Whether the service counts so is not documented; if it counts numbers, its error 9
        slows this down, and other calls with it. A list that it refuses because it does not know a
        number, it is asked about number by number.

        A number whose answer is lost has its error raised when all others have theirs. What meets
        every number is raised at once. To stop early, close it: ``async with
        contextlib.aclosing(...)``. Raises :class:`~smsc_async.InvalidMessage` at once, with the
        ``rows`` that are no numbers; else as :meth:`operator`, without NotFound.
        """
        checks.flag("as_lists", as_lists)
        known = {digits(one): one for one in checks.numbers("phones", phones)}
        return operators.ask(self._call, known.values(), together=TOGETHER if as_lists else 1)

    async def link(self, *, id: int | str | None = None, url: str | None = None) -> Link:
        """Ask how often a short link was clicked; at most three times a minute for the same.

        It is known by its *id* or by the full *url* that it leads to: give one of them. Raises
        :class:`~smsc_async.NotFound` if there is none; else as :meth:`operator`. Page: "Getting
        data".
        """
        if (id is None) == (url is None):
            raise InvalidMessage("id", "or url is given, and not both")
        known = checks.optional(checks.service_id, "id", id)
        return await self._call(
            LINK, {"id": known, "link": checks.optional(checks.name, "url", url)}
        )
