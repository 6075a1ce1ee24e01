"""Confirming that a number is somebody's own."""

from __future__ import annotations

import msgspec

from .._operation import Operation
from .._wire import codes
from . import _addressing as addressing
from ._resource import Resource


class CallNumber(msgspec.Struct, frozen=True):
    """The number that the subscriber has to call.

    ``all_phones`` are all numbers that may be named, where the service tells them.
    """

    phone: str
    all_phones: tuple[str, ...] = ()


WAIT_CALL = Operation[CallNumber](
    name="confirmations.wait_call",
    path=codes.WAIT_CALL,
    reply=CallNumber,
    page="Confirm your phone number with a call (miscellaneous/waitcall)",
)


class Confirmations(Resource):
    """Confirming that a number is somebody's own."""

    async def wait_call(self, phone: str) -> CallNumber:
        """Wait for a call from *phone*, and return the number that its owner has to call.

        Show that number to the person: it is the subscriber who calls. Nobody calls the
        subscriber, and no digit of the number is a code. That the call came is told to the
        callback handler of the account (``waitcall``), not here.

        No figure is known for how often; one identical request and three in all a minute are let
        through. Raises :class:`~smsc_async.InvalidMessage` before anything is sent,
        :class:`~smsc_async.BadPhone`, :class:`~smsc_async.NoMoney` or another
        :class:`~smsc_async.ApiError` if the service refuses (a library of others has code 6 for
        the daily limit of a number), :class:`~smsc_async.OutcomeUnknown` if the answer was lost,
        and :class:`~smsc_async.NotSent` if nothing reached the service. Page: "Confirm your phone
        number with a call".
        """
        return await self._call(WAIT_CALL, {"phone": addressing.phone(phone)})
