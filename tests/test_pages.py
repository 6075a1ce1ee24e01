"""The addresses that the pages show as examples say what the client's calls post."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import UTC, date, datetime, timedelta, timezone
from typing import TypeAlias
from urllib.parse import parse_qsl, urlsplit

import pytest

from smsc_async import (
    Binary,
    Flash,
    Hours,
    InformationElement,
    Line,
    Sms,
    SmscClient,
    WapPush,
)
from tests.samples import NOW, asked, sample

Asking: TypeAlias = Callable[[SmscClient], Awaitable[object]]

MOSCOW = timezone(timedelta(hours=3))
SEND = "send/cost_3.json"
PRICE = "price/cost_1.json"
BALANCE = "account.balance/currency.json"


# "Getting data", whole: the heading above the address, the address as it stands there, the call.
GETTING_DATA: list[tuple[str, str, Asking, str]] = [
    (
        "Receiving the last ten outgoing SMS messages",
        "https://smscentre.com/sys/get.php?get_messages=1&login=alex&psw=123&cnt=10",
        lambda smsc: smsc.history.sent_page(limit=10),
        "history.sent/template.json",
    ),
    (
        "Receiving the last outgoing SMS message sent to the number",
        "https://smscentre.com/sys/get.php?get_messages=1&login=alex&psw=123&phone=79999999999",
        lambda smsc: smsc.history.sent_page(phones="79999999999"),
        "history.sent/template.json",
    ),
    (
        "Getting a list of 10 first incoming messages for the current day",
        "https://smscentre.com/sys/get.php?get_answers=1&login=alex&psw=123&cnt=10",
        lambda smsc: smsc.history.received_page(limit=10),
        "history.received/template.json",
    ),
    (
        "Getting a list of 15 first incoming messages in the last 48 hours",
        "https://smscentre.com/sys/get.php?get_answers=1&login=alex&psw=123&hour=48&cnt=15",
        lambda smsc: smsc.history.received_page(hours=48, limit=15),
        "history.received/template.json",
    ),
    (
        "Getting a list from 20 of the first incoming messages with larger IDs",
        "https://smscentre.com/sys/get.php?get_answers=1&login=alex&psw=123&after_id=1234567&cnt=20",
        lambda smsc: smsc.history.received_page(after=1234567, limit=20),
        "history.received/template.json",
    ),
    (
        "Getting statistics in the Client's current currency",
        "https://smscentre.com/sys/get.php?get_stat=1&login=alex&psw=123&mycur=1&start=01.01.2014&end=01.02.2014",
        lambda smsc: smsc.account.statistics(date(2014, 1, 1), date(2014, 2, 1), own_currency=True),
        "account.statistics/template.json",
    ),
    (
        "Getting a list of fares",
        "https://smscentre.com/sys/get.php?get_price=1&login=alex&psw=123",
        lambda smsc: smsc.account.prices(),
        "account.prices/template.json",
    ),
    (
        "Getting information about the subscriber's operator",
        "https://smscentre.com/sys/info.php?get_operator=1&login=alex&psw=123&phone=79999999999",
        lambda smsc: smsc.lookup.operator("79999999999"),
        "lookup.operator/template.json",
    ),
    (
        "Getting information about a short link with id",
        "https://smscentre.com/sys/tinyurls.php?get=1&login=alex&psw=123&id=145142",
        lambda smsc: smsc.lookup.link(id=145142),
        "lookup.link/template.json",
    ),
    (
        "Getting information about the short link from the full source link",
        "https://smscentre.com/sys/tinyurls.php?get=1&login=alex&psw=123&link=mywebsite.ru",
        lambda smsc: smsc.lookup.link(url="mywebsite.ru"),
        "lookup.link/template.json",
    ),
]


# The ports of WAP pushes, by the Internet's register; the other one is any.
WAP_PUSH = InformationElement.ports(2948, 9200)


def service_indication(link: str, text: str) -> bytes:
    """Return a link as a phone reads it: WAP-167, in the tokens of WBXML."""
    push = b"\xdc\x06\x01\xae"  # number of the push, a push, one header: a service indication
    document = b"\x02\x05\x6a\x00"  # WBXML 1.2 of that type, in UTF-8, without a table
    address = b"\x0c\x03" + link.encode() + b"\x00\x01"  # http:// and the rest of it
    said = b"\x03" + text.encode() + b"\x00"
    return push + document + b"\x45\xc6" + address + said + b"\x01\x01"


# "Sending an SMS message": this copy of the page has lost the addresses of its examples and kept
# the forms and the sentences; the values in angle brackets are filled in, the rest is as it stands.
# What the binary examples post follows from their sentences and the standards. The page sends its
# flash message at the start of 2012, which is past; here it is the start of a year to come, in the
# second of the page's two forms: the first is digits alone, and may be taken for unix seconds.
SENDING: list[tuple[str, str, Asking, str]] = [
    (
        "To send an SMS",
        "https://smscentre.com/sys/send.php?login=alex&psw=123&phones=79999999999&mes=hello",
        lambda smsc: smsc.send("79999999999", "hello"),
        SEND,
    ),
    (
        "To get the SMS cost",
        "https://smscentre.com/sys/send.php?login=alex&psw=123&phones=79999999999&mes=hello&cost=1",
        lambda smsc: smsc.price("79999999999", "hello"),
        PRICE,
    ),
    (
        "a group of numbers by a special code",
        "https://smscentre.com/sys/send.php?login=alex&psw=123&phones=G17&mes=hello",
        lambda smsc: smsc.send("G17", "hello"),
        SEND,
    ),
    (
        (
            "Flash message encoded in utf-8 from the sender ivan, translated into transliteration, "
            "which must be delivered to the subscriber 01.01.2012 in 00:00: 2024 here"
        ),
        (
            "https://smscentre.com/sys/send.php?login=alex&psw=123&phones=79999999999"
            "&mes=%D0%BF%D1%80%D0%B8%D0%B2%D0%B5%D1%82&flash=1&sender=ivan&translit=1"
            "&time=01.01.24+00:00&tz=0&charset=utf-8"
        ),
        lambda smsc: smsc.send(
            "79999999999",
            Flash(text="привет", sender="ivan", translit=1),
            when=datetime(2024, 1, 1, tzinfo=MOSCOW),
            tz=0,
        ),
        SEND,
    ),
    (
        "Binary EMS message with the text Hello, World!, in which World is italic and underlined",
        (
            "https://smscentre.com/sys/send.php?login=alex&psw=123&phones=79999999999"
            "&mes=050A0307056048656C6C6F2C20576F726C6421&bin=2"
        ),
        lambda smsc: smsc.send(
            "79999999999",
            Binary(
                data=b"Hello, World!",
                udh=(InformationElement.formatting(7, 5, italic=True, underlined=True),),
            ),
        ),
        SEND,
    ),
    (
        "Binary WAP-push message that sends a link to a site",
        (
            "https://smscentre.com/sys/send.php?login=alex&psw=123&phones=79999999999"
            "&mes=0605040B8423F0DC0601AE02056A0045C60C037761702E72752F0001037761702E7275000101"
            "&bin=2"
        ),
        lambda smsc: smsc.send(
            "79999999999",
            Binary(data=service_indication("wap.ru/", "wap.ru"), udh=(WAP_PUSH,)),
        ),
        SEND,
    ),
    (
        "WAP-push message in text form, with a link to a site and the title WAP.RU",
        (
            "https://smscentre.com/sys/send.php?login=alex&psw=123&phones=79999999999"
            "&mes=http://wap.ru%0AWAP.RU&push=1"
        ),
        lambda smsc: smsc.send("79999999999", WapPush(link="http://wap.ru", title="WAP.RU")),
        SEND,
    ),
    (
        "own names of senders and zones of lines, where time is DD.MM.YY hh:mm; tz is optional",
        (
            "https://smscentre.com/sys/send.php?login=alex&psw=123&time=01.01.24+00:00"
            "&list=ivan%2C0%7C79999999998%3Afirst%0Apetr%2C7%7C79999999999%3Asecond"
        ),
        lambda smsc: smsc.send_each(
            [
                Line("79999999998", Sms(text="first", sender="ivan"), 0),
                Line("79999999999", Sms(text="second", sender="petr"), 7),
            ],
            when=datetime(2024, 1, 1, tzinfo=MOSCOW),
        ),
        SEND,
    ),
    (
        "h1-h2. Sets the time range in hours",
        "https://smscentre.com/sys/send.php?login=alex&psw=123&phones=79999999999&mes=x&time=10-21",
        lambda smsc: smsc.send("79999999999", "x", when=Hours(10, 21)),
        SEND,
    ),
    (
        "0ts, where ts is timestamp",
        (
            "https://smscentre.com/sys/send.php?login=alex&psw=123&phones=79999999999&mes=x"
            "&time=01704067200"
        ),
        lambda smsc: smsc.send("79999999999", "x", when=datetime(2024, 1, 1, tzinfo=UTC)),
        SEND,
    ),
    (
        "+m. The + character must be encoded as %2B",
        "https://smscentre.com/sys/send.php?login=alex&psw=123&phones=79999999999&mes=x&time=%2B30",
        lambda smsc: smsc.send("79999999999", "x", when=timedelta(minutes=30)),
        SEND,
    ),
    (
        "period and freq",
        (
            "https://smscentre.com/sys/send.php?login=alex&psw=123&phones=79999999998,79999999999"
            "&mes=x&period=0.1&freq=1"
        ),
        lambda smsc: smsc.send(
            ["79999999998", "79999999999"],
            "x",
            period=timedelta(hours=0.1),
            freq=timedelta(minutes=1),
        ),
        SEND,
    ),
    (
        "valid, in the hh:mm format; maxsms; tinyurl",
        (
            "https://smscentre.com/sys/send.php?login=alex&psw=123&phones=79999999999&mes=x"
            "&valid=24:00&maxsms=2&tinyurl=1"
        ),
        lambda smsc: smsc.send(
            "79999999999", Sms(text="x", valid=timedelta(hours=24), max_parts=2, tinyurl=True)
        ),
        SEND,
    ),
    (
        "userip and imgcode; op; pp",
        (
            "https://smscentre.com/sys/send.php?login=alex&psw=123&phones=79999999999&mes=x"
            "&userip=203.0.113.9&imgcode=a1b2&op=1&pp=77"
        ),
        lambda smsc: smsc.send(
            "79999999999", "x", userip="203.0.113.9", imgcode="a1b2", report=True, partner="77"
        ),
        SEND,
    ),
    (
        "list: lines are separated by a newline character (%0A), a newline in mes is \\n",
        (
            "https://smscentre.com/sys/send.php?login=alex&psw=123"
            "&list=79999999998%3Afirst%0A79999999999%3Atwo%5Cnlines"
        ),
        lambda smsc: smsc.send_each(
            [("79999999998", "first"), ("79999999999", "two\nlines")],
        ),
        SEND,
    ),
    (
        "balance, with its currency",
        "https://smscentre.com/sys/balance.php?login=alex&psw=123&cur=1",
        lambda smsc: smsc.account.balance(),
        BALANCE,
    ),
]

EXAMPLES = [*GETTING_DATA, *SENDING]
# What the client adds to every call, and to every send: the price asked for, and an id.
ADDED = {"login", "psw", "fmt", "charset", "id"}
ADDED_TO_A_SEND = {"cost": "3"}


@pytest.mark.parametrize(
    ("address", "call", "answer"),
    [example[1:] for example in EXAMPLES],
    ids=[example[0] for example in EXAMPLES],
)
def test_an_example_of_a_page_is_what_the_client_posts(
    address: str, call: Asking, answer: str
) -> None:
    parts = urlsplit(address)
    shown = dict(parse_qsl(parts.query, keep_blank_values=True, strict_parsing=True))

    _, path, posted = asked(call, sample(answer))

    assert path == parts.path
    assert {name: posted[name] for name in shown} == shown, "all that is shown is posted"
    assert (
        ADDED_TO_A_SEND.items()
        >= {
            name: value for name, value in posted.items() if name not in shown.keys() | ADDED
        }.items()
    ), "and nothing else"


def test_the_examples_lie_in_the_future_of_the_clients_here() -> None:
    assert datetime.fromtimestamp(NOW, UTC).year == 2023


def test_every_call_asks_for_json_in_utf_8() -> None:
    for _, _, call, answer in EXAMPLES:
        _, _, posted = asked(call, sample(answer))

        assert (posted["fmt"], posted["charset"]) == ("3", "utf-8")
