"""A store of which one write fails, as a disk does: before it was written, or after."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Sequence
from decimal import Decimal
from typing import Literal, TypeAlias, TypeVar

from smsc_async.campaigns._errors import StoreError
from smsc_async.campaigns._records import (
    CampaignRecord,
    Counts,
    NewRows,
    Request,
    Standing,
    Status,
    Verdict,
)
from smsc_async.campaigns._store import Store

T = TypeVar("T")
When: TypeAlias = Literal["before", "after", "late"]


class FailingStore:
    """Passes everything on to *inner*, and lets the write of number *nth* fail, from 1 on.

    Nothing of it is written, or, with *when* ``"after"``, all of it: whoever asked cannot know.
    With ``"late"`` all is written at once, and it fails a minute later.
    *writes* tells how many there were.
    """

    def __init__(self, inner: Store, nth: int, when: When = "before") -> None:
        self.inner = inner
        self.nth = nth
        self.when = when
        self.writes = 0

    async def own(self) -> None:
        await self.inner.own()

    async def begin(self, name: str, plan: bytes) -> CampaignRecord:
        return await self._write(lambda: self.inner.begin(name, plan))

    async def add(self, campaign: int, rows: NewRows) -> None:
        await self._write(lambda: self.inner.add(campaign, rows))

    async def finish(self, campaign: int, *, duplicates: bool) -> Counts:
        return await self._write(lambda: self.inner.finish(campaign, duplicates=duplicates))

    async def discard(self, campaign: int) -> None:
        await self._write(lambda: self.inner.discard(campaign))

    async def campaigns(self) -> list[CampaignRecord]:
        return await self.inner.campaigns()

    async def campaign(self, campaign: int) -> CampaignRecord:
        return await self.inner.campaign(campaign)

    async def counts(self, campaign: int) -> Counts:
        return await self.inner.counts(campaign)

    async def requests(self, campaign: int, *states: str) -> list[Request]:
        return await self.inner.requests(campaign, *states)

    async def zones(self, campaign: int) -> list[str | None]:
        return await self.inner.zones(campaign)

    def rows(self, campaign: int) -> AsyncIterator[Sequence[tuple[object, ...]]]:
        return self.inner.rows(campaign)

    async def bind(self, campaign: int, account: str) -> CampaignRecord:
        return await self._write(lambda: self.inner.bind(campaign, account))

    async def recover(self, campaign: int) -> list[Request]:
        return await self._write(lambda: self.inner.recover(campaign))

    async def claim(
        self, campaign: int, most: int, *, zones: Iterable[str | None] | None = None
    ) -> Request | None:
        return await self._write(lambda: self.inner.claim(campaign, most, zones=zones))

    async def start(self, request: int) -> Request | None:
        return await self._write(lambda: self.inner.start(request))

    async def costs(self, campaign: int, since: float) -> list[tuple[float, Decimal]]:
        return await self.inner.costs(campaign, since)

    async def set_aside(self, request: int, cost: Decimal) -> None:
        await self._write(lambda: self.inner.set_aside(request, cost))

    async def record(self, request: int, verdict: Verdict) -> Request:
        return await self._write(lambda: self.inner.record(request, verdict))

    async def record_and_claim(
        self,
        request: int,
        verdict: Verdict,
        campaign: int,
        most: int,
        *,
        zones: Iterable[str | None] | None = None,
    ) -> tuple[Request, Request | None]:
        return await self._write(
            lambda: self.inner.record_and_claim(request, verdict, campaign, most, zones=zones)
        )

    async def stand(
        self, campaign: int, standing: Standing, reason: str = "", *, by: str = ""
    ) -> CampaignRecord:
        return await self._write(lambda: self.inner.stand(campaign, standing, reason, by=by))

    async def note(self, statuses: Iterable[Status]) -> int:
        return await self._write(lambda: self.inner.note(statuses))

    async def undelivered(self, campaign: int, most: int) -> list[tuple[int, str, str]]:
        return await self.inner.undelivered(campaign, most)

    async def asked(self, rows: Iterable[int]) -> None:
        await self._write(lambda: self.inner.asked(rows))

    async def stop(self, phones: Iterable[str], reason: str) -> int:
        return await self._write(lambda: self.inner.stop(phones, reason))

    async def stops(self) -> int:
        return await self.inner.stops()

    async def purge(self, campaign: int) -> None:
        await self._write(lambda: self.inner.purge(campaign))

    async def aclose(self) -> None:
        await self.inner.aclose()

    async def _write(self, act: Callable[[], Awaitable[T]]) -> T:
        self.writes += 1
        if self.writes != self.nth:
            return await act()
        if self.when != "before":
            await act()
        if self.when == "late":
            await asyncio.sleep(60)
        raise StoreError(f"the disk is full: write {self.nth}")
