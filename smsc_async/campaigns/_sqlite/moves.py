"""How a request moves by the plan, and its rows with it; what moved is journalled."""

from __future__ import annotations

import sqlite3
from collections import defaultdict
from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Final, NamedTuple

import msgspec
from msgspec.structs import replace

from ..._wire.statuses import progress
from .._plan import IN_DOUBT, MOVES, Event, State, moved
from .._purse import booked
from .._records import Request, RowState
from .places import put_back

# Those of a request whose outcome is open: all others are known, and stay as they are.
UNKNOWN: Final = frozenset({RowState.TAKEN, RowState.HELD})

_ALIKE = msgspec.json.Decoder(list[tuple[int, str]])


class Row(NamedTuple):
    """A row of a request, as it stands."""

    id: int
    phone: str
    state: RowState
    status: int | None
    changed: float | None


def rows_of(db: sqlite3.Connection, request: Request) -> list[Row]:
    """Return the rows that belong to *request*: those that were split off do no longer."""
    # Those that stand alike as one value: see looking.
    found = db.execute(
        "SELECT state, status, changed, json_group_array(json_array(id, phone)) FROM recipient "
        "WHERE id IN (SELECT value FROM json_each(?)) AND request = ? GROUP BY 1, 2, 3",
        (msgspec.json.encode([item.row for item in request.items]).decode(), request.number),
    )
    return sorted(
        Row(row, phone, RowState(state), status, changed)
        for state, status, changed, alike in found
        for row, phone in _ALIKE.decode(alike)
    )


def move(
    db: sqlite3.Connection,
    request: Request,
    event: Event,
    now: float,
    *,
    note: str = "",
    by: str = "",
    cost: Decimal | None = None,
) -> Request:
    """Move *request* by the plan, write it and what it cost as it then is, and return it.

    Raises :class:`KeyError` where the plan knows no such move.
    """
    state = moved(request.state, event)
    doubted = state is State.DOUBT or (request.doubted and event is not Event.SAID_RESEND)
    spent, aside = booked(state, cost, request.aside)
    after = replace(request, state=state, aside=aside, note=note or request.note, doubted=doubted)
    db.execute(
        "UPDATE request SET state = ?, attempts = ?, resends = ?, misses = ?, begun = ?, "
        "aside = ?, note = ?, doubted = ? WHERE number = ?",
        (
            after.state,
            after.attempts,
            after.resends,
            after.misses,
            after.begun,
            str(aside) if aside else None,
            after.note,
            after.doubted,
            after.number,
        ),
    )
    if spent:
        (before,) = db.execute(
            "SELECT spent FROM campaign WHERE number = ?", (request.campaign,)
        ).fetchone()
        db.execute(
            "UPDATE campaign SET spent = ? WHERE number = ?",
            (str(Decimal(before) + spent), request.campaign),
        )
    journal(
        db,
        request.campaign,
        event,
        state,
        now,
        request=request.number,
        note=note,
        by=by,
        cost=spent or None,
    )
    return after


def intend(db: sqlite3.Connection, request: Request, now: float) -> Request:
    """Note the intent to send *request*."""
    begun = now if request.begun is None else request.begun
    request = replace(request, attempts=request.attempts + 1, misses=0, begun=begun)
    return move(db, request, Event.START, now)


def settle(db: sqlite3.Connection, request: Request, now: float) -> Request:
    """Move *request* by what is known of its rows, where it is not under way."""
    if request.state is not State.READY and request.state not in IN_DOUBT:
        return request
    rows = rows_of(db, request)
    known = {row.state for row in rows if row.state not in UNKNOWN}
    if not known:
        return request
    unknown = [row for row in rows if row.state in UNKNOWN]
    if unknown:
        become(db, unknown, {row.id: (RowState.HELD, "") for row in unknown}, now)
        return move(db, request, Event.FOUND_SOME, now)
    refused = known == {RowState.REFUSED} and (request.state, Event.FOUND_REFUSED) in MOVES
    return move(db, request, Event.FOUND_REFUSED if refused else Event.FOUND, now)


def withdraw(db: sqlite3.Connection, request: Request, now: float, *, note: str = "") -> Request:
    """Do not send *request*, which is ready; where it ever was in doubt, it still is."""
    rows = rows_of(db, request)
    state = RowState.HELD if request.is_in_doubt else RowState.CANCELLED
    become(db, rows, {row.id: (state, note) for row in rows}, now)
    return move(db, request, Event.HOLD if request.is_in_doubt else Event.CANCEL, now, note=note)


def become(
    db: sqlite3.Connection,
    rows: Iterable[Row],
    what: Mapping[int, tuple[RowState, str]],
    now: float,
) -> None:
    """Let those of *rows* whose outcome is open become *what* says, and why."""
    alike = defaultdict[tuple[object, ...], list[int]](list)
    for row in rows:
        if row.state in UNKNOWN and row.id in what:
            state, reason = what[row.id]
            changed = now if row.status is None else row.changed
            asked = now if state is RowState.ACCEPTED and not progress(row.status or 0) else None
            alike[state, reason, changed, asked].append(row.id)
    for values, same in alike.items():
        encoded = msgspec.json.encode(same).decode()
        db.execute(
            "UPDATE recipient SET state = ?, reason = ?, changed = ?, asked = ?, "
            # What is told of the id that it had is nothing of the one that it gets.
            "request = CASE WHEN ? = 'waiting' THEN NULL ELSE request END "
            "WHERE id IN (SELECT value FROM json_each(?))",
            (*values, values[0], encoded),
        )
        if values[0] is RowState.WAITING:
            put_back(db, encoded)


def journal(
    db: sqlite3.Connection,
    campaign: int,
    event: str,
    state: str,
    now: float,
    *,
    request: int | None = None,
    note: str = "",
    by: str = "",
    cost: Decimal | None = None,
) -> None:
    """Write down what happened, and what was spent on it."""
    db.execute(
        "INSERT INTO journal (at, campaign, request, event, state, note, by, cost) "
        "VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
        (now, campaign, request, event, state, note, by, None if cost is None else str(cost)),
    )
