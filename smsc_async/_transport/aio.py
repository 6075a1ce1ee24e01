"""The connections of the ``aiohttp`` extra, in place of the default ones.

The proof that nothing left is taken where aiohttp hands a connection to a request. Its connector
does that when the tunnel is open and TLS is done, so a connector that raises has not let go of a
byte, and one that has returned may have. Its tracing signals say less: none says that connecting
failed, and "reused" also comes for a connection that turns out to be dead.
"""

from __future__ import annotations

import asyncio
import base64
import socket
import ssl
import sys
from collections.abc import AsyncIterator, Callable, Coroutine
from contextvars import ContextVar
from functools import lru_cache
from typing import TYPE_CHECKING, Any, cast
from weakref import WeakSet

import aiohttp
import msgspec
from aiohttp.abc import AbstractStreamWriter
from aiohttp.client_proto import ResponseHandler
from aiohttp.connector import Connection
from aiohttp.payload import AsyncIterablePayload
from aiohttp.tracing import Trace

from .begun import Begun
from .clock import loop_time
from .network import (
    ConnectError,
    ConnectTimeout,
    NetworkError,
    ProxyError,
    RemoteProtocolError,
)
from .streams import readable
from .wire import Origin, Request, Response, Wire

if TYPE_CHECKING:
    import httpx

# An idle connection may be closed just as a request leaves, which would make its outcome unknown.
REUSED_WITHIN = 1.0
# Seconds that an answer takes, at least, for the next request to be written at once: `_Request`.
# It is more than the work for all that wait in the loop: answers that come sooner keep the client
# busy however they come, and one by one they cost more.
FAR = 0.02
# What the head of an answer may be, so that it cannot fill the memory: lines, and bytes of a line.
HEADERS = 1024
LINE = 4096

# What the other transports raise for the same: the first that fits.
_SAME: tuple[tuple[type[aiohttp.ClientError], type[NetworkError]], ...] = (
    (aiohttp.ClientHttpProxyError, ProxyError),  # the text of both begins with the status
    (aiohttp.ClientConnectorError, ConnectError),
    (aiohttp.ServerDisconnectedError, RemoteProtocolError),
    (aiohttp.ClientResponseError, RemoteProtocolError),
    (aiohttp.ClientPayloadError, RemoteProtocolError),
    (aiohttp.ClientError, NetworkError),
)


class _Exchange(msgspec.Struct):
    """One request on its way, and what the connector found for it."""

    wire: Wire
    at_once: bool  # its body is written before anything else is done
    transport: asyncio.Transport | None = None
    protocol: ResponseHandler | None = None

    def cut(self) -> None:
        """Close the connection without sending what still waits to be sent."""
        if self.transport is not None:
            self.transport.abort()


_exchange: ContextVar[_Exchange] = ContextVar("exchange")


class AiohttpConnections:
    """Posts over a session of aiohttp's, made in the loop of the first request.

    What a connection is good for is its connector's business: there is no bound on their number,
    for the throttle has one.
    """

    def __init__(
        self,
        tls: Callable[[], ssl.SSLContext],
        proxy: httpx.Proxy | None = None,
        *,
        far: float = FAR,
    ) -> None:
        self._tls = tls
        self._proxy = proxy
        self._far = far
        self._took = 0.0  # seconds, the last answer
        self._closed = False
        self._session: aiohttp.ClientSession | None = None

    async def send(self, request: Request) -> Response:
        """Send *request* once: aiohttp repeats no POST, and adds no header that is there."""
        wire = request.wire
        wire.watched = True
        if self._closed:
            raise ConnectError("the connections are closed")
        session = self._session = self._session or _session()
        proxy = self._proxy
        secure = request.origin.scheme == b"https"
        tls = self._tls() if secure or (proxy and proxy.url.scheme == "https") else True
        begun = loop_time()
        # A file is read in a thread, whose caller is one task from the beginning to the end.
        at_once = request.body.is_in_memory and self._took >= self._far
        exchange = _Exchange(wire, at_once)
        _exchange.set(exchange)
        # From here on aiohttp has it, so that nothing was sent has to be shown by the connector.
        wire.watched = False
        try:
            response = await session.post(
                _address(request.origin, request.target),
                headers=_text(request.headers) + ([] if secure else _authorization(proxy)),
                data=AsyncIterablePayload(request.body),  # not its bytes: aiohttp would show them
                allow_redirects=False,
                proxy=str(proxy.url) if proxy else None,
                proxy_headers=_authorization(proxy) if secure else None,
                ssl=tls,
                timeout=_patience(request.connect_within),
            )
        except BaseException as error:
            exchange.cut()
            if isinstance(error, TimeoutError):  # only connecting has a bound here
                raise ConnectTimeout("no connection in time") from None
            if isinstance(error, aiohttp.ClientError):
                wire.heard = isinstance(error, aiohttp.ClientResponseError)  # which it cannot read
                raise _same(error) from _beneath(error)
            raise
        wire.heard = True
        self._took = loop_time() - begun
        return _Answer(response, exchange)

    async def aclose(self) -> None:
        """Close all connections."""
        self._closed = True
        if self._session is not None:
            await self._session.close()


class _Connector(aiohttp.TCPConnector):
    """Hands out connections over which nothing was said that nobody asked for, and notes it."""

    def __init__(self) -> None:
        super().__init__(  # pyright: ignore[reportUnknownMemberType] - of arguments not used here
            limit=0, keepalive_timeout=REUSED_WITHIN
        )
        self._used: WeakSet[object] = WeakSet()

    async def connect(
        self, req: aiohttp.ClientRequest, traces: list[Trace], timeout: aiohttp.ClientTimeout
    ) -> Connection:
        """Return a connection that is open to its far end; one that raises proves there is none."""
        exchange = _exchange.get()
        if exchange.wire.written:  # aiohttp itself repeats no POST
            raise ConnectError("a request goes out once")
        try:
            connection = await super().connect(req, traces, timeout)
            while self._spoken_over(connection):
                connection.close()
                connection = await super().connect(req, traces, timeout)
        except BaseException:
            exchange.wire.failed_to_connect = True
            raise
        exchange.transport, exchange.protocol = connection.transport, connection.protocol
        exchange.wire.written = True
        return connection

    def _spoken_over(self, connection: Connection) -> bool:
        """Tell whether something came after the last answer; aiohttp would take it for the next."""
        protocol = cast("ResponseHandler", connection.protocol)  # None only when it is released
        transport = connection.transport
        fresh = protocol not in self._used
        self._used.add(protocol)
        if fresh or transport is None:  # one that is closed by now makes aiohttp raise
            return False
        return protocol.should_close or readable(transport)


class _Answer:
    """An answer; its connection is of use again when it was read to its end."""

    def __init__(self, response: aiohttp.ClientResponse, exchange: _Exchange) -> None:
        self.status = response.status
        self.headers = list(response.raw_headers)
        self._response = response
        self._exchange = exchange

    async def aiter_stream(self) -> AsyncIterator[bytes]:
        try:
            while chunk := await self._response.content.readany():
                yield chunk
            self._check_end()
        except aiohttp.ClientError as error:
            raise _same(error) from _beneath(error)

    async def aclose(self) -> None:
        if not self._response.closed:
            self._exchange.cut()
        self._response.close()

    def _check_end(self) -> None:
        """Raise what ended an answer that only ends with its connection, unless it was closed.

        aiohttp takes one that was reset for one that is whole.
        """
        headers, protocol = self._response.headers, self._exchange.protocol
        if "Content-Length" in headers or "chunked" in headers.get("Transfer-Encoding", ""):
            return
        error = protocol.exception() if protocol is not None else None
        if error is not None and not isinstance(error, aiohttp.ServerDisconnectedError):
            raise error


class _Request(aiohttp.ClientRequest):
    """May write a body at once, as aiohttp itself does from Python 3.12 on.

    Before, it leaves that to a task, which waits a turn of the loop: then all that were answered
    together go out together, and their answers are read one after the other, for ever.
    """

    def write_bytes(  # pyright: ignore[reportIncompatibleMethodOverride] - awaited, or for a task
        self, writer: AbstractStreamWriter, conn: Connection, content_length: int | None = None
    ) -> Coroutine[Any, Any, None]:
        """Return what is left to do, for a task."""
        writing = super().write_bytes(writer, conn, content_length)
        return Begun(writing) if _exchange.get().at_once else writing


def _session() -> aiohttp.ClientSession:
    # Every request has the headers that this would add by itself; to name them here takes longer.
    return aiohttp.ClientSession(
        request_class=_Request if sys.version_info < (3, 12) else aiohttp.ClientRequest,
        connector=_Connector(),
        cookie_jar=aiohttp.DummyCookieJar(),
        auto_decompress=False,
        trust_env=False,
        max_line_size=LINE,
        max_field_size=LINE,
        max_headers=HEADERS,
    )


def _same(error: aiohttp.ClientError) -> NetworkError:
    """Return what the other transports raise for what aiohttp calls *error*."""
    return next(same for kind, same in _SAME if isinstance(error, kind))(str(error))


def _beneath(error: aiohttp.ClientError) -> BaseException:
    """Return what Python itself raised, if that is known, for it tells more."""
    if isinstance(error, aiohttp.ClientConnectorDNSError):
        return socket.gaierror()  # a resolver that is no part of Python has errors of its own
    if isinstance(error, aiohttp.ClientConnectorError):
        return error.os_error
    if isinstance(error, aiohttp.ClientOSError):
        return error.__cause__ or OSError(*error.args)  # made anew it has the class of its number
    return error


@lru_cache(maxsize=64)
def _patience(connect_within: float) -> aiohttp.ClientTimeout:
    """Return the bound of connecting, as aiohttp takes it; a call has one for the rest."""
    return aiohttp.ClientTimeout(connect=connect_within)


@lru_cache(maxsize=64)
def _address(origin: Origin, target: bytes) -> str:
    """Return an address, as aiohttp reads it."""
    return (b"%b://%b%b" % (origin.scheme, origin.authority, target)).decode("ascii")


def _text(headers: list[tuple[bytes, bytes]]) -> list[tuple[str, str]]:
    return [(name.decode("ascii"), value.decode("ascii")) for name, value in headers]


def _authorization(proxy: httpx.Proxy | None) -> list[tuple[str, str]]:
    """Return what a proxy asks for: at the tunnel, or where there is none, with the request."""
    if proxy is None or proxy.raw_auth is None:
        return []
    user = base64.b64encode(b":".join(proxy.raw_auth)).decode()
    return [("Proxy-Authorization", f"Basic {user}")]
