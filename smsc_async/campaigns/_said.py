"""What a person says of a request that is in doubt, and when it can be said."""

from __future__ import annotations

from contextlib import nullcontext
from typing import Final, Literal, TypeAlias

from ._errors import CampaignError
from ._plan import IN_DOUBT, OPEN, Event, State
from ._records import Request, RowState, Verdict
from ._running import alone
from ._store import Store

Resolution: TypeAlias = Literal["sent", "resend", "drop"]

_SAID: Final = {
    "sent": (Event.SAID_SENT, RowState.ACCEPTED),
    "resend": (Event.SAID_RESEND, RowState.TAKEN),
    "drop": (Event.SAID_DROP, RowState.ABANDONED),
}


async def say(store: Store, campaign: int, id: str, how: Resolution, *, by: str) -> None:
    """Write down what *by* says of the request *id*; raises as :meth:`Campaign.resolve`."""
    if not by.strip():
        raise ValueError("by: who says so")
    request = await _found(store, campaign, id)
    is_open = request.state in OPEN
    with alone(store, campaign) if is_open else nullcontext():
        if is_open:  # who runs it would find it out, and may be sending it
            await store.own()
            await store.recover(campaign)
            request = await _found(store, campaign, id)
        if how == "resend" and (await store.campaign(campaign)).standing == "cancelled":
            raise CampaignError("the campaign is cancelled: nothing of it is sent any more")
        if how == "resend" and request.state is State.PARTIAL and not request.misses:
            # A callback told of some of its rows; the others go under an id of their own, and
            # nothing would look for them under this one again.
            raise CampaignError(
                f"the service was not asked yet about the other rows of request {id}: run the "
                "campaign first, which asks"
            )
        try:
            await store.record(request.number, verdict(request, how, by))
        except KeyError:
            raise CampaignError(
                f"request {id} has changed in this moment: look at the report, and say it again"
            ) from None


def verdict(request: Request, how: Resolution, by: str) -> Verdict:
    """Return what is to be written down.

    What is resent is looked up once more before, under its id. But of a partial one that id shows
    rows that were taken: the others go under another.
    """
    event, rows = _SAID[how]
    if event is Event.SAID_RESEND and request.state is State.PARTIAL:
        return Verdict(event=event, rows=RowState.WAITING, by=by)
    if event is Event.SAID_RESEND:
        return Verdict(event=event, rows=rows, misses=0, resends=request.resends + 1, by=by)
    return Verdict(event=event, rows=rows, by=by)


async def _found(store: Store, campaign: int, id: str) -> Request:
    """Return the request that may be spoken of."""
    for request in await store.requests(campaign, *sorted(OPEN | IN_DOUBT)):
        if request.id == id and (request.is_in_doubt or request.state is State.INTENT):
            return request
    raise LookupError(f"campaign {campaign} has no request {id} that is in doubt")
