"""The account's handler is called until it takes what it is told, and not for ever."""

from __future__ import annotations

import asyncio

import httpx
import pytest
from starlette.types import Receive, Scope, Send

from smsc_async.simulator import Attempt, Settings, Simulator
from tests.loopback import Posted, answer, serving
from tests.simulator.handler import Handler, Trouble
from tests.simulator.posting import PHONE, opened
from tests.virtual import EPOCH, run

HOOK = Settings(callback="http://host/hook")


def receiving(handler: Handler, settings: Settings = HOOK, texts: int = 1) -> Simulator:
    """Let messages come in and be told of to the end."""

    async def main() -> Simulator:
        async with opened(settings, callback_transport=handler) as (sim, _):
            for number in range(texts):
                sim.receive(PHONE, f"text {number}", to="79180000000")
            await sim.delivered()
            return sim

    return run(main())


@pytest.mark.parametrize("code", [200, 404])
def test_what_is_taken_is_posted_once(code: int) -> None:
    sim = receiving(handler := Handler(code))

    (told,) = sim.callbacks
    assert told.attempts == (Attempt(EPOCH, code),)
    assert told.done
    assert len(handler.posts) == 1


@pytest.mark.parametrize("bad", [100, 201, 204, 302, 307, 403, 500, 503, "lost", "broken"])
def test_anything_else_is_repeated_every_four_minutes_up_to_fifty_times(bad: int | Trouble) -> None:
    sim = receiving(handler := Handler(bad, seconds=3))

    (told,) = sim.callbacks
    times = [EPOCH + 240 * n for n in range(50)]
    assert [post.at for post in handler.posts] == times
    assert {(post.url, post.body) for post in handler.posts} == {
        ("http://host/hook", handler.posts[0].body)
    }
    assert [attempt.at for attempt in told.attempts] == times
    assert {attempt.code for attempt in told.attempts} == {bad if isinstance(bad, int) else None}
    assert told.done


def test_a_handler_that_is_silent_is_given_up_after_a_time_and_called_again() -> None:
    settings = Settings(callback="http://host/", callback_timeout=30, callback_attempts=2)
    start = EPOCH

    sim = receiving(handler := Handler("silent"), settings)

    assert [post.at for post in handler.posts] == [start, start + 240]
    assert [error for *_, error in sim.callbacks[0].attempts] == ["TimeoutError()"] * 2
    assert handler.now == 0


def test_a_handler_that_comes_back_is_called_no_more() -> None:
    sim = receiving(handler := Handler(503, "lost", 302, 200))

    codes = [attempt.code for attempt in sim.callbacks[0].attempts]
    assert codes == [503, None, 302, 200]
    assert "it went away" in sim.callbacks[0].attempts[1].error
    assert len(handler.posts) == 4


def test_the_pace_is_for_a_test_to_choose() -> None:
    settings = Settings(callback="http://host/", callback_every=0.5, callback_attempts=3)

    receiving(handler := Handler(500), settings)

    assert [post.at - EPOCH for post in handler.posts] == [0, 0.5, 1]


def test_an_attempt_that_lasts_longer_than_the_pause_is_repeated_at_once() -> None:
    settings = Settings(callback="http://host/", callback_every=2, callback_attempts=2)

    receiving(handler := Handler(500, seconds=5), settings)

    assert [post.at - EPOCH for post in handler.posts] == [0, 5]


def test_a_later_report_does_not_wait_for_the_repeats_of_an_earlier_one() -> None:
    async def main() -> None:
        settings = Settings(callback="http://host/", delivery=10)
        async with opened(settings, callback_transport=Handler(503, 200)) as (sim, sender):
            await sender.json("send.php", phones=PHONE, mes="hi", id="5")
            await sim.delivered()

        told = [
            (one.fields["status"], [a.at - EPOCH for a in one.attempts]) for one in sim.callbacks
        ]
        assert told == [(0, [0, 240]), (1, [10])]

    run(main())


def test_at_most_so_many_calls_are_under_way_at_once() -> None:
    settings = Settings(callback="http://host/", callbacks_at_once=3)

    sim = receiving(handler := Handler(200, seconds=1), settings, texts=10)

    assert handler.most == 3
    assert [post.at - EPOCH for post in handler.posts] == [0, 0, 0, 1, 1, 1, 2, 2, 2, 3]
    assert all(told.done for told in sim.callbacks)


def test_leaving_the_simulator_ends_the_calls() -> None:
    async def main() -> None:
        handler = Handler("silent")
        async with opened(HOOK, callback_transport=handler) as (sim, sender):
            sim.receive(PHONE, "hi")
            await sender.json("send.php", phones=PHONE, mes="hi", time="+10")
            await asyncio.sleep(1)
            assert handler.now == 1
        assert handler.now == 0
        assert handler.closed
        assert [(told.attempts, told.done) for told in sim.callbacks] == [((), False)]
        sim.receive(PHONE, "too late")
        await sim.delivered()
        assert len(asyncio.all_tasks()) == 1
        assert len(handler.posts) == 1

    run(main())


def test_a_simulator_that_is_entered_again_posts_again() -> None:
    async def main() -> None:
        sim = Simulator(HOOK, callback_transport=Handler())
        for _ in range(2):
            async with sim:
                sim.receive(PHONE, "hi")
                await sim.delivered()
        assert [told.done for told in sim.callbacks] == [True, True]

    run(main())


def test_the_newest_records_are_kept_and_all_is_posted() -> None:
    settings = Settings(callback="http://host/", keep=2, callback_attempts=2)

    sim = receiving(handler := Handler(500), settings, texts=5)

    assert [told.fields["id"] for told in sim.callbacks] == [4, 5]
    assert [len(told.attempts) for told in sim.callbacks] == [2, 2]
    assert len(handler.posts) == 10


def test_an_app_in_process_can_be_the_handler_and_its_errors_are_lost_calls() -> None:
    queries = list[bytes]()

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        queries.append(scope["query_string"])
        message = await receive()
        if len(queries) == 1:
            raise ZeroDivisionError(message["body"])
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": b""})

    async def main() -> Simulator:
        settings = Settings(callback="http://host/!key?charset=utf-8")
        transport = httpx.ASGITransport(app)
        async with opened(settings, callback_transport=transport) as (sim, _):
            sim.receive(PHONE, "hi")
            await sim.delivered()
            return sim

    lost, taken = run(main()).callbacks[0].attempts

    assert (lost.at, lost.code) == (EPOCH, None)
    assert lost.error.startswith("ZeroDivisionError(b'id=1&")
    assert taken == (EPOCH + 240, 200, "")
    assert queries == [b"key"] * 2


async def test_over_a_socket_a_handler_that_answers_503_twice_is_called_three_times() -> None:
    bodies = list[dict[str, str]]()

    async def script(posted: Posted) -> bytes | None:
        bodies.append(posted.form)
        return answer({}, 503 if len(bodies) < 3 else 200)

    async with serving(script) as server:
        settings = Settings(callback=f"{server.url}/!key=a?charset=utf-8", callback_every=0.01)
        async with opened(settings) as (sim, _):
            sim.receive(PHONE, "Привет", to="79180000000")
            await sim.delivered()

    assert [attempt.code for attempt in sim.callbacks[0].attempts] == [503, 503, 200]
    assert bodies == [bodies[0]] * 3
    assert bodies[0]["mes"] == "Привет"
    assert server.posted[0].path == "/?key=a"
    assert server.connections == 3
