"""The groups of contacts."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from types import MappingProxyType
from typing import Final, Literal, TypeAlias

import msgspec

from .._operation import Operation, Params
from .._wire import codes
from ..errors import InvalidMessage
from . import _checks as checks
from ._resource import Created, Done, Resource

# What to do with a contact: make a group its only one, give it one more, take one from it.
GroupMove: TypeAlias = Literal["move", "add", "remove"]


class Group(msgspec.Struct, frozen=True):
    """A group of contacts.

    ``id`` is what the other calls name it by. ``number``, where it has one, is what stands after
    the ``G`` when it is sent to, as the page says; one library sends the id there.
    """

    id: int
    name: str = ""
    number: int | None = None
    count: int = msgspec.field(name="cnt", default=0)


GroupList: TypeAlias = list[Group]  # a method is named list

PAGE = "Actions with contacts and groups (contact)"
ADD = Operation[Created](
    name="groups.add", path=codes.PHONES, fixed={"add_group": "1"}, reply=Created, page=PAGE
)
CHANGE = Operation[Done](
    name="groups.change", path=codes.PHONES, fixed={"chg_group": "1"}, reply=Done, page=PAGE
)
DELETE = Operation[Done](
    name="groups.delete",
    path=codes.PHONES,
    fixed={"del_group": "1"},
    reply=Done,
    page=PAGE,
    gone=Done("OK"),
)
MOVE = Operation[Done](name="groups.move", path=codes.PHONES, reply=Done, page=PAGE)
LIST = Operation[GroupList](
    name="groups.list",
    path=codes.PHONES,
    fixed={"get_group": "1"},
    reply=list[Group],
    page="Contacts and groups. Server response and error codes (contact)",
    nothing=list,
)

_MOVES: Final[Mapping[str, str]] = MappingProxyType({"move": "1", "add": "2", "remove": "3"})


class Groups(Resource):
    """The groups of contacts: of numbers, or else of e-mail addresses."""

    async def add(self, name: str, *, number: int | None = None, mail: bool = False) -> int:
        """Add a group and return its id.

        *number* is what it is sent to by, as ``G`` and the number; *mail* makes it one of e-mail
        addresses.

        At most three identical requests a minute. Raises :class:`~smsc_async.InvalidMessage`
        before anything is sent, :class:`~smsc_async.OperationFailed` or another
        :class:`~smsc_async.ApiError` if the service refuses,
        :class:`~smsc_async.OutcomeUnknown` if the group may have been added, and
        :class:`~smsc_async.NotSent` if nothing reached the service. Page: "Actions with contacts
        and groups".
        """
        params = {
            "name": checks.name("name", name),
            "num": checks.optional(checks.number, "number", number),
            "type": checks.flag("mail", mail),
        }
        return (await self._call(ADD, params)).id

    async def change(
        self, group: int | str, *, name: str | None = None, number: int | None = None
    ) -> None:
        """Give the group of that id another name or number; what is None stays.

        Raises :class:`~smsc_async.NotFound` if there is none; else as :meth:`add`.
        """
        changes = checks.something(
            {
                "name": checks.optional(checks.name, "name", name),
                "num": checks.optional(checks.number, "number", number),
            }
        )
        await self._call(CHANGE, {"grp": checks.service_id("group", group), **changes})

    async def delete(self, group: int | str) -> None:
        """Delete the group of that id; whether its contacts stay, no page says.

        Where the answer is lost it is done again, and if none is found then, it is deleted.
        Raises :class:`~smsc_async.NotFound` if none is found at once, and
        :class:`~smsc_async.OutcomeUnknown` if no repeat tells; else as :meth:`add`.
        """
        await self._call(DELETE, {"grp": checks.service_id("group", group)})

    async def move(
        self, group: int | str, phones: str | Iterable[str], *, how: GroupMove = "move"
    ) -> None:
        """Move contacts into a group, add it to their groups, or remove them from it.

        ``"move"`` takes the contacts with these *phones* out of all other groups, ``"add"`` leaves
        them there, and ``"remove"`` takes them out of this one. Whether it takes e-mail addresses
        too is not known: give those their groups by :meth:`Contacts.change`. Raises as
        :meth:`change`.
        """
        if how not in tuple(_MOVES):  # it may be of a kind that no mapping can look up
            raise InvalidMessage("how", "is 'move', 'add' or 'remove'")
        params: Params = {
            "move_group": _MOVES[how],
            "grp": checks.service_id("group", group),
            "phone": checks.phones("phones", phones),
        }
        await self._call(MOVE, params)

    async def list(self, *, mail: bool = False) -> GroupList:
        """List the groups of numbers, or with *mail* those of e-mail addresses; none is empty.

        At most three identical questions a minute. Raises an :class:`~smsc_async.ApiError`,
        :class:`~smsc_async.NoAnswer`, :class:`~smsc_async.BadReply` or
        :class:`~smsc_async.NotSent`. Page: "Contacts and groups. Server response and error codes".
        """
        return await self._call(LIST, {"type": checks.flag("mail", mail)})
