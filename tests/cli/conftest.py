"""A simulator that runs beside the commands, which have an event loop of their own."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from smsc_async import FileThrottle
from smsc_async._cli._app import app
from smsc_async._throttle.keys import PLACE
from smsc_async._transport.admission import Admission
from smsc_async.simulator import Settings, Simulator
from tests.service import serving

PROGRAM = "from smsc_async._cli import main; main()"
SETTINGS = Settings(refused={"79990000006": 6, "79990000008": 8})


@pytest.fixture(autouse=True)
def state(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """Return the folder in which a user's programs keep their state: one of the test's own."""
    state = tmp_path / "state"
    monkeypatch.setenv("LOCALAPPDATA" if os.name == "nt" else "XDG_STATE_HOME", str(state))
    monkeypatch.delenv("SMSC_THROTTLE", raising=False)
    return state


@pytest.fixture
def simulator(monkeypatch: pytest.MonkeyPatch) -> Iterator[Simulator]:
    """Serve one that refuses two numbers."""
    with serving(monkeypatch, SETTINGS) as simulator:
        yield simulator


@pytest.fixture
def bare(monkeypatch: pytest.MonkeyPatch) -> None:
    """Take away what the environment says."""
    for name in ("SMSC_API_KEY", "SMSC_LOGIN", "SMSC_PASSWORD", "SMSC_URL"):
        monkeypatch.delenv(name, raising=False)


def run(*words: str, typed: str | None = None) -> Result:
    """Run a command as the shell would."""
    return CliRunner().invoke(app, words, input=typed)


async def hold(throttle: FileThrottle, places: int) -> None:
    """Take so many of the places, as a program with requests under way."""
    for _ in range(places):
        ask = Admission("test", (PLACE,), "interactive", 75.0, unique=False)
        assert await throttle.admit(ask, lambda _: None)
