"""The limits of a login, shared by the processes of one machine through a file."""

from __future__ import annotations

import logging
import os
import sqlite3
import weakref
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Final, TypeVar

from .._throttle.ledger import Ledger
from .._throttle.line import Line
from .._throttle.queue import Entry
from .._throttle.snapshot import Snapshot, snapshot
from .._wire.limits import MINUTE
from ..errors import ThrottleUnavailable
from .address import Address
from .clock import boot_id, boot_time
from .gate import Unreachable
from .loops import resolve
from .store import TIDY, Store
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

    _is_shared = True

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
        self.path = Path(path)
        self._boot = boot
        self._store: Store | None = None
        self._was_used = False
        self._later: list[Callable[[int], list[Entry] | None]] = []  # while the file is busy
        self._line = self._unopened()

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
        """Give the file back; the next use opens it again."""
        with self._lock:
            self._let_go("it was closed")

    def _unopened(self) -> Line:
        known = self._line.ledger
        return Line(Ledger(known.guard, known.linger))

    def _opened(self) -> Store:
        if self._store is not None and self._store.is_untidy() and not self._store.is_in_place():
            self._begin_anew(f"{self.path} was removed")
        if self._store is None:
            if self.path.is_dir():
                self.path /= f"{self._account}.db"
            try:
                store = Store(self.path, self._clock, self._boot)
            except (sqlite3.Error, OSError, ValueError) as error:
                raise Unreachable(f"{self.path}: {error}") from None
            weakref.finalize(self, store.close)
            known = self._line.ledger
            ledger = Ledger(known.guard, known.linger, store)
            self._line, self._store = Line(ledger, store.claims), store
            if store.is_new and self._was_used:
                self._later.append(lambda now: ledger.pause(now, MINUTE + ledger.guard))
            self._was_used = True
        return self._store

    def _decide(self, decision: Callable[[int], T]) -> T:
        store = self._opened()
        try:
            store.begin()
        except sqlite3.OperationalError as error:
            raise Unreachable(f"{self.path}: {error}") from None
        decided: list[Entry] = []
        try:
            with store.deciding(self._line.ledger) as now:
                while self._later:
                    decided += self._later[0](now) or []
                    del self._later[0]
                result = decision(now)
        except (sqlite3.Error, OSError) as error:
            self._begin_anew(str(error))
            raise Unreachable(f"{self.path}: {error}") from None
        if decided:
            self._wake(decided)
        return result

    def _note(self, fact: Callable[[int], list[Entry] | None]) -> None:
        try:
            self._wake(self._decide(lambda now: fact(now) or []))
        except Unreachable:
            self._later.append(fact)

    def _begin_anew(self, reason: str) -> None:
        _log.warning("the limits in %s are let go of, and read anew: %s", self.path, reason)
        self._let_go(reason)

    def _let_go(self, reason: str) -> None:
        """Close the file: what is taken lingers there, and whoever waits is told."""
        store, self._store = self._store, None
        if store is None:
            return
        self._line, self._why = self._unopened(), f"{self.path}: {reason}"
        try:
            store.close()
        except (sqlite3.Error, OSError):
            _log.debug("%s could not be closed", self.path)
        for entry in self._waiting:
            loop, future = entry.tag
            if not any(taken is entry.slots for taken in self._taken.get(loop, ())):
                entry.fate = "lost"
                self._alarms.soon(loop, resolve, future)

    def _due(self) -> float | None:
        wait = super()._due()
        if not self._alarms.loops:
            return wait
        most = POLL if any(True for _ in self._line.hanging()) else TIDY
        return most if wait is None else min(wait, most)

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
        return self._store.was_changed() or self._store.is_untidy()

    def _looked(self, now: int) -> list[Entry]:
        called = self._store.claims.called() if self._store else []
        return self._line.serve([*self._line.hanging(), *called], now)

    def _seen(self, now: int) -> Snapshot:
        seen = snapshot(self._line, now)
        if self._store is None:
            return seen
        standing = self._store.claims.standing(now)
        waiting = self._store.claims.waiting()
        return replace(seen, waiting=waiting, standing=standing)
