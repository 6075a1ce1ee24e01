"""A campaign, as a program sees it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterable, Callable, Iterable
from contextlib import nullcontext
from pathlib import Path
from typing import Any, Final, Literal, Self, TypeAlias

import anyio
import msgspec

from .. import SmscClient
from .._transport.clock import Seams
from ..messages import Message
from . import _exporting as exporting
from ._course import Course
from ._errors import CampaignError, StoreError
from ._files import CsvFile, JsonLines
from ._letters import sent_as
from ._loading import Rejects, Work, in_thread, load, stop
from ._making import Maker
from ._options import Options, Plan
from ._plan import IN_DOUBT, State
from ._pricing import estimate
from ._records import RESUMED, CampaignRecord, RowState
from ._report import Estimate, Loaded, Progress, Report, report
from ._running import Run, alone
from ._said import Resolution, say
from ._store import Store
from ._templates import compiled, kept, restored

Rows: TypeAlias = CsvFile | JsonLines | Iterable[Any] | AsyncIterable[Any]

_OTHER_ACCOUNT: Final = (
    "some of it is in doubt, and can be looked up under the account alone that sent it, and sent "
    "again from the same sender: run it with the login or key of that one, and the same account=, "
    "host and sender=; or resolve what is in doubt"
)


class Campaign:
    """A text, or one made for each, to many recipients; it lives in a store.

    Make it with :meth:`create`, or find it again with :meth:`open`; :meth:`run` sends. *number*
    names it in its store, *options* are its settings. *loaded* tells what :meth:`create` read, and
    is None after :meth:`open`.
    """

    def __init__(self, store: Store, record: CampaignRecord, loaded: Loaded | None) -> None:
        self._store = store
        self._plan = msgspec.json.decode(record.plan, type=Plan)
        self._message = restored(self._plan.message)
        self.number = record.number
        self.name = record.name
        self.options = self._plan.options
        self.loaded = loaded

    @classmethod
    async def create(
        cls,
        store: Store,
        rows: Rows,
        message: str | Message,
        *,
        name: str = "",
        phone: str = "phone",
        region: str = "RU",
        options: Options = Options(),  # noqa: B008 - frozen
        duplicates: Literal["drop", "keep"] = "drop",
        rejects: Path | None = None,
        stops: Path | Iterable[str] = (),
        work: Work = in_thread,
    ) -> Self:
        """Put rows and what is to be sent to them into *store*; nothing is sent.

        *rows* are a file that :func:`read_csv` or :func:`read_json_lines` opened, or mappings, or
        pairs of a phone and a text (fields ``phone`` and ``text``), as an iterable of either kind;
        they are never all in memory. *message* is a text, or a message that has one, with fields
        in braces: ``"Hello {name}"``. *phone* names the field of recipients, whose numbers are
        written as in *region*; for an :class:`~smsc_async.Email` they are addresses. What cannot be
        sent goes to the file *rejects*, with its line and the reason. *stops* are phones, or a file
        with one to a line, that nothing is sent to, in any campaign of the store. *work* is for
        tests.

        Raises :class:`BadTemplate` and :class:`BadRows` before the first row, or where the list
        cannot be read to its end, and :class:`StoreError`; then there is no campaign.
        """
        template = compiled(message)
        maker = Maker(
            template=template, phone=phone, region=region, zoned=options.window is not None
        )
        listed = Path(stops) if isinstance(stops, str) else stops
        await stop(store, listed, reason="given with a campaign", region=region, work=work)
        plan = Plan(options=options, message=kept(template.message))
        record = await store.begin(name, msgspec.json.encode(plan))
        try:
            with Rejects(rejects) if rejects is not None else nullcontext() as bad:
                read_in = await load(store, record.number, rows, maker, rejects=bad, work=work)
            counts = (await store.finish(record.number, duplicates=duplicates == "keep")).rows
            record = await store.campaign(record.number)
        except BaseException as error:
            gone = False
            with anyio.CancelScope(shield=True):
                # In a task of its own: who cancels twice would leave it, and perhaps ready.
                gone = await asyncio.shield(asyncio.create_task(_forget(store, record.number)))
            if gone and isinstance(error, LookupError):
                raise CampaignError("it was purged while its list was read") from None
            raise
        loaded = Loaded(
            rows=counts.get(RowState.WAITING, 0),
            bad=read_in.bad,
            duplicates=counts.get(RowState.DUPLICATE, 0),
            stopped=counts.get(RowState.STOPPED, 0),
        )
        return cls(store, record, loaded)

    @classmethod
    async def open(cls, store: Store, number: int | None = None) -> Self:
        """Open a campaign of *store*, the newest where no *number* is given.

        Raises :class:`LookupError` where there is none.
        """
        if number is not None:
            return cls(store, await store.campaign(number), None)
        records = [one for one in await store.campaigns() if one.standing != "loading"]
        if not records:
            raise LookupError("there is no campaign in this store")
        return cls(store, records[-1], None)

    async def run(
        self,
        smsc: SmscClient,
        *,
        on_progress: Callable[[Progress], object] | None = None,
        statuses_for: float = 0.0,
        grace: float = 35.0,
        seams: Seams = Seams(),  # noqa: B008 - frozen
    ) -> Report:
        """Send what is to be sent, find out what is in doubt, and return how things stand then.

        It ends when all is done, or where the campaign is paused or cancelled, by whichever
        program, or pauses by itself: the report's ``standing`` and ``reason`` tell. Of one that is
        not ready only what is in doubt is looked up. *on_progress* is called once a second.
        Deliveries are asked about meanwhile, and for at most *statuses_for* seconds afterwards.

        Cancel it at any time: nothing more begins, what is under way gets *grace* seconds to end
        and is written down, and another run goes on from there, in this program or the next.
        Raises :class:`StoreBusy` where another program runs campaigns of this store, or this one
        this campaign, :class:`CampaignError` where *smsc* is of another account, or has another
        sender, than that with which some of it is in doubt, :class:`StoreError`, and
        :class:`~smsc_async.NotSent` where the client is closed. *seams* are for tests.
        """
        record = await self._store.campaign(self.number)
        if record.standing == "loading":
            raise CampaignError("its list was never read to the end: create it anew")
        with alone(self._store, self.number):
            await self._store.own()
            account = sent_as(smsc, self._message)
            record = await self._store.bind(self.number, account)
            if record.account != account:
                raise CampaignError(_OTHER_ACCOUNT)
            course = Course(
                self._store,
                record,
                options=self.options,
                message=self._message,
                smsc=smsc.with_options(priority="bulk", on_unknown="raise"),
                seams=seams,
            )
            await Run(course, on_progress).run(statuses_for=statuses_for, grace=grace)
        return await self.report()

    async def pause(self, reason: str = "") -> None:
        """Let nothing more begin until :meth:`resume`, whichever program runs it.

        Raises :class:`CampaignError` where it is over.
        """
        await self._stand("paused", reason, frm=("ready", "paused"))

    async def resume(self) -> None:
        """Let it be run again; raises :class:`CampaignError` where it is over."""
        await self._stand("ready", RESUMED, frm=("ready", "paused"))

    async def cancel(self) -> None:
        """Never send what was not sent; what is under way or in doubt is still found out."""
        await self._stand("cancelled", frm=("ready", "paused", "cancelled"))

    async def report(self) -> Report:
        """Tell how it stands; this reads the whole campaign."""
        return await report(self._store, self.number)

    async def write_report(self, path: Path | str, *, masked: bool = False) -> None:
        """Write all rows to a file that its owner alone can read: JSON if its name says so, or CSV.

        *masked* hides the phones and leaves out the texts. A file that is there is replaced.
        """
        found = await self.report()
        await exporting.write(self._store, found, Path(path), masked=masked)

    async def resolve(self, id: str, how: Resolution, *, by: str) -> None:
        """Settle by hand the request *id*, which is in doubt; *by* is who says so.

        ``"sent"``: its rows were taken. ``"resend"``: they were not; it is sent once more by the
        next run, unless that finds it. ``"drop"``: neither is known, and nothing is to be done.
        Of a partial one this is said of the rows alone that are held; to resend, they wait to be
        sent under another id.

        Raises :class:`LookupError` where there is no such request, :class:`StoreBusy` where it is
        not in doubt for good and a program runs campaigns of this store, which is to be ended
        before; else this program is the one that may run them, until the store is closed. Raises
        :class:`CampaignError` where what is cancelled is to be resent, or the rest of what is
        partial before a run has asked about it.
        """
        await say(self._store, self.number, id, how, by=by)

    async def price(self, smsc: SmscClient, *, most: int = 5000) -> Estimate:
        """Ask what the rows that wait would cost; of more than *most*, so many are asked about.

        Raises as :meth:`~smsc_async.SmscClient.price` does.
        """
        return await estimate(self._store, self.number, self._message, smsc, most=most)

    async def purge(self) -> None:
        """Forget phones and texts of a campaign that is done or cancelled, and keep its figures.

        One that is loading is forgotten as a whole: a program that ended left it so, or one that
        still reads its list, whose :meth:`create` then fails. Raises :class:`CampaignError` where
        it is none of these, or some of it is in doubt.
        """
        if (await self._store.campaign(self.number)).standing == "loading":
            await self._store.discard(self.number)
            return
        left = await self._store.requests(self.number, State.INTENT, *sorted(IN_DOUBT))
        if left:
            raise CampaignError(
                f"{len(left)} requests are in doubt, and could never be looked up again: run the "
                "campaign, or resolve them"
            )
        await self._over()
        await self._store.purge(self.number)

    async def _over(self) -> None:
        standing = (await self._store.campaign(self.number)).standing
        if standing not in {"done", "cancelled"}:
            raise CampaignError(f"the campaign is {standing}: cancel it first, or let it end")

    async def _stand(
        self,
        standing: Literal["ready", "paused", "cancelled"],
        reason: str = "",
        *,
        frm: tuple[str, ...],
    ) -> None:
        before = (await self._store.campaign(self.number)).standing
        if before not in frm:
            raise CampaignError(f"the campaign is {before}")
        if before != standing:
            await self._store.stand(self.number, standing, reason)


async def _forget(store: Store, number: int) -> bool:
    """Let there be no campaign whose list was not read to the end; tell whether there was none."""
    try:
        await store.discard(number)
    except LookupError:
        return True
    except (StoreError, ValueError):
        pass  # what is loading is never run all the same
    return False
