"""A simulator that runs beside the commands, which have an event loop of their own."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from anyio.from_thread import start_blocking_portal
from typer.testing import CliRunner, Result

from smsc_async._cli._app import app
from smsc_async.simulator import Settings, Simulator

SETTINGS = Settings(refused={"79990000006": 6, "79990000008": 8})


@pytest.fixture
def simulator(monkeypatch: pytest.MonkeyPatch) -> Iterator[Simulator]:
    """Serve, and let the environment point to it."""
    simulator = Simulator(SETTINGS)
    with (
        start_blocking_portal() as portal,
        portal.wrap_async_context_manager(simulator),
        portal.wrap_async_context_manager(simulator.serve()) as url,
    ):
        monkeypatch.delenv("SMSC_API_KEY", raising=False)
        monkeypatch.setenv("SMSC_URL", url)
        monkeypatch.setenv("SMSC_LOGIN", SETTINGS.login)
        monkeypatch.setenv("SMSC_PASSWORD", SETTINGS.password)
        yield simulator


@pytest.fixture
def bare(monkeypatch: pytest.MonkeyPatch) -> None:
    """Take away what the environment says."""
    for name in ("SMSC_API_KEY", "SMSC_LOGIN", "SMSC_PASSWORD", "SMSC_URL"):
        monkeypatch.delenv(name, raising=False)


def run(*words: str, typed: str | None = None) -> Result:
    """Run a command as the shell would."""
    return CliRunner().invoke(app, words, input=typed)
