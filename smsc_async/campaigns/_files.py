"""Lists of recipients in files, as people and programs write them."""

from __future__ import annotations

import codecs
import csv
import io
import os
from collections.abc import Generator
from contextlib import suppress
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import IO, TYPE_CHECKING, Final

import msgspec

from ._errors import BadRows
from ._rows import BadRow, Slice, columns_of, named, tabled

if TYPE_CHECKING:
    from _csv import Reader

_DELIMITERS: Final = (",", ";", "\t", "|")
# What a file without a mark is read as: bytes of windows-1251 that are UTF-8 by chance are rare.
_ENCODINGS: Final = ("utf-8", "windows-1251")
_MARKS: Final = {
    codecs.BOM_UTF8: "utf-8-sig",
    codecs.BOM_UTF16_LE: "utf-16",
    codecs.BOM_UTF16_BE: "utf-16",
}
_BLOCK: Final = 1 << 20
_SAMPLE: Final = 1 << 14  # characters, and rows of them, that tell the delimiter
_SAMPLE_ROWS: Final = 20
_UNPAIRED: Final = "a quotation mark is not closed, or something follows the closing one"


@dataclass(frozen=True, slots=True)
class CsvFile:
    """A file of comma separated values; made by :func:`read_csv`."""

    path: Path
    delimiter: str | None
    encoding: str | None

    def slices(self, most: int) -> Generator[Slice]:
        """Yield all rows, as :class:`~smsc_async.campaigns._rows.FileSource` has it."""
        encoding = found_encoding(self.path, self.encoding)
        with self.path.open(encoding=encoding, newline="") as file:
            delimiter = self.delimiter or _delimiter(file.read(_SAMPLE))
            file.seek(0)
            reader = csv.reader(file, delimiter=delimiter, strict=True)
            columns = _header(reader)
            yield Slice(columns, (), (), ())
            while (portion := _portion(reader, columns, most)) is not None:
                yield portion


@dataclass(frozen=True, slots=True)
class JsonLines:
    """A file with a JSON object on each line; made by :func:`read_json_lines`."""

    path: Path
    encoding: str | None

    def slices(self, most: int) -> Generator[Slice]:
        """Yield all rows, as :class:`~smsc_async.campaigns._rows.FileSource` has it."""
        with self.path.open(encoding=found_encoding(self.path, self.encoding)) as file:
            lines = ((at, line) for at, line in enumerate(file, 1) if line.strip())
            columns: tuple[str, ...] | None = None
            while portion := list(islice(lines, most)):
                read = [(at, _object(line), line) for at, line in portion]
                if columns is None:
                    columns = _keys(*read[0][:2])
                bad = [
                    BadRow(at, "is no JSON object", (line.strip(),))
                    for at, row, line in read
                    if row is None
                ]
                good = [(at, row) for at, row, _ in read if row is not None]
                made = tabled(columns, [at for at, _ in good], [row for _, row in good])
                yield made._replace(bad=[*bad, *made.bad])
            if columns is None:
                raise BadRows("the file is empty")


def read_csv(
    path: str | os.PathLike[str], *, delimiter: str | None = None, encoding: str | None = None
) -> CsvFile:
    """Return the rows of a CSV file, which are read when a campaign is made of them.

    Its first line names the columns. Without a *delimiter* it is found among comma, semicolon, tab
    and bar; without an *encoding* a byte order mark tells it, else the file is UTF-8 if all of it
    can be, and windows-1251 if not. A row that has other columns than the first is a bad one, and
    so is one whose quotation marks do not pair; where that has swallowed lines after it,
    :class:`BadRows` is raised.
    """
    if delimiter is not None and (len(delimiter) != 1 or delimiter in '\r\n"'):
        raise BadRows("delimiter: is one character, and no line end or quotation mark")
    return CsvFile(Path(path), delimiter, _known(encoding))


def read_json_lines(path: str | os.PathLike[str], *, encoding: str | None = None) -> JsonLines:
    """Return the rows of a file with a JSON object on each line.

    The first one tells the columns; the *encoding* is found as :func:`read_csv` finds it.
    """
    return JsonLines(Path(path), _known(encoding))


def found_encoding(path: Path, given: str | None) -> str:
    """Return how a file is to be read; raise :class:`BadRows` if all of it cannot be read so."""
    with path.open("rb") as file:
        start = file.read(3)
        marked = next((name for mark, name in _MARKS.items() if start.startswith(mark)), None)
        if given is not None:
            # The mark is no part of the text, and tells which of two orders the bytes have.
            is_same = marked and given.startswith(marked.removesuffix("-sig"))
            candidates: tuple[str, ...] = (marked if marked and is_same else given,)
        else:
            candidates = (marked,) if marked else _ENCODINGS
        for encoding in candidates:
            if _is_readable(file, encoding):
                return encoding
    raise BadRows(f"the file is no text in {' or '.join(candidates)}; say its encoding")


def _is_readable(file: IO[bytes], encoding: str) -> bool:
    decoder = codecs.getincrementaldecoder(encoding)()
    file.seek(0)
    try:
        while block := file.read(_BLOCK):
            decoder.decode(block)
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return False
    return True


def _known(encoding: str | None) -> str | None:
    if encoding is None:
        return None
    try:
        "".encode(encoding)  # refuses those that are no encodings of a text
        return codecs.lookup(encoding).name
    except LookupError:
        raise BadRows(f"encoding: nobody knows one that is called {encoding!r}") from None


def _delimiter(sample: str) -> str:
    """Return what divides the cells: what makes most rows as wide as the first."""
    return max(_DELIMITERS, key=lambda delimiter: _evenness(sample, delimiter))


def _evenness(sample: str, delimiter: str) -> tuple[bool, int, int]:
    reader = csv.reader(io.StringIO(sample, newline=""), delimiter=delimiter)
    rows: list[list[str]] = []
    with suppress(csv.Error):  # a field beyond all bounds: what stands before it tells enough
        for row in islice(reader, _SAMPLE_ROWS):
            rows += [row] if row else []
    if len(sample) == _SAMPLE and len(rows) > 1:
        rows.pop()  # it may be cut
    widths = list(map(len, rows)) or [1]
    is_whole = '"' not in "".join(rows[0]) if rows else False
    return is_whole, widths.count(widths[0]) if widths[0] > 1 else 0, widths[0]


def _header(reader: Reader) -> tuple[str, ...]:
    try:
        first = next((row for row in reader if any(map(str.strip, row))), None)
    except csv.Error:
        raise BadRows(f"line {reader.line_num}, of the header: {_UNPAIRED}") from None
    if first is None:
        raise BadRows("the file is empty; its first line names the columns")
    columns = tuple(map(str.strip, first))
    if "\0" in "".join(columns):
        raise BadRows("the file is no text; if it is in UTF-16 without a mark, say its encoding")
    if twice := sorted({name for name in columns if name and columns.count(name) > 1}):
        raise BadRows(f"several columns have one name: {named(twice)}")
    return columns


def _portion(reader: Reader, columns: tuple[str, ...], most: int) -> Slice | None:
    """Read the next rows; None: there are no more."""
    lines: list[int] = []
    rows: list[list[str]] = []
    bad: list[BadRow] = []
    end = reader.line_num
    while len(rows) + len(bad) < most:
        try:
            for row in islice(reader, most - len(rows) - len(bad)):
                lines.append(end + 1)
                rows.append(row)
                end = reader.line_num
            break
        except csv.Error:
            if reader.line_num - end > 1:
                raise BadRows(
                    f"lines {end + 1} to {reader.line_num} are one row: {_UNPAIRED}"
                ) from None
            bad.append(BadRow(end + 1, _UNPAIRED, ()))
            end = reader.line_num
    if not rows and not bad:
        return None
    if set(map(len, rows)) - {len(columns)}:
        bad += [
            BadRow(line, f"has {len(row)} cells, and there are {len(columns)} columns", row)
            for line, row in zip(lines, rows, strict=True)
            if len(row) != len(columns) and any(map(str.strip, row))
        ]
        fits = [len(row) == len(columns) for row in rows]
        lines = [line for line, fit in zip(lines, fits, strict=True) if fit]
        rows = [row for row, fit in zip(rows, fits, strict=True) if fit]
    return Slice(columns, lines, rows, bad)


_DECODER: Final = msgspec.json.Decoder(dict[str, object], float_hook=str)


def _object(line: str) -> dict[str, object] | None:
    try:
        return _DECODER.decode(line)
    except (msgspec.DecodeError, UnicodeError):
        return None


def _keys(line: int, row: object) -> tuple[str, ...]:
    if row is None:
        raise BadRows(f'line {line} is no JSON object, such as {{"phone": "+7..."}}')
    return columns_of(row)
