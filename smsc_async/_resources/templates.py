"""Texts that are kept for later."""

from __future__ import annotations

from typing import Final, Literal, TypeAlias, get_args

import msgspec

from .._operation import Operation
from .._wire import codes
from ..errors import InvalidMessage
from . import _checks as checks
from ._resource import Created, Done, Resource

# For which kind of message a template is; "" for none in particular.
TemplateFormat: TypeAlias = Literal[
    "", "sms", "flash", "bin", "push", "mms", "call", "mail", "viber"
]
_FORMATS: Final[frozenset[str]] = frozenset(get_args(TemplateFormat))


class Template(msgspec.Struct, frozen=True, kw_only=True):
    """A text that is kept: ``message``. What the bits of ``flag`` mean, no page says."""

    id: int
    name: str = ""
    message: str = ""
    format: str = ""
    sender: str = ""
    flag: int | None = None


TemplateList: TypeAlias = list[Template]  # a method is named list

PAGE = "Managing message templates (send/templates)"
ADD = Operation[Created](
    name="templates.add", path=codes.TEMPLATES, fixed={"add": "1"}, reply=Created, page=PAGE
)
CHANGE = Operation[Done](
    name="templates.change", path=codes.TEMPLATES, fixed={"chg": "1"}, reply=Done, page=PAGE
)
DELETE = Operation[Done](
    name="templates.delete",
    path=codes.TEMPLATES,
    fixed={"del": "1"},
    reply=Done,
    page=PAGE,
    gone=Done("OK"),
)
LIST = Operation[TemplateList](
    name="templates.list",
    path=codes.TEMPLATES,
    fixed={"get": "1"},
    reply=list[Template],
    page=PAGE,
    nothing=list,
)


class Templates(Resource):
    """Texts that are kept at the service, for mailings and for people who send by its site."""

    async def add(
        self,
        name: str,
        text: str,
        *,
        format: TemplateFormat | None = None,
        sender: str | None = None,
        signature: bool | None = None,
    ) -> int:
        """Keep a text under a name and return its id.

        *signature* says that it is the one to sign messages with by itself. No figure is known
        for how often; one identical request and three in all a minute are let through.

        Raises :class:`~smsc_async.InvalidMessage` before anything is sent, an
        :class:`~smsc_async.ApiError` if the service refuses, :class:`~smsc_async.OutcomeUnknown`
        if the template may have been added, and :class:`~smsc_async.NotSent` if nothing reached
        the service. Page: "Managing message templates".
        """
        params = {
            "name": checks.name("name", name),
            "msg": checks.name("text", text),
            "format": checks.optional(_format, "format", format),
            "sender": checks.optional(_sender, "sender", sender),
            "fl[1]": checks.optional(_switch, "signature", signature),
        }
        return (await self._call(ADD, params)).id

    async def change(
        self,
        id: int | str,
        *,
        name: str | None = None,
        text: str | None = None,
        format: TemplateFormat | None = None,
        sender: str | None = None,
        signature: bool | None = None,
    ) -> None:
        """Change the template of that id; what is None stays.

        Raises :class:`~smsc_async.NotFound` if there is none; else as :meth:`add`.
        """
        changes = {
            "name": checks.optional(checks.name, "name", name),
            "msg": checks.optional(checks.name, "text", text),
            "format": checks.optional(_format, "format", format),
            "sender": checks.optional(_sender, "sender", sender),
            "fl[1]": checks.optional(_switch, "signature", signature),
        }
        await self._call(CHANGE, {"id": checks.service_id("id", id), **checks.something(changes)})

    async def delete(self, id: int | str) -> None:
        """Delete the template of that id.

        Where the answer is lost it is done again, and if none is found then, it is deleted.
        Raises :class:`~smsc_async.NotFound` if none is found at once, and
        :class:`~smsc_async.OutcomeUnknown` if no repeat tells; else as :meth:`add`.
        """
        await self._call(DELETE, {"id": checks.service_id("id", id)})

    async def list(self) -> TemplateList:
        """List the templates; none is an empty list.

        As often as :meth:`add`. Raises an :class:`~smsc_async.ApiError`,
        :class:`~smsc_async.NoAnswer`, :class:`~smsc_async.BadReply` or
        :class:`~smsc_async.NotSent`. Page: "Managing message templates".
        """
        return await self._call(LIST, {})


def _format(field: str, given: object) -> str:
    found = checks.text(field, given)
    if found not in _FORMATS:
        raise InvalidMessage(field, f"is one of {', '.join(sorted(_FORMATS - {''}))}, or empty")
    return found


def _sender(field: str, given: object) -> str:
    """Return a sender; an empty one takes it away."""
    return "" if given == "" else checks.sender(field, given)


def _switch(field: str, given: object) -> int:
    return checks.flag(field, given) or 0
