"""How a campaign goes about it: every constant of the plan, with a default that is safe."""

from __future__ import annotations

from datetime import time
from decimal import Decimal
from typing import Literal, TypeAlias

import msgspec

Policy: TypeAlias = Literal["resend", "hold"]


class Window(msgspec.Struct, frozen=True):
    """The hours of the day in which messages may go out, where their recipient is.

    The zone is that of the number; *zone*, an IANA name, stands for numbers that could be in
    several, as most mobile ones of large countries are. *first* is before *last*.
    """

    first: time
    last: time
    zone: str = "Europe/Moscow"


class Options(msgspec.Struct, frozen=True, kw_only=True):
    """The settings of a campaign; all times are in seconds.

    What became of a send whose answer was lost is looked up *lookups* times, *lookup_every* apart;
    if nothing is found, and *quiet* is over since it may last have left, *policy* decides:
    ``"resend"`` sends the same once more (*most_resends* times), ``"hold"`` never does: such rows
    wait for a person. Where nobody could be asked for *give_up*, they wait, too, and are looked
    up again after each of *recheck*.
    """

    rows_per_request: int = 100
    policy: Policy = "resend"
    lookups: int = 3
    lookup_every: float = 30.0
    quiet: float = 120.0
    most_resends: int = 1
    give_up: float = 3600.0
    recheck: tuple[float, ...] = (3600.0, 86400.0)
    window: Window | None = None
    spread: float | None = None  # over which the rows are spread evenly
    canary: int | None = None  # so many rows go first, and then the campaign pauses
    max_cost: Decimal | None = None  # of the campaign; it pauses before it could cost more
    max_cost_per_hour: Decimal | None = None
    statuses: bool = True  # ask for delivery statuses, within what the limits leave
    blacklist: bool = True  # honour the account's own list of who is not to be sent to


class Plan(msgspec.Struct, frozen=True, kw_only=True):
    """What a campaign is made with, as it is kept in its record; *message* is its text's kind."""

    options: Options
    message: bytes
