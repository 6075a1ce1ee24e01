"""The whole client against a service in trouble: what it tells is what the service did."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from typing import Any

import httpx
import pytest

from smsc_async import (
    BadPhone,
    DuplicateSend,
    Event,
    NotSent,
    OutcomeUnknown,
    Sms,
    SmscClient,
    TooManyRequests,
)
from smsc_async.simulator import Fault, Settings, Simulator
from tests.virtual import run

PHONE, OTHER = "+79990000001", "+79990000002"


class World:
    """A service whose clock of the day is that of the loop, and a client of it."""

    def __init__(self, settings: Settings, options: dict[str, Any]) -> None:
        self.events: list[Event] = []
        self.sim = Simulator(settings, wall=lambda: datetime.fromtimestamp(self.wall(), UTC))
        self.smsc = SmscClient(
            login="demo",
            password="demo",
            transport=httpx.ASGITransport(app=self.sim.app),
            wall=self.wall,
            on_event=self.events.append,
            **options,
        )

    @staticmethod
    def wall() -> float:
        return 1_700_000_000 + asyncio.get_running_loop().time()

    def lose(self, *faults: Fault | int, by: str = "send.php") -> None:
        """Let the next requests to this address go wrong in these ways, one each."""
        left = list(faults)
        self.sim.faults = lambda path, _, __: left.pop(0) if left and path == by else None

    @property
    def told(self) -> list[str]:
        """What was told beside that something starts."""
        return [event.kind for event in self.events if event.kind != "admitted"]

    @property
    def asked(self) -> int:
        return sum(request.path == "status.php" for request in self.sim.log)


@asynccontextmanager
async def world(
    settings: Settings | None = None,
    duplicates: int = 0,
    **options: Any,  # noqa: ANN401 - whatever
) -> AsyncIterator[World]:
    """Give a world in which the service refuses no more than so many *duplicates*."""
    made = World(settings or Settings(), options)
    async with made.sim, made.smsc:
        yield made
    assert sum(refusal.code == 9 for refusal in made.sim.refusals) == duplicates


@pytest.mark.parametrize("fault", ["drop_after", "html_502_after", "garbage", "truncated", "empty"])
def test_a_send_that_was_taken_and_whose_answer_was_lost_is_found(fault: Fault) -> None:
    async def main() -> None:
        async with world() as w:
            w.lose(fault)
            sent = await w.smsc.send(PHONE, "hello")
            (message,) = w.sim.accepted
            assert sent.settled
            assert (sent.id, sent.cost, sent.balance) == (message.id, message.cost, None)
            assert (sent.phones, sent.count) == ((PHONE,), 1)
            assert w.asked == 1
            assert w.told == ["settled"]
            assert asyncio.get_running_loop().time() == 1000

    run(main())


@pytest.mark.parametrize("fault", ["drop_before", "html_502"])
def test_a_send_that_is_nowhere_to_be_found_is_unknown_and_its_id_is_named(fault: Fault) -> None:
    async def main() -> None:
        async with world() as w:
            w.lose(fault)
            with pytest.raises(OutcomeUnknown) as caught:
                await w.smsc.send(PHONE, "hello", id="order-1")
            assert (caught.value.id, caught.value.unknown) == ("order-1", (PHONE,))
            assert w.sim.accepted == []
            assert w.asked == 4
            assert asyncio.get_running_loop().time() == 1000 + 1 + 3 + 9

    run(main())


def test_a_caller_that_does_not_want_to_wait_is_told_at_once() -> None:
    async def main() -> None:
        async with world() as w:
            w.lose("drop_after", "drop_after", "drop_after")
            with pytest.raises(OutcomeUnknown):
                await w.smsc.send(PHONE, "one", on_unknown="raise")
            with pytest.raises(OutcomeUnknown):
                await w.smsc.with_options(on_unknown="raise").send(PHONE, "two")
            with pytest.raises(OutcomeUnknown):
                await w.smsc.send_each([(PHONE, "three")], on_unknown="raise")
            assert w.asked == 0

    run(main())


@pytest.mark.parametrize(("seconds", "questions"), [(0.5, 2), (3.0, 3), (12.0, 4)])
def test_a_message_that_is_shown_late_is_found_when_it_is_shown(
    seconds: float, questions: int
) -> None:
    async def main() -> None:
        async with world(Settings(visible=seconds)) as w:
            w.lose("drop_after")
            assert (await w.smsc.send(PHONE, "hello")).settled
            assert w.asked == questions

    run(main())


@pytest.mark.parametrize(("work", "found"), [(12.0, True), (60.0, False)])
def test_a_send_that_is_taken_after_it_was_given_up_is_found_or_unknown(
    work: float, *, found: bool
) -> None:
    def delays(_: object) -> tuple[float, float]:
        return 0.0, work if not slow else 0.0

    slow: list[bool] = []

    async def main() -> None:
        async with world(Settings(delays=delays), timeout=5) as w:
            send = asyncio.create_task(w.smsc.send(PHONE, "hello"))
            await asyncio.sleep(1)
            slow.append(False)
            if found:
                assert (await send).settled
            else:
                with pytest.raises(OutcomeUnknown):
                    await send
                assert w.sim.accepted == []
            await w.sim.idle()
            assert len(w.sim.accepted) == 1

    run(main())


def test_several_phones_of_which_some_were_taken_are_told_apart() -> None:
    async def main() -> None:
        async with world(Settings(taken=lambda phone: phone.endswith("1"))) as w:
            w.lose("drop_after")
            with pytest.raises(OutcomeUnknown) as caught:
                await w.smsc.send([PHONE, OTHER], "hello")
            assert (caught.value.accepted, caught.value.unknown) == ((PHONE,), (OTHER,))

    run(main())


def test_many_phones_are_found_by_one_question_for_many_and_single_ones_beside_it() -> None:
    async def main() -> None:
        async with world(Settings(latency=0.1)) as w:
            phones = [f"+7999000{n:04}" for n in range(200)]
            w.lose("drop_after")
            sent = await w.smsc.send_each([(phone, f"to {phone}") for phone in phones])
            assert sent.settled
            assert len(sent.report) == sent.count == 200
            assert sent.cost == sum(message.cost for message in w.sim.accepted)
            assert w.asked < 110
            assert w.sim.most_at_once <= 4

    run(main())


def test_a_message_that_the_service_refused_is_an_error_though_its_answer_was_lost() -> None:
    async def main() -> None:
        async with world(Settings(refused={"79990000001": 7})) as w:
            w.lose("drop_after")
            with pytest.raises(BadPhone) as caught:
                await w.smsc.send(PHONE, "hello", id="order-1")
            assert caught.value.id == "order-1"
            assert w.sim.accepted == []
            assert w.told == ["settled", "refused"]

    run(main())


@pytest.mark.parametrize(
    "message",
    [
        Sms(text="Привет", translit=1),
        Sms(text="look at https://example.org/a/long/path", tinyurl=True),
        Sms(text="a" * 200, max_parts=1),
        Sms(text="two\r\nlines"),
    ],
)
@pytest.mark.parametrize("id", [None, "order-1"])
def test_a_text_that_the_service_changed_is_found_all_the_same(
    message: Sms, id: str | None
) -> None:
    async def main() -> None:
        async with world() as w:
            w.lose("drop_after")
            assert (await w.smsc.send(PHONE, message, id=id)).settled

    run(main())


@pytest.mark.parametrize("text", ["hello", "something else"])
def test_an_older_message_under_the_same_id_is_not_taken_for_this_one(text: str) -> None:
    async def main() -> None:
        async with world() as w:
            await w.smsc.send(PHONE, text, id="order-1")
            await asyncio.sleep(90)
            w.lose("drop_before")
            with pytest.raises(OutcomeUnknown):
                await w.smsc.send(PHONE, "hello", id="order-1")

    run(main())


def test_a_duplicate_after_an_answer_that_got_lost_on_the_way_is_the_message_itself() -> None:
    """What stood between sent the request again, or an earlier process had sent it."""

    async def main() -> None:
        async with world(duplicates=1) as w:
            w.lose("drop_after")
            async with SmscClient(
                login="demo",
                password="demo",
                transport=httpx.ASGITransport(app=w.sim.app),
                on_unknown="raise",
                wall=w.wall,
            ) as before:
                with pytest.raises(OutcomeUnknown):
                    await before.send(PHONE, "hello")
            sent = await w.smsc.send(PHONE, "hello")
            assert sent.settled
            assert [message.id for message in w.sim.accepted] == [sent.id]

    run(main())


def test_a_duplicate_under_another_id_was_not_sent() -> None:
    async def main() -> None:
        async with world(duplicates=2) as w:
            async with SmscClient(
                login="demo",
                password="demo",
                transport=httpx.ASGITransport(app=w.sim.app),
                wall=w.wall,
            ) as another:
                await another.send(PHONE, "hello", id="theirs")
            with pytest.raises(DuplicateSend):
                await w.smsc.send(PHONE, "hello", id="ours")
            w.lose(9)
            with pytest.raises(TooManyRequests):  # it was meant, and waited: nothing is to be said
                await w.smsc.send(PHONE, "hello", id="ours", repeat=True)
            assert [message.id for message in w.sim.accepted] == ["theirs"]

    run(main())


def test_a_group_and_a_raw_send_are_not_asked_about() -> None:
    async def main() -> None:
        async with world() as w:
            w.lose("drop_before", "drop_after")
            with pytest.raises(OutcomeUnknown):
                await w.smsc.send("G12", "hello")
            with pytest.raises(OutcomeUnknown) as caught:
                await w.smsc.raw("send.php", {"phones": PHONE, "mes": "hello"})
            assert caught.value.id
            assert w.asked == 0

    run(main())


def test_a_caller_that_is_cancelled_leaves_the_question_to_the_client(
    caplog: pytest.LogCaptureFixture,
) -> None:
    async def main() -> None:
        async with world(Settings(latency=1.0)) as w:
            w.lose("drop_after", "drop_after")
            exchange = asyncio.create_task(w.smsc.send(PHONE, "cut in the exchange", id="one"))
            await asyncio.sleep(0.5)
            exchange.cancel()
            asked = asyncio.create_task(w.smsc.send(OTHER, "cut in the question", id="two"))
            await asyncio.sleep(2.5)
            asked.cancel()
            await asyncio.wait({exchange, asked})
            assert exchange.cancelled()
            assert asked.cancelled()
            await asyncio.sleep(10)
            kinds = [(event.kind, event.id, event.error) for event in w.events]
            assert ("orphaned", "one", None) in kinds
            assert ("orphaned", "two", None) in kinds

    with caplog.at_level(logging.WARNING, "smsc_async"):
        run(main())

    assert [record.levelname for record in caplog.records] == ["WARNING"] * 2
    assert "it went through" in caplog.text


@pytest.mark.parametrize("deadline", [0.5, 3.0, 8.0])
def test_the_questions_end_with_the_deadline(deadline: float) -> None:
    async def main() -> None:
        async with world() as w:
            w.lose("drop_before")
            begun = asyncio.get_running_loop().time()
            with pytest.raises(OutcomeUnknown):
                await w.smsc.send(PHONE, "hello", deadline=deadline)
            assert asyncio.get_running_loop().time() - begun <= deadline + 0.001

    run(main())


def test_waiting_for_the_limits_takes_nothing_from_the_time_to_ask() -> None:
    async def main() -> None:
        async with world(Settings(visible=70.0)) as w:

            async def busy() -> None:
                for _ in range(5):  # the service takes five questions a minute about one message
                    await w.smsc.statuses.get("order-1", PHONE)

            w.lose("drop_after")
            asking = asyncio.create_task(busy())
            sent = await w.smsc.send(PHONE, "hello", id="order-1", max_wait=75)
            assert sent.settled
            assert asyncio.get_running_loop().time() > 1060
            await asking

    run(main())


def test_the_id_of_a_send_that_was_found_is_not_used_again() -> None:
    async def main() -> None:
        async with world() as w:
            w.lose("drop_after")
            found = await w.smsc.send(PHONE, "hello")
            await asyncio.sleep(67)  # the request without an answer counts five seconds longer
            again = await w.smsc.send(PHONE, "hello")
            assert found.settled
            assert not again.settled
            assert [message.id for message in w.sim.accepted] == [found.id, again.id]
            assert found.id != again.id

    run(main())


def test_a_client_that_closes_has_no_time_to_ask() -> None:
    async def main() -> None:
        async with world(Settings(latency=2)) as w:
            w.lose("drop_after")
            send = asyncio.create_task(w.smsc.send(PHONE, "hello"))
            await asyncio.sleep(1)
            await w.smsc.aclose(grace=30)
            assert asyncio.get_running_loop().time() == 1002
            with pytest.raises(OutcomeUnknown):
                await send

    run(main())


def test_a_question_that_is_not_answered_leaves_time_for_the_next() -> None:
    slow = [0.0, 100.0]

    async def main() -> None:
        settings = Settings(delays=lambda _: (0.0, slow.pop(0) if slow else 0.0))
        async with world(settings) as w:
            w.lose("drop_after")
            assert (await w.smsc.send(PHONE, "hello")).settled
            assert asyncio.get_running_loop().time() == 1000 + 15 / 3 + 1

    run(main())


def test_each_question_is_asked_once_for_the_next_one_comes_anyway() -> None:
    async def main() -> None:
        async with world() as w:
            w.sim.faults = lambda *_: "drop_before"
            with pytest.raises(OutcomeUnknown):
                await w.smsc.send(PHONE, "hello")
            assert w.asked == 4

    run(main())


def test_questions_go_on_after_so_many_failed_that_the_service_seemed_away() -> None:
    async def main() -> None:
        async with world() as w:
            w.sim.faults = lambda path, _, number: (
                "drop_after" if path == "send.php" else "drop_before" if number < 10 else None
            )
            phones = [f"+7999000{n:04}" for n in range(12)]
            assert (await w.smsc.send(phones, "hello")).settled

    run(main())


def test_a_service_that_refuses_the_question_leaves_the_outcome_unknown() -> None:
    async def main() -> None:
        async with world() as w:
            w.sim.faults = lambda path, *_: "drop_after" if path == "send.php" else 1
            with pytest.raises(OutcomeUnknown):
                await w.smsc.send(PHONE, "hello")
            assert w.asked == 1

    run(main())


def test_closing_the_client_ends_the_questions() -> None:
    async def main() -> None:
        async with world() as w:
            w.lose("drop_before")
            send = asyncio.create_task(w.smsc.send(PHONE, "hello"))
            await asyncio.sleep(2)
            await w.smsc.aclose(grace=0)
            with pytest.raises(OutcomeUnknown):
                await send
            with pytest.raises(NotSent):
                await w.smsc.send(PHONE, "another")

    run(main())


def test_a_deletion_whose_answer_was_lost_is_done_if_there_is_nothing_left_to_delete() -> None:
    async def main() -> None:
        async with world() as w:
            sent = await w.smsc.send(PHONE, "hello")
            w.lose("drop_after", by="status.php")
            await w.smsc.statuses.delete(sent.id, PHONE)
            assert not (await w.smsc.statuses.get(sent.id, PHONE)).is_known

    run(main())


def test_a_deletion_whose_answers_are_all_lost_is_unknown() -> None:
    async def main() -> None:
        async with world() as w:
            sent = await w.smsc.send(PHONE, "hello")
            w.lose("drop_before", "drop_before", "drop_before", by="status.php")
            with pytest.raises(OutcomeUnknown) as caught:
                await w.smsc.statuses.delete(sent.id, PHONE)
            assert caught.value.id is None

    run(main())
