"""What was handled before: so that nothing is handled twice, or backwards."""

from __future__ import annotations

from collections import OrderedDict
from typing import Final, Literal, NamedTuple, Protocol, TypeAlias, TypeVar

from .._wire.values import digest
from ._callbacks import CallConfirmation, IncomingMessage, StatusReport

T = TypeVar("T")

MOST_LETTERS: Final = 100
_TOO_LONG: Final = 10  # digits of seconds

Rank: TypeAlias = tuple[int, int, int, int]

# new: to be handled. late: the same, but what is newer was handled already. duplicate: it was
# handled itself. busy: another callback about the same subject is being handled.
Verdict: TypeAlias = Literal["new", "late", "duplicate", "busy"]


class Event(NamedTuple):
    """What a store knows of a callback: no number, no text.

    ``key`` is the same for the same event, ``subject`` for all events of a message; ``place``
    orders these, however they arrive.
    """

    key: bytes
    subject: bytes
    rank: Rank

    @property
    def place(self) -> tuple[Rank, bytes]:
        """The rank; between equal ones the key decides, so that all orders end alike."""
        return self.rank, self.key


class Letter(NamedTuple):
    """A callback that is the service's, and that was not understood."""

    at: float  # unix seconds
    reason: str
    content_type: str
    body: bytes  # as it came: it may hold numbers and texts
    query: bytes = b""  # of the address that was called


class Seen(Protocol):
    """Remembers which callbacks were handled.

    What it raises is answered with 503: the service then calls again.
    """

    async def begin(self, event: Event, lease: float) -> Verdict:
        """Tell what to do with *event*; "new" and "late" hold its subject.

        It is held until :meth:`end`, but no longer than *lease* seconds, for a process may die.
        All who share a store have the same *lease*: let their ``timeout`` be the same.
        """
        ...

    async def end(self, event: Event, *, handled: bool) -> None:
        """Let go of the subject of *event*; if it was handled, keep that for good."""
        ...

    async def keep(self, letter: Letter) -> None:
        """Keep what was not understood, for a person to look at."""
        ...

    async def aclose(self) -> None:
        """Close what is open; it may be used again."""
        ...


def event_of(callback: StatusReport | IncomingMessage | CallConfirmation) -> Event:
    """Return what *callback* is about.

    What is not signed does not make it another, but for the number of an incoming message and the
    keys pressed during a call: the same text may well be sent twice, and a menu tells each key.
    """
    match callback:
        case StatusReport():
            subject = digest(f"{callback.id}:{callback.phone}")
            key = subject + str(callback.status).encode()
            pressed = (callback.dtmf or "", callback.callmenu or "", callback.calltime or "")
            if any(pressed):
                key = digest(key, *pressed)
            # Of one call, whose status and its time may stay, the later key is the newer.
            return Event(key, subject, (*callback.rank, _seconds(callback.calltime)))
        case IncomingMessage():
            parts = (callback.id, callback.phone, callback.to, callback.text)
            key = digest("message", *parts)
        case CallConfirmation():
            key = digest("call", callback.phone, str(callback.ts))
    return Event(key, key, (0, 0, 0, 0))


def _seconds(text: str | None) -> int:
    """Read how long a call had lasted; 0 for what is no such time."""
    return int(text) if text and text.isdecimal() and len(text) < _TOO_LONG else 0


class MemorySeen:
    """Remembers in this process: the newest *keep* events, and as many messages.

    Several processes, and one that was started anew, handle a repeated callback once more: give
    them a :class:`SqliteSeen`.
    """

    def __init__(self, *, keep: int = 100_000) -> None:
        if keep < 1:
            raise ValueError("keep: at least one event")
        self._keep = keep
        # Oldest first; only the methods of this class change these.
        self._handled = OrderedDict[bytes, None]()
        self._newest = OrderedDict[bytes, tuple[Rank, bytes]]()
        self._held: set[bytes] = set()  # the subjects; if the process ends, so do these
        self._letters = OrderedDict[bytes, Letter]()

    def letters(self) -> list[Letter]:
        """Return what was not understood, oldest first: the newest hundred."""
        return list(self._letters.values())

    async def begin(self, event: Event, lease: float) -> Verdict:  # noqa: ARG002 - as said there
        """Tell what to do with *event*, as :class:`Seen` has it."""
        if event.key in self._handled:
            return "duplicate"
        if event.subject in self._held:
            return "busy"
        self._held.add(event.subject)
        newest = self._newest.get(event.subject)
        return "late" if newest is not None and event.place < newest else "new"

    async def end(self, event: Event, *, handled: bool) -> None:
        """Let go of the subject of *event*, as :class:`Seen` has it."""
        self._held.discard(event.subject)
        if not handled:
            return
        _put(self._handled, event.key, None, self._keep)
        newest = self._newest.get(event.subject)
        if newest is None or newest < event.place:
            _put(self._newest, event.subject, event.place, self._keep)

    async def keep(self, letter: Letter) -> None:
        """Keep what was not understood; the same once."""
        _put(self._letters, digest(letter.body), letter, MOST_LETTERS)

    async def aclose(self) -> None:
        """Do nothing: what was seen is remembered."""


def _put(where: OrderedDict[bytes, T], key: bytes, value: T, most: int) -> None:
    """Put it last, and drop the first of too many, which a plain dict would search for."""
    where[key] = value
    where.move_to_end(key)
    if len(where) > most:
        where.popitem(last=False)
