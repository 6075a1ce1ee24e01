"""One file of what was handled, and several who use it: threads, processes, slow handlers."""

from __future__ import annotations

import asyncio
import sqlite3
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path

import pytest

from smsc_async.webhooks import Event, Letter, SqliteSeen


def event(subject: str, status: int = 1) -> Event:
    name = subject.encode()
    return Event(name + bytes([status]), name, (status, 0, status, 0))


class Clock:
    now = 1_000.0

    def __call__(self) -> float:
        return self.now


def test_letters_may_be_read_from_another_thread_while_callbacks_come(tmp_path: Path) -> None:
    seen = SqliteSeen(tmp_path / "seen.db")

    async def main() -> None:
        for number in range(300):
            one = event(str(number))
            assert await seen.begin(one, 35) == "new"
            await seen.keep(Letter(number, "strange", "", str(number).encode()))
            await seen.end(one, handled=True)
            assert await seen.begin(one, 35) == "duplicate"
            await asyncio.sleep(0)
        await seen.aclose()

    with ThreadPoolExecutor(1) as other:
        reading = other.submit(lambda: [len(seen.letters()) for _ in range(300)])
        asyncio.run(main())
        assert max(reading.result()) <= 100


def test_after_a_locked_file_nobody_waits_for_a_while_and_then_all_is_well(tmp_path: Path) -> None:
    path, clock = tmp_path / "seen.db", Clock()

    async def main() -> None:
        seen = SqliteSeen(path, clock=clock)
        assert await seen.begin(event("a"), 35) == "new"
        with closing(sqlite3.connect(path, isolation_level=None)) as other:
            other.execute("BEGIN IMMEDIATE")
            for _ in range(3):
                with pytest.raises(sqlite3.OperationalError, match="locked"):
                    await seen.begin(event("b"), 35)
            other.execute("ROLLBACK")
        assert await seen.begin(event("b"), 35) == "new"  # within the same second
        clock.now += 2
        await seen.end(event("b"), handled=True)
        assert await seen.begin(event("b"), 35) == "duplicate"
        await seen.aclose()

    asyncio.run(main())


def test_who_took_too_long_does_not_let_go_of_what_another_holds(tmp_path: Path) -> None:
    clock = Clock()

    async def main() -> None:
        slow, quick = (SqliteSeen(tmp_path / "seen.db", clock=clock) for _ in range(2))
        assert await slow.begin(event("a", 0), 35) == "new"
        clock.now += 36
        assert await quick.begin(event("a", 1), 35) == "new"
        await slow.end(event("a", 0), handled=False)
        assert await slow.begin(event("a", 2), 35) == "busy"
        await quick.end(event("a", 1), handled=True)
        assert await slow.begin(event("a", 2), 35) == "new"
        await slow.aclose()
        await quick.aclose()

    asyncio.run(main())


def test_a_letter_is_kept_with_the_parameters_of_its_address(tmp_path: Path) -> None:
    letter = Letter(1.5, "strange", "text/xml", b"<a/>", b"p=1")

    async def main() -> None:
        seen = SqliteSeen(tmp_path / "seen.db")
        await seen.keep(letter)
        assert seen.letters() == [letter]
        await seen.aclose()

    asyncio.run(main())
