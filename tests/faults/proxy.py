"""A proxy between the client and the service that does what a script says to each request."""

from __future__ import annotations

import asyncio
import contextlib
import socket
import ssl
import struct
from collections.abc import AsyncIterator, Callable, Iterable, Iterator
from dataclasses import dataclass, field
from typing import Literal
from urllib.parse import urlsplit

# How far a request comes before the fault: nothing of it is read; that many bytes; all of it, but
# the service hears nothing; all of it, and the service has answered.
Point = Literal["accept", "read", "answered"] | int


def _same(answer: bytes) -> bytes:
    return answer


@dataclass(frozen=True, slots=True, kw_only=True)
class Act:
    """What happens to one request, or to a connection before there is one."""

    at: Point = "answered"
    # What the client gets: pieces, or what is made of the service's answer.
    say: Callable[[bytes], bytes] | Iterable[bytes] = _same
    every: float = 0.0  # seconds between the pieces
    then: Literal["keep", "close", "reset", "hang"] = "keep"
    times: int = 1  # how often the service hears it; the client gets the first answer


PASS = Act()


def fault(at: Point, then: Literal["close", "reset", "hang"]) -> Act:
    """Return the act of saying nothing."""
    return Act(at=at, say=(), then=then)


@dataclass
class Proxy:
    """What the proxy has seen; acts are used up one for each request, then all is passed on."""

    service: str
    script: list[Act]
    tls: ssl.SSLContext | None = None
    url: str = ""
    connections: int = 0
    heard: bytearray = field(default_factory=bytearray)  # by the proxy, after TLS if there is any
    requests: int = 0  # that arrived whole
    passed: int = 0  # that the service answered
    working: set[asyncio.Task[None]] = field(default_factory=set)
    _more: asyncio.Condition = field(default_factory=asyncio.Condition)

    async def passed_on(self, times: int) -> None:
        """Wait until the service has answered so often, whoever still waits for it."""
        async with asyncio.timeout(20), self._more:
            await self._more.wait_for(lambda: self.passed >= times)

    def accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.create_task(self._talk(reader, writer))
        self.working.add(task)
        task.add_done_callback(self.working.discard)

    async def _talk(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        try:
            act = self._next() if self.script and self.script[0].at == "accept" else None
            if act is None and self.tls is not None:
                await writer.start_tls(self.tls)
            if act is not None:
                if act.say != ():  # it answers to a first word
                    self.heard += await reader.read(65536)
                await self._end(act, b"", writer)
                return
            while await self._exchange(reader, writer):
                pass
        except (OSError, asyncio.IncompleteReadError):  # TLS that fails is an OSError
            pass
        finally:
            writer.close()

    async def _exchange(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bool:
        """Do what the script says to the next request; tell whether the connection lives on."""
        first = await reader.readexactly(1)
        self.heard += first
        act = self._next() or PASS
        if isinstance(act.at, int):
            self.heard += await reader.readexactly(act.at - 1)
            return await self._end(act, b"", writer)
        request = await self._whole(first, reader)
        self.requests += 1
        answers = [
            await self._pass_on(request) for _ in range(act.times if act.at != "read" else 0)
        ]
        return await self._end(act, answers[0] if answers else b"", writer)

    async def _whole(self, first: bytes, reader: asyncio.StreamReader) -> bytes:
        head = first + await reader.readuntil(b"\r\n\r\n")
        length = _length(head)
        body = await reader.readexactly(length)
        self.heard += head[1:] + body
        return head + body

    async def _pass_on(self, request: bytes) -> bytes:
        parts = urlsplit(self.service)
        reader, writer = await asyncio.open_connection(parts.hostname, parts.port)
        try:
            writer.write(request)
            head = await reader.readuntil(b"\r\n\r\n")
            answer = head + await reader.readexactly(_length(head))
        finally:
            writer.close()
        async with self._more:
            self.passed += 1
            self._more.notify_all()
        return answer

    async def _end(self, act: Act, answer: bytes, writer: asyncio.StreamWriter) -> bool:
        for piece in (act.say(answer),) if callable(act.say) else act.say:
            writer.write(piece)
            await writer.drain()
            await asyncio.sleep(act.every)
        if act.then == "hang":
            await asyncio.Event().wait()
        if act.then == "reset":
            sock = writer.get_extra_info("socket")
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            writer.transport.abort()
        return act.then == "keep"

    def _next(self) -> Act | None:
        return self.script.pop(0) if self.script else None


@contextlib.asynccontextmanager
async def between(
    service: str, *script: Act, tls: ssl.SSLContext | None = None
) -> AsyncIterator[Proxy]:
    """Stand between a client and *service* until the end of the block."""
    proxy = Proxy(service, list(script), tls)
    server = await asyncio.start_server(proxy.accept, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    proxy.url = f"http{'s' if tls else ''}://127.0.0.1:{port}"
    try:
        yield proxy
    finally:
        server.close()
        for task in tuple(proxy.working):
            task.cancel()
        await asyncio.gather(*proxy.working, return_exceptions=True)
        await server.wait_closed()


def nobody() -> str:
    """Return an address of this machine at which nobody listens."""
    return "http://127.0.0.1:1"  # a free port might be taken by whoever runs beside this test


@contextlib.contextmanager
def deaf() -> Iterator[str]:
    """Give an address that takes no connection: its queue is full."""
    with contextlib.ExitStack() as stack:
        listener = stack.enter_context(socket.socket())
        listener.bind(("127.0.0.1", 0))
        listener.listen(0)
        address = listener.getsockname()
        for _ in range(4):
            waiting = stack.enter_context(socket.socket())
            waiting.setblocking(False)
            waiting.connect_ex(address)
        yield f"http://127.0.0.1:{address[1]}"


def answered(
    body: bytes, status: int = 200, *, length: int | None = -1, head: bytes = b""
) -> Callable[[bytes], bytes]:
    """Return an answer in place of the service's; *length* None is left out, -1 is the true one."""
    said = len(body) if length == -1 else length
    lines = [b"HTTP/1.1 %d X" % status, b"Content-Type: application/json; charset=windows-1251"]
    if said is not None:
        lines.append(b"Content-Length: %d" % said)
    if head:
        lines.append(head)
    whole = b"\r\n".join(lines) + b"\r\n\r\n" + body
    return lambda _: whole


def _length(head: bytes) -> int:
    found = head.lower().partition(b"\r\ncontent-length:")[2]
    return int(found.partition(b"\r\n")[0] or 0)
