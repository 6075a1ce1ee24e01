"""What a client in trouble meets: blocks, lost and late answers, and damaged ones."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Mapping
from random import Random
from typing import get_args

import httpx
import pytest

from smsc_async import SmscClient
from smsc_async.simulator import Block, Dropped, Fault, Faults, Settings, Simulator
from tests.simulator.posting import PHONE, Sender, opened
from tests.virtual import run

MINUTE = 60.0
BLOCKED = {"error": "address is blocked", "error_code": 4}


async def wrong_logins(sender: Sender, gaps: list[float]) -> list[int]:
    """Log in wrongly after each gap, then rightly; return the errors."""
    codes = []
    for gap in gaps:
        await asyncio.sleep(gap)
        codes.append((await sender.json("balance.php", psw="wrong"))["error_code"])
    return [*codes, (await sender.json("balance.php")).get("error_code", 0)]


@pytest.mark.parametrize(
    ("gaps", "codes"),
    [
        ([0] * 4, [2] * 4 + [0]),
        ([0] * 5, [2] * 5 + [4]),
        ([450] * 5, [2] * 5 + [4]),
        ([450, 450, 450, 450, 450.5], [2] * 5 + [0]),
        ([0] * 7, [2, 2, 2, 2, 2, 4, 4, 4]),
    ],
)
def test_five_wrong_logins_within_half_an_hour_block_the_address(
    gaps: list[float], codes: list[int]
) -> None:
    async def main() -> None:
        async with opened() as (_, sender):
            assert await wrong_logins(sender, gaps) == codes

    run(main())


def test_a_block_refuses_everything_and_ends_after_its_time_whoever_asks_meanwhile() -> None:
    async def main() -> None:
        async with opened() as (simulator, sender):
            await wrong_logins(sender, [0] * 5)
            for _ in range(29):
                await asyncio.sleep(MINUTE)
                assert await sender.json("balance.php", psw="wrong") == BLOCKED
            assert await sender.json("send.php", phones=PHONE, mes="hi") == BLOCKED
            assert (simulator.requests, simulator.blocked, simulator.accepted) == (36, 31, [])
            assert [refusal.code for refusal in simulator.refusals[5:]] == [4] * 31
            await asyncio.sleep(MINUTE)
            assert await wrong_logins(sender, [0] * 4) == [2, 2, 2, 2, 0]

    run(main())


def test_a_request_during_a_block_fills_no_window() -> None:
    async def main() -> None:
        async with opened() as (simulator, sender):
            simulator.block(30)
            await sender.json("send.php", phones=PHONE, mes="hi")
            await asyncio.sleep(30)
            assert await sender.json("send.php", phones=PHONE, mes="hi", id="1") == {
                "id": 1,
                "cnt": 1,
            }

    run(main())


async def test_a_block_can_be_ended() -> None:
    async with opened() as (simulator, sender):
        simulator.block(30)
        assert await sender.json("balance.php") == BLOCKED
        simulator.block(0)
        assert await sender.json("balance.php") == {"balance": "1000"}


def test_an_error_that_ends_during_a_block_does_not_count() -> None:
    works = iter([2.0, 0.0, 0.0])

    async def main() -> None:
        settings = Settings(
            delays=lambda _: (0.0, next(works)),
            refused_sends=Block(2, within=MINUTE, seconds=MINUTE),
        )
        async with opened(settings) as (simulator, sender):
            slow = asyncio.create_task(sender.json("send.php", phones="1", mes="hi"))
            await asyncio.sleep(1)
            simulator.block(5)
            assert (await slow)["error_code"] == 7
            await asyncio.sleep(5)
            assert (await sender.json("send.php", phones="2", mes="hi"))["error_code"] == 7
            assert "id" in await sender.json("send.php", phones=PHONE, mes="hi")

    run(main())


async def sends(sender: Sender, phones: list[str], gap: float = 0, **params: str) -> None:
    """Send each phone a text, the next one a gap later."""
    for phone in phones:
        await sender.post("send.php", phones=phone, mes="hi", **params)
        await asyncio.sleep(gap)


def bad(count: int) -> list[str]:
    """Return so many numbers that are none, all different."""
    return [str(number) for number in range(count)]


@pytest.mark.parametrize(
    ("phones", "gap", "blocked"),
    [
        (bad(99), 0, False),
        (bad(100), 0, True),
        (bad(100), 6, True),
        (bad(100), 6.1, False),
        ([*bad(99), PHONE, *bad(1)], 0, False),
    ],
)
def test_a_hundred_refused_sends_in_a_row_within_ten_minutes_block_the_address(
    phones: list[str], gap: float, *, blocked: bool
) -> None:
    async def main() -> None:
        async with opened() as (_, sender):
            await sends(sender, phones, gap)
            assert ((await sender.json("balance.php")) == BLOCKED) == blocked

    run(main())


@pytest.mark.parametrize("price", [PHONE, "no number"])
def test_asking_for_prices_neither_lengthens_nor_ends_a_run_of_refused_sends(price: str) -> None:
    async def main() -> None:
        async with opened() as (simulator, sender):
            await sends(sender, bad(99))
            await sends(sender, [price] * 3, cost="1")
            assert (await sender.json("balance.php")) == {"balance": "1000"}
            await sends(sender, ["not 1 of them"])
            assert (await sender.json("balance.php")) == BLOCKED
            assert simulator.blocked == 1

    run(main())


def test_the_block_for_refused_sends_lasts_ten_minutes() -> None:
    async def main() -> None:
        async with opened() as (_, sender):
            await sends(sender, bad(100))
            await asyncio.sleep(10 * MINUTE - 1)
            assert await sender.json("balance.php") == BLOCKED
            await asyncio.sleep(1)
            assert await sender.json("balance.php") == {"balance": "1000"}

    run(main())


async def test_blocks_can_be_switched_off() -> None:
    async with opened(Settings(wrong_logins=None, refused_sends=None)) as (simulator, sender):
        await sends(sender, bad(101))
        assert (await wrong_logins(sender, [0] * 5))[-1] == 0
        assert simulator.blocked == 0


def test_a_block_without_an_error_is_none() -> None:
    with pytest.raises(ValueError, match="error"):
        Block(0, within=1, seconds=1)


def always(fault: Fault | int) -> Faults:
    return lambda _path, _params, _number: fault


DROPS = {"drop_before", "drop_after"}
WORKED = {
    "drop_before": False,
    "html_502": False,
    "drop_after": True,
    "html_502_after": True,
    "garbage": True,
    "truncated": True,
    "empty": True,
}
ARRIVES = {
    "html_502": (502, b"<html>"),
    "html_502_after": (502, b"<html>"),
    "garbage": (200, b"\x00\xff"),
    "truncated": (200, b'{\n"id": "a'),
    "empty": (200, b""),
}


def test_every_fault_is_told_of_here() -> None:
    assert set(WORKED) == set(get_args(Fault)) == DROPS | set(ARRIVES)


@pytest.mark.parametrize("fault", get_args(Fault))
@pytest.mark.parametrize("socket", [False, True], ids=["in process", "socket"])
async def test_a_fault_ends_a_request_before_or_after_its_work(
    fault: Fault, caplog: pytest.LogCaptureFixture, *, socket: bool
) -> None:
    caplog.set_level(logging.WARNING)
    async with Simulator() as simulator, simulator.serve() as url:
        transport = None if socket else httpx.ASGITransport(app=simulator.app)
        async with httpx.AsyncClient(transport=transport, base_url=url, trust_env=False) as http:
            sender = Sender(http)
            simulator.faults = always(fault)
            send = sender.post("send.php", phones=PHONE, mes="hi", id="a")
            if fault in DROPS:
                with pytest.raises(httpx.RemoteProtocolError if socket else Dropped):
                    await send
            else:
                answer = await send
                status, start = ARRIVES[fault]
                assert (answer.status_code, answer.content[: len(start)]) == (status, start)
                assert (len(answer.content) > 20) == (answer.status_code == 502)
            simulator.faults = None
            assert await sender.json("balance.php") == {
                "balance": "998.8" if WORKED[fault] else "1000"
            }

    assert [message.id for message in simulator.accepted] == ["a"] * WORKED[fault]
    assert [request.fault for request in simulator.log] == [fault, None]
    assert simulator.refusals == []
    assert caplog.records == []


async def test_an_error_can_be_asked_for_in_place_of_the_work() -> None:
    async with opened() as (simulator, sender):
        simulator.faults = always(6)
        answer = await sender.json("send.php", phones=PHONE, mes="hi")

    assert answer["error_code"] == 6
    assert simulator.accepted == []
    assert [(request.code, request.fault) for request in simulator.log] == [(6, 6)]


async def test_an_error_that_was_asked_for_leads_to_a_block_as_any_other() -> None:
    async with opened() as (simulator, sender):
        simulator.faults = always(2)
        await sends(sender, bad(6))

    assert [refusal.code for refusal in simulator.refusals] == [2, 2, 2, 2, 2, 4]


async def test_faults_are_chosen_by_path_parameters_and_number() -> None:
    heard: list[tuple[str, Mapping[str, str], int]] = []

    def second(path: str, params: Mapping[str, str], number: int) -> Fault | None:
        heard.append((path, params, number))
        return "empty" if number == 2 else None

    async with opened() as (simulator, sender):
        simulator.faults = second
        texts = [await sender.text("balance.php") for _ in range(3)]

    assert [bool(text) for text in texts] == [True, False, True]
    assert heard == [
        ("balance.php", {"fmt": "3", "charset": "utf-8"}, number) for number in (1, 2, 3)
    ]
    assert simulator.faults is second


async def test_a_request_that_is_lost_at_the_door_fills_its_window_all_the_same() -> None:
    async with opened() as (simulator, sender):
        simulator.faults = always("drop_before")
        for _ in range(2):
            with pytest.raises(Dropped):
                await sender.post("send.php", phones=PHONE, mes="hi")

    assert [request.code for request in simulator.log] == [0, 9]


async def test_a_send_that_is_lost_at_the_door_does_not_end_a_run_of_refused_ones() -> None:
    settings = Settings(refused_sends=Block(2, within=1, seconds=1))
    async with opened(settings, clock=lambda: 0.0) as (simulator, sender):
        await sends(sender, ["1"])
        simulator.faults = always("html_502")
        await sends(sender, [PHONE])
        simulator.faults = None
        await sends(sender, ["2"])

        assert await sender.json("balance.php") == BLOCKED


@pytest.mark.parametrize("fault", ["drop", 0, -1])
async def test_a_fault_that_there_is_not_is_an_error_of_the_test(fault: str | int) -> None:
    async with opened() as (simulator, sender):
        simulator.faults = always(fault)  # type: ignore[arg-type]
        with pytest.raises(ValueError, match="no fault"):
            await sender.post("balance.php")


@pytest.mark.parametrize("fault", get_args(Fault))
def test_the_client_asks_again_after_any_fault(fault: Fault) -> None:
    queue: list[Fault] = [fault]

    async def main() -> None:
        async with opened() as (simulator, sender):
            simulator.faults = lambda *_: queue.pop() if queue else None
            transport = sender.http._transport
            async with SmscClient(login="demo", password="demo", transport=transport) as smsc:
                assert (await smsc.account.balance()).amount == 1000
            assert [request.fault for request in simulator.log] == [fault, None]

    run(main())


async def test_a_thousand_requests_end_as_they_were_told_to() -> None:
    chance = Random(1)
    ends = [None, *get_args(Fault), 1, 6]
    told: list[Fault | int | None] = [chance.choice(ends) for _ in range(1000)]
    queue = iter(told)
    async with opened(Settings(refused_sends=None)) as (simulator, sender):
        simulator.faults = lambda *_: next(queue)
        for number in range(1000):
            try:
                await sender.post("send.php", phones=f"7999000{number:04}", mes="hi")
            except Dropped:
                assert told[number] in DROPS

    assert [request.fault for request in simulator.log] == told
    assert len(simulator.accepted) == sum(
        fault is None or WORKED.get(str(fault), False) for fault in told
    )


def post(**params: str) -> bytes:
    form = str(httpx.QueryParams({"login": "demo", "psw": "demo"} | params)).encode()
    kind = b"application/x-www-form-urlencoded"
    return (
        b"POST /sys/send.php HTTP/1.1\r\nHost: simulator\r\nContent-Type: %b\r\n"
        b"Content-Length: %d\r\n\r\n%b" % (kind, len(form), form)
    )


async def test_over_a_socket_a_send_whose_client_went_away_is_accepted_later() -> None:
    arrived = asyncio.Event()

    def late(_: Random) -> tuple[float, float]:
        arrived.set()
        return 0.0, 0.3

    async with Simulator(Settings(delays=late)) as simulator, simulator.serve() as url:
        _, writer = await asyncio.open_connection("127.0.0.1", httpx.URL(url).port)
        writer.write(post(phones=PHONE, mes="late"))
        await arrived.wait()
        writer.close()
        await writer.wait_closed()
        await simulator.idle()

        assert [message.text for message in simulator.accepted] == ["late"]


async def test_half_a_request_is_none(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.WARNING)
    async with Simulator() as simulator:
        async with simulator.serve() as url:
            _, writer = await asyncio.open_connection("127.0.0.1", httpx.URL(url).port)
            writer.write(post(phones=PHONE, mes="half")[:-1])
            await writer.drain()
            writer.close()
            await writer.wait_closed()

        assert simulator.requests == 0
    assert caplog.records == []


def test_a_message_can_be_seen_only_some_time_after_its_acceptance() -> None:
    async def main() -> None:
        async with opened(Settings(visible=10.0)) as (simulator, sender):
            await sender.post("send.php", phones=PHONE, mes="hi", id="1")
            assert len(simulator.accepted) == 1
            seen: list[tuple[int, bool]] = []
            for pause in (0.0, 9.9, 0.1):
                await asyncio.sleep(pause)
                status = await sender.json("status.php", id="1", phone=PHONE)
                history = await sender.json("get.php", get_messages="1", cnt=f"{len(seen) + 1}")
                seen.append((status["status"], isinstance(history, list)))
            assert seen == [(-3, False), (-3, False), (1, True)]

    run(main())


def test_an_earlier_message_of_the_same_id_is_seen_until_the_new_one_is() -> None:
    async def main() -> None:
        async with opened(Settings(visible=10.0)) as (_, sender):
            shown = []
            for text in ("first", "second"):
                await sender.post("send.php", phones=PHONE, mes=text, id="1")
                await asyncio.sleep(5.0)
                await asyncio.sleep(5.0 if text == "first" else 0.0)
                row = await sender.json("status.php", id="1", phone=PHONE, all="1")
                shown.append(row["message"])
            await asyncio.sleep(5.0)
            row = await sender.json("status.php", id="1", phone=PHONE, all="1")
            assert [*shown, row["message"]] == ["first", "first", "second"]

    run(main())


async def test_phones_that_are_not_taken_are_left_out_without_a_word() -> None:
    other = "79990000002"
    async with opened(Settings(taken=lambda phone: phone == PHONE)) as (simulator, sender):
        phones = f"+{PHONE},{other}"
        price = await sender.json("send.php", phones=phones, mes="hi", cost="1")
        sent = await sender.json("send.php", phones=phones, mes="hi", id="1", cost="3", op="1")
        rows = await sender.json("status.php", id="1,1", phone=f"{PHONE},{other}")

    assert price == {"cost": "1.2", "cnt": 1}
    report = sent.pop("phones")
    assert sent == {"id": 1, "cnt": 1, "cost": "1.2", "balance": "998.8"}
    assert [line["phone"] for line in report] == [PHONE]
    assert [row["status"] for row in rows] == [1, -3]
    assert [message.phone for message in simulator.accepted] == [PHONE]


async def test_a_send_of_which_no_phone_is_taken_is_answered_all_the_same() -> None:
    async with opened(Settings(taken=lambda _: False)) as (simulator, sender):
        price = await sender.json("send.php", phones=PHONE, mes="hi", cost="1")
        sent = await sender.json("send.php", phones=PHONE, mes="code", call="1", id="1")

    assert (price, sent) == ({"cost": "0", "cnt": 0}, {"id": 1, "cnt": 0})
    assert simulator.accepted == []


@pytest.mark.parametrize("status", [-2, -1, 0, 1, 2, 3, 4, 20, 22, 23, 24, 25, 77])
async def test_a_message_can_be_given_any_status(status: int) -> None:
    async with opened(clock=lambda: 5.0) as (simulator, sender):
        for text in ("earlier", "later"):
            await sender.post("send.php", phones=PHONE, mes=text, id="a")
        simulator.set_status("a", PHONE, status, reason=255)
        row = await sender.json("status.php", id="a", phone=PHONE, all="1")
        listed = await sender.json("get.php", get_messages="1")

    assert (row["status"], row["err"], row["message"]) == (status, 255, "later")
    assert bool(row["status_name"]) == (status != 77)
    assert [line["status"] for line in listed] == [status, 1]


def test_a_given_status_dates_from_when_it_was_given() -> None:
    async def main() -> None:
        # The wall stands still here, so that dates count back from it.
        async with opened() as (simulator, sender):
            await sender.post("send.php", phones=PHONE, mes="hi", id="1")
            await asyncio.sleep(30.0)
            before = await sender.json("status.php", id="1", phone=PHONE)
            simulator.set_status("1", PHONE, 2)
            after = await sender.json("status.php", id="1", phone=PHONE)
            assert after["last_timestamp"] - before["last_timestamp"] == 30

    run(main())


async def test_a_message_that_is_not_there_has_no_status_to_give() -> None:
    async with opened() as (simulator, sender):
        await sender.post("send.php", phones=PHONE, mes="hi", id="1")
        with pytest.raises(LookupError, match="no message 2"):
            simulator.set_status("2", PHONE, 1)
        with pytest.raises(ValueError, match="not"):
            simulator.set_status("1", PHONE, -3)


async def test_deleting_strikes_out_all_messages_of_an_id_and_phone() -> None:
    async with opened() as (simulator, sender):
        for text in ("one", "two"):
            await sender.post("send.php", phones=PHONE, mes=text, id="1")
        simulator.set_status("1", PHONE, 3)
        gone = await sender.json("status.php", id="1", phone=PHONE, **{"del": "1"})
        status = await sender.json("status.php", id="1", phone=PHONE)
        history = await sender.json("get.php", get_messages="1")

    assert (gone, status, history["error_code"]) == ({"result": "OK"}, {"status": -3}, 3)
    assert simulator._service.book._changes == {}  # what is gone takes no memory


SHORT = {"status", "last_date", "last_timestamp"}
PLAIN = SHORT | {"err", "flag"}
MORE = {"send_date", "send_timestamp", "phone", "cost", "sender_id", "status_name", "message"}
ONE = PLAIN | MORE | {"comment", "type", "mccmnc", "sms_cnt"}
TWO = ONE | {"country", "operator", "operator_orig", "region"}
HLR = {"imsi", "msc", "mcc", "mnc", "cn", "net", "rcn", "rnet"}


@pytest.mark.parametrize(("detail", "keys"), [("0", PLAIN), ("1", ONE), ("2", TWO)])
@pytest.mark.parametrize("kind", ["sms", "hlr"])
async def test_a_status_has_the_keys_that_its_page_names(
    detail: str, keys: set[str], kind: str
) -> None:
    more = HLR if kind == "hlr" else set[str]()
    async with opened(Settings(quirks={"phones.php": "short_status"})) as (_, sender):
        await sender.post("send.php", phones=PHONE, mes="hi", id="1", **{kind: "1"})
        single = await sender.json("status.php", id="1", phone=PHONE, all=detail)
        many, none = await sender.json(
            "status.php", id="1,2", phone=f"8{PHONE[1:]},{PHONE}", all=detail
        )

    assert set(single) == keys | more
    assert set(many) == keys | more | {"id", "phone"}
    assert many["phone"] == f"8{PHONE[1:]}"
    assert none == {"status": -3, "id": 2, "phone": PHONE}


async def test_a_quirk_leaves_out_what_an_old_answer_lacked() -> None:
    async with opened(Settings(quirks={"status.php": "short_status"})) as (_, sender):
        await sender.post("send.php", phones=PHONE, mes="hi", id="1")
        assert set(await sender.json("status.php", id="1", phone=PHONE)) == SHORT


async def test_a_quirk_makes_a_single_unknown_message_an_error() -> None:
    async with opened(Settings(quirks={"status.php": "unknown_is_error"})) as (_, sender):
        single = await sender.json("status.php", id="1", phone=PHONE)
        (many,) = await sender.json("status.php", id="1,", phone=f"{PHONE},")

    assert single["error_code"] == 3
    assert many["status"] == -3


@pytest.mark.parametrize(
    ("text", "params", "shown"),
    [
        ("Щука и Ёж", {}, "Щука и Ёж"),
        ("Щука и Ёж", {"translit": "0"}, "Щука и Ёж"),
        ("Щука и Ёж, one", {"translit": "1"}, "Schuka i Yozh, one"),
        ("транслит", {"translit": "2"}, "mpaHc/Ium"),
        ("go http://shop.test/a?b=1 now", {"tinyurl": "0"}, "go http://shop.test/a?b=1 now"),
        ("go http://shop.test/a?b=1 now", {"tinyurl": "1"}, "go https://s.example/a857abe7 now"),
        ("щ" * 60, {"translit": "1", "maxsms": "1"}, "sch" * 53 + "s"),
    ],
)
async def test_a_status_shows_the_text_as_the_service_changed_it(
    text: str, params: dict[str, str], shown: str
) -> None:
    async with opened() as (simulator, sender):
        sent = await sender.json("send.php", phones=PHONE, mes=text, id="1", **params)
        row = await sender.json("status.php", id="1", phone=PHONE, all="1")

    assert row["message"] == simulator.accepted[0].text == shown
    assert sent["cnt"] == 1


async def test_two_texts_are_told_apart_by_what_was_handed_in() -> None:
    async with opened() as (_, sender):
        codes = [
            (
                await sender.json("send.php", phones=PHONE, mes=text, maxsms="1", translit=translit)
            ).get("error_code", 0)
            for text, translit in [("a" * 200, "0"), ("a" * 201, "0"), ("я", "0"), ("я", "1")]
        ]

    assert codes == [0, 0, 0, 9]
