"""What was used outlives the process that used it, and comes back in time, never before."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path

import pytest

from smsc_async import FileThrottle
from smsc_async._wire import limits
from smsc_async._wire.limits import HOUR, Per, Rule
from tests.virtual import run

from .holders import (
    TABLES,
    admit,
    ask,
    die,
    done,
    fill,
    holder,
    now,
    rows,
    virtual,
    waiting,
)

HISTORY = (Rule(30, HOUR, Per.OPERATION), "history")
SAME = (limits.ONE_IDENTICAL, "same")
ENDS: list[Callable[[FileThrottle], None]] = [die, FileThrottle.close]


@pytest.mark.parametrize("end", ENDS)
def test_a_minute_and_thirty_requests_an_hour_outlive_the_process(
    end: Callable[[FileThrottle], None], tmp_path: Path
) -> None:
    async def main() -> None:
        path = tmp_path / "limits.db"
        before = holder(path)
        for _ in range(30):
            done(before, await admit(before, ask(HISTORY)))
        done(before, await admit(before, ask(SAME)))
        end(before)
        begun = now()
        await asyncio.sleep(30)

        after = holder(path)
        await admit(after, ask(SAME))
        assert now() - begun == pytest.approx(61, abs=0.002)
        await admit(after, ask(HISTORY, max_wait=HOUR))
        assert now() - begun == pytest.approx(3_601, abs=0.002)

    run(main())


@virtual
async def test_the_places_of_a_dead_process_come_back_a_linger_after_it_was_seen(
    path: Path,
) -> None:
    dead, living = holder(path), holder(path)
    await fill(dead)
    late = waiting(living)
    await asyncio.sleep(1)
    died = now()
    die(dead)

    await late

    assert 5 <= now() - died <= 6.05, "it is looked for once a second"
    assert living.snapshot().in_flight == 1
    assert rows(path, "lease") == 1
    assert rows(path, "holder") == 1


@virtual
async def test_the_windows_of_a_dead_process_count_from_the_end_of_its_linger(path: Path) -> None:
    dead = holder(path)
    await admit(dead, ask(SAME))
    died = now()
    die(dead)
    living = holder(path)

    await admit(living, ask(SAME))

    assert now() - died == pytest.approx(5 + 61, abs=0.002)


@virtual
async def test_who_stood_in_line_in_a_dead_process_holds_nobody_up(path: Path) -> None:
    dead, living = holder(path), holder(path)
    running = await fill(living)
    gone = waiting(dead)
    await asyncio.sleep(0.1)
    late = waiting(living)
    await asyncio.sleep(0.1)
    die(dead)
    done(living, running[0])
    begun = now()

    await late

    assert now() - begun <= 0.07
    await asyncio.sleep(1.1)
    done(living, running[1])
    assert living.snapshot().waiting == {"interactive": 0, "bulk": 0}
    dead._store = None
    gone.cancel()


@virtual
async def test_closing_takes_nothing_from_what_is_in_flight(
    path: Path,
) -> None:
    one, other = holder(path), holder(path)
    running = await fill(one, 13)
    one.close()
    await asyncio.sleep(100)

    assert other.snapshot().in_flight == 13, "it is still in flight, in a process that lives"
    done(one, *running[:6])
    one.close()
    done(one, *running[6:])

    seen = other.snapshot()
    assert (seen.in_flight, seen.lingering) == (0, 0)
    assert [rows(path, table) for table in TABLES] == [0, 0, 0]


@virtual
async def test_a_closed_one_opens_its_file_again(path: Path) -> None:
    throttle = holder(path)
    done(throttle, await admit(throttle, ask(SAME)))
    throttle.close()
    throttle.close()
    begun = now()

    await admit(throttle, ask(SAME))

    assert now() - begun == pytest.approx(61, abs=0.002)
    assert rows(path, "holder") == 1


def test_another_start_of_the_machine_carries_over_what_was_left(tmp_path: Path) -> None:
    path = tmp_path / "limits.db"

    async def before() -> None:
        throttle = holder(path, boot="a")
        done(throttle, await admit(throttle, ask(SAME)))
        await asyncio.sleep(20)
        await fill(throttle, 13)  # the last that is known of this start
        await admit(throttle, ask((limits.ONE_IDENTICAL, "out")))
        throttle.pause(10)
        die(throttle)

    async def after() -> None:
        asyncio.get_running_loop().now = 0.0  # type: ignore[attr-defined]  # our own loop's
        throttle = holder(path, boot="b")
        await admit(throttle)
        assert now() == pytest.approx(10, abs=0.002), "the pause is over"
        await admit(throttle, ask(SAME))
        assert now() == pytest.approx(41, abs=0.002), "of 61 seconds 20 were over"
        await admit(throttle, ask((limits.ONE_IDENTICAL, "out")))
        assert now() == pytest.approx(66, abs=0.002), "what was in flight lingers from the start"

    run(before())
    run(after())


@pytest.mark.parametrize("shown", [1.0, 400.0, 999.0])
def test_a_clock_that_went_back_lets_nothing_start_early(shown: float, tmp_path: Path) -> None:
    path = tmp_path / "limits.db"

    async def before() -> None:
        throttle = holder(path)
        done(throttle, await admit(throttle, ask(SAME)))
        die(throttle)

    async def after() -> None:
        asyncio.get_running_loop().now = shown  # type: ignore[attr-defined]  # our own loop's
        throttle = holder(path)
        await admit(throttle, ask(SAME))
        assert now() - shown == pytest.approx(61, abs=0.002)

    run(before())
    run(after())


def test_where_nothing_tells_the_starts_apart_the_clock_does(tmp_path: Path) -> None:
    path = tmp_path / "limits.db"

    async def before() -> None:
        throttle = holder(path, boot="")
        done(throttle, await admit(throttle, ask(SAME)))
        await fill(throttle)
        die(throttle)

    async def after() -> None:
        asyncio.get_running_loop().now = 5.0  # type: ignore[attr-defined]  # our own loop's
        throttle = holder(path, boot="")
        await admit(throttle)
        assert now() == pytest.approx(10, abs=0.002)
        await admit(throttle, ask(SAME))
        assert now() == pytest.approx(66, abs=0.002)

    run(before())
    run(after())


def test_a_start_that_lasts_longer_than_the_one_before_gives_back_what_it_outlived(
    tmp_path: Path,
) -> None:
    path, rule = tmp_path / "limits.db", (Rule(1, HOUR, Per.OPERATION), "history")

    async def before() -> None:
        throttle = holder(path, boot="a")
        done(throttle, await admit(throttle, ask(rule)))  # back at 4601 of that clock
        die(throttle)

    async def after() -> None:
        asyncio.get_running_loop().now = 3_000.0  # type: ignore[attr-defined]  # our own loop's
        throttle = holder(path, boot="b")
        await admit(throttle, ask(rule))
        assert now() == pytest.approx(3_601, abs=0.002)

    run(before())
    run(after())


@virtual
async def test_a_file_of_the_start_before_needs_no_companion_of_then(path: Path) -> None:
    dead = holder(path, boot="a")
    await fill(dead)
    die(dead)
    path.with_name("limits.db-holders").unlink()  # as a folder that each start empties

    living = holder(path, boot="b")
    begun = now()
    await admit(living)

    assert now() - begun == pytest.approx(5, abs=0.002)
    assert living.snapshot().in_flight == 1
