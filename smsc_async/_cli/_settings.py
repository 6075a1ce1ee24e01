"""What ``smsc campaign create`` is told in words: hours, spans, amounts; plain functions."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from datetime import time
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Annotated, Any, Final
from zoneinfo import available_timezones

import typer

from ..campaigns import Policy, Window, read_csv, read_json_lines
from ..campaigns._files import CsvFile, JsonLines

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


def delimiter(text: str) -> str:
    r"""Read the sign between the cells of a .csv; a tab is written as tab or \t."""
    sign = "\t" if text in {"tab", "\\t"} else text
    if len(sign) != 1 or sign in '\r\n"':
        raise typer.BadParameter('write one sign, such as ";", or tab')
    return sign


def listed(path: Path, delimiter: str | None, encoding: str | None) -> CsvFile | JsonLines:
    """Open a list as its name says."""
    match path.suffix.lower():
        case ".jsonl" | ".ndjson":
            return read_json_lines(path, encoding=encoding)
        case ".json":
            raise typer.BadParameter("name it .jsonl, an object to a line", param_hint="LIST")
        case _:
            return read_csv(path, delimiter=delimiter, encoding=encoding)


def table(path: Path | None) -> Path | None:
    """Refuse a file that neither a spreadsheet nor a program would know by its name."""
    if path is not None and path.suffix.lower() not in {".csv", ".json"}:
        raise typer.BadParameter("name it .csv or .json")
    return path


def money(text: str) -> Decimal:
    """Read an amount, in the account's currency."""
    try:
        amount = Decimal(text)
    except InvalidOperation:
        amount = Decimal()
    if not amount.is_finite() or amount <= 0:
        raise typer.BadParameter("write an amount over 0, such as 1500.50")
    return amount


def spans(text: str) -> tuple[float, ...]:
    """Read spans of time with a comma between them; nothing is none."""
    return tuple(map(span, text.split(","))) if text.strip() else ()


def whole(text: str) -> int:
    """Read a whole number."""
    if not text.strip().isdecimal():
        raise typer.BadParameter("write a whole number")
    return int(text)


def said(text: str) -> bool:
    """Read yes or no."""
    if (word := text.strip().lower()) not in {"yes", "no"}:
        raise typer.BadParameter("write yes or no")
    return word == "yes"


# What has no option of its own: how each of these fields of Options is read.
SETTINGS: Final[Mapping[str, Callable[[str], object]]] = {
    "lookups": whole,
    "lookup_every": span,
    "quiet": span,
    "most_resends": whole,
    "give_up": span,
    "recheck": spans,
    "statuses": said,
    "blacklist": said,
}


def settings(words: Iterable[str]) -> dict[str, Any]:
    """Read settings, each as NAME=VALUE; the last of a name counts."""
    found = dict[str, Any]()
    for word in words:
        name, equals, value = word.partition("=")
        read = SETTINGS.get(name.strip())
        if read is None or not equals:
            known = ", ".join(SETTINGS)
            fault = f"write NAME=VALUE, with one of {known}"
            raise typer.BadParameter(f"{word}: {fault}", param_hint="--set")
        try:
            found[name.strip()] = read(value)
        except typer.BadParameter as error:
            raise typer.BadParameter(f"{word}: {error.message}", param_hint="--set") from None
    return found


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
Name = Annotated[
    str,
    typer.Option(
        "--name", show_default="that of LIST", help="What status and report call the campaign."
    ),
]
Template = Annotated[
    str, typer.Option("--text", help="What to send; {name} is the column of that name.")
]
Phone = Annotated[str, typer.Option("--phone", help="The column with the number.")]
Region = Annotated[str, typer.Option("--region", help="Of numbers without their country.")]
Delimiter = Annotated[
    str | None,
    typer.Option(
        "--delimiter",
        parser=delimiter,
        metavar="SIGN",
        help="What divides the cells of a .csv: a sign, or tab; found out if not given.",
    ),
]
Encoding = Annotated[
    str | None,
    typer.Option(
        "--encoding",
        help="Of the list; found out if not given: UTF-8, UTF-16 with its mark, or Windows-1251.",
    ),
]
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
    typer.Option(
        "--policy",
        help="If no answer came and no look-up finds it: resend, or hold it for you.",
    ),
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
    typer.Option(
        "--max-cost",
        parser=money,
        metavar="AMOUNT",
        help="Pause before the campaign costs more.",
    ),
]
MaxCostPerHour = Annotated[
    Decimal | None,
    typer.Option(
        "--max-cost-per-hour",
        parser=money,
        metavar="AMOUNT",
        help="Pause before an hour costs more.",
    ),
]
RowsPerRequest = Annotated[
    int, typer.Option("--rows-per-request", min=1, max=1000, help="Rows in a request.")
]
Set = Annotated[
    list[str] | None,
    typer.Option(
        "--set",
        metavar="NAME=VALUE",
        show_default=False,
        help="Any other setting, such as quiet=5m; as often as needed. "
        f"There are {', '.join(SETTINGS)}.",
    ),
]

# How it is run.
Listen = Annotated[
    bool,
    typer.Option(
        "--listen/--no-listen", help="Ask every few minutes who has answered STOP, and heed it."
    ),
]
StatusesFor = Annotated[
    float | None,
    typer.Option(
        "--statuses-for",
        parser=span,
        metavar="10m",
        help="Afterwards ask what became of the messages, for so long at most.",
    ),
]
