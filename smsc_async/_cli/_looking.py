"""What ``smsc campaign status`` looks at: no more than it shows."""

from __future__ import annotations

from msgspec.structs import asdict
from rich.console import Console

from ..campaigns import State, Store
from . import _standing
from ._calls import answer
from ._stores import found


async def show(store: Store, number: int | None, *, json: bool) -> None:
    """Show how a campaign stands; without a *number* list all, or show the only one."""
    console = Console(highlight=False)
    records = await store.campaigns()
    if number is None and (len(records) > 1 or (json and records)):
        owned = await store.is_owned()
        listed = [
            _standing.Listed(
                number=one.number,
                name=one.name,
                standing=one.standing,
                running=owned
                and one.standing == "ready"
                and bool(await store.requests(one.number, State.INTENT)),
                created=one.created,
                spent=one.spent,
            )
            for one in records
        ]
        if json:
            answer(listed, "", json=True)
        else:
            console.print(_standing.listing(listed))
        return
    campaign = await found(store, records[0].number if number is None and records else number)
    report, owned = await campaign.report(), await store.is_owned()
    if json:
        running = _standing.is_running(report, owned=owned)
        answer(asdict(report) | {"running": running}, "", json=True)
    else:
        console.print(_standing.summary(report, owned=owned))
