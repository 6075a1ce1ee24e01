"""All rows of a campaign in a file, a portion at a time."""

from __future__ import annotations

import csv
import os
from collections.abc import Iterable
from datetime import UTC, datetime
from io import StringIO
from pathlib import Path
from typing import Any, Final, Protocol, cast

import msgspec
from anyio.lowlevel import checkpoint

from .._wire.values import mask
from ._after import named
from ._report import Report
from ._store import COLUMNS, Store

_SLICE: Final = 500  # rows that are written in one go, which holds the loop for a few milliseconds


class _Form(Protocol):
    def begin(self) -> bytes: ...
    def rows(self, rows: Iterable[dict[str, Any]]) -> bytes: ...
    def end(self) -> bytes: ...


async def write(store: Store, report: Report, path: Path, *, masked: bool) -> None:
    """Write *report* and all rows as JSON to a file that is named so, else the rows as CSV.

    *masked* hides the phones, and leaves out the texts. The file is for its owner alone; what was
    there is replaced once the new one is whole.
    """
    report = report.masked() if masked else report
    form: _Form = _Json(report) if path.suffix.lower() == ".json" else _Csv()
    part = path.with_name(f"{path.name}.part")
    part.unlink(missing_ok=True)  # its mode would stay
    handle = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with open(handle, "wb") as file:  # noqa: ASYNC230, PTH123 - of a handle, a slice at a time
            file.write(form.begin())
            async for portion in store.rows(report.number):
                for at in range(0, len(portion), _SLICE):
                    rows = [_row(row, masked=masked) for row in portion[at : at + _SLICE]]
                    file.write(form.rows(rows))
                    await checkpoint()
            file.write(form.end())
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)


class _Csv:
    """A table with a header; a mark at its start tells a spreadsheet the encoding."""

    def __init__(self) -> None:
        self._names: list[str] = []

    def begin(self) -> bytes:
        return "\ufeff".encode()

    def rows(self, rows: Iterable[dict[str, Any]]) -> bytes:
        text = StringIO(newline="")
        for row in rows:
            writer = csv.writer(text)
            if not self._names:
                self._names = list(row)
                writer.writerow(self._names)
            writer.writerow(row.values())
        return text.getvalue().encode()

    def end(self) -> bytes:
        return b""


class _Json:
    """One object: the report, and the rows as a list."""

    def __init__(self, report: Report) -> None:
        self._report = report
        self._is_first = True

    def begin(self) -> bytes:
        return b'{"campaign": ' + msgspec.json.encode(self._report) + b', "rows": ['

    def rows(self, rows: Iterable[dict[str, Any]]) -> bytes:
        lines = b",\n".join(map(msgspec.json.encode, rows))
        before = b"\n" if self._is_first else b",\n"
        self._is_first = False
        return before + lines

    def end(self) -> bytes:
        return b"\n]}\n"


def _row(row: tuple[object, ...], *, masked: bool) -> dict[str, Any]:
    """Return a row by the names of its columns, and its delivery in words."""
    found: dict[str, Any] = dict(zip(COLUMNS, row, strict=True))
    status, err, changed = found["status"], found["err"], found["changed"]
    found["changed"] = (
        None if changed is None else datetime.fromtimestamp(cast("float", changed), UTC).isoformat()
    )
    text = found.pop("text")
    found["delivery"] = None if status is None else named(status, err)
    if masked:
        found["phone"] = mask(found["phone"])
    else:
        found["text"] = text
    return found
