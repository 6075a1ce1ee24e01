"""The proof over TLS, as it is in production: direct, reused, and through proxies."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pytest
import trustme

from smsc_async import NotSent, OutcomeUnknown, SmscClient, Throttle
from tests.loopback import ACCEPTED, answer

Streams = tuple[asyncio.StreamReader, asyncio.StreamWriter]


@dataclass
class Certificates:
    """One authority, its file, and what a server of 127.0.0.1 shows."""

    file: str
    server: ssl.SSLContext


@pytest.fixture(scope="module")
def certificates(tmp_path_factory: pytest.TempPathFactory) -> Certificates:
    authority = trustme.CA()
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    authority.issue_cert("127.0.0.1").configure_cert(context)
    file: Path = tmp_path_factory.mktemp("tls") / "ca.pem"
    authority.cert_pem.write_to_path(file)
    return Certificates(str(file), context)


@dataclass
class Talk:
    """A server that reads whole requests and answers with what is left in *answers*."""

    answers: list[bytes]
    requests: list[bytes] = field(default_factory=list)
    connections: int = 0

    async def __call__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        try:
            while True:
                head = await reader.readuntil(b"\r\n\r\n")
                length = int(head.lower().split(b"content-length: ")[1].split(b"\r\n")[0])
                self.requests.append(await reader.readexactly(length))
                if not self.answers:
                    return
                writer.write(self.answers.pop(0))
                await writer.drain()
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        finally:
            writer.close()


@asynccontextmanager
async def listening(
    talk: Callable[[asyncio.StreamReader, asyncio.StreamWriter], object],
    context: ssl.SSLContext | None = None,
) -> AsyncIterator[int]:
    server = await asyncio.start_server(talk, "127.0.0.1", 0, ssl=context)  # type: ignore[arg-type]
    async with server:
        yield server.sockets[0].getsockname()[1]


class Tunnel:
    """A proxy that opens a tunnel wherever it is asked to, or refuses."""

    def __init__(self, *, refuse: bool = False) -> None:
        self.refuse = refuse
        self.heads: list[bytes] = []

    async def __call__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = await reader.readuntil(b"\r\n\r\n")
        self.heads.append(head)
        if self.refuse:
            writer.write(b"HTTP/1.1 502 No\r\nContent-Length: 0\r\n\r\n")
            await writer.drain()
            writer.close()
            return
        host, _, port = head.split(b" ")[1].partition(b":")
        far = await asyncio.open_connection(host.decode(), int(port))
        writer.write(b"HTTP/1.1 200 Open\r\n\r\n")
        await asyncio.gather(_copy(reader, far[1]), _copy(far[0], writer))


async def _copy(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    try:
        while data := await reader.read(65536):
            writer.write(data)
            await writer.drain()
    except (ConnectionError, ssl.SSLError):
        pass
    finally:
        writer.close()


def client(
    port: int, certificates: Certificates, proxy: str | None = None, *, attempts: int = 3
) -> SmscClient:
    return SmscClient(
        api_key="key",
        base_url=f"https://127.0.0.1:{port}",
        ca_file=certificates.file,
        proxy=proxy,
        throttle=Throttle(),
        attempts=attempts,
        timeout=10,
        on_unknown="raise",
    )


async def test_a_send_arrives_over_tls(certificates: Certificates) -> None:
    talk = Talk([answer(ACCEPTED)])
    async with (
        listening(talk, certificates.server) as port,
        client(port, certificates) as smsc,
    ):
        sent = await smsc.send("+79990000000", "hello")

    assert sent.id == "1"
    assert b"mes=hello" in talk.requests[0]


@pytest.mark.parametrize("before", [0, 1], ids=["first", "reused"])
async def test_a_lost_answer_over_tls_is_unknown_and_never_repeated(
    certificates: Certificates, before: int
) -> None:
    talk = Talk([answer(ACCEPTED)] * before)
    async with (
        listening(talk, certificates.server) as port,
        client(port, certificates) as smsc,
    ):
        for _ in range(before):
            await smsc.send("+79990000000", "before")
        with pytest.raises(OutcomeUnknown):
            await smsc.send("+79990000000", "hello")

    assert len(talk.requests) == before + 1
    assert talk.connections == 1


async def test_a_certificate_that_nobody_vouches_for_proves_that_nothing_was_sent(
    certificates: Certificates,
) -> None:
    talk = Talk([])
    async with listening(talk, certificates.server) as port:
        stranger = SmscClient(
            api_key="key", base_url=f"https://127.0.0.1:{port}", throttle=Throttle(), attempts=1
        )
        async with stranger as smsc:
            with pytest.raises(NotSent):
                await smsc.send("+79990000000", "hello")

    assert talk.requests == []


async def test_a_handshake_that_does_not_end_proves_that_nothing_was_sent_and_is_closed() -> None:
    closed = asyncio.Event()

    async def say_nothing(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read()  # to the end
        closed.set()
        writer.close()

    server = await asyncio.start_server(say_nothing, "127.0.0.1", 0)
    url = f"https://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    async with (
        server,
        SmscClient(
            api_key="key", base_url=url, timeout=0.5, attempts=1, throttle=Throttle()
        ) as smsc,
    ):
        with pytest.raises(NotSent, match="no answer within"):
            await smsc.send("+79990000000", "hello")
        await asyncio.wait_for(closed.wait(), 10)


@pytest.mark.parametrize("scheme", ["http", "https", "HTTPS"])
async def test_a_lost_answer_through_a_proxy_is_unknown_and_never_repeated(
    certificates: Certificates, scheme: str
) -> None:
    talk, tunnel = Talk([]), Tunnel()
    at_proxy = None if scheme == "http" else certificates.server
    async with (
        listening(talk, certificates.server) as port,
        listening(tunnel, at_proxy) as by,
        client(port, certificates, f"{scheme}://me:secret@127.0.0.1:{by}") as smsc,
    ):
        with pytest.raises(OutcomeUnknown):
            await smsc.send("+79990000000", "hello")

    assert len(talk.requests) == 1
    assert b"Proxy-Authorization: Basic" in tunnel.heads[0]
    assert b"mes=hello" not in b"".join(tunnel.heads)


@pytest.mark.parametrize("scheme", ["http", "https"])
async def test_a_proxy_that_opens_no_tunnel_has_not_heard_the_request(
    certificates: Certificates, scheme: str
) -> None:
    tunnel = Tunnel(refuse=True)
    at_proxy = None if scheme == "http" else certificates.server
    async with (
        listening(tunnel, at_proxy) as by,
        client(1, certificates, f"{scheme}://127.0.0.1:{by}", attempts=1) as smsc,
    ):
        with pytest.raises(NotSent, match="ProxyError"):
            await smsc.send("+79990000000", "hello")

    assert tunnel.heads[0].startswith(b"CONNECT 127.0.0.1:1 ")


@pytest.mark.parametrize("scheme", ["http", "https"])
async def test_a_proxy_that_is_handed_the_request_itself_may_have_passed_it_on(
    certificates: Certificates, scheme: str
) -> None:
    talk = Talk([])
    at_proxy = None if scheme == "http" else certificates.server
    async with (
        listening(talk, at_proxy) as by,
        SmscClient(
            api_key="key",
            base_url="http://127.0.0.1:1",
            ca_file=certificates.file,
            proxy=f"{scheme}://127.0.0.1:{by}",
            throttle=Throttle(),
            on_unknown="raise",
        ) as smsc,
    ):
        with pytest.raises(OutcomeUnknown):
            await smsc.send("+79990000000", "hello")

    assert len(talk.requests) == 1


@pytest.mark.parametrize("proxy", ["socks5://127.0.0.1:1", "127.0.0.1:3128", "", "http://"])
def test_what_is_no_proxy_is_told_at_once(proxy: str) -> None:
    with pytest.raises(ValueError, match="proxy is an address such as"):
        SmscClient(api_key="key", proxy=proxy)


STALE = answer({**ACCEPTED, "id": 666})


@pytest.mark.parametrize("cut", [1, 20, len(STALE) - 1, len(STALE)])
async def test_the_rest_of_an_earlier_answer_is_never_taken_for_the_next(
    certificates: Certificates, cut: int
) -> None:
    talk = Talk([answer(ACCEPTED) + STALE[:cut], STALE[cut:]])
    async with (
        listening(talk, certificates.server) as port,
        client(port, certificates) as smsc,
    ):
        await smsc.send("+79990000000", "one")
        with pytest.raises(OutcomeUnknown):
            await smsc.send("+79990000000", "two")


async def test_a_connection_that_was_closed_while_idle_is_not_used_again() -> None:
    closed = asyncio.Event()

    async def once(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(answer(ACCEPTED))
        await writer.drain()
        writer.close()
        await writer.wait_closed()
        closed.set()

    async with (
        listening(once) as port,
        SmscClient(api_key="key", base_url=f"http://127.0.0.1:{port}", throttle=Throttle()) as smsc,
    ):
        for text in ("one", "two", "three"):
            closed.clear()
            assert (await smsc.send("+79990000000", text)).id == "1"
            await closed.wait()
