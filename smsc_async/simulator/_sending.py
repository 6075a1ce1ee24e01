"""send.php: messages in, prices out."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from .._wire import codes
from . import _answers as answers
from . import _dates as dates
from . import _drafts as drafts
from ._answers import Answer
from ._ask import Ask
from ._drafts import Draft
from ._records import Message, Refused
from ._texts import links

NO_MONEY: Final = 3
DENIED: Final = 6
BAD_PHONE: Final = 7
ERRORS: Final = {
    NO_MONEY: "no money",
    DENIED: "message is denied",
    BAD_PHONE: "invalid number",
    8: "can't to deliver",
}
# How a message that was refused stands in the history: its status and the reason.
STATUSES: Final = {NO_MONEY: (24, 0), DENIED: (23, 253), BAD_PHONE: (22, 249), 8: (25, 248)}


@dataclass(frozen=True, slots=True)
class Judged:
    """One message with its price and, when it is refused, the error."""

    draft: Draft
    cost: Decimal
    code: int


def send(ask: Ask) -> Answer:
    """Send messages, or tell what sending them would cost."""
    params, taken = ask.params, ask.settings.taken
    read = ask.drafts or drafts.read(params, ask.files, ask.book.phonebook.members)
    wanted = [
        _judge(ask, draft, mass=len(read) > 1)
        for draft in read
        if taken is None or taken(draft.phone)
    ]
    asked_id, mode = _id(params.get("id", "")), params.get("cost") or "0"
    delays = [_delay(ask, one.draft.zone) for one in wanted] or [_delay(ask)]
    if mode not in {"0", "1", "2", "3"}:
        raise Refused(1, "parameters error")

    good = [one for one in wanted if not one.code]
    cost = sum((one.cost for one in good), Decimal())
    count = sum(one.draft.parts for one in good)
    if mode == "1":
        if wanted and not good:
            raise Refused(wanted[0].code, ERRORS[wanted[0].code])
        return answers.sent(None, count, cost=cost)

    known = asked_id or str(ask.book.number())
    code = NO_MONEY if cost > ask.book.balance else 0 if good or not wanted else wanted[0].code
    for one, delay in zip(wanted, delays, strict=False):
        ask.book.add(_message(ask, one, known, delay, one.code or code))
    if code:
        raise Refused(code, ERRORS[code], known)
    ask.book.balance -= cost
    for one in good:
        for url in links(one.draft.original, params):
            ask.book.links.add(url)
    return answers.sent(
        known,
        count,
        cost=cost if mode in {"2", "3"} else None,
        balance=ask.book.balance if mode == "3" else None,
        phones=_report(wanted) if ask.flag("op") else None,
        code=_code(ask, good),
    )


def _judge(ask: Ask, draft: Draft, *, mass: bool) -> Judged:
    code = ask.settings.refused.get(draft.phone, 0) if draft.readable else BAD_PHONE
    if not code and ask.book.phonebook.stops(draft.phone, mass=mass):
        code = DENIED
    return Judged(draft, ask.settings.price * draft.units, code)


def _delay(ask: Ask, zone: str = "") -> float:
    """Return the seconds until a message leaves; a line's own zone counts only for a day's time."""
    time, tz = ask.params.get("time", ""), ask.params.get("tz")
    own = zone if zone and dates.is_reading(time) else tz
    due = dates.due(time, own, ask.today, ask.settings.zone)
    return (due - ask.today).total_seconds()


def _id(text: str) -> str | None:
    """Read the client's id; none, and 0, ask the service for one."""
    if text in {"", "0"}:
        return None
    if not re.fullmatch(rf"[A-Za-z0-9._-]{{1,{codes.MAX_ID_TEXT}}}", text) or (
        text.isdecimal() and int(text) > codes.MAX_ID_NUMBER
    ):
        raise Refused(1, "parameters error")
    return text


def _message(ask: Ask, one: Judged, id: str, delay: float, code: int) -> Message:
    return Message(
        number=ask.book.number(),
        id=id,
        phone=one.draft.phone,
        text=one.draft.text,
        kind=one.draft.kind,
        sender=one.draft.sender,
        comment=one.draft.comment,
        parts=one.draft.parts,
        dialling=one.draft.dialling,
        cost=Decimal() if code else one.cost,
        at=ask.arrived,
        due=ask.now + delay,
        seen=ask.now + ask.settings.visible,
        sent=ask.today,
        request=ask.number,
        code=code,
    )


def _report(wanted: Sequence[Judged]) -> list[Mapping[str, str]]:
    """Tell about each phone; only a bad one has a status and an error."""
    report: list[Mapping[str, str]] = []
    for one in wanted:
        entry = {"phone": one.draft.phone, "mccmnc": "25099", "cost": answers.money(one.cost)}
        if one.code:
            status, reason = STATUSES[one.code]
            entry |= {"cost": "0", "status": str(status), "error": str(reason)}
        report.append(entry)
    return report


def _code(ask: Ask, good: Sequence[Judged]) -> str | None:
    """Make up the digits that a voice reads out when the text is the word for them."""
    if not good or (good[0].draft.kind, good[0].draft.text) != ("call", "code"):
        return None
    return f"{ask.random.randrange(10**6):06d}"
