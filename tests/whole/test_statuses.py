"""What became of messages: the whole client against the simulator, on a virtual clock."""

from __future__ import annotations

import asyncio
import json
from collections import Counter
from collections.abc import AsyncIterator, Callable, Iterable
from contextlib import aclosing, asynccontextmanager
from datetime import timedelta
from decimal import Decimal
from typing import Literal

import httpx
import pytest

from smsc_async import (
    InvalidMessage,
    LoginRefused,
    MessageStatus,
    NoAnswer,
    NotSent,
    OperationFailed,
    OutcomeUnknown,
    Sent,
    SmscClient,
    Status,
)
from smsc_async.simulator import Request, Settings, Simulator
from tests.virtual import run

FREE = Decimal(0)
PHONE = "+79990000000"


class Losing(httpx.ASGITransport):
    """Loses the answers that *lost* chooses, after the service has worked."""

    def __init__(self, sim: Simulator, lost: Callable[[dict[str, str]], bool]) -> None:
        super().__init__(app=sim.app)
        self._lost = lost

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        form = dict(httpx.QueryParams((await request.aread()).decode()))
        response = await super().handle_async_request(request)
        if request.url.path.endswith("status.php") and self._lost(form):
            raise httpx.ReadError("lost", request=request)
        return response


class Forgetting(httpx.ASGITransport):
    """Leaves every third row out of an answer about many, and spells the phones its own way."""

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        response = await super().handle_async_request(request)
        rows = json.loads(await response.aread())
        if isinstance(rows, list):
            rows = [{**row, "phone": f"8{row['phone'][2:]}"} for row in rows if row["id"] % 3]
        return httpx.Response(200, json=rows)


class Saying(httpx.AsyncBaseTransport):
    """Answers with one status after the other, and with the last from then on."""

    def __init__(self, *numbers: int) -> None:
        self._numbers = numbers
        self.asked = 0

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        number = self._numbers[min(self.asked, len(self._numbers) - 1)]
        self.asked += 1
        return httpx.Response(200, json={"status": number})


def nothing(_form: dict[str, str]) -> bool:
    return False


@asynccontextmanager
async def world(
    settings: Settings, lost: Callable[[dict[str, str]], bool] = nothing, *, attempts: int = 3
) -> AsyncIterator[tuple[Simulator, SmscClient]]:
    async with (
        Simulator(settings) as sim,
        SmscClient(
            login="demo", password="demo", transport=Losing(sim, lost), attempts=attempts
        ) as smsc,
    ):
        yield sim, smsc


def now() -> float:
    return asyncio.get_running_loop().time()


async def sent(smsc: SmscClient, count: int) -> list[tuple[str, str]]:
    """Send to *count* phones and return what to ask about."""
    found: list[tuple[str, str]] = []
    for first in range(0, count, 1000):
        phones = [f"+7999{n:07}" for n in range(first, min(first + 1000, count))]
        done = await smsc.send(phones, "hello")
        found += [(done.id, phone) for phone in done.phones]
    return found


async def collected(
    smsc: SmscClient, messages: Iterable[tuple[str | int, str]]
) -> Counter[tuple[str, str]]:
    """Ask about *messages* and count who was told about as delivered."""
    found = Counter[tuple[str, str]]()
    async for status in smsc.statuses.get_many(messages):
        assert status.state is Status.DELIVERED
        found[status.id, status.phone] += 1
    return found


async def fill(
    found: list[MessageStatus], statuses: AsyncIterator[MessageStatus], pause: float = 0
) -> None:
    async for status in statuses:
        found.append(status)
        await asyncio.sleep(pause)


def asked(sim: Simulator) -> list[Request]:
    return [request for request in sim.log if request.path == "status.php"]


@pytest.mark.parametrize("whole_seconds", [False, True])
def test_ten_thousand_statuses_come_within_twenty_one_minutes(*, whole_seconds: bool) -> None:
    settings = Settings(latency=0.4, jitter=0.2, price=FREE, whole_seconds=whole_seconds)

    async def main() -> tuple[Simulator, Counter[tuple[str, str]], set[tuple[str, str]], float]:
        async with world(settings) as (sim, smsc):
            messages = await sent(smsc, 10_000)
            begun = now()
            found = await collected(smsc, messages)
            return sim, found, set(messages), now() - begun

    sim, found, messages, seconds = run(main())

    assert set(found) == messages
    assert set(found.values()) == {1}
    assert sim.refusals == []
    assert seconds < 21 * 60


def test_several_at_once_share_the_places_and_the_window_for_many() -> None:
    async def main() -> tuple[Simulator, list[Counter[tuple[str, str]]], float]:
        async with world(Settings(latency=0.5, price=FREE)) as (sim, smsc):
            messages = await sent(smsc, 1500)
            begun = now()
            parts = [messages[at::5] for at in range(5)]
            found = await asyncio.gather(*(collected(smsc, part) for part in parts))
            assert [set(counter) for counter in found] == [set(part) for part in parts]
            return sim, found, now() - begun

    sim, found, seconds = run(main())

    assert all(set(counter.values()) == {1} for counter in found)
    assert sim.refusals == []
    many = [request for request in asked(sim) if "," in request.params["id"]]
    assert len(many) == 3
    # What one question for many takes over takes four times as long singly.
    assert seconds < (1500 - 3 * 100) / 8 + 10


def test_a_few_are_asked_about_at_once_and_singly() -> None:
    async def main() -> Simulator:
        async with world(Settings(latency=1)) as (sim, smsc):
            messages = await sent(smsc, 4)
            begun = now()
            assert len(await collected(smsc, messages)) == 4
            assert now() - begun == pytest.approx(1)
            return sim

    sim = run(main())

    assert len(asked(sim)) == 4


def test_one_given_twice_is_asked_about_once_however_it_is_spelled() -> None:
    async def main() -> Simulator:
        async with world(Settings()) as (sim, smsc):
            await smsc.send(PHONE, "hello", id=7)
            messages: list[tuple[str | int, str]] = [
                (7, PHONE),
                ("7", "8 (999) 000-00-00"),
                ("007", "79990000000"),
            ]
            assert await collected(smsc, messages) == {("7", PHONE): 1}
            assert await collected(smsc, []) == {}
            return sim

    assert len(asked(run(main()))) == 1


def test_a_lost_answer_is_asked_for_again_and_holds_nobody_up() -> None:
    forms: list[dict[str, str]] = []

    def lost(form: dict[str, str]) -> bool:
        forms.append(form)
        return len(forms) % 13 == 1

    async def main() -> tuple[Simulator, Counter[tuple[str, str]], set[tuple[str, str]], float]:
        async with world(Settings(latency=0.5, price=FREE), lost, attempts=1) as (sim, smsc):
            messages = await sent(smsc, 400)
            begun = now()
            found = await collected(smsc, messages)
            return sim, found, set(messages), now() - begun

    sim, found, messages, seconds = run(main())

    assert set(found) == messages
    assert set(found.values()) == {1}
    assert sim.refusals == []
    assert "," in forms[0]["phone"], "the first question for many was lost as well"
    # Four at a time; a lost one keeps its place for five seconds more.
    assert seconds < (len(forms) * 0.5 + len(forms) / 13 * 5) / 4 + 5


def test_one_that_never_answers_is_told_when_all_others_have_theirs() -> None:
    async def main() -> None:
        async with world(Settings(), lambda form: "0007" in form["phone"], attempts=1) as (
            sim,
            smsc,
        ):
            messages = await sent(smsc, 10)
            found: list[MessageStatus] = []
            with pytest.raises(NoAnswer):
                await fill(found, smsc.statuses.get_many(messages))
            assert {status.phone for status in found} == {
                phone for _, phone in messages if not phone.endswith("7")
            }
            never = [r for r in asked(sim) if r.params["phone"] == "+79990000007"]
            assert len(never) == 3
            assert sim.refusals == []

    run(main())


def test_who_is_left_out_of_an_answer_about_many_is_asked_about_singly() -> None:
    async def main() -> Simulator:
        async with (
            Simulator(Settings()) as sim,
            SmscClient(login="demo", password="demo", transport=Forgetting(app=sim.app)) as smsc,
        ):
            for n in range(1, 13):
                await smsc.send(PHONE, f"hello {n}", id=n)
            found = [status async for status in smsc.statuses.get_many(told)]
            assert sorted(int(status.id) for status in found) == list(range(1, 13))
            assert {status.state for status in found} == {Status.DELIVERED}
            return sim

    told = [(n, PHONE) for n in range(1, 13)]
    requests = asked(run(main()))
    assert len(requests[0].params["id"].split(",")) == 12
    assert {request.params["id"] for request in requests[1:]} == {"3", "6", "9", "12"}


class Plain(httpx.ASGITransport):
    """Tells phones as the pages show them, without a plus."""

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        response = await super().handle_async_request(request)
        return httpx.Response(200, content=(await response.aread()).replace(b'"+', b'"'))


@pytest.mark.parametrize("country", ["+7999000000", "+8491234567", "+9001234567", "+3809012345"])
def test_numbers_of_every_country_are_found_in_an_answer_about_many(country: str) -> None:
    async def main() -> Simulator:
        async with (
            Simulator(Settings()) as sim,
            SmscClient(login="demo", password="demo", transport=Plain(sim.app)) as smsc,
        ):
            sent = await smsc.send([f"{country}{n}" for n in range(8)], "hello")
            pairs = [(sent.id, phone) for phone in sent.phones]
            found = [status async for status in smsc.statuses.get_many(pairs)]
            assert len(found) == 8
            return sim

    assert len(asked(run(main()))) == 1


def test_where_no_answer_comes_at_all_the_last_is_raised_after_what_had_come() -> None:
    answers = 0

    def lost(_form: dict[str, str]) -> bool:
        nonlocal answers
        answers += 1
        return answers > 20

    async def main() -> None:
        async with world(Settings(latency=0.5), lost, attempts=1) as (sim, smsc):
            messages = [(n, PHONE) for n in range(1, 1001)]
            found: list[MessageStatus] = []
            with pytest.raises(NoAnswer):
                await fill(found, smsc.statuses.get_many(messages), 0.2)
            assert len(found) == 119
            assert not any(status.is_known for status in found)
            assert len(asked(sim)) < 32
            await asyncio.sleep(10)
            assert smsc.throttle.snapshot().in_flight == 0

    run(main())


def test_what_meets_every_message_is_raised_at_once() -> None:
    async def main() -> None:
        async with world(Settings(password="other")) as (sim, smsc):
            with pytest.raises(LoginRefused):
                await collected(smsc, [(n, PHONE) for n in range(1, 1001)])
            assert len(asked(sim)) <= 4
            with pytest.raises(LoginRefused):
                await anext(smsc.statuses.watch([(1, PHONE)]))

    run(main())


def test_stopping_in_the_middle_leaves_nothing_behind() -> None:
    async def main() -> None:
        async with world(Settings(latency=0.5)) as (sim, smsc):
            messages = [(n, PHONE) for n in range(1, 1001)]
            before = asyncio.all_tasks()
            async with aclosing(smsc.statuses.get_many(messages)) as statuses:
                async for _ in statuses:
                    break
            async for _ in smsc.statuses.get_many(messages):
                break
            reading = asyncio.create_task(fill([], smsc.statuses.get_many(messages)))
            await asyncio.sleep(2.2)
            stopped = now()
            reading.cancel()
            await asyncio.wait([reading])
            assert now() == stopped, "it waits for nobody"
            assert reading.cancelled()
            await asyncio.sleep(1)  # what was on its way arrives
            requests = sim.requests
            await asyncio.sleep(60)
            assert sim.requests == requests
            assert asyncio.all_tasks() == before
            assert smsc.throttle.snapshot().in_flight == 0
            assert smsc.throttle.snapshot().waiting == {"interactive": 0, "bulk": 0}

    run(main())


def test_those_asked_about_too_often_wait_and_the_others_do_not_wait_for_them() -> None:
    losing = False

    def lost(_form: dict[str, str]) -> bool:
        nonlocal losing
        losing, was = False, losing
        return was

    async def main() -> None:
        nonlocal losing
        async with world(Settings(latency=0.1, price=FREE), lost, attempts=1) as (sim, smsc):
            messages = await sent(smsc, 20)
            often = messages[:5]
            for message in often * 5:
                await smsc.statuses.get(*message)
            for listed in ([*often, *messages[5:8]], [messages[8], *often, *messages[9:]]):
                losing, begun = len(listed) == 8, now()
                times: dict[str, float] = {}
                async for status in smsc.statuses.get_many(listed):
                    times[status.phone] = now() - begun
                quick = {phone for phone, seconds in times.items() if seconds < 10}
                assert quick == {phone for _, phone in listed} - {phone for _, phone in often}
                assert len(times) == len(listed)
                for message in often * 4:  # with the question above five again
                    await smsc.statuses.get(*message)
            assert sim.refusals == []
            (many,) = [request for request in asked(sim) if "," in request.params["id"]]
            assert len(many.params["id"].split(",")) == 12

    run(main())


def test_where_no_place_comes_free_in_time_a_lost_send_stays_unknown() -> None:
    async def main() -> None:
        async with world(Settings(latency=20, price=FREE)) as (sim, smsc):
            await smsc.account.balance()  # the credentials are known to be good
            sim.faults = lambda path, *_: "drop_after" if path == "send.php" else None
            hasty = smsc.with_options(max_wait=0)
            send = asyncio.create_task(hasty.send([f"+7999000000{n}" for n in range(5)], "hello"))
            await asyncio.sleep(16)
            others = [asyncio.create_task(smsc.statuses.get(n, PHONE)) for n in range(1, 5)]
            with pytest.raises(OutcomeUnknown):
                await send
            assert len(asked(sim)) == 0
            await asyncio.gather(*others)

    run(main())


def test_an_answer_about_one_says_whom_it_is_about() -> None:
    async def main() -> None:
        async with world(Settings(delivery=10)) as (_, smsc):
            sent_one = await smsc.send(PHONE, "hello")
            plain = await smsc.statuses.get(sent_one.id, PHONE)
            full = await smsc.statuses.get(sent_one.id, "8 999 000-00-00", details=2)
            assert (plain.id, plain.phone, plain.state) == (sent_one.id, PHONE, Status.HANDED_OVER)
            assert (plain.message, full.message, full.region) == (None, "hello", "Москва")
            assert full.cost == Decimal("1.2")
            assert not plain.is_delivered
            assert (await smsc.statuses.get("other", PHONE)).state is Status.NOT_FOUND

    run(main())


def test_a_deleted_message_is_no_longer_found() -> None:
    async def main() -> None:
        async with world(Settings()) as (_, smsc):
            await smsc.send(PHONE, "hello", id="mine")
            await smsc.statuses.delete("mine", PHONE)
            assert not (await smsc.statuses.get("mine", PHONE)).is_known
            with pytest.raises(OperationFailed):
                await smsc.statuses.delete("mine", PHONE)

    run(main())


def test_deleting_again_after_a_lost_answer_is_no_failure() -> None:
    deletions = 0

    def lost(form: dict[str, str]) -> bool:
        nonlocal deletions
        deletions += "del" in form
        return deletions == 1

    async def main() -> None:
        async with world(Settings(), lost) as (sim, smsc):
            await smsc.send(PHONE, "hello", id="mine")
            await smsc.statuses.delete("mine", PHONE)
            assert [request.code for request in asked(sim)] == [0, 5, 0]

    run(main())


async def watched(
    smsc: SmscClient, messages: Sent | list[tuple[str | int, str]]
) -> list[tuple[str, int]]:
    return [(status.phone, status.status) async for status in smsc.statuses.watch(messages)]


def test_a_message_is_watched_from_before_it_is_known_to_its_delivery() -> None:
    async def main() -> tuple[Simulator, list[tuple[str, int]]]:
        async with world(Settings(latency=0.5, delivery=60)) as (sim, smsc):
            watching = asyncio.create_task(watched(smsc, [("mine", PHONE)]))
            await asyncio.sleep(3)
            await smsc.send(PHONE, "hello", id="mine", when=timedelta(minutes=1))
            return sim, await watching

    sim, seen = run(main())

    assert seen == [(PHONE, Status.WAITING), (PHONE, Status.HANDED_OVER), (PHONE, Status.DELIVERED)]
    assert sim.refusals == []
    times = [request.arrived for request in asked(sim)]
    assert all(sum(at <= later < at + 60 for later in times) <= 5 for at in times)


def test_all_phones_of_a_send_are_watched_until_the_last_has_come_to_its_end() -> None:
    async def main() -> list[tuple[str, int]]:
        settings = Settings(delivery=30, refused={"79990000008": 8})
        async with world(settings) as (_, smsc):
            done = await smsc.send([PHONE, "+79990000008"], "hello")
            return await watched(smsc, done)

    assert set(run(main())) == {
        (PHONE, Status.HANDED_OVER),
        ("+79990000008", Status.UNREACHABLE),
        (PHONE, Status.DELIVERED),
    }


def test_what_the_service_never_knew_is_told_after_a_while_and_what_it_forgot_at_once() -> None:
    async def main() -> None:
        async with world(Settings(delivery=10_000)) as (_, smsc):
            begun = now()
            assert await watched(smsc, [("none", PHONE)]) == [(PHONE, Status.NOT_FOUND)]
            assert 120 < now() - begun < 180

            done = await smsc.send(PHONE, "hello")
            watching = asyncio.create_task(watched(smsc, done))
            await asyncio.sleep(3)
            await smsc.statuses.delete(done.id, PHONE)
            begun = now()
            assert await watching == [(PHONE, Status.HANDED_OVER), (PHONE, Status.NOT_FOUND)]
            assert now() - begun < 5

    run(main())


def test_watching_outlives_a_service_that_is_gone_for_a_while() -> None:
    async def main() -> None:
        gone = now() + 600
        async with world(Settings(), lambda _: now() < gone) as (_, smsc):
            phones = [f"+7999000000{n}" for n in range(5)]
            done = await smsc.send(phones, "hello")
            seen = await watched(smsc, done)
            assert sorted(seen) == [(phone, Status.DELIVERED) for phone in phones]
            assert gone < now() < gone + 100

    run(main())


def test_a_lost_answer_about_one_does_not_hold_up_the_others_that_are_watched() -> None:
    async def main() -> list[tuple[str, int]]:
        back = now() + 100

        def lost(form: dict[str, str]) -> bool:
            return now() < back and form["phone"] == PHONE

        async with world(Settings(), lost, attempts=1) as (_, smsc):
            done = await smsc.send([PHONE, "+79990000001"], "hello")
            return await watched(smsc, done)

    assert run(main()) == [("+79990000001", Status.DELIVERED), (PHONE, Status.DELIVERED)]


@pytest.mark.parametrize(
    ("until", "numbers", "seen"),
    [
        ("delivered", [-1, -1, 0, 1, 2], [-1, 0, 1]),
        ("read", [-1, 1, 1, 2, 4], [-1, 1, 2]),
        ("read", [1, 4], [1, 4]),
        ("read", [0, 3], [0, 3]),
        ("delivered", [6, 20], [6, 20]),
        ("delivered", [-3, -2, -3], [-2, -3]),
    ],
)
def test_each_change_is_told_once_up_to_the_end(
    until: Literal["delivered", "read"], numbers: list[int], seen: list[int]
) -> None:
    async def main() -> None:
        service = Saying(*numbers)
        async with SmscClient(api_key="key", transport=service) as smsc:
            watching = smsc.statuses.watch([("a", PHONE)], until=until)
            assert [status.status async for status in watching] == seen
            assert service.asked == len(numbers[: numbers.index(seen[-1], 1) + 1])

    run(main())


def test_watching_ends_with_the_time_that_it_is_given_and_with_the_client() -> None:
    async def main() -> None:
        async with world(Settings(delivery=10_000)) as (_, smsc):
            done = await smsc.send(PHONE, "hello")
            before = asyncio.all_tasks()
            with pytest.raises(TimeoutError):
                async with asyncio.timeout(300):
                    await watched(smsc, done)
            assert asyncio.all_tasks() == before
            watching = asyncio.create_task(watched(smsc, done))
            await asyncio.sleep(1)
            await smsc.aclose()
            with pytest.raises(NotSent):
                await watching

    run(main())


def test_a_group_has_no_status() -> None:
    async def main() -> None:
        async with world(Settings()) as (sim, smsc):
            done = Sent(id="1", phones=("G12", PHONE), count=4)
            with pytest.raises(InvalidMessage, match="group"):
                smsc.statuses.watch(done)
            with pytest.raises(InvalidMessage) as caught:
                smsc.statuses.get_many([("1", PHONE), ("no id", PHONE), ("1", "G12")])
            assert list(caught.value.rows) == [1, 2]
            assert not sim.requests

    run(main())
