"""Who waits for whom: a key for no other key, interactive hardly for bulk, and nobody for ever."""

from __future__ import annotations

import asyncio
import itertools
import random
from collections.abc import Sequence
from typing import NamedTuple

import pytest

from smsc_async import Throttle
from smsc_async._throttle.keys import PLACE, Slot
from smsc_async._transport.admission import Admission
from smsc_async._wire.limits import MINUTE, Lane, Per, Rule
from tests.virtual import EPOCH, run

from .planted import NoReserve, NoTurn, OneLock, of

FIVE = Slot(Rule(5, MINUTE, Per.REQUEST), b"five a minute")


class Asked(NamedTuple):
    """A call that takes *seconds*, wanted *at* so many after the beginning."""

    at: float
    seconds: float
    lane: Lane = "interactive"
    slots: tuple[Slot, ...] = (PLACE,)


class Served(NamedTuple):
    """A call that started, as the number *turn* of all."""

    asked: Asked
    start: float
    turn: int

    @property
    def waited(self) -> float:
        return self.start - self.asked.at


def served(asked: Sequence[Asked], throttle: Throttle | None = None) -> list[Served]:
    """Make the calls; return them in the order in which they started."""
    gate, found = throttle or Throttle(), list[Served]()

    async def call(one: Asked) -> None:
        ask = Admission("test", one.slots, one.lane, float("inf"), unique=False)
        await gate.admit(ask, lambda _: None)
        now = asyncio.get_running_loop().time()
        found.append(Served(one, now - EPOCH, len(found)))
        await asyncio.sleep(one.seconds)
        gate.leave(one.slots, "done")

    async def main() -> None:
        tasks: list[asyncio.Task[None]] = []
        for one in sorted(asked, key=lambda one: one.at):
            now = asyncio.get_running_loop().time() - EPOCH
            if one.at > now:
                await asyncio.sleep(one.at - now)
            tasks.append(asyncio.create_task(call(one)))
        await asyncio.gather(*tasks)

    run(main())
    return found


def seconds(seed: int, *, tail: float = 20.0) -> Sequence[float]:
    """Return how long the calls take, by chance, one in a hundred up to *tail* more."""
    chance = random.Random(seed)
    return [
        chance.uniform(0.05, 0.4) + (chance.uniform(0, tail) if chance.random() < 0.01 else 0)
        for _ in range(20_000)
    ]


def rate(throttle: Throttle, *, blocked: int) -> float:
    """Return how many calls a second get through beside some that wait for one key."""
    times = seconds(1, tail=0)
    others = [Asked(0.1, span) for span in times[:3_000]]
    waiters = [Asked(0.0, 0.2, slots=(FIVE, PLACE)) for _ in range(blocked)]
    starts = [one.start for one in served([*waiters, *others], throttle) if one.asked.at]
    return len(starts) / max(starts)


def test_a_thousand_that_wait_for_one_key_do_not_slow_the_others() -> None:
    alone = rate(Throttle(), blocked=0)

    assert rate(Throttle(), blocked=1_000) >= 0.99 * alone
    assert rate(OneLock(), blocked=1_000) < 0.99 * alone, "it would be seen"


def late_codes(throttle: Throttle) -> int:
    """Return how many of a thousand codes, two at once, had to wait while a campaign was sent."""
    campaign = [Asked(0.1, 8 * span, "bulk") for span in seconds(2)[:2_000]]
    codes = [Asked(0.25 * at, 0.4) for at in range(1_000)]
    found = served([*campaign, *codes], throttle)
    assert max(one.start for one in found if one.asked.lane == "bulk") > codes[-1].at, "it was busy"
    return sum(one.waited > 0.001 for one in found if one.asked.lane == "interactive")


def test_of_a_thousand_interactive_calls_none_waits_for_a_campaign() -> None:
    assert late_codes(Throttle()) == 0
    assert late_codes(of(NoReserve)) > 0, "it would be seen"


# What two crowds contend for: a place, a window, or both one after the other.
SLOTS = {"a place": (PLACE,), "a window": (FIVE, PLACE)}


def contended(slots: tuple[Slot, ...], throttle: Throttle) -> list[Served]:
    """Let interactive calls never end, and bulk wait all the time, for the same."""
    times, count = seconds(3), 400
    endless = [Asked(0.0, span, "interactive", slots) for span in times[:count]]
    patient = [Asked(0.0, span, "bulk", slots) for span in times[count : count + 12]]
    return served([*endless, *patient], throttle)


@pytest.mark.parametrize("name", SLOTS)
def test_bulk_goes_first_for_one_start_in_twenty_and_so_never_starves(name: str) -> None:
    found = contended(SLOTS[name], Throttle())

    turns = [one.turn for one in found if one.asked.lane == "bulk"]
    gaps = [later - earlier for earlier, later in itertools.pairwise(turns)]
    assert turns[0] < 20 + 14  # the first ones met no crowd
    assert set(gaps) == {20}

    seen = contended(SLOTS[name], of(NoTurn))
    assert min(one.turn for one in seen if one.asked.lane == "bulk") >= 400, "it would be seen"


@pytest.mark.parametrize("lane", ["interactive", "bulk"])
def test_whoever_waited_for_a_window_finds_a_place_in_twenty_turns_at_most(lane: Lane) -> None:
    """All places are wanted all the time by others, who never end; but they came later."""
    crowd = [Asked(0.0, 4 * span) for span in seconds(4, tail=2)[:2_000]]
    waiters = [Asked(0.0, 0.2, lane, (FIVE, PLACE)) for _ in range(10)]

    found = served([*waiters, *crowd])

    turns = [one.turn for one in found if one.asked.slots[0] is FIVE][5:]
    opened = sum(one.start < 61.2 for one in found)  # those before it were answered 61 s earlier
    each = 20 if lane == "bulk" else 1
    assert all(turn < opened + each * (ahead + 1) for ahead, turn in enumerate(turns[:5]))
    assert turns[4] < len(crowd) - 100, "the crowd never ended"
