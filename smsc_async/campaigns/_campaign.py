"""A campaign, as a program sees it."""

from __future__ import annotations

from collections.abc import AsyncIterable, Callable, Iterable
from pathlib import Path
from typing import Any, Literal, Self, TypeAlias

from .._client import SmscClient
from .._transport.clock import Seams
from ..messages import Message
from ._loading import Loaded
from ._options import Options
from ._report import Estimate, Progress, Report
from ._store import Store

Resolution: TypeAlias = Literal["sent", "resend", "drop"]


class Campaign:
    """One text, or one each, to many recipients; it lives in a store, and outlives the program."""

    number: int
    name: str
    loaded: Loaded | None  # what create() read; None where it was opened

    @classmethod
    async def create(
        cls,
        store: Store,
        rows: Iterable[Any] | AsyncIterable[Any],
        message: str | Message,
        *,
        name: str = "",
        phone: str = "phone",
        region: str = "RU",
        options: Options = Options(),  # noqa: B008 - frozen
        duplicates: Literal["drop", "keep"] = "drop",
        rejects: Path | None = None,
        stops: Path | Iterable[str] = (),
    ) -> Self:
        raise NotImplementedError

    @classmethod
    async def open(cls, store: Store, number: int | None = None) -> Self:
        """Open a campaign of *store*, the newest where no *number* is given.

        Raises :class:`LookupError` where there is none.
        """
        raise NotImplementedError

    async def run(
        self,
        smsc: SmscClient,
        *,
        on_progress: Callable[[Progress], object] | None = None,
        statuses_for: float = 0.0,
        grace: float = 35.0,
        seams: Seams = Seams(),  # noqa: B008 - frozen
    ) -> Report:
        """Send what is to be sent, find out what is in doubt, and return how things stand then."""
        raise NotImplementedError

    async def pause(self, reason: str = "") -> None:
        """Send no more until :meth:`resume`, whichever program runs it."""
        raise NotImplementedError

    async def resume(self) -> None:
        """Let it be run again."""
        raise NotImplementedError

    async def cancel(self) -> None:
        """Never send what was not sent."""
        raise NotImplementedError

    async def report(self) -> Report:
        """Tell how it stands; this reads the whole campaign."""
        raise NotImplementedError

    async def write_report(self, path: Path | str, *, masked: bool = False) -> None:
        """Write all rows to a file: JSON where it is named ``.json``, else CSV."""
        raise NotImplementedError

    async def resolve(self, id: str, how: Resolution, *, by: str) -> None:
        """Settle by hand a request that is in doubt for good."""
        raise NotImplementedError

    async def price(self, smsc: SmscClient, *, most: int = 5000) -> Estimate:
        """Ask what the waiting rows would cost."""
        raise NotImplementedError

    async def purge(self) -> None:
        """Forget phones and texts of a campaign that is done or cancelled, and keep its figures."""
        raise NotImplementedError
