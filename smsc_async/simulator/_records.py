"""What happened at the service, for a test to read."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from types import MappingProxyType
from typing import Literal, NamedTuple

from ._voice import Dialling

# Ends of a request that a test may ask for. In the first two it is never worked on: the connection
# ends without an answer, or a gateway answers alone. In the others it is worked on first; then the
# answer is lost, replaced by a gateway's page, is no JSON, stops half way, or has no bytes.
Fault = Literal[
    "drop_before", "html_502", "drop_after", "html_502_after", "garbage", "truncated", "empty"
]


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """One message to one phone, accepted or refused."""

    number: int  # the service's own, never the same twice; ``int_id`` in the history
    id: str
    phone: str  # digits, or an address
    text: str  # as it is shown: what the service changed in it is changed
    kind: str
    sender: str
    comment: str
    parts: int  # of a call its seconds
    dialling: Dialling | None = None  # of a call
    cost: Decimal
    at: float  # when its request arrived, on the simulator's clock
    due: float  # when it is to leave, on the same clock
    seen: float  # from when status and history know it, on the same clock
    sent: datetime
    request: int  # the number of the request that brought it
    code: int = 0  # the error it was refused with


class Uploaded(NamedTuple):
    """One file that came with a request."""

    field: str
    name: str  # as it came: a quote in it is ``%22``
    kind: str  # its content type
    size: int
    digest: str  # SHA-256 of what is in it


@dataclass(frozen=True, slots=True)
class Request:
    """One request that came to its end, whether or not anybody still waited for the answer."""

    number: int  # in the order of arrival
    path: str
    params: Mapping[str, str]  # without the credentials
    arrived: float
    ended: float
    code: int  # 0 or the error
    text: str  # of the error
    fault: Fault | int | None = None  # what was made to go wrong with it
    files: tuple[Uploaded, ...] = ()  # those that came with it


@dataclass(frozen=True, slots=True)
class Refusal:
    """One answer that was an error."""

    at: float
    path: str
    code: int
    text: str


class Change(NamedTuple):
    """A message's status, the reason for it, and since when."""

    status: int
    reason: int
    at: float
    fields: Mapping[str, str | int] = MappingProxyType({})  # more, or others, of its callback


CallbackKind = Literal["status", "message", "call"]


class Attempt(NamedTuple):
    """One call of the account's handler."""

    at: float  # when it began, on the simulator's clock
    code: int | None  # of the answer; None if there was none
    error: str = ""  # why there was none


@dataclass(frozen=True, slots=True)
class Callback:
    """One thing that the account's handler was told, or is to be told again."""

    kind: CallbackKind
    fields: Mapping[str, str | int]  # all that was posted, the hash too
    attempts: tuple[Attempt, ...] = ()
    done: bool = False  # it was taken, or there are no attempts left


class Refused(Exception):
    """An operation ends with an error of the service."""

    def __init__(self, code: int, text: str, id: str | None = None) -> None:
        super().__init__(code, text, id)
        self.code = code
        self.text = text
        self.id = id  # under which a refused message stands in the history
