"""A list of recipients as people keep it: read, and told apart; plain functions."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

_RUSSIAN_LENGTH = 11


@dataclass(frozen=True, slots=True)
class Recipient:
    """One row; *line* is where it stands in the file, from 1."""

    line: int
    phone: str
    name: str
    city: str
    order: str
    pickup_code: str

    @property
    def text(self) -> str:
        """Return what this one is told."""
        return (
            f"{self.name}, заказ {self.order} ждёт вас в пункте выдачи "
            f"({self.city}). Код: {self.pickup_code}"
        )


def bundled() -> bytes:
    """Return the list that comes with the package; a source tree keeps it among the examples."""
    here = Path(__file__).parent
    inside = here / "recipients.csv"
    return (inside if inside.exists() else here.parents[1] / "examples/recipients.csv").read_bytes()


def read(content: bytes) -> list[Recipient]:
    """Read a file with a header, which may begin with a byte order mark."""
    reader = csv.DictReader(io.StringIO(content.decode("utf-8-sig"), newline=""))
    return [Recipient(reader.line_num, **row) for row in reader]


def distinct(recipients: list[Recipient]) -> Iterator[tuple[Recipient, bool]]:
    """Give each recipient, and whether a row before it has the same number."""
    seen: set[str] = set()
    for recipient in recipients:
        number = digits(recipient.phone)
        yield recipient, number in seen
        if number:
            seen.add(number)


def digits(phone: str) -> str:
    """Return what two spellings of one number have in common.

    A leading 8 is how a Russian or Kazakh number is dialled at home.
    """
    found = "".join(filter(str.isdigit, phone))
    if len(found) == _RUSSIAN_LENGTH and found[0] == "8" and not phone.lstrip().startswith("+"):
        return "7" + found[1:]
    return found
