"""Turns of plain httpx: ``python wire_plain.py AUTHORITY CORE``.

It also runs in an environment where nothing else is installed, so it imports httpx and the standard
library only. It reads lines of an address, how many calls are made at once and how many in all, and
prints for each the wall and the CPU seconds that they took.
"""

from __future__ import annotations

import asyncio
import gc
import itertools
import json
import os
import ssl
import sys
import time
from collections.abc import AsyncGenerator, Awaitable, Callable, Iterator
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager
from typing import TypeAlias

import httpx

TIMEOUT = 30.0
PATH = "/sys/send.php"

# Makes a call for each number, so many at once.
Calls: TypeAlias = Callable[[int, Iterator[int]], Awaitable[None]]
# Opens what makes calls to an address, with the file of the authority that vouches for it.
Opened: TypeAlias = Callable[[str, str], AbstractAsyncContextManager[Calls]]

numbers = itertools.count()


def form(number: int) -> dict[str, str]:
    """Return what the client of the package posts for a send, by the same names."""
    pairs = {"cost": "3", "phones": f"+7999{number:07}", "mes": f"message {number}"}
    return pairs | {"fmt": "3", "charset": "utf-8", "id": f"{number:033}", "apikey": "key"}


def together(call: Callable[[int], Awaitable[object]]) -> Calls:
    """Return what makes calls at once in tasks; who is done takes the next number."""

    async def calls(at_once: int, waiting: Iterator[int]) -> None:
        async def work() -> None:
            for number in waiting:
                await call(number)

        await asyncio.gather(*(work() for _ in range(at_once)))

    return calls


@asynccontextmanager
async def plain(url: str, authority: str) -> AsyncGenerator[Calls]:
    """Open a client of httpx's, as its pages show it."""
    tls = ssl.create_default_context(cafile=authority)
    async with httpx.AsyncClient(verify=tls, timeout=TIMEOUT) as client:

        async def call(number: int) -> object:
            reply = await client.post(url + PATH, data=form(number))
            return reply.raise_for_status().json()

        yield together(call)


async def turn(calls: Calls, at_once: int, count: int) -> tuple[float, float]:
    """Return the wall and CPU seconds of *count* calls over connections that are there."""
    await calls(at_once, itertools.islice(numbers, at_once))
    gc.collect()
    wall, cpu = time.perf_counter(), time.process_time()
    await calls(at_once, itertools.islice(numbers, count))
    return time.perf_counter() - wall, time.process_time() - cpu


async def serve(opened: Opened, authority: str) -> None:
    """Have the turns that are asked for, until the input ends."""
    async with AsyncExitStack() as stack:
        known = dict[str, Calls]()
        while line := await asyncio.to_thread(sys.stdin.readline):
            url, at_once, count = line.split()
            if url not in known:
                known[url] = await stack.enter_async_context(opened(url, authority))
            taken = await turn(known[url], int(at_once), int(count))
            print(json.dumps(taken), flush=True)


if __name__ == "__main__":
    os.sched_setaffinity(0, {int(sys.argv[2])})
    asyncio.run(serve(plain, sys.argv[1]))
