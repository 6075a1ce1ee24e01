"""A campaign as a program makes it, finds it again, and reads what it says."""

from __future__ import annotations

import asyncio
import csv
import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from smsc_async import Email, Viber
from smsc_async.campaigns import (
    BadRows,
    Campaign,
    CampaignError,
    Options,
    RowState,
    StoreError,
    read_csv,
)
from smsc_async.campaigns._report import Estimate
from tests.campaigns.failing import FailingStore
from tests.campaigns.worlds import World, check, inline, people, rows, world
from tests.virtual import run

LIST = """phone;name
8 999 000-00-00;Ann
+79990000001;Bob
12;Carl
89990000000;Ann again
+79990000002;
"""


async def listed(at: World, folder: Path, **how: Any) -> Campaign:  # noqa: ANN401 - whatever
    path = folder / "list.csv"
    path.write_text(LIST)
    return await Campaign.create(
        at.store,
        read_csv(path),
        "hello {name}",
        name="autumn",
        rejects=folder / "bad.csv",
        work=inline,
        **how,
    )


def test_a_list_is_read_and_what_is_bad_is_told_apart(tmp_path: Path) -> None:
    async def main() -> None:
        async with world(tmp_path) as at:
            campaign = await listed(at, tmp_path)

            loaded = campaign.loaded
            assert loaded is not None
            assert (loaded.rows, loaded.bad, loaded.duplicates, loaded.stopped) == (2, 2, 1, 0)
            bad = list(csv.reader((tmp_path / "bad.csv").read_text("utf-8-sig").splitlines()))
            assert [row[0] for row in bad] == ["line", "4", "6"]
            report = await at.run(campaign)
            assert report.name == campaign.name == "autumn"
            assert report.rows == {RowState.ACCEPTED: 2, RowState.DUPLICATE: 1}
            assert {one.text for one in at.sim.accepted} == {"hello Ann", "hello Bob"}

    run(main())


def test_a_write_that_fails_after_all_was_written_leaves_no_campaign(tmp_path: Path) -> None:
    async def main() -> None:
        async with world(tmp_path) as at:
            # The third: after the begin and the rows comes the end of the list.
            failing = FailingStore(at.store, 3, "after")
            with pytest.raises(StoreError):
                await Campaign.create(failing, people(3), "hello", work=inline)
            assert not await at.store.campaigns()

    run(main())


def test_a_cancelled_create_leaves_no_campaign_that_could_be_run(tmp_path: Path) -> None:
    async def main() -> None:
        async with world(tmp_path) as at:
            slow = FailingStore(at.store, 3, "late")
            making = asyncio.create_task(Campaign.create(slow, people(3), "hello", work=inline))
            await asyncio.sleep(1)
            assert [one.standing for one in await at.store.campaigns()] == ["ready"]
            making.cancel()
            with pytest.raises(asyncio.CancelledError):
                await making
            assert not await at.store.campaigns()

    run(main())


def test_duplicates_are_kept_by_choice_and_go_in_requests_of_their_own(tmp_path: Path) -> None:
    async def main() -> None:
        async with world(tmp_path) as at:
            campaign = await listed(at, tmp_path, duplicates="keep")
            report = await at.run(campaign)

            assert report.rows == {RowState.ACCEPTED: 3}
            assert at.sends() == 2

    run(main())


def test_one_text_goes_to_many_phones_at_once(tmp_path: Path) -> None:
    async def main() -> None:
        async with world(tmp_path) as at:
            campaign = await at.made(250, "hello all")
            report = await at.run(campaign)

            assert report.rows == {RowState.ACCEPTED: 250}
            sends = [one for one in at.sim.log if one.path == "send.php"]
            assert [len(one.params["phones"].split(",")) for one in sends] == [100, 100, 50]
            await check(at, campaign)

    run(main())


@pytest.mark.parametrize(
    ("message", "whom"),
    [
        (Viber(text="hello {name}"), people(3)),
        (
            Email(text="hello {name}", subject="news", sender="us@example.com"),
            [{"phone": f"ann{n}@example.com", "name": "Ann"} for n in range(3)],
        ),
    ],
    ids=["viber", "email"],
)
def test_any_kind_that_has_a_text_can_be_a_campaign(
    tmp_path: Path,
    message: Viber | Email,
    whom: list[dict[str, str]],
) -> None:
    async def main() -> None:
        async with world(tmp_path) as at:
            campaign = await Campaign.create(at.store, whom, message, work=inline)
            report = await at.run(campaign)

            assert report.rows == {RowState.ACCEPTED: 3}
            assert at.sends() == 1

    run(main())


def test_the_newest_is_opened_where_none_is_named(tmp_path: Path) -> None:
    async def main() -> None:
        async with world(tmp_path) as at:
            first, second = await at.made(1), await at.made(2)

            assert (await Campaign.open(at.store)).number == second.number
            again = await Campaign.open(at.store, first.number)
            assert (again.number, again.loaded) == (first.number, None)
            with pytest.raises(LookupError):
                await Campaign.open(at.store, 77)

    run(main())


def test_a_list_that_ends_badly_leaves_no_campaign(tmp_path: Path) -> None:
    def broken() -> Any:  # noqa: ANN401 - whatever
        yield {"phone": "+79990000000", "name": "Ann"}
        raise ZeroDivisionError

    async def main() -> None:
        async with world(tmp_path) as at:
            with pytest.raises(ZeroDivisionError):
                await Campaign.create(at.store, broken(), "hello {name}", work=inline)
            with pytest.raises(BadRows):
                await Campaign.create(at.store, [{"name": "Ann"}], "hello", work=inline)
            assert await at.store.campaigns() == []

    run(main())


@pytest.mark.parametrize("nth", [1, 2, 3])
def test_a_store_that_fails_while_it_is_made_says_so(tmp_path: Path, nth: int) -> None:
    async def main() -> None:
        async with world(tmp_path) as at:
            with pytest.raises(StoreError, match=f"write {nth}"):
                await Campaign.create(FailingStore(at.store, nth), people(3), "hello", work=inline)
            with pytest.raises(LookupError):
                await Campaign.open(at.store)

    run(main())


def test_all_rows_are_written_to_a_table(tmp_path: Path) -> None:
    async def main() -> None:
        async with world(tmp_path) as at:
            campaign = await at.made(1200, statuses=False)
            await at.run(campaign)
            path = tmp_path / "report.csv"
            path.write_text("what was there before")
            await campaign.write_report(path)

            found = list(csv.DictReader(path.read_text("utf-8-sig").splitlines()))
            assert len(found) == 1200
            assert (found[7]["line"], found[7]["phone"]) == ("8", "+79990000007")
            assert found[7]["state"] == "accepted"
            assert found[7]["text"] == "hello name 7"
            assert found[7]["changed"].endswith("+00:00")
            assert path.stat().st_mode & 0o777 == 0o600
            assert not path.with_name("report.csv.part").exists()

    run(main())


def test_a_table_without_rows_has_its_columns(tmp_path: Path) -> None:
    async def main() -> None:
        async with world(tmp_path) as at:
            campaign = await at.made(0)
            path = tmp_path / "report.csv"
            await campaign.write_report(path)
            assert path.read_text("utf-8-sig").startswith("line,phone,state,request_id,")

    run(main())


def test_a_report_for_others_tells_no_phones_and_no_texts(tmp_path: Path) -> None:
    async def main() -> None:
        async with world(tmp_path) as at:
            campaign = await at.made(700, policy="hold")
            at.sim.faults = lambda path, *_: "drop_before" if path == "send.php" else None
            await at.run(campaign)
            path = tmp_path / "report.json"
            await campaign.write_report(path, masked=True)

            written = path.read_text()
            found = json.loads(written)
            assert found["campaign"]["in_doubt"] == 700
            assert len(found["rows"]) == 700
            assert found["rows"][7]["phone"] == "+7999***07"
            assert "text" not in found["rows"][7]
            assert "+79990000007" not in written
            assert "hello" not in written

    run(main())


def test_a_campaign_that_is_not_over_cannot_be_forgotten(tmp_path: Path) -> None:
    async def main() -> None:
        async with world(tmp_path) as at:
            campaign = await at.made(3)
            with pytest.raises(CampaignError, match="ready"):
                await campaign.purge()
            await at.run(campaign)
            await campaign.purge()
            assert {row["phone"] for row in await rows(at.store, campaign.number)} == {""}
            assert (await campaign.report()).rows == {RowState.ACCEPTED: 3}

    run(main())


def test_a_price_that_the_service_does_not_tell_is_no_estimate(tmp_path: Path) -> None:
    async def main() -> None:
        async with world(tmp_path) as at:
            nobody = await Campaign.create(at.store, [], "hello", work=inline)
            found = await nobody.price(at.smsc)
            assert (found.rows, found.asked, found.is_sample) == (0, 0, False)
            assert isinstance(found, Estimate)

    run(main())


def test_settings_come_back_as_they_were(tmp_path: Path) -> None:
    async def main() -> None:
        async with world(tmp_path) as at:
            options = Options(rows_per_request=7, policy="hold", canary=3)
            await Campaign.create(at.store, people(3), "hello", options=options, work=inline)
            campaign = await Campaign.open(at.store)
            assert campaign.options == options

    run(main())


def test_one_whose_list_was_not_read_to_the_end_is_forgotten_by_a_purge(tmp_path: Path) -> None:
    async def main() -> None:
        async with world(tmp_path) as at:
            made = await at.made(1)
            plan = (await at.store.campaign(made.number)).plan
            left = (await at.store.begin("killed", plan)).number

            await (await Campaign.open(at.store, left)).purge()

            assert [one.number for one in await at.store.campaigns()] == [made.number]

    run(main())


def test_to_purge_one_whose_list_is_being_read_ends_the_reading(tmp_path: Path) -> None:
    async def main() -> None:
        async with world(tmp_path) as at:

            async def listed() -> AsyncIterator[dict[str, str]]:
                (loading,) = await at.store.campaigns()
                await (await Campaign.open(at.store, loading.number)).purge()
                for one in people(1):
                    yield one

            with pytest.raises(CampaignError, match="it was purged while its list was read"):
                await Campaign.create(at.store, listed(), "hello", work=inline)

            assert await at.store.campaigns() == []

    run(main())


def test_why_one_was_resumed_is_nobodys_business(tmp_path: Path) -> None:
    async def main() -> None:
        async with world(tmp_path) as at:
            campaign = await at.made(1)
            await campaign.pause("lunch")
            assert (await campaign.report()).reason == "lunch"
            await campaign.resume()
            assert (await campaign.report()).reason == ""

    run(main())
