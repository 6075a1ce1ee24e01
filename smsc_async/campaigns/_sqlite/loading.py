"""How a campaign comes into the file, and how it leaves it."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from itertools import count

from .._errors import StoreError
from .._records import CampaignRecord, NewRow
from .looking import campaign_of
from .schema import first

_KEY = 25  # signs: 96 bits of a new id, which leaves room for the number of a request


def begin(db: sqlite3.Connection, name: str, plan: bytes, key: str, now: float) -> CampaignRecord:
    """Make a campaign that is loading."""
    made = db.execute(
        "INSERT INTO campaign (key, name, standing, plan, created) VALUES (?, ?, 'loading', ?, ?)",
        (key[:_KEY], name, plan, now),
    )
    return campaign_of(db, made.lastrowid or 0)


def add(db: sqlite3.Connection, campaign: int, rows: Sequence[NewRow]) -> None:
    """Add rows to a campaign that is loading."""
    _loading(db, campaign)
    (last,) = db.execute(
        "SELECT coalesce(max(id), ?) FROM recipient WHERE id > ? AND id < ?",
        (first(campaign), first(campaign), first(campaign + 1)),
    ).fetchone()
    db.executemany(
        "INSERT INTO recipient (id, line, phone, text, zone, kind) "
        "VALUES (?, ?, ?, ?4, coalesce(?, '-'), iif(?, 2, ?4 IS NOT NULL))",
        ((number, *row) for number, row in zip(count(last + 1), rows, strict=False)),
    )


def finish(db: sqlite3.Connection, campaign: int, now: float, *, duplicates: bool) -> None:
    """End the loading: mark who is stopped, and who came before."""
    _loading(db, campaign)
    rows = (first(campaign), first(campaign + 1))
    if db.execute("SELECT 1 FROM stop").fetchone():
        db.execute(
            "UPDATE recipient SET state = 'stopped', changed = ? WHERE id > ? AND id < ? "
            "AND whom IN (SELECT whom FROM stop)",
            (now, *rows),
        )
    if not duplicates:
        # SQLite sorts them on the disk, so that they need not be in memory.
        db.execute(
            "UPDATE recipient SET state = 'duplicate', changed = ? WHERE id IN (SELECT id FROM ("
            "SELECT id, row_number() OVER (PARTITION BY whom ORDER BY id) AS nth FROM recipient "
            "WHERE id > ? AND id < ? AND state = 'waiting') WHERE nth > 1)",
            (now, *rows),
        )
    db.execute("UPDATE campaign SET standing = 'ready' WHERE number = ?", (campaign,))


def discard(db: sqlite3.Connection, campaign: int) -> None:
    """Forget a campaign of which nothing was ever packed."""
    campaign_of(db, campaign)
    if db.execute("SELECT 1 FROM request WHERE campaign = ?", (campaign,)).fetchone():
        raise ValueError("the campaign has requests, which may have been sent")
    db.execute(
        "DELETE FROM recipient WHERE id > ? AND id < ?", (first(campaign), first(campaign + 1))
    )
    db.execute("DELETE FROM campaign WHERE number = ?", (campaign,))


def purge(db: sqlite3.Connection, campaign: int) -> None:
    """Forget whom a campaign went to, and what it said."""
    standing = campaign_of(db, campaign).standing
    if standing not in {"done", "cancelled"}:
        raise ValueError(f"the campaign is {standing}: only one that is over can be purged")
    db.execute(
        "UPDATE recipient SET phone = '', text = NULL, asked = NULL WHERE id > ? AND id < ?",
        (first(campaign), first(campaign + 1)),
    )


def wipe(db: sqlite3.Connection) -> None:
    """Let nothing of what was forgotten remain in the file beside; outside of transactions."""
    (busy, _, _) = db.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
    if busy:
        raise StoreError(
            "the campaign is forgotten, but others look at the file, and keep what it was: "
            "purge it again when they are done"
        )


def _loading(db: sqlite3.Connection, campaign: int) -> None:
    standing = campaign_of(db, campaign).standing
    if standing != "loading":
        raise ValueError(f"the campaign is {standing}, and no longer loading")
