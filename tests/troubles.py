"""A server before the simulator that has every trouble of a network, by chance or as told.

It reads whole requests, gives them to the app, and writes the answers: over whatever carries
bytes, a socket or memory.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import socket
import struct
from collections import Counter
from collections.abc import AsyncIterator, Callable, Mapping
from dataclasses import dataclass, field
from enum import Enum, auto
from random import Random
from typing import Any, Final, Protocol

from starlette.types import ASGIApp


class Trouble(Enum):
    """What goes wrong with a connection, or with a request that came over one."""

    # The connection is not made.
    REFUSED = auto()
    SILENT = auto()  # nobody answers
    STALLED = auto()  # the handshake of TLS does not end
    # It is made, and reset before anything is read.
    RESET = auto()
    # The request is not worked on.
    CUT_OFF = auto()  # reset in the middle of it
    DROPPED = auto()
    PAGE_BEFORE = auto()  # a gateway answers
    BUSY = auto()  # error 9, too many at once
    TWIN = auto()  # error 9, a duplicate, although it is none
    # It is worked on, and the answer is not what it should be.
    HUNG_UP = auto()  # closed without a word
    BROKEN = auto()  # reset
    CUT = auto()  # it ends in the middle, and its head says so
    CUT_OPEN = auto()  # it ends in the middle, and nothing says so
    DRIPPED = auto()  # it comes byte by byte until nobody waits any more
    LATE_ANSWER = auto()
    LATE_WORK = auto()  # worked on when the client has given up
    NOISE = auto()  # no HTTP
    GARBAGE = auto()  # no JSON
    TRUNCATED = auto()  # half of the JSON
    EMPTY = auto()
    PAGE_AFTER = auto()  # a gateway answers in place of the service


UNMADE: Final = (Trouble.REFUSED, Trouble.SILENT, Trouble.STALLED)
OF_CONNECTIONS: Final = (*UNMADE, Trouble.RESET)
OF_REQUESTS: Final = tuple(trouble for trouble in Trouble if trouble not in OF_CONNECTIONS)
CONNECT: Final = "connect"  # in place of a path
SEND: Final = "send.php"

Choose = Callable[[str], Trouble | None]  # what is to go wrong with this path, or connection


class Peer(Protocol):
    """The server's end of a connection."""

    async def read(self) -> bytes:
        """Return some bytes, or none at the end; raise OSError if it is broken."""
        ...

    async def write(self, data: bytes) -> None: ...

    def close(self) -> None: ...

    def reset(self) -> None: ...


@dataclass
class Luck:
    """Chooses trouble of every kind for a share of the connections, and of the requests."""

    chance: Random
    of_connections: tuple[Trouble, ...] = OF_CONNECTIONS
    of_requests: tuple[Trouble, ...] = OF_REQUESTS
    connections: float = 0.05
    requests: float = 0.2
    met: Counter[Trouble] = field(default_factory=Counter[Trouble])

    def __call__(self, where: str) -> Trouble | None:
        if self.chance.random() >= (self.connections if where == CONNECT else self.requests):
            return None
        kinds = self.of_connections if where == CONNECT else self.of_requests
        trouble = self.chance.choice(kinds)
        self.met[trouble] += 1
        return trouble


@dataclass
class Server:
    """Answers requests with what *app* says, unless *choose* says otherwise.

    *gives_up* is when the client does; what is late is late by less than *linger*. Connections
    that nothing comes over for *idle* seconds are closed.
    """

    app: ASGIApp
    choose: Choose = lambda _: None
    chance: Random = field(default_factory=lambda: Random(0))
    gives_up: float = 30.0
    linger: float = 4.0
    idle: float | None = None
    requests: Counter[str] = field(default_factory=Counter[str])  # by path
    closed_idle: int = 0

    async def talk(self, peer: Peer) -> None:
        """Serve one connection to its end."""
        buffer = bytearray()
        try:
            while await self._serve(peer, buffer):
                pass
        except OSError:
            pass
        finally:
            peer.close()

    async def _serve(self, peer: Peer, buffer: bytearray) -> bool:
        """Serve one request; tell whether the connection lives on."""
        try:
            async with asyncio.timeout(self.idle):
                await _fill(peer, buffer, 1)
        except TimeoutError:
            self.closed_idle += 1
            return False
        while b"\r\n\r\n" not in buffer:
            await _fill(peer, buffer, len(buffer) + 1)
        head, _, _ = buffer.partition(b"\r\n\r\n")
        first, *lines = head.decode("latin-1").split("\r\n")
        path = first.split(" ")[1]
        script = path.rpartition("/")[2]
        headers = dict(line.lower().split(": ", 1) for line in lines)
        size = int(headers["content-length"])
        begin = len(head) + 4
        trouble = self.choose(script)
        self.requests[script] += 1
        if trouble is Trouble.CUT_OFF:
            await _fill(peer, buffer, begin + self.chance.randrange(size))
            peer.reset()
            return False
        await _fill(peer, buffer, begin + size)
        body = bytes(buffer[begin : begin + size])
        del buffer[: begin + size]
        return await self._answer(peer, Request(self.app, path, headers, body), trouble)

    async def _answer(self, peer: Peer, request: Request, trouble: Trouble | None) -> bool:
        if trouble is Trouble.LATE_WORK and not request.path.endswith(SEND):
            # For a question the client waits less: it would arrive when its place is another's,
            # and be one too many.
            trouble = Trouble.LATE_ANSWER
        if (ending := UNWORKED.get(trouble)) is None:
            if trouble is Trouble.LATE_WORK:
                await self._late()
            ending = damaged(await request.work(), trouble, self.chance)
        if trouble is Trouble.LATE_ANSWER:
            await self._late()
        if trouble is Trouble.BROKEN:
            peer.reset()
        elif trouble is Trouble.DRIPPED:
            for byte in ending.data:
                await peer.write(bytes([byte]))
                await asyncio.sleep(self.gives_up / 20)
        elif ending.data:
            await peer.write(ending.data)
        return ending.lives

    async def _late(self) -> None:
        await asyncio.sleep(self.gives_up + self.chance.uniform(0.0, self.linger))


@dataclass(frozen=True)
class Request:
    """One request as it came."""

    app: ASGIApp
    path: str
    headers: dict[str, str]
    body: bytes

    async def work(self) -> bytes:
        """Let the app work on it, and return the body of its answer."""
        parts: list[bytes] = []

        async def receive() -> dict[str, Any]:
            return {"type": "http.request", "body": self.body, "more_body": False}

        async def send(message: Any) -> None:  # noqa: ANN401 - ASGI's
            parts.append(message.get("body", b""))

        scope = {
            "type": "http",
            "asgi": {"version": "3.0"},
            "http_version": "1.1",
            "method": "POST",
            "path": self.path,
            "raw_path": self.path.encode(),
            "root_path": "",
            "scheme": "https",
            "query_string": b"",
            "headers": [(k.encode(), v.encode()) for k, v in self.headers.items()],
        }
        await self.app(scope, receive, send)
        return b"".join(parts)


async def _fill(peer: Peer, buffer: bytearray, size: int) -> None:
    """Read until *buffer* holds *size* bytes."""
    while len(buffer) < size:
        data = await peer.read()
        if not data:
            raise ConnectionResetError
        buffer += data


def _http(body: bytes, status: str = "200 OK", *, measured: bool = True) -> bytes:
    head = f"HTTP/1.1 {status}\r\nContent-Type: application/json; charset=windows-1251\r\n"
    if measured:
        head += f"Content-Length: {len(body)}\r\n"
    return head.encode() + b"\r\n" + body


def _error(text: str) -> bytes:
    return json.dumps({"error": text, "error_code": 9}).encode()


@dataclass(frozen=True)
class Ending:
    """What is written in answer to a request, and whether the connection lives on."""

    data: bytes
    lives: bool = True


PAGE: Final = _http(b"<html><body><h1>502 Bad Gateway</h1></body></html>", "502 Bad Gateway")
UNWORKED: Final[Mapping[Trouble | None, Ending]] = {
    Trouble.DROPPED: Ending(b"", lives=False),
    Trouble.PAGE_BEFORE: Ending(PAGE),
    Trouble.BUSY: Ending(_http(_error("too many concurrent requests"))),
    Trouble.TWIN: Ending(_http(_error("duplicate request, wait a minute"))),
}


def damaged(body: bytes, trouble: Trouble | None, chance: Random) -> Ending:
    """Return what becomes of an answer of the app."""
    whole, part = _http(body), chance.random()
    endings: Mapping[Trouble | None, Ending] = {
        Trouble.HUNG_UP: Ending(b"", lives=False),
        Trouble.BROKEN: Ending(b"", lives=False),
        Trouble.CUT: Ending(whole[: int(part * len(whole))], lives=False),
        Trouble.CUT_OPEN: Ending(_http(body[: int(part * len(body))], measured=False), lives=False),
        Trouble.NOISE: Ending(chance.randbytes(100), lives=False),
        Trouble.GARBAGE: Ending(_http(b"\x00\xff<garbage>\xfe")),
        Trouble.TRUNCATED: Ending(_http(body[: len(body) // 2])),
        Trouble.EMPTY: Ending(_http(b"")),
        Trouble.PAGE_AFTER: Ending(PAGE),
    }
    return endings.get(trouble, Ending(whole))


class _Socket:
    """A connection on a socket."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader = reader
        self._writer = writer

    async def read(self) -> bytes:
        return await self._reader.read(65_536)

    async def write(self, data: bytes) -> None:
        self._writer.write(data)
        await self._writer.drain()

    def close(self) -> None:
        self._writer.close()

    def reset(self) -> None:
        at_once = struct.pack("ii", 1, 0)
        self._writer.get_extra_info("socket").setsockopt(
            socket.SOL_SOCKET, socket.SO_LINGER, at_once
        )
        self._writer.transport.abort()


@contextlib.asynccontextmanager
async def listening(server: Server) -> AsyncIterator[str]:
    """Serve on a free port until the end of the block; give the address."""
    tasks: set[asyncio.Task[None]] = set()

    def accept(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        peer = _Socket(reader, writer)
        if server.choose(CONNECT) is Trouble.RESET:
            peer.reset()
            return
        task = asyncio.create_task(server.talk(peer))
        tasks.add(task)
        task.add_done_callback(tasks.discard)
        task.add_done_callback(lambda _: peer.close())

    listener = await asyncio.start_server(accept, "127.0.0.1", 0)
    try:
        yield f"http://127.0.0.1:{listener.sockets[0].getsockname()[1]}"
    finally:
        listener.close()
        for task in tuple(tasks):
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await listener.wait_closed()
