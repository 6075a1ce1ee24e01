"""Callbacks: reading and checking them beside the bare work, and the app beside an echo."""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import json
from asyncio.subprocess import Process
from collections.abc import AsyncGenerator, Callable, Iterator
from contextlib import AsyncExitStack, asynccontextmanager
from decimal import Decimal
from typing import cast
from urllib.parse import parse_qsl, urlencode
from xml.etree import ElementTree as ET

import msgspec

from smsc_async.webhooks import parse

from .pairs import Pair, rows
from .results import measured, paragraph, table, verdict
from .service import program
from .turns import ROUNDS, Figures, cpu_seconds, microseconds

READS = 4_000
REQUESTS = 400
AT_ONCE = 32  # connections
SERVER_ROUNDS = 60  # short and many: what else runs on the machine meets all alike
MOST_READING = 3.0
MOST_APP = 1.2
SECRET = "benchmark-" * 4
FORM = "application/x-www-form-urlencoded"
JSON = "application/json; charset=utf-8"
# What `benchmarks.receiver` serves, and in words.
WORDS = {
    "echo": "a bare echo",
    "bare": "the bare work, and nothing looked at",
    "parse": "`parse`",
    "app": "`CallbackApp`",
}
APPS = (*WORDS,)


def fields(number: int) -> dict[str, str | int]:
    """Return a status as the service posts it, signed; *number* makes it another message's."""
    phone = f"7999{number:07}"
    text = f"{number}:{phone}:1:{SECRET}"
    return {
        "id": number,
        "phone": phone,
        "status": 1,
        "time": "21.11.26 12:00:00",
        "ts": 1_763_722_800,
        "cnt": 2,
        "type": 0,
        "cost": "2.4",
        "flag": 1280,
        "sender": "Shop",
        "cmt": "Заказ 12",
        "charset": "utf-8",
        "fmt": "3",
        "sha1": hashlib.sha1(text.encode()).hexdigest(),  # noqa: S324 - the service's own
    }


class Bare(msgspec.Struct):
    """What a program would decode that wants the same fields, and checks nothing."""

    id: int | str
    phone: str
    status: int
    sha1: str
    time: str | None = None
    ts: int | None = None
    err: int | None = None
    syserr: str | None = None
    cnt: int | None = None
    type: int | None = None
    cost: Decimal | None = None
    flag: int | None = None
    sender: str | None = None
    dtmf: str | None = None
    cmt: str | None = None
    imsi: str | None = None
    msc: str | None = None
    mcc: str | None = None
    mnc: str | None = None
    cn: str | None = None
    net: str | None = None
    rcn: str | None = None
    rnet: str | None = None
    calltime: str | None = None
    callmenu: str | None = None
    ringtime: str | None = None


class BareMessage(msgspec.Struct):
    """The same of a message that came in."""

    id: int
    phone: str
    mes: str
    to: str
    sha1: str
    smsc: str | None = None
    sent: int | None = None
    time: int | None = None


def message() -> dict[str, str | int]:
    """Return a message that came in, as the service posts it, signed."""
    phone, text, to = "79991234567", "Да, записывайте на восемь", "79990000000"
    signed = f"{phone}:{text}:{to}:{SECRET}"
    return {
        "id": 12345,
        "phone": phone,
        "mes": text,
        "to": to,
        "smsc": "79029990000",
        "sent": 1_763_722_800,
        "time": 1_763_722_801,
        "charset": "utf-8",
        "fmt": "3",
        "sha1": hashlib.sha1(signed.encode()).hexdigest(),  # noqa: S324 - the service's own
    }


BARE = msgspec.json.Decoder(Bare, strict=False)
BARE_MESSAGE = msgspec.json.Decoder(BareMessage, strict=False)
FORM_BODY = urlencode(fields(1)).encode()
OLD_FIELDS = {name: value for name, value in fields(1).items() if name != "charset"}
OLD_FORM_BODY = urlencode(OLD_FIELDS, encoding="cp1251").encode()
MESSAGE_BODY = json.dumps(message(), ensure_ascii=False).encode()
JSON_BODY = json.dumps(fields(1), ensure_ascii=False).encode()
XML_BODY = (
    '<?xml version="1.0" encoding="utf-8"?><callback>'
    + "".join(f"<{name}>{value}</{name}>" for name, value in fields(1).items())
    + "</callback>"
).encode()


def is_signed(id: object, phone: str, status: object, given: str, secret: str = SECRET) -> bool:
    """Make the hash once, and compare it."""
    made = hashlib.sha1(f"{id}:{phone}:{status}:{secret}".encode()).hexdigest()  # noqa: S324 - as above
    return hmac.compare_digest(made, given)


def bare_form() -> bool:
    """Read a form with the standard library, and check it."""
    form = dict(parse_qsl(FORM_BODY.decode()))
    return is_signed(form["id"], form["phone"], form["status"], form["sha1"])


def bare_old_form() -> bool:
    """Read a form in windows-1251, the service's default, and check it."""
    form = dict(parse_qsl(OLD_FORM_BODY.decode(), encoding="cp1251"))
    return is_signed(form["id"], form["phone"], form["status"], form["sha1"])


def bare_message() -> bool:
    """Read a message in JSON, and check it."""
    came = BARE_MESSAGE.decode(MESSAGE_BODY)
    return is_signed(came.phone, came.mes, came.to, came.sha1)


def bare_json() -> bool:
    """Read JSON with msgspec, and check it."""
    status = BARE.decode(JSON_BODY)
    return is_signed(status.id, status.phone, status.status, status.sha1)


def bare_xml() -> bool:
    """Read XML with the standard library, and check it."""
    found = {each.tag: each.text or "" for each in ET.fromstring(XML_BODY)}  # noqa: S314 - our own
    return is_signed(found["id"], found["phone"], found["status"], found["sha1"])


def ours(body: bytes, content_type: str) -> Callable[[], object]:
    """Return what reads and checks *body* as the package does."""
    return lambda: parse(body, secret=SECRET, content_type=content_type)


PAIRS = {
    "a form (`parse_qsl`)": Pair(ours(FORM_BODY, FORM), bare_form, READS),
    "a form in windows-1251": Pair(ours(OLD_FORM_BODY, FORM), bare_old_form, READS),
    "JSON (`msgspec`)": Pair(ours(JSON_BODY, JSON), bare_json, READS),
    "a message in JSON": Pair(ours(MESSAGE_BODY, JSON), bare_message, READS),
    "XML (`ElementTree`)": Pair(ours(XML_BODY, "text/xml; charset=utf-8"), bare_xml, READS),
}


def reading() -> None:
    """Print what reading and checking costs."""
    found = {name: pair.take_turns() for name, pair in PAIRS.items()}
    print(
        paragraph(
            "A delivery status, and a message, read and checked, beside the bare work: the format",
            "decoded, one SHA-1 made and compared, and nothing looked at. CPU time, medians of",
            f"{ROUNDS} rounds.",
        )
    )
    print(table(["", "bare", "`parse`", "ratio"], rows(found)))
    for name, figures in found.items():
        ratio = figures.ratio("ours", "bare")
        promise = f"{name}: at most {MOST_READING:.0f} times the bare work ({ratio:.2f})"
        print(verdict(promise, held=ratio <= MOST_READING))


@asynccontextmanager
async def receiver(which: str) -> AsyncGenerator[tuple[int, int]]:
    """Serve an app in a process of its own; give its process id and port."""
    process: Process = await program("receiver", which, SECRET)
    try:
        if process.stdin is None or process.stdout is None:
            raise RuntimeError("there are no pipes")
        yield process.pid, int(await process.stdout.readline())
        process.stdin.close()
        await process.wait()
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()


def requests(numbers: range) -> list[bytes]:
    """Return a status for each number as a request."""
    bodies = (json.dumps(fields(number), ensure_ascii=False).encode() for number in numbers)
    return [
        f"POST /hook HTTP/1.1\r\nHost: localhost\r\nContent-Type: {JSON}\r\n"
        f"Content-Length: {len(body)}\r\n\r\n".encode()
        + body
        for body in bodies
    ]


class Poster(asyncio.Protocol):
    """Posts one request after the other over one connection; each must be taken.

    It does so little that the server is never the one who waits.
    """

    def __init__(self, waiting: Iterator[bytes]) -> None:
        self.done = asyncio.get_running_loop().create_future()
        self._waiting = waiting
        self._got = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Begin."""
        self._transport = cast("asyncio.Transport", transport)
        self._post()

    def data_received(self, data: bytes) -> None:
        """Take an answer, or a part of it."""
        self._got += data
        head, _, body = self._got.partition(b"\r\n\r\n")
        length = head.lower().partition(b"content-length:")[2].split(b"\r\n")[0]
        if not length or len(body) < int(length):
            return
        if not head.startswith(b"HTTP/1.1 200"):
            self.done.set_exception(RuntimeError(f"refused: {head.splitlines()[0].decode()}"))
            return
        self._got = b""
        self._post()

    def _post(self) -> None:
        request = next(self._waiting, None)
        if request is None:
            self.done.set_result(None)
            self._transport.close()
        else:
            self._transport.write(request)


async def post_all(port: int, waiting: Iterator[bytes]) -> None:
    """Post what waits over a few connections that stay."""
    loop = asyncio.get_running_loop()
    pairs = [
        await loop.create_connection(lambda: Poster(waiting), "127.0.0.1", port)
        for _ in range(AT_ONCE)
    ]
    await asyncio.gather(*(poster.done for _, poster in pairs))


async def serving() -> Figures:
    """Return the CPU seconds of a request to each of the apps, in turn."""
    rounds: list[dict[str, float]] = []
    async with AsyncExitStack() as stack:
        servers = {name: await stack.enter_async_context(receiver(name)) for name in APPS}
        for turn in range(SERVER_ROUNDS + 1):
            taken: dict[str, float] = {}
            for name in APPS[turn % len(APPS) :] + APPS[: turn % len(APPS)]:
                pid, port = servers[name]
                waiting = requests(range(turn * REQUESTS, (turn + 1) * REQUESTS))
                before = cpu_seconds(pid)
                await post_all(port, iter(waiting))
                taken[name] = (cpu_seconds(pid) - before) / REQUESTS
            rounds.append(taken)
    return Figures(tuple(rounds[1:]))


def main() -> None:
    """Print the section."""
    reading()
    figures = asyncio.run(serving())
    ratio = figures.ratio("app", "echo")
    print()
    print(
        paragraph(
            "`CallbackApp` beside a bare ASGI app that reads the body and sends it back, and two",
            "that do a part of its work, each in a process of its own under uvicorn with h11:",
            f"{REQUESTS:,} statuses in JSON, all of different messages, over {AT_ONCE} connections",
            f"in each of {SERVER_ROUNDS} rounds, and the CPU time of the server for each.",
        )
    )
    rows = [
        (words, microseconds(figures.seconds(name)), f"{figures.ratio(name, 'echo'):.2f}")
        for name, words in WORDS.items()
    ]
    print(table(["", "each", "ratio"], rows))
    print(
        verdict(
            f"the app costs at most {MOST_APP:.1f} times an echo under the same server "
            f"({ratio:.2f})",
            held=ratio <= MOST_APP,
        )
    )
    print()
    print(measured(["msgspec", "uvicorn", "h11"]))


if __name__ == "__main__":
    main()
