"""Whatever the network does, each send is known to be accepted, or not, or unknown; none is twice.

One client, the simulator, and between them every trouble of a network, seeded.
"""

from __future__ import annotations

import asyncio
import dataclasses
import itertools
import os
from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from random import Random

import pytest

from smsc_async import (
    ApiError,
    BadPhone,
    NotSent,
    OutcomeUnknown,
    Sent,
    SmscClient,
    SmscError,
    Throttle,
)
from smsc_async._transport.connections import Connections
from smsc_async._transport.tls import tls_context
from smsc_async._wire.limits import Lane
from smsc_async.simulator import Message, Settings, Simulator
from tests.network import Network
from tests.troubles import OF_REQUESTS, Luck, Server, Trouble, listening
from tests.virtual import run

RICH = Decimal(10**9)
BEGUN = 1_800_000_000  # the time of day when the loop's clock shows 0

# So many seeds run in full: one, unless the variable says how many. The others run in short.
FULL = int(os.environ.get("SMSC_SEEDS", "1"))
SENDS, FEWER = 10_000, 2_000
OVER_SOCKETS = 1_000 if FULL else 200
CALLERS = (100, 200, 50)  # at a time, by seed


MESSAGE = Message(
    number=1,
    id="a",
    phone="79990000000",
    text="text",
    kind="sms",
    sender="",
    comment="",
    parts=1,
    cost=Decimal(1),
    at=0.0,
    due=0.0,
    seen=0.0,
    sent=datetime.fromtimestamp(BEGUN, UTC),
    request=1,
)


@dataclass(frozen=True)
class Plan:
    """A send to make: who gets which text."""

    texts: dict[str, str]
    each: bool
    id: str | None
    lane: Lane

    async def send(self, smsc: SmscClient) -> Sent | SmscError:
        try:
            if self.each:
                return await smsc.send_each(self.texts.items(), id=self.id, priority=self.lane)
            text = next(iter(self.texts.values()))
            return await smsc.send([*self.texts], text, id=self.id, priority=self.lane)
        except SmscError as error:
            return error


def planned(chance: Random, count: int) -> Iterator[Plan]:
    """Plan sends of every kind; no phone and no text occurs twice."""
    phones = (f"7999{n:07}" for n in itertools.count())
    for n in range(count):
        kind = chance.random()
        many = 1 if kind < 0.7 else chance.randrange(2, 6)
        to = list(itertools.islice(phones, many))
        each = kind >= 0.9
        yield Plan(
            {phone: f"text {n} to {phone}" if each else f"text {n}" for phone in to},
            each,
            f"order-{n}" if chance.random() < 0.3 else None,
            chance.choice(("interactive", "bulk")),
        )


Ended = list[tuple[Plan, Sent | SmscError]]


def unwanted(plans: list[Plan]) -> dict[str, int]:
    """Choose some phones that the service refuses: the only one of every fiftieth send."""
    return {phone: 7 for plan in plans[::50] if len(plan.texts) == 1 for phone in plan.texts}


async def campaign(smsc: SmscClient, plans: list[Plan], callers: int) -> Ended:
    """Make the sends of *plans*, *callers* at a time."""
    ended: Ended = []
    left = iter(plans)

    async def caller() -> None:
        for plan in left:
            ended.append((plan, await plan.send(smsc)))

    await asyncio.gather(*(caller() for _ in range(callers)))
    return ended


def lies(ended: Ended, accepted: list[Message]) -> list[str]:
    """Tell which outcomes are not true of what the service accepted."""
    there: defaultdict[str, list[tuple[str, str]]] = defaultdict(list)
    for message in accepted:
        there[message.phone].append((message.id, message.text))
    found: list[str] = []
    for plan, outcome in ended:
        for phone, text in plan.texts.items():
            match outcome:
                case Sent(id=id):
                    true = there[phone] == [(id, text)] and plan.id in (None, id)
                case OutcomeUnknown(id=id, accepted=known):
                    certain = there[phone] == [(id or "", text)]
                    true = certain or (phone not in known and not there[phone])
                case NotSent() | ApiError():
                    true = not there[phone]
                case _:
                    true = False
            if not true:
                found.append(f"{outcome!r}: {phone} got {there[phone]}")
    return found


def test_what_is_lost_or_twice_or_under_another_id_is_seen() -> None:
    def found(outcome: Sent | SmscError, *ids: str) -> bool:
        plan = Plan({"79990000000": "text"}, each=False, id=None, lane="bulk")
        accepted = [dataclasses.replace(MESSAGE, id=known) for known in ids]
        return bool(lies([(plan, outcome)], accepted))

    sent = Sent(id="a", phones=("79990000000",), count=1)
    unknown = OutcomeUnknown("send", "?", "a", ("79990000000",), datetime.now(UTC))
    assert not found(sent, "a")
    assert not found(unknown, "a")
    assert not found(unknown)
    assert not found(NotSent("send", "?"))
    assert found(sent)
    assert found(sent, "b")
    assert found(sent, "a", "a")
    assert found(unknown, "b")
    assert found(unknown, "a", "a")
    assert found(NotSent("send", "?"), "a")
    assert found(BadPhone("send", 7, "?"), "a")


def told(ended: Ended) -> Counter[str]:
    """Count the outcomes by name, settled ones apart."""
    return Counter(
        "settled" if isinstance(outcome, Sent) and outcome.settled else type(outcome).__name__
        for _, outcome in ended
    )


@dataclass(frozen=True)
class World:
    """What is left when all calls have ended."""

    sim: Simulator
    ended: Ended
    met: Counter[Trouble]
    held: int  # of the limits
    connections: int
    tasks: int


def played(seed: int, count: int) -> World:
    """Make *count* sends over the network in memory."""
    chance = Random(seed)
    plans = list(planned(chance, count))
    settings = Settings(balance=RICH, latency=0.2, jitter=0.2, seed=seed, refused=unwanted(plans))

    async def main() -> World:
        clock = asyncio.get_running_loop().time

        def wall() -> float:
            return BEGUN + clock()

        sim = Simulator(settings, wall=lambda: datetime.fromtimestamp(wall(), UTC))
        luck = Luck(chance)
        network = Network(Server(sim.app, luck, chance), chance)
        connections = Connections(lambda: tls_context(None), below=network)
        async with (
            sim,
            SmscClient(
                login="demo",
                password="demo",
                transport=connections,
                wall=wall,
                chance=chance.random,
            ) as smsc,
        ):
            ended = await campaign(smsc, plans, CALLERS[seed % len(CALLERS)])
            await asyncio.sleep(60)  # what is late arrives
            snapshot = smsc.throttle.snapshot()
        await asyncio.sleep(60)
        return World(
            sim,
            ended,
            luck.met,
            snapshot.in_flight + snapshot.lingering + sum(snapshot.waiting.values()),
            connections.open + network.open,
            len(asyncio.all_tasks()) - 1,
        )

    return run(main())


@pytest.mark.parametrize("seed", range(max(3, FULL)), ids="seed {}".format)
def test_whatever_the_network_does_no_send_is_lost_and_none_is_twice(seed: int) -> None:
    world = played(seed, SENDS if seed < FULL else FEWER)

    outcomes = told(world.ended)
    assert lies(world.ended, world.sim.accepted) == [], outcomes
    assert set(world.met) == set(Trouble)
    assert {"Sent", "settled", "OutcomeUnknown", "BadPhone", "DuplicateSend"} <= set(outcomes)
    assert [refusal for refusal in world.sim.refusals if refusal.code == 9] == []
    assert world.sim.most_at_once <= 14
    assert (world.held, world.connections, world.tasks) == (0, 0, 0)


async def test_over_real_sockets_no_send_is_lost_and_none_is_twice() -> None:
    chance = Random(0)
    plans = list(planned(chance, OVER_SOCKETS))
    # Without error 9: each would stop everything for two seconds.
    requests = tuple(kind for kind in OF_REQUESTS if kind not in (Trouble.BUSY, Trouble.TWIN))
    luck = Luck(chance, of_connections=(Trouble.RESET,), of_requests=requests)
    sim = Simulator(Settings(balance=RICH, refused=unwanted(plans)))
    connections = Connections(lambda: tls_context(None))
    server = Server(sim.app, luck, chance, gives_up=0.4, linger=0.4)
    async with sim, listening(server) as url:
        async with SmscClient(
            login="demo",
            password="demo",
            base_url=url,
            transport=connections,
            throttle=Throttle(linger=0.1),
            timeout=0.4,
            settle_for=1.0,
        ) as smsc:
            ended = await campaign(smsc, plans, 60)
        assert connections.open == 0

    outcomes = told(ended)
    assert lies(ended, sim.accepted) == [], outcomes
    assert set(luck.met) <= {Trouble.RESET, *requests}
    assert not FULL or set(luck.met) == {Trouble.RESET, *requests}
    assert {"Sent", "settled", "OutcomeUnknown"} <= set(outcomes)
    assert [refusal for refusal in sim.refusals if refusal.code == 9] == []
