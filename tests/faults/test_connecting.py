"""No connection, and none that can be trusted: what proves that nothing was sent, and says why."""

from __future__ import annotations

import datetime as dt
import errno
import ssl
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import httpcore
import pytest
import trustme

from smsc_async import NotSent, OutcomeUnknown, SmscClient
from smsc_async._transport import network
from smsc_async._transport.reasons import failure, status
from tests.faults.clients import PHONE, TRANSPORTS, TransportName, client
from tests.faults.proxy import Act, answered, between, deaf, fault, nobody

every_transport = pytest.mark.parametrize("transport", TRANSPORTS)


async def not_sent(smsc: SmscClient) -> str:
    async with smsc:
        with pytest.raises(NotSent, match="it is safe to repeat") as caught:
            await smsc.send(PHONE, "hello")
    return caught.value.reason


@every_transport
async def test_a_name_that_does_not_resolve_is_told(transport: TransportName) -> None:
    smsc = client("https://nowhere.invalid", transport=transport)

    assert await not_sent(smsc) == "the name does not resolve"


@every_transport
async def test_a_connection_that_is_refused_is_told(transport: TransportName) -> None:
    assert await not_sent(client(nobody(), transport=transport)) == "connection refused"


@every_transport
async def test_connecting_has_an_end(transport: TransportName) -> None:
    with deaf() as url:
        smsc = client(url, transport=transport, timeout=0.5, attempts=1)

        assert await not_sent(smsc) == "no connection within 0.5 s"


@every_transport
async def test_of_several_addresses_that_refuse_one_is_told(transport: TransportName) -> None:
    url = nobody().replace("127.0.0.1", "localhost")

    assert await not_sent(client(url, transport=transport)) == "connection refused"


# TLS: row 4 and 5


@dataclass(frozen=True)
class Trust:
    """An authority that the client trusts, and one that it does not."""

    file: str
    known: trustme.CA
    stranger: trustme.CA


@pytest.fixture(scope="module")
def trust(tmp_path_factory: pytest.TempPathFactory) -> Trust:
    known, stranger = trustme.CA(), trustme.CA()
    file: Path = tmp_path_factory.mktemp("tls") / "ca.pem"
    known.cert_pem.write_to_path(file)
    return Trust(str(file), known, stranger)


def shown(certificate: trustme.LeafCert) -> ssl.SSLContext:
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    certificate.configure_cert(context)
    return context


def old(trust: Trust) -> ssl.SSLContext:
    context = shown(trust.known.issue_cert("127.0.0.1"))
    context.minimum_version = ssl.TLSVersion.MINIMUM_SUPPORTED
    context.maximum_version = ssl.TLSVersion.TLSv1_1
    context.set_ciphers("ALL:@SECLEVEL=0")
    return context


def at(trust: Trust, days: int) -> ssl.SSLContext:
    moment = dt.datetime.now(dt.UTC) + dt.timedelta(days=days)
    return shown(
        trust.known.issue_cert(
            "127.0.0.1", not_before=moment - dt.timedelta(days=1), not_after=moment
        )
    )


BAD: dict[str, tuple[Callable[[Trust], ssl.SSLContext], str]] = {
    "unknown authority": (
        lambda trust: shown(trust.stranger.issue_cert("127.0.0.1")),
        "TLS: the certificate does not hold: unable to get local issuer certificate",
    ),
    "wrong host": (
        lambda trust: shown(trust.known.issue_cert("example.invalid")),
        "TLS: the certificate does not hold: IP address mismatch",
    ),
    "expired": (
        lambda trust: at(trust, -2),
        "TLS: the certificate does not hold: certificate has expired",
    ),
    "not yet valid": (
        lambda trust: at(trust, 20),
        "TLS: the certificate does not hold: certificate is not yet valid",
    ),
}


@every_transport
@pytest.mark.parametrize("name", BAD)
async def test_a_certificate_that_does_not_hold_is_told_and_nothing_was_said(
    name: str, trust: Trust, transport: TransportName
) -> None:
    make, reason = BAD[name]
    async with between("", tls=make(trust)) as proxy:
        said = await not_sent(client(proxy.url, transport=transport, ca_file=trust.file))

    assert said.startswith(reason)
    assert proxy.heard == b""
    assert proxy.connections == 2  # nothing was sent, so the table lets it be tried again


@every_transport
@pytest.mark.filterwarnings("ignore:ssl.TLSVersion:DeprecationWarning")
async def test_a_server_with_an_old_tls_is_not_spoken_to(
    trust: Trust, transport: TransportName
) -> None:
    async with between("", tls=old(trust)) as proxy:
        said = await not_sent(client(proxy.url, transport=transport, ca_file=trust.file))

    # The server leaves in the greeting, which to asyncio's own TLS is a reset.
    assert said.startswith("TLS: ") or said == "the connection was reset"
    assert proxy.heard == b""


@every_transport
async def test_a_server_that_speaks_no_tls_hears_no_word_of_the_message(
    trust: Trust, transport: TransportName
) -> None:
    plain = Act(at="accept", say=answered(b"no TLS here", 400), then="close")
    context = shown(trust.known.issue_cert("127.0.0.1"))
    async with between("", plain, tls=context) as proxy:
        smsc = client(proxy.url, transport=transport, ca_file=trust.file, attempts=1)
        said = await not_sent(smsc)

    assert said.startswith("TLS: ")
    assert proxy.heard[:1] == b"\x16"  # the greeting of TLS
    assert b"hello" not in proxy.heard


@every_transport
@pytest.mark.parametrize("then", ["close", "reset"])
async def test_a_server_that_leaves_in_the_greeting_has_heard_nothing(
    then: str, trust: Trust, transport: TransportName
) -> None:
    gone = fault("accept", "reset" if then == "reset" else "close")
    context = shown(trust.known.issue_cert("127.0.0.1"))
    async with between("", gone, tls=context) as proxy:
        smsc = client(proxy.url, transport=transport, ca_file=trust.file, attempts=1)
        said = await not_sent(smsc)

    assert said in (
        "no connection: ConnectError",
        "the connection was reset",
        "TLS: unexpected eof while reading",
    )


@every_transport
async def test_a_greeting_that_stalls_has_an_end(trust: Trust, transport: TransportName) -> None:
    context = shown(trust.known.issue_cert("127.0.0.1"))
    async with between("", fault("accept", "hang"), tls=context) as proxy:
        smsc = client(proxy.url, transport=transport, ca_file=trust.file, attempts=1, timeout=0.5)
        said = await not_sent(smsc)

    assert said == "no connection within 0.5 s"


@every_transport
async def test_an_answer_lost_under_tls_is_unknown(trust: Trust, transport: TransportName) -> None:
    context = shown(trust.known.issue_cert("127.0.0.1"))
    async with (
        between("", fault("read", "close"), tls=context) as proxy,
        client(proxy.url, transport=transport, ca_file=trust.file) as smsc,
    ):
        with pytest.raises(OutcomeUnknown, match=r"closed without an answer|TLS: unexpected eof"):
            await smsc.send(PHONE, "hello")

    assert proxy.requests == 1
    assert b"hello" in proxy.heard


# Proxies: row 23

TUNNEL_REFUSALS = {
    "407": (answered(b"", 407), "the proxy refused with HTTP 407"),
    "502": (answered(b"secret prose", 502), "the proxy refused with HTTP 502"),
}


@every_transport
@pytest.mark.parametrize("name", TUNNEL_REFUSALS)
async def test_a_proxy_that_opens_no_tunnel_is_told_and_heard_nothing(
    name: str, transport: TransportName
) -> None:
    say, reason = TUNNEL_REFUSALS[name]
    async with between("", *[Act(at="read", say=say)] * 2) as proxy:
        smsc = client("https://smsc.invalid", transport=transport, proxy=proxy.url)
        said = await not_sent(smsc)

    assert said == reason
    assert b"hello" not in proxy.heard
    assert proxy.heard.startswith(b"CONNECT smsc.invalid:443 ")


@every_transport
@pytest.mark.parametrize("opened", [False, True])
async def test_a_tunnel_that_closes_before_the_greeting_has_carried_nothing(
    opened: bool,  # noqa: FBT001
    transport: TransportName,
) -> None:
    say = answered(b"", length=None) if opened else (lambda _: b"")
    async with between("", Act(at="read", say=say, then="close")) as proxy:
        smsc = client("https://smsc.invalid", transport=transport, proxy=proxy.url, attempts=1)
        await not_sent(smsc)

    assert b"hello" not in proxy.heard


@every_transport
async def test_a_proxy_of_the_environment_hears_nothing(
    monkeypatch: pytest.MonkeyPatch, transport: TransportName
) -> None:
    async with between("") as trap, between("", Act(at="read", say=answered(b"{}"))) as proxy:
        for name in ("HTTP_PROXY", "http_proxy", "HTTPS_PROXY", "https_proxy", "ALL_PROXY"):
            monkeypatch.setenv(name, trap.url)
        async with client(proxy.url, transport=transport) as smsc:
            await smsc.raw("info.php")

    assert proxy.requests == 1
    assert trap.connections == 0


# Every error that a library may raise has words


def under(error: BaseException, cause: BaseException) -> BaseException:
    error.__cause__ = cause
    return error


unreachable = OSError(errno.ENETUNREACH, "secret prose")
SAID: list[tuple[BaseException, str]] = [
    (under(network.ConnectError(), unreachable), "network is unreachable"),
    (under(OSError("all failed"), ConnectionRefusedError(111, "x")), "connection refused"),
    (ExceptionGroup("all", [ConnectionRefusedError(), OSError()]), "connection refused"),
    (under(network.ReadError(), BrokenPipeError()), "the connection was reset"),
    (ssl.SSLError("secret prose"), "TLS: sslerror"),
    *(
        (kind("secret prose"), said)
        for of in (network, httpcore)  # both raise them, and they are known by their names
        for kind, said in (
            (of.ConnectTimeout, "no connection within 7 s"),
            (of.ProxyError, "no connection: ProxyError"),
            (of.ConnectError, "no connection: ConnectError"),
            (of.RemoteProtocolError, "the connection was closed without an answer"),
        )
    ),
]


@pytest.mark.parametrize(("error", "said"), SAID, ids=lambda value: str(value)[:30])
def test_an_error_of_a_library_is_said_in_words_of_our_own(error: BaseException, said: str) -> None:
    assert failure(error, within=7.0, left=False, heard=False) == said


def test_an_error_that_may_have_left_is_named() -> None:
    error = under(ValueError("secret prose"), KeyError("secret prose"))
    error.__cause__.__context__ = error  # type: ignore[union-attr]  # a circle has an end

    assert failure(error, within=7.0, left=True, heard=True) == "ValueError"
    assert failure(network.RemoteProtocolError("?"), within=7, left=True, heard=True) == (
        "an answer that is no HTTP"
    )


def test_a_status_is_said_by_its_name_if_it_has_one() -> None:
    assert status(502) == "HTTP 502 Bad Gateway"
    assert status(599) == "HTTP 599"
    assert status(308) == "HTTP 308 Permanent Redirect, a redirect, which is not followed"
