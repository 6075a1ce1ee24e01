"""What a client tells of its calls: events to whoever listens, and lines in the log."""

from __future__ import annotations

import asyncio
import logging
import pickle
import sys
from types import FrameType

import httpx
import pytest

from smsc_async import (
    AddressBlocked,
    DuplicateSend,
    Event,
    SmscClient,
    Snapshot,
    Throttle,
    Throttled,
    ThrottleUnavailable,
    TooManyRequests,
)
from smsc_async._throttle.queue import Refusal
from smsc_async._transport.observer import Observer, Wait
from smsc_async._wire import limits
from tests.loopback import ACCEPTED, BALANCE
from tests.virtual import run

BUSY = {"error": "too many concurrent requests from 79990000000", "error_code": 9}
OFTEN = {"error": "duplicate request, wait a minute", "error_code": 9}
BLOCKED = {"error": "ip address is blocked", "error_code": 4}
TEN = "10 in 60 s, counting all requests of one operation"
PLACES = "14 at once, counting all requests of one login"
STATUSES = "4 at once, counting all requests to one address"


class Service(httpx.AsyncBaseTransport):
    """Takes a second for each request; gives *replies* first, and then what is usual."""

    def __init__(self, *replies: object) -> None:
        self.replies = list(replies)

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        await asyncio.sleep(1)
        usual = {"/sys/balance.php": BALANCE, "/sys/send.php": ACCEPTED}
        reply = self.replies.pop(0) if self.replies else usual.get(request.url.path, {"a": 1})
        return httpx.Response(200, json=reply)


class World:
    """A client that is listened to, with the time of each event since the beginning."""

    def __init__(self, *replies: object, throttle: Throttle | None = None) -> None:
        self.events: list[Event] = []
        self.times: list[float] = []
        self.smsc = SmscClient(
            api_key="key",
            base_url="https://smsc.ru",
            transport=Service(*replies),
            throttle=throttle,
            on_event=self.hear,
            chance=lambda: 1.0,
        )

    def hear(self, event: Event) -> None:
        self.events.append(event)
        self.times.append(asyncio.get_running_loop().time() - 1000)

    def told(self, *kinds: str) -> list[tuple[float, Event]]:
        both = zip(self.times, self.events, strict=True)
        return [(at, event) for at, event in both if event.kind in kinds]


def lines(caplog: pytest.LogCaptureFixture) -> list[tuple[str, str]]:
    ours = [record for record in caplog.records if record.name == "smsc_async"]
    return [(record.levelname, record.getMessage()) for record in ours]


# Events


def test_a_start_is_told_with_the_rule_it_waited_for_and_how_long() -> None:
    async def main() -> list[Event]:
        world = World()
        async with world.smsc as smsc:
            for _ in range(11):
                await smsc.account.balance()
        return world.events[-3:]

    assert run(main()) == [
        Event("admitted", "account.balance", rule=None, seconds=0.0),
        Event("waiting", "account.balance", rule=TEN, seconds=52.0),
        Event("admitted", "account.balance", rule=TEN, seconds=52.0),
    ]


def test_waiting_before_the_address_is_told_as_any_other() -> None:
    """Until the service has accepted the credentials, calls go one by one."""

    async def main() -> list[Event]:
        world = World()
        async with world.smsc as smsc:
            first = asyncio.create_task(smsc.account.balance())
            await asyncio.sleep(0.25)
            await smsc.send("79990000000", "hello")
            await first
        return world.events

    first, waiting, admitted = run(main())

    assert first.kind == "admitted"
    assert (waiting.kind, waiting.operation) == ("waiting", "send")
    assert waiting.rule == "1 at once, counting requests that are tried before all others"
    assert admitted == Event("admitted", "send", waiting.rule, seconds=0.75)


def test_a_refusal_for_a_limit_tells_its_rule_and_its_seconds() -> None:
    async def main() -> None:
        world = World()
        async with world.smsc as smsc:
            await smsc.send("79990000000", "hello")
            with pytest.raises(DuplicateSend) as caught:
                await smsc.send("79990000000", "hello")
            for _ in range(10):
                await smsc.account.balance()
            with pytest.raises(Throttled) as late:
                await smsc.with_options(max_wait=1).account.balance()
        twin, window = [event for _, event in world.told("refused")]
        rule = "1 in 60 s, counting identical requests"
        assert (twin.rule, twin.seconds, twin.error) == (rule, 61.0, caught.value)
        assert (window.rule, window.seconds) == (TEN, late.value.retry_after)

    run(main())


def test_a_refusal_of_the_service_tells_no_rule() -> None:
    async def main() -> None:
        world = World({"error": "no", "error_code": 1})
        async with world.smsc as smsc:
            with pytest.raises(Exception, match="no") as caught:
                await smsc.account.balance()
        ((_, refused),) = world.told("refused")
        assert refused.error is caught.value
        assert (refused.rule, refused.seconds) == (None, 0.0)

    run(main())


def test_a_pause_is_told_with_the_limit_that_was_met_and_when_it_is_over() -> None:
    async def main() -> list[tuple[float, Event]]:
        world = World(BUSY)
        async with world.smsc as smsc:
            await smsc.account.balance()
        return world.told("paused", "resumed")

    assert run(main()) == [
        (1.0, Event("paused", "account.balance", PLACES, 2.0)),
        (3.0, Event("resumed", "account.balance", seconds=2.0)),
    ]


@pytest.mark.parametrize(
    ("reply", "path", "params", "rule"),
    [
        (BUSY, "status.php", {"id": "1", "phone": "7"}, STATUSES),
        (OFTEN, "get.php", {"get_price": 1}, "3 in 60 s, counting identical requests"),
        (OFTEN, "templates.php", {"get": 1}, None),  # one of two
        (OFTEN, "get.php", {"get_messages": 1}, "3 in 60 s, counting identical requests"),
    ],
)
def test_the_limit_that_was_met_is_told_where_one_alone_can_be_meant(
    reply: object, path: str, params: dict[str, str | int], rule: str | None
) -> None:
    async def main() -> list[tuple[float, Event]]:
        world = World(reply)
        async with world.smsc as smsc:
            calm = smsc.with_options(max_wait=0)
            with pytest.raises((TooManyRequests, Throttled)):
                await calm.raw(path, params)
        return world.told("paused")

    ((_, paused),) = run(main())

    assert paused.rule == rule


def test_a_pause_that_is_prolonged_is_over_once() -> None:
    async def main() -> list[tuple[float, Event]]:
        world = World({"a": 1}, BUSY, BUSY)
        async with world.smsc as smsc:
            await smsc.raw("hello.php")
            first = asyncio.create_task(smsc.account.balance())
            await asyncio.sleep(0.5)
            second = asyncio.create_task(smsc.send("79990000000", "hello"))
            await asyncio.gather(first, second)
        return world.told("paused", "resumed")

    assert run(main()) == [
        (2.0, Event("paused", "account.balance", PLACES, 2.0)),
        (2.5, Event("paused", "send", PLACES, 2.0)),
        (4.5, Event("resumed", "account.balance", seconds=2.5)),
    ]


def test_a_pause_that_another_client_prolongs_is_over_when_the_login_may_start_again() -> None:
    async def main() -> list[tuple[float, Event]]:
        throttle = Throttle()
        one, two = World({"a": 1}, BUSY, throttle=throttle), World(BUSY, throttle=throttle)
        async with one.smsc, two.smsc:
            await one.smsc.raw("hello.php")
            first = asyncio.create_task(one.smsc.account.balance())
            await asyncio.sleep(0.5)
            await two.smsc.account.balance()
            await first
        assert [at for at, _ in two.told("paused", "resumed")] == [2.5, 4.5]
        return one.told("paused", "resumed")

    assert run(main()) == [
        (2.0, Event("paused", "account.balance", PLACES, 2.0)),
        (4.5, Event("resumed", "account.balance", seconds=2.5)),
    ]


def test_a_throttle_that_cannot_be_looked_at_does_not_hide_the_end_of_a_pause() -> None:
    class Unseen(Throttle):
        def snapshot(self) -> Snapshot:
            raise ThrottleUnavailable("snapshot", "the file is gone")

    async def main() -> list[float]:
        world = World(BUSY, throttle=Unseen())
        async with world.smsc as smsc:
            await smsc.account.balance()
        return [at for at, _ in world.told("paused", "resumed")]

    assert run(main()) == [1.0, 3.0]


def test_two_pauses_are_over_twice() -> None:
    async def main() -> list[float]:
        world = World(BUSY, BALANCE, BUSY)
        async with world.smsc as smsc:
            await smsc.account.balance()
            await asyncio.sleep(10)
            await smsc.account.balance()
        return [event.seconds for _, event in world.told("resumed")]

    assert run(main()) == [2.0, 2.0]


def test_a_blocked_address_is_a_pause_of_half_an_hour() -> None:
    async def main() -> list[tuple[float, Event]]:
        world = World(BLOCKED)
        async with world.smsc as smsc:
            with pytest.raises(AddressBlocked):
                await smsc.account.balance()
            await asyncio.sleep(2_000)
        return world.told("paused", "resumed")

    assert run(main()) == [
        (1.0, Event("paused", "account.balance", seconds=1800.0)),
        (1801.0, Event("resumed", "account.balance", seconds=1800.0)),
    ]


def test_a_client_that_is_closed_tells_nothing_more() -> None:
    async def main() -> list[tuple[float, Event]]:
        world = World(BUSY)
        call = asyncio.create_task(world.smsc.send("79990000000", "hello"))
        await asyncio.sleep(1.5)
        await world.smsc.aclose()
        await asyncio.gather(call, return_exceptions=True)
        await asyncio.sleep(60)
        return world.told("paused", "resumed")

    assert [event.kind for _, event in run(main())] == ["paused"]


@pytest.mark.parametrize(("listens", "made"), [(False, 0), (True, 14)])
def test_no_event_is_made_where_nobody_listens(*, listens: bool, made: int) -> None:
    found = 0

    def count(frame: FrameType, event: str, _: object) -> None:
        nonlocal found
        found += event == "call" and frame.f_code is Event.__init__.__code__

    async def main() -> None:
        hear = (lambda _: None) if listens else None
        async with SmscClient(api_key="key", transport=Service(), on_event=hear) as smsc:
            for _ in range(11):
                await smsc.account.balance()
            await smsc.send("79990000000", "hello")
            with pytest.raises(DuplicateSend):
                await smsc.send("79990000000", "hello")

    before = sys.getprofile()
    sys.setprofile(count)
    try:
        run(main())
    finally:
        sys.setprofile(before)

    assert found == made


def test_an_event_travels_whole() -> None:
    event = Event("refused", "send", "a rule", 1.5, "7", Throttled("send", 1.5, "a rule"))

    twin = pickle.loads(pickle.dumps(event))  # noqa: S301 - our own

    assert (twin.kind, twin.rule, twin.seconds, twin.id) == ("refused", "a rule", 1.5, "7")
    assert str(twin.error) == str(event.error)


def test_the_waiting_of_a_call_is_counted_from_the_first_thing_that_it_waits_for() -> None:
    now, events = 0.0, list[Event]()
    wait = Wait(Observer(events.append, lambda: now, lambda: 0.0), "send", lambda: now)

    now = 3.0
    wait(Refusal(limits.AT_ONCE, 1_000))
    now = 5.0
    wait(Refusal(limits.ONE_IDENTICAL, 2_000))
    now = 7.5
    wait.over()

    assert [(event.kind, event.seconds) for event in events] == [
        ("waiting", 1.0),
        ("waiting", 2.0),
        ("admitted", 4.5),
    ]
    assert events[2].rule == str(limits.ONE_IDENTICAL)


# The log


def test_a_call_that_starts_at_once_leaves_no_line(caplog: pytest.LogCaptureFixture) -> None:
    async def main() -> None:
        async with World().smsc as smsc:
            await smsc.account.balance()
            await smsc.send("79990000000", "hello")

    with caplog.at_level(logging.DEBUG, "smsc_async"):
        run(main())

    assert lines(caplog) == []


def test_a_long_wait_is_logged_with_what_is_waited_for_and_how_long(
    caplog: pytest.LogCaptureFixture,
) -> None:
    async def main() -> None:
        async with World().smsc as smsc:
            for _ in range(11):
                await smsc.account.balance()

    with caplog.at_level(logging.DEBUG, "smsc_async"):
        run(main())

    assert lines(caplog) == [
        ("INFO", f"account.balance waits about 52.0 s for {TEN}"),
        ("DEBUG", f"account.balance starts after 52.0 s: it waited for {TEN}"),
    ]


@pytest.mark.parametrize(("wait", "level"), [(4.9, "DEBUG"), (5.0, "INFO")])
def test_a_wait_is_worth_a_persons_attention_from_five_seconds_on(
    wait: float, level: str, caplog: pytest.LogCaptureFixture
) -> None:
    async def main() -> None:
        async with World().smsc as smsc:
            for _ in range(10):
                await smsc.account.balance()
            await asyncio.sleep(52 - wait)
            await smsc.account.balance()

    with caplog.at_level(logging.DEBUG, "smsc_async"):
        run(main())

    assert lines(caplog)[0] == (level, f"account.balance waits about {wait} s for {TEN}")


def test_a_campaign_leaves_no_line_for_each_call_in_normal_running(
    caplog: pytest.LogCaptureFixture,
) -> None:
    async def main() -> None:
        async with World().smsc as smsc:
            await asyncio.gather(*(smsc.send(f"7999{n:07}", "hello") for n in range(200)))

    with caplog.at_level(logging.INFO, "smsc_async"):
        run(main())

    assert lines(caplog) == []


def test_too_many_at_once_is_logged_with_what_was_said_and_what_is_done(
    caplog: pytest.LogCaptureFixture,
) -> None:
    async def main() -> None:
        async with World(BUSY).smsc as smsc:
            await smsc.send("79990000000", "hello")

    with caplog.at_level(logging.INFO, "smsc_async"):
        run(main())

    (level, said), resumed = lines(caplog)
    assert level == "WARNING"
    assert said == (
        "send: the service says too many concurrent requests from 7999***00 (error 9), so another "
        "program may use the login: nothing starts for 2 s, and fewer go at once for a while"
    )
    assert resumed == ("INFO", "send: the pause is over after 2.0 s; calls start again")
    assert not any("79990000000" in str(record.args) for record in caplog.records)


def test_requests_that_are_refused_together_leave_one_line(
    caplog: pytest.LogCaptureFixture,
) -> None:
    async def main() -> None:
        async with World(BALANCE, *[BUSY] * 5).smsc as smsc:
            await smsc.account.balance()
            sends = (smsc.send(f"7999{n:07}", "hello") for n in range(5))
            await asyncio.gather(*sends, return_exceptions=True)

    with caplog.at_level(logging.INFO, "smsc_async"):
        run(main())

    assert [level for level, _ in lines(caplog)].count("WARNING") == 1


def test_too_often_is_logged_with_what_was_said_and_what_is_done(
    caplog: pytest.LogCaptureFixture,
) -> None:
    async def main() -> None:
        async with World(OFTEN).smsc as smsc:
            await smsc.raw("get.php", {"get_price": 1})

    with caplog.at_level(logging.INFO, "smsc_async"):
        run(main())

    warned, waits, resumed = lines(caplog)
    assert warned[0] == "WARNING"
    assert warned[1] == (
        "raw get.php: the service says duplicate request, wait a minute (error 9), so another "
        "program may use the login: nothing starts for 2 s, and what it counts by the minute is "
        "taken to be full"
    )
    assert waits[0] == "INFO"
    assert "waits about 60.5 s for 3 in 60 s, counting identical requests" in waits[1]
    assert resumed[0] == "INFO"
