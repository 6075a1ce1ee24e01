"""What the service calls about: statuses, answers and calls.

The fields are the service's own, by its names. Source: "Transmitting statuses and messages to the
Client handler".
"""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Annotated, Final, Literal, TypeAlias

import msgspec

from .._wire import statuses
from .._wire.statuses import HasStatus, MessageType, Reason, Status
from .._wire.values import stamped

# What a message that follows a template is for, by the bits 9 and 10 of its flag.
TemplateKind: TypeAlias = Literal["service", "transactional", "authorization", "advertising"]
_TEMPLATE_KINDS: Final[tuple[TemplateKind, ...]] = (
    "service",
    "transactional",
    "authorization",
    "advertising",
)
_SECOND_BALANCE: Final = 1 << 5
_TEMPLATE: Final = 1 << 8
_TEMPLATE_KIND: Final = 9

Moment: TypeAlias = Annotated[int, msgspec.Meta(ge=0, lt=10**11)]  # unix seconds
Number: TypeAlias = Annotated[int, msgspec.Meta(gt=-(10**9), lt=10**9)]
Bits: TypeAlias = Annotated[int, msgspec.Meta(ge=0, lt=1 << 16)]

_OVERTIME: Final = re.compile(r"^overtime: *([0-9]{1,4}):([0-5][0-9])\s*$", re.MULTILINE)


class Flag(msgspec.Struct, frozen=True):
    """What the bits of ``flag`` say: kind, balance, and template."""

    kind: MessageType | int
    second_balance: bool  # whether it was paid from there
    template: TemplateKind | None  # None: it follows none


class Callback(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """What all callbacks have.

    ``extra`` are fields that the page does not name, such as parameters of your own in the
    address, and those whose value is not what the page says.
    """

    phone: str
    extra: dict[str, str] = {}


class StatusReport(Callback, HasStatus, frozen=True, kw_only=True, gc=False):
    """A message's status has changed.

    Signed are ``id``, ``phone`` (an address of an e-mail) and ``status`` alone. ``time`` is in the
    account's zone, which is not told: use :attr:`changed_at`. ``cnt`` are the parts, of a call its
    seconds; ``cmt`` is the comment given with the send. A call has ``dtmf`` (keys that were
    pressed), and with a voice menu ``calltime``, ``callmenu`` and ``ringtime``; an HLR request
    ``imsi``, ``msc``, ``mcc``, ``mnc``, ``cn`` and ``net`` (country and operator of registration),
    ``rcn`` and ``rnet`` (of roaming). What did not come is None.
    """

    id: str
    status: int
    time: str | None = None
    ts: Moment | None = None
    err: Number | None = None
    syserr: str | None = None
    cnt: Number | None = None
    type: Number | None = None
    cost: Decimal | None = None
    flag: Bits | None = None
    sender: str | None = None
    dtmf: str | None = None
    cmt: str | None = None
    imsi: str | None = None
    msc: str | None = None
    mcc: str | None = None
    mnc: str | None = None
    cn: str | None = None
    net: str | None = None
    rcn: str | None = None
    rnet: str | None = None
    calltime: str | None = None
    callmenu: str | None = None
    ringtime: str | None = None

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
    def flags(self) -> Flag | None:
        """What ``flag`` says, bit by bit; None where it did not come."""
        if self.flag is None:
            return None
        kind = statuses.message_type(None, self.flag)
        template = _TEMPLATE_KINDS[self.flag >> _TEMPLATE_KIND & 0b11]
        return Flag(
            kind=MessageType.SMS if kind is None else kind,
            second_balance=bool(self.flag & _SECOND_BALANCE),
            template=template if self.flag & _TEMPLATE else None,
        )

    @property
    def changed_at(self) -> datetime | None:
        """When the status changed, in UTC; not signed."""
        return stamped(self.ts)

    @property
    def overtime(self) -> timedelta | None:
        """By how much a call was longer than planned, which its comment tells; else None."""
        found = _OVERTIME.search(self.cmt or "")
        return found and timedelta(minutes=int(found[1]), seconds=int(found[2]))

    @property
    def rank(self) -> tuple[int, int, int]:
        """The place of this among the reports of one message: of two, the greater is the newer.

        How far the message is comes first, for a time is not signed and clocks differ: one that has
        arrived or failed is not under way again, and one that was read is not merely delivered.
        Then the time counts, as a receipt may come after all of what had expired, and then the
        number, so that all orders of arrival lead to one status.
        """
        return statuses.progress(self.status), self.ts or 0, self.status


class IncomingMessage(Callback, frozen=True, kw_only=True, gc=False):
    """A subscriber has sent a message.

    Signed are ``phone``, ``text`` and ``to`` (the number it was sent to). ``phone`` is
    international without its plus, or a short number such as 900: put a plus before it when it goes
    back to the client, for one without is taken as people write it, and 84912345678 would become
    74912345678. ``id`` is the service's number of this message; ``sms_id`` the id of the message
    that it answers, where it does; ``smsc`` the operator's centre that it came through.
    """

    text: str = msgspec.field(name="mes")
    to: str
    id: str = ""
    sms_id: str | None = None
    smsc: str | None = None
    sent: Moment | None = None
    time: Moment | None = None

    @property
    def sent_at(self) -> datetime | None:
        """When the subscriber sent it, in UTC; not signed."""
        return stamped(self.sent)

    @property
    def received_at(self) -> datetime | None:
        """When the service got it, in UTC; not signed."""
        return stamped(self.time)


class CallConfirmation(Callback, frozen=True, kw_only=True, gc=False):
    """The subscriber whose call was waited for has called: the number is theirs. All is signed."""

    ts: Moment

    @property
    def called_at(self) -> datetime | None:
        """When they called, in UTC."""
        return stamped(self.ts)


Received: TypeAlias = StatusReport | IncomingMessage | CallConfirmation
