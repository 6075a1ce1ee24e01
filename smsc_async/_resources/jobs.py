"""Mailings that the service keeps and runs."""

from __future__ import annotations

from collections.abc import Generator, Iterable, Mapping
from contextlib import contextmanager
from datetime import date, datetime, timedelta
from typing import Annotated, Any, Final, Literal, NamedTuple, TypeAlias

import msgspec
from msgspec import Meta

from .._operation import Call, Operation, Params
from .._upload import File
from .._wire import codes
from .._wire.values import joined
from ..errors import InvalidMessage
from ..messages import Hours, Message
from ..messages._checks import check_sender, check_text
from . import _addressing as addressing
from . import _checks as checks
from . import _outgoing as outgoing
from ._outgoing import Line
from ._resource import Done, Raw, Resource, named, rows

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


class _Contents(NamedTuple):
    """Who gets what."""

    params: Params
    files: tuple[File, ...] = ()
    zones: frozenset[int] = frozenset()  # of the lines, where each has its own


PAGE = "Mailings (jobs)"
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
GET = Operation[Raw | list[Raw]](
    name="jobs.get",
    path=codes.JOBS,
    fixed={"get": "1"},
    reply=Raw | Annotated[list[Raw], Meta(min_length=1)],
    page=PAGE,
)
# A list has nothing to save, so the error for that can only mean that there is none.
LIST = Operation[Raw | list[Raw]](
    name="jobs.list",
    path=codes.JOBS,
    fixed={"get_all": "1"},
    reply=Raw | list[Raw],
    page=PAGE,
    nothing=list,
)


class Jobs(Resource):
    """Mailings that the service keeps and runs; the same request at most once a minute."""

    def __init__(self, call: Call, sender: str | None) -> None:
        super().__init__(call)
        self._sender = sender

    async def add(
        self,
        name: str,
        to: str | Iterable[str] | None = None,
        message: str | Message | None = None,
        *,
        messages: Iterable[tuple[str, str | Message] | Line] | None = None,
        template: int | None = None,
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
    ) -> str:
        """Make a mailing, which really is sent and paid for, and return its id.

        *to*, *message*, *when*, *tz*, *period* and *freq* are as for
        :meth:`~smsc_async.SmscClient.send`; in place of *message* the number of a *template* may
        be given, which brings a sender of its own, and in place of both *messages*, pairs as for
        :meth:`~smsc_async.SmscClient.send_each`. *id* is the mailing's own; without one the
        service gives it. *repeat_every* runs it again and again, at most *repeats* times.
        *retry_failed* sends what failed once more, under *retry_sender* if that is given.
        *fallback_text* goes as an SMS where a messenger's message does not arrive.

        A mailing is never made twice: where the answer is lost, :class:`OutcomeUnknown` is raised.
        Look for the *name* in :meth:`list` before making it anew. There is no asking what it would
        cost: the flag for that makes the mailing all the same; use
        :meth:`~smsc_async.SmscClient.price`.

        Raises :class:`InvalidMessage` before anything is sent, :class:`OperationFailed` if the
        mailing could not be saved, :class:`BadTime`, another :class:`ApiError` or
        :class:`NotSent`. Page: "Mailings".
        """
        contents = self._contents(to, message, messages, template)
        zones = contents.zones
        params: Params = {
            "name": checks.name("name", name),
            **contents.params,
            **addressing.schedule(when, tz, period, freq, self._call.wall(), zones=zones),
            "id": addressing.checked_id(id),
            **_repeating(repeat_every, repeats),
            **_retrying(retry_sender, retry_failed=retry_failed),
            "mes2": _fallback(fallback_text),
        }
        return str((await self._call(ADD, params, files=contents.files)).id)

    async def delete(self, id: str | int, *, mail: bool = False) -> None:
        """Delete a mailing; *mail* says that it is one of e-mail.

        Where the answer is lost it is done again. Raises :class:`OperationFailed` if the service
        could not, :class:`OutcomeUnknown` if it may have; else as :meth:`add`. Page: "Mailings".
        """
        await self._call(DELETE, _about(id, mail=mail))

    async def cancel(self, id: str | int, *, mail: bool = False) -> None:
        """Switch off a mailing that has not begun; *mail* says that it is one of e-mail.

        Raises :class:`OperationFailed` if the service could not, :class:`OutcomeUnknown` if the
        answer was lost (look with :meth:`get`); else as :meth:`add`. Page: "Mailings".
        """
        await self._call(CANCEL, _about(id, mail=mail))

    async def get(self, id: str | int, *, mail: bool = False) -> Job:
        """Tell of one mailing; *mail* says that it is one of e-mail.

        Raises :class:`InvalidMessage`, an :class:`ApiError`, :class:`NoAnswer`, :class:`BadReply`
        or :class:`NotSent`. Page: "Mailings".
        """
        params = _about(id, mail=mail)
        row, *_ = rows(await self._call(GET, params))
        return Job(id=named(row, "id") or str(params["id"]), raw=row)

    async def list(
        self, *, start: date | None = None, end: date | None = None, mail: bool = False
    ) -> JobList:
        """List the mailings from *start* to *end*, or those of e-mail; there may be none.

        Raises as :meth:`get`. Page: "Mailings".
        """
        params = {**_days(start, end), "mail": checks.flag("mail", mail)}
        found = rows(await self._call(LIST, params))
        return [Job(id=named(row, "id") or "", raw=row) for row in found]

    def _contents(
        self,
        to: str | Iterable[str] | None,
        message: str | Message | None,
        messages: Iterable[tuple[str, str | Message] | Line] | None,
        template: int | None,
    ) -> _Contents:
        if messages is not None:
            if to is not None or message is not None or template is not None:
                raise InvalidMessage("messages", "stand in place of to, message and template")
            lines = outgoing.lines(messages, self._sender)
            return _Contents(lines.params(), lines.files, lines.zones)
        checks.one_of(message=message, template=template)
        if message is None:
            phones = joined(addressing.recipients(to or ()))
            return _Contents(
                {"phones": phones, "tpl": checks.optional(checks.number, "template", template)}
            )
        message = outgoing.made(message)
        if message.takes == "phone":
            raise InvalidMessage("message", "a code is told by send() only, one at a time")
        phones = joined(addressing.recipients(to or (), message.takes))
        params = outgoing.params(message, self._sender)
        return _Contents({"phones": phones, **params}, message.files)


@contextmanager
def _named_for(field: str) -> Generator[None]:
    """Let a check that names another field name *field*."""
    try:
        yield
    except InvalidMessage as error:
        raise InvalidMessage(field, error.rule) from None


def _repeating(every: RepeatEvery | None, most: int | None) -> dict[str, int | None]:
    if every is not None and every not in _REPEATS:
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
    with _named_for("retry_sender"):
        check_sender(sender)
    return {
        "fl[5]": checks.flag("retry_failed", retry_failed),
        "sender2": checks.optional(checks.name, "retry_sender", sender),
    }


def _fallback(text: str | None) -> str | None:
    if text is not None:
        with _named_for("fallback_text"):
            check_text(text, markup=False)
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
