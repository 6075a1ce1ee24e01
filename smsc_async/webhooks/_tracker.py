"""Waiting for messages to come to their end: by callbacks, and by asking where none come."""

from __future__ import annotations

import asyncio
import copy
import logging
import math
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Iterable
from contextlib import aclosing
from dataclasses import dataclass, field
from typing import Final

from .._transport.clock import loop_time, sleep
from .._wire.statuses import Status
from ..errors import SmscError
from . import _asking as decide
from ._asking import Key, Rank, Turn, Until
from ._callbacks import StatusReport
from ._tracked import Answer, Client, Sendout, Tracked

KEEP: Final = 10_000

_log = logging.getLogger("smsc_async.webhooks")


# Dicts in place of sets: the same program asks in the same order each time.


@dataclass(eq=False, slots=True)
class _Wait:
    """One call of :meth:`StatusTracker.wait`; the tracker alone writes to it."""

    until: Until
    begun: float
    over: asyncio.Future[None]
    left: dict[Key, None] = field(default_factory=dict[Key, None])  # not yet at their end
    error: Exception | None = None

    def end(self, error: Exception | None = None) -> None:
        if not self.over.done():
            self.error = error
            self.over.set_result(None)


@dataclass(eq=False, slots=True)
class _Message:
    """One message; the tracker alone writes to it."""

    pair: tuple[str | int, str]  # as it is asked about
    turn: Turn
    heard: float = -math.inf  # when the service last told anything of it
    rank: Rank = decide.NOTHING
    waits: dict[_Wait, None] = field(default_factory=dict[_Wait, None])


class StatusTracker:
    """Waits for messages to come to their end, from callbacks, and by asking where none come.

    Give :meth:`note` to a :class:`CallbackApp`, and :meth:`wait` for what was sent::

        tracker = StatusTracker(smsc)
        app = CallbackApp(on_status=tracker.note, secret=...)
        sent = await smsc.send("+79990000000", "hello")
        [hello] = await tracker.wait(sent, timeout=300)

    Reports may come in any order, repeatedly, and before the send has returned: of each message
    the one of the greatest :attr:`~StatusReport.rank` counts. An answer to a question counts as a
    report of its time, so it never takes back what a newer callback told.

    The service is asked about messages that are not at their end ``poll_after`` seconds after the
    tracker first heard of them, by a report or by a wait (up to a quarter later, so that one
    question holds many), and then with pauses that grow to ten minutes; only while somebody waits
    for them. So callbacks may be lost, or come to another process. The client keeps the limits.

    A message is known by its id and phone: give no phone the same id twice, or the end of the first
    is taken for that of the second. Use it in one event loop. There is nothing to close.

    Args:
        smsc: A client, or whatever else has ``statuses.get_many``.
        poll_after: Seconds to wait for a callback before the service is asked; at least 5. Where
            no callbacks come at all, ``smsc.statuses.watch`` is quicker.
        keep: How many messages are remembered that nobody waits for: those heard of last.

    Raises:
        ValueError: *poll_after* or *keep* is too small.
    """

    def __init__(
        self,
        smsc: Client,
        *,
        poll_after: float = 60.0,
        keep: int = KEEP,
        clock: Callable[[], float] = loop_time,
        sleep: Callable[[float], Awaitable[None]] = sleep,
    ) -> None:
        if not poll_after >= decide.LEAST_POLL_AFTER:
            raise ValueError(f"poll_after: at least {decide.LEAST_POLL_AFTER:.0f} seconds")
        if keep < 1:
            raise ValueError("keep: at least one message")
        self._smsc = smsc
        self._poll_after = poll_after
        self._gathering = poll_after * decide.GATHERING
        self._keep = keep
        self._clock = clock
        self._sleep = sleep
        # A message is in one of these: somebody waits for it, or it is kept, the oldest first.
        self._awaited: dict[Key, _Message] = {}
        self._kept = OrderedDict[Key, _Message]()
        self._waits: dict[_Wait, None] = {}  # those that are not over
        self._poller: asyncio.Task[None] | None = None  # runs while there are any

    async def note(self, report: StatusReport) -> None:
        """Take a report, of whatever message; the waits that it ends return."""
        key = decide.told_key(report.id, report.phone)
        message = self._awaited.get(key) or self._kept.pop(key, None)
        if message is None:
            message = self._new((report.id, report.phone))
        self._hear(key, message, report)
        if not message.waits:
            self._put_by(key, message)

    async def wait(
        self,
        messages: Sendout | Iterable[tuple[str | int, str]],
        *,
        timeout: float | None,
        until: Until = "delivered",
    ) -> list[Tracked]:
        """Wait until all *messages* are at their end; return what is known of each, in order.

        *messages* is what :meth:`~smsc_async.SmscClient.send` returned, or pairs of id and phone.
        The end of a message is *until* (``"read"`` is told by e-mail and by short links alone) or
        a status that changes no more. The end is also that the service does not know it when it is
        asked, and nothing was heard of it for three minutes: then its status is the last that was
        known, or ``Status.NOT_FOUND``.

        After *timeout* seconds (None: never) it returns what is known by then, and raises nothing
        for that: look at ``is_delivered``, ``is_final``, and whether ``status`` is None; 0 asks
        nothing. It may be cancelled, and called for the same messages again or several times at
        once.

        Lost answers only delay it. Raises :class:`~smsc_async.InvalidMessage` at once for what
        cannot be asked about (a group has no status), and to each who waits an error of its own
        when asking fails for good: an :class:`~smsc_async.ApiError` other than error 9, or
        :class:`~smsc_async.NotSent` when the client is closed.
        """
        if until not in decide.ENOUGH:
            raise ValueError(f"until: one of {', '.join(decide.ENOUGH)}")
        if isinstance(messages, Sendout):
            messages = [(messages.id, phone) for phone in messages.phones]
        pairs = list(messages)
        self._smsc.statuses.get_many(pairs)  # raises for those that cannot be asked about
        keys = [decide.key(*pair) for pair in pairs]
        wait = _Wait(until, self._clock(), asyncio.get_running_loop().create_future())
        awaited = [self._await(key, pair, wait) for key, pair in zip(keys, pairs, strict=True)]
        try:
            if wait.left and (timeout is None or timeout > 0):
                self._begin(wait)
                await asyncio.wait([wait.over], timeout=timeout)
        finally:
            await self._leave(wait, keys)
        if wait.error is not None:
            raise wait.error from None
        return [
            decide.tracked(*pair, message.rank)
            for pair, message in zip(pairs, awaited, strict=True)
        ]

    def _new(self, pair: tuple[str | int, str]) -> _Message:
        return _Message(pair, Turn(self._clock() + self._poll_after, self._poll_after))

    def _await(self, key: Key, pair: tuple[str | int, str], wait: _Wait) -> _Message:
        """Return the message that *wait* waits for, which is not dropped before it ends."""
        message = self._awaited.get(key) or self._kept.pop(key, None) or self._new(pair)
        self._awaited[key] = message
        message.pair = pair
        message.waits[wait] = None
        if not decide.is_enough(message.rank, wait.until):
            wait.left[key] = None
        return message

    def _put_by(self, key: Key, message: _Message) -> None:
        """Keep what nobody waits for, and drop the oldest of too many."""
        self._kept[key] = message
        if len(self._kept) > self._keep:
            self._kept.popitem(last=False)

    def _begin(self, wait: _Wait) -> None:
        self._waits[wait] = None
        if self._poller is None or self._poller.done():
            self._poller = asyncio.create_task(self._poll())

    async def _leave(self, wait: _Wait, keys: Iterable[Key]) -> None:
        """Let go of what *wait* waited for; whoever waits last takes the poller along."""
        self._waits.pop(wait, None)
        for key in dict.fromkeys(keys):
            message = self._awaited[key]
            del message.waits[wait]
            if not message.waits:
                del self._awaited[key]
                self._put_by(key, message)
        if not self._waits and self._poller is not None:
            poller, self._poller = self._poller, None  # whoever comes meanwhile has another
            poller.cancel()
            await asyncio.wait([poller])

    def _hear(self, key: Key, message: _Message, report: StatusReport) -> None:
        message.rank = max(message.rank, report.rank)
        message.heard = self._clock()
        for wait in message.waits:
            if decide.is_enough(message.rank, wait.until):
                self._reach(key, wait)

    def _reach(self, key: Key, wait: _Wait) -> None:
        wait.left.pop(key, None)
        if not wait.left:
            wait.end()

    async def _poll(self) -> None:
        """Ask for as long as somebody waits, or until that fails for good."""
        earliest = self._clock()
        try:
            while True:
                turns = {key: self._awaited[key].turn for wait in self._waits for key in wait.left}
                now = self._clock()
                keys, begin = decide.due(turns, now, earliest)
                if keys:
                    await self._ask({key: self._awaited[key] for key in keys})
                    earliest = self._clock() + self._gathering
                else:
                    # Whoever begins to wait may be due earlier, if its message is an old one.
                    await self._sleep(min(begin - now, self._gathering))
        except Exception as error:  # noqa: BLE001 - whatever it is, nobody may wait in vain
            for wait in self._waits:
                wait.end(copy.copy(error) if isinstance(error, SmscError) else error)

    async def _ask(self, asked: dict[Key, _Message]) -> None:
        """Ask once about messages; raise what later questions would meet as well."""
        pairs = [message.pair for message in asked.values()]
        try:
            async with aclosing(self._smsc.statuses.get_many(pairs)) as answers:
                async for answer in answers:
                    self._answer(asked, answer)
        except SmscError as error:
            if not decide.is_passing(error):
                raise
            _log.info("could not ask what became of %d messages: %s", len(pairs), error)
        finally:
            for message in asked.values():
                message.turn = decide.after(message.turn, self._clock())

    def _answer(self, asked: dict[Key, _Message], answer: Answer) -> None:
        # An answer about one message has our spelling of its phone, one about many the service's.
        spellings = decide.key(answer.id, answer.phone), decide.told_key(answer.id, answer.phone)
        for key in spellings:
            if message := asked.get(key):
                break
        else:
            return
        report = StatusReport(
            id=answer.id, phone=answer.phone, status=answer.status, ts=answer.last_timestamp
        )
        if answer.status != Status.NOT_FOUND:
            self._hear(key, message, report)
            return
        for wait in message.waits:
            if decide.is_gone(wait.begun, message.heard, self._clock()):
                message.rank = max(message.rank, report.rank)
                self._reach(key, wait)
