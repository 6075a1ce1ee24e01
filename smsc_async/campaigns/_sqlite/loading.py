"""How a campaign comes into the file, and how it leaves it."""

from __future__ import annotations

import sqlite3
from typing import Final

from .._errors import StoreError
from .._records import CampaignRecord, Counts, NewRows, RowState
from .looking import campaign_of
from .places import advance, forget, places
from .schema import KINDS, NOWHERE, first

_KEY = 25  # signs: 96 bits of a new id, which leaves room for the number of a request
# Rows of one statement: others run their Python while SQLite works it off. With more than these,
# a row costs more again.
_TOGETHER: Final = 500
_INSERT: Final = "INSERT INTO recipient (id, line, phone, text, zone, kind) VALUES "
_ROW: Final = "(?, ?, ?, ?, ?, ?)"
_FOUND: Final = """
CREATE TEMP TABLE twice AS SELECT CAST(phone AS INTEGER) AS number FROM recipient
WHERE id > :first AND id < :next AND state = 'waiting' GROUP BY number HAVING count(*) > 1"""
_MARKED: Final = """
UPDATE recipient SET state = 'duplicate', changed = :now WHERE id IN (SELECT id FROM (
    SELECT id, row_number() OVER (PARTITION BY whom ORDER BY id) AS nth FROM addressee
    WHERE id > :first AND id < :next AND state = 'waiting'
    AND CAST(phone AS INTEGER) IN (SELECT number FROM twice)
) WHERE nth > 1)"""


def begin(db: sqlite3.Connection, name: str, plan: bytes, key: str, now: float) -> CampaignRecord:
    """Make a campaign that is loading."""
    made = db.execute(
        "INSERT INTO campaign (key, name, standing, plan, created) VALUES (?, ?, 'loading', ?, ?)",
        (key[:_KEY], name, plan, now),
    )
    return campaign_of(db, made.lastrowid or 0)


def add(db: sqlite3.Connection, campaign: int, rows: NewRows) -> None:
    """Add rows to a campaign that is loading."""
    _loading(db, campaign)
    last = _last(db, campaign)
    zones = [zone or NOWHERE for zone in rows.zones]
    kinds = [
        KINDS[-1] if alone else int(text is not None)
        for text, alone in zip(rows.texts, rows.alone, strict=True)
    ]
    db.executemany(
        "INSERT OR IGNORE INTO place (campaign, kind, zone, head) VALUES (?, ?, ?, ?)",
        ((campaign, *where, last + 1) for where in set(zip(kinds, zones, strict=True))),
    )
    ids = range(last + 1, last + 1 + len(kinds))
    columns = (ids, rows.lines, rows.phones, rows.texts, zones, kinds)
    for start in range(0, len(kinds), _TOGETHER):
        together = len(kinds[start : start + _TOGETHER])
        values: list[object] = [None] * (together * len(columns))
        for nth, column in enumerate(columns):
            values[nth :: len(columns)] = column[start : start + together]
        db.execute(_INSERT + ", ".join([_ROW] * together), values)


def finish(db: sqlite3.Connection, campaign: int, now: float, *, duplicates: bool) -> Counts:
    """End the loading: mark who is stopped, and who came before; return how many rows there are."""
    _loading(db, campaign)
    rows = {"first": first(campaign), "next": first(campaign + 1), "now": now}
    counts = dict.fromkeys((RowState.WAITING, RowState.STOPPED, RowState.DUPLICATE), 0)
    if db.execute("SELECT 1 FROM stop").fetchone():
        counts[RowState.STOPPED] = db.execute(
            "UPDATE recipient SET state = 'stopped', changed = :now "
            "WHERE id IN (SELECT id FROM addressee JOIN stop USING (whom) "
            "WHERE id > :first AND id < :next)",
            rows,
        ).rowcount
    if not duplicates:
        # SQLite sorts them on the disk, so that they need not be in memory; as numbers, which is
        # quicker, and few lists hold any twice. Addresses are all one number.
        db.execute(_FOUND, rows)
        if db.execute("SELECT 1 FROM twice").fetchone():
            counts[RowState.DUPLICATE] = db.execute(_MARKED, rows).rowcount
        db.execute("DROP TABLE twice")
    # A campaign that is loading loses no row, so that there are none between.
    counts[RowState.WAITING] = _last(db, campaign) - first(campaign) - sum(counts.values())
    for place in places(db, campaign):
        advance(db, campaign, place)
    db.execute("UPDATE campaign SET standing = 'ready' WHERE number = ?", (campaign,))
    return Counts(rows={state: n for state, n in counts.items() if n}, requests={}, statuses={})


def discard(db: sqlite3.Connection, campaign: int) -> None:
    """Forget a campaign of which nothing was ever packed."""
    campaign_of(db, campaign)
    if db.execute("SELECT 1 FROM request WHERE campaign = ?", (campaign,)).fetchone():
        raise ValueError("the campaign has requests, which may have been sent")
    db.execute(
        "DELETE FROM recipient WHERE id > ? AND id < ?", (first(campaign), first(campaign + 1))
    )
    forget(db, campaign)
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


def _last(db: sqlite3.Connection, campaign: int) -> int:
    """Return the number of the newest row, or what comes before the first."""
    found = db.execute(
        "SELECT id FROM recipient WHERE id > ? AND id < ? ORDER BY id DESC LIMIT 1",
        (first(campaign), first(campaign + 1)),
    ).fetchone()
    return int(found[0]) if found else first(campaign)


def _loading(db: sqlite3.Connection, campaign: int) -> None:
    standing = campaign_of(db, campaign).standing
    if standing != "loading":
        raise ValueError(f"the campaign is {standing}, and no longer loading")
