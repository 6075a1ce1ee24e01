"""What goes out for one message, or for many in one request; plain functions."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import partial
from ipaddress import ip_address
from typing import Final, NamedTuple, cast

import msgspec

from .._operation import Params
from .._slices import Work, in_slices
from .._upload import File
from .._wire import codes, values
from ..errors import InvalidMessage
from ..messages import Message, Sms
from ..messages._checks import check_line
from . import _addressing as addressing
from . import _when

# What divides a line: a sender with one of these in it would be read as something else.
_DIVIDERS = "|:;,"
# What ends a sender: looked for first, it makes of "7999…:see | 7888…:this" a line to another.
_END = "|"
_A_ROW: Final = "a pair of a phone and a text, or of a phone and a message; with a zone, a Line"
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


class Lines(msgspec.Struct, frozen=True):
    """Messages of one request, which share *like*'s options."""

    texts: Mapping[str, str]  # by phone, as the lines have them
    lines: tuple[str, ...]
    options: Params
    files: tuple[File, ...]
    sender: str | None  # of all; None too where the lines have their own
    zones: frozenset[int]
    is_altered: bool

    def params(self) -> Params:
        """Return the messages by the service's names."""
        return {**self.options, "sender": self.sender, "list": "\n".join(self.lines)}


class _Shared(NamedTuple):
    """What messages must have in common to go in one request."""

    kind: type[Message]
    options: Params
    files: tuple[File, ...]


class _Row(msgspec.Struct, frozen=True):
    phone: str
    number: str  # what is equal for all spellings of the phone
    text: str
    shared: _Shared
    is_altered: bool
    sender: str | None
    tz: int | None
    fault: str | None  # why it could be in no list

    @property
    def is_open(self) -> bool:
        """Whether a sender before it is all that keeps its text from being read as other things."""
        return _END in self.text


def made(message: object) -> Message:
    """Return a message; a text alone is an SMS."""
    if isinstance(message, str):
        return Sms(text=message)
    if not isinstance(message, Message):
        raise InvalidMessage("message", "is a text, or a message such as Sms(text=...)")
    return message


def params(message: Message, sender: str | None) -> Params:
    """Return a message by the service's names, with the client's *sender* where that is used."""
    options = message.params()
    return {**options, "sender": _sender(message, options, sender), "mes": message.mes or None}


def behalf(partner: str | None, userip: str | None, imgcode: str | None) -> Params:
    """Return the parameters that say for whom a send is: a partner, a visitor and his captcha.

    An address has many spellings, and the visitor one limit: it is written in one way.
    """
    if partner is not None:
        check_line("partner", partner)
    if imgcode is not None:
        check_line("imgcode", imgcode)
        if userip is None:
            raise InvalidMessage("imgcode", "needs userip, the address of the visitor who typed it")
    return {"pp": partner, "userip": _address(userip), "imgcode": imgcode}


def _address(given: object) -> str | None:
    if given is None:
        return None
    try:
        if isinstance(given, str) and "%" not in given:  # a zone is nothing to others
            return str(ip_address(given))
    except ValueError:
        pass
    raise InvalidMessage("userip", "is the address of a visitor, such as 203.0.113.9")


def lines(
    messages: Iterable[tuple[str, str | Message] | Line], sender: str | None = None
) -> Work[Lines]:
    """Return messages as one request holds them; raise for all that are bad.

    *sender* is the client's. Where they differ, each line begins with its own.
    """
    given = addressing.listed("messages", messages, "are pairs of a phone and a text")
    if not given:
        raise InvalidMessage("messages", "is empty")
    if len(given) > codes.MAX_RECIPIENTS:
        raise InvalidMessage(
            "messages",
            f"has {len(given)} rows, and one request takes {codes.MAX_RECIPIENTS}; send in "
            "portions, or run a campaign",
        )
    rows = yield from in_slices(partial(_row, sender), list(map(_frozen, given)))
    bad: dict[int, str] = {}
    good: dict[int, _Row] = {}
    seen: set[str] = set()
    like: _Row | None = None
    for at, row in enumerate(rows):
        if isinstance(row, str):
            bad[at] = row
            continue
        like = like or row
        if why := row.fault or _strange(row, like, seen):
            bad[at] = why
        else:
            good[at] = row
            seen.add(row.number)
    own = any(
        row.tz is not None or (row.is_open and row.sender is not None) for row in good.values()
    )
    own = own or len({row.sender for row in good.values()}) > 1
    bad |= {at: why for at, row in good.items() if (why := _unfit(row, own=own))}
    if bad or like is None:
        raise InvalidMessage("messages", f"{len(bad)} of {len(given)} rows are bad", bad)
    return Lines(
        texts={row.phone: row.text for row in good.values()},
        lines=tuple(
            f"{_prefix(row) if own else ''}{row.phone}:{row.text}" for row in good.values()
        ),
        options=like.shared.options,
        files=like.shared.files,
        sender=None if own else like.sender,
        zones=frozenset(row.tz for row in good.values() if row.tz is not None),
        is_altered=any(row.is_altered for row in good.values()),
    )


def _sender(message: Message, options: Params, sender: str | None) -> str | None:
    own = options.get("sender")
    if own is None:
        return sender if message.is_signed else None
    return values.wire(own)


def _frozen(given: object) -> object:
    """Return a row as it is now, or the error to raise for it: what is no tuple may be changed."""
    if isinstance(given, tuple):
        return cast("object", given)
    try:
        return addressing.pair(given, _A_ROW)
    except InvalidMessage as error:
        return error


def _row(sender: str | None, frozen: object) -> _Row | str:
    """Return a row, or why it has not the form of one."""
    try:
        return _known(frozen, sender)
    except InvalidMessage as error:
        return str(error)


def _known(frozen: object, sender: str | None) -> _Row:
    phone, message, tz = _read(frozen)
    if not isinstance(phone, str):
        raise InvalidMessage("phone", addressing.A_TEXT)
    if tz is not None and not _when.is_zone(tz):
        raise InvalidMessage("tz", _when.ZONE_RULE)
    known = made(message)
    options = known.params()
    spelled, mes = addressing.spelled(phone), known.mes
    return _Row(
        phone=spelled,
        number=values.digits(spelled),
        text=values.one_line(mes),
        shared=_Shared(type(known), {**options, "sender": None}, known.files),
        is_altered=known.is_altered,
        sender=_sender(known, options, sender),
        tz=cast("int | None", tz),
        fault=_fault(phone, known, mes),
    )


def _read(frozen: object) -> tuple[object, object, object]:
    if isinstance(frozen, Line):
        return frozen
    if isinstance(frozen, InvalidMessage):
        raise frozen
    return *addressing.pair(frozen, _A_ROW), None


def _fault(phone: str, message: Message, mes: str) -> str | None:
    """Return why a row could be in no list."""
    why: str | None = None
    if addressing.is_group(phone):
        why = "a group is no row; send() takes one"
    elif message.takes == "phone":
        why = "a code is told by send() only, one at a time"
    elif not mes:
        why = "has no text, which a row needs; send() takes it"
    elif "\\n" in mes:
        why = "text: holds a backslash and an n, which a list turns into a line feed"
    return why or addressing.fault(phone, message.takes)


def _strange(row: _Row, like: _Row, seen: set[str]) -> str | None:
    """Return why a row cannot be in one list with those before it."""
    if row.number in seen:
        return "the phone came before; messages of one request are told apart by it"
    if row.shared != like.shared:
        return "has other options than the first row; one request has one set"
    if (row.tz is None) != (like.tz is None):
        return "tz: either all rows have one, or none has"
    return None


def _unfit(row: _Row, *, own: bool) -> str | None:
    """Return why a row cannot begin with its sender, or not without one."""
    if row.sender is None and row.tz is not None:
        return "tz: needs a sender, after whose name it is written"
    if row.sender is None and row.is_open:
        return (
            f"text: has a {_END}, and what stands before it might be read as a sender and what "
            "follows as a number; name a sender, or use send()"
        )
    if own and row.sender and any(sign in row.sender for sign in _DIVIDERS):
        return f"sender: has one of {_DIVIDERS} in it, which divide a line"
    return None


def _prefix(row: _Row) -> str:
    if row.sender is None:
        return ""
    return f"{row.sender or _NOBODY}{'' if row.tz is None else f',{row.tz}'}|"
