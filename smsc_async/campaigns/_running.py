"""The run of a campaign, from what an earlier life has left to the end of what it began itself."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Generator
from contextlib import contextmanager
from functools import partial
from typing import Final
from weakref import WeakKeyDictionary

import anyio

from ._blacklist import heed
from ._course import Course, log
from ._errors import StoreBusy
from ._plan import OPEN, State
from ._report import Progress
from ._sender import Sender
from ._statuses import poll
from ._store import Store

# Which campaigns run in this process; a second run of one would take the first for dead.
_runs: WeakKeyDictionary[Store, set[int]] = WeakKeyDictionary()
TICK: Final = 1.0  # seconds; within this what another program says is seen
RECOUNT: Final = 30.0


@contextmanager
def alone(store: Store, campaign: int) -> Generator[None]:
    """Be the only one of this program to run a campaign; raises :class:`StoreBusy`."""
    runs = _runs.setdefault(store, set())
    if campaign in runs:
        raise StoreBusy("this program runs this campaign already")
    runs.add(campaign)
    try:
        yield
    finally:
        runs.discard(campaign)


class Run:
    """One run; *on_progress* is called once a second."""

    def __init__(self, course: Course, on_progress: Callable[[Progress], object] | None) -> None:
        self._course = course
        self._on_progress = on_progress
        self._sender = Sender(course)
        self._resolver = self._sender.resolver
        self._counted = 0.0
        self._is_settled = False  # nothing is left, and the statuses alone are waited for

    async def run(self, *, statuses_for: float, grace: float) -> None:
        """Run to the end; where it is cancelled, what is under way gets *grace* seconds."""
        work = asyncio.create_task(self._whole(statuses_for))
        try:
            await asyncio.shield(work)
        except asyncio.CancelledError:
            self._course.stop()
            try:
                with anyio.CancelScope(shield=True):
                    await asyncio.wait({work}, timeout=grace)
            finally:
                work.cancel()
                (ended,) = await asyncio.gather(work, return_exceptions=True)
            if isinstance(ended, Exception):
                log.error("campaign %d: %s", self._course.number, ended)
            raise

    async def _whole(self, statuses_for: float) -> None:
        course, active = self._course, self._sender.active
        jobs = list[asyncio.Task[None]]()
        try:
            await self._take_over()
            parts = (
                self._tick,
                self._resolver.run,
                partial(poll, course, lambda: self._is_settled),
            )
            jobs = [asyncio.create_task(course.guarded(part)) for part in parts]
            while not await self._is_over():
                if not await self._sender.begin():
                    await course.rest(min(TICK, self._sender.wait()))
            await self._settle(jobs[-1], statuses_for)
        except Exception as error:  # noqa: BLE001 - raised below, when nothing is under way
            course.fail(error)
            if active:
                await asyncio.wait(active)
        finally:
            left = [*jobs, *active]
            for task in left:
                task.cancel()
            await asyncio.gather(*left, return_exceptions=True)
        if course.failure is not None:
            raise course.failure
        if course.tally.stale:
            await self._count()
        self._tell()

    async def _take_over(self) -> None:
        """See what an earlier life has left, and whom nothing may be sent to."""
        course = self._course
        left = await course.store.recover(course.number)
        held = await course.store.requests(course.number, State.HELD, State.PARTIAL)
        await self._count()
        await self._sender.prepare([*left, *held])
        if course.sends:
            await heed(course)
        self._sender.see_places()

    async def _is_over(self) -> bool:
        course, sender = self._course, self._sender
        if sender.active:
            return False
        if course.stopping:
            return True
        if course.standing == "paused":
            return self._resolver.has_looked
        if not self._resolver.is_done:
            return False
        if course.standing == "ready" and await sender.is_empty():
            await course.finish()
        return course.standing != "ready"

    async def _settle(self, polling: asyncio.Task[None], statuses_for: float) -> None:
        """Wait for deliveries, at most so many seconds."""
        self._is_settled = True
        if statuses_for > 0 and self._course.standing == "done":
            self._course.wake()
            await asyncio.wait({polling}, timeout=statuses_for)

    async def _count(self) -> None:
        course = self._course
        self._counted = course.clock()
        counts = await course.store.counts(course.number)
        course.tally.begin(counts, await course.store.requests(course.number, *sorted(OPEN)))

    async def _tick(self) -> None:
        """Once a second: see what others have said, and tell how it is going."""
        while True:
            await self._course.seams.sleep(TICK)
            await self._course.refresh()
            self._sender.see_places()
            # A canary is counted by what this run itself has done.
            if self._sender.canary is None and self._course.tally.stale:
                await self._recount()
            self._tell()

    async def _recount(self) -> None:
        """Count anew, where that was not done for a while: it reads the whole campaign."""
        if self._course.clock() - self._counted >= RECOUNT:
            await self._count()

    def _tell(self) -> None:
        course = self._course
        if self._on_progress is None:
            return
        self._on_progress(
            course.tally.progress(
                course.clock(),
                standing=course.standing,
                spent=course.purse.spent,
                balance=course.balance,
                places=self._sender.places,
                waiting_for=course.waiting_for,
            )
        )
