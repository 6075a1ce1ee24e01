"""A sub-client's password stands in the body of a request, and nowhere else."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Awaitable, Callable
from urllib.parse import parse_qsl

import pytest

from smsc_async import ApiError, InvalidMessage, OutcomeUnknown, SmscClient, Throttled
from smsc_async._transport.http import Own
from tests.samples import sample
from tests.test_secrets import (
    KEY,
    PASSWORD,
    Watched,
    alive,
    caught,
    each_transport,
    kept,
    logged,
    nothing_is_told,
    reprs,
    serving,
    shown,
    told,
)

__all__ = ["logged"]

# No secret of the client's own, so that all that is found is the sub-client's.
OWN = "own-key"
CREATED = sample("subclients.add/created.json")
DONE = sample("subclients.change/done.json")


def add(smsc: SmscClient) -> Awaitable[object]:
    return smsc.subclients.add("branch", PASSWORD)


def change(smsc: SmscClient) -> Awaitable[object]:
    return smsc.subclients.change("branch", password=PASSWORD, current_password=f"{PASSWORD} old")


async def twice(smsc: SmscClient) -> None:
    for _ in range(2):
        await smsc.with_options(max_wait=0).subclients.add("branch", PASSWORD)


CASES: dict[
    str, tuple[Callable[[SmscClient], Awaitable[object]], bytes | None, type[Exception]]
] = {
    "refused": (add, sample("errors/parameters.json"), ApiError),
    "change refused": (change, sample("errors/parameters.json"), ApiError),
    "login refused": (add, sample("errors/login.json"), ApiError),
    "answer lost": (add, None, OutcomeUnknown),
    "answer to a change lost": (change, None, OutcomeUnknown),
    "unreadable": (add, sample("refused/gateway.html"), OutcomeUnknown),
    "limit": (twice, CREATED, Throttled),
    "no login": (lambda smsc: smsc.subclients.add("", PASSWORD), CREATED, InvalidMessage),
    "half a character": (
        lambda smsc: smsc.subclients.add("branch", f"{PASSWORD}\ud800"),
        CREATED,
        InvalidMessage,
    ),
    "no password": (
        lambda smsc: smsc.subclients.add("branch", PASSWORD.encode()),  # type: ignore[arg-type]
        CREATED,
        InvalidMessage,
    ),
    "login that is no text": (
        lambda smsc: smsc.subclients.change("\ud800", password=PASSWORD),
        CREATED,
        InvalidMessage,
    ),
    "old password that is no text": (
        lambda smsc: smsc.subclients.change(
            "branch", password=PASSWORD, current_password=f"{PASSWORD}\ud800"
        ),
        CREATED,
        InvalidMessage,
    ),
}


@each_transport
@pytest.mark.parametrize("name", CASES)
async def test_a_call_that_fails_does_not_give_the_password_away(
    name: str, transport: Own, logged: Callable[[], str]
) -> None:
    call, answer, kind = CASES[name]
    async with serving(answer) as service:
        watched = Watched(service.url, lambda: {"api_key": OWN}, transport)
        async with watched.client as smsc:
            error = await caught(call(smsc))
            nothing_is_told([*alive(), *reprs(smsc)])

    assert isinstance(error, kind)
    nothing_is_told([*shown(error), *watched.heard, logged(), *service.heads])


@each_transport
async def test_of_a_call_that_went_well_the_password_is_not_kept(
    transport: Own, logged: Callable[[], str]
) -> None:
    async with serving(CREATED, DONE) as service:
        watched = Watched(service.url, lambda: {"api_key": OWN}, transport)
        async with watched.client as smsc:
            await add(smsc)
            await change(smsc)
            texts = [*kept(smsc)]

    assert any(OWN.encode() in text for text in texts if isinstance(text, bytes)), (
        "it sees into the secrets that are there: it would see these too"
    )
    nothing_is_told([*texts, *watched.heard, logged(), *service.heads])
    added, changed = [dict(parse_qsl(body.decode())) for body in service.bodies]
    assert added["password"] == PASSWORD
    assert (changed["password"], changed["pswc"]) == (PASSWORD, f"{PASSWORD} old")


@each_transport
async def test_a_call_under_way_does_not_show_the_password(transport: Own) -> None:
    async with serving(CREATED) as service:
        watched = Watched(service.url, lambda: {"api_key": OWN}, transport)
        async with watched.client as smsc:
            calls = [asyncio.create_task(smsc.subclients.add("branch", PASSWORD))]
            await asyncio.sleep(0)
            texts = [*map(repr, asyncio.all_tasks()), *reprs(smsc)]
            for task in asyncio.all_tasks() - {asyncio.current_task()}:
                for frame in task.get_stack():
                    if "smsc_async" in frame.f_code.co_filename:
                        texts += map(repr, frame.f_locals.values())
            calls[0].cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await calls[0]

    nothing_is_told(texts)


def test_the_search_would_find_the_password() -> None:
    assert told(f"password={PASSWORD}")
    assert not told(OWN)
    assert told(KEY)
