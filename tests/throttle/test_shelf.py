"""What a shared file holds of the tokens that are not free."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from random import Random

import pytest

from smsc_async._throttle.buckets import Bucket, Memory
from smsc_async._throttle.keys import Slot
from smsc_async._throttle.ledger import Ledger
from smsc_async._transport.books import pack, prepared
from smsc_async._transport.resting import Resting
from smsc_async._transport.shelf import Shelf
from smsc_async._wire.limits import FLOOD, HOUR, MINUTE, SECOND, Per, Rule

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
        shelf.begin(now)
        for slot in phones(*(chance.getrandbits(60) for _ in range(EACH))):
            shelf.put(slot, Bucket(used=1, back=[now + LIVES]))
        shelf.save(now)
        shelf.forget()

        assert len(shelf) <= 1.5 * EACH * LIVES + EACH


def test_what_is_under_way_stands_in_its_lease_alone(db: sqlite3.Connection) -> None:
    first, second, slots = Shelf(db), Shelf(db), phones(1, 2)
    first.begin(0)
    assert not Ledger(buckets=first).take(slots, 0)
    lease(db, slots)
    first.save(0)

    assert kept(db) == 0
    second.begin(0)
    second.expect(slots, 0)
    found = [second.find(slot, 0) for slot in slots]
    assert [(one.out, one.used) for one in found if one] == [(1, 1), (1, 1)]


def test_a_chain_goes_on_while_one_of_it_is_under_way(db: sqlite3.Connection) -> None:
    shelf, slots = Shelf(db), phones(1)
    ledger = Ledger(buckets=shelf)

    def does(*, now: int, ends: bool) -> None:
        shelf.begin(now)
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

    shelf.begin(5 * MINUTE)
    bucket = shelf.find(slots[0], 5 * MINUTE)
    assert bucket is not None
    assert (bucket.out, bucket.used, bucket.back) == (2, 4, [])


class Openings:
    """A file that is opened twice, and the same books in memory."""

    def __init__(self, db: sqlite3.Connection) -> None:
        self.db = db
        self.shelves = [Shelf(db), Shelf(db)]
        self.ledgers = [Ledger(buckets=shelf) for shelf in self.shelves]
        self.memory = Ledger(buckets=Memory(HOUR))
        self.out = list[tuple[Slot, ...]]()
        self.now = 0

    def does(self, chance: Random, slots: tuple[Slot, ...], deed: str) -> None:
        """Do something with *slots*, or with some that are out, through one of the openings."""
        which = chance.randrange(2)
        shelf, ledger = self.shelves[which], self.ledgers[which]
        with self.db:
            self.db.execute("BEGIN")
            shelf.begin(self.now)
            shelf.expect(slots, self.now)
            for books in (ledger, self.memory):
                assert books.wait(slots[0], self.now) == self.memory.wait(slots[0], self.now)
            if deed == "take":
                found = [books.take(slots, self.now) for books in (ledger, self.memory)]
                assert found[0] == found[1]
                if not found[0]:
                    self.out.append(slots)
                    lease(self.db, slots)
            elif deed in ("done", "lost", "undo"):
                if self.out:
                    ended = self.out.pop(chance.randrange(len(self.out)))
                    for books in (ledger, self.memory):
                        getattr(books, deed)(ended, self.now)
                    self.db.execute(
                        "DELETE FROM lease WHERE number ="
                        " (SELECT MIN(number) FROM lease WHERE slots = ?)",
                        (pack(ended),),
                    )
            elif deed == "clear":
                for books in (ledger, self.memory):
                    books.clear(slots[0], self.now)
            else:
                for books in (ledger, self.memory):
                    books.fill(slots, self.now)
            shelf.save(self.now)
        shelf.forget()

    def compare(self, slots: tuple[Slot, ...]) -> None:
        """See that both openings know what the books in memory do."""
        for shelf, ledger in zip(self.shelves, self.ledgers, strict=True):
            shelf.begin(self.now)
            for slot in slots:
                seen, known = (
                    (look.out, look.back, books.free(slot, self.now))
                    for books in (ledger, self.memory)
                    for look in (books.look(slot, self.now),)
                )
                assert seen == known, slot
            shelf.forget()


@pytest.mark.parametrize("seed", range(30))
def test_two_openings_of_a_file_know_what_one_memory_does(
    db: sqlite3.Connection, seed: int
) -> None:
    chance, openings = Random(seed), Openings(db)
    rules = [FLOOD, Rule(3, MINUTE, Per.REQUEST), Rule(2, HOUR, Per.REQUEST)]
    all_of_them = tuple(
        Slot(rule, b"%d of %d" % (number, at))
        for at, rule in enumerate(rules)
        for number in range(4)
    )
    deeds = ("take", "take", "take", "done", "done", "lost", "undo", "clear", "fill")

    for _ in range(200):
        slots = tuple(chance.sample(all_of_them, chance.randrange(1, 5)))
        openings.does(chance, slots, chance.choice(deeds))
        openings.now += chance.choice((0, 1, SECOND, 20 * SECOND, MINUTE))
        openings.compare(all_of_them)


def test_what_was_cleared_while_it_rested_is_free_at_the_next_start(db: sqlite3.Connection) -> None:
    shelf, slots = Shelf(db), phones(1, 2)
    ledger = Ledger(buckets=shelf)
    shelf.begin(0)
    for slot in slots:
        shelf.put(slot, Bucket(used=1, back=[MINUTE]))
    shelf.save(0)
    shelf.forget()
    shelf.begin(1)
    ledger.clear(slots[0], 1)
    shelf.save(1)

    assert prepared(db, "another", 2) == (False, True)
    again = Shelf(db)
    again.begin(2)
    ledger = Ledger(buckets=again)
    assert [ledger.free(slot, 2) for slot in slots] == [50, 49]


def test_what_was_written_twice_comes_back_as_it_was_written_last(db: sqlite3.Connection) -> None:
    resting = Resting(db)
    for until in (1000, 10):  # as where a clock went back
        resting.add(MINUTE, until, [b"key"])
        resting.look(0)

    assert resting.find(MINUTE, [b"key"], 0) == {b"key": 10}
    assert resting.find(MINUTE, [b"key"], 10) == {}


@pytest.mark.parametrize("many", [1, 3, 100, 10_000])
def test_the_index_knows_what_the_rows_say_however_it_is_cut(
    db: sqlite3.Connection, many: int
) -> None:
    chance, resting = Random(many), Resting(db, many)
    keys = [b"%d" % number for number in range(500)]
    known = dict[bytes, int]()

    for now in range(300):
        free = [key for key in keys if known.get(key, 0) <= now]  # others have a row by themselves
        some, until = chance.sample(free, min(20, len(free))), now + chance.randrange(1, 50)
        resting.add(MINUTE, until, some)
        resting.look(now)
        known |= dict.fromkeys(some, until)

        assert resting.find(MINUTE, keys, now) == {
            key: until for key, until in known.items() if until > now
        }
        assert not resting.find(HOUR, keys, now)
    assert len(resting._portions) <= 50 * 20 // many + 2
