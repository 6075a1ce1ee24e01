"""Clients of the account, with logins of their own."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Any, Final, TypeAlias

import msgspec

from .._operation import Operation, Params
from .._wire import codes
from .._wire.secret import Secret
from .._wire.values import wire
from ..errors import InvalidMessage
from . import _checks as checks
from ._period import period
from ._resource import Accepted, Created, Done, Resource, Rows, rows
from ._settings import SubclientSettings, settled


class SubclientStatistics(msgspec.Struct, frozen=True):
    """One line of the statistics of sub-clients.

    No page shows its keys: ``raw`` holds all that came, by the service's names.
    """

    raw: Mapping[str, Any]


StatisticsList: TypeAlias = list[SubclientStatistics]

_MOST_DIGITS: Final = 18  # before the point of an amount, and after it
_NO_TEXT = re.compile("[\ud800-\udfff]")
NO_SETTINGS: Final = SubclientSettings()
PAGE = "Sub-clients (users/subclients)"
ADD = Operation[Created](
    name="subclients.add", path=codes.USERS, fixed={"add": "1"}, reply=Created, page=PAGE
)
CHANGE = Operation[Done](
    name="subclients.change", path=codes.USERS, fixed={"chg": "1"}, reply=Done, page=PAGE
)
# What a payment answers with, beside that it was done, no page shows.
PAY = Operation[Accepted](
    name="subclients.pay", path=codes.USERS, fixed={"pay": "1"}, reply=Accepted, page=PAGE
)
STATISTICS = Operation[Rows](
    name="subclients.statistics",
    path=codes.USERS,
    fixed={"get_stat": "1"},
    reply=Rows,
    page=PAGE,
    nothing=list,
)
DETAILS = Operation[Rows](
    name="subclients.details",
    path=codes.USERS,
    fixed={"get_stat_all": "1"},
    reply=Rows,
    page=PAGE,
    nothing=list,
)


class Subclients(Resource):
    """Clients of the account, with logins of their own; none can be deleted."""

    async def add(self, user: str, password: str, settings: SubclientSettings = NO_SETTINGS) -> int:
        """Make a sub-client and return its id; at most three a minute, and none twice.

        *user* is its login. The *password* stands in the request and nowhere else. It is never
        done twice: where the answer is lost, :class:`OutcomeUnknown` is raised; look into
        :meth:`statistics` or the account before doing it again.

        Raises :class:`InvalidMessage` before anything is sent, :class:`OperationFailed` if it
        could not be saved, another :class:`ApiError` or :class:`NotSent`. Page: "Sub-clients".
        """
        secret = _hidden(password) or Secret(b"")
        del password  # what is raised from here on shows this frame
        params: Params = {
            "user": checks.name("user", user),
            "password": _password("password", secret),
            **settled("settings", settings).params(),
        }
        return (await self._call(ADD, params)).id

    async def change(
        self,
        user: str,
        settings: SubclientSettings = NO_SETTINGS,
        *,
        new_login: str | None = None,
        password: str | None = None,
        current_password: str | None = None,
    ) -> None:
        """Change a sub-client's settings, login or password.

        At most three times a minute for one sub-client, with :meth:`pay`, whatever the case of its
        login; and the same change once. *password* is the new one; *current_password* the one that
        the sub-client has. Both stand in the request and nowhere else.

        Raises :class:`NotFound` if there is no such sub-client, :class:`OutcomeUnknown` if the
        answer was lost; else as :meth:`add`. Page: "Sub-clients".
        """
        new, current = _hidden(password), _hidden(current_password)
        del password, current_password  # what is raised from here on shows this frame
        changes = {
            "new_login": checks.optional(checks.name, "new_login", new_login),
            "password": _password("password", new),
            **settled("settings", settings).params(),
        }
        params: Params = {
            "user": checks.name("user", user),
            "pswc": _password("current_password", current),
            **checks.something(changes),
        }
        await self._call(CHANGE, params)

    async def pay(
        self,
        user: str,
        amount: Decimal | int,
        *,
        second_balance: bool = False,
        repeat: bool = False,
    ) -> None:
        """Move money from the account to a sub-client, in the account's currency.

        As often as :meth:`change`. *second_balance* is for what is paid electronically.
        The same payment within a minute is :class:`DuplicateSend`; with *repeat* it waits and is
        made once more. By itself it is never made twice: where the answer is lost,
        :class:`OutcomeUnknown` is raised; see by the account's own balance whether it was before
        doing it again.

        Raises :class:`InvalidMessage` unless *amount* is above 0, :class:`NoMoney` if the account
        has less, :class:`NotFound` if there is no such sub-client, :class:`OperationFailed` if it
        has no balance of its own; else as :meth:`add`. Page: "Sub-clients".
        """
        params = {
            "user": checks.name("user", user),
            "sum": _amount(amount),
            "balance2": checks.flag("second_balance", second_balance),
        }
        await self._call(PAY, params, repeat=bool(checks.flag("repeat", repeat)))

    async def statistics(
        self,
        start: date,
        end: date | None = None,
        *,
        user: str | None = None,
        user_id: int | str | None = None,
        own_balance: bool = False,
        own_currency: bool = False,
        second_balance: bool = False,
        hide_deleted: bool = False,
    ) -> StatisticsList:
        """Sum up what the sub-clients sent from *start* to *end*; there may be nothing.

        Told of are those that share the account's balance, or with *own_balance* those that have
        one; *user* or *user_id* chooses one. Both days are included; without *end* it is today
        where the clocks are farthest ahead (UTC+14), which may be tomorrow where the account is.
        Each amount is in a sub-client's own currency, or with *own_currency* in the account's
        present one. *second_balance* tells of what was paid from the electronic balance, and
        *hide_deleted* leaves out the sub-clients that were deleted.

        No figure is known for how often; one identical question and three in all a minute are let
        through. Raises :class:`NotFound` if there is no such sub-client, :class:`InvalidMessage`,
        another :class:`ApiError`, :class:`NoAnswer`, :class:`BadReply` or :class:`NotSent`. Page:
        "Sub-clients".
        """
        params: Params = {
            **self._days(start, end),
            **_who(user, user_id),
            "reseller": checks.flag("own_balance", own_balance),
            "mycur": checks.flag("own_currency", own_currency),
            "balance2": checks.flag("second_balance", second_balance),
            "hide_deleted": checks.flag("hide_deleted", hide_deleted),
        }
        found = rows(await self._call(STATISTICS, params))
        return [SubclientStatistics(raw=row) for row in found]

    async def details(
        self,
        start: date,
        end: date | None = None,
        *,
        user: str | None = None,
        user_id: int | str | None = None,
        own_balance: bool = False,
        own_currency: bool = False,
        second_balance: bool = False,
        hide_deleted: bool = False,
    ) -> StatisticsList:
        """List in detail what :meth:`statistics` sums up; there may be nothing.

        As often as that, with the same arguments, units and errors. Page: "Sub-clients".
        """
        params: Params = {
            **self._days(start, end),
            **_who(user, user_id),
            "reseller": checks.flag("own_balance", own_balance),
            "mycur": checks.flag("own_currency", own_currency),
            "balance2": checks.flag("second_balance", second_balance),
            "hide_deleted": checks.flag("hide_deleted", hide_deleted),
        }
        found = rows(await self._call(DETAILS, params))
        return [SubclientStatistics(raw=row) for row in found]

    def _days(self, start: date, end: date | None) -> Params:
        checks.day("start", start)  # without one it would be any day
        return period(start, end, self._call.wall())


def _hidden(given: object) -> Secret | None:
    """Return a password as a secret: an empty one where it is no text.

    Raises nothing, for its frame would be in the traceback; :func:`_password` does.
    """
    if given is None:
        return None
    if not isinstance(given, str) or _NO_TEXT.search(given):
        return Secret(b"")
    return Secret(given.encode())


def _password(field: str, given: Secret | None) -> Secret | None:
    """Return a password; raise if it is empty or no text."""
    if given is not None and not given.reveal():
        raise InvalidMessage(field, "is empty, or no text")
    return given


def _who(user: str | None, user_id: int | str | None) -> dict[str, str | int | None]:
    if user is not None and user_id is not None:
        raise InvalidMessage("user_id", "stands in place of user")
    return {
        "user": checks.optional(checks.name, "user", user),
        "user_id": checks.optional(checks.service_id, "user_id", user_id),
    }


def _amount(given: object) -> str:
    """Write an amount, in one way; raise for what is none, which a float never surely is."""
    if isinstance(given, int):
        given = Decimal(checks.number("amount", given))
    if not isinstance(given, Decimal) or not given.is_finite() or given <= 0:
        raise InvalidMessage("amount", "is a Decimal above 0")
    exponent = given.as_tuple().exponent
    if given.adjusted() >= _MOST_DIGITS or (isinstance(exponent, int) and exponent < -_MOST_DIGITS):
        raise InvalidMessage("amount", f"has over {_MOST_DIGITS} digits before or after the point")
    whole, point, rest = wire(given).partition(".")
    rest = rest.rstrip("0")
    return f"{whole}{point}{rest}" if rest else whole
