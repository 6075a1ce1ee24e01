"""Which id a send carries when its caller gives none."""

from __future__ import annotations

import re
from collections.abc import Callable
from itertools import count

import pytest
from hypothesis import given
from hypothesis import strategies as st

from smsc_async._resources._addressing import checked_id
from smsc_async._transport.clock import Seams, new_id
from smsc_async._transport.ids import SLOT, Ids

PAIRS = {"phones": "79990000000", "mes": "text"}
START = 1_700_000_040  # a moment at which a slot begins


class Wall:
    """A time of day that a test turns."""

    def __init__(self) -> None:
        self.now = float(START)

    def __call__(self) -> float:
        return self.now


def numbered() -> Callable[[], str]:
    numbers = count(1)
    return lambda: f"r{next(numbers)}"


def ids(wall: Wall, account: bytes = b"alex") -> Ids:
    return Ids(account, Seams(wall=wall, new_id=numbered()))


def test_the_test_begins_with_a_slot() -> None:
    assert START % SLOT == 0


def test_a_program_that_was_restarted_gives_the_same_message_the_same_id() -> None:
    assert ids(Wall()).derived(PAIRS) == ids(Wall()).derived(dict(reversed(PAIRS.items())))


@pytest.mark.parametrize(
    "other",
    [{**PAIRS, "mes": "other"}, {**PAIRS, "phones": "79990000001"}, {**PAIRS, "flash": "1"}],
)
def test_another_message_gets_another_id(other: dict[str, str]) -> None:
    known = ids(Wall())

    assert known.derived(PAIRS) != known.derived(other)


def test_another_account_gets_another_id() -> None:
    assert ids(Wall(), b"alex").derived(PAIRS) != ids(Wall(), b"ivan").derived(PAIRS)


def test_an_id_holds_for_one_slot_of_the_clock() -> None:
    wall = Wall()
    known = ids(wall)
    first = known.derived(PAIRS)

    wall.now += SLOT - 0.001
    assert known.derived(PAIRS) == first
    wall.now += 0.001
    assert known.derived(PAIRS) != first


def test_a_message_that_was_answered_gets_a_fresh_id_when_it_is_sent_again() -> None:
    known = ids(Wall())
    first = known.derived(PAIRS)

    known.spend(first)

    assert known.derived(PAIRS) == "r1"
    assert known.derived(PAIRS) == "r2"


def test_a_spent_id_is_remembered_for_its_slot_and_forgotten_in_time() -> None:
    wall = Wall()
    known = ids(wall)
    known.spend(known.derived(PAIRS))

    for _ in range(5):
        wall.now += SLOT
        known.spend(known.derived(PAIRS))

    assert len(known._spent) + len(known._spent_before) == 2


def test_after_a_long_silence_nothing_is_remembered() -> None:
    wall = Wall()
    known = ids(wall)
    known.spend(known.derived(PAIRS))

    wall.now += 10 * SLOT
    known.derived(PAIRS)

    assert not known._spent
    assert not known._spent_before


def test_another_message_is_not_touched_by_a_spent_id() -> None:
    known = ids(Wall())
    other = known.derived({"mes": "other"})

    known.spend(known.derived(PAIRS))

    assert known.derived({"mes": "other"}) == other


@given(st.dictionaries(st.text(), st.text()), st.floats(0, 4e9))
def test_every_derived_id_is_one_that_the_service_takes(pairs: dict[str, str], now: float) -> None:
    wall = Wall()
    wall.now = now
    made = ids(wall).derived(pairs)

    assert checked_id(made) == made
    assert re.fullmatch(r"d[0-9a-f]{32}", made), "at least 80 bits"


def test_ids_by_chance_are_taken_by_the_service_and_differ() -> None:
    made = {new_id() for _ in range(100)}

    assert len(made) == 100
    assert all(checked_id(name) == name for name in made)
    assert all(re.fullmatch(r"r[0-9a-f]{32}", name) for name in made)


def test_an_id_by_chance_comes_from_the_seam() -> None:
    assert ids(Wall()).fresh() == "r1"


def test_a_clock_that_is_set_back_does_not_bring_a_spent_id_again() -> None:
    now = [12_000.0]
    ids = Ids(b"account", Seams(wall=lambda: now[0], new_id=lambda: "by chance"))
    ids.spend(ids.derived({"mes": "hello"}))
    now[0] += 119
    ids.spend(ids.derived({"mes": "other"}))
    now[0] += 60
    ids.derived({"mes": "more"})
    now[0] -= 60  # back over the edge of a slot

    assert ids.derived({"mes": "hello"}) == "by chance"
    assert ids.derived({"mes": "other"}) == "by chance"
