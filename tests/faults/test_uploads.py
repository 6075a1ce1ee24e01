"""What may go wrong with a request that is long on its way, over both transports."""

from __future__ import annotations

import asyncio
import contextlib
import json
import logging
import os
import socket
import struct
import time
import tracemalloc
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NoReturn

import pytest

from smsc_async import Event, NoMoney, NotSent, OutcomeUnknown, SmscClient, SmscError, Throttle
from smsc_async._operation import Overrides
from smsc_async._upload import CHUNK, File
from smsc_async.simulator import Simulator
from tests.faults.clients import TRANSPORTS, TransportName, client
from tests.faults.proxy import deaf, nobody
from tests.uploads import handles, mms, read

LARGE = 5 * 1024 * 1024  # more than all buffers on the way can hold
ACCEPTED = b'{"id": 1, "cnt": 1, "cost": "1", "balance": "2"}'
NO_MONEY = b'{"error": "no money", "error_code": 3, "id": 7}'
PAGE = b"<html><body>secret prose</body></html>"

every_transport = pytest.mark.parametrize("transport", TRANSPORTS)


class Incoming:
    """One request as it arrives: the head of it is there, and *left* bytes are to come."""

    def __init__(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, headers: dict[str, str]
    ) -> None:
        self.headers = headers
        self.left = int(headers["content-length"])
        self.writer = writer
        self._reader = reader

    async def some(self, size: int) -> bytes:
        """Read that much of the body."""
        found = await self._reader.readexactly(size)
        self.left -= size
        return found

    async def whole(self) -> bytes:
        """Read all of the body."""
        return await self.some(self.left)

    async def rest(self, step: int = 65_536) -> None:
        """Read on to the end, as far as it comes, and keep nothing."""
        while self.left and (piece := await self._reader.read(min(step, self.left))):
            self.left -= len(piece)
            await asyncio.sleep(0)

    async def answer(self, body: bytes = ACCEPTED, status: int = 200) -> None:
        head = f"HTTP/1.1 {status} X\r\nContent-Length: {len(body)}\r\n\r\n"
        self.writer.write(head.encode() + body)
        await self.writer.drain()

    def reset(self) -> NoReturn:
        at_once = struct.pack("ii", 1, 0)
        raw = self.writer.get_extra_info("socket")
        raw.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, at_once)
        self.writer.transport.abort()
        raise ConnectionAbortedError


Script = Callable[[Incoming], Awaitable[None]]


async def accept(incoming: Incoming) -> None:
    """Read all, and take it."""
    await incoming.rest()
    await incoming.answer()


@dataclass
class Listener:
    """A server that does with each request what its script says; with the last one for ever."""

    scripts: list[Script]
    url: str = ""
    connections: int = 0
    working: set[asyncio.Task[None]] = field(default_factory=set)

    def take(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        task = asyncio.create_task(self._talk(reader, writer))
        self.working.add(task)
        task.add_done_callback(self.working.discard)

    async def _talk(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while True:
                lines = (await reader.readuntil(b"\r\n\r\n")).decode("ascii").split("\r\n")
                headers = dict(line.split(": ", 1) for line in lines[1:] if line)
                script = self.scripts.pop(0) if len(self.scripts) > 1 else self.scripts[0]
                lower = {name.lower(): value for name, value in headers.items()}
                await script(Incoming(reader, writer, lower))
        except (OSError, asyncio.IncompleteReadError):
            pass
        finally:
            writer.close()


@contextlib.asynccontextmanager
async def listening(*scripts: Script, sock: socket.socket | None = None) -> AsyncIterator[Listener]:
    known = Listener(list(scripts))
    server = await (
        asyncio.start_server(known.take, "127.0.0.1", 0)
        if sock is None
        else asyncio.start_server(known.take, sock=sock)
    )
    known.url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    try:
        yield known
    finally:
        server.close()
        for task in tuple(known.working):
            task.cancel()
        await asyncio.gather(*known.working, return_exceptions=True)
        await server.wait_closed()


@pytest.fixture
def data() -> bytes:
    return os.urandom(LARGE)


@pytest.fixture
def large(tmp_path: Path, data: bytes) -> Iterator[Path]:
    """Give a large file; in the end nobody has it open."""
    path = tmp_path / "x"
    path.write_bytes(data)
    yield path
    until = time.monotonic() + 20
    while handles(path):  # by a thread that nobody waits for
        assert time.monotonic() < until


async def hang(incoming: Incoming) -> None:
    await asyncio.Event().wait()


async def outcome(call: Awaitable[Any]) -> Any:  # noqa: ANN401 - a reply or an error
    try:
        return await call
    except SmscError as error:
        return error


@every_transport
async def test_a_large_file_arrives_as_it_is(
    large: Path, data: bytes, transport: TransportName
) -> None:
    arrived: list[tuple[str, bytes]] = []

    async def keep(incoming: Incoming) -> None:
        arrived.append((incoming.headers["content-type"], await incoming.whole()))
        await incoming.answer()

    async with listening(keep) as server, client(server.url, transport=transport) as smsc:
        await mms(smsc, File("a", large), File("b", b"2"))

    ((kind, body),) = arrived
    assert read(kind, body).files == [("file0", "a", data), ("file1", "b", b"2")]


@every_transport
async def test_a_file_is_never_in_memory_as_a_whole(
    tmp_path: Path, transport: TransportName
) -> None:
    path = tmp_path / "x"
    with path.open("wb") as file:
        file.truncate(4 * LARGE)
    async with (
        listening(accept) as server,
        client(server.url, transport=transport) as smsc,
    ):
        await mms(smsc, File("warm", b"up"))  # what is imported then stays
        tracemalloc.start()
        try:
            await mms(smsc, File("a", path), id="second")
            _, peak = tracemalloc.get_traced_memory()
        finally:
            tracemalloc.stop()

    assert peak < LARGE / 2


@every_transport
async def test_bytes_are_never_copied_as_a_whole(transport: TransportName) -> None:
    data = bytes(4 * LARGE)
    async with (
        listening(accept) as server,
        client(server.url, transport=transport) as smsc,
    ):
        await mms(smsc, File("warm", b"up"))
        tracemalloc.start()
        try:
            await mms(smsc, File("a", data), id="second")
            _, peak = tracemalloc.get_traced_memory()
        finally:
            tracemalloc.stop()

    assert peak < LARGE / 2


@every_transport
async def test_the_simulator_gets_a_large_file_over_a_socket(
    large: Path, transport: TransportName
) -> None:
    async with (
        Simulator() as sim,
        sim.serve() as url,
        client(url, transport=transport) as smsc,
    ):
        await mms(smsc, File("a.jpg", large))

    assert [(file.name, file.size) for file in sim.log[0].files] == [("a.jpg", LARGE)]
    assert len(sim.accepted) == 1


@every_transport
async def test_a_slow_reader_gets_all_of_it(large: Path, transport: TransportName) -> None:
    async def slowly(incoming: Incoming) -> None:
        await incoming.rest(step=10_000)
        assert incoming.left == 0
        await incoming.answer()

    async with listening(slowly) as server, client(server.url, transport=transport) as smsc:
        assert (await mms(smsc, File("a", large)))["id"] == 1


# It does not arrive


@every_transport
async def test_nothing_left_where_nobody_listens(large: Path, transport: TransportName) -> None:
    async with client(nobody(), transport=transport, attempts=1) as smsc:
        with pytest.raises(NotSent, match="connection refused"):
            await mms(smsc, File("a", large))


@every_transport
async def test_nothing_left_where_no_connection_is_taken(
    large: Path, transport: TransportName
) -> None:
    with deaf() as url:
        async with client(url, transport=transport, attempts=1, timeout=0.5) as smsc:
            with pytest.raises(NotSent, match=r"no connection within 0.5 s"):
                await mms(smsc, File("a", large))


@every_transport
async def test_a_repeat_after_a_refused_connection_sends_the_very_same_bytes(
    large: Path, transport: TransportName
) -> None:
    bodies: list[bytes] = []

    async def keep(incoming: Incoming) -> None:
        bodies.append(await incoming.whole())
        await incoming.answer()

    async with contextlib.AsyncExitStack() as stack:
        taken = stack.enter_context(socket.socket())
        taken.bind(("127.0.0.1", 0))  # nobody listens yet

        async def listen(_: float) -> None:
            await stack.enter_async_context(listening(keep, sock=taken))

        def made(url: str, sleep: Callable[[float], Awaitable[None]]) -> SmscClient:
            return SmscClient(
                api_key="key",
                base_url=url,
                throttle=Throttle(),
                transport="aiohttp" if transport == "aiohttp" else None,
                wall=lambda: 1_700_000_000.0,
                chance=lambda: 0.0,
                sleep=sleep,
            )

        url = f"http://127.0.0.1:{taken.getsockname()[1]}"
        for sleep in (listen, asyncio.sleep):  # the second time it goes out at once
            async with made(url, sleep) as smsc:
                await mms(smsc, File("a", large), File("b", b"2"))

    assert len(bodies) == 2
    assert bodies[0] == bodies[1]


@every_transport
@pytest.mark.parametrize("end", ["reset", "close"])
@pytest.mark.parametrize("after", [0, 1, LARGE // 2])
async def test_a_connection_that_ends_in_the_middle_leaves_the_outcome_unknown(
    large: Path, transport: TransportName, end: str, after: int
) -> None:
    async def part(incoming: Incoming) -> None:
        await incoming.some(after)
        await (reset if end == "reset" else close)(incoming)

    async with listening(part) as server, client(server.url, transport=transport) as smsc:
        with pytest.raises(OutcomeUnknown, match="connection was") as caught:
            await mms(smsc, File("a", large))

        assert smsc.throttle.snapshot().in_flight == 0
    assert caught.value.phones == ("+79990000000",)
    assert server.connections == 1


@every_transport
async def test_a_server_that_reads_nothing_is_given_up_after_the_timeout(
    large: Path, transport: TransportName
) -> None:
    async with (
        listening(hang, accept) as server,
        client(server.url, transport=transport, timeout=0.5) as smsc,
    ):
        with pytest.raises(OutcomeUnknown, match=r"no answer within 0.5 s"):
            await mms(smsc, File("a", large))

        longer = Overrides(timeout=20)
        assert (await mms(smsc, File("b", large), overrides=longer))["id"] == 1
    assert server.connections == 2


# It is answered before it is there


EARLY = {
    "413": (b"", 413),
    "502": (PAGE, 502),
    "error": (NO_MONEY, 200),
}


async def read_on(incoming: Incoming) -> None:
    await incoming.rest()


async def close(incoming: Incoming) -> None:
    raise ConnectionAbortedError


async def reset(incoming: Incoming) -> None:
    incoming.reset()


@every_transport
@pytest.mark.parametrize("name", EARLY)
@pytest.mark.parametrize("then", [read_on, hang, close, reset])
async def test_an_early_answer_is_taken_or_the_outcome_is_unknown(
    large: Path, transport: TransportName, name: str, then: Script
) -> None:
    body, status = EARLY[name]
    arrived: list[tuple[str, bytes]] = []

    async def early(incoming: Incoming) -> None:
        await incoming.some(1_000)
        await incoming.answer(body, status)
        await then(incoming)

    async def keep(incoming: Incoming) -> None:
        arrived.append((incoming.headers["content-type"], await incoming.whole()))
        await incoming.answer()

    async with (
        listening(early, keep) as server,
        client(server.url, transport=transport, timeout=0.5 if then is hang else 20) as smsc,
    ):
        told = await outcome(mms(smsc, File("a", large)))
        # What is left of the first is no part of the second.
        again = await outcome(mms(smsc, File("b", b"second"), overrides=Overrides(timeout=20)))

    answered = NoMoney if name == "error" else OutcomeUnknown
    assert isinstance(told, answered if then is read_on else (answered, OutcomeUnknown))
    if then is read_on and name != "error":
        assert f"HTTP {status}" in str(told)
    assert again == json.loads(ACCEPTED)
    ((kind, second),) = arrived
    assert read(kind, second).files == [("file0", "b", b"second")]


# The file is not what it was


def truncated(path: Path) -> None:
    os.truncate(path, LARGE - 1)


def overwritten(path: Path) -> None:
    with path.open("r+b") as file:
        file.seek(-1, os.SEEK_END)
        file.write(b"\0" if path.read_bytes()[-1] else b"\1")


@every_transport
@pytest.mark.parametrize("change", [truncated, overwritten])
async def test_a_file_that_changes_on_its_way_never_arrives_whole(
    large: Path, transport: TransportName, change: Callable[[Path], None]
) -> None:
    missing: list[int] = []
    ended = asyncio.Event()

    async def changing(incoming: Incoming) -> None:
        await incoming.some(CHUNK)
        change(large)
        with contextlib.suppress(OSError):
            await incoming.rest()
        missing.append(incoming.left)
        ended.set()

    async with listening(changing) as server, client(server.url, transport=transport) as smsc:
        with pytest.raises(OutcomeUnknown) as caught:
            await mms(smsc, File("photo.jpg", large))
        async with asyncio.timeout(20):
            await ended.wait()

    assert caught.value.reason == "photo.jpg: the file has changed"
    assert missing[0] > 0


# Nobody waits for it


@every_transport
async def test_the_upload_of_a_cancelled_caller_goes_on(
    large: Path, transport: TransportName
) -> None:
    begun, go_on, heard = asyncio.Event(), asyncio.Event(), asyncio.Event()
    told: list[Event] = []

    async def wait(incoming: Incoming) -> None:
        begun.set()
        await go_on.wait()
        await incoming.rest()
        await incoming.answer()

    def hear(event: Event) -> None:
        told.append(event)
        if event.kind == "orphaned":
            heard.set()

    async with (
        listening(wait) as server,
        client(server.url, transport=transport, on_event=hear) as smsc,
    ):
        calling = asyncio.ensure_future(mms(smsc, File("a", large)))
        await begun.wait()
        calling.cancel()
        with pytest.raises(asyncio.CancelledError):
            await calling
        go_on.set()
        async with asyncio.timeout(20):
            await heard.wait()

    assert [event.error for event in told if event.kind == "orphaned"] == [None]


@every_transport
async def test_closing_the_client_ends_an_upload(large: Path, transport: TransportName) -> None:
    begun = asyncio.Event()

    async def stop(incoming: Incoming) -> None:
        begun.set()
        await hang(incoming)

    async with listening(stop) as server, client(server.url, transport=transport) as smsc:
        calling = asyncio.ensure_future(mms(smsc, File("a", large)))
        await begun.wait()
        await smsc.aclose(grace=0)
        with pytest.raises(OutcomeUnknown, match="cancelled"):
            await calling


@every_transport
async def test_nothing_of_a_file_but_its_name_is_told(
    tmp_path: Path, transport: TransportName, caplog: pytest.LogCaptureFixture
) -> None:
    for name in (None, "smsc_async", "httpx", "httpcore", "aiohttp", "asyncio"):
        caplog.set_level(logging.DEBUG, logger=name)
    told: list[str] = []
    path = tmp_path / "zx4place4xz"
    path.write_bytes(b"zx5content5xz" * CHUNK)
    files = [File("a", path), File("b", b"zx5content5xz" * CHUNK)]

    async def part(incoming: Incoming) -> None:
        await incoming.some(1_000)
        incoming.reset()

    async with (
        listening(part) as server,
        client(
            server.url, transport=transport, on_event=lambda event: told.append(repr(event))
        ) as smsc,
    ):
        error = await outcome(mms(smsc, *files))
        path.unlink()
        wrong = await outcome(mms(smsc, *files))

    texts = [*told, caplog.text, repr(error), str(error), repr(wrong), str(wrong)]
    assert str(wrong) == "files: a: no such file or directory"
    assert "zx4place4xz" not in "".join(texts)
    assert "zx5content5xz" not in "".join(texts)
