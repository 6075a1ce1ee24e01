"""Which clients share a throttle."""

from __future__ import annotations

import asyncio
import threading
from weakref import WeakKeyDictionary

from .clock import on_machine_time
from .gate import Throttle

# Throttles outlive their clients, as the service's memory does; they are as many as there are
# accounts. Written under the lock.
_lock = threading.Lock()
_of_machine: dict[tuple[str, str], Throttle] = {}
_of_loop: WeakKeyDictionary[asyncio.AbstractEventLoop, dict[tuple[str, str], Throttle]] = (
    WeakKeyDictionary()
)


def throttle_of(family: str, account: str, *, guard: float, linger: float) -> Throttle:
    """Return the throttle of *account* at the hosts of *family*, for the running loop's clock.

    The most careful client of an account decides about guard and linger; a loop with a clock of
    its own shares with no other.
    """
    loop = asyncio.get_running_loop()
    with _lock:
        known = _of_machine if on_machine_time(loop) else _of_loop.setdefault(loop, {})
        throttle = known.get((family, account))
        if throttle is None:
            throttle = known[family, account] = Throttle(guard=guard, linger=linger)
        throttle.widen(guard=guard, linger=linger)
        return throttle
