"""A throttle that lives for weeks holds no more than what is alive."""

from __future__ import annotations

import asyncio
import gc
import os
import tracemalloc
from weakref import WeakSet

from smsc_async import Throttle
from smsc_async._throttle.keys import Slot
from smsc_async._throttle.ledger import Ledger
from smsc_async._throttle.line import Line
from smsc_async._throttle.queue import Entry
from smsc_async._transport.admission import Admission
from smsc_async._wire.limits import AT_ONCE, FLOOD, ONE_IDENTICAL
from tests.virtual import run

# A million keys where the long programs run in full.
SENDS = 50_000 if int(os.environ.get("SMSC_SEEDS", "1")) else 5_000
KEYS = 20  # of each: what makes it identical, and nineteen recipients


def send(number: int) -> Entry:
    same, *recipients = (at.to_bytes(16) for at in range(KEYS * number, KEYS * (number + 1)))
    flood = (Slot(FLOOD, recipient) for recipient in recipients)
    return Entry((Slot(ONE_IDENTICAL, same), *flood, Slot(AT_ONCE, b"login")), "bulk")


async def fourteen(throttle: Throttle, first: int) -> None:
    """Make fourteen calls at once, half a second long."""
    running = [send(number).slots for number in range(first, first + 14)]
    for taken in running:
        ask = Admission("send", taken, "bulk", max_wait=0, unique=True)
        assert await throttle.admit(ask, lambda _: None)
    await asyncio.sleep(0.5)
    for taken in running:
        throttle.leave(taken, "done")


def held() -> int:
    gc.collect()
    return tracemalloc.get_traced_memory()[0]


def test_after_many_keys_and_a_quiet_hour_the_throttle_is_as_small_as_before() -> None:
    async def main() -> None:
        before = held()
        throttle, most = Throttle(), 0
        await fourteen(throttle, 0)
        await asyncio.sleep(3_600)
        await fourteen(throttle, 14)
        small = held() - before

        for first in range(28, SENDS + 28, 14):
            await fourteen(throttle, first)
            most = max(most, throttle._line.ledger.keys())
        await asyncio.sleep(3_600)
        await fourteen(throttle, 0)

        assert held() - before <= 1.1 * small
        assert most <= 28 * KEYS * 2 * 67 + 1  # two generations of 66 s, of 28 sends a second

    tracemalloc.start()
    try:
        run(main())
    finally:
        tracemalloc.stop()


class Caller:
    """Someone who waits, for as long as it is remembered."""


def test_whoever_was_refused_or_gave_up_is_forgotten_though_others_wait_on() -> None:
    line, callers = Line(Ledger()), WeakSet[Caller]()
    for patient in (send(0), send(0)):
        line.enter(patient, 0)
    for at in range(3_000):
        late = send(0)
        late.tag = Caller()
        callers.add(late.tag)
        line.enter(late, at, 10 if at % 2 else 1_000_000)
        if late.fate is None:
            line.drop(late, at)
    gc.collect()

    assert line.waiting("bulk") == 1
    assert len(callers) < 50


def test_a_key_that_is_used_again_is_kept_once() -> None:
    ledger, now = Ledger(), 0
    slots = tuple(Slot(ONE_IDENTICAL, at.to_bytes(16)) for at in range(1_000))
    for _ in range(3):
        ledger.take(slots, now)
        ledger.done(slots, now)
        now += 61_000

    (shelf,) = ledger._buckets._shelves.values()  # type: ignore[attr-defined] # those in memory

    assert len(shelf.young) + len(shelf.old) == 1_000
