"""A connection through a proxy: httpcore's, which is imported for this alone, over our network."""

from __future__ import annotations

import ssl
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any

import httpcore

from . import network
from .wire import Request, Response

if TYPE_CHECKING:
    import httpx


class Proxied:
    """One connection through a proxy, with the face of a direct one."""

    def __init__(
        self,
        proxy: httpx.Proxy,
        tls: ssl.SSLContext | None,
        proxy_tls: Callable[[], ssl.SSLContext],
        below: network.Network,
    ) -> None:
        self._pool = httpcore.AsyncHTTPProxy(
            str(proxy.url),
            proxy_auth=proxy.raw_auth,
            proxy_ssl_context=proxy_tls() if proxy.url.scheme == "https" else None,
            ssl_context=tls,
            max_connections=1,
            network_backend=_Backend(below),
        )

    async def send(self, request: Request) -> Response:
        """Send *request*, and return its answer as soon as the head is there."""
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
        """Close it."""
        await self._pool.aclose()

    def has_expired(self) -> bool:
        """Tell whether something came that nobody asked for, its end above all."""
        return any(connection.has_expired() for connection in self._pool.connections)

    def is_closed(self) -> bool:
        """Tell whether it was closed."""
        return not self._pool.connections

    def is_idle(self) -> bool:
        """Tell whether a request may be sent."""
        return all(connection.is_idle() for connection in self._pool.connections)


class _Backend(httpcore.AsyncNetworkBackend):
    def __init__(self, below: network.Network) -> None:
        self._below = below

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,  # noqa: ARG002 - never given
        socket_options: Iterable[httpcore.SOCKET_OPTION] | None = None,  # noqa: ARG002 - the same
    ) -> httpcore.AsyncNetworkStream:
        return _Stream(await self._below.connect(host, port, timeout))


class _Stream(httpcore.AsyncNetworkStream):
    def __init__(self, stream: network.Stream) -> None:
        self._stream = stream

    async def read(
        self,
        max_bytes: int,
        timeout: float | None = None,  # noqa: ARG002 - never given
    ) -> bytes:
        return await self._stream.read(max_bytes)

    async def write(
        self,
        buffer: bytes,
        timeout: float | None = None,  # noqa: ARG002 - never given
    ) -> None:
        try:
            await self._stream.write(buffer)
        except network.WriteError as error:  # then httpcore reads the answer, if there is one
            raise httpcore.WriteError from error

    async def aclose(self) -> None:
        await self._stream.aclose()

    async def start_tls(
        self,
        ssl_context: ssl.SSLContext,
        server_hostname: str | None = None,
        timeout: float | None = None,
    ) -> httpcore.AsyncNetworkStream:
        return _Stream(await self._stream.start_tls(ssl_context, server_hostname or "", timeout))

    def get_extra_info(self, info: str) -> Any:  # noqa: ANN401 - httpcore's interface
        return self._stream.is_readable() if info == "is_readable" else None
