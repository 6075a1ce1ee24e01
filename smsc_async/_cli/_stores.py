"""The file that keeps the campaigns, as the commands find it."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Annotated, TypeVar

import anyio
import typer

from ..campaigns import Campaign, open_store
from ._ending import ending

R = TypeVar("R")

Store = Annotated[
    Path, typer.Option("--store", envvar="SMSC_STORE", help="The file that keeps the campaigns.")
]
Number = Annotated[
    int | None, typer.Argument(min=1, show_default=False, help="Of the campaign; else the newest.")
]


def there(store: Path) -> Path:
    """Return *store* if there is one: to look for a campaign is no reason to make a file."""
    if not store.exists():
        raise typer.BadParameter(
            f"there is no {store}; smsc campaign create makes one", param_hint="--store"
        )
    return store


@asynccontextmanager
async def opened(store: Path, number: int | None) -> AsyncGenerator[Campaign]:
    """Open a campaign; none of that number is a wrong argument."""
    async with open_store(there(store)) as kept:
        try:
            campaign = await Campaign.open(kept, number)
        except LookupError:
            which = "none" if number is None else f"no campaign {number}"
            raise typer.BadParameter(f"there is {which} in {store}", param_hint="NUMBER") from None
        yield campaign


def within(store: Path, number: int | None, act: Callable[[Campaign], Awaitable[R]]) -> R:
    """Do something with a campaign that needs no client."""

    async def main() -> R:
        async with opened(store, number) as campaign:
            return await act(campaign)

    with ending():
        return anyio.run(main)
