"""What proves that nothing left the machine, on real sockets."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import suppress
from typing import TypeAlias

import httpx
import pytest

from smsc_async import NoAnswer, NotSent, OutcomeUnknown, Sent, SmscClient, Throttle
from smsc_async._transport.http import Own, Transport
from tests.loopback import ACCEPTED, BALANCE, Posted, answer, serving


def client(url: str, transport: Transport | Own = None, *, proxy: str | None = None) -> SmscClient:
    return SmscClient(
        api_key="key",
        base_url=url,
        attempts=1,
        throttle=Throttle(),
        transport=transport,
        on_unknown="raise",
        proxy=proxy,
    )


def closed_port() -> str:
    return "http://127.0.0.1:1"  # a free port might be taken by whoever runs beside this test


# The client's own transports, and httpx's, which is watched through trace events.
OWN = [lambda: None, lambda: "aiohttp"]
each_own = pytest.mark.parametrize("transport", OWN, ids=["own", "aiohttp"])
every = pytest.mark.parametrize(
    "transport",
    [*OWN, lambda: httpx.AsyncHTTPTransport(retries=0)],
    ids=["own", "aiohttp", "httpx"],
)
Made: TypeAlias = Callable[[], Transport | Own]


@every
async def test_a_refused_connection_proves_that_a_send_was_not_sent(transport: Made) -> None:
    async with client(closed_port(), transport()) as smsc:
        with pytest.raises(NotSent, match="safe to repeat") as caught:
            await smsc.send("+79990000000", "hello")

    assert caught.value.operation == "send"
    assert caught.value.__context__ is None


@every
async def test_what_was_never_sent_gives_its_tokens_back_at_once(transport: Made) -> None:
    async with client(closed_port(), transport()) as smsc:
        for _ in range(3):  # a second one would be a DuplicateSend if the first had counted
            with pytest.raises(NotSent):
                await smsc.send("+79990000000", "hello")


@every
async def test_a_connection_closed_after_the_request_leaves_the_outcome_unknown(
    transport: Made,
) -> None:
    async def hang_up(_: Posted) -> None:
        return None

    async with serving(hang_up) as server, client(server.url, transport()) as smsc:
        with pytest.raises(OutcomeUnknown) as caught:
            await smsc.send(["+79990000000", "79991111111"], "hello")
        with pytest.raises(NoAnswer):
            await smsc.account.balance()

    assert caught.value.phones == ("+79990000000", "79991111111")
    assert caught.value.id == server.posted[0].form["id"]
    assert "+7999***00" in str(caught.value)
    assert "+79990000000" not in str(caught.value)


@every
async def test_a_reused_connection_that_dies_leaves_the_outcome_unknown(transport: Made) -> None:
    async def once(request: Posted) -> bytes | None:
        return answer(BALANCE) if request.path.endswith("balance.php") else None

    async with serving(once) as server, client(server.url, transport()) as smsc:
        await smsc.account.balance()
        with pytest.raises(OutcomeUnknown):
            await smsc.send("+79990000000", "hello")

    assert server.connections == 1


async def test_the_type_of_an_exception_proves_nothing() -> None:
    def refuse(request: httpx.Request) -> httpx.Response:
        raise httpx.ConnectError("refused", request=request)

    async with client("https://smsc.ru", httpx.MockTransport(refuse)) as smsc:
        with pytest.raises(OutcomeUnknown):
            await smsc.send("+79990000000", "hello")


@each_own
async def test_a_server_that_never_answers_is_given_up_after_the_timeout(transport: Made) -> None:
    async def never(_: Posted) -> bytes:
        await asyncio.Event().wait()
        return b""

    async with serving(never) as server, client(server.url, transport()) as smsc:
        with pytest.raises(OutcomeUnknown, match="no answer within"):
            await smsc.send("+79990000000", "hello", timeout=0.5)

        assert smsc.throttle.snapshot().in_flight == 0


@each_own
async def test_an_answer_that_drips_does_not_outlive_the_timeout(transport: Made) -> None:
    async with asyncio.timeout(10):
        server = await asyncio.start_server(_drip, "127.0.0.1", 0)
        url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
        async with server, client(url, transport()) as smsc:
            with pytest.raises(NoAnswer):
                await smsc.with_options(timeout=0.5).account.balance()


async def _drip(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    await reader.readuntil(b"\r\n\r\n")
    writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 1000000\r\n\r\n")
    try:
        while True:
            writer.write(b" ")
            await writer.drain()
            await asyncio.sleep(0)
    except ConnectionError:
        pass
    finally:
        writer.close()


@each_own
async def test_a_tls_handshake_that_fails_proves_that_nothing_was_sent(transport: Made) -> None:
    async def no_tls(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 400 This is no TLS\r\n\r\n")
        await writer.drain()
        writer.close()

    server = await asyncio.start_server(no_tls, "127.0.0.1", 0)
    url = f"https://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    async with server, client(url, transport()) as smsc:
        with pytest.raises(NotSent):
            await smsc.send("+79990000000", "hello")


@each_own
async def test_sends_share_one_connection_for_each_place(transport: Made) -> None:
    async def accept(_: Posted) -> bytes:
        return answer(ACCEPTED)

    async with serving(accept) as server, client(server.url, transport()) as smsc:
        for at in range(5):
            assert isinstance(await smsc.send("+79990000000", f"one after another {at}"), Sent)
        assert server.connections == 1
        await asyncio.gather(*(smsc.send("+79990000000", f"at once {at}") for at in range(30)))

    assert 2 <= server.connections <= 14


@each_own
async def test_a_connection_through_a_proxy_that_refuses_proves_that_nothing_was_sent(
    transport: Made,
) -> None:
    async with client("https://127.0.0.1:1", transport(), proxy=closed_port()) as smsc:
        with pytest.raises(NotSent):
            await smsc.send("+79990000000", "hello")


@each_own
async def test_what_a_proxy_hears_before_the_handshake_is_not_the_request(transport: Made) -> None:
    heard = []

    async def refuse(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        heard.append(await reader.readuntil(b"\r\n\r\n"))
        writer.write(b"HTTP/1.1 502 Bad Gateway\r\nContent-Length: 0\r\n\r\n")
        await writer.drain()
        writer.close()

    server = await asyncio.start_server(refuse, "127.0.0.1", 0)
    proxy = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    async with (
        server,
        SmscClient(
            api_key="key", proxy=proxy, attempts=1, throttle=Throttle(), transport=transport()
        ) as smsc,
    ):
        with pytest.raises(NotSent):
            await smsc.send("+79990000000", "hello")

    assert heard[0].startswith(b"CONNECT smscentre.com:443")


@each_own
@pytest.mark.parametrize("through", ["direct", "proxy"])
async def test_a_server_that_never_shakes_hands_was_sent_nothing(
    transport: Made, through: str
) -> None:
    heard, ended = bytearray(), asyncio.Event()

    async def stall(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(ConnectionError):
            while data := await reader.read(65536):
                heard.extend(data)
        writer.close()
        ended.set()

    server = await asyncio.start_server(stall, "127.0.0.1", 0)
    place = f"127.0.0.1:{server.sockets[0].getsockname()[1]}"
    proxy = f"http://{place}" if through == "proxy" else None
    async with server, client(f"https://{place}", transport(), proxy=proxy) as smsc:
        with pytest.raises(NotSent):
            await smsc.send("+79990000000", "hello", timeout=0.5)
        async with asyncio.timeout(10):
            await ended.wait()  # the connection was closed, and not forgotten
        await asyncio.sleep(0)

    assert b"hello" not in heard
