"""Sub-clients: the whole client against the simulator, on a virtual clock."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from decimal import Decimal

import pytest

from smsc_async import (
    NoMoney,
    NotFound,
    OperationFailed,
    OutcomeUnknown,
    SubclientSettings,
    SubclientType,
    Throttled,
)
from tests.virtual import run
from tests.whole.offline import NOW, now, world

TODAY = NOW.date()
SHARING = SubclientSettings(type=SubclientType.MAIN)


def test_money_moves_from_the_account_to_a_sub_client() -> None:
    async def main() -> None:
        async with world() as (sim, smsc):
            await smsc.subclients.add("branch", "secret")
            await smsc.subclients.pay("branch", Decimal("100.50"))
            await smsc.subclients.pay("branch", 5, second_balance=True)
            (row,) = await smsc.subclients.statistics(TODAY, TODAY, own_balance=True)
            (second,) = await smsc.subclients.details(
                TODAY, TODAY, own_balance=True, second_balance=True
            )

            assert sim.balance == Decimal("894.50")
            assert (row.raw["login"], row.raw["debit"]) == ("branch", "100.5")
            assert second.raw["debit"] == "5"

    run(main())


def test_no_more_can_be_paid_than_the_account_has() -> None:
    async def main() -> None:
        async with world() as (sim, smsc):
            await smsc.subclients.add("branch", "secret")
            with pytest.raises(NoMoney):
                await smsc.subclients.pay("branch", Decimal("1000.01"))

            assert sim.balance == Decimal(1000)

    run(main())


def test_a_sub_client_that_shares_the_balance_cannot_be_paid() -> None:
    async def main() -> None:
        async with world() as (sim, smsc):
            await smsc.subclients.add("office", "secret", SHARING)
            with pytest.raises(OperationFailed) as error:
                await smsc.subclients.pay("office", 5)

            assert error.value.code == 7
            assert sim.balance == Decimal(1000)

    run(main())


def test_a_payment_whose_answer_is_lost_is_made_once() -> None:
    async def main() -> None:
        async with world(lost=lambda form: "pay" in form) as (sim, smsc):
            await smsc.subclients.add("branch", "secret")
            with pytest.raises(OutcomeUnknown) as error:
                await smsc.subclients.pay("branch", 5)

            assert error.value.operation == "subclients.pay"
            assert sim.balance == Decimal(995)

    run(main())


def test_a_sub_client_changes_its_login_and_its_password() -> None:
    async def main() -> None:
        async with world() as (_, smsc):
            await smsc.subclients.add("branch", "secret")
            await smsc.subclients.change(
                "branch", new_login="office", password="new", current_password="secret"
            )
            with pytest.raises(OperationFailed):
                await smsc.subclients.change("office", SHARING, current_password="secret")
            await smsc.subclients.change("office", SHARING, current_password="new")
            with pytest.raises(NotFound):
                await smsc.subclients.pay("branch", 5)
            with pytest.raises(OperationFailed):
                await smsc.subclients.add("office", "another")
            (row,) = await smsc.subclients.statistics(TODAY, TODAY)

            assert row.raw["login"] == "office"

    run(main())


def test_a_login_is_one_sub_clients() -> None:
    async def main() -> None:
        async with world() as (_, smsc):
            await smsc.subclients.add("branch", "secret")
            await smsc.subclients.add("office", "secret")
            with pytest.raises(OperationFailed):
                await smsc.subclients.change("office", new_login="branch")

    run(main())


def test_statistics_are_of_those_with_a_balance_or_without() -> None:
    async def main() -> None:
        async with world() as (_, smsc):
            assert await smsc.subclients.statistics(TODAY, TODAY) == []
            await smsc.subclients.add("branch", "secret")
            known = await smsc.subclients.add("office", "secret", SHARING)
            await asyncio.sleep(61)
            (row,) = await smsc.subclients.statistics(TODAY, TODAY + timedelta(days=1))
            (same,) = await smsc.subclients.statistics(TODAY, TODAY, user_id=known)
            with pytest.raises(NotFound):
                await smsc.subclients.details(TODAY, TODAY, user="nobody")

            assert row == same
            assert row.raw["login"] == "office"

    run(main())


def test_one_sub_client_is_changed_three_times_a_minute() -> None:
    async def main() -> None:
        async with world() as (sim, smsc):
            await smsc.subclients.add("branch", "secret")
            await smsc.subclients.add("office", "secret")
            begun = now()
            for tariff in range(3):
                await smsc.subclients.change("branch", SubclientSettings(tariff=tariff))
            await smsc.subclients.change("office", SubclientSettings(tariff=1))
            assert now() == begun
            with pytest.raises(Throttled):
                await smsc.with_options(max_wait=0).subclients.pay("BRANCH ", 5)
            await smsc.subclients.change("branch", SubclientSettings(tariff=8))

            assert now() - begun > 60
            assert sim.refusals == []

    run(main())
