"""What is repeated, when, and at which host."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

import httpx
import pytest
import respx

from smsc_async import (
    BadReply,
    Balance,
    DuplicateSend,
    Event,
    LoginRefused,
    NoAnswer,
    NotFound,
    NotSent,
    OutcomeUnknown,
    SmscClient,
    Throttled,
    _codec,
)
from smsc_async._transport import retry
from tests.loopback import ACCEPTED, BALANCE
from tests.virtual import run

Reply = Callable[[httpx.Request], httpx.Response]
LOST = httpx.ReadError("lost")


class Script(httpx.AsyncBaseTransport):
    """Answers with one reply after the other, and remembers where it was asked and when."""

    def __init__(self, *replies: object) -> None:
        self.replies = list(replies)
        self.asked: list[str] = []
        self.bodies: list[bytes] = []
        self.times: list[float] = []

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        self.asked.append(request.url.host)
        self.bodies.append(await request.aread())
        self.times.append(asyncio.get_running_loop().time())
        reply = self.replies.pop(0)
        if reply is REFUSED:
            trace = request.extensions["trace"]
            await trace("connection.connect_tcp.failed", {})
            raise httpx.ConnectError("refused")
        if isinstance(reply, Exception):
            raise reply
        if isinstance(reply, int):
            return httpx.Response(reply, html="<h1>no</h1>")
        return httpx.Response(200, json=reply)


REFUSED = object()
CONCURRENT = {"error": "too many concurrent requests", "error_code": 9}
DUPLICATE = {"error": "duplicate request, wait a minute", "error_code": 9}


def balance(script: Script, events: list[Event] | None = None, **options: float) -> object:
    async def main() -> object:
        async with SmscClient(
            api_key="key",
            base_url="https://smsc.ru",
            transport=script,
            on_event=None if events is None else events.append,
            chance=lambda: 1.0,
            **options,  # type: ignore[arg-type]
        ) as smsc:
            return await smsc.account.balance()

    return run(main())


def send(script: Script, **options: int) -> object:
    async def main() -> object:
        async with SmscClient(
            api_key="key",
            base_url="https://www2.smsc.ru",
            transport=script,
            on_unknown="raise",
            chance=lambda: 1.0,
            **options,  # type: ignore[arg-type]
        ) as smsc:
            return await smsc.send("+79990000000", "hello")

    return run(main())


@pytest.mark.parametrize("lost", [LOST, 502, {"other": 1}], ids=["cut", "page", "shape"])
def test_a_query_is_repeated_at_the_backup_host_and_back(lost: object) -> None:
    script = Script(lost, lost, BALANCE)

    balance(script)

    assert script.asked == ["smsc.ru", "www2.smsc.ru", "smsc.ru"]


def test_a_query_pauses_longer_from_time_to_time() -> None:
    script = Script(*[LOST] * 3, BALANCE)

    balance(script, attempts=4)

    gaps = [b - a for a, b in zip(script.times, script.times[1:], strict=False)]
    assert gaps == pytest.approx([0.5, 1.0, 2.0])
    assert [retry.pause(attempt, 1.0) for attempt in (4, 5, 6, 50)] == [4.0, 8.0, 8.0, 8.0]


def test_repeats_are_a_tenth_of_the_calls_and_three_a_minute_at_the_least() -> None:
    script = Script(*[LOST] * 6, *[BALANCE] * 9)

    async def main() -> list[object]:
        async with SmscClient(
            api_key="key", transport=script, chance=lambda: 1.0, attempts=9
        ) as smsc:
            lost = await asyncio.gather(smsc.account.balance(), return_exceptions=True)
            again = await asyncio.gather(smsc.account.balance(), return_exceptions=True)
            await asyncio.sleep(61)
            return [*lost, *again, await smsc.account.balance()]

    first, second, third = run(main())

    assert isinstance(first, NoAnswer)
    assert first.attempts == 4
    assert isinstance(second, NoAnswer)
    assert second.attempts == 1
    assert isinstance(third, Balance)


@pytest.mark.parametrize(("calls", "repeats"), [(0, 3), (37, 3), (39, 4), (100, 8)])
def test_the_allowance_grows_with_the_calls_of_the_last_minute(calls: int, repeats: int) -> None:
    now = 0.0
    allowance = retry.Allowance(lambda: now)
    for _ in range(calls):
        allowance.called()

    assert [allowance.repeat() for _ in range(repeats + 2)] == [True] * repeats + [False] * 2
    now = 60.0
    assert [allowance.repeat() for _ in range(4)] == [True] * 3 + [False]


def test_a_query_whose_answers_are_all_lost_says_how_often_it_was_asked() -> None:
    with pytest.raises(NoAnswer, match="asked 3 times") as caught:
        balance(Script(LOST, LOST, LOST))

    assert caught.value.attempts == 3


def test_a_query_whose_answers_are_all_unreadable_shows_how_the_last_begins() -> None:
    with pytest.raises(BadReply, match="HTTP 502") as caught:
        balance(Script(502, 502, 502))

    assert caught.value.start == b"<h1>no</h1>"


def test_a_send_that_provably_never_left_is_repeated_with_the_same_bytes() -> None:
    script = Script(REFUSED, REFUSED, ACCEPTED)

    send(script)

    assert script.asked == ["www2.smsc.ru", "smsc.ru", "www2.smsc.ru"]
    assert len(set(script.bodies)) == 1


def test_a_send_that_never_leaves_says_so_after_the_last_attempt() -> None:
    with pytest.raises(NotSent, match="ConnectError"):
        send(Script(REFUSED, REFUSED, REFUSED))


@pytest.mark.parametrize("lost", [LOST, 502, 302, {"other": 1}, httpx.ConnectTimeout("?")])
def test_a_send_that_may_have_arrived_is_never_repeated(lost: object) -> None:
    script = Script(lost, ACCEPTED)

    with pytest.raises(OutcomeUnknown):
        send(script)

    assert len(script.asked) == 1


def test_too_many_at_once_is_repeated_after_a_pause_for_everyone() -> None:
    script, events = Script(CONCURRENT, BALANCE), list[Event]()

    balance(script, events)

    assert script.times[1] - script.times[0] == pytest.approx(retry.PAUSE)
    assert [event.kind for event in events] == [
        "admitted",
        "paused",
        "repeated",
        "waiting",
        "resumed",
        "admitted",
    ]


def test_a_send_turned_away_at_the_door_was_not_taken_and_is_repeated() -> None:
    script = Script(CONCURRENT, ACCEPTED)

    send(script)

    assert len(set(script.bodies)) == 1


def test_a_query_that_the_service_calls_a_duplicate_waits_the_whole_window() -> None:
    script = Script(DUPLICATE, BALANCE)

    balance(script)

    assert script.times[1] - script.times[0] == pytest.approx(61)


def test_a_send_that_the_service_calls_a_duplicate_was_not_taken_and_is_not_repeated() -> None:
    script = Script(DUPLICATE)

    with pytest.raises(DuplicateSend) as caught:
        send(script)

    assert caught.value.retry_after == 61


def test_a_refusal_is_not_repeated() -> None:
    with pytest.raises(LoginRefused):
        balance(Script({"error": "authorise error", "error_code": 2}))


def test_no_pause_outlives_the_deadline() -> None:
    script = Script(LOST, LOST, LOST, LOST)

    with pytest.raises(NoAnswer):
        balance(script, attempts=9, deadline=2.0)

    assert len(script.asked) == 3  # after 0, 0.5 and 1.5 seconds; the next would be at 3.5


def test_a_call_whose_window_opens_after_its_deadline_is_told_at_once() -> None:
    async def main() -> None:
        async with SmscClient(
            api_key="key", transport=Script(*[BALANCE] * 10), deadline=20
        ) as smsc:
            for _ in range(10):
                await smsc.account.balance()
            with pytest.raises(Throttled) as caught:
                await smsc.account.balance()

        assert caught.value.retry_after == pytest.approx(61)
        assert asyncio.get_running_loop().time() == 1000

    run(main())


def test_what_may_have_been_done_stays_so_when_the_repeats_do_not_get_through() -> None:
    script = Script(LOST, REFUSED, REFUSED, REFUSED, REFUSED)  # asked then whether it is there

    async def main() -> None:
        async with SmscClient(api_key="key", transport=script) as smsc:
            await smsc.statuses.delete("order-1", "+79990000000")

    with pytest.raises(OutcomeUnknown, match="it may have been done"):
        run(main())

    assert script.replies == []


NOTHING = {"error": "no records found", "error_code": 3}
REFUSAL = {"error": "operation failed", "error_code": 5}


def removal(*replies: object) -> Script:
    script = Script(*replies)

    async def main() -> None:
        async with SmscClient(api_key="key", transport=script) as smsc:
            await smsc.groups.delete(7)

    run(main())
    return script


@pytest.mark.parametrize("lost", [LOST, 502, {"other": 1}], ids=["cut", "page", "shape"])
@pytest.mark.parametrize("between", [[], [CONCURRENT], [REFUSED]], ids=["at once", "busy", "away"])
def test_what_is_not_found_after_a_lost_answer_was_removed(
    lost: object, between: list[object]
) -> None:
    assert removal(lost, *between, NOTHING).replies == []


@pytest.mark.parametrize("before", [[], [CONCURRENT], [REFUSED]], ids=["at once", "busy", "away"])
def test_what_is_not_found_before_any_answer_was_lost_was_not_there(before: list[object]) -> None:
    with pytest.raises(NotFound):
        removal(*before, NOTHING)


@pytest.mark.parametrize("last", [REFUSAL, LOST], ids=["refused", "lost"])
def test_a_removal_of_which_no_repeat_tells_may_have_been_done(last: object) -> None:
    with pytest.raises(OutcomeUnknown):
        removal(LOST, last, last)


def test_a_raw_removal_is_told_as_it_was_answered() -> None:
    async def main() -> None:
        async with SmscClient(api_key="key", transport=Script(LOST, NOTHING)) as smsc:
            with pytest.raises(OutcomeUnknown):
                await smsc.raw("phones.php", {"del_group": 1, "grp": 7})

    run(main())


def test_a_message_that_is_not_found_after_a_lost_answer_is_asked_about() -> None:
    here = {"status": 1, "last_date": "", "last_timestamp": 1_700_000_000}
    script = Script(LOST, NOTHING, here)

    async def main() -> None:
        async with SmscClient(api_key="key", transport=script) as smsc:
            with pytest.raises(OutcomeUnknown):
                await smsc.statuses.delete("order-1", "+79990000000")

    run(main())
    assert script.replies == []


def test_a_query_that_arrived_is_not_told_to_be_unsent_by_its_repeats() -> None:
    with pytest.raises(NoAnswer, match="asked once"):
        balance(Script(LOST, REFUSED, REFUSED))


def test_a_reply_that_no_number_can_hold_leaves_the_outcome_unknown() -> None:
    answer = b'{"id":1,"cnt":1,"cost":"","balance":1e99999999999999999999}'

    class Odd(httpx.AsyncBaseTransport):
        async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
            return httpx.Response(200, content=answer)

    async def main() -> None:
        async with SmscClient(api_key="key", transport=Odd(), on_unknown="raise") as smsc:
            with pytest.raises(OutcomeUnknown):
                await smsc.send("+79990000000", "hello")

    run(main())


def test_a_fault_of_our_own_loses_no_outcome(monkeypatch: pytest.MonkeyPatch) -> None:
    class Broken(httpx.AsyncBaseTransport):
        async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
            return httpx.Response(200, json=ACCEPTED)

    def decode(operation: object, data: bytes) -> object:
        raise ZeroDivisionError

    async def main() -> None:
        async with SmscClient(api_key="key", transport=Broken(), on_unknown="raise") as smsc:
            with pytest.raises(OutcomeUnknown, match="a fault of the client, ZeroDivisionError"):
                await smsc.send("+79990000000", "hello")
            assert smsc.throttle.snapshot().in_flight == 0

    monkeypatch.setattr(_codec, "decode", decode)
    run(main())


def public_errors() -> list[type[httpx.RequestError]]:
    kinds = [getattr(httpx, name) for name in httpx.__all__]
    return [
        kind for kind in kinds if isinstance(kind, type) and issubclass(kind, httpx.RequestError)
    ]


@pytest.mark.parametrize("kind", public_errors())
async def test_every_error_of_httpx_becomes_one_of_ours(kind: type[httpx.RequestError]) -> None:
    with respx.mock(base_url="https://smsc.ru") as service:
        service.post("/sys/send.php").mock(side_effect=kind)
        service.post("/sys/balance.php").mock(side_effect=kind)
        async with SmscClient(
            api_key="key",
            base_url="https://smsc.ru",
            attempts=1,
            on_unknown="raise",
            transport=httpx.AsyncHTTPTransport(),
        ) as smsc:
            with pytest.raises(OutcomeUnknown):
                await smsc.send("+79990000000", "hello")
            with pytest.raises(NoAnswer):
                await smsc.account.balance()


async def test_an_answer_too_large_or_packed_is_not_read() -> None:
    packed = httpx.Response(200, headers={"content-encoding": "gzip"}, content=b"")
    with respx.mock(base_url="https://smsc.ru") as service:
        service.post("/sys/balance.php").mock(return_value=packed)
        async with SmscClient(
            api_key="key",
            base_url="https://smsc.ru",
            attempts=1,
            on_unknown="raise",
            transport=httpx.AsyncHTTPTransport(),
        ) as smsc:
            with pytest.raises(NoAnswer, match="packed"):
                await smsc.account.balance()
            assert service.calls[0].request.headers["accept-encoding"] == "identity"

            flood = httpx.Response(200, content=b" " * (1024 * 1024 + 1))
            service.post("/sys/balance.php").mock(return_value=flood)
            with pytest.raises(NoAnswer, match="more than"):
                await smsc.account.balance()
