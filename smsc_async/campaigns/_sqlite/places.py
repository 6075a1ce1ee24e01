"""Where rows wait: for each kind and zone of a campaign, the first row that does.

Rows are claimed in their order, so a place moves on: to find what waits, each row is read once for
each place. Only where rows come back to wait does it move back to them, and reads on from there.
"""

from __future__ import annotations

import sqlite3
from typing import NamedTuple

from .schema import BITS, first


class Place(NamedTuple):
    """Rows of one kind and zone, of which *head* is the first that waits."""

    kind: int
    zone: str
    head: int


def places(db: sqlite3.Connection, campaign: int) -> list[Place]:
    """Return where rows of a campaign wait; before it is ready, no row of a place is before it."""
    return [
        Place(*found)
        for found in db.execute(
            "SELECT kind, zone, head FROM place WHERE campaign = ?", (campaign,)
        )
    ]


def advance(db: sqlite3.Connection, campaign: int, place: Place) -> None:
    """Move *place* to its first row that waits now, or forget it where none does."""
    found = db.execute(
        "SELECT id FROM recipient WHERE id >= ? AND id < ? AND state = 'waiting' "
        "AND kind = ? AND zone = ? ORDER BY id LIMIT 1",
        (place.head, first(campaign + 1), place.kind, place.zone),
    ).fetchone()
    which = (campaign, place.kind, place.zone)
    if found is None:
        db.execute("DELETE FROM place WHERE campaign = ? AND kind = ? AND zone = ?", which)
    else:
        db.execute(
            "UPDATE place SET head = ? WHERE campaign = ? AND kind = ? AND zone = ?",
            (*found, *which),
        )


def put_back(db: sqlite3.Connection, rows: str) -> None:
    """Let the places of *rows*, a JSON array of those that wait again, begin at them or before."""
    db.execute(
        "INSERT INTO place (campaign, kind, zone, head) "
        "SELECT id >> ?, kind, zone, min(id) FROM recipient "
        "WHERE id IN (SELECT value FROM json_each(?)) GROUP BY 1, 2, 3 "
        "ON CONFLICT DO UPDATE SET head = min(head, excluded.head)",
        (BITS, rows),
    )


def forget(db: sqlite3.Connection, campaign: int) -> None:
    """Let nothing of a campaign wait any more."""
    db.execute("DELETE FROM place WHERE campaign = ?", (campaign,))
