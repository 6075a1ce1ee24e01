"""For every row of the limits: never one too many, and never slower than that forces it to be."""

from __future__ import annotations

import asyncio
import itertools
import os
from collections import Counter
from collections.abc import Awaitable, Callable, Coroutine
from typing import Any

import pytest

from smsc_async import SmscClient, Throttle
from smsc_async._codec import addressed, fingerprint
from smsc_async._slices import at_once
from smsc_async._throttle.keys import Slot, recipient, slots
from smsc_async._transport.admission import Admission
from smsc_async._wire import codes, limits
from smsc_async._wire.limits import Lane, Row
from tests.virtual import run

from .model import Network, Service
from .optimum import Request, floor, plan
from .programs import IDS, ROWS, program
from .reading import READINGS, Arrival, broken, row_of
from .transport import HELLO, ServiceTransport

# The laws hold for any seed: more of them run when the variable says how many.
SEEDS = range(max(1, int(os.environ.get("SMSC_SEEDS", "2"))))
SLOWER = 1.01

rows = pytest.mark.parametrize("row", ROWS, ids=IDS)
seeds = pytest.mark.parametrize("seed", SEEDS, ids="seed {}".format)
bursts = pytest.mark.parametrize("burst", [True, False], ids=["at once", "by chance"])


def asked(request: Request) -> tuple[Slot, ...]:
    row = limits.find(request.path, request.params)
    phones = request.params.get("phones", "")
    messages = at_once(addressed(request.params)) if row.path == codes.SEND else ()
    same = at_once(fingerprint(row, request.params, messages, message_only=True))
    recipients = map(recipient, phones.split(",") if phones else ())
    return slots(row, request.params, same=same, recipients=recipients)


async def through_the_gate(
    requests: list[Request],
    service: Service,
    *,
    lane: Callable[[int], Lane] = lambda _: "interactive",
    timeout: float = 1_000.0,
) -> list[float]:
    """Make the requests; return how many seconds after the beginning each was answered."""
    loop, throttle = asyncio.get_running_loop(), Throttle()
    begun = loop.time()

    async def call(at: int, request: Request) -> float:
        if request.wanted:
            await asyncio.sleep(request.wanted)
        params = {**request.params, "id": str(at)} if request.path == "send.php" else request.params
        taken = asked(request)
        ask = Admission(request.path, taken, lane(at), float("inf"), unique=False)
        await throttle.admit(ask, lambda _: None)
        exchange = asyncio.ensure_future(service.handle(request.path, params))
        answered, _ = await asyncio.wait([exchange], timeout=timeout)
        throttle.leave(taken, "done" if answered else "lost")
        await exchange
        return loop.time() - begun

    ends = await asyncio.gather(*(call(at, request) for at, request in enumerate(requests)))
    assert throttle.snapshot().in_flight == 0
    assert throttle.snapshot().waiting == {"interactive": 0, "bulk": 0}
    return ends


def breaches(service: Service) -> set[str]:
    return {line for reading in READINGS for line in broken(service.arrivals, reading)}


async def timed(work: Awaitable[object]) -> float:
    loop = asyncio.get_running_loop()
    begun = loop.time()
    await work
    return loop.time() - begun


@seeds
@bursts
@rows
def test_no_rule_is_ever_broken_and_no_time_is_lost(*, row: Row, burst: bool, seed: int) -> None:
    requests = program(row, seed, burst=burst)
    service = Service(Network(seed, troubles=0.2, fates=("turned down",)))

    took = run(timed(through_the_gate(requests, service)))

    assert breaches(service) == set()
    assert len(service.arrivals) == len(requests)
    best = max(plan(requests, Network(seed)))
    assert floor(requests, Network(seed)) <= best
    assert took <= best * SLOWER


@seeds
def test_no_row_loses_time_to_the_windows_of_another(seed: int) -> None:
    """Hundreds wait for an hour's window, and for the minute's of others, all along."""
    names = ("history.sent", "price", "statuses.get_many", "subclients.add", "send")
    several = [program(row, seed, burst=True) for row in ROWS if row.name in names]
    requests = list(itertools.chain(*several))

    ends = run(through_the_gate(requests, Service(Network(seed))))

    best = plan(requests, Network(seed))
    for mine in several:
        ours, last = ends[: len(mine)], best[: len(mine)]
        del ends[: len(mine)], best[: len(mine)]
        assert sum(ours) <= sum(last) * SLOWER
        assert max(ours) <= max(last) * SLOWER


@seeds
@rows
def test_two_lanes_and_their_reserve_break_no_rule_either(row: Row, seed: int) -> None:
    requests = program(row, seed, burst=seed % 2 == 0)
    service = Service(Network(seed))

    run(through_the_gate(requests, service, lane=lambda at: "bulk" if at % 3 else "interactive"))

    assert breaches(service) == set()


@seeds
@rows
def test_a_request_given_up_counts_as_long_as_it_can_still_arrive_and_run(
    row: Row, seed: int
) -> None:
    """Of the slow requests none takes more than the time-out and the linger."""
    requests = program(row, seed, burst=True)
    service = Service(Network(seed, tail=6.9, slow=0.5))

    run(through_the_gate(requests, service, timeout=2.0))

    assert breaches(service) == set()


@seeds
@rows
def test_through_the_whole_client_the_laws_hold_as_well(row: Row, seed: int) -> None:
    requests = program(row, seed, burst=True)
    service = Service(Network(seed))

    took = run(timed(through_the_client(requests, service)))

    assert breaches(service) == set()
    assert len(service.arrivals) == len(requests)
    assert took <= max(plan(requests, Network(seed))) * SLOWER


async def through_the_client(requests: list[Request], service: Service) -> None:
    """Make the requests through clients of one login: one client would join the same questions."""
    transport, throttle = ServiceTransport(service), Throttle()
    twins = Counter[str]()
    clients: list[SmscClient] = []

    def client_for(request: Request) -> SmscClient:
        same = f"{request.path} {sorted(request.params.items())}"
        if twins[same] == len(clients):
            clients.append(
                SmscClient(
                    api_key="key",
                    transport=transport,
                    throttle=throttle,
                    max_wait=float("inf"),
                    timeout=1_000.0,
                )
            )
        twins[same] += 1
        return clients[twins[same] - 1]

    def call(request: Request) -> Coroutine[Any, Any, object]:
        smsc, params = client_for(request), dict(request.params)
        if request.path == "send.php":
            phones = params["phones"].split(",")
            if "cost" in params:
                return smsc.price(phones, params["mes"])
            return smsc.send(phones, params["mes"], repeat=True)
        if request.path == "balance.php":
            return smsc.account.balance()
        return smsc.raw(request.path, params, repeat=True)

    calls = [call(request) for request in requests]
    await clients[0].raw(HELLO)
    await asyncio.gather(*calls)
    for smsc in clients:
        await smsc.aclose()


def test_the_model_sees_what_breaks_a_rule() -> None:
    """One more than the limit, one millisecond too early: under some reading it is found."""
    for row in ROWS:
        for rule in row.rules:
            wanted = program(row, 0, burst=True)
            params = next(r.params for r in wanted if row_of(r.path, r.params) == row)
            step = rule.window / 1000 / 2 if rule.chain else 0.0
            last = rule.window / 1000 - 0.001 if not rule.chain else step * rule.limit
            times = [at * step for at in range(rule.limit)] + [last if rule.window else 0.0]
            arrivals = [Arrival(at, at + 0.5, row.path, params, refused=False) for at in times]
            found = {line for reading in READINGS for line in broken(arrivals, reading)}
            assert any(line.startswith(f"{rule}: {rule.limit + 1} of") for line in found), rule
