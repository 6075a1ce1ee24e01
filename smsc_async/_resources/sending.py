"""Sending messages and asking what they cost."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

import msgspec

from .._operation import Call, OnUnknown, Operation, Overrides
from .._wire import codes
from .._wire.limits import Lane
from .._wire.values import joined
from ..messages import Hours, Sms
from . import _addressing as addressing
from ._sent import SendReply, Sent, sent
from ._settling import Sought, settling


class Price(msgspec.Struct, frozen=True):
    """What a send would cost, in the account's currency, and of how many parts it would be."""

    cost: Decimal
    count: int = msgspec.field(name="cnt")


PAGE = "Sending an SMS message"
SEND = Operation[SendReply](
    name="send", path=codes.SEND, fixed={"cost": "3"}, reply=SendReply, page=PAGE
)
SEND_EACH = msgspec.structs.replace(SEND, name="send_each")
PRICE = Operation[Price](name="price", path=codes.SEND, fixed={"cost": "1"}, reply=Price, page=PAGE)


class Sending:
    """Sends; one call is one request."""

    _call: Call
    _sender: str | None

    async def send(
        self,
        to: str | Iterable[str],
        message: str | Sms,
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
        service from correcting it), or groups of the account as ``G`` and their number. *id* is
        1 to 2147483647, or at most 40 Latin letters, digits and ``. - _``; without one the client
        derives it. *when* is an aware moment in the future, a delay, or :class:`Hours`; with *tz*
        (whole hours from Moscow) it is written as wall time there. *period* (0.1 to 720 hours)
        spreads the recipients over time, in groups every *freq* (1 minute to 24 hours). *report*
        asks for a line about each phone. *partner* credits a partner's id; *userip* counts the
        send against its visitor's limit, *imgcode* is the captcha that visitor typed.

        The same text to the same numbers within a minute is refused by the service, so
        :class:`DuplicateSend` is raised at once; *repeat* says that it is meant, and waits. The
        last five are the client's own settings, for this call.

        If the answer is lost, the service is asked for up to ``settle_for`` seconds what became of
        the message; ``on_unknown="raise"`` skips that. Groups cannot be asked about.

        Raises :class:`InvalidMessage` before anything is sent, :class:`NotSent` (a
        :class:`Throttled` says when to try again) if nothing reached the service,
        :class:`OutcomeUnknown` if it may have been accepted, and an :class:`ApiError` if the
        service refused it. Page: "Sending an SMS message".
        """
        phones = addressing.recipients(to)
        message = Sms(text=message) if isinstance(message, str) else message
        params: dict[str, Any] = {
            "phones": joined(phones),
            "mes": message.text,
            **self._common(message),
            **addressing.schedule(when, tz, period, freq, self._call.wall()),
            "id": addressing.checked_id(id),
            "op": int(report) or None,
            "pp": partner,
            **addressing.visitor(userip, imgcode),
        }
        overrides = Overrides(
            max_wait=max_wait,
            timeout=timeout,
            deadline=deadline,
            priority=priority,
            on_unknown=on_unknown,
        )
        texts = dict.fromkeys(phones, message.text)
        settle = settling(Sought(texts, _altered(message), own_id=id is None))
        reply = await self._call(SEND, params, overrides, repeat=repeat, settle=settle)
        return sent(reply, phones)

    async def send_each(
        self,
        messages: Iterable[tuple[str, str | Sms]],
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

        *messages* are at most 1000 pairs of a phone and a text (or an :class:`Sms` or
        :class:`Flash`: all must then share everything but the text). They share one id, so a phone
        may come once only; tell them apart by it. A line feed arrives as one; a text that itself
        holds a backslash and an n is refused, because it would become a line feed.

        :class:`InvalidMessage` names every bad row in its ``rows``. All else is as for
        :meth:`send`.
        """
        phones, lines, like = addressing.rows(messages)
        params: dict[str, Any] = {
            "list": "\n".join(lines),
            **self._common(like),
            **addressing.schedule(when, tz, period, freq, self._call.wall()),
            "id": addressing.checked_id(id),
            "op": int(report) or None,
            "pp": partner,
            **addressing.visitor(userip, imgcode),
        }
        overrides = Overrides(
            max_wait=max_wait,
            timeout=timeout,
            deadline=deadline,
            priority=priority,
            on_unknown=on_unknown,
        )
        texts = {phone: line.partition(":")[2] for phone, line in zip(phones, lines, strict=True)}
        settle = settling(Sought(texts, _altered(like), own_id=id is None))
        reply = await self._call(SEND_EACH, params, overrides, repeat=repeat, settle=settle)
        return sent(reply, phones)

    async def price(self, to: str | Iterable[str], message: str | Sms) -> Price:
        """Ask what :meth:`send` would cost; nothing is sent.

        At most five identical questions a minute. Raises as :meth:`send` does, but for
        :class:`OutcomeUnknown`. Page: "Sending an SMS message", ``cost=1``.
        """
        message = Sms(text=message) if isinstance(message, str) else message
        params = {
            "phones": joined(addressing.recipients(to)),
            "mes": message.text,
            **self._common(message),
        }
        return await self._call(PRICE, params)

    def _common(self, message: Sms) -> dict[str, str | int | None]:
        params = message.params()
        if params["sender"] is None:
            params["sender"] = self._sender
        return params


def _altered(message: Sms) -> bool:
    """Tell whether the service may show another text than the one it was given."""
    return bool(message.translit or message.tinyurl or message.max_parts or message.markup)
