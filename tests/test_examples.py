from __future__ import annotations

import csv
import io
import runpy
from pathlib import Path
from typing import Any

import pytest

from smsc_async._resources._addressing import recipients
from smsc_async._slices import at_once
from smsc_async._wire.values import digits
from smsc_async.errors import InvalidMessage

EXAMPLES = Path(__file__).parents[1] / "examples"


@pytest.fixture(scope="module")
def script() -> dict[str, Any]:
    return runpy.run_path(str(EXAMPLES / "make_recipients.py"))


def test_the_list_is_what_its_script_makes(script: dict[str, Any]) -> None:
    assert script["made"]() == (EXAMPLES / "recipients.csv").read_bytes()


def test_just_the_bad_cells_are_refused_and_the_doubles_are_doubles(script: dict[str, Any]) -> None:
    content = (EXAMPLES / "recipients.csv").read_text("utf-8-sig")
    bad, good = list[str](), list[str]()
    for row in csv.DictReader(io.StringIO(content, newline="")):
        try:
            good += at_once(recipients(row["phone"]))
        except InvalidMessage:
            bad.append(row["phone"])

    assert sorted(bad) == sorted(script["BAD_CELLS"])
    assert len(bad) == 10
    assert len(good) - len(set(map(digits, good))) == script["DOUBLES"]
