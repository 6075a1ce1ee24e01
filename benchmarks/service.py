"""The simulator on a socket, in a process of its own: ``python -m benchmarks.service``.

It serves until its standard input ends, and then writes down what arrived, a line for each.
"""

from __future__ import annotations

import asyncio
import gc
import json
import subprocess
import sys
from asyncio.subprocess import Process
from collections.abc import AsyncGenerator, Mapping
from contextlib import asynccontextmanager
from decimal import Decimal
from pathlib import Path
from random import Random

from smsc_async.simulator import Settings, Simulator

from .judge import Arrival

SPREAD = 0.02  # of the latency, to either side

# Login and password of the service's own public demo account, which the simulator knows.
DEMO = "demo"


async def main(latency: float) -> list[str]:
    """Serve; each request takes about *latency* seconds, all of it at work. Return what came."""

    def delays(chance: Random) -> tuple[float, float]:
        return 0.0, latency * chance.uniform(1 - SPREAD, 1 + SPREAD)

    settings = Settings(delays=delays, balance=Decimal(10**9))
    async with Simulator(settings) as simulator:
        async with simulator.serve() as url:
            print(url, flush=True)
            await asyncio.to_thread(sys.stdin.read)
            await simulator.idle()  # of killed workers too: those are what matters
        return [
            json.dumps(
                [
                    *(request.params.get("id", ""), request.arrived, request.ended, request.code),
                    *(request.path, _messages(request.params)),
                ]
            )
            for request in simulator.log
        ]


def _messages(params: Mapping[str, str]) -> int:
    """Count the messages that a request asks to send, where it does."""
    lines = params.get("list") or params.get("phones", "").replace(",", "\n")
    return lines.count("\n") + 1


async def program(module: str, *words: str) -> Process:
    """Start a module of this package as a program that is spoken to through pipes."""
    return await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", f"{__package__}.{module}", *words),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        cwd=Path(__file__).parents[1],
    )


@asynccontextmanager
async def serving(latency: float, into: Path) -> AsyncGenerator[str]:
    """Run it, and give its address; afterwards *into* tells what arrived."""
    async with told("service", str(latency), str(into)) as url:
        yield url


@asynccontextmanager
async def told(module: str, *words: str) -> AsyncGenerator[str]:
    """Run a module of this package until the end of the block; give the line it says first."""
    process = await program(module, *words)
    try:
        if process.stdin is None or process.stdout is None:
            raise RuntimeError("there are no pipes")
        yield (await process.stdout.readline()).decode().strip()
        process.stdin.close()
        await process.wait()
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()


def arrivals(written: Path) -> list[Arrival]:
    """Read what arrived; the part of an id before the first dash names the worker."""
    found = list[Arrival]()
    for line in written.read_text("utf-8").splitlines():
        id, *rest = json.loads(line)  # noqa: A001 - as the service names it
        found.append(Arrival(id.partition("-")[0], *rest))
    return sorted(found, key=lambda arrival: arrival.begun)


if __name__ == "__main__":
    # To look through hundreds of thousands of messages would hold the service up, and all that wait
    # for it: there is little that only a look finds.
    gc.disable()
    written = asyncio.run(main(float(sys.argv[1])))
    Path(sys.argv[2]).write_text("".join(f"{line}\n" for line in written), "utf-8")
