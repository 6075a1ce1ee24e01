"""What ``smsc campaign create`` is told in words: hours, spans, amounts; plain functions."""

from __future__ import annotations

import re
from datetime import time
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Annotated
from zoneinfo import available_timezones

import typer

from ..campaigns import Policy, Window

_SECONDS = {"s": 1, "m": 60, "h": 3600, "d": 86400}
_SPAN = re.compile(r"(\d+(?:\.\d+)?)\s*([smhd])", re.ASCII)
_HOURS = re.compile(r"(\d{1,2})(?::(\d\d))?\s*-\s*(\d{1,2})(?::(\d\d))?", re.ASCII)
_LAST = time(23, 59, 59, 999999)  # 24:00, which is no time of the day
_DAY = 24


def span(text: str) -> float:
    """Read a span of time, such as 90s, 30m, 2h or 1d, as seconds."""
    found = _SPAN.fullmatch(text.strip())
    if found is None:
        raise typer.BadParameter("write it as 90s, 30m, 2h or 1d")
    return float(found[1]) * _SECONDS[found[2]]


def hours(text: str) -> Window:
    """Read hours of the day, such as 9-21 or 9:30-20:45."""
    example = "write it as 9-21 or 9:30-20:45"
    found = _HOURS.fullmatch(text.strip())
    if found is None:
        raise typer.BadParameter(example)
    first_hour, first_minute, last_hour, last_minute = (int(part or 0) for part in found.groups())
    try:
        first = time(first_hour, first_minute)
        is_midnight = (last_hour, last_minute) == (_DAY, 0)
        last = _LAST if is_midnight else time(last_hour, last_minute)
    except ValueError:
        raise typer.BadParameter(example) from None
    if first >= last:
        raise typer.BadParameter("the first hour is before the last, within one day")
    return Window(first, last)


def window(between: Window | None, zone: str | None) -> Window | None:
    """Give the window its *zone*, which alone means nothing."""
    if zone is None:
        return between
    if between is None:
        raise typer.BadParameter("it goes with --window", param_hint="--zone")
    if zone not in available_timezones():
        raise typer.BadParameter("no such zone; one is Europe/Moscow", param_hint="--zone")
    return Window(between.first, between.last, zone)


def money(text: str) -> Decimal:
    """Read an amount, in the account's currency."""
    try:
        amount = Decimal(text)
    except InvalidOperation:
        amount = Decimal()
    if not amount.is_finite() or amount <= 0:
        raise typer.BadParameter("write an amount over 0, such as 1500.50")
    return amount


# How a list is read.
List = Annotated[
    Path,
    typer.Argument(
        metavar="LIST",
        exists=True,
        dir_okay=False,
        help="A .csv with a header, or a .jsonl with an object in each line.",
    ),
]
Template = Annotated[
    str, typer.Option("--text", help="What to send; {name} is the column of that name.")
]
Phone = Annotated[str, typer.Option("--phone", help="The column with the number.")]
Region = Annotated[str, typer.Option("--region", help="Of numbers without their country.")]
Delimiter = Annotated[str | None, typer.Option("--delimiter", help="Of a .csv; else found out.")]
Encoding = Annotated[str | None, typer.Option("--encoding", help="Else UTF-8, 16 or Windows-1251.")]
Rejects = Annotated[
    Path | None,
    typer.Option(
        "--rejects",
        dir_okay=False,
        show_default="LIST.rejects.csv",
        help="Where bad rows go, with line and reason.",
    ),
]
StopList = Annotated[
    Path | None,
    typer.Option(
        "--stop-list", exists=True, dir_okay=False, help="Numbers never to send to, one a line."
    ),
]
Duplicates = Annotated[
    bool, typer.Option("--keep-duplicates", help="Send to a number as often as it is listed.")
]

# How it is sent.
PolicyOf = Annotated[
    Policy,
    typer.Option("--policy", help="What to do with what is not known to have arrived."),
]
Canary = Annotated[
    int | None, typer.Option("--canary", min=1, help="So many rows first; then it pauses.")
]
Between = Annotated[
    Window | None,
    typer.Option("--window", parser=hours, metavar="9-21", help="Hours of the day where they are."),
]
Zone = Annotated[
    str | None,
    typer.Option("--zone", show_default="Europe/Moscow", help="Of numbers that do not tell it."),
]
Spread = Annotated[
    float | None,
    typer.Option("--spread", parser=span, metavar="2h", help="Over which to spread it evenly."),
]
MaxCost = Annotated[
    Decimal | None,
    typer.Option("--max-cost", parser=money, metavar="AMOUNT", help="It pauses before it."),
]
MaxCostPerHour = Annotated[
    Decimal | None,
    typer.Option("--max-cost-per-hour", parser=money, metavar="AMOUNT", help="The same."),
]
RowsPerRequest = Annotated[
    int, typer.Option("--rows-per-request", min=1, max=1000, help="Rows in a request.")
]

# How it is run.
StatusesFor = Annotated[
    float | None,
    typer.Option(
        "--statuses-for",
        parser=span,
        metavar="10m",
        help="Afterwards ask what became of the messages, for so long at most.",
    ),
]
