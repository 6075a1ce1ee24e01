"""Which operation a request asks for, and those that need few words."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Final

from .._wire import codes
from . import _answers as answers
from ._answers import Answer
from ._ask import Ask
from ._confirmations import wait_call
from ._events import ping
from ._history import messages, statuses
from ._incoming import replies
from ._jobs import jobs
from ._links import link
from ._money import balance, prices, statistics
from ._numbers import numbers
from ._phones import phones
from ._records import Refused
from ._senders import senders
from ._sending import send
from ._subclients import subclients
from ._templates import operator_templates, templates

Operation = Callable[[Ask], Answer]

# The scripts whose contents are not simulated: they take everything and know nothing.
PLAIN: Final = frozenset(
    {
        "documents.php",
        "downloads.php",
    }
)


def choose(path: str) -> Operation:
    """Return the operation behind a path."""
    return plain if path in PLAIN else OPERATIONS.get(path, nowhere)


def nowhere(ask: Ask) -> Answer:
    """Answer to an address that no page describes."""
    raise Refused(1, f"unknown address {ask.path}")


def plain(ask: Ask) -> Answer:
    """Answer as a script with nothing in it: nothing is found, anything can be added or done."""
    asked = {name for name, value in ask.params.items() if value not in {"", "0"}}
    if any(re.match(r"get(_|$)", name) for name in asked):
        raise Refused(3, "no records found")
    if any(re.match(r"add(_|$)", name) for name in asked):
        return answers.created(ask.book.number())
    return answers.done()


def operator(ask: Ask) -> Answer:
    """Tell whose a number is: in this world Russian numbers are all in one place."""
    asked = ask.params.get("phone", "")
    if not ask.flag("get_operator") or not asked:
        raise Refused(1, "parameters error")
    rows = [_operator(phone.strip()) for phone in asked.split(",") if phone.strip()]
    if not rows:
        raise Refused(3, "operator not found")
    if "," in asked:
        return answers.records(rows)
    return answers.record({name: value for name, value in rows[0].items() if name != "phone"})


def _operator(phone: str) -> Mapping[str, str]:
    if not re.fullmatch(r"(?:\+?7|8)\d{10}", phone):
        raise Refused(3, "operator not found")
    return {
        "country": "Россия",
        "operator": "Симулятор",
        "region": "Москва",
        "mcc": "250",
        "mnc": "99",
        "tz": "0",
        "phone": phone,
    }


def data(ask: Ask) -> Answer:
    """Answer as get.php, which is several operations behind flags."""
    for flag, operation in DATA.items():
        if ask.flag(flag):
            return operation(ask)
    raise Refused(1, "parameters error")


DATA: Final[Mapping[str, Operation]] = {
    "get_messages": messages,
    "get_answers": replies,
    "get_stat": statistics,
    "get_price": prices,
    "get_mega_accounts": plain,  # there are none here
}
OPERATIONS: Final[Mapping[str, Operation]] = {
    codes.SEND: send,
    codes.STATUS: statuses,
    codes.BALANCE: balance,
    codes.INFO: operator,
    codes.GET: data,
    codes.PHONES: phones,
    codes.TEMPLATES: templates,
    codes.OPERATOR_TEMPLATES: operator_templates,
    codes.RECEIVE_PHONES: numbers,
    codes.WAIT_CALL: wait_call,
    codes.PING: ping,
    codes.TINYURLS: link,
    codes.JOBS: jobs,
    codes.SENDERS: senders,
    codes.USERS: subclients,
}
