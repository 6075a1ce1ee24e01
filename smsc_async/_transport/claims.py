"""What a process has taken in a shared file, and for what it stands in line there.

Between processes only the first of each line and lane is known: a claim. Before a window the
oldest claim goes first. Before the places interactive goes before bulk, but for bulk's turn, and
of one lane the process goes first that has the fewest places.
"""

from __future__ import annotations

import sqlite3
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from typing import Final, NamedTuple

from .._throttle.keys import PLACE, Slot
from .._throttle.queue import BULK_TURN, Entry, Queue
from .._wire.limits import AT_ONCE, Lane
from .books import marks, pack, portions, unpack

# ms for which something free is left to the one whose turn it is. Its process looks every few
# milliseconds; if it does not, it is busy with something else, or was stopped.
OFFER: Final = 50
_LANES: Final[tuple[Lane, ...]] = ("interactive", "bulk")


class Rank(NamedTuple):
    """Who goes first: the lowest."""

    lane: int
    places: int
    number: int


class _Claim(NamedTuple):
    holder: int
    lane: Lane
    number: int
    passed: int  # interactive starts since bulk had its turn
    offered: int | None  # since when it is its turn


class Claims:
    """The claims and leases of one holder, and what it sees of others'."""

    def __init__(self, db: sqlite3.Connection, holder: int) -> None:
        self._db = db
        self._holder = holder
        self._leases: dict[bytes, list[int]] = {}
        self._published: dict[tuple[bytes, Lane], tuple[int, int]] = {}
        self._places: Queue | None = None  # our own line before the places
        # Of the transaction that runs:
        self._moved: dict[bytes, Queue] = {}
        self._seen: dict[bytes, list[_Claim]] = {}
        self._held: Counter[int] | None = None

    def begin(self) -> None:
        """Read what others did to our own claims."""
        if self._places is not None:
            row = self._db.execute(
                "SELECT passed FROM claim WHERE key = ? AND holder = ? AND lane = 'bulk'",
                (PLACE.key, self._holder),
            ).fetchone()
            if row is not None:
                self._places.streak = row[0]

    def end(self) -> None:
        """Write who is first in each of our lines that moved."""
        for key, queue in self._moved.items():
            for lane in _LANES:
                self._publish(key, queue, lane)
        self.forget()

    def forget(self) -> None:
        """Forget what was seen in a transaction."""
        self._moved.clear()
        self._seen.clear()
        self._held = None

    def called(self) -> list[bytes]:
        """Return for which keys others say that it is our turn, once."""
        keys = self._db.execute(
            "SELECT DISTINCT key FROM claim WHERE holder = ? AND offered IS NOT NULL",
            (self._holder,),
        ).fetchall()
        if keys:
            self._db.execute(
                "UPDATE claim SET offered = NULL WHERE holder = ? AND offered IS NOT NULL",
                (self._holder,),
            )
        return [key for (key,) in keys]

    def waiting(self) -> dict[Lane, int]:
        """Return how many stand in line in each lane, those of all holders together."""
        rows = self._db.execute("SELECT lane, SUM(waiting) FROM claim GROUP BY lane").fetchall()
        return dict.fromkeys(_LANES, 0) | dict(rows)

    def standing(self) -> Iterator[tuple[str, Slot, int]]:
        """Return for which rules and slots how many stand in line."""
        rows = self._db.execute("SELECT rule, slot, SUM(waiting) FROM claim GROUP BY key")
        for rule, packed, waiting in rows.fetchall():
            (slot,) = unpack(packed)
            yield rule, slot, waiting

    def bury(self, holder: int) -> list[tuple[Slot, ...]]:
        """Take the claims and leases of a *holder* that is no more; return what it had taken."""
        leases = self._db.execute("SELECT slots FROM lease WHERE holder = ?", (holder,)).fetchall()
        for table in ("lease", "claim"):
            self._db.execute(f"DELETE FROM {table} WHERE holder = ?", (holder,))  # noqa: S608 - ours
        self._db.execute("DELETE FROM holder WHERE number = ?", (holder,))
        self._held = None
        return [unpack(packed) for (packed,) in leases]

    def recover(self, taken: Iterable[tuple[Slot, ...]]) -> list[tuple[Slot, ...]]:
        """Go on with what is *taken* from an opening before; return what nobody has."""
        self._db.execute("DELETE FROM claim WHERE holder = ?", (self._holder,))
        wanted = Counter(map(pack, taken))
        rows = self._db.execute(
            "SELECT number, slots FROM lease WHERE holder = ?", (self._holder,)
        ).fetchall()
        self._leases.clear()
        astray: list[tuple[Slot, ...]] = []
        for number, packed in rows:
            if wanted[packed]:
                wanted[packed] -= 1
                self._leases.setdefault(packed, []).append(number)
            else:
                self._db.execute("DELETE FROM lease WHERE number = ?", (number,))
                astray.append(unpack(packed))
        return astray

    # Others, as a line knows them.

    def expect(self, slots: Iterable[Slot]) -> None:
        wanted = [slot.key for slot in slots if slot.key not in self._seen]
        for some in portions(wanted):
            self._see(some)

    def before(self, entry: Entry, slot: Slot, queue: Queue | None, now: int) -> float:
        claims = self._claims(slot.key)
        if not claims:
            return 0
        turn = queue is not None and queue.bulk_turn
        mine = self._rank(slot, self._holder, entry.lane, entry.number, turn=turn)
        first: _Claim | None = None
        for claim in claims:
            stale = claim.offered is not None and now - claim.offered >= OFFER
            rank = self._rank_of(slot, claim)
            if not stale and rank < mine and (first is None or rank < self._rank_of(slot, first)):
                first = claim
        if first is None:
            return 0
        if first.offered is not None:
            return first.offered + OFFER - now
        self._db.execute(
            "UPDATE claim SET offered = ? WHERE key = ? AND holder = ? AND lane = ?",
            (now, slot.key, first.holder, first.lane),
        )
        del self._seen[slot.key]
        return OFFER

    def changed(self, queue: Queue) -> None:
        self._moved[queue.slot.key] = queue
        if queue.slot.rule is AT_ONCE:
            self._places = queue

    def started(self, slots: tuple[Slot, ...], lane: Lane | None) -> None:
        packed = pack(slots)
        row = self._db.execute(
            "INSERT INTO lease (holder, slots) VALUES (?, ?)", (self._holder, packed)
        )
        self._leases.setdefault(packed, []).append(row.lastrowid or 0)
        if self._held is not None:
            self._held[self._holder] += 1
        if lane is not None and PLACE in slots:
            passed = "passed + 1" if lane == "interactive" else "0"
            self._db.execute(
                f"UPDATE claim SET passed = {passed} WHERE key = ? AND lane = 'bulk'",  # noqa: S608 - ours
                (PLACE.key,),
            )
            self._seen.pop(PLACE.key, None)

    def ended(self, slots: tuple[Slot, ...]) -> bool:
        packed = pack(slots)
        numbers = self._leases.get(packed)
        if numbers is None:
            return False
        self._db.execute("DELETE FROM lease WHERE number = ?", (numbers.pop(),))
        if not numbers:
            del self._leases[packed]
        if self._held is not None:
            self._held[self._holder] -= 1
        return True

    def _claims(self, key: bytes) -> list[_Claim]:
        if key not in self._seen:
            self._see([key])
        return self._seen[key]

    def _see(self, keys: Sequence[bytes]) -> None:
        self._seen.update((key, []) for key in keys)
        found = self._db.execute(
            "SELECT key, holder, lane, number, passed, offered FROM claim "  # noqa: S608 - marks alone
            f"WHERE key IN ({marks(keys)}) AND holder <> ?",
            (*keys, self._holder),
        )
        for key, *claim in found.fetchall():
            self._seen[key].append(_Claim(*claim))

    def _rank_of(self, slot: Slot, claim: _Claim) -> Rank:
        turn = claim.passed >= BULK_TURN - 1
        return self._rank(slot, claim.holder, claim.lane, claim.number, turn=turn)

    def _rank(self, slot: Slot, holder: int, lane: Lane, number: int, *, turn: bool) -> Rank:
        if slot.rule is not AT_ONCE:
            return Rank(0, 0, number)
        if self._held is None:
            rows = self._db.execute("SELECT holder, COUNT(*) FROM lease GROUP BY holder")
            self._held = Counter(dict(rows.fetchall()))
        return Rank(1 if lane == "interactive" else 0 if turn else 2, self._held[holder], number)

    def _publish(self, key: bytes, queue: Queue, lane: Lane) -> None:
        head = queue.first(lane)
        at = (key, lane)
        if head is None:
            if self._published.pop(at, None):
                self._db.execute(
                    "DELETE FROM claim WHERE key = ? AND holder = ? AND lane = ?",
                    (key, self._holder, lane),
                )
            return
        now = (head.number, queue.counts[lane])
        if now == self._published.get(at):
            return
        self._published[at] = now
        self._db.execute(
            "INSERT INTO claim (key, holder, lane, number, waiting, rule, slot)"
            " VALUES (?, ?, ?, ?, ?, ?, ?)"
            " ON CONFLICT DO UPDATE SET waiting = excluded.waiting, number = excluded.number,"
            " offered = iif(number = excluded.number, offered, NULL)",
            (key, self._holder, lane, *now, str(queue.slot.rule), pack([queue.slot])),
        )
