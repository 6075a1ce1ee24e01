"""What can be asked of the history, and how its rows are read."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import aclosing
from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal
from typing import Any

import pytest

from smsc_async import (
    InvalidMessage,
    LoginRefused,
    MessageType,
    Reason,
    ReceivedMessage,
    SentMessage,
    SmscClient,
    Status,
)
from smsc_async._resources._period import period
from tests.samples import asked, sample, unsent

PHONE = "79990000000"
MOSCOW = timezone(timedelta(hours=3))
NOON = datetime(2026, 11, 21, 12, 30, tzinfo=UTC).timestamp()
MORNING = datetime(2026, 11, 21, 9, 30, tzinfo=UTC).timestamp()


def sent(answer: str) -> list[SentMessage]:
    found, path, _ = asked(
        lambda smsc: smsc.history.sent_page(), sample(f"history.sent/{answer}.json")
    )
    assert path == "/sys/get.php"
    return found


def received(answer: str) -> list[ReceivedMessage]:
    found, path, _ = asked(
        lambda smsc: smsc.history.received_page(), sample(f"history.received/{answer}.json")
    )
    assert path == "/sys/get.php"
    return found


# Rows


def test_a_row_of_the_history_is_read_whole() -> None:
    (message,) = sent("template")

    assert message == SentMessage(
        status=1,
        wire_id=1234,
        int_id=4503,
        phone=PHONE,
        last_date="28.12.2019 19:20:22",
        last_timestamp=1577550022,
        err=0,
        send_date="28.12.2019 19:20:17",
        send_timestamp=1577550017,
        cost=Decimal("1.40"),
        sender_id="ivan",
        status_name="Доставлено",
        message='{"error_code": 9}',
        mccmnc="25001",
        country="Россия",
        operator="МТС",
        region="Москва",
        type=0,
        sms_cnt=1,
        format=0,
        crc=1012437,
    )
    assert (message.id, message.state, message.reason) == ("1234", Status.DELIVERED, None)
    assert message.kind is MessageType.SMS
    assert message.changed_at == datetime(2019, 12, 28, 16, 20, 22, tzinfo=UTC)
    assert message.sent_at == datetime(2019, 12, 28, 16, 20, 17, tzinfo=UTC)
    assert (message.is_delivered, message.is_read, message.is_final) == (True, False, False)


def test_quoted_bare_and_empty_numbers_are_read() -> None:
    (message,) = sent("email")

    assert (message.id, message.int_id, message.phone) == ("order-17", 4504, "anna@example.com")
    assert (message.state, message.kind) == (Status.READ, MessageType.EMAIL)
    assert (message.cost, message.sms_cnt, message.format) == (Decimal("0.1"), 1, 8)
    assert message.changed_at == datetime(2019, 12, 28, 16, 20, 22, tzinfo=UTC)


def test_a_row_with_few_keys_is_read_and_an_unknown_number_stays_one() -> None:
    (message,) = sent("few_keys")

    assert message == SentMessage(status=6, int_id=4505)
    assert (message.id, message.kind, message.sent_at, message.changed_at) == ("", None, None, None)
    assert not isinstance(message.state, Status)
    assert SentMessage(status=25, int_id=1, err=6).reason is Reason.OFFLINE


@pytest.mark.parametrize("stamp", [-1, -(10**12), 253_402_300_800, 10**18, 10**400])
def test_a_stamp_that_is_no_moment_is_none_and_stays_to_be_seen(stamp: int) -> None:
    message = SentMessage(status=1, int_id=1, last_timestamp=stamp, send_timestamp=stamp)

    assert (message.changed_at, message.sent_at) == (None, None)
    assert (message.last_timestamp, message.send_timestamp) == (stamp, stamp)


def test_the_last_second_that_there_is_is_a_moment() -> None:
    message = SentMessage(status=1, int_id=1, last_timestamp=253_402_300_799, send_timestamp=0)

    assert message.changed_at == datetime(9999, 12, 31, 23, 59, 59, tzinfo=UTC)
    assert message.sent_at == datetime(1970, 1, 1, tzinfo=UTC)


def test_nothing_found_is_an_empty_list() -> None:
    assert sent("nothing") == []
    assert received("nothing") == []
    found, _, _ = asked(
        lambda smsc: smsc.history.received_page(), sample("errors/nothing_found.json")
    )
    assert found == []


def test_an_incoming_message_is_read_whole() -> None:
    assert received("template") == [
        ReceivedMessage(
            id=19,
            phone=PHONE,
            message="да",
            to_phone="79180000000",
            received="28.12.2019 19:20:22",
            sent="28.12.2019 19:20:20",
        )
    ]


def test_the_dates_of_an_incoming_message_are_moments_in_a_zone_that_is_given() -> None:
    (message,) = received("template")

    assert message.received_at(MOSCOW) == datetime(2019, 12, 28, 16, 20, 22, tzinfo=UTC)
    assert message.sent_at(UTC) == datetime(2019, 12, 28, 19, 20, 20, tzinfo=UTC)


def test_a_date_that_is_none_is_no_moment() -> None:
    (message,) = received("few_keys")

    assert (message.id, message.message, message.to_phone) == (20, "12", "")
    assert message.received_at(MOSCOW) is None
    assert message.sent_at(MOSCOW) is None
    assert ReceivedMessage(id=1, received="yesterday").received_at(MOSCOW) is None


# What is refused

Call = Callable[[Any], object]  # what no type checker lets through, too
DAY = date(2023, 5, 1)


@pytest.mark.parametrize(
    ("call", "field"),
    [
        (lambda smsc: smsc.history.sent(end=DAY), "end"),
        (lambda smsc: smsc.history.sent(start=date(2023, 11, 16)), "start"),
        (lambda smsc: smsc.history.sent(start=DAY, end=date(2023, 4, 30)), "start"),
        (lambda smsc: smsc.history.sent(start=DAY, end=date(2023, 11, 2)), "start"),
        (lambda smsc: smsc.history.sent(start=date(2023, 5, 13)), "start"),
        (lambda smsc: smsc.history.sent(start=datetime(2023, 11, 1, tzinfo=UTC)), "start"),
        (lambda smsc: smsc.history.sent(start=DAY, end=datetime(2023, 5, 2, tzinfo=UTC)), "end"),
        (lambda smsc: smsc.history.sent(phones=[]), "phones"),
        (lambda smsc: smsc.history.sent(phones=""), "phones"),
        (lambda smsc: smsc.history.sent(phones="G12"), "phones"),
        (lambda smsc: smsc.history.sent(phones=[PHONE, "anna@example.com"]), "phones"),
        (lambda smsc: smsc.history.sent(phones=f"{PHONE},{PHONE}"), "phones"),
        (lambda smsc: smsc.history.sent(phones=PHONE, mail=True), "phones"),
        (lambda smsc: smsc.history.sent(phones=PHONE, emails="anna@example.com"), "phones"),
        (lambda smsc: smsc.history.sent(emails=[]), "emails"),
        (lambda smsc: smsc.history.sent(emails="anna"), "emails"),
        (lambda smsc: smsc.history.sent(emails="a@example.com,b@example.com"), "emails"),
        (lambda smsc: smsc.history.sent(before=0), "before"),
        (lambda smsc: smsc.history.sent(size=0), "size"),
        (lambda smsc: smsc.history.sent(size=1001), "size"),
        (lambda smsc: smsc.history.received(after=-1), "after"),
        (lambda smsc: smsc.history.received(hours=0), "hours"),
        (lambda smsc: smsc.history.received(hours=169), "hours"),
        (lambda smsc: smsc.history.received(size=0), "size"),
        (lambda smsc: smsc.history.received(size=10_001), "size"),
        (lambda smsc: smsc.history.received(to_phone=""), "to_phone"),
        (lambda smsc: smsc.history.received(to_phone="+"), "to_phone"),
        (lambda smsc: smsc.history.received(to_phone="5678,5679"), "to_phone"),
        (lambda smsc: smsc.history.sent(size=None), "size"),
        (lambda smsc: smsc.history.sent(mail=1), "mail"),
        (lambda smsc: smsc.history.sent(before=2.0), "before"),
        (lambda smsc: smsc.history.received(after=False), "after"),
        (lambda smsc: smsc.history.received(after=10**18), "after"),
        (lambda smsc: smsc.history.received(hours=1.0), "hours"),
        (lambda smsc: smsc.history.received(to_phone=5678), "to_phone"),
        (lambda smsc: smsc.history.follow(after=-1), "after"),
        (lambda smsc: smsc.history.follow(to_phone="us"), "to_phone"),
    ],
)
def test_what_cannot_be_asked_is_refused_at_once_and_before_anything_is_sent(
    call: Call, field: str
) -> None:
    async def made(smsc: SmscClient) -> None:
        call(smsc)

    with pytest.raises(InvalidMessage) as caught:
        unsent(made)

    assert caught.value.field == field


def test_a_page_refuses_what_its_iterator_refuses() -> None:
    with pytest.raises(InvalidMessage):
        unsent(lambda smsc: smsc.history.sent_page(limit=1001))
    with pytest.raises(InvalidMessage):
        unsent(lambda smsc: smsc.history.sent_page(before=0))
    with pytest.raises(InvalidMessage):
        unsent(lambda smsc: smsc.history.received_page(limit=10_001))
    with pytest.raises(InvalidMessage):
        unsent(lambda smsc: smsc.history.received_page(after=-1))


def test_bad_rows_of_a_list_are_named() -> None:
    with pytest.raises(InvalidMessage) as caught:
        unsent(lambda smsc: smsc.history.sent_page(phones=[PHONE, "12", "G1"]))

    assert list(caught.value.rows) == [1, 2]


# Days


@pytest.mark.parametrize(
    ("start", "end", "longest"),
    [
        (date(2026, 1, 1), date(2026, 7, 1), True),
        (date(2026, 1, 1), date(2026, 7, 2), False),
        (date(2025, 8, 31), date(2026, 2, 28), True),
        (date(2025, 8, 31), date(2026, 3, 1), False),
        (date(2023, 8, 31), date(2024, 2, 29), True),
        (date(2025, 12, 15), date(2026, 6, 15), True),
        (date(2025, 6, 30), date(2025, 12, 30), True),
        (date(2025, 6, 30), date(2025, 12, 31), False),
    ],
)
def test_six_months_are_six_of_the_calendar(start: date, end: date, *, longest: bool) -> None:
    if longest:
        assert period(start, end, NOON, months=6)["end"] == f"{end:%d.%m.%Y}"
    else:
        with pytest.raises(InvalidMessage, match="more than 6 months"):
            period(start, end, NOON, months=6)
    assert period(start, end, NOON)["start"] == f"{start:%d.%m.%Y}"


def test_a_missing_end_is_the_day_that_is_today_where_days_begin_first() -> None:
    assert period(None, None, NOON) == {}
    assert period(date(2026, 11, 2), None, NOON) == {"start": "02.11.2026", "end": "22.11.2026"}
    assert period(date(2026, 11, 2), None, MORNING)["end"] == "21.11.2026"
    assert period(date(2026, 11, 22), None, NOON)["end"] == "22.11.2026"


def test_half_a_year_may_end_after_the_last_day_that_there_is() -> None:
    with pytest.raises(InvalidMessage, match="in the future"):
        unsent(lambda smsc: smsc.history.sent_page(start=date(9999, 12, 1)))

    assert period(date(9999, 12, 1), date.max, NOON, months=6)["end"] == "31.12.9999"
    assert period(date(9999, 6, 30), date.max, NOON, months=7)["end"] == "31.12.9999"


def test_half_a_year_until_today_is_allowed_wherever_the_account_is() -> None:
    # At noon by UTC the 22nd has begun on the islands that are farthest ahead.
    assert period(date(2026, 5, 21), None, NOON, months=6)["end"] == "21.11.2026"
    assert period(date(2026, 5, 22), None, NOON, months=6)["end"] == "22.11.2026"
    with pytest.raises(InvalidMessage, match="more than 6 months"):
        period(date(2026, 5, 20), None, NOON, months=6)


# Iterators


def test_an_error_of_the_first_page_says_where_it_was_to_begin() -> None:
    async def sent(smsc: SmscClient) -> None:
        async with aclosing(smsc.history.sent(before=17)) as found:
            await anext(found)

    async def received(smsc: SmscClient) -> None:
        async with aclosing(smsc.history.received(hours=1)) as found:
            await anext(found)

    for call, resume in ((sent, 17), (received, None)):
        with pytest.raises(LoginRefused) as caught:
            asked(call, sample("errors/login.json"))
        assert caught.value.resume == resume


def test_following_goes_on_where_it_was_told_to_when_the_service_refuses() -> None:
    for after in (None, 0, 7):

        async def follow(smsc: SmscClient, after: int | None = after) -> None:
            async with aclosing(smsc.history.follow(after=after)) as found:
                await anext(found)

        with pytest.raises(LoginRefused) as caught:
            asked(follow, sample("errors/login.json"))
        assert caught.value.resume == after
