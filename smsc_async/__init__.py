"""An asyncio client of the SMSC service's HTTP API that never trips its limits."""

from __future__ import annotations

from ._client import SmscClient
from ._events import Event, Listener
from ._resources._sent import PhoneReport, Sent
from ._resources._status import Details, MessageStatus
from ._resources.account import Balance
from ._resources.sending import Price
from ._throttle.line import Snapshot, Standing
from ._transport.throttle import Throttle
from ._wire.limits import Lane
from ._wire.statuses import MessageType, Reason, Status
from .errors import (
    AddressBlocked,
    ApiError,
    BadParameters,
    BadPhone,
    BadReply,
    BadTime,
    CodeAlreadySent,
    DuplicateSend,
    Forbidden,
    InvalidMessage,
    LoginRefused,
    NoAnswer,
    NoMoney,
    NotFound,
    NotSent,
    OperationFailed,
    OutcomeUnknown,
    SmscError,
    Throttled,
    TooManyRequests,
    Undeliverable,
    WrongCode,
)
from .messages import Flash, Hours, Sms

__all__ = [
    "AddressBlocked",
    "ApiError",
    "BadParameters",
    "BadPhone",
    "BadReply",
    "BadTime",
    "Balance",
    "CodeAlreadySent",
    "Details",
    "DuplicateSend",
    "Event",
    "Flash",
    "Forbidden",
    "Hours",
    "InvalidMessage",
    "Lane",
    "Listener",
    "LoginRefused",
    "MessageStatus",
    "MessageType",
    "NoAnswer",
    "NoMoney",
    "NotFound",
    "NotSent",
    "OperationFailed",
    "OutcomeUnknown",
    "PhoneReport",
    "Price",
    "Reason",
    "Sent",
    "Sms",
    "SmscClient",
    "SmscError",
    "Snapshot",
    "Standing",
    "Status",
    "Throttle",
    "Throttled",
    "TooManyRequests",
    "Undeliverable",
    "WrongCode",
]
