"""The commands; each is a few lines over the public face of the library.

What a command alone needs is imported when it runs: all would take longer than most of them.
"""

from __future__ import annotations

import os
from contextlib import nullcontext, suppress
from datetime import datetime
from decimal import Decimal, InvalidOperation
from importlib.metadata import version
from pathlib import Path
from typing import Annotated

import anyio
import typer
from rich.console import Console

from .. import FileThrottle, Flash, Sms, SmscClient
from . import _limits
from ._calls import IsFlash, Json, Kept, Login, Sender, answer, run
from ._ending import REFUSED, ending
from ._shared import shared

KEPT = 10_000  # messages and requests that a simulator remembers, however long it runs


def _moment(text: str) -> datetime:
    example = "write it with its zone, such as 2030-01-31T09:00+03:00"
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise typer.BadParameter(example) from None
    if moment.tzinfo is None:
        raise typer.BadParameter(example)
    return moment


def _amount(text: str) -> Decimal:
    try:
        amount = Decimal(text)
    except InvalidOperation:
        amount = Decimal("NaN")
    if not amount.is_finite():
        raise typer.BadParameter("write an amount, such as 1500.50")
    return amount


app = typer.Typer(
    help="Send and price text messages through SMSC, within its limits.",
    epilog=(
        "Credentials: SMSC_API_KEY, or SMSC_LOGIN and SMSC_PASSWORD. Host: SMSC_URL. "
        "Where the limits are kept, for all programs of this machine: SMSC_THROTTLE. "
        "Exit codes: 0 done, 1 refused or failed, 2 wrong arguments or message, "
        "3 it may have been sent, 4 a limit was met."
    ),
    add_completion=False,
    no_args_is_help=True,
    pretty_exceptions_enable=False,
)

Phones = Annotated[list[str], typer.Argument(metavar="PHONE", help="International form: +7...")]
Text = Annotated[str, typer.Option("--text", help="What to send.")]


@app.callback(invoke_without_command=True)
def smsc(
    *, show_version: Annotated[bool, typer.Option("--version", help="Print the version.")] = False
) -> None:
    if show_version:
        typer.echo(version("smsc-async"))
        raise typer.Exit


@app.command()
def demo(
    *,
    rows: Annotated[
        int | None, typer.Option(min=2, help="Only the first so many rows of the list.")
    ] = None,
    latency: Annotated[float, typer.Option(min=0, help="Milliseconds an answer takes.")] = 250,
) -> None:
    """Send to 2,000 made-up people through a simulator on this machine."""
    from . import _demo, _recipients, _report  # noqa: PLC0415 - see above

    header, *people = _recipients.bundled()
    people = people[:rows]
    console = Console(highlight=False)
    with _report.watching(console, len(people), latency / 1000) as watch:
        result = anyio.run(_demo.run, [header, *people], latency / 1000, watch)
    console.print(_report.report(result))
    if not result.good:
        raise typer.Exit(REFUSED)


@app.command()
def send(
    phones: Phones,
    *,
    text: Text,
    sender: Sender = None,
    flash: IsFlash = False,
    id: Annotated[str | None, typer.Option(help="Your id of the message.")] = None,
    at: Annotated[
        datetime | None,
        typer.Option(
            parser=_moment, metavar="ISO", help="When, with its zone: 2030-01-31T09:00+03:00."
        ),
    ] = None,
    repeat: Annotated[
        bool, typer.Option("--repeat", help="Send it even if it was sent within a minute.")
    ] = False,
    login: Login = None,
    throttle: Kept = None,
    json: Json = False,
) -> None:
    """Send one text to one number or to many."""

    async def call(smsc: SmscClient) -> None:
        message = (Flash if flash else Sms)(text=text, sender=sender)
        sent = await smsc.send(phones, message, id=id, when=at, repeat=repeat)
        parts = f"{sent.count} {'part' if sent.count == 1 else 'parts'}"
        answer(
            sent,
            f"accepted: id {sent.id}, {parts}, cost {sent.cost}, left {sent.balance}",
            json=json,
        )

    run(call, login, throttle, sends=True)


@app.command()
def price(
    phones: Phones,
    *,
    text: Text,
    sender: Sender = None,
    flash: IsFlash = False,
    login: Login = None,
    throttle: Kept = None,
    json: Json = False,
) -> None:
    """Ask what a message would cost; nothing is sent."""

    async def call(smsc: SmscClient) -> None:
        message = (Flash if flash else Sms)(text=text, sender=sender)
        price = await smsc.price(phones, message)
        parts = f"{price.count} {'part' if price.count == 1 else 'parts'}"
        answer(price, f"{price.cost} for {parts}", json=json)

    run(call, login, throttle)


@app.command()
def balance(*, login: Login = None, throttle: Kept = None, json: Json = False) -> None:
    """Ask what is left on the account."""

    async def call(smsc: SmscClient) -> None:
        balance = await smsc.account.balance()
        credit = "" if balance.credit is None else f", credit {balance.credit}"
        answer(balance, f"{balance.amount} {balance.currency or ''}".rstrip() + credit, json=json)

    run(call, login, throttle)


@app.command()
def limits(
    *,
    login: Annotated[str | None, typer.Option("--login", help="Instead of SMSC_LOGIN.")] = None,
    throttle: Annotated[
        Path | None,
        typer.Option(
            "--throttle",
            envvar="SMSC_THROTTLE",
            exists=True,  # to look is no reason to make one
            help="The file, or folder, in which the programs keep them.",
        ),
    ] = None,
    watch: Annotated[
        bool, typer.Option("--watch", help="Go on, on a terminal, until Ctrl-C.")
    ] = False,
    json: Json = False,
) -> None:
    """Show how much of the limits is used, and what waits; nothing is asked or sent."""
    console = Console(highlight=False)
    if watch and (json or not console.is_terminal):
        raise typer.BadParameter("--watch draws on a terminal, and no JSON")

    async def show(kept: FileThrottle) -> None:
        if watch:
            await _limits.watch(kept, console)
        elif json:
            answer(_limits.seen(kept), "", json=True)
        else:
            console.print(_limits.drawn(_limits.seen(kept), kept.file))

    with ending(), suppress(KeyboardInterrupt) if watch else nullcontext():
        anyio.run(_limits.of_account, show, shared(throttle), login)


@app.command(
    add_help_option=False,
    context_settings={
        "allow_extra_args": True,
        "allow_interspersed_args": False,
        "ignore_unknown_options": True,
    },
)
def campaign(words: typer.Context) -> None:
    """Send to a whole list, and go on after whatever ended the program."""
    from . import _campaign  # noqa: PLC0415 - see above

    _campaign.app(words.args, prog_name=words.command_path)


@app.command()
def simulator(
    *,
    port: Annotated[int, typer.Option(min=0, max=65535, help="0 takes a free one.")] = 8025,
    latency: Annotated[float, typer.Option(min=0, help="Milliseconds an answer takes.")] = 0,
    balance: Annotated[
        Decimal, typer.Option(parser=_amount, metavar="AMOUNT", help="What the account has.")
    ] = Decimal(1000),
    callback: Annotated[
        str | None,
        typer.Option(
            metavar="ADDRESS",
            help="Tell the handler there of statuses, as the service would: it takes ?charset=, "
            "?fmt= and a secret.",
        ),
    ] = None,
    callback_every: Annotated[
        float, typer.Option(min=0.001, help="Seconds until it is told again, 50 times.")
    ] = 240,
) -> None:
    """Serve the simulator on this machine until Ctrl-C."""
    from ..simulator import Settings, Simulator  # noqa: PLC0415 - see above

    async def serve() -> None:
        async with Simulator(settings) as simulator, simulator.serve(port=port) as url:
            typer.echo(
                f"The simulator answers at {url}; Ctrl-C ends it.\n\n"
                "Point the library and this command line to it:\n\n"
                f"  export SMSC_URL={url}"
                f" SMSC_LOGIN={settings.login} SMSC_PASSWORD={settings.password}\n"
            )
            try:
                await anyio.sleep_forever()
            finally:
                typer.echo(
                    f"requests: {simulator.requests}, messages accepted: "
                    f"{len(simulator.accepted)}, refusals: {len(simulator.refusals)}"
                )
                if callback is not None:
                    done = sum(told.done for told in simulator.callbacks)
                    typer.echo(f"callbacks: {len(simulator.callbacks)}, done with: {done}")

    try:
        settings = Settings(
            latency=latency / 1000,
            balance=balance,
            keep=KEPT,
            callback=callback,
            callback_every=callback_every,
        )
    except ValueError as error:
        raise typer.BadParameter(str(error), param_hint="--callback") from None
    try:
        anyio.run(serve)
    except KeyboardInterrupt:
        return
    except OSError as error:
        why = os.strerror(error.errno) if error.errno else str(error)
        typer.echo(f"smsc: cannot serve on port {port}: {why}", err=True)
        raise typer.Exit(REFUSED) from None
