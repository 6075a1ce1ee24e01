"""What a test or a demo may choose about the service."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta, timezone, tzinfo
from decimal import Decimal
from random import Random
from typing import Final, Literal

from .._wire import limits
from ._address import address

# What two sends must share to be identical, which no page defines: every parameter but the
# credentials, the same without the id, or kind, recipients and text alone.
Identical = Literal["all", "no_id", "message"]

# Answers that were met in the wild, or that the pages leave open: the text form of an error, or a
# bare OK for a success, although JSON was asked for; a status without ``err`` and ``flag``; error 3
# for a single message that status.php does not know, in place of -3.
Quirk = Literal["plain_error", "bare_ok", "short_status", "unknown_is_error"]

# The page of callbacks does not say how a CRC-32 is written.
Crc32 = Literal["decimal", "hex"]

# Seconds on the way in and seconds of work, drawn anew for each request.
Delays = Callable[[Random], tuple[float, float]]

REFUSALS = frozenset({6, 7, 8})  # denied, not a number, cannot be delivered
MOSCOW = timezone(timedelta(hours=3))


@dataclass(frozen=True, slots=True)
class Block:
    """So many errors within a span of seconds block the address, for as many seconds as said."""

    errors: int
    within: float
    seconds: float

    def __post_init__(self) -> None:
        if self.errors < 1:
            raise ValueError("it takes an error to block an address")


MINUTE: Final = 60.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """One service and the one account it knows.

    Where the pages can be read in two ways the default is the reading that refuses more, except
    for ``whole_seconds``.
    """

    login: str = "demo"
    password: str = "demo"  # noqa: S105 - the service's own public demo account
    apikey: str | None = None
    balance: Decimal = Decimal(1000)
    price: Decimal = Decimal("1.2")  # of one part to one recipient
    # The codes of country and operator -> the cost by a tariff of the account's own, for show.
    own_prices: Mapping[str, Decimal] = field(default_factory=dict[str, Decimal])
    zone: tzinfo = MOSCOW  # of the account: dates without an offset are in it

    latency: float = 0.0  # seconds, half of them on the way in and half at work
    jitter: float = 0.0  # at most so many more, evenly spread
    delays: Delays | None = None  # takes the place of latency and jitter
    delivery: float = 0.0  # seconds from a message's moment to its delivery
    visible: float = 0.0  # seconds from a message's acceptance until status and history know it
    seed: int = 0

    identical: Identical = "message"
    whole_seconds: bool = False  # count by the second of the clock, as a stamp in a table would
    refusals_count: bool = True  # a refused request fills the windows like any other
    concurrent_limit: int = limits.AT_ONCE.limit

    # What leads to a block is told by the service's FAQ, number 99; None switches it off.
    wrong_logins: Block | None = Block(5, within=30 * MINUTE, seconds=30 * MINUTE)
    # In a row: one that is accepted ends the run, and the price of one says nothing.
    refused_sends: Block | None = Block(100, within=10 * MINUTE, seconds=10 * MINUTE)

    senders: tuple[str, ...] = ()  # the names that are approved from the start
    refused: Mapping[str, int] = field(default_factory=dict[str, int])  # digits -> 6, 7 or 8
    # Which phones (digits, or an address) a request takes; it leaves the others out without a word.
    taken: Callable[[str], bool] | None = None
    quirks: Mapping[str, Quirk] = field(default_factory=dict[str, Quirk])  # by path
    keep: int | None = None  # of messages, requests, refusals and callbacks: the newest so many

    # The address of the account's handler, with what it chooses; None: nobody is told anything.
    callback: str | None = field(default=None, repr=False)  # it holds the secret
    callback_every: float = 240.0  # seconds from one attempt to the next
    callback_attempts: int = 50
    callback_timeout: float = 30.0  # seconds until no answer is one; the page names none
    callbacks_at_once: int = 20
    callback_list: bool = False  # in JSON, a list of one object in place of the object
    crc32: Crc32 = "decimal"

    def __post_init__(self) -> None:
        if strange := set(self.refused.values()) - REFUSALS:
            raise ValueError(f"a phone cannot be refused with {sorted(strange)}")
        if self.callback is not None:
            address(self.callback)  # for its errors
        if min(self.callback_attempts, self.callbacks_at_once) < 1:
            raise ValueError("it takes an attempt, and a place for it, to call a handler")


def delays(settings: Settings, random: Random) -> tuple[float, float]:
    """Draw the seconds that a request takes to arrive, and the seconds of work on it."""
    if settings.delays is not None:
        return settings.delays(random)
    forward = settings.latency / 2 + random.uniform(0, settings.jitter / 2)
    work = settings.latency / 2 + random.uniform(0, settings.jitter / 2)
    return forward, work
