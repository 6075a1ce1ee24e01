"""A server that does what a test says with each connection, and the default transport before it."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from typing import Any

from smsc_async._bodies import Content
from smsc_async._transport.connections import Connections
from smsc_async._wire.secret import Secret

OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nOK"
Serve = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


def content(body: bytes) -> Content:
    return Content("/a", "text/plain", (Secret(body),))


@asynccontextmanager
async def serving(serve: Serve) -> AsyncGenerator[tuple[str, Connections]]:
    handlers = set[asyncio.Task[Any] | None]()

    async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        handlers.add(asyncio.current_task())
        await serve(reader, writer)
        writer.close()
        with suppress(OSError):
            await writer.wait_closed()

    server = await asyncio.start_server(handle, "127.0.0.1", 0)
    url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    connections = Connections(ssl.create_default_context)
    try:
        yield url, connections
    finally:
        await connections.aclose()
        server.close()
        await asyncio.gather(*(task for task in handlers if task))
