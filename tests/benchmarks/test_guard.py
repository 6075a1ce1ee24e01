"""What the guard of the costs says of what it measured."""

from __future__ import annotations

import pytest

from benchmarks.guard import CASES, Case
from benchmarks.recorded import FILE, has_held, line, loss, read, written
from benchmarks.turns import Figures

RECORDED = {"a send": 0.4}


@pytest.mark.parametrize(
    ("now", "lost", "held"),
    [(0.2, -0.5, True), (0.4, 0, True), (0.519, 0.2975, True), (0.521, 0.3025, False)],
)
def test_a_row_may_lose_thirty_percent_of_what_was_recorded(
    now: float, lost: float, *, held: bool
) -> None:
    assert loss(0.4, now) == pytest.approx(lost)
    assert has_held("a send", now, RECORDED) is held


def test_a_line_says_what_was_what_is_and_what_is_lost() -> None:
    assert line("a send", 0.5, RECORDED) == "- held: a send: 0.400 recorded, 0.500 now: +25.0%"
    assert line("a send", 0.6, RECORDED) == "- NOT HELD: a send: 0.400 recorded, 0.600 now: +50.0%"


def test_what_was_never_recorded_has_not_held() -> None:
    assert not has_held("new", 1, RECORDED)
    assert line("new", 1, RECORDED) == "- NOT HELD: new: 1.000 now, and nothing is recorded"


def test_what_is_written_is_read() -> None:
    ratios = {"a page, to msgspec": 1.0625, 'by "aiohttp"': 0.26}

    assert read(written(ratios, "Measured today.\n", "somewhere")) == ("somewhere", ratios)


def test_every_row_is_recorded_and_no_other() -> None:
    _, known = read(FILE.read_text("utf-8"))

    assert list(known) == [name for case in CASES for name in case.rows]


def test_a_row_is_a_side_to_what_it_is_measured_by() -> None:
    asked = list[int]()

    def measure(rounds: int) -> Figures:
        asked.append(rounds)
        return Figures(({"ours": 3.0, "base": 2.0},))

    assert Case(measure, 5, {"a send": ("ours", "base")}).ratios(3) == {"a send": 1.5}
    assert asked == [15]
