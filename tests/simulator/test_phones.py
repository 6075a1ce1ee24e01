"""The scripts of contacts and templates answer as their pages show, in each form."""

from __future__ import annotations

from decimal import Decimal

import pytest

from smsc_async import OperatorKind
from smsc_async.simulator import Settings
from smsc_async.simulator import _numbers as numbers
from smsc_async.simulator import _templates as templates
from tests.simulator.posting import PHONE, opened

MAIL = "a@example.com"


async def test_a_contact_has_the_keys_of_the_page_and_its_quotes() -> None:
    async with opened() as (_, sender):
        await sender.json("phones.php", add="1", phone=PHONE, name="Ann", bd="01.02.1990")
        await sender.json("phones.php", add="1", mail=MAIL, pho="b@example.com")
        phone, mail = await sender.json("phones.php", get="1")

    assert phone == {
        "phone": PHONE,
        "name": "Ann",
        "group": 0,
        "first_name": "",
        "last_name": "",
        "middle_name": "",
        "birthday": "01.02.1990",
        "id": "",
        "comments": "",
        "tags": "",
        "phone_other": "",
    }
    assert (mail["mail"], mail["mail_other"]) == (MAIL, "b@example.com")
    assert not {"phone", "phone_other"} & mail.keys()


async def test_groups_and_entries_of_the_blacklist_have_the_quotes_of_the_page() -> None:
    async with opened() as (_, sender):
        group = await sender.json("phones.php", add_group="1", name="x", num="3")
        entry = await sender.json("phones.php", add_black="1", phone=PHONE)
        mail = await sender.json("phones.php", add_black="1", mail=MAIL, type="2", cmt="no")

        assert await sender.json("phones.php", get_group="1") == [
            {"id": group["id"], "name": "x", "number": 3, "cnt": "0"}
        ]
        assert await sender.json("phones.php", get_black="1") == [
            {"id": entry["id"], "phone": PHONE, "type": 0, "comment": ""},
            {"id": mail["id"], "email": MAIL, "type": 2, "comment": "no"},
        ]


async def test_several_groups_of_a_contact_stand_in_one_text() -> None:
    async with opened() as (_, sender):
        ids = [(await sender.json("phones.php", add_group="1", name=n))["id"] for n in "ab"]
        one, both = str(ids[0]), f"{ids[0]},{ids[1]}"
        await sender.json("phones.php", add="1", phone=PHONE, grp=one)
        await sender.json("phones.php", add="1", phone="79990000002", grp=both)
        rows = await sender.json("phones.php", get="1")

    assert [row["group"] for row in rows] == [ids[0], f"{ids[0]}|{ids[1]}"]


async def test_the_other_forms_are_those_of_the_page() -> None:
    async with opened() as (_, sender):
        added = await sender.text("phones.php", fmt="0", add="1", phone=PHONE, name="Ann")
        group = await sender.text("phones.php", fmt="1", add_group="1", name="x", num="3")
        changed = await sender.text("phones.php", fmt="1", chg="1", phone=PHONE, tags="a")
        named = await sender.text("phones.php", fmt="0", get="1")
        values = await sender.text("phones.php", fmt="1", get="1")
        groups = await sender.text("phones.php", fmt="1", get_group="1")
        nothing = await sender.text("phones.php", fmt="0", get_black="1")

    assert added == "ID = 1"
    assert (group, changed) == ("2", "OK")
    assert named.startswith(f"phone = {PHONE}, name = Ann, group = 0, first_name = ,")
    assert values == f"{PHONE},Ann,0,,,,,,,a,"
    assert groups == "2,x,3,0"
    assert nothing == "ERROR = 3 (no records found)"


@pytest.mark.parametrize(
    ("path", "params", "code"),
    [
        ("phones.php", {}, 1),
        ("phones.php", {"add": "1"}, 1),
        ("phones.php", {"add": "1", "phone": "abc"}, 1),
        ("phones.php", {"add": "1", "phone": "12"}, 1),
        ("phones.php", {"add": "1", "mail": "abc"}, 1),
        ("phones.php", {"add": "1", "phone": "79990000009", "bd": "1990-02-01"}, 1),
        ("phones.php", {"add": "1", "phone": "79990000009", "grp": "77"}, 3),
        ("phones.php", {"chg": "1", "phone": "79990000009"}, 3),
        ("phones.php", {"add_group": "1"}, 1),
        ("phones.php", {"add_group": "1", "name": "x", "num": "x"}, 1),
        ("phones.php", {"chg_group": "1", "grp": "x"}, 1),
        ("phones.php", {"move_group": "4", "grp": "1", "phone": "79990000009"}, 1),
        ("phones.php", {"add_black": "1", "phone": "79990000009", "type": "3"}, 1),
        ("templates.php", {}, 1),
        ("templates.php", {"add": "1", "name": "x"}, 1),
        ("templates.php", {"add": "1", "name": "x", "msg": "x", "format": "fax"}, 1),
        ("templates.php", {"del": "1"}, 1),
        ("templates.php", {"del": "1", "id": "7"}, 3),
        ("op_templates.php", {}, 1),
        ("op_templates.php", {"add": "1", "sender": "x", "msg": "x"}, 1),
        ("op_templates.php", {"get": "1"}, 3),
        ("receive_phones.php", {}, 1),
        ("receive_phones.php", {"buy": "1"}, 1),
        ("receive_phones.php", {"phone": "79300000001"}, 1),
        ("receive_phones.php", {"chg": "1", "phone": "79300000001"}, 3),
        ("wait_call.php", {}, 5),
        ("ping.php", {}, 1),
        ("ping.php", {"id": "1", "ok": "2"}, 1),
    ],
)
async def test_what_cannot_be_done_has_its_number(
    path: str, params: dict[str, str], code: int
) -> None:
    async with opened() as (_, sender):
        answer = await sender.json(path, **params)

    assert answer["error_code"] == code


async def test_what_goes_to_a_group_counts_for_each_of_its_members() -> None:
    async with opened(Settings(balance=Decimal(10**6))) as (simulator, sender):
        group = await sender.json("phones.php", add_group="1", name="x")
        await sender.json("phones.php", add="1", phone=PHONE, grp=str(group["id"]))
        for n in range(51):
            phones = f"G{group['id']}" if n % 2 else PHONE
            await sender.json("send.php", phones=phones, mes=f"text {n}")

    assert [refusal.code for refusal in simulator.refusals] == [9]
    assert {message.phone for message in simulator.accepted} == {PHONE}


async def test_a_template_that_is_not_there_is_told_in_plain_text_when_it_is_changed() -> None:
    async with opened() as (_, sender):
        changed = await sender.text("templates.php", chg="1", id="7", name="x")
        deleted = await sender.json("templates.php", **{"del": "1"}, id="7")

    assert changed == "ERROR = 3 (no records found)"
    assert deleted["error_code"] == 3


@pytest.mark.parametrize("emptied", ["name", "msg"])
async def test_a_template_keeps_its_name_and_its_text(emptied: str) -> None:
    async with opened() as (_, sender):
        added = await sender.json("templates.php", add="1", name="x", msg="Hello")
        answer = await sender.json("templates.php", chg="1", id=str(added["id"]), **{emptied: ""})
        (kept,) = await sender.json("templates.php", get="1")

    assert answer["error_code"] == 1
    assert (kept["name"], kept["message"]) == ("x", "Hello")


async def test_a_contact_is_in_a_group_once() -> None:
    async with opened() as (_, sender):
        group = str((await sender.json("phones.php", add_group="1", name="x"))["id"])
        await sender.json("phones.php", add="1", phone=PHONE, grp=f"{group},{group}")
        (before,) = await sender.json("phones.php", get="1")
        await sender.json("phones.php", del_group="1", grp=group)
        (after,) = await sender.json("phones.php", get="1")

    assert (before["group"], after["group"]) == (int(group), 0)


async def test_a_number_of_ones_own_cannot_be_bought_twice() -> None:
    async with opened() as (_, sender):
        phone = numbers.OFFERED[0]
        first = await sender.json("receive_phones.php", buy="1", phone=phone)
        again = await sender.json("receive_phones.php", buy="1", phone=phone, noprolong="1")

    assert first == {"result": "OK"}
    assert again["error_code"] == 3


def test_the_kinds_of_operator_templates_are_those_that_can_be_asked_for() -> None:
    assert set(templates.KINDS) == set(OperatorKind.__args__)  # type: ignore[attr-defined]
