"""What the demo shows: lines while it goes, tables at the end."""

from __future__ import annotations

from collections.abc import Generator
from contextlib import contextmanager

from rich.console import Console, Group
from rich.padding import Padding
from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeElapsedColumn
from rich.table import Table
from rich.text import Text

from ._demo import Code, Result, Tally, Watch

PLAIN_STEPS = 5


@contextmanager
def watching(console: Console, rows: int, latency: float) -> Generator[Watch]:
    """Show how the demo goes: a bar on a terminal, a few lines elsewhere."""
    shown = _Bar(console, rows) if console.is_terminal else _Lines(console, rows)

    def watch(news: str | Tally) -> None:
        if isinstance(news, str):
            console.print(f"{rows:,} rows go to a simulator at {news}", style="bold")
            console.print(f"An answer takes {latency * 1000:g} ms; nothing leaves this machine.\n")
        else:
            shown.advance(news)

    with shown.progress or _nothing():
        yield watch


class _Bar:
    def __init__(self, console: Console, rows: int) -> None:
        self.progress = Progress(
            TextColumn("sending"),
            BarColumn(bar_width=36, complete_style="cyan", finished_style="green"),
            TaskProgressColumn("{task.completed:,.0f} of {task.total:,.0f}"),
            TimeElapsedColumn(),
            console=console,
        )
        self._task = self.progress.add_task("", total=rows)

    def advance(self, tally: Tally) -> None:
        self.progress.update(self._task, completed=tally.done)


class _Lines:
    progress = None

    def __init__(self, console: Console, rows: int) -> None:
        self._console = console
        self._rows = rows
        self._told = 0

    def advance(self, tally: Tally) -> None:
        if tally.done * PLAIN_STEPS // self._rows > self._told:
            self._told = tally.done * PLAIN_STEPS // self._rows
            self._console.print(f"{tally.done:,} of {self._rows:,}", highlight=False)


@contextmanager
def _nothing() -> Generator[None]:
    yield


def report(result: Result) -> Group:
    """Return the tables."""
    parts = (_rows(result), _bad(result), _service(result), _verdict(result))
    return Group(*(Padding(part, (1, 0, 0, 0)) for part in parts if part is not None))


def _rows(result: Result) -> Table:
    tally = result.tally
    table = _figures(f"{result.rows:,} rows")
    table.add_row("accepted", f"{tally.accepted:,}", f"cost {tally.cost:,.2f}")
    table.add_row("refused", f"{tally.refused.total():,}", _kinds(tally))
    table.add_row("bad", f"{len(tally.bad):,}", "refused by the library, nothing was sent")
    table.add_row("duplicates", f"{tally.duplicates:,}", "the same number again")
    return table


def _kinds(tally: Tally) -> str:
    return ", ".join(f"{name} {count}" for name, count in tally.refused.most_common())


def _bad(result: Result) -> Table | None:
    if not result.tally.bad:
        return None
    table = _table("Bad rows")
    table.add_column(justify="right", min_width=9)
    table.add_column(overflow="fold", style="yellow")
    table.add_column(style="dim")
    for recipient, reason in sorted(result.tally.bad, key=lambda pair: pair[0].line):
        table.add_row(f"line {recipient.line}", Text(recipient.phone), Text(reason))
    return table


def _service(result: Result) -> Table:
    table = _figures("At the service")
    table.add_row("requests", f"{result.requests:,}", "one for each message, and the code")
    table.add_row("most at once", f"{result.most_at_once}", f"allowed: {result.places}")
    table.add_row("error 9", f"{result.error_9}", "refused for a limit")
    table.add_row("one-time code", _code(result.tally.code), _overtaken(result.tally.code))
    table.add_row(
        "time",
        f"{result.seconds:.1f} s",
        f"{result.at_best:.1f} s if nothing but the limits took time",
    )
    return table


def _code(code: Code | None) -> str:
    return "never" if code is None else f"{code.seconds * 1000:.0f} ms"


def _overtaken(code: Code | None) -> str:
    return "" if code is None else f"sent half way, past {code.overtaken} messages in line"


def _verdict(result: Result) -> Text:
    if result.good:
        return Text("Every row is accounted for, and no limit was met.", "bold green")
    if not result.all_told:
        return Text("Some rows are not accounted for.", "bold red")
    return Text("A limit was met, or the code was lost.", "bold red")


def _figures(title: str) -> Table:
    table = _table(title)
    table.add_column(min_width=13)
    table.add_column(justify="right", min_width=7, style="bold")
    table.add_column(style="dim")
    return table


def _table(title: str) -> Table:
    return Table(
        title=title,
        title_justify="left",
        title_style="bold cyan",
        box=None,
        show_header=False,
        padding=(0, 2, 0, 0),
    )
