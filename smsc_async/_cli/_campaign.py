"""``smsc campaign``: sending to a whole list; each command is a few lines over a campaign."""

from __future__ import annotations

import getpass
from pathlib import Path
from typing import Annotated, Literal

import anyio
import typer
from rich.console import Console

from .. import Flash, Sms, SmscClient
from ..campaigns import Campaign, Options, open_store
from . import _calls, _progress, _settings, _standing
from ._calls import Json, Kept, Login, answer
from ._ending import UNKNOWN, USAGE, ending
from ._stores import Number, Store, opened, there, within

STORE = Path("campaigns.db")
NO_DOUBT = "request {} is not in doubt: it was settled, or there is none"

app = typer.Typer(
    help="Send to a whole list, and go on after whatever ended the program.",
    epilog=(
        "Exit codes: 0 every row is accounted for, 1 rows are left (paused, interrupted, failed), "
        "2 wrong arguments, list or text, 3 rows are in doubt, which outranks 1, "
        "4 a limit was met (price)."
    ),
    no_args_is_help=True,
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
    store: Store = STORE,
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
        )
        listed = _settings.listed(people, delimiter, encoding)

    async def make() -> _standing.Created:
        async with open_store(store) as kept:
            campaign = await Campaign.create(
                kept,
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
    store: Store = STORE,
    login: Login = None,
    throttle: Kept = None,
    json: Json = False,
) -> None:
    """Ask what the rows that wait would cost; nothing is sent."""

    async def call(smsc: SmscClient) -> None:
        async with opened(store, number) as campaign:
            estimate = await campaign.price(smsc)
        answer(estimate, _standing.priced(estimate), json=json)

    _calls.run(call, login, throttle)


@app.command()
def run(
    number: Number = None,
    *,
    statuses_for: _settings.StatusesFor = None,
    store: Store = STORE,
    login: Login = None,
    throttle: Kept = None,
    json: Json = False,
) -> None:
    """Send until all is known; goes on where an earlier run ended."""
    console = Console(highlight=False, stderr=json)

    async def call(smsc: SmscClient) -> int:
        async with opened(store, number) as campaign:
            name = f"Campaign {campaign.number}, {campaign.name}"
            with _progress.watching(console, name, smsc.throttle.snapshot) as heard:
                running = campaign.run(smsc, on_progress=heard, statuses_for=statuses_for or 0.0)
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
def status(number: Number = None, *, store: Store = STORE, json: Json = False) -> None:
    """Show how far it is."""

    async def show(campaign: Campaign) -> None:
        report = await campaign.report()
        if json:
            answer(report, "", json=True)
        else:
            Console(highlight=False).print(_standing.summary(report))

    within(store, number, show)


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
    store: Store = STORE,
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


@app.command()
def pause(
    number: Number = None,
    *,
    reason: Annotated[str, typer.Option("--reason", help="For who reads the status.")] = "",
    store: Store = STORE,
) -> None:
    """Send no more of it, wherever it runs; what is under way comes to its end."""

    async def act(campaign: Campaign) -> None:
        await campaign.pause(reason or f"by {getpass.getuser()}")
        going_on = _standing.going_on(campaign.number)
        typer.echo(f"campaign {campaign.number} is paused; {going_on}, let it go on")

    within(store, number, act)


@app.command()
def resume(number: Number = None, *, store: Store = STORE) -> None:
    """Let a paused one go on, where it runs or when it is run."""

    async def act(campaign: Campaign) -> None:
        await campaign.resume()
        typer.echo(f"campaign {campaign.number} can go on: smsc campaign run {campaign.number}")

    within(store, number, act)


Certain = Annotated[int, typer.Argument(metavar="NUMBER", min=1, help="Of the campaign.")]


@app.command()
def cancel(number: Certain, *, store: Store = STORE) -> None:
    """Send no more of it, for good; what is under way comes to its end."""

    async def act(campaign: Campaign) -> None:
        await campaign.cancel()
        typer.echo(f"campaign {campaign.number} is cancelled")

    within(store, number, act)


@app.command()
def resolve(
    id: Annotated[str, typer.Argument(metavar="ID", help="Of a request in doubt: see the report.")],
    how: Annotated[
        Literal["sent", "resend", "drop"],
        typer.Argument(metavar="sent|resend|drop", help="What you say became of it."),
    ],
    *,
    by: Annotated[
        str | None, typer.Option("--by", show_default="you", help="Who says so, for the journal.")
    ] = None,
    store: Store = STORE,
) -> None:
    """Say what became of a request in doubt: it was sent, send it again, or give it up."""

    async def act() -> None:
        async with open_store(there(store)) as kept:
            known = [one for one in await kept.campaigns() if id.startswith(f"{one.key}.")]
            if not known:
                raise ValueError(NO_DOUBT.format(id))
            campaign = await Campaign.open(kept, known[0].number)
            try:
                await campaign.resolve(id, how, by=by or getpass.getuser())
            except LookupError:
                raise ValueError(NO_DOUBT.format(id)) from None

    with ending():
        anyio.run(act)
    typer.echo(f"{id}: {_standing.RESOLVED[how]}")


@app.command()
def purge(number: Certain, *, store: Store = STORE) -> None:
    """Forget numbers and texts of one that is done or cancelled; its figures stay.

    One whose list was not read to the end is forgotten as a whole.
    """

    async def act(campaign: Campaign) -> None:
        is_loading = (await campaign.report()).standing == "loading"
        await campaign.purge()
        left = "is forgotten" if is_loading else "holds no numbers and texts any more"
        typer.echo(f"campaign {campaign.number} {left}")

    within(store, number, act)
