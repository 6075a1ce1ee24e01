"""What a user's editor sees; read by mypy and pyright, never run.

Wrong uses carry an ignore, which the checkers report as needless once they stop being wrong.
"""

# pyright: reportUnnecessaryTypeIgnoreComment=true

from __future__ import annotations

from collections.abc import AsyncGenerator, Mapping
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any, Literal, assert_type

import httpx

from smsc_async import (
    ApiError,
    BadReply,
    Balance,
    BlacklistEntry,
    CallNumber,
    Contact,
    DedicatedNumber,
    Details,
    DuplicateSend,
    Email,
    Event,
    File,
    Flash,
    Group,
    Hlr,
    Hours,
    InvalidMessage,
    Job,
    Lane,
    Line,
    Link,
    MessageStatus,
    MessageType,
    Mms,
    NoAnswer,
    NoMoney,
    NotSent,
    Operator,
    OperatorTemplate,
    OutcomeUnknown,
    Parts,
    PhoneReport,
    Price,
    Reason,
    ReceivedMessage,
    SenderName,
    Sent,
    SentMessage,
    Sms,
    SmscClient,
    SmscError,
    Snapshot,
    Standing,
    Statistics,
    Status,
    SubclientSettings,
    SubclientStatistics,
    TelegramBot,
    Template,
    Throttle,
    Throttled,
    Voice,
    VoiceCode,
    ZonePrice,
    parts,
)
from smsc_async.webhooks import CallbackApp, StatusReport, StatusTracker, Tracked


async def sends(smsc: SmscClient) -> None:
    sent = await smsc.send("+79990000000", "hello")
    assert_type(sent, Sent)
    assert_type(sent.id, str)
    assert_type(sent.phones, tuple[str, ...])
    assert_type(sent.count, int)
    assert_type(sent.cost, Decimal | None)
    assert_type(sent.balance, Decimal | None)
    assert_type(sent.report, tuple[PhoneReport, ...])
    assert_type(sent.code, str | None)
    assert_type(sent.settled, bool)
    assert_type(sent.report[0].phone, str)
    assert_type(sent.report[0].cost, Decimal | None)

    await smsc.send(["+79990000000"], Sms(text="hello", sender="Company", translit=1))
    await smsc.send({"+79990000000"}, Flash(text="hello", valid=timedelta(hours=1)), id=17)
    await smsc.send(
        (phone for phone in ("+79990000000",)),
        "hello",
        id="order-17",
        when=datetime(2030, 1, 1, tzinfo=UTC),
        tz=0,
        period=timedelta(hours=1),
        freq=timedelta(minutes=1),
        report=True,
        partner="1",
        userip="203.0.113.9",
        imgcode="abc",
        repeat=True,
        max_wait=0,
        timeout=1.5,
        deadline=10,
        priority="bulk",
    )
    await smsc.send("+79990000000", "hello", when=Hours(9, 21))
    await smsc.send("+79990000000", "hello", when=timedelta(minutes=5))

    assert_type(await smsc.send_each([("+79990000000", "hello")]), Sent)
    await smsc.send_each({"+79990000000": "hello"}.items(), priority="interactive")
    price = await smsc.price("+79990000000", "hello")
    assert_type((await smsc.price_each([("+79990000000", "hello")])).cost, Decimal)
    assert_type(price, Price)
    assert_type(price.cost, Decimal)
    assert_type(price.count, int)


async def asks(smsc: SmscClient) -> None:
    balance = await smsc.account.balance()
    assert_type(balance, Balance)
    assert_type(balance.amount, Decimal)
    assert_type(balance.currency, str | None)
    assert_type(balance.credit, Decimal | None)
    assert_type(await smsc.raw("info.php", {"get_operator": 1, "phone": "79990000000"}), Any)
    assert_type(await smsc.raw("templates.php"), Any)


async def became(smsc: SmscClient, sent: Sent, details: Details) -> None:
    assert_type(details, Literal[0, 1, 2])
    status = await smsc.statuses.get(17, "+79990000000", details=2)
    assert_type(status, MessageStatus)
    assert_type(status.status, int)
    assert_type(status.state, Status | int)
    assert_type(status.reason, Reason | int | None)
    assert_type(status.kind, MessageType | int | None)
    assert_type(status.id, str)
    assert_type(status.phone, str)
    assert_type(status.cost, Decimal | None)
    assert_type(status.changed_at, datetime | None)
    assert_type(status.is_delivered, bool)
    if status.state == Status.DELIVERED and status.status == Status.DELIVERED:
        assert_type(Status.DELIVERED.russian, str)
    assert_type(await smsc.statuses.delete("order-17", "+79990000000"), None)

    assert_type(smsc.statuses.watch(sent, until="read"), AsyncGenerator[MessageStatus])
    smsc.statuses.watch([("order-17", "+79990000000")], details=details)
    pairs: dict[str, int] = {"+79990000000": 17}
    async for one in smsc.statuses.get_many((known, phone) for phone, known in pairs.items()):
        assert_type(one, MessageStatus)
    async for one in smsc.statuses.get_many([("order-17", "+79990000000")]):
        assert_type(one, MessageStatus)


async def kinds(smsc: SmscClient, path: Path) -> None:
    await smsc.send("+79990000000", Mms(subject="A map", files=(File("map.png", path),)))
    await smsc.send("anna@example.com", Email(subject="x", text="y", sender="shop@example.com"))
    await smsc.send("+79990000000", Voice(text="hello", voice="w2", language="en"))
    await smsc.send("@anna", TelegramBot(text="hello", bot="@shop_bot"))
    assert_type((await smsc.send("+79990000000", VoiceCode())).failed, tuple[PhoneReport, ...])
    assert_type((await smsc.price("+79990000000", Hlr())).cost, Decimal)
    await smsc.send_each([Line("+79990000000", "hello", 0)], when=datetime(2030, 1, 1, tzinfo=UTC))
    assert_type(parts("hello"), Parts)
    assert_type(parts("hello").alphabet, Literal["gsm", "ucs2"])


async def subjects(smsc: SmscClient) -> None:
    async for sent in smsc.history.sent(start=date(2026, 11, 1), phones="+79990000000"):
        assert_type(sent, SentMessage)
        assert_type(sent.int_id, int)
    assert_type(await smsc.history.sent_page(limit=10), list[SentMessage])
    assert_type(await smsc.history.received_page(limit=10), list[ReceivedMessage])
    assert_type(smsc.history.follow(after=0), AsyncGenerator[ReceivedMessage])
    assert_type(await smsc.lookup.operator("+79990000000"), Operator)
    assert_type(smsc.lookup.operators(["+79990000000"]), AsyncGenerator[Operator])
    assert_type(await smsc.lookup.link(id=17), Link)
    assert_type(await smsc.account.statistics(date(2026, 11, 1)), list[Statistics])
    assert_type((await smsc.account.prices()).zones, tuple[ZonePrice, ...])

    group = await smsc.groups.add("customers", number=7)
    assert_type(group, int)
    assert_type(await smsc.contacts.add("+79990000000", "Anna", groups=[group]), int)
    for contact in await smsc.contacts.list(group=group):
        assert_type(contact, Contact)
        assert_type(contact.phones, tuple[str, ...])
        assert_type(contact.birthday, date | None)
    assert_type(await smsc.groups.list(), list[Group])
    assert_type(await smsc.blacklist.list(), list[BlacklistEntry])
    assert_type(await smsc.templates.list(), list[Template])
    assert_type(await smsc.operator_templates.list(), list[OperatorTemplate])
    assert_type(await smsc.numbers.list(), list[DedicatedNumber])
    assert_type(await smsc.confirmations.wait_call("+79990000000"), CallNumber)
    assert_type(await smsc.events.ping(17, ok=True), None)

    assert_type(await smsc.jobs.add("news", "+79990000000", "hello", repeat_every="daily"), str)
    assert_type(await smsc.jobs.list(), list[Job])
    assert_type(await smsc.senders.list(), list[SenderName])
    assert_type(await smsc.subclients.add("shop", "password", SubclientSettings()), int)
    assert_type(await smsc.subclients.statistics(date(2026, 11, 1)), list[SubclientStatistics])
    assert_type(await smsc.raw_bytes("downloads.php", {"get_file": 1, "id": 17}), bytes)


async def copies(smsc: SmscClient) -> None:
    bulk = smsc.with_options(priority="bulk", max_wait=600.0, timeout=5, deadline=None)
    assert_type(bulk, SmscClient)
    async with smsc as entered:
        assert_type(entered, SmscClient)
    await smsc.aclose(grace=5)


class Shop(SmscClient):
    """A client of a user's own."""


def subclasses(shop: Shop) -> None:
    assert_type(shop.with_options(timeout=1), Shop)


async def tracked(smsc: SmscClient, sent: Sent, report: StatusReport) -> None:
    tracker = StatusTracker(smsc, poll_after=30, keep=1000)
    CallbackApp(on_status=tracker.note, secret="s" * 43)
    assert_type(await tracker.note(report), None)
    assert_type(await tracker.wait(sent, timeout=300), list[Tracked])
    pairs = ((name, "+79990000000") for name in ("order-17", "order-18"))
    [one, _] = await tracker.wait(pairs, timeout=None, until="read")
    assert_type(one.status, int | None)
    assert_type(one.ts, int | None)
    assert_type(one.state, Status | int | None)
    assert_type(one.changed_at, datetime | None)
    assert_type(one.is_final, bool)
    one.status = 1  # type: ignore[misc]
    await tracker.wait(sent)  # type: ignore[call-arg]
    await tracker.wait("order-17", timeout=1)  # type: ignore[arg-type]
    await tracker.wait(sent, timeout=1, until="sent")  # type: ignore[arg-type]
    StatusTracker(smsc.statuses)  # type: ignore[arg-type]


def limits(smsc: SmscClient, lane: Lane) -> None:
    assert_type(lane, Literal["interactive", "bulk"])
    assert_type(smsc.throttle, Throttle)
    snapshot = smsc.throttle.snapshot()
    assert_type(snapshot, Snapshot)
    assert_type(snapshot.in_flight, int)
    assert_type(snapshot.waiting, dict[Lane, int])
    assert_type(snapshot.standing, tuple[Standing, ...])


def heard(event: Event) -> None:
    assert_type(
        event.kind,
        Literal[
            "waiting",
            "admitted",
            "refused",
            "paused",
            "resumed",
            "repeated",
            "settled",
            "orphaned",
        ],
    )
    assert_type(event.operation, str)
    assert_type(event.rule, str | None)
    assert_type(event.seconds, float)
    assert_type(event.id, str | None)
    assert_type(event.error, SmscError | None)


def clients(transport: httpx.AsyncBaseTransport, throttle: Throttle) -> None:
    SmscClient()
    SmscClient(api_key="key", transport=transport, throttle=throttle, on_event=heard)
    SmscClient(api_key="key", transport="aiohttp")
    SmscClient(login="alex", password="123", base_url="https://smsc.ru", identity="all")
    SmscClient(api_key="key", proxy="http://127.0.0.1:3128", ca_file="ca.pem", deadline=None)


def caught(error: SmscError) -> None:
    match error:
        case DuplicateSend():
            assert_type(error.rule, str)
        case Throttled():
            assert_type(error.retry_after, float)
        case NotSent():
            assert_type(error.operation, str)
            assert_type(error.reason, str)
        case NoAnswer():
            assert_type(error.attempts, int)
        case OutcomeUnknown():
            assert_type(error.id, str | None)
            assert_type(error.phones, tuple[str, ...])
            assert_type(error.moment, datetime)
        case InvalidMessage():
            assert_type(error.field, str)
            assert_type(error.rule, str)
            assert_type(error.rows, Mapping[int, str])
            value_error: ValueError = error
            del value_error
        case BadReply():
            assert_type(error.start, bytes)
        case NoMoney():
            assert_type(error.id, str | None)
        case ApiError():
            assert_type(error.code, int)
            assert_type(error.text, str)
        case _:
            assert_type(error, SmscError)


async def wrong(smsc: SmscClient, sent: Sent, message: Sms) -> None:
    await smsc.send("+79990000000")  # type: ignore[call-arg]
    await smsc.send(79990000000, "hello")  # type: ignore[arg-type]
    await smsc.send("+79990000000", b"hello")  # type: ignore[arg-type]
    await smsc.send("+79990000000", "hello", "id")  # type: ignore[call-arg]
    await smsc.send("+79990000000", "hello", sendr="x")  # type: ignore[call-arg]
    await smsc.send("+79990000000", "hello", when="soon")  # type: ignore[arg-type]
    await smsc.send("+79990000000", "hello", priority="urgent")  # type: ignore[arg-type]
    await smsc.send_each(["+79990000000"])  # type: ignore[list-item]
    await smsc.price("+79990000000", "hello", repeat=True)  # type: ignore[call-arg]
    await smsc.raw("info.php", {"x": 1.5})  # type: ignore[dict-item]
    await smsc.statuses.get("1")  # type: ignore[call-arg]
    await smsc.statuses.get("1", "+79990000000", details=3)  # type: ignore[arg-type]
    smsc.statuses.watch("+79990000000")  # type: ignore[arg-type]
    smsc.statuses.watch(sent, until="sent")  # type: ignore[arg-type]
    smsc.with_options(api_key="other")  # type: ignore[call-arg]
    Sms("hello")  # type: ignore[call-arg]
    Sms(text="hello", translit=3)  # type: ignore[arg-type]
    SmscClient("key")  # type: ignore[call-arg]
    SmscClient(api_key="key", transport="aiohtpp")  # type: ignore[arg-type]
    SmscClient(api_key="key", identity="some")  # type: ignore[arg-type]
    message.text = "other"  # type: ignore[misc]
    sent.id = "other"  # type: ignore[misc]
    del sent.ident  # type: ignore[attr-defined]
