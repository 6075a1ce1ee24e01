"""Sender names."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any, Final, Literal, TypeAlias, get_args

import msgspec

from .._operation import Operation
from .._wire import codes
from ..errors import InvalidMessage
from . import _checks as checks
from ._resource import Accepted, Resource, Rows, named, rows

# With which operators a name is to be registered, by the service's own names.
OperatorFlag: TypeAlias = Literal[
    "mega",
    "mega_step",
    "mts",
    "mts_step",
    "tele2",
    "tele2_step",
    "bee_step",
    "motiv_step",
    "ua_reg",
    "ua_int",
]
_OPERATORS: Final[tuple[str, ...]] = get_args(OperatorFlag)
_DIGITS: Final = range(5, codes.MAX_SENDER_DIGITS + 1)
_CODE = re.compile(r"[0-9A-Za-z]{1,20}\Z")


class SenderName(msgspec.Struct, frozen=True):
    """A sender's name that the account may use.

    ``id`` is there where the service tells it. No page shows all keys of the answer: ``raw`` holds
    whatever came, by the service's names.
    """

    sender: str
    id: str | None
    raw: Mapping[str, Any]


SenderList: TypeAlias = list[SenderName]


def _flags(operators: Iterable[str]) -> dict[str, str | int | None]:
    chosen = set(checks.several("operators", operators))
    if strange := sorted(chosen.difference(_OPERATORS)):
        raise InvalidMessage(
            "operators", f"has {', '.join(strange)}; known are {', '.join(_OPERATORS)}"
        )
    return dict.fromkeys(sorted(chosen), 1)


class SenderDetails(msgspec.Struct, frozen=True, kw_only=True):
    """What the service and the operators want to know of a sender's name.

    ``full_name`` is the person or company it belongs to, ``inn`` their tax number, ``site``,
    ``email`` and ``address`` theirs, ``description`` and ``subject`` what is to be sent,
    ``comment`` a remark, ``operators`` those it is to be registered with. ``name`` is how an e-mail
    address is shown. What has an @ is of e-mail; of a name that is told by its id, ``mail=True``
    says so. What is None is not sent.
    """

    comment: str | None = None
    full_name: str | None = None
    inn: str | None = None
    site: str | None = None
    email: str | None = None
    address: str | None = None
    description: str | None = None
    subject: str | None = None
    mail: bool = False
    name: str | None = None
    operators: frozenset[OperatorFlag] = frozenset()

    def __post_init__(self) -> None:
        """Refuse what the service would refuse."""
        self.params()

    def params(self) -> dict[str, str | int | None]:
        """Return it by the service's names; what is None is not sent."""
        return {
            "cmt": checks.optional(checks.name, "comment", self.comment),
            "fio": checks.optional(checks.name, "full_name", self.full_name),
            "inn": checks.optional(checks.name, "inn", self.inn),
            "site": checks.optional(checks.name, "site", self.site),
            "email": checks.optional(checks.name, "email", self.email),
            "address": checks.optional(checks.name, "address", self.address),
            "desc": checks.optional(checks.name, "description", self.description),
            "subj": checks.optional(checks.name, "subject", self.subject),
            "mail": checks.flag("mail", self.mail),
            "name": checks.optional(checks.name, "name", self.name),
            **_flags(self.operators),
        }


NO_DETAILS: Final = SenderDetails()
PAGE = "Sender names (senders)"
LIST = Operation[Rows](
    name="senders.list",
    path=codes.SENDERS,
    fixed={"get": "1"},
    reply=Rows,
    page=PAGE,
    nothing=list,
)
# What the changes answer with, beside that they were done, no page shows.
ADD = Operation[Accepted](
    name="senders.add", path=codes.SENDERS, fixed={"add": "1"}, reply=Accepted, page=PAGE
)
CHANGE = Operation[Accepted](
    name="senders.change", path=codes.SENDERS, fixed={"chg": "1"}, reply=Accepted, page=PAGE
)
SEND_CODE = Operation[Accepted](
    name="senders.send_code",
    path=codes.SENDERS,
    fixed={"send_code": "1"},
    reply=Accepted,
    page=PAGE,
)
CHECK_CODE = Operation[Accepted](
    name="senders.check_code",
    path=codes.SENDERS,
    fixed={"check_code": "1"},
    reply=Accepted,
    page=PAGE,
)
DELETE = Operation[Accepted](
    name="senders.delete",
    path=codes.SENDERS,
    fixed={"del": "1"},
    reply=Accepted,
    page=PAGE,
    gone=Accepted(),
)


class Senders(Resource):
    """Sender names: the account's own, or with *user* those of a sub-client."""

    async def list(
        self,
        *,
        all: bool = False,
        operators: bool = False,
        since: date | None = None,
        limit: int | None = None,
        before: int | str | None = None,
        user: str | None = None,
    ) -> SenderList:
        """List the approved names, or *all* that are activated; there may be none.

        At most three identical questions a minute. *operators* adds how each stands with the
        operators, in ``raw``; *since* leaves out what is older. *limit* bounds the list, and
        *before* is the id from which it goes on.

        Raises :class:`InvalidMessage`, an :class:`ApiError`, :class:`NoAnswer`, :class:`BadReply`
        or :class:`NotSent`. Page: "Sender names".
        """
        params: dict[str, Any] = {
            "all": checks.flag("all", all),
            "operators": checks.flag("operators", operators),
            "from_date": checks.optional(checks.day, "since", since),
            "cnt": checks.optional(checks.number, "limit", limit),
            "prev_id": checks.optional(checks.service_id, "before", before),
            "user": checks.optional(checks.name, "user", user),
        }
        found = rows(await self._call(LIST, params))
        return [
            SenderName(sender=named(row, "sender") or "", id=named(row, "id"), raw=row)
            for row in found
        ]

    async def add(
        self, sender: str, details: SenderDetails = NO_DETAILS, *, user: str | None = None
    ) -> None:
        """Ask for a new name; at most five times a minute.

        *sender* is at most 11 characters or 15 digits, or an e-mail address. A number is then
        confirmed by :meth:`send_code` and :meth:`check_code`, others by the service's people.
        Documents are uploaded in the account. Of the five no two are the same.

        Raises :class:`InvalidMessage` before anything is asked, :class:`OperationFailed` if it
        could not be saved, :class:`BadPhone`, :class:`OutcomeUnknown` if the answer was lost (look
        into :meth:`list`), another :class:`ApiError` or :class:`NotSent`. Page: "Sender names".
        """
        params = {
            "sender": checks.sender("sender", sender),
            **_said(sender, details),
            "user": checks.optional(checks.name, "user", user),
        }
        await self._call(ADD, params)

    async def change(
        self,
        sender: str | None = None,
        details: SenderDetails = NO_DETAILS,
        *,
        id: int | str | None = None,
        user: str | None = None,
    ) -> None:
        """Change what is known of a name, which is told by itself or by its id.

        What *details* leave out stays. No figure is known for how often; one identical request and
        three in all a minute are let through.

        Raises :class:`NotFound` if there is no such name, :class:`OutcomeUnknown` if the answer was
        lost; else as :meth:`add`. Page: "Sender names".
        """
        which = _which(sender, id)
        checks.something({**_said(sender, details), "mail": None})
        params = {**which, **_said(sender, details)}
        await self._call(CHANGE, {**params, "user": checks.optional(checks.name, "user", user)})

    async def send_code(
        self, sender: str, *, site_name: str | None = None, user: str | None = None
    ) -> None:
        """Have a code sent to the number that is to become a sender.

        The service sends one to the same number again after 8 hours only. The client keeps to
        that: :class:`Throttled` is raised before; :class:`CodeAlreadySent` where another had it
        sent. *site_name* stands in the message.

        Raises :class:`BadPhone` or :class:`Undeliverable` if it cannot be sent there; else as
        :meth:`add`. Page: "Sender names".
        """
        params = {
            "sender": _phone(sender),
            "site_name": checks.optional(checks.name, "site_name", site_name),
            "user": checks.optional(checks.name, "user", user),
        }
        await self._call(SEND_CODE, params)

    async def check_code(self, sender: str, code: str, *, user: str | None = None) -> None:
        """Confirm a number by the code that it was sent; as often as :meth:`change`.

        Raises :class:`WrongCode` for another code, :class:`OutcomeUnknown` if the answer was lost
        (look into :meth:`list`); else as :meth:`add`. Page: "Sender names".
        """
        if not _CODE.match(checks.text("code", code)):
            raise InvalidMessage("code", "is a few digits or letters")
        params = {
            "sender": _phone(sender),
            "code": code,
            "user": checks.optional(checks.name, "user", user),
        }
        await self._call(CHECK_CODE, params)

    async def delete(
        self, sender: str | None = None, *, id: int | str | None = None, user: str | None = None
    ) -> None:
        """Delete a name, which is told by itself or by its id; as often as :meth:`change`.

        Where the answer is lost it is done again, and a name that is not there then is gone.
        Raises :class:`NotFound` if there was no such name, :class:`OperationFailed` if the service
        could not, :class:`OutcomeUnknown` if it may have; else as :meth:`add`.
        Page: "Sender names".
        """
        params = {**_which(sender, id), "user": checks.optional(checks.name, "user", user)}
        await self._call(DELETE, params)


def _which(sender: str | None, id: int | str | None) -> dict[str, str | int | None]:
    checks.one_of(sender=sender, id=id)
    return {
        "sender": checks.optional(checks.sender, "sender", sender),
        "id": checks.optional(checks.service_id, "id", id),
    }


def _said(sender: str | None, details: object) -> dict[str, str | int | None]:
    """Return what is said of a name, which is of e-mail if it has an @."""
    if not isinstance(details, SenderDetails):
        raise InvalidMessage("details", "is SenderDetails")
    mail = details.mail if sender is None else "@" in sender
    if details.mail and not mail:
        raise InvalidMessage("sender", "of e-mail is an address")
    if details.name is not None and not mail:
        raise InvalidMessage("name", "is of an e-mail address; mail=True where an id tells which")
    return {**details.params(), "mail": 1 if mail else None}


def _phone(sender: object) -> str:
    """Return a number in digits alone, for the service's 8 hours hang on its one spelling."""
    found = checks.sender("sender", sender)
    if not found.isdecimal() or len(found) not in _DIGITS:
        raise InvalidMessage("sender", "is a phone number, which alone gets a code")
    return found
