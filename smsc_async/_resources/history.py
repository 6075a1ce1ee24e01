"""Messages already sent and received."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Generator, Iterable
from contextlib import contextmanager
from datetime import date
from typing import Final, TypeAlias

from .._operation import Params
from ..errors import SmscError
from . import _history as rows
from ._asking import PASSING
from ._history import (
    MOST_HOURS,
    MOST_RECEIVED,
    MOST_SENT,
    RECEIVED,
    SENT,
    ReceivedMessage,
    SentMessage,
    Whose,
)
from ._resource import Resource

SIZE: Final = 1000  # of the pages in which incoming messages are read
# Three identical questions are allowed in a minute and its guard, which are counted from the
# answer: a third of that, and a little, so that none ever has to wait.
POLL: Final = 20.5

Phones: TypeAlias = str | Iterable[str] | None


class History(Resource):
    """Messages already sent and received."""

    def sent(
        self,
        *,
        start: date | None = None,
        end: date | None = None,
        phones: Phones = None,
        emails: Phones = None,
        mail: bool = False,
        before: int | None = None,
        size: int = MOST_SENT,
    ) -> AsyncGenerator[SentMessage]:
        """Yield what was sent, newest first; it asks for page after page of *size* messages.

        *size* is at most 1000. *start* and *end* are days in the account's zone, both included
        and at most six months apart; without *end* it is today where the day begins first on
        earth (UTC+14), which may be tomorrow where the account is, and without both the service
        decides how far back it goes. *phones* or *emails* are one or many, *mail* is for all
        e-mails; without them it is every SMS. *before* is the ``int_id`` of a message to go on
        behind: the greatest come first, each once, in whatever order a page has them.

        The service takes thirty questions for the history in an hour, which is 30 000 messages
        with the greatest *size*: the next one raises
        :class:`~smsc_async.Throttled`, unless the client's ``max_wait`` is that long. Whatever
        error ends it in the middle, its ``resume`` is the ``before=`` to go on with (the days must
        be the same). Raises :class:`~smsc_async.InvalidMessage` at once, an
        :class:`~smsc_async.ApiError`, :class:`~smsc_async.NoAnswer`,
        :class:`~smsc_async.BadReply` or :class:`~smsc_async.NotSent`. Page: "Getting data".
        """
        # What is wrong is said now, not when the first message is read.
        whose = Whose(phones, emails, mail)
        params = rows.about_sent(whose, start, end, before, self._call.wall())
        return self._sent(rows.in_pages(params, size, MOST_SENT), before, size)

    async def sent_page(
        self,
        *,
        start: date | None = None,
        end: date | None = None,
        phones: Phones = None,
        emails: Phones = None,
        mail: bool = False,
        before: int | None = None,
        limit: int | None = None,
    ) -> list[SentMessage]:
        """List what was sent: one page of at most *limit* (1000) messages.

        It begins with the newest, and is in the order in which the service gives it. At most three
        identical questions a minute and thirty in an hour. Without *limit* the service decides how
        many. Nothing found is an empty list. All else as :meth:`sent`: the span is at most six
        months.
        """
        whose = Whose(phones, emails, mail)
        params = rows.about_sent(whose, start, end, before, self._call.wall())
        return await self._call(SENT, rows.limited(params, limit, MOST_SENT))

    def received(
        self,
        *,
        after: int | None = None,
        hours: int | None = None,
        to_phone: str | None = None,
        size: int = SIZE,
    ) -> AsyncGenerator[ReceivedMessage]:
        """Yield what came in, oldest first; it asks for page after page of *size* messages.

        *size* is at most 10 000. *hours* is how far back, at most 168, which is all that the
        service keeps. *after* is the ``id`` of a message to go on behind (0 is before the first):
        then all that it keeps is looked through, unless *hours* are given. Without both it is the
        current day, in the account's zone. *to_phone* is the number of the account's that the
        messages came to. The least ``id`` comes first, each once, in whatever order a page has
        them.

        What is within the span when it begins stays so, however long the reading takes: beyond the
        first page it is asked for by *after* alone, so that neither midnight nor the end of an hour
        skips any, and what has come in by then comes too. Whatever error ends it in the middle, its
        ``resume`` is the ``after=`` to go on with, without *hours*; None is to begin anew.
        Raises :class:`~smsc_async.InvalidMessage` at once, an :class:`~smsc_async.ApiError`,
        :class:`~smsc_async.NoAnswer`, :class:`~smsc_async.BadReply` or
        :class:`~smsc_async.NotSent`. Page: "Getting data".
        """
        # What came in after a message may be from the days before, where the service, without
        # hours, lists its own day.
        back = MOST_HOURS if hours is None and after is not None else hours
        params = rows.about_received(back, to_phone, after)
        return self._received(rows.in_pages(params, size, MOST_RECEIVED), after, size)

    async def received_page(
        self,
        *,
        after: int | None = None,
        hours: int | None = None,
        to_phone: str | None = None,
        limit: int | None = None,
    ) -> list[ReceivedMessage]:
        """List what came in: one page of at most *limit* (10 000) messages.

        It begins with the oldest, and is in the order in which the service gives it. At most three
        identical questions a minute. Without *limit* the service decides how many. Nothing found
        is an empty list. *hours* is how far back, at most 168; without it the pages say "today",
        and do not say whether that holds with *after* as well. All else as :meth:`received`.
        """
        params = rows.about_received(hours, to_phone, after)
        return await self._call(RECEIVED, rows.limited(params, limit, MOST_RECEIVED))

    def follow(
        self, *, after: int | None = None, to_phone: str | None = None
    ) -> AsyncGenerator[ReceivedMessage]:
        """Yield each message that comes in, once and oldest first, without an end.

        *after* is the ``id`` of the last message that was seen: a program that comes back passes
        it and misses nothing that the service still keeps (168 hours). 0 begins with the oldest
        that is kept, None with what comes after the first answer. *to_phone* is the number of the
        account's that the messages come to.

        The service is asked every 20 seconds, which is as often as it takes the same question,
        for at most 1000 messages; where there are as many, at once for the next.
        Lost and unreadable answers, its error 9 and the client's own limits only delay it. Raises
        :class:`~smsc_async.InvalidMessage` at once, any other :class:`~smsc_async.ApiError`, and
        :class:`~smsc_async.NotSent` when the client is closed; ``resume`` is the ``after=`` to go
        on with. Page: "Getting data".
        """
        params = rows.about_received(MOST_HOURS, to_phone, after)
        return self._followed(rows.in_pages(params, SIZE, MOST_RECEIVED), after)

    async def _sent(
        self, params: Params, before: int | None, size: int
    ) -> AsyncGenerator[SentMessage]:
        is_more = True
        while is_more:
            with _resuming(before):
                page = await self._call(SENT, rows.before(params, before))
            found = rows.older(page, before)
            for message in found:
                yield message
                before = message.int_id
            is_more = bool(found) and len(page) >= size

    async def _received(
        self, params: Params, after: int | None, size: int
    ) -> AsyncGenerator[ReceivedMessage]:
        is_more = True
        while is_more:
            with _resuming(after):
                page = await self._call(RECEIVED, params)
            found = rows.newer(page, after)
            for message in found:
                yield message
                after = message.id
            is_more = bool(found) and len(page) >= size
            params = rows.after(params, after or 0)

    async def _followed(self, params: Params, after: int | None) -> AsyncGenerator[ReceivedMessage]:
        last = after or 0
        silent = after is None  # until the newest is known
        pause = 0.0
        while True:
            with _resuming(None if silent else last):
                page = await self._poll(rows.after(params, last), pause)
            found = rows.newer(page or (), last)
            for message in found:
                if not silent:
                    yield message
                last = message.id
            if page is None:
                pause = POLL
            elif found and len(page) >= SIZE:
                pause = 0.0
            else:
                silent, pause = False, POLL

    async def _poll(self, asked: Params, pause: float) -> list[ReceivedMessage] | None:
        """Ask after *pause* seconds; None if there is no answer this time."""
        self._call.opens(RECEIVED, asked)  # raises once the client is closed
        if pause:
            await self._call.sleep(pause)
        try:
            return await self._call(RECEIVED, asked)
        except PASSING:
            return None


@contextmanager
def _resuming(at: int | None) -> Generator[None]:
    """Have an error say where to go on."""
    try:
        yield
    except SmscError as error:
        error.resume = at
        raise
