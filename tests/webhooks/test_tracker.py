"""Waiting for messages: callbacks and questions together, on a virtual clock."""

from __future__ import annotations

import asyncio
import hashlib
import itertools
from collections.abc import AsyncGenerator, Iterable, Sequence
from random import Random
from typing import Literal

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from smsc_async import (
    InvalidMessage,
    LoginRefused,
    NotSent,
    Sent,
    SmscClient,
    Status,
)
from smsc_async.simulator import Request, Settings, Simulator
from smsc_async.webhooks import CallbackApp, StatusReport, StatusTracker, Tracked
from smsc_async.webhooks import _asking as decide
from tests.virtual import run
from tests.whole.offline import now, world

PHONE = "+79990000000"
TOLD = "79990000000"  # as the service writes it
PHONES = [f"+7999000000{n}" for n in range(5)]
SLOW = Settings(delivery=100_000)
SECRET = "a" * 43


def report(status: int, ts: int | None = None, *, id: str = "1", phone: str = TOLD) -> StatusReport:
    return StatusReport(id=id, phone=phone, status=status, ts=ts)


def asked(sim: Simulator) -> list[Request]:
    return [request for request in sim.log if request.path == "status.php"]


def states(found: Iterable[Tracked]) -> list[int | None]:
    return [one.status for one in found]


class Answer:
    """An answer of a client that is not ours."""

    def __init__(self, id: str, phone: str, status: int, last_timestamp: int | None) -> None:
        self.id = id
        self.phone = phone
        self.status = status
        self.last_timestamp = last_timestamp


class Told:
    """A client that is not ours: it gives the same answers to whatever it is asked."""

    def __init__(self, *answers: Answer | Exception) -> None:
        self.answers = answers
        self.times: list[float] = []

    @property
    def statuses(self) -> Told:
        return self

    async def get_many(self, messages: Iterable[tuple[str | int, str]]) -> AsyncGenerator[Answer]:
        self.times.append(now())
        for answer in self.answers:
            if isinstance(answer, Exception):
                raise answer
            yield answer


async def post(app: CallbackApp, status: int, sent: Sent, phone: str = TOLD) -> int:
    """Call the handler as the service does, and return the answer's status."""
    text = f"{sent.id}:{phone}:{status}:{SECRET}"
    form = {
        "id": sent.id,
        "phone": phone,
        "status": str(status),
        "ts": "1795000000",
        "sha1": hashlib.sha1(text.encode()).hexdigest(),  # noqa: S324 - the service's choice
    }
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app)) as service:
        return (await service.post("https://shop.example/hook", data=form)).status_code


def test_a_callback_ends_the_wait_and_nothing_is_asked() -> None:
    async def main() -> None:
        async with world(SLOW) as (sim, smsc):
            tracker = StatusTracker(smsc)
            app = CallbackApp(on_status=tracker.note, secret=SECRET)
            before = asyncio.all_tasks()
            sent = await smsc.send([PHONE, "+79990000001"], "hello")
            begun = now()
            waiting = asyncio.create_task(tracker.wait(sent, timeout=300))
            await asyncio.sleep(10)
            assert await post(app, 0, sent) == 200
            assert await post(app, 20, sent, "79990000001") == 200
            await asyncio.sleep(10)
            assert not waiting.done()
            assert await post(app, 1, sent) == 200
            first, second = await waiting
            assert now() - begun == 20
            assert (first.id, first.phone, first.state) == (sent.id, PHONE, Status.DELIVERED)
            assert (second.phone, second.state) == ("+79990000001", Status.UNDELIVERABLE)
            assert first.ts == 1795000000
            assert asked(sim) == []
            assert asyncio.all_tasks() == before

    run(main())


@pytest.mark.parametrize("seed", range(5))
def test_however_many_callbacks_come_everybody_is_told_what_became_of_the_message(
    seed: int,
) -> None:
    random = Random(seed)
    ends = random.choices([Status.DELIVERED, Status.UNREACHABLE, Status.EXPIRED], k=60)

    async def main() -> None:
        async def sometimes(heard: StatusReport) -> None:
            luck = random.randrange(3)
            if luck == 0:
                raise OSError("the service is to call again")
            if luck == 1:
                return  # another process hears of it
            await tracker.note(heard)

        app = CallbackApp(on_status=sometimes, secret=SECRET)
        address = f"https://shop.example/hook?charset=utf-8&fmt=3&sha1={SECRET}"
        settings = Settings(delivery=20, latency=0.5, callback=address)
        async with (
            Simulator(settings, callback_transport=httpx.ASGITransport(app)) as sim,
            SmscClient(
                login="demo", password="demo", transport=httpx.ASGITransport(sim.app)
            ) as smsc,
        ):
            tracker = StatusTracker(smsc)
            before = asyncio.all_tasks()

            async def one(n: int, end: Status) -> int | None:
                await asyncio.sleep(random.uniform(0, 300))
                phone = f"+7999{n:07}"
                sent = await smsc.send(phone, "hello")
                waiting = asyncio.create_task(tracker.wait(sent, timeout=None))
                if end != Status.DELIVERED:
                    await asyncio.sleep(random.uniform(0, 15))
                    sim.set_status(sent.id, phone[1:], end)
                [found] = await waiting
                assert (found.id, found.phone) == (sent.id, phone)
                return found.status

            assert await asyncio.gather(*itertools.starmap(one, enumerate(ends))) == ends
            assert asked(sim), "some callbacks were lost"
            assert len(asked(sim)) < len(ends), "and some were not"
            assert sim.refusals == []
            await sim.delivered()
            assert asyncio.all_tasks() <= before

    run(main())


def test_reports_that_came_before_the_wait_are_not_waited_for() -> None:
    async def main() -> None:
        async with world(SLOW) as (sim, smsc):
            tracker = StatusTracker(smsc)
            await tracker.note(report(1, 5))
            begun = now()
            for _ in range(2):
                [found] = await tracker.wait([(1, PHONE)], timeout=None)
                assert found == Tracked(id="1", phone=PHONE, status=1, ts=5)
            assert now() == begun
            assert sim.requests == 0

    run(main())


def test_all_orders_and_repeats_of_reports_lead_to_one_state() -> None:
    reports = [report(-1, 1), report(0, 2), report(0), report(1, 5), report(2, 5)]

    async def main() -> None:
        for order in itertools.permutations(reports):
            tracker = StatusTracker(Told())
            for one in (*order, *order[:2]):
                await tracker.note(one)
            [found] = await tracker.wait([(1, PHONE)], timeout=0)
            assert (found.status, found.ts) == (2, 5)

    run(main())


@pytest.mark.parametrize(
    ("told", "answered"),
    [((0, 20), (-1, 10)), ((1, 10), (0, 20)), ((20, 10), (1, 20)), ((0, 20), (0, None))],
)
def test_an_answer_never_takes_back_what_a_newer_callback_told(
    told: tuple[int, int], answered: tuple[int, int | None]
) -> None:
    async def main() -> None:
        service = Told(Answer("1", TOLD, *answered))
        tracker = StatusTracker(service)
        waiting = asyncio.create_task(tracker.wait([(1, PHONE)], timeout=100, until="read"))
        await asyncio.sleep(1)
        await tracker.note(report(*told))
        [found] = await waiting
        assert (found.status, found.ts) == told
        assert len(service.times) == (told[0] != Status.UNDELIVERABLE)

    run(main())


def test_an_answer_that_is_newer_than_a_callback_counts() -> None:
    async def main() -> None:
        tracker = StatusTracker(Told(Answer("1", TOLD, 0, 20)))
        await tracker.note(report(-1, 10))
        [found] = await tracker.wait([(1, PHONE)], timeout=100)
        assert (found.status, found.ts) == (0, 20)

    run(main())


def test_where_no_callbacks_come_the_service_is_asked_about_all_at_once() -> None:
    async def main() -> None:
        async with world(Settings(delivery=30)) as (sim, smsc):
            tracker = StatusTracker(smsc)
            first, second = await smsc.send(PHONES, "hello"), await smsc.send(PHONES, "there")
            begun = now()
            found = await asyncio.gather(
                tracker.wait(first, timeout=300), tracker.wait(second, timeout=300)
            )
            assert now() - begun == 60
            assert [[one.phone for one in some] for some in found] == [PHONES, PHONES]
            assert all(one.is_delivered and one.changed_at for some in found for one in some)
            (question,) = asked(sim)
            assert len(question.params["id"].split(",")) == 10

    run(main())


def test_those_who_begin_to_wait_one_after_the_other_share_questions_too() -> None:
    async def main() -> None:
        async with world(Settings(delivery=30)) as (sim, smsc):
            tracker = StatusTracker(smsc)
            sent = await smsc.send(PHONES[:5] + [f"+7999000001{n}" for n in range(6)], "hello")

            async def wait(seconds: int, phone: str) -> float:
                await asyncio.sleep(seconds)
                [found] = await tracker.wait([(sent.id, phone)], timeout=300)
                assert found.is_delivered
                return now() - seconds - begun

            begun = now()
            waits = await asyncio.gather(*(wait(*each) for each in enumerate(sent.phones)))
            assert min(waits) == 60
            assert max(waits) <= 75
            assert len(asked(sim)) == 2

    run(main())


def test_pauses_between_questions_grow_to_ten_minutes_and_end_with_the_wait() -> None:
    async def main() -> None:
        service = Told(Answer("1", TOLD, 0, 1))
        before, begun = asyncio.all_tasks(), now()
        [found] = await StatusTracker(service).wait([(1, PHONE)], timeout=7200)
        assert now() - begun == 7200
        assert asyncio.all_tasks() == before
        assert found.state is Status.HANDED_OVER
        times = [begun, *service.times]
        pauses = [later - at for at, later in itertools.pairwise(times)]
        assert pauses[:4] == [60, 90, 135, 202.5]
        assert pauses == sorted(pauses)
        assert set(pauses[7:]) == {600}
        assert len(pauses) > 9
        await asyncio.sleep(7200)
        assert len(service.times) == len(pauses), "nobody waits, so nothing is asked"

    run(main())


def test_a_pause_that_is_long_from_the_start_stays_so() -> None:
    async def main() -> None:
        service, begun = Told(), now()
        await StatusTracker(service, poll_after=1000).wait([(1, PHONE)], timeout=3500)
        assert [at - begun for at in service.times] == [1000, 2000, 3000]

    run(main())


def test_the_five_questions_that_a_minute_takes_are_never_exceeded() -> None:
    async def main() -> list[float]:
        service = Told(Answer("1", TOLD, 0, 1))
        await StatusTracker(service, poll_after=5).wait([(1, PHONE)], timeout=600)
        return service.times

    times = run(main())

    assert all(sum(at <= later < at + 60 for later in times) <= 5 for at in times)


def test_a_message_that_is_waited_for_again_and_again_is_asked_about_as_seldom() -> None:
    async def main() -> None:
        service = Told(Answer("1", TOLD, 0, 1))
        tracker = StatusTracker(service)
        begun = now()
        for _ in range(60):
            await tracker.wait([(1, PHONE)], timeout=10)
        assert [at - begun for at in service.times] == [60, 150, 285, 487.5]
        await tracker.wait([(1, PHONE)], timeout=0)
        await asyncio.sleep(1000)
        await tracker.wait([(1, PHONE)], timeout=0)
        assert len(service.times) == 4, "who does not wait does not ask"

    run(main())


def test_an_old_message_is_asked_about_soon_though_the_poller_waits_for_another() -> None:
    async def main() -> None:
        service = Told()
        tracker = StatusTracker(service)
        await tracker.wait([(1, PHONE)], timeout=10)
        await asyncio.sleep(100)
        begun = now()
        await asyncio.gather(
            tracker.wait([(2, PHONE)], timeout=50), tracker.wait([(1, PHONE)], timeout=50)
        )
        assert [at - begun for at in service.times] == [0]

        begun = now()
        other = asyncio.create_task(tracker.wait([(3, PHONE)], timeout=50))
        await asyncio.sleep(1)
        await tracker.wait([(2, PHONE)], timeout=40)
        await other
        assert [at - begun for at in service.times[1:]] == [15]

    run(main())


def test_after_the_time_out_it_is_told_what_is_known() -> None:
    async def main() -> None:
        async with world(SLOW) as (_, smsc):
            tracker = StatusTracker(smsc)
            sent = await smsc.send(PHONES, "hello", id="mine")
            await tracker.note(report(1, 7, id="mine", phone=PHONES[2][1:]))
            await tracker.note(report(0, 7, id="mine", phone=PHONES[0][1:]))
            begun = now()
            found = await tracker.wait(sent, timeout=30)
            assert now() - begun == 30
            assert [one.phone for one in found] == PHONES
            assert states(found) == [0, None, 1, None, None]
            assert found[1] == Tracked(id="mine", phone=PHONES[1])
            twice = await tracker.wait([("mine", PHONES[2]), ("mine", PHONES[2])], timeout=None)
            assert states(twice) == [1, 1]
            assert await tracker.wait([], timeout=None) == []

    run(main())


def test_several_wait_for_one_message_each_until_its_own_end() -> None:
    async def main() -> None:
        tracker = StatusTracker(Told())
        untils: list[Literal["delivered", "read"]] = ["delivered", "read", "read"]
        waits = [
            asyncio.create_task(tracker.wait([(1, PHONE)], timeout=300, until=until))
            for until in untils
        ]
        await asyncio.sleep(1)
        await tracker.note(report(1, 1))
        assert states(await waits[0]) == [1]
        waits[1].cancel()
        await asyncio.wait([waits[1]])
        assert waits[1].cancelled()
        await asyncio.sleep(1)
        assert not waits[2].done()
        await tracker.note(report(4, 2))
        assert states(await waits[2]) == [4]

    run(main())


def test_who_is_cancelled_leaves_nothing_behind_and_takes_nobody_along() -> None:
    async def main() -> None:
        async with world(Settings(delivery=70, latency=2)) as (sim, smsc):
            tracker = StatusTracker(smsc)
            sent = await smsc.send(PHONE, "hello")
            before = asyncio.all_tasks()
            first = asyncio.create_task(tracker.wait(sent, timeout=None))
            second = asyncio.create_task(tracker.wait(sent, timeout=None))
            await asyncio.sleep(61)
            assert smsc.throttle.snapshot().in_flight == 1
            first.cancel()
            await asyncio.wait([first])
            assert states(await second) == [1]

            third = asyncio.create_task(tracker.wait(sent, timeout=None, until="read"))
            await asyncio.sleep(136)
            cancelled = now()
            third.cancel()
            await asyncio.wait([third])
            assert third.cancelled()
            assert now() == cancelled
            requests = sim.requests
            await asyncio.sleep(1000)
            assert sim.requests == requests
            assert asyncio.all_tasks() == before
            assert smsc.throttle.snapshot().in_flight == 0

    run(main())


@pytest.mark.parametrize("passes", range(12))
def test_whoever_comes_while_the_last_one_leaves_is_served_too(passes: int) -> None:
    async def main() -> None:
        async with world(Settings(latency=2)) as (_, smsc):
            tracker = StatusTracker(smsc)
            sent = await smsc.send([PHONE, PHONES[1]], "hello")
            first = asyncio.create_task(tracker.wait([(sent.id, PHONE)], timeout=None))
            await asyncio.sleep(61)
            await tracker.note(report(1, 1, id=sent.id))
            for _ in range(passes):
                await asyncio.sleep(0)
            [found] = await tracker.wait([(sent.id, PHONES[1])], timeout=300)
            assert found.is_delivered
            await first

    run(main())


def test_what_meets_every_question_reaches_each_who_waits_as_an_error_of_its_own() -> None:
    async def main() -> None:
        async with world(Settings(password="other")) as (sim, smsc):
            tracker = StatusTracker(smsc)
            before = asyncio.all_tasks()
            begun = now()
            waits = [tracker.wait([(n, PHONE)], timeout=300) for n in (1, 1, 2)]
            errors = await asyncio.gather(*waits, return_exceptions=True)
            assert now() - begun == 60
            assert [type(error) for error in errors] == [LoginRefused] * 3
            assert len(set(map(id, errors))) == 3
            assert len({str(error) for error in errors}) == 1
            assert asyncio.all_tasks() == before

            requests = sim.requests
            [found] = await tracker.wait([(1, PHONE)], timeout=80)
            assert found.status is None
            assert sim.requests == requests, "nothing is asked before its next turn"
            with pytest.raises(LoginRefused):
                await tracker.wait([(1, PHONE)], timeout=80)

    run(main())


def test_a_client_that_is_closed_ends_the_waiting() -> None:
    async def main() -> None:
        async with world(SLOW) as (_, smsc):
            tracker = StatusTracker(smsc)
            sent = await smsc.send(PHONES, "hello")
            one = asyncio.create_task(tracker.wait([(sent.id, PHONE)], timeout=None))
            many = asyncio.create_task(tracker.wait(sent, timeout=None))
            await asyncio.sleep(61)
            await smsc.aclose()
            for waiting in (one, many):
                with pytest.raises(NotSent, match="closed"):
                    await waiting

    run(main())


@pytest.mark.parametrize("passes", range(12))
def test_whoever_comes_while_those_who_wait_are_told_of_an_error_is_told_later(passes: int) -> None:
    async def main() -> None:
        service = Told(OSError("broken"))
        tracker = StatusTracker(service)
        first = asyncio.create_task(tracker.wait([(1, PHONE)], timeout=None))
        await asyncio.sleep(60)
        for _ in range(passes):
            await asyncio.sleep(0)
        with pytest.raises(OSError, match="broken"):
            await tracker.wait([(2, PHONE)], timeout=300)
        assert first.done()
        assert isinstance(first.exception(), OSError)

    run(main())


def test_whatever_a_client_raises_nobody_waits_in_vain() -> None:
    async def main() -> None:
        tracker = StatusTracker(Told(OSError("broken")))
        with pytest.raises(OSError, match="broken"):
            await tracker.wait([(1, PHONE)], timeout=None)

    run(main())


def test_an_answer_that_came_before_the_asking_failed_counts() -> None:
    async def main() -> None:
        tracker = StatusTracker(Told(Answer("1", PHONE, 1, 5), OSError("broken")))
        told, failed = await asyncio.gather(
            tracker.wait([(1, PHONE)], timeout=None),
            tracker.wait([(2, PHONE)], timeout=None),
            return_exceptions=True,
        )
        assert told == [Tracked(id="1", phone=PHONE, status=1, ts=5)]
        assert isinstance(failed, OSError)

    run(main())


def test_lost_answers_only_delay(caplog: pytest.LogCaptureFixture) -> None:
    async def main() -> None:
        gone = now() + 1000
        async with world(Settings(), lambda form: "phone" in form and now() < gone) as (_, smsc):
            tracker = StatusTracker(smsc)
            found = await tracker.wait([("a", PHONE)], timeout=400)
            assert states(found) == [None]
            sent = await smsc.raw("send.php", {"phones": PHONE, "mes": "x", "id": "a"})
            assert sent
            assert states(await tracker.wait([("a", PHONE)], timeout=None)) == [1]
            assert gone < now() < gone + 700

    with caplog.at_level("INFO", "smsc_async.webhooks"):
        run(main())
    assert "could not ask what became of 1 messages" in caplog.text
    assert TOLD not in caplog.text


def test_a_message_that_the_service_does_not_know_yet_is_waited_for() -> None:
    async def main() -> None:
        async with world(Settings(visible=100)) as (sim, smsc):
            tracker = StatusTracker(smsc)
            sent = await smsc.send(PHONE, "hello")
            begun = now()
            assert states(await tracker.wait(sent, timeout=120)) == [None]
            assert len(asked(sim)) == 1
            assert states(await tracker.wait(sent, timeout=None)) == [1]
            assert now() - begun == 150

    run(main())


def test_what_the_service_never_knew_is_told_after_a_few_minutes_by_everyones_own_time() -> None:
    async def main() -> None:
        async with world(SLOW) as (_, smsc):
            tracker = StatusTracker(smsc)

            async def late() -> float:
                await asyncio.sleep(200)
                assert states(await tracker.wait([("none", PHONE)], timeout=None)) == [-3]
                return now() - begun

            begun = now()
            later = asyncio.create_task(late())
            assert states(await tracker.wait([("none", PHONE)], timeout=None)) == [-3]
            assert 180 <= now() - begun < 300
            assert await later == 487.5
            await tracker.note(report(0, id="none"))
            [found] = await tracker.wait([("none", PHONE)], timeout=1)
            assert found.state is Status.HANDED_OVER, "a report counts more"

    run(main())


def test_a_message_that_is_gone_keeps_the_status_that_was_known() -> None:
    async def main() -> None:
        async with world(SLOW) as (_, smsc):
            tracker = StatusTracker(smsc)
            sent = await smsc.send(PHONE, "hello")
            begun = now()
            waiting = asyncio.create_task(tracker.wait(sent, timeout=None))
            await asyncio.sleep(61)
            await smsc.statuses.delete(sent.id, PHONE)
            await asyncio.sleep(139)
            await tracker.note(report(0, 7, id=sent.id))  # so another question was too early
            [found] = await waiting
            assert found.state is Status.HANDED_OVER
            assert now() - begun == 487.5

    run(main())


def test_what_callbacks_tell_while_others_are_asked_about_is_not_asked() -> None:
    async def main() -> None:
        async with world(Settings(delivery=70, latency=1)) as (sim, smsc):
            tracker = StatusTracker(smsc)
            sent = await smsc.send([f"+7999{n:07}" for n in range(350)], "hello")
            waiting = asyncio.create_task(tracker.wait(sent, timeout=None))
            await asyncio.sleep(63)
            for phone in sent.phones[:349]:
                await tracker.note(report(1, 1, id=sent.id, phone=phone[1:]))
            found = await waiting
            assert all(one.is_delivered for one in found)
            questions = [request.params["phone"].split(",") for request in asked(sim)]
            assert max(map(len, questions)) == 100
            others = set(sent.phones[200:349])
            assert others.isdisjoint(phone for phones in questions for phone in phones)

    run(main())


def test_the_oldest_reports_are_dropped_but_never_what_somebody_waits_for() -> None:
    async def main() -> None:
        tracker = StatusTracker(Told(), keep=2)
        waiting = asyncio.create_task(tracker.wait([(1, PHONE), (2, PHONE)], timeout=300))
        await asyncio.sleep(1)
        for name in "1345":
            await tracker.note(report(1, id=name))
        await tracker.note(report(2, id="4"))
        await tracker.note(report(1, id="6"))
        messages = [(name, PHONE) for name in "3456"]
        assert states(await tracker.wait(messages, timeout=0)) == [None, 2, None, 1]
        await tracker.note(report(3, id="2"))
        assert states(await waiting) == [1, 3]

    run(main())


@pytest.mark.parametrize(
    ("given", "told"),
    [
        ((7, PHONE), ("7", TOLD)),
        (("007", "8 (999) 000-00-00"), ("7", TOLD)),
        (("a.B", "9990000000"), ("a.B", TOLD)),
        (("7", "+84 912 345 678"), ("7", "84912345678")),  # no number of Russia's
        (("7", "84912345678"), ("7", "74912345678")),  # corrected by the service
        (("7", "Anna@Shop.Example"), ("7", "anna@shop.example")),
        (("7", "1@shop.example"), ("7", "1@shop.example")),
    ],
)
def test_a_report_finds_its_message_however_that_is_spelled(
    given: tuple[str | int, str], told: tuple[str, str]
) -> None:
    async def main() -> None:
        async with world(SLOW) as (_, smsc):
            tracker = StatusTracker(smsc)
            await tracker.note(report(1, id=told[0], phone=told[1]))
            [found] = await tracker.wait([given], timeout=1)
            assert found == Tracked(id=str(given[0]), phone=given[1], status=1)

    run(main())


def test_an_answer_finds_its_message_however_the_client_spells_it() -> None:
    async def main() -> None:
        answers = [Answer("7", "84912345678", 1, 5), Answer("8", TOLD, 1, 5)]
        found = await StatusTracker(Told(*answers)).wait([(7, "+84 912 345 678")], timeout=None)
        assert states(found) == [1]

    run(main())


def test_numbers_of_all_countries_are_asked_about() -> None:
    async def main() -> None:
        async with world(Settings()) as (_, smsc):
            tracker = StatusTracker(smsc)
            phones = [PHONE, *(f"+8491234567{n}" for n in range(6))]
            found = await tracker.wait(await smsc.send(phones, "hello"), timeout=100)
            assert states(found) == [1] * 7

    run(main())


def test_a_message_is_asked_about_as_whoever_waits_spells_it() -> None:
    async def main() -> None:
        async with world(Settings()) as (sim, smsc):
            tracker = StatusTracker(smsc)
            phones = ["8 999 000-00-00", "+84912345678"]
            sent = await smsc.send(phones, "hello")
            await tracker.note(report(0, 1, id=sent.id, phone="84912345678"))
            found = await tracker.wait([(sent.id, phone) for phone in phones], timeout=100)
            assert states(found) == [1, 1]
            assert {one.params["phone"] for one in asked(sim)} == {"89990000000", "+84912345678"}

    run(main())


def test_what_cannot_be_asked_about_is_told_at_once() -> None:
    async def main() -> None:
        async with world(SLOW) as (_, smsc):
            tracker = StatusTracker(smsc)
            with pytest.raises(InvalidMessage) as caught:
                await tracker.wait(Sent(id="1", phones=(PHONE, "G12"), count=2), timeout=None)
            assert list(caught.value.rows) == [1]
            wrong: Sequence[object] = ("text", (1, PHONE), [(PHONE,)])
            for messages in wrong:
                with pytest.raises(InvalidMessage):
                    await tracker.wait(messages, timeout=None)  # type: ignore[arg-type]
            with pytest.raises(ValueError, match="until"):
                await tracker.wait([], timeout=1, until="sent")  # type: ignore[arg-type]

    run(main())


def test_settings_that_make_no_sense_are_refused() -> None:
    for poll_after in (0, 4.9, float("nan")):
        with pytest.raises(ValueError, match="poll_after"):
            StatusTracker(Told(), poll_after=poll_after)
    with pytest.raises(ValueError, match="keep"):
        StatusTracker(Told(), keep=0)


@pytest.mark.parametrize("status", [*Status, 77])
def test_what_is_tracked_means_what_it_means_in_a_report(status: int) -> None:
    told, found = report(status, 5), Tracked(id="1", phone=TOLD, status=status, ts=5)

    for name in ("state", "changed_at", "is_delivered", "is_read", "is_final"):
        assert getattr(found, name) == getattr(told, name)


def test_of_what_is_not_known_nothing_is_said() -> None:
    found = Tracked(id="1", phone=PHONE)

    assert (found.state, found.changed_at) == (None, None)
    assert not any((found.is_delivered, found.is_read, found.is_final))


@given(st.lists(st.integers(0, 50), max_size=250), st.integers(0, 50), st.integers(0, 50))
def test_nobody_is_asked_about_early_and_a_round_waits_unless_it_is_full(
    dues: list[int], now: int, earliest: int
) -> None:
    turns = {n: decide.Turn(at, 1) for n, at in enumerate(dues)}
    ready = [at for at in dues if at <= now]

    chosen, begin = decide.due(turns, now, earliest)

    times = [turns[n].due for n in chosen]
    assert len(set(chosen)) == len(chosen)
    assert times == sorted(ready)[: len(times)], "those who waited longest come first"
    if chosen:
        assert len(chosen) == min(len(ready), 100)
        assert now >= earliest or len(chosen) == 100
    else:
        assert begin > now
        assert not ready or (now < earliest and len(ready) < 100)
        if dues:
            again, _ = decide.due(turns, begin, earliest)
            assert again, "at that time there is something to ask"


def test_a_round_that_is_full_need_not_wait_for_more() -> None:
    def asked_of(count: int) -> int:
        turns = {n: decide.Turn(10, 1) for n in range(count)}
        return len(decide.due(turns, 10, 20)[0])

    assert [asked_of(count) for count in (0, 99, 100, 150)] == [0, 0, 100, 100]
