"""A service, a client, and a store on one virtual clock, and campaigns that are run there."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any, TypeVar

import httpx

from smsc_async import SmscClient
from smsc_async._transport.clock import Seams
from smsc_async.campaigns import Campaign, Options, Progress, Report, RowState, State, Store
from smsc_async.campaigns._records import Request
from smsc_async.campaigns._store import COLUMNS
from smsc_async.simulator import Settings, Simulator
from tests.campaigns.inline import store_at

T = TypeVar("T")
NOW = datetime(2026, 11, 21, 9, 0, tzinfo=UTC)
TEXT = "hello {name}"

Lost = Callable[[Mapping[str, str]], bool]


class Wire(httpx.ASGITransport):
    """The way to the service, on which things are lost: requests before it, or answers after it."""

    def __init__(self, sim: Simulator) -> None:
        super().__init__(app=sim.app)
        self.lost: Lost = lambda _: False  # the answer to a request of which this says so
        self.down: Callable[[], bool] = lambda: False  # nothing gets there, and that is known

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        form = dict(httpx.QueryParams((await request.aread()).decode()))
        if self.down():
            raise httpx.ConnectError("away", request=request)
        response = await super().handle_async_request(request)
        if self.lost(form):
            raise httpx.ReadError("lost", request=request)
        return response


@dataclass
class World:
    """What a test needs, on one clock that begins at NOW."""

    sim: Simulator
    smsc: SmscClient
    store: Store
    wire: Wire
    seams: Seams
    told: list[Progress] = field(default_factory=list[Progress])

    async def made(self, count: int = 20, text: str = TEXT, **options: Any) -> Campaign:  # noqa: ANN401 - whatever
        """Make a campaign of so many rows."""
        return await Campaign.create(
            self.store, people(count), text, options=Options(**options), work=inline
        )

    async def run(self, campaign: Campaign, **how: Any) -> Report:  # noqa: ANN401 - whatever
        """Run a campaign to where it ends."""
        return await campaign.run(self.smsc, on_progress=self.told.append, seams=self.seams, **how)

    def sends(self) -> int:
        """Count the requests that came to be sends."""
        return sum(one.path == "send.php" and one.params.get("cost") == "3" for one in self.sim.log)


@asynccontextmanager
async def world(
    path: Path,
    settings: Settings | None = None,
    **client: Any,  # noqa: ANN401 - whatever
) -> AsyncIterator[World]:
    """Give a service, a client and a store that read the same clock."""
    begun = now()

    def wall() -> datetime:
        return NOW + timedelta(seconds=now() - begun)

    def seconds() -> float:
        return wall().timestamp()

    async with Simulator(
        settings or Settings(latency=0.2, balance=Decimal(100_000)), wall=wall
    ) as sim:
        wire = Wire(sim)
        async with SmscClient(
            login="demo", password="demo", transport=wire, wall=seconds, **client
        ) as smsc:
            store = store_at(path / "campaigns.db", wall=seconds)
            try:
                yield World(sim, smsc, store, wire, Seams(wall=seconds, chance=lambda: 0.5))
            finally:
                await store.aclose()


async def inline(work: Callable[[], T], /) -> T:
    """Do in this thread what a campaign does in another."""
    return work()


def people(count: int) -> list[dict[str, str]]:
    """Return so many recipients."""
    return [{"phone": f"+7999{n:07}", "name": f"name {n}"} for n in range(count)]


async def rows(store: Store, number: int) -> list[dict[str, Any]]:
    """Return all rows of a campaign by the names of their columns."""
    return [
        dict(zip(COLUMNS, row, strict=True))
        async for portion in store.rows(number)
        for row in portion
    ]


async def check(world: World, campaign: Campaign) -> None:
    """Every row that is accepted was accepted, once; every other was not, or is in doubt."""
    accepted = Counter(one.phone for one in world.sim.accepted)
    assert max(accepted.values(), default=0) <= 1
    for row in await rows(world.store, campaign.number):
        taken = accepted[row["phone"].lstrip("+")]
        if row["state"] == RowState.ACCEPTED:
            assert taken == 1, row
        elif row["state"] != RowState.HELD:
            assert taken == 0, row
    assert world.sim.most_at_once <= 14


def now() -> float:
    return asyncio.get_running_loop().time()


async def cut_short(at: World, campaign: Campaign, seconds: float = 0.55) -> list[Request]:
    """Run a campaign, all whose answers are lost, for so long; return its requests."""
    before, at.wire.lost = at.wire.lost, lambda form: form.get("cost") == "3"
    task = asyncio.create_task(at.run(campaign, grace=0.0))
    await asyncio.sleep(0.55)
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    at.wire.lost = before
    return await at.store.requests(campaign.number, *State)
