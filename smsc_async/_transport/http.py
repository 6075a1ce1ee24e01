"""HTTP: one form out, one answer in, and whether anything left the machine."""

from __future__ import annotations

import asyncio
import contextlib
import ssl
from collections.abc import Callable
from dataclasses import dataclass
from importlib.metadata import version
from typing import Literal, TypeAlias, cast

import httpx

from .._bodies import Content
from .._wire import codes
from .bodies import Body
from .connections import Connections
from .reasons import failure
from .wire import WIRE, Wire

Transport: TypeAlias = httpx.AsyncBaseTransport  # nothing above needs to know whose it is
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


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back, whole."""

    status: int
    content: bytes


@dataclass(frozen=True, slots=True)
class Lost:
    """No answer, and whether a byte of the request may have left the machine."""

    reason: str
    left: bool


class Http:
    """Posts forms over one transport; belongs to one event loop."""

    def __init__(self, transport: httpx.AsyncBaseTransport) -> None:
        self._transport = transport

    async def post(self, url: httpx.URL, content: Content, timeout: float) -> Answer | Lost:
        """Post *content* and return the answer, or what is known if there is none.

        Never raises: an exception on its way would carry the form in its frames. Cancelled, it
        tells what left, like any other end.
        """
        wire = Wire()
        connect = min(timeout, CONNECT_WITHIN)
        listed = url.path.endswith(LISTING)
        body, begun = Body(content), False
        request = httpx.Request("POST", url, headers=_headers(url, content), stream=body)
        request.extensions = {
            "timeout": {"connect": connect},
            "trace": wire.trace,
            WIRE: wire,
        }
        reason = ""
        try:
            async with asyncio.timeout(timeout):
                await body.open()
                begun = True
                response = await self._transport.handle_async_request(request)
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
) -> Callable[[], Transport]:
    """Return what opens the transport that a client was given, or was told by name.

    Raises ImportError where the library for that is missing.
    """
    if transport is None:
        return lambda: Connections(tls, proxy)
    if not isinstance(transport, str):
        return lambda: transport
    if transport != "aiohttp":
        raise ValueError("transport is 'aiohttp', or an httpx.AsyncBaseTransport")
    try:
        from .aio import AiohttpTransport  # noqa: PLC0415 - an extra, and long to import
    except ModuleNotFoundError:
        raise ImportError("transport='aiohttp' needs: pip install smsc-async[aiohttp]") from None
    return lambda: AiohttpTransport(tls, proxy)


def proxy_at(address: str) -> httpx.Proxy:
    """Read a proxy's address; the error does not repeat it, for it may hold a password."""
    with contextlib.suppress(httpx.InvalidURL, ValueError):
        proxy = httpx.Proxy(address)
        if proxy.url.scheme in ("http", "https") and proxy.url.host:
            return proxy
    raise ValueError("proxy is an address such as http://user:password@host:port")


class _Unusable(Exception):
    """An answer that is not worth reading on."""


async def _read(response: httpx.Response, most: int) -> Answer:
    """Read an answer whole, as it is on the wire, of *most* bytes at the most."""
    try:
        coding = response.headers.get("content-encoding", "identity")
        if coding != "identity":
            raise _Unusable("an answer that is packed, which was not asked for")
        chunks: list[bytes] = []
        size = 0
        async for chunk in cast("httpx.AsyncByteStream", response.stream):
            size += len(chunk)
            if size > most:
                raise _Unusable(f"an answer of more than {most} bytes")
            chunks.append(chunk)
    finally:
        await response.aclose()
    return Answer(response.status_code, b"".join(chunks))


_AGENT = f"smsc-async/{version('smsc-async')}".encode("ascii")


def _headers(url: httpx.URL, content: Content) -> list[tuple[bytes, bytes]]:
    return [
        (b"Host", url.netloc),
        (b"User-Agent", _AGENT),
        (b"Accept", b"*/*"),
        (b"Accept-Encoding", b"identity"),
        (b"Content-Type", content.kind.encode("ascii")),
        (b"Content-Length", str(content.size).encode("ascii")),
    ]
