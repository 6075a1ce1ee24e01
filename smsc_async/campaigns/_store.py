"""What a campaign demands of the place where it is kept."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable, Sequence
from decimal import Decimal
from typing import Protocol

from ._records import CampaignRecord, Counts, NewRows, Request, RowState, Standing, Status, Verdict


class Store(Protocol):
    """Keeps campaigns; each method is one transaction.

    Once a method that writes has returned, what it wrote survives the end of the program, of the
    machine and of its power; where it raises or the program ends before, all of it is there or
    nothing. What is written at the same time is written in the order of the calls. Where nothing
    can be written or read, :class:`StoreError` says why, and what to do.
    """

    async def own(self) -> None:
        """Be the only one to run campaigns of this store, until it is closed or the program ends.

        Raises :class:`StoreBusy` where another program is. Others may look, create and pause.
        """
        ...

    async def is_owned(self) -> bool:
        """Tell whether a program, this or another, runs campaigns of this store now."""
        ...

    # Making one.

    async def begin(self, name: str, plan: bytes) -> CampaignRecord:
        """Make a campaign that is loading; one that a program left so, nobody can run."""
        ...

    async def add(self, campaign: int, rows: NewRows) -> None:
        """Add rows to a campaign that is loading."""
        ...

    async def finish(self, campaign: int, *, duplicates: bool) -> Counts:
        """End the loading: it is ready.

        Rows whose phone is stopped become so, and, unless *duplicates*, those whose phone came
        before. A crash before this returns leaves it loading.
        """
        ...

    async def discard(self, campaign: int) -> None:
        """Forget a campaign that has no requests yet, with its rows; else :class:`ValueError`."""
        ...

    # Looking.

    async def campaigns(self) -> list[CampaignRecord]:
        """Return all, oldest first."""
        ...

    async def campaign(self, campaign: int) -> CampaignRecord:
        """Return one; raises :class:`LookupError`."""
        ...

    async def counts(self, campaign: int) -> Counts:
        """Count rows, requests and statuses; this reads the whole campaign."""
        ...

    async def requests(self, campaign: int, *states: str) -> list[Request]:
        """Return the requests in these states, oldest first; there are few of them."""
        ...

    async def zones(self, campaign: int) -> list[str | None]:
        """Return the zones of the rows that wait, each once; none: no row waits."""
        ...

    def rows(self, campaign: int) -> AsyncIterator[Sequence[tuple[object, ...]]]:
        """Yield all rows in portions, for the report: see :data:`COLUMNS`."""
        ...

    # Running.

    async def bind(self, campaign: int, account: str) -> CampaignRecord:
        """Keep under which account the campaign is sent, and return it as it then is.

        While anything of it may be at the service under another one, and nobody has said to send
        that again, that one stays.
        """
        ...

    async def recover(self, campaign: int) -> list[Request]:
        """Take every intent of an earlier life for lost, and return all that is open."""
        ...

    async def claim(
        self, campaign: int, most: int, *, zones: Iterable[str | None] | None = None
    ) -> Request | None:
        """Pack at most *most* waiting rows into a request, and note the intent to send it.

        Rows are taken in their order, a phone once, stopped ones not at all (they become so),
        those with a text of the campaign's own not together with others, and those to be *alone*
        in a request of one row, which goes out by ``send()``; of *zones* where that is given.
        None: nothing waits, or the campaign is not ready.
        """
        ...

    async def start(self, request: int) -> Request | None:
        """Note the intent to send a ready request; None where it is not to be sent, now or ever.

        That is where the campaign is not ready, or its recipients have stopped. What of it is to be
        sent is what this returns.
        """
        ...

    async def costs(self, campaign: int, since: float) -> list[tuple[float, Decimal]]:
        """Return what was spent on a campaign after *since*, in the order of the moments."""
        ...

    async def set_aside(self, request: int, cost: Decimal) -> None:
        """Note what a request that is about to be sent may have to be paid for.

        It is spent where the request is taken and no cost told, and no more where it is not.
        """
        ...

    async def record(self, request: int, verdict: Verdict) -> Request:
        """Write down what happened to a request; return it as it then is.

        A campaign that is done is ready again where a person says that it is to be resent.
        Raises :class:`KeyError` where the plan knows no such move, or what is cancelled is to be
        resent; then nothing is written.
        """
        ...

    async def record_and_claim(
        self,
        request: int,
        verdict: Verdict,
        campaign: int,
        most: int,
        *,
        zones: Iterable[str | None] | None = None,
    ) -> tuple[Request, Request | None]:
        """Do what :meth:`record` and :meth:`claim` do, as one: so no more are ever under way.

        The disk is waited for once. Raises as :meth:`record` does; then nothing is packed either.
        """
        ...

    async def stand(
        self, campaign: int, standing: Standing, reason: str = "", *, by: str = ""
    ) -> CampaignRecord:
        """Pause, resume, cancel or end; to cancel takes what waits or is ready with it.

        One does not end, and stays as it is, while a row waits, or a request is ready, under way,
        or to be looked up.
        """
        ...

    # What comes from outside.

    async def note(self, statuses: Iterable[Status]) -> int:
        """Note deliveries, which never go back; return how many are of this store's campaigns.

        A request in doubt of which one is told is found, as far as its phones are told.
        """
        ...

    async def undelivered(self, campaign: int, most: int) -> list[tuple[int, str, str]]:
        """Return row, id and phone of accepted rows without a final status, asked longest ago."""
        ...

    async def asked(self, rows: Iterable[int]) -> None:
        """Note that these rows were asked about now, though nothing new was told."""
        ...

    async def stop(self, phones: Iterable[str], reason: str) -> int:
        """Put phones on the stop list of the store; return how many are new.

        Rows that wait are never sent to them, in any campaign.
        """
        ...

    async def unstop(self, phones: Iterable[str]) -> int:
        """Take phones off the stop list of the store; return how many were on it.

        Rows that were stopped stay so; those of a new campaign are sent.
        """
        ...

    async def stops(self) -> int:
        """Return how many phones are on the stop list."""
        ...

    async def purge(self, campaign: int) -> None:
        """Forget phones and texts of a campaign that is done or cancelled, and keep its figures."""
        ...

    async def aclose(self) -> None:
        """Close it; what was called before is done first."""
        ...


# What :meth:`Store.rows` yields of each row, in this order.
COLUMNS = ("line", "phone", "state", "request_id", "reason", "status", "err", "changed", "text")

__all__ = ["COLUMNS", "RowState", "Store"]
