"""HTTP: one form out, one answer in, and whether anything left the machine."""

from __future__ import annotations

import asyncio
import contextlib
import ssl
from collections.abc import Callable
from functools import lru_cache
from typing import TYPE_CHECKING, Literal, Protocol, TypeAlias
from urllib.parse import urlsplit

import msgspec

from .._bodies import Content
from .._version import VERSION
from .._wire import codes
from .bodies import Body
from .connections import Connections
from .reasons import failure
from .wire import PORTS, Origin, Request, Response, Wire

if TYPE_CHECKING:
    import httpx


class OfHttpx(Protocol):
    """What is asked of an ``httpx.AsyncBaseTransport``."""

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Send *request* and return the answer, of which the head is read."""
        ...

    async def aclose(self) -> None:
        """Close the connections."""
        ...


Transport: TypeAlias = OfHttpx | Connections  # what may be given; the latter to play a network
Own: TypeAlias = Literal["aiohttp"] | None  # the client's own transports, by name

# An answer is at most this long, in bytes: one of a script that lists messages or contacts or
# answers with a file, and any other, of which a send of a thousand phones with a report has the
# longest.
LISTED = 16 * 1024 * 1024
LISTING = (
    *(codes.GET, codes.PHONES, codes.JOBS, codes.SENDERS, codes.USERS),
    *(codes.DOCUMENTS, codes.DOWNLOADS),
)
USUAL = 1024 * 1024
CONNECT_WITHIN = 10.0


class Sends(Protocol):
    """What a transport does: the default one as it is, any other behind its face."""

    async def send(self, request: Request) -> Response:
        """Send *request* and return the answer, of which the head is read."""
        ...

    async def aclose(self) -> None:
        """Close the connections."""
        ...


class Answer(msgspec.Struct, frozen=True):
    """What came back, whole."""

    status: int
    content: bytes


class Lost(msgspec.Struct, frozen=True):
    """No answer, and whether a byte of the request may have left the machine."""

    reason: str
    left: bool


class Http:
    """Posts forms over one transport; belongs to one event loop."""

    def __init__(self, transport: Sends) -> None:
        self._transport = transport

    async def post(self, host: str, content: Content, timeout: float) -> Answer | Lost:
        """Post *content* to *host* and return the answer, or what is known if there is none.

        Never raises: an exception on its way would carry the form in its frames. Cancelled, it
        tells what left, like any other end.
        """
        wire = Wire()
        connect = min(timeout, CONNECT_WITHIN)
        listed = content.path.endswith(LISTING)
        body, begun = Body(content), False
        reason = ""
        try:
            origin, target = _read_address(host + content.path)
            headers = _headers(origin, content)
            request = Request(origin, target, headers, body, connect, wire)
            async with asyncio.timeout(timeout):
                await body.open()
                begun = True
                response = await self._transport.send(request)
                return await _read(response, LISTED if listed else USUAL)
        except TimeoutError:
            missed = ("answer" if wire.left else "connection") if begun else "file"
            reason = f"no {missed} within {timeout:g} s"
        except asyncio.CancelledError:
            reason = "cancelled"
        except _Unusable as error:
            reason = str(error)
        except Exception as error:  # noqa: BLE001 - any transport may be injected
            reason = body.spoiled or failure(
                error, within=connect, left=wire.left, heard=wire.heard
            )
        finally:
            body.close()
        return Lost(reason, begun and wire.left)

    async def aclose(self) -> None:
        """Close the connections."""
        await self._transport.aclose()


def opener(
    transport: Transport | Own, tls: Callable[[], ssl.SSLContext], proxy: httpx.Proxy | None
) -> Callable[[], Sends]:
    """Return what opens the transport that a client was given, or was told by name.

    Raises ImportError where the library for that is missing.
    """
    if transport is None:
        return lambda: Connections(tls, proxy)
    if isinstance(transport, Connections):
        return lambda: transport
    if not isinstance(transport, str):
        from .injected import Injected  # noqa: PLC0415 - httpx is long to import

        return lambda: Injected(transport)
    if transport != "aiohttp":
        raise ValueError("transport is 'aiohttp', or an httpx.AsyncBaseTransport")
    try:
        from .aio import AiohttpConnections  # noqa: PLC0415 - an extra, and long to import
    except ModuleNotFoundError:
        raise ImportError("transport='aiohttp' needs: pip install smsc-async[aiohttp]") from None
    return lambda: AiohttpConnections(tls, proxy)


def proxy_at(address: str) -> httpx.Proxy:
    """Read a proxy's address; the error does not repeat it, for it may hold a password."""
    import httpx  # noqa: PLC0415 - few need a proxy

    with contextlib.suppress(httpx.InvalidURL, ValueError):
        proxy = httpx.Proxy(address)
        if proxy.url.scheme in ("http", "https") and proxy.url.host:
            return proxy
    raise ValueError("proxy is an address such as http://user:password@host:port")


class _Unusable(Exception):
    """An answer that is not worth reading on."""


async def _read(response: Response, most: int) -> Answer:
    """Read an answer whole, as it is on the wire, of *most* bytes at the most."""
    try:
        codings = {value for name, value in response.headers if name.lower() == _CODING}
        if codings - {_PLAIN}:
            raise _Unusable("an answer that is packed, which was not asked for")
        chunks: list[bytes] = []
        size = 0
        async for chunk in response.aiter_stream():
            size += len(chunk)
            if size > most:
                raise _Unusable(f"an answer of more than {most} bytes")
            chunks.append(chunk)
    finally:
        await response.aclose()
    return Answer(response.status, b"".join(chunks))


@lru_cache(maxsize=64)
def _read_address(address: str) -> tuple[Origin, bytes]:
    """Return where an address leads, and the rest of it; this takes longer than the throttle."""
    if not address.isascii():
        import httpx  # noqa: PLC0415 - it spells such names, and no host of the service has one

        address = str(httpx.URL(address))
    parts = urlsplit(address)
    scheme, host = parts.scheme.encode("ascii"), (parts.hostname or "").encode("ascii")
    return Origin(scheme, host, parts.port or PORTS[scheme]), parts.path.encode("ascii")


_AGENT = f"smsc-async/{VERSION}".encode("ascii")
_CODING, _PLAIN = b"content-encoding", b"identity"


def _headers(origin: Origin, content: Content) -> list[tuple[bytes, bytes]]:
    return [
        (b"Host", origin.authority),
        (b"User-Agent", _AGENT),
        (b"Accept", b"*/*"),
        (b"Accept-Encoding", _PLAIN),
        (b"Content-Type", content.kind.encode("ascii")),
        (b"Content-Length", str(content.size).encode("ascii")),
    ]
