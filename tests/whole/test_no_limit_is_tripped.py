"""The whole client against the simulator, in process and on a virtual clock."""

from __future__ import annotations

import asyncio
import itertools
import random
from collections.abc import AsyncIterator, Coroutine, Sequence
from contextlib import asynccontextmanager
from decimal import Decimal
from typing import Any

import httpx
import pytest

from smsc_async import (
    BadPhone,
    Balance,
    DuplicateSend,
    Flash,
    LoginRefused,
    NoMoney,
    NotFound,
    Price,
    Sent,
    SmscClient,
    Throttle,
)
from smsc_async.simulator import Identical, Settings, Simulator
from tests.virtual import run


def client(sim: Simulator, throttle: Throttle | None = None, **options: float) -> SmscClient:
    return SmscClient(
        login="demo",
        password="demo",
        transport=httpx.ASGITransport(app=sim.app),
        throttle=throttle,
        timeout=200,
        **options,  # type: ignore[arg-type]
    )


@asynccontextmanager
async def world(
    settings: Settings, **options: float
) -> AsyncIterator[tuple[Simulator, SmscClient]]:
    async with Simulator(settings) as sim, client(sim, None, **options) as smsc:
        yield sim, smsc


READINGS = list(
    itertools.product(["all", "no_id", "message"], [False, True], [False, True], range(2))
)


def heavy(chance: random.Random) -> tuple[float, float]:
    """Most requests take half a second, a few over a minute, on the way or at the service."""
    tail = 60 if chance.random() < 0.05 else 0.5
    return chance.random() * tail, chance.random() * tail


def everything(clients: Sequence[SmscClient]) -> list[Coroutine[Any, Any, object]]:
    """Return more calls than any limit allows at once, each kind over its own limit.

    The same question is asked by several clients of one login, for one would ask it once.
    """
    smsc = clients[0]
    phone = "+79990000000"
    history = [{"get_messages": 1, "cnt": cnt} for cnt in range(2, 35)]
    operators = [{"get_operator": 1, "phone": 79990000000 + n} for n in range(230)]
    statuses = [{"id": f"{n}", "phone": "7"} for n in range(2, 40)]
    spellings = (phone, "79990000000", " 79990000000")
    return [
        *(smsc.send(phone, "again", repeat=True) for _ in range(4)),
        *(smsc.send("89990000000", Flash(text="again"), repeat=True) for _ in range(2)),
        *(smsc.send_each([(phone, "again")], repeat=True) for _ in range(2)),
        *(smsc.send("+79990000001", f"flood {n}") for n in range(120)),
        *(smsc.send(f"+7999111{n:04}", "one text") for n in range(100)),
        *(one.price(phone, "how much") for one in clients[:12]),
        *(one.account.balance() for one in clients),
        *(one.raw("get.php", {"get_messages": 1, "cnt": 1}) for one in clients[:7]),
        *(smsc.raw("get.php", params) for params in history),
        *(one.raw("get.php", {"get_price": 1}) for one in clients[:7]),
        *(smsc.raw("info.php", params) for params in operators),
        *(smsc.raw("status.php", params) for params in statuses),
        *(
            one.raw("status.php", {"id": "1", "phone": number})
            for number in spellings
            for one in clients[:4]
        ),
        *(one.raw("status.php", {"id": "1,2", "phone": "7,8"}) for one in clients[:3]),
    ]


@pytest.mark.parametrize(("identical", "whole_seconds", "refusals_count", "seed"), READINGS)
def test_no_reading_of_the_limits_ever_refuses_the_client(
    *, identical: Identical, whole_seconds: bool, refusals_count: bool, seed: int
) -> None:
    async def main() -> Simulator:
        settings = Settings(
            identical=identical,
            whole_seconds=whole_seconds,
            refusals_count=refusals_count,
            delays=heavy,
            seed=seed,
        )
        async with world(settings, max_wait=20_000) as (sim, smsc):
            clients = [smsc, *(client(sim, smsc.throttle, max_wait=20_000) for _ in range(24))]
            calls = everything(clients)
            random.Random(seed).shuffle(calls)
            ended = await asyncio.gather(*calls, return_exceptions=True)
            faults = [e for e in ended if isinstance(e, BaseException)]
            assert all(isinstance(fault, NotFound) for fault in faults)
            return sim

    sim = run(main())

    assert [refusal for refusal in sim.refusals if refusal.code == 9] == []
    assert sim.most_at_once <= 14
    assert sim.requests == len(sim.log)


def test_a_send_is_what_the_service_says_it_is() -> None:
    async def main() -> tuple[Sent, Price, Balance, Simulator]:
        async with world(Settings(balance=Decimal(100), price=Decimal("1.5"))) as (sim, smsc):
            sent = await smsc.send(
                ["+79990000000", "8 (999) 111-22-33"], "Здравствуйте", report=True
            )
            return (
                sent,
                await smsc.price("+79990000000", "a" * 161),
                await smsc.account.balance(),
                sim,
            )

    sent, price, balance, sim = run(main())

    assert sent.phones == ("+79990000000", "89991112233")
    assert (sent.count, sent.cost, sent.balance) == (2, Decimal("3.0"), Decimal(97))
    assert [line.phone for line in sent.report] == ["79990000000", "79991112233"]
    assert (price.count, price.cost) == (2, Decimal("3.0"))
    assert balance.amount == 97
    assert [message.text for message in sim.accepted] == ["Здравствуйте"] * 2
    assert {str(message.id) for message in sim.accepted} == {sent.id}


def test_a_list_arrives_with_each_text_at_its_phone() -> None:
    async def main() -> Simulator:
        async with world(Settings()) as (sim, smsc):
            await smsc.send_each([("79990000000", "two\nlines: yes"), ("79990000001", "Привет; и")])
            return sim

    sim = run(main())

    assert [(m.phone, m.text) for m in sim.accepted] == [
        ("79990000000", "two\nlines: yes"),
        ("79990000001", "Привет; и"),
    ]


def test_a_twin_is_refused_here_until_its_minute_is_over() -> None:
    async def main() -> Simulator:
        async with world(Settings(latency=1)) as (sim, smsc):
            await smsc.send("+79990000000", "hello")
            await asyncio.sleep(60.5)
            with pytest.raises(DuplicateSend):
                await smsc.send("79990000000", "hello")
            await asyncio.sleep(0.6)
            await smsc.send("79990000000", "hello")
            return sim

    sim = run(main())

    assert len(sim.accepted) == 2
    assert len({message.id for message in sim.accepted}) == 2


def test_refusals_are_named_by_what_to_do_next() -> None:
    async def main() -> None:
        async with world(Settings(balance=Decimal(0))) as (_, smsc):
            with pytest.raises(NoMoney) as caught:
                await smsc.send("+79990000000", "hello", id="mine")
            assert caught.value.id == "mine"
        async with world(Settings(refused={"79990000000": 7})) as (_, smsc):
            with pytest.raises(BadPhone):
                await smsc.send("+79990000000", "hello")
        async with world(Settings(password="other")) as (_, smsc):
            with pytest.raises(LoginRefused):
                await smsc.account.balance()

    run(main())
