"""What a worker of a pool does: importable, as a spawned process must find it."""

from __future__ import annotations

import asyncio

from tests.faults.clients import PHONE, client


def work(url: str, name: str) -> str:
    """Send one message and return its id."""

    async def main() -> str:
        async with client(url) as smsc:
            return (await smsc.send(PHONE, f"from {name}", id=name)).id

    return asyncio.run(main())
