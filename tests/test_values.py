"""Values become the text that the service reads, and never a moment earlier than asked."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from smsc_async._resources import _addressing as addressing
from smsc_async._wire import values

SPANS = st.timedeltas(min_value=timedelta(seconds=1), max_value=timedelta(days=60))


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (True, "1"),
        (False, "0"),
        (0, "0"),
        (-3, "-3"),
        ("", ""),
        (" a+b ", " a+b "),
        (Decimal("1.40"), "1.40"),
        (Decimal("1E+3"), "1000"),
        (Decimal("1E-7"), "0.0000001"),
    ],
)
def test_plain_values_have_one_form(value: object, text: str) -> None:
    assert values.wire(value) == text


@pytest.mark.parametrize("value", [1.5, None, b"x", ["x"], datetime(2026, 1, 1, tzinfo=UTC)])
def test_what_has_no_single_form_is_refused(value: object) -> None:
    with pytest.raises(TypeError, match=type(value).__name__):
        values.wire(value)


def test_a_list_is_divided_by_commas() -> None:
    assert values.joined(["1", "2", "3"]) == "1,2,3"
    assert values.joined([]) == ""


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("a", "a"),
        ("a\nb", "a\\nb"),
        ("a\r\nb", "a\\nb"),
        ("a\rb", "a\\nb"),
        ("a\n\nb\n", "a\\n\\nb\\n"),
    ],
)
def test_a_text_of_a_list_is_one_line(text: str, line: str) -> None:
    assert values.one_line(text) == line


@pytest.mark.parametrize(
    ("phone", "digits"),
    [
        ("+79990000000", "79990000000"),
        ("79990000000", "79990000000"),
        ("89990000000", "79990000000"),
        ("9990000000", "79990000000"),
        (" 8 (999) 000-00-00 ", "79990000000"),
        ("+8 999 000 00 00", "89990000000"),
        ("+9990000000", "9990000000"),
        ("4950000000", "4950000000"),
        ("380440000000", "380440000000"),
        ("G12", "g12"),
        (" g12 ", "g12"),
        ("User@Example.com", "user@example.com"),
        ("user7@example.com", "user7@example.com"),
        ("@Nick", "@nick"),
        ("", ""),
        ("٧٩٩٩", "٧٩٩٩"),
    ],
)
def test_spellings_of_one_number_are_one(phone: str, digits: str) -> None:
    assert values.digits(phone) == digits


@pytest.mark.parametrize(
    ("phone", "tidy"),
    [
        ("+7 (999) 000-00-00", "+79990000000"),
        (" 8.999.000.00.00\n", "89990000000"),
        ("\u00a0+7\u00a0999 0000000", "+79990000000"),
    ],
)
def test_a_number_is_sent_without_what_people_put_between(phone: str, tidy: str) -> None:
    assert values.tidy(phone) == tidy


@pytest.mark.parametrize(
    ("phone", "masked"),
    [
        ("+79990000017", "+7999***17"),
        ("79990000017", "7999***17"),
        ("123456789", "1234***89"),
        ("12345678", "***"),
        ("", "***"),
        ("user@example.com", "u***om"),
        ("+7999\n0000\r17", "+7999***17"),
        ("7\n9\x1b0000000", "7\\n9\\x1b***00"),
    ],
)
def test_a_number_is_masked_in_its_middle(phone: str, masked: str) -> None:
    assert values.mask(phone) == masked


@given(st.from_regex(r"\+?[0-9]{1,16}", fullmatch=True), st.integers(1, 16))
def test_digits_alone_are_read_as_those_with_something_between(phone: str, at: int) -> None:
    apart = f"{phone[:at]}-{phone[at:]}"

    assert values.digits(phone) == values.digits(apart)
    assert values.tidy(phone) == values.tidy(apart)
    assert addressing.is_askable(phone) == addressing.is_askable(apart)


@given(st.text(min_size=9).filter(str.isprintable))
def test_a_mask_shows_seven_characters_at_most(phone: str) -> None:
    head, _, tail = values.mask(phone).partition("***")

    assert len(head) + len(tail) <= 7 or "***" in phone


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("message is denied", "message is denied"),
        ("сообщение запрещено", "сообщение запрещено"),
        ("no\r\nERROR root: forged", "no\\r\\nERROR root: forged"),
        ("\x1b[2J\x00\x7f\x85\u2028", "\\x1b[2J\\x00\\x7f\\x85\\u2028"),
        ("\u202egnp.exe\ufeff\ud800", "\\u202egnp.exe\\ufeff\\ud800"),
        ("no way to +79990000017!", "no way to +7999***17!"),
        ("79990000017,79990000018", "7999***17,7999***18"),
        ("<anna@example.com>: unknown", "<a***om>: unknown"),
        ("code 12345678", "code 12345678"),
        ("x" * 200, "x" * 200),
        ("x" * 201, "x" * 197 + "..."),
        ("\n" * 101, "\\n" * 98 + "\\..."),
        ("1" * 5000, "1111***11..."),
    ],
)
def test_what_others_wrote_is_bounded_masked_and_on_one_line(text: str, shown: str) -> None:
    assert values.quoted(text) == shown


@given(st.text())
def test_what_others_wrote_holds_no_sign_to_be_obeyed(text: str) -> None:
    shown = values.quoted(text)

    assert shown.isprintable()
    assert len(shown) <= 200
    assert values.mask(text).isprintable()


@pytest.mark.parametrize(
    ("when", "tz", "text"),
    [
        (datetime(1970, 1, 1, 0, 0, 1, tzinfo=UTC), None, "01"),
        (datetime(2026, 11, 21, 9, 30, tzinfo=UTC), None, "01795253400"),
        (datetime(2026, 11, 21, 9, 30, 0, 1, tzinfo=UTC), None, "01795253401"),
        (datetime(2026, 11, 21, 9, 30, tzinfo=UTC), 0, "21.11.26 12:30"),
        (datetime(2026, 11, 21, 9, 30, tzinfo=UTC), 7, "21.11.26 19:30"),
        (datetime(2026, 11, 21, 9, 30, tzinfo=UTC), -3, "21.11.26 09:30"),
        (datetime(2026, 12, 31, 21, 0, tzinfo=UTC), 0, "01.01.27 00:00"),
        (datetime(2026, 12, 31, 23, 59, 0, 1, tzinfo=UTC), -3, "01.01.27 00:00"),
        (datetime(2026, 11, 21, 9, 30, tzinfo=timezone(timedelta(hours=5))), 0, "21.11.26 07:30"),
    ],
)
def test_a_moment_is_written_in_seconds_or_as_wall_time(
    when: datetime, tz: int | None, text: str
) -> None:
    assert values.moment(when, tz) == text


@given(
    st.timedeltas(timedelta(), timedelta(days=20_000)).map(
        lambda since: datetime(2000, 1, 1, tzinfo=UTC) + since
    ),
    st.integers(-15, 11),
)
def test_a_moment_is_never_earlier_and_less_than_a_minute_later(when: datetime, tz: int) -> None:
    zone = timezone(timedelta(hours=3 + tz))
    written = datetime.strptime(values.moment(when, tz), "%d.%m.%y %H:%M").replace(tzinfo=zone)
    seconds = datetime.fromtimestamp(int(values.moment(when, None)), UTC)

    assert timedelta() <= written - when < timedelta(minutes=1)
    assert timedelta() <= seconds - when < timedelta(seconds=1)


@given(SPANS)
def test_a_delay_is_whole_minutes_and_never_shorter(span: timedelta) -> None:
    written = timedelta(minutes=int(values.minutes(span)))

    assert timedelta() <= written - span < timedelta(minutes=1)


@pytest.mark.parametrize(
    ("span", "text"),
    [
        (timedelta(minutes=1), "00:01"),
        (timedelta(hours=1), "01:00"),
        (timedelta(hours=9, minutes=5, seconds=59), "09:05"),
        (timedelta(hours=24), "24:00"),
    ],
)
def test_a_life_time_is_hours_and_minutes(span: timedelta, text: str) -> None:
    assert values.clock(span) == text


@pytest.mark.parametrize(
    ("span", "text"),
    [
        (timedelta(minutes=6), "0.1"),
        (timedelta(minutes=90), "1.5"),
        (timedelta(hours=10), "10"),
        (timedelta(hours=720), "720"),
        (timedelta(minutes=20), "0.3333"),
    ],
)
def test_a_period_has_no_more_decimals_than_it_needs(span: timedelta, text: str) -> None:
    assert values.hours(span) == text


def test_moments_are_aware() -> None:
    assert values.utc(1_795_253_400.5) == datetime(2026, 11, 21, 9, 30, 0, 500_000, tzinfo=UTC)
    assert values.utc(0).tzinfo is UTC


@given(st.lists(st.text()), st.lists(st.text()))
def test_digests_are_equal_only_for_equal_parts(some: list[str], others: list[str]) -> None:
    assert (values.digest(*some) == values.digest(*others)) == (some == others)


def test_a_digest_is_of_bytes_and_texts_and_has_16_bytes() -> None:
    assert values.digest("ключ") == values.digest("ключ".encode())
    assert len(values.digest()) == len(values.digest("x" * 10_000)) == 16


def test_a_date_is_written_the_way_the_service_reads_it() -> None:
    assert values.day(date(2026, 1, 2)) == "02.01.2026"
    assert values.day(date(99, 12, 31)) == "31.12.0099"


@pytest.mark.parametrize(
    ("text", "read"),
    [
        ("28.12.2019 19:20:22", datetime(2019, 12, 28, 16, 20, 22, tzinfo=UTC)),
        ("28.12.19 19:20:22", None),
        ("2019-12-28 19:20:22", None),
        ("", None),
        (None, None),
    ],
)
def test_a_local_date_is_read_in_the_zone_that_is_given(
    text: str | None, read: datetime | None
) -> None:
    assert values.local(text, timezone(timedelta(hours=3))) == read
