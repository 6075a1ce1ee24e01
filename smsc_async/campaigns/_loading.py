"""Rows into a store: a slice at a time, so that no list is too long, and the loop never waits."""

from __future__ import annotations

import csv
import errno
import os
from collections.abc import (
    AsyncGenerator,
    AsyncIterable,
    Awaitable,
    Callable,
    Iterable,
    Iterator,
    Sequence,
)
from contextlib import ExitStack, aclosing, closing
from dataclasses import dataclass
from functools import partial
from itertools import islice
from pathlib import Path
from typing import Any, Final, Protocol, Self, TextIO, TypeVar

import anyio.to_thread

from .._transport.clock import loop_time
from ._errors import BadRows
from ._files import found_encoding
from ._making import Made, Maker, recipient
from ._records import NewRows
from ._rows import BadRow, FileSource, Slice, Source, columns_of, tabled
from ._store import Store

T = TypeVar("T")

# Rows that are made in one go. With more, so many are held at once that the garbage collector looks
# at all that the program has, again and again.
_SLICE: Final = 500
_BATCH: Final = 4000  # rows that are stored in one transaction, at least
_HOLD: Final = 0.004  # seconds for which a program's own rows may keep the loop
_FAULTS_SHOWN: Final = 10
_OWN: Final = ("line", "reason")  # the first columns of a file of bad rows


class Work(Protocol):
    """Runs a function that computes, or reads a file, where it does not hold the loop."""

    def __call__(self, work: Callable[[], T], /) -> Awaitable[T]:
        """Return what *work* returns."""
        ...


@dataclass(frozen=True, slots=True)
class Loaded:
    """How many rows went into the store, and how many are bad."""

    rows: int
    bad: int


class Rejects:
    """The bad rows of a list, in a CSV file for its owner alone: line, reason, and what was there.

    It can be mended and read again: its first two columns are then left out. It is made at the
    first bad row, so that without any there is none. Raises :class:`FileExistsError` rather than
    write over a file, and :class:`FileNotFoundError` where there is no folder for it.
    """

    def __init__(self, path: str | os.PathLike[str]) -> None:
        self._path = Path(path)
        self._file: TextIO | None = None
        # Told before a long list is read, and not at its first bad row.
        if os.path.lexists(self._path):
            raise FileExistsError(errno.EEXIST, os.strerror(errno.EEXIST), str(self._path))
        if not self._path.parent.is_dir():
            raise FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT), str(self._path))

    def write(self, columns: Sequence[str], bad: Iterable[BadRow]) -> None:
        """Write bad rows of a table with these columns."""
        skipped = len(_OWN) if tuple(columns[: len(_OWN)]) == _OWN else 0
        rows = [[row.line, row.reason, *row.cells[skipped:]] for row in bad]
        if rows and self._file is None:
            self._file = self._made()
            csv.writer(self._file).writerow([*_OWN, *columns[skipped:]])
        if self._file is not None:
            csv.writer(self._file).writerows(rows)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        if self._file is not None:
            self._file.close()

    def _made(self) -> TextIO:
        handle = os.open(self._path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        # With a mark, by which a spreadsheet knows the encoding.
        return open(  # noqa: PTH123 - of a handle, and closed at the exit
            handle, "w", encoding="utf-8-sig", errors="backslashreplace", newline=""
        )


async def in_thread(work: Callable[[], T], /) -> T:
    """Run *work* in a thread of its own."""
    return await anyio.to_thread.run_sync(work)


async def load(
    store: Store,
    campaign: int,
    source: Source,
    maker: Maker,
    *,
    rejects: Rejects | None = None,
    work: Work = in_thread,
    clock: Callable[[], float] = loop_time,
) -> Loaded:
    """Put the rows of *source* into a campaign that is loading, and its bad ones to *rejects*.

    Raises :class:`BadRows` and :class:`BadTemplate` before the first row is stored, or
    :class:`BadRows` later, where the list cannot be read to its end: then discard the campaign.
    """
    batch = _Batch(maker, rejects)
    async with aclosing(_sliced(source, clock)) as sources:
        async for slices in sources:
            while await work(partial(batch.fill, slices)):
                await store.add(campaign, batch.taken())
    if batch.size:
        await store.add(campaign, batch.taken())
    return Loaded(batch.before, batch.bad)


class _Batch:
    """Rows that are made away from the loop, until there are enough to store."""

    def __init__(self, maker: Maker, rejects: Rejects | None) -> None:
        self._maker = maker
        self._rejects = rejects
        self._made: Callable[[Slice], Made] | None = None
        self._columns: list[list[Any]] = [[] for _ in NewRows._fields]
        self.size = 0
        self.before = 0  # rows of the batches before
        self.bad = 0

    def fill(self, slices: Iterator[Slice]) -> bool:
        """Make rows of *slices* until there are enough; tell whether there are."""
        while self.size < _BATCH and (given := next(slices, None)):
            self._made = self._made or self._maker.bound(given.columns)
            made = self._made(given)
            for column, new in zip(self._columns, made.rows, strict=True):
                column.extend(new)
            self.size += len(made.rows.lines)
            self.bad += len(made.bad)
            if self._rejects is not None and made.bad:
                self._rejects.write(given.columns, made.bad)
        return self.size >= _BATCH

    def taken(self) -> NewRows:
        """Return its rows, and begin another."""
        rows = NewRows(*self._columns)
        self._columns = [[] for _ in NewRows._fields]
        self.before += self.size
        self.size = 0
        return rows


async def stop(
    store: Store,
    listed: str | os.PathLike[str] | Iterable[str],
    *,
    reason: str = "stop list",
    region: str = "RU",
    work: Work = in_thread,
) -> int:
    """Put numbers and addresses on the stop list; return how many are new.

    They stand in a file, whose path a single text is, or come from a program: one to a line, in
    any spelling; what follows a ``#`` is a remark. Raises :class:`BadRows` for lines that are
    neither; then nobody is put on it, for a list that is only half heeded is none.
    """
    phones = await numbers(listed, region, work)
    return sum([await store.stop(portion, reason) for portion in _portions(phones)])


async def unstop(
    store: Store,
    listed: str | os.PathLike[str] | Iterable[str],
    *,
    region: str = "RU",
    work: Work = in_thread,
) -> int:
    """Take numbers and addresses, given as to :func:`stop`, off the stop list; return how many."""
    phones = await numbers(listed, region, work)
    return sum([await store.unstop(portion) for portion in _portions(phones)])


def _portions(phones: list[str]) -> Iterator[list[str]]:
    return (phones[at : at + _SLICE] for at in range(0, len(phones), _SLICE))


async def numbers(
    listed: str | os.PathLike[str] | Iterable[str], region: str, work: Work = in_thread
) -> list[str]:
    """Read all numbers of a stop list; raises :class:`BadRows` for lines that are none."""
    phones: list[str] = []
    faults: list[str] = []
    portions = _stopped(listed, recipient(region), faults)
    while (portion := await work(partial(next, portions, None))) is not None:
        phones += portion
    if faults:
        more = f", and {len(faults) - _FAULTS_SHOWN} more" if len(faults) > _FAULTS_SHOWN else ""
        them = "them" if len(faults) > 1 else "it"
        raise BadRows(
            f"stop list, {'; '.join(faults[:_FAULTS_SHOWN])}{more}; mend {them} or put # before "
            f"{them}"
        )
    return phones


def _stopped(
    listed: str | os.PathLike[str] | Iterable[str], read: Callable[[str], str], faults: list[str]
) -> Iterator[list[str]]:
    with ExitStack() as stack:
        if isinstance(listed, str | os.PathLike):
            path = Path(listed)
            listed = stack.enter_context(path.open(encoding=found_encoding(path, None)))
        lines = enumerate(listed, 1)
        while portion := list(islice(lines, _SLICE)):
            phones: list[str] = []
            for at, line in portion:
                written = line.partition("#")[0].strip()
                try:
                    phones += [read(written)] if written else []
                except ValueError as error:
                    faults.append(f"line {at}: {error}")
            yield phones


async def _sliced(source: Source, clock: Callable[[], float]) -> AsyncGenerator[Iterator[Slice]]:
    """Yield what slices come from; to take them may be long, and not for the loop."""
    if isinstance(source, FileSource):
        with closing(source.slices(_SLICE)) as slices:
            yield slices
        return
    columns: tuple[str, ...] | None = None
    line = 1
    async with aclosing(_pulled(source, clock)) as pulled:
        async for items in pulled:
            if columns is None:
                columns = columns_of(items[0])
            lines = range(line, line + len(items))
            yield (tabled(columns, *each) for each in [(lines, items)])
            line += len(items)


async def _pulled(
    source: Iterable[object] | AsyncIterable[object], clock: Callable[[], float]
) -> AsyncGenerator[list[object]]:
    """Take rows where the program has them, in its own thread, and only for a moment at a time."""
    items: list[object] = []
    until = clock() + _HOLD
    async for item in source if isinstance(source, AsyncIterable) else _each(source):
        items.append(item)
        if len(items) == _SLICE or clock() >= until:
            yield items
            items = []
            until = clock() + _HOLD
    if items:
        yield items


async def _each(source: Iterable[object]) -> AsyncGenerator[object]:
    for item in source:
        yield item
