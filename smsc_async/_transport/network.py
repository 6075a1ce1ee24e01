"""What a connection is made of: the network below it, and how that fails.

The errors have the names of httpcore's, which a connection through a proxy raises.
"""

from __future__ import annotations

import ssl
from typing import Protocol


class NetworkError(Exception):
    """There is no whole answer; its cause tells why."""


class ConnectError(NetworkError):
    """There is no connection."""


class ConnectTimeout(ConnectError):
    """There was none in time."""


class ProxyError(NetworkError):
    """A proxy refuses to connect; the text begins with the HTTP status."""


class ReadError(NetworkError):
    """A connection broke while it was read."""


class WriteError(NetworkError):
    """The other side hears no more; it may have answered before."""


class LocalProtocolError(NetworkError):
    """A request cannot be written as HTTP."""


class RemoteProtocolError(NetworkError):
    """What came is no answer to the request."""


class Network(Protocol):
    """Opens connections."""

    async def connect(self, host: str, port: int, timeout: float | None) -> Stream:
        """Connect within *timeout* seconds, or raise `ConnectError` or `ConnectTimeout`."""
        ...


class Stream(Protocol):
    """One connection; how long reading and writing may take is the caller's to watch."""

    def has_news(self) -> bool:
        """Tell whether something came that was not read yet, or the end."""
        ...

    def is_readable(self) -> bool:
        """Tell the same, and look into the socket for what the loop has not seen."""
        ...

    async def read(self, most: int) -> bytes:
        """Return what came, nothing at the end, or raise `ReadError`."""
        ...

    async def write(self, data: bytes) -> None:
        """Write *data*, at the latest when something is read, or raise `WriteError`."""
        ...

    async def start_tls(self, tls: ssl.SSLContext, host: str, timeout: float | None) -> Stream:
        """Return the same under TLS, or raise `ConnectError` or `ConnectTimeout`."""
        ...

    async def aclose(self) -> None:
        """Close it; what was not written yet is dropped."""
        ...
