"""The calls that list what was sent and what came in."""

from __future__ import annotations

from contextlib import aclosing
from datetime import date

from smsc_async import SmscClient

from . import Example

EVERY = {"get_messages": "1", "cnt": "1000"}


async def _sent(smsc: SmscClient) -> object:
    return [message async for message in smsc.history.sent(mail=True, before=99)]


async def _received(smsc: SmscClient) -> object:
    found = smsc.history.received(after=7, hours=168, to_phone="+7 918 000-00-00", size=10_000)
    return [message async for message in found]


async def _followed(smsc: SmscClient) -> object:
    async with aclosing(smsc.history.follow(after=0)) as messages:
        return await anext(messages)


EXAMPLES = [
    Example(
        "history.sent",
        lambda smsc: smsc.history.sent_page(
            start=date(2023, 1, 1),
            end=date(2023, 7, 1),
            phones=["+7 999 000-00-01", "79990000002"],
            limit=1,
            before=4503,
        ),
        {
            "get_messages": "1",
            "start": "01.01.2023",
            "end": "01.07.2023",
            "phone": "+79990000001,79990000002",
            "cnt": "1",
            "prev_id": "4503",
        },
        "history.sent/template.json",
    ),
    Example(
        "history.sent",
        lambda smsc: smsc.history.sent_page(
            start=date(2023, 11, 14), emails=["anna@example.com", " ivan@example.com"]
        ),
        {
            "get_messages": "1",
            "start": "14.11.2023",
            "end": "15.11.2023",
            "email": "anna@example.com,ivan@example.com",
            "format": "8",
        },
        "history.sent/email.json",
    ),
    Example(
        "history.sent",
        _sent,
        {**EVERY, "format": "8", "prev_id": "99"},
        "history.sent/email.json",
    ),
    Example(
        "history.received",
        lambda smsc: smsc.history.received_page(after=0, hours=1, to_phone="5678", limit=10_000),
        {"get_answers": "1", "hour": "1", "to_phone": "5678", "cnt": "10000"},
        "history.received/template.json",
    ),
    Example(
        "history.received",
        _received,
        {
            "get_answers": "1",
            "hour": "168",
            "to_phone": "+79180000000",
            "cnt": "10000",
            "after_id": "7",
        },
        "history.received/template.json",
    ),
    Example(
        "history.received",
        _followed,
        {"get_answers": "1", "hour": "168", "cnt": "1000"},
        "history.received/template.json",
    ),
]
