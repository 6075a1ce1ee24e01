"""Numbers of one's own, to which people can write."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeAlias

import msgspec

from .._operation import Operation
from .._wire import codes
from . import _addressing as addressing
from . import _checks as checks
from ._resource import Accepted, Resource, Rows, named, rows


class DedicatedNumber(msgspec.Struct, frozen=True):
    """A number that can be had, as it came: no page shows its fields.

    Where another key holds the number than presumed, it is in ``raw`` only.
    """

    raw: Mapping[str, Any]

    @property
    def phone(self) -> str | None:
        """The number, if the key ``phone`` holds it."""
        return named(self.raw, "phone")


DedicatedNumberList: TypeAlias = list[DedicatedNumber]  # a method is named list

PAGE = "Connecting dedicated numbers for receiving messages (miscellaneous/receive)"
LIST = Operation[Rows](
    name="numbers.list",
    path=codes.RECEIVE_PHONES,
    fixed={"get": "1"},
    reply=Rows,
    page=PAGE,
    nothing=list,
)
BUY = Operation[Accepted](
    name="numbers.buy", path=codes.RECEIVE_PHONES, fixed={"buy": "1"}, reply=Accepted, page=PAGE
)
CHANGE = Operation[Accepted](
    name="numbers.change", path=codes.RECEIVE_PHONES, fixed={"chg": "1"}, reply=Accepted, page=PAGE
)


class Numbers(Resource):
    """Numbers of one's own, to which people can write; ``history.received`` has what they wrote."""

    async def list(self) -> DedicatedNumberList:
        """List the numbers that can be had; none is an empty list.

        No figure is known for how often; one identical question and three in all a minute are let
        through. Raises an :class:`~smsc_async.ApiError`, :class:`~smsc_async.NoAnswer`,
        :class:`~smsc_async.BadReply` or :class:`~smsc_async.NotSent`. Page: "Connecting dedicated
        numbers for receiving messages".
        """
        return [DedicatedNumber(row) for row in rows(await self._call(LIST, {}))]

    async def buy(self, phone: str, *, prolong: bool = True, repeat: bool = False) -> None:
        """Connect a number to the account. It costs money at once, and it accepts the terms.

        The account is charged for the rest of the month, and each month anew unless *prolong* is
        False. What the service answers is not on the page, so nothing is returned. As often as
        :meth:`list`; the same within a minute is :class:`~smsc_async.DuplicateSend`, and waits
        with *repeat*.

        Raises :class:`~smsc_async.InvalidMessage` before anything is sent, an
        :class:`~smsc_async.ApiError` if the service refuses, :class:`~smsc_async.OutcomeUnknown`
        if the number may have been bought (look at the account before repeating it), and
        :class:`~smsc_async.NotSent` if nothing reached the service. Page: as for :meth:`list`.
        """
        again = bool(checks.flag("repeat", repeat))
        await self._call(BUY, _prolonged(phone, prolong=prolong), repeat=again)

    async def change(self, phone: str, *, prolong: bool) -> None:
        """Say whether a number of the account is kept, and paid for, after this month.

        As often as :meth:`list`. Raises as :meth:`buy` does, :class:`~smsc_async.OutcomeUnknown` if
        it may have been changed. Page: as for :meth:`list`.
        """
        await self._call(CHANGE, _prolonged(phone, prolong=prolong))


def _prolonged(phone: str, *, prolong: bool) -> dict[str, str]:
    kept = checks.flag("prolong", prolong)
    return {"phone": addressing.own_number("phone", phone), "noprolong": "0" if kept else "1"}
