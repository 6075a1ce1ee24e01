"""Campaigns in a file of SQLite's: the store that needs nothing else."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import AsyncIterator, Callable, Iterable, Sequence
from concurrent.futures import Executor, ThreadPoolExecutor
from decimal import Decimal
from functools import partial
from pathlib import Path
from types import TracebackType
from typing import Concatenate, Final, ParamSpec, Self, TypeVar

from ..._transport.clock import new_id, wall_time
from .._records import CampaignRecord, Counts, NewRows, Request, Standing, Status, Verdict
from . import loading, looking, running, telling
from .desk import Desk
from .owner import Owner
from .schema import NOWHERE, opened

P = ParamSpec("P")
T = TypeVar("T")
_PATIENCE: Final = 30.0  # seconds to wait for others; the longest step with a million rows is less


def _one_thread() -> Executor:
    return ThreadPoolExecutor(1, "campaigns")


class SqliteStore:
    """Keeps campaigns in the file at *path*, which its user alone can read; see :class:`Store`.

    Every program of a machine may use the same file at the same time, and one of them run its
    campaigns. It is opened at the first use; a file of something else, or of a newer version of
    this library, is left as it is, and :class:`StoreError` says so.

    *patience* is how many seconds to wait for what other programs write.
    """

    def __init__(
        self,
        path: str | os.PathLike[str],
        *,
        patience: float = _PATIENCE,
        wall: Callable[[], float] = wall_time,
        new_id: Callable[[], str] = new_id,
        executor: Callable[[], Executor] = _one_thread,
    ) -> None:
        self._path = Path(path)
        self._wall = wall
        self._new_id = new_id
        self._owner = Owner(self._path)
        connect = partial(opened, self._path, patience)
        self._writer = Desk(connect, "BEGIN IMMEDIATE", executor())
        # What looks at a million rows shall not keep others from writing.
        self._reader = Desk(connect, "BEGIN", executor())

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self.aclose()

    async def aclose(self) -> None:
        """Close the file; what was called before is done first."""
        await self._writer.aclose()
        await self._reader.aclose()
        self._owner.close()

    async def own(self) -> None:
        """Be the only one to run campaigns of this store; raises :class:`StoreBusy`."""
        await self._writer.do(lambda _: self._owner.take(), apart=True)

    async def begin(self, name: str, plan: bytes) -> CampaignRecord:
        """Make a campaign that is loading."""
        return await self._write(loading.begin, name, plan, self._new_id(), self._wall())

    async def add(self, campaign: int, rows: NewRows) -> None:
        """Add rows to a campaign that is loading."""
        await self._write(loading.add, campaign, rows)

    async def finish(self, campaign: int, *, duplicates: bool) -> Counts:
        """End the loading; *duplicates* are kept or marked."""
        return await self._write(loading.finish, campaign, self._wall(), duplicates=duplicates)

    async def discard(self, campaign: int) -> None:
        """Forget a campaign that has no requests yet, with its rows; else :class:`ValueError`."""
        await self._write(loading.discard, campaign)

    async def campaigns(self) -> list[CampaignRecord]:
        """Return all, oldest first."""
        return await self._read(looking.campaigns)

    async def campaign(self, campaign: int) -> CampaignRecord:
        """Return one; raises :class:`LookupError`."""
        return await self._read(looking.campaign_of, campaign)

    async def counts(self, campaign: int) -> Counts:
        """Count rows, requests and statuses."""
        return await self._read(looking.counts, campaign)

    async def requests(self, campaign: int, *states: str) -> list[Request]:
        """Return the requests in these states, oldest first."""
        return await self._read(looking.requests, campaign, *states)

    async def zones(self, campaign: int) -> list[str | None]:
        """Return the zones of the rows that wait, each once."""
        return await self._read(running.zones, campaign)

    async def rows(self, campaign: int) -> AsyncIterator[Sequence[tuple[object, ...]]]:
        """Yield all rows in portions, as :data:`COLUMNS` has them."""
        last = 0
        while portion := await self._read(looking.rows_after, campaign, last):
            last = portion[-1][0]
            yield [row[1:] for row in portion]

    async def bind(self, campaign: int, account: str) -> CampaignRecord:
        """Keep under which account the campaign is sent, unless another's may be in doubt."""
        return await self._write(running.bind, campaign, account)

    async def recover(self, campaign: int) -> list[Request]:
        """Take every intent for lost, and return all that is open; only for who owns the store."""
        if not self._owner.is_held:
            raise RuntimeError("call own() before: another program may run this campaign")
        return await self._write(running.recover, campaign, self._wall())

    async def claim(
        self, campaign: int, most: int, *, zones: Iterable[str | None] | None = None
    ) -> Request | None:
        """Pack waiting rows into a request, and note the intent to send it."""
        return await self._write(running.claim, campaign, most, _inside(zones), self._wall())

    async def start(self, request: int) -> Request | None:
        """Note the intent to send a ready request; None where it is not to be sent, now or ever."""
        return await self._write(running.start, request, self._wall())

    async def costs(self, campaign: int, since: float) -> list[tuple[float, Decimal]]:
        """Return what was spent on a campaign after *since*, in the order of the moments."""
        return await self._read(looking.costs, campaign, since)

    async def set_aside(self, request: int, cost: Decimal) -> None:
        """Note what a request that is about to be sent may have to be paid for."""
        await self._write(running.set_aside, request, cost)

    async def record(self, request: int, verdict: Verdict) -> Request:
        """Write down what happened to a request; raises :class:`KeyError`."""
        return await self._write(running.record, request, verdict, self._wall())

    async def record_and_claim(
        self,
        request: int,
        verdict: Verdict,
        campaign: int,
        most: int,
        *,
        zones: Iterable[str | None] | None = None,
    ) -> tuple[Request, Request | None]:
        """Do what :meth:`record` and :meth:`claim` do, as one."""
        inside, now = _inside(zones), self._wall()

        def both(db: sqlite3.Connection) -> tuple[Request, Request | None]:
            after = running.record(db, request, verdict, now)
            return after, running.claim(db, campaign, most, inside, now)

        return await self._writer.do(both)

    async def stand(
        self, campaign: int, standing: Standing, reason: str = "", *, by: str = ""
    ) -> CampaignRecord:
        """Pause, resume, cancel or end; what is cancelled stays so."""
        return await self._write(
            running.stand, campaign, standing, self._wall(), reason=reason, by=by
        )

    async def note(self, statuses: Iterable[Status]) -> int:
        """Note deliveries; return how many are of this store's campaigns."""
        return await self._write(telling.note, list(statuses), self._wall())

    async def undelivered(self, campaign: int, most: int) -> list[tuple[int, str, str]]:
        """Return row, id and phone of accepted rows without a final status, asked longest ago."""
        return await self._read(telling.undelivered, campaign, most)

    async def asked(self, rows: Iterable[int]) -> None:
        """Note that these rows were asked about now."""
        await self._write(telling.asked, list(rows), self._wall())

    async def stop(self, phones: Iterable[str], reason: str) -> int:
        """Put phones on the stop list of the store; return how many are new."""
        return await self._write(telling.stop, list(phones), reason, self._wall())

    async def stops(self) -> int:
        """Return how many phones are on the stop list."""
        return await self._read(telling.stops)

    async def purge(self, campaign: int) -> None:
        """Forget phones and texts of a campaign that is done or cancelled, and keep its figures."""
        await self._write(loading.purge, campaign)
        await self._writer.do(loading.wipe, apart=True)

    async def _write(
        self,
        act: Callable[Concatenate[sqlite3.Connection, P], T],
        *args: P.args,
        **kwargs: P.kwargs,
    ) -> T:
        return await self._writer.do(lambda db: act(db, *args, **kwargs))

    async def _read(
        self,
        act: Callable[Concatenate[sqlite3.Connection, P], T],
        *args: P.args,
        **kwargs: P.kwargs,
    ) -> T:
        return await self._reader.do(lambda db: act(db, *args, **kwargs))


def _inside(zones: Iterable[str | None] | None) -> frozenset[str] | None:
    if zones is None:
        return None
    return frozenset(NOWHERE if zone is None else zone for zone in zones)


def open_store(path: str | os.PathLike[str]) -> SqliteStore:
    """Keep campaigns in the file at *path*, which is made if it is not there; close it at the end.

    .. code-block:: python

        async with open_store("campaigns.db") as store:
            ...
    """
    return SqliteStore(path)
