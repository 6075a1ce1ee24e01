"""What the service answers to a send."""

from __future__ import annotations

import re
from collections.abc import Mapping
from decimal import Decimal
from typing import Final

import msgspec

from .._wire.statuses import Status

_ID = re.compile(r"[!-~]+\Z")

# The statuses by which the service says no, and the error number that a send is told it by.
REFUSALS: Final[Mapping[int, int]] = {
    Status.UNDELIVERABLE: 8,
    Status.WRONG_NUMBER: 7,
    Status.FORBIDDEN: 6,
    Status.NO_MONEY: 3,
    Status.UNREACHABLE: 8,
}
_REFUSED: Final = frozenset(f"{status:d}" for status in REFUSALS)


class PhoneReport(msgspec.Struct, frozen=True):
    """What the service says of one number of a send, where ``report=True`` asked for it.

    ``mccmnc`` is the operator's code; ``cost`` is missing in the account's test mode; ``status``
    and ``error`` are there for bad numbers, by answers that were seen; the page gives the status
    of all.
    """

    phone: str
    mccmnc: int | str | None = None
    cost: Decimal | None = None
    status: int | str | None = None
    error: int | str | None = None

    @property
    def is_bad(self) -> bool:
        """Whether the service gives an error, or a status by which it refuses."""
        return str(self.error or 0) != "0" or str(self.status) in _REFUSED


class Sent(msgspec.Struct, frozen=True, kw_only=True):
    """A send that the service accepted.

    ``id`` and a phone together are what its status is asked by; ``count`` is the parts times the
    recipients, of a call its seconds; ``cost`` and the ``balance`` after it are in the account's
    currency. ``code`` are the digits that a call reads out. ``settled`` says that the answer was
    lost and the service was asked what became of the message: then the balance is not known, and
    there is a report.
    """

    id: str
    phones: tuple[str, ...]
    count: int
    cost: Decimal | None = None
    balance: Decimal | None = None
    report: tuple[PhoneReport, ...] = ()
    code: str | None = None
    settled: bool = False

    @property
    def failed(self) -> tuple[PhoneReport, ...]:
        """The bad numbers, where ``report=True`` asked for a line about each."""
        return tuple(line for line in self.report if line.is_bad)


class SendReply(msgspec.Struct, frozen=True):
    """The answer to a send with ``cost=3``."""

    id: int | str
    cnt: int
    cost: Decimal | None = None
    balance: Decimal | None = None
    phones: tuple[PhoneReport, ...] = ()
    code: int | str | None = None

    def __post_init__(self) -> None:
        """Refuse an id that nobody could ask about."""
        if isinstance(self.id, str) and not _ID.match(self.id):
            raise ValueError("not the id of a message")


class Settled(SendReply, frozen=True):
    """The answer to a send as it was found out, in place of the one that was lost."""


def sent(reply: SendReply, phones: tuple[str, ...]) -> Sent:
    """Return what a caller gets for *reply*."""
    return Sent(
        id=str(reply.id),
        phones=phones,
        count=reply.cnt,
        cost=reply.cost,
        balance=reply.balance,
        report=reply.phones,
        code=None if reply.code is None else str(reply.code),
        settled=isinstance(reply, Settled),
    )
