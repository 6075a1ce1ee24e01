"""Every caller is told an end, and every send has one in the log, whatever goes wrong around it."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Callable
from typing import Any

import httpx
import pytest

from smsc_async import Event, NoAnswer, OutcomeUnknown, Sent, SmscClient, Throttle
from tests.loopback import ACCEPTED, BALANCE
from tests.virtual import run


class Service(httpx.AsyncBaseTransport):
    """Answers after a second, by which time *happens* was called."""

    def __init__(self) -> None:
        self.bodies: list[bytes] = []
        self.happens: Callable[[], object] = int

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        self.bodies.append(await request.aread())
        await asyncio.sleep(1)
        self.happens()
        balance = request.url.path.endswith("balance.php")
        return httpx.Response(200, json=BALANCE if balance else ACCEPTED)


class Clock:
    """The loop's, until it is broken; then it raises once."""

    def __init__(self) -> None:
        self.is_broken = False

    def breaks(self) -> int:
        self.is_broken = True
        return 0

    def __call__(self) -> float:
        if self.is_broken:
            self.is_broken = False
            raise RuntimeError("no time")
        return asyncio.get_running_loop().time()


class Stop(BaseException):
    """What ends a test, say."""


def client(service: Service, **options: Any) -> SmscClient:  # noqa: ANN401 - of many types
    options.setdefault("throttle", Throttle())
    return SmscClient(api_key="key", base_url="http://127.0.0.1:1", transport=service, **options)


def test_what_ends_a_test_within_a_transport_reaches_the_caller() -> None:
    def stop() -> int:
        raise Stop

    async def main() -> None:
        async with client(service := Service()) as smsc:
            service.happens = stop
            with pytest.raises(Stop):
                await smsc.send("+79990000000", "hello")

    run(main())


def test_an_answer_reaches_all_who_wait_for_it_though_it_cannot_be_written_down() -> None:
    faults = list[dict[str, Any]]()

    async def main() -> None:
        asyncio.get_running_loop().set_exception_handler(lambda _, told: faults.append(told))
        clock = Clock()
        async with client(service := Service(), throttle=Throttle(clock=clock)) as smsc:
            await smsc.account.balance()
            service.happens = clock.breaks
            both = await asyncio.gather(smsc.account.balance(), smsc.account.balance())
            assert both[0] == both[1]
            assert len(service.bodies) == 2

    run(main())
    assert [str(fault["exception"]) for fault in faults] == ["no time"]


def test_a_send_whose_caller_has_gone_is_told_of_though_it_cannot_be_written_down() -> None:
    events = list[Event]()

    async def main() -> None:
        asyncio.get_running_loop().set_exception_handler(lambda _, told: None)
        clock = Clock()
        throttle = Throttle(clock=clock)
        async with client(service := Service(), throttle=throttle, on_event=events.append) as smsc:
            service.happens = clock.breaks
            call = asyncio.create_task(smsc.send("+79990000000", "hello", id=7))
            await asyncio.sleep(0.5)
            call.cancel()
            await asyncio.sleep(1)

    run(main())
    assert [(event.id, event.error) for event in events if event.kind == "orphaned"] == [
        ("7", None)
    ]


@pytest.mark.parametrize("repeat", [False, True])
def test_a_call_whose_task_is_cancelled_from_within_goes_out_once(*, repeat: bool) -> None:
    events = list[Event]()

    async def main() -> None:
        def hear(event: Event) -> None:
            events.append(event)
            if event.kind == "admitted":
                call.cancel()

        async with client(service := Service(), on_event=hear) as smsc:
            call: asyncio.Task[Sent] = asyncio.create_task(
                smsc.send("+79990000000", "hello", repeat=repeat)
            )
            await asyncio.wait([call])
            assert call.cancelled()
            await asyncio.sleep(2)
            assert len(service.bodies) == 1

    run(main())
    assert [event.kind for event in events] == ["admitted", "orphaned"]


def lose() -> int:
    """Lose the answer."""
    raise httpx.ReadError("lost")


def test_a_fault_while_it_is_asked_about_leaves_a_send_in_doubt_and_named(
    caplog: pytest.LogCaptureFixture,
) -> None:
    async def fall_asleep(_: float) -> None:
        raise ZeroDivisionError("+79990000000")

    async def main() -> None:
        async with client(service := Service(), sleep=fall_asleep) as smsc:
            service.happens = lose
            with pytest.raises(OutcomeUnknown, match="status of id 7 ") as error:
                await smsc.send("+79990000000", "hello", id=7)
            assert error.value.phones == ("+79990000000",)

    run(main())
    assert "send: it could not be asked: a fault, ZeroDivisionError" in caplog.text
    assert "79990000000" not in caplog.text


def test_where_the_library_for_repeats_cannot_be_read_the_first_failure_is_told(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setitem(sys.modules, "tenacity", None)

    async def main() -> None:
        async with client(service := Service()) as smsc:
            service.happens = lose
            with pytest.raises(NoAnswer):
                await smsc.account.balance()
            assert len(service.bodies) == 1

    run(main())
