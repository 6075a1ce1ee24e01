"""The database of a program is lost while the service calls: afterwards it knows all, in order."""

from __future__ import annotations

import asyncio
import contextlib
import sqlite3
from collections import defaultdict
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx
import pytest

from smsc_async._transport.clock import loop_time
from smsc_async.simulator import Settings, Simulator
from smsc_async.webhooks import CallbackApp, SqliteSeen, StatusReport
from tests.simulator.posting import Sender
from tests.virtual import EPOCH, run

from .calling import SECRET

NOW = datetime(2026, 11, 21, 9, 30, tzinfo=UTC)
PHONES = 50  # of a request
SPAN = 200.0  # seconds within which all requests are sent
AGAIN = 10  # one phone of so many is told of twice
COURSE = [0, 1, 2, 4]  # under way, delivered, read, its link opened
LOST, BACK = 100.0, 130.0  # when the database is lost, and when it is there again

TABLES = """
PRAGMA synchronous = OFF; -- its end is not what is tested
CREATE TABLE told (
    number INTEGER PRIMARY KEY, message TEXT, status INTEGER, late INTEGER,
    UNIQUE (message, status)
);
CREATE TABLE newest (message TEXT PRIMARY KEY, status INTEGER);
"""


class Program:
    """Writes each status into a database of its own, and fails where that cannot be used."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.failed = 0
        with contextlib.closing(sqlite3.connect(path)) as db:
            db.executescript(TABLES)

    async def on_status(self, report: StatusReport) -> None:
        await self._write(report, late=False)

    async def on_late(self, report: StatusReport) -> None:
        await self._write(report, late=True)

    async def _write(self, report: StatusReport, *, late: bool) -> None:
        await asyncio.sleep(0.01)
        message = f"{report.id} {report.phone}"
        try:
            with contextlib.closing(sqlite3.connect(self.path)) as db, db:
                db.execute("PRAGMA synchronous = OFF")
                db.execute(
                    "INSERT INTO told (message, status, late) VALUES (?, ?, ?)",
                    (message, report.status, late),
                )
                if not late:
                    db.execute("REPLACE INTO newest VALUES (?, ?)", (message, report.status))
        except sqlite3.OperationalError:
            self.failed += 1
            raise

    def read(self) -> tuple[dict[str, list[int]], dict[str, list[int]], dict[str, int]]:
        """Return what each message was told, what came late, and its newest status."""
        told, late = defaultdict[str, list[int]](list), defaultdict[str, list[int]](list)
        with contextlib.closing(sqlite3.connect(self.path)) as db:
            for row in db.execute("SELECT message, status, late FROM told ORDER BY number"):
                (late if row[2] else told)[row[0]].append(row[1])
            return told, late, dict(db.execute("SELECT message, status FROM newest"))


async def sent(simulator: Simulator, sender: Sender, number: int) -> None:
    """Send to many phones; some of them read it and open its link, each in their own time."""
    phones = [str(79_990_000_000 + at) for at in range(PHONES)]
    id = f"m{number}"  # noqa: A001 - the service's name
    await sender.json("send.php", phones=",".join(phones), mes=f"text {number}", id=id)
    loop = asyncio.get_running_loop()
    for at, phone in enumerate(phones):
        for status in COURSE[2:]:
            seconds = 5 + status * 4 + at % 7
            for again in range(1 + (at % AGAIN == 0)):
                loop.call_later(seconds + again, simulator.set_status, id, phone, status)


@pytest.mark.parametrize(("lost", "requests"), [("program.db", 25), (".", 5)])
def test_a_database_that_is_lost_for_half_a_minute_knows_every_status_once_and_in_order(
    lost: str, requests: int, tmp_path: Path
) -> None:
    """In the second case the file of what was handled is lost with it."""
    messages = requests * PHONES
    folder = tmp_path / "of the program"
    folder.mkdir()
    program = Program(folder / "program.db")
    away = tmp_path / "away"

    async def main() -> None:
        seen = SqliteSeen(folder / "seen.db", clock=lambda: NOW.timestamp() + loop_time())
        app = CallbackApp(
            secret=SECRET, on_status=program.on_status, on_late=program.on_late, seen=seen
        )
        settings = Settings(
            callback=f"https://program/hook?charset=utf-8&fmt=3&sha1={SECRET}",
            delivery=5.0,
            balance=Settings().balance * 10,
        )
        simulator = Simulator(
            settings,
            wall=lambda: NOW + timedelta(seconds=loop_time()),
            callback_transport=httpx.ASGITransport(app),
        )
        loop = asyncio.get_running_loop()
        loop.call_at(EPOCH + LOST, gone)
        loop.call_at(EPOCH + BACK, restored)
        transport = httpx.ASGITransport(simulator.app)
        async with simulator, httpx.AsyncClient(transport=transport, base_url="http://s") as http:
            for number in range(requests):
                await sent(simulator, Sender(http), number)
                await asyncio.sleep(SPAN / requests)
            await simulator.delivered()
        callbacks = simulator.callbacks
        assert len(callbacks) == messages * len(COURSE) + 2 * messages // AGAIN
        assert {each.attempts[-1].code for each in callbacks} == {200}
        in_vain = [attempt.code for each in callbacks for attempt in each.attempts[:-1]]
        assert set(in_vain) == {503}
        assert len(in_vain) > len(callbacks) / 20
        await app.aclose()

    def gone() -> None:
        (folder / lost).rename(away)
        if lost != ".":  # where the file was there is a folder: it can be neither opened nor made
            (folder / lost).mkdir()

    def restored() -> None:
        if lost != ".":
            (folder / lost).rmdir()
        away.rename(folder / lost)

    run(main())
    told, late, newest = program.read()
    assert (program.failed > 0) == (lost != "."), "it is not called while nobody could note it"
    assert len(newest) == messages
    assert set(newest.values()) == {4}
    for message in newest:
        assert sorted(told[message] + late[message]) == COURSE
        assert told[message] == sorted(told[message]), "never backwards"
    assert sum(map(len, late.values())) > 0, "what is repeated comes after newer ones"
