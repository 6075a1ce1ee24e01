"""What is read from the file of campaigns."""

from __future__ import annotations

import sqlite3
from collections import Counter
from decimal import Decimal
from typing import Any

import msgspec

from .._plan import State
from .._records import CampaignRecord, Counts, Item, Request, RowState
from .schema import first

_CAMPAIGN = (
    "SELECT number, key, name, standing, reason, plan, created, spent, account FROM campaign"
)
_REQUEST = (
    "SELECT number, campaign, id, state, items, attempts, resends, misses, begun, aside, note, "
    "doubted "
    "FROM request"
)
_ITEMS = msgspec.json.Decoder(list[Item])
_PORTION = 5000  # rows of a report


def campaigns(db: sqlite3.Connection) -> list[CampaignRecord]:
    """Return all, oldest first."""
    return [_campaign(row) for row in db.execute(f"{_CAMPAIGN} ORDER BY number")]


def campaign_of(db: sqlite3.Connection, campaign: int) -> CampaignRecord:
    """Return one; raises :class:`LookupError`."""
    row = db.execute(f"{_CAMPAIGN} WHERE number = ?", (campaign,)).fetchone()
    if row is None:
        raise LookupError(f"there is no campaign {campaign}")
    return _campaign(row)


def counts(db: sqlite3.Connection, campaign: int) -> Counts:
    """Count rows, requests and statuses."""
    campaign_of(db, campaign)
    rows: Counter[RowState] = Counter()
    statuses: Counter[int] = Counter()
    for state, status, number in db.execute(
        "SELECT state, status, count(*) FROM recipient WHERE id > ? AND id < ? "
        "GROUP BY state, status",
        (first(campaign), first(campaign + 1)),
    ):
        rows[RowState(state)] += number
        if status is not None and state == RowState.ACCEPTED:
            statuses[status] += number
    requests = db.execute(
        "SELECT state, count(*) FROM request WHERE campaign = ? GROUP BY state", (campaign,)
    )
    return Counts(
        rows=dict(rows),
        requests={State(state): number for state, number in requests},
        statuses=dict(statuses),
    )


def requests(db: sqlite3.Connection, campaign: int, *states: str) -> list[Request]:
    """Return the requests in these states, oldest first."""
    campaign_of(db, campaign)
    marks = ", ".join("?" * len(states))
    found = db.execute(
        f"{_REQUEST} WHERE campaign = ? AND state IN ({marks}) ORDER BY number",
        (campaign, *states),
    )
    return [_request(db, row) for row in found.fetchall()]


def request_of(db: sqlite3.Connection, request: int) -> Request:
    """Return one; raises :class:`LookupError`."""
    row = db.execute(f"{_REQUEST} WHERE number = ?", (request,)).fetchone()
    if row is None:
        raise LookupError(f"there is no request {request}")
    return _request(db, row)


def request_by(db: sqlite3.Connection, id: str) -> Request | None:
    """Return the one that the service knows by *id*."""
    row = db.execute(f"{_REQUEST} WHERE id = ?", (id,)).fetchone()
    return row and _request(db, row)


def costs(db: sqlite3.Connection, campaign: int, since: float) -> list[tuple[float, Decimal]]:
    """Return what was spent on a campaign after *since*, in the order of the moments."""
    found = db.execute(
        "SELECT at, cost FROM journal WHERE campaign = ? AND at > ? AND cost IS NOT NULL "
        "ORDER BY at, number",
        (campaign, since),
    )
    return [(at, Decimal(cost)) for at, cost in found]


def rows_after(db: sqlite3.Connection, campaign: int, last: int) -> list[tuple[Any, ...]]:
    """Return a portion of the rows that come after *last*, each with its number before it."""
    campaign_of(db, campaign)
    return db.execute(
        "SELECT recipient.id, line, phone, recipient.state, request.id, reason, status, err, "
        "changed, text "
        "FROM recipient LEFT JOIN request ON request.number = recipient.request "
        "WHERE recipient.id > ? AND recipient.id < ? ORDER BY recipient.id LIMIT ?",
        (max(last, first(campaign)), first(campaign + 1), _PORTION),
    ).fetchall()


def _campaign(row: tuple[Any, ...]) -> CampaignRecord:
    number, key, name, standing, reason, plan, created, spent, account = row
    return CampaignRecord(
        number=number,
        key=key,
        name=name,
        standing=standing,
        reason=reason,
        plan=plan,
        created=created,
        spent=Decimal(spent),
        account=account,
    )


def _request(db: sqlite3.Connection, row: tuple[Any, ...]) -> Request:
    (
        number,
        campaign,
        wire_id,
        state,
        items,
        attempts,
        resends,
        misses,
        begun,
        aside,
        note,
        doubted,
    ) = row
    # As one value, for each row of an answer lets another thread run Python before the next.
    (found,) = db.execute(
        "SELECT json_group_array(json_array(id, phone, text)) FROM recipient "
        "WHERE id IN (SELECT value FROM json_each(?))",
        (items,),
    ).fetchone()
    return Request(
        number=number,
        campaign=campaign,
        id=wire_id,
        state=State(state),
        items=tuple(sorted(_ITEMS.decode(found))),
        attempts=attempts,
        resends=resends,
        misses=misses,
        begun=begun,
        aside=Decimal(aside or 0),
        note=note,
        doubted=bool(doubted),
    )
