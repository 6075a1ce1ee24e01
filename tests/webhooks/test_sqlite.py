"""The file of what was handled: over restarts, for several processes, whatever becomes of it."""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import sqlite3
import stat
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from smsc_async.webhooks import CallbackApp, Event, Letter, SqliteSeen
from smsc_async.webhooks._seen import event_of
from tests.virtual import run

from .calling import SECRET, Clock, Heard, lines, post, signed, status

DAY = 86_400.0


def single(number: int) -> Event:
    """Return an event that is the only one of its message."""
    return Event(b"key %d" % number, b"subject %d" % number, (0, 0, 0, 0))


def counted(path: Path) -> tuple[int, int]:
    """Return how many events and messages are remembered."""
    with contextlib.closing(sqlite3.connect(path)) as db:
        (found,) = db.execute("SELECT (SELECT COUNT(*) FROM handled), COUNT(*) FROM subject")
    return found[0], found[1]


@contextlib.contextmanager
def app_at(path: Path, heard: Heard, late: Heard | None = None) -> Iterator[CallbackApp]:
    app = CallbackApp(secret=SECRET, on_status=heard, on_late=late, seen=SqliteSeen(path))
    yield app
    run(app.aclose())


def told(path: Path, *numbers: int) -> tuple[list[int], list[int]]:
    """Tell a new program of statuses; return what it heard, and what it was told late."""
    heard, late = Heard(), Heard()

    async def main(app: CallbackApp) -> None:
        for number in numbers:
            assert await post(app, status(number)) == 200

    app = CallbackApp(secret=SECRET, on_status=heard, on_late=late, seen=SqliteSeen(path))
    run(main(app))
    run(app.aclose())
    return heard.statuses, late.statuses


def test_what_was_handled_is_remembered_over_a_restart_with_its_order(tmp_path: Path) -> None:
    path = tmp_path / "seen.db"

    assert told(path, 0, 1) == ([0, 1], [])
    assert told(path, 1, 0, -1, 2) == ([2], [-1])
    assert told(path, 2, 1, 0, -1) == ([], [])


def test_nobody_else_can_read_any_of_its_files(tmp_path: Path) -> None:
    before = os.umask(0)
    try:
        seen = SqliteSeen(tmp_path / "seen.db")
        run(seen.keep(Letter(1.0, "why", "text/plain", b"a number")))
        files = list(tmp_path.iterdir())
        assert {each.name for each in files} == {"seen.db", "seen.db-wal", "seen.db-shm"}
        assert {stat.S_IMODE(each.stat().st_mode) for each in files} == {0o600}
        run(seen.aclose())
    finally:
        os.umask(before)


def test_no_file_holds_a_number_an_id_or_a_text(tmp_path: Path) -> None:
    path, heard = tmp_path / "seen.db", Heard()
    sent, came, sender, to, text = "Order-8812", "88135571", "79161234509", "79265550143", "4711 wd"

    async def main(app: CallbackApp) -> None:
        for number in (0, 1):
            assert await post(app, status(number, id=sent, phone=sender, cmt=text)) == 200
        answer = signed({"id": came, "sms_id": sent, "phone": sender, "mes": text, "to": to})
        assert await post(app, answer) == 200

    app = CallbackApp(secret=SECRET, on_status=heard, on_message=heard, seen=SqliteSeen(path))
    run(main(app))
    held = {each.name: each.read_bytes() for each in tmp_path.iterdir()}
    run(app.aclose())
    held["closed"] = path.read_bytes()

    assert held.keys() == {"seen.db", "seen.db-wal", "seen.db-shm", "closed"}
    for callback in heard:
        for name in ("seen.db-wal", "closed"):
            assert event_of(callback).key in held[name], "it is there, as a digest"
    words = [each.encode() for each in (sent, came, sender, to, text)]
    assert not [(name, word) for name, data in held.items() for word in words if word in data]


# Processes.

WORKER = """
import asyncio, json, sys
from smsc_async.webhooks import CallbackApp, SqliteSeen

async def wait(report):
    print("began", flush=True)
    sys.stdin.read()

async def receive():
    return {"type": "http.request", "body": sys.argv[3].encode()}

async def send(event):
    pass

app = CallbackApp(secret=sys.argv[2], on_status=wait, seen=SqliteSeen(sys.argv[1]))
scope = {"type": "http", "method": "POST", "path": "/", "query_string": b"", "headers": []}
asyncio.run(app(scope, receive, send))
"""


@pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="there are no signals")
def test_what_a_killed_process_was_handling_is_handled_again_after_its_lease(
    tmp_path: Path,
) -> None:
    path, clock, heard = tmp_path / "seen.db", Clock(), Heard()
    form = "&".join(f"{name}={value}" for name, value in status(1).items())
    with subprocess.Popen(  # noqa: S603 - our own words
        [sys.executable, "-c", WORKER, str(path), SECRET, form],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == b"began\n"
        clock.now = time.time()
        process.send_signal(signal.SIGKILL)
        process.wait(30)

    async def main() -> None:
        seen = SqliteSeen(path, clock=clock)
        app = CallbackApp(secret=SECRET, on_status=heard, seen=seen)
        assert await post(app, status(0)) == 503, "it may still run"
        assert await post(app, status(1)) == 503
        assert await post(app, status(1, id="6")) == 200
        clock.now += 35.1
        assert await post(app, status(1)) == 200
        assert await post(app, status(1)) == 200
        await app.aclose()

    run(main())
    assert [report.id for report in heard] == ["6", "5"]


# What is forgotten.


def test_after_thirty_days_an_event_and_its_message_are_forgotten(tmp_path: Path) -> None:
    clock, path = Clock(), tmp_path / "seen.db"

    async def main() -> None:
        for number, after in enumerate([0, 29, 2]):
            clock.now += after * DAY
            seen = SqliteSeen(path, clock=clock)  # which looks at its first event
            assert await seen.begin(single(number), 35) == "new"
            await seen.end(single(number), handled=True)
            assert await seen.begin(single(number), 35) == "duplicate"
            await seen.aclose()
            assert counted(path) == [(1, 1), (2, 2), (2, 2)][number]
        seen = SqliteSeen(path, clock=clock)
        assert await seen.begin(single(0), 35) == "new"
        assert await seen.begin(single(1), 35) == "duplicate"
        await seen.aclose()

    run(main())


def test_letters_hold_what_a_person_wrote_so_they_are_forgotten_as_well(tmp_path: Path) -> None:
    clock, path = Clock(), tmp_path / "seen.db"

    async def main() -> None:
        for after, left in ((0, 1), (29, 1), (2, 0)):
            clock.now += after * DAY
            seen = SqliteSeen(path, clock=clock)
            if not after:
                await seen.keep(Letter(clock.now, "strange", "", b"mes=secret"))
            event = single(after)
            assert await seen.begin(event, 35) == "new"
            await seen.end(event, handled=True)
            assert len(seen.letters()) == left
            await seen.aclose()

    run(main())


def test_a_program_that_runs_for_long_forgets_too(tmp_path: Path) -> None:
    clock, path = Clock(), tmp_path / "seen.db"

    async def main() -> None:
        seen = SqliteSeen(path, days=1, clock=clock)
        for number in range(2500):
            await seen.begin(single(number), 35)
            await seen.end(single(number), handled=True)
            clock.now += DAY / 500
        await seen.aclose()

    run(main())
    assert 500 <= counted(path)[0] <= 1500
    assert 500 <= counted(path)[1] <= 1500


@pytest.mark.parametrize("days", [0.0, -1.0, float("nan")])
def test_no_time_at_all_is_refused(days: float, tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="days: more than none"):
        SqliteSeen(tmp_path / "seen.db", days=days)


# Files that it cannot use.


def words(path: Path) -> None:
    path.write_text("this is something else, and longer than a header" * 100)


def of_another_program(path: Path) -> None:
    with contextlib.closing(sqlite3.connect(path)) as db:
        db.execute("CREATE TABLE handled (key BLOB PRIMARY KEY)")


def of_a_newer_version(path: Path) -> None:
    told(path, 1)
    with contextlib.closing(sqlite3.connect(path)) as db:
        db.execute("PRAGMA user_version = 2")
        db.execute("PRAGMA journal_mode = DELETE")


@pytest.mark.parametrize(
    ("made", "why"),
    [
        (words, "file is not a database"),
        (of_another_program, "it is no file of callbacks, or one of another version"),
        (of_a_newer_version, "it is a file of callbacks of a newer version of this library"),
        (Path.mkdir, "unable to open database file"),
    ],
)
def test_another_s_file_is_left_as_it_is_and_the_service_is_told_to_call_again(
    made: Callable[[Path], None], why: str, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    path = tmp_path / "seen.db"
    made(path)
    before = path.read_bytes() if path.is_file() else None
    heard = Heard()

    async def main(app: CallbackApp) -> None:
        for _ in range(2):
            assert await post(app, status()) == 503
        assert lines(caplog) == 2 * [
            f"answered 503 to a callback from 127.0.0.1: the store cannot be used: {why}"
        ]
        assert before == (path.read_bytes() if path.is_file() else None)
        path.rename(tmp_path / "moved")
        assert await post(app, status()) == 200

    with app_at(path, heard) as app:
        run(main(app))
    assert heard.statuses == [1]


def test_a_folder_that_comes_later_is_used_then(tmp_path: Path) -> None:
    path, heard = tmp_path / "later" / "seen.db", Heard()

    async def main(app: CallbackApp) -> None:
        assert await post(app, status()) == 503
        path.parent.mkdir()
        assert await post(app, status()) == 200

    with app_at(path, heard) as app:
        run(main(app))
    assert heard.statuses == [1]


def test_a_locked_file_is_not_waited_for_long_and_used_when_it_is_free(tmp_path: Path) -> None:
    path, heard = tmp_path / "seen.db", Heard()

    async def main(app: CallbackApp) -> None:
        assert await post(app, status(0)) == 200
        with contextlib.closing(sqlite3.connect(path, isolation_level=None)) as other:
            other.execute("BEGIN IMMEDIATE")
            assert await post(app, status(1)) == 503
        assert await post(app, status(1)) == 200

    with app_at(path, heard) as app:
        run(main(app))
    assert heard.statuses == [0, 1]


@contextlib.contextmanager
def full_disk(room: int) -> Iterator[None]:
    """Let no file grow beyond *room* bytes."""
    resource = pytest.importorskip("resource", reason="a disk cannot be made to be full")
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (room, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


@pytest.mark.parametrize("room", [0, 100, 4096, 8192, 20_000])
def test_a_file_for_which_there_is_no_room_is_made_when_there_is(room: int, tmp_path: Path) -> None:
    heard = Heard()

    async def main(app: CallbackApp) -> None:
        with full_disk(room):
            assert [await post(app, status(0)) for _ in range(3)] == [503] * 3
        assert await post(app, status(0)) == 200
        assert await post(app, status(0)) == 200

    with app_at(tmp_path / "seen.db", heard) as app:
        run(main(app))
    assert heard.statuses == [0]


def test_on_a_full_disk_nothing_is_handled_and_afterwards_it_is(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    path, heard = tmp_path / "seen.db", Heard()

    async def main(app: CallbackApp) -> None:
        assert await post(app, status(0)) == 200
        with full_disk(0):
            assert [await post(app, status(1)) for _ in range(3)] == [503] * 3
        assert all("the store cannot be used" in line for line in lines(caplog))
        assert await post(app, status(1)) == 200
        assert await post(app, status(0)) == 200

    with app_at(path, heard) as app:
        run(main(app))
    assert heard.statuses == [0, 1]


def removed(path: Path) -> None:
    for each in path.parent.iterdir():
        each.unlink()


def replaced(path: Path) -> None:
    removed(path)
    told(path, 4)


def gone_with_its_folder(path: Path) -> None:
    shutil.rmtree(path.parent)
    path.parent.mkdir()


@pytest.mark.parametrize("loss", [removed, replaced, gone_with_its_folder])
def test_a_file_that_was_removed_is_made_anew_and_not_written_on_unseen(
    loss: Callable[[Path], None], tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    path = tmp_path / "folder" / "seen.db"
    path.parent.mkdir()
    heard, late = Heard(), Heard()

    async def main(app: CallbackApp) -> None:
        assert await post(app, status(2)) == 200

    async def again(app: CallbackApp) -> None:
        assert await post(app, status(1)) == 200
        assert lines(caplog) == [f"{path} was removed: what is repeated will be handled once more"]
        assert await post(app, status(1)) == 200

    with app_at(path, heard, late) as app:
        run(main(app))
        loss(path)
        run(again(app))
    assert heard.statuses == ([2] if loss is replaced else [2, 1])
    assert late.statuses == ([1] if loss is replaced else [])
    assert told(path, 1, 0) == ([], [0]), "a program that is started now knows of it"


def test_what_is_handled_while_the_file_is_lost_is_noted_in_the_new_one(tmp_path: Path) -> None:
    path = tmp_path / "seen.db"

    async def lose(report: object) -> None:
        removed(path)

    async def main(app: CallbackApp) -> None:
        assert await post(app, status(1)) == 200

    with app_at(path, Heard(lose)) as app:
        run(main(app))
    assert told(path, 1, 0) == ([], [0])


def test_a_store_that_was_closed_is_opened_again_by_the_next_callback(tmp_path: Path) -> None:
    async def main() -> None:
        seen = SqliteSeen(tmp_path / "seen.db")
        await seen.aclose()
        assert await seen.begin(single(1), 35) == "new"
        await seen.aclose()
        await seen.aclose()
        assert await seen.begin(single(1), 35) == "busy"
        assert seen.letters() == []
        await seen.aclose()

    run(main())


def test_another_that_looks_at_the_same_file_is_not_in_the_way(tmp_path: Path) -> None:
    path, heard = tmp_path / "seen.db", Heard()

    async def main(app: CallbackApp) -> None:
        assert await post(app, status(0)) == 200
        with contextlib.closing(sqlite3.connect(path, isolation_level=None)) as other:
            other.execute("BEGIN")
            assert other.execute("SELECT COUNT(*) FROM handled").fetchone() == (1,)
            assert await post(app, status(1)) == 200

    with app_at(path, heard) as app:
        run(main(app))
    assert heard.statuses == [0, 1]
