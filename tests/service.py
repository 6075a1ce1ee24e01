"""A simulator on a socket beside programs that have event loops of their own."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from anyio.from_thread import start_blocking_portal

from smsc_async.simulator import Settings, Simulator


@contextmanager
def serving(monkeypatch: pytest.MonkeyPatch, settings: Settings) -> Iterator[Simulator]:
    """Serve from a thread, and let the environment point to it."""
    simulator = Simulator(settings)
    with (
        start_blocking_portal() as portal,
        portal.wrap_async_context_manager(simulator),
        portal.wrap_async_context_manager(simulator.serve()) as url,
    ):
        monkeypatch.delenv("SMSC_API_KEY", raising=False)
        monkeypatch.setenv("SMSC_URL", url)
        monkeypatch.setenv("SMSC_LOGIN", settings.login)
        monkeypatch.setenv("SMSC_PASSWORD", settings.password)
        yield simulator
