"""Other limiters, each doing what it can of what a send needs."""

from __future__ import annotations

import asyncio
import time
from collections import deque
from typing import Final, Protocol

from aiolimiter import AsyncLimiter
from limits import RateLimitItemPerMinute
from limits.aio.storage import MemoryStorage
from limits.aio.strategies import (
    FixedWindowRateLimiter,
    MovingWindowRateLimiter,
    RateLimiter,
    SlidingWindowCounterRateLimiter,
)
from pyrate_limiter import BucketFactory, Duration, InMemoryBucket, Limiter, Rate, RateItem
from throttled.asyncio import MemoryStore, Throttled, per_min

MINUTE: Final = 60
# The one key that all sends share; a window stands for the fourteen at once, which no peer knows.
SHARED: Final = 10**6
PACKAGES: Final = ("aiolimiter", "pyrate-limiter", "limits", "throttled-py")


class Peer(Protocol):
    """One limiter, with as many keys as it is asked for."""

    async def acquire(self, key: str, limit: int) -> bool:
        """Start under one rule of *limit* a minute; False asks to come again."""
        ...

    async def send(self, same: str, recipient: str) -> None:
        """Start under three rules: one a minute, fifty a minute, and what all sends share."""
        ...


class Window:
    """The bare window that all are measured by: one deque, and one rule in place of three."""

    def __init__(self, limit: int = 3) -> None:
        self._limit = limit
        self._starts = deque[float]()

    async def acquire(self, _key: str = "", _limit: int = 3) -> bool:
        """Wait until the window has room."""
        loop, starts = asyncio.get_running_loop(), self._starts
        while True:
            now = loop.time()
            while starts and starts[0] <= now - MINUTE:
                starts.popleft()
            if len(starts) < self._limit:
                starts.append(now)
                return True
            await asyncio.sleep(starts[0] + MINUTE - now)

    async def send(self, _same: str, _recipient: str) -> None:
        """Start under the one rule that there is."""
        await self.acquire()


class Aiolimiter:
    """A leaky bucket; one object is one key."""

    def __init__(self) -> None:
        self._limiters = dict[str, AsyncLimiter]()
        self._shared = AsyncLimiter(SHARED, MINUTE)

    async def acquire(self, key: str, limit: int) -> bool:
        """Wait for the bucket of *key*."""
        limiter = self._limiters.get(key)
        if limiter is None:
            limiter = self._limiters[key] = AsyncLimiter(limit, MINUTE)
        await limiter.acquire()
        return True

    async def send(self, same: str, recipient: str) -> None:
        """Wait for two new buckets and the shared one."""
        limiter = self._limiters[same] = AsyncLimiter(1, MINUTE)
        await limiter.acquire()
        limiter = self._limiters[recipient] = AsyncLimiter(50, MINUTE)
        await limiter.acquire()
        await self._shared.acquire()


class _Buckets(BucketFactory):
    """A bucket for each key, as the library's pages advise; without its thread that clears them."""

    def __init__(self, limit: int) -> None:
        self._rates = [Rate(limit, Duration.MINUTE)]
        self._buckets = dict[str, InMemoryBucket]()

    def wrap_item(self, name: str, weight: int = 1) -> RateItem:
        """Stamp the item as the library's own clock does."""
        return RateItem(name, time.monotonic_ns() // 1_000_000, weight=weight)

    def get(self, item: RateItem) -> InMemoryBucket:
        """Find or make the bucket of the item's key."""
        bucket = self._buckets.get(item.name)
        if bucket is None:
            bucket = self._buckets[item.name] = InMemoryBucket(self._rates)
        return bucket


class Pyrate:
    """A log of starts; one bucket is one key."""

    def __init__(self) -> None:
        self._limiters = {limit: Limiter(_Buckets(limit)) for limit in (1, 3, 50, SHARED)}

    async def acquire(self, key: str, limit: int) -> bool:
        """Ask the bucket of *key*."""
        return await self._limiters[limit].try_acquire_async(key, blocking=False)

    async def send(self, same: str, recipient: str) -> None:
        """Ask two new buckets and the shared one."""
        limiters = self._limiters
        await limiters[1].try_acquire_async(same, blocking=False)
        await limiters[50].try_acquire_async(recipient, blocking=False)
        await limiters[SHARED].try_acquire_async("shared", blocking=False)


class Limits:
    """Keys in one storage; the strategies differ."""

    def __init__(self, strategy: type[RateLimiter] = MovingWindowRateLimiter) -> None:
        self._limiter = strategy(MemoryStorage())
        self._items = {limit: RateLimitItemPerMinute(limit) for limit in (1, 3, 50, SHARED)}

    async def acquire(self, key: str, limit: int) -> bool:
        """Ask for *key*."""
        return await self._limiter.hit(self._items[limit], key)

    async def send(self, same: str, recipient: str) -> None:
        """Ask for two new keys and the shared one."""
        await self._limiter.hit(self._items[1], same)
        await self._limiter.hit(self._items[50], recipient)
        await self._limiter.hit(self._items[SHARED], "shared")


class ThrottledPy:
    """Keys in one store, which is given room for all of them; the algorithms differ."""

    def __init__(self, using: str = "sliding_window") -> None:
        store = MemoryStore(options={"MAX_SIZE": 10**8})
        self._limiters = {
            limit: Throttled(using=using, quota=per_min(limit), store=store)
            for limit in (1, 3, 50, SHARED)
        }

    async def acquire(self, key: str, limit: int) -> bool:
        """Ask for *key*."""
        return not (await self._limiters[limit].limit(key)).limited

    async def send(self, same: str, recipient: str) -> None:
        """Ask for two new keys and the shared one."""
        await self._limiters[1].limit(same)
        await self._limiters[50].limit(recipient)
        await self._limiters[SHARED].limit("shared")


def fixed_window() -> Limits:
    """Make a window that begins with the first start in it."""
    return Limits(FixedWindowRateLimiter)


def sliding_counter() -> Limits:
    """Make a window that weighs the count of the one before."""
    return Limits(SlidingWindowCounterRateLimiter)
