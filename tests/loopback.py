"""A server on a loopback socket that does what a test says, and remembers what it read."""

from __future__ import annotations

import asyncio
import contextlib
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field
from urllib.parse import parse_qsl


@dataclass(frozen=True)
class Posted:
    """One request as it arrived whole."""

    path: str
    headers: dict[str, str]
    form: dict[str, str]


@dataclass
class Loopback:
    """What the server knows; *posted* grows with each request that was read to its end."""

    url: str = ""
    posted: list[Posted] = field(default_factory=list)
    connections: int = 0
    alive: int = 0


# What to do about a request: bytes to write, or None to close without a word.
Script = Callable[[Posted], Awaitable[bytes | None]]


def answer(value: object, status: int = 200) -> bytes:
    """Return an HTTP answer as the service gives it, with its untrue charset."""
    body = json.dumps(value, indent=0).encode()
    head = (
        f"HTTP/1.1 {status} X\r\nContent-Type: application/json; charset=windows-1251\r\n"
        f"Content-Length: {len(body)}\r\n\r\n"
    )
    return head.encode() + body


ACCEPTED = {"id": 1, "cnt": 1, "cost": "1.40", "balance": "100.50"}
BALANCE = {"balance": "100.50", "currency": "RUR"}


@contextlib.asynccontextmanager
async def serving(script: Script) -> AsyncIterator[Loopback]:
    """Serve on a free port until the end of the block."""
    known = Loopback()
    tasks: set[asyncio.Task[None]] = set()

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        known.connections += 1
        known.alive += 1
        try:
            while request := await _read(reader):
                known.posted.append(request)
                reply = await script(request)
                if reply is None:
                    return
                writer.write(reply)
                await writer.drain()
        except (ConnectionError, asyncio.IncompleteReadError):
            pass
        finally:
            known.alive -= 1
            writer.close()

    def accept(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.create_task(talk(reader, writer))
        tasks.add(task)
        task.add_done_callback(tasks.discard)

    server = await asyncio.start_server(accept, "127.0.0.1", 0)
    known.url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    try:
        yield known
    finally:
        server.close()
        for task in tuple(tasks):
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await server.wait_closed()


async def _read(reader: asyncio.StreamReader) -> Posted | None:
    try:
        head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
    except (asyncio.IncompleteReadError, ConnectionError):
        return None
    headers = dict(line.lower().split(": ", 1) for line in head[1:] if line)
    body = await reader.readexactly(int(headers.get("content-length", 0)))
    path = head[0].split(" ")[1]
    return Posted(path, headers, dict(parse_qsl(body.decode(), keep_blank_values=True)))
