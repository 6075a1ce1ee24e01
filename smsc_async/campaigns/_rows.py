"""Rows on their way in: where they come from, and how they become cells of a table.

Whatever the source, rows travel in *slices*: some hundreds at a time, each with as many cells as
there are columns, beside those that could not be read. Nothing is ever in memory as a whole.
"""

from __future__ import annotations

from collections.abc import AsyncIterable, Callable, Generator, Iterable, Mapping, Sequence
from decimal import Decimal
from typing import Final, NamedTuple, Protocol, TypeAlias, cast, runtime_checkable

from .._wire.values import quoted
from ._errors import BadRows

PAIR: Final = ("phone", "text")  # the columns of rows that are pairs

# A row as a program has it: a mapping with its columns, or a phone and a text of its own.
GivenRow: TypeAlias = Mapping[str, object] | tuple[str, str]


class BadRow(NamedTuple):
    """A row that cannot be sent, and why; *cells* are what could be read of it."""

    line: int
    reason: str
    cells: Sequence[str]


class Slice(NamedTuple):
    """Rows of one table that follow one another; *lines* are where they begin, from 1."""

    columns: tuple[str, ...]
    lines: Sequence[int]
    rows: Sequence[Sequence[str]]
    bad: Sequence[BadRow]


@runtime_checkable
class FileSource(Protocol):
    """Rows that are read from a file, away from the loop."""

    def slices(self, most: int) -> Generator[Slice]:
        """Yield all rows, at most so many at a time; the first slice is there for its columns.

        Raises :class:`BadRows` where the file is no list of recipients, and :class:`OSError`.
        """
        ...


# All that a campaign can be made of.
Source: TypeAlias = FileSource | Iterable[GivenRow] | AsyncIterable[GivenRow]


def columns_of(first: object) -> tuple[str, ...]:
    """Return what the columns are called, by the first row of a program."""
    if isinstance(first, Mapping):
        return tuple(map(str, cast("Mapping[object, object]", first)))
    if is_pair(first):
        return PAIR
    raise BadRows("a row is a mapping such as {'phone': ..., 'name': ...}, or a phone and a text")


def is_pair(row: object) -> bool:
    """Tell whether *row* is a phone and a text."""
    return isinstance(row, tuple | list) and len(cast("Sequence[object]", row)) == len(PAIR)


def tabled(columns: tuple[str, ...], lines: Iterable[int], items: Iterable[object]) -> Slice:
    """Return the rows of a program as cells.

    A value that is missing or None is an empty cell, a number is written as Python writes it;
    columns that the first row had not are left out.
    """
    cells = _pair if columns == PAIR else _mapped(columns)
    good: list[tuple[int, Sequence[str]]] = []
    bad: list[BadRow] = []
    for line, item in zip(lines, items, strict=False):
        try:
            good.append((line, cells(item)))
        except ValueError as error:
            bad.append(BadRow(line, str(error), ()))
    return Slice(columns, [line for line, _ in good], [row for _, row in good], bad)


def named(columns: Sequence[str]) -> str:
    """Write columns for a person; a first row that is no header may hold a number."""
    return quoted(", ".join(filter(None, columns))) or "none"


def _pair(item: object) -> Sequence[str]:
    if is_pair(item):
        phone, text = cast("tuple[object, object]", item)
        return (_cell("phone", phone), _cell("text", text))
    return _mapped(PAIR)(item)


def _mapped(columns: tuple[str, ...]) -> Callable[[object], Sequence[str]]:
    def cells(item: object) -> Sequence[str]:
        if not isinstance(item, Mapping):
            raise ValueError("is no mapping of columns, as the first row is")  # noqa: TRY004 - a bad row
        row = cast("Mapping[str, object]", item)
        return [_cell(column, row.get(column)) for column in columns]

    return cells


def _cell(column: str, value: object) -> str:
    if isinstance(value, str):
        return value
    if value is None:
        return ""
    if isinstance(value, int | float | Decimal) and not isinstance(value, bool):
        return str(value)
    raise ValueError(f"{column}: is of the kind {type(value).__name__}; make a text of it")
