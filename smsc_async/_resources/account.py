"""What the account holds."""

from __future__ import annotations

from decimal import Decimal

import msgspec

from .._operation import Operation
from .._wire import codes
from ._resource import Resource


class Balance(msgspec.Struct, frozen=True):
    """What is left on the account: ``amount`` in ``currency`` (``RUR`` is the rouble's code).

    ``credit`` is what may be overdrawn; None where the account has none.
    """

    amount: Decimal = msgspec.field(name="balance")
    currency: str | None = None
    credit: Decimal | None = None


BALANCE = Operation[Balance](
    name="account.balance",
    path=codes.BALANCE,
    fixed={"cur": "1"},
    reply=Balance,
    page="Checking the balance (balance/get_balance)",
)


class Account(Resource):
    """The account itself."""

    async def balance(self) -> Balance:
        """Ask what is left on the account; at most ten times a minute.

        Raises an :class:`~smsc_async.ApiError`, :class:`~smsc_async.NoAnswer`,
        :class:`~smsc_async.BadReply` or :class:`~smsc_async.NotSent`. Page: the balance's.
        """
        return await self._call(BALANCE, {})
