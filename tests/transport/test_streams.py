"""The sockets of the default transport, and what may come between two turns of a loop."""

from __future__ import annotations

import asyncio
import socket
import ssl
import struct
from collections.abc import Callable
from typing import Any

import pytest
import trustme

from smsc_async._bodies import Content
from smsc_async._transport.connections import Connections
from smsc_async._transport.http import Answer, Http, Lost, proxy_at
from smsc_async._transport.network import Stream
from smsc_async._transport.streams import Sockets
from smsc_async._upload import File, take
from tests.transport.sockets import OK, content, serving

UNASKED = b"HTTP/1.1 408 Request Timeout\r\nContent-Length: 3\r\n\r\nold"
RESET = struct.pack("ii", 1, 0)


def no_tls() -> ssl.SSLContext:
    raise AssertionError("there is no TLS here")


async def test_a_large_body_reaches_a_slow_reader_whole() -> None:
    size, read = 4_000_000, 0

    async def slow(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal read
        await reader.readuntil(b"\r\n\r\n")
        while read < size:
            read += len(await reader.read(200_000))
            await asyncio.sleep(0)
        writer.write(OK)

    async with serving(slow) as (url, connections):
        assert await Http(connections).post(url, content(b"x" * size), 30) == Answer(200, b"OK")
        assert read == size


@pytest.mark.parametrize("proxied", [False, True], ids=["directly", "through a proxy"])
@pytest.mark.parametrize("pieces", [False, True], ids=["in one piece", "in pieces"])
@pytest.mark.parametrize("size", [100, 20_000, 300_000, 16_000_000])
async def test_an_answer_before_the_end_of_the_body_is_read(
    size: int, *, pieces: bool, proxied: bool
) -> None:
    form = content(b"x" * size)
    if pieces:
        form = Content(form.path, form.kind, take([File("a.jpg", b"x" * size)]))

    async def early(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(OK)
        await writer.drain()

    async with serving(early) as (url, direct):
        connections = Connections(no_tls, proxy_at(url)) if proxied else direct
        ended = await Http(connections).post(url, form, 30)
        await connections.aclose()

    assert ended == Answer(200, b"OK")


class Between(asyncio.Event):
    """Lets something happen between the look at a connection and the first byte of a request."""

    def __init__(self, happens: Callable[[asyncio.StreamWriter], object]) -> None:
        super().__init__()
        self.happens = happens


async def heard_of(stream: Stream) -> None:
    """Look at a connection in every turn of the loop, until something has come."""
    while not stream.has_news():
        stream.is_readable()
        await asyncio.sleep(0)


@pytest.mark.parametrize(
    "happens",
    [lambda writer: writer.write(UNASKED), lambda writer: writer.close()],
    ids=["an answer to nothing", "the end"],
)
async def test_what_comes_between_the_look_and_the_first_byte_keeps_that_back(
    happens: Callable[[asyncio.StreamWriter], object],
) -> None:
    writers, heard = list[asyncio.StreamWriter](), list[bytes]()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writers.append(writer)
        while data := await reader.read(9999):
            heard.append(data)
            writer.write(OK)

    async with serving(serve) as (url, connections):
        http = Http(connections)
        assert await http.post(url, content(b"one"), 30) == Answer(200, b"OK")
        opened: Any = connections
        (stack,) = opened._idle.values()
        connection = stack[-1].http
        send = connection.send

        async def late(request: object) -> object:
            happens(writers[0])
            await heard_of(connection._stream)
            return await send(request)

        connection.send = late
        ended = await http.post(url, content(b"two"), 30)

        assert isinstance(ended, Lost)
        assert not ended.left
        assert not any(b"two" in data for data in heard)


async def connecting(turns: int) -> bool:
    """Cancel a connection so many turns of the loop after it was made; tell whether that counts.

    The first address hangs, so the second one is tried beside it, and wins.
    """
    loop = asyncio.get_running_loop()
    made = loop.create_future()

    async def addresses(*_: object, **__: object) -> object:
        where = server.sockets[0].getsockname()[1]
        kind = socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP, ""
        return [(*kind, (address, where)) for address in ("127.0.0.2", "127.0.0.1")]

    async def connect(held: socket.socket, address: tuple[str, int]) -> None:
        if address[0] == "127.0.0.2":
            await loop.create_future()
        await real(held, address)
        made.set_result(None)

    async def serve(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    real, replaced = loop.sock_connect, {"getaddrinfo": addresses, "sock_connect": connect}
    for name, function in replaced.items():
        setattr(loop, name, function)
    task = asyncio.create_task(Sockets().connect("host", 1, 30))
    await made
    for _ in range(turns):
        await asyncio.sleep(0)
    was_done = task.done() or not task.cancel()
    try:
        stream = await task
    except asyncio.CancelledError:
        return True
    finally:
        server.close()
    await stream.aclose()
    return was_done


@pytest.mark.parametrize("turns", range(8))
async def test_a_cancellation_while_the_losing_addresses_are_given_up_is_heard(turns: int) -> None:
    assert await connecting(turns)


async def test_a_connection_over_tls_that_was_just_reset_shows_its_end_in_every_turn() -> None:
    authority, served = trustme.CA(), ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("localhost").configure_cert(served)
    trusting = ssl.create_default_context()
    authority.configure_trust(trusting)
    writers: asyncio.Queue[asyncio.StreamWriter] = asyncio.Queue()

    async def serve(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await writers.put(writer)

    server = await asyncio.start_server(serve, "127.0.0.1", 0, ssl=served)
    port = server.sockets[0].getsockname()[1]
    opened = await Sockets().connect("127.0.0.1", port, 30)
    stream = await opened.start_tls(trusting, "localhost", 30)
    writer = await writers.get()
    writer.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET)
    writer.transport.abort()
    await heard_of(stream)

    assert stream.is_readable()
    await stream.aclose()
    server.close()
