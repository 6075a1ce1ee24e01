"""What was sent and what came in: the whole client against the simulator, on a virtual clock."""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import aclosing, asynccontextmanager
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from itertools import cycle, pairwise
from random import Random
from typing import TypeVar
from urllib.parse import parse_qsl

import httpx
import pytest

from smsc_async import (
    BadParameters,
    Email,
    LoginRefused,
    NoAnswer,
    NotFound,
    NotSent,
    ReceivedMessage,
    SentMessage,
    SmscClient,
    SmscError,
    Status,
    Throttled,
)
from smsc_async._resources._history import older
from smsc_async.simulator import Refusal, Request, Settings, Simulator
from tests.virtual import run

T = TypeVar("T")

FREE = Decimal(0)
MINUTE, HOUR = 60.0, 3600.0
SEEDS = {"0": 1, "1": 4}.get(os.environ.get("SMSC_SEEDS", "1"), 20)
NOON = datetime(2026, 11, 21, 9, 0, tzinfo=UTC)  # in Moscow
# What becomes of a request: it is lost on its way, its answer is, or neither.
Fate = Callable[[], str]


class Lossy(httpx.ASGITransport):
    """Loses requests, or answers after the service has worked, as *fate* says."""

    def __init__(self, sim: Simulator, fate: Fate) -> None:
        super().__init__(app=sim.app)
        self._fate = fate

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        fate = self._fate()
        if fate == "request lost":
            raise httpx.ReadError("lost", request=request)
        response = await super().handle_async_request(request)
        if fate == "answer lost":
            raise httpx.ReadError("lost", request=request)
        if fate == "garbage":
            return httpx.Response(200, content=b"<html>")
        return response


def now() -> float:
    return asyncio.get_running_loop().time()


@asynccontextmanager
async def world(
    settings: Settings | None = None, fate: Fate = lambda: "", *, max_wait: float = 75.0
) -> AsyncIterator[tuple[Simulator, SmscClient]]:
    begun = now()

    def wall() -> datetime:
        return NOON + timedelta(seconds=now() - begun)

    async with (
        Simulator(settings or Settings(price=FREE), wall=wall) as sim,
        SmscClient(
            login="demo",
            password="demo",
            transport=Lossy(sim, fate),
            max_wait=max_wait,
            wall=lambda: wall().timestamp(),
        ) as smsc,
    ):
        yield sim, smsc


async def send(smsc: SmscClient, first: int, count: int) -> None:
    if count:
        await smsc.send_each([(f"+7999{n:07}", f"text {n}") for n in range(first, first + count)])


async def fill(found: list[T], messages: AsyncIterator[T]) -> None:
    async for message in messages:
        found.append(message)  # noqa: PERF401 - what came before an error is kept


def too_often(sim: Simulator) -> list[Refusal]:
    return [refusal for refusal in sim.refusals if refusal.code == 9]


def texts(messages: Sequence[SentMessage]) -> list[str | None]:
    return [message.message for message in messages]


def backwards(last: int, count: int) -> list[str]:
    return [f"text {n}" for n in range(last, last - count, -1)]


def asked(sim: Simulator, flag: str) -> list[Request]:
    return [request for request in sim.log if flag in request.params]


# What was sent


@pytest.mark.parametrize(("count", "questions"), [(0, 1), (9, 1), (10, 2), (11, 2), (30, 4)])
def test_the_history_is_read_page_by_page_and_a_full_page_is_not_the_last(
    count: int, questions: int
) -> None:
    async def main() -> None:
        async with world() as (sim, smsc):
            await send(smsc, 0, count)
            found = [message async for message in smsc.history.sent(size=10)]

            assert texts(found) == backwards(count - 1, count)
            assert len(asked(sim, "get_messages")) == questions

    run(main())


def test_what_is_sent_meanwhile_neither_shifts_the_pages_nor_comes_into_them() -> None:
    async def main() -> None:
        async with world() as (_, smsc):
            await send(smsc, 0, 35)
            found: list[SentMessage] = []
            async for message in smsc.history.sent(size=5):
                found.append(message)
                await send(smsc, 1000 + 10 * len(found), 3)

            assert texts(found) == backwards(34, 35)
            assert len({message.int_id for message in found}) == 35

    run(main())


def test_thirty_pages_an_hour_are_read_and_the_error_says_where_to_go_on() -> None:
    async def main() -> None:
        async with world() as (sim, smsc):
            await send(smsc, 0, 100)
            found: list[SentMessage] = []

            with pytest.raises(Throttled) as caught:
                await fill(found, smsc.history.sent(size=2))
            assert len(found) == 60
            assert caught.value.resume == found[-1].int_id
            assert caught.value.retry_after > 0.9 * HOUR
            await asyncio.sleep(caught.value.retry_after)
            await fill(found, smsc.history.sent(before=caught.value.resume, size=2))

            assert texts(found) == backwards(99, 100)
            assert too_often(sim) == []
            times = [request.arrived for request in asked(sim, "get_messages")]
            assert max(sum(at <= other < at + HOUR for other in times) for at in times) == 30

    run(main())


def test_a_client_that_waits_long_enough_reads_on_by_itself() -> None:
    async def main() -> None:
        async with world(max_wait=2 * HOUR) as (sim, smsc):
            await send(smsc, 0, 65)
            found = [message async for message in smsc.history.sent(size=1)]

            assert texts(found) == backwards(64, 65)
            assert too_often(sim) == []

    run(main())


def test_a_service_that_is_gone_in_the_middle_is_told_with_where_to_go_on() -> None:
    async def main() -> None:
        found: list[SentMessage] = []
        away = True
        async with world(fate=lambda: "answer lost" if found and away else "") as (_, smsc):
            await send(smsc, 0, 10)
            with pytest.raises(NoAnswer) as caught:
                await fill(found, smsc.history.sent(size=4))
            assert texts(found) == backwards(9, 4)
            assert caught.value.resume == found[-1].int_id

            away = False
            await fill(found, smsc.history.sent(before=caught.value.resume))
            assert texts(found) == backwards(9, 10)

    run(main())


def test_one_page_is_filtered_by_day_phone_and_kind() -> None:
    today, tomorrow = date(2026, 11, 21), date(2026, 11, 22)

    async def main() -> None:
        async with world() as (_, smsc):
            await send(smsc, 0, 3)
            letter = Email(subject="Hi", text="hi", sender="shop@example.com")
            await smsc.send("anna@example.com", letter)
            page = smsc.history.sent_page

            assert texts(await page(limit=2)) == backwards(2, 2)
            assert texts(await page(phones=["8 999 000-00-01", "+79990000000"])) == backwards(1, 2)
            assert texts(await page(start=today)) == backwards(2, 3)
            assert await page(start=tomorrow, end=tomorrow) == []
            assert texts(await page(mail=True)) == ["hi"]
            (mail,) = await page(emails="anna@example.com")
            assert await page(emails="ivan@example.com") == []
            assert (mail.phone, mail.format, mail.state) == (
                "anna@example.com",
                8,
                Status.DELIVERED,
            )
            assert mail.sent_at == NOON

    run(main())


# What came in


def receive(sim: Simulator, count: int) -> list[int]:
    return [sim.receive(f"7999{n:07}", f"answer {n}", to="79180000000") for n in range(count)]


def ids(messages: Sequence[ReceivedMessage]) -> list[int]:
    return [message.id for message in messages]


@pytest.mark.parametrize(("count", "questions"), [(0, 1), (9, 1), (10, 2), (25, 3)])
def test_incoming_messages_are_read_page_by_page_the_oldest_first(
    count: int, questions: int
) -> None:
    async def main() -> None:
        async with world() as (sim, smsc):
            numbers = receive(sim, count)
            found = [message async for message in smsc.history.received(size=10)]

            assert ids(found) == numbers
            assert len(asked(sim, "get_answers")) == questions
            if found:
                assert found[0].phone == "79990000000"
                assert found[0].message == "answer 0"
                assert found[0].to_phone == "79180000000"
                assert found[0].received_at(sim.settings.zone) == NOON

    run(main())


def test_incoming_messages_are_those_of_the_day_or_of_the_hours_that_are_asked_for() -> None:
    async def main() -> None:
        async with world() as (sim, smsc):
            (first,) = receive(sim, 1)
            await asyncio.sleep(13 * HOUR)  # in Moscow it is the next day
            (second,) = receive(sim, 1)
            third = sim.receive("79990000000", "hello", to="5678")
            page = smsc.history.received_page

            assert ids(await page()) == [second, third]
            assert ids(await page(hours=14)) == [first, second, third]
            assert ids(await page(hours=12)) == [second, third]
            assert ids(await page(hours=14, after=first, limit=1)) == [second]
            assert ids(await page(to_phone="+79180000000")) == [second]
            assert ids(await page(to_phone="5678")) == [third]
            await asyncio.sleep(168 * HOUR)
            assert ids(await page(hours=168)) == [second, third]
            await asyncio.sleep(1)
            assert await page(hours=168) == []

    run(main())


def test_reading_what_came_in_is_told_where_to_go_on() -> None:
    async def main() -> None:
        found: list[ReceivedMessage] = []
        away = True
        async with world(fate=lambda: "request lost" if found and away else "") as (sim, smsc):
            numbers = receive(sim, 10)
            with pytest.raises(NoAnswer) as caught:
                await fill(found, smsc.history.received(size=4))
            away = False
            await fill(found, smsc.history.received(after=caught.value.resume))

            assert caught.value.resume == numbers[3]
            assert ids(found) == numbers

    run(main())


def test_what_came_in_before_midnight_is_read_to_its_end_after_it() -> None:
    async def main() -> None:
        async with world() as (sim, smsc):
            numbers = receive(sim, 6)
            found: list[ReceivedMessage] = []
            async for message in smsc.history.received(size=2):
                found.append(message)
                await asyncio.sleep(13 * HOUR)  # in Moscow it is the next day
            resumed = [one async for one in smsc.history.received(after=numbers[1])]

            assert ids(found) == numbers
            assert ids(resumed) == numbers[2:]
            assert ids(await smsc.history.received_page(after=numbers[3], hours=168)) == numbers[4:]
            assert ids(await smsc.history.received_page(after=0, hours=168)) == numbers
            assert await smsc.history.received_page(after=numbers[0], hours=1) == []

    run(main())


def test_what_was_within_the_hours_stays_so_however_slowly_it_is_read() -> None:
    async def main() -> None:
        async with world() as (sim, smsc):
            receive(sim, 1)
            await asyncio.sleep(2 * HOUR)
            numbers = receive(sim, 5)
            found: list[ReceivedMessage] = []
            async for message in smsc.history.received(hours=1, size=2):
                found.append(message)
                await asyncio.sleep(HOUR)

            assert ids(found) == numbers
            hours = [request.params["hour"] for request in asked(sim, "get_answers")]
            assert hours == ["1", "168", "168"]

    run(main())


# A service that keeps no order


class Careless(httpx.AsyncBaseTransport):
    """Has rows 1 to *count*, shuffles each page, and gives the row to go on behind again.

    With *deaf* it does not hear where to go on, and gives the newest. *fails* says when it refuses.
    """

    def __init__(
        self, count: int, *, deaf: bool = False, fails: Callable[[], bool] = lambda: False
    ) -> None:
        self.count = count
        self.pages = 0
        self._deaf = deaf
        self._fails = fails
        self._chance = Random(1)

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        asked_for = dict(parse_qsl((await request.aread()).decode()))
        size, every = int(asked_for["cnt"]), range(1, self.count + 1)
        if self._fails():
            return httpx.Response(200, json={"error": "no", "error_code": 2})
        self.pages += 1
        assert self.pages < 100, "it never ends"
        if "get_messages" in asked_for:
            last = self.count if self._deaf else int(asked_for.get("prev_id", self.count))
            page = [{"status": 1, "int_id": str(n)} for n in every if n <= last][-size:]
        else:
            first = 1 if self._deaf else int(asked_for.get("after_id", 1))
            page = [{"id": n} for n in every if n >= first]
            page = page[-size:] if self._deaf else page[:size]
        self._chance.shuffle(page)
        return httpx.Response(200, json=page)


@pytest.mark.parametrize("count", [0, 1, 9, 10, 11, 50])
def test_pages_without_order_are_read_in_order_and_each_message_once(count: int) -> None:
    async def main() -> None:
        service = Careless(count)
        async with SmscClient(api_key="key", transport=service) as smsc:
            sent = [message.int_id async for message in smsc.history.sent(size=10)]
            received = [message.id async for message in smsc.history.received(size=10)]

            assert sent == list(range(count, 0, -1))
            assert received == list(range(1, count + 1))

    run(main())


def test_a_service_that_repeats_one_page_for_ever_is_left() -> None:
    async def main() -> None:
        service = Careless(10, deaf=True)
        async with SmscClient(api_key="key", transport=service) as smsc:
            sent = [message.int_id async for message in smsc.history.sent(size=10)]
            received = [message.id async for message in smsc.history.received(size=10)]

            assert sent == list(range(10, 0, -1))
            assert received == list(range(1, 11))
            assert service.pages == 4

    run(main())


def test_a_message_that_stands_twice_in_a_page_is_told_once() -> None:
    message = SentMessage(status=1, int_id=2, phone="79990000001")
    other = SentMessage(status=1, int_id=2, phone="79990000002")

    assert older([message, message, other], None) == [message, other]
    assert older([message, other], before=2) == []


def test_reading_without_order_goes_on_where_an_error_says_and_skips_nothing() -> None:
    async def main() -> None:
        turn = cycle([False, True])  # one page, and the next is refused
        service = Careless(50, fails=lambda: next(turn))
        found: dict[str, list[int]] = {"sent": [], "received": []}
        places: list[tuple[int | None, int | None]] = []
        for name, numbers in found.items():
            at: int | None = None
            is_read = False
            while not is_read:
                async with SmscClient(api_key="key", transport=service) as smsc:
                    try:
                        if name == "sent":
                            async for sent in smsc.history.sent(before=at, size=10):
                                numbers.append(sent.int_id)
                        else:
                            async for came in smsc.history.received(after=at, size=10):
                                numbers.append(came.id)
                        is_read = True
                    except LoginRefused as error:
                        at = error.resume
                        places.append((at, numbers[-1] if numbers else None))

        assert len(places) > 8
        assert all(resume == last for resume, last in places)
        assert found["sent"] == list(range(50, 0, -1))
        assert found["received"] == list(range(1, 51))

    run(main())


# What comes in from now on


class Follower:
    """Follows, and begins anew behind the last message whenever it is stopped."""

    def __init__(self, smsc: SmscClient, after: int | None) -> None:
        self.found: list[int] = []
        self._smsc = smsc
        self._after = after

    async def follow(self) -> None:
        async with aclosing(self._smsc.history.follow(after=self._after)) as messages:
            async for message in messages:
                self.found.append(message.id)
                self._after = message.id

    async def follow_for(self, seconds: float) -> None:
        try:
            async with asyncio.timeout(seconds):
                await self.follow()
        except TimeoutError:
            pass


async def arrive(sim: Simulator, chance: Random, seconds: float) -> int:
    """Let messages come in for a while: alone, in bursts, and at times more than a page holds."""
    count, until = 0, now() + seconds
    while now() < until:
        burst = chance.choice([*[1, 2, 3] * 8, 30, 1000, 1001, 2500])
        receive(sim, burst)
        count += burst
        await asyncio.sleep(chance.expovariate(1 / 90))
    return count


def most_alike(sim: Simulator) -> int:
    """Return the most identical questions that 61 seconds held."""
    alike: dict[str, list[float]] = {}
    for request in asked(sim, "get_answers"):
        alike.setdefault(str(sorted(request.params.items())), []).append(request.arrived)
    return max(
        sum(at <= other < at + 61 for other in times) for times in alike.values() for at in times
    )


@pytest.mark.parametrize("max_wait", [0.0, 75.0])
@pytest.mark.parametrize("seed", range(SEEDS))
def test_each_message_comes_once_through_outages_and_restarts(seed: int, max_wait: float) -> None:
    chance = Random(seed)
    settings = Settings(price=FREE, latency=0.3, jitter=0.5, whole_seconds=seed % 2 == 0)
    outages = [(600, 900), (2000, 2030), (3000, 4200)]

    async def main() -> None:
        begun = now()

        def fate() -> str:
            away = any(since <= now() - begun < until for since, until in outages)
            if away:
                return chance.choice(["request lost", "answer lost"])
            if chance.random() < 0.1:
                return chance.choice(["request lost", "answer lost", "garbage"])
            return ""

        async with world(settings, fate, max_wait=max_wait) as (sim, smsc):
            follower = Follower(smsc, after=0)
            arriving = asyncio.create_task(arrive(sim, chance, 2 * HOUR))
            while not arriving.done():
                await follower.follow_for(chance.uniform(1, 20 * MINUTE))
            count = await arriving
            await follower.follow_for(20 * MINUTE)

            assert follower.found == list(range(1, count + 1))
            assert too_often(sim) == []
            assert most_alike(sim) <= 3

    run(main())


def test_an_idle_follower_asks_every_twenty_seconds_and_never_in_bursts() -> None:
    async def main() -> None:
        async with world(Settings(price=FREE, latency=0.2)) as (sim, smsc):
            await Follower(smsc, after=0).follow_for(HOUR)

            times = [request.arrived for request in asked(sim, "get_answers")]
            gaps = [after - before for before, after in pairwise(times)]
            assert 20.3 < min(gaps) <= max(gaps) < 21
            assert len({str(request.params) for request in sim.log}) == 1
            assert most_alike(sim) == 3
            assert too_often(sim) == []

    run(main())


def test_an_outage_while_nothing_comes_in_makes_no_more_questions_than_are_allowed() -> None:
    async def main() -> None:
        async with world(fate=lambda: "answer lost") as (sim, smsc):
            follower = Follower(smsc, after=0)
            following = asyncio.create_task(follower.follow())
            await asyncio.sleep(HOUR)

            assert most_alike(sim) <= 3
            assert len(asked(sim, "get_answers")) > 100
            assert too_often(sim) == []
            assert not following.done()
            following.cancel()

    run(main())


def test_a_message_is_told_within_a_poll_and_a_backlog_at_once() -> None:
    async def main() -> None:
        async with world() as (sim, smsc):
            numbers = receive(sim, 3500)
            follower = Follower(smsc, after=0)
            following = asyncio.create_task(follower.follow())
            await asyncio.sleep(1)
            assert follower.found == numbers

            late = receive(sim, 1)
            await asyncio.sleep(21)
            assert follower.found == numbers + late
            following.cancel()

    run(main())


@pytest.mark.parametrize("count", [0, 1, 1000, 2500])
def test_without_a_beginning_only_what_is_new_is_told(count: int) -> None:
    async def main() -> None:
        away = now() + 120
        async with world(fate=lambda: "answer lost" if now() < away else "") as (sim, smsc):
            receive(sim, count)
            follower = Follower(smsc, after=None)
            following = asyncio.create_task(follower.follow())
            await asyncio.sleep(300)
            assert follower.found == []

            new = receive(sim, 2)
            await asyncio.sleep(30)
            assert follower.found == new
            following.cancel()

    run(main())


def test_another_program_that_asks_the_same_only_delays_what_is_told() -> None:
    async def main() -> None:
        async with world() as (sim, smsc):
            follower = Follower(smsc, after=0)
            following = asyncio.create_task(follower.follow())
            await asyncio.sleep(1)
            asked_now = {"login": "demo", "psw": "demo", **sim.log[-1].params}
            async with httpx.AsyncClient(transport=httpx.ASGITransport(app=sim.app)) as other:
                for _ in range(60):
                    await other.post("http://sim/sys/get.php", data=asked_now)
                    await asyncio.sleep(5)
            refused = len([request for request in sim.log if request.code == 9])
            numbers = receive(sim, 2)
            await asyncio.sleep(5 * MINUTE)

            assert refused > 30
            assert follower.found == numbers
            assert not following.done()
            following.cancel()

    run(main())


def test_a_refused_login_ends_the_following_and_says_where_to_go_on() -> None:
    async def main() -> None:
        async with world() as (sim, smsc):
            numbers = receive(sim, 3)
            follower = Follower(smsc, after=0)
            following = asyncio.create_task(follower.follow())
            await asyncio.sleep(1)
            sim.faults = lambda _path, _params, _number: 2
            with pytest.raises(LoginRefused) as caught:
                await following

            assert follower.found == numbers
            assert caught.value.resume == numbers[-1]

    run(main())


def test_a_closed_client_ends_the_following_and_says_where_to_go_on() -> None:
    async def main() -> None:
        async with world() as (sim, smsc):
            numbers = receive(sim, 3)
            follower = Follower(smsc, after=0)
            following = asyncio.create_task(follower.follow())
            await asyncio.sleep(1)
            await smsc.aclose()
            with pytest.raises(NotSent) as caught:
                await following
            assert caught.value.resume == numbers[-1]
            with pytest.raises(NotSent) as caught:
                await Follower(smsc, after=None).follow()
            assert caught.value.resume is None

    run(main())


class Stubborn(httpx.AsyncBaseTransport):
    """Answers with the same full page whatever it is asked, the newest first."""

    def __init__(self) -> None:
        self.times: list[float] = []

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        assert request.url.path == "/sys/get.php"
        self.times.append(now())
        return httpx.Response(200, json=[{"id": 1000 - n} for n in range(1000)])


def test_a_service_that_repeats_itself_is_not_stormed_and_nothing_is_told_twice() -> None:
    async def main() -> None:
        service = Stubborn()
        async with SmscClient(api_key="key", transport=service) as smsc:
            follower = Follower(smsc, after=10)
            await follower.follow_for(10 * MINUTE)

            assert follower.found == list(range(11, 1001))
            assert min(after - before for before, after in pairwise(service.times[1:])) > 20

    run(main())


def test_a_full_page_of_what_is_old_is_no_reason_to_stay_silent() -> None:
    async def main() -> None:
        service = Careless(1000, deaf=True)
        async with SmscClient(api_key="key", transport=service) as smsc:
            follower = Follower(smsc, after=None)
            following = asyncio.create_task(follower.follow())
            await asyncio.sleep(60)
            assert follower.found == []

            service.count += 2
            await asyncio.sleep(60)
            assert follower.found == [1001, 1002]
            following.cancel()

    run(main())


# What the simulator refuses


@pytest.mark.parametrize(
    "params",
    [
        {"get_messages": 1, "cnt": 1001},
        {"get_messages": 1, "cnt": 0},
        {"get_messages": 1, "start": "20.05.2026", "end": "21.11.2026"},
        {"get_messages": 1, "start": "20.05.2026"},
        {"get_messages": 1, "start": "2026-11-21"},
        {"get_answers": 1, "cnt": 10_001},
        {"get_answers": 1, "hour": 169},
        {"get_answers": 1, "hour": "all"},
        {"get_answers": 1, "after_id": "all"},
        {"get_stat": 1, "start": "yesterday"},
    ],
)
def test_the_simulator_refuses_what_the_page_does_not_allow(params: dict[str, str | int]) -> None:
    async def main() -> None:
        async with world() as (_, smsc):
            await send(smsc, 0, 1)
            with pytest.raises(BadParameters):
                await smsc.raw("get.php", params)

    run(main())


def test_the_simulator_allows_the_six_months_that_the_client_does() -> None:
    async def main() -> None:
        async with world() as (_, smsc):
            await send(smsc, 0, 1)
            assert await smsc.history.sent_page(start=date(2026, 5, 21))

    run(main())


def test_an_error_for_nothing_is_an_empty_history() -> None:
    async def main() -> SmscError:
        async with world() as (_, smsc):
            assert await smsc.history.sent_page() == []
            with pytest.raises(NotFound) as caught:
                await smsc.raw("get.php", {"get_messages": 1})
            return caught.value

    assert run(main()).resume is None
