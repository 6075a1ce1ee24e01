"""What can go wrong between the service and its client, on demand."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from typing import Any, Final, get_args

from starlette.responses import HTMLResponse, Response
from starlette.types import Receive, Scope, Send
from uvicorn import Config
from uvicorn.protocols.http.h11_impl import H11Protocol
from uvicorn.server import ServerState

from ._records import Fault

# Decides the end of a request by its path, its parameters (without the credentials) and its number
# in the order of arrival: a fault, the error to answer with in place of the work, or None.
Faults = Callable[[str, Mapping[str, str], int], Fault | int | None]

UNWORKED: Final[frozenset[Fault]] = frozenset({"drop_before", "html_502"})
HANG_UP: Final = "hang_up"
_NAMES: Final = frozenset(get_args(Fault))
_PAGE: Final = "<html><body><h1>502 Bad Gateway</h1></body></html>"
_GARBAGE: Final = b"\x00\xff<garbage>\xfe"


class Dropped(Exception):
    """The connection ends without an answer: what a request meets that is made in process."""


def checked(fault: Fault | int | None) -> Fault | int | None:
    """Return *fault*, if there is such a one.

    Raises:
        ValueError: there is not.
    """
    if fault is None or fault in _NAMES or (isinstance(fault, int) and fault > 0):
        return fault
    raise ValueError(f"there is no fault {fault!r}")


def damaged(fault: Fault | int | None, whole: Response) -> Response:
    """Return what arrives of an answer."""
    body = bytes(whole.body)
    match fault:
        case "drop_before" | "drop_after":
            return _Nothing()
        case "html_502" | "html_502_after":
            return HTMLResponse(_PAGE, status_code=502)
        case "garbage":
            body = _GARBAGE
        case "truncated":
            body = body[: len(body) // 2]
        case "empty":
            body = b""
        case _:
            return whole
    return Response(body, headers={"content-type": whole.headers["content-type"]})


class Connection(H11Protocol):
    """A connection on a socket that a response can end."""

    def __init__(
        self,
        config: Config,
        server_state: ServerState,
        app_state: dict[str, Any],
        _loop: asyncio.AbstractEventLoop | None = None,
    ) -> None:
        # The server shows this state to the app with each request.
        super().__init__(config, server_state, app_state | {HANG_UP: self._hang_up}, _loop)

    def _hang_up(self) -> None:
        self.transport.abort()


class _Nothing(Response):
    """The connection ends; the app returns when the server knows, or it would miss an answer."""

    async def __call__(
        self,
        scope: Scope,
        receive: Receive,
        send: Send,  # noqa: ARG002 - the interface has it
    ) -> None:
        hang_up = scope.get("state", {}).get(HANG_UP)
        if hang_up is None:
            raise Dropped
        hang_up()
        await receive()  # the request was read, so this is the end of the connection
