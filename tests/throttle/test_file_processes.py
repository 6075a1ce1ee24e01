"""What only real processes, threads and ends of them can show about a shared file."""

from __future__ import annotations

import asyncio
import contextlib
import gc
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import httpx
import pytest

from smsc_async import FileThrottle, SmscClient
from smsc_async._transport.clock import boot_time

from .holders import admit, ask, done, fill, kept

# What each program here begins with. How long a callback took, which asyncio's debug mode tells
# as a warning, is the machine's trouble.
BEGIN = """
import asyncio, gc, logging, os, sys
from smsc_async import FileThrottle
from smsc_async._throttle.keys import PLACE
from smsc_async._transport.admission import Admission

logging.getLogger("asyncio").setLevel(logging.ERROR)
PLACES = Admission("test", (PLACE,), "interactive", 60.0, False)

async def take(throttle, count=1):
    for _ in range(count):
        await throttle.admit(PLACES, lambda _: None)

def say(*words):
    print(*words, flush=True)

path = sys.argv[1]
"""


@contextlib.contextmanager
def program(path: Path, text: str) -> Iterator[subprocess.Popen[str]]:
    """Run a program that uses the file at *path*; it is killed at the end."""
    with subprocess.Popen(  # noqa: S603 - our own words
        [sys.executable, "-X", "dev", "-W", "error", "-c", BEGIN + text, str(path)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        try:
            yield process
        finally:
            process.kill()


def said(path: Path, text: str) -> str:
    """Run a program to its end, which must be silent about troubles; return what it said."""
    with program(path, text) as process:
        out, errors = process.communicate(timeout=60)
    assert (process.returncode, errors) == (0, "")
    return out.strip()


def hear(process: subprocess.Popen[str]) -> str:
    assert process.stdout is not None
    return process.stdout.readline().strip()


def tell(process: subprocess.Popen[str]) -> None:
    assert process.stdin is not None
    process.stdin.write("go\n")
    process.stdin.flush()


# A new process looks first of all for those that have died.
LOOK = """
seen = FileThrottle(path).snapshot()
say(seen.in_flight, seen.lingering)
"""


def test_of_many_processes_that_make_the_file_at_once_none_fails(tmp_path: Path) -> None:
    path = tmp_path / "limits.db"
    text = """
throttle = FileThrottle(path)
say("ready")
sys.stdin.readline()
asyncio.run(take(throttle))
say(throttle.snapshot().in_flight >= 1)
sys.stdin.readline()
"""
    with contextlib.ExitStack() as stack:
        processes = [stack.enter_context(program(path, text)) for _ in range(8)]
        assert [hear(process) for process in processes] == ["ready"] * 8
        for process in processes:
            tell(process)
        assert [hear(process) for process in processes] == ["True"] * 8
        assert said(path, LOOK) == "8 0"


def test_what_a_killed_process_had_taken_comes_back_after_its_linger(tmp_path: Path) -> None:
    path = tmp_path / "limits.db"
    text = "asyncio.run(take(FileThrottle(path), 14))\nsay('full')\nsys.stdin.readline()\n"

    async def main(process: subprocess.Popen[str]) -> None:
        throttle = FileThrottle(path, linger=0.2)
        late = asyncio.ensure_future(admit(throttle))
        await asyncio.sleep(0)
        assert throttle.snapshot().waiting["interactive"] == 1
        died = boot_time()
        process.send_signal(signal.SIGKILL)
        process.wait(30)
        await asyncio.wait_for(late, 30)
        assert boot_time() - died >= 0.2
        assert throttle.snapshot().in_flight == 1

    with program(path, text) as process:
        assert hear(process) == "full"
        assert said(path, LOOK) == "14 0"
        asyncio.run(main(process))


@pytest.mark.parametrize(
    "end",
    [
        "",
        "del throttle; gc.collect()",
        "throttle.close(); throttle.snapshot()",
    ],
)
def test_a_program_ends_without_a_word_however_it_leaves_the_file(end: str, tmp_path: Path) -> None:
    path = tmp_path / "limits.db"

    assert said(path, f"throttle = FileThrottle(path)\nasyncio.run(take(throttle))\n{end}") == ""

    assert said(path, LOOK) == "0 1"


def test_a_program_that_never_used_its_throttle_makes_no_file(tmp_path: Path) -> None:
    assert said(tmp_path / "limits.db", "FileThrottle(path).close()") == ""
    assert list(tmp_path.iterdir()) == []


def test_the_end_of_a_second_throttle_of_a_process_is_not_the_end_of_the_first(
    tmp_path: Path,
) -> None:
    async def main() -> None:
        path = tmp_path / "limits.db"
        first, second, third = (FileThrottle(path) for _ in range(3))
        running = await fill(first, 3)
        others = [await fill(each, 1) for each in (second, third)]
        done(second, *others[0])
        second.close()
        del second
        done(third, *others[1])
        third.snapshot()
        third.close()
        del third
        gc.collect()

        assert said(path, LOOK) == "3 0"

        done(first, *running)
        first.close()
        assert said(path, LOOK) == "0 0"

    asyncio.run(main())


def test_no_file_stays_open_that_nobody_uses(tmp_path: Path) -> None:
    def files() -> int:
        return len([*Path("/proc/self/fd").iterdir()]) if sys.platform == "linux" else 0

    async def main() -> None:
        before = files()
        for at in range(5):
            throttle = FileThrottle(tmp_path / f"{at}.db")
            done(throttle, await admit(throttle))
            throttle.close()
        assert files() == before

    asyncio.run(main())


FORKS = pytest.mark.skipif(not hasattr(os, "fork"), reason="there are no forks")


@FORKS
def test_a_throttle_that_was_made_before_a_fork_works_in_each_process(tmp_path: Path) -> None:
    text = """
throttle = FileThrottle(path)
child = os.fork()
asyncio.run(take(throttle, 2))
if child:
    assert os.waitpid(child, 0)[1] == 0
    say(FileThrottle(path).snapshot().in_flight)
"""
    assert said(tmp_path / "limits.db", text) in ("2", "4")


@FORKS
def test_a_throttle_that_was_looked_at_before_a_fork_is_refused_in_it(tmp_path: Path) -> None:
    text = """
throttle = FileThrottle(path)
throttle.snapshot()
child = os.fork()
if child:
    assert os.waitpid(child, 0)[1] == 0
else:
    try:
        asyncio.run(take(throttle))
    except RuntimeError as error:
        say("forked" in str(error))
"""
    assert said(tmp_path / "limits.db", text) == "True"


@FORKS
def test_a_fork_that_ends_takes_nothing_of_its_parent_along(tmp_path: Path) -> None:
    text = f"""
throttle = FileThrottle(path)
asyncio.run(take(throttle, 2))
child = os.fork()
if not child:
    own = FileThrottle(path)
    asyncio.run(take(own))
    del throttle
    gc.collect()
    say(own.snapshot().in_flight)
    own.close()
    sys.exit()
os.waitpid(child, 0)
say(throttle.snapshot().in_flight)
sys.stdin.readline()
{LOOK}
"""
    path = tmp_path / "limits.db"
    with program(path, text) as process:
        assert [hear(process), hear(process)] == ["3", "3"]
        assert said(path, LOOK) == "2 1", "the parent's stay, the child's lingers"
        tell(process)
        assert process.stderr is not None
        assert process.stderr.read() == ""


@FORKS
def test_a_fork_sees_that_its_parent_is_dead(tmp_path: Path) -> None:
    text = """
throttle = FileThrottle(path)
asyncio.run(take(throttle, 2))
reading, writing = os.pipe()
if os.fork():
    os.kill(os.getpid(), 9)
os.close(writing)
os.read(reading, 1)  # until the parent's end of it is gone
seen = FileThrottle(path).snapshot()
say(seen.in_flight, seen.lingering)
"""
    with program(tmp_path / "limits.db", text) as process:
        assert hear(process) == "0 2"


@FORKS
def test_a_throttle_that_was_used_before_a_fork_is_refused_in_it(tmp_path: Path) -> None:
    text = """
from smsc_async import SmscClient
throttle = FileThrottle(path)
async def use():
    async with SmscClient(api_key="key", throttle=throttle) as smsc:
        return smsc.throttle
asyncio.run(use())
if os.fork():
    os.wait()
else:
    try:
        asyncio.run(use())
    except RuntimeError as error:
        say(error)
"""
    assert "make one in each process" in said(tmp_path / "limits.db", text)


class Together(httpx.AsyncBaseTransport):
    """Answers at once, and notes how many requests were there at the same time."""

    def __init__(self) -> None:
        self.most = 0
        self._running = 0
        self._lock = threading.Lock()

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        if request.url.path.endswith("balance.php"):
            return httpx.Response(200, content=b'{"balance": "1"}')
        with self._lock:
            self._running += 1
            self.most = max(self.most, self._running)
        for _ in range(20):
            await asyncio.sleep(0)
        with self._lock:
            self._running -= 1
        return httpx.Response(200, content=b'{"id": 1, "cnt": 1}')


@pytest.mark.parametrize("shared", [True, False])
def test_threads_share_one_throttle_or_have_one_each(shared: bool, tmp_path: Path) -> None:  # noqa: FBT001 - pytest calls it
    path, transport, start = tmp_path / "limits.db", Together(), threading.Barrier(3)
    one = FileThrottle(path)
    throttles = [one if shared else FileThrottle(path) for _ in range(3)]

    async def send_all(number: int) -> None:
        async with SmscClient(
            api_key="threads", transport=transport, throttle=throttles[number]
        ) as smsc:
            await smsc.account.balance()
            start.wait(30)
            sends = [smsc.send(f"+7999000{at:04}", f"{number} {at}") for at in range(60)]
            await asyncio.wait_for(asyncio.gather(*sends), 60)

    with ThreadPoolExecutor(3) as threads:
        list(threads.map(lambda number: asyncio.run(send_all(number)), range(3)))

    assert transport.most <= 14
    assert [kept(throttle) for throttle in throttles] == [[]] * 3
    assert one.snapshot().in_flight == 0
    for throttle in (one, *throttles):
        throttle.close()


def test_a_throttle_goes_on_in_the_next_loop(tmp_path: Path) -> None:
    throttle = FileThrottle(tmp_path / "limits.db", linger=0.01)

    async def left_open() -> None:
        await fill(throttle, 14)

    async def next_one() -> None:
        for _ in range(14):
            await admit(throttle, ask(max_wait=60))
        assert throttle.snapshot().in_flight == 14

    dead = asyncio.new_event_loop()
    dead.run_until_complete(left_open())
    dead.close()
    asyncio.run(next_one())
    throttle.close()


def test_times_are_those_since_the_start_of_the_machine_and_not_of_the_day(tmp_path: Path) -> None:
    throttle = FileThrottle(tmp_path / "limits.db")
    before = boot_time()

    throttle.pause(60)

    assert 0 < throttle.common.resume / 1000 - 60 - before < 30
    assert abs(time.time() - boot_time()) > 1_000_000, "or there is nothing to see"
    throttle.close()
