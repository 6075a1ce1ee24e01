from __future__ import annotations

import inspect
from datetime import time
from decimal import Decimal

import pytest
import typer

from smsc_async._cli._campaign import create
from smsc_async._cli._settings import SETTINGS, hours, money, settings, span, window
from smsc_async.campaigns import Options, Window


@pytest.mark.parametrize(
    ("text", "seconds"),
    [("90s", 90), ("30m", 1800), ("2h", 7200), (" 1.5 h ", 5400), ("1d", 86400)],
)
def test_a_span_is_read_as_seconds(text: str, seconds: float) -> None:
    assert span(text) == seconds


@pytest.mark.parametrize("text", ["", "2", "h", "-1h", "2 weeks", "1h30m", "٣h"])
def test_what_is_no_span_is_refused(text: str) -> None:
    with pytest.raises(typer.BadParameter, match="2h"):
        span(text)


@pytest.mark.parametrize(
    ("text", "first", "last"),
    [
        ("9-21", time(9), time(21)),
        (" 09:30 - 20:45 ", time(9, 30), time(20, 45)),
        ("0-24", time(0), time(23, 59, 59, 999999)),
    ],
)
def test_hours_are_read(text: str, first: time, last: time) -> None:
    assert hours(text) == Window(first, last)


@pytest.mark.parametrize("text", ["9", "9-", "9-25", "24-24", "9:60-21", "9-24:01", "nine-ten"])
def test_what_are_no_hours_is_refused(text: str) -> None:
    with pytest.raises(typer.BadParameter, match="9-21"):
        hours(text)


@pytest.mark.parametrize("text", ["21-9", "9-9"])
def test_the_first_hour_is_before_the_last(text: str) -> None:
    with pytest.raises(typer.BadParameter, match="before"):
        hours(text)


def test_a_zone_stands_for_numbers_that_do_not_tell_theirs() -> None:
    between = Window(time(9), time(21))

    assert window(None, None) is None
    assert window(between, None) is between
    assert window(between, "Asia/Omsk") == Window(time(9), time(21), "Asia/Omsk")


@pytest.mark.parametrize(
    ("between", "zone"), [(None, "Asia/Omsk"), (Window(time(9), time(21)), "Omsk")]
)
def test_a_zone_needs_hours_and_a_name_that_is_known(between: Window | None, zone: str) -> None:
    with pytest.raises(typer.BadParameter):
        window(between, zone)


def test_an_amount_is_exact() -> None:
    assert money("1500.50") == Decimal("1500.50")


@pytest.mark.parametrize("text", ["0", "-1", "nan", "inf", "ten", ""])
def test_what_is_no_amount_is_refused(text: str) -> None:
    with pytest.raises(typer.BadParameter):
        money(text)


def test_every_setting_of_a_campaign_can_be_given_to_the_command() -> None:
    fields, options = Options.__struct_fields__, inspect.signature(create).parameters

    assert {*SETTINGS} == {*fields} - {*options}


def test_settings_are_read_by_their_names_and_the_last_one_counts() -> None:
    words = ["quiet=5m", " quiet = 90s", "lookups=4", "recheck=1h, 2d", "blacklist=NO"]

    assert settings(words) == {
        "quiet": 90.0,
        "lookups": 4,
        "recheck": (3600.0, 172800.0),
        "blacklist": False,
    }
    assert settings(["recheck="]) == {"recheck": ()}
    assert Options(**settings(words)).lookups == 4
