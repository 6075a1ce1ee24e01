"""An asyncio client of the SMSC service's HTTP API that never trips its limits."""

from __future__ import annotations

from typing import TYPE_CHECKING

from . import messages
from ._lazy import lazily
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
    ThrottleUnavailable,
    TooManyRequests,
    Undeliverable,
    WrongCode,
)

if TYPE_CHECKING:
    from ._client import SmscClient
    from ._events import Event, Listener
    from ._resources._contact import Contact
    from ._resources._history import ReceivedMessage, SentMessage
    from ._resources._operators import Operator
    from ._resources._outgoing import Line
    from ._resources._sent import PhoneReport, Sent
    from ._resources._settings import Currency, SubclientSettings, SubclientType
    from ._resources._status import Details, MessageStatus
    from ._resources.account import Balance, CodePrice, Prices, Statistics, ZonePrice
    from ._resources.blacklist import BlacklistEntry, BlacklistScope
    from ._resources.confirmations import CallNumber
    from ._resources.groups import Group, GroupMove
    from ._resources.jobs import Job, RepeatEvery
    from ._resources.lookup import Link
    from ._resources.numbers import DedicatedNumber
    from ._resources.operator_templates import OperatorKind, OperatorTemplate
    from ._resources.senders import OperatorFlag, SenderDetails, SenderName
    from ._resources.sending import Price
    from ._resources.subclients import SubclientStatistics
    from ._resources.templates import Template, TemplateFormat
    from ._throttle.snapshot import Meter, Snapshot, Standing
    from ._transport.file_throttle import FileThrottle
    from ._transport.throttle import Throttle
    from ._wire.limits import Lane
    from ._wire.statuses import MessageType, Reason, Status
    from .messages import (
        Binary,
        Dialling,
        Email,
        File,
        Flash,
        Hlr,
        Hours,
        InformationElement,
        Message,
        Mms,
        Parts,
        Ping,
        Sms,
        Social,
        Telegram,
        TelegramBot,
        Viber,
        Voice,
        VoiceCode,
        WapPush,
        WhatsApp,
        parts,
    )
else:
    # The same for the interpreter: a program that sends a text needs few of these, and to import
    # them all would be most of its start.
    __getattr__, __dir__ = lazily(
        __name__,
        {
            "_client": ("SmscClient",),
            "_events": ("Event", "Listener"),
            "_resources._contact": ("Contact",),
            "_resources._history": ("ReceivedMessage", "SentMessage"),
            "_resources._operators": ("Operator",),
            "_resources._outgoing": ("Line",),
            "_resources._sent": ("PhoneReport", "Sent"),
            "_resources._settings": ("Currency", "SubclientSettings", "SubclientType"),
            "_resources._status": ("Details", "MessageStatus"),
            "_resources.account": ("Balance", "CodePrice", "Prices", "Statistics", "ZonePrice"),
            "_resources.blacklist": ("BlacklistEntry", "BlacklistScope"),
            "_resources.confirmations": ("CallNumber",),
            "_resources.groups": ("Group", "GroupMove"),
            "_resources.jobs": ("Job", "RepeatEvery"),
            "_resources.lookup": ("Link",),
            "_resources.numbers": ("DedicatedNumber",),
            "_resources.operator_templates": ("OperatorKind", "OperatorTemplate"),
            "_resources.senders": ("OperatorFlag", "SenderDetails", "SenderName"),
            "_resources.sending": ("Price",),
            "_resources.subclients": ("SubclientStatistics",),
            "_resources.templates": ("Template", "TemplateFormat"),
            "_throttle.snapshot": ("Meter", "Snapshot", "Standing"),
            "_transport.file_throttle": ("FileThrottle",),
            "_transport.throttle": ("Throttle",),
            "_wire.limits": ("Lane",),
            "_wire.statuses": ("MessageType", "Reason", "Status"),
            "messages": messages.__all__,
        },
    )

__all__ = [
    "AddressBlocked",
    "ApiError",
    "BadParameters",
    "BadPhone",
    "BadReply",
    "BadTime",
    "Balance",
    "Binary",
    "BlacklistEntry",
    "BlacklistScope",
    "CallNumber",
    "CodeAlreadySent",
    "CodePrice",
    "Contact",
    "Currency",
    "DedicatedNumber",
    "Details",
    "Dialling",
    "DuplicateSend",
    "Email",
    "Event",
    "File",
    "FileThrottle",
    "Flash",
    "Forbidden",
    "Group",
    "GroupMove",
    "Hlr",
    "Hours",
    "InformationElement",
    "InvalidMessage",
    "Job",
    "Lane",
    "Line",
    "Link",
    "Listener",
    "LoginRefused",
    "Message",
    "MessageStatus",
    "MessageType",
    "Meter",
    "Mms",
    "NoAnswer",
    "NoMoney",
    "NotFound",
    "NotSent",
    "OperationFailed",
    "Operator",
    "OperatorFlag",
    "OperatorKind",
    "OperatorTemplate",
    "OutcomeUnknown",
    "Parts",
    "PhoneReport",
    "Ping",
    "Price",
    "Prices",
    "Reason",
    "ReceivedMessage",
    "RepeatEvery",
    "SenderDetails",
    "SenderName",
    "Sent",
    "SentMessage",
    "Sms",
    "SmscClient",
    "SmscError",
    "Snapshot",
    "Social",
    "Standing",
    "Statistics",
    "Status",
    "SubclientSettings",
    "SubclientStatistics",
    "SubclientType",
    "Telegram",
    "TelegramBot",
    "Template",
    "TemplateFormat",
    "Throttle",
    "ThrottleUnavailable",
    "Throttled",
    "TooManyRequests",
    "Undeliverable",
    "Viber",
    "Voice",
    "VoiceCode",
    "WapPush",
    "WhatsApp",
    "WrongCode",
    "ZonePrice",
    "parts",
]
