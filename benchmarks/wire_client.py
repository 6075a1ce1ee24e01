"""Turns of a client over sockets: ``python -m benchmarks.wire_client AUTHORITY CORE NAME``.

What it reads and prints stands in `wire_plain`.
"""

from __future__ import annotations

import asyncio
import json
import logging
import os
import ssl
import sys
from collections.abc import AsyncGenerator, Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from functools import partial
from typing import Literal, cast
from urllib.parse import urlencode, urlsplit
from urllib.request import HTTPSHandler, build_opener

from smsc_async import SmscClient, Throttle

from .wire_plain import PATH, TIMEOUT, Calls, Opened, form, serve, together


@asynccontextmanager
async def ours(
    url: str, authority: str, transport: Literal["aiohttp"] | None = None
) -> AsyncGenerator[Calls]:
    """Open the client, with a throttle that holds up no text and no phone of a turn."""
    async with SmscClient(
        api_key="key", base_url=url, ca_file=authority, transport=transport, throttle=Throttle()
    ) as smsc:
        yield together(lambda number: smsc.send(f"+7999{number:07}", f"message {number}"))


class Bare(asyncio.Protocol):
    """Posts and waits for the end of the answer: the least that a client can do."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Remember where to write."""
        self._transport = cast("asyncio.Transport", transport)

    async def post(self, request: bytes) -> None:
        """Return when the answer is there."""
        self._done = asyncio.get_running_loop().create_future()
        self._transport.write(request)
        await self._done

    def data_received(self, data: bytes) -> None:
        """Take an answer; an object in JSON ends it."""
        if data.endswith(b"}"):
            self._done.set_result(None)

    def close(self) -> None:
        """Close the connection."""
        self._transport.close()


@asynccontextmanager
async def bare(url: str, authority: str) -> AsyncGenerator[Calls]:
    """Open connections that carry bytes and know nothing else."""
    where = urlsplit(url)
    host, port = where.hostname or "", where.port or 0
    tls = ssl.create_default_context(cafile=authority) if where.scheme == "https" else None
    loop = asyncio.get_running_loop()
    idle: list[Bare] = []

    async def call(number: int) -> None:
        if not idle:
            _, made = await loop.create_connection(Bare, host, port, ssl=tls)
            idle.append(made)
        connection = idle.pop()
        body = urlencode(form(number)).encode()
        head = f"POST {PATH} HTTP/1.1\r\nHost: {where.netloc}\r\nContent-Length: {len(body)}\r\n"
        await connection.post(head.encode() + b"\r\n" + body)
        idle.append(connection)

    try:
        yield together(call)
    finally:
        for connection in idle:
            connection.close()


def in_threads(send: Callable[[int], object], before: Callable[[], object] = int) -> Calls:
    """Return what makes calls at once in threads; who is done takes the next number."""

    async def calls(at_once: int, waiting: Iterator[int]) -> None:
        def work(_: int) -> None:
            for number in waiting:
                send(number)

        before()
        with ThreadPoolExecutor(at_once) as threads:  # holding up a loop with nothing else to do
            list(threads.map(work, range(at_once)))

    return calls


@asynccontextmanager
async def vendor(url: str, authority: str) -> AsyncGenerator[Calls]:
    """Send as the service's own library does; it is spared reading certificates each time."""
    opener = build_opener(HTTPSHandler(context=ssl.create_default_context(cafile=authority)))

    def send(number: int) -> object:
        body = urlencode(form(number)).encode()
        with opener.open(url + PATH, body, timeout=TIMEOUT) as reply:
            return json.loads(reply.read())

    yield in_threads(send)


@asynccontextmanager
async def otetz(url: str, _authority: str) -> AsyncGenerator[Calls]:
    """Send with the package `smsc`, whose address stands in its class."""
    # Inside, for it makes the root logger write all that is said; and without types.
    from smsc.api import SMSC  # type: ignore[import-untyped]  # noqa: PLC0415
    from smsc.messages import SMSMessage  # type: ignore[import-untyped]  # noqa: PLC0415

    logging.disable()
    client = SMSC("demo", "demo")

    def send(number: int) -> object:
        return client.send(f"+7999{number:07}", SMSMessage(text=f"message {number}")).cost

    yield in_threads(send, lambda: setattr(SMSC, "_url", f"{url}/sys/"))


@asynccontextmanager
async def apprise(url: str, _authority: str) -> AsyncGenerator[Calls]:
    """Send with `apprise`, which takes recipients for a part of an object: one for each message."""
    from apprise.plugins.smsc import NotifySMSC  # noqa: PLC0415 - long to import

    def send(number: int) -> object:
        who = {"targets": [f"+7999{number:07}"], "user": "demo", "password": "demo"}
        one = NotifySMSC(**who)  # type: ignore[no-untyped-call]  # it has types in places
        if not one.notify(body=f"message {number}"):
            raise RuntimeError("not sent")
        return one

    yield in_threads(send, lambda: setattr(NotifySMSC, "notify_url", url + PATH))


SIDES: dict[str, Opened] = {
    "bare": bare,
    "ours": ours,
    "aiohttp": partial(ours, transport="aiohttp"),
    "vendor": vendor,
    "smsc": otetz,
    "apprise": apprise,
}


if __name__ == "__main__":
    os.sched_setaffinity(0, {int(sys.argv[2])})
    asyncio.run(serve(SIDES[sys.argv[3]], sys.argv[1]))
