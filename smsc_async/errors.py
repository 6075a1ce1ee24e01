"""Everything this library raises on purpose.

SmscError
├── NotSent              nothing reached the service: safe to repeat
│   ├── Throttled        it would have to wait longer than allowed
│   │   └── DuplicateSend
│   └── ThrottleUnavailable   the limits that several programs share are out of reach
├── NoAnswer             a query whose answers were all lost
├── OutcomeUnknown       it may have been accepted: find out before repeating
├── InvalidMessage       wrong before anything was sent (also a ValueError)
├── BadReply             a reply came that the pages do not describe
└── ApiError             the service said no, and why
    ├── BadParameters · LoginRefused · AddressBlocked · TooManyRequests
    ├── NotFound · OperationFailed                          (queries, lists)
    ├── NoMoney · BadTime · Forbidden · BadPhone · Undeliverable   (sending)
    └── CodeAlreadySent · WrongCode                         (sender names)

Every argument goes to ``super().__init__`` whole and in order, so that each error can be pickled
across workers. None holds a login, a password or a text; numbers are whole in the fields and
masked in the text. What others wrote stands whole in the fields, and in the text only bounded and
escaped, so that it can be logged.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from ._wire.values import escaped, mask, quoted


class SmscError(Exception):
    """Anything that went wrong with a call.

    ``resume`` is set where it ended an iterator of the history in the middle: pass it as its
    ``before=``, or ``after=``, to go on behind what was read. None is: begin anew.
    """

    resume: int | None = None


class NotSent(SmscError):
    """Nothing reached the service: the call may be made again."""

    def __init__(self, operation: str, reason: str) -> None:
        super().__init__(operation, reason)
        self.operation = operation
        self.reason = reason

    def __str__(self) -> str:
        return f"{self.operation}: nothing was sent ({quoted(self.reason)}); it is safe to repeat"


class Throttled(NotSent):
    """A limit of the service would make the call wait longer than it is allowed to.

    ``retry_after`` is in seconds; ``rule`` says which limit it is.
    """

    def __init__(self, operation: str, retry_after: float, rule: str) -> None:
        super().__init__(operation, rule)
        self.args = (operation, retry_after, rule)
        self.retry_after = retry_after
        self.rule = rule

    def __str__(self) -> str:
        return (
            f"{self.operation}: nothing was sent; the service allows {self.rule}: "
            f"try again in {self.retry_after:.1f} s"
        )


class DuplicateSend(Throttled):
    """The same went out less than a minute ago: a message, a mailing, a payment or a purchase.

    The service refuses such a message, and would do the rest twice, so it was not sent. If it is
    meant, say ``repeat=True``: the call then waits until the minute is over.
    """

    def __str__(self) -> str:
        return (
            f"{self.operation}: the same went out within the last minute, so this one did not; if "
            f"it is meant, pass repeat=True (possible in {self.retry_after:.1f} s)"
        )


class ThrottleUnavailable(NotSent):
    """The limits that several programs share cannot be read or written: ``reason`` says why."""


class NoAnswer(SmscError):
    """A query whose answers were all lost; nothing was changed by it."""

    def __init__(self, operation: str, reason: str, attempts: int) -> None:
        super().__init__(operation, reason, attempts)
        self.operation = operation
        self.reason = reason
        self.attempts = attempts

    def __str__(self) -> str:
        tries = "once" if self.attempts == 1 else f"{self.attempts} times"
        return f"{self.operation}: asked {tries}, no usable answer ({quoted(self.reason)})"


class OutcomeUnknown(SmscError):
    """A send, or another change, that may have happened: the answer to it was lost.

    Do not repeat it blindly. Of a send, ask the status of ``id`` with each of ``unknown``, or look
    into the history, for anything since ``moment`` (aware, UTC, when the request was begun). Of
    its ``phones`` the service was seen to have taken those in ``accepted``, and to have refused
    those in ``refused``; nothing is known of the others. Any other change has no ``id`` and no
    ``phones``.
    """

    def __init__(  # noqa: PLR0917 - by position, so that it can be pickled
        self,
        operation: str,
        reason: str,
        id: str | None,
        phones: tuple[str, ...],
        moment: datetime,
        accepted: tuple[str, ...] = (),
        refused: tuple[str, ...] = (),
    ) -> None:
        super().__init__(operation, reason, id, phones, moment, accepted, refused)
        self.operation = operation
        self.reason = reason
        self.id = id
        self.phones = phones
        self.moment = moment
        self.accepted = accepted
        self.refused = refused

    @property
    def unknown(self) -> tuple[str, ...]:
        """The phones of which it is not known whether they get the message."""
        return tuple(phone for phone in self.phones if phone not in {*self.accepted, *self.refused})

    def __str__(self) -> str:
        if self.id is None:
            what, first = "it may have been done", "look whether it was before repeating it"
        else:
            what = "it may have been accepted"
            first = f"ask for the status of id {escaped(self.id)} before sending again"
        seen = ""
        if self.accepted or self.refused:
            counts = f"{len(self.accepted)} taken and {len(self.refused)} refused"
            seen = f" (of {len(self.phones)} phones {counts} for certain)"
        return (
            f"{self.operation}{_named(self.unknown)}: {what} at {self.moment:%H:%M:%S} UTC, but "
            f"the answer was lost ({quoted(self.reason)}){seen}; {first}"
        )


class InvalidMessage(SmscError, ValueError):
    """Wrong before anything was sent.

    ``field`` names what is wrong and ``rule`` what it should be; when rows of a list are wrong,
    ``rows`` maps their positions (from 0) to the reasons.
    """

    def __init__(self, field: str, rule: str, rows: Mapping[int, str] | None = None) -> None:
        rows = dict(rows or {})
        super().__init__(field, rule, rows)
        self.field = field
        self.rule = rule
        self.rows: Mapping[int, str] = rows

    def __str__(self) -> str:
        if not self.rows:
            return f"{self.field}: {self.rule}"
        shown = [f"row {at}: {why}" for at, why in list(self.rows.items())[:_ROWS_SHOWN]]
        if len(self.rows) > _ROWS_SHOWN:
            shown.append(f"and {len(self.rows) - _ROWS_SHOWN} more")
        return f"{self.field}: {self.rule}; " + "; ".join(shown)


class BadReply(SmscError):
    """A reply came that the pages do not describe.

    ``start`` holds its first bytes. They are not in the text, for it may be a history, with its
    numbers and texts, or a page of anybody's.
    """

    def __init__(self, operation: str, reason: str, start: bytes) -> None:
        super().__init__(operation, reason, start)
        self.operation = operation
        self.reason = reason
        self.start = start

    def __str__(self) -> str:
        return f"{self.operation}: {quoted(self.reason)}; the first bytes are in its start"


class ApiError(SmscError):
    """The service said no: ``code`` and ``text`` are its own.

    ``id`` is the one under which a refused message stands in the history, where there is one.
    ``retry_after`` is in seconds, where the same call cannot do better before: the client itself
    answers it in the service's place until then.
    """

    def __init__(
        self,
        operation: str,
        code: int,
        text: str,
        id: str | None = None,
        retry_after: float | None = None,
    ) -> None:
        super().__init__(operation, code, text, id, retry_after)
        self.operation = operation
        self.code = code
        self.text = text
        self.id = id
        self.retry_after = retry_after

    def __str__(self) -> str:
        later = "" if self.retry_after is None else f"; not before {self.retry_after:.0f} s"
        return f"{self.operation}: {quoted(self.text)} (code {self.code}){later}"


class BadParameters(ApiError):
    """Error 1: the service does not understand the parameters."""


class LoginRefused(ApiError):
    """Error 2: a wrong login, password or key, or an address that the account does not allow.

    The service blocks an address for half an hour after five of these, so after two in a row
    nothing more is sent with these credentials for that time; ``retry_after`` tells. Make a client
    with the right ones.
    """


class AddressBlocked(ApiError):
    """Error 4: the service has blocked this machine's address for a while.

    Nothing is then sent to it, with any credentials, until ``retry_after`` seconds are over; a
    single request after that finds out whether the block is. (A client that was given a
    ``throttle`` shares that knowledge with the clients of the same one.)
    """


class TooManyRequests(ApiError):
    """Error 9 all the same: another program uses the login, or the service counts otherwise."""


class NotFound(ApiError):
    """Error 3 of a query, a list or a change: there is nothing such; error 6 about a sub-client."""


class OperationFailed(ApiError):
    """The service could not do, save or delete what was asked."""


class NoMoney(ApiError):
    """The account cannot pay: error 3 of a send or a confirmation, 10 of a sub-client's payment."""


class BadTime(ApiError):
    """Error 5 of a send or a mailing: the service does not understand the moment."""


class Forbidden(ApiError):
    """Error 6 of a send: the text or the sender's name is not allowed; or of a confirmation.

    There it means that the number has been confirmed as often as it may be in a day.
    """


class BadPhone(ApiError):
    """A number that the service cannot read: error 7 of a send or a sender, 5 of a confirmation."""


class Undeliverable(ApiError):
    """Error 8 of a send or of a sender's code: no way to this number."""


class CodeAlreadySent(ApiError):
    """Error 10 of a sender's confirmation: this number got its code less than 8 hours ago."""


class WrongCode(ApiError):
    """Error 11 of a sender's confirmation: the code is not the one that was sent."""


CLOSED = "the client is closed"  # the reason of a NotSent that repeating does not mend
_ROWS_SHOWN = 20
_PHONES_SHOWN = 3


def _named(phones: tuple[str, ...]) -> str:
    if not phones:
        return ""
    *shown, rest = *map(mask, phones[:_PHONES_SHOWN]), len(phones) - _PHONES_SHOWN
    return f" to {', '.join(shown)}" + (f" and {rest} more" if rest > 0 else "")
