"""A campaign's own process: ``python -m benchmarks.campaign_worker WHAT STORE [WORD ...]``.

It prints what it sees, a line of JSON for each: of itself, how much memory it has.
"""

from __future__ import annotations

import asyncio
import json
import os
import resource
import sys
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path

from smsc_async import Event, FileThrottle, SmscClient
from smsc_async.campaigns import Campaign, Options, Progress, RowState, open_store

from .lanes import codes
from .service import DEMO

ROUNDS = 5  # of one-time codes, with the campaign and without
FILLED = 1.0  # seconds after which its places are taken
# Statuses are asked about in the same lane; here it is to be seen what sending does.
OPTIONS = Options(statuses=False, blacklist=False)
PAGE = os.sysconf("SC_PAGE_SIZE")


def say(**seen: object) -> None:
    """Print a line of what is seen, and the megabytes that this process has, and had at most."""
    resident = int(Path("/proc/self/statm").read_text("ascii").split()[1]) * PAGE
    most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
    print(json.dumps({**seen, "now": resident / 1e6, "most": most / 1e6}), flush=True)


def people(rows: int) -> Iterator[dict[str, str]]:
    """Yield recipients, each with a text of its own in the end."""
    for at in range(rows):
        yield {"phone": f"+7901{at:07}", "name": f"Recipient {at}", "city": "Moscow"}


@asynccontextmanager
async def client(path: str, url: str) -> AsyncIterator[SmscClient]:
    """Make a client as the command line does: its limits are in a file.

    It says when its first request is ready for them.
    """
    asked = list[Event]()

    def hear(event: Event) -> None:
        if not asked:
            asked.append(event)
            say(asked=time.monotonic())

    async with SmscClient(
        login=DEMO,
        password=DEMO,
        base_url=url,
        throttle=FileThrottle(f"{path}.limits"),
        max_wait=600,
        on_event=hear,
    ) as smsc:
        yield smsc


async def load(path: str, rows: str) -> None:
    """Make a campaign."""
    begun = time.perf_counter()
    async with open_store(path) as store:
        text = "Hello {name} from {city}, your order has arrived"
        await Campaign.create(store, people(int(rows)), text, options=OPTIONS)
    say(seconds=time.perf_counter() - begun)


async def send(path: str, url: str) -> None:
    """Run a campaign to its end, and tell how it goes."""
    async with open_store(path) as store, client(path, url) as smsc:
        campaign = await Campaign.open(store)
        await campaign.run(smsc, on_progress=tell)
        say(done=True)


def tell(progress: Progress) -> None:
    """Say how far it is."""
    say(accepted=progress.accepted)


async def beside(path: str, url: str) -> None:
    """Send one-time codes in turn with a campaign and without."""
    idle, crowded = list[float](), list[float]()
    async with open_store(path) as store, client(path, url) as smsc:
        campaign = await Campaign.open(store)
        await codes(smsc)  # the login is proved and the connections are made
        for _ in range(ROUNDS):
            idle += await codes(smsc)
            running = asyncio.create_task(campaign.run(smsc))
            await asyncio.sleep(FILLED)
            crowded += await codes(smsc)
            if running.done():
                raise SystemExit("too few rows: the campaign was over before the codes were")
            await campaign.pause()
            await running
            await campaign.resume()
    say(idle=idle, beside=crowded)


async def report(path: str, folder: str) -> None:
    """Count a campaign, and write its report of every row."""
    async with open_store(path) as store:
        campaign = await Campaign.open(store)
        begun = time.perf_counter()
        found = await campaign.report()
        counted = time.perf_counter()
        await campaign.write_report(Path(folder, "report.csv"))
        written = time.perf_counter()
    say(
        counted=counted - begun,
        written=written - counted,
        accepted=found.count(RowState.ACCEPTED),
        in_doubt=found.in_doubt,
    )


if __name__ == "__main__":
    what = {"load": load, "send": send, "beside": beside, "report": report}
    asyncio.run(what[sys.argv[1]](*sys.argv[2:]))
