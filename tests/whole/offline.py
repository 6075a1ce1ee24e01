"""A client and the simulator on one virtual clock, and answers that are lost on their way."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta

import httpx

from smsc_async import SmscClient
from smsc_async.simulator import Settings, Simulator

NOW = datetime(2026, 11, 21, 9, 0, tzinfo=UTC)


class Losing(httpx.ASGITransport):
    """Loses the answers to requests with certain parameters, after the service has worked."""

    def __init__(self, sim: Simulator, lost: Callable[[Mapping[str, str]], bool]) -> None:
        super().__init__(app=sim.app)
        self._lost = lost

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        form = dict(httpx.QueryParams((await request.aread()).decode()))
        response = await super().handle_async_request(request)
        if self._lost(form):
            raise httpx.ReadError("lost", request=request)
        return response


@asynccontextmanager
async def world(
    settings: Settings | None = None, lost: Callable[[Mapping[str, str]], bool] = lambda _: False
) -> AsyncIterator[tuple[Simulator, SmscClient]]:
    """Give a simulator and a client that read the same clock, which begins at NOW."""
    begun = now()

    def wall() -> datetime:
        return NOW + timedelta(seconds=now() - begun)

    async with (
        Simulator(settings, wall=wall) as sim,
        SmscClient(
            login="demo",
            password="demo",
            transport=Losing(sim, lost),
            wall=lambda: wall().timestamp(),
        ) as smsc,
    ):
        yield sim, smsc


def now() -> float:
    return asyncio.get_running_loop().time()
