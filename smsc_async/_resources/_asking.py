"""Asking what became of many messages, in the quickest way that the limits allow.

Single questions, as many at once as the service takes, and beside them one question for many
whenever its window is open. Nothing is taken from the heap before its windows are open, so nobody
waits with work in hand that another could do sooner.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import AsyncGenerator, Coroutine, Iterable
from typing import Any, Final, TypeAlias

from .._operation import Ask, Overrides
from .._wire import codes, limits
from ..errors import BadReply, NoAnswer, NotSent, SmscError, Throttled, TooManyRequests
from ._addressing import Message, same
from ._status import GET, GET_MANY, Details, MessageStatus, about, about_many, named

# What the next question may not meet. All else would meet every message: it ends the asking.
PASSING: Final = (NoAnswer, NotSent, BadReply, TooManyRequests)
# So often one message is asked about singly: each time, the client itself tries a few times.
TRIES: Final = 3
# Where nothing but failures comes, two for each place and not an answer between them, the service
# is gone.
FAILURES: Final = 2 * limits.STATUS_AT_ONCE.limit
# Another may have been quicker to the one question for many that a minute allows. So it waits no
# longer than for a place; then its messages are free again for single questions.
MANY_WAIT: Final = 5.0

Answered: TypeAlias = tuple[Message, MessageStatus | SmscError]


async def ask(
    call: Ask, messages: Iterable[Message], details: Details = 0, *, tries: int = TRIES
) -> AsyncGenerator[Answered]:
    """Yield each message once, with its status, or with why it could not be asked; in any order.

    Raises what would meet every message, after all answers that had come: an
    :class:`~smsc_async.ApiError`, or the last of so many failures that the service seems gone.
    *messages* hold none twice; one is asked about singly at most *tries* times.
    Closing it early stops the asking.
    """
    asking = _Asking(call, messages, details, tries)
    work = asyncio.create_task(asking.run())
    work.add_done_callback(lambda _: asking.found.put_nowait(None))
    try:
        while (answered := await asking.found.get()) is not None:
            yield answered
    finally:
        work.cancel()
        await asyncio.gather(work, return_exceptions=True)
    await work  # raises what ended it


class _Asking:
    """The heap of one asking. Only :meth:`run` takes from it; its steps may put back."""

    def __init__(
        self, call: Ask, messages: Iterable[Message], details: Details, tries: int
    ) -> None:
        self.found: asyncio.Queue[Answered | None] = asyncio.Queue()
        self._call = call
        self._details: Details = details
        self._fresh = deque(messages)
        self._alone = deque[Message]()  # to be asked singly, after the fresh ones
        self._tries = dict[Message, int]()
        self._most = tries
        self._failures = 0  # since the last answer
        self._asks_many = False  # one question for many at a time is enough

    async def run(self) -> None:
        running = set[asyncio.Task[None]]()
        try:
            while self._fresh or self._alone or running:
                while len(running) < limits.STATUS_AT_ONCE.limit and (step := self._next()):
                    running.add(asyncio.create_task(step))
                ended, running = await asyncio.wait(running, return_when=asyncio.FIRST_COMPLETED)
                for error in [task.exception() for task in ended]:
                    if error:
                        raise error
        finally:
            for task in running:
                task.cancel()
            await asyncio.gather(*running, return_exceptions=True)

    def _next(self) -> Coroutine[Any, Any, None] | None:
        """Take what is best asked now, many or one, and return the asking of it."""
        if self._is_time_for_many() and (batch := self._take_many()):
            self._asks_many = True
            return self._ask_many(batch)
        message = self._take_one()
        return self._ask_one(message) if message else None

    def _is_time_for_many(self) -> bool:
        """Tell whether one question for many may start, and would do more than single ones."""
        if self._asks_many or len(self._fresh) <= limits.STATUS_AT_ONCE.limit:
            return False
        return not self._call.opens(GET_MANY, about_many([self._fresh[0]], self._details))

    def _take_many(self) -> list[Message]:
        batch: list[Message] = []
        while self._fresh and len(batch) < codes.MAX_STATUSES:
            message = self._fresh.popleft()
            (batch if self._is_open(message) else self._alone).append(message)
        return batch

    def _take_one(self) -> Message | None:
        while self._fresh:
            message = self._fresh.popleft()
            if self._is_open(message):
                return message
            self._alone.append(message)
        for _ in range(len(self._alone)):
            if self._is_open(self._alone[0]):
                break
            self._alone.rotate(-1)
        # Where all were asked too often, the first one waits in the client, as a call would.
        return self._alone.popleft() if self._alone else None

    def _is_open(self, message: Message) -> bool:
        return not self._call.opens(GET, about(message, self._details))

    async def _ask_one(self, message: Message) -> None:
        try:
            reply = await self._call(GET, about(message, self._details))
        except PASSING as error:
            self._fail(error)
            self._tries[message] = self._tries.get(message, 0) + 1
            if self._tries[message] < self._most:
                self._alone.append(message)
            else:
                self.found.put_nowait((message, error))
        else:
            self._answer(message, reply)

    async def _ask_many(self, batch: list[Message]) -> None:
        try:
            replies = await self._call(
                GET_MANY, about_many(batch, self._details), Overrides(max_wait=MANY_WAIT)
            )
        except Throttled:
            if self._call.opens(GET_MANY, about_many(batch, self._details)):
                # Another was quicker, or the answer was lost and the window is spent.
                self._fresh.extendleft(reversed(batch))
            else:  # no place came free in time, and nothing would keep it from trying for ever
                self._alone.extend(batch)
        except PASSING as error:
            self._fail(error)
            self._alone.extend(batch)  # one of them may be what spoils the answer
        else:
            told = {same(reply.id, reply.phone): reply for reply in replies}
            # Numbers are told without their plus: 84... is one of Vietnam before one of Russia.
            told.update({same(reply.id, f"+{reply.phone}"): reply for reply in replies})
            for message in batch:
                if reply := told.get(same(*message)):
                    self._answer(message, reply)
                else:
                    self._alone.append(message)
        finally:
            self._asks_many = False

    def _answer(self, message: Message, reply: MessageStatus) -> None:
        self._failures = 0
        self.found.put_nowait((message, named(reply, message)))

    def _fail(self, error: SmscError) -> None:
        """Go on after a failure that may meet this question alone, unless there were too many."""
        self._failures += 1
        if self._failures >= FAILURES:
            raise error
