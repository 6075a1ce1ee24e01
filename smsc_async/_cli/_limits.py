"""What ``smsc limits`` shows: how much of a login's limits is used, and what waits."""

from __future__ import annotations

import math
import os
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path

import anyio
from rich.console import Console, Group, RenderableType
from rich.live import Live
from rich.padding import Padding
from rich.progress_bar import ProgressBar
from rich.table import Table
from rich.text import Text

from .. import FileThrottle, Meter, SmscClient, Snapshot, Standing, Throttle

NAMES = 20  # columns for what a bar is about
BAR = 20
COUNT = 10
EVERY = 0.5  # seconds between two looks

MINUTE = 60
HOUR = 60 * MINUTE


async def of_account(
    show: Callable[[FileThrottle], Awaitable[None]], throttle: FileThrottle, login: str | None
) -> None:
    """Let *show* see the limits of *login*, or of the account that the environment names.

    A file is that of one account. In a folder the account names it, as a client knows it: by the
    login or the key. Nothing is sent, so no password is asked for.
    """
    if not throttle.path.is_dir():
        await show(throttle)
        return
    if login is None and not os.environ.get("SMSC_API_KEY"):
        login = os.environ.get("SMSC_LOGIN") or None
    async with SmscClient(
        login=login, password="none is needed" if login else None, throttle=throttle
    ) as smsc:
        _ = smsc.throttle  # whose account the client names when it is first asked for it
        await show(throttle)


def seen(throttle: FileThrottle) -> Snapshot:
    """Tell how the limits stand; to look is no reason to make a file."""
    return throttle.snapshot() if throttle.file.exists() else Throttle().snapshot()


async def watch(throttle: FileThrottle, console: Console) -> None:
    """Show how things stand, in place, until this is cancelled."""
    with Live(console=console, auto_refresh=False) as live:
        while True:
            live.update(drawn(seen(throttle), throttle.file), refresh=True)
            await anyio.sleep(EVERY)


def drawn(seen: Snapshot, path: Path) -> Group:
    """Return a picture of the limits that are kept in the file at *path*."""
    parts = [*_parts(seen)] or [
        Text("Nothing is under way, nothing waits, and no operation has used its limit.")
    ]
    where = Text(f"Limits kept in {path}", "dim", overflow="fold")
    return Group(where, *(Padding(part, (1, 0, 0, 0)) for part in parts))


def _parts(seen: Snapshot) -> Iterator[RenderableType]:
    if seen.paused:
        yield Text(f"Paused: nothing starts for {lasting(seen.paused)}.", "bold yellow")
    bars = [_meter(meter) for meter in seen.meters]
    if seen.in_flight or seen.lingering or seen.places < seen.allowed:
        bars.insert(0, _places(seen))
    if bars:
        yield Group(*bars)
    if any(seen.waiting.values()):
        yield _waiting(seen)


def _places(seen: Snapshot) -> Group:
    used = seen.in_flight + seen.lingering
    below = f"{seen.in_flight} under way"
    if seen.lingering:
        below += f", {seen.lingering} given up that may still run"
    if seen.places < seen.allowed:
        below += f"\n{seen.allowed} in all; the service says that others use some"
    return _bar("requests at once", used, seen.places, "", below)


def _meter(meter: Meter) -> Group:
    if meter.seconds is None:
        note = "back after an answer"
    else:
        note = f"1 back in {lasting(meter.seconds)}"
    return _bar(meter.name, meter.used, meter.limit, note, meter.rule)


def _bar(name: str, used: int, limit: int, note: str, below: str) -> Group:
    row = Table.grid(padding=(0, 2, 0, 0))
    row.add_column(width=NAMES - 2, no_wrap=True)
    row.add_column(width=BAR)
    row.add_column(width=COUNT, justify="right", no_wrap=True)
    row.add_column(no_wrap=True)
    style = "yellow" if used >= limit else "cyan"
    bar = ProgressBar(
        total=limit, completed=used, width=BAR, complete_style=style, finished_style=style
    )
    row.add_row(Text(name, "bold"), bar, f"{used} of {limit}", Text(note))
    return Group(row, Padding(Text(below, "dim"), (0, 0, 0, NAMES)))


def _waiting(seen: Snapshot) -> Group:
    lanes = ", ".join(f"{count} {lane}" for lane, count in seen.waiting.items() if count)
    table = Table.grid(padding=(0, 2, 0, 0))
    table.add_column(justify="right", min_width=6)
    table.add_column(no_wrap=True)
    table.add_column(style="dim")
    for standing in seen.standing:
        table.add_row(f"{standing.waiting}", _until(standing), standing.rule)
    return Group(Text(f"In line: {lanes}", "bold"), table)


def _until(standing: Standing) -> str:
    if standing.seconds is None:
        return "until one is free"
    return f"for {lasting(standing.seconds)}"


def lasting(seconds: float) -> str:
    """Say how long *seconds* are, and never less."""
    if seconds <= 2 * MINUTE:
        return f"{math.ceil(seconds)} s"
    minutes = math.ceil(seconds / MINUTE)
    if minutes <= 2 * HOUR // MINUTE:
        return f"{minutes} min"
    hours, minutes = divmod(minutes, HOUR // MINUTE)
    return f"{hours} h {minutes} min" if minutes else f"{hours} h"
