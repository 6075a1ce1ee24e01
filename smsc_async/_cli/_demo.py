"""The demo: a list of recipients, the real client, and the simulator on a socket."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from random import Random
from typing import Literal

import anyio

from .. import InvalidMessage, SmscClient, SmscError, Throttle
from ..simulator import Settings, Simulator
from ._recipients import Recipient, digits, distinct

# Enough to keep all places at the service busy and a line before them; the client holds the limits.
WORKERS = 40
CODE_PHONE = "+7 999 123-45-67"
SEED = 2026
ERROR_TOO_MANY = 9


@dataclass(frozen=True, slots=True)
class Code:
    """How the one-time code fared that was sent half way."""

    seconds: float
    overtaken: int  # bulk messages that stood in line when it came


@dataclass(slots=True)
class Tally:
    """What became of the rows so far; only this module changes it."""

    done: int = 0
    accepted: int = 0
    duplicates: int = 0
    cost: Decimal = Decimal()
    bad: list[tuple[Recipient, str]] = field(default_factory=list[tuple[Recipient, str]])
    refused: Counter[str] = field(default_factory=Counter[str])  # by the name of the error
    code: Code | None = None


@dataclass(frozen=True, slots=True)
class Result:
    """What is known at the end; *requests* and the rest are the simulator's own figures."""

    rows: int
    tally: Tally
    seconds: float
    at_best: float
    places: int
    requests: int
    most_at_once: int
    error_9: int

    @property
    def all_told(self) -> bool:
        """Tell whether each row is accounted for, once."""
        tally = self.tally
        told = tally.accepted + tally.refused.total() + len(tally.bad) + tally.duplicates
        return told == self.rows

    @property
    def good(self) -> bool:
        """Tell whether the demo shows what it is there to show."""
        return self.all_told and not self.error_9 and self.tally.code is not None


# Hears how it goes: the address at first, then the tally after each row.
Watch = Callable[[str | Tally], None]


async def run(recipients: list[Recipient], latency: float, watch: Watch) -> Result:
    """Send each recipient a text; answers take *latency* seconds, give or take a tenth."""
    spread = latency / 5
    settings = Settings(
        latency=latency - spread / 2,
        jitter=spread,
        balance=Decimal(100_000),
        refused=refusals(recipients),
        seed=SEED,
    )
    tally = Tally()
    async with Simulator(settings) as simulator, simulator.serve() as url:
        watch(url)
        async with SmscClient(
            login=settings.login,
            password=settings.password,
            base_url=url,
            throttle=Throttle(),  # this service begins now, and knows nothing of an earlier one
        ) as smsc:
            places = smsc.throttle.snapshot().places
            begun = anyio.current_time()
            await _send_all(smsc, recipients, tally, watch)
            seconds = anyio.current_time() - begun
    return Result(
        rows=len(recipients),
        tally=tally,
        seconds=seconds,
        at_best=simulator.requests * latency / places,
        places=places,
        requests=simulator.requests,
        most_at_once=simulator.most_at_once,
        error_9=sum(refusal.code == ERROR_TOO_MANY for refusal in simulator.refusals),
    )


def refusals(recipients: list[Recipient]) -> Mapping[str, int]:
    """Choose a few numbers for the service to refuse, each with its error."""
    numbers = sorted({digits(r.phone) for r in recipients if r.phone.startswith("+7 9")})
    chosen = Random(SEED).sample(numbers, min(8, len(numbers) // 10))  # noqa: S311 - a demo
    errors: tuple[Literal[6, 7, 8], ...] = (8, 7, 8, 6)
    return {number: errors[at % len(errors)] for at, number in enumerate(chosen)}


async def _send_all(
    smsc: SmscClient, recipients: list[Recipient], tally: Tally, watch: Watch
) -> None:
    rows = distinct(recipients)
    half = len(recipients) // 2
    async with anyio.create_task_group() as group:

        async def work(rows: Iterator[tuple[Recipient, bool]]) -> None:
            for recipient, again in rows:
                if again:
                    tally.duplicates += 1
                else:
                    await _send(smsc, recipient, tally)
                tally.done += 1
                if tally.done == half:
                    group.start_soon(_send_code, smsc, tally)
                watch(tally)

        for _ in range(WORKERS):
            group.start_soon(work, rows)  # they share it, so each row is taken once


async def _send(smsc: SmscClient, recipient: Recipient, tally: Tally) -> None:
    try:
        sent = await smsc.send(recipient.phone, recipient.text, priority="bulk")
    except InvalidMessage as error:
        tally.bad.append((recipient, error.rule))
    except SmscError as error:
        tally.refused[type(error).__name__] += 1
    else:
        tally.accepted += 1
        tally.cost += sent.cost or Decimal()


async def _send_code(smsc: SmscClient, tally: Tally) -> None:
    """Send what a person waits for, in the lane that every call is in unless it says otherwise."""
    overtaken = smsc.throttle.snapshot().waiting["bulk"]
    begun = anyio.current_time()
    try:
        await smsc.send(CODE_PHONE, "Код для входа: 4821")
    except SmscError:
        return  # the verdict says that it was lost
    tally.code = Code(anyio.current_time() - begun, overtaken)
