"""The limits of one account, and which clients share them."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TypeAlias
from weakref import WeakKeyDictionary

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


_Account: TypeAlias = tuple[str, str]  # the family of its hosts, and what names it


@dataclass(frozen=True, slots=True)
class _Known:
    """What the clients of one clock share; written under the lock."""

    throttles: dict[_Account, Throttle] = field(default_factory=dict["_Account", Throttle])
    addresses: dict[str, Address] = field(default_factory=dict[str, Address])


# Throttles outlive their clients, as the service's memory does; they are as many as there are
# accounts.
_lock = threading.Lock()
_of_machine = _Known()
_of_loop: WeakKeyDictionary[asyncio.AbstractEventLoop, _Known] = WeakKeyDictionary()


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
