"""What the service tells of one message, in answers about statuses and in the history."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal

import msgspec

from .._wire import statuses
from .._wire.statuses import HasStatus, Reason, Status
from .._wire.values import stamped


class MessageRow(msgspec.Struct, HasStatus, frozen=True, kw_only=True):
    """What a status and a row of the history have in common; what did not come is None."""

    status: int
    wire_id: int | str = msgspec.field(name="id", default="")
    phone: str = ""
    last_date: str | None = None
    last_timestamp: int | None = None
    err: int | None = None
    send_date: str | None = None
    send_timestamp: int | None = None
    cost: Decimal | None = None
    sender_id: int | str | None = None
    status_name: str | None = None
    message: str | None = None
    type: int | None = None
    mccmnc: int | str | None = None
    sms_cnt: int | None = None
    country: str | None = None
    operator: str | None = None
    region: str | None = None

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
    def changed_at(self) -> datetime | None:
        """When the status last changed, in UTC.

        None where ``last_timestamp`` did not come, or is before 1970 or after 9999.
        """
        return stamped(self.last_timestamp)

    @property
    def sent_at(self) -> datetime | None:
        """When the message was sent, in UTC; of a status only with ``details``.

        None where ``send_timestamp`` did not come, or is before 1970 or after 9999.
        """
        return stamped(self.send_timestamp)
