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

MOST_SENT: Final = 1000  # of a page
MOST_RECEIVED: Final = 10_000  # the same
MOST_HOURS: Final = 168  # that the service keeps what came in
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
    bounds=(f"{MOST_SENT} messages in an answer", f"{MOST_MONTHS} months from start to end"),
    nothing=list,
)
RECEIVED = Operation[list[ReceivedMessage]](
    name="history.received",
    path=codes.GET,
    fixed={"get_answers": "1"},
    reply=list[ReceivedMessage],
    page=PAGE,
    bounds=(f"{MOST_RECEIVED} messages in an answer", f"{MOST_HOURS} hours back"),
    nothing=list,
)


class Whose(NamedTuple):
    """Whose messages to list; None for everybody's."""

    phones: str | Iterable[str] | None
    emails: str | Iterable[str] | None
    mail: bool


def about_sent(
    whose: Whose, start: date | None, end: date | None, before: int | None, now: float
) -> Params:
    """Return the parameters that say which messages of those that were sent."""
    phones, emails, _ = whose
    mail = checks.flag("mail", whose.mail)
    if phones is not None and (mail or emails is not None):
        raise InvalidMessage("phones", "have no e-mails; ask for these apart")
    return {
        **period(start, end, now, months=MOST_MONTHS),
        "phone": checks.optional(checks.phones, "phones", phones),
        "email": checks.optional(checks.mails, "emails", emails),
        "format": _MAIL if mail or emails is not None else None,
        "prev_id": checks.optional(checks.number, "before", before),
    }


def about_received(hours: int | None, to_phone: str | None, after: int | None) -> Params:
    """Return the parameters that say which messages of those that came in; 0 is before all."""
    last = checks.optional(checks.place, "after", after)
    return {
        "hour": checks.optional(checks.between(1, MOST_HOURS), "hours", hours),
        "to_phone": checks.optional(addressing.own_number, "to_phone", to_phone),
        "after_id": last or None,
    }


def in_pages(params: Params, size: int, most: int) -> Params:
    """Return *params* for pages of *size* messages."""
    return {**params, "cnt": checks.within("size", size, 1, most)}


def limited(params: Params, limit: int | None, most: int) -> Params:
    """Return *params* for one page, of at most *limit* messages if that is given."""
    return {**params, "cnt": checks.optional(checks.between(1, most), "limit", limit)}


def before(params: Params, int_id: int | None) -> Params:
    """Return *params* for what was sent before the message of that number."""
    return {**params, "prev_id": int_id}


def after(params: Params, id: int) -> Params:
    """Return *params* for what came in after the message of that id, however long ago by now."""
    return {**params, "hour": MOST_HOURS, "after_id": id or None}


def older(page: Iterable[SentMessage], before: int | None) -> list[SentMessage]:
    """Return what of a page is before a message, newest first and each once.

    Whatever the order of the page, and wherever it begins.
    """
    rows = dict.fromkeys(row for row in page if before is None or row.int_id < before)
    return sorted(rows, key=lambda row: row.int_id, reverse=True)


def newer(page: Iterable[ReceivedMessage], after: int | None) -> list[ReceivedMessage]:
    """Return what of a page is after a message, oldest first and each once, as :func:`older`."""
    rows = dict.fromkeys(row for row in page if after is None or row.id > after)
    return sorted(rows, key=lambda row: row.id)
