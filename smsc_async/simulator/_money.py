"""What the account has, spends and pays: balance.php, and two lists of get.php."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal

from . import _answers as answers
from ._answers import Answer, Field, Record
from ._ask import Ask
from ._dates import span

CURRENCY = "RUR"


def balance(ask: Ask) -> Answer:
    """Tell the money that is left."""
    shown = {"balance": answers.money(ask.book.balance)}
    return answers.record(shown | {"currency": CURRENCY} if ask.flag("cur") else shown)


def statistics(ask: Ask) -> Answer:
    """Sum up what was sent; nothing was paid from a second balance, for there is none."""
    first, last = span(ask.params, ask.settings.zone)
    if ask.flag("balance2"):
        return answers.records([])
    sent = [
        message
        for message in ask.book.accepted
        if (first is None or message.sent >= first) and (last is None or message.sent < last)
    ]
    row: Record = {
        "login": ask.settings.login,
        "sms": str(sum(message.parts for message in sent)),
        "credit": answers.money(sum((message.cost for message in sent), Decimal())),
        "debit": "0",
        "currency": CURRENCY,
    }
    return answers.records([row])


def prices(ask: Ask) -> Answer:
    """List what a message costs: in this world the same everywhere, but for ``own_prices``."""
    names = ("api", "mass", "mms", "hlr", "call")
    price = answers.money(ask.settings.price)
    zones = [{"zone": "1", "name": "Россия"} | dict.fromkeys(names, price)]
    own = [
        {"mccmnc": code, "cost": answers.money(cost)}
        for code, cost in ask.settings.own_prices.items()
    ]
    row: Mapping[str, Field] = {"zones": zones, **({"codes": own} if own else {}), "mail": price}
    lists = [answers.records(rows) for rows in (zones, own) if rows]
    return Answer(
        row,
        "\n\n".join([*(rows.text for rows in lists), f"mail = {price}"]),
        "\n\n".join([*(rows.values for rows in lists), price]),
    )
