"""The limits of a login, shared by the processes of one machine through a file."""

from __future__ import annotations

import asyncio
import logging
import os
import weakref
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from itertools import chain
from pathlib import Path
from typing import Final, Literal, TypeVar

from .._throttle.keys import Slot
from .._throttle.ledger import Ledger
from .._throttle.line import Line
from .._throttle.queue import Entry
from .._throttle.snapshot import Snapshot, snapshot, standings
from .._wire.limits import MINUTE
from ..errors import ThrottleUnavailable
from .address import Address
from .books import BROKEN
from .clock import boot_id, boot_time
from .gate import Unreachable
from .living import Life
from .loops import resolve, running
from .store import OPENING, TIDY, Store
from .throttle import Throttle

T = TypeVar("T")

# ms between two looks whether another process has left something. A place so stands free for half
# of it; a look that finds nothing new costs some microseconds.
POLL: Final = 5
_log = logging.getLogger("smsc_async")


class FileThrottle(Throttle):
    """The limits of an account, kept in a file for all processes of this machine.

    Pass one with the same *path* to the clients of every process: ``SmscClient(...,
    throttle=FileThrottle("smsc.db"))``. What was used outlives restarts; a process that dies, by
    whatever end, gives back what it had taken after ``linger`` seconds. A *path* that is a folder
    holds a file for each account. The file is on a disk of this machine, not of a network's, with
    two companions beside it and a third (``-holders``); only its owner may read it. It holds
    digests, no credentials, texts or phone numbers; but a number that is guessed can be compared
    with them.

    Where the file cannot be used, calls raise :class:`ThrottleUnavailable`: nothing starts
    unlimited. Where it was removed, nothing starts for a minute, since what was known is lost.
    ``clock`` is one that all processes share, in seconds since the machine was started, and
    ``boot`` tells one start from another; they are for tests.
    """

    is_shared = True

    def __init__(
        self,
        path: str | os.PathLike[str],
        *,
        guard: float = 1.0,
        linger: float = 5.0,
        clock: Callable[[], float] = boot_time,
        boot: Callable[[], str] = boot_id,
    ) -> None:
        super().__init__(guard=guard, linger=linger, clock=clock)
        self.address = Address(clock, self)
        self.path = Path(path).absolute()  # the same, wherever the program goes
        self._boot = boot
        self._store: Store | None = None
        self._close: Callable[[], object] = _nothing  # the store
        self._life = Life()
        weakref.finalize(self, self._life.end)
        self._used: int | None = None  # when it was used last
        self._is_blind = False  # what was known of the last minute is lost
        self._is_in_reach = True
        # What happened while the file was busy, and the loop in which that will be tried again.
        self._later: list[Callable[[int], list[Entry] | None]] = []
        self._ending: list[tuple[Slot, ...]] = []  # what was given back by it
        self._owing: asyncio.AbstractEventLoop | None = None
        self._line = self._unopened()

    def settle_in(self, family: str, account: str) -> None:
        """Note that *account*, at the hosts of *family*, uses it in this process.

        Raises :class:`RuntimeError` for a second account in a folder, beside what any throttle
        raises.
        """
        if self.path.is_dir() and self._account not in ("", account):
            raise RuntimeError(
                "this throttle keeps the limits of another account of its folder; make one for each"
            )
        super().settle_in(family, account)

    @property
    def file(self) -> Path:
        """The file itself; in a folder, that of the account.

        Raises :class:`ValueError` for a folder while no client has named the account.
        """
        if not self.path.is_dir():
            return self.path
        if not self._account:
            raise ValueError("it is a folder, and no client has named the account yet")
        return self.path / f"{self._account}.db"

    def snapshot(self) -> Snapshot:
        """Tell what is in flight, what waits, and for what, of all processes together.

        Raises :class:`ThrottleUnavailable`.
        """
        with self._lock:
            try:
                return self._decide(self._seen)
            except Unreachable as error:
                raise ThrottleUnavailable("snapshot", str(error)) from None

    def close(self) -> None:
        """Close the file; whoever uses the throttle opens it again, and so does what is in flight.

        Whoever waits is turned away; what is in flight keeps its places until it ends.
        """
        with self._lock:
            self._let_go("it was closed")

    def _unopened(self) -> Line:
        known = self._line.ledger
        return Line(Ledger(known.guard, known.linger))

    def _opened(self, patience: float) -> Store:
        if self._store is not None and not self._store.is_in_place():
            self._begin_anew("it was removed")
            # What was used longer ago has come back, and others look by themselves.
            period = MINUTE + self._line.ledger.guard
            self._is_blind |= self._used is not None and self._now() - self._used < period
        if self._store is None:
            store = Store(self.file.resolve(), self._clock, self._boot, self._life, patience)
            self._close = weakref.finalize(self, store.close)
            known = self._line.ledger
            ledger = Ledger(known.guard, known.linger, store.shelf)
            self._line, self._store = Line(ledger, store.claims), store
            self._is_blind |= store.was_removed or (store.is_new and self._used is not None)
        return self._store

    def _go_on(self, store: Store, now: int) -> None:
        """Go on where an opening before ended, of this file or of one that is gone."""
        ledger = self._line.ledger
        if self._is_blind:
            ledger.pause(now, MINUTE + ledger.guard)
        ours = chain(self._ending, *self._taken.values())
        for slots in store.claims.recover(ours):
            ledger.lost(slots, now)

    def _decide(self, decision: Callable[[int], T]) -> T:
        self._note_process()
        decided: list[Entry] = []
        # Who waited in vain does not wait again: the whole loop would.
        patience, self._is_in_reach = OPENING if self._is_in_reach else 0.0, False
        try:
            store = self._opened(patience)
            store.begin()
            with store.deciding(self._line.ledger) as now:
                if not store.went_on:
                    self._go_on(store, now)
                for fact in self._later:
                    decided += fact(now) or []
                result = decision(now)
        except BlockingIOError as error:
            raise Unreachable(f"{self.path}: {error}") from None
        except BROKEN as error:
            self._begin_anew(str(error))
            raise Unreachable(f"{self.path}: {error}") from None
        except BaseException:  # whatever was decided is not written
            self._begin_anew("a decision was cut")
            raise
        self._is_in_reach, self._is_blind, self._used = True, False, now
        store.went_on = True
        self._later.clear()
        self._ending.clear()
        if self._owing is not None:
            loop, self._owing = self._owing, None
            if loop is running():
                self._alarms.leave(loop)
            else:
                self._alarms.soon(loop, self._paid, loop)
        if decided:
            self._wake(decided)
        return result

    def _note(self, fact: Callable[[int], list[Entry] | None]) -> None:
        try:
            self._wake(self._decide(lambda now: fact(now) or []))
        except Unreachable:
            self._later.append(fact)
            if (loop := running()) and (self._owing is None or self._owing.is_closed()):
                self._owing = loop
                self._alarms.join(loop)
                self._alarms.arm()

    def _leave(self, slots: tuple[Slot, ...], how: Literal["done", "lost", "undo"]) -> None:
        self._ending.append(slots)
        super()._leave(slots, how)

    def _paid(self, loop: asyncio.AbstractEventLoop) -> None:
        with self._lock:
            self._alarms.leave(loop)

    def _begin_anew(self, reason: str) -> None:
        if self._store is None:
            return
        _log.warning("the limits in %s are let go of, and read anew: %s", self.path, reason)
        self._let_go(reason)

    def _let_go(self, reason: str) -> None:
        """Close the file, and tell whoever waits."""
        self._store = None
        for entry in chain.from_iterable(self._line.queues()):
            entry.fate = "lost"  # also of those who have gone, unless that was written
        self._line, self._why = self._unopened(), f"{self.path}: {reason}"
        with suppress(*BROKEN):
            self._close()
        if not (self._taken or self._ending):
            self._life.end()
        for entry in self._waiting:
            loop, future = entry.tag
            if entry.fate == "admitted" and any(
                taken is entry.slots for taken in self._taken.get(loop, ())
            ):
                continue
            if entry.fate != "gone":
                entry.fate = "lost"
            self._alarms.soon(loop, resolve, future)

    def _due(self) -> float | None:
        wait = super()._due()
        most = POLL if next(self._line.hanging(), None) else TIDY
        wait = most if wait is None else min(wait, most)
        return wait if self._is_in_reach else max(wait, TIDY)

    def _look_again(self) -> None:
        with self._lock:
            self._bury()
            try:
                if self._may_go_on():
                    self._wake(self._decide(self._looked))
            except Unreachable as error:
                _log.debug("nobody can go on: %s", error)
            self._alarms.arm()

    def _may_go_on(self) -> bool:
        due = self._line.next_due()
        if self._store is None or self._later or (due is not None and due <= self._now()):
            return True
        try:
            return self._store.was_changed() or self._store.is_untidy()
        except BROKEN:
            return True

    def _looked(self, now: int) -> list[Entry]:
        store = self._store
        if store is None:
            return []
        keys = [*self._line.hanging(), *store.claims.called()]
        if store.is_tidied:  # another may have given back, unused, what is not due yet here
            keys = [queue.slot.key for queue in self._line.queues()]
        return self._line.serve(keys, now)

    def _seen(self, now: int) -> Snapshot:
        seen = snapshot(self._line, now)
        if self._store is None:
            return seen
        claims = self._store.claims
        standing = standings(claims.standing(), self._line.ledger, now)
        return replace(seen, waiting=claims.waiting(), standing=standing)


def _nothing() -> None:
    pass
