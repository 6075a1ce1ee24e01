"""Keep what becomes of messages in the database of a FastAPI program.

    export SMSC_CALLBACK_SECRET=$(python -c 'import secrets; print(secrets.token_urlsafe())')
    uvicorn callbacks_fastapi:app

The address to register is ``callback_url("https://shop.example/smsc", secret=...)``.
"""

from __future__ import annotations

import asyncio
import os
import sqlite3
from collections.abc import AsyncGenerator, Generator
from contextlib import asynccontextmanager, closing, contextmanager
from typing import Annotated

from fastapi import Depends, FastAPI, HTTPException
from starlette.routing import Route

from smsc_async.webhooks import CallbackApp, SqliteSeen, StatusReport

DATABASE = os.environ.get("SHOP_DB", "shop.db")


def session() -> Generator[sqlite3.Connection]:
    """Give a session of the database, which is committed at its end."""
    # Its begin and its end may run in two threads of FastAPI's, one after the other.
    with closing(sqlite3.connect(DATABASE, check_same_thread=False)) as db, db:
        yield db


Session = Annotated[sqlite3.Connection, Depends(session)]


async def on_status(report: StatusReport) -> None:
    """Keep the newest status; what is known to be late does not come here, but to on_late."""
    await asyncio.to_thread(keep, report)  # no other request waits for the disk


def keep(report: StatusReport) -> None:
    """Write the status down unless a newer one is there; to do it twice does no harm."""
    # Depends() is for routes, and this is none. It would also commit too late, after the answer:
    # when this returns the service is told 200, and never tells the status again.
    # WHERE keeps the order: after CallbackApp's timeout nobody waits for this any more, but no
    # thread can be stopped, and it may get at the database when a newer status is there.
    with contextmanager(session)() as db:
        db.execute(
            "INSERT INTO delivery VALUES (?, ?, ?, ?, ?) "
            "ON CONFLICT DO UPDATE SET (progress, ts, status) = "
            "(excluded.progress, excluded.ts, excluded.status) "
            "WHERE (excluded.progress, excluded.ts, excluded.status) > (progress, ts, status)",
            (report.id, report.phone, *report.rank),
        )


# Whatever on_status raises is answered with 503, and the service calls again in four minutes.
# There is no on_message: an answer of a subscriber is dropped, which the log says once.
callbacks = CallbackApp(
    on_status=on_status,
    secret=os.environ["SMSC_CALLBACK_SECRET"].split(),  # two with a space between, to change it
    seen=SqliteSeen(os.environ.get("SMSC_CALLBACK_SEEN", "seen.db")),  # one for all workers
)


@asynccontextmanager
async def lifespan(_app: FastAPI) -> AsyncGenerator[None]:
    """Make the table; close at the end, which no mounted app is told of by itself."""
    with contextmanager(session)() as db:
        db.execute(
            "CREATE TABLE IF NOT EXISTS delivery "
            "(id TEXT, phone TEXT, progress INTEGER NOT NULL, ts INTEGER NOT NULL, "
            "status INTEGER NOT NULL, PRIMARY KEY (id, phone))"
        )
    async with callbacks:
        yield


app = FastAPI(lifespan=lifespan)
# Not app.mount("/smsc", callbacks): that answers /smsc with 307, to go to /smsc/, and a callback is
# lost. This has both, and all below, where a path_token would stand.
app.router.routes.append(Route("/smsc{rest:path}", callbacks))


@app.get("/deliveries/{id}/{phone}")  # open to everybody: put your log-in before this
def delivery(id: str, phone: str, db: Session) -> int:
    """Tell the newest status of a message."""
    found: tuple[int] | None = db.execute(
        "SELECT status FROM delivery WHERE id = ? AND phone = ?", (id, phone)
    ).fetchone()
    if found is None:
        raise HTTPException(404)
    return found[0]
