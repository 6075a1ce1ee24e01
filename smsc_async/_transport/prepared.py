"""A call as it goes out, and what its answer means: plain functions over values."""

from __future__ import annotations

from typing import Any, Literal, NamedTuple, TypeAlias

import msgspec

from .. import _codec
from .._bodies import Content
from .._operation import Operation
from .._throttle.keys import Slot
from .._wire import codes
from .._wire.limits import MINUTE, Row
from .._wire.values import utc
from ..errors import (
    ApiError,
    BadReply,
    DuplicateSend,
    NoAnswer,
    NotSent,
    OutcomeUnknown,
    SmscError,
    TooManyRequests,
)
from .http import Answer, Lost
from .matrix import Point, point
from .reasons import status

Outcome: TypeAlias = object  # a reply, or the SmscError to raise in its place
_START = 120
_OK = 200


class Prepared(msgspec.Struct, frozen=True):
    """Everything about a call that is the same for all its attempts."""

    operation: Operation[Any]
    row: Row
    content: Content
    slots: tuple[Slot, ...]
    unique: bool  # it costs money, and is not to be taken twice in its minute
    id: str | None = None
    derived: bool = False  # the id is the client's own
    phones: tuple[str, ...] = ()
    twin_after: float = 0.0  # the seconds until the same may be sent again


class Verdict(NamedTuple):
    """What an exchange means: for the books of the throttle, and for the caller."""

    books: Literal["done", "lost", "undo"]
    outcome: Outcome


def judge(call: Prepared, answer: Answer | Lost, attempt: int, begun: float) -> Verdict:
    """Decide what became of the *attempt* that was begun at *begun* (unix seconds)."""
    if isinstance(answer, Lost):
        if not answer.left:
            return Verdict("undo", NotSent(call.operation.name, answer.reason))
        return Verdict("lost", lost(call, answer.reason, attempt, begun))
    outcome = _codec.decode(call.operation, answer.content)
    if isinstance(outcome, ApiError):
        # Turned away at the door it was counted nowhere.
        return Verdict("undo" if point(outcome) is Point.BUSY else "done", outcome)
    if answer.status != _OK:
        outcome = BadReply(call.operation.name, status(answer.status), answer.content[:_START])
    if isinstance(outcome, BadReply) and call.row.kind != "query":
        return Verdict("done", lost(call, outcome.reason, attempt, begun))
    return Verdict("done", outcome)


def doubt(call: Prepared, error: SmscError, begun: float) -> OutcomeUnknown:
    """Return what is not known of a send that ended with *error*."""
    if isinstance(error, OutcomeUnknown):
        return error
    return OutcomeUnknown(call.operation.name, str(error), call.id, call.phones, utc(begun))


def twin(call: Prepared, error: SmscError) -> SmscError:
    """Return what to raise for a send of which the service says that it came twice."""
    if not call.unique or codes.DUPLICATE_HINT not in str(error).lower():
        return error
    return DuplicateSend(call.operation.name, call.twin_after, str(call.row.rules[0]))


def blamed(call: Prepared, error: TooManyRequests) -> str | None:
    """Return the rule that the service means with error 9, where one alone can be meant.

    That it was too many at once is taken to be about the strictest of them, as the throttle does.
    """
    if point(error) is Point.BUSY:
        return str(next(slot.rule for slot in call.slots if not slot.rule.window))
    minutes = {
        str(slot.rule) for slot in call.slots if slot.rule.window == MINUTE and not slot.rule.chain
    }
    return minutes.pop() if len(minutes) == 1 else None


def lost(call: Prepared, reason: str, attempt: int, begun: float) -> SmscError:
    """Return what is known of an attempt without an answer."""
    if call.row.kind == "query":
        return NoAnswer(call.operation.name, reason, attempt)
    return OutcomeUnknown(call.operation.name, reason, call.id, call.phones, utc(begun))
