"""What the rows that wait would cost, by the service's own prices."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import Final

from .. import InvalidMessage, Message, SmscClient
from . import _letters as letters
from ._records import Item, RowState
from ._report import Estimate
from ._store import COLUMNS, Store

_PORTION: Final = 200  # rows of a question
_PHONE, _STATE, _TEXT = map(COLUMNS.index, ("phone", "state", "text"))


async def estimate(
    store: Store, number: int, message: Message, smsc: SmscClient, *, most: int
) -> Estimate:
    """Ask about all rows that wait, or *most* of them that are spread over the list."""
    smsc = smsc.with_options(priority="bulk")
    waiting = (await store.counts(number)).rows.get(RowState.WAITING, 0)
    wanted = min(waiting, most)
    asked = parts = seen = 0
    cost = Decimal()
    portions: dict[bool, list[Item]] = {True: [], False: []}  # with a text of their own, or not
    async for rows in store.rows(number):
        for row in rows:
            if row[_STATE] != RowState.WAITING:
                continue
            # The n-th is taken where that keeps the share of those taken: evenly, to the last.
            if (seen + 1) * wanted // waiting > seen * wanted // waiting:
                item = Item(seen, str(row[_PHONE]), _text(row[_TEXT]))
                portions[item.text is not None].append(item)
            seen += 1
        for portion in portions.values():
            while len(portion) >= _PORTION:
                told = await _price(smsc, message, portion[:_PORTION])
                cost, parts, asked = cost + told[0], parts + told[1], asked + _PORTION
                del portion[:_PORTION]
    for portion in portions.values():
        if portion:
            told = await _price(smsc, message, portion)
            cost, parts, asked = cost + told[0], parts + told[1], asked + len(portion)
    if 0 < asked < waiting:
        cost, parts = round(cost * waiting / asked, 2), round(parts * waiting / asked)
    return Estimate(
        cost=cost,
        parts=parts,
        rows=waiting,
        asked=asked,
        balance=(await smsc.account.balance()).amount,
    )


async def _price(smsc: SmscClient, message: Message, items: Sequence[Item]) -> tuple[Decimal, int]:
    """Ask about some rows; those that cannot be asked about together are by themselves."""
    try:
        price = await letters.price(smsc, message, items)
    except InvalidMessage as error:
        if len(items) == 1:
            raise
        bad = error.rows or range(len(items))
        alone = [items[at] for at in bad]
        together = [item for at, item in enumerate(items) if at not in bad]
        prices = [await _price(smsc, message, [item]) for item in alone]
        if together:
            prices.append(await _price(smsc, message, together))
        return sum((cost for cost, _ in prices), Decimal()), sum(parts for _, parts in prices)
    return price.cost, price.count


def _text(value: object) -> str | None:
    return None if value is None else str(value)
