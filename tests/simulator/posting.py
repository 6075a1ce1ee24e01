"""Forms posted to a simulator, in process."""

from __future__ import annotations

import json
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from typing import Any

import httpx

from smsc_async.simulator import Settings, Simulator

NOW = datetime(2026, 11, 21, 9, 30, tzinfo=UTC)
PHONE = "79990000001"


class Sender:
    """Posts forms to one simulator, with the demo account."""

    def __init__(self, http: httpx.AsyncClient) -> None:
        self.http = http

    async def post(self, path: str, **params: str) -> httpx.Response:
        form = {"login": "demo", "psw": "demo", "fmt": "3", "charset": "utf-8"} | params
        return await self.http.post(f"/sys/{path}", data=form)

    async def json(self, path: str, **params: str) -> Any:  # noqa: ANN401 - it is JSON
        return json.loads((await self.post(path, **params)).content)

    async def text(self, path: str, **params: str) -> str:
        return (await self.post(path, **params)).content.decode()


@asynccontextmanager
async def opened(
    settings: Settings | None = None,
    *,
    clock: Callable[[], float] | None = None,
    callback_transport: httpx.AsyncBaseTransport | None = None,
) -> AsyncGenerator[tuple[Simulator, Sender]]:
    async with Simulator(
        settings, clock=clock, wall=lambda: NOW, callback_transport=callback_transport
    ) as simulator:
        transport = httpx.ASGITransport(app=simulator.app)
        async with httpx.AsyncClient(transport=transport, base_url="http://simulator") as http:
            yield simulator, Sender(http)
