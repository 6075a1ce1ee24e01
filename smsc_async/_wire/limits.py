"""How often the service lets one login ask; the only copy of these numbers.

Each row restates the "error 9" line of an endpoint's page. A call's row is found by its path and
its flags, so that a raw call obeys it as well. Time is in whole milliseconds: adding and
comparing them never rounds.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import Enum
from typing import Literal, TypeAlias

import msgspec

from . import codes

SECOND = 1_000
MINUTE = 60 * SECOND
HOUR = 60 * MINUTE


# Who goes first where a limit makes calls wait: a person who waits for a code, or a campaign.
Lane: TypeAlias = Literal["interactive", "bulk"]


# What a call does at the service, which decides what may follow when its answer is lost: it
# changes nothing; it removes something, so that a second time finds nothing left; it changes
# something; it sends messages.
Kind: TypeAlias = Literal["query", "removal", "change", "send"]


class Per(Enum):
    """What a rule counts together."""

    REQUEST = "identical requests"
    VALUES = "requests about the same thing"
    RECIPIENT = "messages to one number"
    OPERATION = "all requests of one operation"
    PATH = "all requests to one address"
    LOGIN = "all requests of one login"


class Rule(msgspec.Struct, frozen=True):
    """At most *limit* in any *window*; a window of 0 means at once."""

    limit: int
    window: int
    per: Per
    by: tuple[str, ...] = ()  # with Per.VALUES: the parameters that name the thing
    chain: bool = False  # the window starts anew with each use, and all tokens come back together
    counting: str = ""  # what is counted, where that says it better than *per* does
    free: tuple[int, ...] = ()  # errors of the service's after which a request has not counted

    def __str__(self) -> str:
        counting = self.counting or self.per.value
        if not self.window:
            return f"{self.limit} at once, counting {counting}"
        if self.chain:
            gap = span(self.window)
            return f"{self.limit} in a row less than {gap} apart, counting {counting}"
        return f"{self.limit} in {span(self.window)}, counting {counting}"


def span(window: int) -> str:
    """Write a window the way a person says it."""
    if window % HOUR == 0:
        return "1 hour" if window == HOUR else f"{window // HOUR} hours"
    if window > MINUTE and window % MINUTE == 0:
        return f"{window // MINUTE} minutes"
    return f"{window // SECOND} s"


class Row(msgspec.Struct, frozen=True):
    """One operation as the limits see it: the first row whose path and flags fit is the call's."""

    name: str
    path: str
    rules: tuple[Rule, ...]
    flags: tuple[tuple[str, str], ...] = ()
    kind: Kind = "change"
    mass: bool = False  # status.php: not a flag but a comma asks for many
    dear: bool = False  # it costs money: a twin within the minute is refused, and does not wait


# "Fifteen or more" at once is refused, so fourteen is the most that is safe. It stands last in
# every row: whoever waits for a window must not wait in line for a place.
AT_ONCE = Rule(14, 0, Per.LOGIN)
# One copy of the status page says five at once, the others fifteen: the stricter holds.
STATUS_AT_ONCE = Rule(4, 0, Per.PATH)
# More than 50 messages to one number are refused when each comes under 60 s after the last.
FLOOD = Rule(50, MINUTE, Per.RECIPIENT, chain=True)

IDENTICAL = Rule(3, MINUTE, Per.REQUEST)
ONE_IDENTICAL = Rule(1, MINUTE, Per.REQUEST)

COMMON = (IDENTICAL, AT_ONCE)
# Where no page gives a figure: as strict as the strictest that is given, and three in all.
UNDOCUMENTED = (ONE_IDENTICAL, Rule(3, MINUTE, Per.PATH), AT_ONCE)
SUBCLIENT = Rule(3, MINUTE, Per.VALUES, by=("user", "user_id"))

# What may get this machine's address blocked (the service's questions and answers, number 99):
# five wrong logins in half an hour, a hundred refused sends in a row in ten minutes. Each limit
# stays below, for what is in flight when it is met comes on top.
HALF_HOUR = 30 * MINUTE
ONE_TRIAL = Rule(1, 0, Per.LOGIN, counting="requests that are tried before all others")
REFUSED_LOGINS = Rule(2, HALF_HOUR, Per.LOGIN, counting="refused logins of one account")
ADDRESS_LOGINS = Rule(4, HALF_HOUR, Per.LOGIN, counting="refused logins from one address")
REFUSED_SENDS = Rule(1, 15 * SECOND, Per.LOGIN, counting="sends in a run of refused ones")


# A wrong request, login or number, a name that is not known, a number that nothing can be sent to,
# and what came too often.
_NO_CODE_SENT = (1, 2, 3, 4, 7, 8, 9)
_STATUS_ONE = (Rule(5, MINUTE, Per.VALUES, by=("id", "phone")), STATUS_AT_ONCE, AT_ONCE)
_STATUS_MANY = (Rule(1, MINUTE, Per.PATH), *_STATUS_ONE)


def _flag(name: str) -> tuple[tuple[str, str], ...]:
    return ((name, "1"),)


ROWS: tuple[Row, ...] = (
    Row("price", codes.SEND, (Rule(5, MINUTE, Per.REQUEST), AT_ONCE), _flag("cost"), kind="query"),
    Row("send", codes.SEND, (ONE_IDENTICAL, FLOOD, AT_ONCE), kind="send", dear=True),
    Row("statuses.delete", codes.STATUS, _STATUS_MANY, _flag("del"), kind="removal", mass=True),
    Row("statuses.delete", codes.STATUS, _STATUS_ONE, _flag("del"), kind="removal"),
    Row("statuses.get_many", codes.STATUS, _STATUS_MANY, kind="query", mass=True),
    Row("statuses.get", codes.STATUS, _STATUS_ONE, kind="query"),
    Row("account.balance", codes.BALANCE, (Rule(10, MINUTE, Per.OPERATION), AT_ONCE), kind="query"),
    Row("jobs.list", codes.JOBS, (ONE_IDENTICAL, AT_ONCE), _flag("get_all"), kind="query"),
    Row("jobs.get", codes.JOBS, (ONE_IDENTICAL, AT_ONCE), _flag("get"), kind="query"),
    Row("jobs.delete", codes.JOBS, (ONE_IDENTICAL, AT_ONCE), _flag("del"), kind="removal"),
    Row("jobs.add", codes.JOBS, (ONE_IDENTICAL, AT_ONCE), _flag("add"), dear=True),
    Row("jobs", codes.JOBS, (ONE_IDENTICAL, AT_ONCE)),
    Row("contacts.list", codes.PHONES, COMMON, _flag("get"), kind="query"),
    Row("groups.list", codes.PHONES, COMMON, _flag("get_group"), kind="query"),
    Row("blacklist.list", codes.PHONES, COMMON, _flag("get_black"), kind="query"),
    Row("contacts.delete", codes.PHONES, COMMON, _flag("del"), kind="removal"),
    Row("groups.delete", codes.PHONES, COMMON, _flag("del_group"), kind="removal"),
    Row("blacklist.delete", codes.PHONES, COMMON, _flag("del_black"), kind="removal"),
    Row("contacts", codes.PHONES, COMMON),
    Row(
        "subclients.add",
        codes.USERS,
        (ONE_IDENTICAL, Rule(3, MINUTE, Per.OPERATION), AT_ONCE),
        _flag("add"),
    ),
    Row("subclients.statistics", codes.USERS, UNDOCUMENTED, _flag("get_stat"), kind="query"),
    Row("subclients.details", codes.USERS, UNDOCUMENTED, _flag("get_stat_all"), kind="query"),
    Row(
        "subclients.pay", codes.USERS, (ONE_IDENTICAL, SUBCLIENT, AT_ONCE), _flag("pay"), dear=True
    ),
    Row("subclients.change", codes.USERS, (ONE_IDENTICAL, SUBCLIENT, AT_ONCE)),
    Row("senders.list", codes.SENDERS, COMMON, _flag("get"), kind="query"),
    Row(
        "senders.add",
        codes.SENDERS,
        (ONE_IDENTICAL, Rule(5, MINUTE, Per.OPERATION), AT_ONCE),
        _flag("add"),
    ),
    Row(
        "senders.send_code",
        codes.SENDERS,
        (Rule(1, 8 * HOUR, Per.VALUES, by=("sender",), free=_NO_CODE_SENT), *UNDOCUMENTED),
        _flag("send_code"),
    ),
    Row("senders.delete", codes.SENDERS, UNDOCUMENTED, _flag("del"), kind="removal"),
    Row("senders", codes.SENDERS, UNDOCUMENTED),
    Row(
        "history.sent",
        codes.GET,
        (IDENTICAL, Rule(30, HOUR, Per.OPERATION), AT_ONCE),
        _flag("get_messages"),
        kind="query",
    ),
    Row("history.received", codes.GET, COMMON, _flag("get_answers"), kind="query"),
    # The table of the page counts identical requests, its last paragraph any: the stricter holds.
    Row(
        "account.statistics",
        codes.GET,
        (Rule(3, MINUTE, Per.OPERATION), AT_ONCE),
        _flag("get_stat"),
        kind="query",
    ),
    Row("account.prices", codes.GET, COMMON, _flag("get_price"), kind="query"),
    Row("account.megafon", codes.GET, UNDOCUMENTED, _flag("get_mega_accounts"), kind="query"),
    Row(
        "lookup.operator",
        codes.INFO,
        (IDENTICAL, Rule(100, MINUTE, Per.OPERATION), AT_ONCE),
        _flag("get_operator"),
        kind="query",
    ),
    Row("lookup.link", codes.TINYURLS, COMMON, _flag("get"), kind="query"),
    Row("templates.list", codes.TEMPLATES, UNDOCUMENTED, _flag("get"), kind="query"),
    Row("templates.delete", codes.TEMPLATES, UNDOCUMENTED, _flag("del"), kind="removal"),
    Row("templates", codes.TEMPLATES, UNDOCUMENTED),
    Row(
        "operator_templates.list",
        codes.OPERATOR_TEMPLATES,
        UNDOCUMENTED,
        _flag("get"),
        kind="query",
    ),
    Row("operator_templates", codes.OPERATOR_TEMPLATES, UNDOCUMENTED),
    Row("numbers.list", codes.RECEIVE_PHONES, UNDOCUMENTED, _flag("get"), kind="query"),
    Row("numbers.buy", codes.RECEIVE_PHONES, UNDOCUMENTED, _flag("buy"), dear=True),
    Row("numbers", codes.RECEIVE_PHONES, UNDOCUMENTED),
    Row("confirmations.wait_call", codes.WAIT_CALL, UNDOCUMENTED),
    Row("events.ping", codes.PING, UNDOCUMENTED),
    Row("documents.invoice", codes.DOCUMENTS, UNDOCUMENTED, _flag("get_account"), kind="query"),
    Row("documents.act", codes.DOCUMENTS, UNDOCUMENTED, _flag("get_act"), kind="query"),
    Row("documents", codes.DOCUMENTS, UNDOCUMENTED),
    Row("downloads.list", codes.DOWNLOADS, UNDOCUMENTED, _flag("get_list"), kind="query"),
    Row("downloads.file", codes.DOWNLOADS, UNDOCUMENTED, _flag("get_file"), kind="query"),
)

_BY_PATH: dict[str, tuple[Row, ...]] = {
    path: tuple(row for row in ROWS if row.path == path) for path in {row.path for row in ROWS}
}


def find(path: str, params: Mapping[str, str]) -> Row:
    """Return the row of a call; an address that no page describes is limited like no other."""
    for row in _BY_PATH.get(path, ()):
        if row.mass and "," not in params.get("id", "") + params.get("phone", ""):
            continue
        if all(params.get(name) == value for name, value in row.flags):
            return row
    return Row(path.removesuffix(".php"), path, UNDOCUMENTED)
