"""What a tracker needs of a client, which nothing here may import."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Iterable
from typing import Protocol, runtime_checkable


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
