"""Texts that the operators have to know before they are sent."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Annotated, Any, Final, Literal, TypeAlias, get_args

import msgspec
from msgspec import Meta

from .._operation import Operation
from .._wire import codes
from ..errors import InvalidMessage
from . import _checks as checks
from ._resource import Accepted, Resource, Rows, named, rows

# The operator, and what it is for: service, authorization, transactional or advertising messages.
OperatorKind: TypeAlias = Literal[
    "mts_srv",
    "mts_auth",
    "mts_trn",
    "mega_srv",
    "mega_auth",
    "mega_trn",
    "mega_adv",
    "bee_srv",
    "bee_trn",
    "tele2_srv",
    "tele2_trn",
    "motiv_srv",
    "motiv_trn",
    "soc",
]
_KINDS: Final[frozenset[str]] = frozenset(get_args(OperatorKind))


class OperatorTemplate(msgspec.Struct, frozen=True):
    """One template at one operator, as it came: no page shows its fields.

    The page says that each has a name (operator and kind) and an id; where other keys hold them
    than presumed, they are in ``raw`` only.
    """

    raw: Mapping[str, Any]

    @property
    def id(self) -> str | None:
        """The id of the template, if the key ``id`` holds it."""
        return named(self.raw, "id")

    @property
    def name(self) -> str | None:
        """The operator and the kind, if the key ``name`` holds them."""
        return named(self.raw, "name")


OperatorTemplateList: TypeAlias = list[OperatorTemplate]  # a method is named list

PAGE = "Managing operator templates (send/operators_templates)"
# What is answered to the first, no page shows: a list, or an object that is no error, will do.
ADD = Operation[list[Accepted] | Accepted](
    name="operator_templates.add",
    path=codes.OPERATOR_TEMPLATES,
    fixed={"add": "1"},
    reply=Annotated[list[Accepted], Meta(min_length=1)] | Accepted,
    page=PAGE,
)
LIST = Operation[Rows](
    name="operator_templates.list",
    path=codes.OPERATOR_TEMPLATES,
    fixed={"get": "1"},
    reply=Rows,
    page=PAGE,
    nothing=list,
)


class OperatorTemplates(Resource):
    """Texts that the operators have to know before they are sent as service messages and such."""

    async def add(self, sender: str, text: str, *, kinds: Iterable[OperatorKind]) -> None:
        """Ask operators to register a text for a sender's name, for each of *kinds*.

        What the service answers is not on the page, so nothing is returned; :meth:`list` tells.
        No figure is known for how often; one identical request and three in all a minute are let
        through.

        Raises :class:`~smsc_async.InvalidMessage` before anything is sent, an
        :class:`~smsc_async.ApiError` if the service refuses, :class:`~smsc_async.OutcomeUnknown`
        if it may have been done, and :class:`~smsc_async.NotSent` if nothing reached the service.
        Page: "Managing operator templates".
        """
        wanted: dict[str, str] = dict.fromkeys(checks.several("kinds", kinds), "1")
        if not wanted:
            raise InvalidMessage("kinds", "names none")
        if strange := wanted.keys() - _KINDS:
            raise InvalidMessage("kinds", f"has {sorted(strange)}; known are {sorted(_KINDS)}")
        params = {
            "sender": _sender("sender", sender),
            "msg": checks.name("text", text),
            **wanted,
        }
        await self._call(ADD, params)

    async def list(
        self, *, sender: str | None = None, text: str | None = None
    ) -> OperatorTemplateList:
        """List the templates of a sender's name and a text; none is an empty list.

        The page's example gives both. As often as :meth:`add`. Raises
        :class:`~smsc_async.InvalidMessage` before anything is asked, an
        :class:`~smsc_async.ApiError`, :class:`~smsc_async.NoAnswer`,
        :class:`~smsc_async.BadReply` or :class:`~smsc_async.NotSent`. Page: "Managing operator
        templates".
        """
        params = {
            "sender": checks.optional(_sender, "sender", sender),
            "msg": checks.optional(checks.name, "text", text),
        }
        return [OperatorTemplate(row) for row in rows(await self._call(LIST, params))]


def _sender(field: str, given: object) -> str:
    """Return a name that an operator may know, which no address of e-mail is."""
    found = checks.sender(field, given)
    if "@" in found:
        raise InvalidMessage(field, "is of e-mail, with which no operator has to do")
    return found
