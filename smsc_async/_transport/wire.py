"""What is known of a request's bytes: the proof that none has left."""

from __future__ import annotations

from typing import Any

import httpcore

WIRE = "smsc.wire"  # the extension of a request under which its Wire goes along


class Wire:
    """What is known of one request's bytes; the backend or the trace below writes it."""

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


def extensions(request: httpcore.Request) -> dict[str, Any]:
    """Return what goes along with a request."""
    return {**request.extensions}  # pyright: ignore[reportUnknownMemberType] - half of its type


def wire_of(request: httpcore.Request) -> Wire:
    """Return what is known of a request's bytes, for whoever sends it to write down."""
    wire: Wire = extensions(request)[WIRE]
    return wire
