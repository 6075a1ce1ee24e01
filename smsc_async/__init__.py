"""An asyncio client of the SMSC service's HTTP API that never trips its limits."""

from __future__ import annotations

from ._client import SmscClient
from ._events import Event, Listener
from ._resources.account import Balance
from ._resources.sending import PhoneReport, Price, Sent
from ._throttle.line import Snapshot, Standing
from ._transport.throttle import Throttle
from ._wire.limits import Lane
from .errors import (
    AddressBlocked,
    ApiError,
    BadParameters,
    BadPhone,
    BadReply,
    BadTime,
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
    "DuplicateSend",
    "Event",
    "Flash",
    "Forbidden",
    "Hours",
    "InvalidMessage",
    "Lane",
    "Listener",
    "LoginRefused",
    "NoAnswer",
    "NoMoney",
    "NotFound",
    "NotSent",
    "OperationFailed",
    "OutcomeUnknown",
    "PhoneReport",
    "Price",
    "Sent",
    "Sms",
    "SmscClient",
    "SmscError",
    "Snapshot",
    "Standing",
    "Throttle",
    "Throttled",
    "TooManyRequests",
    "Undeliverable",
]
