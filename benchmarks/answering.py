"""Answers every request alike, in a process of its own: ``python -m benchmarks.answering [PEM]``.

It prints its port, and serves until its standard input ends; with a file of a certificate and its
key over TLS.
"""

from __future__ import annotations

import asyncio
import ssl
import sys
from typing import cast

from .decode import ANSWER

HEAD = f"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: {len(ANSWER)}\r\n\r\n"


class Answering(asyncio.Protocol):
    """Answers once a request is whole; it reads nothing but where that ends."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Begin."""
        self._transport = cast("asyncio.Transport", transport)
        self._got = b""

    def data_received(self, data: bytes) -> None:
        """Take a request, or a part of it."""
        self._got += data
        head, end, body = self._got.partition(b"\r\n\r\n")
        length = head.lower().partition(b"content-length:")[2].split(b"\r\n")[0]
        if end and len(body) >= int(length or b"0"):
            self._got = b""
            self._transport.write(HEAD.encode() + ANSWER)


async def main(certificate: str | None = None) -> None:
    """Serve."""
    context = None
    if certificate is not None:
        context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        context.load_cert_chain(certificate)
    loop = asyncio.get_running_loop()
    server = await loop.create_server(Answering, "127.0.0.1", 0, ssl=context)
    print(server.sockets[0].getsockname()[1], flush=True)
    await asyncio.to_thread(sys.stdin.read)
    server.close()


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))
