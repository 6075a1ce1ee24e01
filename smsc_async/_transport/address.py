"""What the service does to a machine's address, and how it is not provoked.

Five wrong logins in half an hour block the address that they come from for half an hour, and a
hundred refused sends in a row for ten minutes, whatever the login. So whoever might be refused
stands in a line of its own before the limits, whose rules are those of the address.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import replace
from typing import NamedTuple, TypeAlias

from .._events import Event
from .._throttle.keys import Slot
from .._wire import codes, limits
from .._wire.limits import MINUTE
from ..errors import (
    AddressBlocked,
    ApiError,
    BadReply,
    LoginRefused,
    NoAnswer,
    NotSent,
    OutcomeUnknown,
    Throttled,
)
from .gate import Admission, Gate

# The service names half an hour; a block that is still there after it is waited out longer.
COOL_DOWN = 30 * MINUTE / 1000
LONGEST = 8 * COOL_DOWN
# From so many refused sends in a row on, each has to find a token.
WARY = limits.REFUSED_SENDS.limit // 2

_PROBE = Slot(limits.ONE_PROBE, b"probe")
_LOGINS = Slot(limits.ADDRESS_LOGINS, b"logins")
_SENDS = Slot(limits.REFUSED_SENDS, b"sends")
_PACE = (_SENDS,)

Held: TypeAlias = tuple[tuple[Slot, ...], ...]  # what a call has taken here


class Caller(NamedTuple):
    """Who calls, and what: *who* is a digest of the credentials."""

    who: bytes
    sends: bool


class Address:
    """What this machine's address may still do at one family of hosts, whatever the login."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._gate = Gate(linger=0.0, clock=clock, buried="undo")
        # Written under the lock: clients of several threads may share an address.
        self._lock = threading.Lock()
        self._accepted: set[bytes] = set()
        self._blocked_until = 0.0
        self._cool_down = COOL_DOWN
        self._on_probation = False
        self._refused_in_a_row = 0

    def check(self, operation: str) -> None:
        """Raise :class:`AddressBlocked` while the service has blocked the address."""
        left = self._blocked_until - self._clock()
        if left > 0:
            text = "the service has blocked this machine's address, so nothing is sent to it"
            raise AddressBlocked(operation, codes.ERROR_BLOCKED, text, retry_after=left)

    async def admit(
        self, ask: Admission, caller: Caller, tell: Callable[[Event], None]
    ) -> Held | None:
        """Wait until the call of *ask* may provoke the service; None: it was turned away.

        A call that provokes nothing takes nothing, and goes on at once. Raises
        :class:`AddressBlocked`, :class:`LoginRefused` for credentials that were refused twice,
        and :class:`Throttled`.
        """
        self.check(ask.operation)
        held: Held = ()
        try:
            for needed in (self._trial, self._pace):
                slots = needed(caller)
                if not slots:
                    continue
                if not await self._gate.admit(replace(ask, slots=slots, unique=False), tell):
                    self.give_back(held)
                    return None
                if needed(caller):
                    held = (*held, slots)
                else:  # it was settled while this one waited
                    self._gate.leave(slots, "undo")
        except GeneratorExit:
            raise  # collected with its closed loop: the gate buries what it held
        except Throttled as error:
            self.give_back(held)
            if error.rule == str(limits.REFUSED_LOGINS):
                raise _refused_before(error) from None
            raise
        except BaseException:
            self.give_back(held)
            raise
        return held

    def contents(self, held: Held, caller: Caller) -> bool:
        """Tell whether what a call holds is still all that it needs."""
        return all(needed in held for needed in (self._trial(caller), self._pace(caller)) if needed)

    def give_back(self, held: Held) -> None:
        """Return what was taken for a call that did not reach the service."""
        for slots in held:
            self._gate.leave(slots, "undo")

    def leave(self, held: Held, caller: Caller, outcome: object) -> float:
        """Note how an attempt ended; return the seconds of a block that it told of, or 0."""
        if isinstance(outcome, NotSent | NoAnswer | OutcomeUnknown | BadReply):
            self.give_back(held)  # the service has said nothing
            return 0.0
        bad_login, blocked = isinstance(outcome, LoginRefused), isinstance(outcome, AddressBlocked)
        bad_send = caller.sends and isinstance(outcome, ApiError)
        block = self._block() if blocked else 0.0
        if bad_login:
            self._distrust(held, caller)
        elif not blocked:
            self._trust(caller)
        if caller.sends:
            self._count(held, refused=bad_send)
        for slots in held:
            counts = bad_send if slots == _PACE else bad_login
            self._gate.leave(slots, "done" if counts else "undo")
        if bad_login and not self._gate.free(_refused(caller)):
            # Those in line would wait in vain: let them ask again, and be told.
            self._gate.turn_away(lambda entry, _: _refused(caller) in entry.slots)
        return block

    def turn_away(self, owner: object) -> None:
        """End the waiting of all calls of *owner*."""
        self._gate.turn_away(lambda _, whose: whose is owner)

    def _trial(self, caller: Caller) -> tuple[Slot, ...]:
        """Return what a call takes whose credentials, or whose address, are not trusted yet."""
        slots: tuple[Slot, ...] = ()
        if caller.who not in self._accepted:
            slots = (_refused(caller), _LOGINS, Slot(limits.ONE_TRIAL, caller.who))
        return (*slots, _PROBE) if self._on_probation else slots

    def _pace(self, caller: Caller) -> tuple[Slot, ...]:
        return _PACE if caller.sends and self._refused_in_a_row >= WARY else ()

    def _trust(self, caller: Caller) -> None:
        with self._lock:
            self._accepted.add(caller.who)
            if self._on_probation and self._clock() >= self._blocked_until:
                self._on_probation, self._cool_down = False, COOL_DOWN

    def _distrust(self, held: Held, caller: Caller) -> None:
        with self._lock:
            self._accepted.discard(caller.who)
        if not any(_LOGINS in slots for slots in held):  # they had been accepted until now
            self._gate.count((_refused(caller), _LOGINS))

    def _block(self) -> float:
        with self._lock:
            now = self._clock()
            if now < self._blocked_until:  # of a request that was under way already
                return 0.0
            if self._on_probation:
                self._cool_down = min(LONGEST, 2 * self._cool_down)
            self._blocked_until = now + self._cool_down
            self._on_probation = True
            return self._cool_down

    def _count(self, held: Held, *, refused: bool) -> None:
        """Count refused sends in a row; one that is taken ends the row."""
        if refused and _PACE not in held:
            self._gate.count(_PACE)
        with self._lock:
            ended = self._refused_in_a_row and not refused
            self._refused_in_a_row = self._refused_in_a_row + 1 if refused else 0
        if ended:
            self._gate.clear(_SENDS)


def _refused(caller: Caller) -> Slot:
    return Slot(limits.REFUSED_LOGINS, b"refused" + caller.who)


def _refused_before(error: Throttled) -> LoginRefused:
    text = "these credentials were refused twice, so nothing more is sent with them"
    return LoginRefused(error.operation, codes.ERROR_LOGIN, text, retry_after=error.retry_after)
