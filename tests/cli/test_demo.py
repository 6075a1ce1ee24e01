from __future__ import annotations

import csv
import io
from dataclasses import replace
from decimal import Decimal

import pytest
from rich.console import Console

from smsc_async._cli import _demo
from smsc_async._cli._demo import ROWS_PER_REQUEST, Code, Result, Tally
from smsc_async._cli._recipients import bundled
from smsc_async._cli._report import report, watching

from .conftest import run

LINES = bundled()


def test_the_list_has_2000_rows_of_people() -> None:
    rows = [*csv.DictReader(LINES)]

    assert len(rows) == len(LINES) - 1 == 2000
    assert all(row["name"] and row["city"] and row["order"] for row in rows)


async def test_the_demo_accounts_for_every_row_and_meets_no_limit() -> None:
    told: list[int] = []

    def watch(news: str | Tally) -> None:
        if isinstance(news, Tally):
            told.append(news.done)

    result = await _demo.run(LINES[:701], 0.0, watch)

    assert result.good
    assert result.error_9 == 0
    assert sorted(result.tally.refused.values()) == [2, 2, 4]
    assert [bad.line for bad in result.tally.bad] == BAD_LINES
    assert result.tally.duplicates == DUPLICATES
    assert result.taken == result.tally.accepted == 700 - 8 - len(BAD_LINES) - DUPLICATES
    assert result.requests <= -(-700 // ROWS_PER_REQUEST) + 1
    assert result.most_at_once <= result.places == 14
    assert told == sorted(told)
    assert told[-1] == 700


def test_the_command_shows_it_and_ends_well() -> None:
    ended = run("demo", "--rows", "150", "--latency", "1")

    assert ended.exit_code == 0, ended.output
    assert "150 rows go to a simulator at http://127.0.0.1:" in ended.stdout
    assert "150 of 150" in ended.stdout
    assert "line 130" in ended.stdout
    assert ended.stdout.rstrip().endswith("Every row is accounted for, and no limit was met.")


def test_the_command_fails_when_the_service_refused_for_a_limit(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async def run_badly(*_: object) -> Result:
        return replace(RESULT, error_9=1)

    monkeypatch.setattr(_demo, "run", run_badly)

    ended = run("demo")

    assert ended.exit_code == 1
    assert "A limit was met" in ended.stdout


def test_a_lost_row_is_not_hidden() -> None:
    lost = replace(RESULT, tally=replace(RESULT.tally, rows=3))

    assert not lost.good
    assert "Some rows are not accounted for." in _shown(lost)


def test_a_row_that_was_sent_twice_is_not_hidden() -> None:
    assert not replace(RESULT, taken=3).good


def test_a_code_that_never_came_is_not_hidden() -> None:
    never = replace(RESULT, tally=replace(RESULT.tally, code=None))

    assert not never.good
    assert "never" in _shown(never)


def test_a_terminal_shows_a_bar() -> None:
    console = Console(file=io.StringIO(), force_terminal=True, width=80)
    with watching(console, 10, 0.05) as watch:
        watch("http://127.0.0.1:1")
        watch(Tally(10, done=10))

    assert isinstance(console.file, io.StringIO)
    assert "10 of 10" in console.file.getvalue()


BAD_LINES = [130, 281, 385, 471, 568, 588]
DUPLICATES = 3
RESULT = Result(
    tally=Tally(2, accepted=2, cost=Decimal("2.4"), code=Code(0.05, 20)),
    seconds=1.0,
    at_best=0.9,
    places=14,
    requests=3,
    most_at_once=3,
    error_9=0,
    taken=2,
)


def _shown(result: Result) -> str:
    console = Console(file=io.StringIO(), width=80)
    console.print(report(result))
    assert isinstance(console.file, io.StringIO)
    return console.file.getvalue()
