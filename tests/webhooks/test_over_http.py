"""What the simulator posts over sockets is heard as it was meant, however the address asks for it.

Every kind in every format, charset and hash; the server between the two is a real one.
"""

from __future__ import annotations

import asyncio
import itertools
import math
import socket
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, Literal

import httpx
import pytest
import uvicorn

from smsc_async.simulator import Settings
from smsc_async.simulator._settings import Crc32
from smsc_async.webhooks import (
    Algorithm,
    CallbackApp,
    CallConfirmation,
    Charset,
    IncomingMessage,
    StatusReport,
    callback_url,
)
from tests.simulator.posting import PHONE, opened

from . import service
from .calling import Heard

SECRET = "A-secret_of-the-account-0123456789"
TOKEN = "a-secret_path-0123456789"
TO = "79180000000"
MOMENT = 1_795_253_400  # at which the simulator says that everything happens

TEXT = "Имя: ёлка, <b>&amp;</b> 100 % + 1\r\nа: б\n\n :😀: конец"
CHARSETS: tuple[Charset, ...] = ("utf-8", "windows-1251", "koi8-r")
# What is left of it in each: the simulator writes a question mark for a sign that it does not have.
KEPT: dict[Charset, str] = {
    "utf-8": TEXT,
    "windows-1251": "Имя: ёлка, <b>&amp;</b> 100 % + 1\r\nа: б\n\n :?: конец",
    "koi8-r": "Имя: ёлка, <b>&amp;</b> 100 % + 1\r\nа: б\n\n :?: конец",
}

FORMATS: dict[str, tuple[Literal[2, 3] | None, bool]] = {  # fmt, and whether it is a list
    "form": (None, False),
    "XML": (2, False),
    "JSON": (3, False),
    "JSON list": (3, True),
}
HASHES: tuple[tuple[Algorithm, Crc32], ...] = (
    ("md5", "decimal"),
    ("sha1", "decimal"),
    ("crc32", "decimal"),
    ("crc32", "hex"),
)


@dataclass
class Handlers:
    """An app for each path, behind one server."""

    base: str = ""
    apps: dict[str, CallbackApp] = field(default_factory=dict[str, CallbackApp])

    def add(
        self,
        name: str,
        *,
        algorithm: Algorithm = "sha1",
        charset: Charset | None = None,
    ) -> tuple[str, Heard]:
        """Return the address of a new app, and what it hears."""
        heard = Heard()
        path, is_weak = f"/{name}/{TOKEN}", algorithm == "crc32"
        self.apps[path] = CallbackApp(
            on_status=heard,
            on_message=heard,
            on_call=heard,
            secret=SECRET,
            algorithm=algorithm,
            charset=charset,
            path_token=TOKEN if is_weak else None,
            insecure_crc32=is_weak,
        )
        return self.base + path, heard


@asynccontextmanager
async def served() -> AsyncGenerator[Handlers]:
    """Serve on a loopback socket for the time of the block, and no longer than a minute."""
    handlers = Handlers()

    async def route(scope: Any, receive: Any, send: Any) -> None:  # noqa: ANN401 - ASGI's
        await handlers.apps[scope["path"]](scope, receive, send)

    config = uvicorn.Config(route, lifespan="off", log_config=None, access_log=False)
    server = uvicorn.Server(config)
    with socket.create_server(("127.0.0.1", 0)) as listening:
        handlers.base = f"http://127.0.0.1:{listening.getsockname()[1]}"
        async with asyncio.timeout(60), asyncio.TaskGroup() as group:
            group.create_task(server.serve([listening.dup()]))
            try:
                yield handlers
            finally:
                server.should_exit = True


async def all_kinds(settings: Settings, text: str) -> None:
    """Let the simulator tell of a status, an answer and a call, and wait until it has."""
    async with opened(settings, clock=lambda: 0.0) as (simulator, sender):  # all in one second
        await sender.json("send.php", phones=PHONE, mes="hi", id="own.1")
        await sender.json("wait_call.php", phone=PHONE)
        simulator.set_status("own.1", PHONE, 25, 248, fields={"cmt": text})
        simulator.receive(PHONE, text, to=TO)
        simulator.call(PHONE)
        await simulator.delivered()
        answers = {attempt.code for told in simulator.callbacks for attempt in told.attempts}
        assert answers == {200}, settings.callback


def meant(text: str, extra: dict[str, str] | None = None) -> dict[type, Any]:
    """Return what is to be heard of it, by its kind."""
    own = extra or {}
    report = StatusReport(
        id="own.1",
        phone=PHONE,
        status=25,
        time="21.11.26 12:30:00",
        ts=MOMENT,
        err=248,
        cnt=1,
        type=0,
        cost=Decimal("1.2"),
        flag=0,
        sender="",
        cmt=text,
        extra=own,
    )
    answer = IncomingMessage(
        phone=PHONE,
        text=text,
        to=TO,
        id="1",
        sms_id="own.1",
        smsc="79990000000",
        sent=MOMENT,
        time=MOMENT,
        extra=own,
    )
    return {
        StatusReport: report,
        IncomingMessage: answer,
        CallConfirmation: CallConfirmation(phone=PHONE, ts=MOMENT, extra=own),
    }


def by_kind(heard: Heard) -> dict[type, Any]:
    """Return what was heard, each kind once, but not that the message has left."""
    told = [callback for callback in heard if getattr(callback, "status", None) != 0]
    found = {type(callback): callback for callback in told}
    assert len(found) == len(told)
    return found


def test_every_kind_in_every_format_charset_and_hash_is_heard_as_it_was_meant() -> None:
    wanted = dict[str, tuple[Heard, str]]()
    pairs: list[tuple[str, Charset]] = [
        (name, charset)
        for name in FORMATS
        for charset in CHARSETS
        if name == "form" or charset != "koi8-r"
    ]

    async def main() -> None:
        async with served() as handlers, asyncio.TaskGroup() as group:
            for at, ((name, charset), (algorithm, crc32)) in enumerate(
                itertools.product(pairs, HASHES)
            ):
                fmt, as_list = FORMATS[name]
                # Half of the programs know the charset, the others see it in what comes; and which
                # hashes these are changes from pair to pair.
                known = charset if (at + at // len(HASHES)) % 2 else None
                base, heard = handlers.add(str(at), algorithm=algorithm, charset=known)
                settings = Settings(
                    callback=callback_url(
                        f"{base}?own=1",
                        secret=SECRET,
                        algorithm=algorithm,
                        fmt=fmt,
                        charset=charset,
                        insecure_crc32=algorithm == "crc32",
                    ),
                    callback_list=as_list,
                    crc32=crc32,
                    callback_attempts=1,
                    delivery=math.inf,
                )
                wanted[f"{name} {charset} {algorithm} {crc32} {known}"] = (heard, KEPT[charset])
                group.create_task(all_kinds(settings, TEXT))

    asyncio.run(main())

    assert len(wanted) == 36
    for name, (heard, text) in wanted.items():
        assert by_kind(heard) == meant(text, {"own": "1"}), name


def test_what_is_to_come_in_the_query_is_heard_too_and_not_as_part_of_the_path() -> None:
    async def main() -> None:
        async with served() as handlers:
            base, heard = handlers.add("query", algorithm="crc32")
            address = callback_url(
                f"{base}!p=1&q=%D1%8F", secret=SECRET, algorithm="crc32", insecure_crc32=True
            )
            await all_kinds(Settings(callback=address, delivery=math.inf), TEXT)
        assert by_kind(heard) == meant(TEXT, {"p": "1", "q": "я"})

    asyncio.run(main())


# Bytes that are text in more than one charset: these only the program can tell apart.


@pytest.mark.parametrize(("charset", "text"), [("windows-1251", "Рђ"), (None, "А")])
def test_who_gives_the_charset_hears_text_that_could_be_utf_8_as_it_was_meant(
    charset: Charset | None, text: str
) -> None:
    sent = "Рђ"  # written in windows-1251 as "А" is in UTF-8
    assert sent.encode("windows-1251") == "А".encode()

    async def main() -> None:
        async with served() as handlers:
            base, heard = handlers.add("hook", charset=charset)
            # An address that chooses no charset: windows-1251 it is, and nothing says so.
            settings = Settings(callback=f"{base}?sha1={SECRET}", delivery=math.inf)
            await all_kinds(settings, sent)
        assert by_kind(heard) == meant(text)

    asyncio.run(main())


@pytest.mark.parametrize(("charset", "text"), [("koi8-r", "Привет: да"), (None, "рТЙЧЕФ: ДБ")])
def test_a_form_in_koi8_r_that_does_not_say_so_takes_a_program_that_does(
    charset: Charset | None, text: str
) -> None:
    row = {**service.MESSAGE, "mes": "Привет: да"}
    row = service.signed("message", row, secret=SECRET, charset="koi8-r")
    body = service.form([row], "koi8-r")  # as windows-1251 it is text, too

    async def main() -> None:
        async with served() as handlers, httpx.AsyncClient(trust_env=False) as http:
            address, heard = handlers.add("hook", charset=charset)
            answer = await http.post(address, content=body, headers={"content-type": service.FORM})
            assert answer.status_code == 200
        assert [message.text for message in heard] == [text]

    asyncio.run(main())
