"""What a key costs that is remembered after its send was answered."""

from __future__ import annotations

import asyncio
import gc
import tracemalloc
from collections.abc import Awaitable, Callable

from smsc_async import Throttle
from smsc_async._transport.admission import Admission

from .admit import MAX_WAIT, PEERS, three, unheard
from .peers import PACKAGES, Peer
from .results import measured, paragraph, table, verdict

KEYS = 1_000_000
PEER_KEYS = 20_000  # of those that are dear
MOST = 200  # bytes a key


def per_key(fill: Callable[[int], Awaitable[object]], keys: int) -> float:
    """Return the bytes that are held for each of *keys* once *fill* has made them."""

    async def main() -> float:
        gc.collect()
        tracemalloc.start()
        held = await fill(keys)
        gc.collect()
        taken, _ = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        del held
        return taken / keys

    return asyncio.run(main())


async def ours(keys: int) -> Throttle:
    """Let sends in and out, two keys each; time stands still, so that every key stays alive."""
    throttle = Throttle(clock=lambda: 1_000.0)
    for number in range(0, keys, 2):
        slots = three(number.to_bytes(16), (number + 1).to_bytes(16))
        ask = Admission("send", slots, "interactive", MAX_WAIT, unique=True)
        await throttle.admit(ask, unheard)
        throttle.leave(slots, "done")
    return throttle


def filling(make: Callable[[], Peer]) -> Callable[[int], Awaitable[object]]:
    """Return what makes the same keys in a peer."""

    async def fill(keys: int) -> Peer:
        peer = make()
        for number in range(0, keys, 2):
            await peer.acquire(f"{number:032x}", 1)
            await peer.acquire(f"{number + 1:032x}", 50)
        return peer

    return fill


def main() -> None:
    """Print the section."""
    mine = per_key(ours, KEYS)
    rows = [("smsc_async", f"{KEYS:,}", f"{mine:.0f}")]
    rows += [
        (name, f"{PEER_KEYS:,}", f"{per_key(filling(make), PEER_KEYS):.0f}")
        for name, make in PEERS.items()
    ]
    print(
        paragraph(
            "The bytes that a key takes while it is alive, its name included, after sends that",
            "were answered: each has two keys, one of one start a minute and one of fifty. By",
            "tracemalloc, so exact.",
        )
    )
    print(table(["", "keys", "bytes per key"], rows))
    print(verdict(f"under {MOST} bytes ({mine:.0f})", held=mine < MOST))
    print(f"\n{measured(PACKAGES)}")


if __name__ == "__main__":
    main()
