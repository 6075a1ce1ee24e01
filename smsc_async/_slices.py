"""Work on many messages, cut into slices: no turn of the event loop holds more than one.

A request for a thousand messages takes tens of milliseconds to prepare, and a one-time code that
the same program sends meanwhile must not wait for all of them.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Generator, Sequence
from typing import Final, TypeAlias, TypeVar
from weakref import WeakValueDictionary

from anyio.lowlevel import checkpoint

R = TypeVar("R")
T = TypeVar("T")

# Messages: a millisecond or two in what takes longest with each. Less is never cut.
SLICE: Final = 100
# What returns a value in the end, and stops before each slice of what is more than one. It has
# taken in by its first stop what others could change: then their turns are harmless.
Work: TypeAlias = Generator[None, None, R]

# Whose turn it is in a loop; forgotten when nobody is at work there, so that no loop is kept.
_turns: WeakValueDictionary[asyncio.AbstractEventLoop, asyncio.Lock] = WeakValueDictionary()


def in_slices(do: Callable[[T], R], items: Sequence[T]) -> Work[list[R]]:
    """Return what *do*, a plain function, makes of each item."""
    if len(items) <= SLICE:
        return [do(item) for item in items]
    done: list[R] = []
    for begin in range(0, len(items), SLICE):
        yield
        done += [do(item) for item in items[begin : begin + SLICE]]
    return done


def at_once(work: Work[R]) -> R:
    """Do *work* to its end, where nobody else is to have a turn."""
    while True:
        try:
            next(work)
        except StopIteration as ended:
            value: R = ended.value
            return value


async def in_turns(work: Work[R]) -> R:
    """Do *work*; before each slice all others in the loop have a turn.

    What has no slices is done at once. Of what has, one is under way in a loop, and the next begins
    in the order in which they came: several at once would each put a slice in every turn.
    """
    try:
        next(work)
        async with _turns.setdefault(asyncio.get_running_loop(), asyncio.Lock()):
            while True:
                await checkpoint()
                next(work)
    except StopIteration as ended:
        value: R = ended.value
        return value
