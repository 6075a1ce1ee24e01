"""What the account holds, what it has spent, and what it pays."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Any

import msgspec

from .._operation import Operation
from .._wire import codes
from . import _checks as checks
from ._period import period
from ._resource import Resource, Rows, rows


class Balance(msgspec.Struct, frozen=True):
    """What is left on the account: ``amount`` in ``currency`` (``RUR`` is the rouble's code).

    ``credit`` is what may be overdrawn; None where the account has none.
    """

    amount: Decimal = msgspec.field(name="balance")
    currency: str | None = None
    credit: Decimal | None = None


class Statistics(msgspec.Struct, frozen=True, kw_only=True):
    """What one login sent and paid in a span of days: ``sms`` is the number of messages.

    ``credit`` and ``debit`` are amounts in ``currency``, by the names that they come with. The
    page explains each of them with the name of the other one, so which is which is best seen once
    at an account whose spending is known.
    """

    login: str
    sms: int | None = None
    credit: Decimal | None = None
    debit: Decimal | None = None
    currency: str | None = None


class ZonePrice(msgspec.Struct, frozen=True, kw_only=True):
    """What messages to one tariff zone cost (``name`` is an operator, a country or the like).

    ``api`` is an SMS sent by a program, ``mass`` one sent on the service's site, ``mms`` an MMS,
    ``hlr`` an HLR request and ``call`` a voice message, each in the account's currency.
    """

    zone: str
    name: str | None = None
    api: Decimal | None = None
    mass: Decimal | None = None
    mms: Decimal | None = None
    hlr: Decimal | None = None
    call: Decimal | None = None


class CodePrice(msgspec.Struct, frozen=True, kw_only=True):
    """What a message to one operator costs by a tariff of the account's own.

    ``mccmnc`` is the codes of the country and the operator in one.
    """

    mccmnc: str
    cost: Decimal | None = None


class Prices(msgspec.Struct, frozen=True, kw_only=True):
    """What the account pays: by zone, by operator where it has tariffs of its own, and for e-mail.

    ``mail`` is the cost of one e-mail message.
    """

    zones: tuple[ZonePrice, ...]
    codes: tuple[CodePrice, ...] = ()
    mail: Decimal | None = None


BALANCE = Operation[Balance](
    name="account.balance",
    path=codes.BALANCE,
    fixed={"cur": "1"},
    reply=Balance,
    page="Checking the balance (balance/get_balance)",
)
STATISTICS = Operation[list[Statistics]](
    name="account.statistics",
    path=codes.GET,
    fixed={"get_stat": "1"},
    reply=list[Statistics],
    page="Getting data",
    nothing=list,
)
PRICES = Operation[Prices](
    name="account.prices",
    path=codes.GET,
    fixed={"get_price": "1"},
    reply=Prices,
    page="Getting data",
)
MEGAFON = Operation[Rows](
    name="account.megafon",
    path=codes.GET,
    fixed={"get_mega_accounts": "1"},
    reply=Rows,
    page="on no page: two libraries of others have it",
    nothing=list,
)


class Account(Resource):
    """The account itself."""

    async def balance(self) -> Balance:
        """Ask what is left on the account; at most ten times a minute.

        Raises an :class:`~smsc_async.ApiError`, :class:`~smsc_async.NoAnswer`,
        :class:`~smsc_async.BadReply` or :class:`~smsc_async.NotSent`. Page: the balance's.
        """
        return await self._call(BALANCE, {})

    async def statistics(
        self,
        start: date,
        end: date | None = None,
        *,
        own_currency: bool = False,
        second_balance: bool = False,
    ) -> list[Statistics]:
        """Ask what was sent and paid from *start* to *end*; at most three times a minute.

        Both are days in the account's zone, and included; without *end* it is today where the day
        begins first on earth (UTC+14), which may be tomorrow where the account is.
        *own_currency* has the amounts in the account's present currency, *second_balance* tells of
        what was paid from its electronic one. Nothing to tell is an empty list.

        Raises :class:`~smsc_async.InvalidMessage` before anything is asked; else as
        :meth:`balance`. Page: "Getting data".
        """
        checks.day("start", start)  # without one the service would choose the days
        days = period(start, end, self._call.wall())
        flags = {
            "mycur": checks.flag("own_currency", own_currency),
            "balance2": checks.flag("second_balance", second_balance),
        }
        return await self._call(STATISTICS, {**days, **flags})

    async def prices(self) -> Prices:
        """Ask what messages cost; at most three times a minute.

        Raises as :meth:`balance`. Page: "Getting data".
        """
        return await self._call(PRICES, {})

    async def megafon(self, account: str) -> list[Mapping[str, Any]]:
        """Ask for the statistics of an account at the operator MegaFon: none is an empty list.

        The rows are as they came, for no page shows them. No figure is known for how often; one
        identical question and three in all a minute are let through. Raises
        :class:`~smsc_async.InvalidMessage` before anything is asked; else as :meth:`balance`.
        No page tells of this; two libraries of others have it.
        """
        return rows(await self._call(MEGAFON, {"account": checks.name("account", account)}))
