"""Connections do not grow old while a test on a busy machine waits for its turn."""

from __future__ import annotations

from dataclasses import dataclass

import pytest


@dataclass
class Clock:
    """The time by which aiohttp measures how long a connection was idle."""

    now: float = 100.0


@pytest.fixture(autouse=True)
def idle_clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    clock = Clock()
    monkeypatch.setattr("aiohttp.connector.monotonic", lambda: clock.now)
    return clock
