"""wait_call.php: which number a subscriber has to call, to show that the phone is theirs."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from . import _answers as answers
from ._answers import Answer
from ._ask import Ask
from ._drafts import address
from ._records import Refused

CALLED: Final = ("74950000001", "74950000002", "74950000003")


def wait_call(ask: Ask) -> Answer:
    """Name a number, and wait for the call; the numbers are made up."""
    phone = address(ask.params.get("phone", ""))
    if not phone:
        raise Refused(5, "invalid number")
    number = ask.random.choice(CALLED)
    ask.book.confirmations.awaited[phone] = number
    return replace(
        answers.record({"phone": number}), json={"phone": number, "all_phones": list(CALLED)}
    )
