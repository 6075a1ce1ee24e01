"""Thousands of sends: never over fourteen at once, and hardly ever fewer."""

from __future__ import annotations

import asyncio
import os
import random

import httpx
import pytest

from smsc_async import SmscClient
from smsc_async._wire.limits import Lane
from tests.virtual import run

SENDS = 10_000 if int(os.environ.get("SMSC_SEEDS", "1")) else 2_000


class Busy(httpx.AsyncBaseTransport):
    """Answers after a while, and notes for how long how many requests were under way."""

    def __init__(self, seed: int) -> None:
        self.seconds = dict.fromkeys(range(20), 0.0)
        self.begun = 0
        self._running = 0
        self._since = 0.0
        self._chance = random.Random(seed)

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        self.begun += 1
        self._change(1)
        slow = self._chance.random() < 0.01
        await asyncio.sleep(self._chance.lognormvariate(-1.5, 0.6) + (20 if slow else 0))
        self._change(-1)
        return httpx.Response(200, content=b'{"id": 1, "cnt": 1}')

    def _change(self, step: int) -> None:
        now = asyncio.get_running_loop().time()
        if self._running and self.begun < SENDS:  # afterwards there is no work for all places
            self.seconds[self._running] += now - self._since
        self._since = now
        self._running += step


@pytest.mark.parametrize("lane", ["interactive", "bulk"])
def test_with_one_lane_all_fourteen_places_are_busy_while_there_is_work(lane: Lane) -> None:
    transport = Busy(seed=1)

    async def send_all() -> None:
        async with SmscClient(
            api_key="key", transport=transport, max_wait=float("inf"), priority=lane
        ) as smsc:
            sends = [smsc.send(f"+7999{at:07}", f"text {at}") for at in range(SENDS)]
            await asyncio.gather(*sends)
            assert smsc.throttle.snapshot().in_flight == 0

    run(send_all())

    assert transport.begun == SENDS
    assert not any(transport.seconds[at] for at in range(15, 20))
    assert transport.seconds[14] >= 0.98 * sum(transport.seconds.values())
