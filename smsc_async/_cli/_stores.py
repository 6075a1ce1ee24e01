"""The file that keeps the campaigns, as the commands find it."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Annotated, TypeVar

import anyio
import typer

from ..campaigns import Campaign, Store, open_store
from ._ending import ending

R = TypeVar("R")

STORE = Path("campaigns.db")
At = Annotated[
    Path, typer.Option("--store", envvar="SMSC_STORE", help="The file that keeps the campaigns.")
]
Number = Annotated[
    int | None, typer.Argument(min=1, show_default=False, help="Of the campaign; else the newest.")
]
Certain = Annotated[int, typer.Argument(metavar="NUMBER", min=1, help="Of the campaign.")]


def there(store: Path) -> Path:
    """Return *store* if there is one: to look for a campaign is no reason to make a file."""
    if not store.exists():
        raise typer.BadParameter(
            f"there is no {store}; smsc campaign create makes one", param_hint="--store"
        )
    return store


async def found(store: Store, number: int | None) -> Campaign:
    """Open a campaign; none of that number is a wrong argument."""
    try:
        return await Campaign.open(store, number)
    except LookupError:
        which = "none" if number is None else f"no campaign {number}"
        raise typer.BadParameter(f"there is {which} in this store", param_hint="NUMBER") from None


@asynccontextmanager
async def opened(path: Path, number: int | None) -> AsyncGenerator[tuple[Store, Campaign]]:
    """Open a store that there is, and one of its campaigns."""
    async with open_store(there(path)) as store:
        yield store, await found(store, number)


def kept(path: Path, act: Callable[[Store], Awaitable[R]]) -> R:
    """Do something with a store that needs no client."""

    async def main() -> R:
        async with open_store(there(path)) as store:
            return await act(store)

    with ending():
        return anyio.run(main)


def within(path: Path, number: int | None, act: Callable[[Campaign], Awaitable[R]]) -> R:
    """Do something with a campaign that needs no client."""

    async def main(store: Store) -> R:
        return await act(await found(store, number))

    return kept(path, main)
