"""senders.php: sender names.

The names of the settings are approved from the start. One that is added waits for people, whom
nobody plays here; a number waits for its code, which arrives there as a message.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Final

from . import _answers as answers
from . import _dates as dates
from ._answers import Answer, Field, Record
from ._ask import Ask
from ._kept import Name
from ._kinds import is_mail
from ._records import Message, Refused

BAD_PARAMETERS: Final = (1, "parameters error")
UNKNOWN: Final = (3, "sender name not found")
UNSAVED: Final = (5, "error saving")
BAD_NUMBER: Final = (7, "invalid number")
UNDELIVERABLE: Final = (8, "can't to deliver")
WRONG_CODE: Final = (11, "wrong confirmation code")
MOST_CHARACTERS: Final = 11
MOST_DIGITS: Final = 15
COMMANDS: Final = frozenset({"add", "chg", "fmt", "charset", "sender", "id", "user"})


def senders(ask: Ask) -> Answer:
    """Answer as senders.php, which is several operations behind flags."""
    for flag, operation in OPERATIONS.items():
        if ask.flag(flag):
            return operation(ask)
    raise Refused(*BAD_PARAMETERS)


def _list(ask: Ask) -> Answer:
    """List the names, newest first as the history does; none at all is an error."""
    params = ask.params
    since = dates.day(params["from_date"], ask.settings.zone) if params.get("from_date") else None
    before = params.get("prev_id", "")
    rows = [
        _row(ask, name)
        for name in ask.book.names
        if name.user == params.get("user", "")
        and (name.approved or ask.flag("all"))
        and (not before.isdecimal() or name.number < int(before))
        and (since is None or name.made is None or name.made >= since)
    ]
    if params.get("cnt", "").isdecimal():
        rows = rows[: int(params["cnt"])]
    if not rows:
        raise Refused(*UNKNOWN)
    return answers.records(rows)


def _add(ask: Ask) -> Answer:
    sender, user = ask.params.get("sender", ""), ask.params.get("user", "")
    if not _fits(sender, mail=ask.flag("mail")):
        raise Refused(*BAD_PARAMETERS)
    if ask.book.names.find(sender=sender, number="", user=user) is not None:
        raise Refused(*UNSAVED)
    number = ask.book.number()
    ask.book.names.add(Name(number, sender, user, _details(ask), made=ask.today))
    return answers.created(number)


def _fits(sender: str, *, mail: bool) -> bool:
    """Tell whether a name may be asked for: of e-mail it is an address, else no address."""
    if mail or "@" in sender:
        return mail and is_mail(sender)
    digits = re.fullmatch(r"\+?(\d+)", sender)
    return len(digits[1]) <= MOST_DIGITS if digits else 0 < len(sender) <= MOST_CHARACTERS


def _change(ask: Ask) -> Answer:
    _found(ask).details.update(_details(ask))
    return answers.done()


def _delete(ask: Ask) -> Answer:
    ask.book.names.remove(_found(ask))
    return answers.done()


def _send_code(ask: Ask) -> Answer:
    """Send a code to a number; that it was sent before is seen at the door."""
    sender = ask.params.get("sender", "")
    if not re.fullmatch(r"\d{7,15}", sender):
        raise Refused(*BAD_NUMBER)
    if sender in ask.settings.refused:
        raise Refused(*UNDELIVERABLE)
    code = f"{ask.random.randrange(10**4):04d}"
    ask.book.names.expect(sender, code)
    ask.book.add(_message(ask, sender, code))
    return answers.done()


def _check_code(ask: Ask) -> Answer:
    """Approve a number whose code is known; it need not have been added before."""
    sender = ask.params.get("sender", "")
    if not ask.book.names.confirm(sender, ask.params.get("code", "")):
        raise Refused(*WRONG_CODE)
    user = ask.params.get("user", "")
    name = ask.book.names.find(sender=sender, number="", user=user)
    if name is None:
        name = Name(ask.book.number(), sender, user, made=ask.today)
        ask.book.names.add(name)
    name.approved = True
    return answers.done()


def _row(ask: Ask, name: Name) -> Record:
    row: dict[str, Field] = {"id": name.number, "sender": name.sender}
    if ask.flag("operators"):
        row["mts"] = str(int(name.approved))  # made up, as no page shows it
    return row


def _found(ask: Ask) -> Name:
    params = ask.params
    name = ask.book.names.find(
        sender=params.get("sender", ""), number=params.get("id", ""), user=params.get("user", "")
    )
    if name is None:
        raise Refused(*UNKNOWN)
    return name


def _details(ask: Ask) -> dict[str, str]:
    return {name: value for name, value in ask.params.items() if name not in COMMANDS}


def _message(ask: Ask, phone: str, code: str) -> Message:
    """Return the message in which a code arrives, for which nobody pays."""
    number = ask.book.number()
    site = ask.params.get("site_name")
    return Message(
        number=number,
        id=str(number),
        phone=phone,
        text=f"{site}: {code}" if site else code,
        kind="sms",
        sender="",
        comment="",
        parts=1,
        cost=Decimal(),
        at=ask.arrived,
        due=ask.now,
        seen=ask.now + ask.settings.visible,
        sent=ask.today,
        request=ask.number,
    )


OPERATIONS: Final[Mapping[str, Callable[[Ask], Answer]]] = {
    "get": _list,
    "add": _add,
    "chg": _change,
    "del": _delete,
    "send_code": _send_code,
    "check_code": _check_code,
}
