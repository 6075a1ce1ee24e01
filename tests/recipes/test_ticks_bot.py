from __future__ import annotations

import asyncio
import math
from collections.abc import AsyncIterator
from typing import NamedTuple

import pytest
import pytest_asyncio

from smsc_async.simulator import Settings, Simulator
from tests.loopback import Posted, answer, serving
from tests.recipes.serving import SECRET, listening, post, served, status

pytestmark = pytest.mark.asyncio(loop_scope="module")

TOKEN = "1:token"
OWNER, CHAT = 42, -100_777
PHONE = "79990000000"


class Telegram:
    """As much of the Bot API as the bot uses: what it was told, and what it is to be told."""

    def __init__(self) -> None:
        self.shown: dict[int, str] = {}  # the texts of the bot's messages
        self.failures = 0  # of requests to come
        self.refusal: dict[str, object] = {}  # what each edit is answered with, instead of done
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
                if self.refusal:
                    refusal = {"ok": False, "description": "no", **self.refusal}
                    return answer(refusal, int(str(refusal["error_code"])))
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

    def answers(self) -> list[int | None]:
        """What the newest callback was answered with, the first time and the next ones."""
        return [attempt.code for attempt in self.simulator.callbacks[-1].attempts]

    async def sent(self, text: str, phone: str = PHONE) -> str:
        """Have the owner send *text*; return how the bot edits its answer, without the signs."""
        self.telegram.write(f"/sms +{phone} {text}")
        answer = await self.telegram.next()
        number = answer.split()[1]
        assert answer == f"sendMessage {number} 🕓 +{phone}"
        return f"editMessageText {number}"


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def bot(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Bot]:
    folder, telegram = tmp_path_factory.mktemp("bot"), Telegram()
    with listening() as (listener, url):
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
    said = (folder / "log.txt").read_text()
    assert "Failed to fetch updates" not in said  # it no longer asks when it has closed
    assert telegram.news.empty()


async def test_the_ticks_follow_the_message_and_none_is_taken_back(bot: Bot) -> None:
    edited = await bot.sent("The table is booked for eight")
    assert await bot.telegram.next() == f"{edited} ✓ +{PHONE}"
    assert bot.simulator.accepted[-1].text == "The table is booked for eight"
    bot.change(1)
    assert await bot.telegram.next() == f"{edited} ✓✓ +{PHONE}"
    bot.change(0)
    await bot.simulator.delivered()
    bot.change(2)
    assert await bot.telegram.next() == f"{edited} 👁 +{PHONE}"


async def test_what_telegram_will_never_take_is_not_asked_for_again(bot: Bot) -> None:
    edited = await bot.sent("Look at example.com")
    assert await bot.telegram.next() == f"{edited} ✓ +{PHONE}"
    bot.change(2)
    assert await bot.telegram.next() == f"{edited} 👁 +{PHONE}"
    bot.change(4)  # a link of it was clicked: Telegram says that it shows that already
    await bot.simulator.delivered()

    assert bot.answers() == [200]


@pytest.mark.parametrize(
    "refusal",
    [
        {"error_code": 403},
        {"error_code": 404},
        {"error_code": 400, "parameters": {"migrate_to_chat_id": -1_000_777}},
    ],
    ids=["it was thrown out", "the chat is gone", "the chat is another one"],
)
async def test_a_chat_that_takes_no_tick_any_more_is_let_go(
    bot: Bot, refusal: dict[str, object]
) -> None:
    edited = await bot.sent(f"Are you there? {refusal}")
    assert await bot.telegram.next() == f"{edited} ✓ +{PHONE}"
    bot.telegram.refusal = refusal
    bot.change(1)
    await bot.simulator.delivered()
    bot.telegram.refusal = {}

    assert bot.answers() == [200]


async def test_a_tick_that_telegram_does_not_take_now_comes_again(bot: Bot) -> None:
    edited = await bot.sent("Hello")
    assert await bot.telegram.next() == f"{edited} ✓ +{PHONE}"
    bot.telegram.failures = 2
    bot.change(1)
    assert await bot.telegram.next() == f"{edited} ✓✓ +{PHONE}"
    await bot.simulator.delivered()

    assert bot.answers() == [503, 503, 200]


async def test_what_will_not_arrive_is_crossed_out(bot: Bot) -> None:
    edited = await bot.sent("Good morning")
    assert await bot.telegram.next() == f"{edited} ✓ +{PHONE}"
    bot.change(20)

    assert await bot.telegram.next() == f"{edited} ✗ +{PHONE}\ncannot be delivered"


async def test_why_the_service_does_not_take_a_message_is_shown(bot: Bot) -> None:
    edited = await bot.sent("Hello", phone="79990000007")

    assert (await bot.telegram.next()).startswith(f"{edited} ✗ +79990000007\nsend: ")


async def test_a_message_whose_answer_was_lost_is_ticked_off_all_the_same(bot: Bot) -> None:
    bot.simulator.faults = lambda *_: "drop_after"
    edited = await bot.sent("Did it go?")
    assert await bot.telegram.next() == f"{edited} ✓ +{PHONE}"
    bot.simulator.faults = None
    bot.change(1)

    assert await bot.telegram.next() == f"{edited} ✓✓ +{PHONE}"


async def test_nobody_but_its_owner_sends(bot: Bot) -> None:
    requests = bot.simulator.requests
    bot.telegram.write(f"/sms +{PHONE} For nothing", user=OWNER + 1)
    bot.telegram.write("/sms hello")
    assert "/sms +79990000000 and then the text" in await bot.telegram.next()

    assert bot.simulator.requests == requests


async def test_the_status_of_what_another_program_sent_is_taken(bot: Bot) -> None:
    assert await asyncio.to_thread(post, f"{bot.url}/smsc/", status("17", PHONE, 1)) == 200
