"""What the service does to a machine's address, and how it is not provoked.

Five wrong logins in half an hour block the address that they come from for half an hour, and a
hundred refused sends in a row for ten minutes, whatever the login. So whoever might be refused
stands in a line of its own before the limits, whose rules are those of the address.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import NamedTuple, TypeAlias
from weakref import WeakSet

import msgspec

from .._throttle.keys import Slot
from .._throttle.ledger import Ledger
from .._throttle.queue import Refusal
from .._throttle.snapshot import Snapshot
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
from .admission import Admission
from .gate import Gate

# The service names half an hour; a block that is still there after it is waited out longer.
COOL_DOWN = 30 * MINUTE / 1000
LONGEST = 8 * COOL_DOWN
# From so many refused sends in a row on, the next ones are spaced.
WARY = 40

# Held while credentials, or an address after its block, are tried; and while a run is spaced.
_TRIAL = Slot(limits.ONE_TRIAL, b"trial")
_PACE = Slot(limits.REFUSED_SENDS, b"sends")
_LOGINS = Slot(limits.ADDRESS_LOGINS, b"logins")

Held: TypeAlias = tuple[Slot, ...]  # what a call has taken here


class Caller(NamedTuple):
    """Who calls, and what: *who* is a digest of the credentials."""

    who: bytes
    sends: bool


class Address:
    """What this machine's address may still do at one family of hosts, whatever the login.

    What other processes must know of it is kept at *gate*, if they share one: a block, a run of
    refused sends, how many logins were refused. Which credentials those were is known to this one
    only: nothing that tells of a password leaves it.
    """

    def __init__(self, clock: Callable[[], float], gate: Gate | None = None) -> None:
        self._clock = clock
        self._refused = Gate(linger=0.0, clock=clock, buried="undo")
        self._gate = self._refused if gate is None else gate
        self.peers: WeakSet[Address] = WeakSet([self])  # of other logins, for a block meets all
        # Written under the lock: clients of several threads may share an address.
        self._lock = threading.Lock()
        self._accepted: set[bytes] = set()
        self._cool_down = COOL_DOWN

    def check(self, operation: str, caller: Caller) -> None:
        """Raise what the service would say, where it is known and asking again would provoke it.

        That is :class:`AddressBlocked`, and :class:`LoginRefused` for credentials that were
        refused twice; or :class:`Throttled`, where too many others were.
        """
        left = self._gate.common.blocked / 1000 - self._clock()
        if left > 0:
            text = "the service has blocked this machine's address, so nothing is sent to it"
            raise AddressBlocked(operation, codes.ERROR_BLOCKED, text, retry_after=left)
        if caller.who in self._accepted:
            return
        if left := self._refused.wait(_refused(caller)):
            text = "these credentials were refused twice, so nothing more is sent with them"
            raise LoginRefused(operation, codes.ERROR_LOGIN, text, retry_after=left)
        if left := self._gate.wait(_LOGINS):
            raise Throttled(operation, left, str(_LOGINS.rule))

    def take(self, caller: Caller) -> Held | None:
        """Take what *caller* needs here, if it can be had now; None says that it cannot.

        A call that provokes nothing needs nothing.
        """
        needed = self._needed(caller)
        return needed if not needed or self._gate.seize(needed) else None

    async def wait(self, ask: Admission, caller: Caller, waits: Callable[[Refusal], None]) -> Held:
        """Wait for what *caller* needs here, and take it; nothing, if it needs that no more.

        Raises :class:`Throttled`.
        """
        needed = self._needed(caller)
        if not needed or not await self._gate.admit(
            msgspec.structs.replace(ask, slots=needed, unique=False, number=0), waits
        ):
            return ()
        if needed == self._needed(caller):
            return needed
        self._gate.leave(needed, "undo")
        return ()

    def leave(self, held: Held, caller: Caller, outcome: object) -> float:
        """Note how an attempt ended; return the seconds of a block that it told of, or 0.

        An *outcome* of None says that nothing was sent.
        """
        block, paced = 0.0, False
        match outcome:
            case None | NotSent() | NoAnswer() | OutcomeUnknown() | BadReply():
                pass  # the service has said nothing
            case AddressBlocked():
                block, paced = self._block(), caller.sends
            case LoginRefused():
                self._distrust(caller)
                paced = caller.sends
            case _:
                self._trust(caller)
                paced = caller.sends and isinstance(outcome, ApiError)
                if caller.sends and not paced:
                    self._end_run()
        if paced:
            self._gate.note(_one_more_refused)
            if _PACE not in held:
                self._gate.note(lambda ledger, now: ledger.count((_PACE,), now))
        if held:
            self._gate.leave(held, "done" if paced else "undo")
        return block

    def snapshot(self) -> Snapshot:
        """Tell who waits here, before the limits."""
        return self._refused.snapshot()

    def turn_away(self, owner: object) -> None:
        """End the waiting of all calls of *owner*."""
        self._gate.turn_away(lambda _, whose: whose is owner)

    def _needed(self, caller: Caller) -> Held:
        """Return what a call takes that might be refused, or whose address might be."""
        needed: Held = ()
        common = self._gate.common
        if common.blocked or caller.who not in self._accepted:
            needed = (_TRIAL,)
        if caller.sends and common.refused >= WARY:
            needed = (*needed, _PACE)
        return needed

    def _trust(self, caller: Caller) -> None:
        with self._lock:
            known = caller.who in self._accepted
            self._accepted.add(caller.who)
            is_free = 0 < self._gate.common.blocked / 1000 <= self._clock()
            if is_free:
                self._cool_down = COOL_DOWN
        if is_free:
            self._gate.note(_free_again)
        if not known:
            self._refused.clear(_refused(caller))  # what counts is two in a row

    def _distrust(self, caller: Caller) -> None:
        with self._lock:
            self._accepted.discard(caller.who)
        self._refused.note(lambda ledger, now: ledger.count((_refused(caller),), now))
        self._gate.note(lambda ledger, now: ledger.count((_LOGINS,), now))

    def _end_run(self) -> None:
        if self._gate.common.refused:
            self._gate.note(_none_refused)
            self._gate.clear(_PACE)

    def _block(self) -> float:
        with self._lock:
            now, blocked = self._clock(), self._gate.common.blocked / 1000
            if now < blocked:  # of a request that was under way already
                return 0.0
            if blocked:  # it was tried again, too early
                self._cool_down = min(LONGEST, 2 * self._cool_down)
            cool_down = self._cool_down
        for peer in self.peers:
            if peer._clock == self._clock:  # noqa: SLF001 - one of its own kind
                peer._be_blocked(now + cool_down)  # noqa: SLF001 - the same
        return cool_down

    def _be_blocked(self, until: float) -> None:
        def blocked(ledger: Ledger, _: int) -> None:
            ledger.common.blocked = max(ledger.common.blocked, round(until * 1000))

        self._gate.note(blocked)


def _one_more_refused(ledger: Ledger, _: int) -> None:
    ledger.common.refused += 1


def _none_refused(ledger: Ledger, _: int) -> None:
    ledger.common.refused = 0


def _free_again(ledger: Ledger, _: int) -> None:
    ledger.common.blocked = 0


def _refused(caller: Caller) -> Slot:
    return Slot(limits.REFUSED_LOGINS, b"refused" + caller.who)
