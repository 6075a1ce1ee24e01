"""What the service says of one message, and the questions that it answers so."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import Literal, TypeAlias

import msgspec

from .._operation import Operation, Params
from .._wire import codes, statuses
from .._wire.statuses import MessageType, Reason, Status
from .._wire.values import joined, utc
from ._addressing import Message
from ._resource import Done

# 1 adds cost, text, sender and type, 2 the country, region and operator as well.
Details: TypeAlias = Literal[0, 1, 2]


class MessageStatus(msgspec.Struct, frozen=True, kw_only=True):
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

    status: int
    wire_id: int | str = msgspec.field(name="id", default="")
    phone: str = ""
    last_date: str | None = None
    last_timestamp: int | None = None
    err: int | None = None
    flag: int | None = None
    send_date: str | None = None
    send_timestamp: int | None = None
    cost: Decimal | None = None
    sender_id: int | str | None = None
    status_name: str | None = None
    message: str | None = None
    comment: str | None = None
    type: int | None = None
    mccmnc: int | str | None = None
    sms_cnt: int | None = None
    country: str | None = None
    operator: str | None = None
    operator_orig: str | None = None
    region: str | None = None
    imsi: int | str | None = None
    msc: int | str | None = None
    mcc: int | str | None = None
    mnc: int | str | None = None
    cn: str | None = None
    net: str | None = None
    rcn: str | None = None
    rnet: str | None = None

    @property
    def id(self) -> str:
        """The message's id."""
        return str(self.wire_id)

    @property
    def state(self) -> Status | int:
        """What became of the message; a number that no page gives stays one."""
        return statuses.status(self.status)

    @property
    def reason(self) -> Reason | int | None:
        """Why the message did not arrive; None where the service gives no reason."""
        return statuses.reason(self.err)

    @property
    def kind(self) -> MessageType | int | None:
        """Of what kind the message is; None where the service does not tell."""
        return statuses.message_type(self.type, self.flag)

    @property
    def changed_at(self) -> datetime | None:
        """When the status last changed, in UTC."""
        return None if self.last_timestamp is None else utc(self.last_timestamp)

    @property
    def sent_at(self) -> datetime | None:
        """When the message was sent, in UTC; needs ``details``."""
        return None if self.send_timestamp is None else utc(self.send_timestamp)

    @property
    def is_known(self) -> bool:
        """Whether the service knows the message; just after a send it may not yet."""
        return self.status != Status.NOT_FOUND

    @property
    def is_delivered(self) -> bool:
        """Whether the message reached the phone; it may have been read, or its link clicked."""
        return self.status in statuses.ARRIVED

    @property
    def is_read(self) -> bool:
        """Whether the message was opened, or its link."""
        return self.status in statuses.OPENED

    @property
    def is_final(self) -> bool:
        """Whether the status changes no more; a delivered message may still become read."""
        return self.status in statuses.FINAL


PAGE = "Message statuses (status_messages)"
GET = Operation[MessageStatus](
    name="statuses.get",
    path=codes.STATUS,
    reply=MessageStatus,
    page=PAGE,
    nothing=lambda: MessageStatus(status=Status.NOT_FOUND),
)
GET_MANY = Operation[list[MessageStatus]](
    name="statuses.get_many", path=codes.STATUS, reply=list[MessageStatus], page=PAGE, nothing=list
)
DELETE = Operation[Done](
    name="statuses.delete", path=codes.STATUS, fixed={"del": "1"}, reply=Done, page=PAGE
)


def about(message: Message, details: Details) -> Params:
    """Return the parameters of a question about one message."""
    return {"id": message.id, "phone": message.phone, "all": details or None}


def about_many(messages: list[Message], details: Details) -> Params:
    """Return the parameters of a question about many; a comma asks for the form of many."""
    tail = "," if len(messages) == 1 else ""
    ids = joined(message.id for message in messages) + tail
    phones = joined(message.phone for message in messages) + tail
    return {"id": ids, "phone": phones, "all": details or None}


def named(reply: MessageStatus, message: Message) -> MessageStatus:
    """Return *reply* with id and phone, which an answer about one message leaves out."""
    return msgspec.structs.replace(
        reply, wire_id=reply.wire_id or message.id, phone=reply.phone or message.phone
    )
