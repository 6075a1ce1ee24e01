"""What is particular to the transport over aiohttp, on real sockets."""

from __future__ import annotations

import asyncio
import gc
import gzip
import socket
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import aiohttp
import httpx
import pytest

from smsc_async import NoAnswer, NotSent, OutcomeUnknown, SmscClient, Throttle
from smsc_async._bodies import Content
from smsc_async._transport.aio import FAR, AiohttpConnections
from smsc_async._transport.begun import Begun
from smsc_async._transport.bodies import Body
from smsc_async._transport.http import Answer, Http, opener
from smsc_async._transport.network import (
    ConnectError,
    ConnectTimeout,
    NetworkError,
    RemoteProtocolError,
)
from smsc_async._transport.streams import readable
from smsc_async._transport.wire import Origin, Request, Wire
from smsc_async._upload import File, take
from smsc_async._wire.secret import Secret
from tests.loopback import ACCEPTED, BALANCE, Posted, answer, serving
from tests.transport.conftest import Clock

STALE = answer({**ACCEPTED, "id": 666})


def client(url: str) -> SmscClient:
    return SmscClient(
        api_key="key",
        base_url=url,
        attempts=1,
        throttle=Throttle(),
        transport="aiohttp",
        on_unknown="raise",
    )


def no_tls() -> None:
    raise AssertionError("there is no TLS here")


def direct(far: float = FAR) -> AiohttpConnections:
    return AiohttpConnections(no_tls, far=far)  # type: ignore[arg-type]


@dataclass
class Line:
    """A server whose every word a test says itself, on connections in the order they came."""

    url: str = ""
    heads: list[bytes] = field(default_factory=list)
    bodies: list[bytes] = field(default_factory=list)
    writers: list[asyncio.StreamWriter] = field(default_factory=list)
    arrived: asyncio.Queue[asyncio.StreamWriter] = field(default_factory=asyncio.Queue)

    async def talk(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.writers.append(writer)
        with suppress(asyncio.IncompleteReadError, ConnectionError):
            while True:
                head = await reader.readuntil(b"\r\n\r\n")
                length = int(head.lower().split(b"content-length: ")[1].split(b"\r\n")[0])
                self.heads.append(head)
                self.bodies.append(await reader.readexactly(length))
                self.arrived.put_nowait(writer)
        writer.close()


@asynccontextmanager
async def line() -> AsyncIterator[Line]:
    known = Line()
    talks: set[asyncio.Task[None]] = set()

    def accept(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        talks.add(asyncio.create_task(known.talk(reader, writer)))

    server = await asyncio.start_server(accept, "127.0.0.1", 0)
    known.url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    try:
        yield known
    finally:
        server.close()
        for writer in known.writers:
            writer.close()
        await asyncio.gather(*talks)
        await server.wait_closed()
        await turns(3)


def request(
    url: str, wire: Wire | None = None, body: bytes = b"mes=hello", *, connect_within: float = 10.0
) -> Request:
    parts = urlsplit(url)
    assert parts.hostname
    origin = Origin(parts.scheme.encode(), parts.hostname.encode(), parts.port or 80)
    headers = [(b"Host", b"there"), (b"Content-Length", str(len(body)).encode())]
    return Request(
        *(origin, b"/sys/send.php", headers, Body(form(body)), connect_within, wire or Wire())
    )


def form(body: bytes) -> Content:
    return Content("/sys/send.php", "text/plain", (Secret(body),))


async def content(transport: AiohttpConnections, asked: Request) -> bytes:
    async with asyncio.timeout(20):
        response = await transport.send(asked)
        try:
            return b"".join([part async for part in response.aiter_stream()])
        finally:
            await response.aclose()


def hang_up(writer: asyncio.StreamWriter) -> None:
    """Say at once that nothing more will come; closing would do that in the loop's next turn."""
    writer.get_extra_info("socket").shutdown(socket.SHUT_WR)


async def turns(number: int) -> None:
    """Let the loop look at its sockets."""
    for _ in range(number):
        await asyncio.sleep(0)


# What goes out


async def test_a_request_is_on_the_wire_as_the_default_transport_writes_it() -> None:
    async with line() as server:
        for own in (None, "aiohttp"):
            http = Http(opener(own, no_tls, None)())  # type: ignore[arg-type] # it is not called
            asked = asyncio.create_task(http.post(server.url, form(b"mes=hello"), 20))
            (await server.arrived.get()).write(answer(ACCEPTED))
            await asked
            await http.aclose()

    assert server.heads[0] == server.heads[1]
    assert server.bodies == [b"mes=hello"] * 2


async def test_a_large_body_arrives_whole_and_without_a_warning() -> None:
    text = "ы" * 400

    async def accept(_: Posted) -> bytes:
        return answer({**ACCEPTED, "cnt": 1000})

    async with serving(accept) as server, client(server.url) as smsc:
        await smsc.send_each([(str(79990000000 + at), text) for at in range(1000)])

    assert server.posted[0].form["list"].count(text) == 1000


async def test_a_body_is_written_in_the_turn_in_which_its_request_begins() -> None:
    async with line() as server:
        transport, written = direct(far=0.0), False
        for _ in range(2):
            asked = asyncio.create_task(content(transport, request(server.url)))
            await turns(1)
            written = bool(server.writers) and readable(server.writers[0].transport)
            (await server.arrived.get()).write(answer(ACCEPTED))
            await asked
        await transport.aclose()

    assert written
    assert len(server.writers) == 1


def wrapping(loop: asyncio.AbstractEventLoop, coro: Any, **named: Any) -> asyncio.Task[Any]:  # noqa: ANN401 - of any task
    """Await what a task is made of in another coroutine, as what watches tasks does."""

    async def watched() -> object:
        return await coro

    return asyncio.Task(watched(), loop=loop, **named)


@asynccontextmanager
async def faults() -> AsyncIterator[list[dict[str, object]]]:
    """Give what the loop is told that nobody else hears of."""
    loop, heard = asyncio.get_running_loop(), list[dict[str, object]]()
    loop.set_exception_handler(lambda _, fault: heard.append(fault))
    yield heard
    await turns(3)
    gc.collect()


async def opened(transport: AiohttpConnections, server: Line) -> None:
    """Have a connection that takes a few kilobytes at a time."""
    asked = asyncio.create_task(content(transport, request(server.url)))
    (await server.arrived.get()).write(answer(ACCEPTED))
    await asked
    assert transport._session
    assert transport._session.connector
    ((idle,),) = transport._session.connector._conns.values()
    assert idle[0].transport
    held = idle[0].transport.get_extra_info("socket")
    held.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 4096)


@pytest.mark.parametrize("watched", [False, True])
@pytest.mark.parametrize("size", [9, 120_000])
async def test_a_body_written_at_once_may_have_to_wait(size: int, *, watched: bool) -> None:
    async with faults() as heard, line() as server:
        transport = direct(far=0.0)
        await opened(transport, server)
        if watched:
            asyncio.get_running_loop().set_task_factory(wrapping)
        asked = asyncio.create_task(content(transport, request(server.url, body=bytes(size))))
        async with asyncio.timeout(20):
            (await server.arrived.get()).write(answer(ACCEPTED))
        await asked
        await transport.aclose()

    assert server.bodies[1:] == [bytes(size)]
    assert len(server.writers) == 1
    assert not heard


@pytest.mark.parametrize("size", [9, 120_000])
@pytest.mark.parametrize("after", range(1, 4))
async def test_a_request_cancelled_soon_after_it_was_written_leaves_no_fault(
    size: int, after: int
) -> None:
    async with faults() as heard, line() as server:
        transport, wire = direct(far=0.0), Wire()
        await opened(transport, server)
        second = asyncio.create_task(content(transport, request(server.url, wire, bytes(size))))
        await turns(after)
        second.cancel()
        await asyncio.wait({second})
        await transport.aclose()

    assert wire.left
    assert not heard


async def test_what_was_written_at_once_is_not_kept() -> None:
    async with line() as server:
        transport = direct(far=0.0)
        for _ in range(2):
            asked = asyncio.create_task(content(transport, request(server.url)))
            (await server.arrived.get()).write(answer(ACCEPTED))
            await asked
        gc.collect()
        gc.disable()
        try:
            asked = asyncio.create_task(content(transport, request(server.url)))
            (await server.arrived.get()).write(answer(ACCEPTED))
            await asked
            del asked
            kept = [each for each in gc.get_objects() if isinstance(each, aiohttp.ClientRequest)]
        finally:
            gc.enable()
        await transport.aclose()

    assert not kept


async def test_aiohttp_cannot_send_a_request_again() -> None:
    async with line() as server:
        transport = direct()
        reply = asyncio.create_task(_reply(server))
        response = await transport.send(request(server.url))
        await response.aclose()
        await reply
        session = transport._session
        assert session
        with pytest.raises(ConnectError, match="goes out once"):
            async with asyncio.timeout(20):
                await session.post(server.url)
        await transport.aclose()

    assert len(server.heads) == 1


@pytest.mark.parametrize("steps", range(4))
async def test_a_body_that_waits_to_be_written_can_be_cancelled(steps: int) -> None:
    seen: list[str] = []

    async def write() -> None:
        try:
            await asyncio.sleep(0)
            await asyncio.Event().wait()
        except asyncio.CancelledError:
            seen.append("cancelled")
            raise

    task: asyncio.Task[None] = asyncio.create_task(Begun(write()))
    await turns(steps)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task

    assert seen == ["cancelled"]


async def test_a_body_that_goes_on_after_a_cancellation_hears_what_comes_then() -> None:
    later = asyncio.get_running_loop().create_future()

    async def write() -> None:
        with suppress(asyncio.CancelledError):
            await asyncio.Event().wait()
        assert await later == "later"

    task: asyncio.Task[None] = asyncio.create_task(Begun(write()))
    task.cancel()
    await turns(3)
    later.set_result("later")
    await turns(3)

    assert task.done()
    assert not task.exception()


async def test_a_file_arrives_whole_where_bodies_are_written_at_once(tmp_path: Path) -> None:
    (path := tmp_path / "voice.mp3").write_bytes(b"sound" * 100_000)
    form = Content("/sys/send.php", "text/plain", take([File(path.name, path)]))
    async with line() as server:
        http = Http(direct(far=0.0))
        for _ in range(2):
            asked = asyncio.create_task(http.post(server.url, form, 20))
            async with asyncio.timeout(20):
                (await server.arrived.get()).write(answer(ACCEPTED))
            assert isinstance(await asked, Answer)
        await http.aclose()

    assert server.bodies == [path.read_bytes()] * 2


async def test_a_body_that_is_written_cannot_be_cancelled_any_more() -> None:
    async def write() -> None: ...

    task: asyncio.Task[None] = asyncio.create_task(Begun(write()))
    task.cancel()
    await task


@pytest.mark.parametrize("status", [303, 307])
async def test_a_redirect_is_not_followed(status: int) -> None:
    async def elsewhere(_: Posted) -> bytes:
        head = f"HTTP/1.1 {status} X\r\nLocation: /sys/else.php\r\nContent-Length: 0\r\n\r\n"
        return head.encode()

    async with serving(elsewhere) as server, client(server.url) as smsc:
        with pytest.raises(OutcomeUnknown):
            await smsc.send("+79990000000", "hello")

    assert [posted.path for posted in server.posted] == ["/sys/send.php"]


async def test_cookies_are_not_kept() -> None:
    async def sweet(_: Posted) -> bytes:
        return answer(BALANCE).replace(b"\r\n", b"\r\nSet-Cookie: a=b; Path=/\r\n", 1)

    async with serving(sweet) as server, client(server.url.replace("127.0.0.1", "localhost")) as s:
        await s.account.balance()
        await s.account.balance()

    assert ["cookie" in posted.headers for posted in server.posted] == [False, False]


async def test_the_environment_names_no_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    async def accept(_: Posted) -> bytes:
        return answer(ACCEPTED)

    for name in ("http_proxy", "HTTP_PROXY", "all_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:1")
    monkeypatch.delenv("no_proxy", raising=False)
    monkeypatch.delenv("NO_PROXY", raising=False)

    async with serving(accept) as server, client(server.url) as smsc:
        assert (await smsc.send("+79990000000", "hello")).id == "1"


async def test_fourteen_are_on_their_way_at_once() -> None:
    arrived: list[Posted] = []
    all_there = asyncio.Event()

    async def together(posted: Posted) -> bytes:
        if "mes" not in posted.form:  # credentials that are not yet accepted go one by one
            return answer(BALANCE)
        arrived.append(posted)
        if len(arrived) == 14:
            all_there.set()
        await all_there.wait()
        return answer(ACCEPTED)

    async with serving(together) as server, client(server.url) as smsc:
        await smsc.account.balance()
        await asyncio.gather(*(smsc.send("+79990000000", f"text {at}") for at in range(14)))

        assert server.connections == 14


# What comes in


async def test_a_packed_answer_is_handed_on_as_it_came() -> None:
    packed = gzip.compress(b"{}")
    head = f"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: {len(packed)}\r\n\r\n"

    async def answered(_: Posted) -> bytes:
        return head.encode() + packed

    async with serving(answered) as server:
        transport = direct()
        assert await content(transport, request(server.url)) == packed
        await transport.aclose()
        async with client(server.url) as smsc:
            with pytest.raises(NoAnswer, match="packed"):
                await smsc.account.balance()


async def test_an_answer_that_is_cut_short_is_none() -> None:
    async with line() as server, client(server.url) as smsc:
        call = asyncio.create_task(smsc.send("+79990000000", "hello"))
        writer = await server.arrived.get()
        writer.write(answer(ACCEPTED)[:-2])
        writer.close()
        with pytest.raises(OutcomeUnknown):
            await call


async def test_a_second_answer_at_once_is_not_taken_for_the_next() -> None:
    async with line() as server, client(server.url) as smsc:
        call = asyncio.create_task(smsc.send("+79990000000", "one"))
        (await server.arrived.get()).write(answer(ACCEPTED) + STALE)
        assert (await call).id == "1"
        call = asyncio.create_task(smsc.send("+79990000000", "two"))
        (await server.arrived.get()).write(answer({**ACCEPTED, "id": 2}))
        assert (await call).id == "2"


async def asked_after(said: bytes, number: int) -> tuple[bytes, int]:
    """Return what is taken for the second answer if *said* came long after the first."""
    async with asyncio.timeout(20), line() as server:
        transport = direct()
        first = asyncio.create_task(content(transport, request(server.url)))
        (await server.arrived.get()).write(answer(ACCEPTED))
        await first
        if said:
            server.writers[0].write(said)
        else:
            hang_up(server.writers[0])
        await turns(number)
        # In the same task, so that the loop does not look at its sockets in between.
        reply = asyncio.create_task(_reply(server))
        taken = await content(transport, request(server.url))
        await reply
        await transport.aclose()
        return taken, len(server.writers)


async def _reply(server: Line) -> None:
    (await server.arrived.get()).write(b"HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nmine")


@pytest.mark.parametrize("number", [0, 10], ids=["unread", "read"])
@pytest.mark.parametrize("said", [STALE, b"HTTP/1.1 408 X\r\nContent-Length: 0\r\n\r\n", b""])
async def test_a_connection_that_spoke_or_closed_while_idle_is_not_used_again(
    said: bytes, number: int
) -> None:
    assert await asked_after(said, number) == (b"mine", 2)


async def test_a_stale_connection_whose_successor_is_refused_proves_that_nothing_left() -> None:
    wire = Wire()
    async with line() as server:
        transport = direct()
        first = asyncio.create_task(content(transport, request(server.url)))
        (await server.arrived.get()).write(answer(ACCEPTED))
        await first
        hang_up(server.writers[0])
    with pytest.raises(ConnectError):
        await transport.send(request(server.url, wire))
    await transport.aclose()

    assert not wire.left


@pytest.mark.parametrize("cut", [1, 20, len(STALE) - 1])
async def test_the_rest_of_an_earlier_answer_is_never_taken_for_the_next(cut: int) -> None:
    async with line() as server, client(server.url) as smsc:
        call = asyncio.create_task(smsc.send("+79990000000", "one"))
        (await server.arrived.get()).write(answer(ACCEPTED) + STALE[:cut])
        assert (await call).id == "1"
        call = asyncio.create_task(smsc.send("+79990000000", "two"))
        (await server.arrived.get()).write(STALE[cut:])
        with pytest.raises(OutcomeUnknown):
            await call


# Connections


@pytest.mark.parametrize(("idle", "connections"), [(1.0, 1), (1.001, 2)])
async def test_a_connection_is_used_again_within_a_second(
    idle: float, connections: int, idle_clock: Clock
) -> None:
    async def accept(_: Posted) -> bytes:
        return answer(BALANCE)

    async with serving(accept) as server, client(server.url) as smsc:
        await smsc.account.balance()
        idle_clock.now += idle
        await smsc.account.balance()

    assert server.connections == connections


async def test_a_connection_is_not_used_after_an_exchange_that_was_given_up() -> None:
    async with line() as server, client(server.url) as smsc:
        with pytest.raises(OutcomeUnknown):
            await smsc.send("+79990000000", "one", timeout=0.5)
        late = server.arrived.get_nowait()
        late.write(STALE)
        call = asyncio.create_task(smsc.send("+79990000000", "two"))
        (await server.arrived.get()).write(answer(ACCEPTED))

        assert (await call).id == "1"
        assert len(server.writers) == 2


async def test_a_connection_is_not_used_after_an_answer_that_was_read_in_part() -> None:
    async with line() as server:
        transport = direct()
        asked = asyncio.create_task(transport.send(request(server.url)))
        (await server.arrived.get()).write(answer(ACCEPTED)[:-1])
        response = await asked
        await response.aclose()
        server.writers[0].write(answer(ACCEPTED)[-1:])
        reply = asyncio.create_task(_reply(server))
        assert await content(transport, request(server.url)) == b"mine"
        await reply
        await transport.aclose()

    assert len(server.writers) == 2


@pytest.mark.parametrize("answered", [False, True])
async def test_what_was_given_up_is_not_sent_any_further(answered: bool) -> None:  # noqa: FBT001
    body = bytes(32 << 20)  # more than the buffers of two sockets hold
    go, read = asyncio.Event(), asyncio.get_running_loop().create_future()

    async def late(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if answered:
            writer.write(b"HTTP/1.1 413 X\r\nContent-Length: 9\r\n\r\n")
        await go.wait()
        size = 0
        with suppress(ConnectionError):
            while data := await reader.read(1 << 20):
                size += len(data)
        writer.close()
        read.set_result(size)

    server = await asyncio.start_server(late, "127.0.0.1", 0)
    transport, wire = direct(), Wire()
    async with server:
        url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
        if answered:
            response = await transport.send(request(url, wire, body))
            await response.aclose()
        else:
            with pytest.raises(TimeoutError):
                async with asyncio.timeout(0.5):
                    await transport.send(request(url, wire, body))
        go.set()
        assert await read < len(body)
        await transport.aclose()
        await turns(3)

    assert wire.left


async def test_closing_leaves_nothing_open() -> None:
    async def accept(_: Posted) -> bytes:
        return answer(ACCEPTED)

    async with serving(accept) as server:
        async with client(server.url) as smsc:
            await asyncio.gather(*(smsc.send("+79990000000", f"text {at}") for at in range(5)))
            assert server.alive > 0
        await turns(10)
        assert server.alive == 0
        del smsc
        gc.collect()  # an object that was not closed would warn, which is an error


async def test_a_transport_that_was_closed_opens_nothing() -> None:
    transport, wire = direct(), Wire()
    await transport.aclose()

    with pytest.raises(ConnectError):
        await transport.send(request("http://127.0.0.1:1", wire))

    assert not wire.left


# The proof


async def test_where_the_connector_was_not_asked_there_is_no_proof() -> None:
    transport, wire = direct(), Wire()

    with pytest.raises(NetworkError):
        await transport.send(request("ftp://127.0.0.1", wire))
    await transport.aclose()

    assert wire.left


async def test_a_request_that_died_with_its_connection_is_not_repeated() -> None:
    wire = Wire()
    async with line() as server:
        transport = direct()
        first = asyncio.create_task(content(transport, request(server.url)))
        (await server.arrived.get()).write(answer(ACCEPTED))
        await first
        second = asyncio.create_task(transport.send(request(server.url, wire)))
        (await server.arrived.get()).close()
        with pytest.raises(RemoteProtocolError):
            await second
        await transport.aclose()

    assert wire.written
    assert len(server.heads) == 2


async def test_a_connection_that_takes_too_long_is_not_taken_for_an_answer_that_does() -> None:
    ended = asyncio.Event()

    async def stall(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(ConnectionError):
            await reader.read()
        writer.close()
        ended.set()

    server = await asyncio.start_server(stall, "127.0.0.1", 0)
    place = f"127.0.0.1:{server.sockets[0].getsockname()[1]}"
    proxy = httpx.Proxy(f"http://{place}")
    transport, wire = AiohttpConnections(httpx.create_ssl_context, proxy), Wire()
    asked = request(f"https://{place}", wire, connect_within=0.3)
    async with server:
        with pytest.raises(ConnectTimeout):
            await content(transport, asked)
        await transport.aclose()
        await ended.wait()
        await turns(3)

    assert not wire.left


async def test_certificates_that_cannot_be_read_prove_that_nothing_was_sent() -> None:
    smsc = SmscClient(
        api_key="key", transport="aiohttp", ca_file="nowhere.pem", throttle=Throttle(), attempts=1
    )
    async with smsc:
        with pytest.raises(NotSent, match="no such file or directory"):
            await smsc.send("+79990000000", "hello")


# How it is chosen


async def test_it_shares_the_throttle_of_the_account() -> None:
    one = SmscClient(api_key="shared by two transports", transport="aiohttp")
    other = SmscClient(api_key="shared by two transports")

    assert one.throttle is other.throttle


def test_without_the_extra_it_is_said_how_to_install_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delitem(sys.modules, "smsc_async._transport.aio")
    monkeypatch.setitem(sys.modules, "aiohttp", None)

    with pytest.raises(ImportError, match=r"pip install smsc-async\[aiohttp\]"):
        SmscClient(api_key="key", transport="aiohttp")


def test_a_transport_of_an_unknown_name_is_refused_at_once() -> None:
    with pytest.raises(ValueError, match="transport is 'aiohttp'"):
        SmscClient(api_key="key", transport="aiohtpp")  # type: ignore[arg-type]
