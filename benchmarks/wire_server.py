"""A server that answers every request after a time: ``python -m benchmarks.wire_server``.

It takes the folder of a certificate and a core, prints its addresses by latency in milliseconds and
scheme, and serves until its standard input ends. Nothing is looked at but where a request ends, so
that it is never the one who is waited for.
"""

from __future__ import annotations

import asyncio
import json
import os
import ssl
import sys
from functools import partial
from pathlib import Path
from typing import cast

LATENCIES = (0, 20, 50, 200)  # milliseconds
BODY = b'{"id": 1,\n"cnt": 1,\n"cost": "1.40",\n"balance": "100.50"}'
HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: "
ANSWER = HEAD + str(len(BODY)).encode() + b"\r\n\r\n" + BODY
END = b"\r\n\r\n"
LENGTH = b"content-length:"


def request_ends(got: bytes) -> tuple[int, bool]:
    """Return where the first request in *got* ends, 0 if it does not yet, and if it is the last."""
    end = got.find(END)
    if end < 0:
        return 0, False
    head = got[:end].lower()
    _, named, after = head.partition(LENGTH)
    length = int(after.split(b"\r\n", 1)[0]) if named else 0
    whole = end + len(END) + length
    return (whole if len(got) >= whole else 0), b"connection: close" in head


class Answering(asyncio.Protocol):
    """Answers what comes over one connection."""

    def __init__(self, latency: float) -> None:
        self._loop = asyncio.get_running_loop()
        self._latency = latency
        self._got = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Remember where to write."""
        self._transport = cast("asyncio.Transport", transport)

    def data_received(self, data: bytes) -> None:
        """Take requests, or a part of one."""
        self._got += data
        while True:
            end, is_last = request_ends(self._got)
            if not end:
                return
            self._got = self._got[end:]
            if self._latency:
                self._loop.call_later(self._latency, self._answer, is_last)
            else:
                self._answer(is_last)

    def _answer(self, is_last: bool) -> None:  # noqa: FBT001 - a callback is given no names
        self._transport.write(ANSWER)
        if is_last:
            self._transport.close()


async def main(folder: Path) -> None:
    """Serve each latency in the clear and over TLS."""
    loop, found = asyncio.get_running_loop(), dict[str, str]()
    tls = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    tls.load_cert_chain(folder / "server.pem")
    tls.num_tickets = 0  # no client here comes back with one
    for latency in LATENCIES:
        for scheme, context in (("http", None), ("https", tls)):
            serving = partial(Answering, latency / 1000)
            server = await loop.create_server(serving, "127.0.0.1", 0, ssl=context)
            port = server.sockets[0].getsockname()[1]
            found[f"{scheme} {latency}"] = f"{scheme}://127.0.0.1:{port}"
    print(json.dumps(found), flush=True)
    await asyncio.to_thread(sys.stdin.read)


if __name__ == "__main__":
    os.sched_setaffinity(0, {int(sys.argv[2])})
    asyncio.run(main(Path(sys.argv[1])))
