"""A send through the whole client, against the same request made with httpx alone."""

from __future__ import annotations

import asyncio
import time

import httpx

from smsc_async import SmscClient, Throttle

from .results import measured, paragraph, table
from .turns import ROUNDS, microseconds, take_turns

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


def main() -> None:
    """Print the section."""
    figures = take_turns({"ours": ours, "plain": plain})
    rows = [
        ("the whole client", microseconds(figures.seconds("ours"))),
        ("httpx alone, unthrottled", microseconds(figures.seconds("plain"))),
        ("ratio", f"{figures.ratio('ours', 'plain'):.2f}"),
    ]
    print(paragraph(f"A send, in CPU time and without a network: medians of {ROUNDS} rounds."))
    print(table(["", "each"], rows))
    print(measured(["httpx"]))


if __name__ == "__main__":
    main()
