"""What the end of a send means for the campaign; plain functions.

Only an answer, or proof that nothing left this machine, is certain. All else is a doubt.
"""

from __future__ import annotations

from typing import Final

import msgspec

from .. import (
    AddressBlocked,
    BadParameters,
    BadPhone,
    BadTime,
    DuplicateSend,
    Forbidden,
    InvalidMessage,
    LoginRefused,
    NoMoney,
    NotSent,
    PhoneReport,
    Sent,
    SmscError,
    Throttled,
    TooManyRequests,
    Undeliverable,
)
from .._wire.statuses import Reason, Status, reason, status
from .._wire.values import quoted
from ..errors import CLOSED
from ._plan import Event
from ._records import Request, RowState, Verdict

# The service has said no to one place too many: the gate has given way by then.
TOO_MANY_WAIT: Final = 5.0
LEFT_OUT: Final = "the answer leaves it out"
# The statuses by which the service says no.
REFUSALS: Final = frozenset(
    {
        Status.UNDELIVERABLE,
        Status.WRONG_NUMBER,
        Status.FORBIDDEN,
        Status.NO_MONEY,
        Status.UNREACHABLE,
    }
)


class After(msgspec.Struct, frozen=True, kw_only=True):
    """What follows from the end of a send.

    The request may go again *wait* seconds later, if it may; *pause* is why the campaign is to, ""
    if it is not. *trouble*: the service seems to be away. *refused*: it said no to the rows.
    """

    verdict: Verdict
    wait: float = 0.0
    pause: str = ""
    trouble: bool = False
    refused: bool = False


def after(request: Request, outcome: Sent | Exception) -> After:
    """Return what follows when the send of *request* ended with *outcome*."""
    match outcome:
        case Sent():
            then = After(verdict=_taken(request, outcome))
        case DuplicateSend() | TooManyRequests() if request.resends:
            then = _lost(f"probably taken before: {outcome}")
        case InvalidMessage() if outcome.rows:
            then = After(verdict=_invalid(request, outcome), refused=True)
        case InvalidMessage() | Forbidden() | BadPhone() | Undeliverable():
            then = _refused(request, outcome)
        case NoMoney():
            # Its id stands in the history as refused: the rows go again under others.
            verdict = Verdict(event=Event.REFUSED, rows=RowState.WAITING, note=str(outcome))
            then = After(verdict=verdict, pause=why(outcome))
        case NotSent() | TooManyRequests() | AddressBlocked() | LoginRefused():
            then = _not_taken(outcome)
        case BadParameters() | BadTime():
            then = _not_taken(outcome)
        case _:
            then = _lost(_told(outcome))
    return then


def unpriced(error: SmscError) -> After:
    """Return what follows where the price of a request is not told, which is then not sent."""
    return _not_taken(error)


def why(error: Exception) -> str:
    """Say why a campaign pauses, and what to do."""
    match error:
        case NoMoney():
            return f"the account cannot pay ({quoted(error.text)}): top it up, then resume"
        case LoginRefused():
            return "the service refuses the login: run it with the right one, after resuming"
        case AddressBlocked():
            return (
                "the service has blocked this machine's address for a while, half an hour at "
                "least: find out what made too many errors, then resume"
            )
        case BadTime():
            return f"the service does not understand the moment to send at: {_told(error)}"
        case _:
            return f"the service does not understand the request: {_told(error)}"


def is_closed(error: object) -> bool:
    """Tell whether the client is closed, which no repeating mends."""
    return isinstance(error, NotSent) and error.reason == CLOSED


def is_refusal(number: int | None) -> bool:
    """Tell whether a status says that the service refused the message."""
    return number in REFUSALS


def named(number: int | None, err: int | None = None) -> str:
    """Say a status, and the reason for it, in words."""
    words = list[str]()
    if number is not None:
        known = status(number)
        words.append(known.english if isinstance(known, Status) else f"status {known}")
    if (fault := reason(err)) is not None:
        words.append(fault.english if isinstance(fault, Reason) else f"error {fault}")
    return ": ".join(words) or "refused"


def _taken(request: Request, sent: Sent) -> Verdict:
    """Return what an answer says of each row: those that it does not name are not taken yet."""
    told = {bare(line.phone): line for line in sent.report}
    found = [(item, told.get(bare(item.phone))) for item in request.items]
    if not sent.report and sent.count >= len(request.items):
        found = [(item, PhoneReport(item.phone)) for item in request.items]
    bad = tuple(
        (item.row, RowState.REFUSED, _fault(line)) for item, line in found if line and line.is_bad
    )
    missing = tuple((item.row, RowState.HELD, LEFT_OUT) for item, line in found if line is None)
    if missing:
        return Verdict(
            event=Event.FOUND_SOME,
            rows=RowState.ACCEPTED,
            others=bad + missing,
            cost=sent.cost,
            misses=0,
            note=f"the answer leaves out {len(missing)} of {len(found)} phones",
        )
    return Verdict(event=Event.TAKEN, rows=RowState.ACCEPTED, others=bad, cost=sent.cost)


def bare(phone: str) -> str:
    """Return a number, or an address, by which one of ours and one of an answer are compared."""
    return phone.lstrip("+").lower()


def _fault(line: PhoneReport) -> str:
    return named(_number(line.status), _number(line.error))


def _number(value: int | str | None) -> int | None:
    try:
        return None if value is None else int(value)
    except ValueError:
        return None


def _invalid(request: Request, error: InvalidMessage) -> Verdict:
    """Return that bad rows are refused, and the others go in another request."""
    bad = tuple(
        (request.items[at].row, RowState.REFUSED, reason)
        for at, reason in error.rows.items()
        if 0 <= at < len(request.items)
    )
    return Verdict(
        event=Event.REFUSED, rows=RowState.WAITING, others=bad, note=f"{len(bad)} rows are bad"
    )


def _refused(request: Request, error: Exception) -> After:
    """Return that one row is refused for good, and of several each half is tried by itself."""
    is_one = len(request.items) == 1
    verdict = Verdict(
        event=Event.REFUSED,
        rows=RowState.REFUSED if is_one else None,
        others=((request.items[0].row, RowState.REFUSED, _told(error)),) if is_one else (),
        split=not is_one,
        note=_told(error),
    )
    return After(verdict=verdict, refused=True)


def _not_taken(error: Exception) -> After:
    """Return when, and by whose leave, a request may go of which the service has nothing."""
    wait, pause, trouble = 0.0, "", False
    match error:
        case Throttled():
            wait = error.retry_after
        case TooManyRequests():
            wait = error.retry_after or TOO_MANY_WAIT
        case NoMoney() | AddressBlocked() | LoginRefused() | BadParameters() | BadTime():
            pause = why(error)
        case _:
            trouble = True
    verdict = Verdict(event=Event.NOT_TAKEN, note=_told(error))
    return After(verdict=verdict, wait=wait, pause=pause, trouble=trouble)


def _lost(note: str) -> After:
    return After(verdict=Verdict(event=Event.LOST, misses=0, note=note), trouble=True)


def _told(error: Exception) -> str:
    """Return the text of an error of ours, which is safe to keep; of another's only its kind."""
    return str(error) if isinstance(error, SmscError) else f"a fault, {type(error).__name__}"
