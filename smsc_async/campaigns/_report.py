"""How a campaign stands, for a person and for a program: values, and files of all its rows."""

from __future__ import annotations

from decimal import Decimal

import msgspec
from msgspec.structs import replace

from .._wire.values import mask
from ._plan import IN_DOUBT, OPEN, State
from ._records import Request, RowState, Standing
from ._store import Store


class Loaded(msgspec.Struct, frozen=True, kw_only=True):
    """What became of a list: *rows* are to be sent, *bad* ones were left out.

    So were *duplicates*, whose number came before, and those *stopped*, who want nothing.
    """

    rows: int
    bad: int
    duplicates: int
    stopped: int


class Progress(msgspec.Struct, frozen=True, kw_only=True):
    """How a run is getting on; rows, but for *requests*, *cost* and what is in seconds.

    *rows* are all that are to be sent, *waiting* those of them that nothing has been done about,
    *under_way* those whose answer is awaited. *rate* is the rows a second of the last while,
    *seconds_left* what it promises, None where it promises nothing. *waiting_for* says in a
    person's words what keeps the run from sending, "" where nothing does.
    """

    standing: Standing
    rows: int
    waiting: int
    under_way: int
    accepted: int
    refused: int
    in_doubt: int
    requests: int
    spent: Decimal
    balance: Decimal | None
    rate: float
    seconds_left: float | None
    places: int
    waiting_for: str = ""


class Unsettled(msgspec.Struct, frozen=True, kw_only=True):
    """A request of which it is not known what became of it; all its phones share its *id*.

    Of a partial one some of the *phones* are known: the rows tell. *begun* is when it first went
    out, in unix seconds; *lookups* found nothing since it last did; *note* says why it is so.
    """

    id: str
    state: State
    phones: tuple[str, ...]
    begun: float | None
    lookups: int
    resends: int
    note: str


class Report(msgspec.Struct, frozen=True, kw_only=True):
    """How a campaign stands.

    *rows* counts rows by what is known of them, *requests* requests, *statuses* the accepted rows
    by the delivery status that the service gave last. *in_doubt* counts the rows of which nobody
    can say whether the service took them: those of *unsettled*, of which one that is ready waits to
    be sent again. Those of *under_way* are on their way, or were when the program ended: the next
    run finds out.
    """

    number: int
    name: str
    standing: Standing
    reason: str
    created: float
    spent: Decimal
    rows: dict[RowState, int]
    requests: dict[State, int]
    statuses: dict[int, int]
    in_doubt: int
    unsettled: tuple[Unsettled, ...]
    under_way: tuple[Unsettled, ...]

    def count(self, state: RowState) -> int:
        """Return how many rows are in *state*."""
        return self.rows.get(state, 0)

    def masked(self) -> Report:
        """Return it with the middle of each number hidden."""
        return replace(
            self,
            unsettled=tuple(map(_masked, self.unsettled)),
            under_way=tuple(map(_masked, self.under_way)),
        )


class Estimate(msgspec.Struct, frozen=True, kw_only=True):
    """What the rows of a campaign that wait would cost, by the service's own prices.

    *asked* of the *rows* were asked about; where that is not all, they are spread over the whole
    list, and *cost* is what they cost times the rows for each of them. *parts* are counted alike.
    """

    cost: Decimal
    parts: int
    rows: int
    asked: int
    balance: Decimal

    @property
    def is_sample(self) -> bool:
        """Whether not all rows were asked about."""
        return self.asked < self.rows


async def report(store: Store, number: int) -> Report:
    """Tell how a campaign stands; this reads the whole of it."""
    record, counts = await store.campaign(number), await store.counts(number)
    found = await store.requests(number, State.READY, State.INTENT, *sorted(IN_DOUBT))
    doubts = [request for request in found if request.is_in_doubt]
    return Report(
        number=record.number,
        name=record.name,
        standing=record.standing,
        reason=record.reason if record.standing == "paused" else "",
        created=record.created,
        spent=record.spent,
        rows=counts.rows,
        requests=counts.requests,
        statuses=counts.statuses,
        # Of the others each row says itself that it is held.
        in_doubt=counts.rows.get(RowState.HELD, 0)
        + sum(len(request.items) for request in doubts if request.state in OPEN),
        unsettled=tuple(map(_unsettled, doubts)),
        under_way=tuple(_unsettled(one) for one in found if one.state is State.INTENT),
    )


def _masked(request: Unsettled) -> Unsettled:
    return replace(request, phones=tuple(map(mask, request.phones)))


def _unsettled(request: Request) -> Unsettled:
    return Unsettled(
        id=request.id,
        state=request.state,
        phones=tuple(item.phone for item in request.items),
        begun=request.begun,
        lookups=request.misses,
        resends=request.resends,
        note=request.note,
    )
