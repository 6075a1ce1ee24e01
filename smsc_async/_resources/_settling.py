"""What became of a send whose answer was lost: asked a few times, judged by plain functions.

The service may still be at work on the request, or not show the message yet, so one question is
not enough; and "not found" is never taken as "not sent".
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import aclosing
from datetime import datetime
from decimal import Decimal
from typing import Final

from .._operation import Ask
from .._refusals import SEND
from .._wire.limits import MINUTE, SECOND
from .._wire.statuses import Status
from .._wire.values import one_line
from ..errors import ApiError, OutcomeUnknown
from ._addressing import Message, is_askable
from ._asking import PASSING, ask
from ._sent import REFUSALS, PhoneReport, SendReply, Settled
from ._sought import Sought
from ._status import MessageStatus

# Seconds before each question: at once, for most answers are lost after the work was done; then
# ever later. Four stay below the five a minute that the service takes for one message.
PAUSES: Final = (0.0, 1.0, 3.0, 9.0)
# The same message less than a minute before would have made the service refuse this one.
TWIN: Final = MINUTE / SECOND


async def settle(
    call: Ask, unknown: OutcomeUnknown, sought: Sought
) -> SendReply | OutcomeUnknown | ApiError:
    """Ask until every message is found, or often enough; return what is known then.

    Nothing is asked where the service cannot be asked about one of them.
    """
    if not all(map(is_askable, sought.texts)):  # looked at here: few sends come so far
        return unknown
    found: dict[str, MessageStatus] = {}
    for pause in PAUSES:
        await call.sleep(pause)
        await _look(call, unknown, sought, found)
        if len(found) == len(sought.texts):
            break
    return verdict(found, sought, unknown)


async def _look(
    call: Ask, unknown: OutcomeUnknown, sought: Sought, found: dict[str, MessageStatus]
) -> None:
    """Ask once for each message that is not *found* yet, and put down what is."""
    missing = [Message(unknown.id or "", phone) for phone in sought.texts if phone not in found]
    try:
        async with aclosing(ask(call, missing, details=1, tries=1)) as answers:
            async for message, answer in answers:
                if isinstance(answer, MessageStatus) and is_ours(
                    answer, sought.texts[message.phone], sought, unknown.moment
                ):
                    found[message.phone] = answer
    except PASSING:
        pass  # a later question may be answered


def is_ours(answer: MessageStatus, text: str, sought: Sought, begun: datetime) -> bool:
    """Tell whether *answer* is about the message that was sent at *begun*: ids are not unique.

    A text that is the same counts if it is no older than a twin could be, and so does any text
    under an id of the client's own; where the text may have been changed, or there is none, only
    the moment tells.
    """
    if not answer.is_known:
        return False
    at, since = answer.send_timestamp, begun.timestamp()  # compared: a difference may overflow
    same = bool(text) and one_line(answer.message or "") == one_line(text)
    if same or sought.own_id:
        return at is None or at >= since - TWIN
    return sought.altered and at is not None and at > since - 1  # a whole second may be cut off


def verdict(
    found: Mapping[str, MessageStatus], sought: Sought, unknown: OutcomeUnknown
) -> SendReply | OutcomeUnknown | ApiError:
    """Return what is known of a send when this much was *found*."""
    refused = tuple(phone for phone, answer in found.items() if answer.status in REFUSALS)
    if not found:
        return unknown
    if len(found) < len(sought.texts):
        accepted = tuple(phone for phone in found if phone not in refused)
        return OutcomeUnknown(
            unknown.operation,
            unknown.reason,
            unknown.id,
            unknown.phones,
            unknown.moment,
            accepted,
            refused,
        )
    if len(refused) == len(found):
        return _refusal(found[refused[0]], unknown)
    return Settled(
        id=unknown.id or "",
        cnt=sum(found[phone].sms_cnt or 1 for phone in found if phone not in refused),
        cost=_sum([answer.cost for answer in found.values()]),
        phones=tuple(_report(phone, answer) for phone, answer in found.items()),
    )


def _refusal(answer: MessageStatus, unknown: OutcomeUnknown) -> ApiError:
    code, status = REFUSALS[answer.status], Status(answer.status)
    return SEND[code](unknown.operation, code, status.english, unknown.id)


def _report(phone: str, answer: MessageStatus) -> PhoneReport:
    bad = answer.status in REFUSALS
    return PhoneReport(
        phone=phone,
        mccmnc=answer.mccmnc,
        cost=answer.cost,
        status=answer.status if bad else None,
        error=answer.err if bad else None,
    )


def _sum(costs: Sequence[Decimal | None]) -> Decimal | None:
    known = [cost for cost in costs if cost is not None]
    return sum(known, Decimal()) if len(known) == len(costs) else None
