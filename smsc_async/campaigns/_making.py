"""What a campaign makes of the rows that it is given; plain functions."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import compress
from typing import Final, NamedTuple

from ..messages._checks import is_address
from ._errors import BadRows
from ._phones import Phones, zone
from ._records import NewRows
from ._rows import BadRow, Slice, named
from ._templates import Template

_NOBODY: Final = "+"  # stands for a number that could not be read, in a row that is bad


class Made(NamedTuple):
    """What became of a slice."""

    rows: NewRows
    bad: Sequence[BadRow]


@dataclass(frozen=True, slots=True, kw_only=True)
class Maker:
    """How rows become what is sent.

    *phone* is the column of recipients, numbers written as in *region*, or addresses if the
    message is an e-mail; *zoned* wants the time zone of each.
    """

    template: Template
    phone: str = "phone"
    region: str = "RU"
    zoned: bool = False

    def bound(self, columns: Sequence[str]) -> Callable[[Slice], Made]:
        """Return what makes the rows of a table with these columns.

        Raises :class:`BadRows` where there is no column of recipients, and :class:`BadTemplate`.
        """
        if self.phone not in columns:
            raise BadRows(
                f"no column is called {self.phone}; there are {named(columns)}; the first line "
                "names the columns, and phone (--phone) says which"
            )
        is_mail = self.template.message.takes == "addresses"
        return _Table(
            template=self.template,
            column=self.phone,
            phone=columns.index(self.phone),
            fields=self.template.places(columns),
            read=_address if is_mail else Phones(self.region).read,
            zone=zone if self.zoned and not is_mail else None,
        ).made


@dataclass(frozen=True, slots=True, kw_only=True)
class _Table:
    """A maker that knows where the columns are; it works on whole columns, which is quick."""

    template: Template
    column: str
    phone: int
    fields: tuple[int, ...]
    read: Callable[[str], str]
    zone: Callable[[str], str | None] | None

    def made(self, given: Slice) -> Made:
        """Make rows; those that cannot be sent are bad, and those with nothing in them are none."""
        if not given.rows:
            return Made(NewRows.of(), given.bad)
        cells = tuple(zip(*given.rows, strict=True))
        faults: dict[int, str] = {}
        phones = self._phones(cells[self.phone], faults)
        texts, alone = self._texts(cells, faults)
        zones = [None] * len(phones) if self.zone is None else list(map(self.zone, phones))
        rows = NewRows(given.lines, phones, texts, zones, alone)
        if not faults:
            return Made(rows, given.bad)
        bad = [
            BadRow(given.lines[at], why, given.rows[at])
            for at, why in sorted(faults.items())
            if any(map(str.strip, given.rows[at]))
        ]
        good = [at not in faults for at in range(len(phones))]
        return Made(NewRows._make(list(compress(each, good)) for each in rows), [*given.bad, *bad])

    def _phones(self, column: Sequence[str], faults: dict[int, str]) -> list[str]:
        phones: list[str] = []
        for at, written in enumerate(column):
            try:
                phones.append(self.read(written))
            except ValueError as error:
                phones.append(_NOBODY)
                faults[at] = f"{self.column}: {error}"
        return phones

    def _texts(
        self, cells: Sequence[Sequence[str]], faults: dict[int, str]
    ) -> tuple[Sequence[str | None], list[bool]]:
        alone = [False] * len(cells[self.phone])
        if not self.fields:
            return [None] * len(alone), alone
        template = self.template
        columns = [cells[at] for at in self.fields]
        for field, column in zip(template.fields, columns, strict=True):
            if not all(map(str.strip, column)):
                empty = (at for at, cell in enumerate(column) if not cell.strip())
                faults |= {at: f"{field}: is empty" for at in empty if at not in faults}
        texts = template.texts(columns)
        for at in template.odd(texts):
            alone[at] = template.is_alone(texts[at])
            if at not in faults and (why := template.fault(texts[at])):
                faults[at] = why
        return texts, alone


def recipient(region: str) -> Callable[[str], str]:
    """Return what reads a number or an address as a store has them; it raises ValueError."""
    phones = Phones(region)
    return lambda written: _address(written) if "@" in written else phones.read(written)


def _address(written: str) -> str:
    """Return an e-mail address as the client tells them apart; raise ValueError for none."""
    address = written.strip().lower()
    if not address:
        raise ValueError("is empty")
    if not is_address(address):
        raise ValueError("is no e-mail address")
    return address
