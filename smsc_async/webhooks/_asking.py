"""What is enough to know of a message, and when to ask for more: plain functions."""

from __future__ import annotations

import heapq
import math
from collections.abc import Mapping
from typing import Final, Literal, NamedTuple, TypeAlias, TypeVar

from .._wire import codes, statuses
from .._wire.statuses import Status
from .._wire.values import digits
from ..errors import CLOSED, BadReply, NoAnswer, NotSent, SmscError, TooManyRequests
from ._tracked import Tracked

Rank: TypeAlias = tuple[int, int, int]  # as a report has it
Until: TypeAlias = Literal["delivered", "read"]
K = TypeVar("K")

# How far a message must be for a wait to be over, unless it has failed.
ENOUGH: Final[Mapping[Until, int]] = {
    "delivered": statuses.progress(Status.DELIVERED),
    "read": statuses.progress(Status.READ),
}
NOTHING: Final[Rank] = (-1, 0, 0)  # less than any report's

# No minute may hold more than the five questions that the service takes for one message.
LEAST_POLL_AFTER: Final = 5.0
GROWTH: Final = 1.5
LONGEST_PAUSE: Final = 600.0
# A round that is not full may begin this part of poll_after later, so that it holds more.
GATHERING: Final = 1 / 4
# What a question for many takes. Rounds are no longer, for callbacks come in the meantime.
FULL: Final = codes.MAX_STATUSES
# For so long the service may not know yet, or not everywhere, a message that it has taken.
UNKNOWN_FOR: Final = 180.0


class Key(NamedTuple):
    """What is equal for all spellings of one message."""

    id: str
    phone: str


class Turn(NamedTuple):
    """When a message is to be asked about, and how long it was waited for that."""

    due: float
    pause: float


def key(id: str | int, phone: str) -> Key:
    """Return the key of a message as a person names it."""
    text = str(id)
    is_number = text.isascii() and text.isdigit()
    return Key(text.lstrip("0") or "0" if is_number else text, digits(phone))


def told_key(id: str, phone: str) -> Key:
    """Return the key of a message as the service names it: numbers are international."""
    return key(id, f"+{phone}" if phone.isdigit() else phone)


def tracked(id: str | int, phone: str, rank: Rank) -> Tracked:
    """Return what is known of a message whose greatest rank is *rank*."""
    if rank == NOTHING:
        return Tracked(id=str(id), phone=phone)
    _, ts, status = rank
    return Tracked(id=str(id), phone=phone, status=status, ts=ts or None)


def is_enough(rank: Rank, until: Until) -> bool:
    """Tell whether a message has reached what is waited for, or never will."""
    progress, _, status = rank
    return progress >= ENOUGH[until] or status in statuses.FINAL


def is_gone(begun: float, heard: float, now: float) -> bool:
    """Tell whether a message that is not found has no status, for one who waits since *begun*."""
    return now - max(begun, heard) >= UNKNOWN_FOR


def after(turn: Turn, now: float) -> Turn:
    """Return the turn that follows *turn*, whose question has ended *now*."""
    pause = max(turn.pause, min(turn.pause * GROWTH, LONGEST_PAUSE))
    return Turn(now + pause, pause)


def due(turns: Mapping[K, Turn], now: float, earliest: float) -> tuple[list[K], float]:
    """Return whom to ask about now, those who waited longest first, or else when to look again.

    Nobody is asked about before the turn is due, nor before *earliest*, unless a round is full.
    """
    first = heapq.nsmallest(FULL, turns, key=lambda one: turns[one].due)
    if not first:
        return [], math.inf
    begin = max(turns[first[0]].due, earliest)
    if len(first) == FULL:
        begin = min(begin, turns[first[-1]].due)
    if begin > now:
        return [], begin
    return [one for one in first if turns[one].due <= now], now


def is_passing(error: SmscError) -> bool:
    """Tell whether a later question may be answered."""
    if isinstance(error, NotSent):
        return error.reason != CLOSED
    return isinstance(error, NoAnswer | BadReply | TooManyRequests)
