"""One client and what its process does around it: closing, loops, threads, forks."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest

from smsc_async import NotSent, OutcomeUnknown, Sent, SmscError, Throttle
from smsc_async.simulator import Settings, Simulator
from tests.faults.clients import PHONE, TRANSPORTS, TransportName, client
from tests.faults.proxy import between, fault

every_transport = pytest.mark.parametrize("transport", TRANSPORTS)
forks = pytest.mark.skipif(not hasattr(os, "fork"), reason="this system has no fork")


# Closing


@every_transport
async def test_closing_without_grace_cuts_what_is_under_way_and_says_so(
    transport: TransportName,
) -> None:
    async with between("", *[fault("read", "hang")] * 3) as proxy:
        smsc = client(proxy.url, transport=transport)
        smsc.throttle.address._accepted.add(smsc._core.pipeline()._attempts._who)
        sends = [asyncio.create_task(smsc.send(PHONE, f"hello {at}")) for at in range(3)]
        async with asyncio.timeout(20):
            while proxy.requests < 3:  # noqa: ASYNC110 - another program's progress
                await asyncio.sleep(0.01)
            await smsc.aclose(grace=0)
        ended = await asyncio.gather(*sends, return_exceptions=True)

    assert [type(error) for error in ended] == [OutcomeUnknown] * 3
    assert "cancelled" in str(ended[0])
    with pytest.raises(NotSent, match="the client is closed"):
        await smsc.send(PHONE, "hello again")


@every_transport
async def test_closing_in_the_middle_of_a_greeting_leaves_no_socket_open(
    transport: TransportName,
) -> None:
    async with between("", fault("accept", "hang")) as proxy:
        smsc = client(proxy.url.replace("http:", "https:"), transport=transport)
        send = asyncio.create_task(smsc.send(PHONE, "hello"))
        async with asyncio.timeout(20):
            while not proxy.connections:  # noqa: ASYNC110 - another program's progress
                await asyncio.sleep(0.01)
            await smsc.aclose(grace=0)
        with pytest.raises(NotSent, match="cancelled"):
            await send


@every_transport
async def test_closing_with_grace_lets_what_is_under_way_end(transport: TransportName) -> None:
    slow = Settings(latency=0.3)
    async with Simulator(slow) as sim, sim.serve() as url, between(url) as proxy:
        smsc = client(proxy.url, transport=transport)
        send = asyncio.create_task(smsc.send(PHONE, "hello"))
        async with asyncio.timeout(20):
            while not proxy.requests:  # noqa: ASYNC110 - another program's progress
                await asyncio.sleep(0.01)
            await smsc.aclose(grace=20)

        assert isinstance(await send, Sent)
        assert len(sim.accepted) == 1


# Loops and threads


@every_transport
async def test_a_second_loop_in_a_thread_is_told_what_to_do(transport: TransportName) -> None:
    async with (
        Simulator() as sim,
        sim.serve() as url,
        client(url, transport=transport) as smsc,
    ):
        await smsc.account.balance()
        with pytest.raises(RuntimeError, match="make one client for each loop"):
            await asyncio.to_thread(lambda: asyncio.run(elsewhere(smsc.account.balance)))
        await smsc.account.balance()

    assert sim.requests == 2


async def elsewhere(call: object) -> None:
    await call()  # type: ignore[operator]


@every_transport
async def test_each_thread_may_have_a_client_of_its_own(transport: TransportName) -> None:
    def other(url: str) -> str:
        async def send() -> Sent:
            async with client(url, transport=transport) as smsc:
                return await smsc.send(PHONE, "from a thread", id="thread")

        return asyncio.run(send()).id

    async with (
        Simulator() as sim,
        sim.serve() as url,
        client(url, transport=transport) as smsc,
    ):
        mine, theirs = await asyncio.gather(
            smsc.send(PHONE, "from the loop", id="loop"), asyncio.to_thread(other, url)
        )

    assert (mine.id, theirs) == ("loop", "thread")
    assert {message.id for message in sim.accepted} == {"loop", "thread"}


# Forks: in programs of their own, for a fork of the tests' process would be of its threads too

HEAD = """
import asyncio, multiprocessing, os, sys, traceback
from smsc_async import SmscClient, SmscError, Throttle

URL = sys.argv[1]
PHONE = "+79990000000"

def made(throttle=None):
    return SmscClient(login="demo", password="demo", base_url=URL, throttle=throttle)

def child(program):
    number = os.fork()
    if number == 0:
        try:
            program()
        except BaseException as error:
            print(type(error).__name__ + ": " + str(error), flush=True)
        os._exit(0)
    return number

async def ids(name, times):
    async with made() as smsc:
        for at in range(times):
            sent = await smsc.send(PHONE, f"{name} {at}", id=f"{name}-{at}")
            assert sent.id == f"{name}-{at}", "an answer was crossed"
            await smsc.account.balance()
    return "all its own"
"""


async def program(url: str, text: str, *flags: str, then: str = "") -> str:
    """Run a program to its end and return what it said; *then* is its second argument."""
    whole = HEAD + textwrap.dedent(text)
    done = await asyncio.to_thread(
        subprocess.run,
        [sys.executable, *flags, "-c", whole, url, then],
        cwd=Path(__file__).parents[2],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert not done.stderr, done.stderr
    assert not done.returncode
    return done.stdout


@forks
async def test_a_client_that_was_used_is_of_no_use_in_a_fork_and_says_so() -> None:
    async with Simulator() as sim, sim.serve() as url:
        said = await program(
            url,
            """
            loop = asyncio.new_event_loop()
            smsc = made()
            loop.run_until_complete(smsc.account.balance())

            def inside():
                asyncio.run(smsc.account.balance())

            os.waitpid(child(inside), 0)
            os.waitpid(child(lambda: asyncio.run(smsc.aclose())), 0)
            print("parent", loop.run_until_complete(smsc.account.balance()).amount)
            loop.run_until_complete(smsc.aclose())
            loop.close()
            """,
            "-Werror",
        )

    first, second, parent = said.splitlines()
    assert first == second
    assert first.startswith("RuntimeError: this client was used before the process was forked")
    assert parent == "parent 1000"
    assert sim.requests == 2


@forks
async def test_a_client_that_was_only_made_works_in_a_fork() -> None:
    async with Simulator() as sim, sim.serve() as url:
        said = await program(
            url,
            """
            smsc = made(Throttle())

            async def main():
                async with smsc:
                    print((await smsc.send(PHONE, "hello")).count)

            os.waitpid(child(lambda: asyncio.run(main())), 0)
            """,
            "-Werror",
        )

    assert said == "1\n"
    assert len(sim.accepted) == 1


@forks
async def test_a_throttle_that_was_used_is_of_no_use_in_a_fork_and_says_so() -> None:
    async with Simulator() as sim, sim.serve() as url:
        said = await program(
            url,
            """
            shared = Throttle()

            async def main():
                async with made(shared) as smsc:
                    return await smsc.account.balance()

            asyncio.run(main())
            os.waitpid(child(lambda: asyncio.run(main())), 0)
            """,
            "-Werror",
        )

    assert said.startswith("RuntimeError: this throttle was used before the process was forked")
    assert sim.requests == 1


@forks
async def test_a_fork_does_not_inherit_what_its_parent_has_in_flight() -> None:
    async with between("", *[fault("read", "hang")] * 14) as proxy:
        said = await program(
            proxy.url,
            """
            async def main():
                smsc = made()
                smsc.throttle.address._accepted.add(smsc._core.pipeline()._attempts._who)
                sends = [
                    asyncio.create_task(smsc.send(PHONE, f"hello {at}")) for at in range(14)
                ]
                while smsc.throttle.snapshot().in_flight < 14:
                    await asyncio.sleep(0.01)
                os.waitpid(child(lambda: print(asyncio.run(look()))), 0)
                await smsc.aclose(grace=0)
                await asyncio.gather(*sends, return_exceptions=True)

            async def look():
                smsc = made()
                found = smsc.throttle.snapshot().in_flight
                await smsc.aclose()
                return found

            asyncio.run(main())
            """,
        )

    assert said == "0\n"


@forks
async def test_parent_and_child_get_their_own_answers_at_the_same_time() -> None:
    async with Simulator(Settings(concurrent_limit=28)) as sim, sim.serve() as url:
        said = await program(
            url,
            """
            asyncio.run(ids("before", 1))
            number = child(lambda: print("child", asyncio.run(ids("child", 4)), flush=True))
            told = asyncio.run(ids("parent", 4))
            os.waitpid(number, 0)
            print("parent", told, flush=True)  # not in the middle of the child's line
            """,
            "-Werror",
        )

    assert sorted(said.splitlines()) == ["child all its own", "parent all its own"]
    assert len({message.id for message in sim.accepted}) == len(sim.accepted) == 9


@pytest.mark.parametrize("method", [pytest.param("fork", marks=forks), "spawn"])
async def test_workers_of_a_pool_each_have_a_client_of_their_own(method: str) -> None:
    async with Simulator(Settings(concurrent_limit=28)) as sim, sim.serve() as url:
        said = await program(
            url,
            """
            import concurrent.futures
            from tests.faults.workers import work

            asyncio.run(ids("before", 1))
            context = multiprocessing.get_context(sys.argv[2])
            with concurrent.futures.ProcessPoolExecutor(2, context) as pool:
                found = list(pool.map(work, [URL] * 2, ["one", "two"], timeout=50))
            print(found)
            """,
            then=method,
        )

    assert said == "['one', 'two']\n"
    assert {message.id for message in sim.accepted} == {"before-0", "one", "two"}


async def test_a_throttle_is_of_the_process_in_which_it_is_used(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    throttle = Throttle()
    throttle.settle_in("host", "account")
    throttle.settle_in("host", "account")
    monkeypatch.setattr(os, "getpid", lambda: -1)

    with pytest.raises(RuntimeError, match="make one in each process"):
        throttle.settle_in("host", "account")


@every_transport
async def test_a_client_of_another_process_is_told_before_anything_is_sent(
    transport: TransportName, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with Simulator() as sim, sim.serve() as url:
        async with client(url, transport=transport) as smsc:
            await smsc.account.balance()
            with monkeypatch.context() as forked:
                forked.setattr(os, "getpid", lambda: -1)
                with pytest.raises(RuntimeError, match="make a client in each process") as caught:
                    await smsc.account.balance()

        assert not isinstance(caught.value, SmscError)
        assert sim.requests == 1
