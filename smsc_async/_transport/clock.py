"""The client's seams to the world: time, chance and sleep; nobody else touches these."""

from __future__ import annotations

import asyncio
import random
import secrets
import time
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import anyio
import msgspec


def loop_time() -> float:
    """Return the time of the running loop, in seconds; a virtual loop brings its own."""
    return asyncio.get_running_loop().time()


def on_machine_time(loop: asyncio.AbstractEventLoop) -> bool:
    """Tell whether *loop* counts the machine's monotonic time, as the loops of other threads do."""
    kind: Any = type(loop)
    return kind.time is asyncio.BaseEventLoop.time or kind.__module__.startswith("uvloop")


def boot_time() -> float:
    """Return the seconds since this machine was started, the same for all its processes."""
    if hasattr(time, "CLOCK_BOOTTIME"):
        return time.clock_gettime(time.CLOCK_BOOTTIME)
    return time.monotonic()  # it may stand still while the machine sleeps: that only waits longer


def boot_id() -> str:
    """Return what tells this start of the machine from others, "" where nothing does."""
    try:
        return Path("/proc/sys/kernel/random/boot_id").read_text("ascii").strip()
    except OSError:
        return ""


def new_id() -> str:
    """Return 128 bits of chance as a message id."""
    return "r" + secrets.token_hex(16)


wall_time = time.time
chance = random.SystemRandom().random
sleep = anyio.sleep


class Seams(msgspec.Struct, frozen=True, kw_only=True):
    """Everything that a test may want to decide itself."""

    clock: Callable[[], float] = loop_time
    wall: Callable[[], float] = wall_time
    chance: Callable[[], float] = chance
    new_id: Callable[[], str] = new_id
    sleep: Callable[[float], Awaitable[None]] = sleep
