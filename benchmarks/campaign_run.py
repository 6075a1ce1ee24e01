"""A million recipients: memory, places, what a kill costs, the report, and a code meanwhile."""

from __future__ import annotations

import asyncio
import json
import statistics
import sys
import tempfile
import time
from asyncio.subprocess import Process
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from smsc_async._wire import codes
from smsc_async._wire.limits import AT_ONCE

from .judge import Arrival, busy
from .results import measured, paragraph, table, verdict
from .service import arrivals, program, serving

ROWS = 1_000_000
KILLED = 0.1  # of the rows are accepted when it is killed
BESIDE = 100_000  # rows of the campaign that one-time codes are sent beside: it is not over by then
LATENCY = 0.5  # of a request with a hundred messages
PLACES = AT_ONCE.limit
SETTLED = 5.0  # seconds at both ends that do not count for the places
LEAST = 10.0  # seconds that tell something of the places

MOST_MEMORY = 200.0  # megabytes
FLAT = 1.10
MOST_RESUME = 2.0  # seconds
MOST_REPORT = 10.0
MOST_CODE = 1.10
SHARE = 0.95  # of the places

Seen = Mapping[str, Any]


@dataclass
class Outcome:
    """What was seen of both campaigns; moments are of the machine's monotonic clock."""

    rows: int
    loaded: Seen = field(default_factory=dict)
    codes: Seen = field(default_factory=dict)
    first: Seen = field(default_factory=dict)  # of the process that was killed
    begun: float = 0.0  # of the process that went on
    resumed: Seen = field(default_factory=dict)
    report: Seen = field(default_factory=dict)
    arrivals: list[Arrival] = field(default_factory=list[Arrival])


@asynccontextmanager
async def worker(what: str, *words: str) -> AsyncIterator[Process]:
    """Run a process until the end of the block."""
    process = await program("campaign_worker", what, *words)
    try:
        yield process
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()


async def lines(process: Process) -> AsyncIterator[Seen]:
    """Yield what a worker sees."""
    if process.stdout is None:
        raise RuntimeError("there are no pipes")
    async for line in process.stdout:
        yield json.loads(line)


async def last(what: str, *words: str) -> Seen:
    """Run a worker to its end, and return all it saw, and of each thing what it saw last."""
    seen = dict[str, Any]()
    async with worker(what, *words) as process:
        async for line in lines(process):
            seen |= line
        if await process.wait():
            raise RuntimeError(f"{what} failed")
    return seen


async def measure(rows: int) -> Outcome:
    """Send codes beside a campaign, and run one of *rows* that is killed and goes on."""
    outcome = Outcome(rows)
    with tempfile.TemporaryDirectory() as folder:
        path, small = str(Path(folder, "campaigns.db")), str(Path(folder, "small.db"))
        written = Path(folder, "arrivals")
        await last("load", small, str(BESIDE))
        outcome.loaded = await last("load", path, str(rows))
        async with serving(LATENCY, Path(folder, "ignored")) as url:
            outcome.codes = await last("beside", small, url)
        async with serving(LATENCY, written) as url:
            async with worker("send", path, url) as first:
                async for seen in lines(first):
                    outcome.first = seen
                    if seen.get("accepted", 0) >= rows * KILLED:
                        break
                first.kill()
                await first.wait()
            outcome.begun = time.monotonic()
            outcome.resumed = await last("send", path, url)
        outcome.arrivals = arrivals(written)
        outcome.report = await last("report", path, folder)
    return outcome


def judged(outcome: Outcome) -> str:
    """Return the table, and what it says about the promises."""
    sends = [one for one in outcome.arrivals if one.path == codes.SEND]
    # What the killed process had written may be read a little after its end.
    before = [one for one in sends if one.begun < outcome.resumed["asked"]]
    after = sends[len(before) :]
    taken = sum(one.messages for one in sends if not one.code)
    refused = sum(bool(one.code) for one in outcome.arrivals)
    ready, back = (at - outcome.begun for at in (outcome.resumed["asked"], after[0].begun))
    # What is sent again comes long after the others, and what the kill left in doubt is looked up.
    since, until = after[0].begun + SETTLED, after[len(after) * 95 // 100].begun
    places = busy(outcome.arrivals, since, until, PLACES)
    looked = max(
        [since, *(one.ended for one in outcome.arrivals if one.path == codes.STATUS)],
    )
    alone = busy(sends, looked, until, PLACES) if until - looked >= LEAST else None
    idle, beside = (statistics.median(outcome.codes[side]) for side in ("idle", "beside"))
    memory, early = outcome.resumed["most"], outcome.first["most"]
    rows = [
        ("rows", f"{outcome.rows:,}"),
        ("made in", f"{outcome.loaded['seconds']:.1f} s"),
        ("memory of making it", f"{outcome.loaded['most']:.0f} MB"),
        ("requests, before the kill and after it", f"{len(before):,} + {len(after):,}"),
        ("answers that were errors", f"{refused}"),
        ("accepted by the service", f"{taken:,}"),
        ("accepted by the report, and in doubt", _counted(outcome.report)),
        (f"most memory, the first {outcome.first['accepted']:,} rows", f"{early:.0f} MB"),
        ("most memory, the other rows", f"{memory:.0f} MB"),
        (f"places busy with sends and look-ups, {until - since:.0f} s", f"{places:.1%}"),
        ("from the start of the process until a request is ready", f"{ready:.2f} s"),
        ("and until one is sent: the killed one's places stay taken", f"{back:.2f} s"),
        ("report", f"{outcome.report['counted']:.2f} s"),
        ("report of every row as a file", f"{outcome.report['written']:.1f} s"),
        ("a one-time code, idle and beside a campaign", f"{idle:.3f} s, {beside:.3f} s"),
    ]
    exact = taken == outcome.rows == outcome.report["accepted"]
    in_time = outcome.report["counted"] < MOST_REPORT
    verdicts = [
        verdict("after a kill every row is accepted, and once", held=exact),
        verdict(f"at most {MOST_MEMORY:.0f} MB ({memory:.0f})", held=memory < MOST_MEMORY),
        verdict(
            f"nine times the rows take at most {FLAT:.0%} of the memory ({memory / early:.0%})",
            held=memory <= FLAT * early,
        ),
        verdict(
            f"at least {SHARE:.0%} of the places busy with sends and look-ups ({places:.1%})",
            held=places >= SHARE,
        ),
        "- not measured: the places busy with sends alone, for the look-ups took too long"
        if alone is None
        else verdict(
            f"at least {SHARE:.0%} of the places busy with sends alone ({alone:.1%})",
            held=alone >= SHARE,
        ),
        verdict(f"goes on within {MOST_RESUME:.0f} s ({ready:.2f} s)", held=ready < MOST_RESUME),
        verdict(f"the report in under {MOST_REPORT:.0f} s", held=in_time),
        verdict(
            f"a code takes at most {MOST_CODE:.0%} beside a campaign ({beside / idle:.0%})",
            held=beside <= MOST_CODE * idle,
        ),
    ]
    return "\n".join([table(["", ""], rows), *verdicts])


def _counted(report: Seen) -> str:
    return f"{report['accepted']:,}, {report['in_doubt']}"


def main(rows: int) -> None:
    """Print the section."""
    outcome = asyncio.run(measure(rows))
    print(
        paragraph(
            "A campaign of texts of their own, a hundred to a request, over sockets to the",
            f"simulator in another process, which takes {LATENCY * 1e3:.0f} ms for a request, give",
            f"or take 2 %. After {KILLED:.0%} of the rows its process is ended by SIGKILL, and",
            "another one goes on to the end. One-time codes are sent by the process of another",
            "campaign, in turn while that is paused and while it runs. The simulator is spared the",
            "collector of cycles, which would hold it up.",
        )
    )
    print(judged(outcome))
    print(f"\n{measured()}")


if __name__ == "__main__":
    main(int(sys.argv[1].replace("_", "")) if sys.argv[1:] else ROWS)
