"""Whatever becomes of the file: nothing starts that is not written there, and nothing is lost."""

from __future__ import annotations

import asyncio
import contextlib
import os
import shutil
import sqlite3
from collections.abc import Callable, Generator
from pathlib import Path

import pytest

from smsc_async import FileThrottle, Throttled, ThrottleUnavailable
from smsc_async._throttle.keys import PLACE
from smsc_async._transport.admission import Admission
from smsc_async._transport.books import connected
from smsc_async._wire import limits
from smsc_async._wire.limits import Per, Rule
from tests.virtual import run

from .holders import (
    FREE,
    SOON,
    TABLES,
    admit,
    ask,
    die,
    done,
    fill,
    holder,
    kept,
    now,
    rows,
    virtual,
    waiting,
)

SAME = (limits.ONE_IDENTICAL, "same")
MANY = [(limits.ONE_IDENTICAL, f"key {at}") for at in range(300)]  # more than a page of them


def nothing(path: Path) -> Path:
    return path / "of a folder that is not there"


def below_a_file(path: Path) -> Path:
    path.write_text("")
    return path / "limits.db"


def words(path: Path) -> Path:
    path.write_text("this is something else, and longer than a header" * 100)
    return path


def of_another_program(path: Path) -> Path:
    db = sqlite3.connect(path)
    db.execute("CREATE TABLE login (boot TEXT)")
    db.execute("PRAGMA user_version = 1")
    db.close()
    return path


def of_another_version(path: Path) -> Path:
    run(opened(path))
    db = sqlite3.connect(path)
    db.execute("PRAGMA user_version = 2")
    db.execute("PRAGMA journal_mode = DELETE")
    db.close()
    return path


def no_name(path: Path) -> Path:
    return path.with_name("limits\0.db")


async def opened(path: Path) -> None:
    throttle = holder(path)
    throttle.snapshot()
    throttle.close()


@pytest.mark.parametrize(
    "made", [nothing, below_a_file, words, of_another_program, of_another_version, no_name]
)
def test_where_there_can_be_no_file_nothing_starts_and_nothing_is_changed(
    made: Callable[[Path], Path], tmp_path: Path
) -> None:
    path = made(tmp_path / "limits.db")
    files = {each: each.read_bytes() for each in tmp_path.iterdir() if "holders" not in each.name}
    for each in files:
        each.chmod(0o640)

    async def main() -> None:
        throttle = holder(path)
        for _ in range(3):
            with pytest.raises(ThrottleUnavailable):
                await admit(throttle)
            with pytest.raises(ThrottleUnavailable):
                throttle.snapshot()
            assert not throttle.seize((PLACE,))
            assert throttle.opens((PLACE,), "bulk") == 0
        assert kept(throttle) == []
        throttle.close()

    run(main())
    found = {each: each.read_bytes() for each in tmp_path.iterdir() if "holders" not in each.name}
    assert found == files
    assert {each.stat().st_mode & 0o777 for each in files} <= {0o640}


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="root may write")
@virtual
async def test_in_a_folder_where_nobody_may_write_nothing_starts(path: Path) -> None:
    path.parent.chmod(0o500)
    try:
        with pytest.raises(ThrottleUnavailable):
            await admit(holder(path))
    finally:
        path.parent.chmod(0o700)


def test_a_new_file_that_someone_else_reads_is_waited_for(tmp_path: Path) -> None:
    path = tmp_path / "limits.db"
    path.touch()
    reader = sqlite3.connect(path, isolation_level=None)
    reader.execute("BEGIN")
    reader.execute("SELECT * FROM sqlite_master").fetchall()
    with pytest.raises(sqlite3.OperationalError, match="locked"):
        connected(path, 0.0)
    reader.close()

    connected(path, 0.0).close()

    assert path.read_bytes()[18:20] == b"\2\2", "it is written ahead, in a second file"


@virtual
async def test_what_was_noted_before_there_was_a_file_is_not_forgotten(path: Path) -> None:
    throttle = holder(path.parent / "later" / "limits.db")
    throttle.pause(5)
    begun = now()
    path.parent.joinpath("later").mkdir()

    await asyncio.sleep(1.1)  # nobody calls: it is written all the same

    assert holder(throttle.path).snapshot().paused == pytest.approx(5, abs=0.1)
    await admit(throttle)
    assert now() - begun == pytest.approx(6, abs=0.1)


def locked(path: Path) -> sqlite3.Connection:
    """Begin a transaction that is not ended soon."""
    db = sqlite3.connect(path, isolation_level=None)
    db.execute("BEGIN IMMEDIATE")
    return db


@virtual
async def test_while_another_keeps_the_file_locked_nothing_starts_and_nothing_is_lost(
    path: Path,
) -> None:
    one, other = holder(path), holder(path)
    running = await fill(one)
    late = waiting(one)
    await asyncio.sleep(0.1)
    lock = locked(path)

    for _ in range(3):
        with pytest.raises(ThrottleUnavailable):
            await admit(one)
    done(one, *running[:3])
    one.leave(running[3].slots, "lost")
    await asyncio.sleep(10)
    assert not late.done()
    lock.close()

    await asyncio.sleep(1.1)
    assert late.done(), "it had only to wait"
    seen = other.snapshot()
    assert (seen.in_flight, seen.lingering, seen.waiting) == (11, 1, FREE)
    done(one, *running[4:], late.result())
    assert kept(one) == []


@virtual
async def test_a_locked_file_is_tried_once_a_second_however_much_is_due(path: Path) -> None:
    one = holder(path)
    done(one, await admit(one, ask(SAME)))
    late = [waiting(one, ask(SAME)), *(waiting(one, ask(each)) for each in MANY[:3])]
    await asyncio.gather(*late[1:])
    done(one, *(task.result() for task in late[1:]))
    late[1:] = [waiting(one, ask(each)) for each in MANY[:3]]
    await asyncio.sleep(1)
    store, tries = one._store, 0
    assert store is not None

    def count(statement: str) -> None:
        nonlocal tries
        tries += statement.startswith("BEGIN")

    lock = locked(path)
    store._db.set_trace_callback(count)
    await asyncio.sleep(70)  # all windows open meanwhile
    lock.close()

    assert 60 <= tries <= 75
    store._db.set_trace_callback(None)
    await asyncio.gather(*late)


@virtual
async def test_what_ended_while_the_file_was_locked_is_written_though_nobody_calls(
    path: Path,
) -> None:
    one, other = holder(path), holder(path)
    wanted = await admit(one, ask(SAME))
    lock = locked(path)
    done(one, wanted)
    assert one._alarms.loops
    await asyncio.sleep(1)
    lock.close()
    await asyncio.sleep(1.1)

    assert other.snapshot().in_flight == 0
    assert kept(one) == []
    begun = now()
    await admit(other, ask(SAME))
    assert now() - begun >= 60 - 0.2, "it counts from when it could be written"


@virtual
async def test_whose_patience_ends_while_the_file_is_locked_is_out_of_the_line(path: Path) -> None:
    one, other = holder(path), holder(path)
    running = await fill(other)
    late = waiting(one, ask(max_wait=2))
    await asyncio.sleep(1)
    lock = locked(path)

    with pytest.raises(ThrottleUnavailable):
        await late
    lock.close()
    done(other, *running)
    await asyncio.sleep(1.1)

    assert other.snapshot().waiting == FREE
    assert other.snapshot().in_flight == 0
    assert kept(one) == []


@virtual
async def test_whose_patience_ended_in_vain_hinders_nobody_in_the_next_file(path: Path) -> None:
    one = holder(path)
    running = await fill(one)
    late = waiting(one, ask(max_wait=2))
    await asyncio.sleep(1)
    lock = locked(path)
    with pytest.raises(ThrottleUnavailable):
        await late
    lock.close()

    one.close()  # as after an error
    done(one, *running)

    await admit(one)
    assert one.snapshot().in_flight == 1


@virtual
async def test_whoever_waits_when_the_file_is_given_back_is_told(path: Path) -> None:
    one = holder(path)
    running = await fill(one)
    late = [waiting(one), waiting(one, ask(lane="bulk"))]
    await asyncio.sleep(1)
    one.close()

    for each in late:
        with pytest.raises(ThrottleUnavailable):
            await each
    assert list(one._waiting) == []
    done(one, *running)
    assert kept(one) == []


@virtual
async def test_a_full_disk_lets_nothing_start_and_what_is_in_flight_stays(path: Path) -> None:
    one, other = holder(path), holder(path)
    running = [*await fill(one, 12), await admit(one, ask(SAME))]
    late = waiting(one, ask(SAME))
    await asyncio.sleep(0.1)
    store = one._store
    assert store is not None
    (pages,) = store._db.execute("PRAGMA page_count").fetchone()
    store._db.execute(f"PRAGMA max_page_count = {pages}")

    with pytest.raises(ThrottleUnavailable):
        await admit(one, ask(*MANY))
    with pytest.raises(ThrottleUnavailable):
        await late

    await asyncio.sleep(100)
    assert (one.snapshot().in_flight, other.snapshot().in_flight) == (13, 13)
    done(one, *running)
    seen = other.snapshot()
    assert (seen.in_flight, seen.lingering, seen.waiting) == (0, 0, FREE)
    assert rows(path, "claim") == 0
    assert kept(one) == []


@contextlib.contextmanager
def broken(throttle: FileThrottle, at: int) -> Generator[list[int]]:
    """Let what *throttle* does with its file fail at a step; the steps are counted in a list."""
    store, steps = throttle._store, [0]
    assert store is not None

    def step() -> bool:
        steps[0] += 1
        return steps[0] == at

    store._db.set_progress_handler(step, 25)
    yield steps
    with contextlib.suppress(sqlite3.ProgrammingError):  # it was closed
        store._db.set_progress_handler(None, 0)


def test_an_error_at_any_step_of_a_start_leaves_no_half_of_it(tmp_path: Path) -> None:
    async def main(path: Path, at: int) -> bool:
        one, other = holder(path), holder(path)
        running = await fill(one, 3)
        one.snapshot()
        wanted = ask(SAME, (limits.IDENTICAL, "other"))
        started: list[Admission] = []
        with broken(one, at) as steps, contextlib.suppress(ThrottleUnavailable):
            started.append(await admit(one, wanted))
        assert other.snapshot().in_flight == 3 + len(started)
        assert other.snapshot().lingering == 0
        done(one, *running, *started)
        begun = now()
        await admit(other, ask(SAME))
        assert now() - begun == (pytest.approx(61, abs=0.002) if started else 0)
        assert one.snapshot().in_flight == 1
        assert (rows(path, "lease"), rows(path, "claim")) == (1, 0)
        assert kept(one) == []
        for throttle in (one, other):
            die(throttle)
        return steps[0] >= at

    steps = 1
    while run(main(tmp_path / f"{steps}.db", steps)):
        steps += 1
    assert steps > 5


def test_an_error_at_any_step_of_an_end_keeps_its_place_at_most_a_linger_longer(
    tmp_path: Path,
) -> None:
    async def main(path: Path, at: int) -> bool:
        one, other = holder(path), holder(path)
        running = await fill(one)
        late = waiting(one)
        await asyncio.sleep(0.1)
        with broken(one, at) as steps:
            done(one, *running[:1])
        result = (await asyncio.gather(late, return_exceptions=True))[0]
        assert isinstance(result, ThrottleUnavailable) or not isinstance(result, BaseException)
        await asyncio.sleep(1.1)
        started = [] if isinstance(result, BaseException) else [result]
        seen = other.snapshot()
        assert seen.in_flight == 13 + len(started)
        assert seen.waiting == FREE
        done(one, *running[1:], *started)
        await asyncio.sleep(1.1)
        assert kept(one) == []
        assert other.snapshot().in_flight == 0
        for throttle in (one, other):
            die(throttle)
        return steps[0] >= at

    steps = 1
    while run(main(tmp_path / f"{steps}.db", steps)):
        steps += 1
    assert steps > 5


def test_an_error_at_any_step_of_the_last_end_is_no_death(tmp_path: Path) -> None:
    async def main(path: Path, at: int) -> bool:
        one, other = holder(path), holder(path)
        wanted, begun = await admit(one, ask(SAME)), now()
        with broken(one, at) as steps:
            done(one, wanted)
        late = waiting(other, ask(SAME))
        await late
        assert now() - begun <= 62.1, "it was an answer, no linger"
        assert kept(one) == []
        for throttle in (one, other):
            die(throttle)
        return steps[0] >= at

    steps = 1
    while run(main(tmp_path / f"{steps}.db", steps)):
        steps += 1
    assert steps > 2


def refuse(throttle: FileThrottle, action: int, name: str) -> None:
    """Let the file fail whenever it is asked for something."""
    store = throttle._store
    assert store is not None

    def authorize(asked: int, first: str | None, *_: object) -> int:
        return sqlite3.SQLITE_DENY if (asked, first) == (action, name) else sqlite3.SQLITE_OK

    store._db.set_authorizer(authorize)


@virtual
async def test_what_was_written_of_a_start_that_failed_lingers(path: Path) -> None:
    one, other = holder(path), holder(path)
    hourly = (Rule(5, limits.HOUR, Per.OPERATION), "history")
    running = await admit(one, ask(hourly))
    refuse(one, sqlite3.SQLITE_PRAGMA, "wal_checkpoint")  # after it was written

    with pytest.raises(ThrottleUnavailable):
        await admit(one, ask(hourly))

    assert one.snapshot().in_flight == other.snapshot().in_flight == 1
    assert other.snapshot().lingering == 1
    done(one, running)
    await asyncio.sleep(5)
    assert other.snapshot().lingering == 0
    assert rows(path, "lease") == 0


@pytest.mark.parametrize(
    ("action", "name"),
    [(sqlite3.SQLITE_TRANSACTION, "BEGIN"), (sqlite3.SQLITE_PRAGMA, "data_version")],
)
def test_whoever_waits_when_the_file_fails_is_told_or_goes_on(
    action: int, name: str, tmp_path: Path
) -> None:
    async def main() -> None:
        one = holder(tmp_path / "limits.db")
        running = await fill(one)
        late = waiting(one)
        await asyncio.sleep(0.1)
        refuse(one, action, name)
        done(one, *running)

        with contextlib.suppress(ThrottleUnavailable):
            done(one, await late)
        await asyncio.sleep(1.1)

        assert one.snapshot().in_flight == 0
        assert kept(one) == []

    run(main())


@virtual
async def test_one_whose_turn_came_before_the_file_was_given_back_starts(path: Path) -> None:
    one = holder(path)
    running = await fill(one)
    late, later = waiting(one), waiting(one)
    await asyncio.sleep(0.1)
    done(one, running[0])
    one.close()

    started = await late
    with pytest.raises(ThrottleUnavailable):
        await later
    assert one.snapshot().in_flight == 14
    done(one, *running[1:], started)
    assert kept(one) == []


def test_what_one_loop_owes_the_file_another_may_pay(tmp_path: Path) -> None:
    path = tmp_path / "limits.db"
    throttle = FileThrottle(path)

    async def owe() -> None:
        wanted = await admit(throttle)
        lock = locked(path)
        done(throttle, wanted)
        lock.close()

    async def pay() -> None:
        assert throttle.snapshot().in_flight == 0

    async def rest() -> None:
        assert kept(throttle) == []

    with asyncio.Runner() as first:
        first.run(owe())
        assert throttle._later
        with asyncio.Runner() as second:
            second.run(pay())
        first.run(asyncio.sleep(0))
        first.run(rest())
    throttle.close()


@virtual
async def test_a_decision_that_is_cut_is_not_half_made(path: Path) -> None:
    one, other = holder(path), holder(path)
    running = await fill(one, 3)

    def cut(now: int) -> None:
        one._line.seize((PLACE,), now)
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        one._decide(cut)

    assert one.snapshot().in_flight == other.snapshot().in_flight == 3
    done(one, *running)
    assert [rows(path, table) for table in TABLES] == [0, 0, 0]


def unlinked(path: Path) -> None:
    path.unlink()


def all_unlinked(path: Path) -> None:
    for each in path.parent.glob(f"{path.name}*"):
        each.unlink()


@pytest.mark.parametrize("removed", [unlinked, all_unlinked])
def test_after_the_file_was_removed_nothing_starts_for_a_minute_and_a_guard(
    removed: Callable[[Path], None], tmp_path: Path
) -> None:
    async def main() -> None:
        path = tmp_path / "limits.db"
        one, other = holder(path), holder(path)
        done(one, await admit(one, ask(SAME)))
        running = await fill(one)
        late = waiting(other)
        await asyncio.sleep(1)
        removed(path)
        begun = now()

        with pytest.raises(ThrottleUnavailable):
            await late
        assert now() - begun <= 1.05, "it looks once a second at least"
        with pytest.raises(Throttled):
            await admit(one, ask(max_wait=59))
        done(one, *running)
        await admit(one, ask(SAME))
        await admit(other)
        assert 61 <= now() - begun <= 62.1
        assert holder(path).snapshot().in_flight == 2
        assert rows(path, "holder") == 3

    run(main())


@virtual
async def test_one_who_comes_new_to_a_removed_file_sees_that_others_are_at_work(
    path: Path,
) -> None:
    one = holder(path)
    running = await fill(one)
    unlinked(path)
    begun = now()
    fresh = holder(path)

    await admit(fresh)

    assert now() - begun == pytest.approx(61, abs=0.002)
    done(one, *running)


@virtual
async def test_one_who_was_idle_when_the_file_was_removed_does_not_stop_the_others(
    path: Path,
) -> None:
    idle = holder(path)
    done(idle, await admit(idle))
    await asyncio.sleep(3_600)
    all_unlinked(path)
    fresh = holder(path)
    await admit(fresh)

    await admit(idle, ask(max_wait=0))

    assert fresh.snapshot().paused == 0


@virtual
async def test_a_file_that_was_replaced_is_taken_up_after_a_minute_and_a_guard(path: Path) -> None:
    template = holder(path.with_name("other.db"))
    await fill(template, 2)
    one = holder(path)
    await fill(one, 3)
    die(template)
    all_unlinked(path)
    for end in ("", "-holders"):
        shutil.move(path.with_name(f"other.db{end}"), path.with_name(path.name + end))
    begun = now()

    await admit(one)

    assert now() - begun == pytest.approx(61, abs=0.002)
    assert one.snapshot().in_flight == 1


@virtual
async def test_where_nobody_can_tell_who_lives_nobody_new_begins(path: Path) -> None:
    one = holder(path)
    running = await fill(one)
    path.with_name("limits.db-holders").unlink()
    fresh = holder(path)

    with pytest.raises(ThrottleUnavailable, match="holders was replaced"):
        await admit(fresh)

    done(one, *running)
    await admit(one)
    assert one.snapshot().in_flight == 1


@virtual
async def test_one_that_was_taken_for_dead_takes_nothing_back_twice(path: Path) -> None:
    one, other = holder(path), holder(path)
    running = await fill(one)
    dead = one._life.number

    def bury(now: int) -> None:
        store = other._store
        assert store is not None
        for slots in store.claims.bury(dead):
            other._line.ledger.lost(slots, now)

    other._decide(bury)
    assert other.snapshot().lingering == 14
    done(one, *running)

    seen = other.snapshot()
    assert (seen.in_flight, seen.lingering) == (0, 14)
    await asyncio.sleep(5)
    assert len(await fill(one)) == 14
    with pytest.raises(Throttled):
        await admit(other, ask(max_wait=0))


def overwrite(path: Path, start: int = 0) -> None:
    with path.open("r+b") as file:
        file.seek(start)
        file.write(b"\xff" * (path.stat().st_size - start))


SPOILED = [
    "UPDATE login SET common = x'00'",
    "UPDATE login SET common = 7",
    "DELETE FROM login",
    "UPDATE bucket SET back = x'000000'",
    "UPDATE bucket SET back = 'text'",
    "DROP TABLE bucket",
    "UPDATE resting SET keys = x'00', number = number + 9",
    "UPDATE resting SET until = 'text', number = number + 9",
    "DROP TABLE resting",
    "DROP TABLE claim",
    "UPDATE lease SET slots = x'00', holder = 9; INSERT INTO holder SELECT 9, file FROM holder",
]


@pytest.mark.parametrize("statements", SPOILED)
def test_a_file_with_other_contents_than_ours_lets_nothing_start(
    statements: str, tmp_path: Path
) -> None:
    async def main() -> None:
        path = tmp_path / "limits.db"
        one = holder(path)
        one.leave((await admit(one)).slots, "lost")  # so that something is to come back
        late = await admit(one, ask(SAME))
        db = sqlite3.connect(path)
        db.executescript(statements)
        db.close()
        await asyncio.sleep(1.1)

        for throttle in (one, holder(path)):
            for _ in range(3):
                with pytest.raises(ThrottleUnavailable):
                    await admit(throttle)
            assert not throttle.seize((PLACE,))
        done(one, late)
        assert not one._taken
        assert not one._waiting

    run(main())


@virtual
async def test_a_file_with_spoiled_pages_lets_nothing_start(path: Path) -> None:
    one = holder(path)
    for number in range(200):
        done(one, await admit(one, ask((limits.ONE_IDENTICAL, f"{number}"))))
    one.close()
    assert not path.with_name("limits.db-wal").exists()
    overwrite(path, 100)

    for throttle in (one, holder(path)):
        for _ in range(3):
            with pytest.raises(ThrottleUnavailable):
                await admit(throttle)
        assert kept(throttle) == []


@virtual
async def test_pages_that_are_spoiled_under_it_raise_nothing_foreign(path: Path) -> None:
    one = holder(path)
    running = await admit(one, ask(*MANY))
    for end in ("", "-wal"):
        overwrite(path.with_name(path.name + end))
    other = holder(path)  # another connection: nothing of the file is in its memory

    for throttle in (one, other, one):
        with contextlib.suppress(ThrottleUnavailable, Throttled):
            done(throttle, await admit(throttle, ask(*MANY, max_wait=10)))
    done(one, running)
    assert not one._taken
    assert not one._waiting


@virtual
async def test_all_works_again_once_a_spoiled_file_is_out_of_the_way(path: Path) -> None:
    words(path)
    throttle = holder(path)
    with pytest.raises(ThrottleUnavailable):
        await admit(throttle)
    unlinked(path)

    done(throttle, await admit(throttle))

    await asyncio.sleep(SOON)
    assert [rows(path, table) for table in TABLES] == [0, 0, 0]
