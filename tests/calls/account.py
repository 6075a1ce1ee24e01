"""The account's calls."""

from __future__ import annotations

from . import Example

EXAMPLES = [
    Example(
        "account.balance",
        lambda smsc: smsc.account.balance(),
        {"cur": "1"},
        "account.balance/currency.json",
    ),
]
