"""A store in trouble: what it says, and that nothing is lost or half written."""

from __future__ import annotations

import signal
import sqlite3
import stat
import subprocess
import sys
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path

import pytest

from smsc_async.campaigns._errors import StoreBusy, StoreError
from smsc_async.campaigns._plan import Event
from smsc_async.campaigns._records import NewRow, NewRows, RowState, Verdict
from smsc_async.campaigns._sqlite import SqliteStore
from smsc_async.campaigns._sqlite.schema import OURS, STEPS, opened

from ..virtual import run
from .inline import store_at

NEWER = len(STEPS) + 1


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "campaigns.db"


def rows(number: int, text: str = "a text") -> NewRows:
    return NewRows.of(
        *(NewRow(line, f"+7999{line:07}", text, None) for line in range(1, number + 1))
    )


async def loaded(store: SqliteStore, number: int = 3) -> int:
    campaign = (await store.begin("a campaign", b"{}")).number
    await store.add(campaign, rows(number))
    await store.finish(campaign, duplicates=False)
    return campaign


async def told(store: SqliteStore, say: str) -> None:
    """Tell SQLite something on the connection that writes."""
    await store._writer.do(lambda db: db.execute(say).close(), apart=True)


async def lines(store: SqliteStore, campaign: int) -> list[object]:
    return [row[0] async for portion in store.rows(campaign) for row in portion]


def test_a_full_disk_is_said_and_once_there_is_room_it_goes_on(path: Path) -> None:
    async def main() -> None:
        async with store_at(path) as store:
            campaign = (await store.begin("a campaign", b"{}")).number
            await store.add(campaign, rows(10))
            await told(store, "PRAGMA max_page_count = 30")
            with pytest.raises(StoreError, match="disk is full; make room"):
                await store.add(campaign, rows(2000, "a long text " * 20))
            assert len(await lines(store, campaign)) == 10
            await store.add(campaign, rows(1))  # what has room is written all the while
            await told(store, "PRAGMA max_page_count = 100000")
            await store.add(campaign, rows(2000, "a long text " * 20))
            assert len(await lines(store, campaign)) == 2011

    run(main())


def test_at_whichever_page_the_disk_is_full_an_outcome_is_written_whole_or_not(path: Path) -> None:
    async def main() -> list[bool]:
        written = []
        async with store_at(path) as store:
            campaign = await loaded(store, 400)
            for room in range(0, 120, 10):
                request = await store.claim(campaign, 30)
                assert request is not None
                taken = Verdict(event=Event.TAKEN, rows=RowState.ACCEPTED, note="x" * 9000)
                (now,) = await store._writer.do(
                    lambda db: db.execute("PRAGMA page_count").fetchone()
                )
                await told(store, f"PRAGMA max_page_count = {now + room}")
                try:
                    await store.record(request.number, taken)
                except StoreError:
                    written.append(False)
                else:
                    written.append(True)
                await told(store, "PRAGMA max_page_count = 100000")
                counts = await store.counts(campaign)
                if written[-1]:
                    assert counts.rows.get(RowState.TAKEN, 0) == 0
                else:
                    assert counts.rows[RowState.TAKEN] == 30
                    await store.record(
                        request.number, Verdict(event=Event.TAKEN, rows=RowState.ACCEPTED)
                    )
        return written

    assert {*run(main())} == {True, False}


def test_a_file_that_another_holds_too_long_is_said_and_tried_again(path: Path) -> None:
    async def main() -> None:
        async with store_at(path) as store:
            campaign = await loaded(store)
            with closing(sqlite3.connect(path, isolation_level=None)) as other:
                other.execute("BEGIN IMMEDIATE")
                with pytest.raises(StoreError, match="another program holds it"):
                    await store.claim(campaign, 3)
                assert (await store.campaign(campaign)).standing == "ready"  # to look is free
                other.execute("ROLLBACK")
            assert await store.claim(campaign, 3)

    run(main())


def test_a_file_that_can_only_be_read_is_said(path: Path) -> None:
    async def main() -> None:
        async with store_at(path) as store:
            campaign = await loaded(store)
            await told(store, "PRAGMA query_only = ON")
            with pytest.raises(StoreError, match="only be read"):
                await store.claim(campaign, 3)
            await told(store, "PRAGMA query_only = OFF")
            assert await store.claim(campaign, 3)

    run(main())


def test_a_folder_that_is_not_there_is_said(tmp_path: Path) -> None:
    async def main() -> None:
        async with store_at(tmp_path / "nowhere" / "campaigns.db") as store:
            with pytest.raises(StoreError, match="let this user read and write it and its folder"):
                await store.campaigns()
            with pytest.raises(StoreError, match="cannot be opened"):
                await store.own()

    run(main())


def of_another_program(path: Path) -> None:
    with closing(sqlite3.connect(path)) as db:
        db.execute("CREATE TABLE theirs (a)")


def of_a_newer_version(path: Path) -> None:
    with closing(opened(path, 0)) as db:
        db.execute(f"PRAGMA user_version = {NEWER}")


def no_database(path: Path) -> None:
    path.write_bytes(b"line;phone\r\n1;+79990000000\r\n" * 100)


@pytest.mark.parametrize(
    ("make", "said"),
    [
        (of_another_program, "no file of campaigns.*give the name of another"),
        (of_a_newer_version, "newer version of this library; take the newest version"),
        (no_database, "no file of campaigns; give the name of another"),
    ],
)
def test_a_file_of_something_else_is_said_and_left_as_it_is(
    path: Path, make: object, said: str
) -> None:
    assert callable(make)
    make(path)
    before = path.read_bytes()

    async def main() -> None:
        async with store_at(path) as store:
            with pytest.raises(StoreError, match=said):
                await store.campaigns()
            with pytest.raises(StoreError, match=said):
                await store.begin("a campaign", b"{}")

    run(main())

    assert path.read_bytes() == before


def test_a_damaged_file_is_said(path: Path) -> None:
    async def make() -> None:
        async with store_at(path) as store:
            await loaded(store, 2000)

    async def main() -> None:
        async with store_at(path) as store:
            with pytest.raises(StoreError, match="damaged; put a copy"):
                await lines(store, 1)

    run(make())
    whole = path.read_bytes()
    path.write_bytes(whole[:8192] + bytes(len(whole) - 8192))
    run(main())


def test_an_older_file_grows_by_the_steps_that_it_lacks(path: Path) -> None:
    steps = ("CREATE TABLE a (a)", "CREATE TABLE b (b); INSERT INTO b SELECT a FROM a")
    with closing(opened(path, 0, steps=steps[:1])) as db:
        db.execute("INSERT INTO a VALUES (7)")

    with closing(opened(path, 0, steps=steps)) as db:
        assert db.execute("SELECT b FROM b").fetchall() == [(7,)]
    with closing(opened(path, 0, steps=steps)) as db:
        assert db.execute("PRAGMA user_version").fetchone() == (2,)
        assert db.execute("PRAGMA application_id").fetchone() == (OURS,)


def test_a_step_that_fails_leaves_the_file_as_it_was(path: Path) -> None:
    with closing(opened(path, 0, steps=["CREATE TABLE a (a)"])):
        pass

    with pytest.raises(sqlite3.OperationalError):
        opened(path, 0, steps=["CREATE TABLE a (a)", "CREATE TABLE b (b); CREATE TABLE a (a)"])

    with closing(opened(path, 0, steps=["CREATE TABLE a (a)"])) as db:
        assert db.execute("SELECT name FROM sqlite_master").fetchall() == [("a",)]


def test_only_its_user_can_read_the_files(path: Path) -> None:
    async def main() -> None:
        async with store_at(path) as store:
            await store.own()
            await loaded(store)
            found = {file.name: stat.S_IMODE(file.stat().st_mode) for file in path.parent.iterdir()}
            assert found == dict.fromkeys(
                [path.name + end for end in ("", "-wal", "-shm", "-owner")], 0o600
            )

    run(main())


def test_it_waits_for_the_disk_at_each_commit(path: Path) -> None:
    async def main() -> tuple[int, str]:
        async with store_at(path) as store:
            (sync,) = await store._writer.do(lambda db: db.execute("PRAGMA synchronous").fetchone())
            (mode,) = await store._writer.do(
                lambda db: db.execute("PRAGMA journal_mode").fetchone()
            )
            return sync, mode

    assert run(main()) == (2, "wal")


def test_one_at_a_time_runs_campaigns_and_all_others_may_look_create_and_pause(path: Path) -> None:
    async def main() -> None:
        async with store_at(path) as one, store_at(path) as other:
            await one.own()
            await one.own()
            campaign = await loaded(one)
            with pytest.raises(StoreBusy, match="wait until it ends"):
                await other.own()
            with pytest.raises(RuntimeError, match="own"):
                await other.recover(campaign)
            await loaded(other)
            await other.stand(campaign, "paused", "by hand", by="Anna")
            assert await one.claim(campaign, 3) is None
            await one.aclose()
            await other.own()

    run(main())


def test_another_name_of_the_same_file_has_the_same_owner(path: Path) -> None:
    path.touch(0o600)
    alias = path.with_name("alias.db")
    alias.symlink_to(path)

    async def main() -> None:
        async with store_at(path) as one, store_at(alias) as other:
            await one.own()
            with pytest.raises(StoreBusy):
                await other.own()

    run(main())


PROGRAM = """
import asyncio, sys
from smsc_async.campaigns._records import NewRow, NewRows, RowState, Verdict
from smsc_async.campaigns._plan import Event
from smsc_async.campaigns._sqlite import open_store

async def main():
    async with open_store(sys.argv[1]) as store:
        await store.own()
        campaign = (await store.begin("a campaign", b"{}")).number
        print("owned", flush=True)
        if sys.argv[2] == "add":
            for turn in range(1_000_000):
                rows = [NewRow(turn, "+79990000000", "text", None)] * 50
                await store.add(campaign, NewRows.of(*rows))
                print(turn, flush=True)
        rows = [NewRow(n, f"+7999{n:07}", "text", None) for n in range(20_000)]
        await store.add(campaign, NewRows.of(*rows))
        await store.finish(campaign, duplicates=False)
        async def one():
            while request := await store.claim(campaign, 20):
                print("claimed", request.number, flush=True)
                taken = Verdict(event=Event.TAKEN, rows=RowState.ACCEPTED)
                await store.record(request.number, taken)
                print("recorded", request.number, flush=True)
        await asyncio.gather(*(one() for _ in range(5)))

asyncio.run(main())
"""


def killed(path: Path, what: str, after: int) -> Sequence[str]:
    """Run the program until it has said *after* lines, kill it, and return all that it said."""
    with subprocess.Popen(  # noqa: S603 - our own program
        [sys.executable, "-c", PROGRAM, str(path), what], stdout=subprocess.PIPE, text=True
    ) as program:
        assert program.stdout is not None
        said = [program.stdout.readline() for _ in range(after)]
        program.send_signal(signal.SIGKILL)
        said += program.stdout.readlines()
    return [line.strip() for line in said if line.endswith("\n")]


@pytest.mark.skipif(sys.platform == "win32", reason="there is no such signal")
@pytest.mark.parametrize("after", [2, 5, 40])
def test_a_program_killed_while_it_loads_leaves_whole_portions(path: Path, after: int) -> None:
    said = killed(path, "add", after)

    async def main() -> None:
        async with store_at(path) as store:
            await store.own()  # the system freed it
            found = await lines(store, 1)
            turns = sorted({*found}, key=str)
            assert all(found.count(turn) == 50 for turn in turns)
            assert len(turns) - 1 <= int(said[-1]) + 1
            assert {*map(str, turns)} >= {*said[1:]}
            await store.discard(1)
            assert await store.campaigns() == []

    run(main())


@pytest.mark.skipif(sys.platform == "win32", reason="there is no such signal")
@pytest.mark.parametrize("after", [3, 20, 77])
def test_a_program_killed_while_it_sends_leaves_every_row_accounted_for(
    path: Path, after: int
) -> None:
    said = [line.split() for line in killed(path, "run", after)[1:]]

    async def main() -> None:
        async with store_at(path) as store:
            await store.own()
            before = await store.requests(1, "intent", "accepted")
            accepted = {str(one.number) for one in before if one.state == "accepted"}
            assert accepted >= {number for what, number in said if what == "recorded"}
            assert {str(one.number) for one in before} >= {number for _, number in said}
            opened = await store.recover(1)
            assert {*opened} == {one for one in opened if one.state == "doubt"}
            counts = await store.counts(1)
            assert counts.rows.get(RowState.ACCEPTED, 0) == 20 * len(accepted)
            assert counts.rows.get(RowState.TAKEN, 0) == 20 * len(opened)
            assert sum(counts.rows.values()) == 20_000

    run(main())
