"""The limits of one account, and which clients share them."""

from __future__ import annotations

import asyncio
import os
import threading
from collections.abc import Callable
from dataclasses import replace
from typing import TypeAlias
from weakref import WeakKeyDictionary, WeakSet

import msgspec

from .._throttle.snapshot import Snapshot
from .address import Address
from .clock import loop_time, on_machine_time
from .gate import Gate


class Throttle(Gate):
    """The limits of one account, as kept in this process.

    Clients of the same account share one without being told. Pass one as ``throttle=`` to share it
    where that cannot be seen: among clients with a transport or a clock of their own.
    """

    def __init__(
        self,
        *,
        guard: float = 1.0,
        linger: float = 5.0,
        clock: Callable[[], float] = loop_time,
    ) -> None:
        super().__init__(guard=guard, linger=linger, clock=clock)
        self.address = Address(clock)
        self._account = ""
        self._process: int | None = None  # in which a client first used it

    def settle_in(self, family: str, account: str) -> None:
        """Note that *account*, at the hosts of *family*, uses it in this process.

        Raises :class:`RuntimeError` in a fork of the process in which it was used first: what is in
        flight there would never end here, and a lock may have been held by a thread that is not
        here.
        """
        self._note_process()
        self._account = account
        if self.is_shared:
            with _lock:
                self.address.peers = _peers.setdefault(family, WeakSet())
                self.address.peers.add(self.address)

    def snapshot(self) -> Snapshot:
        """Tell what is in flight, what waits, and for what; call it where an event loop runs.

        Those who wait for the address, before the limits, are among them.
        """
        seen, before = super().snapshot(), self.address.snapshot()
        waiting = {lane: count + before.waiting[lane] for lane, count in seen.waiting.items()}
        return replace(seen, waiting=waiting, standing=(*before.standing, *seen.standing))

    def _note_process(self) -> None:
        process = os.getpid()
        if self._process not in (None, process):
            raise RuntimeError(
                "this throttle was used before the process was forked; make one in each process"
            )
        self._process = process


_Account: TypeAlias = tuple[str, str]  # the family of its hosts, and what names it


class _Known(msgspec.Struct, frozen=True):
    """What the clients of one clock share; written under the lock."""

    throttles: dict[_Account, Throttle] = {}
    addresses: dict[str, Address] = {}


# Throttles outlive their clients, as the service's memory does; they are as many as there are
# accounts.
_lock = threading.Lock()
_of_machine = _Known()
_peers: dict[str, WeakSet[Address]] = {}  # of the throttles that are shared by a file
_of_loop: WeakKeyDictionary[asyncio.AbstractEventLoop, _Known] = WeakKeyDictionary()


def _forget() -> None:
    """Begin anew in a fork, which keeps to the limits by itself, as any other process does."""
    _of_machine.throttles.clear()
    _of_machine.addresses.clear()
    _of_loop.clear()
    _peers.clear()
    _lock.release()


if hasattr(os, "register_at_fork"):  # where there are forks
    # Nobody else may hold the lock then: in the child there is no one to release it.
    os.register_at_fork(before=_lock.acquire, after_in_parent=_lock.release, after_in_child=_forget)


def throttle_of(family: str, account: str, *, guard: float, linger: float) -> Throttle:
    """Return the throttle of *account* at the hosts of *family*, for the running loop's clock.

    The most careful client of an account decides about guard and linger; a loop with a clock of
    its own shares with no other. All accounts of a family have one address.
    """
    loop = asyncio.get_running_loop()
    with _lock:
        known = _of_machine if on_machine_time(loop) else _of_loop.setdefault(loop, _Known())
        throttle = known.throttles.get((family, account))
        if throttle is None:
            throttle = known.throttles[family, account] = Throttle(guard=guard, linger=linger)
            throttle.address = known.addresses.setdefault(family, throttle.address)
        throttle.widen(guard=guard, linger=linger)
        return throttle
