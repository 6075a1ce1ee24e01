"""The contacts of the account."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import date
from typing import TypeAlias, TypeVar

from .._operation import Operation
from .._wire import codes
from .._wire.values import joined
from ..errors import InvalidMessage
from . import _checks as checks
from ._contact import Contact, can_be_a_tag
from ._resource import Created, Done, Resource

A = TypeVar("A")
ContactList: TypeAlias = list[Contact]  # a method is named list

PAGE = "Actions with contacts and groups (contact)"
ADD = Operation[Created](
    name="contacts.add", path=codes.PHONES, fixed={"add": "1"}, reply=Created, page=PAGE
)
CHANGE = Operation[Done](
    name="contacts.change", path=codes.PHONES, fixed={"chg": "1"}, reply=Done, page=PAGE
)
DELETE = Operation[Done](
    name="contacts.delete",
    path=codes.PHONES,
    fixed={"del": "1"},
    reply=Done,
    page=PAGE,
    gone=Done("OK"),
)
LIST = Operation[ContactList](
    name="contacts.list",
    path=codes.PHONES,
    fixed={"get": "1"},
    reply=list[Contact],
    page="Contacts and groups. Server response and error codes (contact)",
    nothing=list,
)


class Contacts(Resource):
    """The contacts of the account: of each its numbers, or else its e-mail addresses."""

    async def add(
        self,
        to: str | Iterable[str],
        name: str,
        *,
        groups: Iterable[int | str] | None = None,
        last_name: str | None = None,
        first_name: str | None = None,
        middle_name: str | None = None,
        birthday: date | None = None,
        id: str | int | None = None,
        comment: str | None = None,
        tags: str | Iterable[str] | None = None,
        other_phones: str | Iterable[str] | None = None,
    ) -> int:
        """Add one contact and return the id that the service gives it.

        *to* is its number or numbers, or its e-mail address or addresses. *groups* are ids of
        groups that exist. *id* is one of your own, which lists show; *other_phones* are only
        kept: they get no messages; how to give other e-mail addresses is not known. A tag holds no
        comma, semicolon or line feed.

        At most three identical requests a minute. Raises :class:`~smsc_async.InvalidMessage`
        before anything is sent, :class:`~smsc_async.OperationFailed` or another
        :class:`~smsc_async.ApiError` if the service refuses,
        :class:`~smsc_async.OutcomeUnknown` if the contact may have been added, and
        :class:`~smsc_async.NotSent` if nothing reached the service. Page: "Actions with contacts
        and groups".
        """
        params = {
            **checks.subscribers("to", to),
            "name": checks.name("name", name),
            "grp": checks.optional(_groups, "groups", groups),
            "lnm": checks.optional(checks.text, "last_name", last_name),
            "fnm": checks.optional(checks.text, "first_name", first_name),
            "mnm": checks.optional(checks.text, "middle_name", middle_name),
            "bd": checks.optional(checks.day, "birthday", birthday),
            "myid": checks.optional(_own, "id", id),
            "cmt": checks.optional(checks.text, "comment", comment),
            "tags": checks.optional(_tags, "tags", tags),
            "pho": checks.optional(_others, "other_phones", other_phones),
        }
        return (await self._call(ADD, params)).id

    async def change(
        self,
        to: str,
        *,
        name: str | None = None,
        groups: Iterable[int | str] | None = None,
        last_name: str | None = None,
        first_name: str | None = None,
        middle_name: str | None = None,
        birthday: date | None = None,
        id: str | int | None = None,
        comment: str | None = None,
        tags: str | Iterable[str] | None = None,
        other_phones: str | Iterable[str] | None = None,
        new_phone: str | None = None,
        new_mail: str | None = None,
    ) -> None:
        """Change the contact that has the number or the e-mail address *to*.

        What is None stays as it is. An empty text or list is sent as such, to take away what there
        is, ``id=""`` and ``tags=()`` too; only *name* is never empty, and how a birthday is taken
        away is not known. *new_phone* takes the place of the number, *new_mail* that of the
        address. All else is as for :meth:`add`; a contact that is not there is
        :class:`~smsc_async.NotFound`.
        """
        key = checks.subscribers("to", (to,))
        changes = {
            "name": checks.optional(checks.name, "name", name),
            "grp": checks.optional(_groups, "groups", groups),
            "lnm": checks.optional(checks.text, "last_name", last_name),
            "fnm": checks.optional(checks.text, "first_name", first_name),
            "mnm": checks.optional(checks.text, "middle_name", middle_name),
            "bd": checks.optional(checks.day, "birthday", birthday),
            "myid": _emptied(_own, "id", id),
            "cmt": checks.optional(checks.text, "comment", comment),
            "tags": _emptied(_tags, "tags", tags),
            "pho": _emptied(_others, "other_phones", other_phones),
            "new_phone": _renamed("phone", new_phone, key),
            "new_mail": _renamed("mail", new_mail, key),
        }
        await self._call(CHANGE, {**key, **checks.something(changes)})

    async def delete(self, to: str | Iterable[str]) -> None:
        """Delete the contact, or the contacts, with these numbers or e-mail addresses.

        Where the answer is lost it is done again, and if none is found then, they are deleted.
        Raises :class:`~smsc_async.NotFound` if none is found at once, and
        :class:`~smsc_async.OutcomeUnknown` if no repeat tells; else as :meth:`add`.
        """
        await self._call(DELETE, checks.subscribers("to", to))

    async def list(
        self,
        *,
        phones: str | Iterable[str] | None = None,
        mails: str | Iterable[str] | None = None,
        group: int | str | None = None,
        name: str | None = None,
        search: str | None = None,
        after: int | str | None = None,
    ) -> ContactList:
        """List the contacts; none is an empty list.

        Only those with one of *phones* or one of *mails*, in the *group* of that id, with *name*
        as a part of a person's name, with *search* in any field. *after* is a contact's id at the
        service, as :meth:`add` returned it, and asks for those that come after it: the pages tell
        neither how many come at once nor, for each, that id.

        At most three identical questions a minute. Raises :class:`~smsc_async.InvalidMessage`
        before anything is asked, an :class:`~smsc_async.ApiError`,
        :class:`~smsc_async.NoAnswer`, :class:`~smsc_async.BadReply` or
        :class:`~smsc_async.NotSent`. Page: "Contacts and groups. Server response and error codes".
        """
        if phones is not None and mails is not None:
            raise InvalidMessage("mails", "and phones do not go together: ask for each")
        params = {
            "phone": checks.optional(checks.phones, "phones", phones),
            "mail": checks.optional(checks.mails, "mails", mails),
            "grp": checks.optional(checks.service_id, "group", group),
            "fio": checks.optional(checks.name, "name", name),
            "search": checks.optional(checks.name, "search", search),
            "after_id": checks.optional(checks.service_id, "after", after),
        }
        return await self._call(LIST, params)


def _emptied(check: Callable[[str, A], str], field: str, given: A | None) -> str | None:
    """Write what may be left out, and what an empty text takes away."""
    return "" if isinstance(given, str) and not given else checks.optional(check, field, given)


def _groups(field: str, given: int | str | Iterable[int | str]) -> str:
    if isinstance(given, str | bytes | bytearray) or not isinstance(given, Iterable):
        raise InvalidMessage(field, "is several ids; pass a list of them")
    return joined(str(checks.service_id(field, one)) for one in given)


def _tags(field: str, given: str | Iterable[str]) -> str:
    listed = checks.several(field, given)
    for tag in listed:
        if not can_be_a_tag(tag):
            raise InvalidMessage(field, "has an empty one, or one that would be read as several")
        checks.text(field, tag)
    return joined(listed)


def _own(field: str, given: object) -> str:
    return checks.name(field, str(checks.number(field, given)) if isinstance(given, int) else given)


def _others(field: str, given: str | Iterable[str]) -> str:
    listed = checks.several(field, given)
    return checks.phones(field, listed) if listed else ""


def _renamed(kind: str, new: str | None, key: dict[str, str]) -> str | None:
    """Write what takes the place of the number or the address in *key*."""
    if new is None:
        return None
    if kind not in key:
        raise InvalidMessage(f"new_{kind}", "does not go with that kind of contact")
    write = checks.phones if kind == "phone" else checks.mails
    return write(f"new_{kind}", (new,))
