"""A campaign in a file, a service on a socket, and workers that are ended from without."""

from __future__ import annotations

import asyncio
import signal
import subprocess
import sys
from asyncio.subprocess import Process
from collections import Counter
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from typing import Final

from smsc_async.campaigns import Campaign, Options, open_store
from smsc_async.simulator import Delays, Fault, Settings, Simulator

ROWS: Final = 200
EACH: Final = 10  # rows of a request
# By the fast clock. Quiet is longer than the minute in which the service refuses twins.
OPTIONS: Final = Options(
    rows_per_request=EACH,
    lookups=2,
    lookup_every=15.0,
    quiet=65.0,
    statuses=False,
    blacklist=False,
)
PLACES: Final = 14
ENDED_BY_A_KILL: Final = -signal.SIGKILL
LONGEST: Final = 60.0 * 60  # by the fast clock; no test comes near


@dataclass
class Script:
    """What happens to the requests: the faults of some sends, and who hears of each arrival."""

    faults: Mapping[int, Fault] = field(default_factory=dict)  # by the number of the send
    on_send: Callable[[int], object] = lambda _: None
    on_status: Callable[[int], object] = lambda _: None
    sends: int = 0
    statuses: int = 0

    def __call__(self, path: str, params: Mapping[str, str], number: int) -> Fault | None:
        if path != "send.php":
            self.statuses += 1
            self.on_status(self.statuses)
            return None
        self.sends += 1
        self.on_send(self.sends)
        return self.faults.get(self.sends)


@dataclass
class World:
    """A campaign and the service that it is sent to."""

    sim: Simulator
    url: str
    path: Path
    script: Script
    workers: list[Process] = field(default_factory=list[Process])  # all that were started
    said: str = ""  # by the worker that ended last, as its errors

    async def live(self, *moment: str) -> int:
        """Run a worker to its end, and return how it ended."""
        return await self.end(await self.begin(*moment))

    async def begin(self, *moment: str) -> Process:
        """Start a worker."""
        worker = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "tests.campaigns.crash.worker"),
            *(str(self.path), self.url, *moment),
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            cwd=Path(__file__).parents[3],
        )
        self.workers.append(worker)
        return worker

    async def end(self, worker: Process) -> int:
        """Wait until a worker ends, and return how."""
        async with asyncio.timeout(LONGEST):
            _, said = await worker.communicate()
        self.said = said.decode()
        if worker.returncode is None:
            raise RuntimeError("it has not ended")
        return worker.returncode

    def signal(self, number: signal.Signals) -> None:
        """Send the newest worker a signal."""
        self.workers[-1].send_signal(number)

    async def finish(self) -> None:
        """Run a worker that nobody ends, and let the service end what it works on."""
        code = await self.live()
        if code:
            raise RuntimeError(self.said)
        await self.sim.idle()


@asynccontextmanager
async def world(
    folder: Path,
    *,
    rows: int = ROWS,
    options: Options = OPTIONS,
    text: str = "Hello {name}",
    delays: Delays | None = None,
    visible: float = 0.0,
    script: Script | None = None,
) -> AsyncIterator[World]:
    """Make a campaign of that many rows, and serve until the end of the block."""
    path, script = folder / "campaigns.db", script or Script()
    async with open_store(path) as store:
        people = ({"phone": phone(at), "name": f"number {at}"} for at in range(rows))
        await Campaign.create(store, people, text, options=options)
    settings = Settings(delays=delays or brief, visible=visible)
    async with Simulator(settings) as sim, sim.serve() as url:
        sim.faults = script
        made = World(sim, url, path, script)
        try:
            yield made
        finally:
            for worker in made.workers:
                if worker.returncode is None:
                    worker.kill()
                    await worker.wait()


def phone(at: int) -> str:
    """Return the phone of a row."""
    return f"+7999{at:07}"


def brief(chance: Random) -> tuple[float, float]:
    """Return how long a request is on its way and at work, where nothing else is said."""
    return chance.uniform(0.1, 0.4), chance.uniform(0.1, 0.8)


@dataclass(frozen=True)
class Account:
    """What the store says of every row, beside what the service has."""

    states: Mapping[str, str]  # by phone
    taken: Counter[str]  # how often, by phone
    in_doubt: frozenset[str]  # the phones that the report names

    @property
    def twice(self) -> set[str]:
        """The phones that the service has accepted more than once."""
        return {phone for phone, times in self.taken.items() if times > 1}

    @property
    def lost(self) -> set[str]:
        """The phones of which the store says nothing that is true, or nothing that ends."""
        return {
            phone
            for phone, state in self.states.items()
            if not (
                (state == "accepted" and self.taken[phone])
                or (state == "held" and phone in self.in_doubt)
            )
        }


async def account(made: World) -> Account:
    """Read what became of each row."""
    states = dict[str, str]()
    async with open_store(made.path) as store:
        campaign = await Campaign.open(store)
        report = await campaign.report()
        async for portion in store.rows(campaign.number):
            states |= {str(row[1]): str(row[2]) for row in portion}
    taken = Counter(f"+{message.phone}" for message in made.sim.accepted)
    in_doubt = frozenset(phone for request in report.unsettled for phone in request.phones)
    return Account(states, taken, in_doubt)
