"""Messages that come in, and the list of them in get.php."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from typing import TYPE_CHECKING, Final

from . import _answers as answers
from ._answers import Answer, Record
from ._dates import written
from ._records import Refused

if TYPE_CHECKING:
    from ._ask import Ask

MOST: Final = 10_000  # of one answer
HOURS: Final = 168  # that they are kept
HOUR: Final = 3600.0
SHARED: Final = "79190000000"  # the number of those who have none of their own; made up
VALUES: Final = ("id", "received", "phone", "to_phone", "sent", "message")


@dataclass(frozen=True, slots=True)
class Incoming:
    """One message from a phone to one of the account's numbers."""

    number: int
    phone: str
    text: str
    to: str
    at: float  # on the simulator's clock
    received: datetime


class Inbox:
    """What came in; only :meth:`receive` and age change it."""

    def __init__(self) -> None:
        self._last = 0
        self._messages: deque[Incoming] = deque()  # oldest first

    def receive(self, phone: str, text: str, to: str, at: float, moment: datetime) -> Incoming:
        """Keep a message, and return it as it is kept."""
        self.kept(at)
        self._last += 1
        message = Incoming(self._last, phone, text, to, at, moment)
        self._messages.append(message)
        return message

    def kept(self, now: float) -> Iterator[Incoming]:
        """Forget what is too old, and give the rest, oldest first."""
        while self._messages and now - self._messages[0].at > HOURS * HOUR:
            self._messages.popleft()
        return iter(self._messages)


def replies(ask: Ask) -> Answer:
    """List incoming messages, the oldest first; for this list an empty one is no error."""
    count, hours = _number(ask, "cnt", MOST), _number(ask, "hour", HOURS)
    after = ask.params.get("after_id") or "0"
    if not after.isdecimal():
        raise Refused(1, "parameters error")
    zone, to = ask.settings.zone, ask.params.get("to_phone", "").removeprefix("+")
    today = ask.today.astimezone(zone).date()
    rows = (
        message
        for message in ask.book.inbox.kept(ask.now)
        if message.number > int(after)
        and (not to or message.to == to)
        and (
            ask.now - message.at <= hours * HOUR
            if hours
            else message.received.astimezone(zone).date() == today
        )
    )
    listed = [_row(ask, message) for message in islice(rows, count or MOST)]
    return answers.records(listed, order=VALUES)


def _number(ask: Ask, name: str, most: int) -> int | None:
    """Read a number from 1 to *most*; a parameter that is not there is none."""
    if not (text := ask.params.get(name, "")):
        return None
    if not text.isdecimal() or not 1 <= int(text) <= most:
        raise Refused(1, "parameters error")
    return int(text)


def _row(ask: Ask, message: Incoming) -> Record:
    moment = written(message.received, ask.settings.zone)
    return {
        "id": message.number,
        "received": moment,
        "phone": message.phone,
        "message": message.text,
        "to_phone": message.to,
        "sent": moment,
    }
