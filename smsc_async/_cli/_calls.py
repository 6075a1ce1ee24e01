"""What the commands that call the service share: their options, and a client of their own."""

from __future__ import annotations

import os
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Annotated, TypeVar

import anyio
import msgspec
import typer

from .. import Event, Listener, SmscClient
from ._ending import ending
from ._limits import lasting
from ._shared import shared

R = TypeVar("R")

Sender = Annotated[str | None, typer.Option("--sender", help="A name registered at the service.")]
IsFlash = Annotated[bool, typer.Option("--flash", help="Show it at once, keep nothing.")]
Json = Annotated[bool, typer.Option("--json", help="Print the answer as JSON.")]
Login = Annotated[
    str | None, typer.Option("--login", help="Instead of SMSC_LOGIN; asks for the password.")
]

Kept = Annotated[
    Path | None,
    typer.Option(
        "--throttle",
        envvar="SMSC_THROTTLE",
        help="Where the limits are kept: a file, or a folder with a file for each account.",
    ),
]


def heard(event: Event) -> None:
    """Say what a call waits for."""
    if event.kind == "waiting":
        how_long = f"about {lasting(event.seconds)}" if event.seconds else "for its turn"
        allowed = f"the service allows {event.rule}"
        typer.echo(f"smsc: {event.operation} waits {how_long}: {allowed}", err=True)


def run(
    call: Callable[[SmscClient], Awaitable[R]],
    login: str | None,
    throttle: Path | None,
    *,
    sends: bool = False,
    on_event: Listener | None = heard,
) -> R:
    """Make one call with a client of its own, within the limits that it shares with others."""

    async def main() -> R:
        kept = shared(throttle)
        async with SmscClient(
            login=login, password=password, throttle=kept, on_event=on_event
        ) as smsc:
            return await call(smsc)

    password = _password(login)
    with ending(sends=sends):
        return anyio.run(main)


def _password(login: str | None) -> str | None:
    """Return the password of *login*: the environment's if it is of the same, else ask."""
    if login is None:
        return None
    known = os.environ.get("SMSC_PASSWORD")
    if known and os.environ.get("SMSC_LOGIN") in (None, "", login):
        return known
    return str(typer.prompt(f"Password of {login}", hide_input=True, err=True))


def answer(value: object, sentence: str, *, json: bool) -> None:
    """Print the answer: as JSON, or in a sentence."""
    typer.echo(msgspec.json.encode(value).decode() if json else sentence)
