"""The calls about mailings."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

from smsc_async import (
    Binary,
    Dialling,
    Email,
    Flash,
    Hlr,
    Line,
    Message,
    Mms,
    Ping,
    Sms,
    Social,
    Telegram,
    TelegramBot,
    Viber,
    Voice,
    WapPush,
    WhatsApp,
)

from . import Example

PHONE = "+79990000000"
FILE = "https://files.example.com/picture.jpg"
HI = {"mes": "hi"}
CALL = Dialling(wait=timedelta(seconds=20), interval=timedelta(minutes=5), attempts=3)
# A message, whom it goes to, and all that it posts beside them.
KINDS: list[tuple[Message, str, dict[str, str]]] = [
    (Flash(text="hi"), PHONE, {**HI, "flash": "1"}),
    (Binary(data=b"\xff"), PHONE, {"mes": "00FF", "bin": "2"}),
    (
        WapPush(link="https://example.com", title="Shop"),
        PHONE,
        {"mes": "https://example.com\nShop", "push": "1"},
    ),
    (Hlr(), PHONE, {"hlr": "1"}),
    (Ping(), PHONE, {"ping": "1"}),
    (Mms(subject="Hello"), PHONE, {"mms": "1", "subj": "Hello"}),
    (
        Email(subject="Hello", text="hi", sender="shop@example.com"),
        "ivan@example.com",
        {**HI, "mail": "1", "subj": "Hello", "sender": "shop@example.com"},
    ),
    (Social(text="hi"), PHONE, {**HI, "soc": "1"}),
    (Viber(text="hi", sender="Shop"), PHONE, {**HI, "viber": "1", "sender": "Shop"}),
    (WhatsApp(text="hi", file_url=FILE), PHONE, {**HI, "whatsapp": "1", "fileurl": FILE}),
    (Telegram(text="hi"), "@ivan", {**HI, "tg": "1"}),
    (
        TelegramBot(text="hi", bot="@name_bot", confirm_after=timedelta(days=30)),
        "#123456",
        {**HI, "bot": "@name_bot", "smsreq": "30"},
    ),
    (
        Voice(text="hi", voice="w", language="en", dialling=CALL),
        PHONE,
        {**HI, "call": "1", "voice": "w,en", "param": "20,300,3"},
    ),
]


def _kind(message: Message, to: str, posted: dict[str, str]) -> Example:
    return Example(
        "jobs.add",
        lambda smsc: smsc.jobs.add("kinds", to, message),
        {"add": "1", "name": "kinds", "phones": to, **posted},
        "jobs.add/created.json",
    )


EXAMPLES = [
    *[_kind(*kind) for kind in KINDS],
    Example(
        "jobs.add",
        lambda smsc: smsc.jobs.add(
            "zones",
            messages=[
                Line(PHONE, Sms(text="hi", sender="SHOP"), -3),
                Line("+79990000001", Sms(text="hello", sender="SHOP"), 2),
            ],
            when=datetime(2026, 11, 21, 9, 0, tzinfo=UTC),
        ),
        {
            "add": "1",
            "name": "zones",
            "list": f"SHOP,-3|{PHONE}:hi\nSHOP,2|+79990000001:hello",
            "time": "21.11.26 09:00",
        },
        "jobs.add/created.json",
    ),
    Example(
        "jobs.add",
        lambda smsc: smsc.jobs.add(
            "spring",
            ["+7 999 000-00-00", "+79990000001"],
            Sms(text="hello", sender="SHOP", translit=1, tinyurl=True, max_parts=2),
            id=17,
            when=datetime(2026, 11, 21, 9, 0, tzinfo=UTC),
            tz=2,
            period=timedelta(hours=2),
            freq=timedelta(minutes=30),
            repeat_every="working days",
            repeats=5,
            retry_failed=True,
            retry_sender="SHOP2",
            fallback_text="hello by SMS",
        ),
        {
            "add": "1",
            "name": "spring",
            "phones": f"{PHONE},+79990000001",
            "mes": "hello",
            "sender": "SHOP",
            "translit": "1",
            "tinyurl": "1",
            "maxsms": "2",
            "id": "17",
            "time": "21.11.26 14:00",
            "tz": "2",
            "period": "2",
            "freq": "30",
            "rpt": "3",
            "rptn": "5",
            "fl[5]": "1",
            "sender2": "SHOP2",
            "mes2": "hello by SMS",
        },
        "jobs.add/created.json",
    ),
    Example(
        "jobs.add",
        lambda smsc: smsc.jobs.add("spring", PHONE, template=3, repeat_every="by hand"),
        {"add": "1", "name": "spring", "phones": PHONE, "tpl": "3", "rpt": "0"},
        "jobs.add/cost.json",
    ),
    Example(
        "jobs.add",
        lambda smsc: smsc.jobs.add("spring", PHONE, template="3", sender="SHOP"),
        {"add": "1", "name": "spring", "phones": PHONE, "tpl": "3", "sender": "SHOP"},
        "jobs.add/created.json",
    ),
    Example(
        "jobs.add",
        lambda smsc: smsc.jobs.add(
            "letter",
            ["ivan@example.com", "olga@example.com"],
            template=3,
            sender="newsletter@shop.example",
            subject="Spring",
            retry_failed=True,
            retry_sender="letters@shop.example",
        ),
        {
            "add": "1",
            "name": "letter",
            "phones": "ivan@example.com,olga@example.com",
            "tpl": "3",
            "sender": "newsletter@shop.example",
            "subj": "Spring",
            "mail": "1",
            "fl[5]": "1",
            "sender2": "letters@shop.example",
        },
        "jobs.add/created.json",
    ),
    Example(
        "jobs.add",
        lambda smsc: smsc.jobs.add("letter", "G7", template=3, mail=True),
        {"add": "1", "name": "letter", "phones": "G7", "tpl": "3", "mail": "1"},
        "jobs.add/created.json",
    ),
    Example(
        "jobs.add",
        lambda smsc: smsc.jobs.add(
            "codes",
            messages=[
                (PHONE, Sms(text="one", valid=timedelta(hours=1))),
                ("+79990000001", Sms(text="two\nlines", valid=timedelta(hours=1))),
            ],
            id="spring-26",
        ),
        {
            "add": "1",
            "name": "codes",
            "list": f"{PHONE}:one\n+79990000001:two\\nlines",
            "valid": "01:00",
            "id": "spring-26",
        },
        "jobs.add/text_id.json",
    ),
    Example(
        "jobs.delete",
        lambda smsc: smsc.jobs.delete(17, mail=True),
        {"del": "1", "id": "17", "mail": "1"},
        "jobs.delete/done.json",
    ),
    Example(
        "jobs.cancel",
        lambda smsc: smsc.jobs.cancel("17", mail=True),
        {"cancel": "1", "id": "17", "mail": "1"},
        "jobs.cancel/done.json",
    ),
    Example(
        "jobs.get",
        lambda smsc: smsc.jobs.get(17, mail=True),
        {"get": "1", "id": "17", "mail": "1"},
        "jobs.get/object.json",
    ),
    Example(
        "jobs.list",
        lambda smsc: smsc.jobs.list(start=date(2026, 1, 2), end=date(2026, 11, 21), mail=True),
        {"get_all": "1", "start": "02.01.2026", "end": "21.11.2026", "mail": "1"},
        "jobs.list/array.json",
    ),
]
