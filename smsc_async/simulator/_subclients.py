"""users.php: sub-clients.

They have money and settings, and send nothing. No page shows the statistics of them: the keys are
those of the account's own.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from decimal import Decimal, InvalidOperation
from typing import Final

from . import _answers as answers
from . import _dates as dates
from ._answers import Answer
from ._ask import Ask
from ._kept import Client
from ._records import Refused

BAD_PARAMETERS: Final = (1, "parameters error")
NOTHING: Final = (3, "no records found")
UNKNOWN: Final = (6, "sub-client does not exist")
SHARES: Final = (7, "the sub-client shares the main balance")
UNSAVED: Final = (8, "error saving")
NO_MONEY: Final = (10, "not enough money")
SHARING: Final = frozenset({"2", "3", "4"})  # the types that have no balance of their own
COMMANDS: Final = frozenset(
    {"add", "chg", "fmt", "charset", "user", "new_login", "password", "pswc"}
)


def subclients(ask: Ask) -> Answer:
    """Answer as users.php, which is several operations behind flags."""
    for flag, operation in OPERATIONS.items():
        if ask.flag(flag):
            return operation(ask)
    raise Refused(*BAD_PARAMETERS)


def _add(ask: Ask) -> Answer:
    user, password = ask.params.get("user", ""), ask.params.get("password", "")
    if not user or not password:
        raise Refused(*BAD_PARAMETERS)
    _free(ask, user)
    number = ask.book.number()
    ask.book.clients.add(Client(number, user, password, _settings(ask)))
    return answers.created(number)


def _change(ask: Ask) -> Answer:
    params, client = ask.params, _found(ask)
    if "pswc" in params and params["pswc"] != client.password:
        raise Refused(*UNSAVED)
    if new := params.get("new_login"):
        _free(ask, new)
        client.login = new
    client.password = params.get("password") or client.password
    client.settings.update(_settings(ask))
    return answers.done()


def _pay(ask: Ask) -> Answer:
    client = _found(ask)
    try:
        amount = Decimal(ask.params.get("sum", ""))
    except InvalidOperation:
        raise Refused(*BAD_PARAMETERS) from None
    if not amount.is_finite() or amount <= 0:  # taking money back is said by one library only
        raise Refused(*BAD_PARAMETERS)
    if client.settings.get("type", "0") in SHARING:
        raise Refused(*SHARES)
    if amount > ask.book.balance:
        raise Refused(*NO_MONEY)
    ask.book.balance -= amount
    if ask.flag("balance2"):
        client.balance2 += amount
    else:
        client.balance += amount
    return answers.done()


def _statistics(ask: Ask) -> Answer:
    """Sum up what the sub-clients sent, which is nothing, and what they were given."""
    params, zone = ask.params, ask.settings.zone
    for name in ("start", "end"):
        dates.day(params.get(name, ""), zone)
    chosen = [_found(ask)] if params.get("user") or params.get("user_id") else ask.book.clients
    rows = [
        {
            "login": client.login,
            "sms": "0",
            "credit": "0",
            "debit": answers.money(client.balance2 if ask.flag("balance2") else client.balance),
            "currency": "RUR",
        }
        for client in chosen
        if (client.settings.get("type", "0") not in SHARING) == ask.flag("reseller")
    ]
    if not rows:
        raise Refused(*NOTHING)
    return answers.records(rows)


def _free(ask: Ask, login: str) -> None:
    if ask.book.clients.find(user=login) is not None:
        raise Refused(*UNSAVED)


def _found(ask: Ask) -> Client:
    params = ask.params
    client = ask.book.clients.find(user=params.get("user", ""), number=params.get("user_id", ""))
    if client is None:
        raise Refused(*UNKNOWN)
    return client


def _settings(ask: Ask) -> dict[str, str]:
    return {name: value for name, value in ask.params.items() if name not in COMMANDS}


OPERATIONS: Final[Mapping[str, Callable[[Ask], Answer]]] = {
    "add": _add,
    "chg": _change,
    "pay": _pay,
    "get_stat": _statistics,
    "get_stat_all": _statistics,
}
