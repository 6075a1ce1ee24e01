"""Posting to the account's handler, and repeating until it takes what it is told."""

from __future__ import annotations

import asyncio
import math
from collections.abc import Callable
from contextlib import aclosing
from dataclasses import dataclass, replace
from typing import Final

import httpx

from ._address import Address, address
from ._letters import Letter, letter
from ._records import Attempt, Callback, CallbackKind
from ._reports import Fields
from ._settings import Settings

ENDS: Final = frozenset({200, 404})  # what the handler answers to be called no more


class Posting:
    """What is posted, was posted, and will be; without an address nothing is.

    Args:
        settings: The address and the pace.
        clock: Seconds for the records; waiting is by the running loop's.
        transport: How to post; without it by sockets.
    """

    def __init__(
        self,
        settings: Settings,
        clock: Callable[[], float],
        transport: httpx.AsyncBaseTransport | None,
    ) -> None:
        self._settings = settings
        self._clock = clock
        self._given = transport
        self._handler: _Handler | None = None  # while it is open
        # Only this class starts and ends these: one for each thing to tell, from the moment that
        # it is known until it needs no more attempts.
        self._work: set[asyncio.Task[None]] = set()
        self._last = 0
        self._records: dict[int, Callback] = {}  # oldest first

    @property
    def records(self) -> list[Callback]:
        """All that was posted at least once or is about to be, oldest first."""
        return list(self._records.values())

    def open(self) -> None:
        """Begin to post."""
        if self._settings.callback is None:
            return
        # A connection for each call: an idle one that the handler closes would look like a lost
        # call. The places say how many there are at once.
        limits = httpx.Limits(max_connections=None, max_keepalive_connections=0)
        transport = self._given or httpx.AsyncHTTPTransport(trust_env=False, limits=limits)
        places = asyncio.Semaphore(self._settings.callbacks_at_once)
        self._handler = _Handler(address(self._settings.callback), transport, places)

    async def close(self) -> None:
        """Give up what is not posted yet."""
        handler, self._handler = self._handler, None
        work = list(self._work)
        for task in work:
            task.cancel()
        await asyncio.gather(*work, return_exceptions=True)
        if handler is not None:
            await handler.transport.aclose()

    def post(self, kind: CallbackKind, tell: Callable[[], Fields | None], delay: float = 0) -> None:
        """In *delay* seconds ask what there is to tell, and post it unless that is nothing."""
        if self._handler is not None and delay < math.inf:
            task = asyncio.create_task(self._post(self._handler, kind, tell, delay))
            self._work.add(task)
            task.add_done_callback(self._work.discard)

    async def finished(self) -> None:
        """Wait until there is nothing to post, now or later."""
        while self._work:
            await asyncio.wait(set(self._work))

    async def _post(
        self,
        handler: _Handler,
        kind: CallbackKind,
        tell: Callable[[], Fields | None],
        delay: float,
    ) -> None:
        await asyncio.sleep(delay)
        if (told := tell()) is None:
            return
        settings, now = self._settings, asyncio.get_running_loop().time
        written = letter(
            kind, told, handler.address, crc32=settings.crc32, as_list=settings.callback_list
        )
        record = Callback(kind, written.fields)
        number = self._add(record)
        while not record.done:
            async with handler.places:
                started = now()
                attempt = await self._attempt(handler, written)
            attempts = (*record.attempts, attempt)
            done = attempt.code in ENDS or len(attempts) == settings.callback_attempts
            record = replace(record, attempts=attempts, done=done)
            if number in self._records:
                self._records[number] = record
            if not done:
                await asyncio.sleep(started + settings.callback_every - now())

    async def _attempt(self, handler: _Handler, written: Letter) -> Attempt:
        at = self._clock()
        headers = {"content-type": written.content_type}
        url = handler.address.url
        request = httpx.Request("POST", url, content=written.body, headers=headers)
        try:
            async with asyncio.timeout(self._settings.callback_timeout):
                answer = await handler.transport.handle_async_request(request)
                async with aclosing(answer):
                    await answer.aread()
        except Exception as error:  # noqa: BLE001 - in process it is whatever the handler raises
            return Attempt(at, None, repr(error))
        return Attempt(at, answer.status_code)

    def _add(self, record: Callback) -> int:
        """Keep a record and return its number; the oldest may be forgotten for it."""
        self._last += 1
        self._records[self._last] = record
        if self._settings.keep is not None and len(self._records) > self._settings.keep:
            del self._records[next(iter(self._records))]
        return self._last


@dataclass(frozen=True, slots=True)
class _Handler:
    """Where to post, by what, and to how many at once."""

    address: Address
    transport: httpx.AsyncBaseTransport
    places: asyncio.Semaphore
