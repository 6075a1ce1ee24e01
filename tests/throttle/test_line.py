"""Who is next: in order of arrival, each at its own limit, and nobody is forgotten."""

from __future__ import annotations

import itertools
import math
from collections import Counter

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from smsc_async._throttle.keys import Slot, slots
from smsc_async._throttle.ledger import Ledger
from smsc_async._throttle.line import Line
from smsc_async._throttle.queue import Entry, Refusal
from smsc_async._throttle.snapshot import snapshot
from smsc_async._wire import limits
from smsc_async._wire.limits import AT_ONCE, HOUR, MINUTE, Lane, Per, Rule

from .naive import How, Naive, Use

PLACE = Slot(AT_ONCE, b"login")
HOURLY = Rule(2, HOUR, Per.OPERATION)
HOURLY_KEY = (HOURLY, "key")
LANES: list[Lane] = ["interactive", "bulk"]
numbers = itertools.count()


def made(*rules: tuple[Rule, str], lane: Lane = "interactive", unique: bool = False) -> Entry:
    """Make one that needs a place and a token of each of the *rules* with its key."""
    taken = [Slot(rule, f"{rule} {key}".encode()) for rule, key in rules]
    return Entry((*taken, PLACE), lane, unique)


def send(text: str = "", *, lane: Lane = "interactive", unique: bool = True) -> Entry:
    key = text or f"text {next(numbers)}"
    return made((limits.ONE_IDENTICAL, key), lane=lane, unique=unique)


def full(line: Line, *, leaving: int = 0) -> list[Entry]:
    """Take all places but *leaving*."""
    entries = [send(lane="bulk") for _ in range(14 - leaving)]
    for entry in entries:
        line.enter(entry, 0)
        assert entry.fate == "admitted"
    return entries


def waits(line: Line, entry: Entry, now: int = 0) -> Entry:
    line.enter(entry, now)
    assert entry.fate is None
    return entry


@pytest.mark.parametrize("lane", LANES)
def test_of_one_lane_whoever_came_first_gets_the_free_place(lane: Lane) -> None:
    line = Line(Ledger())
    running = full(line)
    waiting = [waits(line, send(lane=lane)) for _ in range(14)]

    order = [line.leave(entry.slots, 1_000, "done") for entry in running]

    assert order == [[entry] for entry in waiting]


def test_of_one_key_whoever_came_first_gets_the_next_window() -> None:
    line, wanted = Line(Ledger()), [made((limits.IDENTICAL, "same")) for _ in range(9)]
    for entry in wanted:
        line.enter(entry, 0)
    for entry in wanted[:3]:
        line.leave(entry.slots, 0, "done")

    assert line.advance(60_999) == []
    assert line.advance(61_000) == wanted[3:6]
    assert line.advance(HOUR) == []


def test_of_several_windows_that_open_at_once_the_oldest_goes_first() -> None:
    for twist in range(20):  # by the digests of the keys it would be a matter of luck
        line = Line(Ledger())
        operation = (Rule(1, MINUTE, Per.OPERATION), f"all {twist}")
        first = made((limits.ONE_IDENTICAL, f"one {twist}"), operation)
        line.enter(first, 0)
        twin = waits(line, made((limits.ONE_IDENTICAL, f"one {twist}"), operation))
        other = waits(line, made((limits.ONE_IDENTICAL, f"two {twist}"), operation))
        line.leave(first.slots, 0, "done")

        assert line.advance(61_000) == [twin]
        line.leave(twin.slots, 61_000, "done")
        assert line.advance(122_000) == [other]


def test_a_thousand_who_wait_for_one_key_hold_up_nobody_else() -> None:
    line = Line(Ledger())
    first = made((HOURLY, "busy"))
    line.enter(first, 0)
    line.enter(made((HOURLY, "busy")), 0)
    for _ in range(1_000):
        waits(line, made((HOURLY, "busy")))

    others = [send() for _ in range(12)]
    for entry in others:
        line.enter(entry, 0)

    assert [entry.fate for entry in others] == ["admitted"] * 12


def test_whoever_waits_for_a_window_holds_no_place_and_no_other_token() -> None:
    line = Line(Ledger())
    line.enter(made((HOURLY, "busy")), 0)
    line.enter(made((HOURLY, "busy")), 0)
    daily = Slot(Rule(1, 24 * HOUR, Per.PATH), b"daily")
    for _ in range(100):
        waiting = made((HOURLY, "busy"))
        waiting.slots = (daily, *waiting.slots)
        waits(line, waiting)

    assert snapshot(line, 0).in_flight == 2
    assert line.ledger.free(PLACE, 0) == 12
    assert line.ledger.free(daily, 0) == 1


def test_a_status_asked_of_many_holds_up_no_status_asked_of_one() -> None:
    def asked(id: str) -> Entry:
        params = {"id": id, "phone": id}
        return Entry(slots(limits.find("status.php", params), params, same=b""))

    line = Line(Ledger())
    many = asked("1,2")
    line.enter(many, 0)
    line.leave(many.slots, 0, "done")
    waits(line, asked("3,4"))

    one = asked("5")
    line.enter(one, 0)

    assert one.fate == "admitted"


@pytest.mark.parametrize("gone", range(5))
def test_whoever_leaves_the_line_lets_the_others_move_up(gone: int) -> None:
    line = Line(Ledger())
    running = full(line)
    waiting = [waits(line, send()) for _ in range(5)]

    assert line.drop(waiting[gone], 10) == []
    order = [found for entry in running for found in line.leave(entry.slots, 20, "done")]

    assert order == [entry for entry in waiting if entry is not waiting[gone]]
    assert waiting[gone].fate == "gone"


def test_a_turn_that_is_given_back_goes_to_the_next() -> None:
    line = Line(Ledger())
    running = full(line)
    waiting = [waits(line, send("a")), waits(line, send("b"))]
    assert line.leave(running[0].slots, 0, "done") == waiting[:1]

    assert line.drop(waiting[0], 5) == waiting[1:]
    assert snapshot(line, 0).in_flight == 14


def test_a_window_that_is_given_back_goes_to_the_next() -> None:
    line = Line(Ledger())
    first = made((Rule(1, HOUR, Per.OPERATION), "one"))
    line.enter(first, 0)
    second = waits(line, made((Rule(1, HOUR, Per.OPERATION), "one")))

    assert line.leave(first.slots, 1, "undo") == [second]


def test_interactive_goes_first_but_one_start_in_twenty_is_for_bulk() -> None:
    line = Line(Ledger())
    running = full(line)
    for _ in range(100):
        waits(line, send(lane="bulk"))
    for _ in range(100):
        waits(line, send())

    starts = [line.leave(running[0].slots, 1, "done")[0]]
    while len(starts) < 100:
        starts += line.leave(starts[-1].slots, 1, "done")

    assert Counter(entry.lane for entry in starts) == {"interactive": 95, "bulk": 5}
    assert [at for at, entry in enumerate(starts) if entry.lane == "bulk"] == [19, 39, 59, 79, 99]


def test_bulk_leaves_two_places_for_a_minute_after_an_interactive_call() -> None:
    line = Line(Ledger())
    code = send()
    line.enter(code, 0)
    line.leave(code.slots, 100, "done")

    campaign = [send(lane="bulk") for _ in range(14)]
    for entry in campaign:
        line.enter(entry, 200)
    assert [entry.fate for entry in campaign] == ["admitted"] * 12 + [None] * 2
    later = send()
    line.enter(later, 300)
    assert later.fate == "admitted"
    line.leave(later.slots, 300, "done")

    assert line.next_due() == 60_000  # the reserve is looked at again, and has been renewed
    assert line.advance(60_000) == []
    assert line.next_due() == 60_300
    assert line.advance(60_300) == campaign[12:]


def test_bulk_starts_as_soon_as_places_linger_no_more_though_two_are_reserved() -> None:
    line = Line(Ledger())
    campaign = [send(lane="bulk") for _ in range(12)]
    for entry in campaign:
        line.enter(entry, 0)
    code = send()
    line.enter(code, 0)
    for entry in (*campaign, code):  # all answers are lost: the places come back by themselves
        line.leave(entry.slots, 1_000, "lost")
    late = waits(line, send(lane="bulk"), 2_000)

    assert line.next_due() == 6_000
    assert line.advance(6_000) == [late]


@pytest.mark.parametrize("lane", LANES)
def test_nothing_is_held_back_while_one_lane_is_used(lane: Lane) -> None:
    line = Line(Ledger())
    entries = [send(lane=lane) for _ in range(14)]
    for entry in entries:
        line.enter(entry, 0)

    assert [entry.fate for entry in entries] == ["admitted"] * 14


@pytest.mark.parametrize("lane", LANES)
def test_a_send_is_refused_at_once_while_its_twin_is_out_and_in_the_minute_after(
    lane: Lane,
) -> None:
    line, first = Line(Ledger()), send("same")
    line.enter(first, 0)

    def twin(now: int) -> object:
        entry = send("same", lane=lane)
        line.enter(entry, now)
        return entry.fate

    assert twin(1_000) == Refusal(limits.ONE_IDENTICAL, 61_000)
    line.leave(first.slots, 2_000, "done")
    assert twin(3_000) == Refusal(limits.ONE_IDENTICAL, 60_000)
    assert twin(62_999) == Refusal(limits.ONE_IDENTICAL, 1)
    assert twin(63_000) == "admitted"


def test_of_twins_that_wait_for_a_place_one_is_sent_and_the_others_are_refused() -> None:
    line = Line(Ledger())
    running = full(line)
    twins = [waits(line, send("same")) for _ in range(3)]

    decided = line.leave(running[0].slots, 500, "done")
    decided += line.leave(running[1].slots, 500, "done")

    assert decided == twins
    assert twins[0].fate == "admitted"
    assert [twin.fate for twin in twins[1:]] == [Refusal(limits.ONE_IDENTICAL, 61_000)] * 2


def test_a_send_whose_twin_waits_before_it_is_refused_for_the_minute_of_that_twin() -> None:
    line = Line(Ledger())
    chain, twin = Rule(2, MINUTE, Per.RECIPIENT, chain=True), (limits.ONE_IDENTICAL, "twin")
    for early in (made((chain, "a"), twin), made((chain, "a"))):
        line.enter(early, 0)
        line.leave(early.slots, 0, "done")
    oldest = waits(line, made((chain, "a")))
    meant = waits(line, made(twin))
    late = waits(line, made((chain, "a"), twin, unique=True))

    # All windows open at once; the oldest's line moves first, and late stands in it.
    assert line.advance(61_000) == [oldest, late, meant]
    assert late.fate == Refusal(limits.ONE_IDENTICAL, 61_000)


def test_a_send_that_is_meant_to_be_repeated_waits_for_its_turn() -> None:
    line, first = Line(Ledger()), send("same")
    line.enter(first, 0)
    again = waits(line, send("same", unique=False), 1_000)
    line.leave(first.slots, 2_000, "done")

    assert line.advance(63_000) == [again]


def test_whoever_could_not_start_within_its_patience_is_refused_at_once() -> None:
    line, rule = Line(Ledger()), limits.IDENTICAL
    for _ in range(3):
        entry = made((rule, "same"))
        line.enter(entry, 0)
        line.leave(entry.slots, 0, "done")
    for ahead in range(6):
        period = 61_000 * (1 + ahead // 3)
        hasty, patient = made((rule, "same")), made((rule, "same"))
        line.enter(hasty, 10, period - 11)
        assert hasty.fate == Refusal(rule, period - 10)
        line.enter(patient, 10, period - 10)
        assert patient.fate is None

    assert line.waiting("interactive") == 6


def test_bulk_counts_those_of_the_other_lane_as_ahead_and_not_the_reverse() -> None:
    line, rule = Line(Ledger()), Rule(1, MINUTE, Per.OPERATION)
    first = made((rule, "same"))
    line.enter(first, 0)
    line.leave(first.slots, 0, "done")
    waits(line, made((rule, "same"), lane="bulk"))
    interactive, bulk = made((rule, "same")), made((rule, "same"), lane="bulk")
    line.enter(interactive, 0, 61_000)
    line.enter(bulk, 0, 122_000)

    assert interactive.fate is None
    assert bulk.fate == Refusal(rule, 183_000)


def test_whoever_kept_a_turn_stands_where_it_would_have_stood_and_waits_no_longer() -> None:
    line = Line(Ledger())
    before, late, lazy = made(HOURLY_KEY), made(HOURLY_KEY), made(HOURLY_KEY)
    for entry in (made(HOURLY_KEY), made(HOURLY_KEY)):
        line.enter(entry, 0)
        line.leave(entry.slots, 0, "done")
    line.enter(before, 0)
    lazy.number = line.arrive()
    crowd = [made(HOURLY_KEY) for _ in range(6)]
    for entry in (*crowd, late):
        line.enter(entry, 0)

    line.enter(lazy, 0, HOUR + 1_000)

    assert lazy.fate is None, "its turn is the second of the next window"
    assert line.advance(HOUR + 1_000) == [before, lazy]


def test_a_refusal_leaves_nothing_behind_in_the_line() -> None:
    line = Line(Ledger())
    first = made((HOURLY, "a"))
    line.enter(first, 0)
    line.enter(made((HOURLY, "a")), 0)

    for _ in range(100):
        line.enter(made((HOURLY, "a")), 0, 1_000)

    assert line.waiting("interactive") == line.waiting("bulk") == 0
    assert snapshot(line, 0).standing == ()


@pytest.mark.parametrize("busy", LANES)
@pytest.mark.parametrize("lane", LANES)
def test_nobody_starves_however_many_come_later(busy: Lane, lane: Lane) -> None:
    line = Line(Ledger())
    running, now = full(line), 0
    patient = waits(line, send("patient", lane=lane))
    for _ in range(14 * 3):
        line.enter(send(lane=busy), now)

    turns = 0
    while patient.fate is None and turns < 100:
        now, turns = now + 50, turns + 1
        running += line.leave(running.pop(0).slots, now, "done")
        line.enter(send(lane=busy), now)

    assert turns <= 20


def test_who_cannot_wait_out_a_pause_is_told_so_at_once() -> None:
    line = Line(Ledger())
    line.ledger.pause(0, 60_000)
    patient, hasty = made(), made()

    line.enter(patient, 10_000, 50_000)
    line.enter(hasty, 10_000, 49_999)

    assert patient.fate is None
    assert line.retry_after(patient, 10_000) == Refusal(AT_ONCE, 50_000)
    assert hasty.fate == Refusal(AT_ONCE, 50_000)


def test_a_pause_lets_nobody_start_until_it_is_over() -> None:
    line = Line(Ledger())
    line.ledger.pause(0, 2_000)
    waiting = [waits(line, send()) for _ in range(20)]

    assert line.next_due() == 2_000
    assert line.advance(1_999) == []
    assert line.advance(2_000) == waiting[:14]


KEYS: list[tuple[Rule, str]] = [
    (limits.ONE_IDENTICAL, "a"),
    (limits.ONE_IDENTICAL, "b"),
    (limits.IDENTICAL, "c"),
    (Rule(2, HOUR, Per.OPERATION), "d"),
    (Rule(3, MINUTE, Per.RECIPIENT, chain=True), "e"),
    (Rule(3, MINUTE, Per.RECIPIENT, chain=True), "f"),
    (Rule(2, 0, Per.PATH), "g"),
]
STEPS = st.sampled_from([1, 100, 999, 5_000, 30_000, 60_000, 61_000, 66_000, 140_000, HOUR])


class Programs(RuleBasedStateMachine):
    """Any entering, leaving, dropping and passing of time, beside books that never forget."""

    @initialize(linger=st.sampled_from([0, 5_000, 90_000]))
    def begin(self, linger: int) -> None:
        self.line, self.naive = Line(Ledger(linger=linger)), Naive(linger=linger)
        self.waiting: list[Entry] = []
        self.out: dict[int, tuple[Entry, list[tuple[Slot, Use]]]] = {}

    @rule(
        keys=st.lists(st.sampled_from(KEYS), max_size=3, unique=True),
        lane=st.sampled_from(LANES),
        unique=st.booleans(),
        max_wait=st.sampled_from([0, 1_000, 61_000, 130_000, math.inf, math.inf, math.inf]),
        count=st.sampled_from([1, 1, 2, 6]),
    )
    def enter(
        self,
        keys: list[tuple[Rule, str]],
        lane: Lane,
        unique: bool,  # noqa: FBT001 - hypothesis calls it
        max_wait: float,
        count: int,
    ) -> None:
        order = sorted(keys, key=KEYS.index)  # as in a row: those at once come last
        for _ in range(count):
            entry = made(*order, lane=lane, unique=unique)
            self.waiting.append(entry)
            if self.line.start(entry.slots, lane, self.naive.now):
                entry.fate, entry.number = "admitted", -next(numbers)  # it never stands in line
                self.decided([entry])
            else:
                self.decided(self.line.enter(entry, self.naive.now, max_wait))

    @precondition(lambda self: self.out)
    @rule(data=st.data(), how=st.sampled_from(["done", "done", "lost", "undo"]))
    def leave(self, data: st.DataObject, how: How) -> None:
        number = data.draw(st.sampled_from(sorted(self.out)))
        entry, taken = self.out.pop(number)
        self.naive.leave(taken, how)
        self.decided(self.line.leave(entry.slots, self.naive.now, how))

    @precondition(lambda self: self.out or self.waiting)
    @rule(data=st.data())
    def drop(self, data: st.DataObject) -> None:
        everyone = [*self.waiting, *(entry for entry, _ in self.out.values())]
        entry = data.draw(st.sampled_from(sorted(everyone, key=lambda entry: entry.number)))
        if entry.fate == "admitted":
            self.naive.leave(self.out.pop(entry.number)[1], "undo")
        else:
            self.waiting.remove(entry)
        self.decided(self.line.drop(entry, self.naive.now))

    @rule(span=STEPS)
    def later(self, span: int) -> None:
        """Let time pass as a timer would: from one moment that is due to the next."""
        until = self.naive.now + span
        while (due := self.line.next_due()) is not None and due <= until:
            self.naive.now = max(due, self.naive.now)
            self.decided(self.line.advance(self.naive.now))
        self.naive.now = until

    def decided(self, entries: list[Entry]) -> None:
        for entry in entries:
            self.waiting.remove(entry)
            if isinstance(entry.fate, Refusal):
                assert entry.fate.wait > 0
                continue
            assert entry.fate == "admitted"
            for slot in entry.slots:
                assert self.naive.wait(slot) == 0, "one too many"
            self.out[entry.number] = entry, self.naive.take(entry.slots)
            twins = [
                other
                for other in self.waiting
                if (other.slots, other.lane, other.unique)
                == (entry.slots, entry.lane, entry.unique)
            ]
            assert all(other.number > entry.number for other in twins), "overtaken"

    @invariant()
    def counts_agree(self) -> None:
        if not hasattr(self, "line"):
            return
        now = self.naive.now
        assert snapshot(self.line, now).in_flight == len(self.out)
        assert sum(map(self.line.waiting, LANES)) == len(self.waiting)
        for slot in made(*KEYS).slots:
            assert self.line.ledger.wait(slot, now) == self.naive.wait(slot)

    @invariant()
    def nobody_waits_for_nothing(self) -> None:
        """Whoever waits has a full rule before it, or an older one, or keeps the reserve free."""
        if not hasattr(self, "line"):
            return
        earlier: set[Slot] = set()
        few = self.line.ledger.free(PLACE, self.naive.now) <= 2
        for entry in sorted(self.waiting, key=lambda entry: (entry.lane == "bulk", entry.number)):
            full = any(self.naive.wait(slot) for slot in entry.slots)
            assert full or (few and entry.lane == "bulk") or earlier & set(entry.slots)
            earlier |= set(entry.slots)

    def teardown(self) -> None:
        """Answer everything until nobody is left: then nothing is out and no line stands."""
        if not hasattr(self, "line"):
            return
        for _ in range(1_000):
            if self.out:
                number = min(self.out)
                entry, taken = self.out.pop(number)
                self.naive.leave(taken, "done")
                self.decided(self.line.leave(entry.slots, self.naive.now, "done"))
            elif self.waiting:
                due = self.line.next_due()
                assert due is not None, "they wait for something that will never happen"
                self.later(max(0, due - self.naive.now))
            else:
                break
        assert not self.out
        assert not self.waiting
        assert snapshot(self.line, self.naive.now).in_flight == 0
        assert snapshot(self.line, self.naive.now).standing == ()
        self.later(10 * HOUR)
        assert self.line.ledger.free(PLACE, self.naive.now) == 14


def test_after_any_program_nothing_is_out_nobody_waits_and_no_rule_was_broken() -> None:
    run_state_machine_as_test(
        Programs,
        settings=settings(derandomize=True, max_examples=250, stateful_step_count=50),
    )
