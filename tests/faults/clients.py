"""Clients as the fault bench makes them: every wait is short or has seconds, nothing is asked."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Literal

from smsc_async import Event, SmscClient, Throttle

PHONE = "+79990000000"
# The names of the client's own transports: what holds for one holds for each.
TransportName = Literal["httpx", "aiohttp"]
TRANSPORTS: tuple[TransportName, ...] = ("httpx", "aiohttp")


@dataclass
class Told:
    """What a client told its listener."""

    kinds: list[str] = field(default_factory=list)

    def __call__(self, event: Event) -> None:
        self.kinds.append(event.kind)


def client(
    url: str,
    *,
    transport: TransportName = "httpx",
    timeout: float = 10.0,
    settle_for: float = 0.4,
    max_wait: float = 75.0,
    attempts: int = 2,
    ca_file: str | None = None,
    proxy: str | None = None,
    on_unknown: Literal["raise", "settle"] = "raise",
    on_event: Callable[[Event], None] | None = None,
) -> SmscClient:
    """Return a client that repeats at once, and raises what is unknown unless told to ask."""
    return SmscClient(
        transport="aiohttp" if transport == "aiohttp" else None,
        login="demo",
        password="demo",
        base_url=url,
        throttle=Throttle(),
        on_unknown=on_unknown,
        settle_for=settle_for,
        timeout=timeout,
        max_wait=max_wait,
        attempts=attempts,
        ca_file=ca_file,
        proxy=proxy,
        on_event=on_event,
        chance=lambda: 0.0,
    )
