"""receive_phones.php: numbers of one's own. No page shows its answers, so they are made up."""

from __future__ import annotations

from decimal import Decimal
from typing import Final

from . import _answers as answers
from ._answers import Answer, Record
from ._ask import Ask
from ._drafts import address
from ._records import Refused

OFFERED: Final = ("79300000001", "79300000002", "79300000003")
PRICE: Final = Decimal(100)  # of one for the rest of the month
PARAMETERS: Final = (1, "parameters error")
NOTHING: Final = (3, "no records found")


def numbers(ask: Ask) -> Answer:
    """List the numbers that can be had, buy one, or say whether it is kept."""
    own = ask.book.numbers.own
    free = [phone for phone in OFFERED if phone not in own]
    if ask.flag("get"):
        rows: list[Record] = [{"phone": phone} for phone in free]
        if not rows:
            raise Refused(*NOTHING)
        return answers.records(rows)
    phone = address(ask.params.get("phone", ""))
    if not phone or not (ask.flag("buy") or ask.flag("chg")):
        raise Refused(*PARAMETERS)
    if phone not in (free if ask.flag("buy") else own):
        raise Refused(*NOTHING)
    if ask.flag("buy"):
        if ask.book.balance < PRICE:
            raise Refused(5, "operation failed")
        ask.book.balance -= PRICE
    own[phone] = not ask.flag("noprolong")
    return answers.done()
