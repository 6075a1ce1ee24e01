"""What a program imports that sends one text: it is most of what such a program takes."""

from __future__ import annotations

import asyncio
import sys

import pytest

from tests.loopback import ACCEPTED, Posted, answer, serving

PROGRAM = """
import asyncio, sys

before = {*sys.modules}  # whoever measures programs has imported things of its own

from smsc_async import SmscClient

async def main():
    transport = sys.argv[2] or None
    async with SmscClient(api_key="key", base_url=sys.argv[1], transport=transport) as smsc:
        await smsc.send("79990000000", "Hello")

asyncio.run(main())
print(*sys.modules.keys() - before)
"""
# Other kinds of messages and transports, other resources, what waits for a fault, and what has no
# use here at all.
UNUSED = """
    httpcore httpx phonenumbers sqlite3 tenacity
    smsc_async._resources.account smsc_async._resources.jobs
    smsc_async._resources.statuses smsc_async._transport.file_throttle
    smsc_async._transport.injected smsc_async.campaigns smsc_async.messages._media
    smsc_async.messages._voice smsc_async.simulator smsc_async.webhooks
"""
OF_AIOHTTP = "aiohttp importlib.metadata mimetypes smsc_async._transport.aio"


@pytest.mark.parametrize("transport", ["", "aiohttp"], ids=["own", "aiohttp"])
async def test_a_program_imports_what_its_call_needs(transport: str) -> None:
    async def accept(_: Posted) -> bytes:
        return answer(ACCEPTED)

    async with serving(accept) as server:
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-c", PROGRAM, server.url, transport),
            stdout=asyncio.subprocess.PIPE,
        )
        printed, _ = await process.communicate()
    imported = {*printed.decode().split()}

    assert [posted.form["mes"] for posted in server.posted] == ["Hello"]
    assert {"h11", "smsc_async._resources.sending", "smsc_async.messages._texts"} <= imported
    assert imported.isdisjoint(UNUSED.split())
    assert ("aiohttp" in imported) is bool(transport)
    assert transport or imported.isdisjoint(OF_AIOHTTP.split())


# A process may have no file left to open by the time that an answer is lost.
AFTERWARDS = """
import asyncio, sys

from smsc_async import OutcomeUnknown, SmscClient

async def main():
    before = set()

    async def hear(reader, writer):
        before.update(before or sys.modules)
        await reader.readuntil()
        writer.close()

    server = await asyncio.start_server(hear, "127.0.0.1", 0)
    url = "http://127.0.0.1:%d" % server.sockets[0].getsockname()[1]
    async with SmscClient(api_key="key", base_url=url, settle_for=0.5) as smsc:
        try:
            await smsc.send("79990000000", "Hello")
        except OutcomeUnknown:
            print("unknown")
    server.close()
    print(*sys.modules.keys() - before)

asyncio.run(main())
"""


async def test_nothing_of_ours_is_imported_after_a_send_has_left() -> None:
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-c", AFTERWARDS, stdout=asyncio.subprocess.PIPE
    )
    printed, _ = await process.communicate()
    ended, _, imported = printed.decode().partition("\n")

    assert ended == "unknown"
    assert not [name for name in imported.split() if name.startswith(("smsc_async", "anyio"))]
