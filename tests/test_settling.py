"""What is known of a send whose answer was lost: answers of the service in, a verdict out."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from decimal import Decimal
from typing import cast

import pytest

from smsc_async import (
    ApiError,
    BadPhone,
    Forbidden,
    MessageStatus,
    NoMoney,
    OutcomeUnknown,
    Undeliverable,
)
from smsc_async._operation import Ask
from smsc_async._resources._sent import REFUSALS, Settled
from smsc_async._resources._settling import PAUSES, is_ours, verdict
from smsc_async._resources._sought import Sought, settling
from tests.virtual import run

BEGUN = datetime(2026, 11, 21, 12, 0, 0, 500_000, tzinfo=UTC)
AT = int(BEGUN.timestamp())
PHONES = ("+79990000001", "+79990000002")
UNKNOWN = OutcomeUnknown("send", "cut", "order-1", PHONES, BEGUN)


def sought(*, altered: bool = False, own_id: bool = False) -> Sought:
    return Sought(dict.fromkeys(PHONES, "hello"), altered, own_id)


def row(
    status: int = 1, text: str | None = "hello", at: int | None = AT, cost: str | None = "1.20"
) -> MessageStatus:
    return MessageStatus(
        status=status,
        message=text,
        send_timestamp=at,
        cost=None if cost is None else Decimal(cost),
        sms_cnt=2,
    )


@pytest.mark.parametrize(
    ("answer", "ours"),
    [
        (row(), True),
        (row(text="hello\r\n".strip()), True),
        (row(text="another"), False),
        (row(status=-3), False),
        (row(at=AT - 59), True),  # a clock that is a little behind; a twin would be refused
        (row(at=AT - 61), False),  # the same text under the same id, long before
        (row(at=None), True),
        (row(text=None), False),
        (row(at=AT + 86_400), True),  # it is scheduled
        (row(at=10**400), True),  # no float holds so much
        (row(at=-(10**400)), False),
    ],
)
def test_a_row_counts_if_its_text_is_ours_and_no_twin_could_be_so_old(
    answer: MessageStatus, *, ours: bool
) -> None:
    assert is_ours(answer, "hello", sought(), BEGUN) is ours


@pytest.mark.parametrize(
    ("answer", "ours"),
    [
        (row(text="privet", at=AT), True),
        (row(text="privet", at=AT + 5), True),
        (row(text="privet", at=AT - 1), False),
        (row(text="privet", at=None), False),
        (row(text=None, at=AT), True),
        (row(text=None, at=None), False),
    ],
)
def test_where_the_text_may_have_been_changed_the_moment_counts(
    answer: MessageStatus, *, ours: bool
) -> None:
    assert is_ours(answer, "привет", sought(altered=True), BEGUN) is ours
    assert not is_ours(answer, "привет", sought(), BEGUN)


def test_an_id_of_the_clients_own_is_on_the_same_message_or_on_an_earlier_one() -> None:
    own = sought(own_id=True)

    assert is_ours(row(text="as the service cut it", at=None), "hello", own, BEGUN)
    assert is_ours(row(text="as the service cut it", at=AT - 59), "hello", own, BEGUN)
    assert not is_ours(row(status=-3), "hello", own, BEGUN)
    assert not is_ours(row(at=AT - 61), "hello", own, BEGUN)  # derived by an earlier program


def test_line_feeds_are_the_same_however_they_are_written() -> None:
    assert is_ours(row(text="two\r\nlines"), "two\\nlines", sought(), BEGUN)


def test_a_send_that_is_found_whole_is_what_its_rows_say() -> None:
    found = {PHONES[0]: row(), PHONES[1]: row(status=0, cost="0.80")}

    reply = verdict(found, sought(), UNKNOWN)

    assert isinstance(reply, Settled)
    assert (reply.id, reply.cnt, reply.cost, reply.balance) == ("order-1", 4, Decimal("2.00"), None)
    assert [line.phone for line in reply.phones] == list(PHONES)
    assert [line.status for line in reply.phones] == [None, None]


def test_a_cost_that_is_not_told_of_all_is_told_of_none() -> None:
    reply = verdict({PHONES[0]: row(), PHONES[1]: row(cost=None)}, sought(), UNKNOWN)

    assert isinstance(reply, Settled)
    assert reply.cost is None


@pytest.mark.parametrize(
    ("status", "kind"),
    [(20, Undeliverable), (22, BadPhone), (23, Forbidden), (24, NoMoney), (25, Undeliverable)],
)
def test_a_status_that_refuses_all_is_the_error_that_the_send_would_have_been_told(
    status: int, kind: type[ApiError]
) -> None:
    error = verdict(dict.fromkeys(PHONES, row(status=status)), sought(), UNKNOWN)

    assert type(error) is kind
    assert isinstance(error, ApiError)
    assert (error.operation, error.id) == ("send", "order-1")
    assert set(REFUSALS) == {20, 22, 23, 24, 25}


def test_one_phone_of_several_that_is_refused_stands_in_the_report() -> None:
    reply = verdict({PHONES[0]: row(), PHONES[1]: row(status=22)}, sought(), UNKNOWN)

    assert isinstance(reply, Settled)
    assert reply.cnt == 2
    assert [line.status for line in reply.phones] == [None, 22]


@pytest.mark.parametrize(
    ("found", "accepted", "refused", "unknown"),
    [
        ({PHONES[0]: row()}, PHONES[:1], (), PHONES[1:]),
        ({PHONES[1]: row(status=23)}, (), PHONES[1:], PHONES[:1]),
    ],
)
def test_where_some_are_found_the_others_stay_unknown(
    found: Mapping[str, MessageStatus],
    accepted: tuple[str, ...],
    refused: tuple[str, ...],
    unknown: tuple[str, ...],
) -> None:
    error = verdict(found, sought(), UNKNOWN)

    assert isinstance(error, OutcomeUnknown)
    assert (error.accepted, error.refused, error.unknown) == (accepted, refused, unknown)
    assert (error.id, error.phones, error.moment) == ("order-1", PHONES, BEGUN)
    assert "of 2 phones" in str(error)


def test_nothing_found_proves_nothing() -> None:
    assert verdict({}, sought(), UNKNOWN) is UNKNOWN
    assert UNKNOWN.unknown == PHONES


class Asked(Exception):
    """It came to a question."""


class Way:
    """A way to ask that leads nowhere."""

    async def sleep(self, _: float) -> None:
        raise Asked


async def settle(texts: Mapping[str, str]) -> object:
    return await settling(Sought(texts, altered=False, own_id=True))(cast("Ask", Way()), UNKNOWN)


@pytest.mark.parametrize("recipient", ["G12", "@ivan", "#123456"])
def test_a_group_and_what_is_telegrams_cannot_be_asked_about(recipient: str) -> None:
    texts = {PHONES[0]: "hello", recipient: "hello"}

    assert run(settle(texts)) is UNKNOWN


@pytest.mark.parametrize("recipient", ["+79990000001", "ivan@example.com"])
def test_a_phone_or_an_address_can_be_asked_about(recipient: str) -> None:
    with pytest.raises(Asked):
        run(settle({recipient: "hello"}))


@pytest.mark.parametrize(
    ("answer", "ours"),
    [
        (row(text=""), True),
        (row(text=None), True),
        (row(text="", at=AT - 30), False),
        (row(text="", at=None), False),
    ],
)
def test_where_there_is_no_text_only_the_moment_tells(answer: MessageStatus, *, ours: bool) -> None:
    assert is_ours(answer, "", sought(altered=True), BEGUN) is ours


def test_one_message_is_asked_about_less_often_than_five_times_a_minute() -> None:
    assert len(PAUSES) < 5
    assert sum(PAUSES) < 15
