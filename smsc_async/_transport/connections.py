"""The default transport: one kept-alive connection for each place, the one used last taken first.

httpx's own pool is left out, for it searches all connections at each request and loses some when
a request is cancelled. The network below a connection is wrapped so that it notes the first byte of
a request that is written: what it has not noted has not left. The type of an exception proves
nothing, the same one comes for a connection refused and for an answer lost.
"""

from __future__ import annotations

import ssl
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import TYPE_CHECKING, Protocol

import msgspec

from .clock import loop_time
from .direct import Direct
from .network import ConnectError, Network, RemoteProtocolError, Stream
from .streams import Sockets
from .wire import Origin, Request, Response, Wire

if TYPE_CHECKING:
    import httpx

# Seconds for which an idle connection may be used again, for queries and sends alike. Servers close
# idle ones after five seconds (Apache's default) or a little less, and the news of it takes its
# time to arrive: what is sent meanwhile is lost, and nobody can tell whether it was read.
KEEP_ALIVE = 1.0


class Connections:
    """A stack of single connections for each host, over the network *below*, or sockets."""

    def __init__(
        self,
        tls: Callable[[], ssl.SSLContext],
        proxy: httpx.Proxy | None = None,
        below: Network | None = None,
        *,
        keep_alive: float = KEEP_ALIVE,
    ) -> None:
        self._tls = tls
        self._proxy = proxy
        self._below = below or Sockets()
        self._keep_alive = keep_alive
        self._closed = False
        self._idle: dict[Origin, list[_Connection]] = {}
        self.open = 0  # connections alive, idle ones included

    async def send(self, request: Request) -> Response:
        """Send *request* over the connection used last, or a new one."""
        wire, origin = request.wire, request.origin
        wire.watched = True
        if self._closed:
            raise ConnectError("the connections are closed")
        connection = await self._connection(origin)
        connection.below.wire = wire
        try:
            response = await connection.http.send(request)
            if not wire.heard:
                # It was there before the request: the rest of what was asked earlier.
                raise RemoteProtocolError("an answer to nothing")  # noqa: TRY301 - it ends alike
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
        below = _Noting(self._below, layers)
        connection = _Connection(self._made(origin, below), below)
        self.open += 1
        return connection

    def _made(self, origin: Origin, below: Network) -> _Http:
        tls = self._tls() if origin.scheme == b"https" else None
        if self._proxy is None:
            return Direct(origin, tls, below)
        from .proxied import Proxied  # noqa: PLC0415 - long to import, and few have a proxy

        return Proxied(self._proxy, tls, self._tls, below)

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


class _Connection(msgspec.Struct):
    http: _Http
    below: _Noting
    idle_since: float = 0.0  # on the loop's clock


class _Noting:
    """Connects like the network *below*, and notes the first byte of a request that is written.

    A request is what is written under *layers* of TLS.
    """

    def __init__(self, below: Network, layers: int) -> None:
        self._below = below
        self._layers = layers
        self.wire = Wire()

    async def connect(self, host: str, port: int, timeout: float | None) -> Stream:
        return _NotingStream(await self._below.connect(host, port, timeout), self, self._layers)


class _NotingStream:
    def __init__(self, stream: Stream, notes: _Noting, layers: int) -> None:
        self._stream = stream
        self._notes = notes
        self._layers = layers  # of TLS still to come

    def has_news(self) -> bool:
        return self._stream.has_news()

    def is_readable(self) -> bool:
        return self._stream.is_readable()

    async def read(self, most: int) -> bytes:
        data = await self._stream.read(most)
        wire = self._notes.wire
        if wire.written and data and not wire.heard:
            wire.heard = True
            if data[:5] != b"HTTP/"[: len(data)]:
                # It goes on with what came after an earlier answer, and is not ours.
                raise RemoteProtocolError("an answer without a beginning")
        return data

    async def write(self, data: bytes) -> None:
        wire = self._notes.wire
        if self._layers <= 0 and not wire.written:
            if self._stream.has_news():
                # It came since the connection was looked at, and nobody had asked for it.
                raise RemoteProtocolError("it was closed, or spoken over, before a request")
            wire.written = True
        await self._stream.write(data)

    async def aclose(self) -> None:
        await self._stream.aclose()

    async def start_tls(self, tls: ssl.SSLContext, host: str, timeout: float | None) -> Stream:
        try:
            stream = await self._stream.start_tls(tls, host, timeout)
        except BaseException:  # whoever opens it forgets it when its handshake is cut
            await self._stream.aclose()
            raise
        return _NotingStream(stream, self._notes, self._layers - 1)


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
