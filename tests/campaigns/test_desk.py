from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Callable
from concurrent.futures import Executor, Future
from contextlib import closing
from pathlib import Path
from typing import Any, ParamSpec, TypeVar

import pytest

from smsc_async.campaigns._errors import StoreError
from smsc_async.campaigns._sqlite.desk import Desk

from ..virtual import run
from .inline import Inline

P = ParamSpec("P")
T = TypeVar("T")


class Later(Executor):
    """Keeps what is submitted until it is told to do it, as a thread that is busy does."""

    def __init__(self) -> None:
        self.waiting: list[Callable[[], object]] = []

    def submit(self, fn: Callable[P, T], /, *args: P.args, **kwargs: P.kwargs) -> Future[T]:
        done: Future[T] = Future()
        self.waiting.append(lambda: done.set_result(fn(*args, **kwargs)))
        return done

    def do(self) -> None:
        waiting, self.waiting = self.waiting, []
        for act in waiting:
            act()


class Book:
    """A file with one table, and what SQLite was told to do with it."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.said: list[str] = []

    def connect(self) -> sqlite3.Connection:
        db = sqlite3.connect(self.path, timeout=0, isolation_level=None)
        db.execute("CREATE TABLE IF NOT EXISTS word (word TEXT)")
        db.set_trace_callback(self.said.append)
        return db

    def words(self) -> list[str]:
        with closing(sqlite3.connect(self.path)) as db:
            return [word for (word,) in db.execute("SELECT word FROM word ORDER BY rowid")]


@pytest.fixture
def book(tmp_path: Path) -> Book:
    return Book(tmp_path / "book")


def write(word: str) -> Callable[[sqlite3.Connection], str]:
    def act(db: sqlite3.Connection) -> str:
        db.execute("INSERT INTO word VALUES (?)", (word,))
        return word

    return act


def fail(db: sqlite3.Connection) -> None:
    write("half")(db)
    raise ZeroDivisionError


def fail_in_sql(db: sqlite3.Connection) -> None:
    write("half")(db)
    db.execute("INSERT INTO nowhere VALUES (1)")


async def closed(desk: Desk, later: Later) -> None:
    closing = asyncio.ensure_future(desk.aclose())
    await asyncio.sleep(0)
    later.do()
    await closing


async def together(book: Book, *acts: Callable[[sqlite3.Connection], Any]) -> list[Any]:
    later = Later()
    desk = Desk(book.connect, "BEGIN IMMEDIATE", later)
    tasks = [asyncio.ensure_future(desk.do(act)) for act in acts]
    await asyncio.sleep(0)
    later.do()
    told = await asyncio.gather(*tasks, return_exceptions=True)
    await closed(desk, later)
    return told


def test_what_is_asked_for_together_is_committed_together_and_in_order(book: Book) -> None:
    told = run(together(book, write("one"), write("two"), write("three")))

    assert told == ["one", "two", "three"] == book.words()
    assert book.said.count("COMMIT") == 1


@pytest.mark.parametrize(
    ("act", "error"), [(fail, ZeroDivisionError), (fail_in_sql, StoreError)], ids=["ours", "its"]
)
def test_what_fails_is_undone_alone(
    book: Book, act: Callable[[sqlite3.Connection], None], error: type[Exception]
) -> None:
    told = run(together(book, write("one"), act, write("two")))

    assert isinstance(told[1], error)
    assert book.words() == ["one", "two"] == told[::2]
    assert book.said.count("COMMIT") == 1


def test_where_sqlite_gives_up_the_whole_the_others_are_done_alone(book: Book) -> None:
    def give_up(db: sqlite3.Connection) -> None:
        db.execute("INSERT OR ROLLBACK INTO word (rowid, word) SELECT max(rowid), '' FROM word")

    told = run(together(book, write("one"), give_up, write("two")))

    assert isinstance(told[1], StoreError)
    assert book.words() == ["one", "two"] == told[::2]


def test_what_was_committed_before_another_could_not_begin_is_told_as_done(book: Book) -> None:
    other: list[sqlite3.Connection] = []

    def give_up(db: sqlite3.Connection) -> None:
        if len(book.words()):  # alone already: now another program comes between
            other.append(sqlite3.connect(book.path, isolation_level=None))
            db.execute("ROLLBACK")
            other[0].execute("BEGIN IMMEDIATE")
        db.execute("INSERT INTO nowhere VALUES (1)")

    def undo(db: sqlite3.Connection) -> None:
        if not book.words():
            db.execute("ROLLBACK")
            db.execute("INSERT INTO nowhere VALUES (1)")

    told = run(together(book, write("one"), undo, give_up, write("two")))
    other[0].close()

    assert told[0] == "one"
    assert [type(one) for one in told[2:]] == [StoreError, StoreError]
    assert "another program holds it" in str(told[3])
    assert book.words() == ["one"]


def test_nobody_is_told_before_it_is_committed(book: Book) -> None:
    async def main() -> list[list[str]]:
        later = Later()
        desk = Desk(book.connect, "BEGIN IMMEDIATE", later)
        seen: list[list[str]] = []
        task = asyncio.ensure_future(desk.do(write("one")))
        task.add_done_callback(lambda _: seen.append(book.words()))
        await asyncio.sleep(0)
        assert not task.done()
        later.do()
        await task
        await closed(desk, later)
        return seen

    assert run(main()) == [["one"]]


def test_what_is_cancelled_before_it_begins_is_not_done(book: Book) -> None:
    async def main() -> None:
        later = Later()
        desk = Desk(book.connect, "BEGIN IMMEDIATE", later)
        gone = asyncio.ensure_future(desk.do(write("gone")))
        stays = asyncio.ensure_future(desk.do(write("stays")))
        await asyncio.sleep(0)
        gone.cancel()
        await asyncio.sleep(0)
        later.do()
        assert await stays == "stays"
        await closed(desk, later)

    run(main())

    assert book.words() == ["stays"]


def test_what_was_asked_for_is_done_before_the_file_is_closed(book: Book) -> None:
    async def main() -> None:
        later = Later()
        desk = Desk(book.connect, "BEGIN IMMEDIATE", later)
        task = asyncio.ensure_future(desk.do(write("last")))
        await asyncio.sleep(0)
        closing = asyncio.ensure_future(desk.aclose())
        await asyncio.sleep(0)
        later.do()
        await closing
        assert await task == "last"
        await desk.aclose()
        with pytest.raises(RuntimeError, match="closed"):
            await desk.do(write("never"))

    run(main())

    assert book.words() == ["last"]


def test_an_act_apart_is_in_no_transaction(book: Book) -> None:
    async def main() -> list[Any]:
        later = Later()
        desk = Desk(book.connect, "BEGIN IMMEDIATE", later)
        tasks = [
            asyncio.ensure_future(desk.do(write("one"))),
            asyncio.ensure_future(desk.do(lambda db: db.in_transaction, apart=True)),
            asyncio.ensure_future(desk.do(write("two"))),
        ]
        await asyncio.sleep(0)
        later.do()
        told = await asyncio.gather(*tasks)
        await closed(desk, later)
        return told

    assert run(main()) == ["one", False, "two"]
    assert book.said.count("COMMIT") == 2


def test_a_file_that_cannot_be_opened_is_tried_again(book: Book) -> None:
    fits = False

    def connect() -> sqlite3.Connection:
        if fits:
            return book.connect()
        raise OSError("no such folder")

    async def main() -> None:
        nonlocal fits
        desk = Desk(connect, "BEGIN IMMEDIATE", Inline())
        with pytest.raises(StoreError, match="let this user read and write"):
            await desk.do(write("one"))
        fits = True
        await desk.do(write("two"))
        await desk.aclose()

    run(main())

    assert book.words() == ["two"]
