"""The list that the demo sends to; plain functions."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from pathlib import Path

TEMPLATE = "{name}, заказ {order} ждёт вас в пункте выдачи ({city}). Код: {pickup_code}"


def bundled() -> list[str]:
    """Return the lines of the list that comes with the package, its header first.

    A source tree keeps it among the examples. No cell of it goes over a line.
    """
    here = Path(__file__).parent
    inside = here / "recipients.csv"
    path = inside if inside.exists() else here.parents[1] / "examples/recipients.csv"
    return path.read_text("utf-8-sig").splitlines(keepends=True)


def phones(lines: list[str]) -> Iterator[str]:
    """Give the numbers of a list as they are spelled."""
    return (row["phone"] for row in csv.DictReader(lines))


def digits(phone: str) -> str:
    """Return a number that begins with a plus as the service writes it."""
    return "".join(filter(str.isdigit, phone))
