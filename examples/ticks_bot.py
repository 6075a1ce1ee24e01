"""A Telegram bot that sends messages by SMS, and ticks them off as they arrive.

    /sms +79990000000 The table is booked for eight

It answers with a clock, which becomes one tick when the message is on its way to the phone, two
when it has arrived, and an eye when it was read, as the service tells.

    export BOT_TOKEN=...                       # of @BotFather
    export BOT_OWNER=...                       # your number at Telegram: others cannot send
    export SMSC_API_KEY=...
    export SMSC_CALLBACK_SECRET=$(python -c 'import secrets; print(secrets.token_urlsafe())')
    uvicorn ticks_bot:app

The address to register is ``callback_url("https://bot.example/smsc", secret=...)``.
"""

from __future__ import annotations

import asyncio
import logging
import os
import re
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

from aiogram import Bot, Dispatcher, F
from aiogram.client.session.aiohttp import AiohttpSession
from aiogram.client.telegram import TelegramAPIServer
from aiogram.exceptions import (
    TelegramBadRequest,
    TelegramForbiddenError,
    TelegramMigrateToChat,
    TelegramNotFound,
)
from aiogram.filters import Command, CommandObject
from aiogram.types import Message
from starlette.applications import Starlette
from starlette.routing import Route

from smsc_async import OutcomeUnknown, SmscClient, SmscError, Status
from smsc_async.webhooks import CallbackApp, SqliteSeen, StatusReport

# Why a tick is never taken. It shows that already, or was deleted; the bot was thrown out;
# the chat is no more, or has become another one.
NEVER = (TelegramBadRequest, TelegramForbiddenError, TelegramNotFound, TelegramMigrateToChat)
CLOCK, TICK, TICKS, EYE, CROSS = "🕓", "✓", "✓✓", "👁", "✗"

log = logging.getLogger("ticks")

# Telegram's own by default; some run a server of the Bot API themselves.
telegram = TelegramAPIServer.from_base(os.environ.get("BOT_API", "https://api.telegram.org"))
bot = Bot(os.environ["BOT_TOKEN"], session=AiohttpSession(api=telegram))
dispatcher = Dispatcher()


@dispatcher.message(Command("sms"), F.from_user.id == int(os.environ["BOT_OWNER"]))
async def sms(message: Message, command: CommandObject, smsc: SmscClient) -> None:
    """Send what stands behind the command, and answer with a clock."""
    phone, _, text = (command.args or "").partition(" ")
    if not text:
        await message.answer("/sms +79990000000 and then the text")
        return
    shown = await message.answer(f"{CLOCK} {phone}")
    try:
        # The id says what to edit, so that nothing needs to be written down; and no status can come
        # before it is known. The service signs it, so what comes back is what was given here.
        await smsc.send(phone, text, id=f"tick.{shown.chat.id}.{shown.message_id}")
    except OutcomeUnknown:
        return  # its answer was lost; if it is on its way, a tick will tell
    except SmscError as error:  # it says what to do, and no secret
        await shown.edit_text(f"{CROSS} {phone}\n{error}")
    # Nothing is shown otherwise: a tick may have come already, and would be painted over.


async def on_status(report: StatusReport) -> None:
    """Show the new status; to do it twice does no harm."""
    found = re.fullmatch(r"tick\.(-?[0-9]+)\.([0-9]+)", report.id)
    if found is None:
        return  # sent by another program of the account
    chat, message = map(int, found.groups())
    try:
        await bot.edit_message_text(
            words(report),
            chat_id=chat,
            message_id=message,
            request_timeout=20,  # seconds: less than CallbackApp gives to this function
        )
    except NEVER as error:
        # No repeat would help. Whatever else is raised, such as Telegram not being reached, is
        # answered with 503, and the service calls again.
        log.info("message %s stays as it is: %s", report.id, error.message)


def words(report: StatusReport) -> str:
    """Return what to show of a status."""
    phone = f"+{report.phone}"
    if report.is_read:
        return f"{EYE} {phone}"
    if report.is_delivered:
        return f"{TICKS} {phone}"
    if report.is_final:  # it will not arrive
        return f"{CROSS} {phone}\n{Status(report.status).english}"
    return f"{TICK if report.state is Status.HANDED_OVER else CLOCK} {phone}"


# What is late comes to on_late, so that no tick is taken back.
callbacks = CallbackApp(
    on_status=on_status,
    secret=os.environ["SMSC_CALLBACK_SECRET"].split(),  # two with a space between, to change it
    seen=SqliteSeen(os.environ.get("SMSC_CALLBACK_SEEN", "seen.db")),
)


@asynccontextmanager
async def lifespan(_app: Starlette) -> AsyncGenerator[None]:
    """Let the bot ask for messages as long as the server runs; then close all."""
    # Callbacks tell what became of a message, so the client need not ask.
    async with bot, SmscClient(on_unknown="raise") as smsc, callbacks:
        await bot.me()  # with a wrong token it does not start
        # The server has the signals, so the bot leaves them alone.
        polling = asyncio.create_task(
            dispatcher.start_polling(bot, smsc=smsc, handle_signals=False, close_bot_session=False)
        )
        yield
        await dispatcher.stop_polling()
        await polling


# Not Mount("/smsc", callbacks): that answers /smsc with 307, to go to /smsc/, and a callback is
# lost. This has both, and all below, where a path_token would stand.
app = Starlette(lifespan=lifespan, routes=[Route("/smsc{rest:path}", callbacks)])
