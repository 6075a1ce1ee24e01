"""The account's calls."""

from __future__ import annotations

from datetime import date

from . import Example

EXAMPLES = [
    Example(
        "account.balance",
        lambda smsc: smsc.account.balance(),
        {"cur": "1"},
        "account.balance/currency.json",
    ),
    Example(
        "account.statistics",
        lambda smsc: smsc.account.statistics(date(2023, 1, 31), date(2023, 11, 2)),
        {"get_stat": "1", "start": "31.01.2023", "end": "02.11.2023"},
        "account.statistics/template.json",
    ),
    Example(
        "account.statistics",
        # In the evening of the 14th by UTC it is the 15th already in the zone farthest ahead.
        lambda smsc: smsc.account.statistics(
            date(2023, 11, 1), own_currency=True, second_balance=True
        ),
        {
            "get_stat": "1",
            "start": "01.11.2023",
            "end": "15.11.2023",
            "mycur": "1",
            "balance2": "1",
        },
        "account.statistics/template.json",
    ),
    Example(
        "account.prices",
        lambda smsc: smsc.account.prices(),
        {"get_price": "1"},
        "account.prices/template.json",
    ),
    Example(
        "account.megafon",
        lambda smsc: smsc.account.megafon("77012345"),
        {"get_mega_accounts": "1", "account": "77012345"},
        "account.megafon/rows.json",
    ),
]
