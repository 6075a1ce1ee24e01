"""The simulator's app on a socket."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncGenerator, Awaitable, Callable, Generator
from contextlib import asynccontextmanager, contextmanager

import uvicorn
from starlette.applications import Starlette

from ._faults import Connection


@asynccontextmanager
async def served(
    app: Starlette, host: str, port: int, stop: Callable[[], Awaitable[None]]
) -> AsyncGenerator[str]:
    """Serve and give the base URL; at the end *stop* ends what is still worked on."""
    config = uvicorn.Config(
        app,
        access_log=False,
        http=Connection,
        lifespan="off",
        log_config=None,  # the program's logging is not ours to set up
        log_level="warning",
        ws="none",
    )
    server = _Server(config)
    with socket.create_server((host, port)) as listener:
        # Accepted connections inherit it; asyncio sets it only on sockets that it made itself,
        # and without it each answer waits 40 ms for an acknowledgement.
        listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        task = asyncio.create_task(server.serve(sockets=[listener]))
        ready = asyncio.create_task(server.ready.wait())
        await asyncio.wait({ready, task}, return_when=asyncio.FIRST_COMPLETED)
        if not ready.done():  # it never began; its own error says why
            ready.cancel()
            await task
        try:
            yield "http://{}:{}".format(*listener.getsockname()[:2])
        finally:
            server.should_exit = True
            await stop()
            await task


class _Server(uvicorn.Server):
    """A server inside a program that has its own signals."""

    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self.ready = asyncio.Event()

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self.ready.set()

    @contextmanager
    def capture_signals(self) -> Generator[None]:
        yield
