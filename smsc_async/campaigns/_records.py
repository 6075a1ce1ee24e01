"""What a store keeps of a campaign, as values."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from enum import StrEnum
from typing import Final, Literal, NamedTuple, TypeAlias

import msgspec

from ._plan import IN_DOUBT, Event, State


class RowState(StrEnum):
    """What is known of one recipient."""

    WAITING = "waiting"  # in no request yet
    TAKEN = "taken"  # in a request whose outcome is open
    ACCEPTED = "accepted"
    REFUSED = "refused"
    HELD = "held"  # in doubt
    ABANDONED = "abandoned"
    CANCELLED = "cancelled"
    STOPPED = "stopped"  # on a stop list: never sent
    DUPLICATE = "duplicate"  # the same number came before: never sent


# Why a campaign does not go on by itself.
Standing: TypeAlias = Literal["loading", "ready", "paused", "cancelled", "done"]
RESUMED: Final = "resumed"  # why a campaign is ready that a person has let go on


class NewRow(NamedTuple):
    """A recipient on the way into the store; *text* None is the campaign's own.

    One that is *alone* goes in a request of its own: no other form carries what it says.
    """

    line: int
    phone: str  # E.164, with its plus; or an address
    text: str | None
    zone: str | None  # an IANA name, where the campaign has a window
    alone: bool = False


class NewRows(NamedTuple):
    """Many recipients by columns, each as long as the others: see :class:`NewRow`.

    A million rows go through here, and a column is handed on in a fraction of the time of its rows.
    """

    lines: Sequence[int]
    phones: Sequence[str]
    texts: Sequence[str | None]
    zones: Sequence[str | None]
    alone: Sequence[bool]

    @classmethod
    def of(cls, *rows: NewRow) -> NewRows:
        """Return *rows* by columns."""
        return cls(*zip(*rows, strict=True)) if rows else cls((), (), (), (), ())


class Item(NamedTuple):
    """A row in a request; *text* None is the campaign's own."""

    row: int
    phone: str
    text: str | None


class Request(msgspec.Struct, frozen=True, kw_only=True):
    """One send as it is frozen; *id* is the service's."""

    number: int
    campaign: int
    id: str
    state: State
    items: tuple[Item, ...]
    attempts: int = 0  # intents so far
    resends: int = 0  # of those, after nothing was found
    misses: int = 0  # look-ups that found nothing since the last attempt
    begun: float | None = None  # unix seconds of the first intent
    aside: Decimal = Decimal()  # what it may have to be paid for, where there is a cap
    note: str = ""  # the last error, in a person's words
    doubted: bool = False  # it was in doubt, and nobody has said that it was not taken

    @property
    def is_in_doubt(self) -> bool:
        """Whether the service may have it, also where it only waits to be sent again."""
        waits_again = self.state is State.READY and (self.doubted or self.resends > 0)
        return self.state in IN_DOUBT or waits_again


class Verdict(msgspec.Struct, frozen=True, kw_only=True):
    """What is to be written down of a request after an event, all in one transaction.

    All its rows become *rows* but those in *others*, which become what stands there, and why; None
    leaves them as they are. *misses* and *resends* are the new counts, None the old ones. *split*
    takes its rows into two new requests that are ready, with ids of their own: of a request that
    was refused for one bad row.
    """

    event: Event
    rows: RowState | None = None
    others: tuple[tuple[int, RowState, str], ...] = ()
    cost: Decimal | None = None
    misses: int | None = None
    resends: int | None = None
    split: bool = False
    note: str = ""
    by: str = ""  # who said so, where a person did


class CampaignRecord(msgspec.Struct, frozen=True, kw_only=True):
    """A campaign as it stands; *plan* is what it was made with, as JSON of :class:`Plan`."""

    number: int
    key: str  # begins the ids of its requests: 80 random bits at least
    name: str
    standing: Standing
    reason: str  # why it is paused
    plan: bytes
    created: float  # unix seconds
    spent: Decimal  # of all answers that told a cost
    account: str = ""  # which sent it last, and from whom: see sent_as(); "" before that


class Counts(msgspec.Struct, frozen=True, kw_only=True):
    """How many rows and requests stand where."""

    rows: dict[RowState, int]
    requests: dict[State, int]
    statuses: dict[int, int]  # delivery statuses of accepted rows, by the service's number


class Status(NamedTuple):
    """What the service told of the delivery of one message."""

    id: str
    phone: str
    status: int
    err: int | None
    at: float | None  # unix seconds, by the service
