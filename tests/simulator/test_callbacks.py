"""The simulator calls the account's handler as the service would."""

from __future__ import annotations

import hashlib
import json
import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl
from xml.etree import ElementTree as ET

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from smsc_async.simulator import Settings, Simulator
from smsc_async.simulator._address import address
from smsc_async.simulator._letters import letter
from tests.simulator.handler import Handler, Post
from tests.simulator.posting import PHONE, Sender, opened
from tests.virtual import run

SECRET = "q-W_9"
TEXT = "Имя: <b>&amp;</b> \"a\" 'b'\r\n\t100 % + ]]> €😀\x01"
# What is left of it. KOI8-R has no euro sign, and only UTF-8 has the face.
KEPT = {
    "windows-1251": TEXT.replace("😀", "?"),
    "utf-8": TEXT,
    "koi8-r": TEXT.replace("😀", "?").replace("€", "?"),
}


@dataclass(frozen=True)
class Told:
    """What happens, what is told of it, and which of the fields are hashed."""

    fields: Mapping[str, str]
    hashed: tuple[str, ...]


TOLD = {
    "status": Told(
        {
            "id": "own.1",
            "phone": PHONE,
            "status": "25",
            "time": "21.11.26 12:30:00",
            "ts": "1795253400",
            "err": "248",
            "cnt": "1",
            "type": "0",
            "cost": "1.2",
            "flag": "0",
            "sender": "",
            "cmt": TEXT,
        },
        ("id", "phone", "status"),
    ),
    "message": Told(
        {
            "id": "1",
            "sms_id": "own.1",
            "phone": PHONE,
            "mes": TEXT,
            "to": "79180000000",
            "smsc": "79990000000",
            "sent": "1795253400",
            "time": "1795253400",
        },
        ("phone", "mes", "to"),
    ),
    "call": Told({"waitcall": "1", "phone": PHONE, "ts": "1795253400"}, ("phone", "ts")),
}


async def happen(kind: str, simulator: Simulator, sender: Sender) -> None:
    """Let happen what a callback of a kind tells of."""
    match kind:
        case "status":
            simulator.set_status("own.1", PHONE, 25, 248, fields={"cmt": TEXT})
        case "message":
            simulator.receive(PHONE, TEXT, to="79180000000")
        case _:
            await sender.json("wait_call.php", phone=PHONE)
            simulator.call(PHONE)


def told(kind: str, settings: Settings) -> tuple[Post, Mapping[str, str | int]]:
    """Return what is posted of one event, and the record of it."""

    async def main() -> tuple[Post, Mapping[str, str | int]]:
        async with opened(settings, callback_transport=(handler := Handler())) as (sim, sender):
            await sender.json("send.php", phones=PHONE, mes="hi", id="own.1", time="+60")
            await happen(kind, sim, sender)
            await sim.delivered()
        return handler.posts[0], sim.callbacks[0].fields

    return run(main())


def read(post: Post, fmt: str, charset: str) -> dict[str, str]:
    """Read a body with the means of the standard library."""
    match fmt:
        case "2":
            root = ET.fromstring(post.body)  # noqa: S314 - the simulator wrote it
            return {element.tag: element.text or "" for element in root}
        case "3":
            fields = json.loads(post.body.decode(charset))
            return {name: str(value) for name, value in fields.items()}
        case _:
            pairs = parse_qsl(
                post.body.decode("ascii"),
                keep_blank_values=True,
                strict_parsing=True,
                encoding=charset,
                errors="strict",
            )
            assert len(dict(pairs)) == len(pairs)
            return dict(pairs)


HASHES = {
    "md5": lambda data: hashlib.md5(data, usedforsecurity=False).hexdigest(),
    "sha1": lambda data: hashlib.sha1(data, usedforsecurity=False).hexdigest(),
    "crc32": lambda data: str(zlib.crc32(data)),
}


@pytest.mark.parametrize("algorithm", ["", *HASHES])
@pytest.mark.parametrize("charset", ["", *KEPT])
@pytest.mark.parametrize("fmt", ["", "2", "3"])
@pytest.mark.parametrize("kind", TOLD)
def test_every_kind_is_told_in_every_form_charset_and_hash(
    kind: str, fmt: str, charset: str, algorithm: str
) -> None:
    asked = {"charset": charset, "fmt": fmt, algorithm: SECRET, "own": "1"}
    own = {name: value for name, value in asked.items() if name and value}
    query = "&".join(f"{name}={value}" for name, value in own.items())
    used = "windows-1251" if not charset or (fmt and charset == "koi8-r") else charset
    kept = KEPT[used].replace("\x01", "?") if fmt == "2" else KEPT[used]

    post, recorded = told(kind, Settings(callback=f"https://host/hook?{query}"))

    told_of = {n: kept if value == TEXT else value for n, value in TOLD[kind].fields.items()}
    fields = read(post, fmt, used)
    if algorithm:
        data = ":".join([*(told_of[name] for name in TOLD[kind].hashed), SECRET])
        own[algorithm] = HASHES[algorithm](data.encode(used))
    assert fields == told_of | own
    assert fields == {name: str(value) for name, value in recorded.items()}
    assert SECRET.encode() not in post.body
    assert post.url == "https://host/hook"


def status_body(query: str, **settings: Any) -> Post:  # noqa: ANN401 - of any setting
    """Return how one status with few fields is posted."""

    async def main() -> Post:
        wanted = Settings(callback=f"http://host/{query}", **settings)
        async with opened(wanted, callback_transport=(handler := Handler())) as (sim, sender):
            await sender.json("send.php", phones=PHONE, mes="hi", id="7", time="+60")
            sim.set_status("7", PHONE, 1, fields={"cmt": "да & <нет>", "sender": "A=1"})
            await sim.delivered()
        return handler.posts[0]

    return run(main())


def test_a_form_is_posted_in_windows_1251_unless_another_charset_is_asked_for() -> None:
    body = (
        b"id=7&phone=79990000001&status=1&time=21.11.26+12%3A30%3A00&ts=1795253400&cnt=1&type=0"
        b"&cost=1.2&flag=0&sender=A%3D1&cmt="
    )

    windows, koi = status_body(""), status_body("?charset=koi8-r")

    assert windows.body == body + b"%E4%E0+%26+%3C%ED%E5%F2%3E"
    assert koi.body == body + b"%C4%C1+%26+%3C%CE%C5%D4%3E&charset=koi8-r"
    assert windows.content_type == koi.content_type == "application/x-www-form-urlencoded"


def test_xml_names_its_charset() -> None:
    post = status_body("?fmt=2")

    assert post.content_type == "text/xml; charset=windows-1251"
    assert post.body == (
        '<?xml version="1.0" encoding="windows-1251"?>\n'
        "<callback><id>7</id><phone>79990000001</phone><status>1</status>"
        "<time>21.11.26 12:30:00</time><ts>1795253400</ts><cnt>1</cnt><type>0</type>"
        "<cost>1.2</cost><flag>0</flag><sender>A=1</sender><cmt>да &amp; &lt;нет&gt;</cmt>"
        "<fmt>2</fmt></callback>"
    ).encode("cp1251")


@pytest.mark.parametrize(("as_list", "form"), [(False, "{}"), (True, "[{}]")])
def test_json_has_bare_numbers_where_the_answers_do_and_is_one_object_or_a_list(
    form: str, *, as_list: bool
) -> None:
    post = status_body("?fmt=3&charset=utf-8", callback_list=as_list)

    assert post.content_type == "application/json; charset=utf-8"
    assert post.body.decode() == form.replace(
        "{}",
        '{"id": 7, "phone": "79990000001", "status": 1, "time": "21.11.26 12:30:00", '
        '"ts": 1795253400, "cnt": 1, "type": 0, "cost": "1.2", "flag": 0, "sender": "A=1", '
        '"cmt": "да & <нет>", "fmt": "3", "charset": "utf-8"}',
    )


def test_a_checksum_is_decimal_or_eight_hexadecimal_digits() -> None:
    sums = [
        dict(parse_qsl(status_body("?crc32=secret-64", crc32=form).body.decode()))["crc32"]
        for form in ("decimal", "hex")
    ]

    assert sums == ["14537584", "00ddd370"]  # of 7:79990000001:1:secret-64


def test_what_follows_the_exclamation_mark_is_the_query_and_the_rest_is_posted() -> None:
    post = status_body("!p1=a&p2?p3&p4=%E4%E0&id=8")

    assert post.url == "http://host/?p1=a&p2"
    assert post.body.startswith(b"id=7&phone=")
    assert post.body.endswith(b"&p3=&p4=%E4%E0")


@pytest.mark.parametrize(
    ("address", "cause"),
    [
        ("host/hook", "http:// or https://"),
        ("ftp://host/hook", "http:// or https://"),
        ("http:///hook", "http:// or https://"),
        ("http://host/a b", "http:// or https://"),
        ("http://host:port/", "Port"),
        ("http://host/?md5=a&sha1=a", "one hash, not for md5 and sha1"),
        ("http://host/?md5=a&md5=a", "one hash"),
        ("http://host/?sha1=", "a secret"),
        ("http://host/?sha1=a%2Bb", "a secret"),
        ("http://host/?crc32=%D1%8F", "a secret"),
        ("http://host/?charset=cp1251", "not in 'cp1251'"),
        ("http://host/?fmt=1", "not '1'"),
        ("http://host/?fmt=2&1a=b", "'1a'"),
    ],
)
def test_an_address_that_the_service_would_not_take_is_refused(address: str, cause: str) -> None:
    with pytest.raises(ValueError, match=cause):
        Settings(callback=address)


@pytest.mark.parametrize("settings", [{"callback_attempts": 0}, {"callbacks_at_once": 0}])
def test_a_handler_is_tried_once_at_least(settings: dict[str, int]) -> None:
    with pytest.raises(ValueError, match="it takes an attempt"):
        Settings(**settings)  # type: ignore[arg-type]  # whole numbers, but not of one setting


@given(text=st.text())
@example(text="я\n:" * 100_000)
@example(text="\r\x00\x98\ufffe\ud800 ]]>")
@pytest.mark.parametrize("charset", KEPT)
@pytest.mark.parametrize("fmt", ["0", "2", "3"])
def test_any_text_is_read_and_signed_as_it_was_written(fmt: str, charset: str, text: str) -> None:
    query = f"charset={charset}&sha1={SECRET}" + (f"&fmt={fmt}" if fmt != "0" else "")
    to = address(f"http://host/?{query}")
    told = {"phone": PHONE, "mes": text, "to": "5678"}

    written = letter("message", told, to, crc32="decimal", as_list=False)

    got = read(Post(0, "", "", written.body), fmt, to.charset)
    data = f"{PHONE}:{got['mes']}:5678:{SECRET}".encode(to.charset)
    assert got["sha1"] == HASHES["sha1"](data)
    assert len(got["mes"]) == len(text)
    assert all(now in {sign, "?"} for now, sign in zip(got["mes"], text, strict=True))


def test_a_secret_is_not_shown() -> None:
    assert SECRET not in repr(Settings(callback=f"http://host/?sha1={SECRET}"))
