"""The answers of the files here, and a client that gets them without a network."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import TypeVar
from urllib.parse import parse_qsl

import httpx

from smsc_async import SmscClient
from tests.virtual import run

T = TypeVar("T")

FOLDER = Path(__file__).parent
NOW = 1_700_000_000.0  # the time of day that every client here believes in


def sample(name: str) -> bytes:
    """Return the answer that stands in a file, such as ``send/cost_3.json``."""
    return (FOLDER / name).read_bytes()


class Answering(httpx.AsyncBaseTransport):
    """Gives one answer to whatever is asked, and keeps the paths and the forms."""

    def __init__(self, answer: bytes, status: int = 200) -> None:
        self.paths: list[str] = []
        self.forms: list[dict[str, str]] = []
        self._answer = answer
        self._status = status

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        body = (await request.aread()).decode("ascii")
        pairs = parse_qsl(body, keep_blank_values=True, strict_parsing=True)
        assert len(dict(pairs)) == len(pairs), "no name is sent twice"
        assert not request.url.query
        self.paths.append(request.url.path)
        self.forms.append(dict(pairs))
        return httpx.Response(self._status, content=self._answer)


def asked(
    call: Callable[[SmscClient], Awaitable[T]],
    answer: bytes,
    *,
    sender: str | None = None,
    now: float = NOW,
) -> tuple[T, str, dict[str, str]]:
    """Make one call and return its reply, and the path and the form that went out."""
    transport = Answering(answer)

    async def main() -> T:
        async with SmscClient(
            login="alex", password="123", sender=sender, transport=transport, wall=lambda: now
        ) as smsc:
            return await call(smsc)

    reply = run(main())
    (path,), (form,) = transport.paths, transport.forms
    return reply, path, form


def unsent(call: Callable[[SmscClient], Awaitable[T]], answer: bytes = b"") -> T:
    """Make a call of which nothing may go out."""
    transport = Answering(answer)

    async def main() -> T:
        async with SmscClient(api_key="key", transport=transport, wall=lambda: NOW) as smsc:
            return await call(smsc)

    try:
        return run(main())
    finally:
        assert not transport.forms, "nothing is sent"
