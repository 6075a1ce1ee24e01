"""What became of sends whose answers were lost: plain functions that judge, and the asking.

A request that the service took is there by its id and its phones. So two of these are asked about,
the first and the last: where neither is there, nothing is known yet, for it may still be on its
way. Where one is, all the others are asked about, too: the service may have left any of them out.
So they are before it is decided that nothing is there.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import aclosing
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Final, TypeAlias

import msgspec

from .. import MessageStatus, SmscClient
from .._wire.statuses import Status
from ._after import bare, is_refusal, named
from ._options import Options
from ._plan import IN_DOUBT, Event, State
from ._records import Item, Request, RowState, Verdict

_SINGLY: Final = 2  # so many rows are asked about one by one, more with one question for many

Answers: TypeAlias = Mapping[int, MessageStatus]  # by row; a row that is missing was not answered


@dataclass(frozen=True, slots=True)
class Doubt:
    """What a run knows of a request that is in doubt; times are seconds of the loop's clock.

    The quiet time counts from *since*, when it may last have been on its way, or the run began;
    *heard* is when the service last answered about it, *due* when it is to be asked again, and
    *asked* how often it was in this run.
    """

    request: Request
    since: float
    heard: float
    due: float
    asked: int = 0
    checked: int = 0  # how often it was looked up after it was held


def probes(request: Request) -> tuple[Item, ...]:
    """Return the rows that are asked about first."""
    first, last = request.items[0], request.items[-1]
    return (first,) if first is last else (first, last)


def found(request: Request, answers: Answers) -> Verdict | None:
    """Return what *answers* show of a request; None where they show nothing of it.

    They are those of all its rows, or, where these are nowhere to be found, of its probes.
    """
    known = {row: answer for row, answer in answers.items() if answer.is_known}
    if not known:
        return None
    refused = {row: answer for row, answer in known.items() if is_refusal(answer.status)}
    others = tuple(
        (row, RowState.REFUSED, named(answer.status, answer.err)) for row, answer in refused.items()
    )
    # Of a partial one it was told before, whatever it costs.
    cost = None if request.state is State.PARTIAL else _cost(known, refused)
    if len(known) < len(request.items):
        taken = tuple((row, RowState.ACCEPTED, "") for row in known if row not in refused)
        return Verdict(
            event=Event.FOUND_SOME,
            # Rows of a partial one of which nothing is found stay as they are.
            rows=None if request.state is State.PARTIAL else RowState.HELD,
            others=others + taken,
            misses=request.misses + 1,
            cost=cost,
            note=f"{len(known)} of {len(request.items)} phones were found",
        )
    if len(refused) == len(known) and request.state is not State.PARTIAL:
        return _refused(refused, others)
    return Verdict(
        event=Event.FOUND,
        rows=RowState.ACCEPTED,
        others=others,
        cost=cost,
        note="found by a look-up",
    )


def _refused(refused: Answers, others: tuple[tuple[int, RowState, str], ...]) -> Verdict:
    if all(answer.status == Status.NO_MONEY for answer in refused.values()):
        # As where the answer itself says so: they go again, under other ids.
        rows = RowState.WAITING
        return Verdict(event=Event.FOUND_REFUSED, rows=rows, note=named(Status.NO_MONEY))
    note = f"found refused: {others[0][2]}"
    return Verdict(event=Event.FOUND_REFUSED, rows=RowState.REFUSED, others=others, note=note)


def _cost(known: Answers, refused: Answers) -> Decimal | None:
    """Return what those cost that are not *refused*; where it is not told of one, at most."""
    taken = [answer.cost for row, answer in known.items() if row not in refused]
    costs = [cost for cost in taken if cost is not None]
    return sum(costs, max(costs) * (len(taken) - len(costs))) if costs else None


def is_last(doubt: Doubt, options: Options, asked_at: float) -> bool:
    """Tell whether a look-up that was begun at *asked_at* decides, if it finds nothing."""
    return (
        doubt.request.state is State.DOUBT
        and doubt.request.misses + 1 >= options.lookups
        and asked_at >= doubt.since + options.quiet
    )


def missed(
    doubt: Doubt, options: Options, *, asked_at: float, decides: bool, may_resend: bool
) -> Verdict:
    """Return what a look-up that found nothing means.

    It was begun at *asked_at*. Only one that was begun after the quiet time decides: what is
    taken before the end of that is there by then.
    """
    request = doubt.request
    misses = request.misses + 1
    if not (decides and is_last(doubt, options, asked_at)):
        return Verdict(event=Event.NOT_FOUND, misses=misses)
    if may_resend and options.policy == "resend" and request.resends < options.most_resends:
        resends = request.resends + 1
        return Verdict(event=Event.RESEND, misses=misses, resends=resends, note="nothing found")
    return held(f"nothing found in {misses} look-ups", misses)


def held(note: str, misses: int | None = None) -> Verdict:
    """Return that a request waits for a person, or a late sign."""
    return Verdict(event=Event.HOLD, rows=RowState.HELD, misses=misses, note=note)


def is_pressing(doubt: Doubt, options: Options) -> bool:
    """Tell whether a run waits for this one: what is held is looked up once, for late signs."""
    match doubt.request.state:
        case State.DOUBT:
            return True
        case State.PARTIAL:
            return not doubt.asked or max(doubt.asked, doubt.request.misses) < options.lookups
        case _:
            return not doubt.asked


def going_on(doubt: Doubt, request: Request, options: Options, now: float) -> Doubt | None:
    """Return a doubt after a look-up, with what is now known of the request; None: it is none."""
    if request.state not in IN_DOUBT:
        return None
    doubt = replace(doubt, request=request)
    if request.state is State.DOUBT or is_pressing(doubt, options):
        due = now + options.lookup_every
        if request.misses + 1 >= options.lookups:  # the next may be the last, and decides
            due = max(due, doubt.since + options.quiet)
        return replace(doubt, due=due)
    if doubt.checked >= len(options.recheck):
        return None
    return replace(doubt, due=now + options.recheck[doubt.checked], checked=doubt.checked + 1)


def left(request: Request, verdict: Verdict) -> Request:
    """Return a request after *verdict*; of a partial one, with only those rows that are held."""
    if verdict.event is not Event.FOUND_SOME or request.state is not State.PARTIAL:
        return request
    others = {row: state for row, state, _ in verdict.others}
    held = tuple(
        item
        for item in request.items
        if others.get(item.row, verdict.rows) in {RowState.HELD, None}
    )
    return msgspec.structs.replace(request, items=held)


async def answers(smsc: SmscClient, request: Request, *, of_all: bool) -> Answers:
    """Ask what is known of a request: of all its rows, or by as few questions as tell it.

    Raises an :class:`~smsc_async.SmscError` where one of them is not answered.
    """
    if request.state is State.PARTIAL:
        return await look(smsc, request.id, request.items)
    told = await look(smsc, request.id, probes(request))
    if not of_all and not any(answer.is_known for answer in told.values()):
        return told
    rest = [item for item in request.items if item.row not in told]
    return {**told, **await look(smsc, request.id, rest)}


async def look(smsc: SmscClient, id: str, items: Sequence[Item]) -> Answers:
    """Ask about each of *items*, and return what the service says.

    Raises an :class:`~smsc_async.SmscError` where one could not be asked about.
    """
    if len(items) <= _SINGLY:
        return {item.row: await smsc.statuses.get(id, item.phone, details=1) for item in items}
    rows = {bare(item.phone): item.row for item in items}
    told: dict[int, MessageStatus] = {}
    asked = [(id, item.phone) for item in items]
    async with aclosing(smsc.statuses.get_many(asked, details=1)) as answered:
        async for status in answered:
            if (row := rows.get(bare(status.phone))) is not None:
                told[row] = status
    return told
