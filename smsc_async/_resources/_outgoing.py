"""What goes out for one message, or for many in one request; plain functions."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final, NamedTuple

from .._operation import Params
from .._upload import File
from .._wire import codes, values
from ..errors import InvalidMessage
from ..messages import Message, Sms
from . import _addressing as addressing

# What divides a line: a sender with one of these in it would be read as something else.
_DIVIDERS = "|:;,"
_NOBODY = "."  # as a sender it asks for none, and leaves something before the divider
# What one request takes.
BOUNDS: Final = (
    f"{codes.MAX_RECIPIENTS} recipients",
    f"{codes.MAX_FILES} files of {codes.MAX_FILES_SIZE // 1024**2} MB together",
)


class Line(NamedTuple):
    """A row of ``send_each`` with a zone of its own: *tz*, in whole hours from Moscow.

    Then all rows have one, and ``when`` is what the clock is to show in each of them.
    """

    phone: str
    message: str | Message
    tz: int | None = None


@dataclass(frozen=True, slots=True)
class Lines:
    """Messages of one request, which share *like*'s options."""

    texts: Mapping[str, str]  # by phone, as the lines have them
    lines: tuple[str, ...]
    like: Message
    sender: str | None  # of all; None too where the lines have their own
    zones: frozenset[int]
    is_altered: bool

    @property
    def files(self) -> tuple[File, ...]:
        """The files that go along with all of them."""
        return self.like.files

    def params(self) -> Params:
        """Return the messages by the service's names."""
        return {**self.like.params(), "sender": self.sender, "list": "\n".join(self.lines)}


@dataclass(frozen=True, slots=True)
class _Row:
    phone: str
    message: Message
    sender: str | None
    tz: int | None


def made(message: object) -> Message:
    """Return a message; a text alone is an SMS."""
    if isinstance(message, str):
        return Sms(text=message)
    if not isinstance(message, Message):
        raise InvalidMessage("message", "is a text or a Message")
    return message


def params(message: Message, sender: str | None) -> Params:
    """Return a message by the service's names, with the client's *sender* where that is used."""
    return {**message.params(), "sender": _sender(message, sender), "mes": message.mes or None}


def lines(messages: Iterable[tuple[str, str | Message] | Line], sender: str | None = None) -> Lines:
    """Return messages as one request holds them; raise for all that are bad.

    *sender* is the client's. Where they differ, each line begins with its own.
    """
    try:
        given = [row if isinstance(row, Line) else Line(*row) for row in messages]
    except TypeError:
        raise InvalidMessage("messages", "are pairs of a phone and a message, or Lines") from None
    if not given:
        raise InvalidMessage("messages", "is empty")
    if len(given) > codes.MAX_RECIPIENTS:
        raise InvalidMessage(
            "messages",
            f"has {len(given)} rows, and one request takes {codes.MAX_RECIPIENTS}; send in "
            "portions, or run a campaign",
        )
    bad: dict[int, str] = {}
    good: dict[int, _Row] = {}
    seen: set[str] = set()
    like: _Row | None = None
    for at, (phone, message, tz) in enumerate(given):
        try:
            kind = made(message)
            addressing.check_text(phone)
        except InvalidMessage as error:
            bad[at] = str(error)
            continue
        row = _Row(addressing.spelled(phone), kind, _sender(kind, sender), tz)
        like = like or row
        if why := _fault(phone, row) or _strange(row, like, seen):
            bad[at] = why
        else:
            good[at] = row
            seen.add(values.digits(phone))
    own = any(row.tz is not None for row in good.values())
    own = own or len({row.sender for row in good.values()}) > 1
    if own:
        bad |= {at: why for at, row in good.items() if (why := _unfit(row))}
    if bad or like is None:
        raise InvalidMessage("messages", f"{len(bad)} of {len(given)} rows are bad", bad)
    texts = {row.phone: values.one_line(row.message.mes) for row in good.values()}
    return Lines(
        texts=texts,
        lines=tuple(
            f"{_prefix(row) if own else ''}{row.phone}:{texts[row.phone]}" for row in good.values()
        ),
        like=like.message,
        sender=None if own else like.sender,
        zones=frozenset(row.tz for row in good.values() if row.tz is not None),
        is_altered=any(row.message.is_altered for row in good.values()),
    )


def _sender(message: Message, sender: str | None) -> str | None:
    own = message.params().get("sender")
    if own is None:
        return sender if message.is_signed else None
    return str(own)


def _fault(phone: str, row: _Row) -> str | None:
    """Return why a row could be in no list."""
    why: str | None = None
    if addressing.is_group(phone):
        why = "a group is no row; send() takes one"
    elif row.message.takes == "phone":
        why = "a code is told by send() only, one at a time"
    elif not row.message.mes:
        why = "has no text, which a row needs; send() takes it"
    elif "\\n" in row.message.mes:
        why = "text: holds a backslash and an n, which a list turns into a line feed"
    elif row.tz is not None and not addressing.is_zone(row.tz):
        why = f"tz: {addressing.ZONE_RULE}"
    return why or addressing.fault(phone, row.message.takes)


def _strange(row: _Row, like: _Row, seen: set[str]) -> str | None:
    """Return why a row cannot be in one list with those before it."""
    if values.digits(row.phone) in seen:
        return "the phone came before; messages of one request are told apart by it"
    if _options(row.message) != _options(like.message):
        return "has other options than the first row; one request has one set"
    if (row.tz is None) != (like.tz is None):
        return "tz: either all rows have one, or none has"
    return None


def _options(message: Message) -> object:
    """Return what messages must share to go in one request: all but the text and the sender."""
    return type(message), {**message.params(), "sender": None}, message.files


def _unfit(row: _Row) -> str | None:
    """Return why a row cannot begin with its sender."""
    if row.sender is None:
        return None if row.tz is None else "tz: needs a sender, after whose name it is written"
    if any(sign in row.sender for sign in _DIVIDERS):
        return f"sender: has one of {_DIVIDERS} in it, which divide a line"
    return None


def _prefix(row: _Row) -> str:
    if row.sender is None:
        return ""
    return f"{row.sender or _NOBODY}{'' if row.tz is None else f',{row.tz}'}|"
