"""What the demo shows: lines while it goes, tables at the end."""

from __future__ import annotations

from collections.abc import Generator
from contextlib import contextmanager

from rich.console import Console, Group
from rich.padding import Padding
from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeElapsedColumn
from rich.table import Table
from rich.text import Text

from ._demo import ROWS_PER_REQUEST, Code, Result, Tally, Watch
from ._tables import figures, table

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
    told = figures(f"{tally.rows:,} rows")
    told.add_row("accepted", f"{tally.accepted:,}", f"cost {tally.cost:,.2f}")
    refused = [f"{count} {reason}" for reason, count in tally.refused.most_common()]
    told.add_row("refused", f"{tally.refused.total():,}", Text("\n".join(refused)))
    told.add_row("bad", f"{len(tally.bad):,}", "refused by the library, never sent")
    told.add_row("duplicates", f"{tally.duplicates:,}", "the same number again, never sent")
    return told


def _bad(result: Result) -> Table | None:
    if not result.tally.bad:
        return None
    told = table("Bad rows")
    told.add_column(justify="right", min_width=9)
    told.add_column(overflow="fold", style="yellow")
    told.add_column(style="dim")
    for bad in result.tally.bad:
        told.add_row(f"line {bad.line}", Text(bad.phone), Text(bad.reason))
    return told


def _service(result: Result) -> Table:
    told = figures("At the service")
    told.add_row(
        "requests", f"{result.requests:,}", f"of {ROWS_PER_REQUEST} rows at most, and the code"
    )
    told.add_row("accepted", f"{result.taken:,}", "messages, and the code")
    told.add_row("most at once", f"{result.most_at_once}", f"allowed: {result.places}")
    told.add_row("error 9", f"{result.error_9}", "refused for a limit")
    told.add_row("one-time code", _code(result.tally.code), _overtaken(result.tally.code))
    told.add_row(
        "time",
        f"{result.seconds:.1f} s",
        f"{result.at_best:.1f} s if nothing but the limits took time",
    )
    return told


def _code(code: Code | None) -> str:
    return "never" if code is None else f"{code.seconds * 1000:.0f} ms"


def _overtaken(code: Code | None) -> str:
    return "" if code is None else f"sent half way, before {code.overtaken:,} rows that wait"


def _verdict(result: Result) -> Text:
    if result.good:
        return Text("Every row is accounted for, and no limit was met.", "bold green")
    if not result.all_told:
        return Text("Some rows are not accounted for.", "bold red")
    return Text("A limit was met, or the code was lost.", "bold red")
