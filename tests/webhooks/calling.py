"""Callbacks as the service signs and posts them, made by code of the tests' own."""

from __future__ import annotations

import hashlib
import json
import logging
import zlib
from collections.abc import Awaitable, Callable, Mapping
from typing import Any
from urllib.parse import urlencode

import httpx
import pytest

from smsc_async.webhooks import CallbackApp

SECRET = "An-old_secret-of-the-account-0123456789"
ANOTHER = "Another_secret-of-the-account-987654321"
PHONE = "79991234567"
MOMENT = 1_763_722_800

FORM = {"content-type": "application/x-www-form-urlencoded"}

Fields = dict[str, str]
SIGNED = (("mes", ("phone", "mes", "to")), ("waitcall", ("phone", "ts")))


def signed(fields: Mapping[str, str], secret: str = SECRET, algorithm: str = "sha1") -> Fields:
    """Add the hash that the service adds."""
    names = next((names for flag, names in SIGNED if flag in fields), ("id", "phone", "status"))
    data = ":".join([*(fields[name] for name in names), secret]).encode()
    found = (
        str(zlib.crc32(data)) if algorithm == "crc32" else hashlib.new(algorithm, data).hexdigest()
    )
    return {**fields, algorithm: found}


def status(number: int = 1, *, id: str = "5", phone: str = PHONE, **others: object) -> Fields:
    """Return the report of a status, one second later for each number above the first."""
    fields = {"id": id, "phone": phone, "status": str(number), "ts": str(MOMENT + number)}
    return signed(fields | {name: str(value) for name, value in others.items()})


def message(text: str = "Да", **others: str) -> Fields:
    return signed({"id": "77", "phone": PHONE, "mes": text, "to": "79990000001"} | others)


def call(ts: int = MOMENT) -> Fields:
    return signed({"waitcall": "1", "phone": PHONE, "ts": str(ts)})


def as_json(*records: Mapping[str, str]) -> bytes:
    return json.dumps(records).encode()


class Heard(list[Any]):
    """A handler that notes what it hears, after doing what a test wants."""

    def __init__(self, first: Callable[[Any], Awaitable[object]] | None = None) -> None:
        super().__init__()
        self._first = first

    async def __call__(self, callback: Any) -> None:  # noqa: ANN401 - each kind
        if self._first is not None:
            await self._first(callback)
        self.append(callback)

    @property
    def statuses(self) -> list[int]:
        return [report.status for report in self]


async def post(
    app: CallbackApp,
    fields: Mapping[str, str] | bytes,
    *,
    path: str = "/hook",
    method: str = "POST",
    headers: Mapping[str, str] | None = None,
    client: tuple[str, int] = ("127.0.0.1", 4321),
) -> int:
    """Post a form, or a body as it is, to the app in this process; return the answer's number."""
    transport = httpx.ASGITransport(app, client=client)
    async with httpx.AsyncClient(transport=transport, base_url="http://here") as http:
        body = fields if isinstance(fields, bytes) else urlencode(fields).encode()
        answer = await http.request(method, path, headers=headers or FORM, content=body)
    assert answer.text == str(answer.status_code)
    return answer.status_code


async def ask(app: CallbackApp, *events: dict[str, Any], **scope: object) -> list[dict[str, Any]]:
    """Have the app answer a request as bare as ASGI has it; nothing comes after *events*."""
    coming, told = list(events), list[dict[str, Any]]()

    async def receive() -> dict[str, Any]:
        return coming.pop(0)

    async def send(event: Any) -> None:  # noqa: ANN401 - ASGI's
        told.append(event)

    bare = {"type": "http", "method": "POST", "path": "/", "query_string": b"", "headers": []}
    await app({**bare, "client": ("127.0.0.1", 4321), **scope}, receive, send)
    return told


def body(fields: Mapping[str, str]) -> dict[str, Any]:
    """Return the event of ASGI that brings a whole body."""
    return {"type": "http.request", "body": as_json(fields), "more_body": False}


def lines(caplog: pytest.LogCaptureFixture) -> list[str]:
    """Return what the app has logged, and forget it."""
    found = [
        record.getMessage()
        for record in caplog.records
        if record.name == "smsc_async.webhooks" and record.levelno >= logging.WARNING
    ]
    caplog.clear()
    return found


class Clock:
    """A clock that a test sets."""

    def __init__(self) -> None:
        self.now = 1_000_000.0

    def __call__(self) -> float:
        return self.now
