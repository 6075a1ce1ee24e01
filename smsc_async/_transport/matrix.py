"""What follows a failure: the one table of what is repeated, asked about, or raised.

What a call does at the service stands in its row of the limits; what is known of its failure is
one of the five points below. Nothing else decides.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import Enum, auto
from types import MappingProxyType
from typing import Final

from .._wire.codes import CONCURRENT_HINT, ERROR_TOO_MANY
from .._wire.limits import Kind
from ..errors import (
    ApiError,
    BadReply,
    NoAnswer,
    NotSent,
    OutcomeUnknown,
    SmscError,
    Throttled,
)


class Point(Enum):
    """Where an attempt failed."""

    UNSENT = "proof that nothing left the machine"
    LOST = "no answer, or none that can be read: it may have been done"
    BUSY = "error 9, too many at once: turned away at the door"
    OFTEN = "error 9, the same or too often"
    REFUSED = "any other error of the service"


class Then(Enum):
    """What to do about it."""

    REPEAT = auto()  # the same bytes, after a pause, as far as attempts and budget go
    SETTLE = auto()  # ask the service what became of the message
    LOOK = auto()  # raise OutcomeUnknown: its caller looks before doing it again
    RAISE = auto()


TABLE: Final[Mapping[Kind, Mapping[Point, Then]]] = MappingProxyType(
    {
        "query": {
            Point.UNSENT: Then.REPEAT,
            Point.LOST: Then.REPEAT,
            Point.BUSY: Then.REPEAT,
            Point.OFTEN: Then.REPEAT,
            Point.REFUSED: Then.RAISE,
        },
        "removal": {
            Point.UNSENT: Then.REPEAT,
            Point.LOST: Then.REPEAT,
            Point.BUSY: Then.REPEAT,
            Point.OFTEN: Then.REPEAT,
            Point.REFUSED: Then.RAISE,
        },
        "change": {
            Point.UNSENT: Then.REPEAT,
            Point.LOST: Then.LOOK,
            Point.BUSY: Then.REPEAT,
            Point.OFTEN: Then.RAISE,
            Point.REFUSED: Then.RAISE,
        },
        "send": {
            Point.UNSENT: Then.REPEAT,
            Point.LOST: Then.SETTLE,
            Point.BUSY: Then.REPEAT,
            Point.OFTEN: Then.SETTLE,
            Point.REFUSED: Then.RAISE,
        },
    }
)


def point(error: SmscError) -> Point | None:
    """Return where an attempt that ended with *error* failed; None if it was never begun."""
    match error:
        case Throttled():
            return None
        case NotSent():
            return Point.UNSENT
        case NoAnswer() | BadReply() | OutcomeUnknown():
            return Point.LOST
        case ApiError(code=code) if code == ERROR_TOO_MANY:
            return Point.BUSY if CONCURRENT_HINT in error.text.lower() else Point.OFTEN
        case _:
            return Point.REFUSED


def after(kind: Kind, error: SmscError) -> Then:
    """Return what follows when an attempt of a call of *kind* ended with *error*."""
    failed = point(error)
    return Then.RAISE if failed is None else TABLE[kind][failed]
