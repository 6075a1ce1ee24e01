"""A network in memory for the loop whose time is its own: latency, and every trouble."""

from __future__ import annotations

import asyncio
import ssl
from collections import deque
from collections.abc import Callable
from random import Random

from smsc_async._transport.network import (
    ConnectError,
    ConnectTimeout,
    ReadError,
    Stream,
    WriteError,
)
from tests.troubles import CONNECT, Server, Trouble


class End:
    """One end of a connection: what the other end sent arrives in order, each after its time."""

    def __init__(self, delay: Callable[[], float]) -> None:
        self._delay = delay
        self._other = self
        self._due = 0.0
        self._coming: deque[bytes | None] = deque()  # no bytes: the end; None: a reset
        self._there: deque[bytes] = deque()
        self._news = asyncio.Event()
        self.closed = False
        self.broken = False

    @classmethod
    def pair(cls, delay: Callable[[], float]) -> tuple[End, End]:
        """Return both ends of a new connection."""
        near, far = cls(delay), cls(delay)
        near._other, far._other = far, near
        return near, far

    @property
    def readable(self) -> bool:
        return bool(self._there) or self.broken

    async def read(self) -> bytes:
        while not self.readable:
            self._news.clear()
            await self._news.wait()
        if not self._there:
            raise ConnectionResetError
        if not self._there[0]:
            return b""
        return self._there.popleft()

    async def write(self, data: bytes) -> None:
        if self.broken:
            raise ConnectionResetError
        self._other.expect(data)

    def close(self, delay: float = 0.0) -> None:
        if not self.closed:
            self.closed = True
            self._other.expect(b"", delay)

    def reset(self) -> None:
        self.closed = True
        self._other.expect(None)

    def expect(self, data: bytes | None, delay: float = 0.0) -> None:
        """Have *data* arrive later, but never before what was sent earlier."""
        loop = asyncio.get_running_loop()
        self._due = max(self._due, loop.time() + self._delay() + delay)
        self._coming.append(data)
        loop.call_at(self._due, self._arrive)

    def _arrive(self) -> None:
        data = self._coming.popleft()
        if data is None:
            self.broken = True
        elif not self.closed:
            self._there.append(data)
        elif data:
            self._other.expect(None)  # nobody reads here any more
        self._news.set()


class Network:
    """Connects a client to *server*: each way takes some of *delays*, and news of an end longer."""

    def __init__(
        self,
        server: Server,
        chance: Random,
        *,
        delays: tuple[float, float] = (0.02, 0.2),
        end_delay: float = 0.0,
    ) -> None:
        self.server = server
        self.open = 0  # connections that the client has not closed
        self.opened = 0
        self.failed = 0  # attempts to connect that came to nothing
        self._chance = chance
        self._delays = delays
        self._end_delay = end_delay
        self._tasks: set[asyncio.Task[None]] = set()

    async def connect(self, host: str, port: int, timeout: float | None) -> Stream:
        trouble = self.server.choose(CONNECT)
        try:
            async with asyncio.timeout(timeout):
                await self.round_trip()
                if trouble is Trouble.SILENT:
                    await asyncio.Event().wait()
        except TimeoutError:
            raise ConnectTimeout from None
        finally:
            self.failed += trouble in (Trouble.REFUSED, Trouble.SILENT)
        if trouble is Trouble.REFUSED:
            raise ConnectError
        near, far = End.pair(self.delay)
        self.open += 1
        self.opened += 1
        if trouble is Trouble.RESET:
            far.reset()
        elif trouble is not Trouble.STALLED:
            task = asyncio.create_task(self.server.talk(_Far(far, self.ending)))
            self._tasks.add(task)
            task.add_done_callback(self._ended)
        return _Near(near, self, stalled=trouble is Trouble.STALLED)

    def _ended(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        if not task.cancelled():
            task.result()  # a fault of the server's own goes to the loop, which tells of it

    async def round_trip(self) -> None:
        await asyncio.sleep(self.delay() + self.delay())

    def delay(self) -> float:
        return self._chance.uniform(*self._delays)

    def ending(self) -> float:
        return self._chance.uniform(0.0, self._end_delay)


class _Far:
    """The server's end; that it is closed is told late."""

    def __init__(self, end: End, ending: Callable[[], float]) -> None:
        self.read = end.read
        self.write = end.write
        self.reset = end.reset
        self._end = end
        self._ending = ending

    def close(self) -> None:
        self._end.close(self._ending())


class _Near:
    """The client's end."""

    def __init__(self, end: End, network: Network, *, stalled: bool) -> None:
        self._end = end
        self._network = network
        self._stalled = stalled

    async def read(self, most: int) -> bytes:
        try:
            return await self._end.read()
        except ConnectionResetError:
            raise ReadError from None

    async def write(self, data: bytes) -> None:
        if not data:
            return
        try:
            await self._end.write(data)
        except ConnectionResetError:
            raise WriteError from None

    async def aclose(self) -> None:
        self._network.open -= not self._end.closed
        self._end.close()

    async def start_tls(self, tls: ssl.SSLContext, host: str, timeout: float | None) -> Stream:
        """Shake hands, and write no secret: nobody else listens. Cancelled, it stays open."""
        try:
            async with asyncio.timeout(timeout):
                await self._network.round_trip()
                if self._stalled:
                    await asyncio.Event().wait()
        except TimeoutError:
            await self.aclose()
            raise ConnectTimeout from None
        finally:
            self._network.failed += self._stalled
        return self

    def has_news(self) -> bool:
        return False  # there is no loop between what arrives and what is read

    def is_readable(self) -> bool:
        return self._end.readable
