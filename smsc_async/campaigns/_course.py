"""What the parts of a run share: how the campaign stands, and what is written down of it."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from contextlib import suppress
from decimal import Decimal
from typing import NamedTuple

from .. import Message, SmscClient
from .._transport.clock import Seams
from ._options import Options
from ._plan import IN_DOUBT, Event, State
from ._purse import Purse
from ._records import CampaignRecord, Request, RowState, Standing, Verdict
from ._store import Store
from ._tally import Tally
from ._trouble import Trouble

UNPAID = "the account could not pay for what it was sent: top it up, then resume"
log = logging.getLogger("smsc_async.campaigns")


class Portion(NamedTuple):
    """What may be packed into a request: so many rows at most, of *zones* if that is given."""

    most: int
    zones: list[str | None] | None


class Course:
    """One run of a campaign; its parts read and write this, in one task at a time."""

    def __init__(
        self,
        store: Store,
        record: CampaignRecord,
        *,
        options: Options,
        message: Message,
        smsc: SmscClient,
        seams: Seams,
    ) -> None:
        self.store = store
        self.number = record.number
        self.options = options
        self.message = message
        self.smsc = smsc
        self.seams = seams
        self.clock = seams.clock
        self.tally = Tally()
        self.trouble = Trouble(seams.clock, seams.chance)
        self.purse = Purse(record.spent, options.max_cost, options.max_cost_per_hour)
        self.balance: Decimal | None = None
        self.standing: Standing = record.standing
        self.reason = record.reason
        self.failure: Exception | None = None
        self.stopping = False  # nothing new begins, and what is under way is waited for
        self.zones: list[str | None] = []  # in which rows wait, when it was looked last
        self.is_unseen = True  # rows may wait that were not seen then
        self.waiting_for = ""
        self._woken = asyncio.Event()
        self._changing = asyncio.Lock()

    @property
    def sends(self) -> bool:
        """Whether requests may begin."""
        return self.standing == "ready" and not self.stopping

    def is_dry(self) -> bool:
        """Tell whether no row waits."""
        return not self.zones and not self.is_unseen

    async def look(self) -> None:
        """See in which zones rows wait."""
        self.is_unseen = False  # before the look: what comes back meanwhile may not be in it
        self.zones = await self.store.zones(self.number)

    async def refresh(self) -> None:
        """See how the campaign stands, which another program may have changed."""
        self._stand(await self.store.campaign(self.number))

    async def pause(self, reason: str) -> None:
        """Let nothing more begin, and say why; what another has said meanwhile stays."""
        async with self._changing:
            await self.refresh()
            if self.standing == "ready":
                log.warning("campaign %d pauses: %s", self.number, reason)
                self._stand(await self.store.stand(self.number, "paused", reason))

    async def finish(self) -> None:
        """Note that all is done."""
        await self.refresh()
        if self.standing == "ready":
            self._stand(await self.store.stand(self.number, "done"))

    async def record(self, request: Request, verdict: Verdict) -> Request | None:
        """Write down what happened to a request, and return it as it then is.

        Where another was quicker, with other news, that is as :meth:`again` has it.
        """
        after, _ = await self.record_and_claim(request, verdict, None)
        return after

    async def record_and_claim(
        self, request: Request, verdict: Verdict, portion: Portion | None
    ) -> tuple[Request | None, Request | None]:
        """Do as :meth:`record` does; pack the next request with it, of a *portion* if there is one.

        It is None where none was packed, and why is known then.
        """
        now, claimed = self.clock(), None
        try:
            if portion is None:
                after = await self.store.record(request.number, verdict)
            else:
                after, claimed = await self.store.record_and_claim(
                    request.number, verdict, self.number, portion.most, zones=portion.zones
                )
        except KeyError:
            self.tally.stale = True
            # A callback has told of it: what was set aside is spent, as the store has it.
            self.purse.settle(request.number, State.ACCEPTED, None, now)
            return await self.again(request.number), None
        self.tally.moved(request, verdict, after, now)
        self.purse.settle(request.number, after.state, verdict.cost, now)
        # Only an answer tells the cost of all; of what is found it may be told of some.
        rows = len(request.items) - len(verdict.others) if verdict.event is Event.TAKEN else 0
        if rows and verdict.cost is not None:
            self.purse.learn(request.items, verdict.cost / rows)
        if verdict.rows is RowState.WAITING:
            self.is_unseen = True
            self.tally.stale = True  # they are cancelled where the campaign is
            self.wake()
            if verdict.event is Event.FOUND_REFUSED:
                await self.pause(UNPAID)
        if portion is not None:
            await self._packed(claimed)
        return after, claimed

    async def claim(self, portion: Portion) -> Request | None:
        """Pack a request; None: nothing may be packed, and why is known then."""
        claimed = await self.store.claim(self.number, portion.most, zones=portion.zones)
        await self._packed(claimed)
        return claimed

    async def _packed(self, claimed: Request | None) -> None:
        """Note that a request was packed, or see why none was."""
        if claimed is not None:
            self.tally.claimed(claimed)
            return
        await self.refresh()
        await self.look()

    async def again(self, number: int) -> Request | None:
        """Read a request that another has moved; None: it is under way, or all is known of it."""
        found = await self.store.requests(self.number, State.READY, *sorted(IN_DOUBT))
        return next((request for request in found if request.number == number), None)

    async def guarded(self, work: Callable[[], Awaitable[None]]) -> None:
        """Do a part of the run; what goes wrong with it ends the whole, in order."""
        try:
            await work()
        except Exception as error:  # noqa: BLE001 - raised at the end of the run
            self.fail(error)

    def fail(self, error: Exception) -> None:
        """End the run with *error*, after what is under way has come to its end."""
        self.failure = self.failure or error
        self.stop()

    def stop(self) -> None:
        """Let nothing more begin in this run."""
        self.stopping = True
        self.wake()

    def wake(self) -> None:
        """Wake whoever rests, to look again."""
        self._woken.set()
        self._woken = asyncio.Event()

    async def rest(self, seconds: float) -> None:
        """Wait until something happens, at most *seconds*."""
        woken = self._woken
        with suppress(TimeoutError):
            async with asyncio.timeout(max(0.0, seconds)):
                await woken.wait()

    def _stand(self, record: CampaignRecord) -> None:
        if record.standing != self.standing:
            self.wake()
        self.standing, self.reason = record.standing, record.reason
