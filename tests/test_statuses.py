"""What the service says of a message, in its numbers and in words."""

from __future__ import annotations

import copy
import pickle
from contextlib import aclosing
from datetime import UTC, datetime
from decimal import Decimal
from enum import IntEnum
from typing import Any

import pytest

from smsc_async import (
    Details,
    InvalidMessage,
    LoginRefused,
    MessageStatus,
    MessageType,
    Reason,
    SmscClient,
    Status,
)
from smsc_async._resources import _addressing as addressing
from smsc_async._resources._status import about_many
from smsc_async._wire import statuses
from tests.samples import asked, sample, unsent

EVERY_MEMBER = [*Status, *Reason, *MessageType]
PHONE = "79990000000"


@pytest.mark.parametrize("member", EVERY_MEMBER, ids=repr)
def test_every_number_has_a_short_name_in_both_languages(
    member: Status | Reason | MessageType,
) -> None:
    assert 0 < len(member.english) < 40
    assert 0 < len(member.russian) < 40
    assert member.english.isascii()


@pytest.mark.parametrize("kind", [Status, Reason])
def test_no_two_names_of_a_table_are_the_same(kind: type[Status | Reason]) -> None:
    for names in ([m.english for m in kind], [m.russian for m in kind]):
        assert len(set(names)) == len(kind)


def test_one_number_has_another_name_in_each_table() -> None:
    assert Status.DELIVERED.english == "delivered"
    assert Reason.NO_SUCH_SUBSCRIBER.english == "no such subscriber"
    assert MessageType.FLASH.english == "flash SMS"
    assert {int(member) for member in (Status(1), Reason(1), MessageType(1))} == {1}


@pytest.mark.parametrize("member", EVERY_MEMBER, ids=repr)
def test_a_member_stays_itself_when_it_is_copied(member: IntEnum) -> None:
    assert pickle.loads(pickle.dumps(member)) is member  # noqa: S301 - our own bytes
    assert copy.deepcopy(member) is member


@pytest.mark.parametrize(
    ("number", "final", "delivered", "read"),
    [
        (-3, False, False, False),
        (-2, False, False, False),
        (-1, False, False, False),
        (0, False, False, False),
        (1, False, True, False),
        (2, False, True, True),
        (3, True, False, False),
        (4, True, True, True),
        (20, True, False, False),
        (22, True, False, False),
        (23, True, False, False),
        (24, True, False, False),
        (25, True, False, False),
        (6, False, False, False),
    ],
)
def test_a_status_says_what_is_reached_and_what_may_still_come(
    *, number: int, final: bool, delivered: bool, read: bool
) -> None:
    status = MessageStatus(status=number)

    assert (status.is_final, status.is_delivered, status.is_read) == (final, delivered, read)
    assert status.is_known == (number != -3)


def test_the_numbers_of_the_pages_are_all_there() -> None:
    assert set(Status) == {-3, -2, -1, 0, 1, 2, 3, 4, 20, 22, 23, 24, 25}
    assert set(MessageType) == {0, 1, 2, 3, 4, 5, 6, 7, 8, 10, 12}
    assert set(Reason) == {
        *(1, 2, 3, 4, 6, 11, 12, 13, 21, 200, 219, 220),
        *range(237, 256),
    }


def test_a_number_that_no_page_gives_stays_one() -> None:
    assert statuses.status(6) == 6
    assert not isinstance(statuses.status(6), IntEnum)
    assert statuses.status(-3) is Status.NOT_FOUND
    assert statuses.reason(999) == 999
    assert statuses.reason(0) is None
    assert statuses.message_type(13, 0) == 13


@pytest.mark.parametrize(
    ("number", "flag", "kind"),
    [
        (None, None, None),
        (7, None, MessageType.CALL),
        (0, 8, MessageType.SMS),
        (None, 0, MessageType.SMS),
        (None, 0b10_0000 + 8, MessageType.EMAIL),  # paid from the second balance
        (None, 0b111_0000_0000 + 10, MessageType.VIBER),  # of a template
    ],
)
def test_the_kind_is_given_or_stands_in_the_lowest_bits_of_the_flag(
    number: int | None, flag: int | None, kind: MessageType | None
) -> None:
    assert statuses.message_type(number, flag) is kind


def get(answer: str) -> MessageStatus:
    found, _, _ = asked(
        lambda smsc: smsc.statuses.get("order-17", PHONE), sample(f"statuses.get/{answer}.json")
    )
    return found


def test_a_question_names_id_and_phone_and_asks_for_details_only_if_told() -> None:
    answer = sample("statuses.get/recorded.json")
    _, path, form = asked(lambda smsc: smsc.statuses.get(17, "8 (999) 000-00-00"), answer)

    assert path == "/sys/status.php"
    assert form == {
        "id": "17",
        "phone": "89990000000",
        "fmt": "3",
        "charset": "utf-8",
        "login": "alex",
        "psw": "123",
    }


@pytest.mark.parametrize("details", [1, 2])
def test_details_are_asked_for_by_their_number_and_an_address_is_a_phone_too(
    details: Details,
) -> None:
    _, _, form = asked(
        lambda smsc: smsc.statuses.get("a", "anna@example.com", details=details),
        sample("statuses.get/recorded.json"),
    )

    assert (form["phone"], form["all"]) == ("anna@example.com", str(details))


def test_a_plain_answer_is_read_whole_and_named_by_its_question() -> None:
    found = get("plain")

    assert found == MessageStatus(
        status=20,
        wire_id="order-17",
        phone=PHONE,
        last_date="28.12.2019 19:20:22",
        last_timestamp=1577550022,
        flag=33,
        err=12,
    )
    assert (found.state, found.reason) == (Status.UNDELIVERABLE, Reason.PHONE_FAULT)
    assert found.kind is MessageType.FLASH
    assert found.changed_at == datetime(2019, 12, 28, 16, 20, 22, tzinfo=UTC)
    assert found.sent_at is None


def test_what_is_not_found_has_nothing_but_its_status() -> None:
    nothing = MessageStatus(status=-3, wire_id="order-17", phone=PHONE)

    assert get("not_found") == nothing
    assert (nothing.changed_at, nothing.reason, nothing.kind) == (None, None, None)
    found, _, _ = asked(
        lambda smsc: smsc.statuses.get("order-17", PHONE), sample("errors/nothing_found.json")
    )
    assert found == nothing


def test_details_are_read_with_money_and_moments() -> None:
    found = get("details_1")

    assert found.cost == Decimal("1.40")
    assert found.sent_at == datetime(2019, 12, 28, 16, 20, 17, tzinfo=UTC)
    assert (found.message, found.comment) == ('{"error_code": 9}', "order 17")
    assert (found.reason, found.kind, found.sms_cnt) == (None, MessageType.SMS, 1)
    found = get("recorded_details_2")
    assert (found.id, found.phone) == ("1", "79990000000")
    assert (found.country, found.region, found.operator) == ("Россия", "Москва", "МТС")


def test_quoted_and_bare_numbers_are_the_same() -> None:
    found = get("quoted_numbers")

    assert (found.state, found.reason, found.kind) == (Status.DELIVERED, None, MessageType.CALL)
    assert (found.last_timestamp, found.sms_cnt, found.cost) == (1577550022, 2, Decimal("1.40"))
    assert (found.sender_id, found.mccmnc) == (79990000009, 25001)


def test_an_hlr_request_tells_where_the_phone_is() -> None:
    found = get("hlr")

    assert found.kind is MessageType.HLR
    assert (found.imsi, found.mcc, found.mnc) == ("250017777777777", "250", "01")
    assert (found.msc, found.cn, found.net) == ("79020000000", "Россия", "МТС")
    assert (found.rcn, found.rnet) == ("Казахстан", "Kcell")


@pytest.mark.parametrize(
    ("answer", "state"), [("recorded", Status.DELIVERED), ("recorded_not_found", Status.NOT_FOUND)]
)
def test_an_answer_for_many_is_matched_by_id_and_phone(answer: str, state: Status) -> None:
    known = {"recorded": 182, "recorded_not_found": 138}[answer]

    async def first(smsc: SmscClient) -> MessageStatus:
        rows = [(known, "+7 999 519-05-57"), *((n, PHONE) for n in range(1, 5))]
        async with aclosing(smsc.statuses.get_many(rows)) as found:
            return await anext(found)

    found, _, form = asked(first, sample(f"statuses.get_many/{answer}.json"))

    assert found.state is state
    assert (found.id, found.phone) == (str(known), "89995190557")
    assert form["id"] == f"{known},1,2,3,4"


@pytest.mark.parametrize("answer", ["done.json", "recorded_done_plain.txt"])
def test_deleting_says_so_and_returns_nothing(answer: str) -> None:
    async def delete(smsc: SmscClient) -> None:
        await smsc.statuses.delete("order-17", "+79990000000")

    _, path, form = asked(delete, sample(f"statuses.delete/{answer}"))

    assert path == "/sys/status.php"
    assert (form["del"], form["id"], form["phone"]) == ("1", "order-17", "+79990000000")
    assert "all" not in form


@pytest.mark.parametrize(
    ("id", "phone", "field"),
    [
        ("", PHONE, "id"),
        ("has space", PHONE, "id"),
        (0, PHONE, "id"),
        (1, "", "phone"),
        (1, "G12", "phone"),
        (1, "79990000000,79990000001", "phone"),
        (1, "anna@", "phone"),
        (1, "anna@example.com,ivan@example.com", "phone"),
    ],
)
def test_what_cannot_be_asked_about_is_refused_before_anything_is_sent(
    id: str | int, phone: str, field: str
) -> None:
    with pytest.raises(InvalidMessage) as caught:
        unsent(lambda smsc: smsc.statuses.get(id, phone))

    assert caught.value.field == field


@pytest.mark.parametrize("details", [7, 3, -1, True, None, "1", 1.0])
def test_details_of_which_no_page_tells_are_refused_at_once(details: Any) -> None:  # noqa: ANN401 - what is wrong
    async def get_many(smsc: SmscClient) -> None:
        smsc.statuses.get_many([(1, PHONE)], details=details)

    async def watch(smsc: SmscClient) -> None:
        smsc.statuses.watch([(1, PHONE)], details=details)

    for call in (lambda smsc: smsc.statuses.get(1, PHONE, details=details), get_many, watch):
        with pytest.raises(InvalidMessage, match="details: is one of 0, 1, 2"):
            unsent(call)


def test_an_end_that_no_message_comes_to_is_refused_at_once() -> None:
    async def watch(smsc: SmscClient) -> None:
        smsc.statuses.watch([(1, PHONE)], until="seen")  # type: ignore[arg-type]

    with pytest.raises(InvalidMessage, match="until: is one of 'delivered', 'read'"):
        unsent(watch)


@pytest.mark.parametrize("messages", [None, 17, [17], [(17,)], [(17, PHONE, 1)], "17", [(17, 7)]])
def test_what_are_no_pairs_of_an_id_and_a_phone_is_refused_at_once(messages: Any) -> None:  # noqa: ANN401 - what is wrong
    async def get_many(smsc: SmscClient) -> None:
        smsc.statuses.get_many(messages)

    with pytest.raises(InvalidMessage, match="messages"):
        unsent(get_many)


def test_a_message_without_an_id_is_refused() -> None:
    with pytest.raises(InvalidMessage, match="is a text or a whole number"):
        unsent(lambda smsc: smsc.statuses.get(None, PHONE))  # type: ignore[arg-type]


def test_a_refused_login_is_raised() -> None:
    with pytest.raises(LoginRefused):
        asked(lambda smsc: smsc.statuses.get(1, PHONE), sample("errors/login.json"))


def test_a_comma_at_the_end_makes_a_question_about_one_one_about_many() -> None:
    one, two = addressing.message(1, PHONE), addressing.message("b", "anna@example.com")

    assert about_many([one], 0) == {"id": "1,", "phone": f"{PHONE},", "all": None}
    assert about_many([one, two], 2) == {
        "id": "1,b",
        "phone": f"{PHONE},anna@example.com",
        "all": 2,
    }


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (("7", "+79990000000"), ("7", "8 999 000-00-00")),
        (("007", PHONE), ("7", PHONE)),
        (("a", "7Anna@Example.com"), ("a", "7anna@example.com ")),
    ],
)
def test_two_spellings_of_a_message_are_one(one: tuple[str, str], other: tuple[str, str]) -> None:
    assert addressing.same(*one) == addressing.same(*other)


def test_addresses_are_not_told_apart_by_their_digits_alone() -> None:
    assert addressing.same("a", "7anna@example.com") != addressing.same("a", "7ivan@example.com")


@pytest.mark.parametrize(
    "row", [(5, 79990000000), (5, None), (5,), (5, PHONE, PHONE), "ab", 5, None, (True, PHONE)]
)
def test_what_is_no_message_is_told_among_the_others(row: Any) -> None:  # noqa: ANN401 - what is wrong
    with pytest.raises(InvalidMessage) as error:
        addressing.messages([(5, PHONE), row])

    assert error.value.rows.keys() == {1}


@pytest.mark.parametrize("rows", [{5: PHONE}, "ab", None, 5])
def test_what_are_no_messages_is_refused(rows: Any) -> None:  # noqa: ANN401 - what is wrong
    with pytest.raises(InvalidMessage, match="messages: are pairs of an id and a phone"):
        addressing.messages(rows)
