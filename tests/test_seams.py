"""Time, chance and sleep come in by one door, so that a test can decide them."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

import smsc_async

ROOT = Path(smsc_async.__file__).parent
DOOR = ROOT / "_transport" / "clock.py"
# The service that is played, and the program around a client, live in real time.
APART = ("simulator", "_cli")

FILES = [
    path
    for path in sorted(ROOT.rglob("*.py"))
    if path.relative_to(ROOT).parts[0] not in APART and path != DOOR
]

# Modules that are a seam as a whole, and single names of others.
WHOLE = {"random", "secrets", "uuid"}
SINGLE = {
    "time.time",
    "time.time_ns",
    "time.monotonic",
    "time.monotonic_ns",
    "time.perf_counter",
    "time.perf_counter_ns",
    "time.sleep",
    "time.localtime",
    "asyncio.sleep",
    "anyio.sleep",
    "anyio.sleep_until",
    "anyio.sleep_forever",
    "anyio.current_time",
    "os.urandom",
    "datetime.datetime.now",
    "datetime.datetime.utcnow",
    "datetime.datetime.today",
    "datetime.date.today",
    "numpy.random",
}


def names(tree: ast.Module) -> Iterator[str]:
    """List the dotted names that a module speaks of, as their import names them."""
    known: dict[str, str] = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            for alias in node.names:
                known[alias.asname or alias.name.split(".")[0]] = (
                    alias.name if alias.asname else alias.name.split(".")[0]
                )
        elif isinstance(node, ast.ImportFrom) and not node.level:
            for alias in node.names:
                known[alias.asname or alias.name] = f"{node.module}.{alias.name}"
    yield from known.values()
    for node in ast.walk(tree):
        parts: list[str] = []
        at: ast.AST = node
        while isinstance(at, ast.Attribute):
            parts.append(at.attr)
            at = at.value
        if parts and isinstance(at, ast.Name) and at.id in known:
            yield ".".join([known[at.id], *reversed(parts)])


def seams(tree: ast.Module) -> list[str]:
    return [name for name in names(tree) if name in SINGLE or name.split(".")[0] in WHOLE]


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_nobody_else_reads_a_clock_draws_a_number_or_sleeps(path: Path) -> None:
    assert seams(ast.parse(path.read_text("utf-8"))) == []


def test_the_door_is_there() -> None:
    found = seams(ast.parse(DOOR.read_text("utf-8")))

    assert {"time.time", "anyio.sleep"} <= set(found)
    assert any(name.startswith("random.") for name in found)
    assert any(name.startswith("secrets.") for name in found)


@pytest.mark.parametrize(
    "code",
    [
        "import time\ntime.time()",
        "import time as t\nnow = t.monotonic",
        "from time import monotonic",
        "from time import time as now",
        "import random",
        "from random import shuffle",
        "import secrets as s",
        "import asyncio\nasync def f(): await asyncio.sleep(1)",
        "from anyio import sleep",
        "import anyio\nanyio.sleep(1)",
        "from datetime import datetime\ndatetime.now()",
        "import datetime as dt\ndt.datetime.now()",
        "def f():\n    import random",
    ],
)
def test_each_way_around_the_door_is_seen(code: str) -> None:
    assert seams(ast.parse(code))


@pytest.mark.parametrize(
    "code",
    [
        "import time\ntime.struct_time",
        "from .clock import sleep",
        "import asyncio\nasyncio.timeout(1)",
        "from datetime import datetime\ndatetime.fromtimestamp(1)",
        "self.random.now()",
    ],
)
def test_what_is_no_seam_is_let_through(code: str) -> None:
    assert not seams(ast.parse(code))
