"""The plan: what a request of a campaign can be, and what moves it; plain functions.

A request is one send, of many rows. Its rows, id and texts are frozen when it is packed, and it
stands in the store as an *intent* before its first byte leaves. Whatever happens then is an
:class:`Event`; :data:`MOVES` is the only place that says where an event leads. No way leads from a
send whose answer was lost back to another send but through look-ups that found nothing, a quiet
time, and the policy of the campaign; or through the word of a person, which is journalled.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import Final


class State(StrEnum):
    """What is known of a request."""

    READY = "ready"  # packed, and for certain not at the service
    INTENT = "intent"  # under way: it may be at the service
    ACCEPTED = "accepted"
    REJECTED = "rejected"  # the service said no, for certain
    DOUBT = "doubt"  # the answer was lost: to be looked up
    PARTIAL = "partial"  # of some rows it is known, the others are held
    HELD = "held"  # in doubt for good, until a person or a late sign says
    ABANDONED = "abandoned"  # a person gave it up while in doubt
    CANCELLED = "cancelled"


class Event(StrEnum):
    """What happens to a request."""

    START = "start"
    TAKEN = "taken"  # an answer with its id
    NOT_TAKEN = "not taken"  # proof that the service has nothing of it
    REFUSED = "refused"
    LOST = "lost"  # no usable answer, or the program ended before there was one
    FOUND = "found"  # by a look-up or a callback
    FOUND_REFUSED = "found refused"
    FOUND_SOME = "found some"
    NOT_FOUND = "not found"  # and that does not prove anything yet
    NOT_ASKED = "not asked"  # the look-up failed, which counts for nothing
    RESEND = "resend"  # nothing found for long enough, and the policy allows it
    HOLD = "hold"  # the same, and it does not; or nobody could be asked for too long
    CANCEL = "cancel"
    SAID_SENT = "said sent"  # a person resolves it
    SAID_RESEND = "said resend"
    SAID_DROP = "said drop"


MOVES: Final[Mapping[tuple[State, Event], State]] = {
    (State.READY, Event.START): State.INTENT,
    (State.READY, Event.CANCEL): State.CANCELLED,
    # One that waits to be sent again may be found before that, or it is not to be sent any more.
    (State.READY, Event.FOUND): State.ACCEPTED,
    (State.READY, Event.FOUND_REFUSED): State.REJECTED,
    (State.READY, Event.FOUND_SOME): State.PARTIAL,
    (State.READY, Event.HOLD): State.HELD,
    (State.READY, Event.SAID_SENT): State.ACCEPTED,
    (State.READY, Event.SAID_RESEND): State.READY,  # it is not in doubt then
    (State.READY, Event.SAID_DROP): State.ABANDONED,
    (State.INTENT, Event.TAKEN): State.ACCEPTED,
    (State.INTENT, Event.NOT_TAKEN): State.READY,
    (State.INTENT, Event.REFUSED): State.REJECTED,
    (State.INTENT, Event.LOST): State.DOUBT,
    (State.INTENT, Event.FOUND): State.ACCEPTED,  # a callback may come before the answer
    (State.ACCEPTED, Event.TAKEN): State.ACCEPTED,  # which then tells the cost
    (State.INTENT, Event.FOUND_SOME): State.PARTIAL,  # the answer leaves some phones out
    (State.DOUBT, Event.FOUND): State.ACCEPTED,
    (State.DOUBT, Event.FOUND_REFUSED): State.REJECTED,
    (State.DOUBT, Event.FOUND_SOME): State.PARTIAL,
    (State.DOUBT, Event.NOT_FOUND): State.DOUBT,
    (State.DOUBT, Event.NOT_ASKED): State.DOUBT,
    (State.DOUBT, Event.RESEND): State.READY,
    (State.DOUBT, Event.HOLD): State.HELD,
    (State.DOUBT, Event.SAID_SENT): State.ACCEPTED,
    (State.DOUBT, Event.SAID_RESEND): State.READY,
    (State.DOUBT, Event.SAID_DROP): State.ABANDONED,
    (State.PARTIAL, Event.FOUND): State.ACCEPTED,
    (State.PARTIAL, Event.FOUND_SOME): State.PARTIAL,
    (State.PARTIAL, Event.NOT_FOUND): State.PARTIAL,
    (State.PARTIAL, Event.NOT_ASKED): State.PARTIAL,
    (State.PARTIAL, Event.SAID_SENT): State.ACCEPTED,
    (State.PARTIAL, Event.SAID_RESEND): State.ACCEPTED,  # but those that are held: they wait again
    (State.PARTIAL, Event.SAID_DROP): State.ABANDONED,
    (State.HELD, Event.FOUND): State.ACCEPTED,
    (State.HELD, Event.FOUND_REFUSED): State.REJECTED,
    (State.HELD, Event.FOUND_SOME): State.PARTIAL,
    (State.HELD, Event.NOT_FOUND): State.HELD,
    (State.HELD, Event.NOT_ASKED): State.HELD,
    (State.HELD, Event.SAID_SENT): State.ACCEPTED,
    (State.HELD, Event.SAID_RESEND): State.READY,
    (State.HELD, Event.SAID_DROP): State.ABANDONED,
}

# Those in which something is still to be done, by the program or by a person.
OPEN: Final = frozenset({State.READY, State.INTENT, State.DOUBT})
IN_DOUBT: Final = frozenset({State.DOUBT, State.PARTIAL, State.HELD})


def moved(state: State, event: Event) -> State:
    """Return where *event* leads; raises :class:`KeyError` where it cannot happen."""
    return MOVES[state, event]
