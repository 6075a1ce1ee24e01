"""No call outlives its deadline, whatever goes wrong, its repeats and questions included."""

from __future__ import annotations

import asyncio
from collections import Counter
from decimal import Decimal
from random import Random

import pytest

from smsc_async import OutcomeUnknown, SmscClient, SmscError, Throttle
from smsc_async._transport.connections import Connections
from smsc_async._transport.tls import tls_context
from smsc_async.simulator import Settings, Simulator
from tests.network import Network
from tests.troubles import CONNECT, Luck, Server, Trouble, listening
from tests.virtual import run

FREE = Settings(price=Decimal(0), latency=0.2)


def now() -> float:
    return asyncio.get_running_loop().time()


async def call(smsc: SmscClient, n: int) -> object:
    """Make a call of one kind or another."""
    phone = f"+7999{n:07}"
    match n % 4:
        case 0:
            return await smsc.send([phone, f"+7998{n:07}"], f"text {n}")
        case 1:
            return await smsc.statuses.get(n, phone)
        case 2:
            return await smsc.price(phone, f"text {n}")
        case _:
            return await smsc.send(phone, f"text {n}")


def test_no_call_outlives_its_deadline() -> None:
    chance = Random(0)
    luck = Luck(chance, connections=0.3, requests=0.6)

    async def main() -> tuple[float, Counter[str]]:
        sim = Simulator(FREE)
        network = Network(Server(sim.app, luck, chance), chance)
        connections = Connections(lambda: tls_context(None), below=network)
        outcomes = Counter[str]()
        latest = 0.0
        async with (
            sim,
            SmscClient(
                login="demo", password="demo", transport=connections, chance=chance.random
            ) as smsc,
        ):
            calls = iter(range(2_000))

            async def caller() -> None:
                nonlocal latest
                for n in calls:
                    begun, deadline = now(), chance.choice((0.3, 1.0, 5.0, 20.0, 60.0))
                    try:
                        outcome = await call(smsc.with_options(deadline=deadline), n)
                    except SmscError as error:
                        outcome = error
                    latest = max(latest, now() - begun - deadline)
                    outcomes[type(outcome).__name__] += 1

            await asyncio.gather(*(caller() for _ in range(40)))
        return latest, outcomes

    latest, outcomes = run(main())

    assert latest < 0.1
    assert set(luck.met) == set(Trouble)
    assert {"Sent", "NotSent", "NoAnswer", "OutcomeUnknown", "Throttled"} <= set(outcomes)


async def test_over_a_socket_an_answer_that_drips_does_not_outlive_the_deadline() -> None:
    async with Simulator(FREE) as sim:
        server = Server(
            sim.app, lambda where: None if where == CONNECT else Trouble.DRIPPED, gives_up=2.0
        )
        async with (
            listening(server) as url,
            SmscClient(
                login="demo", password="demo", base_url=url, deadline=2.0, throttle=Throttle()
            ) as smsc,
        ):
            begun = now()
            with pytest.raises(OutcomeUnknown, match="no answer within"):
                await smsc.send("+79990000000", "hello")
            assert now() - begun < 4.0
