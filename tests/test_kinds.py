"""Each kind of message says what is obligatory in it, and whom it can go to."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import timedelta
from pathlib import Path
from typing import Any, get_args

import msgspec
import pytest

from smsc_async import (
    Binary,
    Dialling,
    Email,
    File,
    Flash,
    Hlr,
    InvalidMessage,
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
from smsc_async._resources import _addressing as addressing
from smsc_async._slices import at_once
from smsc_async._wire import codes
from smsc_async.messages._message import Recipients
from tests.samples import unsent

SECOND = timedelta(seconds=1)
PHONE, GROUP, MAIL, NICK, NUMBER = "+79990000000", "G7", "ivan@example.com", "@ivan", "#123456"
SOUND = File("a.mp3", b"x")
LONG = "a" * 1001
LINK = "http://x.ru"
MAIL_FIELDS: dict[str, Any] = {"subject": "x", "text": "x", "sender": "shop@example.com"}

# One of each kind, with as little in it as it needs.
PLAIN: list[Message] = [
    Sms(text="x"),
    Flash(text="x"),
    Binary(data=b"x"),
    WapPush(link=LINK, title="x"),
    Hlr(),
    Ping(),
    Mms(text="x"),
    Email(**MAIL_FIELDS),
    Social(text="x"),
    Viber(text="x"),
    WhatsApp(text="x"),
    Telegram(text="x"),
    TelegramBot(text="x", bot="@name_bot"),
    Voice(text="x"),
    VoiceCode(),
]
every_kind = pytest.mark.parametrize("message", PLAIN, ids=lambda kind: type(kind).__name__)
TEXTS: list[Callable[[str], Message]] = [
    lambda text: Mms(text=text),
    lambda text: Social(text=text),
    lambda text: Viber(text=text),
    lambda text: WhatsApp(text=text),
    lambda text: Telegram(text=text),
    lambda text: TelegramBot(text=text, bot="@name_bot"),
    lambda text: Voice(text=text),
    lambda text: Email(**{**MAIL_FIELDS, "text": text}),
]
every_text = pytest.mark.parametrize("kind", TEXTS, ids=lambda kind: type(kind("x")).__name__)


def refused(make: Callable[[], object]) -> tuple[str, str]:
    """Return the field and the rule that a message breaks."""
    with pytest.raises(InvalidMessage) as error:
        make()
    return error.value.field, error.value.rule


# All kinds


def test_every_kind_is_here() -> None:
    kinds = set(Message.__subclasses__())
    kinds |= {kind for base in kinds for kind in base.__subclasses__()}

    assert {type(message) for message in PLAIN} == {
        kind
        for kind in kinds
        if kind.__module__.startswith("smsc_async.") and not kind.__name__.startswith("_")
    }


@every_kind
def test_a_kind_has_a_flag_of_its_own_or_is_an_sms(message: Message) -> None:
    flags = [name for name, value in message.params().items() if value and name in codes.KINDS]

    assert len(flags) == (0 if type(message) is Sms else 1)


def test_no_two_kinds_but_the_calls_have_the_same_flag() -> None:
    flags = [
        name
        for message in PLAIN
        for name, value in message.params().items()
        if value and name in codes.KINDS
    ]

    assert sorted(flags) == sorted([*codes.KINDS, "call"])


@every_kind
def test_a_kind_is_a_value(message: Message) -> None:
    assert message == msgspec.structs.replace(message)
    assert hash(message) == hash(msgspec.structs.replace(message))
    with pytest.raises(AttributeError):
        message.takes = "phone"  # type: ignore[misc]


@every_kind
def test_the_fields_of_a_kind_are_given_by_name(message: Message) -> None:
    def by_place(kind: Callable[..., object]) -> object:
        return kind("x")

    with pytest.raises(TypeError, match="positional"):
        by_place(type(message))


def test_no_kind_at_all_cannot_be_sent() -> None:
    with pytest.raises(InvalidMessage) as error:
        unsent(lambda smsc: smsc.send(PHONE, Message()))
    assert error.value.field == "message"


@every_text
@pytest.mark.parametrize(
    ("text", "rule"),
    [
        (" ", "is empty"),
        ("__CALL__x", "begins with __CALL__"),
        ("a\n~~~\nb", "three tildes"),
        ("\ud83d", "half of a surrogate pair"),
    ],
)
def test_a_text_is_checked_whatever_the_kind(
    kind: Callable[[str], Message], text: str, rule: str
) -> None:
    field, why = refused(lambda: kind(text))

    assert (field, rule in why) == ("text", True)


@every_text
def test_the_thousand_characters_hold_for_all_but_an_email(kind: Callable[[str], Message]) -> None:
    if isinstance(kind("x"), Email):
        assert kind(LONG).mes == LONG
    else:
        assert refused(lambda: kind(LONG))[0] == "text"


@every_text
def test_every_text_may_have_markup(kind: Callable[[str], Message]) -> None:
    plain = kind("x")

    marked = msgspec.structs.replace(plain, text="a\n~~~\nb", markup=True)

    assert marked.mes == "a\n~~~\nb"
    assert marked.params() == plain.params()


@pytest.mark.parametrize(
    "kind",
    [
        lambda url: Mms(text="x", file_url=url),
        lambda url: Email(**MAIL_FIELDS, file_url=url),
        lambda url: Viber(text="x", file_url=url),
        lambda url: TelegramBot(text="x", bot="@name_bot", file_url=url),
        lambda url: Voice(file_url=url),
    ],
)
def test_a_file_that_the_service_fetches_has_a_public_address(
    kind: Callable[[str], Message],
) -> None:
    assert kind("https://files.example.com/a.jpg").params()["fileurl"]
    assert refused(lambda: kind("https://localhost/a.jpg"))[0] == "fileurl"


@pytest.mark.parametrize(
    "kind",
    [
        lambda sender: Binary(data=b"x", sender=sender),
        lambda sender: WapPush(link=LINK, title="x", sender=sender),
        lambda sender: Ping(sender=sender),
        lambda sender: Mms(text="x", sender=sender),
        lambda sender: Viber(text="x", sender=sender),
        lambda sender: Voice(text="x", sender=sender),
        lambda sender: VoiceCode(sender=sender),
    ],
)
def test_a_sender_is_that_of_an_sms(kind: Callable[[str], Message]) -> None:
    assert kind("Company").params()["sender"] == "Company"
    assert refused(lambda: kind("longer than eleven"))[0] == "sender"


@pytest.mark.parametrize(
    "kind",
    [
        lambda valid: Binary(data=b"x", valid=valid),
        lambda valid: WapPush(link=LINK, title="x", valid=valid),
        lambda valid: Ping(valid=valid),
    ],
)
def test_a_life_time_is_that_of_an_sms(kind: Callable[[timedelta], Message]) -> None:
    assert kind(timedelta(hours=2)).params()["valid"] == "02:00"
    assert refused(lambda: kind(timedelta(hours=25)))[0] == "valid"


# Each kind


def test_a_wap_push_is_a_link_and_a_title_on_lines_of_their_own() -> None:
    assert WapPush(link="http://wap.ru", title="WAP.RU").mes == "http://wap.ru\nWAP.RU"
    assert refused(lambda: WapPush(link=f"{LINK}\nb", title="x"))[0] == "link"
    assert refused(lambda: WapPush(link=" ", title="x")) == ("link", "is empty")
    assert refused(lambda: WapPush(link=LINK, title="a\rb"))[0] == "title"
    assert refused(lambda: WapPush(link=LINK, title="")) == ("title", "is empty")
    assert len(WapPush(link=LINK.ljust(500, "a"), title="b" * 499).mes) == 1000
    assert "over 1000" in refused(lambda: WapPush(link=LINK.ljust(500, "a"), title="b" * 500))[1]


@pytest.mark.parametrize(
    "link", ["__CALL__http://x", "example.com", "ftp://x.ru", "http://", "http://a b", 5, None]
)
def test_a_link_begins_as_one(link: Any) -> None:  # noqa: ANN401 - what is wrong
    assert refused(lambda: WapPush(link=link, title="x"))[0] == "link"
    assert WapPush(link="HTTPS://x", title="x").mes == "HTTPS://x\nx"


@pytest.mark.parametrize("name", ["a.TXT", "a.jpg", "b.3gp", "ё.mid"])
def test_a_file_of_an_mms_ends_as_the_page_says(name: str) -> None:
    assert Mms(text="x", files=(File(name, b"x"),)).files


@pytest.mark.parametrize("name", ["a.pdf", "a.jpeg", "jpg", "a.jpg.exe", "a"])
def test_another_ending_is_refused(name: str) -> None:
    field, rule = refused(lambda: Mms(text="x", files=(File(name, b"x"),)))

    assert (field, f"{name}: its ending is one of .txt .jpg" in rule) == ("files", True)
    assert Voice(files=(File(name, b"x"),)).files
    assert Email(**MAIL_FIELDS, files=(File(name, b"x"),)).files


def test_an_mms_has_a_subject_or_a_text() -> None:
    assert Mms(subject="x").mes == ""
    assert Mms(text="x").params()["subj"] is None
    assert refused(lambda: Mms(files=(SOUND,)))[0] == "text"
    assert refused(lambda: Mms(subject="a\nb"))[0] == "subject"


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("subject", " "),
        ("subject", "a\r\nBcc: b@example.com"),
        ("text", ""),
        ("sender", ""),
        ("sender", "Shop"),
        ("sender", "Shop <shop@example.com>"),
        ("sender", "a@b@c"),
        ("sender", "a@exa\x00mple.com"),
        ("sender", "a@example.com,b@example.com"),
    ],
)
def test_an_email_has_a_subject_a_text_and_an_address_to_come_from(field: str, value: str) -> None:
    assert refused(lambda: Email(**{**MAIL_FIELDS, field: value}))[0] == field


@pytest.mark.parametrize(
    "kind",
    [
        lambda files: Mms(text="x", files=files),
        lambda files: Email(**MAIL_FIELDS, files=files),
        lambda files: Voice(files=files),
    ],
)
def test_files_go_along_and_are_no_parameter(kind: Callable[[tuple[File, ...]], Message]) -> None:
    files = (SOUND, File("b.txt", Path("b.txt")))

    assert kind(files).files == files
    assert "files" not in kind(files).params()


@pytest.mark.parametrize(
    "kind",
    [
        lambda files: Mms(text="x", files=files),
        lambda files: Email(**MAIL_FIELDS, files=files),
        lambda files: Voice(text="x", files=files),
    ],
)
@pytest.mark.parametrize("files", [SOUND, [SOUND], "a.mp3", ("a.mp3",), None])
def test_files_are_a_tuple_of_them(kind: Callable[[object], Message], files: object) -> None:
    field, rule = refused(lambda: kind(files))

    assert (field, rule.startswith("is a tuple of File")) == ("files", True)


@every_kind
def test_what_has_no_files_has_none_to_send(message: Message) -> None:
    assert message.files == ()


@pytest.mark.parametrize(
    "bot", ["name_bot", "@", "@имя", "@name bot", "", "@" + "a" * 33, "@a\n", 5]
)
def test_a_bot_has_a_name_that_begins_with_an_at(bot: Any) -> None:  # noqa: ANN401 - what is wrong
    assert refused(lambda: TelegramBot(text="x", bot=bot))[0] == "bot"


def test_a_bot_may_ask_for_a_confirmation_after_whole_days() -> None:
    def days(confirm_after: timedelta) -> object:
        return TelegramBot(text="x", bot="@name_bot", confirm_after=confirm_after).params()[
            "smsreq"
        ]

    assert days(timedelta(days=10)) == 10
    assert days(timedelta(days=10, hours=23)) == 10
    assert days(timedelta(days=999)) == 999
    for wrong in (timedelta(days=9, hours=23), timedelta(days=999, seconds=1), timedelta.max, 30):
        assert refused(lambda span=wrong: days(span))[0] == "confirm_after"  # type: ignore[misc]


def test_a_call_has_something_to_say() -> None:
    assert Voice(files=(SOUND,)).mes == ""
    assert Voice(file_url="https://files.example.com/a.mp3").mes == ""
    assert refused(Voice)[0] == "text"


@pytest.mark.parametrize("text", ["code", " Code ", "code\n~~~\npid", "Code \r\n~~~\r\n"])
def test_a_call_does_not_ask_for_a_code_by_chance(text: str) -> None:
    assert "use VoiceCode" in refused(lambda: Voice(text=text, markup=True))[1]
    assert Voice(text="code 1").mes == "code 1"


@pytest.mark.parametrize("kind", [lambda **way: Voice(text="x", **way), VoiceCode])
def test_a_voice_may_have_a_language(kind: Callable[..., Message]) -> None:
    assert kind(voice="m4").params()["voice"] == "m4"
    assert kind(voice="w", language="en").params()["voice"] == "w,en"
    assert kind().params()["voice"] is None
    assert refused(lambda: kind(voice="m5"))[0] == "voice"
    assert refused(lambda: kind(language="en")) == ("language", "goes with a voice")
    for wrong in ("EN", 5, b"en"):
        assert refused(lambda way=wrong: kind(voice="w", language=way))[0] == "language"  # type: ignore[misc]
    assert refused(lambda: kind(dialling=(20, 60, 3)))[0] == "dialling"


@pytest.mark.parametrize("kind", [lambda **way: Voice(text="x", **way), VoiceCode])
def test_a_number_that_calls_may_be_written_as_people_do(kind: Callable[..., Message]) -> None:
    assert kind(sender="+7 999 000-00-00").params()["sender"] == "+79990000000"
    assert kind(sender="8(999)000\u00a000 00").params()["sender"] == "89990000000"
    assert kind(sender="Shop 24").params()["sender"] == "Shop 24"
    assert kind(sender="").params()["sender"] == ""
    for wrong in ("7 999 000 00 00 00 000", 79990000000):
        assert refused(lambda sender=wrong: kind(sender=sender))[0] == "sender"  # type: ignore[misc]


@pytest.mark.parametrize(
    ("wait", "interval", "attempts", "param"),
    [(10, 10, 1, "10,10,1"), (35, 3600, 9, "35,3600,9"), (10.9, 10.9, 2, "10,10,2")],
)
def test_a_call_is_dialled_within_the_ranges(
    wait: float, interval: float, attempts: int, param: str
) -> None:
    dialling = Dialling(wait=wait * SECOND, interval=interval * SECOND, attempts=attempts)

    assert VoiceCode(dialling=dialling).params()["param"] == param


@pytest.mark.parametrize(
    ("wait", "interval", "attempts"),
    [
        *[(9, 60, 1), (36, 60, 1), (20, 9, 1), (20, 3601, 1), (20, 60, 0), (20, 60, 10)],
        *[(20, 60, 2.0), (20, 60, True), (20, 60, "2")],
    ],
)
def test_what_would_make_the_service_dial_in_its_own_way_is_refused(
    wait: int,
    interval: int,
    attempts: Any,  # noqa: ANN401 - what is wrong
) -> None:
    field, _ = refused(
        lambda: Dialling(wait=wait * SECOND, interval=interval * SECOND, attempts=attempts)
    )

    assert field == "dialling"


@pytest.mark.parametrize("field", ["wait", "interval"])
def test_the_times_of_a_call_are_time_spans(field: str) -> None:
    times: dict[str, Any] = {"wait": 20 * SECOND, "interval": 60 * SECOND, "attempts": 1}

    assert refused(lambda: Dialling(**{**times, field: 20}))[0] == "dialling"


# To whom

TAKEN: dict[Recipients, set[str]] = {
    "phones": {PHONE, GROUP},
    "phone": {PHONE},
    "addresses": {MAIL, GROUP},
    "telegram": {PHONE, GROUP, NICK, NUMBER},
}


def recipients(to: str | Iterable[str], takes: Recipients) -> tuple[str, ...]:
    return at_once(addressing.recipients(to, takes))


@pytest.mark.parametrize("takes", get_args(Recipients))
def test_a_kind_goes_to_its_own_recipients(takes: Recipients) -> None:
    for recipient in (PHONE, GROUP, MAIL, NICK, NUMBER):
        if recipient in TAKEN[takes]:
            assert recipients(recipient, takes) == (recipient,)
        else:
            assert refused(lambda to=recipient: recipients(to, takes))[0] == "to"  # type: ignore[misc]


@every_kind
def test_a_message_says_whom_it_can_go_to(message: Message) -> None:
    expected: dict[type[Message], Recipients] = {
        Email: "addresses",
        Telegram: "telegram",
        TelegramBot: "telegram",
        VoiceCode: "phone",
    }

    assert message.takes == expected.get(type(message), "phones")


@pytest.mark.parametrize(
    ("recipient", "takes", "rule"),
    [
        ("ivan", "addresses", "is no e-mail address"),
        ("a@b|c", "addresses", "is no e-mail address"),
        ("a@b:c", "addresses", "is no e-mail address"),
        ("@i", "telegram", "is no phone number, @nick or #id"),
        ("#12a", "telegram", "is no phone number, @nick or #id"),
        ("#", "telegram", "is no phone number, @nick or #id"),
        ("@ivan", "phones", "is no phone number"),
        (" ", "addresses", "is empty"),
        ("a@b.ru;c@d.ru", "addresses", "pass a list"),
    ],
)
def test_another_recipient_is_refused(recipient: str, takes: Recipients, rule: str) -> None:
    assert rule in refused(lambda: recipients(recipient, takes))[1]


def test_a_code_is_told_to_one_phone_only() -> None:
    assert "one recipient" in refused(lambda: recipients([PHONE, "+79990000001"], "phone"))[1]


def test_addresses_and_nicks_stay_as_they_are_but_for_blanks_around() -> None:
    assert recipients([" Ivan@Example.com "], "addresses") == ("Ivan@Example.com",)
    assert recipients([" @Ivan", "8 999 000-00-00"], "telegram") == (
        "@Ivan",
        "89990000000",
    )
    assert refused(lambda: recipients([MAIL, MAIL.upper()], "addresses"))[1].startswith("1 of 2")


def test_a_number_of_telegrams_is_no_phone_number() -> None:
    both = ("#79990000000", "79990000000")

    assert recipients(both, "telegram") == both


# What the service may do with them


@every_kind
def test_only_a_plain_text_is_shown_as_it_was_sent(message: Message) -> None:
    assert message.is_altered == (type(message) not in {Sms, Flash})


@every_kind
def test_the_clients_sender_goes_with_what_comes_as_an_sms_or_mms(message: Message) -> None:
    assert message.is_signed == isinstance(message, Sms | Binary | WapPush | Ping | Mms)


@every_kind
def test_only_a_code_cannot_be_asked_for(message: Message) -> None:
    assert message.is_askable == (not isinstance(message, VoiceCode))
