"""One of several processes with one login: ``python -m benchmarks.worker URL FILE NAME``.

It sends as much as it may until its standard input ends, and then says which errors it met.
"""

from __future__ import annotations

import asyncio
import itertools
import sys
from collections import Counter

from smsc_async import FileThrottle, SmscClient

from .service import DEMO

AT_ONCE = 20  # more than there are places, so that there is always work


async def main(url: str, shared: str, name: str) -> Counter[str]:
    """Send, and count the errors by their names."""
    numbers, enough = itertools.count(), asyncio.Event()
    first = 7_900_000_0000 + 10_000_000 * (ord(name) - ord("a"))

    async def send_on(smsc: SmscClient) -> None:
        while not enough.is_set():
            number = next(numbers)
            await smsc.send(f"+{first + number}", f"{name} {number}", id=f"{name}-{number}")

    async with SmscClient(
        login=DEMO,
        password=DEMO,
        base_url=url,
        throttle=FileThrottle(shared),
        max_wait=600,
        on_unknown="raise",
    ) as smsc:
        await smsc.send(f"+{first + next(numbers)}", f"{name} first", id=f"{name}-first")
        print("ready", flush=True)
        sends = [asyncio.create_task(send_on(smsc)) for _ in range(AT_ONCE)]
        await asyncio.to_thread(sys.stdin.read)
        enough.set()
        ended = await asyncio.gather(*sends, return_exceptions=True)
    return Counter(type(error).__name__ for error in ended if error is not None)


if __name__ == "__main__":
    for error, times in asyncio.run(main(*sys.argv[1:])).items():
        print(error, times)
