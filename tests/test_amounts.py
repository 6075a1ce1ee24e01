"""Amounts that are no money are found wherever in a reply they stand."""

from __future__ import annotations

from decimal import Decimal

import msgspec
import pytest

from smsc_async._amounts import are_sound
from smsc_async._resources._history import SentMessage
from smsc_async._resources._sent import PhoneReport, SendReply

NO_MONEY = [Decimal(text) for text in ("NaN", "sNaN", "-Infinity", "1e20", "1e-20", "0e-30")]
ROWS = [SentMessage(status=1, int_id=at, cost=Decimal("1.40")) for at in range(3)]


@pytest.mark.parametrize("amount", NO_MONEY, ids=str)
@pytest.mark.parametrize("at", range(3))
def test_one_bad_row_of_a_page_is_found(amount: Decimal, at: int) -> None:
    page = [SentMessage(status=1, int_id=9), *ROWS]  # one without a cost too
    assert are_sound(page)

    page[at] = msgspec.structs.replace(page[at], cost=amount)

    assert not are_sound(page)


@pytest.mark.parametrize("amount", NO_MONEY, ids=str)
def test_an_amount_further_in_is_found(amount: Decimal) -> None:
    report = (PhoneReport(phone="1", cost=Decimal(1)), PhoneReport(phone="2", cost=amount))

    assert not are_sound(SendReply(id=1, cnt=1, phones=report))
    assert are_sound(SendReply(id=1, cnt=1, phones=report[:1]))


@pytest.mark.parametrize("amount", NO_MONEY, ids=str)
def test_values_of_several_kinds_are_looked_at_one_by_one(amount: Decimal) -> None:
    assert not are_sound([1, "x", [None, amount]])
    assert are_sound([1, "x", [None, Decimal("999999999.99")]])
