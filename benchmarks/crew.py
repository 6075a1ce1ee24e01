"""Worker processes that share a login through a file, some of which are killed."""

from __future__ import annotations

import asyncio
import tempfile
import time
from asyncio.subprocess import Process
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from .judge import Arrival
from .service import arrivals, program, serving

FIRST = ("a", "b", "c", "d")
KILLED = ("a", "b")
NEXT = ("e", "f")
LINGER = 5.0  # seconds that the places of a killed process stay taken: the client's default


@dataclass(frozen=True, slots=True)
class Plan:
    """Seconds: of an answer, of the time with all workers, and of the time after the kill."""

    latency: float
    steady: float
    after: float
    settling: float = 1.0  # from when the last worker has begun until all is even


@dataclass(slots=True)
class Outcome:
    """What the service saw, with the moments to judge it by, on the machine's steady clock."""

    since: float = 0.0
    until: float = 0.0
    killed: dict[str, float] = field(default_factory=dict[str, float])
    ended: float = 0.0
    errors: list[str] = field(default_factory=list[str])  # of the workers that lived
    arrivals: list[Arrival] = field(default_factory=list[Arrival])


class Crew:
    """The processes, by their names."""

    def __init__(self, url: str, shared: Path) -> None:
        self._url = url
        self._shared = shared
        self._processes: dict[str, Process] = {}

    async def start(self, names: Sequence[str]) -> None:
        """Start workers, and wait until each has sent something."""
        for name in names:
            self._processes[name] = await program("worker", self._url, str(self._shared), name)
        for name in names:
            said = await _stdout(self._processes[name]).readline()
            if said != b"ready\n":
                raise RuntimeError(f"worker {name} did not begin")

    async def kill(self, name: str) -> float:
        """Kill one as a machine out of memory would, and return the moment."""
        process = self._processes.pop(name)
        moment = time.monotonic()
        process.kill()
        await process.wait()
        return moment

    async def stop(self) -> list[str]:
        """Let the others come to their end, and return the errors that they met."""
        for process in self._processes.values():
            if process.stdin is not None:
                process.stdin.close()
        said = [await _stdout(process).read() for process in self._processes.values()]
        for process in self._processes.values():
            await process.wait()
        self._processes.clear()
        return [line for text in said for line in text.decode().splitlines()]

    async def end(self) -> None:
        """Kill whoever is still there."""
        for name in list(self._processes):
            await self.kill(name)


async def work(plan: Plan) -> Outcome:
    """Let four workers send for a while; then kill two, start two others, and go on.

    It waits in real time: processes of their own have no clock but the machine's.
    """
    outcome = Outcome()
    with tempfile.TemporaryDirectory() as folder:
        written = Path(folder, "arrivals")
        async with serving(plan.latency, written) as url:
            crew = Crew(url, Path(folder, "throttle"))
            try:
                await crew.start(FIRST)
                await asyncio.sleep(plan.settling)
                outcome.since = time.monotonic()
                await asyncio.sleep(plan.steady)
                outcome.until = time.monotonic()
                for name in KILLED:
                    outcome.killed[name] = await crew.kill(name)
                await crew.start(NEXT)
                await asyncio.sleep(max(0.0, outcome.until + plan.after - time.monotonic()))
                outcome.ended = time.monotonic()
                outcome.errors = await crew.stop()
            finally:
                await crew.end()
        outcome.arrivals = arrivals(written)
    return outcome


def _stdout(process: Process) -> asyncio.StreamReader:
    if process.stdout is None:
        raise RuntimeError("there is no pipe")
    return process.stdout
