"""A store that cannot be written, at any moment: the run says so, and the next one goes on."""

from __future__ import annotations

import sqlite3
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, closing
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Literal

import pytest

from smsc_async.campaigns import Campaign, RowState, SqliteStore, Store, StoreError
from smsc_async.simulator import Fault
from tests.campaigns.failing import FailingStore
from tests.campaigns.inline import store_at
from tests.campaigns.worlds import World, check, rows, world
from tests.virtual import run

from .world import Script

ROWS: Final = 24  # so many requests that no resend is among the sends with faults
MANY: Final = 400  # a file of so many must grow while they are sent
EACH: Final = 4
# One answer is lost, and one request is not worked on: so there are look-ups, and a resend.
FAULTS: Final[dict[int, Fault]] = {2: "html_502_after", 4: "html_502"}
NEVER: Final = 1_000_000
A_SEND: Final = 3  # at which something happens to the file


@dataclass
class Small:
    """A campaign of few rows on the virtual clock, which is run by one store after the other."""

    world: World
    campaign: Campaign
    path: Path
    script: Script

    async def run(self, store: Store) -> None:
        """Run it with *store*, which is closed then."""
        try:
            campaign = await Campaign.open(store)
            await campaign.run(self.world.smsc, seams=self.world.seams)
        finally:
            await store.aclose()

    async def finish(self) -> int:
        """Run it with a store that works, and see what the service has; count what is in doubt."""
        await self.run(store_at(self.path))
        await check(self.world, self.campaign)
        states = [row["state"] for row in await rows(self.world.store, self.campaign.number)]
        assert set(states) <= {RowState.ACCEPTED, RowState.HELD}
        return states.count(RowState.HELD)


@asynccontextmanager
async def small(folder: Path, count: int = ROWS) -> AsyncIterator[Small]:
    """Make a campaign, and the service for it."""
    async with world(folder) as made:
        campaign = await made.made(count, rows_per_request=EACH, statuses=False)
        script = Script(faults=FAULTS)
        made.sim.faults = script
        yield Small(made, campaign, folder / "campaigns.db", script)


async def writes(folder: Path) -> int:
    """Count the writes of a run in which none fails."""
    async with small(folder) as made:
        store = FailingStore(store_at(made.path), NEVER)
        await made.run(store)
        return store.writes


async def failing(folder: Path, nth: int, when: Literal["before", "after"]) -> int:
    """Let a write fail, and go on with a store that works; count what is in doubt then."""
    async with small(folder) as made:
        with pytest.raises(StoreError, match=f"write {nth}$"):
            await made.run(FailingStore(store_at(made.path), nth, when))
        return await made.finish()


@pytest.mark.parametrize("when", ["before", "after"])
def test_whichever_write_fails_the_run_says_so_and_the_next_one_ends_it(
    when: Literal["before", "after"], tmp_path: Path
) -> None:
    every = range(1, run(writes(tmp_path)) + 1)
    folders = [tmp_path / f"{nth}" for nth in every]
    for folder in folders:
        folder.mkdir()

    in_doubt = [run(failing(*each, when)) for each in zip(folders, every, strict=True)]

    # Once a resend was noted and not sent: and the same is not sent a third time.
    assert sorted(in_doubt)[-2:] == [0, EACH if when == "after" else 0]


Undo = Callable[[], object]


async def troubled(folder: Path, trouble: Callable[[Path, SqliteStore], Undo]) -> str:
    """Let something happen to the file in the middle of a run; return what that run says."""
    async with small(folder, MANY) as made:
        store, undo = store_at(made.path), list[Undo]()

        def happen(times: int) -> None:
            if times == A_SEND:
                undo.append(trouble(made.path, store))

        made.script.on_send = happen
        with pytest.raises(StoreError) as caught:
            await made.run(store)
        undo[0]()
        assert await made.finish() == 0
        return str(caught.value)


def held(path: Path, _store: SqliteStore) -> Undo:
    """Hold the file, as another program does that writes for long."""
    other = sqlite3.connect(path, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    return other.close


def full(_path: Path, store: SqliteStore) -> Undo:
    """Let the file grow no more, as on a full disk."""
    assert store._writer._db is not None
    store._writer._db.execute("PRAGMA max_page_count = 1")  # this connection alone obeys it
    return lambda: None


def test_a_file_that_another_program_holds_ends_the_run_and_the_next_one_goes_on(
    tmp_path: Path,
) -> None:
    assert "another program holds it" in run(troubled(tmp_path, held))


def test_a_full_disk_ends_the_run_and_the_next_one_goes_on(tmp_path: Path) -> None:
    assert "the disk is full" in run(troubled(tmp_path, full))


async def newer(folder: Path) -> str:
    """Run a campaign of a file from a newer version; return what is said."""
    async with small(folder) as made:
        await made.world.store.aclose()
        version(made.path, 99)
        before = made.path.read_bytes()
        with pytest.raises(StoreError) as caught:
            await made.run(store_at(made.path))
        assert made.path.read_bytes() == before
        assert not made.world.sim.requests
        return str(caught.value)


def test_a_file_of_a_newer_version_is_left_alone(tmp_path: Path) -> None:
    assert "newest version" in run(newer(tmp_path))


def version(path: Path, number: int) -> None:
    """Write the version into the header of a file."""
    with closing(sqlite3.connect(path)) as db:
        db.execute(f"PRAGMA user_version = {number}")
