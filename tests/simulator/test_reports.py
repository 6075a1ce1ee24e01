"""Which statuses, messages and calls the account's handler is told of, and with which fields."""

from __future__ import annotations

import asyncio
import math
from contextlib import AbstractAsyncContextManager
from datetime import timedelta, timezone
from typing import Any

import pytest

from smsc_async.simulator import Settings, Simulator
from tests.simulator.handler import Handler
from tests.simulator.posting import PHONE, Sender, opened
from tests.virtual import run

OTHER = "79990000002"
ADDRESS = "http://host/"


def opened_with(
    **settings: Any,  # noqa: ANN401 - any setting
) -> AbstractAsyncContextManager[tuple[Simulator, Sender]]:
    return opened(Settings(callback=ADDRESS, **settings), callback_transport=Handler())


def course(simulator: Simulator) -> list[tuple[str | int, str | int, float]]:
    """Return id and status of all reports, and the seconds after which each was posted."""
    start = 1_000.0
    return [
        (told.fields["id"], told.fields["status"], told.attempts[0].at - start)
        for told in simulator.callbacks
    ]


@pytest.mark.parametrize(
    ("delivery", "time", "expected"),
    [
        (0, "", [(5, 1, 0)]),
        (7.5, "", [(5, 0, 0), (5, 1, 7.5)]),
        (7.5, "+1", [(5, 0, 60), (5, 1, 67.5)]),
        (0, "+1", [(5, 1, 60)]),
        (math.inf, "", [(5, 0, 0)]),
    ],
)
def test_each_status_that_time_brings_is_told_when_it_comes(
    delivery: float, time: str, expected: list[tuple[int, int, float]]
) -> None:
    async def main() -> None:
        async with opened_with(delivery=delivery) as (sim, sender):
            await sender.json("send.php", phones=PHONE, mes="hi", id="5", time=time)
            await sim.delivered()

        assert course(sim) == expected

    run(main())


def test_the_moment_is_that_of_the_status_in_the_zone_of_the_account() -> None:
    async def main() -> None:
        zone = timezone(timedelta(hours=-10))
        async with opened_with(zone=zone) as (sim, sender):
            await sender.json("send.php", phones=PHONE, mes="hi")
            await sim.delivered()
        assert sim.callbacks[0].fields["time"] == "20.11.26 23:30:00"
        assert sim.callbacks[0].fields["ts"] == 1795253400

    run(main())


def test_a_given_status_is_told_each_time_and_stands_in_place_of_what_time_would_bring() -> None:
    async def main() -> None:
        async with opened_with(delivery=60) as (sim, sender):
            await sender.json("send.php", phones=PHONE, mes="hi", id="own")
            await asyncio.sleep(1)
            for status, reason in ((1, 0), (1, 0), (20, 6), (77, 0)):
                sim.set_status("own", PHONE, status, reason)
            await sim.delivered()

        told = [(one.fields["status"], one.fields.get("err")) for one in sim.callbacks]
        assert told == [(0, None), (1, None), (1, None), (20, 6), (77, None)]

    run(main())


def test_a_message_that_was_deleted_or_taken_back_is_told_of_no_more() -> None:
    async def main() -> None:
        async with opened_with(delivery=60) as (sim, sender):
            await sender.json("send.php", phones=PHONE, mes="hi", id="5")
            await sender.json(
                "jobs.php", add="1", name="A", phones=PHONE, mes="a", id="6", time="+9"
            )
            await sender.json(
                "jobs.php", add="1", name="B", phones=PHONE, mes="b", id="7", time="+9"
            )
            await asyncio.sleep(1)
            await sender.json("status.php", phone=PHONE, id="5", **{"del": "1"})
            await sender.json("jobs.php", cancel="1", id="6")
            await sim.delivered()

        assert [(told[0], told[1]) for told in course(sim)] == [(5, 0), (7, 0), (7, 1)]

    run(main())


def test_phones_that_were_left_out_are_told_of_if_any_was_accepted() -> None:
    async def main() -> None:
        async with opened_with(refused={OTHER: 8}) as (sim, sender):
            refused = await sender.json("send.php", phones=OTHER, mes="hi", id="5")
            await sender.json("send.php", phones=f"{PHONE},{OTHER}", mes="hi", id="6")
            await sim.delivered()

        assert refused["error_code"] == 8
        told = [
            [one.fields.get(name) for name in ("id", "phone", "status", "err", "cost")]
            for one in sim.callbacks
        ]
        assert told == [[6, PHONE, 1, None, "1.2"], [6, OTHER, 25, 248, "0"]]

    run(main())


def test_a_price_is_told_of_nobody() -> None:
    async def main() -> None:
        async with opened_with() as (sim, sender):
            await sender.json("send.php", phones=PHONE, mes="hi", cost="1")
            await sim.delivered()

        assert sim.callbacks == []

    run(main())


async def fields_of(sender: Sender, sim: Simulator, /, **params: str) -> dict[str, str | int]:
    await sender.json("send.php", **{"phones": PHONE, "id": "9"} | params)
    await sim.delivered()
    return dict(sim.callbacks[-1].fields)


def test_an_sms_is_told_of_with_its_parts_sender_comment_and_cost() -> None:
    async def main() -> None:
        async with opened_with() as (sim, sender):
            text = "я" * 71 + "\n~~~\nfor me"
            fields = await fields_of(sender, sim, mes=text, sender="SHOP", flash="1")

        assert fields == {
            "id": 9,
            "phone": PHONE,
            "status": 1,
            "time": "21.11.26 12:30:00",
            "ts": 1795253400,
            "cnt": 2,
            "type": 1,
            "cost": "2.4",
            "flag": 1,
            "sender": "SHOP",
            "cmt": "for me",
        }

    run(main())


def test_an_email_has_a_type_in_its_flag_only() -> None:
    async def main() -> None:
        async with opened_with() as (sim, sender):
            mail = {"mail": "1", "phones": "me@example.com", "subj": "Hi", "sender": "us@shop.ru"}
            fields = await fields_of(sender, sim, mes="hi", **mail)

        assert "type" not in fields
        assert (fields["phone"], fields["flag"]) == ("me@example.com", 8)

    run(main())


HOME = {
    "imsi": "250990000000000",
    "msc": "79990000000",
    "mcc": "250",
    "mnc": "99",
    "cn": "Россия",
    "net": "Симулятор",
    "rcn": "",
    "rnet": "",
}


def test_an_hlr_request_tells_what_it_found_and_a_test_may_choose_that() -> None:
    async def main() -> None:
        async with opened_with() as (sim, sender):
            found = await fields_of(sender, sim, hlr="1")
            chosen = {"rcn": "Эстония", "rnet": "Telia"}
            sim.set_status("9", PHONE, 1, fields=chosen | {"syserr": "0x05"})
            await sim.delivered()
            status = await sender.json("status.php", phone=PHONE, id="9")

        assert found.items() >= (HOME | {"type": 4, "flag": 4}).items()
        assert sim.callbacks[-1].fields.items() >= (HOME | chosen | {"syserr": "0x05"}).items()
        assert {name: status[name] for name in HOME} == HOME | chosen
        assert "syserr" not in status

    run(main())


def test_a_field_that_cannot_be_posted_is_refused_at_once() -> None:
    async def main() -> None:
        async with opened_with() as (sim, _):
            wrong: Any = {"calltime": 1.5}
            with pytest.raises(TypeError, match="a text or a whole number"):
                sim.set_status("9", PHONE, 1, fields=wrong)

    run(main())


def test_a_call_tells_the_keys_that_were_pressed() -> None:
    async def main() -> None:
        async with opened_with() as (sim, sender):
            usual = await fields_of(sender, sim, call="1", mes="a" * 31)
            chosen: dict[str, str | int] = {
                "dtmf": "12#",
                "calltime": 14,
                "callmenu": "1,2",
                "ringtime": 5,
                "cmt": "mine\novertime: 00:12",
                "flag": 7 | 1 << 5 | 1 << 8 | 2 << 9,
            }
            sim.set_status("9", PHONE, 1, fields=chosen)
            await sim.delivered()

        assert (usual["type"], usual["cnt"], usual["dtmf"]) == (7, 3, "")
        assert sim.callbacks[-1].fields == usual | chosen

    run(main())


@pytest.mark.parametrize(
    ("text", "to", "answered"),
    [
        ("yes", "79180000000", 8),
        ("demo: yes", "79180000000", None),
        ("demo:yes", "79180000000", 8),
        ("yes", "79300000001", None),
    ],
)
def test_an_answer_names_the_message_it_answers_unless_it_names_the_account(
    text: str, to: str, answered: int | None
) -> None:
    async def main() -> None:
        async with opened_with(refused={PHONE: 6}) as (sim, sender):
            await sender.json("receive_phones.php", buy="1", phone="79300000001")
            await sender.json("send.php", phones=OTHER, mes="a", id="7")
            await sender.json("send.php", phones=OTHER, mes="b", id="8")
            await sender.json("send.php", phones=PHONE, mes="c", id="9")
            sim.receive(OTHER, text, to=to)
            await sim.delivered()
            sim.receive(PHONE, text, to=to)  # whom nothing has reached
            await sim.delivered()

        last, none = [one.fields for one in sim.callbacks if one.kind == "message"]
        assert last.get("sms_id") == answered
        assert "sms_id" not in none

    run(main())


def test_a_message_goes_to_a_number_even_if_a_test_names_none() -> None:
    async def main() -> None:
        async with opened_with() as (sim, sender):
            sim.receive(PHONE, "yes")
            await sim.delivered()
            (listed,) = await sender.json("get.php", get_answers="1")

        assert sim.callbacks[0].fields["to"] == listed["to_phone"] == "79190000000"

    run(main())


def test_a_call_is_told_of_once_and_only_if_it_was_waited_for() -> None:
    async def main() -> None:
        async with opened_with() as (sim, sender):
            await sender.json("wait_call.php", phone=PHONE)
            with pytest.raises(LookupError, match=OTHER):
                sim.call(OTHER)
            sim.call(PHONE)
            assert sim.awaited == {}
            with pytest.raises(LookupError, match=PHONE):
                sim.call(PHONE)
            await sim.delivered()

        (told,) = sim.callbacks
        assert (told.kind, told.fields) == (
            "call",
            {"waitcall": 1, "phone": PHONE, "ts": 1795253400},
        )

    run(main())


def test_without_an_address_nothing_is_told() -> None:
    async def main() -> None:
        async with opened(callback_transport=(handler := Handler())) as (sim, sender):
            await sender.json("send.php", phones=PHONE, mes="hi", id="9")
            await sender.json("wait_call.php", phone=PHONE)
            sim.set_status("9", PHONE, 2)
            sim.receive(PHONE, "yes")
            sim.call(PHONE)
            await sim.delivered()

        assert sim.callbacks == []
        assert handler.posts == []

    run(main())
