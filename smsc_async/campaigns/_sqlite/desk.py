"""One thread for a file: whole transactions are functions, and those asked for together are one.

A commit takes as long as the disk needs to make sure of it. So whatever was asked for meanwhile is
done in one transaction after that, in the order of the calls, and each is told once it is
committed. One that fails is undone alone.
"""

from __future__ import annotations

import asyncio
import sqlite3
from collections import deque
from collections.abc import Callable
from concurrent.futures import Executor, Future
from typing import Any, Final, NamedTuple, TypeVar

from .._errors import StoreError

T = TypeVar("T")

# What to do where the file cannot be used, by SQLite's primary codes.
_ADVICE: Final = {
    sqlite3.SQLITE_FULL: "the disk is full; make room on it and run the campaign again",
    sqlite3.SQLITE_READONLY: "it can only be read; let this user write the file and its folder",
    sqlite3.SQLITE_PERM: "it may not be used; let this user read and write it",
    sqlite3.SQLITE_AUTH: "it may not be used; let this user read and write it",
    sqlite3.SQLITE_CANTOPEN: "it cannot be opened; let this user read and write it and its folder",
    sqlite3.SQLITE_BUSY: "another program holds it for too long; end that one, or try again",
    sqlite3.SQLITE_LOCKED: "another program holds it for too long; end that one, or try again",
    sqlite3.SQLITE_IOERR: "the disk cannot be read or written; see to it and try again",
    sqlite3.SQLITE_NOTADB: "it is no file of campaigns; give the name of another one",
    sqlite3.SQLITE_CORRUPT: "it is damaged; put a copy of it in its place",
}
_CODE: Final = 0xFF  # what is above says more than a person needs


class _Job(NamedTuple):
    act: Callable[[sqlite3.Connection], Any]
    done: Future[Any]
    apart: bool  # outside of transactions


class _Failure(NamedTuple):
    error: Exception


class _Undone(Exception):
    """A transaction was given up as a whole."""

    def __init__(self, error: sqlite3.Error) -> None:
        super().__init__(error)
        self.error = error


class Desk:
    """Does what is asked for, on the one thread of *executor*, which ends with it.

    The file is opened by *connect* at the first act, and each transaction begins with *begin*.
    """

    def __init__(
        self, connect: Callable[[], sqlite3.Connection], begin: str, executor: Executor
    ) -> None:
        self._connect = connect
        self._begin = begin
        self._executor = executor
        self._jobs: deque[_Job] = deque()  # filled by whoever asks, emptied by the thread
        self._db: sqlite3.Connection | None = None  # of the thread alone
        self._closed = False

    async def do(self, act: Callable[[sqlite3.Connection], T], *, apart: bool = False) -> T:
        """Do *act* in a transaction, and return what it returns once that is committed.

        It may be done more than once, of which all but the last are undone. Where the caller is
        cancelled before it begins, it is not done at all. *apart* is outside of any transaction.
        Raises what *act* raises, and :class:`StoreError` for whatever the file gives rise to.
        """
        if self._closed:
            raise RuntimeError("the store is closed")
        done: Future[T] = Future()
        self._jobs.append(_Job(act, done, apart))
        self._executor.submit(self._work)  # the first takes all that wait; the others find none
        return await asyncio.wrap_future(done)

    async def aclose(self) -> None:
        """Do what was asked for, close the file and end the thread."""
        if not self._closed:
            self._closed = True
            await asyncio.wrap_future(self._executor.submit(self._close))
            self._executor.shutdown(wait=False)

    def _work(self) -> None:
        jobs: list[_Job] = []
        while self._jobs:
            job = self._jobs.popleft()
            if not job.done.set_running_or_notify_cancel():
                continue  # whoever asked is gone
            if job.apart:
                self._finish(jobs)
                jobs = []
                self._finish([job])
            else:
                jobs.append(job)
        self._finish(jobs)

    def _finish(self, jobs: list[_Job]) -> None:
        """Do *jobs*, and tell those who wait."""
        if not jobs:
            return
        outcomes: list[Any]
        try:
            outcomes = self._outcomes(jobs)
        except _Undone as undone:
            if len(jobs) > 1:  # perhaps one asked for too much: the others shall not pay for it
                for job in jobs:
                    self._finish([job])
                return
            outcomes = [_Failure(undone.error)]
        except Exception as error:  # noqa: BLE001 - told to those who asked
            outcomes = [_Failure(error)] * len(jobs)
        for job, outcome in zip(jobs, outcomes, strict=True):
            if isinstance(outcome, _Failure):
                job.done.set_exception(_told(outcome.error))
            else:
                job.done.set_result(outcome)

    def _outcomes(self, jobs: list[_Job]) -> list[Any]:
        db = self._db = self._db or self._opened()
        if jobs[0].apart:
            return [jobs[0].act(db)]
        db.execute(self._begin)
        try:
            outcomes = [_tried(db, job.act) for job in jobs]
            db.execute("COMMIT")
        except sqlite3.Error as error:
            if db.in_transaction:
                db.execute("ROLLBACK")
            raise _Undone(error) from error
        return outcomes

    def _opened(self) -> sqlite3.Connection:
        try:
            return self._connect()
        except ValueError as error:
            advice = "take the newest version of the library, or give the name of another file"
            raise StoreError(f"the file of campaigns: {error}; {advice}") from error

    def _close(self) -> None:
        db, self._db = self._db, None
        if db is not None:
            db.close()


def _tried(db: sqlite3.Connection, act: Callable[[sqlite3.Connection], Any]) -> Any:  # noqa: ANN401 - whatever it returns
    """Do *act*, and undo it alone if it fails."""
    db.execute("SAVEPOINT act")
    try:
        outcome = act(db)
    except Exception as error:
        if not db.in_transaction:
            raise  # SQLite gave up the whole
        db.execute("ROLLBACK TO act")
        outcome = _Failure(error)
    db.execute("RELEASE act")
    return outcome


def _told(error: Exception) -> Exception:
    """Return *error* in the words of a store."""
    if isinstance(error, sqlite3.Error):
        code = getattr(error, "sqlite_errorcode", 0) & _CODE
        advice = _ADVICE.get(code, "it cannot be used; see to what it says and try again")
    elif isinstance(error, OSError):
        advice = "it cannot be opened; let this user read and write it and its folder"
    else:
        return error
    told = StoreError(f"the file of campaigns: {advice} ({error})")
    told.__cause__ = error
    return told
