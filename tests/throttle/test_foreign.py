"""Another program uses the login: hardly any request is refused, and what is left is used."""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import os
import random
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import pytest

from smsc_async import SmscClient, SmscError, Throttle
from smsc_async._throttle.keys import Slot
from tests.virtual import EPOCH, run

from .foreign import Foreign, Shared
from .holders import holder
from .model import Network, Trip
from .optimum import Request
from .program import PHONE
from .reading import Params
from .transport import HELLO, ServiceTransport

MINUTE = 60.0
ENDS = 5 * MINUTE  # of the foreign program
ALONE = 3 * MINUTE
SEEDS = max(1, int(os.environ.get("SMSC_SEEDS", "1")))
TRIP = 0.6
WORKERS = 30


class Even(Network):
    """A network on which no trip is much longer than another."""

    def trip(self, path: str, params: Params) -> Trip:
        found = super().trip(path, params)
        return Trip(0.02, TRIP - 0.04 - 0.1 + found.work / 1.5, 0.02)


def varying(seed: int) -> Foreign:
    """Hold one to ten places, others every half a minute or more."""
    chance = random.Random(seed)
    holds, at = list[tuple[float, int]](), 0.0
    while at < ENDS:
        holds.append((at, 1 + chance.randrange(10)))
        at += chance.uniform(30, 90)
    return Foreign((*holds, (ENDS, 0)))


# What both programs ask.
ASKED = {"cost": "1", "phones": PHONE, "mes": "how much"}


async def busy(shared: Shared, until: float, throttles: Sequence[Throttle]) -> list[float]:
    """Send all the time, more than there are places for; return when each was answered."""
    answered: list[float] = []
    numbers = itertools.count()
    loop = asyncio.get_running_loop()

    async def client(at: int, throttle: Throttle) -> None:
        async with SmscClient(
            api_key="key",
            transport=ServiceTransport(shared),
            throttle=throttle,
            chance=random.Random(0).random,
            attempts=10,
            max_wait=1e9,
        ) as smsc:
            await smsc.raw(HELLO, {"n": at})

            async def worker() -> None:
                while loop.time() - EPOCH < until:
                    try:
                        await smsc.send(f"7999{next(numbers):07}", "text")
                        answered.append(loop.time() - EPOCH)
                    except SmscError:
                        await asyncio.sleep(1)

            async def asking() -> None:
                while loop.time() - EPOCH < until:
                    with contextlib.suppress(SmscError):
                        await smsc.price(ASKED["phones"], ASKED["mes"])
                    await asyncio.sleep(10)

            count = WORKERS // len(throttles)
            await asyncio.gather(asking(), *(worker() for _ in range(count)))

    await asyncio.gather(*(client(at, throttle) for at, throttle in enumerate(throttles)))
    return answered


@dataclass(frozen=True)
class Outcome:
    """What our own requests came to, beside another program."""

    foreign: Foreign
    refused: list[float]
    answered: list[float]

    @property
    def refused_share(self) -> float:
        """The share of our requests that were refused after the first minute."""
        refused = sum(at > MINUTE for at in self.refused)
        return refused / (refused + sum(at > MINUTE for at in self.answered))

    def used(self, begin: float, end: float) -> float:
        """Return the share that we used of the places left to us."""
        answered = sum(begin < at <= end for at in self.answered)
        return answered * TRIP / self.foreign.left(begin, end)


def beside(foreign: Foreign, seed: int, until: float, *throttles: Throttle) -> Outcome:
    """Send beside *foreign* for so many seconds."""
    shared = Shared(Even(seed, slow=0), foreign, EPOCH)
    answered = run(busy(shared, until, throttles or (Throttle(),)))
    return Outcome(foreign, [refused.at for refused in shared.refused], answered)


@pytest.fixture(scope="module")
def steady() -> Outcome:
    """What comes of six places held for five minutes, and of a price that both ask."""
    asked = [Request("send.php", ASKED, float(at)) for at in range(0, int(ENDS), 20)]
    outcome = beside(Foreign(((0.0, 6), (ENDS, 0)), tuple(asked)), 0, ENDS + ALONE)
    assert outcome.refused, "or there is nothing to see"
    return outcome


def test_beside_a_steady_program_nine_tenths_of_what_is_left_are_used(steady: Outcome) -> None:
    assert steady.used(MINUTE, ENDS) >= 0.9
    assert steady.refused_share < 0.01


def test_three_minutes_after_it_has_ended_all_places_are_used_again(steady: Outcome) -> None:
    assert steady.used(ENDS + ALONE - 30, ENDS + ALONE) >= 0.95


@pytest.mark.parametrize("seed", range(SEEDS))
def test_beside_a_program_that_comes_and_goes_hardly_any_request_is_refused(seed: int) -> None:
    outcome = beside(varying(seed), seed, ENDS)

    assert outcome.refused
    assert outcome.refused_share < 0.01
    assert outcome.used(MINUTE, ENDS) >= 0.6


@pytest.mark.parametrize("foreign", [Foreign(((0.0, 6),)), varying(1)], ids=["steady", "varying"])
def test_processes_that_share_a_file_give_way_together(foreign: Foreign, tmp_path: Path) -> None:
    processes = [holder(tmp_path / "limits.db") for _ in range(3)]

    outcome = beside(foreign, 0, 3 * MINUTE, *processes)

    assert outcome.refused
    assert outcome.refused_share < 0.01
    assert outcome.used(MINUTE, 3 * MINUTE) >= 0.6


class Unmoved(Throttle):
    """Takes as many places as ever, whatever the service says."""

    def shrink(self, slots: tuple[Slot, ...]) -> None:
        pass


def test_one_that_does_not_give_way_is_seen() -> None:
    assert beside(Foreign(((0.0, 6),)), 0, 2 * MINUTE, Unmoved()).refused_share > 0.01
