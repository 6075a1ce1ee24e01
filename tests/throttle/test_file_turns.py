"""Whose turn it is, where several processes wait: fair, and nobody is waited for in vain."""

from __future__ import annotations

import asyncio
from collections import Counter
from pathlib import Path

import pytest

from smsc_async import FileThrottle
from smsc_async._wire import limits
from smsc_async._wire.limits import AT_ONCE, HOUR, Lane, Per, Rule

from .holders import OFFERED, SOON, admit, ask, done, fill, holder, now, virtual, waiting

LASTS = 0.3
SPAN = 15


async def keep_busy(
    throttle: FileThrottle, until: float, starts: list[tuple[object, Lane]], lane: Lane = "bulk"
) -> None:
    while now() < until:
        wanted = await admit(throttle, ask(lane=lane))
        if now() < until:
            starts.append((throttle, lane))
        await asyncio.sleep(LASTS)
        done(throttle, wanted)


async def compete(
    path: Path,
    loads: list[tuple[int, Lane]],
) -> tuple[list[int], list[Lane]]:
    """Let holders with so many callers each, of a lane, compete; return the starts of each."""
    holders = [holder(path) for _ in loads]
    starts: list[tuple[object, Lane]] = []
    until = now() + SPAN
    await asyncio.gather(
        *(
            keep_busy(throttle, until, starts, lane)
            for throttle, (callers, lane) in zip(holders, loads, strict=True)
            for _ in range(callers)
        )
    )
    counts = Counter(id(throttle) for throttle, _ in starts)
    return [counts[id(throttle)] for throttle in holders], [lane for _, lane in starts]


@virtual
async def test_processes_with_equal_load_have_equal_shares(path: Path) -> None:
    counts, _ = await compete(path, [(20, "interactive")] * 4)

    counts[0] -= AT_ONCE.limit  # it was alone when it began
    assert max(counts) - min(counts) <= 0.05 * max(counts)
    assert sum(counts) >= 0.95 * SPAN / LASTS * (AT_ONCE.limit - 1)


@virtual
async def test_a_process_with_a_long_queue_leaves_one_with_a_short_its_share(path: Path) -> None:
    counts, _ = await compete(path, [(200, "interactive"), (3, "interactive")])

    assert counts[1] >= 0.9 * 3 * SPAN / LASTS, "three at once is less than half of the places"


@virtual
async def test_the_one_with_fewer_places_gets_the_free_one(path: Path) -> None:
    many, few = holder(path), holder(path)
    running = await fill(many, 12)
    await fill(few, 2)
    late = [waiting(many), waiting(few)]
    await asyncio.sleep(1)

    done(many, running[0])
    await asyncio.sleep(SOON)

    assert [task.done() for task in late] == [False, True]
    for task in late:
        task.cancel()


@virtual
async def test_interactive_goes_first_in_whichever_process_but_one_in_twenty(path: Path) -> None:
    _, lanes = await compete(path, [(30, "bulk"), (30, "interactive")])

    later = lanes[len(lanes) // 4 :]
    assert 0.04 <= later.count("bulk") / len(later) <= 0.06


@virtual
async def test_bulk_leaves_two_places_to_the_interactive_calls_of_others(path: Path) -> None:
    campaign, codes = holder(path), holder(path)
    done(codes, await admit(codes))
    begun = now()
    waits = [waiting(campaign, ask(lane="bulk")) for _ in range(14)]
    await asyncio.sleep(1)
    assert [task.done() for task in waits] == [True] * 12 + [False] * 2

    done(codes, await admit(codes, ask(max_wait=0)))

    await asyncio.gather(*waits)
    assert now() - begun == pytest.approx(61, abs=2 * OFFERED)


@virtual
async def test_the_window_goes_to_the_process_whose_call_is_oldest(path: Path) -> None:
    one, other, rule = holder(path), holder(path), (limits.ONE_IDENTICAL, "same")
    done(one, await admit(one, ask(rule)))
    order: list[int] = []

    async def wait(number: int, throttle: FileThrottle) -> None:
        wanted = await admit(throttle, ask(rule))
        order.append(number)
        done(throttle, wanted)

    tasks: list[asyncio.Task[None]] = []
    for number, throttle in enumerate([other, one, one, other]):
        tasks.append(asyncio.ensure_future(wait(number, throttle)))
        await asyncio.sleep(1)
    await asyncio.gather(*tasks)

    assert order == [0, 1, 2, 3]


class Stopped(FileThrottle):
    """One whose process was stopped: it does not look whether it is its turn."""

    def _look_again(self) -> None:
        pass


@virtual
async def test_one_that_was_stopped_costs_the_others_one_offer(path: Path) -> None:
    stopped = Stopped(path, clock=asyncio.get_running_loop().time, boot=lambda: "a")
    one = holder(path)
    running = await fill(one)
    oldest = waiting(stopped)
    await asyncio.sleep(1)
    late = [waiting(one) for _ in range(5)]
    await asyncio.sleep(1)

    begun, took = now(), list[float]()
    for each, task in zip(running, late, strict=False):
        done(one, each)
        await task
        took.append(now() - begun)
        await asyncio.sleep(LASTS)
        begun = now()

    assert took[0] == pytest.approx(OFFERED, abs=SOON)
    assert max(took[1:]) <= SOON, "it is offered no more until it looks"
    oldest.cancel()


@virtual
async def test_one_that_was_stopped_before_a_window_does_not_keep_it_shut(path: Path) -> None:
    stopped = Stopped(path, clock=asyncio.get_running_loop().time, boot=lambda: "a")
    one, rule = holder(path), (Rule(1, HOUR, Per.OPERATION), "history")
    first = await admit(one, ask(rule, max_wait=HOUR))
    oldest = waiting(stopped, ask(rule, max_wait=2 * HOUR))
    await asyncio.sleep(1)
    late = waiting(one, ask(rule, max_wait=2 * HOUR))
    await asyncio.sleep(1)
    done(one, first)
    begun = now()

    await late

    assert now() - begun == pytest.approx(3_601 + OFFERED, abs=SOON)
    oldest.cancel()


@virtual
async def test_one_that_comes_back_is_offered_places_again(path: Path) -> None:
    stopped = Stopped(path, clock=asyncio.get_running_loop().time, boot=lambda: "a")
    one = holder(path)
    running = await fill(one)
    back = waiting(stopped)
    await asyncio.sleep(1)
    late = [waiting(one) for _ in range(3)]
    await asyncio.sleep(1)
    done(one, running[0])
    await late[0]

    FileThrottle._look_again(stopped)
    done(one, running[1])
    await asyncio.sleep(SOON)
    FileThrottle._look_again(stopped)
    await asyncio.sleep(0)

    assert [task.done() for task in (*late, back)] == [True, False, False, True]
    for task in late[1:]:
        task.cancel()


@virtual
async def test_a_call_comes_to_its_turn_however_busy_the_others_are(path: Path) -> None:
    others = [holder(path) for _ in range(3)]
    patient = holder(path)
    until, starts = now() + 20, list[tuple[object, Lane]]()
    busy = [
        asyncio.ensure_future(keep_busy(throttle, until, starts, "interactive"))
        for throttle in others
        for _ in range(30)
    ]
    await asyncio.sleep(5)

    begun = now()
    done(patient, await admit(patient))
    assert now() - begun <= 2 * LASTS
    begun = now()
    done(patient, await admit(patient, ask(lane="bulk")))
    assert now() - begun <= 3 * LASTS, "twenty starts"

    await asyncio.gather(*busy)
    assert patient.snapshot().in_flight == 0
