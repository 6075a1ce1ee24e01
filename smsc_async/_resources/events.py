"""Telling the service of failures and recoveries, of which it then tells others."""

from __future__ import annotations

from .._operation import Operation
from .._wire import codes
from . import _checks as checks
from ._resource import Accepted, Resource

PING = Operation[Accepted](
    name="events.ping",
    path=codes.PING,
    reply=Accepted,
    page="Event Notifications (send/notification)",
)


class Events(Resource):
    """Telling the service of failures and recoveries, of which it then tells others."""

    async def ping(
        self,
        id: int | str,
        *,
        ok: bool = False,
        name: str | None = None,
        host: str | None = None,
        info: str | None = None,
    ) -> None:
        """Have the people of a task group told that something failed, or with *ok* that it is well.

        *id* is the group's, made in the account with its texts and contacts; messages cost what
        they cost. *name*, *host* and *info* take the places of ``{NAME}``, ``{HOST}`` and
        ``{INFO}`` in the text. What the service answers is not on the page, so nothing is returned.

        No figure is known for how often; one identical request and three in all a minute are let
        through. Raises :class:`~smsc_async.InvalidMessage` before anything is sent, an
        :class:`~smsc_async.ApiError` if the service refuses, :class:`~smsc_async.OutcomeUnknown`
        if they may have been told, and :class:`~smsc_async.NotSent` if nothing reached the
        service. Page: "Event Notifications".
        """
        params = {
            "id": checks.service_id("id", id),
            "ok": checks.flag("ok", ok),
            "name": checks.optional(checks.text, "name", name),
            "host": checks.optional(checks.text, "host", host),
            "info": checks.optional(checks.text, "info", info),
        }
        await self._call(PING, params)
