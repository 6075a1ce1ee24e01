"""What ``smsc campaign run`` shows while it goes, and how Ctrl-C ends it."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import Callable, Coroutine, Generator
from contextlib import contextmanager, suppress
from types import FrameType

import anyio
from rich.console import Console, Group
from rich.live import Live
from rich.progress import BarColumn, TaskProgressColumn, TextColumn
from rich.progress import Progress as Bar
from rich.text import Text

from .. import Snapshot
from ..campaigns import Progress
from ._limits import lasting

LINE_EVERY = 5.0  # seconds, where there is no terminal

Heard = Callable[[Progress], None]


async def until_stopped(running: Coroutine[object, object, object], console: Console) -> None:
    """Run it until it ends or Ctrl-C stops it, which may take as long as an answer.

    The second Ctrl-C ends the program at once.
    """
    loop, task = asyncio.get_running_loop(), asyncio.ensure_future(running)

    def stop() -> None:
        task.cancel()
        console.print("Stopping: what is under way comes to its end. Ctrl-C again ends at once.")

    def interrupted(_signal: int, _frame: FrameType | None) -> None:
        signal.signal(signal.SIGINT, signal.default_int_handler)
        loop.call_soon_threadsafe(stop)

    before = signal.signal(signal.SIGINT, interrupted)
    try:
        with suppress(asyncio.CancelledError):
            await task
    finally:
        signal.signal(signal.SIGINT, before)


@contextmanager
def watching(console: Console, campaign: str, snapshot: Callable[[], Snapshot]) -> Generator[Heard]:
    """Show how a campaign goes: a bar on a terminal, a line now and then elsewhere."""
    console.print(f"{campaign}. Ctrl-C stops it cleanly.", markup=False)

    def in_force() -> str:
        return limit(snapshot())

    if not console.is_terminal:
        yield _Lines(console, in_force).heard
        return
    bar = Bar(
        TextColumn("sending"),
        BarColumn(bar_width=36, complete_style="cyan", finished_style="green"),
        TaskProgressColumn("{task.completed:,.0f} of {task.total:,.0f}"),
        console=console,
    )
    task = bar.add_task("", total=1, visible=False)
    with Live(bar, console=console) as live:

        def heard(told: Progress) -> None:
            bar.update(task, completed=done(told), total=told.rows, visible=True)
            live.update(Group(bar, Text(aside(told, in_force()), "dim")))

        yield heard
        live.update(bar)  # what was so meanwhile is so no more


class _Lines:
    def __init__(self, console: Console, in_force: Callable[[], str]) -> None:
        self._console = console
        self._in_force = in_force
        self._next = 0.0

    def heard(self, told: Progress) -> None:
        now = anyio.current_time()
        if now >= self._next:
            self._next = now + LINE_EVERY
            so_far = f"{done(told):,} of {told.rows:,}"
            self._console.print(f"{so_far}, {aside(told, self._in_force())}", soft_wrap=True)


def done(told: Progress) -> int:
    """Return how many rows nothing is to be done about any more."""
    return told.rows - told.waiting - told.under_way - told.in_doubt


def aside(told: Progress, in_force: str) -> str:
    """Say in a line what there is to say beside how many rows are done."""
    rate = told.rate
    parts = [f"{rate:,.0f} a second" if rate >= 1 or not rate else f"{rate * 60:,.0f} a minute"]
    if told.in_doubt and not told.waiting and not told.under_way:
        rows = "row" if told.in_doubt == 1 else "rows"
        parts.append(f"all sent, looking up {told.in_doubt:,} {rows} in doubt")
    else:
        if told.seconds_left is not None:
            parts.append(f"{lasting(told.seconds_left)} left")
        if told.in_doubt:
            parts.append(f"{told.in_doubt:,} in doubt")
    parts.append(f"waits for {told.waiting_for}" if told.waiting_for else in_force)
    return ", ".join(parts)


def limit(seen: Snapshot) -> str:
    """Say which limit is in force: the one that most requests wait for, or that of places."""
    if seen.paused:
        return f"nothing starts for {lasting(seen.paused)}"
    places = f"{seen.in_flight + seen.lingering} of {seen.places} places"
    rules = [one for one in seen.standing if one.seconds is not None]
    if not rules:
        waiting = sum(seen.waiting.values())
        return f"{places}, {waiting} wait" if waiting else places
    first = max(rules, key=lambda one: one.waiting)
    return f"{places}, {first.waiting} wait for {first.rule}"
