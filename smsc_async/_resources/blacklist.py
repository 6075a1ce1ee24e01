"""Who gets no messages."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final, Literal, TypeAlias

import msgspec

from .._operation import Operation
from .._wire import codes
from ..errors import InvalidMessage
from . import _checks as checks
from ._resource import Created, Done, Resource

# Which messages are stopped: all, those of mailings, or those that are sent singly.
BlacklistScope: TypeAlias = Literal["all", "mass", "single"]
_SCOPES: Final[tuple[BlacklistScope, ...]] = ("all", "mass", "single")


class BlacklistEntry(msgspec.Struct, frozen=True, kw_only=True):
    """One entry of the blacklist: a number in ``phone``, or an address in ``email``."""

    id: int
    phone: str = ""
    email: str = ""
    type: int = 0
    comment: str = ""

    @property
    def scope(self) -> BlacklistScope | int:
        """Which messages are stopped; a number that no page gives stays one."""
        return _SCOPES[self.type] if 0 <= self.type < len(_SCOPES) else self.type


BlacklistEntries: TypeAlias = list[BlacklistEntry]  # a method is named list

PAGE = "Actions with contacts and groups (contact)"
ADD = Operation[Created](
    name="blacklist.add", path=codes.PHONES, fixed={"add_black": "1"}, reply=Created, page=PAGE
)
DELETE = Operation[Done](
    name="blacklist.delete",
    path=codes.PHONES,
    fixed={"del_black": "1"},
    reply=Done,
    page=PAGE,
    gone=Done("OK"),
)
# The page shows the answer and not the command; this one is like all others of the script.
LIST = Operation[BlacklistEntries](
    name="blacklist.list",
    path=codes.PHONES,
    fixed={"get_black": "1"},
    reply=list[BlacklistEntry],
    page="Contacts and groups. Server response and error codes (contact)",
    nothing=list,
)


class Blacklist(Resource):
    """Who gets no messages: numbers and e-mail addresses."""

    async def add(
        self, to: str | Iterable[str], *, scope: BlacklistScope = "all", comment: str | None = None
    ) -> int:
        """Stop messages to a number, or an e-mail address, or several; return the entry's id.

        At most three identical requests a minute. Raises :class:`~smsc_async.InvalidMessage`
        before anything is sent, an :class:`~smsc_async.ApiError` if the service refuses,
        :class:`~smsc_async.OutcomeUnknown` if the entry may have been added, and
        :class:`~smsc_async.NotSent` if nothing reached the service. Page: "Actions with contacts
        and groups".
        """
        if scope not in _SCOPES:
            raise InvalidMessage("scope", "is 'all', 'mass' or 'single'")
        params = {
            **checks.subscribers("to", to),
            "type": _SCOPES.index(scope),
            "cmt": checks.optional(checks.text, "comment", comment),
        }
        return (await self._call(ADD, params)).id

    async def delete(self, to: str | Iterable[str]) -> None:
        """Let messages to a number, or an e-mail address, or several, through again.

        Where the answer is lost it is done again, and if none is found then, they are let through.
        Raises :class:`~smsc_async.NotFound` if none is found at once, and
        :class:`~smsc_async.OutcomeUnknown` if no repeat tells; else as :meth:`add`.
        """
        await self._call(DELETE, checks.subscribers("to", to))

    async def list(self) -> BlacklistEntries:
        """List the entries; none is an empty list.

        The page shows this answer but not the command that asks for it, so ``get_black`` is
        presumed. Should the service not know it, the error is
        :class:`~smsc_async.BadParameters`; with the right name the answer comes by
        ``smsc.raw("phones.php", {name: 1})``. It also speaks of a list of e-mail addresses, but
        not of how to ask for that one: entries of both kinds are read, whichever come.

        At most three identical questions a minute. Raises an :class:`~smsc_async.ApiError`,
        :class:`~smsc_async.NoAnswer`, :class:`~smsc_async.BadReply` or
        :class:`~smsc_async.NotSent`. Page: "Contacts and groups. Server response and error codes".
        """
        return await self._call(LIST, {})
