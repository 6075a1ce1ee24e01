"""What an attacker sends over a real socket is refused in one line, and takes no memory."""

from __future__ import annotations

import asyncio
import contextlib
import importlib.util
import itertools
import json
import random
import re
import select
import socket
import subprocess
import sys
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlencode

import pytest
import uvicorn

from smsc_async.webhooks import CallbackApp, StatusReport

from .calling import SECRET, as_json, status

CANARY = "CanaryOfTheBody"
OURS = "smsc_async.webhooks answered "
ROOT = Path(__file__).parents[2]
MOST = 8 << 20  # bytes that it may take more
HUNDRED = 100 << 20
CHUNKED = "Transfer-Encoding: chunked"
READERS = [name for name in ("h11", "httptools") if importlib.util.find_spec(name)]
ALLOWED = {200, 400, 403, 405, 408, 413, 415, 503}


@dataclass(frozen=True)
class Served:
    """The program that is attacked."""

    port: int
    pid: int
    log: Path

    def lines(self) -> list[str]:
        """Return what it has logged since this was asked last, after all that it was sent."""
        assert self.ask(request(b"", method="DELETE")) == [405]
        *lines, fence = self.log.read_text("utf-8").splitlines()
        assert fence.startswith(f"{OURS}405 ")
        self.log.write_text("")
        return lines

    def peak(self) -> int:
        """Return the most bytes of memory that it ever had."""
        text = Path(f"/proc/{self.pid}/status").read_text("ascii")
        return int(re.findall(r"VmHWM:\s+(\d+) kB", text)[0]) << 10

    def ask(self, *parts: bytes | Iterable[bytes], leave: bool = False) -> list[int]:
        """Send the parts until there is an answer, or all; return the numbers of all answers."""
        with socket.create_connection(("127.0.0.1", self.port), timeout=60) as connection:
            with contextlib.suppress(ConnectionError):
                for part in parts:
                    for piece in (part,) if isinstance(part, bytes) else part:
                        connection.sendall(piece)
            if leave:
                with contextlib.suppress(OSError):  # the server may have closed it by now
                    connection.shutdown(socket.SHUT_WR)
            return answers(connection)


def answers(connection: socket.socket) -> list[int]:
    """Read to the end, and return the numbers of all answers."""
    found = b""
    with contextlib.suppress(ConnectionError):
        while data := connection.recv(65536):
            found += data
    return [int(number) for number in re.findall(rb"HTTP/1\.1 (\d+) ", found)]


def request(body: bytes, *headers: str, method: str = "POST", length: int | None = None) -> bytes:
    """Write a request, with its length if no header says anything of that."""
    lines = [f"{method} /hook HTTP/1.1", "Host: here", "Connection: close", *headers]
    if length is not None or not any(
        "Content-Length" in each or "chunked" in each for each in headers
    ):
        lines.append(f"Content-Length: {len(body) if length is None else length}")
    return "\r\n".join([*lines, "", ""]).encode() + body


def form(fields: Iterable[tuple[str, str]]) -> bytes:
    return request(
        urlencode(list(fields)).encode(), "Content-Type: application/x-www-form-urlencoded"
    )


def xml(text: str) -> bytes:
    return request(text.encode(), "Content-Type: text/xml; charset=utf-8")


def chunked(size: int, piece: bytes = CANARY.encode() * 4000) -> Iterator[bytes]:
    for _ in range(size // len(piece)):
        yield b"%x\r\n%s\r\n" % (len(piece), piece)
    yield b"0\r\n\r\n"


def plain(size: int, piece: bytes = CANARY.encode() * 4000) -> Iterator[bytes]:
    for _ in range(size // len(piece) + 1):
        yield piece


@contextlib.contextmanager
def served(http: str, folder: Path, pace: float = 1.0) -> Iterator[Served]:
    """Serve the app in a program of its own."""
    log = folder / "log"
    program = [sys.executable, "-m", "tests.webhooks.serving", str(pace), http, str(log)]
    with subprocess.Popen(program, stdout=subprocess.PIPE, cwd=ROOT) as process:  # noqa: S603 - ours
        try:
            assert process.stdout is not None
            port = int(process.stdout.readline())
            log.touch()
            yield Served(port, process.pid, log)
        finally:
            process.terminate()
            process.wait(30)


FIELDS = {**status(1), "cmt": CANARY}
VALID = urlencode(FIELDS).encode()
FORGED = {**FIELDS, "sha1": "0" * 40}
WRONG = urlencode(FORGED).encode()
MANY = [*FIELDS.items(), *((f"a{at}", CANARY) for at in range(1000))]

LAUGHS = "".join(f'<!ENTITY a{at} "{f"&a{at - 1};" * 10}">' for at in range(1, 10))
BOMB = f'<?xml version="1.0"?><!DOCTYPE r [<!ENTITY a0 "{CANARY}">{LAUGHS}]><r><id>&a9;</id></r>'
BLOWN = f'<!DOCTYPE r [<!ENTITY a "{CANARY * 2000}">]><r><id>{"&a;" * 5000}</id></r>'
FETCHED = '<!DOCTYPE r [<!ENTITY a SYSTEM "file:///etc/passwd">]><r><id>&a;</id></r>'
ATTRIBUTES = " ".join(f'a{at}="{CANARY}"' for at in range(2000))
OUTSIDE = f'<!DOCTYPE r SYSTEM "http://127.0.0.1:1/{CANARY}"><r><id>5</id></r>'

# What is sent, and the number of the answer; each is told of in one line.
ATTACKS: dict[str, tuple[bytes, int]] = {
    "a bomb of entities": (xml(BOMB), 400),
    "an entity many times": (xml(BLOWN), 400),
    "an entity of a file": (xml(FETCHED), 400),
    "a document type elsewhere": (xml(OUTSIDE), 400),
    "an unknown entity": (xml(f"<r><id>&a;</id><b>{CANARY}</b></r>"), 400),
    "deep elements": (xml("<a>" * 20_000 + CANARY), 400),
    "many elements": (xml(f"<r>{f'<a>{CANARY}</a>' * 2000}</r>"), 400),
    "many callbacks": (xml(f"<r>{'<s><id>5</id></s>' * 3000}</r>"), 400),
    "many attributes": (xml(f"<r {ATTRIBUTES}/>"), 400),
    "half a document": (xml(f"<r><id>5</id><cmt>{CANARY}"), 400),
    "deep lists": (request(b"[" * 60_000, "Content-Type: application/json"), 400),
    "deep objects": (request(b'{"a":' * 12_000, "Content-Type: application/json"), 400),
    "a text alone": (request(json.dumps(CANARY).encode(), "Content-Type: application/json"), 400),
    "a great number": (
        request(as_json({**FIELDS}).replace(b'"1"', b"9" * 5000), "Content-Type: application/json"),
        400,
    ),
    "many records": (
        request(b"[" + b"{}," * 20_000 + b"{}]", "Content-Type: application/json"),
        400,
    ),
    "a missing field": (form((name, each) for name, each in FIELDS.items() if name != "id"), 400),
    "a repeated field": (form([*FIELDS.items(), ("status", "2")]), 400),
    "a repeated hash": (form([*FIELDS.items(), ("sha1", "0" * 40)]), 400),
    "a thousand fields": (form(MANY), 400),
    "two hashes": (form([*FIELDS.items(), ("md5", "0" * 32)]), 403),
    "another status": (form({**FIELDS, "status": "2"}.items()), 403),
    "a forged hash": (form(FORGED.items()), 403),
    "a cut hash": (form({**FIELDS, "sha1": FIELDS["sha1"][:-1]}.items()), 403),
    "a longer hash": (form({**FIELDS, "sha1": FIELDS["sha1"] + "0"}.items()), 403),
    "no hash": (form((name, each) for name, each in FIELDS.items() if name != "sha1"), 403),
    "bytes of another charset": (
        request(VALID + b"&charset=utf-8&sender=%CC%E0%E3"), 400,
    ),
    "a charset that is none": (request(VALID + f"&charset={CANARY}".encode()), 400),
    "bytes that are no text": (request(bytes(range(256)) + CANARY.encode()), 400),
    "nothing": (request(b""), 400),
    "a packed body": (request(VALID, "Content-Encoding: gzip"), 415),
    "one byte too many": (request(VALID + b"&a=" + b"b" * (64 * 1024 - len(VALID) - 2)), 413),
    "only a look": (request(b"", method="GET"), 405),
    "another method": (request(VALID, method="PATCH"), 405),
}  # fmt: skip

# What the server may answer or end by itself, before the app hears of it.
BROKEN: dict[str, bytes] = {
    "garbage": random.Random(1).randbytes(5000),
    "the beginning of TLS": bytes.fromhex("16030100c8010000c40303") + bytes(190),
    "another protocol": b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
    "a length below nothing": request(WRONG, "Content-Length: -1"),
    "a length that is none": request(WRONG, "Content-Length: many"),
    "a length of many digits": request(WRONG, "Content-Length: " + "9" * 5000),
    "two lengths": request(WRONG, "Content-Length: 3", "Content-Length: 300"),
    "two ways to tell the length": request(WRONG, "Content-Length: 3", CHUNKED),
    "no chunks": request(WRONG, CHUNKED),
    "a chunk of no size": request(b"-5\r\nabc\r\n0\r\n\r\n", CHUNKED),
    "a header of 200 kB": request(WRONG, "X-Long: " + "a" * 200_000),
    "many headers": request(WRONG, *(f"X-{at}: {CANARY}" for at in range(5000))),
    "a web socket": request(
        b"",
        "Upgrade: websocket",
        "Connection: Upgrade",
        "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==",
        "Sec-WebSocket-Version: 13",
        method="GET",
    ),
}


@pytest.mark.skipif(sys.platform != "linux", reason="the memory of a program is read in /proc")
@pytest.mark.parametrize("http", READERS)
def test_whatever_is_sent_is_refused_in_one_line_without_its_bytes_and_takes_no_memory(
    http: str, tmp_path: Path
) -> None:
    everything = ""
    with served(http, tmp_path) as server:
        for number in range(50):  # what it takes to work at all
            sound = status(number, cmt=CANARY * 2000)
            assert server.ask(form(sound.items())) == [200]
            assert server.ask(request(as_json(sound))) == [200]
            tags = "".join(f"<{name}>{value}</{name}>" for name, value in sound.items())
            assert server.ask(xml(f"<r>{tags}</r>")) == [200]
        assert server.lines() == []
        before = server.peak()

        for name, (sent, number) in ATTACKS.items():
            assert server.ask(sent) == [number], name
            (line,) = server.lines()
            assert line.startswith(f"{OURS}{number} to a callback from 127.0.0.1: "), name
            everything += line

        # A hundred million bytes, however they are announced.
        for parts in (
            (request(b"", length=HUNDRED), plain(HUNDRED)),
            (request(b"", CHUNKED), chunked(HUNDRED)),
        ):
            assert server.ask(*parts) in ([413], []), "the end may come before the answer is read"
            (line,) = server.lines()
            assert line.startswith(f"{OURS}413 "), line
            everything += line

        # Less than was announced, and then the end.
        for part in (b"", VALID[:50], VALID):
            assert server.ask(request(part, length=5000), leave=True) in ([], [400])
            (line,) = server.lines()
            assert "the client went away before the end of the body" in line
            everything += line

        # Whoever asks before is told to send, but not what is too much.
        asked = "Expect: 100-continue"
        assert server.ask(request(VALID, asked)) in ([100, 200], [200])
        assert server.lines() == []
        assert server.ask(request(b"", asked, length=HUNDRED)) == [413]
        assert len(server.lines()) == 1

        for name, sent in BROKEN.items():
            told = server.ask(sent, leave=True)
            assert set(told) <= ALLOWED - {200, 503} | {431}, (name, told)
            ours = [line for line in server.lines() if line.startswith("smsc_async")]
            assert len(ours) <= 1, name
            everything += "".join(ours)

        taken = server.peak() - before
        assert server.ask(request(VALID)) == [200], "it still works"
    assert CANARY not in everything
    assert FORGED["phone"] not in everything
    assert "passwd" not in everything
    assert taken <= MOST, f"{taken / 2**20:.1f} MiB more"


@pytest.mark.parametrize("http", READERS)
def test_a_body_that_drips_is_given_up(http: str, tmp_path: Path) -> None:
    with served(http, tmp_path, pace=200) as server:
        with socket.create_connection(("127.0.0.1", server.port), timeout=60) as connection:
            connection.sendall(request(b"", length=5000))
            for _ in range(1000):
                if select.select([connection], [], [], 0.01)[0]:
                    break
                connection.sendall(b"a")
            assert answers(connection) == [408]
        (line,) = server.lines()
        assert line == f"{OURS}408 to a callback from 127.0.0.1: no whole body within 30 s"


class Calls:
    """Clients that repeat each callback until it was taken, whatever becomes of the server."""

    def __init__(self, port: int) -> None:
        self.port = port
        self.names = map(str, itertools.count())
        self.taken = set[str]()
        self.told = Counter[int | str]()
        self.enough = False
        self.up = asyncio.Event()  # whoever was refused calls again when a server is up
        self.refused = asyncio.Event()

    async def call(self) -> None:
        while not self.enough:
            name = next(self.names)
            sent = form(status(1, id=name).items())
            while (answer := await self._answer(sent)) != 200:
                self.told[answer] += 1
                self.refused.set()
                await self.up.wait()
            self.taken.add(name)

    async def _answer(self, sent: bytes) -> int | str:
        """Return the number of the answer, or what became of the call."""
        reader, writer = await asyncio.open_connection("127.0.0.1", self.port)
        try:
            writer.write(sent)
            head = await reader.readline()
        except ConnectionError:
            return "no answer"
        finally:
            writer.close()
        return int(head.split()[1]) if head else "no answer"


class Stopping(uvicorn.Server):
    """A server that tells that it stops."""

    def __init__(self, app: CallbackApp, stopping: Callable[[], None]) -> None:
        super().__init__(uvicorn.Config(app, http="h11", log_config=None))
        self._stopping = stopping

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        self._stopping()
        await super().shutdown(sockets)


def test_over_starts_and_stops_under_load_all_is_handled_once_and_404_is_never_told() -> None:
    heard = Counter[str]()
    working = set[str]()
    met = list[int]()  # how many were being handled at each stop

    async def main(listening: socket.socket) -> Calls:
        calls, gate, held = Calls(listening.getsockname()[1]), asyncio.Event(), asyncio.Event()

        async def handle(report: StatusReport) -> None:
            working.add(report.id)
            if not held.is_set():
                held.set()
                await gate.wait()
            working.remove(report.id)
            heard[report.id] += 1

        def stopping() -> None:
            calls.up.clear()
            met.append(len(working))
            asyncio.get_running_loop().call_soon(gate.set)  # when it does not listen any more

        app = CallbackApp(secret=SECRET, on_status=handle)
        async with asyncio.timeout(30), asyncio.TaskGroup() as group:
            clients = [group.create_task(calls.call()) for _ in range(8)]
            for at in range(10):
                server = Stopping(app, stopping)
                # It closes what it is given; from then on calls wait for the next one.
                serving = group.create_task(server.serve([listening.dup()]))
                calls.up.set()
                gate.clear()
                held.clear()
                await held.wait()
                if at == 9:
                    calls.enough = True
                    gate.set()
                    await asyncio.wait(clients)
                elif at % 2:  # the app is closed before its server is
                    calls.up.clear()
                    calls.refused.clear()
                    await app.aclose()
                    await calls.refused.wait()
                server.should_exit = True
                await serving
        return calls

    with socket.create_server(("127.0.0.1", 0)) as listening:
        calls = asyncio.run(main(listening))

    assert heard == Counter(calls.taken)
    assert 503 in calls.told
    assert set(calls.told) <= {503, "no answer"}
    assert all(met[:9]), "each stop met some at work"
