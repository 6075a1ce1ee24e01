"""Rows of the history, and the questions that bring them: plain."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime, tzinfo
from typing import Final, NamedTuple

import msgspec

from .._operation import Operation, Params
from .._wire import codes, statuses
from .._wire.statuses import MessageType
from .._wire.values import local
from ..errors import InvalidMessage
from . import _addressing as addressing
from . import _checks as checks
from ._period import period
from ._row import MessageRow

MOST_SENT: Final = 1000
MOST_RECEIVED: Final = 10_000
MOST_HOURS: Final = 168
MOST_MONTHS: Final = 6
_MAIL: Final = 8  # the format of e-mails


class SentMessage(MessageRow, frozen=True, kw_only=True):
    """One message to one phone, as the history tells of it.

    The fields are the service's own, by its names: ``int_id`` is the service's number of the
    message, ``message`` its text, ``cost`` its price, ``sms_cnt`` its parts, ``err`` why it did
    not arrive, ``format`` 8 for an e-mail. What did not come is None. ``last_date`` and
    ``send_date`` are in the account's zone, which is not told: use :attr:`changed_at` and
    :attr:`sent_at`.
    """

    int_id: int
    format: int | None = None
    crc: int | None = None

    @property
    def kind(self) -> MessageType | int | None:
        """Of what kind the message is; None where the service does not tell."""
        return statuses.message_type(self.type, None)


class ReceivedMessage(msgspec.Struct, frozen=True, kw_only=True):
    """One incoming message: ``message`` is its text, ``to_phone`` the number that it came to.

    ``id`` is the service's own. ``received`` and ``sent`` are texts, in the account's zone, which
    no answer tells: give it to :meth:`received_at` and :meth:`sent_at`.
    """

    id: int
    phone: str = ""
    message: str = ""
    to_phone: str = ""
    received: str | None = None
    sent: str | None = None

    def received_at(self, zone: tzinfo) -> datetime | None:
        """Return when the service got the message, if *zone* is that of the account."""
        return local(self.received, zone)

    def sent_at(self, zone: tzinfo) -> datetime | None:
        """Return when the message was sent, if *zone* is that of the account."""
        return local(self.sent, zone)


PAGE: Final = "Getting data"
SENT = Operation[list[SentMessage]](
    name="history.sent",
    path=codes.GET,
    fixed={"get_messages": "1"},
    reply=list[SentMessage],
    page=PAGE,
    nothing=list,
)
RECEIVED = Operation[list[ReceivedMessage]](
    name="history.received",
    path=codes.GET,
    fixed={"get_answers": "1"},
    reply=list[ReceivedMessage],
    page=PAGE,
    nothing=list,
)


class Whose(NamedTuple):
    """Whose messages to list; None for everybody's."""

    phones: str | Iterable[str] | None
    emails: str | Iterable[str] | None
    mail: bool


def about_sent(whose: Whose, start: date | None, end: date | None, now: float) -> Params:
    """Return the parameters that say which messages of those that were sent."""
    phones, emails, mail = whose
    if phones is not None and (mail or emails is not None):
        raise InvalidMessage("phones", "have no e-mails; ask for these apart")
    return {
        **period(start, end, now, months=MOST_MONTHS),
        "phone": None if phones is None else checks.phones("phones", phones),
        "email": None if emails is None else checks.mails("emails", emails),
        "format": _MAIL if mail or emails is not None else None,
    }


def about_received(hours: int | None, to_phone: str | None) -> Params:
    """Return the parameters that say which messages of those that came in."""
    return {
        "hour": _within("hours", hours, MOST_HOURS),
        "to_phone": None if to_phone is None else addressing.own_number(to_phone, "to_phone"),
    }


def most(params: Params, field: str, count: int | None, highest: int) -> Params:
    """Return *params* for at most *count* messages; *field* is how that parameter is called."""
    return {**params, "cnt": _within(field, count, highest)}


def before(params: Params, int_id: int | None) -> Params:
    """Return *params* for what was sent before the message of that number."""
    return {**params, "prev_id": checks.optional(checks.number, "before", int_id)}


def after(params: Params, id: int | None) -> Params:
    """Return *params* for what came in after the message of that id; 0 is before the first."""
    return {**params, "after_id": checks.optional(checks.number, "after", id or None)}


def _within(field: str, value: int | None, most: int) -> int | None:
    if value is not None and not 1 <= value <= most:
        raise InvalidMessage(field, f"is between 1 and {most}")
    return value
