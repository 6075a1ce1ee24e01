"""How requests are packed and started, and what becomes of them."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from decimal import Decimal
from typing import Final

import msgspec
from msgspec.structs import replace

from .._plan import OPEN, Event, State
from .._records import RESUMED, CampaignRecord, Request, RowState, Standing, Verdict
from . import looking
from .moves import become, intend, journal, move, rows_of, settle, withdraw
from .places import Place, advance, forget, places
from .schema import KINDS, NOWHERE, first

_WAITING: Final = msgspec.json.Decoder(list[tuple[int, str, str | None]])
_SWEPT: Final = 1000  # rows that one look passes over at most


def bind(db: sqlite3.Connection, campaign: int, account: str) -> CampaignRecord:
    """Keep under which account the campaign is sent, unless another's may be in doubt."""
    record = looking.campaign_of(db, campaign)
    in_doubt = db.execute(
        "SELECT 1 FROM request WHERE campaign = ? "
        "AND (state IN ('intent', 'doubt', 'partial', 'held') OR (state = 'ready' AND doubted))",
        (campaign,),
    ).fetchone()
    if record.account == account or (record.account and in_doubt):
        return record
    db.execute("UPDATE campaign SET account = ? WHERE number = ?", (account, campaign))
    return looking.campaign_of(db, campaign)


def recover(db: sqlite3.Connection, campaign: int, now: float) -> list[Request]:
    """Take every intent for lost, and return all that is open."""
    for request in looking.requests(db, campaign, State.INTENT):
        settle(db, move(db, request, Event.LOST, now, note="the program ended meanwhile"), now)
    return looking.requests(db, campaign, *sorted(OPEN))


def claim(
    db: sqlite3.Connection,
    campaign: int,
    most: int,
    zones: frozenset[str] | None,
    now: float,
) -> Request | None:
    """Pack at most *most* waiting rows into a request, and note the intent to send it."""
    if most < 1:
        raise ValueError("most: at least one row to a request")
    record = looking.campaign_of(db, campaign)
    if record.standing != "ready":
        return None
    while open_to := [
        place for place in places(db, campaign) if zones is None or place.zone in zones
    ]:
        kind = min(open_to, key=lambda place: place.head).kind
        inside = [place for place in open_to if place.kind == kind]
        rows, stopped = _picked(db, campaign, inside, 1 if kind == KINDS[-1] else most)
        db.executemany(
            "UPDATE recipient SET state = 'stopped', changed = ? WHERE id = ?",
            ((now, row) for row in stopped),
        )
        request = _packed(db, record, rows, now) if rows else None
        gone = {*rows, *stopped}
        for place in inside:
            if place.head in gone or not rows:  # where none was found, the next look is elsewhere
                advance(db, campaign, place)
        if request is not None:
            return intend(db, request, now)
    return None


def zones(db: sqlite3.Connection, campaign: int) -> list[str | None]:
    """Return the zones of the rows that wait, each once; none where nothing waits."""
    found = {place.zone for place in places(db, campaign)}
    return [None if zone == NOWHERE else zone for zone in sorted(found)]


def start(db: sqlite3.Connection, request: int, now: float) -> Request | None:
    """Note the intent to send a ready request; None where it is not to be sent, now or ever."""
    found = looking.request_of(db, request)
    if looking.campaign_of(db, found.campaign).standing != "ready":
        return None
    stopped = {
        row
        for (row,) in db.execute(
            "SELECT id FROM addressee JOIN stop USING (whom) "
            "WHERE id IN (SELECT value FROM json_each(?))",
            (_encoded([item.row for item in found.items]),),
        )
    }
    if stopped:
        remaining = _without(db, found, stopped, now)
        if remaining is None:
            return None
        found = remaining
    return intend(db, found, now)


def set_aside(db: sqlite3.Connection, request: int, cost: Decimal) -> None:
    """Note what a request may have to be paid for."""
    db.execute("UPDATE request SET aside = ? WHERE number = ?", (str(cost), request))


def record(db: sqlite3.Connection, request: int, verdict: Verdict, now: float) -> Request:
    """Write down what happened to a request; return it as it then is."""
    found = looking.request_of(db, request)
    rows = rows_of(db, found)
    known = {row.state for row in rows} - {RowState.TAKEN, RowState.HELD}
    if found.state is State.INTENT and (
        (verdict.event is Event.NOT_TAKEN and known)
        or (verdict.event is Event.REFUSED and RowState.ACCEPTED in known)
    ):
        # The service has told of it meanwhile: an attempt of before has arrived after all.
        verdict = Verdict(event=Event.LOST, cost=verdict.cost, note=verdict.note)
    others = {row: (state, reason) for row, state, reason in verdict.others}
    changes = others
    if verdict.rows is not None:
        changes = {row.id: (verdict.rows, verdict.note) for row in rows} | others
    campaign = looking.campaign_of(db, found.campaign)
    if campaign.standing == "cancelled" and verdict.event is Event.SAID_RESEND:
        raise KeyError(verdict.event)
    if campaign.standing == "cancelled":  # nothing waits in it any more
        changes = {
            row: (RowState.CANCELLED if state is RowState.WAITING else state, reason)
            for row, (state, reason) in changes.items()
        }
    halves = [
        row.id
        for row in rows
        if verdict.split and row.id not in others and row.state is not RowState.ACCEPTED
    ]
    counted = replace(
        found,
        misses=found.misses if verdict.misses is None else verdict.misses,
        resends=found.resends if verdict.resends is None else verdict.resends,
    )
    after = move(
        db, counted, verdict.event, now, note=verdict.note, by=verdict.by, cost=verdict.cost
    )
    become(db, rows, changes, now)
    middle = (len(halves) + 1) // 2
    made = [_packed(db, campaign, half, now) for half in (halves[:middle], halves[middle:]) if half]
    if verdict.event is Event.LOST:
        after = settle(db, after, now)
    if verdict.event is Event.SAID_RESEND and campaign.standing == "done":
        stand(db, campaign.number, "ready", now, reason=RESUMED, by=verdict.by)
    if campaign.standing == "cancelled":
        for half in made:
            withdraw(db, half, now)
        if after.state is State.READY:
            after = withdraw(db, after, now)
    return after


def stand(
    db: sqlite3.Connection,
    campaign: int,
    standing: Standing,
    now: float,
    *,
    reason: str,
    by: str,
) -> CampaignRecord:
    """Pause, resume, cancel or end; what is cancelled stays so, and what is left does not end."""
    before = looking.campaign_of(db, campaign).standing
    if before == "loading" and standing != "cancelled":
        raise ValueError("the campaign is still loading")
    if before == "cancelled" or (standing == "done" and _is_left(db, campaign)):
        return looking.campaign_of(db, campaign)
    db.execute(
        "UPDATE campaign SET standing = ?, reason = ? WHERE number = ?",
        (standing, reason, campaign),
    )
    journal(db, campaign, "stand", standing, now, note=reason, by=by)
    if standing == "cancelled":
        db.execute(
            "UPDATE recipient SET state = 'cancelled', changed = ? "
            "WHERE id > ? AND id < ? AND state = 'waiting'",
            (now, first(campaign), first(campaign + 1)),
        )
        forget(db, campaign)
        for request in looking.requests(db, campaign, State.READY):
            withdraw(db, request, now)
    return looking.campaign_of(db, campaign)


def _is_left(db: sqlite3.Connection, campaign: int) -> bool:
    """Tell whether anything is still to be sent or found out by the program."""
    found = db.execute(
        "SELECT 1 FROM request WHERE campaign = ? AND state IN ('ready', 'intent', 'doubt')",
        (campaign,),
    ).fetchone()
    return found is not None or bool(places(db, campaign))


def _picked(
    db: sqlite3.Connection, campaign: int, inside: Sequence[Place], most: int
) -> tuple[list[int], list[int]]:
    """Return the rows for a request, in their order and each phone once, and those stopped.

    They are of the places *inside*, which are of one kind.
    """
    head, looked = min(place.head for place in inside), 0
    zones = _encoded([place.zone for place in inside])
    picked: dict[str, int] = {}
    stopped: list[int] = []
    while len(picked) < most and looked < most + _SWEPT:
        (found,) = db.execute(
            "SELECT json_group_array(json_array(id, whom, stopped)) FROM ("
            "SELECT id, addressee.whom AS whom, stop.whom AS stopped FROM addressee "
            "LEFT JOIN stop ON stop.whom = addressee.whom "
            "WHERE id >= ? AND id < ? AND state = 'waiting' AND kind = ? "
            "AND zone IN (SELECT value FROM json_each(?)) ORDER BY id LIMIT ?)",
            (head, first(campaign + 1), inside[0].kind, zones, most - len(picked)),
        ).fetchone()
        waiting = sorted(_WAITING.decode(found))
        if not waiting:
            break
        for row, phone, stop in waiting:
            if stop is not None:
                stopped.append(row)
            else:
                picked.setdefault(phone, row)
        head, looked = waiting[-1][0] + 1, looked + len(waiting)
    return list(picked.values()), stopped


def _packed(
    db: sqlite3.Connection, campaign: CampaignRecord, rows: Sequence[int], now: float
) -> Request:
    """Freeze *rows* as a request that is ready."""
    (number,) = db.execute("SELECT coalesce(max(number), 0) + 1 FROM request").fetchone()
    db.execute(
        "INSERT INTO request (number, campaign, id, state, items) VALUES (?, ?, ?, 'ready', ?)",
        (number, campaign.number, f"{campaign.key}.{number}", _encoded(rows)),
    )
    # One statement, not one for each row: whoever runs Python meanwhile is interrupted once.
    db.execute(
        "UPDATE recipient SET state = 'taken', request = ?, reason = '', changed = ?, "
        "status = NULL, err = NULL, asked = NULL "
        "WHERE id IN (SELECT value FROM json_each(?))",
        (number, now, _encoded(rows)),
    )
    return looking.request_of(db, number)


def _without(
    db: sqlite3.Connection, request: Request, stopped: set[int], now: float
) -> Request | None:
    """Take the rows of those who stopped meanwhile out of a request that is for certain not sent.

    One that was in doubt is held: what is sent again must be the same.
    """
    remaining = [item.row for item in request.items if item.row not in stopped]
    if request.is_in_doubt:
        withdraw(db, request, now, note="a recipient has stopped meanwhile")
        return None
    rows = rows_of(db, request)
    become(db, rows, dict.fromkeys(stopped, (RowState.STOPPED, "")), now)
    if not remaining:
        move(db, request, Event.CANCEL, now)
        return None
    db.execute(
        "UPDATE request SET items = ? WHERE number = ?", (_encoded(remaining), request.number)
    )
    return looking.request_of(db, request.number)


def _encoded(values: Sequence[int | str]) -> str:
    return msgspec.json.encode(values).decode()
