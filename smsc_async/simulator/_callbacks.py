"""Which events the account's handler is told of, and when."""

from __future__ import annotations

import math
from collections.abc import Callable
from datetime import datetime, timedelta

import httpx

from . import _reports as reports
from ._book import Book
from ._history import course
from ._incoming import Incoming
from ._posting import Posting
from ._records import Change, Message
from ._settings import Settings


class Callbacks:
    """What happens at the account, told to its handler.

    A request that is refused as a whole is not told of: its answer was. Of one that is accepted
    the messages that were left out are.
    """

    def __init__(
        self,
        settings: Settings,
        book: Book,
        clock: Callable[[], float],
        wall: Callable[[], datetime],
        transport: httpx.AsyncBaseTransport | None,
    ) -> None:
        self.posting = Posting(settings, clock, transport)
        self._settings = settings
        self._book = book
        self._clock = clock
        self._wall = wall

    def sent(self, request: int) -> None:
        """Tell of the statuses to come of what a request has just brought."""
        if self._settings.callback is None:
            return
        for message in reversed(self._book.brought(request)):
            for change in course(message, self._settings.delivery):
                self._told(message, change, max(0, change.at - self._clock()))

    def _told(self, message: Message, change: Change, delay: float) -> None:
        def tell() -> reports.Fields | None:
            if not self._book.on_course(message):
                return None
            return self._status(message, change)

        self.posting.post("status", tell, delay)

    def changed(self, message: Message, change: Change) -> None:
        """Tell of a status that was given, and not by time."""
        fields = self._status(message, change)
        self.posting.post("status", lambda: fields)

    def came(self, message: Incoming) -> None:
        """Tell of a message that came in."""
        fields = reports.incoming(message, self._answered(message))
        self.posting.post("message", lambda: fields)

    def called(self, phone: str) -> None:
        """Tell of a call that was waited for."""
        fields = reports.call(phone, self._wall())
        self.posting.post("call", lambda: fields)

    def _status(self, message: Message, change: Change) -> reports.Fields:
        moment = self._wall() + timedelta(seconds=change.at - self._clock())
        return reports.status(message, change, moment, self._settings.zone)

    def _answered(self, message: Incoming) -> str | None:
        """Return the id of what was last sent to the phone, unless the answer names its goal."""
        direct = message.to in self._book.numbers.own
        if direct or message.text.startswith(f"{self._settings.login}: "):
            return None
        sent = (one for one in self._book.newest(math.inf) if one.phone == message.phone)
        return next((one.id for one in sent if not one.code), None)
