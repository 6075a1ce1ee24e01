"""What the service tells by itself: deliveries, and those who want nothing more."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable, Iterable
from contextlib import aclosing
from typing import Final

from .. import NoAnswer, NotSent, SmscClient, TooManyRequests
from .._transport.clock import sleep
from ..errors import BadReply
from ..webhooks import IncomingMessage, StatusReport
from ._after import bare, is_closed
from ._course import log
from ._records import Status
from ._store import Store

STOP_WORDS: Final = (
    *("стоп", "отписка", "отписаться", "отпишите", "не присылать", "хватит"),
    *("stop", "stopall", "unsubscribe", "cancel", "end", "quit"),
)
REASON: Final = "answered that nothing more is wanted"
# The service answers thirty such questions an hour, of which others may want some.
EVERY: Final = 150.0
_PASSING = (NoAnswer, NotSent, BadReply, TooManyRequests)
_NO_WORD = re.compile(r"[\W_]+")


class Listening:
    """Takes what comes in to a store: give its methods to a ``webhooks.CallbackApp``.

    .. code-block:: python

        listening = Listening(store)
        app = CallbackApp(on_status=listening.status, on_message=listening.message, secret=secret)

    Whoever answers one of *stop_words*, and nothing else, is put on the store's stop list.
    """

    def __init__(self, store: Store, *, stop_words: Iterable[str] = STOP_WORDS) -> None:
        self._store = store
        self._words = frozenset(map(_plain, stop_words)) - {""}

    async def status(self, report: StatusReport) -> None:
        """Note a delivery; one of another's message is none of ours."""
        at = None if report.ts is None else float(report.ts)
        told = Status(report.id, _stored(report.phone), report.status, report.err, at)
        await self._store.note([told])

    async def message(self, message: IncomingMessage) -> None:
        """Stop whoever says so."""
        await self._heard(message.phone, message.text)

    async def poll(
        self,
        smsc: SmscClient,
        *,
        every: float = EVERY,
        sleep: Callable[[float], Awaitable[None]] = sleep,
    ) -> None:
        """Ask for answers, for ever: for who gets no callbacks.

        It begins with the oldest that the service keeps. Lost answers only delay it. Raises an
        :class:`~smsc_async.ApiError` that does not pass, and :class:`~smsc_async.NotSent` when the
        client is closed.
        """
        smsc = smsc.with_options(priority="bulk")
        last = 0
        while True:
            try:
                async with aclosing(smsc.history.received(after=last)) as answers:
                    async for answer in answers:
                        await self._heard(answer.phone, answer.message)
                        last = answer.id
            except _PASSING as error:
                if is_closed(error):
                    raise
                log.info("answers cannot be asked for: %s", error)
            await sleep(every)

    async def _heard(self, phone: str, text: str) -> None:
        if phone and _plain(text) in self._words:
            await self._store.stop([_stored(phone)], REASON)


def _plain(text: str) -> str:
    """Return the words of a text, which people write in any case and with any signs."""
    return _NO_WORD.sub(" ", text).strip().casefold()


def _stored(phone: str) -> str:
    """Return a number that came without its plus as a store has it."""
    return phone if "@" in phone else f"+{bare(phone)}"
