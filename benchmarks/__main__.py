"""Run every measurement and print it: ``python -m benchmarks``.

Machines differ and are shared, so only ratios of CPU time within one run mean anything; each is the
median of several rounds in which both sides take turns.
"""

from __future__ import annotations

import asyncio
import platform
import statistics
import time
from collections.abc import Callable
from importlib.metadata import version

import httpx

from smsc_async import SmscClient, Throttle
from smsc_async._throttle.keys import Slot
from smsc_async._throttle.ledger import Ledger
from smsc_async._wire import limits

ROUNDS = 7
SENDS = 2_000
ANSWER = b'{"id": 1,\n"cnt": 1,\n"cost": "1.40",\n"balance": "100.50"}'


class Null(httpx.AsyncBaseTransport):
    """Answers at once, so that only the client's own work is left."""

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Read the request as a socket would, and accept it."""
        await request.aread()
        return httpx.Response(200, content=ANSWER)


def ours() -> float:
    """Return the CPU seconds of one send through the whole client."""

    async def main() -> float:
        async with SmscClient(api_key="key", transport=Null(), throttle=Throttle()) as smsc:
            begun = time.process_time()
            for n in range(SENDS):
                await smsc.send(f"7999{n:07}", f"message {n}")
            return (time.process_time() - begun) / SENDS

    return asyncio.run(main())


def plain() -> float:
    """Return the CPU seconds of the same request made with httpx alone, unthrottled."""

    async def main() -> float:
        async with httpx.AsyncClient(transport=Null()) as client:
            begun = time.process_time()
            for n in range(SENDS):
                form = {"phones": f"7999{n:07}", "mes": f"message {n}", "cost": "3", "fmt": "3"}
                form |= {"charset": "utf-8", "id": f"{n:033}", "apikey": "key"}
                reply = await client.post("https://smsc.ru/sys/send.php", data=form)
                reply.json()
            return (time.process_time() - begun) / SENDS

    return asyncio.run(main())


def throttle(keys: int) -> Callable[[], float]:
    """Measure one take and return of the throttle with *keys* keys alive."""
    ledger = Ledger()
    rule = limits.ONE_IDENTICAL
    place = Slot(limits.AT_ONCE, b"login")

    def turn(n: int, now: int) -> None:
        slots = (Slot(rule, n.to_bytes(16, "big")), place)
        ledger.take(slots, now)
        ledger.done(slots, now)

    for n in range(keys):
        turn(n, 0)
    numbers = iter(range(keys, 10**9))

    def measure() -> float:
        begun = time.process_time()
        for _ in range(SENDS):
            turn(next(numbers), 0)
        return (time.process_time() - begun) / SENDS

    return measure


def compare(name: str, one: Callable[[], float], base: Callable[[], float]) -> None:
    """Run both sides in turn and print the median of each, and of their ratios."""
    one(), base()
    pairs = [(one(), base()) for _ in range(ROUNDS)]
    left = statistics.median(a for a, _ in pairs) * 1e6
    right = statistics.median(b for _, b in pairs) * 1e6
    ratio = statistics.median(a / b for a, b in pairs)
    print(f"{name:<58} {left:8.1f} us {right:8.1f} us   x {ratio:.2f}")


def main() -> None:
    """Print all measurements."""
    print(f"CPython {platform.python_version()}, httpx {version('httpx')}, {ROUNDS} rounds")
    compare("a send, whole client / httpx alone, no network", ours, plain)
    for keys in (1_000, 1_000_000):
        compare(f"throttle with {keys} keys alive / with 1", throttle(keys), throttle(1))


if __name__ == "__main__":
    main()
