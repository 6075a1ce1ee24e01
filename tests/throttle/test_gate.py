"""Waiting at the gate: nothing leaks by whichever way a caller leaves, on one loop or on many."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Coroutine
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any

import httpx
import pytest

from smsc_async import DuplicateSend, SmscClient, Throttle, Throttled
from smsc_async._throttle.keys import Slot
from smsc_async._transport.admission import Admission
from smsc_async._transport.throttle import throttle_of
from smsc_async._wire.limits import AT_ONCE, IDENTICAL, ONE_IDENTICAL, Rule
from tests.virtual import run

PLACE = Slot(AT_ONCE, b"login")
FREE = {"interactive": 0, "bulk": 0}


def ask(
    rule: Rule | None = None, key: bytes = b"same", *, max_wait: float = 75.0, unique: bool = False
) -> Admission:
    taken = (Slot(rule, key), PLACE) if rule else (PLACE,)
    return Admission("test", taken, "interactive", max_wait, unique)


async def admit(throttle: Throttle, wanted: Admission | None = None) -> None:
    await throttle.admit(wanted or ask(), lambda _: None)


async def fill(throttle: Throttle) -> None:
    for _ in range(14):
        await admit(throttle)


def virtual(test: Callable[[], Coroutine[Any, Any, None]]) -> Callable[[], None]:
    """Run *test* on a loop with a clock of its own."""

    def ran() -> None:
        run(test())

    ran.__name__ = test.__name__
    return ran


def now() -> float:
    return asyncio.get_running_loop().time()


@virtual
async def test_whoever_finds_no_place_within_max_wait_is_told_so_and_leaves_the_line() -> None:
    throttle, begun = Throttle(), now()
    await fill(throttle)

    with pytest.raises(Throttled) as caught:
        await admit(throttle, ask(max_wait=10.0))

    assert now() - begun == pytest.approx(10)
    assert caught.value.retry_after >= 1
    assert throttle.snapshot().waiting == FREE


@virtual
async def test_a_window_that_cannot_open_in_time_is_refused_without_waiting() -> None:
    throttle, begun = Throttle(), now()
    for _ in range(3):
        await admit(throttle, ask(IDENTICAL))
        throttle.leave(ask(IDENTICAL).slots, "done")

    with pytest.raises(Throttled) as caught:
        await admit(throttle, ask(IDENTICAL, max_wait=60.9))

    assert now() == begun
    assert caught.value.retry_after == 61
    await admit(throttle, ask(IDENTICAL, max_wait=61.0))
    assert now() - begun == pytest.approx(61, abs=0.002)


@virtual
async def test_the_twin_of_a_send_is_refused_without_waiting() -> None:
    throttle, begun = Throttle(), now()
    await admit(throttle, ask(ONE_IDENTICAL, unique=True))

    with pytest.raises(DuplicateSend):
        await admit(throttle, ask(ONE_IDENTICAL, unique=True))

    assert now() == begun


@pytest.mark.parametrize("ticks", range(4))
def test_a_caller_cancelled_around_the_moment_of_its_turn_passes_it_on(ticks: int) -> None:
    async def main() -> None:
        throttle = Throttle()
        await fill(throttle)
        first, second = (asyncio.ensure_future(admit(throttle)) for _ in range(2))
        await asyncio.sleep(1)
        throttle.leave((PLACE,), "done")
        for _ in range(ticks):
            await asyncio.sleep(0)
        if first.cancel():
            await asyncio.wait([first])
            assert first.cancelled()
        else:
            throttle.leave((PLACE,), "done")

        await asyncio.wait_for(second, 1)

        assert throttle.snapshot().in_flight == 14
        assert throttle.snapshot().waiting == FREE

    run(main())


@virtual
async def test_no_timer_is_left_when_nobody_waits() -> None:
    throttle = Throttle()
    for _ in range(3):
        await admit(throttle, ask(IDENTICAL))
        throttle.leave(ask(IDENTICAL).slots, "done")
    waiting = asyncio.ensure_future(admit(throttle, ask(IDENTICAL)))
    await asyncio.sleep(1)

    waiting.cancel()
    await asyncio.wait([waiting])

    assert throttle._alarms.timers == {}
    assert throttle._alarms.loops == {}


def test_loops_with_clocks_of_their_own_share_nothing() -> None:
    async def mine() -> Throttle:
        return throttle_of("host", "virtual", guard=1, linger=5)

    virtual_ones = run(mine()), run(mine())
    real_ones = asyncio.run(mine()), asyncio.run(mine())

    assert virtual_ones[0] is not virtual_ones[1]
    assert real_ones[0] is real_ones[1]
    assert real_ones[0] not in virtual_ones


class Together(httpx.AsyncBaseTransport):
    """Keeps every request until fourteen are there, in whichever loop and thread."""

    def __init__(self) -> None:
        self.most = 0
        self.all_there = Future[None]()
        self._running = 0
        self._lock = threading.Lock()

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        if request.url.path.endswith("balance.php"):
            return httpx.Response(200, content=b'{"balance": "1"}')
        with self._lock:
            self._running += 1
            self.most = max(self.most, self._running)
            if self._running == AT_ONCE.limit and not self.all_there.done():
                self.all_there.set_result(None)
        await asyncio.wrap_future(self.all_there)
        await asyncio.sleep(0)
        with self._lock:
            self._running -= 1
        return httpx.Response(200, content=b'{"id": 1, "cnt": 1}')


def test_clients_of_one_account_in_two_threads_run_fourteen_at_once_together() -> None:
    transport, start = Together(), threading.Barrier(2)

    async def send_all(name: str) -> Throttle:
        async with SmscClient(api_key="two threads") as plain:
            throttle = plain.throttle
        async with SmscClient(
            api_key="two threads", transport=transport, throttle=throttle
        ) as smsc:
            await smsc.account.balance()  # credentials not yet accepted go one by one
            start.wait(10)
            sends = [smsc.send(f"+7999000{at:04}", f"{name} {at}") for at in range(200)]
            await asyncio.wait_for(asyncio.gather(*sends), 30)
        return throttle

    with ThreadPoolExecutor(2) as threads:
        first, second = threads.map(lambda name: asyncio.run(send_all(name)), ["one", "two"])

    assert first is second
    assert transport.most == 14
    assert first._line.ledger.look(PLACE, 0).out == 0
    assert first._alarms.loops == {}
    assert first._alarms.timers == {}


def test_what_a_closed_loop_had_taken_comes_back_after_its_linger() -> None:
    throttle = Throttle(linger=0.01)
    dead = asyncio.new_event_loop()
    dead.run_until_complete(fill(throttle))
    lost = [dead.create_task(admit(throttle)) for _ in range(3)]
    dead.run_until_complete(asyncio.sleep(0))
    dead.close()

    async def main() -> None:
        assert throttle.snapshot().in_flight == 14
        assert throttle.snapshot().waiting == {"interactive": 3, "bulk": 0}
        await asyncio.gather(*(admit(throttle) for _ in range(14)))
        assert throttle.snapshot().in_flight == 14
        assert throttle.snapshot().waiting == FREE

    asyncio.run(main())
    del lost


def test_who_waits_already_gets_what_a_closed_loop_leaves_behind() -> None:
    throttle = Throttle(linger=0.0)
    dead = asyncio.new_event_loop()
    dead.run_until_complete(fill(throttle))

    async def main() -> None:
        mine = asyncio.ensure_future(admit(throttle))
        await asyncio.sleep(0)
        await asyncio.sleep(0)
        assert throttle.snapshot().waiting == {"interactive": 1, "bulk": 0}
        dead.close()
        assert throttle._alarms.timers
        throttle._look_again()  # what its timer does within a second
        await mine

    asyncio.run(main())


def test_nothing_of_a_closed_loop_is_kept() -> None:
    throttle = Throttle(linger=0.0)
    dead = asyncio.new_event_loop()
    dead.run_until_complete(fill(throttle))
    lost = [dead.create_task(admit(throttle)) for _ in range(3)]
    dead.run_until_complete(asyncio.sleep(0))
    dead.close()

    async def main() -> None:
        await admit(throttle)

    asyncio.run(main())
    del lost

    assert not throttle._waiting
    assert dead not in throttle._taken
    assert dead not in throttle._alarms.loops
    assert dead not in throttle._alarms.timers


@virtual
async def test_when_a_window_opens_can_be_asked_without_waiting_for_it() -> None:
    throttle, wanted = Throttle(), ask(IDENTICAL)
    await fill(throttle)
    assert throttle.opens(wanted.slots, "interactive") == 0, "only windows count, not places"
    for _ in range(14):
        throttle.leave(ask().slots, "done")

    for _ in range(3):
        await admit(throttle, wanted)
    assert throttle.opens(wanted.slots, "interactive") == 61, "at least, for they are under way"
    for _ in range(3):
        await asyncio.sleep(1)
        throttle.leave(wanted.slots, "done")

    assert throttle.opens(wanted.slots, "interactive") == 59
    waiting = asyncio.create_task(admit(throttle, wanted))
    await asyncio.sleep(0)
    assert throttle.opens(wanted.slots, "interactive") == 60, "behind the one in line"
    assert throttle.snapshot().standing[0].waiting == 1, "who asks does not stand in line"
    waiting.cancel()
