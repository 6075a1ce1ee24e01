"""What the account holds."""

from __future__ import annotations

from decimal import Decimal

import pytest

from smsc_async import Balance, SmscClient
from tests.samples import asked, sample


async def balance(smsc: SmscClient) -> Balance:
    return await smsc.account.balance()


@pytest.mark.parametrize(
    ("name", "reply"),
    [
        ("amount_only", Balance(Decimal("1871.62"))),
        ("currency", Balance(Decimal("1871.62"), "RUR")),
        ("credit", Balance(Decimal("-12.5"), "RUR", Decimal(500))),
    ],
)
def test_the_balance_is_asked_with_its_currency(name: str, reply: Balance) -> None:
    found, path, form = asked(balance, sample(f"account.balance/{name}.json"))

    assert found == reply
    assert path == "/sys/balance.php"
    assert form == {"cur": "1", "fmt": "3", "charset": "utf-8", "login": "alex", "psw": "123"}


def test_money_is_decimal_however_it_is_written() -> None:
    found, _, _ = asked(balance, sample("account.balance/bare_money.json"))

    assert str(found.amount) == "3215.3097"
    assert found.credit is None
