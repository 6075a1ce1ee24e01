"""The proof over TLS, as it is in production: direct, reused, and through proxies."""

from __future__ import annotations

import asyncio
import os
import ssl
import sys
import warnings
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pytest
import trustme

import smsc_async
from smsc_async import NotSent, OutcomeUnknown, SmscClient, Throttle
from smsc_async._transport.http import Own
from smsc_async._transport.tls import tls_context
from tests.loopback import ACCEPTED, BALANCE, answer

Streams = tuple[asyncio.StreamReader, asyncio.StreamWriter]


@dataclass
class Certificates:
    """One authority, its file, and what a server of 127.0.0.1 shows."""

    file: str
    server: ssl.SSLContext
    other: ssl.SSLContext  # what a server of another name shows
    old: ssl.SSLContext  # the right name, and a TLS that nobody should speak any more


@pytest.fixture(scope="module")
def certificates(tmp_path_factory: pytest.TempPathFactory) -> Certificates:
    authority = trustme.CA()
    server, other, old = (ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER) for _ in range(3))
    for context, name in ((server, "127.0.0.1"), (other, "smsc.example"), (old, "127.0.0.1")):
        authority.issue_cert(name).configure_cert(context)
    with warnings.catch_warnings(action="ignore", category=DeprecationWarning):
        old.minimum_version = ssl.TLSVersion.TLSv1
        old.maximum_version = ssl.TLSVersion.TLSv1_1
    old.set_ciphers("ALL:@SECLEVEL=0")
    file: Path = tmp_path_factory.mktemp("tls") / "ca.pem"
    authority.cert_pem.write_to_path(file)
    return Certificates(str(file), server, other, old)


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


each_own = pytest.mark.parametrize("transport", [None, "aiohttp"], ids=["own", "aiohttp"])


def client(
    port: int,
    certificates: Certificates,
    proxy: str | None = None,
    *,
    attempts: int = 3,
    transport: Own = None,
) -> SmscClient:
    return SmscClient(
        transport=transport,
        api_key="key",
        base_url=f"https://127.0.0.1:{port}",
        ca_file=certificates.file,
        proxy=proxy,
        throttle=Throttle(),
        attempts=attempts,
        timeout=10,
        on_unknown="raise",
    )


@each_own
async def test_a_send_arrives_over_tls(certificates: Certificates, transport: Own) -> None:
    talk = Talk([answer(ACCEPTED)])
    async with (
        listening(talk, certificates.server) as port,
        client(port, certificates, transport=transport) as smsc,
    ):
        sent = await smsc.send("+79990000000", "hello")

    assert sent.id == "1"
    assert b"mes=hello" in talk.requests[0]


@each_own
@pytest.mark.parametrize("before", [0, 1], ids=["first", "reused"])
async def test_a_lost_answer_over_tls_is_unknown_and_never_repeated(
    certificates: Certificates, transport: Own, before: int
) -> None:
    talk = Talk([answer(ACCEPTED)] * before)
    async with (
        listening(talk, certificates.server) as port,
        client(port, certificates, transport=transport) as smsc,
    ):
        for _ in range(before):
            await smsc.send("+79990000000", "before")
        with pytest.raises(OutcomeUnknown):
            await smsc.send("+79990000000", "hello")

    assert len(talk.requests) == before + 1
    assert talk.connections == 1


@each_own
async def test_a_certificate_that_nobody_vouches_for_proves_that_nothing_was_sent(
    certificates: Certificates,
    transport: Own,
) -> None:
    talk = Talk([])
    async with listening(talk, certificates.server) as port:
        stranger = SmscClient(
            api_key="key",
            base_url=f"https://127.0.0.1:{port}",
            throttle=Throttle(),
            transport=transport,
            attempts=1,
        )
        async with stranger as smsc:
            with pytest.raises(NotSent, match="the certificate does not hold: unable to get local"):
                await smsc.send("+79990000000", "hello")

    assert talk.requests == []


@each_own
@pytest.mark.parametrize("flaw", ["other", "old"])
async def test_a_server_of_another_name_or_an_old_tls_hears_nothing(
    certificates: Certificates, transport: Own, flaw: str
) -> None:
    talk = Talk([])
    async with (
        listening(talk, getattr(certificates, flaw)) as port,
        client(port, certificates, transport=transport, attempts=1) as smsc,
    ):
        with pytest.raises(NotSent):
            await smsc.send("+79990000000", "hello")

    assert talk.requests == []


@pytest.mark.parametrize("given", [True, False], ids=["ca_file", "certifi"])
def test_each_certificate_and_its_name_are_verified_over_a_tls_of_today(
    certificates: Certificates, *, given: bool
) -> None:
    context = tls_context(certificates.file if given else None)

    assert context.verify_mode is ssl.CERT_REQUIRED
    assert context.check_hostname
    assert context.minimum_version is ssl.TLSVersion.TLSv1_2
    assert len(context.get_ca_certs()) == 1 if given else len(context.get_ca_certs()) > 50


def test_verification_is_nowhere_turned_off() -> None:
    files = Path(smsc_async.__file__).parent.rglob("*.py")
    program = "".join(file.read_text("utf-8") for file in files)

    for switch in ("CERT_NONE", "CERT_OPTIONAL", "check_hostname", "verify=", "unverified"):
        assert switch not in program


ONE_CALL = """
import asyncio, sys, smsc_async

async def main():
    url, ca_file, transport = (argument or None for argument in sys.argv[1:])
    async with smsc_async.SmscClient(
        api_key="key", base_url=url, ca_file=ca_file, transport=transport, attempts=1
    ) as smsc:
        try:
            print((await smsc.account.balance()).amount)
        except smsc_async.NotSent as error:
            print(type(error).__name__)

asyncio.run(main())
"""


async def in_a_program_of_its_own(
    port: int, ca_file: str, transport: Own, environ: dict[str, str]
) -> str:
    """Make one call where the environment is as given, and return what came of it."""
    program = await asyncio.create_subprocess_exec(
        *(sys.executable, "-c", ONE_CALL, f"https://127.0.0.1:{port}", ca_file, transport or ""),
        stdout=asyncio.subprocess.PIPE,
        env=os.environ | environ,
    )
    said, _ = await program.communicate()
    assert program.returncode == 0
    return said.decode().strip()


@each_own
async def test_the_keys_of_a_connection_are_written_nowhere(
    certificates: Certificates, transport: Own, tmp_path: Path
) -> None:
    log = tmp_path / "keys"
    environ = {"SSLKEYLOGFILE": str(log)}
    async with listening(Talk([answer(BALANCE)]), certificates.server) as port:
        said = await in_a_program_of_its_own(port, certificates.file, transport, environ)

    written = log.read_text("utf-8") if log.exists() else ""
    assert said == "100.50"
    assert [line for line in written.splitlines() if not line.startswith("#")] == []
    # aiohttp begins the file when it is imported, for settings of its own that nobody uses.
    assert not written or transport == "aiohttp"


@each_own
async def test_the_environment_names_no_one_to_trust(
    certificates: Certificates, transport: Own
) -> None:
    talk = Talk([answer(BALANCE)])
    environ = {
        "SSL_CERT_FILE": certificates.file,
        "SSL_CERT_DIR": str(Path(certificates.file).parent),
    }
    async with listening(talk, certificates.server) as port:
        said = await in_a_program_of_its_own(port, "", transport, environ)

    assert said == "NotSent"
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
        with pytest.raises(NotSent, match="no connection within"):
            await smsc.send("+79990000000", "hello")
        await asyncio.wait_for(closed.wait(), 10)


@each_own
@pytest.mark.parametrize("scheme", ["http", "https", "HTTPS"])
async def test_a_lost_answer_through_a_proxy_is_unknown_and_never_repeated(
    certificates: Certificates, transport: Own, scheme: str
) -> None:
    talk, tunnel = Talk([]), Tunnel()
    at_proxy = None if scheme == "http" else certificates.server
    async with (
        listening(talk, certificates.server) as port,
        listening(tunnel, at_proxy) as by,
        client(
            port, certificates, f"{scheme}://me:secret@127.0.0.1:{by}", transport=transport
        ) as smsc,
    ):
        with pytest.raises(OutcomeUnknown):
            await smsc.send("+79990000000", "hello")

    assert len(talk.requests) == 1
    assert b"Proxy-Authorization: Basic" in tunnel.heads[0]
    assert b"mes=hello" not in b"".join(tunnel.heads)


@each_own
@pytest.mark.parametrize("scheme", ["http", "https"])
async def test_a_proxy_that_opens_no_tunnel_has_not_heard_the_request(
    certificates: Certificates, transport: Own, scheme: str
) -> None:
    tunnel = Tunnel(refuse=True)
    at_proxy = None if scheme == "http" else certificates.server
    async with (
        listening(tunnel, at_proxy) as by,
        client(
            1, certificates, f"{scheme}://127.0.0.1:{by}", attempts=1, transport=transport
        ) as smsc,
    ):
        with pytest.raises(NotSent, match="the proxy refused with HTTP 502"):
            await smsc.send("+79990000000", "hello")

    assert tunnel.heads[0].startswith(b"CONNECT 127.0.0.1:1 ")


@each_own
@pytest.mark.parametrize("scheme", ["http", "https"])
async def test_a_proxy_that_is_handed_the_request_itself_may_have_passed_it_on(
    certificates: Certificates, transport: Own, scheme: str
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
            transport=transport,
        ) as smsc,
    ):
        with pytest.raises(OutcomeUnknown):
            await smsc.send("+79990000000", "hello")

    assert len(talk.requests) == 1


@each_own
@pytest.mark.parametrize("scheme", ["http", "https"])
async def test_a_tunnel_is_opened_once_and_the_proxy_alone_hears_its_password(
    certificates: Certificates, transport: Own, scheme: str
) -> None:
    talk, tunnel = Talk([answer(ACCEPTED)] * 2), Tunnel()
    at_proxy = None if scheme == "http" else certificates.server
    async with (
        listening(talk, certificates.server) as port,
        listening(tunnel, at_proxy) as by,
        client(
            port, certificates, f"{scheme}://me:s%C3%A9@127.0.0.1:{by}", transport=transport
        ) as smsc,
    ):
        await smsc.send("+79990000000", "one")
        await smsc.send("+79990000000", "two")

    assert [head.count(b"Proxy-Authorization: Basic bWU6c8Op\r\n") for head in tunnel.heads] == [1]
    assert talk.connections == 1
    assert len(talk.requests) == 2


@each_own
async def test_a_proxy_without_a_tunnel_hears_its_password_with_the_request(
    transport: Own,
) -> None:
    heads = []

    async def proxy(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        heads.append(await reader.readuntil(b"\r\n\r\n"))
        writer.write(answer(ACCEPTED))
        await writer.drain()
        writer.close()

    async with (
        listening(proxy) as by,
        SmscClient(
            api_key="key",
            base_url="http://127.0.0.1:1",
            proxy=f"http://me:secret@127.0.0.1:{by}",
            throttle=Throttle(),
            transport=transport,
        ) as smsc,
    ):
        await smsc.send("+79990000000", "hello")

    assert heads[0].startswith(b"POST http://127.0.0.1:1/sys/send.php HTTP/1.1\r\n")
    assert b"Proxy-Authorization: Basic bWU6c2VjcmV0\r\n" in heads[0]


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


@pytest.mark.parametrize("proxied", [False, True], ids=["directly", "through a proxy"])
async def test_a_connection_that_was_closed_while_idle_is_not_used_again(*, proxied: bool) -> None:
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
        SmscClient(
            api_key="key",
            base_url=f"http://127.0.0.1:{port}",
            proxy=f"http://127.0.0.1:{port}" if proxied else None,
            throttle=Throttle(),
            attempts=1,
        ) as smsc,
    ):
        for text in ("one", "two", "three"):
            closed.clear()
            assert (await smsc.send("+79990000000", text)).id == "1"
            await closed.wait()
