"""What the store of campaigns costs: to load, to send by, to look at."""

from __future__ import annotations

import asyncio
import resource
import sqlite3
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

from smsc_async.campaigns._plan import Event
from smsc_async.campaigns._records import NewRow, NewRows, RowState, Verdict
from smsc_async.campaigns._sqlite import SqliteStore

from .results import measured, paragraph, table, verdict

ROWS = 1_000_000
PORTION = 5_000
PLACES = 14
REQUESTS = 700
MOST_LOAD = 3.0  # times what bare SQLite needs
MOST_REPORT = 10.0  # seconds
MOST_MEMORY = 200.0  # megabytes
TAKEN = Verdict(event=Event.TAKEN, rows=RowState.ACCEPTED)


def portions(rows: int) -> Iterator[list[NewRow]]:
    """Give the rows of a campaign; each tenth number came before."""
    for start in range(0, rows, PORTION):
        yield [
            NewRow(line, f"+7999{line - line % 10 // 9:07}", f"Dear {line}, we are open", None)
            for line in range(start, start + PORTION)
        ]


def bare(path: Path, rows: int) -> float:
    """Return how long SQLite alone needs to write the same, as durably."""
    taken = 0.0
    with closing(sqlite3.connect(path, isolation_level=None)) as db:
        db.execute("PRAGMA journal_mode = WAL")
        db.execute("PRAGMA synchronous = FULL")
        db.execute("CREATE TABLE plain (line INTEGER, phone TEXT, text TEXT, zone TEXT, alone)")
        for portion in portions(rows):
            before = time.perf_counter()
            db.execute("BEGIN")
            db.executemany("INSERT INTO plain VALUES (?, ?, ?, ?, ?)", portion)
            db.execute("COMMIT")
            taken += time.perf_counter() - before
    return taken


async def load(store: SqliteStore, rows: int) -> tuple[int, float, float]:
    """Make a campaign; return it, how long its rows took, and how long the end of it."""
    campaign = (await store.begin("measured", b"{}")).number
    taken = 0.0
    for portion in portions(rows):
        columns = NewRows.of(*portion)
        before = time.perf_counter()
        await store.add(campaign, columns)
        taken += time.perf_counter() - before
    before = time.perf_counter()
    await store.finish(campaign, duplicates=False)
    return campaign, taken, time.perf_counter() - before


async def send(store: SqliteStore, campaign: int, tasks: int, requests: int) -> float:
    """Claim and record *requests* in *tasks* at once; return how many a second there were."""

    async def one() -> None:
        for _ in range(requests // tasks):
            request = await store.claim(campaign, 100)
            if request is not None:
                await store.record(request.number, TAKEN)

    before = time.perf_counter()
    await asyncio.gather(*(one() for _ in range(tasks)))
    return requests // tasks * tasks / (time.perf_counter() - before)


async def timed_report(store: SqliteStore, campaign: int) -> tuple[float, float]:
    """Return how long it takes to count the rows, and to read them all."""
    before = time.perf_counter()
    await store.counts(campaign)
    counted = time.perf_counter()
    async for _ in store.rows(campaign):
        pass
    return counted - before, time.perf_counter() - counted


def memory() -> float:
    """Return the most megabytes that this process ever held."""
    most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return most / (1 << 20 if sys.platform == "darwin" else 1 << 10)


async def main(rows: int = ROWS) -> None:
    """Measure, and print the section."""
    with tempfile.TemporaryDirectory() as folder:
        async with SqliteStore(Path(folder) / "campaigns.db") as store:
            plain = bare(Path(folder) / "plain.db", rows // 5) * 5
            campaign, loading, ending = await load(store, rows)
            plain = (plain + bare(Path(folder) / "again.db", rows // 5) * 5) / 2
            alone = await send(store, campaign, 1, REQUESTS)
            together = await send(store, campaign, PLACES, REQUESTS)
            counting, reading = await timed_report(store, campaign)
            await store.stand(campaign, "cancelled")
            before = time.perf_counter()
            await store.purge(campaign)
            purging = time.perf_counter() - before
    print(measured())
    print(
        paragraph(
            f"A campaign of {rows:,} rows in a file, each write made sure of on the disk.",
            "A request is claimed with 100 rows, and its outcome recorded: two steps, which are",
            f"two commits where one is under way at a time; with {PLACES}, those share commits.",
        )
    )
    print(
        table(
            ["", "figure"],
            [
                ["a row to load, microseconds", f"{loading / rows * 1e6:.1f}"],
                ["the same by SQLite alone", f"{plain / rows * 1e6:.1f}"],
                ["the end of loading, duplicates marked, seconds", f"{ending:.1f}"],
                ["requests a second, one at a time", f"{alone:.0f}"],
                [f"requests a second, {PLACES} at once", f"{together:.0f}"],
                ["to count all rows, seconds", f"{counting:.2f}"],
                ["to read all rows, seconds", f"{reading:.1f}"],
                ["to forget phones and texts, seconds", f"{purging:.1f}"],
                ["most memory of the process, megabytes", f"{memory():.0f}"],
            ],
        )
    )
    print(
        verdict(
            f"a row costs no more than {MOST_LOAD:.0f} times what SQLite alone needs",
            held=loading < MOST_LOAD * plain,
        )
    )
    print(
        verdict(
            f"all rows are read in {MOST_REPORT:.0f} seconds", held=counting + reading < MOST_REPORT
        )
    )
    print(verdict(f"memory stays under {MOST_MEMORY:.0f} megabytes", held=memory() < MOST_MEMORY))


if __name__ == "__main__":
    asyncio.run(main())
