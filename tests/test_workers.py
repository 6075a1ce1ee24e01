"""Several workers of one program are seen where they can be, and nowhere else."""

from __future__ import annotations

import asyncio
import logging
import os
import signal
import sys
from collections import Counter
from pathlib import Path

import pytest

import smsc_async
from smsc_async._workers import program, warn, workers
from smsc_async.simulator import Simulator

SPAWNED = ["python", "-c", "from multiprocessing.spawn import spawn_main", "--multiprocessing-fork"]
FOUR = {"WEB_CONCURRENCY": "4"}


@pytest.mark.parametrize(
    ("line", "environ", "count"),
    [
        ("uvicorn app:app --workers 2", {}, 2),
        ("/srv/v/bin/uvicorn --workers=3 app:app", {}, 3),
        ("/srv/v/lib/uvicorn/__main__.py app:app --workers 2", {}, 2),
        ("uvicorn app:app", FOUR, 4),
        ("uvicorn app:app", {"UVICORN_WORKERS": "5"} | FOUR, 5),
        ("uvicorn app:app --workers 2", {"UVICORN_WORKERS": "5"} | FOUR, 2),
        ("gunicorn -w 4 app:app", {}, 4),
        ("gunicorn -w4 app:app", {}, 4),
        ("gunicorn -w=4 app:app", {}, 4),
        ("gunicorn --workers 4 -k uvicorn.workers.UvicornWorker app:app", {}, 4),
        ("gunicorn -w 4 app:app --workers=6", {}, 6),
        ("gunicorn app:app", FOUR, 4),
        ("gunicorn app:app", {"GUNICORN_CMD_ARGS": "--bind '[::]:80' -w 3"} | FOUR, 3),
        ("gunicorn -w 2 app:app", {"GUNICORN_CMD_ARGS": "-w 3"}, 2),
        ("gunicorn --reload -w 2 app:app", {}, 2),
        ("hypercorn -w 2 app:app", {}, 2),
        ("hypercorn --workers 2 app:app", {}, 2),
        ("hypercorn app:app", FOUR, 4),
        ("granian --interface asgi --workers 2 app:app", {}, 2),
        ("granian app:app", {"GRANIAN_WORKERS": "2"}, 2),
        ("fastapi run app.py --workers 2", {}, 2),
        ("/srv/v/lib/fastapi/__main__.py run app.py", FOUR, 4),
    ],
)
def test_several_workers_are_seen(line: str, environ: dict[str, str], count: int) -> None:
    assert workers(line.split(), environ) == count


@pytest.mark.parametrize(
    ("line", "environ"),
    [
        ("uvicorn app:app", {}),
        ("uvicorn app:app --workers 1", FOUR),
        ("uvicorn app:app --reload", FOUR),
        ("uvicorn app:app --reload --workers 4", {}),
        ("uvicorn app:app --workers", {}),
        ("uvicorn app:app --workers many", {}),
        ("uvicorn app:app --workers 0", {}),
        ("uvicorn app:app", {"WEB_CONCURRENCY": ""}),
        ("uvicorn app:app", {"WEB_CONCURRENCY": "auto"}),
        ("gunicorn app:app", {"GUNICORN_CMD_ARGS": "--bind 'half a quote"}),
        ("gunicorn --worker-class gthread app:app", {}),
        ("granian --workers-lifetime 3600 app:app", {}),
        ("granian app:app", FOUR),
        ("fastapi dev app.py", FOUR),
        ("fastapi run app.py --reload", FOUR),
        ("smsc balance", FOUR),
        ("/srv/v/lib/smsc_async/__main__.py simulator", FOUR),
        ("manage.py migrate", FOUR),
        ("main.py --workers 4", {}),
        ("-c", FOUR),
        ("", FOUR),
    ],
)
def test_one_process_and_whatever_is_no_server_raise_no_alarm(
    line: str, environ: dict[str, str]
) -> None:
    assert workers(line.split(), environ, ["python", "main.py"]) <= 1


def test_the_workers_of_a_program_that_runs_the_server_itself_are_seen() -> None:
    assert workers(["main.py"], FOUR, SPAWNED) == 4
    assert workers(["main.py"], {}, SPAWNED) == 1
    assert workers(["main.py"], FOUR, ["python", "main.py"]) == 1


def test_a_program_is_named_as_a_person_would() -> None:
    assert program(["/srv/v/bin/gunicorn", "app:app"]) == "gunicorn"
    assert program(["/srv/v/lib/python3.11/site-packages/uvicorn/__main__.py"]) == "uvicorn"
    assert program([]) == ""


def test_each_process_is_warned_once_and_told_what_to_add(
    caplog: pytest.LogCaptureFixture,
) -> None:
    for process in (-1, -1, -2):  # no process has such an id
        warn(["uvicorn", "app:app", "--workers", "2"], {}, [], process)
    warn(["uvicorn", "app:app"], {}, [], -3)

    assert [record.levelno for record in caplog.records] == [logging.WARNING] * 2
    assert caplog.messages[0] == (
        "uvicorn was told to run 2 workers: each keeps to the limits of the service by itself, and "
        "together they can trip them. To share the limits, give the client of each worker the same "
        'file: SmscClient(..., throttle=FileThrottle("smsc.db"))'
    )


APP = """
import logging, os, sys
from smsc_async import FileThrottle, SmscClient, Throttle

THROTTLES = {"": lambda: None, "own": Throttle, "shared": lambda: FileThrottle("smsc.db")}
logging.basicConfig(stream=sys.stderr, format="%(process)d %(name)s %(message)s")


async def app(scope, receive, send):
    assert scope["type"] == "lifespan"
    await receive()
    for _ in range(2):
        throttle = THROTTLES[os.environ["THROTTLE"]]
        async with SmscClient(throttle=throttle()) as smsc:
            await smsc.account.balance()
    logging.error("asked")
    await send({"type": "lifespan.startup.complete"})
    await receive()
    await send({"type": "lifespan.shutdown.complete"})
"""
WITHIN = 30.0  # seconds; far more than it takes


@pytest.mark.skipif(not hasattr(os, "killpg"), reason="a group of processes is ended as one")
@pytest.mark.parametrize(("throttle", "warned"), [("", 1), ("own", 1), ("shared", 0)])
async def test_the_workers_of_a_real_server_are_warned_once_each_unless_they_share(
    throttle: str, warned: int, tmp_path: Path
) -> None:
    (tmp_path / "two_workers.py").write_text(APP, encoding="utf-8")
    paths = [str(tmp_path), str(Path(smsc_async.__file__).parents[1])]
    said: list[list[str]] = []
    async with Simulator() as sim, sim.serve() as url:
        server = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "uvicorn", "two_workers:app"),
            *("--workers", "2", "--host", "127.0.0.1", "--port", "0"),
            env={
                **{name: text for name, text in os.environ.items() if name != "WEB_CONCURRENCY"},
                "PYTHONPATH": os.pathsep.join(paths),
                "SMSC_URL": url,
                "SMSC_LOGIN": "demo",
                "SMSC_PASSWORD": "demo",
                "THROTTLE": throttle,
            },
            cwd=tmp_path,
            stderr=asyncio.subprocess.PIPE,
            start_new_session=True,  # so that its workers can be ended with it
        )
        assert server.stderr is not None
        try:
            async with asyncio.timeout(WITHIN):
                while sum(line[1:] == ["root", "asked"] for line in said) < 2:
                    line = await server.stderr.readline()
                    assert line, said
                    said.append(line.decode().strip().split(" ", 2))
                server.terminate()
                await asyncio.gather(server.stderr.read(), server.wait())
        finally:
            if server.returncode is None:
                os.killpg(server.pid, signal.SIGKILL)
                await server.wait()

    asked = {line[0] for line in said if line[1:] == ["root", "asked"]}
    told = Counter(line[0] for line in said if line[1:2] == ["smsc_async"])
    assert len(asked) == 2
    assert told == (dict.fromkeys(asked, 1) if warned else {})
    assert sim.requests == 4
