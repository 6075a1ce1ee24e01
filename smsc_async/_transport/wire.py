"""What a transport is given and returns, and the proof that no byte of a request has left."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any, Final, NamedTuple, Protocol

import msgspec

from .bodies import Body

PORTS: Final = {b"http": 80, b"https": 443}


class Origin(NamedTuple):
    """Where a connection leads."""

    scheme: bytes
    host: bytes
    port: int

    @property
    def authority(self) -> bytes:
        """The host as a request names it."""
        host = b"[%b]" % self.host if b":" in self.host else self.host
        return host if self.port == PORTS.get(self.scheme) else b"%b:%d" % (host, self.port)


class Request(msgspec.Struct, frozen=True):
    """What is posted to the *target* at an origin."""

    origin: Origin
    target: bytes
    headers: list[tuple[bytes, bytes]]
    body: Body
    connect_within: float  # seconds
    wire: Wire


class Response(Protocol):
    """An answer whose head is there."""

    @property
    def status(self) -> int:
        """Its number."""
        ...

    @property
    def headers(self) -> list[tuple[bytes, bytes]]:
        """Its headers, as they came."""
        ...

    def aiter_stream(self) -> AsyncIterator[bytes]:
        """Yield the content as it comes."""
        ...

    async def aclose(self) -> None:
        """Read no more of it."""
        ...


class Wire:
    """What is known of one request's bytes; whatever carries them writes it."""

    def __init__(self) -> None:
        self.written = False
        self.heard = False  # something was read after that
        self.failed_to_connect = False
        self.watched = False  # the transport is our own: what it did not note did not happen

    @property
    def left(self) -> bool:
        """Tell whether a byte may have left: anything else needs a proof."""
        return self.written or not (self.watched or self.failed_to_connect)

    async def trace(self, event: str, info: dict[str, Any]) -> None:
        """Hear httpcore's trace events, for an injected transport that is built on it."""
        if event.endswith(("connect_tcp.failed", "connect_unix_socket.failed", "start_tls.failed")):
            self.failed_to_connect = True
        elif event.endswith("send_request_headers.started"):
            request = info.get("request")
            if request is None or request.method != b"CONNECT":
                self.written = True
