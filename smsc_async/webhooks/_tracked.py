"""What goes into a tracker and what comes out; no client is imported here."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Iterable
from datetime import datetime
from typing import Protocol, runtime_checkable

import msgspec

from .._wire import statuses
from .._wire.statuses import HasStatus, Status
from .._wire.values import stamped


class Tracked(msgspec.Struct, HasStatus, frozen=True, kw_only=True):
    """What is known of a message by callbacks and by polling.

    ``id`` and ``phone`` are as they were given; ``status`` is None as long as nothing is known,
    ``ts`` (unix seconds) is when it changed, None where that was not told.
    """

    id: str
    phone: str
    status: int | None = None
    ts: int | None = None

    @property
    def state(self) -> Status | int | None:
        """What became of the message; a number that no page gives stays one."""
        return None if self.status is None else statuses.status(self.status)

    @property
    def changed_at(self) -> datetime | None:
        """When the status changed, in UTC; of a callback it is not signed."""
        return stamped(self.ts)


class Answer(Protocol):
    """What the service says of a message that it is asked about."""

    @property
    def id(self) -> str:
        """The message's id."""
        ...

    @property
    def phone(self) -> str:
        """The number or address it went to."""
        ...

    @property
    def status(self) -> int:
        """What became of it; -3 if the service does not know it."""
        ...

    @property
    def last_timestamp(self) -> int | None:
        """When that changed, in unix seconds."""
        ...


class Statuses(Protocol):
    """What :attr:`SmscClient.statuses <smsc_async.SmscClient>` can do."""

    def get_many(self, messages: Iterable[tuple[str | int, str]]) -> AsyncGenerator[Answer]:
        """Yield an answer about each of *messages*, which are pairs of id and phone.

        Raises at once for what cannot be asked about, and asks nothing until it is iterated.
        """
        ...


class Client(Protocol):
    """What a tracker needs of a client."""

    @property
    def statuses(self) -> Statuses:
        """What became of messages."""
        ...


@runtime_checkable
class Sendout(Protocol):
    """What a tracker needs of a :class:`~smsc_async.Sent`."""

    @property
    def id(self) -> str:
        """The id that its messages share."""
        ...

    @property
    def phones(self) -> tuple[str, ...]:
        """To whom it went."""
        ...
