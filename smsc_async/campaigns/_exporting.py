"""All rows of a campaign in a file, a portion at a time."""

from __future__ import annotations

import csv
import os
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from functools import lru_cache
from io import StringIO
from pathlib import Path
from typing import Any, Final, Protocol, TypeAlias

import msgspec
from anyio.lowlevel import checkpoint

from .._wire.values import mask
from ._after import named
from ._report import Report
from ._store import COLUMNS, Store

_SLICE: Final = 500  # rows that are written in one go, which holds the loop for a few milliseconds
_Row: TypeAlias = tuple[Any, ...]
# What a file tells of each row; one that is masked has no text.
NAMES: Final[_Row] = (*COLUMNS[:-1], "delivery", "text")


class _Form(Protocol):
    def begin(self) -> bytes: ...
    def rows(self, rows: Iterable[_Row]) -> bytes: ...
    def end(self) -> bytes: ...


async def write(store: Store, report: Report, path: Path, *, masked: bool) -> None:
    """Write *report* and all rows as JSON to a file that is named so, else the rows as CSV.

    *masked* hides the phones, and leaves out the texts. The file is for its owner alone; what was
    there is replaced once the new one is whole.
    """
    report = report.masked() if masked else report
    names = NAMES[:-1] if masked else NAMES
    form: _Form = _Json(names, report) if path.suffix.lower() == ".json" else _Csv(names)
    part = path.with_name(f"{path.name}.part")
    part.unlink(missing_ok=True)  # its mode would stay
    handle = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with open(handle, "wb") as file:  # noqa: ASYNC230, PTH123 - of a handle, a slice at a time
            file.write(form.begin())
            async for portion in store.rows(report.number):
                for at in range(0, len(portion), _SLICE):
                    rows = map(_told, portion[at : at + _SLICE])
                    file.write(form.rows(map(_masked, rows) if masked else rows))
                    await checkpoint()
            file.write(form.end())
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)


class _Csv:
    """A table with a header; a mark at its start tells a spreadsheet the encoding."""

    def __init__(self, names: _Row) -> None:
        self._names = names

    def begin(self) -> bytes:
        return "\ufeff".encode() + self.rows([self._names])

    def rows(self, rows: Iterable[_Row]) -> bytes:
        text = StringIO(newline="")
        csv.writer(text).writerows(rows)
        return text.getvalue().encode()

    def end(self) -> bytes:
        return b""


class _Json:
    """One object: the report, and the rows as a list."""

    def __init__(self, names: _Row, report: Report) -> None:
        self._names = names
        self._report = report
        self._is_first = True

    def begin(self) -> bytes:
        return b'{"campaign": ' + msgspec.json.encode(self._report) + b', "rows": ['

    def rows(self, rows: Iterable[_Row]) -> bytes:
        named = (dict(zip(self._names, row, strict=True)) for row in rows)
        lines = b",\n".join(map(msgspec.json.encode, named))
        before = b"\n" if self._is_first else b",\n"
        self._is_first = False
        return before + lines

    def end(self) -> bytes:
        return b"\n]}\n"


def _told(row: Sequence[Any]) -> _Row:
    """Return a row as :data:`NAMES` has it: as the store has it, and its delivery in words."""
    line, phone, state, request, reason, status, err, changed, text = row
    delivery = None if status is None else _named(status, err)
    moment = None if changed is None else _moment(changed)
    return line, phone, state, request, reason, status, err, moment, delivery, text


def _masked(row: _Row) -> _Row:
    """Return a row with the middle of its phone hidden, and without its text."""
    line, phone, *others, _ = row
    return (line, mask(phone), *others)


# The rows of a request have mostly come to their state together, and all in one of few.
_named = lru_cache(256)(named)


@lru_cache(256)
def _moment(unix: float) -> str:
    return datetime.fromtimestamp(unix, UTC).isoformat()
