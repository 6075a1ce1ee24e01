from __future__ import annotations

import io
from dataclasses import replace
from decimal import Decimal

import pytest
from rich.console import Console

from smsc_async._cli import _demo
from smsc_async._cli._demo import Code, Result, Tally
from smsc_async._cli._recipients import Recipient, bundled, digits, distinct, read
from smsc_async._cli._report import report, watching

from .conftest import run

RECIPIENTS = read(bundled())


def test_the_list_has_2000_rows_of_people() -> None:
    assert len(RECIPIENTS) == 2000
    assert RECIPIENTS[0].line == 2
    assert all(r.name and r.city and r.order and r.pickup_code for r in RECIPIENTS)


def test_no_two_people_are_told_the_same() -> None:
    first = [r for r, again in distinct(RECIPIENTS) if not again]

    assert len({r.text for r in first}) == len(first) == 1940


@pytest.mark.parametrize(
    "spelling",
    ["+7 916 000-11-22", "8 (916) 000-11-22", "79160001122", "89160001122", " +79160001122"],
)
def test_spellings_of_one_number_are_one(spelling: str) -> None:
    assert digits(spelling) == "79160001122"


def test_a_plus_keeps_an_8_for_it_begins_another_country() -> None:
    assert digits("+81900001122") == "81900001122"


async def test_the_demo_accounts_for_every_row_and_meets_no_limit() -> None:
    told: list[int] = []

    def watch(news: str | Tally) -> None:
        if isinstance(news, Tally):
            told.append(news.done)

    result = await _demo.run(RECIPIENTS[:700], 0.0, watch)

    assert result.good
    assert result.error_9 == 0
    assert result.tally.refused == {"Undeliverable": 4, "BadPhone": 2, "Forbidden": 2}
    assert [recipient.line for recipient, _ in sorted(result.tally.bad, key=_line)] == BAD_LINES
    assert result.requests == result.tally.accepted + 8 + 1
    assert result.most_at_once <= result.places == 14
    assert told == list(range(1, 701))


def test_the_command_shows_it_and_ends_well() -> None:
    ended = run("demo", "--rows", "150", "--latency", "1")

    assert ended.exit_code == 0, ended.output
    assert "150 rows go to a simulator at http://127.0.0.1:" in ended.stdout
    assert "120 of 150" in ended.stdout
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
    assert not replace(RESULT, rows=3).good
    assert "Some rows are not accounted for." in _shown(replace(RESULT, rows=3))


def test_a_code_that_never_came_is_not_hidden() -> None:
    never = replace(RESULT, tally=replace(RESULT.tally, code=None))

    assert not never.good
    assert "never" in _shown(never)


def test_a_terminal_shows_a_bar() -> None:
    console = Console(file=io.StringIO(), force_terminal=True, width=80)
    with watching(console, 10, 0.05) as watch:
        watch("http://127.0.0.1:1")
        watch(Tally(done=10))

    assert isinstance(console.file, io.StringIO)
    assert "10 of 10" in console.file.getvalue()


BAD_LINES = [130, 281, 385, 471, 568, 588]
RESULT = Result(
    rows=2,
    tally=Tally(accepted=2, cost=Decimal("2.4"), code=Code(0.05, 20)),
    seconds=1.0,
    at_best=0.9,
    places=14,
    requests=3,
    most_at_once=3,
    error_9=0,
)


def _line(pair: tuple[Recipient, str]) -> int:
    return pair[0].line


def _shown(result: Result) -> str:
    console = Console(file=io.StringIO(), width=80)
    console.print(report(result))
    assert isinstance(console.file, io.StringIO)
    return console.file.getvalue()
