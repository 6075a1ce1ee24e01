"""The calls that send, and that ask what it would cost."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from smsc_async import (
    Binary,
    Dialling,
    Email,
    Flash,
    Hlr,
    Hours,
    InformationElement,
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
    VoiceCode,
    WapPush,
    WhatsApp,
)
from tests.samples import NOW

from . import Example

PHONE = "+79990000001"
FILE = "https://files.example.com/picture.jpg"
CALL = Dialling(wait=timedelta(seconds=20), interval=timedelta(minutes=5), attempts=3)
# A message, whom it goes to, and all that it posts beside the recipients and the text.
KINDS: list[tuple[Message, str, dict[str, str]]] = [
    (Sms(text="text", sender="Shop", translit=2), PHONE, {"sender": "Shop", "translit": "2"}),
    (
        Sms(text="text", tinyurl=True, valid=timedelta(minutes=90), max_parts=2),
        PHONE,
        {"tinyurl": "1", "valid": "01:30", "maxsms": "2"},
    ),
    (Flash(text="text"), PHONE, {"flash": "1"}),
    (
        Binary(data=b"\xff", udh=(InformationElement(0x24, b"\x01"),), sender="Shop"),
        PHONE,
        {"bin": "2", "sender": "Shop"},
    ),
    (Binary(data=b"\xff", pid=64, dcs=245), PHONE, {"bin": "2"}),
    (
        WapPush(link="https://example.com", title="Shop", valid=timedelta(hours=1)),
        PHONE,
        {"push": "1", "valid": "01:00"},
    ),
    (Hlr(), PHONE, {"hlr": "1"}),
    (Ping(sender="Shop"), PHONE, {"ping": "1", "sender": "Shop"}),
    (
        Mms(text="text", subject="Hello", sender="Shop", file_url=FILE),
        PHONE,
        {"mms": "1", "subj": "Hello", "sender": "Shop", "fileurl": FILE},
    ),
    (Mms(subject="Hello"), PHONE, {"mms": "1", "subj": "Hello"}),
    (
        Email(subject="Hello", text="text", sender="shop@example.com"),
        "ivan@example.com",
        {"mail": "1", "subj": "Hello", "sender": "shop@example.com"},
    ),
    (Social(text="text", tinyurl=True), PHONE, {"soc": "1", "tinyurl": "1"}),
    (Viber(text="text", sender="Shop"), PHONE, {"viber": "1", "sender": "Shop"}),
    (WhatsApp(text="text", file_url=FILE), PHONE, {"whatsapp": "1", "fileurl": FILE}),
    (Telegram(text="text"), "@ivan", {"tg": "1"}),
    (
        TelegramBot(text="text", bot="@name_bot", confirm_after=timedelta(days=30)),
        "#123456",
        {"bot": "@name_bot", "smsreq": "30"},
    ),
    (
        Voice(text="text", voice="w", language="en", dialling=CALL),
        PHONE,
        {"call": "1", "voice": "w,en", "param": "20,300,3"},
    ),
    (Voice(file_url=FILE, voice="m2"), PHONE, {"call": "1", "voice": "m2", "fileurl": FILE}),
    (VoiceCode(dialling=CALL), PHONE, {"call": "1", "param": "20,300,3"}),
]
# What those that have other than "text" post as one.
TEXTS = {
    Hlr: "",
    Ping: "",
    WapPush: "https://example.com\nShop",
    VoiceCode: "code",
}
SOON = datetime.fromtimestamp(NOW, UTC) + timedelta(hours=1)


def _text(message: Message) -> str:
    if isinstance(message, Binary):
        return "03240101FF" if message.udh else "00FF\n~~~\npid: 64, dcs: 245"
    if isinstance(message, Mms | Voice) and message.text is None:
        return ""
    return TEXTS.get(type(message), "text")


def _send(message: Message, to: str, posted: dict[str, str]) -> Example:
    text = {"mes": _text(message)} if _text(message) else {}
    return Example(
        "send",
        lambda smsc: smsc.send(to, message, id="a-1"),
        {**posted, **text, "phones": to, "id": "a-1", "cost": "3"},
        "send/cost_3.json",
    )


def _price(message: Message, to: str, posted: dict[str, str]) -> Example:
    text = {"mes": _text(message)} if _text(message) else {}
    return Example(
        "price",
        lambda smsc: smsc.price(to, message),
        {**posted, **text, "phones": to, "cost": "1"},
        "price/cost_1.json",
    )


def _each(message: Message, to: str, posted: dict[str, str]) -> Example:
    line = f"{to}:{_text(message)}".replace("\n", "\\n")
    return Example(
        "send_each",
        lambda smsc: smsc.send_each([(to, message)], id="a-1"),
        {**posted, "list": line, "id": "a-1", "cost": "3"},
        "send_each/cost_3.json",
    )


def _price_each(message: Message, to: str, posted: dict[str, str]) -> Example:
    line = f"{to}:{_text(message)}".replace("\n", "\\n")
    return Example(
        "price_each",
        lambda smsc: smsc.price_each([(to, message)]),
        {**posted, "list": line, "cost": "1"},
        "price_each/cost_1.json",
    )


# All that can stand in a list.
LISTED = [kind for kind in KINDS if _text(kind[0]) and not isinstance(kind[0], VoiceCode)]
EXAMPLES = [
    *[_send(*kind) for kind in KINDS],
    *[_price(*kind) for kind in KINDS],
    *[_each(*kind) for kind in LISTED],
    *[_price_each(*kind) for kind in LISTED],
    Example(
        "send",
        lambda smsc: smsc.send(
            ["G7", "8 (999) 000-00-01"],
            "text",
            id=17,
            when=SOON,
            tz=0,
            period=timedelta(hours=2),
            freq=timedelta(minutes=10),
            report=True,
            partner="77",
            userip="203.0.113.9",
            imgcode="a1b2",
        ),
        {
            "phones": "G7,89990000001",
            "mes": "text",
            "id": "17",
            "time": "15.11.23 02:14",
            "tz": "0",
            "period": "2",
            "freq": "10",
            "op": "1",
            "pp": "77",
            "userip": "203.0.113.9",
            "imgcode": "a1b2",
            "cost": "3",
        },
        "send/report.json",
    ),
    Example(
        "send_each",
        lambda smsc: smsc.send_each(
            [("+79990000001", "one"), ("+79990000002", "two\nlines")],
            id=17,
            when=Hours(9, 21),
            tz=-3,
            period=timedelta(hours=2),
            freq=timedelta(minutes=10),
            report=True,
            partner="77",
            userip="203.0.113.9",
            imgcode="a1b2",
        ),
        {
            "list": "+79990000001:one\n+79990000002:two\\nlines",
            "id": "17",
            "time": "9-21",
            "tz": "-3",
            "period": "2",
            "freq": "10",
            "op": "1",
            "pp": "77",
            "userip": "203.0.113.9",
            "imgcode": "a1b2",
            "cost": "3",
        },
        "send_each/cost_3.json",
    ),
    Example(
        "send_each",
        lambda smsc: smsc.send_each(
            [
                ("+79990000001", Sms(text="one", sender="Shop")),
                ("+79990000002", "two"),
                ("+79990000003", Sms(text="three", sender="")),
            ],
            id=17,
        ),
        {
            "list": "Shop|+79990000001:one\n+79990000002:two\n.|+79990000003:three",
            "id": "17",
            "cost": "3",
        },
        "send_each/cost_3.json",
    ),
    Example(
        "send_each",
        lambda smsc: smsc.send_each(
            [
                Line("+79990000001", Sms(text="one", sender="Shop"), 0),
                Line("+79990000002", Sms(text="two", sender="Shop"), 7),
            ],
            id=17,
            when=SOON.replace(hour=10, minute=30, second=1) + timedelta(days=1),
        ),
        {
            "list": "Shop,0|+79990000001:one\nShop,7|+79990000002:two",
            "id": "17",
            "time": "15.11.23 10:31",
            "cost": "3",
        },
        "send_each/cost_3.json",
    ),
]
