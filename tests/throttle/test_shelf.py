"""What a shared file holds of the tokens that are not free."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from random import Random

import pytest

from smsc_async._throttle.buckets import Bucket
from smsc_async._throttle.keys import Slot
from smsc_async._throttle.ledger import Ledger
from smsc_async._transport.books import pack, prepared
from smsc_async._transport.shelf import Shelf
from smsc_async._wire.limits import FLOOD, MINUTE

EACH = 100
LIVES = 50  # transactions, after which what one wrote is over


@pytest.fixture
def db() -> Iterator[sqlite3.Connection]:
    made = sqlite3.connect(":memory:", isolation_level=None)
    prepared(made, "boot", 0)
    yield made
    made.close()


def phones(*numbers: int) -> tuple[Slot, ...]:
    return tuple(Slot(FLOOD, b"%d" % number) for number in numbers)


def lease(db: sqlite3.Connection, slots: tuple[Slot, ...]) -> None:
    db.execute("INSERT INTO lease (holder, slots) VALUES (1, ?)", (pack(slots),))


def kept(db: sqlite3.Connection) -> int:
    (rows,) = db.execute("SELECT COUNT(*) FROM bucket").fetchone()
    return int(rows)


def test_what_is_over_is_never_more_than_half_of_what_is_not(db: sqlite3.Connection) -> None:
    shelf, chance = Shelf(db), Random(1)

    for now in range(20 * LIVES):
        shelf.begin()
        for slot in phones(*(chance.getrandbits(60) for _ in range(EACH))):
            shelf.put(slot, Bucket(used=1, back=[now + LIVES]))
        shelf.save(now)
        shelf.forget()

        assert len(shelf) <= 1.5 * EACH * LIVES + EACH


def test_what_is_under_way_stands_in_its_lease_alone(db: sqlite3.Connection) -> None:
    first, second, slots = Shelf(db), Shelf(db), phones(1, 2)
    first.begin()
    assert not Ledger(buckets=first).take(slots, 0)
    lease(db, slots)
    first.save(0)

    assert kept(db) == 0
    second.begin()
    second.expect(slots, 0)
    found = [second.find(slot, 0) for slot in slots]
    assert [(one.out, one.used) for one in found if one] == [(1, 1), (1, 1)]


def test_a_chain_goes_on_while_one_of_it_is_under_way(db: sqlite3.Connection) -> None:
    shelf, slots = Shelf(db), phones(1)
    ledger = Ledger(buckets=shelf)

    def does(*, now: int, ends: bool) -> None:
        shelf.begin()
        ledger.take(slots, now)
        if ends:
            ledger.done(slots, now)
        else:
            lease(db, slots)
        shelf.save(now)
        shelf.forget()

    does(now=0, ends=True)
    does(now=1, ends=True)
    does(now=2, ends=False)
    does(now=5 * MINUTE, ends=False)  # when what was used by the first two has come back

    shelf.begin()
    bucket = shelf.find(slots[0], 5 * MINUTE)
    assert bucket is not None
    assert (bucket.out, bucket.used, bucket.back) == (2, 4, [])
