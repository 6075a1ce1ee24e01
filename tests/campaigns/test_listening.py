"""What comes in by itself: deliveries, and those who want nothing more."""

from __future__ import annotations

import asyncio
from pathlib import Path

import httpx
import pytest

from smsc_async import NotSent
from smsc_async.campaigns import Listening, RowState
from smsc_async.webhooks import CallbackApp, IncomingMessage, StatusReport
from tests.campaigns.inline import store_at
from tests.campaigns.worlds import check, now, rows, world
from tests.virtual import run
from tests.webhooks.calling import signed

SECRET = "w7Hq2mXz4RkT9vLpN3sYc8Bd"


@pytest.mark.parametrize(
    "text", ["СТОП", "стоп!", " Stop. ", "STOP", "отписаться", "Не  присылать!!!", "unsubscribe"]
)
def test_who_says_stop_gets_nothing_more(tmp_path: Path, text: str) -> None:
    async def main() -> None:
        async with world(tmp_path) as at:
            campaign = await at.made(5)
            listening = Listening(at.store)
            await listening.message(IncomingMessage(phone="79990000002", text=text, to="7900"))
            report = await at.run(campaign)

            assert report.rows == {RowState.ACCEPTED: 4, RowState.STOPPED: 1}

    run(main())


@pytest.mark.parametrize("text", ["", "...", "Don't stop", "стоп-кран сломан", "yes"])
def test_who_says_anything_else_is_not_stopped(tmp_path: Path, text: str) -> None:
    async def main() -> None:
        store = store_at(tmp_path / "campaigns.db")
        await Listening(store).message(IncomingMessage(phone="79990000002", text=text, to="7900"))
        assert await store.stops() == 0
        await store.aclose()

    run(main())


def test_the_words_are_a_choice(tmp_path: Path) -> None:
    async def main() -> None:
        store = store_at(tmp_path / "campaigns.db")
        listening = Listening(store, stop_words=["Tschüss"])
        await listening.message(IncomingMessage(phone="4915112345678", text="stop", to="7900"))
        assert await store.stops() == 0
        await listening.message(IncomingMessage(phone="4915112345678", text="TSCHÜSS", to="7900"))
        assert await store.stops() == 1
        await store.aclose()

    run(main())


def test_an_app_of_callbacks_takes_its_methods(tmp_path: Path) -> None:
    async def main() -> None:
        async with world(tmp_path) as at:
            campaign = await at.made(3)
            await at.run(campaign)
            listening = Listening(at.store)
            app = CallbackApp(
                on_status=listening.status,
                on_message=listening.message,
                secret=SECRET,
                wall=at.seams.wall,
            )
            (sent_id,) = {one.id for one in at.sim.accepted}
            told = signed({"id": sent_id, "phone": "79990000001", "status": "1"}, SECRET)
            async with httpx.AsyncClient(
                transport=httpx.ASGITransport(app=app), base_url="http://hook"
            ) as service:
                answer = await service.post("/", data=told)

            assert answer.status_code == 200
            assert (await campaign.report()).statuses == {1: 1}

    run(main())


def test_a_status_tells_of_the_row_that_it_is_about(tmp_path: Path) -> None:
    async def main() -> None:
        async with world(tmp_path) as at:
            campaign = await at.made(3)
            await at.run(campaign)
            listening = Listening(at.store)
            (sent_id,) = {one.id for one in at.sim.accepted}
            await listening.status(StatusReport(id=sent_id, phone="79990000001", status=1, ts=5))
            await listening.status(StatusReport(id="another", phone="79990000001", status=1))

            told = {row["phone"]: row["status"] for row in await rows(at.store, campaign.number)}
            assert told == {"+79990000000": None, "+79990000001": 1, "+79990000002": None}
            assert (await campaign.report()).statuses == {1: 1}
            await check(at, campaign)

    run(main())


def test_answers_are_asked_for_where_no_callbacks_come(tmp_path: Path) -> None:
    async def main() -> None:
        async with world(tmp_path) as at:
            at.sim.receive("79990000001", "стоп")
            task = asyncio.create_task(Listening(at.store).poll(at.smsc))
            await asyncio.sleep(10)
            assert await at.store.stops() == 1
            at.wire.down = lambda: now() < 1000 + 400
            await asyncio.sleep(600)
            at.sim.receive("79990000002", "stop")
            at.sim.receive("79990000003", "go on")
            await asyncio.sleep(3000)
            assert await at.store.stops() == 2
            asked = [one.arrived for one in at.sim.log if "get_answers" in one.params]
            assert max(sum(at <= later < at + 3600 for later in asked) for at in asked) <= 30
            assert not [one for one in at.sim.refusals if one.code == 9]
            await at.smsc.aclose()
            with pytest.raises(NotSent, match="closed"):
                await task

    run(main())
