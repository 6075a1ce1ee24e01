"""Take the numbers of those who answer STOP off the mailings, in a Starlette program.

    export SMSC_CALLBACK_SECRET=$(python -c 'import secrets; print(secrets.token_urlsafe())')
    uvicorn callbacks_starlette:app

The address to register is ``callback_url("https://shop.example/smsc", secret=...)``; the client has
its credentials from the environment.
"""

from __future__ import annotations

import logging
import os
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

from starlette.applications import Starlette
from starlette.routing import Route

from smsc_async import BadParameters, InvalidMessage, SmscClient
from smsc_async.webhooks import CallbackApp, IncomingMessage, SqliteSeen

STOP = {"stop", "стоп"}
TIMEOUT = 30.0  # seconds for a function, as CallbackApp has by itself

log = logging.getLogger("shop")


async def on_message(message: IncomingMessage) -> None:
    """Put the number on the blacklist; to do it twice does no harm."""
    if message.text.strip().casefold() not in STOP:
        return
    smsc: SmscClient = app.state.smsc  # a callback is no Request, so it has no request.app
    # A callback's number has no plus. Without one a number is taken as people write it, and to the
    # service 84912345678, which is Vietnamese, would be the Russian 74912345678.
    phone = "+" + message.phone.removeprefix("+")
    try:
        await smsc.blacklist.add(phone, scope="mass", comment="wrote STOP")
    except (BadParameters, InvalidMessage):
        # It would be refused fifty times, as a short number such as 900 is. What may be otherwise
        # in four minutes is left to CallbackApp: no connection, a lost answer, a limit.
        log.exception("who wrote STOP could not be put on the blacklist")


# There is no on_status: an account has one address for all kinds, and what has no function here is
# dropped, which the log says once.
callbacks = CallbackApp(
    on_message=on_message,
    secret=os.environ["SMSC_CALLBACK_SECRET"].split(),  # two with a space between, to change it
    seen=SqliteSeen(os.environ.get("SMSC_CALLBACK_SEEN", "seen.db")),  # one for all workers
    timeout=TIMEOUT,
)


@asynccontextmanager
async def lifespan(app: Starlette) -> AsyncGenerator[None]:
    """Hold the client; close at the end, which no mounted app is told of by itself."""
    # The client gives up before CallbackApp does, so that it can tell what it knows.
    async with SmscClient(deadline=TIMEOUT - 5) as app.state.smsc, callbacks:
        yield


# Not Mount("/smsc", callbacks): that answers /smsc with 307, to go to /smsc/, and a callback is
# lost. This has both, and all below, where a path_token would stand.
app = Starlette(lifespan=lifespan, routes=[Route("/smsc{rest:path}", callbacks)])
