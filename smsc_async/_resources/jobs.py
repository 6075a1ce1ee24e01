"""Mailings that the service keeps and runs."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, datetime, timedelta
from typing import Annotated, Any, Final, Literal, TypeAlias

import msgspec
from msgspec import Meta

from .._operation import Operation, Params
from .._slices import in_turns
from .._wire import codes
from ..errors import InvalidMessage
from ..messages import Hours, Message
from ..messages._checks import check_text
from . import _addressing as addressing
from . import _checks as checks
from . import _mailing as mailing
from . import _outgoing as outgoing
from ._mailing import OfTemplate
from ._outgoing import Line
from ._resource import Bare, Done, Raw, Resource, Rows, named, rows
from ._when import schedule

RepeatEvery: TypeAlias = Literal[
    "by hand", "hourly", "daily", "working days", "weekends", "weekly", "monthly", "yearly"
]
_REPEATS: Final[Mapping[RepeatEvery, int]] = {
    "by hand": 0,
    "hourly": 1,
    "daily": 2,
    "working days": 3,
    "weekends": 4,
    "weekly": 5,
    "monthly": 6,
    "yearly": 7,
}


class Job(msgspec.Struct, frozen=True):
    """A mailing, as the service tells of it.

    No page shows the keys of the answer: ``raw`` holds all that came, by the service's names.
    """

    id: str
    raw: Mapping[str, Any]


JobList: TypeAlias = list[Job]


class JobAdded(msgspec.Struct, frozen=True):
    """The answer to a mailing that was kept."""

    id: int | str
    error_code: Literal[0] = 0  # an error may have an id too, and is none of these


PAGE = "Mailings (jobs)"
_SOME: Final = Meta(min_length=1)
ADD = Operation[JobAdded](
    name="jobs.add",
    path=codes.JOBS,
    fixed={"add": "1"},
    reply=JobAdded,
    page=PAGE,
    bounds=outgoing.BOUNDS,
)
DELETE = Operation[Done](
    name="jobs.delete", path=codes.JOBS, fixed={"del": "1"}, reply=Done, page=PAGE
)
CANCEL = Operation[Done](
    name="jobs.cancel", path=codes.JOBS, fixed={"cancel": "1"}, reply=Done, page=PAGE
)
GET = Operation[Rows](
    name="jobs.get",
    path=codes.JOBS,
    fixed={"get": "1"},
    reply=Annotated[Bare, _SOME] | Annotated[list[Annotated[Raw, _SOME]], _SOME],
    page=PAGE,
)
# A list has nothing to save, so the error for that can only mean that there is none.
LIST = Operation[Rows](
    name="jobs.list",
    path=codes.JOBS,
    fixed={"get_all": "1"},
    reply=Rows,
    page=PAGE,
    nothing=list,
)


class Jobs(Resource):
    """Mailings that the service keeps and runs: each same request at most once a minute."""

    async def add(
        self,
        name: str,
        to: str | Iterable[str] | None = None,
        message: str | Message | None = None,
        *,
        messages: Iterable[tuple[str, str | Message] | Line] | None = None,
        template: int | str | None = None,
        sender: str | None = None,
        subject: str | None = None,
        mail: bool = False,
        id: str | int | None = None,
        when: datetime | timedelta | Hours | None = None,
        tz: int | None = None,
        period: timedelta | None = None,
        freq: timedelta | None = None,
        repeat_every: RepeatEvery | None = None,
        repeats: int | None = None,
        retry_failed: bool = False,
        retry_sender: str | None = None,
        fallback_text: str | None = None,
        repeat: bool = False,
    ) -> str:
        """Make a mailing, which really is sent and paid for, and return its id.

        *to*, *message*, *when*, *tz*, *period* and *freq* are as for
        :meth:`~smsc_async.SmscClient.send`; in place of both *to* and *message* there may be
        *messages*, pairs as for :meth:`~smsc_async.SmscClient.send_each`, and in place of *message*
        the id of a *template*. That brings a sender of its own, unless *sender* names another, and
        goes by e-mail, with *subject*, if *to* has addresses, *sender* is one, or *mail* says so.

        *id* is the mailing's own; without one the service gives it. *repeat_every* runs it again
        and again, at most *repeats* times. *retry_failed* sends what failed once more, under
        *retry_sender* if that is given. *fallback_text* goes as an SMS where a messenger's message
        does not arrive.

        The same mailing within a minute is :class:`DuplicateSend`; with *repeat* it waits and is
        made once more. By itself a mailing is never made twice: where the answer is lost,
        :class:`OutcomeUnknown` is raised. Look for the *name* in :meth:`list` before making it
        anew. There is no asking what it would cost: the flag for that makes the mailing all the
        same; use :meth:`~smsc_async.SmscClient.price`.

        Raises :class:`InvalidMessage` before anything is sent, :class:`OperationFailed` if the
        mailing could not be saved, :class:`BadTime`, another :class:`ApiError` or
        :class:`NotSent`. Page: "Mailings".
        """
        own = OfTemplate(template, sender, subject, mail)
        since = self._call.now()
        contents = await in_turns(mailing.contents(to, message, messages, own, self._sender))
        zones = contents.zones
        params: Params = {
            "name": checks.name("name", name),
            **contents.params,
            **schedule(when, tz, period, freq, self._call.wall(), zones=zones),
            "id": addressing.checked_id(id),
            **_repeating(repeat_every, repeats),
            **_retrying(retry_sender, retry_failed=retry_failed),
            "mes2": _fallback(fallback_text),
        }
        again = bool(checks.flag("repeat", repeat))
        made = await self._call(ADD, params, files=contents.files, repeat=again, since=since)
        return str(made.id)

    async def delete(self, id: str | int, *, mail: bool = False) -> None:
        """Delete a mailing; *mail* says that it is one of e-mail.

        The same at most once a minute; where the answer is lost it is done again. Raises
        :class:`OperationFailed` if the service could not, :class:`OutcomeUnknown` if it may have;
        else as :meth:`add`. Page: "Mailings".
        """
        await self._call(DELETE, _about(id, mail=mail))

    async def cancel(self, id: str | int, *, mail: bool = False) -> None:
        """Switch off a mailing that has not begun; *mail* says that it is one of e-mail.

        The same at most once a minute. Raises :class:`OperationFailed` if the service could not,
        :class:`OutcomeUnknown` if the answer was lost (look with :meth:`get`); else as :meth:`add`.
        Page: "Mailings".
        """
        await self._call(CANCEL, _about(id, mail=mail))

    async def get(self, id: str | int, *, mail: bool = False) -> Job:
        """Tell of one mailing; *mail* says that it is one of e-mail.

        The same question at most once a minute. Raises :class:`OperationFailed` if there is no such
        mailing, :class:`InvalidMessage`, another :class:`ApiError`, :class:`NoAnswer`,
        :class:`BadReply` or :class:`NotSent`. Page: "Mailings".
        """
        params = _about(id, mail=mail)
        row, *_ = rows(await self._call(GET, params))
        return Job(id=named(row, "id") or str(params["id"]), raw=row)

    async def list(
        self, *, start: date | None = None, end: date | None = None, mail: bool = False
    ) -> JobList:
        """List the mailings, or with *mail* those of e-mail; there may be none.

        *start* and *end* are the first and the last day, both included; either may be left out. The
        same question at most once a minute. Raises as :meth:`get`. Page: "Mailings".
        """
        params = {**_days(start, end), "mail": checks.flag("mail", mail)}
        found = rows(await self._call(LIST, params))
        return [Job(id=named(row, "id") or "", raw=row) for row in found]


def _repeating(every: RepeatEvery | None, most: int | None) -> dict[str, int | None]:
    if every is not None and checks.text("repeat_every", every) not in _REPEATS:
        raise InvalidMessage("repeat_every", f"is one of {', '.join(_REPEATS)}")
    if most is not None and every in {None, "by hand"}:
        raise InvalidMessage("repeats", "needs a repeat_every that is not by hand")
    return {
        "rpt": None if every is None else _REPEATS[every],
        "rptn": checks.optional(checks.number, "repeats", most),
    }


def _retrying(sender: str | None, *, retry_failed: bool) -> dict[str, str | int | None]:
    if sender is not None and not retry_failed:
        raise InvalidMessage("retry_sender", "goes with retry_failed")
    return {
        "fl[5]": checks.flag("retry_failed", retry_failed),
        "sender2": checks.optional(checks.sender, "retry_sender", sender),
    }


def _fallback(text: str | None) -> str | None:
    if text is not None:
        with checks.naming("fallback_text"):
            check_text(checks.text("text", text), markup=False)
    return text


def _days(start: date | None, end: date | None) -> dict[str, str | None]:
    """Return the parameters of days that may lie ahead, where no mailing has begun yet."""
    days = {
        "start": checks.optional(checks.day, "start", start),
        "end": checks.optional(checks.day, "end", end),
    }
    if start is not None and end is not None and end < start:
        raise InvalidMessage("end", "is before the start")
    return days


def _about(id: str | int, *, mail: bool) -> Params:
    return {"id": addressing.known_id(id), "mail": checks.flag("mail", mail)}
