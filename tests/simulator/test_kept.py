"""Mailings, sender names and sub-clients in the simulator: the forms and the numbers of errors."""

from __future__ import annotations

import pytest

from smsc_async.simulator import Settings
from tests.simulator.posting import PHONE, opened

JOB = {"add": "1", "name": "spring", "phones": PHONE, "mes": "hi"}
CLIENT = {"add": "1", "user": "branch", "password": "secret"}


@pytest.mark.parametrize(
    ("path", "params", "code"),
    [
        ("jobs.php", {}, 1),
        ("jobs.php", {"add": "0", "get": ""}, 1),
        ("jobs.php", JOB | {"name": ""}, 1),
        ("jobs.php", JOB | {"rpt": "8"}, 1),
        ("jobs.php", JOB | {"phones": ""}, 1),
        ("jobs.php", JOB | {"time": "soon"}, 5),
        ("jobs.php", JOB | {"phones": "1"}, 3),
        ("jobs.php", JOB | {"tpl": "x"}, 3),
        ("jobs.php", {"del": "1", "id": "7"}, 3),
        ("jobs.php", {"cancel": "1", "id": "7"}, 3),
        ("jobs.php", {"get": "1", "id": "7"}, 3),
        ("jobs.php", {"get_all": "1"}, 3),
        ("senders.php", {}, 1),
        ("senders.php", {"get": "1"}, 3),
        ("senders.php", {"get": "1", "from_date": "today"}, 1),
        ("senders.php", {"add": "1"}, 1),
        ("senders.php", {"add": "1", "sender": "TWELVE CHARS"}, 1),
        ("senders.php", {"add": "1", "sender": "1" * 16}, 1),
        ("senders.php", {"add": "1", "sender": "a@b.example"}, 1),
        ("senders.php", {"add": "1", "sender": "SHOP", "mail": "1"}, 1),
        ("senders.php", {"chg": "1", "sender": "SHOP"}, 3),
        ("senders.php", {"del": "1", "id": "7"}, 3),
        ("senders.php", {"send_code": "1", "sender": "SHOP"}, 7),
        ("senders.php", {"send_code": "1", "sender": "79990000009"}, 8),
        ("senders.php", {"check_code": "1", "sender": PHONE, "code": "1"}, 11),
        ("users.php", {}, 1),
        ("users.php", {"add": "1", "user": "branch"}, 1),
        ("users.php", {"chg": "1", "user": "branch"}, 6),
        ("users.php", {"pay": "1", "user": "branch", "sum": "5"}, 6),
        ("users.php", {"get_stat": "1"}, 1),
        ("users.php", {"get_stat": "1", "start": "01.11.2026", "end": "21.11.2026"}, 3),
    ],
)
async def test_what_cannot_be_done_has_the_number_of_its_page(
    path: str, params: dict[str, str], code: int
) -> None:
    async with opened(Settings(refused={"79990000009": 8})) as (simulator, sender):
        assert (await sender.json(path, **params))["error_code"] == code
        assert simulator.accepted == []


@pytest.mark.parametrize("sum", ["", "five", "0", "-5", "NaN", "Infinity"])
async def test_what_is_no_amount_is_not_paid(sum: str) -> None:
    async with opened() as (simulator, sender):
        await sender.json("users.php", **CLIENT)
        answer = await sender.json("users.php", pay="1", user="branch", sum=sum)

        assert answer["error_code"] == 1
        assert simulator.balance == 1000


@pytest.mark.parametrize(
    ("form", "made", "row"),
    [
        ("3", '{\n"id": 1\n}', None),
        ("1", "1", "1,spring,21.11.2026 12:30:00,sent"),
        ("0", "ID = 1", "id = 1, name = spring, date = 21.11.2026 12:30:00, state = sent"),
    ],
)
async def test_a_mailing_is_answered_in_the_form_that_was_asked_for(
    form: str, made: str, row: str | None
) -> None:
    async with opened() as (_, sender):
        assert await sender.text("jobs.php", **JOB, fmt=form) == made
        told = await sender.text("jobs.php", get="1", id="1", fmt=form)
        assert row is None or told == row


async def test_what_is_taken_back_leaves_the_history_and_nothing_else_does() -> None:
    async with opened() as (simulator, sender):
        await sender.json("send.php", phones=PHONE, mes="before")
        made = await sender.json("jobs.php", **JOB, time="+60")
        await sender.json("send.php", phones=PHONE, mes="after")
        assert len(await sender.json("get.php", get_messages="1")) == 3

        assert await sender.json("jobs.php", cancel="1", id=str(made["id"])) == {"result": "OK"}

        history = await sender.json("get.php", get_messages="1", cnt="10")
        assert [row["message"] for row in history] == ["after", "before"]
        assert [message.text for message in simulator.accepted] == ["before", "after"]
