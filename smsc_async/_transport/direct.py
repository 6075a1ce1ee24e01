"""One connection to a host: what h11 makes of it, and no more.

httpcore's has locks, for connections that several may use, and each gives the loop a turn for each
request: so all that is answered at one moment went on step by step together, to its last.
"""

from __future__ import annotations

import ssl
from collections.abc import AsyncIterator
from contextlib import suppress
from typing import Final, TypeAlias, cast

import h11

from .network import (
    LocalProtocolError,
    Network,
    RemoteProtocolError,
    Stream,
    WriteError,
)
from .wire import Origin, Request

# What the head of an answer may be, in bytes, or a little more, so that it cannot fill the memory.
HEAD: Final = 100 * 1024
READ: Final = 64 * 1024
_Event: TypeAlias = h11.Event | type[h11.PAUSED]


class Direct:
    """A connection that its first request opens; one request at a time, answered to its end."""

    def __init__(
        self,
        origin: Origin,
        tls: ssl.SSLContext | None,
        below: Network,
    ) -> None:
        self._origin = origin
        self._tls = tls
        self._below = below
        self._stream: Stream | None = None
        self._talk = h11.Connection(h11.CLIENT, max_incomplete_event_size=HEAD)
        self._is_closed = False

    async def send(self, request: Request) -> Answering:
        """Send *request*, and return its answer as soon as the head is there.

        Raises the errors of the network, or any that *below* raises.
        """
        stream = self._stream
        if stream is None:
            stream = self._stream = await self._opened(request.connect_within)
        with suppress(WriteError):  # it may have answered, and then closed
            await self._send(stream, request)
        event = await self._next(stream)
        while isinstance(event, h11.InformationalResponse):
            event = await self._next(stream)
        if not isinstance(event, h11.Response):
            raise RemoteProtocolError("an answer without a head")
        return Answering(self, stream, event)

    async def contents(self, stream: Stream) -> AsyncIterator[bytes]:
        """Yield the answer's content as it comes."""
        while isinstance(event := await self._next(stream), h11.Data):
            yield bytes(event.data)

    def over(self) -> None:
        """Be ready for the next request, if this one and its answer were whole and nothing more."""
        talk = self._talk
        if talk.our_state is talk.their_state is h11.DONE and not talk.trailing_data[0]:
            talk.start_next_cycle()

    async def aclose(self) -> None:
        """Close it."""
        self._is_closed = True
        if self._stream is not None:
            await self._stream.aclose()

    def has_expired(self) -> bool:
        """Tell whether something came that nobody asked for, its end above all."""
        return self._stream is not None and self._stream.is_readable()

    def is_closed(self) -> bool:
        """Tell whether it was closed here."""
        return self._is_closed

    def is_idle(self) -> bool:
        """Tell whether a request may be sent."""
        return self._talk.our_state is h11.IDLE

    async def _opened(self, timeout: float) -> Stream:
        host = self._origin.host.decode("ascii")
        stream = await self._below.connect(host, self._origin.port, timeout)
        if self._tls is None:
            return stream
        # A stream whose handshake is cut closes itself: nobody else knows it by then.
        self._tls.set_alpn_protocols(["http/1.1"])
        return await stream.start_tls(self._tls, host, timeout)

    async def _send(self, stream: Stream, request: Request) -> None:
        try:
            head = h11.Request(method="POST", target=request.target, headers=request.headers)
            await stream.write(self._talk.send(head) or b"")
            async for chunk in request.body:
                await stream.write(self._talk.send(h11.Data(data=chunk)) or b"")
            await stream.write(self._talk.send(h11.EndOfMessage()) or b"")
        except h11.LocalProtocolError as error:
            raise LocalProtocolError(str(error)) from error

    async def _next(self, stream: Stream) -> _Event:
        while True:
            try:
                event = self._talk.next_event()
            except h11.RemoteProtocolError as error:
                raise RemoteProtocolError(str(error)) from error
            if event is not h11.NEED_DATA:
                return cast("_Event", event)
            data = await stream.read(READ)
            if not data and self._talk.their_state is h11.SEND_RESPONSE:
                raise RemoteProtocolError("it was closed without an answer")
            self._talk.receive_data(data)


class Answering:
    """An answer whose head is there."""

    def __init__(self, connection: Direct, stream: Stream, head: h11.Response) -> None:
        self.status = head.status_code
        self.headers = head.headers.raw_items()
        self._connection = connection
        self._stream = stream

    def aiter_stream(self) -> AsyncIterator[bytes]:
        """Yield the content as it comes."""
        return self._connection.contents(self._stream)

    async def aclose(self) -> None:
        """Read no more of it."""
        self._connection.over()
