"""``smsc campaign``: sending to a whole list; each command is a few lines over a campaign."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import Annotated

import anyio
import typer
from rich.console import Console

from .. import Flash, Sms, SmscClient
from ..campaigns import Campaign, Options, StoreBusy, open_store
from . import _calls, _listening, _looking, _orders, _progress, _settings, _standing
from ._calls import Json, Kept, Login, answer
from ._ending import UNKNOWN, USAGE, ending
from ._stores import STORE, At, Number, kept, opened, within

BUSY = "smsc campaign status shows how far it is, pause stops it"

app = typer.Typer(
    help="Send to a whole list, and go on after whatever ended the program.",
    epilog=(
        "Exit codes: 0 every row is accounted for, 1 rows are left (paused, interrupted, failed), "
        "2 wrong arguments, list or text, 3 rows are in doubt, which outranks 1, "
        "4 a limit was met (price)."
    ),
    add_completion=False,
    no_args_is_help=True,
    pretty_exceptions_enable=False,
)


@app.command()
def create(
    people: _settings.List,
    *,
    text: _settings.Template,
    sender: _calls.Sender = None,
    flash: _calls.IsFlash = False,
    name: _settings.Name = "",
    phone: _settings.Phone = "phone",
    region: _settings.Region = "RU",
    delimiter: _settings.Delimiter = None,
    encoding: _settings.Encoding = None,
    rejects: _settings.Rejects = None,
    stop_list: _settings.StopList = None,
    keep_duplicates: _settings.Duplicates = False,
    policy: _settings.PolicyOf = "resend",
    window: _settings.Between = None,
    zone: _settings.Zone = None,
    spread: _settings.Spread = None,
    canary: _settings.Canary = None,
    max_cost: _settings.MaxCost = None,
    max_cost_per_hour: _settings.MaxCostPerHour = None,
    rows_per_request: _settings.RowsPerRequest = 100,
    others: _settings.Set = None,
    store: At = STORE,
    json: Json = False,
) -> None:
    """Take a list in; nothing is sent yet."""
    rejects = rejects or people.with_name(f"{people.stem}.rejects.csv")
    with ending():
        options = Options(
            rows_per_request=rows_per_request,
            policy=policy,
            window=_settings.window(window, zone),
            spread=spread,
            canary=canary,
            max_cost=max_cost,
            max_cost_per_hour=max_cost_per_hour,
            **_settings.settings(others or ()),
        )
        listed = _settings.listed(people, delimiter, encoding)

    async def make() -> _standing.Created:
        async with open_store(store) as made:
            campaign = await Campaign.create(
                made,
                listed,
                (Flash if flash else Sms)(text=text, sender=sender),
                name=name or people.stem,
                phone=phone,
                region=region,
                options=options,
                duplicates="keep" if keep_duplicates else "drop",
                rejects=rejects,
                stops=stop_list or (),
            )
            return _standing.Created.of(campaign, rejects)

    with ending():
        try:
            made = anyio.run(make)
        except FileExistsError:
            raise ValueError(
                f"{rejects} is there already; move it, or name another with --rejects"
            ) from None
    answer(made, made.sentence, json=json)
    if not made.waiting:
        raise typer.Exit(USAGE)


@app.command()
def price(
    number: Number = None,
    *,
    store: At = STORE,
    login: Login = None,
    throttle: Kept = None,
    json: Json = False,
) -> None:
    """Ask what the rows that wait would cost; nothing is sent."""

    async def call(smsc: SmscClient) -> None:
        async with opened(store, number) as (_, campaign):
            estimate = await campaign.price(smsc)
        answer(estimate, _standing.priced(estimate), json=json)

    _calls.run(call, login, throttle)


@app.command()
def run(
    number: Number = None,
    *,
    statuses_for: _settings.StatusesFor = None,
    listen: _settings.Listen = True,
    store: At = STORE,
    login: Login = None,
    throttle: Kept = None,
    json: Json = False,
) -> None:
    """Send until all is known; goes on where an earlier run ended."""
    console = Console(highlight=False, stderr=json)

    async def call(smsc: SmscClient) -> int:
        async with opened(store, number) as (its, campaign):
            try:
                await its.own()
            except StoreBusy as busy:
                raise StoreBusy(f"{busy}; {BUSY}") from None
            name = f"Campaign {campaign.number}, {campaign.name}"
            with _progress.watching(console, name, smsc.throttle.snapshot) as heard:
                send = partial(
                    campaign.run, smsc, on_progress=heard, statuses_for=statuses_for or 0.0
                )
                running = _listening.beside(send, its, smsc, console) if listen else send()
                await _progress.until_stopped(running, console)
            report = await campaign.report()
        if json:
            answer(report, "", json=True)
        else:
            console.print(_standing.summary(report))
        return _standing.code(report)

    if code := _calls.run(call, login, throttle, sends=True, on_event=None):
        raise typer.Exit(code)


@app.command()
def status(
    number: Annotated[
        int | None,
        typer.Argument(min=1, show_default=False, help="Of the campaign; else all are listed."),
    ] = None,
    *,
    store: At = STORE,
    json: Json = False,
) -> None:
    """Show how far it is, and whether another program runs it."""
    kept(store, partial(_looking.show, number=number, json=json))


@app.command()
def report(
    number: Number = None,
    *,
    to: Annotated[
        Path | None,
        typer.Option(
            "--to",
            dir_okay=False,
            callback=_settings.table,
            help="Write all rows to this .csv or .json.",
        ),
    ] = None,
    masked: Annotated[
        bool, typer.Option("--masked", help="Hide the middle of each number.")
    ] = False,
    store: At = STORE,
    json: Json = False,
) -> None:
    """Tell what became of all rows, and name those in doubt; ends with 3 if there are any."""

    async def show(campaign: Campaign) -> bool:
        report = await campaign.report()
        report = report.masked() if masked else report
        if to is not None:
            await campaign.write_report(to, masked=masked)
            typer.echo(f"{sum(report.rows.values()):,} rows in {to}", err=json)
        if json:
            answer(report, "", json=True)
        else:
            Console(highlight=False).print(_standing.whole(report))
        return bool(report.in_doubt)

    if within(store, number, show):
        raise typer.Exit(UNKNOWN)


for order in (
    _orders.pause,
    _orders.resume,
    _orders.cancel,
    _orders.resolve,
    _orders.stop,
    _orders.purge,
):
    app.command()(order)
