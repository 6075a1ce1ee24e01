"""What a program imports that sends one text: it is most of what such a program takes."""

from __future__ import annotations

import asyncio
import sys

from tests.loopback import ACCEPTED, Posted, answer, serving

PROGRAM = """
import asyncio, sys
from smsc_async import SmscClient

async def main():
    async with SmscClient(api_key="key", base_url=sys.argv[1]) as smsc:
        {call}

asyncio.run(main())
print(*sys.modules)
"""


async def imported(call: str) -> set[str]:
    """Return all that a program has imported that makes a call."""

    async def accept(_: Posted) -> bytes:
        return answer(ACCEPTED)

    async with serving(accept) as server:
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            "-c",
            PROGRAM.format(call=call),
            server.url,
            stdout=asyncio.subprocess.PIPE,
        )
        printed, _ = await process.communicate()
        assert process.returncode == 0
        assert len(server.posted) == 1
    return set(printed.decode().split())


async def test_a_program_imports_what_its_call_needs() -> None:
    sends = await imported('await smsc.send("79990000000", "Hello")')

    assert {"httpcore", "smsc_async._resources.sending"} <= sends
    for unused in (
        *("aiohttp", "httpx", "importlib.metadata", "mimetypes", "phonenumbers", "sqlite3"),
        *("smsc_async._resources.jobs", "smsc_async._resources.statuses"),
        *(
            "smsc_async._transport.file_throttle",
            "smsc_async.campaigns",
            "smsc_async.messages._voice",
        ),
        *("smsc_async.simulator", "smsc_async.webhooks", "tenacity"),
    ):
        assert unused not in sends, unused
