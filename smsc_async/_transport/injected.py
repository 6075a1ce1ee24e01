"""A transport of httpx's, behind the face of the default one; httpx is imported for this alone."""

from __future__ import annotations

from collections.abc import AsyncIterable, AsyncIterator
from functools import lru_cache
from typing import TYPE_CHECKING, cast

import httpcore
import httpx

from .wire import extensions, wire_of

if TYPE_CHECKING:
    from .http import OfHttpx


class Injected:
    """Hands requests to a transport of httpx's, and its answers back."""

    def __init__(self, transport: OfHttpx) -> None:
        self._transport = transport

    async def handle_async_request(self, request: httpcore.Request) -> httpcore.Response:
        """Send *request*; what is built on httpcore tells of its bytes by the trace."""
        url, stream = request.url, cast("AsyncIterable[bytes]", request.stream)
        same = httpx.Request(
            request.method.decode("ascii"),
            _url(url.scheme, url.host, url.port, url.target),
            headers=request.headers,
            stream=_Body(stream),
        )
        same.extensions = {**extensions(request), "trace": wire_of(request).trace}
        response = await self._transport.handle_async_request(same)
        return httpcore.Response(
            response.status_code, headers=response.headers.raw, content=_Answer(response)
        )

    async def aclose(self) -> None:
        """Close the connections."""
        await self._transport.aclose()


class _Body(httpx.AsyncByteStream):
    def __init__(self, stream: AsyncIterable[bytes]) -> None:
        self._stream = stream

    def __aiter__(self) -> AsyncIterator[bytes]:
        return aiter(self._stream)


class _Answer:
    def __init__(self, response: httpx.Response) -> None:
        self._response = response

    def __aiter__(self) -> AsyncIterator[bytes]:
        return aiter(cast("httpx.AsyncByteStream", self._response.stream))

    async def aclose(self) -> None:
        await self._response.aclose()


@lru_cache(maxsize=64)
def _url(scheme: bytes, host: bytes, port: int | None, target: bytes) -> httpx.URL:
    """Return an address; reading one takes longer than the throttle."""
    return httpx.URL(
        scheme=scheme.decode("ascii"), host=host.decode("ascii"), port=port, raw_path=target
    )
