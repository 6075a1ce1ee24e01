"""Who wants nothing more: the stop list, and the answers that are heard while a campaign runs."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from itertools import chain
from pathlib import Path
from typing import Final, TypeVar

import anyio
import msgspec
from rich.console import Console

from .. import SmscClient, SmscError
from ..campaigns import Listening, Store, StoreError
from ..campaigns import _loading as loading

T = TypeVar("T")
# Seconds at most for what was answered before; then sending begins all the same.
FIRST: Final = 30.0


class Stopped(msgspec.Struct, frozen=True, kw_only=True):
    """How a stop list has changed: how many went *on* it and *off* it, and *listed* now are."""

    on: int
    off: int
    listed: int

    @property
    def sentence(self) -> str:
        """Say it."""
        changed = {"put on": self.on, "taken off": self.off}
        said = [f"{count:,} {word} the stop list" for word, count in changed.items() if count]
        numbers = "number" if self.listed == 1 else "numbers"
        return "; ".join(
            [*said, f"{'it' if said else 'the stop list'} has {self.listed:,} {numbers}"]
        )


async def stopped(
    store: Store, phones: list[str], listed: Path | None, *, region: str, off: bool
) -> Stopped:
    """Put numbers on the stop list, or take them *off*; they are given, or *listed* in a file."""
    # All are read before the first is changed: a list that is only half heeded is none.
    both = [await loading.numbers(given, region) for given in (phones, listed or ())]
    given = [*chain.from_iterable(both)]
    if off:
        changed = await loading.unstop(store, given, region=region)
    else:
        changed = await loading.stop(store, given, reason="by hand", region=region)
    return Stopped(on=0 if off else changed, off=changed if off else 0, listed=await store.stops())


async def beside(
    send: Callable[[], Awaitable[T]], store: Store, smsc: SmscClient, console: Console
) -> T:
    """Let *send* run a campaign; hear who answers STOP meanwhile, and before it who has already."""
    caught_up = asyncio.Event()

    async def sleep(seconds: float) -> None:
        caught_up.set()
        await anyio.sleep(seconds)

    async def listen() -> None:
        try:
            await Listening(store).poll(smsc, sleep=sleep)
        except (SmscError, StoreError) as error:
            console.print(f"Who answers STOP is not heard: {error}", markup=False, soft_wrap=True)
        finally:
            caught_up.set()

    listening = asyncio.create_task(listen())
    try:
        with anyio.move_on_after(FIRST):
            await caught_up.wait()
        return await send()
    finally:
        listening.cancel()
        await asyncio.gather(listening, return_exceptions=True)
