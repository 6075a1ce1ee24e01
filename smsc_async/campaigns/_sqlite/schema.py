"""The file in which campaigns are kept: its tables, how it is opened, and how an older one grows.

The number of a row holds that of its campaign above its own, so that the rows of a campaign lie
together in the file, even where several are loaded at the same time.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from ... import _sqlite

OURS: Final = 0x534D5342  # in the header of a file, beside its version
BITS: Final = 32  # of the number of a row within its campaign
NOWHERE: Final = "-"  # the zone of a row without one
# What rows can be packed with: those with the campaign's text, with their own, and alone.
KINDS: Final = (0, 1, 2)

# What brings a file of each version, from an empty one on, to the next. What a release has in here
# never changes again. "whom" is a phone as it is compared: the stop list has it so, too. It is in a
# view, for a generated column is computed at each write to a row. "head" is the first row that
# waits among those of one kind and zone; rows are claimed in their order, so that is enough to
# know: an index of all that wait would cost as much to make as the rows.
STEPS: Final[Sequence[str]] = (
    """
CREATE TABLE campaign (
    number INTEGER PRIMARY KEY AUTOINCREMENT, key TEXT NOT NULL UNIQUE, name TEXT NOT NULL,
    standing TEXT NOT NULL, reason TEXT NOT NULL DEFAULT '', plan BLOB NOT NULL,
    created REAL NOT NULL, spent TEXT NOT NULL DEFAULT '0', account TEXT NOT NULL DEFAULT ''
);
CREATE TABLE recipient (
    id INTEGER PRIMARY KEY, line INTEGER NOT NULL, phone TEXT NOT NULL, text TEXT,
    zone TEXT NOT NULL, kind INTEGER NOT NULL, state TEXT NOT NULL DEFAULT 'waiting',
    request INTEGER, status INTEGER, err INTEGER, changed REAL, asked REAL,
    reason TEXT NOT NULL DEFAULT ''
);
CREATE VIEW addressee AS SELECT *, lower(ltrim(phone, '+')) AS whom FROM recipient;
CREATE INDEX recipient_asked ON recipient (id >> 32, asked) WHERE asked IS NOT NULL;
CREATE TABLE place (
    campaign INTEGER NOT NULL, kind INTEGER NOT NULL, zone TEXT NOT NULL, head INTEGER NOT NULL,
    PRIMARY KEY (campaign, kind, zone)
) WITHOUT ROWID;
CREATE TABLE request (
    number INTEGER PRIMARY KEY, campaign INTEGER NOT NULL, id TEXT NOT NULL UNIQUE,
    state TEXT NOT NULL, items TEXT NOT NULL, attempts INTEGER NOT NULL DEFAULT 0,
    resends INTEGER NOT NULL DEFAULT 0, misses INTEGER NOT NULL DEFAULT 0,
    begun REAL, doubted INTEGER NOT NULL DEFAULT 0, aside TEXT, note TEXT NOT NULL DEFAULT ''
);
CREATE INDEX request_state ON request (campaign, state);
CREATE TABLE stop (whom TEXT PRIMARY KEY, at REAL NOT NULL, reason TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE journal (
    number INTEGER PRIMARY KEY, at REAL NOT NULL, campaign INTEGER NOT NULL, request INTEGER,
    event TEXT NOT NULL, state TEXT NOT NULL, note TEXT NOT NULL, by TEXT NOT NULL, cost TEXT
)""",
)


def opened(path: Path, patience: float, *, steps: Sequence[str] = STEPS) -> sqlite3.Connection:
    """Open the file at *path*, and bring it to the newest version.

    Raises :class:`ValueError` for a file of something else, or of a newer version, which is left
    as it is; :class:`OSError` and :class:`sqlite3.Error`.
    """
    db = _sqlite.connected(
        path, patience, OURS, len(steps), "campaigns", oldest=1, synchronous="FULL"
    )
    try:
        db.execute("PRAGMA secure_delete = ON")  # what is purged shall not be read from the disk
        if _version(db) < len(steps):
            db.execute("BEGIN IMMEDIATE")
            for version in range(_version(db), len(steps)):  # another may have been quicker
                _sqlite.make(db, steps[version], OURS, version + 1)
            db.execute("COMMIT")
    except BaseException:
        db.close()
        raise
    return db


def first(campaign: int) -> int:
    """Return a number below those of all rows of a campaign, and not below any of the one before.

    Those of its rows are between this and that of the next campaign.
    """
    return campaign << BITS


def _version(db: sqlite3.Connection) -> int:
    (version,) = db.execute("PRAGMA user_version").fetchone()
    return int(version)
