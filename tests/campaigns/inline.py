"""A store whose acts are done at once: on a virtual loop there are no threads."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Executor, Future
from pathlib import Path
from typing import ParamSpec, TypeVar

from smsc_async.campaigns._sqlite import SqliteStore

P = ParamSpec("P")
T = TypeVar("T")


class Inline(Executor):
    """Does what is submitted before it returns."""

    def submit(self, fn: Callable[P, T], /, *args: P.args, **kwargs: P.kwargs) -> Future[T]:
        done: Future[T] = Future()
        try:
            done.set_result(fn(*args, **kwargs))
        except BaseException as error:  # noqa: BLE001 - whoever waits is told
            done.set_exception(error)
        return done


def store_at(
    path: Path, *, patience: float = 0, wall: Callable[[], float] = lambda: 0.0
) -> SqliteStore:
    """Return the store at *path*, without threads, whose wall clock is a test's."""
    return SqliteStore(path, patience=patience, wall=wall, executor=Inline)
