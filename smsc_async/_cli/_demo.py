"""The demo: a list of recipients, a campaign, the real client, and the simulator on a socket."""

from __future__ import annotations

import csv
from collections import Counter
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory
from typing import Literal

import anyio

from .. import SmscClient, SmscError, Throttle
from ..campaigns import Campaign, Options, RowState, Store, open_store, read_csv
from ..simulator import Settings, Simulator
from ._recipients import TEMPLATE, digits, phones

ROWS_PER_REQUEST = 10  # far fewer than is best, so that there is something to see
CODE_PHONE = "+7 999 123-45-67"
SEED = 2026
ERROR_TOO_MANY = 9


@dataclass(frozen=True, slots=True)
class Bad:
    """A row that cannot be sent to; *line* is where it stands in the file, from 1."""

    line: int
    phone: str
    reason: str


@dataclass(frozen=True, slots=True)
class Code:
    """How the one-time code fared that was sent half way."""

    seconds: float
    overtaken: int  # rows that had not been sent yet when it came


@dataclass(slots=True)
class Tally:
    """What became of the rows so far; only this module changes it."""

    rows: int
    done: int = 0
    accepted: int = 0
    duplicates: int = 0
    cost: Decimal = Decimal()
    bad: list[Bad] = field(default_factory=list[Bad])
    refused: Counter[str] = field(default_factory=Counter[str])  # by what the service says
    code: Code | None = None


@dataclass(frozen=True, slots=True)
class Result:
    """What is known at the end; *requests* and the rest are the simulator's own figures."""

    tally: Tally
    seconds: float
    at_best: float
    places: int
    requests: int
    most_at_once: int
    error_9: int
    taken: int  # messages that the service has accepted, but for the code

    @property
    def all_told(self) -> bool:
        """Tell whether each row is accounted for, once, and the service says the same."""
        tally = self.tally
        told = tally.accepted + tally.refused.total() + len(tally.bad) + tally.duplicates
        return told == tally.rows and tally.accepted == self.taken

    @property
    def good(self) -> bool:
        """Tell whether the demo shows what it is there to show."""
        return self.all_told and not self.error_9 and self.tally.code is not None


# Hears how it goes: the address at first, then the tally now and then.
Watch = Callable[[str | Tally], None]


async def run(lines: list[str], latency: float, watch: Watch) -> Result:
    """Send to each recipient of a list; answers take *latency* seconds, give or take a tenth."""
    spread = latency / 5
    settings = Settings(
        latency=latency - spread / 2,
        jitter=spread,
        balance=Decimal(100_000),
        refused=refusals(lines),
        seed=SEED,
    )
    tally = Tally(len(lines) - 1)
    with TemporaryDirectory() as name:
        folder = Path(name)
        async with (
            Simulator(settings) as simulator,
            simulator.serve() as url,
            open_store(folder / "campaigns.db") as store,
            SmscClient(
                login=settings.login,
                password=settings.password,
                base_url=url,
                throttle=Throttle(),  # this service begins now, and knows nothing of an earlier one
            ) as smsc,
        ):
            watch(url)
            places = smsc.throttle.snapshot().places
            campaign = await _create(store, lines, folder, tally)
            begun = anyio.current_time()
            await _send_all(campaign, smsc, simulator, tally, watch)
            seconds = anyio.current_time() - begun
            await _tell(campaign, folder / "report.csv", tally)
            watch(tally)
    return Result(
        tally=tally,
        seconds=seconds,
        at_best=simulator.requests * latency / places,
        places=places,
        requests=simulator.requests,
        most_at_once=simulator.most_at_once,
        error_9=sum(refusal.code == ERROR_TOO_MANY for refusal in simulator.refusals),
        taken=len(simulator.accepted) - (tally.code is not None),
    )


def refusals(lines: list[str]) -> Mapping[str, int]:
    """Choose a few numbers for the service to refuse, each with its error."""
    numbers = sorted({digits(phone) for phone in phones(lines) if phone.startswith("+7 9")})
    chosen = Random(SEED).sample(numbers, min(8, len(numbers) // 10))  # noqa: S311 - a demo
    errors: tuple[Literal[6, 7, 8], ...] = (8, 7, 8, 6)
    return {number: errors[at % len(errors)] for at, number in enumerate(chosen)}


async def _create(store: Store, lines: list[str], folder: Path, tally: Tally) -> Campaign:
    people, rejects = folder / "recipients.csv", folder / "rejects.csv"
    people.write_text("".join(lines), "utf-8")
    # Nobody is asked for a blacklist or for deliveries: what is counted is what is sent.
    options = Options(rows_per_request=ROWS_PER_REQUEST, statuses=False, blacklist=False)
    campaign = await Campaign.create(
        store, read_csv(people), TEMPLATE, options=options, rejects=rejects
    )
    tally.duplicates = campaign.loaded.duplicates if campaign.loaded else 0
    for row in _read(rejects):
        tally.bad.append(Bad(int(row["line"]), row["phone"], row["reason"]))
    tally.done = tally.duplicates + len(tally.bad)
    return campaign


async def _send_all(
    campaign: Campaign, smsc: SmscClient, simulator: Simulator, tally: Tally, watch: Watch
) -> None:
    never, half = tally.done, anyio.Event()

    def look(_path: str, _params: Mapping[str, str], _number: int) -> None:
        """Look how far it is, at each request that comes to the service."""
        tally.done = never + len(simulator.accepted)
        if tally.done * 2 >= tally.rows:
            half.set()
        watch(tally)

    async def send_code() -> None:
        """Send what a person waits for, in the lane of every call that does not say otherwise."""
        await half.wait()
        waiting = tally.rows - tally.done
        begun = anyio.current_time()
        with suppress(SmscError):  # the verdict says that it was lost
            await smsc.send(CODE_PHONE, "Код для входа: 4821")
            tally.code = Code(anyio.current_time() - begun, waiting)

    simulator.faults = look
    async with anyio.create_task_group() as group:
        group.start_soon(send_code)
        await campaign.run(smsc)
        half.set()  # a list that goes in one request has no half


async def _tell(campaign: Campaign, told: Path, tally: Tally) -> None:
    report = await campaign.report()
    tally.accepted = report.count(RowState.ACCEPTED)
    tally.cost = report.spent
    await campaign.write_report(told)
    tally.refused.update(row["reason"] for row in _read(told) if row["state"] == RowState.REFUSED)
    tally.done = tally.rows


def _read(path: Path) -> list[dict[str, str]]:
    if not path.exists():
        return []
    with path.open(encoding="utf-8-sig", newline="") as file:
        return [*csv.DictReader(file)]
