"""What is handed in is checked when it is made, and says which rule it breaks."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from smsc_async import Flash, Hours, InvalidMessage, Sms
from smsc_async._wire import codes
from smsc_async.messages._checks import check_sender, check_text

MINUTE = timedelta(minutes=1)
either = pytest.mark.parametrize("kind", [Sms, Flash])


def refused(error: pytest.ExceptionInfo[InvalidMessage], field: str, rule: str) -> None:
    assert error.value.field == field
    assert rule in error.value.rule


# Text


@either
@pytest.mark.parametrize("text", ["", " ", "\n\t\r\n", "\u00a0"])
def test_a_text_is_not_empty(kind: type[Sms], text: str) -> None:
    with pytest.raises(InvalidMessage) as error:
        kind(text=text)

    refused(error, "text", "is empty")


@either
@pytest.mark.parametrize("letter", ["a", "я", "€", "😀"])
def test_a_text_has_at_most_a_thousand_characters(kind: type[Sms], letter: str) -> None:
    assert kind(text=letter * 1000).text == letter * 1000
    with pytest.raises(InvalidMessage) as error:
        kind(text=letter * 1001)

    refused(error, "text", "has 1001 characters, over 1000")
    assert letter * 3 not in str(error.value)


@pytest.mark.parametrize("prefix", codes.KIND_PREFIXES)
def test_a_text_that_would_be_another_kind_is_refused(prefix: str) -> None:
    with pytest.raises(InvalidMessage) as error:
        Sms(text=f"{prefix}hello")

    refused(error, "text", f"begins with {prefix}")
    assert "markup=True" in error.value.rule
    assert Sms(text=f"{prefix}hello", markup=True).text == f"{prefix}hello"


@pytest.mark.parametrize("prefix", codes.KIND_PREFIXES)
def test_a_kind_inside_a_text_is_no_kind(prefix: str) -> None:
    assert Sms(text=f"say {prefix}").text == f"say {prefix}"


@pytest.mark.parametrize(
    "text", ["a\n~~~\nb", "a\r\n~~~\r\nb", "a\r\n~~~\nb", "a\r~~~\rb", "a\n\n~~~\n"]
)
def test_a_text_that_would_be_cut_by_tildes_is_refused(text: str) -> None:
    with pytest.raises(InvalidMessage) as error:
        Sms(text=text)

    refused(error, "text", "three tildes")
    assert "markup=True" in error.value.rule
    assert Sms(text=text, markup=True).text == text


@pytest.mark.parametrize("text", ["~~~", "a ~~~ b", "a\n~~~~\nb", "a\n~~~", "~~~\na"])
def test_other_tildes_are_text(text: str) -> None:
    assert Sms(text=text).text == text


@pytest.mark.parametrize("text", ["\ud83d", "a\udfffb"])
def test_half_of_a_pair_is_no_character(text: str) -> None:
    for markup in (False, True):
        with pytest.raises(InvalidMessage) as error:
            Sms(text=text, markup=markup)

        refused(error, "text", "half of a surrogate pair")


def test_markup_does_not_let_through_what_is_empty_or_too_long() -> None:
    for text in ("", "a" * 1001):
        with pytest.raises(InvalidMessage):
            Sms(text=text, markup=True)


@given(st.text())
def test_what_is_let_through_can_be_sent(text: str) -> None:
    try:
        check_text(text, markup=False)
    except InvalidMessage as error:
        assert error.field == "text"  # noqa: PT017 - one of two ways to be right
    else:
        assert text.strip()
        assert len(text.encode()) <= 4 * 1000


@pytest.mark.parametrize("sign", ["\x00", "\x07", "\x08", "\x0b", "\x0e", "\x1b", "\x1f"])
def test_a_control_character_is_no_text(sign: str) -> None:
    for markup in (False, True):
        with pytest.raises(InvalidMessage) as error:
            Sms(text=f"a{sign}b", markup=markup)

        refused(error, "text", "control character")


def test_line_ends_tabs_and_page_breaks_are_text() -> None:
    assert Sms(text="a\nb\r\nc\td\fe").mes == "a\nb\r\nc\td\fe"


@pytest.mark.parametrize("text", [b"text", None, 5, ["text"]])
def test_a_text_is_a_text(text: Any) -> None:  # noqa: ANN401 - what is wrong
    with pytest.raises(InvalidMessage) as error:
        Sms(text=text)

    refused(error, "text", "is a text")


@pytest.mark.parametrize("field", ["markup", "tinyurl"])
@pytest.mark.parametrize("flag", [1, 0, "yes", None])
def test_a_flag_is_true_or_false(field: str, flag: object) -> None:
    with pytest.raises(InvalidMessage) as error:
        Sms(**{"text": "x", field: flag})  # type: ignore[arg-type]

    refused(error, field, "is True or False")


@pytest.mark.parametrize("space", ["", " ", "\n", "\u00a0"])
@pytest.mark.parametrize("text", ["code", " Code\n", "code\n~~~\nx", "CODE\r\n~~~\r\n"])
def test_a_code_is_not_asked_for_by_a_text(space: str, text: str) -> None:
    with pytest.raises(InvalidMessage) as error:
        Sms(text=f"{space}__CALL__{text}", markup=True)

    refused(error, "text", "use VoiceCode")
    assert Sms(text=f"{space}__CALL__a {text}", markup=True).is_altered


@pytest.mark.parametrize("space", [" ", "\n", "\u00a0"])
def test_a_kind_behind_blanks_is_refused_too(space: str) -> None:
    with pytest.raises(InvalidMessage) as error:
        Sms(text=f"{space}__CALL__x")

    refused(error, "text", "begins with __CALL__")


# Sender


@pytest.mark.parametrize(
    "sender",
    [
        None,
        "",
        ".",
        "Company",
        "My Company1",
        "12345",
        "79990000000",
        "+79990000000",
        "1" * 15,
        "+" + "1" * 15,
    ],
)
def test_a_sender_fits(sender: str | None) -> None:
    check_sender(sender)
    assert Sms(text="x", sender=sender).sender == sender


@pytest.mark.parametrize(
    ("sender", "rule"),
    [
        ("My Company12", "over 11 characters"),
        ("1" * 16, "over 15 digits"),
        ("+" + "1" * 16, "over 15 digits"),
        ("١" * 12, "over 11 characters"),
        ("1234567890 x", "over 11 characters"),
        ("a\nb", "control character"),
        ("a\x00", "control character"),
        ("12345\n", "control character"),
        ("\ud83d", "surrogate"),
        (79990000000, "is a text"),
        (b"Shop", "is a text"),
    ],
)
def test_a_sender_that_does_not_fit_is_refused(sender: Any, rule: str) -> None:  # noqa: ANN401 - what is wrong
    for attempt in (lambda: check_sender(sender), lambda: Sms(text="x", sender=sender)):
        with pytest.raises(InvalidMessage) as error:
            attempt()

        refused(error, "sender", rule)


# Options


@either
def test_a_message_with_no_options_sends_none(kind: type[Sms]) -> None:
    named = {name: value for name, value in kind(text="x").params().items() if value is not None}

    assert named == ({"flash": 1} if kind is Flash else {})


def test_every_option_has_the_services_name() -> None:
    message = Sms(
        text="x",
        sender="Company",
        translit=2,
        tinyurl=True,
        valid=timedelta(hours=2, minutes=30),
        max_parts=3,
    )

    assert message.params() == {
        "sender": "Company",
        "translit": 2,
        "tinyurl": 1,
        "valid": "02:30",
        "maxsms": 3,
    }


def test_a_flash_is_a_message_with_one_flag_more() -> None:
    flash = Flash(text="x", sender="Company", max_parts=1)

    assert flash.params() == {**Sms(text="x", sender="Company", max_parts=1).params(), "flash": 1}


def test_an_empty_sender_is_sent_for_it_asks_for_none() -> None:
    assert Sms(text="x", sender="").params()["sender"] == ""


@pytest.mark.parametrize(
    ("valid", "text"),
    [
        (MINUTE, "00:01"),
        (timedelta(hours=1), "01:00"),
        (timedelta(hours=24), "24:00"),
        (timedelta(minutes=90, seconds=59), "01:30"),
    ],
)
def test_a_life_time_is_a_minute_to_a_day(valid: timedelta, text: str) -> None:
    assert Sms(text="x", valid=valid).params()["valid"] == text


@pytest.mark.parametrize(
    "valid",
    [
        timedelta(),
        timedelta(seconds=59),
        timedelta(hours=-1),
        timedelta(hours=24, seconds=1),
        timedelta(days=2),
        timedelta.max,
        60,
        "01:00",
    ],
)
def test_another_life_time_is_refused(valid: Any) -> None:  # noqa: ANN401 - what is wrong
    with pytest.raises(InvalidMessage) as error:
        Sms(text="x", valid=valid)

    refused(error, "valid", "between one minute and 24 hours")


@pytest.mark.parametrize("parts", [0, -1, 1001, 2.5, 2.0, True, "2"])
def test_a_message_has_a_part_at_least(parts: Any) -> None:  # noqa: ANN401 - what is wrong
    with pytest.raises(InvalidMessage) as error:
        Sms(text="x", max_parts=parts)

    refused(error, "max_parts", "between 1 and 1000")


@pytest.mark.parametrize("translit", [3, -1, 1.0, True, "1", None])
def test_there_are_three_ways_to_write_a_text(translit: Any) -> None:  # noqa: ANN401 - the same
    with pytest.raises(InvalidMessage) as error:
        Sms(text="x", translit=translit)

    refused(error, "translit", "0, 1 or 2")


def test_a_message_is_a_value() -> None:
    message = Sms(text="x", sender="Company")

    assert message == Sms(text="x", sender="Company")
    assert message != Flash(text="x", sender="Company")
    assert {message: 1}[Sms(text="x", sender="Company")] == 1
    with pytest.raises(AttributeError):
        message.text = "y"  # type: ignore[misc]


# Hours


@pytest.mark.parametrize(("first", "last"), [(0, 24), (9, 21), (0, 1), (23, 24)])
def test_hours_are_a_range_of_the_day(first: int, last: int) -> None:
    assert (Hours(first, last).first, Hours(first, last).last) == (first, last)


@pytest.mark.parametrize(
    ("first", "last"),
    [(21, 9), (9, 9), (-1, 5), (9, 25), (24, 24), (8.5, 20), (8, 20.0), (False, True), ("8", 20)],
)
def test_what_is_no_range_of_the_day_is_refused(first: Any, last: Any) -> None:  # noqa: ANN401 - what is wrong
    with pytest.raises(InvalidMessage) as error:
        Hours(first, last)

    refused(error, "when", "from 0 to 24, whole ones, the lower first")
