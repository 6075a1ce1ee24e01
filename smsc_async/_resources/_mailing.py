"""Who gets what by a mailing; plain functions."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import NamedTuple

from .._operation import Params
from .._slices import Work
from .._upload import File
from .._wire.values import joined
from ..errors import InvalidMessage
from ..messages import Message
from ..messages._checks import check_line
from . import _addressing as addressing
from . import _checks as checks
from . import _outgoing as outgoing
from ._outgoing import Line


class Contents(NamedTuple):
    """Who gets what."""

    params: Params
    files: tuple[File, ...] = ()
    zones: frozenset[int] = frozenset()  # of the lines, where each has its own


class OfTemplate(NamedTuple):
    """A template in place of a message, and what that would say of itself."""

    template: int | str | None
    sender: str | None
    subject: str | None
    mail: bool


def contents(
    to: str | Iterable[str] | None,
    message: str | Message | None,
    messages: Iterable[tuple[str, str | Message] | Line] | None,
    own: OfTemplate,
    sender: str | None,
) -> Work[Contents]:
    """Return who gets what, of which there is one kind; *sender* is the client's."""
    checks.flag("mail", own.mail)  # for its error, where nothing else looks at it
    if messages is not None:
        if to is not None or message is not None or any(_said(own).values()):
            raise InvalidMessage("messages", "stand in place of to, message and template")
        lines = yield from outgoing.lines(messages, sender)
        return Contents(lines.params(), lines.files, lines.zones)
    checks.one_of(message=message, template=own.template)
    recipients = checks.several("to", () if to is None else to)
    if message is None:
        return Contents((yield from _by_template(recipients, own)))
    for field, is_said in _said(own).items():
        if is_said:
            raise InvalidMessage(field, "goes with a template; a message has its own")
    made = outgoing.made(message)
    if made.takes == "phone":
        raise InvalidMessage("message", "a code is told by send() only, one at a time")
    phones = yield from addressing.recipients(recipients, made.takes)
    return Contents({"phones": joined(phones), **outgoing.params(made, sender)}, made.files)


def _said(own: OfTemplate) -> dict[str, bool]:
    return {name: value not in (None, False) for name, value in own._asdict().items()}


def _by_template(to: Collection[str], own: OfTemplate) -> Work[Params]:
    """Return the parameters of a template, which is of e-mail if it goes to or from an address."""
    sender = checks.optional(checks.sender, "sender", own.sender)
    named = [*to, *([] if sender is None else [sender])]
    mail = checks.flag("mail", own.mail) or (1 if any(map(addressing.is_mail, named)) else None)
    if mail and sender is not None and "@" not in sender:
        raise InvalidMessage("sender", "of e-mail is an address")
    if own.subject is not None:
        check_line("subject", checks.text("subject", own.subject))
        if not mail:
            raise InvalidMessage("subject", "goes with e-mail")
    phones = yield from addressing.recipients(to, "addresses" if mail else "phones")
    return {
        "phones": joined(phones),
        "tpl": checks.optional(checks.service_id, "template", own.template),
        "sender": sender,
        "subj": own.subject,
        "mail": mail,
    }
