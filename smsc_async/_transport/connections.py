"""The default transport: one kept-alive connection for each place, the one used last taken first.

httpx's own pool is left out, for it searches all connections at each request and loses some when
a request is cancelled. A connection's network backend is wrapped so that it notes the first byte
of a request that is written: what it has not noted has not left. The type of an exception proves
nothing, the same one comes for a connection refused and for an answer lost.
"""

from __future__ import annotations

import ssl
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable
from typing import TYPE_CHECKING, Any, Protocol

import httpcore
import msgspec

from .clock import loop_time
from .direct import Direct
from .streams import Sockets
from .wire import Origin, Request, Response, Wire

if TYPE_CHECKING:
    import httpx

# Seconds for which an idle connection may be used again, for queries and sends alike. Servers close
# idle ones after five seconds (Apache's default) or a little less, and the news of it takes its
# time to arrive: what is sent meanwhile is lost, and nobody can tell whether it was read.
KEEP_ALIVE = 1.0


class Connections:
    """A stack of single connections for each host, made by *backend*: sockets, unless given."""

    def __init__(
        self,
        tls: Callable[[], ssl.SSLContext],
        proxy: httpx.Proxy | None = None,
        backend: httpcore.AsyncNetworkBackend | None = None,
        *,
        keep_alive: float = KEEP_ALIVE,
    ) -> None:
        self._tls = tls
        self._proxy = proxy
        self._backend = backend or Sockets()
        self._keep_alive = keep_alive
        self._closed = False
        self._idle: dict[Origin, list[_Connection]] = {}
        self.open = 0  # connections alive, idle ones included

    async def send(self, request: Request) -> Response:
        """Send *request* over the connection used last, or a new one."""
        wire, origin = request.wire, request.origin
        wire.watched = True
        if self._closed:
            raise httpcore.ConnectError("the connections are closed")
        connection = await self._connection(origin)
        connection.backend.wire = wire
        try:
            response = await connection.http.send(request)
            if not wire.heard:
                # It was there before the request: the rest of what was asked earlier.
                raise httpcore.RemoteProtocolError("an answer to nothing")  # noqa: TRY301 - it ends alike
        except BaseException:
            await self._discard(connection)
            raise
        return _Answer(response, lambda: self._return(origin, connection))

    async def aclose(self) -> None:
        """Close the idle connections; those in use close when they are done."""
        self._closed = True
        for stack in self._idle.values():
            while stack:
                await self._discard(stack.pop())

    async def _connection(self, origin: Origin) -> _Connection:
        stack = self._idle.setdefault(origin, [])
        while stack:
            connection = stack.pop()
            if self._is_stale(connection) or connection.http.is_closed():
                await self._discard(connection)
            else:
                return connection
        # The request goes over the innermost of these; what a proxy hears before is not it.
        layers = [origin.scheme, self._proxy.url.raw_scheme if self._proxy else b""].count(b"https")
        backend = _Backend(self._backend, layers)
        self.open += 1
        return _Connection(self._made(origin, backend), backend)

    def _made(self, origin: Origin, backend: _Backend) -> _Http:
        tls = self._tls() if origin.scheme == b"https" else None
        if self._proxy is None:
            return Direct(origin, tls, backend)
        return _ProxiedConnection(self._proxy, tls, self._tls, backend)

    async def _return(self, origin: Origin, connection: _Connection) -> None:
        stack = self._idle.setdefault(origin, [])
        if connection.http.is_idle() and not connection.http.is_closed() and not self._closed:
            connection.idle_since = loop_time()
            stack.append(connection)
        else:
            await self._discard(connection)
        while stack and self._is_old(stack[0]):  # those unused longest lie at the bottom
            await self._discard(stack.pop(0))

    def _is_stale(self, connection: _Connection) -> bool:
        """Tell whether the server may have closed a connection, or has."""
        return self._is_old(connection) or connection.http.has_expired()

    def _is_old(self, connection: _Connection) -> bool:
        return loop_time() - connection.idle_since >= self._keep_alive

    async def _discard(self, connection: _Connection) -> None:
        self.open -= 1
        await connection.http.aclose()


class _Http(Protocol):
    """What is asked of a connection, direct or through a proxy."""

    async def send(self, request: Request) -> Response: ...

    async def aclose(self) -> None: ...

    def has_expired(self) -> bool: ...

    def is_closed(self) -> bool: ...

    def is_idle(self) -> bool: ...


class _ProxiedConnection:
    """One connection through a proxy, with the face of a direct one."""

    def __init__(
        self,
        proxy: httpx.Proxy,
        tls: ssl.SSLContext | None,
        proxy_tls: Callable[[], ssl.SSLContext],
        backend: _Backend,
    ) -> None:
        self._pool = httpcore.AsyncHTTPProxy(
            str(proxy.url),
            proxy_auth=proxy.raw_auth,
            proxy_ssl_context=proxy_tls() if proxy.url.scheme == "https" else None,
            ssl_context=tls,
            max_connections=1,
            network_backend=backend,
        )

    async def send(self, request: Request) -> Response:
        scheme, host, port = request.origin
        return await self._pool.handle_async_request(
            httpcore.Request(
                method="POST",
                url=httpcore.URL(scheme=scheme, host=host, port=port, target=request.target),
                headers=request.headers,
                content=request.body,
                extensions={"timeout": {"connect": request.connect_within}},
            )
        )

    async def aclose(self) -> None:
        await self._pool.aclose()

    def has_expired(self) -> bool:
        return any(connection.has_expired() for connection in self._pool.connections)

    def is_closed(self) -> bool:
        return not self._pool.connections

    def is_idle(self) -> bool:
        return all(connection.is_idle() for connection in self._pool.connections)


class _Connection(msgspec.Struct):
    http: _Http
    backend: _Backend
    idle_since: float = 0.0  # on the loop's clock


class _Backend(httpcore.AsyncNetworkBackend):
    """Connects like any other, and notes the first byte of a request that is written.

    A request is what is written under *layers* of TLS.
    """

    def __init__(self, inner: httpcore.AsyncNetworkBackend, layers: int) -> None:
        self._inner = inner
        self._layers = layers
        self.wire = Wire()

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[httpcore.SOCKET_OPTION] | None = None,
    ) -> httpcore.AsyncNetworkStream:
        """Open a connection whose writes are noted."""
        stream = await self._inner.connect_tcp(host, port, timeout, local_address, socket_options)
        return _Noting(stream, self, self._layers)

    async def sleep(self, seconds: float) -> None:
        """Sleep as the wrapped backend does; never called, for nothing is repeated down here."""
        await self._inner.sleep(seconds)


class _Noting(httpcore.AsyncNetworkStream):
    def __init__(self, stream: httpcore.AsyncNetworkStream, backend: _Backend, layers: int) -> None:
        self._stream = stream
        self._backend = backend
        self._layers = layers  # of TLS still to come

    async def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        data = await self._stream.read(max_bytes, timeout)
        wire = self._backend.wire
        if wire.written and data and not wire.heard:
            wire.heard = True
            if data[:5] != b"HTTP/"[: len(data)]:
                # It goes on with what came after an earlier answer, and is not ours.
                raise httpcore.RemoteProtocolError("an answer without a beginning")
        return data

    async def write(self, buffer: bytes, timeout: float | None = None) -> None:
        wire = self._backend.wire
        if self._layers <= 0 and not wire.written:
            if self._stream.get_extra_info("has_news"):
                # It came since the connection was looked at, and nobody had asked for it.
                raise httpcore.RemoteProtocolError(
                    "it was closed, or spoken over, before a request"
                )
            wire.written = True
        await self._stream.write(buffer, timeout)

    async def aclose(self) -> None:
        await self._stream.aclose()

    async def start_tls(
        self,
        ssl_context: ssl.SSLContext,
        server_hostname: str | None = None,
        timeout: float | None = None,
    ) -> httpcore.AsyncNetworkStream:
        try:
            stream = await self._stream.start_tls(ssl_context, server_hostname, timeout)
        except BaseException:  # whoever opens it forgets it when its handshake is cut
            await self._stream.aclose()
            raise
        return _Noting(stream, self._backend, self._layers - 1)

    def get_extra_info(self, info: str) -> Any:  # noqa: ANN401 - httpcore's interface
        return self._stream.get_extra_info(info)


class _Answer:
    """An answer; closing it gives the connection back."""

    def __init__(self, response: Response, give_back: Callable[[], Awaitable[None]]) -> None:
        self.status = response.status
        self.headers = response.headers
        self._response = response
        self._give_back = give_back

    def aiter_stream(self) -> AsyncIterator[bytes]:
        return self._response.aiter_stream()

    async def aclose(self) -> None:
        try:
            await self._response.aclose()
        finally:
            await self._give_back()
