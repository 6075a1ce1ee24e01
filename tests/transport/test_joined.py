"""The same question asked again while it is under way goes out once."""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine
from contextlib import asynccontextmanager
from random import Random
from typing import Any

import httpx
import pytest

from smsc_async import (
    Balance,
    File,
    Mms,
    NoAnswer,
    NotFound,
    NotSent,
    SmscClient,
    Throttle,
    Throttled,
)
from smsc_async._resources.account import BALANCE as BALANCE_OF
from smsc_async._transport.clock import Seams
from smsc_async._transport.exchange import Exchange
from smsc_async._transport.flights import Flight, Flights, Same
from smsc_async._transport.http import Answer, Http, Lost
from smsc_async._transport.injected import Injected
from smsc_async._transport.patience import Options, Patience
from smsc_async._transport.pipeline import Pipeline
from smsc_async._transport.prepared import Verdict
from smsc_async._wire.secret import Secret
from tests.loopback import ACCEPTED, BALANCE
from tests.virtual import run

PLACES = 14
LOST = httpx.ReadError("lost")
PICTURE = Mms(text="look", files=(File("a.jpg", b"a picture"),))
NOTHING = {"error": "nothing found", "error_code": 3}


class Service(httpx.AsyncBaseTransport):
    """Takes a second for each request, or what *takes* says; it may be told what to answer."""

    def __init__(self, *replies: object, takes: Callable[[], float] = lambda: 1.0) -> None:
        self.replies = list(replies)
        self.takes = takes
        self.asked: list[str] = []

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        path = request.url.path.rsplit("/", 1)[-1]
        self.asked.append(path)
        await asyncio.sleep(self.takes())
        reply = self.replies.pop(0) if self.replies else None
        if isinstance(reply, Exception):
            raise reply
        usual = {"balance.php": BALANCE, "send.php": ACCEPTED}.get(path, {"result": ["OK"]})
        return httpx.Response(200, json=reply or usual)


def client(service: Service, throttle: Throttle | None = None, **options: Any) -> SmscClient:  # noqa: ANN401 - of many types
    return SmscClient(
        api_key="key",
        base_url="http://127.0.0.1:1",  # it has no backup host
        transport=service,
        throttle=throttle,
        **options,
    )


@asynccontextmanager
async def all_places_taken(seconds: float, **options: Any) -> AsyncIterator[SmscClient]:  # noqa: ANN401 - of many types
    """Give a client of a login whose places are all taken for so many seconds."""
    throttle = Throttle()
    async with (
        client(Service(takes=lambda: seconds), throttle) as crowd,
        client(Service(), throttle, **options) as smsc,
    ):
        await smsc.raw("hello.php")
        sends = [asyncio.create_task(crowd.send(f"799900{n:05}", "hello")) for n in range(PLACES)]
        await asyncio.sleep(0)
        yield smsc
        await asyncio.gather(*sends)


def service_of(smsc: SmscClient) -> Service:
    http: Any = smsc._core.pipeline()._attempts._http
    service = http._transport._transport
    assert isinstance(service, Service)
    return service


def asked(smsc: SmscClient) -> list[str]:
    return service_of(smsc).asked


def alone(smsc: SmscClient) -> bool:
    """Tell whether nothing is left of any sharing."""
    return not smsc._core.pipeline()._attempts._flights._open


async def ended(*calls: Coroutine[Any, Any, object]) -> list[object]:
    return await asyncio.gather(*calls, return_exceptions=True)


def test_the_same_question_of_many_callers_goes_out_once_and_each_has_a_reply_of_its_own() -> None:
    async def main() -> None:
        service = Service()
        async with client(service) as smsc:
            replies = await asyncio.gather(
                *(smsc.raw("phones.php", {"get": 1}) for _ in range(100))
            )
            assert service.asked == ["phones.php"]
            replies[0]["result"].append("changed by its caller")
            assert [reply["result"] for reply in replies[1:]] == [["OK"]] * 99
            assert alone(smsc)

    run(main())


def test_a_hundred_callers_take_one_token_of_a_limit() -> None:
    async def main() -> None:
        async with client(Service(), max_wait=0) as smsc:
            balances = await asyncio.gather(*(smsc.account.balance() for _ in range(100)))
            assert all(isinstance(balance, Balance) for balance in balances)
            for _ in range(9):
                await smsc.account.balance()
            with pytest.raises(Throttled, match="10 in 60 s"):
                await smsc.account.balance()

    run(main())


def test_whoever_asks_while_it_is_under_way_shares_it_and_whoever_asks_later_does_not() -> None:
    async def main() -> None:
        async with client(Service()) as smsc:
            first = asyncio.create_task(smsc.account.balance())
            await asyncio.sleep(0.9)
            second = asyncio.create_task(smsc.account.balance())
            await asyncio.gather(first, second)
            assert asyncio.get_running_loop().time() == 1001
            assert asked(smsc) == ["balance.php"]
            await smsc.account.balance()
            assert asked(smsc) == ["balance.php"] * 2

    run(main())


def test_whoever_asks_again_at_once_hears_another_answer() -> None:
    async def main() -> None:
        async with client(Service()) as smsc:
            for _ in range(3):
                await smsc.account.balance()
            assert asked(smsc) == ["balance.php"] * 3

    run(main())


PAIRS: dict[str, tuple[Callable[[SmscClient], Coroutine[Any, Any, object]], ...]] = {
    "other parameters": (
        lambda smsc: smsc.price("79990000000", "one"),
        lambda smsc: smsc.price("79990000000", "two"),
    ),
    "another time-out": (
        lambda smsc: smsc.account.balance(),
        lambda smsc: smsc.with_options(timeout=9).account.balance(),
    ),
    "less patience": (
        lambda smsc: smsc.account.balance(),
        lambda smsc: smsc.with_options(max_wait=9).account.balance(),
    ),
    "another lane": (
        lambda smsc: smsc.with_options(priority="bulk").account.balance(),
        lambda smsc: smsc.account.balance(),
    ),
    "files": (
        lambda smsc: smsc.price("79990000000", PICTURE),
        lambda smsc: smsc.price("79990000000", PICTURE),
    ),
    "sends": (
        lambda smsc: smsc.send("79990000000", "hello", repeat=True),
        lambda smsc: smsc.send("79990000000", "hello", repeat=True),
    ),
    "changes": (
        lambda smsc: smsc.raw("phones.php", {"add": 1, "phone": "79990000000"}),
        lambda smsc: smsc.raw("phones.php", {"add": 1, "phone": "79990000000"}),
    ),
    "removals": (
        lambda smsc: smsc.raw("phones.php", {"del": 1, "phone": "79990000000"}),
        lambda smsc: smsc.raw("phones.php", {"del": 1, "phone": "79990000000"}),
    ),
}


@pytest.mark.parametrize("pair", PAIRS)
def test_what_is_not_the_same_question_in_the_same_way_goes_out_by_itself(pair: str) -> None:
    async def main() -> None:
        async with client(Service()) as smsc:
            await asyncio.gather(*(call(smsc) for call in PAIRS[pair]))
            assert len(asked(smsc)) == 2

    run(main())


def test_two_clients_share_no_exchange() -> None:
    async def main() -> None:
        service, throttle = Service(), Throttle()
        async with client(service, throttle) as one, client(service, throttle) as two:
            await asyncio.gather(one.account.balance(), two.account.balance())
            assert len(service.asked) == 2

    run(main())


def test_a_refusal_is_raised_at_each_caller_as_an_error_of_its_own() -> None:
    async def main() -> None:
        async with client(Service(NOTHING)) as smsc:
            errors = await ended(*(smsc.raw("phones.php", {"get": 1}) for _ in range(5)))
            assert [type(error) for error in errors] == [NotFound] * 5
            assert len(set(map(id, errors))) == 5
            assert len(asked(smsc)) == 1

    run(main())


@pytest.mark.parametrize("takes", [0.001, 1.0])
def test_a_lost_answer_is_repeated_once_for_all_who_wait_for_it(takes: float) -> None:
    chance = Random(0).random

    async def main() -> None:
        async with client(Service(LOST, LOST, takes=lambda: takes), chance=chance) as smsc:
            balances = await asyncio.gather(*(smsc.account.balance() for _ in range(100)))
            assert all(isinstance(balance, Balance) for balance in balances)
            assert len(asked(smsc)) == 3

    run(main())


def test_what_is_lost_too_often_is_an_error_of_each_callers_own() -> None:
    async def main() -> None:
        async with client(Service(LOST, LOST, LOST)) as smsc:
            errors = await ended(*(smsc.account.balance() for _ in range(5)))
            assert all(isinstance(error, NoAnswer) and error.attempts == 3 for error in errors)
            assert len(set(map(id, errors))) == 5
            assert len(asked(smsc)) == 3

    run(main())


def test_callers_who_share_one_request_allow_no_more_repeats_than_it_does() -> None:
    async def main() -> None:
        async with client(Service(), attempts=9) as smsc:
            await asyncio.gather(*(smsc.account.balance() for _ in range(1_000)))
            service = service_of(smsc)
            service.replies += [LOST] * 9
            with pytest.raises(NoAnswer) as caught:
                await smsc.account.balance()
            assert caught.value.attempts == 4  # three are always allowed

    run(main())


@pytest.mark.parametrize("who", [0, 1, 2])
def test_a_caller_that_is_cancelled_under_way_takes_nothing_from_the_others(who: int) -> None:
    async def main() -> None:
        async with client(Service()) as smsc:
            calls = [asyncio.create_task(smsc.account.balance()) for _ in range(3)]
            await asyncio.sleep(0.5)
            calls[who].cancel()
            told = await asyncio.gather(*calls, return_exceptions=True)
            assert isinstance(told.pop(who), asyncio.CancelledError)
            assert [type(balance) for balance in told] == [Balance] * 2
            assert len(asked(smsc)) == 1

    run(main())


@pytest.mark.parametrize("who", [[0], [1], [0, 1], [2], [0, 2]])
def test_a_caller_that_is_cancelled_in_line_takes_nothing_from_the_others(who: list[int]) -> None:
    async def main() -> None:
        async with all_places_taken(10) as smsc:
            calls = [asyncio.create_task(smsc.account.balance()) for _ in range(4)]
            await asyncio.sleep(5)
            for at in who:
                calls[at].cancel()
            told = await asyncio.gather(*calls, return_exceptions=True)
            assert [at for at in range(4) if not isinstance(told[at], Balance)] == who
            assert asked(smsc) == ["hello.php", "balance.php"]
            assert asyncio.get_running_loop().time() == 1000 + 1 + 10 + 1
            assert alone(smsc)

    run(main())


def test_nobody_is_refused_for_the_impatience_of_the_one_before() -> None:
    async def main() -> None:
        async with all_places_taken(25, max_wait=20) as smsc:
            first = asyncio.create_task(smsc.account.balance())
            await asyncio.sleep(10)
            others = [asyncio.create_task(smsc.account.balance()) for _ in range(3)]
            with pytest.raises(Throttled, match="14 at once"):
                await first
            assert [type(balance) for balance in await asyncio.gather(*others)] == [Balance] * 3
            assert asked(smsc) == ["hello.php", "balance.php"]

    run(main())


def test_whoever_leads_in_place_of_another_has_the_turn_of_its_own_arrival() -> None:
    async def main() -> None:
        async with all_places_taken(10, max_wait=1000) as smsc:
            ends: list[str] = []

            async def call(name: str, asked: Awaitable[object]) -> None:
                await asked
                ends.append(name)

            first = asyncio.create_task(smsc.account.balance())
            await asyncio.sleep(1)
            second = asyncio.create_task(call("second", smsc.account.balance()))
            await asyncio.sleep(1)
            sends = (smsc.send(f"7998{n:07}", "later") for n in range(40))
            later = [asyncio.create_task(call("later", send)) for send in sends]
            await asyncio.sleep(1)
            first.cancel()
            await asyncio.gather(second, *later)
            assert ends.index("second") < 14

    run(main())


def test_nobody_is_cut_by_the_deadline_of_another() -> None:
    async def main() -> None:
        async with all_places_taken(9.9, deadline=10.5) as smsc:
            first = asyncio.create_task(smsc.account.balance())
            await asyncio.sleep(9.7)
            second = asyncio.create_task(smsc.account.balance())
            assert isinstance(await second, Balance)
            await asyncio.gather(first, return_exceptions=True)

    run(main())


def test_whoever_waits_for_another_waits_no_longer_than_in_line() -> None:
    async def main() -> None:
        async with all_places_taken(25, max_wait=20) as smsc:
            begun = asyncio.get_running_loop().time()
            told = await ended(*(smsc.account.balance() for _ in range(50)))
            assert all(isinstance(error, Throttled) for error in told)
            assert len(set(map(id, told))) == 50
            assert asyncio.get_running_loop().time() == begun + 20
            assert asked(smsc) == ["hello.php"]
            assert alone(smsc)

    run(main())


def test_closing_the_client_turns_all_away_who_wait_for_one_in_line() -> None:
    async def main() -> None:
        async with all_places_taken(25) as smsc:
            calls = [asyncio.create_task(smsc.account.balance()) for _ in range(20)]
            await asyncio.sleep(1)
            await smsc.aclose()
            told = await asyncio.gather(*calls, return_exceptions=True)
            assert all(isinstance(error, NotSent) for error in told)
            assert {str(error) for error in told} == {
                "account.balance: nothing was sent (the client is closed); it is safe to repeat"
            }

    run(main())


def test_closing_the_client_tells_each_of_those_whose_exchange_it_cuts() -> None:
    async def main() -> None:
        smsc = client(Service(takes=lambda: 9))
        calls = [asyncio.create_task(smsc.account.balance()) for _ in range(5)]
        await asyncio.sleep(1)
        await smsc.aclose(grace=1)
        told = await asyncio.gather(*calls, return_exceptions=True)
        assert all(isinstance(error, NoAnswer) for error in told)

    run(main())


def test_a_fault_of_the_clients_own_is_an_error_of_each_caller_and_keeps_no_place() -> None:
    class Broken(Http):
        async def post(self, host: str, content: object, timeout: float) -> Answer | Lost:
            await asyncio.sleep(1)
            raise ZeroDivisionError(host, content, timeout)

    async def main() -> None:
        throttle = Throttle()
        pipeline = Pipeline(
            http=Broken(Injected(Service())),
            throttle=throttle,
            credentials=Secret(b"&apikey=key"),
            account=b"account",
            hosts=("http://127.0.0.1:1",),
            attempts=1,
            identity="message",
            json_body=False,
            on_event=None,
            seams=Seams(),
        )
        told = await ended(*(pipeline.call(BALANCE_OF, {}, Options()) for _ in range(3)))
        assert [type(error) for error in told] == [NoAnswer] * 3
        assert "a fault of the client, ZeroDivisionError" in str(told[2])
        await pipeline.aclose(1)
        assert throttle.snapshot().in_flight == 0

    run(main())


CHANGES: dict[str, Callable[[SmscClient], Coroutine[Any, Any, object]]] = {
    "send": lambda smsc: smsc.send("79990000000", "hello"),
    "change": lambda smsc: smsc.raw("phones.php", {"add": 1, "phone": "79990000000"}),
    "removal": lambda smsc: smsc.raw("phones.php", {"del": 1, "phone": "79990000000"}),
}


@pytest.mark.parametrize("change", CHANGES)
def test_a_question_after_a_change_is_not_answered_from_before_it(change: str) -> None:
    async def main() -> None:
        slow = itertools.chain([0, 10], itertools.repeat(1))
        async with client(Service(takes=lambda: next(slow))) as smsc:
            await smsc.raw("hello.php")
            before = asyncio.create_task(smsc.account.balance())
            await asyncio.sleep(1)
            await CHANGES[change](smsc)
            after = [asyncio.create_task(smsc.account.balance()) for _ in range(2)]
            await asyncio.gather(*after)
            assert not before.done()
            await before
            assert asked(smsc).count("balance.php") == 2
            assert alone(smsc)

    run(main())


@pytest.mark.parametrize("seed", range(20))
def test_whoever_is_cancelled_whenever_all_others_are_answered_and_nothing_is_left(
    seed: int,
) -> None:
    chance = Random(seed)

    async def main() -> None:
        service = Service(takes=lambda: chance.choice([0.1, 1.0, 3.0]))
        async with client(service, max_wait=10_000) as smsc:

            async def caller() -> Balance:
                await asyncio.sleep(chance.uniform(0, 100))
                return await smsc.account.balance()

            calls = [asyncio.create_task(caller()) for _ in range(300)]
            loop = asyncio.get_running_loop()
            gone = chance.sample(calls, 150)
            for call in gone:
                loop.call_later(chance.uniform(0, 150), call.cancel)
            told = await asyncio.gather(*calls, return_exceptions=True)
            for call, end in zip(calls, told, strict=True):
                assert isinstance(end, Balance) or call in gone
            await asyncio.sleep(5)
            assert alone(smsc)
            assert len(service.asked) < 50
            snapshot = smsc.throttle.snapshot()
            assert (snapshot.in_flight, snapshot.waiting["interactive"]) == (0, 0)

    run(main())


# The flights by themselves

SAME = Same("host", "path", b"body", Options())
ANSWER = Exchange(Answer(200, b"{}"), 0.0, Verdict("done", None))


def patience(max_wait: float = 75.0, deadline: float | None = None) -> Patience:
    options = Options(max_wait=max_wait, deadline=deadline)
    return Patience(asyncio.get_running_loop().time, options)


async def answered(seconds: float) -> Exchange:
    await asyncio.sleep(seconds)
    return ANSWER


def test_a_follower_with_less_patience_than_its_leader_goes_on_by_itself() -> None:
    async def main() -> None:
        flights, mine = Flights(itertools.count(1).__next__), patience(max_wait=3)
        leader = await flights.join(SAME, patience())
        assert isinstance(leader, Flight)
        assert await flights.join(SAME, mine) is None
        assert asyncio.get_running_loop().time() == 1003
        assert mine.for_waiting() == 0
        flights.fall_out(leader)  # nobody is behind it any more
        assert isinstance(await flights.join(SAME, patience()), Flight)

    run(main())


def test_only_the_waiting_before_the_exchange_is_taken_from_a_followers_patience() -> None:
    async def main() -> None:
        flights, mine = Flights(itertools.count(1).__next__), patience(max_wait=30)
        leader = await flights.join(SAME, patience())
        assert isinstance(leader, Flight)
        follower = asyncio.create_task(flights.join(SAME, mine))
        await asyncio.sleep(5)
        flights.begin(leader, asyncio.create_task(answered(7)))
        assert await follower is ANSWER
        assert (mine.for_waiting(), mine.working()) == (25, 7)

    run(main())


def test_a_follower_whose_deadline_passes_under_way_stops_waiting() -> None:
    async def main() -> None:
        flights, mine = Flights(itertools.count(1).__next__), patience(deadline=2)
        leader = await flights.join(SAME, patience())
        assert isinstance(leader, Flight)
        flights.begin(leader, asyncio.create_task(answered(7)))
        assert await flights.join(SAME, mine) is None
        assert mine.left() == 0
        assert await flights.join(SAME, patience()) is ANSWER

    run(main())


def test_an_exchange_that_was_cut_before_it_began_is_shared_by_nobody() -> None:
    async def main() -> None:
        flights = Flights(itertools.count(1).__next__)
        leader = await flights.join(SAME, patience())
        assert isinstance(leader, Flight)
        exchange = asyncio.create_task(answered(7))
        flights.begin(leader, exchange)
        follower = asyncio.create_task(flights.join(SAME, patience()))
        await asyncio.sleep(0)
        exchange.cancel()
        assert await follower is None

    run(main())


def test_a_follower_that_is_cancelled_just_when_it_would_lead_lets_the_next_one_lead() -> None:
    async def main() -> None:
        flights = Flights(itertools.count(1).__next__)
        leader = await flights.join(SAME, patience())
        assert isinstance(leader, Flight)
        second, third = (asyncio.create_task(flights.join(SAME, patience())) for _ in range(2))
        await asyncio.sleep(0)
        flights.fall_out(leader)
        second.cancel()
        assert await third is leader
        assert second.cancelled()

    run(main())


def test_a_loop_that_is_closed_under_all_of_them_is_no_trouble() -> None:
    flights = Flights(itertools.count(1).__next__)
    loop = asyncio.new_event_loop()
    leader = loop.run_until_complete(flights.join(SAME, Patience(loop.time, Options())))
    assert isinstance(leader, Flight)
    follower = loop.create_task(flights.join(SAME, Patience(loop.time, Options())))
    loop.run_until_complete(asyncio.wait([follower], timeout=0))
    loop.close()

    flights.fall_out(leader)

    assert not follower.done()
    assert not flights._open
