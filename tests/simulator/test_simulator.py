"""The whole simulator, in process and on a socket."""

from __future__ import annotations

import asyncio
import json
from dataclasses import replace
from decimal import Decimal
from random import Random

import httpx
import pytest

from smsc_async.simulator import Identical, Settings, Simulator
from smsc_async.simulator._incoming import Inbox
from tests.simulator.posting import NOW, PHONE, Sender, opened
from tests.virtual import run


async def test_a_message_is_accepted_and_paid() -> None:
    async with opened() as (simulator, sender):
        answer = await sender.json("send.php", phones=PHONE, mes="привет", cost="3", id="a-1")

        assert answer == {"id": "a-1", "cnt": 1, "cost": "1.2", "balance": "998.8"}
        (message,) = simulator.accepted
        assert (message.id, message.phone, message.text) == ("a-1", PHONE, "привет")
        assert simulator.balance == Decimal("998.8")


@pytest.mark.parametrize(
    ("params", "answer"),
    [
        ({}, {"id": 1, "cnt": 2}),
        ({"cost": "1"}, {"cost": "2.4", "cnt": 2}),
        ({"cost": "2"}, {"id": 1, "cnt": 2, "cost": "2.4"}),
        ({"cost": "3"}, {"id": 1, "cnt": 2, "cost": "2.4", "balance": "997.6"}),
        ({"id": "77"}, {"id": 77, "cnt": 2}),
        ({"id": "2147483647"}, {"id": 2147483647, "cnt": 2}),
        ({"id": "2147483648"}, {"error": "parameters error", "error_code": 1}),
        ({"id": "99999999999"}, {"error": "parameters error", "error_code": 1}),
        ({"sender": "a" * 12}, {"error": "parameters error", "error_code": 1}),
        ({"sender": "1" * 16}, {"error": "parameters error", "error_code": 1}),
        ({"maxsms": "x"}, {"error": "parameters error", "error_code": 1}),
        ({"userip": "x"}, {"error": "parameters error", "error_code": 1}),
        ({"sender": "+" + "1" * 15, "maxsms": "3", "userip": "2001:db8::1"}, {"id": 1, "cnt": 2}),
        ({"id": "0"}, {"id": 1, "cnt": 2}),
        ({"id": "no spaces"}, {"error": "parameters error", "error_code": 1}),
        ({"cost": "4"}, {"error": "parameters error", "error_code": 1}),
        ({"time": "soon"}, {"error": "invalid date format", "error_code": 5}),
        ({"apikey": "key", "login": ""}, {"error": "authorise error", "error_code": 2}),
        ({"psw": "wrong"}, {"error": "authorise error", "error_code": 2}),
    ],
)
async def test_a_send_is_answered_as_its_page_shows(
    params: dict[str, str], answer: dict[str, object]
) -> None:
    async with opened() as (_, sender):
        two = {"phones": f"{PHONE},79990000002", "mes": "hi"} | params

        assert await sender.json("send.php", **two) == answer


@pytest.mark.parametrize(
    ("params", "text"),
    [
        ({"fmt": "0"}, "OK - 1 SMS, ID - 1"),
        ({"fmt": "0", "cost": "1"}, "1.2 (1 SMS)"),
        ({"fmt": "0", "cost": "3"}, "OK - 1 SMS, ID - 1, COST - 1.2, BALANCE - 998.8"),
        ({"fmt": "0", "id": "?"}, "ERROR = 1 (parameters error)"),
        ({"fmt": "0", "phones": "1"}, "ERROR = 7 (invalid number), ID - 1"),
        ({"fmt": "1"}, "1,1"),
        ({"fmt": "1", "cost": "1"}, "1.2,1"),
        ({"fmt": "1", "cost": "3"}, "1,1,1.2,998.8"),
        ({"fmt": "1", "id": "?"}, "0,-1"),
        ({"fmt": "1", "phones": "1"}, "1,-7"),
        ({"fmt": "3"}, '{\n"id": 1,\n"cnt": 1\n}'),
    ],
)
async def test_an_answer_has_the_form_that_was_asked_for(params: dict[str, str], text: str) -> None:
    async with opened() as (_, sender):
        assert await sender.text("send.php", **{"phones": PHONE, "mes": "hi"} | params) == text


async def test_the_header_names_windows_1251_whatever_was_asked_for() -> None:
    async with opened() as (_, sender):
        answer = await sender.post("send.php", phones=PHONE, mes="hi")

        assert answer.headers["content-type"] == "application/json; charset=windows-1251"


@pytest.mark.parametrize(
    ("charset", "codec"), [("utf-8", "utf-8"), ("koi8-r", "koi8-r"), ("windows-1251", "cp1251")]
)
async def test_an_answer_is_written_in_the_charset_that_was_asked_for(
    charset: str, codec: str
) -> None:
    async with opened() as (_, sender):
        answer = await sender.post("info.php", get_operator="1", phone=PHONE, charset=charset)

        assert json.loads(answer.content.decode(codec))["country"] == "Россия"


async def test_a_get_is_read_like_a_post() -> None:
    async with opened() as (_, sender):
        url = f"/sys/send.php?login=demo&psw=demo&phones={PHONE}&mes=hi&fmt=1"

        assert (await sender.http.get(url)).text == "1,1"


async def test_the_key_is_taken_alone_and_as_the_password_without_a_login() -> None:
    async with opened(Settings(apikey="key")) as (_, sender):
        alone = await sender.json("balance.php", login="", psw="", apikey="key")
        password = await sender.json("balance.php", login="", psw="key")
        wrong = await sender.json("balance.php", login="", psw="", apikey="lock")

    assert alone == password == {"balance": "1000"}
    assert wrong["error_code"] == 2


async def test_a_list_sends_different_texts_under_one_id() -> None:
    async with opened() as (simulator, sender):
        lines = f"{PHONE}:one\n79990000002:two"

        assert await sender.json("send.php", list=lines, id="5") == {"id": 5, "cnt": 2}
        assert [(m.id, m.phone, m.text) for m in simulator.accepted] == [
            ("5", PHONE, "one"),
            ("5", "79990000002", "two"),
        ]


async def test_a_report_names_every_phone_and_what_is_wrong_with_it() -> None:
    async with opened(Settings(refused={"79990000002": 8})) as (simulator, sender):
        phones = f"{PHONE},79990000002,12"
        answer = await sender.json("send.php", phones=phones, mes="hi", op="1", cost="2")

    assert answer == {
        "id": 1,
        "cnt": 1,
        "cost": "1.2",
        "phones": [
            {"phone": PHONE, "mccmnc": "25099", "cost": "1.2"},
            {"phone": "79990000002", "mccmnc": "25099", "cost": "0", "status": "25"}
            | {"error": "248"},
            {"phone": "12", "mccmnc": "25099", "cost": "0", "status": "22", "error": "249"},
        ],
    }
    assert [message.phone for message in simulator.accepted] == [PHONE]


@pytest.mark.parametrize(
    ("code", "text", "status"),
    [
        (6, "message is denied", 23),
        (7, "invalid number", 22),
        (8, "can't to deliver", 25),
    ],
)
async def test_a_refused_message_stands_in_the_history_under_the_id_of_its_error(
    code: int, text: str, status: int
) -> None:
    async with opened(Settings(refused={PHONE: code})) as (simulator, sender):
        answer = await sender.json("send.php", phones=PHONE, mes="hi")
        found = await sender.json("status.php", id="1", phone=PHONE)

    assert answer == {"error": text, "error_code": code, "id": 1}
    assert found["status"] == status
    assert simulator.accepted == []
    assert [(refusal.path, refusal.code) for refusal in simulator.refusals] == [("send.php", code)]


def test_a_phone_cannot_be_refused_with_an_error_that_is_not_about_phones() -> None:
    with pytest.raises(ValueError, match="9"):
        Settings(refused={PHONE: 9})


async def test_an_account_without_money_sends_nothing() -> None:
    async with opened(Settings(balance=Decimal(2))) as (simulator, sender):
        answer = await sender.json("send.php", phones=f"{PHONE},79990000002", mes="hi", id="x")

    assert answer == {"error": "no money", "error_code": 3, "id": "x"}
    assert simulator.balance == 2
    assert simulator.accepted == []


async def test_a_voice_reads_out_a_code_that_the_answer_tells() -> None:
    async with opened() as (_, sender):
        answer = await sender.json("send.php", phones=PHONE, mes="code", call="1")

    assert answer["code"].isdecimal()


async def test_the_balance_names_its_currency_when_asked() -> None:
    async with opened() as (_, sender):
        assert await sender.json("balance.php") == {"balance": "1000"}
        answer = await sender.json("balance.php", cur="1")

    assert answer == {"balance": "1000", "currency": "RUR"}


async def test_one_operator_is_an_object_and_many_are_a_list() -> None:
    async with opened() as (_, sender):
        one = await sender.json("info.php", get_operator="1", phone=PHONE)
        many = await sender.json("info.php", get_operator="1", phone=f"{PHONE},79990000002")
        none = await sender.json("info.php", get_operator="1", phone="1")

    assert set(one) == {"country", "operator", "region", "mcc", "mnc", "tz"}
    assert [row["phone"] for row in many] == [PHONE, "79990000002"]
    assert none["error_code"] == 3


async def test_one_status_is_an_object_and_a_comma_makes_it_a_list() -> None:
    async with opened(clock=lambda: 0.0) as (_, sender):
        await sender.post("send.php", phones=PHONE, mes="hi", id="7")
        one = await sender.json("status.php", id="7", phone=PHONE)
        many = await sender.json("status.php", id="7,8,", phone=f"+{PHONE},{PHONE},")

    assert one["status"] == 1
    assert one["last_date"] == "21.11.2026 12:30:00"
    assert one["last_timestamp"] == int(NOW.timestamp())
    assert many == [
        one | {"id": 7, "phone": f"+{PHONE}"},
        {"status": -3, "id": 8, "phone": PHONE},
    ]


async def test_a_status_with_details_tells_the_text() -> None:
    async with opened() as (_, sender):
        await sender.post("send.php", phones=PHONE, mes="hi\n~~~\nnote", id="7", sender="Us")
        row = await sender.json("status.php", id="7", phone=PHONE, all="2")

    assert (row["message"], row["comment"], row["sender_id"]) == ("hi", "note", "Us")
    assert (row["cost"], row["status_name"], row["country"]) == ("1.2", "Доставлено", "Россия")


async def test_a_deleted_message_is_not_found_but_was_accepted() -> None:
    async with opened() as (simulator, sender):
        await sender.post("send.php", phones=PHONE, mes="hi", id="7")
        deleted = await sender.json("status.php", id="7", phone=PHONE, **{"del": "1"})
        again = await sender.json("status.php", id="7", phone=PHONE, **{"del": "1"})
        status = await sender.json("status.php", id="7", phone=PHONE)

    assert deleted == {"result": "OK"}
    assert again["error_code"] == 5
    assert status == {"status": -3}
    assert len(simulator.accepted) == 1


async def test_the_history_shows_the_newest_first_and_pages_by_number() -> None:
    async with opened() as (_, sender):
        for number in range(3):
            await sender.post("send.php", phones=PHONE, mes=f"text {number}")
        first = await sender.json("get.php", get_messages="1", cnt="2")
        second = await sender.json("get.php", get_messages="1", prev_id=first[-1]["int_id"])
        none = await sender.json("get.php", get_messages="1", phone="79990000002")

    assert [row["message"] for row in first + second] == ["text 2", "text 1", "text 0"]
    assert isinstance(first[0]["id"], int)
    assert isinstance(first[0]["int_id"], str)
    assert none == {"error": "message not found", "error_code": 3}


@pytest.mark.parametrize(
    ("start", "end", "found"),
    [
        ("21.11.2026", "21.11.2026", True),
        ("21.11.2026", "", True),
        ("22.11.2026", "", False),
        ("19.11.2026", "20.11.2026", False),
    ],
)
async def test_the_history_can_be_asked_for_days(start: str, end: str, *, found: bool) -> None:
    async with opened() as (_, sender):
        await sender.post("send.php", phones=PHONE, mes="hi")
        answer = await sender.json("get.php", get_messages="1", start=start, end=end)

    assert isinstance(answer, list) == found


async def test_the_other_lists_of_get_have_the_form_of_their_pages() -> None:
    async with opened() as (_, sender):
        await sender.post("send.php", phones=PHONE, mes="hi")
        answers = await sender.json("get.php", get_answers="1")
        (totals,) = await sender.json("get.php", get_stat="1")
        prices = await sender.json("get.php", get_price="1")
        nothing = await sender.json("get.php")

    assert answers == []
    assert totals == {"login": "demo", "sms": "1", "credit": "1.2", "debit": "0"} | {
        "currency": "RUR"
    }
    assert set(prices["zones"][0]) == {"zone", "name", "api", "mass", "mms", "hlr", "call"}
    assert nothing["error_code"] == 1


def test_an_incoming_message_is_forgotten_after_a_week() -> None:
    inbox, week = Inbox(), 7 * 24 * 3600.0
    for at in (0.0, 1.0):
        inbox.receive(PHONE, "hi", "79180000000", at, NOW)

    assert [message.number for message in inbox.kept(week)] == [1, 2]
    assert inbox.receive(PHONE, "hi", "79180000000", week + 0.5, NOW).number == 3
    assert [message.number for message in inbox.kept(1.0)] == [2, 3]


async def test_the_histories_have_an_order_of_their_own_in_each_form() -> None:
    async with opened(clock=lambda: 0.0) as (simulator, sender):
        await sender.post("send.php", phones=PHONE, mes="hi", id="7", sender="Us")
        simulator.receive(PHONE, "yes", to="79180000000")
        (sent,) = await sender.json("get.php", get_messages="1")
        texts = [await sender.text("get.php", get_messages="1", fmt=fmt) for fmt in "01"]
        replies = [await sender.text("get.php", get_answers="1", fmt=fmt) for fmt in "01"]

    crc, stamp = sent["crc"], int(NOW.timestamp())
    assert texts[0] == (
        "Status = 1, check_time = 21.11.2026 12:30:00, err = 0, send_date = 21.11.2026 12:30:00, "
        f"phone = {PHONE}, mccmnc = 25099, country = Россия, operator = Симулятор, "
        "region = Москва, cost = 1.2, sender_id = Us, status_name = Доставлено, message = hi, "
        f"type = 0, ID = 7, int_id = 1, sms_cnt = 1, format = 0, crc = {crc}"
    )
    assert texts[1] == (
        f"1,{stamp},0,{stamp},{PHONE},25099,Россия,Симулятор,Москва,1.2,Us,Доставлено,hi,0,7,1,1,0,"
        f"{crc}"
    )
    assert replies == [
        (
            f"id = 1, received = 21.11.2026 12:30:00, phone = {PHONE}, message = yes, "
            "to_phone = 79180000000, sent = 21.11.2026 12:30:00"
        ),
        f"1,21.11.2026 12:30:00,{PHONE},79180000000,21.11.2026 12:30:00,yes",
    ]


async def test_prices_of_the_accounts_own_stand_between_the_zones_and_the_mail() -> None:
    async with opened(Settings(own_prices={"25001": Decimal("1.1")})) as (_, sender):
        named = await sender.text("get.php", get_price="1", fmt="0")
        values = await sender.text("get.php", get_price="1", fmt="1")

    assert named.split("\n\n") == [
        "zone = 1, name = Россия, api = 1.2, mass = 1.2, mms = 1.2, hlr = 1.2, call = 1.2",
        "mccmnc = 25001, cost = 1.1",
        "mail = 1.2",
    ]
    assert values == "1,Россия,1.2,1.2,1.2,1.2,1.2\n\n25001,1.1\n\n1.2"


async def test_scripts_without_contents_take_everything_and_know_nothing() -> None:
    async with opened() as (_, sender):
        assert "id" in await sender.json("documents.php", add="1")
        assert await sender.json("documents.php", chg="1") == {"result": "OK"}
        assert (await sender.json("documents.php", get_act="1"))["error_code"] == 3
        assert (await sender.json("new.php"))["error_code"] == 1


async def test_outside_of_the_scripts_nothing_is_found() -> None:
    async with opened() as (_, sender):
        answer = await sender.http.get("/elsewhere")

    assert answer.status_code == 404
    assert answer.json()["error_code"] == 1


async def test_quirks_change_the_form_of_an_answer() -> None:
    quirky = Settings(quirks={"templates.php": "plain_error", "phones.php": "bare_ok"})
    async with opened(quirky) as (_, sender):
        assert await sender.text("templates.php", get="1") == "ERROR = 3 (no records found)"
        assert "id" in await sender.json("templates.php", add="1", name="x", msg="x")
        assert await sender.text("phones.php", add="1", phone=PHONE) == "OK"
        assert (await sender.json("phones.php", get_group="1"))["error_code"] == 3


@pytest.mark.parametrize(
    ("identical", "changed", "refused"),
    [
        ("all", {}, True),
        ("all", {"id": "2"}, False),
        ("no_id", {"id": "2"}, True),
        ("no_id", {"sender": "Us"}, False),
        ("message", {"sender": "Us", "id": "2"}, True),
        ("message", {"phones": "+79990000001"}, True),
        ("message", {"mes": "hi\n~~~\nnoise"}, True),
        ("message", {"mes": "ho"}, False),
        ("message", {"phones": "79990000002"}, False),
        ("message", {"flash": "1"}, False),
        ("message", {"cost": "1"}, False),
    ],
)
async def test_a_setting_says_what_two_sends_must_share_to_be_identical(
    identical: Identical, changed: dict[str, str], *, refused: bool
) -> None:
    async with opened(Settings(identical=identical)) as (_, sender):
        first = {"phones": PHONE, "mes": "hi", "id": "1"}
        await sender.post("send.php", **first)
        answer = await sender.json("send.php", **first | changed)

    twice = {"error": "duplicate request, wait a minute", "error_code": 9}
    assert (answer == twice) == refused


async def test_what_is_kept_is_bounded_when_asked() -> None:
    async with opened(Settings(keep=2)) as (simulator, sender):
        for number in range(5):
            await sender.post("send.php", phones=PHONE, mes=f"{number}", id="1")
        rows = await sender.json("get.php", get_messages="1")

    assert [message.text for message in simulator.accepted] == ["3", "4"]
    assert [row["message"] for row in rows] == ["4", "3"]
    assert len(simulator.log) == 2
    assert simulator.requests == 6


async def test_the_log_has_no_credentials() -> None:
    async with opened() as (simulator, sender):
        await sender.post("balance.php")

    (request,) = simulator.log
    assert request.params == {"fmt": "3", "charset": "utf-8"}
    assert (request.number, request.path, request.code) == (1, "balance.php", 0)


async def test_outside_of_its_context_the_simulator_does_not_answer() -> None:
    transport = httpx.ASGITransport(app=Simulator().app)
    async with httpx.AsyncClient(transport=transport, base_url="http://simulator") as http:
        assert (await http.get("/sys/balance.php")).status_code == 503


SLOW = Settings(latency=2.0)


def test_a_request_takes_its_latency_half_of_it_on_the_way_in() -> None:
    async def main() -> None:
        began = asyncio.get_running_loop().time()
        async with opened(SLOW) as (simulator, sender):
            await sender.post("balance.php")
            (request,) = simulator.log
            assert (request.arrived, request.ended) == (began + 1.0, began + 2.0)

    run(main())


def test_a_request_whose_sender_left_is_worked_on_all_the_same() -> None:
    async def main() -> None:
        async with opened(SLOW) as (simulator, sender):
            for moment in (0.5, 1.5):
                with pytest.raises(TimeoutError):
                    async with asyncio.timeout(moment):
                        await sender.post("send.php", phones=PHONE, mes=f"left at {moment}")
            await simulator.idle()
            assert len(simulator.accepted) == 2

    run(main())


def test_a_request_whose_sender_left_keeps_its_place() -> None:
    async def main() -> None:
        async with opened(replace(SLOW, concurrent_limit=1)) as (simulator, sender):
            with pytest.raises(TimeoutError):
                async with asyncio.timeout(0.1):
                    await sender.post("balance.php")
            refused = await sender.json("balance.php")
            assert refused["error"] == "too many concurrent requests"
            await simulator.idle()
            assert await sender.json("balance.php") == {"balance": "1000"}

    run(main())


def test_the_fifteenth_at_once_is_refused_and_seen() -> None:
    async def main() -> None:
        async with opened(SLOW) as (simulator, sender):
            answers = await asyncio.gather(
                *(sender.json("send.php", phones=PHONE, mes=f"{n}") for n in range(15))
            )
            assert sorted(answer.get("error_code", 0) for answer in answers) == [0] * 14 + [9]
            assert simulator.most_at_once == 15
            assert [refusal.text for refusal in simulator.refusals] == [
                "too many concurrent requests"
            ]

    run(main())


def test_windows_are_counted_from_arrival_to_arrival() -> None:
    waits = iter([5.0, 0.0, 0.0])

    async def main() -> None:
        settings = Settings(delays=lambda _: (next(waits), 0.0), refusals_count=False)
        async with opened(settings) as (_, sender):
            first = asyncio.create_task(sender.json("send.php", phones=PHONE, mes="hi"))
            await asyncio.sleep(64.75)
            second = await sender.json("send.php", phones=PHONE, mes="hi")
            await asyncio.sleep(0.25)
            third = await sender.json("send.php", phones=PHONE, mes="hi")
            assert (await first, second["error_code"], third) == (
                {"id": 1, "cnt": 1},
                9,
                {"id": 3, "cnt": 1},
            )

    run(main())


def test_a_group_is_as_it_was_when_the_send_to_it_arrived() -> None:
    works = iter([0.0, 0.0, 1.0, 0.0])

    async def main() -> None:
        async with opened(Settings(delays=lambda _: (0.0, next(works)))) as (simulator, sender):
            group = str((await sender.json("phones.php", add_group="1", name="x"))["id"])
            await sender.json("phones.php", add="1", phone=PHONE, grp=group)
            sending = asyncio.create_task(sender.json("send.php", phones=f"G{group}", mes="hi"))
            await asyncio.sleep(0.5)
            await sender.json("phones.php", add="1", phone="79990000002", grp=group)

            assert (await sending)["cnt"] == 1
            assert [message.phone for message in simulator.accepted] == [PHONE]

    run(main())


def test_the_same_seed_gives_the_same_delays() -> None:
    async def ends(seed: int) -> list[float]:
        async with opened(Settings(latency=1.0, jitter=1.0, seed=seed)) as (simulator, sender):
            for _ in range(5):
                await sender.post("balance.php")
            return [request.ended for request in simulator.log]

    assert run(ends(1)) == run(ends(1))
    assert run(ends(1)) != run(ends(2))


def test_a_message_is_delivered_when_its_time_has_come() -> None:
    async def main() -> None:
        async with opened(Settings(delivery=10.0)) as (_, sender):
            await sender.post("send.php", phones=PHONE, mes="hi", id="1", time="+1")
            statuses = []
            for pause in (0.0, 60.0, 10.0):
                await asyncio.sleep(pause)
                statuses.append((await sender.json("status.php", id="1", phone=PHONE))["status"])
            assert statuses == [-1, 0, 1]

    run(main())


def test_leaving_the_simulator_ends_what_is_worked_on() -> None:
    async def main() -> None:
        began = asyncio.get_running_loop().time()
        async with opened(Settings(latency=1000.0)) as (_, sender):
            waiting = asyncio.create_task(sender.post("balance.php"))
            await asyncio.sleep(1.0)
        assert (await waiting).status_code == 503
        assert asyncio.get_running_loop().time() == began + 1.0

    run(main())


async def test_over_a_socket_it_answers_the_same() -> None:
    async with (
        Simulator() as simulator,
        simulator.serve() as url,
        httpx.AsyncClient(base_url=url, trust_env=False) as http,
    ):
        answer = await Sender(http).json("send.php", phones=PHONE, mes="привет", id="a")

    assert answer == {"id": "a", "cnt": 1}
    assert simulator.accepted[0].text == "привет"


async def test_a_server_stops_although_a_request_is_worked_on() -> None:
    arrived = asyncio.Event()

    def delays(_: Random) -> tuple[float, float]:
        arrived.set()
        return 1000.0, 0.0

    async with (
        Simulator(Settings(delays=delays)) as simulator,
        httpx.AsyncClient(trust_env=False) as http,
    ):
        async with simulator.serve() as url:
            waiting = asyncio.create_task(http.post(f"{url}/sys/balance.php"))
            await arrived.wait()
        assert (await waiting).status_code == 503
