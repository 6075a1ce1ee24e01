"""The simulator in a program: as an ASGI app and on a socket."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from contextlib import AbstractAsyncContextManager
from datetime import UTC, datetime
from decimal import Decimal
from types import TracebackType
from typing import Final, Self

import httpx
from starlette.applications import Starlette
from starlette.requests import ClientDisconnect
from starlette.requests import Request as HttpRequest
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Route

from .._wire import codes
from . import _answers as answers
from . import _form
from ._answers import Answer
from ._faults import Faults, damaged
from ._form import Form
from ._history import NOT_FOUND
from ._incoming import SHARED
from ._records import Callback, Change, Fault, Message, Refusal, Request
from ._service import Service
from ._serving import served
from ._settings import Settings

# Of one request; the pages name no figure.
MOST_BYTES: Final = 64 * 1024 * 1024


class Simulator:
    """The service, offline: answers as its pages say, counts its limits, and remembers.

    Enter it before use. What was sent to it is worked on even when the sender does not wait for
    the answer; leaving it ends that work, and the calls of the account's handler.

    Args:
        settings: What to choose about the service.
        clock: Seconds by which requests are counted; without it the running loop's.
        wall: The moment to show in dates.
        callback_transport: How the account's handler is called; without it by sockets. It is
            closed at the end.
    """

    def __init__(
        self,
        settings: Settings | None = None,
        *,
        clock: Callable[[], float] | None = None,
        wall: Callable[[], datetime] | None = None,
        callback_transport: httpx.AsyncBaseTransport | None = None,
    ) -> None:
        self.settings = settings or Settings()
        self.app = Starlette(
            routes=[
                Route(codes.FOLDER + "{path:path}", self._script, methods=["GET", "POST"]),
                Route(codes.REST, self._rest, methods=["POST"]),
                Route("/{path:path}", _nowhere, methods=["GET", "POST"]),
            ]
        )
        self._clock = clock
        self._service = Service(self.settings, self._now, wall or _utc, callback_transport)
        # Only this class starts and ends these, so that no request dies with its sender.
        self._work: set[asyncio.Task[tuple[Answer, Fault | int | None]]] = set()
        self._open = False

    async def __aenter__(self) -> Self:
        self._open = True
        self._service.callbacks.posting.open()
        return self

    async def __aexit__(
        self,
        exc_type: type[BaseException] | None,
        exc: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._open = False
        await self._stop()
        await self._service.callbacks.posting.close()

    @property
    def accepted(self) -> list[Message]:
        """Every message that was accepted, oldest first."""
        return list(self._service.book.accepted)

    @property
    def log(self) -> list[Request]:
        """Every request that came to its end, in the order of the ends."""
        return list(self._service.log)

    @property
    def refusals(self) -> list[Refusal]:
        """Every answer that was an error."""
        return list(self._service.refusals)

    @property
    def requests(self) -> int:
        """How many requests have arrived."""
        return self._service.requests

    @property
    def blocked(self) -> int:
        """How many of the requests have arrived while the address was blocked."""
        return self._service.blocks.refused

    @property
    def most_at_once(self) -> int:
        """The most requests that were there at once, one that was refused for it included."""
        return self._service.counting.most_at_once

    @property
    def balance(self) -> Decimal:
        """The account's money."""
        return self._service.book.balance

    @property
    def awaited(self) -> Mapping[str, str]:
        """Whose call is waited for (digits), and the number that each has to call."""
        return dict(self._service.book.confirmations.awaited)

    @property
    def numbers(self) -> Mapping[str, bool]:
        """The numbers that were bought, and whether each is kept after this month."""
        return dict(self._service.book.numbers.own)

    @property
    def callbacks(self) -> list[Callback]:
        """What the account's handler was told or is to be told again, oldest first."""
        return self._service.callbacks.posting.records

    @property
    def faults(self) -> Faults | None:
        """What decides which requests come to a bad end; None, as at first, for none.

        It is called with the path, the parameters and the number of each request as it arrives,
        and names a ``Fault``, or the error to answer with, or None. A request that is blocked, has
        a wrong login or meets a limit is counted as such all the same, and is never worked on. In
        process ``Dropped`` is raised in place of a connection that ends.
        """
        return self._service.faults

    @faults.setter
    def faults(self, faults: Faults | None) -> None:
        self._service.faults = faults

    def block(self, seconds: float) -> None:
        """Block the address for *seconds* from now on; 0 ends a block.

        Without a clock of its own the simulator reads the running loop's, so call it in the loop.
        """
        self._service.blocks.start(seconds, self._now())

    def set_status(
        self,
        id: str,
        phone: str,
        status: int,
        reason: int = 0,
        *,
        fields: Mapping[str, str | int] | None = None,
    ) -> None:
        """Give the newest message with this id to this phone (digits) a status, from now on.

        The account's handler is told each time, even if it is the status that the message had.

        Args:
            id: That of its request.
            phone: As it stands in ``accepted``.
            status: A number of the service's table, or one that it may have in future.
            reason: What ``err`` shows.
            fields: What the handler is told beside the usual, or in its place: such as ``dtmf``,
                ``callmenu`` and ``calltime`` of a call, ``flag`` with other bits, ``syserr``, or
                what an HLR request has found, which the status shows too.

        Raises:
            LookupError: There is no such message.
            TypeError: A field is neither a text nor a whole number.
            ValueError: The status is that of messages which are not there; delete it instead.
        """
        if status == NOT_FOUND:
            raise ValueError("a message that is there cannot have the status of one that is not")
        chosen = dict(fields or {})
        kinds: set[type[object]] = {type(value) for value in chosen.values()}
        if kinds - {str, int}:
            raise TypeError("a field is a text or a whole number")
        self._service.change(id, phone, Change(status, reason, self._now(), chosen))

    def receive(self, phone: str, text: str, *, to: str = SHARED) -> int:
        """Let a message come in, and return the number that it has in ``get_answers``.

        Like the service, this keeps it for a week. Without a clock of its own the simulator reads
        the running loop's, so call it in the loop.

        Args:
            phone: Whose it is, in digits.
            text: What it says.
            to: The number that it goes to, in digits; without it one that accounts share.
        """
        return self._service.receive(phone, text, to)

    def call(self, phone: str) -> None:
        """Let a phone (digits) call the number that it was told, which ends the waiting for it.

        Raises:
            LookupError: Nobody waits for its call.
        """
        self._service.call(phone)

    async def delivered(self) -> None:
        """Wait until the account's handler has nothing to be told, now or at a later moment.

        That is, after every status that time will bring, and every attempt; a ``delivery`` of
        ``math.inf`` brings none.
        """
        await self.idle()
        await self._service.callbacks.posting.finished()

    async def idle(self) -> None:
        """Wait until nothing is worked on, for senders that did not."""
        while self._work:
            await asyncio.wait(set(self._work))

    def serve(self, *, host: str = "127.0.0.1", port: int = 0) -> AbstractAsyncContextManager[str]:
        """Serve on a socket and give the base URL; port 0 takes a free one."""
        return served(self.app, host, port, self._stop)

    async def _script(self, request: HttpRequest) -> Response:
        return await self._handle(request, request.path_params["path"], _form.read)

    async def _rest(self, request: HttpRequest) -> Response:
        """Take a send that is JSON; for the limits it is one like any other."""
        return await self._handle(
            request, codes.SEND, lambda _, body, kind: _form.read_json(body, kind)
        )

    async def _handle(
        self, request: HttpRequest, path: str, read: Callable[[bytes, bytes, str], Form]
    ) -> Response:
        body = bytearray()
        try:
            async for chunk in request.stream():
                body += chunk
                if len(body) > MOST_BYTES:
                    return Response(status_code=413)
        except ClientDisconnect:  # half a request is none, and nobody waits for an answer
            return Response(status_code=400)
        kind = request.headers.get("content-type", "")
        form = read(request.scope["query_string"], bytes(body), kind)
        if not self._open:
            return PlainTextResponse("the simulator is not running", status_code=503)
        task = asyncio.create_task(self._service.handle(path, form))
        self._work.add(task)
        task.add_done_callback(self._work.discard)
        # Unlike await, wait lets the task live when the sender goes.
        await asyncio.wait({task})
        if task.cancelled():
            return PlainTextResponse("the simulator stops", status_code=503)
        answer, fault = task.result()
        return damaged(fault, _response(answer, form, self.settings, path))

    async def _stop(self) -> None:
        work = list(self._work)
        for task in work:
            task.cancel()
        await asyncio.gather(*work, return_exceptions=True)

    def _now(self) -> float:
        return asyncio.get_running_loop().time() if self._clock is None else self._clock()


def _utc() -> datetime:
    return datetime.now(UTC)


async def _nowhere(_request: HttpRequest) -> Response:
    return JSONResponse({"error": "not found", "error_code": 1}, status_code=404)


def _response(answer: Answer, form: Form, settings: Settings, path: str) -> Response:
    asked = form.params.get("fmt", "0")
    text = answers.render(answer, asked, settings.quirks.get(path))
    kind = answers.CONTENT_TYPES.get(asked, answers.DEFAULT_TYPE)
    return Response(text.encode(form.charset, "replace"), headers={"content-type": kind})
