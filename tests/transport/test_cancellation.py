"""Cancelling a call at every await, in every way that asyncio has."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import Callable, Coroutine, Generator
from typing import Any

import anyio
import httpx
import pytest

from smsc_async import Event, NotSent, OutcomeUnknown, Sent, SmscClient, SmscError, Throttle
from smsc_async._throttle.buckets import Memory
from smsc_async._throttle.keys import PLACE
from smsc_async._transport.connections import Connections
from smsc_async._transport.http import Own
from tests.loopback import ACCEPTED, Posted, answer, serving
from tests.virtual import VirtualLoop, run

PLACES = 14


class Service(httpx.AsyncBaseTransport):
    """Takes a second for each request, and loses the answer to what begins with "lost"."""

    def __init__(self) -> None:
        self.begun: set[str] = set()
        self.taken: list[str] = []
        self.at_once = 0
        self.most = 0

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        form = dict(httpx.QueryParams(await request.aread()))
        self.begun.add(form["id"])
        self.at_once += 1
        self.most = max(self.most, self.at_once)
        try:
            await asyncio.sleep(1)
        finally:
            self.at_once -= 1
        if form["mes"].startswith("lost"):
            raise httpx.ReadError("lost")
        self.taken.append(form["id"])
        return httpx.Response(200, json={**ACCEPTED, "id": form["id"]})


class AtStep:
    """Runs a coroutine and does something once it waits for the *step*-th time."""

    def __init__(
        self, coro: Coroutine[Any, Any, Sent], step: int, act: Callable[[], object]
    ) -> None:
        self.coro = coro
        self.step = step
        self.act = act
        self.waited = 0

    def __await__(self) -> Generator[Any, Any, Sent]:
        inner = self.coro.__await__()
        throw: BaseException | None = None
        while True:
            try:
                waits_for = inner.throw(throw) if throw else next(inner)
            except StopIteration as stop:
                return stop.value  # type: ignore[no-any-return]
            throw = None
            self.waited += 1
            if self.waited == self.step:
                asyncio.get_running_loop().call_soon(self.act)
            try:
                yield waits_for
            except BaseException as error:  # noqa: BLE001 - it goes on to the call
                throw = error


async def by_task(call: Coroutine[Any, Any, Sent], step: int) -> int:
    stepped = AtStep(call, step, lambda: task.cancel())  # noqa: PLW0108 - not made yet

    async def main() -> Sent:
        return await stepped

    task = asyncio.create_task(main())
    with contextlib.suppress(asyncio.CancelledError, SmscError):
        await task
    return stepped.waited


async def by_timeout(call: Coroutine[Any, Any, Sent], step: int) -> int:
    loop = asyncio.get_running_loop()
    stepped = AtStep(call, step, lambda: scope.reschedule(loop.time()))
    with contextlib.suppress(TimeoutError, SmscError):
        async with asyncio.timeout(None) as scope:
            await stepped
    return stepped.waited


async def by_anyio(call: Coroutine[Any, Any, Sent], step: int) -> int:
    scope = anyio.CancelScope()
    stepped = AtStep(call, step, scope.cancel)
    with scope, contextlib.suppress(SmscError):
        await stepped
    return stepped.waited


async def by_task_group(call: Coroutine[Any, Any, Sent], step: int) -> int:
    class Stop(Exception):
        pass

    failing = asyncio.Event()
    stepped = AtStep(call, step, failing.set)

    async def main() -> None:
        with contextlib.suppress(SmscError):
            await stepped
        failing.set()

    async def fail() -> None:
        await failing.wait()
        raise Stop

    with contextlib.suppress(BaseExceptionGroup):
        async with asyncio.TaskGroup() as group:
            group.create_task(main())
            group.create_task(fail())
    return stepped.waited


WAYS = [by_task, by_timeout, by_anyio, by_task_group]


class World:
    """A client in a crowd: all places are taken, and others wait behind the one under test."""

    def __init__(self) -> None:
        self.service = Service()
        self.events: list[Event] = []
        self.throttle = Throttle()
        self.smsc = SmscClient(
            api_key="key",
            base_url="https://smsc.ru",
            transport=self.service,
            throttle=self.throttle,
            on_event=self.events.append,
            max_wait=300,
        )

    async def crowd(self, name: str) -> list[asyncio.Task[Sent]]:
        tasks = [
            asyncio.create_task(self.smsc.send(f"7999000{at:04}", f"{name} {at}"))
            for at in range(PLACES)
        ]
        await asyncio.sleep(0)
        return tasks

    async def ends_well(self, others: list[asyncio.Task[Sent]]) -> None:
        """Everyone else gets through, nothing is out, and the outcome is known to somebody."""
        await asyncio.gather(*others)
        await self.smsc.aclose()
        await asyncio.sleep(10)  # the linger
        snapshot = self.throttle.snapshot()
        assert snapshot.in_flight == 0
        assert snapshot.waiting == {"interactive": 0, "bulk": 0}
        assert self.service.most <= PLACES
        ledger = self.throttle._line.ledger
        assert isinstance(ledger._buckets, Memory)
        assert not any(shelf.busy for shelf in ledger._buckets._shelves.values())
        assert not self.throttle._alarms.loops
        assert not self.throttle._alarms.timers
        assert not self.throttle._taken
        assert not self.throttle._waiting


CALLS = {
    "taken": lambda smsc: smsc.send("+79990000000", "hello", id=77),
    "lost": lambda smsc: smsc.send("+79990000000", "lost", id=77),
    "twin": lambda smsc: smsc.send("79990000003", "before 3", id=77, repeat=True),
}


@pytest.mark.parametrize("kind", CALLS)
@pytest.mark.parametrize("way", WAYS)
def test_a_call_cancelled_at_any_await_leaves_nothing_behind(
    way: Callable[[Coroutine[Any, Any, Sent], int], Coroutine[Any, Any, int]],
    kind: str,
    caplog: pytest.LogCaptureFixture,
) -> None:
    async def cancelled_at(step: int) -> bool:
        world = World()
        others = await world.crowd("before")
        call = asyncio.create_task(way(CALLS[kind](world.smsc), step))
        await asyncio.sleep(0)
        others += await world.crowd("after")
        reached = await call
        await world.ends_well(others)
        if reached < step:
            return False
        orphans = [event for event in world.events if event.kind == "orphaned"]
        if "77" in world.service.taken:  # it got there, and its caller never heard of it
            assert [(event.id, event.error) for event in orphans] == [("77", None)]
        elif kind == "lost" and orphans:
            assert isinstance(orphans[0].error, OutcomeUnknown)
        return True

    steps = 1
    with caplog.at_level(logging.CRITICAL):
        while run(cancelled_at(steps)):
            steps += 1
    assert steps > 2  # it was cancelled in line, and on its way


@pytest.mark.parametrize("tenths", range(0, 30, 2))
def test_wait_for_leaves_nothing_behind_whenever_it_gives_up(tenths: int) -> None:
    async def main() -> None:
        world = World()
        others = await world.crowd("before")
        call = asyncio.create_task(
            asyncio.wait_for(world.smsc.send("+79990000000", "hello", id=77), tenths / 10)
        )
        await asyncio.sleep(0)
        others += await world.crowd("after")
        with contextlib.suppress(TimeoutError):
            await call
        await world.ends_well(others)

    run(main())


@pytest.mark.parametrize("tenths", range(0, 30, 2))
def test_a_loop_that_shuts_down_leaves_nothing_behind(tenths: int) -> None:
    world = World()
    loop = VirtualLoop()

    calls: list[asyncio.Task[Sent]] = []

    async def main() -> None:
        calls.extend(await world.crowd("before"))
        calls.append(asyncio.create_task(world.smsc.send("+79990000000", "hello", id=77)))
        calls.extend(await world.crowd("after"))
        await asyncio.sleep(tenths / 10)

    with asyncio.Runner(loop_factory=lambda: loop) as runner:
        runner.run(main())

    heard = {call.result().id for call in calls if not call.cancelled()}
    orphaned = [event for event in world.events if event.kind == "orphaned"]
    told = {event.id for event in orphaned if not isinstance(event.error, NotSent)}
    unsent = {event.id for event in orphaned if isinstance(event.error, NotSent)}
    assert heard | told == world.service.begun
    assert not heard & told
    assert not unsent & world.service.begun
    assert world.throttle._line.ledger.look(PLACE, 0).out == 0
    assert not world.throttle._alarms.loops


each_own = pytest.mark.parametrize("transport", [None, "aiohttp"], ids=["own", "aiohttp"])


@each_own
async def test_the_outcome_of_an_orphan_is_logged_with_its_id_and_a_masked_number(
    transport: Own, caplog: pytest.LogCaptureFixture
) -> None:
    arrived, go = asyncio.Event(), asyncio.Event()

    async def wait(_: Posted) -> bytes:
        arrived.set()
        await go.wait()
        return answer(ACCEPTED)

    async with (
        serving(wait) as server,
        SmscClient(
            api_key="key", base_url=server.url, throttle=Throttle(), transport=transport
        ) as smsc,
    ):
        call = asyncio.create_task(smsc.send("+79990000000", "hello", id="order-1"))
        await arrived.wait()
        call.cancel()
        with pytest.raises(asyncio.CancelledError):
            await call
        go.set()

    assert [record.levelname for record in caplog.records] == ["WARNING"]
    assert "order-1" in caplog.text
    assert "+7999***00" in caplog.text
    assert "+79990000000" not in caplog.text


@each_own
async def test_no_connection_is_lost_when_calls_are_cancelled_at_any_await(transport: Own) -> None:
    go = asyncio.Event()

    async def wait(_: Posted) -> bytes:
        await go.wait()
        return answer(ACCEPTED)

    connections = transport or Connections(lambda: pytest.fail("no TLS here"))
    async with serving(wait) as server:
        smsc = SmscClient(
            api_key="key", base_url=server.url, transport=connections, throttle=Throttle()
        )
        for way in WAYS:
            for step in range(1, 4):
                go.clear()
                call = asyncio.create_task(
                    way(smsc.send("+79990000000", f"{way.__name__} {step}"), step)
                )
                await asyncio.sleep(0)
                asyncio.get_running_loop().call_soon(go.set)
                await call
                await asyncio.gather(*smsc._core.pipeline()._attempts._tasks)
        if isinstance(connections, Connections):
            assert connections.open == sum(map(len, connections._idle.values())) == 1
        assert server.connections == 1
        await smsc.aclose()
        if isinstance(connections, Connections):
            assert connections.open == 0
        for _ in range(10):
            await asyncio.sleep(0)
        assert server.alive == 0


@each_own
async def test_closing_the_client_tells_the_callers_it_cuts_off(transport: Own) -> None:
    arrived = asyncio.Event()

    async def never(_: Posted) -> bytes:
        arrived.set()
        await asyncio.Event().wait()
        return b""

    async with serving(never) as server:
        smsc = SmscClient(
            api_key="key", base_url=server.url, throttle=Throttle(), transport=transport
        )
        call = asyncio.create_task(smsc.send("+79990000000", "hello"))
        await arrived.wait()
        await smsc.aclose(grace=0)

        with pytest.raises(OutcomeUnknown, match="cancelled"):
            await call
