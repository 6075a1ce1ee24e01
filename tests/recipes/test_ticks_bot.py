from __future__ import annotations

import asyncio
import math
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import NamedTuple

from smsc_async.simulator import Settings, Simulator
from tests.loopback import Posted, answer, serving
from tests.recipes.serving import SECRET, listening, post, served, status

TOKEN = "1:token"
OWNER, CHAT = 42, -100_777
PHONE = "79990000000"


class Telegram:
    """As much of the Bot API as the bot uses: what it was told, and what it is to be told."""

    def __init__(self) -> None:
        self.shown: dict[int, str] = {}  # the texts of the bot's messages
        self.failures = 0  # of requests to come
        self.news = asyncio.Queue[str]()  # the method, the message's number and its text
        self._updates = asyncio.Queue[dict[str, object]]()
        self._count = 0

    def write(self, text: str, *, user: int = OWNER) -> None:
        """Have a person write to the bot."""
        self._count += 1
        person = {"id": user, "is_bot": False, "first_name": "Anna"}
        chat = {"id": CHAT, "type": "group", "title": "Orders"}
        entity = {"type": "bot_command", "offset": 0, "length": len(text.split(maxsplit=1)[0])}
        came = {"message_id": 1, "date": 1, "chat": chat, "from": person, "text": text}
        update = {"update_id": self._count, "message": {**came, "entities": [entity]}}
        self._updates.put_nowait(update)

    async def next(self) -> str:
        """Return what the bot did next."""
        async with asyncio.timeout(60):
            return await self.news.get()

    async def answer(self, request: Posted) -> bytes:
        _, token, method = request.path.split("/")
        assert token == f"bot{TOKEN}"
        if self.failures and method != "getUpdates":
            self.failures -= 1
            return answer({"ok": False, "error_code": 502, "description": "Bad Gateway"}, 502)
        match method:
            case "getMe":
                bot = {"id": 1, "is_bot": True, "first_name": "Ticks", "username": "ticks_bot"}
                return answer({"ok": True, "result": bot})
            case "getUpdates":
                return answer({"ok": True, "result": [await self._updates.get()]})
            case "sendMessage":
                number = 100 + len(self.shown)
            case _:
                assert method == "editMessageText"
                number = int(request.form["message_id"])
        text = request.form["text"]
        assert request.form["chat_id"] == str(CHAT)
        if self.shown.get(number) == text:
            reason = "Bad Request: message is not modified"
            return answer({"ok": False, "error_code": 400, "description": reason}, 400)
        self.shown[number] = text
        self.news.put_nowait(f"{method} {number} {text}")
        chat = {"id": CHAT, "type": "group", "title": "Orders"}
        return answer(
            {"ok": True, "result": {"message_id": number, "date": 1, "chat": chat, "text": text}}
        )


class Bot(NamedTuple):
    """The example, with Telegram on one side and the service on the other."""

    url: str
    telegram: Telegram
    simulator: Simulator

    def change(self, status: int) -> None:
        """Have the newest message change."""
        message = self.simulator.accepted[-1]
        self.simulator.set_status(message.id, message.phone, status)

    def answers(self) -> list[list[int | None]]:
        """What each callback was answered with, the first time and the next ones."""
        return [[attempt.code for attempt in one.attempts] for one in self.simulator.callbacks]


@asynccontextmanager
async def running(folder: Path) -> AsyncIterator[Bot]:
    with listening() as (listener, url):
        telegram = Telegram()
        settings = Settings(
            callback=f"{url}/smsc?charset=utf-8&fmt=3&sha1={SECRET}",
            callback_every=0.01,
            delivery=math.inf,
            refused={"79990000007": 7},
        )
        async with (
            Simulator(settings) as simulator,
            simulator.serve() as service,
            serving(telegram.answer) as api,
        ):
            with served(
                "ticks_bot:app",
                folder,
                listener,
                BOT_API=api.url,
                BOT_TOKEN=TOKEN,
                BOT_OWNER=str(OWNER),
                SMSC_URL=service,
                SMSC_LOGIN=settings.login,
                SMSC_PASSWORD=settings.password,
            ):
                yield Bot(url, telegram, simulator)


async def test_the_ticks_follow_the_message_and_none_is_taken_back(tmp_path: Path) -> None:
    async with running(tmp_path) as bot:
        bot.telegram.write(f"/sms +{PHONE} The table is booked for eight")
        assert await bot.telegram.next() == f"sendMessage 100 🕓 +{PHONE}"
        assert await bot.telegram.next() == f"editMessageText 100 ✓ +{PHONE}"
        bot.change(1)
        assert await bot.telegram.next() == f"editMessageText 100 ✓✓ +{PHONE}"
        bot.change(0)
        await bot.simulator.delivered()
        bot.change(2)
        assert await bot.telegram.next() == f"editMessageText 100 👁 +{PHONE}"
        bot.change(4)  # a link of it was clicked: Telegram says that it shows that already
        await bot.simulator.delivered()

    assert bot.telegram.news.empty()
    assert bot.answers() == [[200]] * 5
    said = (tmp_path / "log.txt").read_text().splitlines()
    assert [line for line in said if not line.startswith("INFO:")] == []
    assert [message.text for message in bot.simulator.accepted] == ["The table is booked for eight"]


async def test_what_will_not_arrive_is_crossed_out(tmp_path: Path) -> None:
    async with running(tmp_path) as bot:
        bot.telegram.write(f"/sms +{PHONE} Hello")
        assert await bot.telegram.next() == f"sendMessage 100 🕓 +{PHONE}"
        assert await bot.telegram.next() == f"editMessageText 100 ✓ +{PHONE}"
        bot.change(20)
        assert await bot.telegram.next() == f"editMessageText 100 ✗ +{PHONE}\ncannot be delivered"

        bot.telegram.write("/sms +79990000007 Hello")
        assert await bot.telegram.next() == "sendMessage 101 🕓 +79990000007"
        edited = await bot.telegram.next()
        assert edited.startswith("editMessageText 101 ✗ +79990000007\nsend: ")


async def test_a_tick_that_telegram_did_not_take_comes_again(tmp_path: Path) -> None:
    async with running(tmp_path) as bot:
        bot.telegram.write(f"/sms +{PHONE} Hello")
        assert await bot.telegram.next() == f"sendMessage 100 🕓 +{PHONE}"
        assert await bot.telegram.next() == f"editMessageText 100 ✓ +{PHONE}"
        bot.telegram.failures = 2
        bot.change(1)
        assert await bot.telegram.next() == f"editMessageText 100 ✓✓ +{PHONE}"
        await bot.simulator.delivered()

    assert bot.answers() == [[200], [503, 503, 200]]


async def test_nobody_but_its_owner_sends(tmp_path: Path) -> None:
    async with running(tmp_path) as bot:
        bot.telegram.write(f"/sms +{PHONE} For nothing", user=OWNER + 1)
        bot.telegram.write("/sms hello")
        assert await bot.telegram.next() == "sendMessage 100 /sms +79990000000 and then the text"

    assert bot.simulator.requests == 0


async def test_the_status_of_what_another_program_sent_is_taken(tmp_path: Path) -> None:
    async with running(tmp_path) as bot:
        assert await asyncio.to_thread(post, f"{bot.url}/smsc/", status("17", PHONE, 1)) == 200

    assert bot.telegram.news.empty()
