"""A transport of httpx's, behind the face of the default one."""

from __future__ import annotations

from collections.abc import AsyncIterator
from functools import lru_cache
from typing import TYPE_CHECKING, cast

import httpx

from .bodies import Body
from .wire import Origin, Request, Response

if TYPE_CHECKING:
    from .http import OfHttpx


class Injected:
    """Hands requests to a transport of httpx's, and its answers back."""

    def __init__(self, transport: OfHttpx) -> None:
        self._transport = transport

    async def send(self, request: Request) -> Response:
        """Send *request*; what is built on httpcore tells of its bytes by the trace."""
        same = httpx.Request(
            "POST",
            _url(request.origin, request.target),
            headers=request.headers,
            stream=_Body(request.body),
        )
        same.extensions = {
            "timeout": {"connect": request.connect_within},
            "trace": request.wire.trace,
        }
        return _Answer(await self._transport.handle_async_request(same))

    async def aclose(self) -> None:
        """Close the connections."""
        await self._transport.aclose()


class _Body(httpx.AsyncByteStream):
    def __init__(self, body: Body) -> None:
        self._body = body

    def __aiter__(self) -> AsyncIterator[bytes]:
        return aiter(self._body)


class _Answer:
    def __init__(self, response: httpx.Response) -> None:
        self.status = response.status_code
        self.headers = response.headers.raw
        self._response = response

    def aiter_stream(self) -> AsyncIterator[bytes]:
        return aiter(cast("httpx.AsyncByteStream", self._response.stream))

    async def aclose(self) -> None:
        await self._response.aclose()


@lru_cache(maxsize=64)
def _url(origin: Origin, target: bytes) -> httpx.URL:
    """Return an address; reading one takes longer than the throttle."""
    scheme, host = origin.scheme.decode("ascii"), origin.host.decode("ascii")
    return httpx.URL(scheme=scheme, host=host, port=origin.port, raw_path=target)
