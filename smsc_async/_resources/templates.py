"""Texts that are kept for later."""

from __future__ import annotations

from typing import Final, Literal, TypeAlias, get_args

import msgspec

from .._operation import Operation
from .._wire import codes
from ..errors import InvalidMessage
from ..messages._checks import check_sender
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
        check_sender(sender)
        params = {
            "name": checks.name("name", name),
            "msg": checks.name("text", text),
            "format": _format(format),
            "sender": sender,
            "fl[1]": _flag(signature),
        }
        return (await self._call(ADD, params)).id

    async def change(
        self,
        id: int,
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
        check_sender(sender)
        changes = {
            "name": checks.optional(checks.name, "name", name),
            "msg": checks.optional(checks.name, "text", text),
            "format": _format(format),
            "sender": sender,
            "fl[1]": _flag(signature),
        }
        await self._call(CHANGE, {"id": checks.number("id", id), **checks.something(changes)})

    async def delete(self, id: int) -> None:
        """Delete the template of that id.

        Where the answer is lost it is done again, and if none is found then, it is deleted.
        Raises :class:`~smsc_async.NotFound` if none is found at once, and
        :class:`~smsc_async.OutcomeUnknown` if no repeat tells; else as :meth:`add`.
        """
        await self._call(DELETE, {"id": checks.number("id", id)})

    async def list(self) -> TemplateList:
        """List the templates; none is an empty list.

        As often as :meth:`add`. Raises an :class:`~smsc_async.ApiError`,
        :class:`~smsc_async.NoAnswer`, :class:`~smsc_async.BadReply` or
        :class:`~smsc_async.NotSent`. Page: "Managing message templates".
        """
        return await self._call(LIST, {})


def _format(given: TemplateFormat | None) -> str | None:
    if given is not None and given not in _FORMATS:
        raise InvalidMessage("format", f"is one of {', '.join(sorted(_FORMATS - {''}))}, or empty")
    return given


def _flag(given: bool | None) -> int | None:  # noqa: FBT001 - a value and no switch
    return None if given is None else int(given)
