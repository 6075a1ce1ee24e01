"""What a callback says: flags, times, states, and the order of reports."""

from __future__ import annotations

import pickle
from datetime import UTC, datetime, timedelta

import pytest

from smsc_async import MessageType, Reason, Status
from smsc_async.webhooks import CallConfirmation, Flag, IncomingMessage, StatusReport


def report(**fields: object) -> StatusReport:
    return StatusReport(**{"id": "1", "phone": "79991234567", "status": 1, **fields})  # type: ignore[arg-type]  # as given


TYPES = {
    "0000": MessageType.SMS,
    "0001": MessageType.FLASH,
    "0010": MessageType.BINARY,
    "0011": MessageType.WAP_PUSH,
    "0100": MessageType.HLR,
    "0101": MessageType.PING,
    "0110": MessageType.MMS,
    "0111": MessageType.CALL,
    "1000": MessageType.EMAIL,
    "1010": MessageType.VIBER,
    "1100": MessageType.SOCIAL,
}
TEMPLATES = {
    "00": "service",
    "01": "transactional",
    "10": "authorization",
    "11": "advertising",
}


def test_each_flag_is_read_bit_by_bit() -> None:
    for number in range(1 << 16):
        bits = format(number, "016b")  # bit 15 first
        flags = report(flag=number).flags

        assert flags == Flag(
            kind=TYPES.get(bits[12:], int(bits[12:], 2)),
            second_balance=bits[10] == "1",
            template=TEMPLATES[bits[5:7]] if bits[7] == "1" else None,  # type: ignore[arg-type]  # a literal
        ), number


def test_without_a_flag_nothing_is_known() -> None:
    assert report().flags is None
    assert report().kind is None


@pytest.mark.parametrize(
    ("fields", "kind"),
    [
        ({"type": 7, "flag": 0}, MessageType.CALL),
        ({"type": 99}, 99),
        ({"flag": 8}, MessageType.EMAIL),
        ({"flag": 40}, MessageType.EMAIL),
        ({"type": 0}, MessageType.SMS),
    ],
)
def test_the_kind_is_the_type_or_else_what_the_flag_says(
    fields: dict[str, int], kind: MessageType | int
) -> None:
    found = report(**fields).kind

    assert found == kind
    assert type(found) is type(kind)


@pytest.mark.parametrize(
    ("comment", "over"),
    [
        ("overtime: 01:05", timedelta(minutes=1, seconds=5)),
        ("Заказ 12\novertime: 00:07", timedelta(seconds=7)),
        ("Заказ 12\r\novertime: 00:07\r\n", timedelta(seconds=7)),
        ("overtime:0:30\nЗаказ", timedelta(seconds=30)),
        ("overtime: 120:00", timedelta(hours=2)),
        (None, None),
        ("", None),
        ("Заказ overtime: 00:07", None),
        ("overtime: 00:07 more", None),
        ("overtime: 7", None),
        ("overtime: 00:60", None),
        ("overtime: 99999:00", None),
        ("overtime: ٠٠:٠٧", None),
    ],
)
def test_the_overtime_of_a_call_stands_in_a_line_of_the_comment(
    comment: str | None, over: timedelta | None
) -> None:
    assert report(cmt=comment).overtime == over


MOMENT = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)


def test_times_are_moments_in_utc() -> None:
    message = IncomingMessage(phone="7999", text="", to="7999", sent=1795262399, time=1795262400)
    call = CallConfirmation(phone="7999", ts=1795262400)

    assert report(ts=1795262400, time="21.11.26 15:00:00").changed_at == MOMENT
    assert message.sent_at == MOMENT - timedelta(seconds=1)
    assert message.received_at == MOMENT
    assert call.called_at == MOMENT
    assert call.called_at is not None
    assert call.called_at.tzinfo is UTC


def test_a_time_that_did_not_come_or_is_none_of_ours_is_none() -> None:
    assert report().changed_at is None
    assert report(ts=10**11 - 1).changed_at == datetime(5138, 11, 16, 9, 46, 39, tzinfo=UTC)
    assert IncomingMessage(phone="7", text="", to="7").received_at is None


@pytest.mark.parametrize("number", range(-99, 100))
def test_a_state_has_a_name_or_stays_a_number(number: int) -> None:
    one = report(status=number)
    known = {status.value for status in Status}

    assert one.state == number
    assert isinstance(one.state, Status) == (number in known)
    assert one.is_delivered == (number in {1, 2, 4})
    assert one.is_read == (number in {2, 4})
    assert one.is_final == (number in {3, 4, 20, 22, 23, 24, 25})


def test_a_reason_is_there_where_the_service_gives_one() -> None:
    assert report(err=220).reason is Reason.QUEUE_FULL
    assert report(err=9999).reason == 9999
    assert report(err=0).reason is None
    assert report().reason is None


def test_reports_have_one_order_by_how_far_the_message_is_and_then_by_time() -> None:
    order = [
        report(status=0),
        report(status=-1, ts=900),
        report(status=-1, ts=1000),
        report(status=0, ts=1000),
        report(status=77, ts=1001),
        report(status=20, ts=1),
        report(status=1, ts=5),
        report(status=20, ts=5),
        report(status=1, ts=6),
        report(status=3, ts=7),
        report(status=1, ts=8),
        report(status=2, ts=5),
        report(status=4, ts=2),
    ]

    for mixed in (order, order[::-1], order[::2] + order[1::2]):
        assert sorted(mixed, key=lambda each: each.rank) == order


def test_callbacks_are_values() -> None:
    one = report(extra={"a": "1"})

    assert pickle.loads(pickle.dumps(one)) == one  # noqa: S301 - our own
    with pytest.raises(AttributeError):
        one.status = 2  # type: ignore[misc]
    assert report().extra == {}
    assert report().extra is not report().extra
