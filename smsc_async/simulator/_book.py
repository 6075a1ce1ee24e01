"""What the account owns and has sent."""

from __future__ import annotations

import math
from collections import OrderedDict, deque
from collections.abc import Iterable, Iterator
from decimal import Decimal
from itertools import takewhile

from ._incoming import Inbox
from ._kept import Clients, Confirmations, Mailings, Name, Names, Numbers, Templates
from ._links import Links
from ._phonebook import Phonebook
from ._records import Change, Message


class Book:
    """The account's money, history and belongings; only the operations change it."""

    def __init__(
        self, balance: Decimal, keep: int | None = None, senders: Iterable[str] = ()
    ) -> None:
        self.balance = balance
        self.inbox = Inbox()
        self.links = Links()
        self.mailings = Mailings()
        self.names = Names()
        self.clients = Clients()
        self.accepted: deque[Message] = deque(maxlen=keep)  # deleted ones too
        self.phonebook = Phonebook()
        self.templates = Templates()
        self.numbers = Numbers()
        self.confirmations = Confirmations()
        self._keep = keep
        self._last = 0
        self._history: OrderedDict[int, Message] = OrderedDict()  # oldest first
        self._same: dict[tuple[str, str], list[Message]] = {}  # by id and phone, oldest first
        self._changes: dict[int, Change] = {}
        for sender in senders:
            self.names.add(Name(self.number(), sender, "", approved=True))

    def number(self) -> int:
        """Return a number that was not given before."""
        self._last += 1
        return self._last

    def add(self, message: Message) -> None:
        """Keep a message that was accepted or refused."""
        if not message.code:
            self.accepted.append(message)
        self._history[message.number] = message
        self._same.setdefault((message.id, message.phone), []).append(message)
        if self._keep is not None and len(self._history) > self._keep:
            self._remove(next(iter(self._history.values())))

    def find(self, id: str, phone: str, now: float) -> Message | None:
        """Return the newest message with this id to this phone that can be seen *now*."""
        return next(reversed(self._seen(id, phone, now)), None)

    def delete(self, id: str, phone: str, now: float) -> bool:
        """Strike all that can be seen under this id and phone; tell whether there was any."""
        seen = self._seen(id, phone, now)
        for message in seen:
            self._remove(message)
        return bool(seen)

    def withdraw(self, request: int) -> None:
        """Take back all that came with a request, as if it had never come."""
        for message in [kept for kept in self._history.values() if kept.request == request]:
            self._remove(message)
        kept = [message for message in self.accepted if message.request != request]
        self.accepted.clear()
        self.accepted.extend(kept)

    def newest(self, now: float) -> Iterator[Message]:
        """Give the part of the history that can be seen *now*, newest first."""
        return (message for message in reversed(self._history.values()) if message.seen <= now)

    def brought(self, request: int) -> list[Message]:
        """List what the newest request has brought, if that is the one, newest first."""
        newest = reversed(self._history.values())
        return list(takewhile(lambda message: message.request == request, newest))

    def on_course(self, message: Message) -> bool:
        """Tell whether a message is still there, and its status left to time."""
        return message.number in self._history and message.number not in self._changes

    def change(self, id: str, phone: str, change: Change) -> Message:
        """Give the newest message with this id to this phone another status, and return it.

        Raises:
            LookupError: there is none.
        """
        message = self.find(id, phone, math.inf)
        if message is None:
            raise LookupError(f"no message {id} to {phone}")
        self._changes[message.number] = change
        return message

    def changed(self, message: Message) -> Change | None:
        """Return the status that a message was given, if it was."""
        return self._changes.get(message.number)

    def _seen(self, id: str, phone: str, now: float) -> list[Message]:
        return [message for message in self._same.get((id, phone), ()) if message.seen <= now]

    def _remove(self, message: Message) -> None:
        del self._history[message.number]
        self._changes.pop(message.number, None)
        same = self._same[message.id, message.phone]
        same.remove(message)
        if not same:
            del self._same[message.id, message.phone]
