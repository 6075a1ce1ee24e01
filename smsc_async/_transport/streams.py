"""Sockets for the default transport: asyncio's own, read and written without a turn of the loop.

httpcore's backend gives each read and each write a scope of anyio's and such a turn, and tells the
system twice for each answer whether to look at the socket: a quarter of a send's work.
"""

from __future__ import annotations

import asyncio
import select
import socket
import ssl
from collections.abc import Sequence
from contextlib import suppress
from ipaddress import ip_address
from typing import Any, TypeAlias, cast

import aiohappyeyeballs

from .network import ConnectError, ConnectTimeout, ReadError, Stream, WriteError

# Seconds after which the next address of a host is tried beside the first, as RFC 8305 has it.
NEXT_ADDRESS = 0.25
# What may wait unread, in bytes, until the other side is held up.
UNREAD = 64 * 1024
# Less than this waits to be written with what follows: head and body come one after the other.
TOGETHER = 16 * 1024


# As the system has it: family, type, protocol, name, and the address itself.
_Address: TypeAlias = tuple[int, int, int, str, tuple[Any, ...]]


class Sockets:
    """Opens connections of the running loop."""

    async def connect(self, host: str, port: int, timeout: float | None) -> Stream:
        """Connect to the address of *host* that answers first."""
        loop = asyncio.get_running_loop()
        try:
            async with asyncio.timeout(timeout):
                opened = await _first_of(await _addresses(loop, host, port))
                transport, ears = await loop.create_connection(_Ears, sock=opened)
        except TimeoutError as error:
            raise ConnectTimeout from error
        except OSError as error:
            raise ConnectError from error
        return _Stream(transport, ears)


class _Ears(asyncio.Protocol):
    """What came over a connection and was not read yet; the loop writes it, a stream reads it."""

    def __init__(self) -> None:
        self.unread = bytearray()
        self.is_over = False  # nothing comes any more
        self.error: Exception | None = None  # why
        self._turn: asyncio.Future[None] | None = None
        self._may_write: asyncio.Future[None] | None = None
        self._transport: asyncio.Transport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)

    def data_received(self, data: bytes) -> None:
        self.unread += data
        if len(self.unread) > UNREAD and self._transport is not None:
            self._transport.pause_reading()
        _wake(self._turn)

    def eof_received(self) -> None:
        self.is_over = True
        _wake(self._turn)

    def connection_lost(self, exc: Exception | None) -> None:
        self.is_over, self.error = True, exc
        _wake(self._turn)
        _wake(self._may_write)

    def pause_writing(self) -> None:
        self._may_write = asyncio.get_running_loop().create_future()

    def resume_writing(self) -> None:
        _wake(self._may_write)

    @property
    def have_news(self) -> bool:
        """Whether something came that was not read yet, or the end."""
        return self.is_over or bool(self.unread)

    async def read(self, most: int) -> bytes:
        while not self.have_news:
            self._turn = asyncio.get_running_loop().create_future()
            await self._turn
        if not self.unread and self.error is not None:
            raise self.error
        data = bytes(self.unread[:most])
        del self.unread[:most]
        if self._transport is not None and not self.is_over and len(self.unread) <= UNREAD:
            self._transport.resume_reading()
        return data

    async def written(self) -> None:
        if self._may_write is not None:
            await self._may_write


class _Stream:
    def __init__(self, transport: asyncio.Transport, ears: _Ears) -> None:
        self._transport = transport
        self._ears = ears
        self._held = b""

    def has_news(self) -> bool:
        return self._ears.have_news

    def is_readable(self) -> bool:
        return self._ears.have_news or readable(self._transport)

    async def read(self, most: int) -> bytes:
        self._flush()
        try:
            return await self._ears.read(most)
        except OSError as error:
            raise ReadError from error

    async def write(self, data: bytes) -> None:
        self._held += data
        if len(self._held) < TOGETHER:
            return
        if self._ears.is_over:
            raise WriteError from self._ears.error
        self._flush()
        await self._ears.written()

    def _flush(self) -> None:
        """Write what is held; what cannot be written any more shows itself to the next read."""
        held, self._held = self._held, b""
        if held and not self._transport.is_closing():
            self._transport.write(held)

    async def aclose(self) -> None:
        self._transport.abort()  # the loop closes the socket in its next turn

    async def start_tls(self, tls: ssl.SSLContext, host: str, timeout: float | None) -> Stream:
        self._flush()
        ears = _Ears()
        try:
            async with asyncio.timeout(timeout):
                transport = await asyncio.get_running_loop().start_tls(
                    self._transport, ears, tls, server_hostname=host
                )
        except TimeoutError as error:
            raise ConnectTimeout from error
        except OSError as error:  # one of TLS is one
            raise ConnectError from error
        if transport is None:  # it was closed meanwhile
            raise ConnectError
        ears.connection_made(transport)
        return _Stream(transport, ears)


async def _addresses(loop: asyncio.AbstractEventLoop, host: str, port: int) -> Sequence[_Address]:
    """Look up the addresses of *host*, in a thread, unless it is one."""
    with suppress(ValueError):
        family = socket.AF_INET6 if ip_address(host).version == 6 else socket.AF_INET  # noqa: PLR2004 - its name
        return [(family, socket.SOCK_STREAM, socket.IPPROTO_TCP, "", (host, port))]
    return await loop.getaddrinfo(host, port, type=socket.SOCK_STREAM)


async def _first_of(addresses: Sequence[_Address]) -> socket.socket:
    """Connect to the address that answers first, each tried a little after the one before."""
    task = asyncio.current_task()
    before = task.cancelling() if task else 0
    opened = await aiohappyeyeballs.start_connection(  # pyright: ignore[reportUnknownMemberType] - addresses
        addresses, happy_eyeballs_delay=NEXT_ADDRESS, interleave=1
    )
    if task and task.cancelling() > before:
        # Meant for us, it was swallowed where those that came too late were waited for.
        opened.close()
        raise asyncio.CancelledError
    return opened


def _wake(turn: asyncio.Future[None] | None) -> None:
    if turn is not None and not turn.done():
        turn.set_result(None)


def readable(transport: asyncio.BaseTransport) -> bool:
    """Tell whether bytes or an end wait in the socket, which the loop has not looked at yet.

    This takes no file of its own, which a busy process may not have.
    """
    held = transport.get_extra_info("socket")  # None where TLS was just reset
    if held is None or (descriptor := held.fileno()) < 0:
        return True
    if not hasattr(select, "poll"):  # on Windows
        return bool(select.select([descriptor], [], [], 0)[0])
    poll = select.poll()
    poll.register(descriptor, select.POLLIN)
    return bool(poll.poll(0))
