"""A campaign that is killed ten times, at a service that is late and loses answers.

``python -m benchmarks.campaign_soak [ROWS [SEED]]``; the same seed kills at the same moments.
"""

from __future__ import annotations

import asyncio
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path
from random import Random, SystemRandom
from typing import Final

from smsc_async._wire import codes
from smsc_async._wire.limits import AT_ONCE
from smsc_async.campaigns import Campaign, Options, Report, RowState, open_store
from smsc_async.simulator import Fault, Settings, Simulator

from .campaign_run import lines, worker
from .campaign_worker import people
from .judge import Arrival, most_at_once
from .results import measured, paragraph, table, verdict

# Every row of a request in doubt is asked about, some four in a second: so few rows to a request.
ROWS = 10_000
REQUESTS = 500  # so many rows go in each that there are about so many
KILLS = 10
SENDING = 2.2  # seconds after its first send has arrived within which a program is killed
# Of the programs so many are killed within so many seconds of their start, whether or not they send
# by then: while they look up what the one before has left, say.
AT_START = 1 / 3
LIFE = 7.0
LONGEST = 1800.0  # seconds of the last program, which nobody kills: about twice what it takes

# What becomes of a send: the share of all, and the end that it comes to.
FAULTS: Final[Mapping[Fault, float]] = {
    "drop_before": 0.01,
    "html_502": 0.005,
    "drop_after": 0.02,
    "html_502_after": 0.005,
    "truncated": 0.005,
}
LATE = 0.01  # of all requests arrive so many seconds later, which is after the time-out of a send
LATER = 32.5
QUIET = 75.0  # seconds, which is less than by default


@dataclass
class Outcome:
    """What was seen, beside what the store says of every row and what the service has taken."""

    rows: int
    seed: int
    seconds: float = 0.0
    kills: int = 0
    most: float = 0.0  # megabytes of any of the programs
    faults: Counter[str] = field(default_factory=Counter[str])
    log: list[Arrival] = field(default_factory=list[Arrival])
    taken: Counter[str] = field(default_factory=Counter[str])  # how often, by phone
    states: dict[str, str] = field(default_factory=dict[str, str])  # by phone
    report: Report | None = None

    @property
    def twice(self) -> int:
        """How many rows the service has accepted more than once."""
        return sum(times > 1 for times in self.taken.values())

    @property
    def lost(self) -> int:
        """How many rows the store says nothing true of, or nothing that is final."""
        named = set[str]()
        if self.report is not None:
            named = {phone for one in self.report.unsettled for phone in one.phones}
        known = sum(
            (state == RowState.ACCEPTED and self.taken[phone] > 0)
            or (state == RowState.HELD and phone in named)
            for phone, state in self.states.items()
        )
        return self.rows - known


class Service:
    """Lets some sends come to a bad end, and tells when one has arrived."""

    def __init__(self, chance: Random) -> None:
        self.met = Counter[str]()
        self.arrived = asyncio.Event()
        self._chance = chance

    def fault(self, path: str, _params: Mapping[str, str], _number: int) -> Fault | None:
        """Choose the end of a request."""
        if path != codes.SEND:
            return None
        self.arrived.set()
        (chosen,) = self._chance.choices(
            [*FAULTS, None], [*FAULTS.values(), 1 - sum(FAULTS.values())]
        )
        self.met.update([chosen] if chosen else [])
        return chosen

    def delays(self, chance: Random) -> tuple[float, float]:
        """Choose how long a request is on its way, and how long it is worked on."""
        if chance.random() < LATE:
            self.met["late"] += 1
            return LATER, chance.uniform(0.1, 0.4)
        return chance.uniform(0.05, 0.3), chance.uniform(0.2, 0.6)


async def live(path: Path, url: str, outcome: Outcome, last: asyncio.Task[None] | None) -> bool:
    """Run a program to the end of *last*, or to its own; tell whether it had to be killed."""
    async with worker("send", str(path), url) as process:

        async def hear() -> None:
            async for seen in lines(process):
                outcome.most = max(outcome.most, seen["most"])

        hearing = asyncio.create_task(hear())
        await asyncio.wait({hearing, *([last] if last else [])}, return_when="FIRST_COMPLETED")
        cut = process.returncode is None and not hearing.done()
        if cut:
            process.kill()
        await asyncio.gather(hearing)
        if await process.wait() and not cut:
            raise RuntimeError("the program failed")
        return cut


async def moment(chance: Random, service: Service) -> None:
    """Wait until a program that now starts is to be killed."""
    service.arrived.clear()
    if chance.random() < AT_START:
        await asyncio.sleep(chance.uniform(0, LIFE))
        return
    after = chance.uniform(0, SENDING)
    await service.arrived.wait()
    await asyncio.sleep(after)


async def measure(rows: int, seed: int) -> Outcome:
    """Make a campaign, and run it to its end however often its program is killed."""
    outcome, chance = Outcome(rows, seed), Random(seed)  # noqa: S311 - no secret
    service = Service(Random(chance.random()))  # noqa: S311 - no secret
    settings = Settings(delays=service.delays, balance=Decimal(10**9), visible=0.5, seed=seed)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "campaigns.db")
        async with open_store(path) as store:
            text = "Hello {name} from {city}, your order has arrived"
            each = min(codes.MAX_RECIPIENTS, -(-rows // REQUESTS))
            options = Options(rows_per_request=each, quiet=QUIET, statuses=False, blacklist=False)
            await Campaign.create(store, people(rows), text, options=options)
        async with Simulator(settings) as sim, sim.serve() as url:
            sim.faults = service.fault
            begun = time.monotonic()
            for _ in range(KILLS):
                kill = asyncio.create_task(moment(chance, service))
                try:
                    outcome.kills += await live(path, url, outcome, kill)
                finally:
                    kill.cancel()
            with suppress(TimeoutError):  # what is not known then is lost
                async with asyncio.timeout(LONGEST):
                    await live(path, url, outcome, None)
            outcome.seconds = time.monotonic() - begun
            await sim.idle()  # what killed programs have sent is taken, too
            outcome.faults = service.met
            outcome.taken.update(f"+{message.phone}" for message in sim.accepted)
            outcome.log = [
                Arrival("", one.arrived, one.ended, one.code, one.path) for one in sim.log
            ]
        async with open_store(path) as store:
            campaign = await Campaign.open(store)
            outcome.report = await campaign.report()
            async for portion in store.rows(campaign.number):
                outcome.states |= {str(row[1]): str(row[2]) for row in portion}
    return outcome


def judged(outcome: Outcome) -> str:
    """Return the table, and what it says about the promises."""
    report = outcome.report
    if report is None:
        raise RuntimeError("nothing was measured")
    sends = sum(one.path == codes.SEND for one in outcome.log)
    refused = Counter(one.code for one in outcome.log if one.code)
    most = most_at_once(outcome.log)
    faults = ", ".join(f"{count} {name}" for name, count in sorted(outcome.faults.items()))
    doubts = [one.id for one in report.unsettled]
    arrived = sum(outcome.taken[phone] > 0 for one in report.unsettled for phone in one.phones)
    rows = [
        ("rows", f"{outcome.rows:,}"),
        ("seed", f"{outcome.seed}"),
        ("programs killed", f"{outcome.kills}"),
        ("sends and look-ups that arrived", f"{sends:,} + {len(outcome.log) - sends:,}"),
        ("of them", faults),
        ("answers that were errors", f"{dict(refused) or 0}"),
        ("most at once at the service", f"{most}"),
        ("accepted by the service, messages", f"{outcome.taken.total():,}"),
        ("accepted by the report", f"{report.count(RowState.ACCEPTED):,}"),
        ("lost", f"{outcome.lost:,}"),
        ("accepted twice", f"{outcome.twice:,}"),
        ("in doubt, and of them accepted", f"{report.in_doubt:,}, {arrived:,}"),
        *([("named as", ", ".join(doubts))] if doubts else []),
        ("most memory", f"{outcome.most:.0f} MB"),
        ("time", f"{outcome.seconds:.0f} s"),
    ]
    over = report.standing == "done"
    return "\n".join(
        [
            table(["", ""], rows),
            verdict(f"killed {KILLS} times before its end", held=outcome.kills == KILLS),
            verdict(f"it is {report.standing}", held=over),
            verdict(f"lost {outcome.lost}", held=not outcome.lost),
            verdict(f"twice {outcome.twice}", held=not outcome.twice),
            verdict(f"at most {AT_ONCE.limit} at once ({most})", held=most <= AT_ONCE.limit),
        ]
    )


def main(rows: int, seed: int) -> None:
    """Print the section."""
    outcome = asyncio.run(measure(rows, seed))
    print(
        paragraph(
            f"A campaign of {REQUESTS} requests, with a quiet time of {QUIET:.0f} s, over",
            "sockets to the simulator, which takes 250 to 900 ms for a request and shows a message",
            f"half a second later. Its program is ended by SIGKILL {KILLS} times, within",
            f"{SENDING:g} s of its first send, or within {LIFE:g} s of its start, and another goes",
            "on. Some answers are lost, and some sends arrive after their sender has given them",
            "up. At the end each row of the store is compared with what the simulator itself has",
            "accepted.",
        )
    )
    print(judged(outcome))
    print(f"\n{measured()}")


if __name__ == "__main__":
    given = [int(word.replace("_", "")) for word in sys.argv[1:]]
    main(given[0] if given else ROWS, given[1] if given[1:] else SystemRandom().randrange(10**6))
