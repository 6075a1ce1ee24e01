"""What a campaign of a million costs to make: against the bare work, and in memory."""

from __future__ import annotations

import asyncio
import csv
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from smsc_async.campaigns._files import read_csv
from smsc_async.campaigns._loading import load
from smsc_async.campaigns._making import Maker
from smsc_async.campaigns._sqlite import SqliteStore
from smsc_async.campaigns._templates import compiled

from .results import measured, paragraph, table, verdict
from .turns import microseconds, take_turns

ROWS = 1_000_000
FEW = 100_000
ROUNDS = 3
MOST_RATIO = 3.0
MOST_MEGABYTES = 200
MOST_GROWTH = 1.1  # from FEW rows to ROWS

COLUMNS = ("phone", "name", "city", "order", "code")
TEXT = "{name}, заказ {order} ждёт вас в пункте выдачи ({city}). Код: {code}"
NAMES = ("Анна Смирнова", "Ерлан Оспанов", "Пётр Цой", "Светлана Щербакова")
CITIES = ("Москва", "Алматы", "Санкт-Петербург", "Йошкар-Ола")


def write_list(path: Path, rows: int) -> None:
    """Write a list of *rows* recipients, no two of them the same."""
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(COLUMNS)
        writer.writerows(
            (
                f"+7926{number * 7919 % 10**7:07}",
                NAMES[number % 4],
                CITIES[number // 4 % 4],
                800_000 + number,
                number % 9000 + 1000,
            )
            for number in range(rows)
        )


def bare(listed: Path, made: Path) -> None:
    """Put the cells of a list into a table, and do nothing else."""
    db = sqlite3.connect(made, isolation_level=None)
    db.execute("CREATE TABLE list (phone, name, city, number, code)")
    db.execute("BEGIN")
    with listed.open(encoding="utf-8", newline="") as file:
        reader = csv.reader(file)
        next(reader)
        db.executemany("INSERT INTO list VALUES (?, ?, ?, ?, ?)", reader)
    db.execute("COMMIT")
    db.close()


def ours(listed: Path, made: Path) -> None:
    """Make a campaign of a list."""

    async def main() -> None:
        async with SqliteStore(made) as store:
            campaign = (await store.begin("", b"{}")).number
            loaded = await load(store, campaign, read_csv(listed), Maker(template=compiled(TEXT)))
            if loaded.bad:
                raise RuntimeError(f"there are bad rows: {loaded.bad}")
            await store.finish(campaign, duplicates=False)

    asyncio.run(main())


def timed(work: Callable[[Path, Path], None], listed: Path) -> Callable[[], float]:
    """Return what measures *work*, in seconds a row."""

    def measure() -> float:
        with tempfile.TemporaryDirectory() as folder:
            begun = time.perf_counter()
            work(listed, Path(folder, "made.db"))
            return (time.perf_counter() - begun) / ROWS

    return measure


def peak(rows: int) -> float:
    """Return the most megabytes that a process holds which makes a campaign of *rows*."""
    program = [sys.executable, "-m", "benchmarks.campaign", str(rows)]
    done = subprocess.run(program, stdout=subprocess.PIPE, text=True, check=True)  # noqa: S603 - our own
    return float(done.stdout)


def alone(rows: int) -> None:
    """Make one campaign, and print the most megabytes that were held, as Linux counts them."""
    with tempfile.TemporaryDirectory() as folder:
        listed = Path(folder, "list.csv")
        write_list(listed, rows)
        ours(listed, Path(folder, "made.db"))
    status = Path("/proc/self/status").read_text("ascii")
    (kilobytes,) = (line.split()[1] for line in status.splitlines() if line.startswith("VmHWM:"))
    print(int(kilobytes) / 1024)


def create() -> None:
    """Print what making a campaign takes."""
    with tempfile.TemporaryDirectory() as folder:
        listed = Path(folder, "list.csv")
        write_list(listed, ROWS)
        figures = take_turns({"ours": timed(ours, listed), "bare": timed(bare, listed)}, ROUNDS)
    ratio = figures.ratio("ours", "bare")
    megabytes = {rows: peak(rows) for rows in (FEW, ROWS)}
    print(
        paragraph(
            f"A campaign of {ROWS:,} rows made of a CSV file: encoding and delimiter found, phones",
            "read, texts made of five columns and checked, all of it stored in full sync, numbers",
            "that came before marked; beside `csv.reader` and `executemany` into a bare table.",
            f"Medians of {ROUNDS} rounds in turn; memory of a process that does nothing else.",
        )
    )
    rows = [
        (side, microseconds(figures.seconds(side)), f"{figures.ratio(side, 'bare'):.2f}")
        for side in ("bare", "ours")
    ]
    print(table(["", "a row", "ratio"], rows))
    print(
        table(
            ["rows", "most memory"],
            [(f"{rows:,}", f"{most:.0f} MB") for rows, most in megabytes.items()],
        )
    )
    growth = megabytes[ROWS] / megabytes[FEW]
    print(
        verdict(
            f"at most {MOST_RATIO:.0f} times the bare work ({ratio:.2f})", held=ratio <= MOST_RATIO
        )
    )
    print(
        verdict(
            f"under {MOST_MEGABYTES} MB ({megabytes[ROWS]:.0f})",
            held=megabytes[ROWS] < MOST_MEGABYTES,
        )
    )
    print(
        verdict(
            f"flat from {FEW:,} rows on: at most {MOST_GROWTH:.1f} times as much ({growth:.2f})",
            held=growth <= MOST_GROWTH,
        )
    )


def main(arguments: list[str]) -> None:
    """Print the section; with a number of rows, measure one campaign of that many."""
    if arguments:
        alone(int(arguments[0]))
        return
    create()
    print()
    print(measured(["phonenumbers", "msgspec"]))


if __name__ == "__main__":
    main(sys.argv[1:])
