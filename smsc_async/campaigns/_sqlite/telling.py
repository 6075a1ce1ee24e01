"""What comes from outside: deliveries, and who wants nothing more."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Sequence
from itertools import groupby
from operator import attrgetter

from ..._wire import statuses as words
from ..._wire.statuses import FINAL, progress
from ..._wire.values import digits
from .._after import is_refusal
from .._plan import IN_DOUBT, OPEN
from .._records import Request, RowState, Status
from . import looking
from .moves import UNKNOWN, Row, become, rows_of, settle


def note(db: sqlite3.Connection, statuses: Sequence[Status], now: float) -> int:
    """Note deliveries, which never go back; return how many are of this store's campaigns."""
    ours = 0
    by_id = attrgetter("id")
    for wire_id, told in groupby(sorted(statuses, key=by_id), by_id):  # their order stays
        request = looking.request_by(db, wire_id)
        if request is not None:
            ours += _told(db, request, list(told), now)
            settle(db, request, now)
    return ours


def undelivered(db: sqlite3.Connection, campaign: int, most: int) -> list[tuple[int, str, str]]:
    """Return row, id and phone of accepted rows of which more is to be told."""
    return db.execute(
        "SELECT recipient.id, request.id, recipient.phone FROM recipient "
        "JOIN request ON request.number = recipient.request "
        "WHERE recipient.id >> 32 = ? AND asked IS NOT NULL ORDER BY asked LIMIT ?",
        (campaign, most),
    ).fetchall()


def asked(db: sqlite3.Connection, rows: Sequence[int], now: float) -> None:
    """Note that these rows were asked about."""
    db.executemany(
        "UPDATE recipient SET asked = ? WHERE id = ? AND asked IS NOT NULL",
        ((now, row) for row in rows),
    )


def stop(db: sqlite3.Connection, phones: Iterable[str], reason: str, now: float) -> int:
    """Put phones on the stop list; return how many are new."""
    return db.executemany(
        "INSERT OR IGNORE INTO stop (whom, at, reason) VALUES (?, ?, ?)",
        ((digits(phone), now, reason) for phone in phones),
    ).rowcount


def unstop(db: sqlite3.Connection, phones: Iterable[str]) -> int:
    """Take phones off the stop list; return how many were on it."""
    return db.executemany(
        "DELETE FROM stop WHERE whom = ?", ((digits(phone),) for phone in phones)
    ).rowcount


def stops(db: sqlite3.Connection) -> int:
    """Return how many phones are on the stop list."""
    (number,) = db.execute("SELECT count(*) FROM stop").fetchone()
    return int(number)


def _told(db: sqlite3.Connection, request: Request, told: list[Status], now: float) -> int:
    """Note what was told of the messages of one request."""
    ours = 0
    rows = {digits(row.phone): row for row in rows_of(db, request)}
    for status in told:
        row = rows.get(digits(status.phone))
        if row is None or status.status == words.Status.NOT_FOUND:
            continue
        ours += 1
        at = now if status.at is None else status.at
        if _is_news(row, status.status, at):
            db.execute(
                "UPDATE recipient SET status = ?, err = ?, changed = ?, asked = ? WHERE id = ?",
                (
                    status.status,
                    status.err,
                    at,
                    now if row.state is RowState.ACCEPTED and not progress(status.status) else None,
                    row.id,
                ),
            )
            row = row._replace(status=status.status, changed=at)
        if request.state in OPEN or request.state in IN_DOUBT:
            state = RowState.REFUSED if is_refusal(status.status) else RowState.ACCEPTED
            become(db, [row], {row.id: (state, "")}, now)
            row = row._replace(state=state if row.state in UNKNOWN else row.state)
        rows[digits(status.phone)] = row
    return ours


def _is_news(row: Row, status: int, at: float) -> bool:
    """Tell whether *status* is newer than what is known: what is final changes no more."""
    if row.status is None or row.changed is None:
        return True
    before, after = progress(row.status), progress(status)
    if before != after:
        return after > before
    return row.status not in FINAL and at >= row.changed
