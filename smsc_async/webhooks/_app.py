"""The handler of the service's callbacks as an ASGI app."""

from __future__ import annotations

import asyncio
import logging
import math
from collections.abc import Awaitable, Callable, Iterable, Sequence
from types import TracebackType
from typing import Final, Self, TypeAlias

from .._transport.clock import wall_time
from .._wire.secret import Secret
from .._wire.values import quoted
from . import _request as requests
from ._bodies import CHARSETS, Charset, Fields, fields_of
from ._callbacks import CallConfirmation, IncomingMessage, Received, StatusReport
from ._errors import BadCallback, NotUnderstood, SignatureMismatch
from ._inbox import Inbox
from ._quick import usual
from ._reading import callback_of
from ._request import Headers, Receive, Refused, Scope, Send
from ._seen import Letter, MemorySeen, Seen
from ._signing import Algorithm, check_algorithm, check_signs, check_strength, secrets_of

OnStatus: TypeAlias = Callable[[StatusReport], Awaitable[object]]
OnMessage: TypeAlias = Callable[[IncomingMessage], Awaitable[object]]
OnCall: TypeAlias = Callable[[CallConfirmation], Awaitable[object]]

MAX_BODY: Final = 64 * 1024

_log = logging.getLogger("smsc_async.webhooks")


class CallbackApp:
    """An ASGI app that receives the callbacks of the service, and calls your functions.

    Serve it by itself, or in another ASGI app route a path and all below it to it; a ``mount`` of
    FastAPI's and Starlette's answers the bare path with a redirect. What a function is there for is
    answered with 200 only after that has returned. Where it raises, takes longer than ``timeout``
    seconds, or the store ``seen`` cannot be used, the answer is 503: the service calls again every
    4 minutes, 50 times. A wrong signature is answered with 403, what is no callback with 4xx;
    nothing with 404, which would end the repeats.

    Repeats are sorted out: ``on_status`` hears of each new status, and not of one that is older
    than the newest it heard of, which goes to ``on_late``, if there is one; ``on_message`` and
    ``on_call`` hear of each. Rarely they hear of one twice: where ``seen`` cannot note that it was
    handled, or forgets it; where a function was too slow, its work done; where the process dies in
    between; and where somebody sends an old one again, with another field that is not signed. So
    let it be harmless to do twice. A message is known by its id and phone: one that is sent with an
    id of your own that this phone had before is taken for that.

    A callback that is signed but not understood is logged, kept by ``seen`` and answered with 200;
    one of a kind that has no function is answered so too, and dropped, which the log says once.

    Within another app nobody tells it that the program ends: let the lifespan of that enter it with
    ``async with``. A function gets nothing but the callback; what else it needs, such as a pool of
    connections, it has to know itself.

    Only the fields named "signed" at :class:`StatusReport` and :class:`IncomingMessage` are sure
    to be the service's; what else a callback tells, whoever has seen one can change.

    Args:
        on_status: Called with each :class:`StatusReport` that is new.
        on_message: Called with each :class:`IncomingMessage`.
        on_call: Called with each :class:`CallConfirmation`.
        on_late: Called with each :class:`StatusReport` that comes after a newer one.
        secret: The one in the address that the account has, or two while you change it; at least
            22 signs each.
        algorithm: The one in the address. ``crc32`` takes ``insecure_crc32=True`` and one of
            ``path_token`` and ``allow``, for anybody who has seen one callback can forge it.
        charset: As for :func:`parse`.
        path_token: A second secret: the last part of the path that is called.
        allow: The addresses or networks that may call; the service publishes no list.
        proxies: Those whose ``X-Forwarded-For`` is believed.
        max_body: The most bytes of a body.
        timeout: Seconds for a request: for its body to come, and for your function.
        seen: What was handled: in this process by default, :class:`SqliteSeen` for a file.

    Raises:
        ValueError: A secret that is weak or has other signs, and the like; no secret is in it.
    """

    def __init__(
        self,
        *,
        on_status: OnStatus | None = None,
        on_message: OnMessage | None = None,
        on_call: OnCall | None = None,
        on_late: OnStatus | None = None,
        secret: str | Sequence[str],
        algorithm: Algorithm = "sha1",
        charset: Charset | None = None,
        path_token: str | None = None,
        allow: Iterable[str] | None = None,
        proxies: Iterable[str] = (),
        max_body: int = MAX_BODY,
        timeout: float = 30.0,
        seen: Seen | None = None,
        insecure_crc32: bool = False,
        wall: Callable[[], float] = wall_time,
    ) -> None:
        check_algorithm(algorithm, insecure_crc32=insecure_crc32)
        self._keys = secrets_of(secret)
        for key in self._keys:
            check_strength("secret", key.reveal().decode())
        if path_token is not None:
            check_signs("path_token", path_token)
            check_strength("path_token", path_token)
        if algorithm == "crc32" and path_token is None and allow is None:
            raise ValueError("algorithm: with crc32 set path_token or allow as well")
        if charset is not None and charset not in CHARSETS:
            raise ValueError(f"charset: one of {', '.join(CHARSETS)}")
        if max_body < 1 or not 0 < timeout < math.inf:
            raise ValueError("max_body and timeout: more than none")
        self._algorithm: Algorithm = algorithm
        self._charset: Charset | None = charset
        self._token = None if path_token is None else Secret(path_token.encode())
        self._allow = None if allow is None else requests.networks("allow", allow)
        self._proxies = requests.networks("proxies", proxies)
        self._most = max_body
        self._timeout = timeout
        self._seen: Seen = MemorySeen() if seen is None else seen
        self._inbox = Inbox(
            {StatusReport: on_status, IncomingMessage: on_message, CallConfirmation: on_call},
            on_late,
            self._seen,
            timeout,
        )
        self._wall = wall
        self._is_open = True  # a mounted app is never told that the program starts

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request of ASGI."""
        if scope["type"] == "lifespan":
            await self._live(receive, send)
        elif scope["type"] == "http":
            await self._handle(scope, receive, send)
        elif scope["type"] == "websocket":
            self._note(scope, Refused(403, "a web socket"))
            await send({"type": "websocket.close"})  # the server makes it 403
        else:
            raise RuntimeError(f"a callback is an HTTP request, not {scope['type']}")

    async def __aenter__(self) -> Self:
        """Open it, again if it was closed; for the lifespan of an app that this is mounted in."""
        self._is_open = True
        return self

    async def __aexit__(
        self,
        exc_type: type[BaseException] | None,
        exc: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        await self.aclose()

    async def aclose(self) -> None:
        """Close the store; what comes then is answered with 503. A server of its own does it.

        What is being handled is brought to its end.
        """
        self._is_open = False
        await self._seen.aclose()

    async def _live(self, receive: Receive, send: Send) -> None:
        while True:
            event = await receive()
            if event["type"] == "lifespan.startup":
                await self.__aenter__()
                await send({"type": "lifespan.startup.complete"})
            else:
                await self.aclose()
                await send({"type": "lifespan.shutdown.complete"})
                return

    async def _handle(self, scope: Scope, receive: Receive, send: Send) -> None:
        status = 200
        try:
            await self._take_in(scope, receive)
        except Refused as refused:
            status = refused.status
            self._note(scope, refused)
        finally:
            if not self._is_open:
                await self._seen.aclose()  # which this may have opened again
        await requests.respond(send, status)

    def _note(self, scope: Scope, refused: Refused) -> None:
        """Log one line, and nothing of the body: it may be anybody's, and very much of it."""
        _log.log(
            logging.ERROR if refused.__cause__ else logging.WARNING,
            "answered %d to a callback from %s: %s",
            refused.status,
            requests.client_of(scope, self._proxies) or "an unknown address",
            quoted(refused.reason),
            exc_info=refused.__cause__,  # what the handler or the store raised
        )

    async def _take_in(self, scope: Scope, receive: Receive) -> None:
        """Return when all that a request brings was handled or kept; or raise Refused."""
        headers = dict[bytes, bytes](scope["headers"])
        self._admit(scope, headers)
        body = None
        try:
            async with asyncio.timeout(self._timeout):
                body = await requests.body_of(headers, receive, self._most)
                await self._read(scope, headers, body)
        except TimeoutError as error:
            if body is None:
                raise Refused(408, f"no whole body within {self._timeout:g} s") from None
            raise Refused(503, f"not handled within {self._timeout:g} s") from error

    async def _read(self, scope: Scope, headers: Headers, body: bytes) -> None:
        content_type = headers.get(b"content-type", b"").decode("latin-1")
        try:
            found = self._callbacks(body, content_type, scope["query_string"])
        except SignatureMismatch as error:
            raise Refused(403, error.reason) from None
        except BadCallback as error:
            raise Refused(400, error.reason) from None
        for callback in found:  # all are signed
            if isinstance(callback, NotUnderstood):
                query = scope["query_string"]
                letter = Letter(self._wall(), callback.reason, content_type, body, query)
                await self._inbox.keep(letter)
            else:
                await self._inbox.take(callback)

    def _callbacks(
        self, body: bytes, content_type: str, query: bytes
    ) -> list[Received | NotUnderstood]:
        how = (body, content_type, query, self._charset)
        if found := usual(*how, self._algorithm, self._keys):
            return [found]
        return [self._callback_of(fields) for fields in fields_of(*how)]

    def _callback_of(self, fields: Fields) -> Received | NotUnderstood:
        try:
            return callback_of(fields, self._keys, self._algorithm)
        except NotUnderstood as strange:
            return strange

    def _admit(self, scope: Scope, headers: Headers) -> None:
        """Raise Refused for a request that is not to be read."""
        if not self._is_open:
            raise Refused(503, "the app is closed")
        if self._allow is not None:
            client = requests.client_of(scope, self._proxies)
            if client is None or not requests.within(client, self._allow):
                raise Refused(403, "an address that is not allowed")
        if self._token is not None and not requests.ends_with(scope["path"], self._token.reveal()):
            raise Refused(403, "not the secret path")
        if scope["method"] != "POST":
            raise Refused(405, "the service posts")
        if headers.get(b"content-encoding", b"identity") != b"identity":
            raise Refused(415, "a packed body")
