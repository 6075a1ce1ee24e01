"""The SMS service, offline: an ASGI app to develop and test against.

It answers as the service's pages say and counts every limit with code of its own.
"""

from __future__ import annotations

from ._faults import Dropped, Faults
from ._records import Attempt, Callback, Fault, Message, Refusal, Request, Uploaded
from ._settings import Block, Delays, Identical, Quirk, Settings
from ._simulator import Simulator

__all__ = [
    "Attempt",
    "Block",
    "Callback",
    "Delays",
    "Dropped",
    "Fault",
    "Faults",
    "Identical",
    "Message",
    "Quirk",
    "Refusal",
    "Request",
    "Settings",
    "Simulator",
    "Uploaded",
]
