"""What one process learns the others know, where they share a file: blocks, runs, what is back."""

from __future__ import annotations

import asyncio
import os
import shutil
import sqlite3
from collections.abc import Callable
from pathlib import Path

import httpx
import pytest

from smsc_async import (
    AddressBlocked,
    BadPhone,
    Balance,
    FileThrottle,
    SmscClient,
    SmscError,
    Throttle,
    Throttled,
    ThrottleUnavailable,
)
from smsc_async._wire.limits import IDENTICAL
from smsc_async.simulator import Settings, Simulator

from .holders import admit, ask, done, fill, holder, kept, now, virtual, waiting

HALF_HOUR = 1800


def client(sim: Simulator, throttle: Throttle, login: str = "demo") -> SmscClient:
    return SmscClient(
        login=login,
        password="demo",
        throttle=throttle,
        transport=httpx.ASGITransport(app=sim.app),
        max_wait=10,
    )


@virtual
async def test_a_run_of_refused_sends_is_one_run_whichever_process_they_come_from(
    path: Path,
) -> None:
    refused = {f"7999{n:07}": 7 for n in range(400)}
    async with Simulator(Settings(refused=refused, latency=0.3)) as sim:

        async def program(number: int) -> None:
            async with client(sim, holder(path)) as smsc:
                for n in range(100):
                    try:
                        await smsc.send(f"7999{100 * number + n:07}", "hello")
                    except BadPhone:
                        pass
                    except Throttled:
                        return

        await asyncio.gather(*(program(number) for number in range(4)))

        assert 40 <= sim.requests < 60
        assert sim.blocked == 0


@virtual
async def test_a_blocked_address_is_known_to_other_processes_logins_and_after_a_restart(
    path: Path,
) -> None:
    async def call(throttle: FileThrottle, login: str = "demo") -> object:
        async with client(sim, throttle, login) as smsc:
            try:
                return await smsc.account.balance()
            except SmscError as error:
                return type(error)

    folder = path.parent
    one, other, second = holder(path), holder(path), holder(folder / "second.db")
    async with Simulator() as sim:
        for throttle in (one, other, second):
            assert isinstance(await call(throttle), Balance)
        sim.faults = lambda *_: 4
        assert await call(one) is AddressBlocked
        asked = sim.requests

        told = [await call(other), await call(second), await call(holder(path))]

        assert told == [AddressBlocked] * 3
        assert sim.requests == asked
        sim.faults = lambda *_: None
        await asyncio.sleep(HALF_HOUR + 1)
        assert isinstance(await call(other), Balance)
        assert other.common.blocked == 0
        assert isinstance(await call(one), Balance)


@virtual
async def test_what_another_gives_back_unused_is_noticed_within_a_second(path: Path) -> None:
    one, other, wanted = holder(path), holder(path), ask((IDENTICAL, "key"))
    for _ in range(2):
        done(one, await admit(one, wanted))
    await admit(one, wanted)
    late = waiting(other, wanted)
    await asyncio.sleep(2)

    one.leave(wanted.slots, "undo")
    begun = now()
    await late

    assert now() - begun <= 1.01


@virtual
async def test_whose_patience_ends_as_a_late_answer_lets_it_in_is_let_in(path: Path) -> None:
    throttle, key = holder(path), ask(max_wait=3)
    running = await fill(throttle)
    late = waiting(throttle, key)
    await asyncio.sleep(2.5)
    with sqlite3.connect(path, isolation_level=None, timeout=0) as locked:
        locked.execute("BEGIN IMMEDIATE")
        done(throttle, running.pop())
        await asyncio.sleep(0.4)
        locked.execute("ROLLBACK")
    locked.close()

    done(throttle, await late, *running)

    assert throttle.snapshot().in_flight == 0
    assert kept(throttle) == []


@virtual
async def test_a_folder_is_used_for_one_account_and_not_before_it_is_named(path: Path) -> None:
    throttle = holder(path.parent)
    with pytest.raises(ThrottleUnavailable, match="no client has named the account"):
        throttle.snapshot()
    assert list(path.parent.iterdir()) == []

    throttle.settle_in("host", "one")
    throttle.snapshot()

    assert throttle.file == path.parent / "one.db"
    with pytest.raises(RuntimeError, match="one for each"):
        throttle.settle_in("host", "two")


@virtual
async def test_the_file_is_where_the_program_began_wherever_it_goes(path: Path) -> None:
    before = Path.cwd()
    os.chdir(path.parent)
    try:
        throttle = holder(Path(path.name))
    finally:
        os.chdir(before)

    await admit(throttle)

    assert holder(path).snapshot().in_flight == throttle.snapshot().in_flight == 1


def by_a_link(path: Path) -> Path:
    link = path.with_name("link.db")
    link.symlink_to(path)
    return link


def by_a_copy(path: Path) -> Path:
    copies = path.with_name("copies")
    copies.mkdir()
    for each in path.parent.glob(f"{path.name}*"):
        shutil.copy(each, copies)
    return copies / path.name


@pytest.mark.parametrize(("other", "seen"), [(by_a_link, 1), (by_a_copy, 0)])
def test_a_file_is_known_by_a_link_and_its_copy_is_another(
    other: Callable[[Path], Path], seen: int, tmp_path: Path
) -> None:
    @virtual
    async def test(path: Path) -> None:
        throttle = holder(path)
        await admit(throttle)

        found = holder(other(path))

        assert found.snapshot().in_flight == seen

    test(tmp_path)


@virtual
async def test_those_who_wait_for_the_address_are_told_of_as_those_behind_them(path: Path) -> None:
    async with Simulator(Settings(latency=5)) as sim:
        for throttle in (Throttle(), holder(path)):
            async with client(sim, throttle) as smsc:
                sends = [asyncio.ensure_future(smsc.send(f"7999{n:07}", "hi")) for n in range(6)]
                await asyncio.sleep(1)

                seen = throttle.snapshot()
                assert (seen.in_flight, seen.waiting["interactive"]) == (1, 5)
                assert [standing.waiting for standing in seen.standing] == [5]
                await asyncio.gather(*sends, return_exceptions=True)
            await asyncio.sleep(61)
