"""The simulator knows what each kind of message must have, and what may go with it."""

from __future__ import annotations

from decimal import Decimal

import pytest

from smsc_async.simulator import _drafts as drafts
from smsc_async.simulator import _parts as parts
from smsc_async.simulator import _voice as voice
from smsc_async.simulator._records import Refused
from tests.simulator.posting import PHONE, opened
from tests.virtual import run

FILE = "https://files.example.com/a.jpg"
MAIL = {"mail": "1", "phones": "me@example.com", "mes": "hi", "subj": "Hi", "sender": "us@shop.ru"}


@pytest.mark.parametrize(
    "params",
    [
        {"mms": "1", "subj": "Hi"},
        {"mms": "1", "mes": "hi"},
        MAIL,
        {**MAIL, "mes": "a" * 1001},
        {"push": "1", "mes": "http://wap.ru\nWAP.RU"},
        {"bin": "2", "mes": "00FF"},
        {"bin": "2", "mes": "00ff\n~~~\npid: 1, dcs: 255"},
        {"bin": "2", "mes": "0401020001"},
        {"bin": "1", "mes": "\x00data"},
        {"bot": "@name_bot", "mes": "hi", "phones": "@nick"},
        {"bot": "@name_bot", "mes": "hi", "smsreq": "10"},
        {"tg": "1", "mes": "1234", "phones": "#17"},
        {"viber": "1", "fileurl": FILE},
        {"whatsapp": "1", "mes": "hi", "fileurl": FILE},
        {"call": "1", "fileurl": FILE},
        {"call": "1", "mes": "hi", "voice": "w4,en", "param": "nonsense"},
        {"hlr": "1"},
        {"ping": "1"},
        {"mes": "hi", "valid": "1"},
        {"mes": "hi", "valid": "24"},
        {"mes": "hi", "valid": "00:01"},
        {"mes": "hi", "valid": "24:00", "translit": "2", "tinyurl": "1"},
        {"mes": "hi", "period": "0.1", "freq": "1440"},
        {"mes": "hi", "imgcode": "a1", "userip": "203.0.113.9"},
    ],
)
def test_what_has_all_it_needs_is_taken(params: dict[str, str]) -> None:
    (draft,) = drafts.read({"phones": PHONE} | params)

    assert draft.readable


@pytest.mark.parametrize(
    "params",
    [
        {"mms": "1"},
        {"mms": "1", "fileurl": FILE},
        {**MAIL, "subj": ""},
        {**MAIL, "mes": ""},
        {**MAIL, "sender": ""},
        {**MAIL, "sender": "Shop"},
        {"push": "1", "mes": "http://wap.ru"},
        {"push": "1", "mes": "http://wap.ru\n"},
        {"bin": "2", "mes": "0"},
        {"bin": "2", "mes": "xx"},
        {"bin": "2", "mes": ""},
        {"bin": "2", "mes": "0501"},
        {"bin": "2", "mes": "00FF\n~~~\npid:1,dcs:2"},
        {"bin": "1", "mes": "я"},
        {"bot": "name_bot", "mes": "hi"},
        {"bot": "@name_bot"},
        {"tg": "1"},
        {"viber": "1"},
        {"call": "1"},
        {"mes": "hi", "smsreq": "30"},
        {"bot": "@name_bot", "mes": "hi", "smsreq": "9"},
        {"bot": "@name_bot", "mes": "hi", "smsreq": "1000"},
        {"mes": "hi", "voice": "x"},
        {"mes": "hi", "fileurl": "ftp://files.example.com/a"},
        {"mes": "hi", "valid": "0"},
        {"mes": "hi", "valid": "25"},
        {"mes": "hi", "valid": "00:00"},
        {"mes": "hi", "valid": "24:01"},
        {"mes": "hi", "valid": "soon"},
        {"mes": "hi", "period": "0.05"},
        {"mes": "hi", "period": "721"},
        {"mes": "hi", "period": "1", "freq": "0"},
        {"mes": "hi", "translit": "3"},
        {"mes": "hi", "tinyurl": "yes"},
        {"mes": "hi", "imgcode": "a1"},
    ],
)
def test_what_lacks_something_or_is_out_of_range_is_an_error_in_parameters(
    params: dict[str, str],
) -> None:
    with pytest.raises(Refused) as refused:
        drafts.read({"phones": PHONE} | params)

    assert refused.value.code == 1


@pytest.mark.parametrize(
    ("params", "readable"),
    [
        ({"bot": "@name_bot", "mes": "hi", "phones": "me@example.com"}, False),
        ({"mes": "hi", "phones": "@nick"}, False),
        ({**MAIL, "phones": PHONE}, False),
    ],
)
def test_a_recipient_that_does_not_fit_the_kind_is_no_number(
    params: dict[str, str], *, readable: bool
) -> None:
    (draft,) = drafts.read(params)

    assert draft.readable is readable


# Parts


@pytest.mark.parametrize(("size", "count"), [(2, 1), (140, 1), (141, 2), (268, 2), (269, 3)])
def test_bytes_fill_so_many_sms(size: int, count: int) -> None:
    (draft,) = drafts.read({"phones": PHONE, "bin": "2", "mes": "00" * size})

    assert draft.parts == count


def test_the_numbers_behind_the_bytes_are_not_among_them() -> None:
    (draft,) = drafts.read(
        {"phones": PHONE, "bin": "2", "mes": "00" * 140 + "\n~~~\npid: 1, dcs: 2"}
    )

    assert (draft.parts, draft.text, draft.comment) == (1, "00" * 140, "pid: 1, dcs: 2")


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ("a" * 152 + "€" + "a" * 151, 2),
        ("a" * 152 + "€" + "a" * 152, 3),
        ("я" * 66 + "😀" + "я" * 65, 2),
        ("я" * 66 + "😀" + "я" * 66, 3),
    ],
)
def test_a_sign_of_two_units_is_not_torn_apart(text: str, count: int) -> None:
    assert parts.count(text) == count


# Calls


@pytest.mark.parametrize(
    ("param", "read"),
    [
        ("20,60,3", (20, 60, 3)),
        ("10,10,1", (10, 10, 1)),
        ("35,3600,9", (35, 3600, 9)),
        ("0,0,0", (10, 10, 1)),
        ("99,9,9", (35, 10, 9)),
        ("100,60,3", voice.DEFAULT),
        ("20,3601,3", voice.DEFAULT),
        ("20,60,10", voice.DEFAULT),
        ("20,60", voice.DEFAULT),
        ("-1,60,3", voice.DEFAULT),
        ("", voice.DEFAULT),
    ],
)
def test_one_impossible_value_spoils_all_three(param: str, read: tuple[int, int, int]) -> None:
    (draft,) = drafts.read({"phones": PHONE, "call": "1", "mes": "hi", "param": param})

    assert draft.dialling == read


@pytest.mark.parametrize(
    ("params", "files", "seconds"),
    [
        ({"mes": "a" * 15}, (), 1),
        ({"mes": "a" * 16}, (), 2),
        ({"mes": "a"}, ("a.mp3", "b.mp3"), 21),
        ({"fileurl": FILE}, (), 10),
    ],
)
def test_of_a_call_the_seconds_are_counted(
    params: dict[str, str], files: tuple[str, ...], seconds: int
) -> None:
    (draft,) = drafts.read({"phones": PHONE, "call": "1"} | params, files)

    assert (draft.parts, draft.units) == (seconds, 1)


async def test_a_call_is_paid_once_and_its_seconds_are_told() -> None:
    async with opened() as (simulator, sender):
        answer = await sender.json("send.php", phones=PHONE, mes="a" * 60, call="1", cost="3")

        assert (answer["cnt"], answer["cost"]) == (4, "1.2")
        (message,) = simulator.accepted
        assert (message.kind, message.parts, message.dialling) == ("call", 4, voice.DEFAULT)
        assert simulator.balance == Decimal("998.8")


# Zones


def test_a_line_leaves_when_the_clock_of_its_own_zone_shows_the_time() -> None:
    async def main() -> list[float]:
        async with opened() as (simulator, sender):
            await sender.json(
                "send.php",
                time="21.11.26 15:00",
                list=f"Us,0|{PHONE}:a\nUs,2|79990000002:b\n79990000003:c",
                tz="-1",
            )
            return [(message.due - message.at) / 3600 for message in simulator.accepted]

    assert run(main()) == [2.5, 0.5, 3.5]


def test_a_zone_of_a_line_counts_for_a_time_of_the_clock_only() -> None:
    async def main() -> list[float]:
        async with opened() as (simulator, sender):
            await sender.json("send.php", time="13-18", list=f"Us,2|{PHONE}:a")
            return [message.due - message.at for message in simulator.accepted]

    assert run(main()) == [1800]


async def test_a_zone_that_is_none_is_an_error_in_the_date() -> None:
    async with opened() as (_, sender):
        answer = await sender.json("send.php", time="2211261000", list=f"Us,east|{PHONE}:a")

        assert answer["error_code"] == 5
