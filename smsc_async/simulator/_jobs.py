"""jobs.php: mailings.

A mailing sends what send.php would, at its time; until then it can be cancelled. Repeats are kept
and shown, and do not happen. No page shows how a mailing is told of: the keys are made up, but for
the id. Nor does a page say under which id its messages stand: here it is the mailing's.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import timedelta
from typing import Final

from . import _answers as answers
from . import _dates as dates
from ._answers import Answer, Field
from ._ask import Ask
from ._kept import Mailing
from ._records import Refused
from ._sending import send

UNSAVED: Final = (3, "error saving")
# What a send may be refused for that the page of mailings has no number for.
OF_A_SEND: Final = frozenset({3, 6, 7, 8})
REPEATS: Final = frozenset("01234567")


def jobs(ask: Ask) -> Answer:
    """Answer as jobs.php, which is several operations behind flags."""
    for flag, operation in OPERATIONS.items():
        if ask.flag(flag):
            return operation(ask)
    raise Refused(1, "parameters error")


def _add(ask: Ask) -> Answer:
    """Make a mailing; asking for its price makes it all the same."""
    params = ask.params
    if not params.get("name") or params.get("rpt", "0") not in REPEATS:
        raise Refused(1, "parameters error")
    known = params.get("id") or str(ask.book.number())
    if ask.book.mailings.find(known, mail=ask.flag("mail")) is not None:
        raise Refused(*UNSAVED)
    before = ask.book.balance
    sent = {name: value for name, value in params.items() if name != "tpl"} | {"id": known}
    sent["cost"] = "3"
    if number := params.get("tpl"):
        template = _template(ask, number)
        sent = {**template, **sent, "mes": template["mes"]}
    try:
        send(replace(ask, params=sent))
    except Refused as refused:
        ask.book.withdraw(ask.number)
        raise Refused(*UNSAVED) if refused.code in OF_A_SEND else refused from None
    due = dates.due(params.get("time", ""), params.get("tz"), ask.today, ask.settings.zone)
    mailing = Mailing(
        id=known,
        name=params["name"],
        mail=ask.flag("mail"),
        begins=ask.now + (due - ask.today).total_seconds(),
        date=due,
        request=ask.number,
        cost=before - ask.book.balance,
    )
    ask.book.mailings.add(mailing)
    if ask.flag("cost"):
        paid = answers.money(mailing.cost)
        return answers.record({"id": answers.bare(known), "cost": paid})
    return answers.created(answers.bare(known))


def _template(ask: Ask, number: str) -> dict[str, str]:
    """Return what a template brings; that its name is the subject of an e-mail is made up."""
    template = ask.book.templates.own.get(int(number)) if number.isdecimal() else None
    if template is None:
        raise Refused(*UNSAVED)
    brought = {"mes": template["msg"], "sender": template.get("sender", "")}
    return brought | ({"subj": template["name"]} if ask.flag("mail") else {})


def _delete(ask: Ask) -> Answer:
    mailing = _found(ask)
    _stop(ask, mailing)
    ask.book.mailings.remove(mailing)
    return answers.done()


def _cancel(ask: Ask) -> Answer:
    mailing = _found(ask)
    if mailing.cancelled or not _stop(ask, mailing):
        raise Refused(*UNSAVED)
    mailing.cancelled = True
    return answers.done()


def _stop(ask: Ask, mailing: Mailing) -> bool:
    """Take back what a mailing would send, and its price, unless it has begun."""
    if mailing.begins <= ask.now:
        return False
    if not mailing.cancelled:
        ask.book.withdraw(mailing.request)
        ask.book.balance += mailing.cost
    return True


def _get(ask: Ask) -> Answer:
    return answers.record(_row(ask, _found(ask)))


def _list(ask: Ask) -> Answer:
    """List the mailings that begin between two days; none at all is an error."""
    params, zone = ask.params, ask.settings.zone
    first = dates.day(params["start"], zone) if params.get("start") else None
    last = dates.day(params["end"], zone) + timedelta(days=1) if params.get("end") else None
    rows = [
        _row(ask, mailing)
        for mailing in ask.book.mailings
        if mailing.mail == ask.flag("mail")
        and (first is None or mailing.date >= first)
        and (last is None or mailing.date < last)
    ]
    if not rows:
        raise Refused(3, "no records found")
    return answers.records(rows)


def _found(ask: Ask) -> Mailing:
    mailing = ask.book.mailings.find(ask.params.get("id", ""), mail=ask.flag("mail"))
    if mailing is None:
        raise Refused(*UNSAVED)
    return mailing


def _row(ask: Ask, mailing: Mailing) -> Mapping[str, Field]:
    begun = "sent" if mailing.begins <= ask.now else "waiting"
    return {
        "id": answers.bare(mailing.id),
        "name": mailing.name,
        "date": dates.written(mailing.date, ask.settings.zone),
        "state": "cancelled" if mailing.cancelled else begun,
    }


OPERATIONS: Final[Mapping[str, Callable[[Ask], Answer]]] = {
    "add": _add,
    "del": _delete,
    "cancel": _cancel,
    "get": _get,
    "get_all": _list,
}
