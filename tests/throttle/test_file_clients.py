"""A file of limits as a program uses it: by clients, and with nothing in it that is a secret."""

from __future__ import annotations

import asyncio
import os
import stat
from collections.abc import Callable
from pathlib import Path

import httpx
import pytest

from smsc_async import DuplicateSend, FileThrottle, SmscClient, ThrottleUnavailable
from smsc_async._throttle.keys import PLACE
from smsc_async._transport.admission import Admission
from tests.virtual import run

from .holders import FREE, TABLES, die, holder, kept, now, rows, virtual

PHONE = "79991234567"
TEXT = "Your code: 8461-2957"
KEY = "canary-api-key-5e1f"


class Answering(httpx.AsyncBaseTransport):
    """Answers each request after so many seconds, and counts how many are there at once."""

    def __init__(self, seconds: float = 0.3) -> None:
        self.most = 0
        self._seconds = seconds
        self._running = 0

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        self._running += 1
        self.most = max(self.most, self._running)
        await asyncio.sleep(self._seconds)
        self._running -= 1
        if request.url.path.endswith("balance.php"):
            return httpx.Response(200, content=b'{"balance": "1"}')
        return httpx.Response(200, content=b'{"id": 1, "cnt": 1}')


def client(
    throttle: FileThrottle, transport: httpx.AsyncBaseTransport, key: str = KEY
) -> SmscClient:
    return SmscClient(api_key=key, throttle=throttle, transport=transport)


@virtual
async def test_clients_of_several_processes_keep_to_the_places_together(path: Path) -> None:
    transport, holders = Answering(), [holder(path) for _ in range(3)]
    clients = [client(throttle, transport) for throttle in holders]
    for each in clients:
        await each.account.balance()  # credentials not yet accepted go one by one
    sends = [
        asyncio.ensure_future(each.send(PHONE, f"{TEXT} {number} {at}"))
        for number, each in enumerate(clients)
        for at in range(15)
    ]
    await asyncio.sleep(0.1)

    seen = holder(path).snapshot()

    assert seen.in_flight == 14
    assert seen.waiting == {"interactive": 31, "bulk": 0}
    assert [(each.rule, each.waiting) for each in seen.standing] == [(str(PLACE.rule), 31)]
    await asyncio.gather(*sends)
    with pytest.raises(DuplicateSend):
        await clients[1].send(PHONE, f"{TEXT} 0 0")
    for each in clients:
        await each.aclose()
    assert transport.most == 14
    assert [kept(throttle) for throttle in holders] == [[]] * 3
    assert holder(path).snapshot().waiting == FREE


@virtual
async def test_a_send_raises_an_error_of_ours_where_the_file_cannot_be_used(path: Path) -> None:
    throttle = holder(path / "not there")
    async with client(throttle, Answering()) as smsc:
        with pytest.raises(ThrottleUnavailable):
            await smsc.send(PHONE, TEXT)


@virtual
async def test_a_request_that_is_under_way_when_the_file_goes_is_answered(path: Path) -> None:
    throttle = holder(path)
    async with client(throttle, Answering(5)) as smsc:
        send = asyncio.ensure_future(smsc.send(PHONE, TEXT))
        await asyncio.sleep(1)
        for each in path.parent.iterdir():
            each.unlink()

        assert (await send).id == "1"
        await asyncio.sleep(61)
        assert (await smsc.send(PHONE, "another")).id == "1"
    assert kept(throttle) == []


def contents(folder: Path) -> bytes:
    return b"".join(each.read_bytes() for each in folder.iterdir())


def modes(folder: Path) -> dict[str, int]:
    return {each.name: stat.S_IMODE(each.stat().st_mode) for each in folder.iterdir()}


def test_the_file_holds_no_credentials_and_nothing_that_was_sent(tmp_path: Path) -> None:
    async def main() -> None:
        throttle = holder(tmp_path / "limits.db")
        async with client(throttle, Answering()) as smsc:
            await smsc.send(PHONE, TEXT)
        login = SmscClient(
            login="canary-login",
            password="canary-password",
            throttle=throttle,
            transport=Answering(5),
        )
        async with login as smsc:
            await smsc.account.balance()
            waits = [asyncio.ensure_future(smsc.send(PHONE, f"{TEXT} {at}")) for at in range(20)]
            await asyncio.sleep(1)
            throttle.snapshot()
            found = contents(tmp_path)
            await asyncio.gather(*waits)

        assert b"14 at once" in found, "those who wait are in it"
        for secret in (KEY, "canary", PHONE, PHONE[1:], TEXT, "8461-2957", "code"):
            assert secret.encode() not in found
            assert secret.encode("utf-16-le") not in found

    run(main())


def everybody(path: Path) -> None:
    """Make nothing: the file will be new."""


def left_behind(path: Path) -> None:
    """Make a file whose program was killed, and that all may read."""

    async def main() -> None:
        throttle = holder(path)
        await throttle.admit(Admission("test", (PLACE,), "bulk", 1, unique=False), print)
        for each in path.parent.iterdir():
            each.chmod(0o644)

    run(main())


@pytest.mark.skipif(os.name == "nt", reason="files have other rights there")
@pytest.mark.parametrize("before", [everybody, left_behind])
def test_only_the_owner_may_read_the_files(before: Callable[[Path], None], tmp_path: Path) -> None:
    path = tmp_path / "limits.db"
    mask = os.umask(0)
    try:
        before(path)

        async def main() -> None:
            throttle = holder(path)
            throttle.snapshot()
            names = [f"limits.db{end}" for end in ("", "-wal", "-shm", "-holders")]
            assert modes(tmp_path) == dict.fromkeys(names, 0o600)

        run(main())
    finally:
        os.umask(mask)


@virtual
async def test_a_folder_holds_a_file_for_each_account(path: Path) -> None:
    folder = path.parent
    first, again, second = (holder(folder) for _ in range(3))
    for at, (throttle, key) in enumerate(((first, "one"), (again, "one"), (second, "two"))):
        async with client(throttle, Answering(), key) as smsc:
            await smsc.send(PHONE, f"{TEXT} {at}")

    assert first.file == again.file != second.file
    assert {first.file.parent, second.file.parent} == {folder}
    assert [rows(one.file, "resting") for one in (first, second)] == [2, 1]
    assert len(list(folder.glob("*.db"))) == 2


@virtual
async def test_nothing_is_left_of_a_day_of_sends(path: Path) -> None:
    throttle = holder(path)
    async with client(throttle, Answering()) as smsc:
        for at in range(100):
            await smsc.send(PHONE, f"{TEXT} {at}")
            await asyncio.sleep(10)
        assert rows(path, "bucket") < 10
        begun = now()
        await asyncio.sleep(70)
        throttle.snapshot()
    assert now() - begun == pytest.approx(70)
    assert [rows(path, table) for table in TABLES] == [0, 0, 0]
    die(throttle)
