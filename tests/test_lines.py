"""Many messages in one request: what they share, and what each line has of its own."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable
from contextlib import closing
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest

from smsc_async import (
    Email,
    File,
    Flash,
    Hlr,
    Hours,
    InvalidMessage,
    Line,
    Message,
    Mms,
    Ping,
    Sms,
    TelegramBot,
    Viber,
    Voice,
    VoiceCode,
)
from smsc_async._resources import _outgoing as outgoing
from smsc_async._slices import at_once
from tests.samples import NOW, asked, sample, unsent

ONE, TWO, THREE = "+79990000001", "+79990000002", "+79990000003"
# In two days, half past ten by some clock.
READING = datetime(2023, 11, 16, 10, 30, tzinfo=UTC)
SOUND = (File("a.mp3", b"x"),)
Rows = Iterable[tuple[str, str | Message] | Line]


def posted(
    rows: Rows,
    *,
    sender: str | None = None,
    **options: Any,  # noqa: ANN401 - whatever send_each() takes
) -> dict[str, str]:
    """Return what a send of many texts posts of senders, times and lines."""
    _, _, pairs = asked(
        lambda smsc: smsc.send_each(rows, **options), sample("send/cost_3.json"), sender=sender
    )
    return {
        name: value for name, value in pairs.items() if name in {"list", "sender", "time", "tz"}
    }


def refused(
    rows: Rows,
    **options: Any,  # noqa: ANN401 - whatever send_each() takes
) -> InvalidMessage:
    with pytest.raises(InvalidMessage) as error:
        unsent(lambda smsc: smsc.send_each(rows, **options))
    return error.value


# Senders


def test_a_sender_that_all_share_is_sent_once() -> None:
    shop = Sms(text="x", sender="Shop")

    assert posted([(ONE, shop), (TWO, shop)]) == {"list": f"{ONE}:x\n{TWO}:x", "sender": "Shop"}
    assert posted([(ONE, shop), (TWO, "x")], sender="Shop") == {
        "list": f"{ONE}:x\n{TWO}:x",
        "sender": "Shop",
    }


def test_where_senders_differ_each_line_begins_with_its_own() -> None:
    rows: Rows = [
        (ONE, Sms(text="a:b", sender="Shop")),
        (TWO, "c"),
        (THREE, Sms(text="e", sender="")),
    ]

    assert posted(rows) == {"list": f"Shop|{ONE}:a:b\n{TWO}:c\n.|{THREE}:e"}
    assert posted(rows, sender="Us") == {"list": f"Shop|{ONE}:a:b\nUs|{TWO}:c\n.|{THREE}:e"}


EVIL = "Call | 79991112233:evil"


def test_a_text_that_could_be_read_as_sender_and_number_has_a_sender_before_it() -> None:
    rows: Rows = [(ONE, EVIL), (TWO, "x")]

    assert posted(rows, sender="Us") == {"list": f"Us|{ONE}:{EVIL}\nUs|{TWO}:x"}
    assert posted([(ONE, Sms(text=EVIL, sender=""))]) == {"list": f".|{ONE}:{EVIL}"}


def test_without_a_sender_it_is_refused() -> None:
    error = refused([(ONE, EVIL), (TWO, "x")])

    assert error.rows.keys() == {0}
    assert "might be read as a sender" in error.rows[0]
    assert refused([(ONE, Sms(text="x", sender="Shop")), (TWO, "c|d")]).rows.keys() == {1}
    assert refused([(ONE, Viber(text=EVIL))], when=None).rows.keys() == {0}


def test_markup_does_not_let_a_text_be_read_as_a_line_to_another() -> None:
    marked = Sms(text=EVIL, markup=True)

    assert refused([(ONE, marked)]).rows.keys() == {0}
    assert posted([(ONE, marked)], sender="Us") == {"list": f"Us|{ONE}:{EVIL}"}


def test_a_row_may_come_from_a_database() -> None:
    with closing(sqlite3.connect(":memory:")) as base:
        base.row_factory = sqlite3.Row
        rows = base.execute("select ?, 'x'", (ONE,)).fetchall()

    assert posted(rows) == {"list": f"{ONE}:x"}


# What is no row


@pytest.mark.parametrize(
    ("row", "why"),
    [
        ((79990000000, "x"), "phone: is a text"),
        ((None, "x"), "phone: is a text"),
        ((TWO, None), "message: is a text, or a message"),
        ((TWO, b"x"), "message: is a text, or a message"),
        ((TWO, Message()), "message: is of no kind"),
        ((TWO,), "row: is a pair"),
        ((TWO, "x", 3), "row: is a pair"),
        (tuple(range(13)), "row: is a pair"),
        ("ab", "row: is a pair"),
        (5, "row: is a pair"),
        (Line(79990000000, "x"), "phone: is a text"),  # type: ignore[arg-type]
    ],
    ids=repr,
)
def test_what_is_no_row_is_told_among_the_others(row: Any, why: str) -> None:  # noqa: ANN401 - what is wrong
    error = refused([(ONE, "x"), row, (THREE, "y")])

    assert error.rows.keys() == {1}
    assert error.rows[1].startswith(why)


@pytest.mark.parametrize(
    ("rows", "rule"),
    [
        ({ONE: "x"}, "no mapping: pass its items()"),
        ("text", "are pairs"),
        (None, "are pairs"),
        (5, "are pairs"),
    ],
)
def test_what_are_no_rows_is_refused(rows: Any, rule: str) -> None:  # noqa: ANN401 - what is wrong
    error = refused(rows)

    assert (error.field, rule in error.rule) == ("messages", True)


def test_a_message_says_what_it_is_once_for_its_row() -> None:
    asked_for: list[str] = []

    class Counted(Sms, frozen=True, kw_only=True):
        def params(self) -> dict[str, str | int | None]:
            asked_for.append(self.text)
            return Sms.params(self)

    at_once(outgoing.lines([(ONE, Counted(text="a")), (TWO, Counted(text="b"))])).params()

    assert asked_for == ["a", "b"]


@pytest.mark.parametrize("sender", ["a|b", "a:b", "a;b", "a,b"])
def test_a_sender_that_would_divide_a_line_is_refused_where_it_stands_in_one(sender: str) -> None:
    shop = Sms(text="x", sender=sender)

    error = refused([(ONE, "x"), (TWO, shop)])

    assert error.rows.keys() == {1}
    assert "divide a line" in error.rows[1]
    assert posted([(ONE, shop)])["sender"] == sender


def test_the_clients_sender_is_not_for_other_than_sms() -> None:
    assert posted([(ONE, Viber(text="x"))], sender="Shop") == {"list": f"{ONE}:x"}
    assert posted([(ONE, Viber(text="x", sender="Us"))], sender="Shop")["sender"] == "Us"


# Zones


def test_a_line_with_a_zone_is_sent_when_its_own_clock_shows_the_time() -> None:
    rows = [Line(ONE, Sms(text="a", sender="Shop"), 0), Line(TWO, "b", -3), Line(THREE, "c", 11)]

    assert posted(rows, when=READING, sender="Us") == {
        "list": f"Shop,0|{ONE}:a\nUs,-3|{TWO}:b\nUs,11|{THREE}:c",
        "time": "16.11.23 10:30",
    }
    assert posted([Line(ONE, "a", 7)], when=READING, sender="Us") == {
        "list": f"Us,7|{ONE}:a",
        "time": "16.11.23 10:30",
    }


@pytest.mark.parametrize(
    ("when", "time"),
    [
        (READING.replace(tzinfo=timezone(timedelta(hours=9))), "16.11.23 10:30"),
        (READING.replace(tzinfo=None), "16.11.23 10:30"),
        (READING.replace(second=1), "16.11.23 10:31"),
        (READING.replace(hour=23, minute=59, microsecond=1), "17.11.23 00:00"),
    ],
)
def test_only_what_the_clock_shows_counts_and_never_earlier(when: datetime, time: str) -> None:
    assert posted([Line(ONE, "a", 2)], when=when, sender="Us")["time"] == time


def test_a_time_is_not_past_in_any_of_the_zones() -> None:
    # It is 01:13:20 in Moscow, and so two hours later in zone 2.
    now = datetime.fromtimestamp(NOW, timezone(timedelta(hours=3))).replace(tzinfo=None)
    shop = Sms(text="a", sender="Us")
    rows = [Line(ONE, shop, 0), Line(TWO, shop, 2), Line(THREE, shop, -1)]

    assert posted(rows, when=now + timedelta(hours=2, minutes=1))["time"]
    error = refused(rows, when=now + timedelta(hours=2))
    assert error.field == "when"
    assert "in the past in zone 2" in error.rule


@pytest.mark.parametrize("when", [datetime.max.replace(tzinfo=UTC), READING.replace(year=2123)])
def test_a_time_by_the_clock_is_not_too_far_ahead(when: datetime) -> None:
    error = refused([Line(ONE, Sms(text="a", sender="Us"), 2)], when=when)

    assert (error.field, "over 5 years ahead" in error.rule) == ("when", True)


@pytest.mark.parametrize("when", [None, timedelta(hours=1), Hours(9, 21)])
def test_a_zone_needs_a_time_of_the_clock(when: object) -> None:
    error = refused([Line(ONE, Sms(text="a", sender="Us"), 2)], when=when)

    assert error.field == "when"
    assert "is a datetime" in error.rule


def test_a_zone_that_all_share_is_not_given_as_well() -> None:
    error = refused([Line(ONE, Sms(text="a", sender="Us"), 2)], when=READING, tz=2)

    assert error.field == "tz"


def test_either_all_lines_have_a_zone_or_none_has() -> None:
    shop = Sms(text="a", sender="Us")

    error = refused([Line(ONE, shop, 2), (TWO, shop), Line(THREE, shop)], when=READING)

    assert error.rows.keys() == {1, 2}
    assert "either all rows have one" in error.rows[1]


@pytest.mark.parametrize("tz", [-16, 12, 13, 3.0, True, "3"])
def test_a_zone_is_one_of_this_earth(tz: Any) -> None:  # noqa: ANN401 - what is wrong
    error = refused([Line(ONE, Sms(text="a", sender="Us"), tz)], when=READING)

    assert "-15 to 11, from Moscow" in error.rows[0]


def test_a_zone_stands_after_a_sender_so_there_is_one() -> None:
    assert "needs a sender" in refused([Line(ONE, "a", 2)], when=READING).rows[0]


# What goes in one list


def test_a_list_is_of_one_kind_with_one_set_of_options() -> None:
    for other in (
        Flash(text="x"),
        Viber(text="x"),
        Sms(text="x", max_parts=1),
        Sms(text="x", valid=timedelta(hours=1)),
    ):
        error = refused([(ONE, "x"), (TWO, other)])
        assert "other options" in error.rows[1]
    assert posted([(ONE, Sms(text="a\n~~~\nb", markup=True)), (TWO, "x")])


def test_files_go_with_all_of_a_list() -> None:
    rows = [(ONE, Voice(text="a", files=SOUND)), (TWO, Voice(text="b", files=SOUND))]

    assert at_once(outgoing.lines(rows)).files == SOUND
    with pytest.raises(InvalidMessage):
        at_once(outgoing.lines([*rows, (THREE, Voice(text="c"))]))


@pytest.mark.parametrize(
    ("message", "why"),
    [
        (Hlr(), "has no text"),
        (Ping(), "has no text"),
        (Mms(subject="x"), "has no text"),
        (VoiceCode(), "a code is told by send() only"),
    ],
)
def test_what_has_no_text_of_its_own_is_no_line(message: Message, why: str) -> None:
    assert why in refused([(ONE, message)]).rows[0]


def test_a_line_goes_to_the_recipients_of_its_kind() -> None:
    mail = Email(subject="x", text="Hello: you", sender="shop@example.com")
    bot = TelegramBot(text="x", bot="@name_bot")

    assert posted([("ivan@example.com", mail)])["list"] == "ivan@example.com:Hello: you"
    assert posted([("@ivan", bot), ("#17", bot)])["list"] == "@ivan:x\n#17:x"
    assert refused([(ONE, mail)]).rows.keys() == {0}
    assert refused([("ivan@example.com", "x")]).rows.keys() == {0}


def test_it_is_known_whether_any_of_the_texts_may_be_changed() -> None:
    plain, marked = (ONE, "a"), (TWO, Sms(text="b\n~~~\nc", markup=True))

    assert not at_once(outgoing.lines([plain])).is_altered
    assert at_once(outgoing.lines([plain, marked])).is_altered
    assert at_once(outgoing.lines([plain, marked])).texts == {ONE: "a", TWO: "b\\n~~~\\nc"}
