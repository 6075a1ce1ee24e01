"""What a person orders of a campaign, wherever it runs: the commands that send nothing."""

from __future__ import annotations

import getpass
from pathlib import Path
from typing import Annotated, Literal

import typer

from ..campaigns import Campaign, Store
from . import _listening, _settings, _standing
from ._calls import Json, answer
from ._stores import STORE, At, Certain, Number, kept, within

NO_DOUBT = "request {} is not in doubt: it was settled, or there is none"


def pause(
    number: Number = None,
    *,
    reason: Annotated[str, typer.Option("--reason", help="For who reads the status.")] = "",
    store: At = STORE,
) -> None:
    """Send no more of it, wherever it runs; what is under way comes to its end."""

    async def act(campaign: Campaign) -> None:
        await campaign.pause(reason or f"by {getpass.getuser()}")
        going_on = _standing.going_on(campaign.number)
        typer.echo(f"campaign {campaign.number} is paused; {going_on}, let it go on")

    within(store, number, act)


def resume(number: Number = None, *, store: At = STORE) -> None:
    """Let a paused one go on, where it runs or when it is run."""

    async def act(campaign: Campaign) -> None:
        await campaign.resume()
        typer.echo(f"campaign {campaign.number} can go on: smsc campaign run {campaign.number}")

    within(store, number, act)


def cancel(number: Certain, *, store: At = STORE) -> None:
    """Send no more of it, for good; what is under way comes to its end."""

    async def act(campaign: Campaign) -> None:
        await campaign.cancel()
        typer.echo(f"campaign {campaign.number} is cancelled")

    within(store, number, act)


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
    store: At = STORE,
) -> None:
    """Say what became of a request in doubt: it was sent, send it again, or give it up."""

    async def act(its: Store) -> None:
        known = [one for one in await its.campaigns() if id.startswith(f"{one.key}.")]
        if not known:
            raise ValueError(NO_DOUBT.format(id))
        campaign = await Campaign.open(its, known[0].number)
        try:
            await campaign.resolve(id, how, by=by or getpass.getuser())
        except LookupError:
            raise ValueError(NO_DOUBT.format(id)) from None

    kept(store, act)
    typer.echo(f"{id}: {_standing.RESOLVED[how]}")


def purge(number: Certain, *, store: At = STORE) -> None:
    """Forget numbers and texts of one that is done or cancelled; its figures stay.

    One whose list was not read to the end is forgotten as a whole.
    """

    async def act(campaign: Campaign) -> None:
        is_loading = (await campaign.report()).standing == "loading"
        await campaign.purge()
        left = "is forgotten" if is_loading else "holds no numbers and texts any more"
        typer.echo(f"campaign {campaign.number} {left}")

    within(store, number, act)


def stop(
    phones: Annotated[
        list[str] | None,
        typer.Argument(metavar="PHONE", show_default=False, help="Never to send to again."),
    ] = None,
    *,
    listed: Annotated[
        Path | None,
        typer.Option("--from", exists=True, dir_okay=False, help="Numbers, one a line."),
    ] = None,
    off: Annotated[bool, typer.Option("--off", help="Take them off the stop list.")] = False,
    region: _settings.Region = "RU",
    store: At = STORE,
    json: Json = False,
) -> None:
    """Put numbers on the stop list of all campaigns, or take them off; or count it."""

    async def act(its: Store) -> None:
        told = await _listening.stopped(its, phones or [], listed, region=region, off=off)
        answer(told, told.sentence, json=json)

    kept(store, act)
