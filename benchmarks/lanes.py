"""What an interactive send waits for a campaign: nothing."""

from __future__ import annotations

import asyncio
import itertools
import statistics
import tempfile
import time
from pathlib import Path

from smsc_async import SmscClient, Throttle

from .judge import percentile
from .results import measured, paragraph, table, verdict
from .service import DEMO, serving

LATENCY = 0.3
ROUNDS = 25
CODES = 8  # sends, one after the other, of each of two streams: of a phase
STREAMS = 2
CAMPAIGN = 40  # sends of bulk that want in at any moment
MOST = 1.10
SHORT = 1e-4  # seconds that are under what the loop resolves, and over what it takes to ask

numbers = itertools.count()


async def code(smsc: SmscClient) -> float:
    """Return the seconds of an interactive send."""
    number = next(numbers)
    begun = time.perf_counter()
    await smsc.send(f"+7999{number:07}", f"code {number}")
    return time.perf_counter() - begun


async def codes(smsc: SmscClient) -> list[float]:
    """Return the seconds of some sends, two at a time."""

    async def stream() -> list[float]:
        return [await code(smsc) for _ in range(CODES)]

    found = await asyncio.gather(*(stream() for _ in range(STREAMS)))
    return [seconds for some in found for seconds in some]


async def campaign(smsc: SmscClient, enough: asyncio.Event) -> None:
    """Send in the bulk lane until it is *enough*."""
    while not enough.is_set():
        number = next(numbers)
        await smsc.send(f"+7999{number:07}", f"news {number}", priority="bulk")


async def tick() -> float:
    """Return the seconds that the shortest sleep takes: what the loop's timers resolve."""
    begun = time.perf_counter()
    for _ in range(200):
        await asyncio.sleep(SHORT)
    return (time.perf_counter() - begun) / 200


async def measure() -> tuple[list[float], list[float], float]:
    """Return the seconds of sends of an idle client, beside a campaign, and of a tick."""
    throttle = Throttle()
    idle, beside, ticks = list[float](), list[float](), list[float]()
    with tempfile.TemporaryDirectory() as folder:
        async with (
            serving(LATENCY, Path(folder, "arrivals")) as url,
            SmscClient(
                login=DEMO, password=DEMO, base_url=url, throttle=throttle, max_wait=600
            ) as smsc,
        ):
            await codes(smsc)  # the login is proved and the connections are made
            for _ in range(ROUNDS):
                idle += await codes(smsc)
                ticks.append(await tick())
                enough = asyncio.Event()
                bulk = [asyncio.create_task(campaign(smsc, enough)) for _ in range(CAMPAIGN)]
                await asyncio.sleep(2 * LATENCY)  # until its places are full
                beside += await codes(smsc)
                enough.set()
                await asyncio.gather(*bulk)
    return idle, beside, statistics.median(ticks)


def main() -> None:
    """Print the section."""
    idle, beside, resolved = asyncio.run(measure())
    rows, verdicts = list[tuple[str, ...]](), list[str]()
    for name, hundredth in (("median", 50), ("99th percentile", 99)):
        alone, crowded = percentile(idle, hundredth), percentile(beside, hundredth)
        ratio, bound = crowded / alone, MOST * alone + resolved
        rows.append((name, f"{alone * 1e3:.1f} ms", f"{crowded * 1e3:.1f} ms", f"{ratio:.3f}"))
        verdicts.append(
            verdict(f"{name} at most {bound * 1e3:.1f} ms: 10 % and a tick", held=crowded <= bound)
        )
    print(
        paragraph(
            "An interactive send, over a socket to the simulator in another process, which takes",
            f"{LATENCY * 1e3:.0f} ms for a request, give or take 2 %: of an idle client, and while",
            f"{CAMPAIGN} bulk sends want in at any moment. The two took turns, {ROUNDS} times each",
            f"with {len(idle)} sends in all, {STREAMS} at a time: as many places as bulk leaves",
            f"free. A tick, the shortest sleep of the event loop, is {resolved * 1e3:.1f} ms.",
        )
    )
    print(table(["", "idle", "beside a campaign", "ratio"], rows))
    print("\n".join(verdicts))
    print(f"\n{measured()}")


if __name__ == "__main__":
    main()
