"""To whom, what and when: checked before anything is sent, and then written as the pages say."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta, tzinfo
from decimal import Decimal
from typing import Any, cast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from smsc_async import (
    ApiError,
    BadPhone,
    DuplicateSend,
    Email,
    File,
    Flash,
    Forbidden,
    Hours,
    InvalidMessage,
    Message,
    Mms,
    NoMoney,
    PhoneReport,
    Price,
    Sent,
    Sms,
    SmscClient,
    Viber,
    Voice,
    VoiceCode,
)
from smsc_async._operation import Operation, Overrides, Params, R
from smsc_async._resources import _outgoing as outgoing
from smsc_async._resources._sent import SendReply
from smsc_async._resources.sending import Sending
from smsc_async._slices import at_once
from smsc_async._transport.ids import SLOT
from tests.samples import NOW, Answering, asked, sample, unsent
from tests.virtual import run

PHONE = "+79990000000"
ACCEPTED = sample("send/cost_3.json")
COMMON = {"cost": "3", "fmt": "3", "charset": "utf-8", "login": "alex", "psw": "123"}
SOON = datetime.fromtimestamp(NOW, UTC) + timedelta(hours=1)


def form(
    to: str | Iterable[str] = PHONE,
    message: str | Message = "text",
    *,
    sender: str | None = None,
    **options: Any,  # noqa: ANN401 - whatever send() takes
) -> dict[str, str]:
    """Return what a send posts, less what every send posts."""
    _, path, pairs = asked(lambda smsc: smsc.send(to, message, **options), ACCEPTED, sender=sender)
    assert path == "/sys/send.php"
    assert COMMON.items() <= pairs.items()
    return {name: value for name, value in pairs.items() if name not in COMMON}


def each(
    messages: Iterable[tuple[str, str | Message]],
    **options: Any,  # noqa: ANN401 - whatever send_each() takes
) -> dict[str, str]:
    """Return what a send of many texts posts, less what every send posts."""
    _, path, pairs = asked(lambda smsc: smsc.send_each(messages, **options), ACCEPTED)
    assert path == "/sys/send.php"
    assert COMMON.items() <= pairs.items()
    return {name: value for name, value in pairs.items() if name not in COMMON}


def refused(
    to: str | Iterable[str] = PHONE,
    message: str | Message = "text",
    **options: Any,  # noqa: ANN401 - whatever send() takes
) -> InvalidMessage:
    """Return why a send is refused, having made sure that nothing went out."""
    with pytest.raises(InvalidMessage) as error:
        unsent(lambda smsc: smsc.send(to, message, **options))
    return error.value


def refused_each(messages: Iterable[tuple[str, str | Message]]) -> InvalidMessage:
    with pytest.raises(InvalidMessage) as error:
        unsent(lambda smsc: smsc.send_each(messages))
    return error.value


# What comes back


def test_a_send_returns_what_the_service_took() -> None:
    sent, _, _ = asked(lambda smsc: smsc.send("8 (999) 000-00-00", "text"), ACCEPTED)

    assert sent == Sent(
        id="1234",
        phones=("89990000000",),
        count=1,
        cost=Decimal("1.40"),
        balance=Decimal("100.50"),
    )
    assert not sent.settled


def test_ids_are_text_whatever_they_were() -> None:
    sent, _, _ = asked(lambda smsc: smsc.send(PHONE, "text"), sample("send/quoted_count.json"))

    assert sent.id == "order-17.a_b"


def test_a_report_has_a_line_for_each_phone() -> None:
    sent, _, pairs = asked(
        lambda smsc: smsc.send(["79990000000", "70000000000"], "text", report=True),
        sample("send/report.json"),
    )

    assert pairs["op"] == "1"
    assert sent.report == (
        PhoneReport("79990000000", "25001", Decimal("1.40")),
        PhoneReport("70000000000", "0", Decimal("0.00"), "22", "249"),
    )


@pytest.mark.parametrize("answer", ["report.json", "report_statuses.json"])
def test_what_failed_is_what_the_report_gives_an_error_for(answer: str) -> None:
    sent, _, _ = asked(lambda smsc: smsc.send(PHONE, "text"), sample(f"send/{answer}"))

    assert [line.phone for line in sent.failed] == ["70000000000"]


@pytest.mark.parametrize(
    ("status", "error", "is_bad"),
    [
        (None, None, False),
        ("", "", False),
        ("0", "0", False),
        (-1, 0, False),
        ("22", None, True),
        (25, "", True),
        (None, "249", True),
        ("1", 6, True),
    ],
)
def test_a_line_is_bad_by_its_error_or_by_a_status_that_refuses(
    status: int | str | None, error: int | str | None, *, is_bad: bool
) -> None:
    assert PhoneReport("79990000000", status=status, error=error).is_bad is is_bad


def test_a_voice_code_is_text_with_its_zeros() -> None:
    sent, _, pairs = asked(
        lambda smsc: smsc.send(PHONE, VoiceCode()), sample("send/voice_code.json")
    )

    assert sent.code == "041234"
    assert (pairs["call"], pairs["mes"]) == ("1", "code")


def test_texts_of_their_own_share_one_id() -> None:
    sent, _, _ = asked(
        lambda smsc: smsc.send_each([("+79990000001", "a"), ("8 999 000 00 02", "b")]),
        sample("send_each/cost_3.json"),
    )

    assert sent.id == "1235"
    assert sent.phones == ("+79990000001", "89990000002")
    assert (sent.count, sent.cost, sent.balance) == (3, Decimal("4.20"), Decimal("96.30"))


def test_a_price_is_asked_without_an_id() -> None:
    price, path, pairs = asked(
        lambda smsc: smsc.price(["79990000000", "G5"], Flash(text="text", sender="Company")),
        sample("price/cost_1.json"),
    )

    assert price == Price(Decimal("1.40"), 1)
    assert path == "/sys/send.php"
    assert pairs == {
        **COMMON,
        "cost": "1",
        "phones": "79990000000,G5",
        "mes": "text",
        "sender": "Company",
        "flash": "1",
    }


def test_the_price_of_many_texts_is_asked_as_they_would_be_sent() -> None:
    rows: list[tuple[str, str | Message]] = [
        ("79990000001", Sms(text="a", sender="Shop")),
        ("79990000002", "b\nc"),
    ]

    price, path, pairs = asked(
        lambda smsc: smsc.price_each(rows), sample("price_each/cost_1.json"), sender="Us"
    )

    assert price == Price(Decimal("4.20"), 3)
    assert path == "/sys/send.php"
    assert pairs == {
        **COMMON,
        "cost": "1",
        "list": "Shop|79990000001:a\nUs|79990000002:b\\nc",
    }
    with pytest.raises(InvalidMessage):
        unsent(lambda smsc: smsc.price_each([]))


@pytest.mark.parametrize(
    ("answer", "kind", "named"),
    [
        ("no_money.json", NoMoney, "1234"),
        ("denied.json", Forbidden, "1234"),
        ("phone.json", BadPhone, "1234"),
        ("plain_with_id.txt", Forbidden, "1234"),
    ],
)
def test_a_refusal_tells_the_id_of_the_refused_message(
    answer: str, kind: type[ApiError], named: str
) -> None:
    with pytest.raises(kind) as error:
        asked(lambda smsc: smsc.send(PHONE, "text"), sample(f"errors/{answer}"))

    assert error.value.operation == "send"
    assert error.value.id == named


def test_an_unlucky_list_names_its_own_operation() -> None:
    with pytest.raises(NoMoney) as error:
        asked(lambda smsc: smsc.send_each([(PHONE, "x")]), sample("errors/no_money.json"))

    assert error.value.operation == "send_each"


# What goes out


def test_a_plain_send_posts_this_and_no_more() -> None:
    pairs = form(id="17")

    assert pairs == {"phones": "+79990000000", "mes": "text", "id": "17"}


@pytest.mark.parametrize(
    ("message", "named"),
    [
        (Sms(text="x"), {}),
        (Sms(text="x", sender="Company"), {"sender": "Company"}),
        (Sms(text="x", sender=""), {"sender": ""}),
        (Sms(text="x", translit=1), {"translit": "1"}),
        (Sms(text="x", translit=2), {"translit": "2"}),
        (Sms(text="x", tinyurl=True), {"tinyurl": "1"}),
        (Sms(text="x", valid=timedelta(minutes=5)), {"valid": "00:05"}),
        (Sms(text="x", valid=timedelta(hours=24)), {"valid": "24:00"}),
        (Sms(text="x", max_parts=2), {"maxsms": "2"}),
        (Flash(text="x"), {"flash": "1"}),
        (Flash(text="x", max_parts=1), {"flash": "1", "maxsms": "1"}),
    ],
    ids=repr,
)
def test_an_option_of_a_message_has_its_wire_form(message: Sms, named: dict[str, str]) -> None:
    assert form(message=message, id=1) == {
        "phones": PHONE,
        "mes": "x",
        "id": "1",
        **named,
    }


@pytest.mark.parametrize(
    ("options", "named"),
    [
        ({"id": 2147483647}, {"id": "2147483647"}),
        ({"id": "a.b-c_D9"}, {"id": "a.b-c_D9"}),
        ({"report": True}, {"op": "1"}),
        ({"partner": "77"}, {"pp": "77"}),
        ({"userip": "203.0.113.9"}, {"userip": "203.0.113.9"}),
        (
            {"userip": "203.0.113.9", "imgcode": "a1b2"},
            {"userip": "203.0.113.9", "imgcode": "a1b2"},
        ),
        ({"when": SOON}, {"time": f"0{NOW + 3600:.0f}"}),
        ({"when": SOON, "tz": 0}, {"time": "15.11.23 02:14", "tz": "0"}),
        ({"when": SOON, "tz": 7}, {"time": "15.11.23 09:14", "tz": "7"}),
        ({"when": SOON, "tz": -3}, {"time": "14.11.23 23:14", "tz": "-3"}),
        ({"when": SOON, "tz": -15}, {"time": "14.11.23 11:14", "tz": "-15"}),
        ({"when": SOON, "tz": 11}, {"time": "15.11.23 13:14", "tz": "11"}),
        ({"when": timedelta(minutes=1)}, {"time": "+1"}),
        ({"when": timedelta(seconds=61)}, {"time": "+2"}),
        ({"when": timedelta(days=1)}, {"time": "+1440"}),
        ({"when": timedelta(days=5 * 365)}, {"time": "+2628000"}),
        ({"userip": "2001:DB8:0::1"}, {"userip": "2001:db8::1"}),
        ({"when": Hours(9, 21)}, {"time": "9-21"}),
        ({"when": Hours(0, 24), "tz": 11}, {"time": "0-24", "tz": "11"}),
        ({"period": timedelta(minutes=6)}, {"period": "0.1"}),
        (
            {"period": timedelta(hours=720), "freq": timedelta(hours=24)},
            {"period": "720", "freq": "1440"},
        ),
        (
            {"period": timedelta(hours=1.5), "freq": timedelta(minutes=1)},
            {"period": "1.5", "freq": "1"},
        ),
    ],
    ids=repr,
)
def test_an_option_of_a_send_has_its_wire_form(
    options: dict[str, Any], named: dict[str, str]
) -> None:
    for pairs in (form(**options), each([(PHONE, "text")], **options)):
        assert named.items() <= pairs.items()
        assert pairs.keys() - {"phones", "mes", "list"} == {"id", *named}


def test_the_clients_sender_is_used_where_a_message_names_none() -> None:
    assert form(sender="Company")["sender"] == "Company"
    assert form(message=Sms(text="x", sender="Other"), sender="Company")["sender"] == "Other"
    assert form(message=Sms(text="x", sender=""), sender="Company")["sender"] == ""
    assert "sender" not in form()
    assert "sender" not in form(message=Viber(text="x"), sender="Company")


@pytest.mark.parametrize(
    ("to", "phones"),
    [
        ("79990000000", "79990000000"),
        (" +7 (999) 000-00-00 ", "+79990000000"),
        (["+79990000001", "89990000002"], "+79990000001,89990000002"),
        (("G12", "g7", "79990000000"), "G12,G7,79990000000"),
        ((phone for phone in ["79990000000"]), "79990000000"),
        ("12345", "12345"),
        ("+" + "1" * 15, "+" + "1" * 15),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_recipients_are_divided_by_commas_and_tidied(to: str | Iterable[str], phones: str) -> None:
    assert form(to)["phones"] == phones


def test_a_text_goes_out_as_it_is() -> None:
    for text in ("a+b & c=d; %20 \\n", " leading\ntrailing ", "Ёж 😀", "a\r\nb"):
        assert form(message=text)["mes"] == text


def test_markup_lets_commands_through() -> None:
    for text in ("__CALL__hello", "text\n~~~\npid: 1, dcs: 2"):
        assert refused(message=text).field == "text"
        assert form(message=Sms(text=text, markup=True))["mes"] == text


# Many texts


def test_each_phone_has_a_line_of_its_own() -> None:
    pairs = each(
        [
            ("+7 999 000 00 01", "first: a;b"),
            ("8(999)0000002", "two\nlines\r\nand\rmore"),
            ("79990000003", Sms(text=" spaces ")),
        ],
        id="batch-1",
    )

    assert pairs == {
        "list": "+79990000001:first: a;b\n"
        "89990000002:two\\nlines\\nand\\nmore\n"
        "79990000003: spaces ",
        "id": "batch-1",
    }


def test_the_options_of_all_are_sent_once() -> None:
    pairs = each([(f"7999000000{at}", Flash(text=str(at), sender="Company")) for at in range(3)])

    assert pairs["flash"] == "1"
    assert pairs["sender"] == "Company"
    assert pairs["list"].count("Company") == 0


def test_the_clients_sender_is_that_of_a_list_too() -> None:
    _, _, pairs = asked(lambda smsc: smsc.send_each([(PHONE, "x")]), ACCEPTED, sender="Company")

    assert pairs["sender"] == "Company"


@given(
    st.lists(
        st.text(
            st.characters(codec="utf-8", exclude_categories=["Cc"], exclude_characters="\\|~_")
            | st.just("\n"),
            min_size=1,
        ).filter(str.strip),
        min_size=1,
        max_size=20,
    )
)
def test_a_list_is_read_back_as_it_was_meant(texts: list[str]) -> None:
    given_rows = [(f"+7999000{at:04d}", text) for at, text in enumerate(texts)]

    lines = at_once(outgoing.lines(given_rows)).lines

    read = [line.split(":", 1) for line in "\n".join(lines).split("\n")]
    assert [(phone, text.replace("\\n", "\n")) for phone, text in read] == given_rows


# Refused: to whom


def test_somebody_is_named() -> None:
    nobodies: list[Iterable[str]] = [[], (), iter(())]
    for nobody in nobodies:
        error = refused(nobody)
        assert (error.field, error.rule) == ("to", "names nobody")
    assert refused_each([]).field == "messages"
    assert "is empty" in refused_each(iter(())).rule


@pytest.mark.parametrize(
    "phone",
    [
        "",
        " ",
        "+",
        "abc",
        "1234",
        "+1234567890123456",
        "---------",
        "(((((((((",
        "+7999abc0000",
        "7999\n0000000",
        "7+9990000000",
        "++79990000000",
        "user@example.com",
        "@nick",
        "G",
        "Gx",
        "G 5",
        "79990000000:text",
        "ivan|79990000000",
        "٧٩٩٩٠٠٠٠٠٠٠",
    ],
)
def test_what_is_no_phone_number_is_refused(phone: str) -> None:
    error = refused(phone)
    assert error.field == "to"
    assert error.rule.endswith("is no phone number" if phone.strip() else "is empty")
    assert refused([PHONE, phone]).rows.keys() == {1}
    assert refused_each([(PHONE, "x"), (phone, "y")]).rows.keys() == {1}


@pytest.mark.parametrize("phones", ["79990000001,79990000002", "79990000001;79990000002"])
def test_a_text_of_many_numbers_is_none(phones: str) -> None:
    assert "pass a list" in refused(phones).rule
    assert "pass a list" in refused_each([(phones, "x")]).rows[0]


def test_a_refused_number_is_masked() -> None:
    error = refused("+7999123456x")

    assert "+7999***6x" in str(error)
    assert "123456" not in str(error)


def test_all_bad_recipients_are_named_at_once() -> None:
    error = refused([PHONE, "abc", "8 999 000 00 01", "79990000001", "+7 999 000 00 00"])

    assert error.rule == "3 of 5 recipients are bad"
    assert error.rows == {1: "'***' is no phone number", 3: "came before", 4: "came before"}


def test_a_thousand_recipients_go_and_one_more_are_told_what_to_do() -> None:
    phones = [f"7999000{at:04d}" for at in range(1001)]

    assert form(phones[:1000])["phones"].count(",") == 999
    error = refused(phones)
    assert error.field == "to"
    assert "names 1001 recipients, and one request takes 1000" in error.rule
    assert "send_each()" in error.rule
    assert "campaign" in error.rule


def test_a_thousand_rows_go_and_one_more_are_told_what_to_do() -> None:
    rows = [(f"7999000{at:04d}", str(at)) for at in range(1001)]

    assert each(rows[:1000])["list"].count("\n") == 999
    error = refused_each(rows)
    assert error.field == "messages"
    assert "has 1001 rows, and one request takes 1000" in error.rule
    assert "campaign" in error.rule


# Refused: many texts


def test_all_bad_rows_are_named_at_once() -> None:
    error = refused_each(
        [
            ("+79990000001", "good"),
            ("abc", "x"),
            ("+79990000002", ""),
            ("+79990000003", "a\\nb"),
            ("8 999 000 00 01", "again"),
            ("+79990000004", Sms(text="x", max_parts=1)),
            ("+79990000005", Flash(text="x")),
            ("G5", "x"),
            ("+79990000006", "__CALL__"),
            ("+79990000007", "a" * 1001),
        ]
    )

    assert error.field == "messages"
    assert error.rule == "9 of 10 rows are bad"
    whys = {
        1: "is no phone number",
        2: "text: is empty",
        3: "holds a backslash and an n",
        4: "the phone came before",
        5: "has other options than the first row",
        6: "has other options than the first row",
        7: "a group is no row; send() takes one",
        8: "begins with __CALL__",
        9: "over 1000",
    }
    assert error.rows.keys() == whys.keys()
    for at, why in whys.items():
        assert why in error.rows[at]


def test_a_plain_send_may_hold_a_backslash_and_an_n() -> None:
    assert form(message="a\\nb")["mes"] == "a\\nb"
    assert refused_each([(PHONE, "a\\nb")]).rows.keys() == {0}


def test_the_first_row_decides_even_if_it_is_bad() -> None:
    error = refused_each([("abc", Flash(text="x")), (PHONE, Flash(text="y"))])

    assert error.rows.keys() == {0}


# Refused: which id, when, for whom


@pytest.mark.parametrize("id", [1, "1", "a", "a" * 40, "A-z.0_9", 2147483647, "007"])
def test_an_id_within_the_rules_is_sent_as_it_is(id: str | int) -> None:
    assert form(id=id)["id"] == str(id)


@pytest.mark.parametrize(
    ("id", "rule"),
    [
        (0, "between 1 and 2147483647"),
        (-1, "between 1 and 2147483647"),
        (2147483648, "between 1 and 2147483647"),
        ("0", "between 1 and 2147483647"),
        ("2147483648", "between 1 and 2147483647"),
        ("", "at most 40 Latin letters"),
        ("a" * 41, "at most 40 Latin letters"),
        ("9" * 5000, "at most 40 Latin letters"),
        ("a b", "at most 40 Latin letters"),
        ("a\n", "at most 40 Latin letters"),
        ("a,b", "at most 40 Latin letters"),
        ("ид", "at most 40 Latin letters"),
        ("١٢", "at most 40 Latin letters"),
    ],
)
def test_an_id_outside_the_rules_is_refused(id: str | int, rule: str) -> None:
    error = refused(id=id)

    assert error.field == "id"
    assert rule in error.rule


NAIVE = datetime(2030, 1, 1)  # noqa: DTZ001 - the point


@pytest.mark.parametrize(
    ("options", "field", "rule"),
    [
        ({"when": NAIVE}, "when", "needs a zone"),
        ({"when": NAIVE, "tz": 0}, "when", "needs a zone"),
        ({"when": datetime.fromtimestamp(NOW, UTC)}, "when", "in the past"),
        ({"when": SOON - timedelta(hours=2)}, "when", "in the past"),
        ({"when": timedelta()}, "when", "one minute or more"),
        ({"when": timedelta(seconds=59)}, "when", "one minute or more"),
        ({"when": timedelta(minutes=-5)}, "when", "one minute or more"),
        ({"when": SOON.date()}, "when", "is a datetime, a timedelta or Hours"),
        ({"when": "01.01.30 00:00"}, "when", "is a datetime, a timedelta or Hours"),
        ({"when": 60}, "when", "is a datetime, a timedelta or Hours"),
        ({"tz": 0}, "tz", "goes with a moment or hours"),
        ({"tz": 0, "when": timedelta(hours=1)}, "tz", "goes with a moment or hours"),
        ({"when": SOON + timedelta(days=5 * 365)}, "when", "over 5 years ahead"),
        ({"when": SOON.replace(year=2123), "tz": 0}, "when", "over 5 years ahead"),
        ({"when": datetime.max.replace(tzinfo=UTC)}, "when", "over 5 years ahead"),
        ({"when": datetime.max.replace(tzinfo=UTC), "tz": 11}, "when", "over 5 years ahead"),
        ({"when": timedelta(days=5 * 365, seconds=1)}, "when", "over 5 years ahead"),
        ({"when": timedelta.max}, "when", "over 5 years ahead"),
        ({"tz": 3.0, "when": SOON}, "tz", "whole number of hours"),
        ({"tz": True, "when": SOON}, "tz", "whole number of hours"),
        ({"tz": "3", "when": SOON}, "tz", "whole number of hours"),
        ({"tz": 12, "when": SOON}, "tz", "-15 to 11"),
        ({"tz": -16, "when": SOON}, "tz", "-15 to 11"),
        ({"freq": timedelta(minutes=5)}, "freq", "needs a period"),
        ({"period": timedelta(minutes=5, seconds=59)}, "period", "0.1 and 720 hours"),
        ({"period": timedelta(hours=720, seconds=1)}, "period", "0.1 and 720 hours"),
        (
            {"period": timedelta(hours=1), "freq": timedelta(seconds=59)},
            "freq",
            "1 and 1440 minutes",
        ),
        (
            {"period": timedelta(hours=48), "freq": timedelta(hours=24, seconds=1)},
            "freq",
            "1 and 1440 minutes",
        ),
        ({"period": 2}, "period", "is a timedelta"),
        ({"period": timedelta.max}, "period", "0.1 and 720 hours"),
        ({"period": timedelta(hours=1), "freq": 10}, "freq", "is a timedelta"),
        ({"imgcode": "a1b2"}, "imgcode", "needs userip"),
        ({"imgcode": "", "userip": "203.0.113.9"}, "imgcode", "is empty"),
        ({"imgcode": "\ud800", "userip": "203.0.113.9"}, "imgcode", "surrogate"),
        ({"imgcode": "a1b2", "userip": ""}, "userip", "is the address of a visitor"),
        ({"userip": "\ud800"}, "userip", "is the address of a visitor"),
        ({"userip": "203.0.113.9 "}, "userip", "is the address of a visitor"),
        ({"userip": "203.0.113.9, 203.0.113.10"}, "userip", "is the address of a visitor"),
        ({"userip": "fe80::1%eth0"}, "userip", "is the address of a visitor"),
        ({"userip": 3405803785}, "userip", "is the address of a visitor"),
        ({"partner": ""}, "partner", "is empty"),
        ({"partner": "a\nb"}, "partner", "control character"),
        ({"partner": "\ud800"}, "partner", "surrogate"),
        ({"partner": 77}, "partner", "is a text"),
        ({"repeat": "no"}, "repeat", "is True or False"),
        ({"report": 1}, "report", "is True or False"),
        ({"id": True}, "id", "is a text or a whole number"),
        ({"id": 5.0}, "id", "is a text or a whole number"),
    ],
    ids=repr,
)
def test_what_the_service_would_take_otherwise_than_meant_is_refused(
    options: dict[str, Any], field: str, rule: str
) -> None:
    error = refused(**options)

    assert error.field == field
    assert rule in error.rule


@pytest.mark.parametrize("field", ["partner", "imgcode", "userip"])
def test_what_cannot_be_written_stands_nowhere_in_the_error(field: str) -> None:
    error = refused(**{"userip": "203.0.113.9", field: "secret\ud800"})

    assert (error.field, error.__cause__, error.__context__) == (field, None, None)
    assert "secret" not in str(error)


@pytest.mark.parametrize("message", [None, b"text", 5, ["text"], Message()])
def test_what_is_no_message_is_refused(message: Any) -> None:  # noqa: ANN401 - what is wrong
    assert refused(message=message).field == "message"
    with pytest.raises(InvalidMessage):
        unsent(lambda smsc: smsc.price(PHONE, message))


def test_numbers_are_texts() -> None:
    error = refused([PHONE, 79990000000, None])  # type: ignore[list-item]

    assert error.rows.keys() == {1, 2}
    assert "is a text, such as '+7" in error.rows[1]
    for wrong in (79990000000, None, b"79990000000"):
        assert refused(wrong).rule == "is a text, or several"  # type: ignore[arg-type]
    assert "pass its items() or its keys()" in refused({PHONE: "text"}).rule
    assert form({PHONE: "text"}.keys())["phones"] == PHONE


def test_a_moment_needs_a_zone_that_says_how_far_it_is() -> None:
    class Nowhere(tzinfo):
        def utcoffset(self, when: datetime | None) -> None:
            return None

        dst = tzname = utcoffset

    assert "needs a zone" in refused(when=SOON.replace(tzinfo=Nowhere())).rule


def test_the_sender_and_the_text_are_checked_before_anything_is_sent() -> None:
    with pytest.raises(InvalidMessage):
        refused(message=Sms(text="x", sender="longer than eleven"))
    assert refused(message=" ").rule == "is empty"
    assert "over 1000" in refused(message="a" * 1001).rule


def test_a_price_is_checked_like_a_send() -> None:
    with pytest.raises(InvalidMessage):
        unsent(lambda smsc: smsc.price("abc", "x"))
    with pytest.raises(InvalidMessage):
        unsent(lambda smsc: smsc.price(PHONE, ""))
    with pytest.raises(InvalidMessage):
        unsent(lambda smsc: smsc.price([], "x"))


# Files


class Hearing:
    """Takes calls in the place of the client, and keeps the files that go along."""

    def __init__(self) -> None:
        self.files: list[tuple[File, ...]] = []

    async def __call__(
        self,
        operation: Operation[R],
        params: Params,
        overrides: Overrides | None = None,
        *,
        files: Sequence[File] = (),
        **_: object,
    ) -> R:
        self.files.append(tuple(files))
        return cast("R", Price(Decimal(1), 1) if "id" not in params else SendReply(1, 1))

    def opens(self, operation: object, params: Params) -> float:
        return 0

    async def sleep(self, seconds: float) -> None:
        pass

    def wall(self) -> float:
        return NOW

    def now(self) -> float:
        return 0.0


async def test_the_files_of_a_message_go_with_it() -> None:
    sending, call = Sending(), Hearing()
    sending._call, sending._sender = call, None
    song, picture = File("a.mp3", b"x"), File("b.jpg", b"y")
    mail = Email(subject="x", text="x", sender="shop@example.com", files=(song, picture))

    await sending.send(PHONE, Voice(files=(song,)))
    await sending.send_each([("ivan@example.com", mail)])
    await sending.price(PHONE, Mms(text="x", files=(picture,)))
    await sending.send(PHONE, "text")

    assert call.files == [(song,), (song, picture), (picture,), ()]


# Twins


def test_the_same_send_within_a_minute_is_refused_unless_it_is_meant() -> None:
    transport = Answering(ACCEPTED)

    async def main() -> DuplicateSend:
        async with SmscClient(api_key="key", transport=transport, wall=lambda: NOW) as smsc:
            await smsc.send(PHONE, "text")
            with pytest.raises(DuplicateSend) as error:
                await smsc.send_each([("8 999 000 00 00", Flash(text="text"))])
            await smsc.send(PHONE, "text", repeat=True)
            await smsc.send(PHONE, "another text")
            return error.value

    error = run(main())

    assert 60 <= error.retry_after <= 61
    assert len(transport.forms) == 3


def test_a_restarted_program_sends_the_same_bytes() -> None:
    first, second = (asked(lambda smsc: smsc.send(PHONE, "text"), ACCEPTED) for _ in range(2))

    assert first == second


def test_after_its_slot_a_message_has_another_id() -> None:
    _, _, first = asked(lambda smsc: smsc.send(PHONE, "text"), ACCEPTED)
    _, _, second = asked(lambda smsc: smsc.send(PHONE, "text"), ACCEPTED, now=NOW + SLOT)

    assert first["id"] != second["id"]


def test_what_has_no_order_goes_in_the_same_one_in_every_process() -> None:
    phones = [f"+7999000000{n}" for n in range(8)]
    texts = {(phone, "x") for phone in phones}

    _, _, one = asked(lambda smsc: smsc.send(frozenset(phones), "x"), ACCEPTED)
    _, _, each = asked(lambda smsc: smsc.send_each(texts), ACCEPTED)

    assert one["phones"].split(",") == phones
    assert each["list"].split("\n") == [f"{phone}:x" for phone in phones]


@pytest.mark.parametrize(
    "to",
    [
        *("1234567 7654321", "79990000000 7999", "+79990000000/1234", "8 999 000-00-00 12"),
        "1234567 / 7654321",
    ],
)
def test_two_numbers_in_one_text_are_not_read_as_a_third(to: str) -> None:
    with pytest.raises(InvalidMessage):
        unsent(lambda smsc: smsc.send(to, "x"))


@pytest.mark.parametrize("to", ["+7 (999) 000-00-00", "8 999 000 00 00", "+49 30 123456 78"])
def test_one_number_may_be_written_as_people_do(to: str) -> None:
    asked(lambda smsc: smsc.send(to, "x"), ACCEPTED)
