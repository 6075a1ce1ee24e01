"""What the numbers of the service's errors mean, script by script.

A number alone means nothing: 3 is "nothing found" to a query and "no money" to a send. So a table
belongs to a script, never to the whole client.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import TypeAlias

from ._wire import codes
from .errors import (
    AddressBlocked,
    ApiError,
    BadParameters,
    BadPhone,
    BadTime,
    CodeAlreadySent,
    Forbidden,
    LoginRefused,
    NoMoney,
    NotFound,
    OperationFailed,
    TooManyRequests,
    Undeliverable,
    WrongCode,
)

Table: TypeAlias = Mapping[int, type[ApiError]]

ANYWHERE: Table = MappingProxyType(
    {1: BadParameters, 2: LoginRefused, 4: AddressBlocked, 9: TooManyRequests}
)
QUERY: Table = MappingProxyType({**ANYWHERE, 3: NotFound, 5: OperationFailed})
SEND: Table = MappingProxyType(
    {**ANYWHERE, 3: NoMoney, 5: BadTime, 6: Forbidden, 7: BadPhone, 8: Undeliverable}
)
_JOBS: Table = MappingProxyType({**ANYWHERE, 3: OperationFailed, 5: BadTime})
# 6: there is no such sub-client; 7: it has no balance of its own; 8: the record was not saved.
_USERS: Table = MappingProxyType(
    {**QUERY, 6: NotFound, 7: OperationFailed, 8: OperationFailed, 10: NoMoney}
)
_SENDERS: Table = MappingProxyType(
    {**QUERY, 7: BadPhone, 8: Undeliverable, 10: CodeAlreadySent, 11: WrongCode}
)
# The page names 1 and 2; the others are as a library of others has them.
_WAIT_CALL: Table = MappingProxyType({**ANYWHERE, 3: NoMoney, 5: BadPhone, 6: Forbidden})

_OF: Mapping[str, Table] = {
    **dict.fromkeys((codes.STATUS, codes.BALANCE, codes.PHONES, codes.GET, codes.INFO), QUERY),
    **dict.fromkeys((codes.TINYURLS, codes.TEMPLATES, codes.OPERATOR_TEMPLATES), QUERY),
    **dict.fromkeys((codes.DOCUMENTS, codes.DOWNLOADS), QUERY),
    codes.SEND: SEND,
    codes.JOBS: _JOBS,
    codes.USERS: _USERS,
    codes.SENDERS: _SENDERS,
    codes.WAIT_CALL: _WAIT_CALL,
}


def of(path: str) -> Table:
    """Return the table of a script; of one without its own, only what means the same anywhere."""
    return _OF.get(path, ANYWHERE)
