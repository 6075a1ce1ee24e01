"""How a campaign goes about it: every constant of the plan, with a default that is safe."""

from __future__ import annotations

from datetime import time
from decimal import Decimal
from typing import Literal, TypeAlias, get_args
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import msgspec

from .._wire import codes

Policy: TypeAlias = Literal["resend", "hold"]


class Window(msgspec.Struct, frozen=True):
    """The hours of the day in which messages may go out, where their recipient is.

    The zone is that of the number; *zone*, an IANA name, stands for numbers that could be in
    several, as most mobile ones of large countries are. *first* is before *last*, which may be
    midnight. Raises :class:`ValueError` for what is no such range or zone.
    """

    first: time
    last: time
    zone: str = "Europe/Moscow"

    def __post_init__(self) -> None:
        """Refuse what would never open, or nobody knows when."""
        if self.first.tzinfo or self.last.tzinfo:
            raise ValueError("window: its hours are those of the recipient, without a zone")
        if self.last != time() and not self.first < self.last:
            raise ValueError("window: its first hour is before its last, on the same day")
        try:
            ZoneInfo(self.zone)
        except (ValueError, OSError, ZoneInfoNotFoundError):
            raise ValueError(f"window: no time zone is called {self.zone!r}") from None


class Options(msgspec.Struct, frozen=True, kw_only=True):
    """The settings of a campaign; all times are in seconds.

    What became of a send whose answer was lost is looked up *lookups* times, *lookup_every* apart;
    if nothing is found, and *quiet* is over since it may last have left, *policy* decides:
    ``"resend"`` sends the same once more (*most_resends* times), ``"hold"`` never does: such rows
    wait for a person. Where nobody could be asked for *give_up*, they wait, too. What waits is
    looked up again when the campaign is run, and after each of *recheck* while it runs.

    With a cap the price of a request is asked before it goes, but for those of the campaign's one
    text to one country that are far from the cap: each question takes the place of a send.

    A request has at most *rows_per_request* rows, 1000 being all that the service takes. Raises
    :class:`ValueError` for what cannot be.
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
    max_cost_per_hour: Decimal | None = None  # of any hour; the same
    statuses: bool = True  # ask for delivery statuses, within what the limits leave
    blacklist: bool = True  # honour the account's own list of who is not to be sent to

    def __post_init__(self) -> None:
        """Refuse what would never end, or could not be kept to."""
        if self.rows_per_request not in range(1, codes.MAX_RECIPIENTS + 1):
            raise ValueError(f"rows_per_request: 1 to {codes.MAX_RECIPIENTS}")
        if self.policy not in get_args(Policy):
            raise ValueError(f"policy: one of {', '.join(get_args(Policy))}")
        at_least_one = {"lookups": self.lookups, "canary": self.canary, "spread": self.spread}
        positive = {
            "lookup_every": self.lookup_every,
            "max_cost": self.max_cost,
            "max_cost_per_hour": self.max_cost_per_hour,
        }
        not_negative = {
            "quiet": self.quiet,
            "most_resends": self.most_resends,
            "give_up": self.give_up,
            "recheck": min(self.recheck, default=0),
        }
        bad = [
            *(
                f"{name}: 1 or more"
                for name, at in at_least_one.items()
                if at is not None and at < 1
            ),
            *(
                f"{name}: more than 0"
                for name, at in positive.items()
                if at is not None and at <= 0
            ),
            *(f"{name}: 0 or more" for name, at in not_negative.items() if at < 0),
        ]
        if bad:
            raise ValueError("; ".join(bad))


class Plan(msgspec.Struct, frozen=True, kw_only=True):
    """What a campaign is made with, as it is kept in its record; *message* is its text's kind."""

    options: Options
    message: bytes
