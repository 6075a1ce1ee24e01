"""The life of a client: made, copied, shared, closed."""

from __future__ import annotations

import asyncio
import contextlib
import gc
from typing import Any

import httpx
import pytest

from smsc_async import (
    DuplicateSend,
    Event,
    NotSent,
    OutcomeUnknown,
    Sent,
    SmscClient,
    Throttle,
    Throttled,
)
from smsc_async._throttle.keys import PLACE
from tests.loopback import ACCEPTED, BALANCE, Posted, answer, serving
from tests.virtual import run


class Service(httpx.AsyncBaseTransport):
    """Accepts everything, by default after a second; counts what it was asked."""

    def __init__(self, takes: float = 1) -> None:
        self.takes = takes
        self.asked = 0
        self.closed = False

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        self.asked += 1
        await asyncio.sleep(self.takes)
        path = request.url.path
        return httpx.Response(200, json=BALANCE if path.endswith("balance.php") else ACCEPTED)

    async def aclose(self) -> None:
        self.closed = True


def client(service: httpx.AsyncBaseTransport, throttle: Throttle | None = None) -> SmscClient:
    return SmscClient(api_key="key", transport=service, throttle=throttle)


async def accepted(service: httpx.AsyncBaseTransport) -> SmscClient:
    """Return a client whose credentials the service has seen: until then it calls one by one."""
    smsc = client(service)
    await smsc.account.balance()
    return smsc


def test_a_closed_client_sends_nothing_and_says_so() -> None:
    async def main() -> None:
        service = Service()
        async with client(service) as smsc:
            pass
        with pytest.raises(NotSent, match="the client is closed"):
            await smsc.send("+79990000000", "hello")
        assert service.closed
        assert not service.asked

    run(main())


def test_closing_twice_is_no_fault() -> None:
    async def main() -> None:
        smsc = client(Service())
        await smsc.aclose()
        await smsc.aclose()

    run(main())


def test_closing_lets_calls_end_and_turns_those_in_line_away() -> None:
    async def main() -> None:
        service = Service()
        smsc = await accepted(service)
        calls = [asyncio.create_task(smsc.send("79990000000", f"{n}")) for n in range(20)]
        await asyncio.sleep(0.5)
        await smsc.aclose()
        ended = await asyncio.gather(*calls, return_exceptions=True)
        assert [type(end) for end in ended] == [Sent] * 14 + [NotSent] * 6
        assert service.asked == 1 + 14
        assert smsc.throttle.snapshot().in_flight == 0

    run(main())


def test_a_task_that_outlived_a_cancellation_is_told_what_closing_cut() -> None:
    async def main() -> None:
        smsc = client(Service(takes=100))

        async def stubborn() -> object:
            with contextlib.suppress(asyncio.CancelledError):
                await asyncio.sleep(100)
            return await smsc.send("79990000000", "a last word", on_unknown="raise")

        call = asyncio.create_task(stubborn())
        await asyncio.sleep(1)
        call.cancel()
        await asyncio.sleep(1)
        await smsc.aclose(grace=0)
        with pytest.raises(OutcomeUnknown):
            await call

    run(main())


def test_closing_that_is_cancelled_still_closes() -> None:
    async def main() -> None:
        service = Service()
        smsc = client(service)
        call = asyncio.create_task(smsc.send("79990000000", "hello"))
        await asyncio.sleep(0.5)
        closing = asyncio.create_task(smsc.aclose())
        await asyncio.sleep(0)
        closing.cancel()
        await asyncio.wait([closing, call])
        assert closing.cancelled()
        assert service.closed

    run(main())


def test_copies_share_everything_but_their_options() -> None:
    async def main() -> None:
        async with client(Service()) as smsc:
            quick = smsc.with_options(max_wait=2, timeout=5, deadline=10)
            await smsc.send("+79990000000", "hello")
            with pytest.raises(DuplicateSend):
                await quick.send("+79990000000", "hello")
            for _ in range(10):
                await quick.account.balance()
            with pytest.raises(Throttled):
                await quick.account.balance()
            await smsc.account.balance()  # it waits its minute
            assert quick.throttle is smsc.throttle

    run(main())


def test_an_account_is_told_from_others_and_without_its_secrets() -> None:
    def key(**how: Any) -> str:  # noqa: ANN401 - whatever
        return SmscClient(**how).account_key

    one = key(login="Ann", password="secret")
    assert one == key(login="ann", password="another")
    assert "ann" not in one.lower()
    assert one != key(login="bob", password="secret")
    assert one != key(login="ann", password="secret", base_url="https://example.com")
    assert key(api_key="k", account="x") == key(api_key="l", account="x") != key(api_key="k")
    assert SmscClient(api_key="k").with_options(timeout=1.0).account_key == key(api_key="k")


def test_clients_of_one_account_share_their_limits_without_being_told() -> None:
    async def main() -> None:
        one = SmscClient(login="one", password="a", base_url="https://smsc.ru")
        two = SmscClient(login="one", password="b", base_url="https://www2.smsc.ru")
        key = SmscClient(api_key="k", account="x", base_url="https://smsc.ru")
        twin = SmscClient(api_key="l", account="x", base_url="https://smsc.ru")
        other = SmscClient(login="two", password="a", base_url="https://smsc.ru")
        abroad = SmscClient(login="one", password="a", base_url="https://smsc.kz")

        assert one.throttle is two.throttle
        assert key.throttle is twin.throttle
        assert len({id(c.throttle) for c in (one, key, other, abroad)}) == 4

    run(main())


def test_a_throttle_outlives_its_clients() -> None:
    async def main() -> None:
        kept = id(SmscClient(login="outlived", password="a").throttle)
        gc.collect()

        assert id(SmscClient(login="outlived", password="a").throttle) == kept

    run(main())


def test_a_transport_of_ones_own_has_limits_of_its_own_unless_one_is_passed() -> None:
    async def main() -> None:
        shared = Throttle()
        assert client(Service()).throttle is not client(Service()).throttle
        assert client(Service(), shared).throttle is client(Service(), shared).throttle

    run(main())


def test_loops_with_clocks_of_their_own_share_nothing() -> None:
    async def made() -> Throttle:
        return SmscClient(login="loops", password="a").throttle

    assert run(made()) is not run(made())


def test_a_client_that_is_used_in_a_second_loop_says_what_to_do() -> None:
    smsc = client(Service())

    async def once() -> None:
        await smsc.account.balance()

    run(once())
    with pytest.raises(RuntimeError, match="one client for each loop"):
        run(once())


def test_a_listener_that_raises_does_not_stop_a_call(caplog: pytest.LogCaptureFixture) -> None:
    def broken(event: Event) -> None:
        raise ValueError(event.kind)

    async def main() -> None:
        async with SmscClient(api_key="key", transport=Service(), on_event=broken) as smsc:
            await asyncio.gather(*(smsc.send("79990000000", f"{n}") for n in range(15)))

    run(main())

    assert "on_event raised" in caplog.text


def test_a_wait_is_told_with_its_rule_and_its_seconds() -> None:
    events: list[Event] = []

    async def main() -> None:
        async with SmscClient(api_key="key", transport=Service(), on_event=events.append) as smsc:
            for _ in range(11):
                await smsc.account.balance()

    run(main())

    *at_once, waiting, admitted = events
    assert at_once == [Event("admitted", "account.balance")] * 10
    assert (waiting.kind, waiting.operation, waiting.seconds) == ("waiting", "account.balance", 52)
    assert waiting.rule is not None
    assert waiting.rule.startswith("10 in 60 s")
    assert (admitted.kind, admitted.seconds) == ("admitted", 52)
    assert admitted.rule == waiting.rule


def test_a_snapshot_tells_what_is_waited_for() -> None:
    async def main() -> None:
        async with client(Service()) as smsc:
            bulk = smsc.with_options(priority="bulk")
            await bulk.account.balance()
            for n in range(20):
                asyncio.create_task(bulk.send("79990000000", f"{n}"))  # noqa: RUF006
            await asyncio.sleep(0.5)
            seen = smsc.throttle.snapshot()
            await asyncio.sleep(5)

        assert (seen.in_flight, seen.places) == (14, 14)
        assert seen.waiting == {"interactive": 0, "bulk": 6}
        assert [(at.waiting, at.seconds) for at in seen.standing] == [(6, None)]
        assert seen.standing[0].rule.startswith("14 at once")

    run(main())


async def test_a_real_exchange_goes_through_real_sockets() -> None:
    async def accept(request: Posted) -> bytes:
        return answer(BALANCE if request.path == "/sys/balance.php" else ACCEPTED)

    async with (
        serving(accept) as server,
        SmscClient(login="me", password="päss&word", base_url=server.url) as smsc,
    ):
        await smsc.account.balance()
        await smsc.send("+79990000000", "Привет & пока")

    first, second = server.posted
    assert (first.form["login"], first.form["psw"]) == ("me", "päss&word")
    assert second.form["mes"] == "Привет & пока"
    assert second.headers["host"] == server.url.removeprefix("http://")


def test_closing_turns_those_in_line_away_at_once() -> None:
    async def main() -> None:
        loop = asyncio.get_running_loop()
        smsc = client(Service())
        for _ in range(10):
            await smsc.account.balance()
        waiting = asyncio.create_task(smsc.account.balance())
        await asyncio.sleep(1)
        closed = loop.time()
        await smsc.aclose()
        with pytest.raises(NotSent, match="the client is closed"):
            await waiting
        assert loop.time() == closed

    run(main())


def test_closing_one_client_leaves_the_line_of_another_alone() -> None:
    async def main() -> None:
        throttle = Throttle()
        one, two = client(Service(), throttle), client(Service(), throttle)
        mine = [asyncio.create_task(one.send("79990000000", f"a{n}")) for n in range(20)]
        others = [asyncio.create_task(two.send("79990000000", f"b{n}")) for n in range(20)]
        await asyncio.sleep(0.5)
        await one.aclose()
        await asyncio.gather(*mine, return_exceptions=True)
        assert all(isinstance(sent, Sent) for sent in await asyncio.gather(*others))
        await two.aclose()

    run(main())


def test_a_call_on_a_closed_client_is_not_tried_again() -> None:
    async def main() -> None:
        events: list[Event] = []
        smsc = SmscClient(api_key="key", transport=Service(), on_event=events.append)
        await smsc.aclose()
        with pytest.raises(NotSent):
            await smsc.account.balance()
        assert [event.kind for event in events] == ["refused"]
        assert asyncio.get_running_loop().time() == 1000

    run(main())


def test_a_place_that_comes_when_the_deadline_is_over_is_given_back_unused() -> None:
    async def main() -> None:
        loop, late = asyncio.get_running_loop(), [0.0]

        def stall(event: Event) -> None:
            if (
                event.seconds and event.kind == "admitted"
            ):  # the program stands still before it can start
                late[0] = 60.0

        service = Service()
        smsc = SmscClient(
            api_key="key",
            transport=service,
            on_event=stall,
            clock=lambda: loop.time() + late[0],
            deadline=30,
        )
        await smsc.account.balance()
        calls = [asyncio.create_task(smsc.send("79990000000", f"{n}")) for n in range(15)]
        ended = await asyncio.gather(*calls, return_exceptions=True)
        assert [type(end) for end in ended] == [Sent] * 14 + [NotSent]
        assert "deadline" in str(ended[14])
        assert service.asked == 1 + 14
        assert smsc.throttle.snapshot().in_flight == 0
        assert not smsc.throttle._taken

    run(main())


@pytest.mark.parametrize("turns", range(8))
def test_nothing_is_sent_after_closing_whenever_a_place_comes_free(turns: int) -> None:
    async def main() -> None:
        service = Service()
        smsc = await accepted(service)
        calls = [asyncio.create_task(smsc.send("79990000000", f"{n}")) for n in range(20)]
        await asyncio.sleep(1)
        for _ in range(turns):
            await asyncio.sleep(0)
        await smsc.aclose()
        asked = service.asked
        await asyncio.gather(*calls, return_exceptions=True)
        assert service.asked == asked
        assert smsc.throttle.snapshot().in_flight == 0

    run(main())


@pytest.mark.parametrize("kind", ["waiting", "admitted"])
@pytest.mark.parametrize("crowd", [0, 14])
def test_a_listener_that_ends_the_program_leaves_no_place_behind(kind: str, crowd: int) -> None:
    class Stop(BaseException):
        pass

    stops: list[str] = []

    def stop(event: Event) -> None:
        if event.kind in stops:
            stops.clear()
            raise Stop

    async def main() -> None:
        smsc = SmscClient(api_key="key", transport=Service(), on_event=stop)
        await smsc.account.balance()
        # As tasks they would end the loop itself.
        calls = [asyncio.create_task(smsc.send("79990000000", f"{n}")) for n in range(crowd)]
        await asyncio.sleep(0)
        stops.append(kind)
        if crowd or kind == "admitted":
            with pytest.raises(Stop):
                await smsc.send("79990000000", "one more")
        await asyncio.gather(*calls)
        await smsc.aclose()
        assert smsc.throttle.snapshot().in_flight == 0
        assert smsc.throttle.snapshot().waiting == {"interactive": 0, "bulk": 0}
        assert not smsc.throttle._taken

    run(main())


def test_loops_that_were_closed_in_the_middle_of_calls_keep_no_place() -> None:
    throttle = Throttle(linger=0.0)

    async def main() -> None:
        smsc = client(Service(takes=0), throttle)
        async with asyncio.timeout(5):
            await asyncio.gather(*(smsc.send("79990000000", f"{n}") for n in range(14)))

    for _ in range(3):
        loop = asyncio.new_event_loop()
        started = asyncio.Event()

        class Never(httpx.AsyncBaseTransport):
            async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
                started.set()  # noqa: B023 - one in each round
                return await loop.create_future()  # type: ignore[no-any-return] # noqa: B023

        smsc = client(Never(), throttle)
        pending = loop.create_task(smsc.send("79990000001", f"lost {id(loop)}"))
        loop.run_until_complete(started.wait())
        loop.close()
        del pending

    asyncio.run(main())

    assert throttle._line.ledger.look(PLACE, 0).out == 0


def test_the_most_careful_client_of_an_account_decides() -> None:
    async def main() -> None:
        careless = SmscClient(login="careful", password="a", guard=0.5, linger=1)
        assert careless.throttle.guard == 0.5
        careful = SmscClient(login="careful", password="a", guard=2, linger=9)
        assert careful.throttle is careless.throttle
        assert careless.throttle.guard == 2

    run(main())


def test_one_login_is_one_account_however_it_is_spelled() -> None:
    async def main() -> None:
        one = SmscClient(login="Shop", password="a", base_url="https://smsc.ru")
        two = SmscClient(login="shop", password="a", base_url="https://www2.smsc.ru.")
        assert one.throttle is two.throttle

    run(main())


def test_ids_given_by_the_caller_are_not_remembered() -> None:
    async def main() -> None:
        smsc = client(Service())
        for n in range(100):
            await smsc.send("79990000000", f"{n}", id=n + 1)
        assert not smsc._core.pipeline()._ids._spent

    run(main())


def test_a_snapshot_tells_which_places_linger() -> None:
    async def main() -> None:
        async with client(Service(takes=100)) as smsc:
            with pytest.raises(OutcomeUnknown):
                await smsc.send("79990000000", "lost", timeout=1, on_unknown="raise")
            seen = smsc.throttle.snapshot()
            assert (seen.in_flight, seen.lingering) == (0, 1)
            await asyncio.sleep(5)
            assert smsc.throttle.snapshot().lingering == 0

    run(main())


def test_a_duplicate_that_the_service_saw_makes_everyone_pause() -> None:
    class Refusing(Service):
        async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
            await super().handle_async_request(request)
            if request.url.path.endswith("balance.php"):
                return httpx.Response(200, json=BALANCE)
            return httpx.Response(200, json={"error": "duplicate request", "error_code": 9})

    async def main() -> None:
        loop = asyncio.get_running_loop()
        async with client(Refusing(takes=0)) as smsc:
            with pytest.raises(DuplicateSend):
                await smsc.send("79990000000", "hello", on_unknown="raise")
            begun = loop.time()
            await smsc.account.balance()
            assert loop.time() - begun == pytest.approx(2)

    run(main())
