"""The model of the service as a transport of httpx."""

from __future__ import annotations

from typing import Any, Final, cast
from urllib.parse import parse_qsl

import httpx

from .model import Fate, Service

# Answered at once and counted nowhere: until a first answer a client calls one by one.
HELLO: Final = "hello.php"
_OK: Final = b'{"result": "OK"}'
_ANSWERS: Final = {
    "send.php": b'{"id": 1, "cnt": 1, "cost": "1", "balance": "1"}',
    "balance.php": b'{"balance": "1.50", "currency": "RUR"}',
    "status.php": b'{"status": -3}',
}
_REFUSALS: Final[dict[Fate, bytes]] = {
    "turned down": b'{"error": "no", "error_code": 8}',
    "busy": b'{"error": "too many concurrent requests", "error_code": 9}',
    "often": b'{"error": "duplicate request, wait a minute", "error_code": 9}',
}


class ServiceTransport(httpx.AsyncBaseTransport):
    """Answers every request when the model of the service would."""

    def __init__(self, service: Service) -> None:
        self._service = service

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        body = b"".join([part async for part in cast("httpx.AsyncByteStream", request.stream)])
        params = dict(parse_qsl(body.decode("ascii"), strict_parsing=True))
        for ours in ("apikey", "fmt", "charset"):
            params.pop(ours)
        path = request.url.path.rsplit("/", 1)[-1]
        if path == HELLO:
            return httpx.Response(200, content=_OK)
        if "cost" in params and params["cost"] != "1":
            del params["cost"]  # how much is said about a send is no part of it
        fate = await self._service.handle(path, params)
        if fate == "unreachable":
            await _trace(request, "connection.connect_tcp.failed")
            raise httpx.ConnectError("refused")
        if fate in ("unheard", "cut", "unanswered"):
            raise httpx.ReadError("lost")
        return httpx.Response(200, content=_REFUSALS.get(fate) or _ANSWERS.get(path, _OK))


async def _trace(request: httpx.Request, event: str) -> None:
    """Tell what httpcore would: the proof that nothing has left."""
    tell: Any = request.extensions["trace"]
    await tell(event, {})
