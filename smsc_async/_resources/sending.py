"""Sending messages and asking what they cost."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

import msgspec

from .._operation import Call, OnUnknown, Operation, Overrides
from .._slices import in_turns
from .._wire import codes
from .._wire.limits import Lane
from .._wire.values import joined
from ..messages import Hours, Message
from . import _addressing as addressing
from . import _checks as checks
from . import _outgoing as outgoing
from ._outgoing import Line
from ._sent import SendReply, Sent, sent
from ._sought import Sought, settling
from ._when import schedule


class Price(msgspec.Struct, frozen=True):
    """What a send would cost, in the account's currency, and of how many parts it would be."""

    cost: Decimal
    count: int = msgspec.field(name="cnt")


PAGE = "Sending an SMS message"
SEND = Operation[SendReply](
    name="send",
    path=codes.SEND,
    fixed={"cost": "3"},
    reply=SendReply,
    page=PAGE,
    bounds=outgoing.BOUNDS,
)
SEND_EACH = msgspec.structs.replace(SEND, name="send_each")
PRICE = Operation[Price](
    name="price",
    path=codes.SEND,
    fixed={"cost": "1"},
    reply=Price,
    page=PAGE,
    bounds=outgoing.BOUNDS,
)
PRICE_EACH = msgspec.structs.replace(PRICE, name="price_each")


class Sending:
    """Sends; one call is one request."""

    _call: Call
    _sender: str | None

    async def send(
        self,
        to: str | Iterable[str],
        message: str | Message,
        *,
        id: str | int | None = None,
        when: datetime | timedelta | Hours | None = None,
        tz: int | None = None,
        period: timedelta | None = None,
        freq: timedelta | None = None,
        report: bool = False,
        partner: str | None = None,
        userip: str | None = None,
        imgcode: str | None = None,
        repeat: bool = False,
        max_wait: float | None = None,
        timeout: float | None = None,
        deadline: float | None = None,
        priority: Lane | None = None,
        on_unknown: OnUnknown | None = None,
    ) -> Sent:
        """Send one message to a number, or to many at once, and return what the service took.

        *to* is one number or at most 1000, in international form (a leading ``+`` keeps the
        service from correcting it), or groups of the account as ``G`` and their number; for an
        :class:`Email` addresses, for a :class:`Telegram` or :class:`TelegramBot` also ``@nick``
        and ``#id``. *message* is a text, sent as an :class:`Sms`, or any other kind. *id* is
        1 to 2147483647, or at most 40 Latin letters, digits and ``. - _``; without one the client
        derives it. *when* is an aware moment in the future, a delay, or :class:`Hours`, at most
        five years ahead; with *tz* (whole hours from Moscow) it is written as wall time there.
        *period* (0.1 to 720 hours) spreads the recipients over time, in groups every *freq* (1
        minute to 24 hours). *report* asks for a line about each phone. *partner* credits a
        partner's id; *userip*, an IP address, counts the send against its visitor's limit,
        *imgcode* is the captcha that visitor typed.

        The same text to the same numbers within a minute is refused by the service, so
        :class:`DuplicateSend` is raised at once; *repeat* says that it is meant, and waits. The
        last five are the client's own settings, for this call.

        If the answer is lost, the service is asked for up to ``settle_for`` seconds what became of
        the message; ``on_unknown="raise"`` skips that. Groups, ``@nick``, ``#id`` and the code of
        a :class:`VoiceCode` cannot be asked about.

        Raises :class:`InvalidMessage` before anything is sent, :class:`NotSent` (a
        :class:`Throttled` says when to try again) if nothing reached the service,
        :class:`OutcomeUnknown` if it may have been accepted, and an :class:`ApiError` if the
        service refused it. Page: "Sending an SMS message".
        """
        since = self._call.now()
        message = outgoing.made(message)
        phones = await in_turns(addressing.recipients(to, message.takes))
        params: dict[str, Any] = {
            "phones": joined(phones),
            **outgoing.params(message, self._sender),
            **schedule(when, tz, period, freq, self._call.wall()),
            "id": addressing.checked_id(id),
            "op": checks.flag("report", report),
            **outgoing.behalf(partner, userip, imgcode),
        }
        again = checks.flag("repeat", repeat) is not None
        overrides = Overrides(
            max_wait=max_wait,
            timeout=timeout,
            deadline=deadline,
            priority=priority,
            on_unknown=on_unknown,
        )
        texts = dict.fromkeys(phones, message.mes)
        sought = Sought(texts, message.is_altered, own_id=id is None)
        settle = settling(sought) if message.is_askable else None
        reply = await self._call(
            SEND,
            params,
            overrides,
            files=message.files,
            repeat=again,
            settle=settle,
            since=since,
        )
        return sent(reply, phones)

    async def send_each(
        self,
        messages: Iterable[tuple[str, str | Message] | Line],
        *,
        id: str | int | None = None,
        when: datetime | timedelta | Hours | None = None,
        tz: int | None = None,
        period: timedelta | None = None,
        freq: timedelta | None = None,
        report: bool = False,
        partner: str | None = None,
        userip: str | None = None,
        imgcode: str | None = None,
        repeat: bool = False,
        max_wait: float | None = None,
        timeout: float | None = None,
        deadline: float | None = None,
        priority: Lane | None = None,
        on_unknown: OnUnknown | None = None,
    ) -> Sent:
        """Send each phone a text of its own, all in one request.

        *messages* are at most 1000 pairs of a phone and a text (or another message that has one:
        all must then share everything but text and sender). They share one id, so a phone may come
        once only; tell them apart by it. A line feed arrives as one; a text that itself holds a
        backslash and an n is refused, because it would become a line feed. One with a ``|`` needs
        a sender (its own or the client's), because it could be read as one.

        A :class:`Line` has a zone of its own. Then all must be such and name a sender (or the
        client does), and *when* is a datetime whose clock reading, whatever its own zone, is meant
        in the zone of each. How a line names sender and zone is known from one library only.

        :class:`InvalidMessage` names every bad row in its ``rows``. All else is as for
        :meth:`send`.
        """
        since = self._call.now()
        lines = await in_turns(outgoing.lines(messages, self._sender))
        params: dict[str, Any] = {
            **lines.params(),
            **schedule(when, tz, period, freq, self._call.wall(), zones=lines.zones),
            "id": addressing.checked_id(id),
            "op": checks.flag("report", report),
            **outgoing.behalf(partner, userip, imgcode),
        }
        again = checks.flag("repeat", repeat) is not None
        overrides = Overrides(
            max_wait=max_wait,
            timeout=timeout,
            deadline=deadline,
            priority=priority,
            on_unknown=on_unknown,
        )
        settle = settling(Sought(lines.texts, lines.is_altered, own_id=id is None))
        reply = await self._call(
            SEND_EACH,
            params,
            overrides,
            files=lines.files,
            repeat=again,
            settle=settle,
            since=since,
        )
        return sent(reply, tuple(lines.texts))

    async def price(self, to: str | Iterable[str], message: str | Message) -> Price:
        """Ask what :meth:`send` would cost; nothing is sent.

        At most five identical questions a minute. Raises as :meth:`send` does, but for
        :class:`OutcomeUnknown`. Page: "Sending an SMS message", ``cost=1``.
        """
        since = self._call.now()
        message = outgoing.made(message)
        phones = await in_turns(addressing.recipients(to, message.takes))
        params = {"phones": joined(phones), **outgoing.params(message, self._sender)}
        return await self._call(PRICE, params, files=message.files, since=since)

    async def price_each(self, messages: Iterable[tuple[str, str | Message] | Line]) -> Price:
        """Ask what :meth:`send_each` would cost, all together; nothing is sent.

        The time of a :class:`Line`'s zone does not count. Limits and errors are those of
        :meth:`price`. Page: "Sending an SMS message", ``cost=1``.
        """
        since = self._call.now()
        lines = await in_turns(outgoing.lines(messages, self._sender))
        return await self._call(PRICE_EACH, lines.params(), files=lines.files, since=since)
