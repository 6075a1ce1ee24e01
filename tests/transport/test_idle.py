"""An idle connection is left before the server leaves it, so that no send meets a closed one."""

from __future__ import annotations

import asyncio
import os
import random
from collections import Counter
from decimal import Decimal

import pytest

from smsc_async import OutcomeUnknown, SmscClient
from smsc_async._transport.connections import KEEP_ALIVE, Connections
from smsc_async._transport.tls import tls_context
from smsc_async.simulator import Settings, Simulator
from tests.network import Network
from tests.troubles import Server, listening
from tests.virtual import run

FREE = Settings(price=Decimal(0))
SENDS = 10_000 if int(os.environ.get("SMSC_SEEDS", "1")) else 1_000


def gap(chance: random.Random, idle: float) -> float:
    """Return seconds between two sends: any, or about when one of the ends lets go."""
    kind = chance.random()
    if kind < 0.4:
        return chance.uniform(0.0, 8.0)
    return chance.gauss(KEEP_ALIVE if kind < 0.7 else idle, 0.3)


def spaced(idle: float, sends: int, keep_alive: float = KEEP_ALIVE) -> tuple[int, int, int]:
    """Send to a server that closes what is *idle*, whose news of it are late.

    Return how many sends are unknown, how many were not accepted once, and how many connections
    it took.
    """
    chance = random.Random(idle)

    async def main() -> tuple[int, int, int]:
        sim = Simulator(FREE)
        server = Server(sim.app, idle=idle)
        network = Network(server, chance, delays=(0.02, 0.3), end_delay=0.6)
        connections = Connections(lambda: tls_context(None), below=network, keep_alive=keep_alive)
        unknown = 0
        async with (
            sim,
            SmscClient(
                login="demo", password="demo", transport=connections, on_unknown="raise"
            ) as smsc,
        ):
            for n in range(sends):
                try:
                    await smsc.send(f"+7999{n:07}", f"text {n}")
                except OutcomeUnknown:
                    unknown += 1
                await asyncio.sleep(max(0.0, gap(chance, idle)))
        accepted = Counter(message.phone for message in sim.accepted)
        once = sum(accepted[f"7999{n:07}"] == 1 for n in range(sends))
        assert server.closed_idle > sends / 10
        assert network.open == connections.open == 0
        return unknown, sends - once, network.opened

    return run(main())


@pytest.mark.parametrize(("idle", "sends"), [(5.0, SENDS), (2.0, SENDS // 3)])
def test_no_send_meets_a_connection_that_the_server_closed(idle: float, sends: int) -> None:
    unknown, astray, opened = spaced(idle, sends)

    assert (unknown, astray) == (0, 0)
    assert opened < 0.9 * sends, "those used lately are used again"


def test_were_idle_connections_kept_longer_sends_would_be_lost() -> None:
    unknown, astray, _ = spaced(5.0, 1_000, keep_alive=6.0)

    assert unknown == astray > 10


async def test_no_send_over_a_socket_meets_a_connection_that_the_server_closed() -> None:
    async with Simulator(FREE) as sim:
        server = Server(sim.app, idle=1.2)
        async with (
            listening(server) as url,
            SmscClient(
                login="demo",
                password="demo",
                base_url=url,
                transport=Connections(lambda: tls_context(None), keep_alive=0.2),
                on_unknown="raise",
            ) as smsc,
        ):
            for n, pause in enumerate([0.1, 0.2, 0.2, 0.3, 0.6, 1.19, 1.2, 1.21, 1.4]):
                await asyncio.gather(
                    *(smsc.send(f"+7999{who:04}{n:03}", f"text {n} {who}") for who in range(14))
                )
                await asyncio.sleep(pause)

    assert server.closed_idle > 0
    assert len({message.phone for message in sim.accepted}) == len(sim.accepted) == 9 * 14
