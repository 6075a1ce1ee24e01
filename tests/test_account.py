"""What the account holds, has spent and pays."""

from __future__ import annotations

from collections.abc import Awaitable, Mapping
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from smsc_async import Balance, CodePrice, InvalidMessage, Prices, SmscClient, Statistics, ZonePrice
from tests.samples import asked, sample, unsent


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


async def statistics(smsc: SmscClient) -> list[Statistics]:
    return await smsc.account.statistics(date(2023, 1, 1), date(2023, 1, 31))


def test_statistics_are_read_with_the_names_that_the_service_gives() -> None:
    found, path, _ = asked(statistics, sample("account.statistics/template.json"))

    assert path == "/sys/get.php"
    assert found == [
        Statistics(
            login="alex",
            sms=12,
            credit=Decimal("16.80"),
            debit=Decimal("100.00"),
            currency="RUR",
        )
    ]


def test_amounts_may_be_bare_empty_or_missing() -> None:
    found, _, _ = asked(statistics, sample("account.statistics/bare_numbers.json"))

    assert found == [
        Statistics(login="alex", sms=12, credit=Decimal("16.8"), debit=Decimal(100)),
        Statistics(login="anna"),
    ]


def test_statistics_of_nothing_are_empty() -> None:
    assert asked(statistics, sample("account.statistics/nothing.json"))[0] == []


@pytest.mark.parametrize(
    ("start", "end"),
    [(date(2023, 2, 1), date(2023, 1, 31)), (date(2023, 11, 16), None), (None, None)],
)
def test_days_in_the_wrong_order_or_none_are_refused_before_anything_is_sent(
    start: date | None, end: date | None
) -> None:
    with pytest.raises(InvalidMessage, match="start"):
        unsent(lambda smsc: smsc.account.statistics(start, end))  # type: ignore[arg-type]


def test_statistics_may_span_years() -> None:
    _, _, form = asked(
        lambda smsc: smsc.account.statistics(date(2014, 1, 1)),
        sample("account.statistics/template.json"),
    )

    assert (form["start"], form["end"]) == ("01.01.2014", "15.11.2023")


def test_prices_are_read_by_zone_by_operator_and_for_mail() -> None:
    found, _, _ = asked(lambda smsc: smsc.account.prices(), sample("account.prices/template.json"))

    assert found == Prices(
        zones=(
            ZonePrice(
                zone="1",
                name="МТС",
                api=Decimal("1.40"),
                mass=Decimal("1.60"),
                mms=Decimal("7.00"),
                hlr=Decimal("0.20"),
                call=Decimal("0.60"),
            ),
        ),
        codes=(CodePrice(mccmnc="25001", cost=Decimal("1.30")),),
        mail=Decimal("0.10"),
    )


def test_an_account_may_have_no_tariffs_of_its_own() -> None:
    found, _, _ = asked(
        lambda smsc: smsc.account.prices(), sample("account.prices/without_codes.json")
    )

    assert found.codes == ()
    assert found.zones == (ZonePrice(zone="2", name="Казахстан", api=Decimal("3.05")),)


def test_what_an_operator_tells_of_an_account_is_given_as_it_came() -> None:
    def call(smsc: SmscClient) -> Awaitable[list[Mapping[str, Any]]]:
        return smsc.account.megafon("77012345")

    several, _, _ = asked(call, sample("account.megafon/rows.json"))
    bare, _, _ = asked(call, b'{"account": 77012345}')
    none, _, _ = asked(call, sample("errors/nothing_found.json"))

    assert several == [{"account": "77012345", "sms": 5}, {"account": 77012346}]
    assert (bare, none) == ([{"account": 77012345}], [])
