"""A program that makes one call: ``python -m benchmarks.first ours|plain URL [CA_FILE]``.

It prints the CPU seconds from its first import to the answer. What every such program has imported
is there before.
"""

from __future__ import annotations

import asyncio
import ssl
import sys
import time

FORM = {"phones": "79991234567", "mes": "message", "cost": "3", "fmt": "3", "charset": "utf-8"}
# Where these are installed httpx brings a command line along, which has nothing to do with a call:
# it would hide most of what is compared.
NOT_WANTED = ("click", "pygments", "rich")


async def ours(url: str, ca_file: str | None) -> None:
    """Send a message with the client."""
    from smsc_async import SmscClient  # noqa: PLC0415 - it is what is measured

    async with SmscClient(api_key="key", base_url=url, ca_file=ca_file) as smsc:
        await smsc.send(FORM["phones"], FORM["mes"])


async def plain(url: str, ca_file: str | None) -> None:
    """Post the same with httpx; without TLS it is spared the certificates that it would load."""
    import httpx  # noqa: PLC0415 - it is what is measured

    verify = False if ca_file is None else ssl.create_default_context(cafile=ca_file)
    async with httpx.AsyncClient(verify=verify) as client:
        reply = await client.post(f"{url}/sys/send.php", json={**FORM, "apikey": "key"})
        reply.json()


SIDES = {"ours": ours, "plain": plain}


def main(side: str, url: str, ca_file: str | None = None) -> None:
    """Make the call."""
    sys.modules |= dict.fromkeys(NOT_WANTED)  # type: ignore[arg-type] # None: it is not there
    begun = time.process_time()
    asyncio.run(SIDES[side](url, ca_file))
    print(time.process_time() - begun)


if __name__ == "__main__":
    main(*sys.argv[1:])
