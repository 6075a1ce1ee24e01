"""While the service is away it is not stormed; when it is back, so are the calls."""

from __future__ import annotations

import asyncio
import os
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from random import Random

import pytest

from smsc_async import Event, Price, Sent, SmscClient, SmscError
from smsc_async._transport import retry
from smsc_async._transport.connections import Connections
from smsc_async._transport.tls import tls_context
from smsc_async.simulator import Settings, Simulator
from tests.network import Network
from tests.troubles import CONNECT, OF_CONNECTIONS, Server, Trouble
from tests.virtual import run

MINUTE = 60.0
EVERY = 0.1  # seconds between two calls: 600 a minute
# Twenty minutes where the variable asks for more than the usual run, two for the short one.
BEFORE, AFTER = 2 * MINUTE, 2 * MINUTE
FULL = int(os.environ.get("SMSC_SEEDS", "1"))
AWAY = (20 if FULL > 1 else 5 if FULL else 2) * MINUTE
BEGUN = 1_800_000_000  # the time of day when the loop's clock shows 0


@dataclass(frozen=True)
class Call:
    """One call: when it was made, how long it took, and what it brought."""

    at: float  # seconds since the first one
    seconds: float
    brought: Sent | Price | SmscError


class Outage:
    """Nothing but one *trouble* for a while."""

    def __init__(self, trouble: Trouble) -> None:
        self._trouble = trouble
        self._begun = now()

    def away(self) -> bool:
        return BEFORE <= now() - self._begun < BEFORE + AWAY

    def __call__(self, where: str) -> Trouble | None:
        if not self.away():
            return None
        if self._trouble in OF_CONNECTIONS:
            return self._trouble if where == CONNECT else Trouble.CUT_OFF  # those that were there
        return None if where == CONNECT else self._trouble


def now() -> float:
    return asyncio.get_running_loop().time()


def wall() -> float:
    return BEGUN + now()


async def counted(network: Network) -> tuple[int, int]:
    """Return how many attempts there were to reach what was away, and how many asked of sends."""

    def made() -> tuple[int, int]:
        requests = network.server.requests
        return network.failed + requests.total(), requests["status.php"]

    await asyncio.sleep(BEFORE)
    before = made()
    await asyncio.sleep(AWAY)
    after = made()
    return after[0] - before[0], after[1] - before[1]


def played(trouble: Trouble) -> tuple[list[Call], int, int]:
    """Call all the time, with an outage in the middle.

    Return the calls, how many attempts there were to reach the service that was away, and how many
    of them were repeats or questions.
    """
    chance = Random(0)

    async def main() -> tuple[list[Call], int, int]:
        outage, begun = Outage(trouble), now()
        repeated: list[float] = []

        def hear(event: Event) -> None:
            if event.kind == "repeated" and outage.away():
                repeated.append(now())

        async def call(n: int) -> Call:
            await asyncio.sleep(n * EVERY)
            at = now()
            brought: Sent | Price | SmscError
            try:
                brought = await (smsc.send if n % 2 else smsc.price)(f"+7999{n:07}", f"text {n}")
            except SmscError as error:
                brought = error
            return Call(at - begun, now() - at, brought)

        settings = Settings(latency=0.2, price=Decimal(0))
        sim = Simulator(settings, wall=lambda: datetime.fromtimestamp(wall(), UTC))
        network = Network(Server(sim.app, outage), chance)
        connections = Connections(lambda: tls_context(None), below=network)
        async with (
            sim,
            SmscClient(
                login="demo",
                password="demo",
                transport=connections,
                wall=wall,
                chance=chance.random,
                on_event=hear,
            ) as smsc,
        ):
            counting = asyncio.create_task(counted(network))
            count = round((BEFORE + AWAY + AFTER) / EVERY)
            calls = await asyncio.gather(*(call(n) for n in range(count)))
            made, questions = await counting
        return calls, made, len(repeated) + questions

    return run(main())


@pytest.mark.parametrize(
    "trouble",
    [Trouble.REFUSED, Trouble.SILENT, Trouble.BROKEN, Trouble.PAGE_BEFORE],
    ids=lambda trouble: trouble.name.lower(),
)
def test_an_outage_is_not_made_worse_by_repeats_and_leaves_nothing_behind(trouble: Trouble) -> None:
    calls, made, again = played(trouble)

    back = BEFORE + AWAY
    answered = [call.at + call.seconds for call in calls if isinstance(call.brought, Sent | Price)]
    assert not any(BEFORE + 1 < at < back for at in answered)
    # The calls of the minute before allow some as well, and what was asked before it was known that
    # the service is away comes on top.
    assert again <= retry.SHARE * (made - again + MINUTE / EVERY) + retry.AWAY
    if FULL:  # in the short run the minute before weighs too much
        assert again < 0.1 * AWAY / EVERY
    after = [call for call in calls if call.at >= back]
    assert all(isinstance(call.brought, Sent | Price) for call in after)
    # What was under way must end first: connecting is given up after ten seconds.
    assert min(at for at in answered if at > back) < back + 12
    # Then those go on who waited; at the end nobody waits any more.
    assert max(call.seconds for call in after[-600:]) < 2
