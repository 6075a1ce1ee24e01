"""Callbacks of the service, received safely: statuses, answers and calls.

Nothing here needs a client. :func:`parse` reads and checks one request; :class:`CallbackApp`
is the whole handler as an ASGI app.
"""

from __future__ import annotations

from ._app import CallbackApp, OnCall, OnMessage, OnStatus
from ._bodies import Charset
from ._callbacks import (
    CallConfirmation,
    Flag,
    IncomingMessage,
    Received,
    StatusReport,
    TemplateKind,
)
from ._errors import BadCallback, NotUnderstood, SignatureMismatch
from ._reading import parse, verify
from ._register import callback_url
from ._seen import Event, Letter, MemorySeen, Seen, Verdict
from ._signing import Algorithm
from ._sqlite import SqliteSeen
from ._tracked import Tracked
from ._tracker import StatusTracker

__all__ = [
    "Algorithm",
    "BadCallback",
    "CallConfirmation",
    "CallbackApp",
    "Charset",
    "Event",
    "Flag",
    "IncomingMessage",
    "Letter",
    "MemorySeen",
    "NotUnderstood",
    "OnCall",
    "OnMessage",
    "OnStatus",
    "Received",
    "Seen",
    "SignatureMismatch",
    "SqliteSeen",
    "StatusReport",
    "StatusTracker",
    "TemplateKind",
    "Tracked",
    "Verdict",
    "callback_url",
    "parse",
    "verify",
]
