"""What makes the service block an address never comes from this client."""

from __future__ import annotations

import asyncio
from collections import Counter
from pathlib import Path
from typing import Any

import httpx
import pytest

from smsc_async import (
    AddressBlocked,
    BadPhone,
    Balance,
    DuplicateSend,
    Event,
    FileThrottle,
    LoginRefused,
    NoAnswer,
    NotSent,
    OutcomeUnknown,
    Sent,
    SmscClient,
    SmscError,
    Throttle,
    Throttled,
)
from smsc_async._transport.address import Caller
from smsc_async._transport.throttle import throttle_of
from smsc_async.simulator import Block, Settings, Simulator
from tests.virtual import run

HALF_HOUR = 1800


def client(sim: Simulator, password: str = "demo", **options: Any) -> SmscClient:  # noqa: ANN401, S107 - whatever; made up
    return SmscClient(
        login="demo", password=password, transport=httpx.ASGITransport(app=sim.app), **options
    )


async def ask(smsc: SmscClient, count: int) -> Counter[type[object]]:
    calls = (smsc.raw("info.php", {"get_operator": 1, "phone": n}) for n in range(count))
    return Counter(map(type, await asyncio.gather(*calls, return_exceptions=True)))


@pytest.mark.parametrize("latency", [0.0, 1.0])
def test_programs_with_a_wrong_password_that_share_a_file_stop_before_the_service_blocks(
    tmp_path: Path, latency: float
) -> None:
    async def main() -> None:
        clock = asyncio.get_running_loop().time

        async def program() -> Counter[type[object]]:
            throttle = FileThrottle(tmp_path / "limits.db", clock=clock, boot=lambda: "boot")
            async with client(sim, "wrong", throttle=throttle) as smsc:
                ended = await ask(smsc, 2)
            throttle.close()
            return ended

        async with Simulator(Settings(latency=latency)) as sim:
            at_once = await asyncio.gather(*(program() for _ in range(6)))
            later = [await program() for _ in range(3)]
            assert sum(at_once, Counter()) == {LoginRefused: 4, Throttled: 8}
            assert later == [{Throttled: 2}] * 3
            assert (sim.requests, sim.blocked) == (4, 0)
            await asyncio.sleep(HALF_HOUR + 1)
            assert (await program())[LoginRefused] == 2

    run(main())


@pytest.mark.parametrize("latency", [0.0, 1.0])
def test_a_wrong_password_with_a_thousand_callers_is_tried_twice_in_half_an_hour(
    latency: float,
) -> None:
    async def main() -> None:
        async with Simulator(Settings(latency=latency)) as sim, client(sim, "wrong") as smsc:
            assert await ask(smsc, 1_000) == {LoginRefused: 1_000}
            assert sim.requests == 2
            begun = asyncio.get_running_loop().time()
            with pytest.raises(LoginRefused, match="refused twice") as caught:
                await smsc.send("+79990000000", "hello")
            assert caught.value.retry_after == pytest.approx(HALF_HOUR + 1, abs=latency + 0.01)
            assert asyncio.get_running_loop().time() == begun
            await asyncio.sleep(HALF_HOUR - 100)
            assert await ask(smsc, 100) == {LoginRefused: 100}
            assert sim.requests == 2
            assert sim.blocked == 0

    run(main())


def test_ten_wrong_logins_of_one_address_are_tried_four_times_in_half_an_hour() -> None:
    async def main() -> None:
        async with Simulator() as sim:
            first = Throttle()
            for n in range(10):
                throttle = Throttle()
                throttle.address = first.address
                async with client(sim, f"wrong {n}", throttle=throttle, max_wait=20) as smsc:
                    told = await ask(smsc, 100)
                    assert told.keys() <= {LoginRefused, Throttled}
            assert sim.requests == 4
            async with client(sim, throttle=first) as smsc:
                with pytest.raises(Throttled, match="4 in 30 minutes") as caught:
                    await smsc.account.balance()
                await asyncio.sleep(caught.value.retry_after)
                assert isinstance(await smsc.account.balance(), Balance)
            assert sim.blocked == 0

    run(main())


def test_all_accounts_of_a_host_have_one_address_and_each_clock_its_own() -> None:
    async def main() -> None:
        def known(family: str, account: str) -> Throttle:
            return throttle_of(family, account, guard=1.0, linger=5.0)

        assert known("smsc.ru", "a").address is known("smsc.ru", "b").address
        assert known("smsc.ru", "a") is not known("smsc.ru", "b")
        assert known("smsc.kz", "a").address is not known("smsc.ru", "a").address

    run(main())


def test_the_right_password_is_not_held_up_by_the_wrong_one() -> None:
    async def main() -> None:
        async with Simulator() as sim:
            throttle = Throttle()
            async with client(sim, "wrong", throttle=throttle) as smsc:
                assert await ask(smsc, 10) == {LoginRefused: 10}
            async with client(sim, throttle=throttle) as smsc:
                assert isinstance(await smsc.account.balance(), Balance)
                assert sim.requests == 3

    run(main())


def test_credentials_not_yet_accepted_go_one_by_one_and_then_together() -> None:
    async def main() -> None:
        async with Simulator(Settings(latency=1)) as sim, client(sim) as smsc:
            sends = [smsc.send("+79990000000", f"{n}") for n in range(29)]
            assert all(isinstance(sent, Sent) for sent in await asyncio.gather(*sends))
            arrived = Counter(request.arrived for request in sim.log)
            assert list(arrived.values()) == [1, 14, 14]

    run(main())


def test_a_password_that_is_changed_under_way_is_noticed_before_the_block() -> None:
    async def main() -> None:
        async with Simulator(Settings(latency=1)) as sim, client(sim) as smsc:
            await smsc.account.balance()
            object.__setattr__(sim.settings, "password", "changed")
            for n in range(4):
                with pytest.raises(LoginRefused):
                    await smsc.send("+79990000000", f"{n}")
            assert sim.requests == 1 + 2
            assert sim.blocked == 0

    run(main())


def test_a_login_on_trial_that_is_refused_by_a_limit_makes_room_for_the_next() -> None:
    async def main() -> None:
        async with Simulator() as sim, client(sim, on_unknown="raise") as smsc:
            sim.faults = lambda *_: "drop_before" if sim.requests == 1 else None
            with pytest.raises(OutcomeUnknown):
                await smsc.send("+79990000000", "hello")
            with pytest.raises(DuplicateSend):
                await smsc.send("+79990000000", "hello")
            assert isinstance(await smsc.account.balance(), Balance)

    run(main())


def test_an_answer_from_before_the_block_does_not_lift_it() -> None:
    async def main() -> None:
        address, me = Throttle().address, Caller(b"me", sends=False)
        trial = address.take(me)
        assert trial
        address.leave(trial, me, {"balance": "1"})
        assert address.take(me) == ()
        assert address.leave((), me, AddressBlocked("?", 4, "?")) == HALF_HOUR
        address.leave((), me, {"balance": "1"})
        await asyncio.sleep(HALF_HOUR)
        probe = address.take(me)
        assert probe
        assert address.take(me) is None
        address.leave(probe, me, {"balance": "1"})
        assert address.take(me) == ()

    run(main())


def test_who_is_tried_waits_for_no_window_while_others_wait_for_the_trial() -> None:
    async def main() -> None:
        async with Simulator() as sim, client(sim, on_unknown="raise") as smsc:
            sim.faults = lambda *_: "drop_before" if sim.requests == 1 else None
            with pytest.raises(OutcomeUnknown):
                await smsc.send("+79990000000", "hello")
            twin = asyncio.create_task(smsc.send("+79990000000", "hello", repeat=True))
            await asyncio.sleep(1)
            assert isinstance(await smsc.send("+79990000000", "other", max_wait=5), Sent)
            assert isinstance(await twin, Sent)

    run(main())


def test_many_right_logins_may_start_at_once_at_one_address() -> None:
    async def main() -> None:
        async with Simulator(Settings(latency=1)) as sim:
            first, clients = Throttle(), []
            for n in range(10):
                throttle = Throttle()
                throttle.address = first.address
                clients.append(
                    SmscClient(
                        login="demo",
                        password="demo",
                        account=f"sub-account {n}",
                        transport=httpx.ASGITransport(app=sim.app),
                        throttle=throttle,
                    )
                )
            balances = await asyncio.gather(*(smsc.account.balance() for smsc in clients))
            assert len(balances) == 10
            for smsc in clients:
                await smsc.aclose()

    run(main())


def test_one_refusal_by_accident_stops_nobody() -> None:
    async def main() -> None:
        async with Simulator(Settings(latency=1)) as sim, client(sim) as smsc:
            await smsc.account.balance()
            for _ in range(2):  # two, but not in a row
                sim.faults = lambda path, *_: 2 if path == "users.php" else None
                with pytest.raises(LoginRefused):
                    await smsc.raw("users.php", {"get_balance": 1}, repeat=True)
                sends = (
                    smsc.send("+79990000000", f"{asyncio.get_running_loop().time()} {n}")
                    for n in range(10)
                )
                assert all(isinstance(sent, Sent) for sent in await asyncio.gather(*sends))
                await asyncio.sleep(61)

    run(main())


def test_a_login_whose_answers_are_lost_is_not_taken_for_a_wrong_one() -> None:
    async def main() -> None:
        async with Simulator() as sim, client(sim, attempts=1) as smsc:
            sim.faults = lambda *_: "drop_before" if sim.requests < 9 else None
            for _ in range(8):
                with pytest.raises(NoAnswer):
                    await smsc.account.balance()
            assert isinstance(await smsc.account.balance(), Balance)

    run(main())


def test_nothing_is_sent_while_the_address_is_blocked(caplog: pytest.LogCaptureFixture) -> None:
    events: list[Event] = []

    async def main() -> None:
        async with Simulator() as sim:
            throttle, other = Throttle(), Throttle()
            other.address = throttle.address
            async with (
                client(sim, throttle=throttle, on_event=events.append) as smsc,
                client(sim, "wrong", throttle=other) as stranger,
            ):
                await smsc.account.balance()
                sim.block(HALF_HOUR)
                with pytest.raises(AddressBlocked) as caught:
                    await smsc.send("+79990000000", "hello")
                assert caught.value.retry_after is None
                for _ in range(29):
                    await asyncio.sleep(60)
                    assert await ask(smsc, 20) == {AddressBlocked: 20}
                    assert await ask(stranger, 20) == {AddressBlocked: 20}
                with pytest.raises(AddressBlocked, match="not before 60 s"):
                    await smsc.send("+79990000000", "hello")
                assert sim.blocked == 1
                await asyncio.sleep(60)
                assert isinstance(await smsc.send("+79990000000", "hello"), Sent)
                assert sim.blocked == 1

    run(main())

    assert [event.seconds for event in events if event.kind == "paused"] == [HALF_HOUR]
    assert [record.levelname for record in caplog.records] == ["ERROR"]


def test_after_a_block_one_request_finds_out_and_a_block_that_stays_is_waited_out_longer() -> None:
    async def main() -> None:
        async with Simulator(Settings(latency=1)) as sim, client(sim) as smsc:
            await smsc.account.balance()
            sim.block(20 * HALF_HOUR)
            pauses = []
            for _ in range(5):
                told = await ask(smsc, 14)
                assert told == {AddressBlocked: 14}
                with pytest.raises(AddressBlocked) as caught:
                    await smsc.account.balance()
                assert caught.value.retry_after
                pauses.append(round(caught.value.retry_after / HALF_HOUR))
                await asyncio.sleep(caught.value.retry_after)
            assert pauses == [1, 2, 4, 8, 8]
            assert sim.blocked == 14 + 4  # all that were under way when it came, then one each
            assert len(await ask(smsc, 40)) == 1
            assert max(Counter(r.arrived for r in sim.log[-40:]).values()) <= 14
            sim.block(HALF_HOUR)
            await ask(smsc, 1)
            with pytest.raises(AddressBlocked) as caught:
                await smsc.account.balance()
            assert caught.value.retry_after == pytest.approx(HALF_HOUR, abs=1)

    run(main())


def test_a_run_of_refused_sends_slows_down_long_before_the_service_blocks() -> None:
    async def main() -> None:
        async with (
            Simulator(Settings(refused={f"7999{n:07}": 7 for n in range(400)}, latency=1)) as sim,
            client(sim, max_wait=100_000) as smsc,
        ):
            calls = (smsc.send(f"+7999{n:07}", "hello") for n in range(400))
            ended = await asyncio.gather(*calls, return_exceptions=True)
            assert {type(end) for end in ended} == {BadPhone}
            assert sim.blocked == 0
            at = [request.ended for request in sim.log]
            assert max(sum(0 <= later - one < 600 for later in at) for one in at) < 100
            assert at[-1] - at[0] < 400 * 17
            assert isinstance(await smsc.account.balance(), Balance)

    run(main())


def test_a_send_that_is_taken_ends_the_run() -> None:
    async def main() -> None:
        async with (
            Simulator(Settings(refused={"79990000007": 7})) as sim,
            client(sim) as smsc,
        ):
            errors: list[SmscError] = []
            for n in range(200):
                try:
                    await smsc.send("+79990000007", f"{n}")
                except BadPhone as error:
                    errors.append(error)
                if n % 40 == 39:
                    await smsc.send("+79990000000", f"{n}")
                    await asyncio.sleep(61)  # the flood rule
            assert len(errors) == 200
            assert sim.blocked == 0

    run(main())


def test_a_run_lets_one_through_from_time_to_time_and_a_good_one_ends_it() -> None:
    async def main() -> None:
        bad = {f"7999{n:07}": 7 for n in range(60)}
        async with Simulator(Settings(refused=bad)) as sim, client(sim) as smsc:
            for n in range(42):
                with pytest.raises(BadPhone):
                    await smsc.send(f"+7999{n:07}", "hello")
            with pytest.raises(Throttled, match="counting sends in a run of refused ones"):
                await smsc.send("+79990000050", "hello", max_wait=5)
            assert isinstance(await smsc.account.balance(), Balance)
            begun = asyncio.get_running_loop().time()
            sends = [smsc.send("+79991234567", f"good {n}", max_wait=600) for n in range(30)]
            assert all(isinstance(sent, Sent) for sent in await asyncio.gather(*sends))
            assert asyncio.get_running_loop().time() - begun <= 16

    run(main())


def test_closing_turns_away_those_who_are_spaced() -> None:
    async def main() -> None:
        bad = {f"7999{n:07}": 7 for n in range(60)}
        async with Simulator(Settings(refused=bad)) as sim:
            smsc = client(sim)
            for n in range(41):
                with pytest.raises(BadPhone):
                    await smsc.send(f"+7999{n:07}", "hello")
            spaced = asyncio.create_task(smsc.send("+79991234567", "hello"))
            await asyncio.sleep(1)
            begun = asyncio.get_running_loop().time()
            await smsc.aclose()
            with pytest.raises(NotSent, match="closed"):
                await spaced
            assert asyncio.get_running_loop().time() == begun

    run(main())


def test_without_this_care_the_service_would_block() -> None:
    """The simulator does what the tests above rely on."""

    async def main() -> None:
        settings = Settings(wrong_logins=Block(5, 1800, 1800))
        async with Simulator(settings) as sim:
            for n in range(8):
                async with client(sim, "wrong", throttle=Throttle()) as smsc:
                    with pytest.raises(AddressBlocked if n >= 5 else LoginRefused):
                        await smsc.account.balance()
            assert sim.blocked == 3

    run(main())


@pytest.mark.parametrize("step", range(12))
def test_a_caller_that_is_cancelled_in_line_leaves_it_as_it_was(step: int) -> None:
    async def main() -> None:
        async with Simulator(Settings(latency=1)) as sim, client(sim) as smsc:
            calls = [asyncio.create_task(smsc.send("+79990000000", f"{n}")) for n in range(10)]
            for _ in range(step):
                await asyncio.sleep(0.1)
            for call in calls[::3]:
                call.cancel()
            ended = await asyncio.gather(*calls, return_exceptions=True)
            assert all(isinstance(end, Sent | asyncio.CancelledError) for end in ended)
            await asyncio.sleep(3)
            assert smsc.throttle.snapshot().in_flight == 0
            for gate in (smsc.throttle, smsc.throttle.address._gate):
                assert not gate._taken
                assert not gate._waiting
            assert isinstance(await smsc.account.balance(), Balance)

    run(main())
