"""The life of one request: it arrives, is let in or not, is worked on, and ends."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Hashable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from random import Random

import anyio
import httpx

from .._wire import codes, limits
from .._wire.limits import Rule
from . import _answers as answers
from . import _drafts as drafts
from . import _operations as operations
from ._answers import Answer
from ._ask import Ask
from ._blocks import WRONG_LOGIN, Blocks
from ._book import Book
from ._callbacks import Callbacks
from ._counting import Call, Counting, Entry
from ._drafts import Draft
from ._faults import UNWORKED, Faults, checked
from ._form import Form
from ._records import Change, Fault, Refusal, Refused, Request, Uploaded
from ._settings import Settings, delays

MALFORMED = "parameters error"
BLOCKED = "address is blocked"
CONCURRENT = "too many concurrent requests"
TOO_OFTEN = "duplicate request, wait a minute"
CODE_SENT = (10, "the code was already sent")
CODE_WINDOW = 8 * limits.HOUR  # of the codes that confirm a sender's number, and of nothing else
ON_DEMAND = "a fault was asked for"
NOTHING = Answer(None, "", "")  # stands for the answer to a request that is not worked on


@dataclass(slots=True)
class Visit:
    """One request between its arrival and its end."""

    number: int
    path: str
    params: Mapping[str, str]  # without the credentials
    files: tuple[Uploaded, ...]
    arrived: float
    fault: Fault | int | None
    drafts: tuple[Draft, ...] | Refused = ()  # what a send asks for, or why it cannot be read
    entry: Entry = field(default_factory=Entry)
    answer: Answer | None = None  # when it is not to be worked on


class Service:
    """The account, its limits, and the record of what happened."""

    def __init__(
        self,
        settings: Settings,
        clock: Callable[[], float],
        wall: Callable[[], datetime],
        transport: httpx.AsyncBaseTransport | None = None,
    ) -> None:
        self.settings = settings
        self.book = Book(settings.balance, settings.keep, settings.senders)
        self.counting = Counting(
            whole_seconds=settings.whole_seconds,
            refusals_count=settings.refusals_count,
            concurrent_limit=settings.concurrent_limit,
        )
        self.blocks = Blocks(settings.wrong_logins, settings.refused_sends)
        self.callbacks = Callbacks(settings, self.book, clock, wall, transport)
        self.faults: Faults | None = None
        self.requests = 0
        self.log: deque[Request] = deque(maxlen=settings.keep)
        self.refusals: deque[Refusal] = deque(maxlen=settings.keep)
        self._clock = clock
        self._wall = wall
        self._random = Random(settings.seed)  # noqa: S311 - nothing here is a secret

    def receive(self, phone: str, text: str, to: str) -> int:
        """Let a message come in now, and return its number."""
        message = self.book.inbox.receive(phone, text, to, self._clock(), self._wall())
        self.callbacks.came(message)
        return message.number

    def change(self, id: str, phone: str, change: Change) -> None:
        """Give a message another status.

        Raises:
            LookupError: there is none.
        """
        self.callbacks.changed(self.book.change(id, phone, change), change)

    def call(self, phone: str) -> None:
        """Let a phone call whose call is waited for.

        Raises:
            LookupError: it is not.
        """
        if self.book.confirmations.awaited.pop(phone, None) is None:
            raise LookupError(f"nobody waits for a call of {phone}")
        self.callbacks.called(phone)

    async def handle(self, path: str, form: Form) -> tuple[Answer, Fault | int | None]:
        """Take a request from the first byte to the answer, and tell what is to go wrong with it.

        Raises:
            ValueError: a fault was asked for that there is not.
        """
        forward, work = delays(self.settings, self._random)
        await _pause(forward)
        visit = self._arrive(path, form)
        if visit.answer is None:
            await _pause(work)
        return self._end(visit), visit.fault

    def _arrive(self, path: str, form: Form) -> Visit:
        self.requests += 1
        params = {k: v for k, v in form.params.items() if k not in codes.CREDENTIALS}
        fault = checked(self.faults and self.faults(path, params, self.requests))
        visit = Visit(self.requests, path, params, form.files, self._clock(), fault)
        if self.blocks.refuses(visit.arrived):
            visit.answer = answers.error(4, BLOCKED)
        elif form.broken:
            visit.answer = answers.error(1, MALFORMED)
        elif not _known(self.settings, form.params):
            visit.answer = answers.error(WRONG_LOGIN, "authorise error")
        else:
            visit.drafts = _read(visit, self.book.phonebook.members)
            visit.entry = self.counting.enter(_call(self.settings, visit), visit.arrived)
            if (rule := visit.entry.full) is not None:
                visit.answer = _full(rule)
            elif isinstance(fault, int):
                visit.answer = answers.error(fault, ON_DEMAND)
            elif fault in UNWORKED:
                visit.answer = NOTHING
        return visit

    def _end(self, visit: Visit) -> Answer:
        answer = visit.answer or self._work(visit)
        now = self._clock()
        self.counting.leave(visit.entry, answer.code or 0)
        if answer is not NOTHING:
            self.blocks.ended(visit.path, visit.params, answer.code, now)
        self.log.append(
            Request(
                visit.number,
                visit.path,
                visit.params,
                visit.arrived,
                now,
                answer.code,
                answer.error,
                visit.fault,
                visit.files,
            )
        )
        if answer.code:
            self.refusals.append(Refusal(now, visit.path, answer.code, answer.error))
        return answer

    def _work(self, visit: Visit) -> Answer:
        if isinstance(visit.drafts, Refused):
            return answers.error(visit.drafts.code, visit.drafts.text, visit.drafts.id)
        ask = Ask(
            visit.path,
            visit.params,
            visit.files,
            visit.number,
            visit.arrived,
            self._clock(),
            self._wall(),
            self.settings,
            self.book,
            self._random,
            visit.drafts,
        )
        try:
            answer = operations.choose(visit.path)(ask)
        except Refused as refused:
            return answers.error(refused.code, refused.text, refused.id)
        self.callbacks.sent(visit.number)
        return answer


def _full(rule: Rule) -> Answer:
    """Answer to a request that meets a limit; one of them has a number of its own."""
    if rule.window == CODE_WINDOW:
        return answers.error(*CODE_SENT)
    return answers.error(9, TOO_OFTEN if rule.window else CONCURRENT)


async def _pause(seconds: float) -> None:
    if seconds > 0:
        await anyio.sleep(seconds)


def _known(settings: Settings, params: Mapping[str, str]) -> bool:
    """Tell whether the credentials are the account's."""
    login, password = params.get("login", ""), params.get("psw", "")
    # With an empty login the password is read as the key.
    key = params.get("apikey") or ("" if login else password)
    if settings.apikey is not None and key == settings.apikey:
        return True
    return (login, password) == (settings.login, settings.password)


def _read(visit: Visit, members: drafts.Members) -> tuple[Draft, ...] | Refused:
    """Read what a request asks to send; what cannot be is answered once it is worked on."""
    if visit.path != codes.SEND:
        return ()
    try:
        return drafts.read(visit.params, visit.files, members)
    except Refused as refused:
        return refused


def _call(settings: Settings, visit: Visit) -> Call:
    """See a request as the limits do."""
    identity: Hashable = (visit.path, frozenset(visit.params.items()), visit.files)
    wanted = visit.drafts
    if isinstance(wanted, Refused) or not wanted:
        return Call(visit.path, visit.params, identity)
    if settings.identical == "no_id":
        kept = {name: value for name, value in visit.params.items() if name != "id"}
        identity = (visit.path, frozenset(kept.items()), visit.files)
    elif settings.identical == "message":
        priced = visit.params.get("cost") == "1"
        messages = sorted((draft.kind, draft.phone, draft.original) for draft in wanted)
        identity = (visit.path, priced, tuple(messages))
    return Call(visit.path, visit.params, identity, tuple(draft.phone for draft in wanted))
