"""What the service says of one message, and the questions that it answers so."""

from __future__ import annotations

from typing import Final, Literal, TypeAlias

import msgspec

from .._operation import Operation, Params
from .._wire import codes, statuses
from .._wire.statuses import MessageType, Status
from .._wire.values import joined
from . import _checks as checks
from ._addressing import Message
from ._resource import Done
from ._row import MessageRow

# 1 adds cost, text, sender and type, 2 the country, region and operator as well.
Details: TypeAlias = Literal[0, 1, 2]
_DETAILS: Final = checks.among(0, 1, 2)


class MessageStatus(MessageRow, frozen=True, kw_only=True):
    """What became of a message.

    Most fields are the service's own, by its names: ``last_timestamp`` (unix seconds) is when the
    status changed, ``err`` why the message did not arrive, ``flag`` holds its kind in bits 0 to 3.
    With ``details=1`` come ``send_timestamp``, ``cost``, ``sender_id``, ``status_name``,
    ``message`` (the text), ``comment``, ``type``, ``mccmnc`` and ``sms_cnt`` (parts), with
    ``details=2`` also ``country``, ``operator``, ``operator_orig`` (before the number was ported)
    and ``region``. An HLR request has ``imsi``, ``msc``, ``mcc``, ``mnc``, ``cn`` and ``net``
    (country and operator of registration), ``rcn`` and ``rnet`` (of roaming). What did not come is
    None. ``last_date`` and ``send_date`` are in the account's zone, which is not told: use
    :attr:`changed_at` and :attr:`sent_at`.
    """

    flag: int | None = None
    comment: str | None = None
    operator_orig: str | None = None
    imsi: int | str | None = None
    msc: int | str | None = None
    mcc: int | str | None = None
    mnc: int | str | None = None
    cn: str | None = None
    net: str | None = None
    rcn: str | None = None
    rnet: str | None = None

    @property
    def kind(self) -> MessageType | int | None:
        """Of what kind the message is; None where the service does not tell."""
        return statuses.message_type(self.type, self.flag)

    @property
    def is_known(self) -> bool:
        """Whether the service knows the message; just after a send it may not yet."""
        return self.status != Status.NOT_FOUND


PAGE = "Message statuses (status_messages)"
GET = Operation[MessageStatus](
    name="statuses.get",
    path=codes.STATUS,
    reply=MessageStatus,
    page=PAGE,
    nothing=lambda: MessageStatus(status=Status.NOT_FOUND),
)
GET_MANY = Operation[list[MessageStatus]](
    name="statuses.get_many",
    path=codes.STATUS,
    reply=list[MessageStatus],
    page=PAGE,
    bounds=(f"{codes.MAX_STATUSES} messages in a question",),
    nothing=list,
)
DELETE = Operation[Done](
    name="statuses.delete", path=codes.STATUS, fixed={"del": "1"}, reply=Done, page=PAGE
)


def about(message: Message, details: Details) -> Params:
    """Return the parameters of a question about one message."""
    return {"id": message.id, "phone": message.phone, "all": detailed(details) or None}


def about_many(messages: list[Message], details: Details) -> Params:
    """Return the parameters of a question about many; a comma asks for the form of many."""
    tail = "," if len(messages) == 1 else ""
    ids = joined(message.id for message in messages) + tail
    phones = joined(message.phone for message in messages) + tail
    return {"id": ids, "phone": phones, "all": detailed(details) or None}


def detailed(details: object) -> int:
    """Return how much is to be told; raise for what is no such number."""
    return _DETAILS("details", details)


def named(reply: MessageStatus, message: Message) -> MessageStatus:
    """Return *reply* with id and phone, which an answer about one message leaves out."""
    return msgspec.structs.replace(
        reply, wire_id=reply.wire_id or message.id, phone=reply.phone or message.phone
    )
