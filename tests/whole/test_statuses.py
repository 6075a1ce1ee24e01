"""What became of messages: the whole client against the simulator, on a virtual clock."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Callable, Iterable
from contextlib import aclosing, asynccontextmanager
from datetime import timedelta
from decimal import Decimal

import httpx
import pytest

from smsc_async import (
    InvalidMessage,
    LoginRefused,
    MessageStatus,
    NoAnswer,
    NotSent,
    OperationFailed,
    Sent,
    SmscClient,
    Status,
    Throttle,
)
from smsc_async.simulator import Request, Settings, Simulator
from tests.virtual import run

PHONE = "+79990000000"


class Losing(httpx.ASGITransport):
    """Loses the answers that *lost* chooses, after the service has worked."""

    def __init__(self, sim: Simulator, lost: Callable[[dict[str, str]], bool]) -> None:
        super().__init__(app=sim.app)
        self._lost = lost

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        form = dict(httpx.QueryParams((await request.aread()).decode()))
        response = await super().handle_async_request(request)
        if request.url.path.endswith("status.php") and self._lost(form):
            raise httpx.ReadError("lost", request=request)
        return response


def nothing(_form: dict[str, str]) -> bool:
    return False


@asynccontextmanager
async def world(
    settings: Settings, lost: Callable[[dict[str, str]], bool] = nothing, *, attempts: int = 3
) -> AsyncIterator[tuple[Simulator, SmscClient]]:
    async with (
        Simulator(settings) as sim,
        SmscClient(
            login="demo", password="demo", transport=Losing(sim, lost), attempts=attempts
        ) as smsc,
    ):
        yield sim, smsc


def now() -> float:
    return asyncio.get_running_loop().time()


async def sent(smsc: SmscClient, count: int) -> list[tuple[str, str]]:
    """Send to *count* phones and return what to ask about."""
    found: list[tuple[str, str]] = []
    for first in range(0, count, 1000):
        phones = [f"+7999{n:07}" for n in range(first, min(first + 1000, count))]
        done = await smsc.send(phones, "hello")
        found += [(done.id, phone) for phone in done.phones]
    return found


async def collected(
    smsc: SmscClient, messages: Iterable[tuple[str | int, str]]
) -> Counter[tuple[str, str]]:
    """Ask about *messages* and count who was told about as delivered."""
    found = Counter[tuple[str, str]]()
    async for status in smsc.statuses.get_many(messages):
        assert status.state is Status.DELIVERED
        found[status.id, status.phone] += 1
    return found


def asked(sim: Simulator) -> list[Request]:
    return [request for request in sim.log if request.path == "status.php"]


@pytest.mark.parametrize("whole_seconds", [False, True])
def test_ten_thousand_statuses_come_within_twenty_one_minutes(*, whole_seconds: bool) -> None:
    settings = Settings(latency=0.4, jitter=0.2, price=Decimal(0), whole_seconds=whole_seconds)

    async def main() -> tuple[Simulator, Counter[tuple[str, str]], set[tuple[str, str]], float]:
        async with world(settings) as (sim, smsc):
            messages = await sent(smsc, 10_000)
            begun = now()
            found = await collected(smsc, messages)
            return sim, found, set(messages), now() - begun

    sim, found, messages, seconds = run(main())

    assert set(found) == messages
    assert set(found.values()) == {1}
    assert sim.refusals == []
    print(seconds, len(asked(sim)))
    assert seconds < 21 * 60
