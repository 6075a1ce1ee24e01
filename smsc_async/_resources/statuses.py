"""What became of messages."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Iterable
from contextlib import aclosing
from typing import Final, Literal, TypeAlias

from ..errors import OutcomeUnknown, SmscError
from . import _addressing as addressing
from . import _checks as checks
from ._addressing import Message
from ._asking import PASSING, ask
from ._resource import Resource
from ._sent import Sent
from ._status import DELETE, GET, Details, MessageStatus, about, detailed, named

Until: TypeAlias = Literal["delivered", "read"]

# Most texts arrive within seconds, the others take their time. Even at first no minute holds more
# than the five questions that the service takes for one message, so none has to wait at the gate.
FIRST_PAUSE: Final = 5.0
GROWTH: Final = 1.5
LONGEST_PAUSE: Final = 60.0


class Statuses(Resource):
    """What became of messages: each is known by its id and its phone together."""

    async def get(self, id: str | int, phone: str, *, details: Details = 0) -> MessageStatus:
        """Ask what became of one message; at most five times a minute for the same.

        *phone* is a number as it was sent, or an address. *details* is 1 for cost, text, sender
        and type, 2 for the operator as well. A message that the service does not know is no error:
        its status is ``Status.NOT_FOUND``.

        Raises :class:`~smsc_async.InvalidMessage` before anything is asked, an
        :class:`~smsc_async.ApiError`, :class:`~smsc_async.NoAnswer`,
        :class:`~smsc_async.BadReply` or :class:`~smsc_async.NotSent`. Page: "Message statuses".
        """
        message = addressing.message(id, phone)
        return named(await self._call(GET, about(message, details)), message)

    def get_many(
        self, messages: Iterable[tuple[str | int, str]], *, details: Details = 0
    ) -> AsyncGenerator[MessageStatus]:
        """Ask what became of many messages: yield each status as it comes, in any order.

        *messages* are pairs of id and phone; one given twice is asked about once. Four are asked
        about at once, and once a minute a hundred with one question. A message whose answer is
        lost is asked about again; if it has none in the end, the error is raised when all others
        have theirs. What meets every message, such as :class:`~smsc_async.LoginRefused` or many
        lost answers and none between, is raised at once, after the statuses that had come.

        To stop early, close it: ``async with contextlib.aclosing(...)``. Raises
        :class:`~smsc_async.InvalidMessage` at once, with the ``rows`` that cannot be asked about;
        else as :meth:`get`.
        """
        detailed(details)
        return self._each(addressing.messages(messages).values(), details)

    def watch(
        self,
        messages: Sent | Iterable[tuple[str | int, str]],
        *,
        until: Until = "delivered",
        details: Details = 0,
    ) -> AsyncGenerator[MessageStatus]:
        """Yield a status whenever one changes; end when every message has come to its end.

        *messages* is what :meth:`~smsc_async.SmscClient.send` returned, or pairs of id and phone.
        The end of a message is *until* (``"read"`` is told by e-mail and by short links alone), a
        status that changes no more, or its disappearance. Each is asked about after 5 seconds at
        first, and in the end once a minute. A message that the service does not know yet is
        waited for; after about three minutes its ``Status.NOT_FOUND`` is yielded and is its end.

        Lost answers only delay it. Bound it by ``asyncio.timeout``: a phone may be off for a day.
        Raises :class:`~smsc_async.InvalidMessage` at once (groups have no status), an
        :class:`~smsc_async.ApiError` other than error 9, and :class:`~smsc_async.NotSent` when the
        client is closed.
        """
        detailed(details)
        checks.among("delivered", "read")("until", until)
        if isinstance(messages, Sent):
            messages = [(messages.id, phone) for phone in messages.phones]
        return self._changes(addressing.messages(messages).values(), until, details)

    async def delete(self, id: str | int, phone: str) -> None:
        """Strike a message out of the history; whether an unsent one is stopped, no page says.

        Where the answer is lost it is done again, for that does no harm, and if that does not tell
        either, the service is asked whether the message is still there. Raises
        :class:`~smsc_async.OperationFailed` if the service could not,
        :class:`~smsc_async.OutcomeUnknown` if it may have; else as :meth:`get`.
        """
        message = addressing.message(id, phone)
        try:
            await self._call(DELETE, about(message, 0))
        except OutcomeUnknown as unknown:
            if not await self._is_gone(message):
                raise unknown from None

    async def _is_gone(self, message: Message) -> bool:
        """Tell whether the service says that it does not know *message*."""
        try:
            return not (await self._call(GET, about(message, 0))).is_known
        except SmscError:
            return False

    async def _each(
        self, messages: Iterable[Message], details: Details
    ) -> AsyncGenerator[MessageStatus]:
        failed: SmscError | None = None
        async with aclosing(ask(self._call, messages, details)) as answers:
            async for _, answer in answers:
                if isinstance(answer, SmscError):
                    failed = answer
                else:
                    yield answer
        if failed is not None:
            raise failed

    async def _changes(
        self, messages: Iterable[Message], until: Until, details: Details
    ) -> AsyncGenerator[MessageStatus]:
        watched: dict[Message, MessageStatus | None] = dict.fromkeys(messages)
        pause = FIRST_PAUSE
        while watched:
            self._call.opens(GET, about(next(iter(watched)), details))  # raises if it is closed
            try:
                async with aclosing(ask(self._call, tuple(watched), details)) as answers:
                    async for message, answer in answers:
                        if isinstance(answer, SmscError):
                            continue
                        known = watched[message]
                        if not answer.is_known and known is None and pause < LONGEST_PAUSE:
                            continue  # not yet
                        if _is_end(answer, until):
                            del watched[message]
                        else:
                            watched[message] = answer
                        if known is None or answer.status != known.status:
                            yield answer
            except PASSING:
                pass
            if watched:
                await self._call.sleep(pause)
                pause = min(pause * GROWTH, LONGEST_PAUSE)


def _is_end(answer: MessageStatus, until: Until) -> bool:
    """Tell whether nothing is left to be waited for."""
    reached = answer.is_read if until == "read" else answer.is_delivered
    return reached or answer.is_final or not answer.is_known
