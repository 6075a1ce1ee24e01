"""An app on a socket, in a process of its own: ``python -m benchmarks.receiver NAME SECRET``.

It prints its port, and serves until its standard input ends.
"""

from __future__ import annotations

import asyncio
import socket
import sys
from collections.abc import Callable
from typing import Any

import uvicorn
from uvicorn._types import ASGI3Application, ASGIReceiveCallable, ASGISendCallable, Scope

from smsc_async.webhooks import CallbackApp, StatusReport, parse

from .callbacks import BARE, JSON, is_signed


async def echo(_scope: Scope, receive: ASGIReceiveCallable, send: ASGISendCallable) -> None:
    """Read the body and send it back: the least that an app can do with one."""
    body = b""
    more = True
    while more:
        event = await receive()
        if event["type"] != "http.request":
            return
        body += event["body"]
        more = event["more_body"]
    await respond(send, body)


async def respond(send: ASGISendCallable, body: bytes) -> None:
    """Answer 200."""
    headers = [(b"content-type", b"text/plain"), (b"content-length", str(len(body)).encode())]
    await send(
        {"type": "http.response.start", "status": 200, "headers": headers, "trailers": False}
    )
    await send({"type": "http.response.body", "body": body, "more_body": False})


def calling(work: Callable[[bytes], object]) -> ASGI3Application:
    """Return an app that does *work* with the body, which comes at once, and answers 200."""

    async def app(_scope: Scope, receive: ASGIReceiveCallable, send: ASGISendCallable) -> None:
        event = await receive()
        if event["type"] == "http.request":
            work(event["body"])
            await respond(send, b"200")

    return app


async def ignore(_report: StatusReport) -> None:
    """Do nothing with it."""


def app_named(name: str, secret: str) -> Any:  # noqa: ANN401 - ours types ASGI for itself
    """Return one of the apps that are compared."""
    match name:
        case "bare":
            return calling(lambda body: bare(body, secret))
        case "parse":
            return calling(lambda body: parse(body, secret=secret, content_type=JSON))
        case "app":
            return CallbackApp(on_status=ignore, secret=secret)
        case _:
            return echo


def bare(body: bytes, secret: str) -> bool:
    """Decode, and check the hash, as :func:`benchmarks.callbacks.bare_json` does."""
    status = BARE.decode(body)
    return is_signed(status.id, status.phone, status.status, status.sha1, secret)


async def main(which: str, secret: str) -> None:
    """Serve one of them."""
    app = app_named(which, secret)
    config = uvicorn.Config(
        app, http="h11", ws="none", lifespan="off", access_log=False, log_level="warning"
    )
    server = uvicorn.Server(config)
    with socket.create_server(("127.0.0.1", 0)) as listener:
        listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        serving = asyncio.create_task(server.serve(sockets=[listener]))
        print(listener.getsockname()[1], flush=True)
        await asyncio.to_thread(sys.stdin.read)
        server.should_exit = True
        await serving


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))
