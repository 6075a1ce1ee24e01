"""What the account owns and has sent."""

from __future__ import annotations

from collections import OrderedDict, deque
from collections.abc import Iterator
from decimal import Decimal

from ._records import Message


class Book:
    """The account's money and history; only the operations change it."""

    def __init__(self, balance: Decimal, keep: int | None = None) -> None:
        self.balance = balance
        self.accepted: deque[Message] = deque(maxlen=keep)  # deleted ones too
        self._keep = keep
        self._last = 0
        self._history: OrderedDict[int, Message] = OrderedDict()  # oldest first
        self._by_phone: dict[tuple[str, str], int] = {}  # id and phone -> the newest such message

    def number(self) -> int:
        """Return a number that was not given before."""
        self._last += 1
        return self._last

    def add(self, message: Message) -> None:
        """Keep a message that was accepted or refused."""
        if not message.code:
            self.accepted.append(message)
        self._history[message.number] = message
        self._by_phone[message.id, message.phone] = message.number
        if self._keep is not None and len(self._history) > self._keep:
            self._remove(next(iter(self._history.values())))

    def find(self, id: str, phone: str) -> Message | None:
        """Return the newest message with this id to this phone."""
        number = self._by_phone.get((id, phone))
        return None if number is None else self._history[number]

    def delete(self, id: str, phone: str) -> bool:
        """Strike a message out of the history, if it is there."""
        message = self.find(id, phone)
        if message is not None:
            self._remove(message)
        return message is not None

    def newest(self) -> Iterator[Message]:
        """Give the history, newest first."""
        return reversed(self._history.values())

    def _remove(self, message: Message) -> None:
        del self._history[message.number]
        key = message.id, message.phone
        if self._by_phone.get(key) == message.number:
            del self._by_phone[key]
