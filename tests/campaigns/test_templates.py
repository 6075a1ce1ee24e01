"""A text with fields is checked before anybody gets it, and each text of it as it is made."""

from __future__ import annotations

from datetime import timedelta

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from smsc_async import messages
from smsc_async._resources import _outgoing
from smsc_async._slices import at_once
from smsc_async._wire.codes import KIND_PREFIXES
from smsc_async.campaigns._errors import BadTemplate
from smsc_async.campaigns._making import Made, Maker
from smsc_async.campaigns._records import NewRow, NewRows
from smsc_async.campaigns._rows import BadRow, Slice
from smsc_async.campaigns._templates import Template, compiled, kept, restored, with_text
from smsc_async.errors import InvalidMessage
from smsc_async.messages import (
    Binary,
    Dialling,
    Email,
    File,
    Flash,
    Hlr,
    InformationElement,
    Message,
    Mms,
    Ping,
    Sms,
    Social,
    Telegram,
    TelegramBot,
    Viber,
    Voice,
    VoiceCode,
    WapPush,
    WhatsApp,
)

COLUMNS = ("phone", "name", "code")
PHONE = "+79260000001"

EACH_KIND: dict[type[Message], Message] = {
    type(message): message
    for message in (
        Sms(text='{name}\n"я"', sender="Shop", valid=timedelta(hours=2), max_parts=3, translit=1),
        Flash(text="{name}", markup=True, tinyurl=True),
        WapPush(link="https://example.com/a", title="a"),
        Ping(sender="", valid=timedelta(minutes=90)),
        Hlr(),
        Binary(data=b"\x00\xff", udh=(InformationElement.ports(1, 2),)),
        Mms(subject="s", file_url="https://example.com/a.jpg"),
        Email(subject="s", text="{name}", sender="a@example.com"),
        Viber(text="{name}", sender="Shop"),
        WhatsApp(text="{name}"),
        Social(text="{name}"),
        Telegram(text="{name}"),
        TelegramBot(text="{name}", bot="@some_bot", confirm_after=timedelta(days=20)),
        Voice(
            text="{name}",
            voice="w2",
            language="en",
            dialling=Dialling(
                wait=timedelta(seconds=20), interval=timedelta(minutes=1), attempts=3
            ),
        ),
        VoiceCode(voice="m"),
    )
}
WITH_TEXT = [message for message in EACH_KIND.values() if getattr(message, "text", None)]


def made(template: str | Message, *rows: tuple[str, str], phone: str = PHONE) -> Made:
    """Make rows, each of a name and a code, for one phone."""
    cells = [(phone, *row) for row in rows]
    table = Slice(COLUMNS, range(2, 2 + len(cells)), cells, ())
    return Maker(template=compiled(template)).bound(COLUMNS)(table)


def rows_of(columns: NewRows) -> list[NewRow]:
    return [NewRow(*row) for row in zip(*columns, strict=True)]


def texts(template: str | Message, *rows: tuple[str, str]) -> list[str | None]:
    result = made(template, *rows)
    assert not result.bad
    return list(result.rows.texts)


# What a template is


@pytest.mark.parametrize(
    ("template", "text"),
    [
        ("Hello {name}, code {code}", "Hello Анна, code 12"),
        ("{name}", "Анна"),
        ("{name}{name}", "АннаАнна"),
        ("{{{name}}} 100 % {{}}", "{Анна} 100 % {}"),
        ("%s %d %(name)s {code}%", "%s %d %(name)s 12%"),
    ],
)
def test_fields_take_what_stands_in_their_columns(template: str, text: str) -> None:
    assert texts(template, ("Анна", "12")) == [text]


def test_what_stands_in_a_cell_is_no_template() -> None:
    assert texts("{name} {code}", ("{code}", "%s")) == ["{code} %s"]


def test_a_text_without_fields_is_one_for_all() -> None:
    assert texts("Hello {{name}} 50 %", ("a", ""), ("", "b")) == [None, None]
    assert compiled("Hello {{name}} 50 %").message == Sms(text="Hello {name} 50 %")


@pytest.mark.parametrize(
    ("template", "why"),
    [
        ("{phone} {surname}", "no column is called surname; there are phone, name, code"),
        ("{Name} {CODE}", "no column is called Name, CODE"),
        ("{ name}", "no column is called  name"),
        ("{name.upper}", "part of one"),
        ("{name[0]}", "part of one"),
        ("{name!r}", "no format"),
        ("{name:>10}", "no format"),
        ("{name:{code}}", "no format"),
        ("{}", "has a name"),
        ("{0}", "has a name"),
        ("{ }", "has a name"),
        ("Hello {name", "stands alone"),
        ("Hello }", "stands alone"),
        ("{", "stands alone"),
        ("", "text: is empty"),
        ("__CALL__{name}", "begins with __CALL__"),
        ("{{" * 1001, "over 1000"),
    ],
)
def test_a_template_is_refused_before_the_first_row(template: str, why: str) -> None:
    with pytest.raises(BadTemplate) as error:
        Maker(template=compiled(template)).bound(COLUMNS)

    assert why in str(error.value)


def test_columns_that_are_named_like_a_number_are_not_shown() -> None:
    with pytest.raises(BadTemplate) as error:
        Maker(template=compiled("{name}"), phone=PHONE).bound((PHONE, "Anna"))

    assert PHONE not in str(error.value)


@pytest.mark.parametrize(
    ("message", "why"),
    [
        (VoiceCode(), "one phone at a time"),
        (Voice(text="{name}", files=(File("a.mp3", b"a"),)), "no files"),
        (Mms(text="{name}", files=(File("a.jpg", b"a"),)), "no files"),
        (None, "a text, or a message"),
        (5, "a text, or a message"),
        (Message(), "of no kind"),
    ],
)
def test_what_no_campaign_can_send_is_refused(message: Message, why: str) -> None:
    with pytest.raises(BadTemplate, match=why):
        compiled(message)


@pytest.mark.parametrize("message", [Hlr(), Ping(), EACH_KIND[WapPush], EACH_KIND[Mms]])
def test_a_message_without_a_text_goes_to_all_as_it_is(message: Message) -> None:
    assert compiled(message).message == message
    assert texts(message, ("a", "b")) == [None]


@pytest.mark.parametrize("message", WITH_TEXT, ids=lambda message: type(message).__name__)
def test_each_kind_with_a_text_is_a_template(message: Message) -> None:
    template = compiled(with_text(message, "Hello {name}"))

    assert template.fields == ("name",)
    assert template.texts([("a", "b")]) == ["Hello a", "Hello b"]
    assert compiled(with_text(message, "Hello {{}}")).message == with_text(message, "Hello {}")


# Texts that cannot be sent


@pytest.mark.parametrize(
    ("name", "why"),
    [
        ("", "name: is empty"),
        (" \t", "name: is empty"),
        ("a" * 1001, "text: has 1001 characters, over 1000"),
        ("a\x00b", "text: has a control character"),
        ("\ud83d", "text: has half of a surrogate pair, which is no character"),
        ("a\n~~~\nb", "text: has a line of three tildes"),
        *((f"{prefix}a", f"text: begins with {prefix}") for prefix in KIND_PREFIXES),
    ],
)
def test_a_row_whose_text_cannot_be_sent_is_bad(name: str, why: str) -> None:
    result = made("{name}", ("a", ""), (name, "12"), ("b", ""))

    assert result.rows.texts == ["a", "b"]
    (bad,) = result.bad
    assert bad == BadRow(3, bad.reason, (PHONE, name, "12"))
    assert bad.reason.startswith(why)


def test_a_field_may_be_empty_where_no_text_has_it() -> None:
    assert texts("{name}", ("a", "")) == ["a"]


def test_an_email_may_be_long() -> None:
    letter = Email(subject="s", text="{name}", sender="a@example.com")

    rows = made(letter, ("a" * 1001, "x"), phone=" Anna@Example.com ").rows

    assert rows_of(rows) == [NewRow(2, "anna@example.com", "a" * 1001, None)]


def test_a_text_that_asks_for_a_code_is_read_to_nobody() -> None:
    result = made(Voice(text="{name}"), (" Code", "1"), ("a code", "2"))

    assert result.rows.texts == ["a code"]
    assert [row.line for row in result.bad] == [2]


def test_commands_may_stand_in_a_text_where_they_are_meant() -> None:
    assert texts(Sms(text="{name}", markup=True), ("__CALL__a\n~~~\nb", "")) == [
        "__CALL__a\n~~~\nb"
    ]


SIGNS = st.sampled_from(["a", "Я", " ", "\n", "\r", "\t", "~", "_", "\\", "n", "|", "\x00", "code"])
ANY_TEXT = st.lists(st.one_of(SIGNS, st.characters(), st.sampled_from(KIND_PREFIXES)), max_size=9)


@pytest.mark.parametrize("message", WITH_TEXT, ids=lambda message: type(message).__name__)
@given(parts=ANY_TEXT)
def test_a_text_that_is_not_odd_can_be_sent(message: Message, parts: list[str]) -> None:
    template = Template(message, ("name",), "%s")
    text = "".join(parts)
    try:
        with_text(message, text)
    except InvalidMessage as error:
        why: str | None = str(error)
    else:
        why = None

    assert template.fault(text) == why
    if not template.odd([text]):
        assert why is None
        assert not template.is_alone(text)


def test_a_long_text_is_odd() -> None:
    template = compiled("{name}")

    assert template.odd(["a" * 1000, "a" * 1001, "", " \n"]) == [1, 2, 3]


# Texts that no list can carry


@pytest.mark.parametrize(
    ("sender", "text", "alone"),
    [
        (None, "a", False),
        (None, "a\nb", False),
        (None, "a\\b", False),
        (None, "a\\nb", True),
        (None, "a|b", True),
        ("Shop", "a|b", False),
        ("", "a|b", False),
        ("Shop", "a\\nb", True),
        ("a:b", "a|b", True),
        ("a:b", "ab", False),
    ],
)
def test_a_row_is_alone_where_no_list_carries_it(
    sender: str | None, text: str, *, alone: bool
) -> None:
    (row,) = rows_of(made(Sms(text="{name}", sender=sender), (text, "")).rows)

    assert row == NewRow(2, PHONE, text, None, alone)


@pytest.mark.parametrize("client_sender", [None, "Shop", "a|b"])
@given(
    sender=st.sampled_from([None, "", "Shop", "a:b", "a|b"]),
    names=st.lists(ANY_TEXT.map("".join), min_size=1, max_size=5),
)
def test_a_list_takes_all_rows_that_are_not_alone(
    client_sender: str | None, sender: str | None, names: list[str]
) -> None:
    message = Sms(text="{name}", sender=sender)
    maker = Maker(template=compiled(message)).bound(COLUMNS)
    cells = [(f"+7926000000{at}", name, "") for at, name in enumerate(names)]

    rows = rows_of(maker(Slice(COLUMNS, range(len(cells)), cells, ())).rows)

    together = [(row.phone, with_text(message, str(row.text))) for row in rows if not row.alone]
    if together:
        assert len(at_once(_outgoing.lines(together, client_sender)).lines) == len(together)


# Messages in a plan


def test_each_kind_is_here() -> None:
    found = {
        kind
        for kind in vars(messages).values()
        if isinstance(kind, type) and issubclass(kind, Message)
    }

    assert found == {*EACH_KIND, Message}


@pytest.mark.parametrize("message", EACH_KIND.values(), ids=lambda message: type(message).__name__)
def test_a_message_that_is_kept_comes_back(message: Message) -> None:
    assert restored(kept(message)) == message
    assert type(restored(kept(message))) is type(message)


@given(
    text=st.text(min_size=1, max_size=20),
    sender=st.sampled_from([None, "", "Shop"]),
    markup=st.booleans(),
)
def test_every_text_comes_back(text: str, sender: str | None, *, markup: bool) -> None:
    try:
        message = Sms(text=text, sender=sender, markup=markup)
    except InvalidMessage:
        return

    assert restored(kept(message)) == message


@pytest.mark.parametrize(
    "written",
    [
        b"",
        b"[]",
        b'{"kind":"Fax","fields":{}}',
        b'{"kind":"Sms","fields":{}}',
        b'{"kind":"Sms","fields":{"text":5}}',
    ],
)
def test_what_was_not_kept_is_no_message(written: bytes) -> None:
    with pytest.raises(ValueError, match="no message of this version"):
        restored(written)


def test_what_is_kept_is_json() -> None:
    assert msgspec.json.decode(kept(Telegram(text="я"))) == {
        "kind": "Telegram",
        "fields": {"text": "я", "markup": False},
    }
