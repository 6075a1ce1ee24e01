"""The ledger counts as the pages do, from the answer and to the millisecond."""

from __future__ import annotations

import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from smsc_async._throttle.keys import Slot, recipient, slots
from smsc_async._throttle.ledger import Ledger
from smsc_async._wire import limits
from smsc_async._wire.limits import HOUR, MINUTE, Per, Row, Rule

from .naive import How, Naive, Use

EVERY_ROW = [*limits.ROWS, limits.find("new.php", {})]
EVERY_RULE = sorted({rule for row in EVERY_ROW for rule in row.rules}, key=str)
WINDOWS = [rule for rule in EVERY_RULE if rule.window]
LAW = settings(derandomize=True, max_examples=300)


def one(rule: Rule, key: str = "same") -> tuple[Slot]:
    return (Slot(rule, key.encode()),)


SEND = one(limits.ONE_IDENTICAL)
PLACE = one(limits.AT_ONCE)


def test_the_minute_is_counted_from_the_answer_not_from_the_start() -> None:
    ledger = Ledger()
    ledger.take(SEND, 0)
    assert ledger.take(SEND, 30_000) == math.inf

    ledger.done(SEND, 34_000)

    assert ledger.take(SEND, MINUTE) == 35_000
    assert ledger.take(SEND, 94_999) == 1
    assert ledger.take(SEND, 95_000) == 0


@pytest.mark.parametrize("guard", [0, 1, 1_000, 2_500])
@pytest.mark.parametrize("rule", WINDOWS, ids=str)
def test_a_token_comes_back_a_window_and_a_guard_after_the_answer(rule: Rule, guard: int) -> None:
    ledger = Ledger(guard=guard)
    for _ in range(rule.limit):
        assert ledger.take(one(rule), 0) == 0
    for _ in range(rule.limit):
        ledger.done(one(rule), 250)

    opens = 250 + rule.window + guard

    assert ledger.take(one(rule), 251) == opens - 251
    assert ledger.take(one(rule), opens - 1) == 1
    assert ledger.take(one(rule), opens) == 0


@pytest.mark.parametrize("rule", WINDOWS, ids=str)
def test_a_request_without_an_answer_counts_for_a_linger_more(rule: Rule) -> None:
    ledger = Ledger(linger=5_000)
    for _ in range(rule.limit):
        ledger.take(one(rule), 0)
        ledger.lost(one(rule), 30_000)

    assert ledger.take(one(rule), 30_000) == 5_000 + rule.window + 1_000


def test_a_place_is_free_at_the_answer_but_only_a_linger_after_a_request_was_given_up() -> None:
    ledger, place = Ledger(linger=5_000), one(limits.AT_ONCE)
    for _ in range(14):
        assert ledger.take(place, 0) == 0
    assert ledger.take(place, 0) == math.inf

    ledger.lost(place, 100)
    assert ledger.take(place, 101) == 4_999
    ledger.done(place, 102)
    assert ledger.take(place, 102) == 0
    assert ledger.take(place, 5_099) == 1
    assert ledger.take(place, 5_100) == 0


def test_what_never_counted_is_given_back_at_once() -> None:
    ledger = Ledger()
    ledger.take(SEND, 0)
    ledger.undo(SEND, 5)

    assert ledger.take(SEND, 5) == 0


def test_what_never_counted_is_no_link_of_a_chain() -> None:
    ledger, flood = Ledger(), one(limits.FLOOD)
    for at in range(60):
        assert ledger.take(flood, at) == 0
        ledger.undo(flood, at)

    for at in range(60, 110):
        assert ledger.take(flood, at) == 0
    assert ledger.take(flood, 110) == math.inf


def test_fifty_in_a_row_each_less_than_a_minute_after_the_last_are_the_most() -> None:
    ledger, flood = Ledger(), one(limits.FLOOD)
    now = 0
    for _ in range(50):
        assert ledger.take(flood, now) == 0
        ledger.done(flood, now)
        now += 59_000
    last = now - 59_000

    assert ledger.take(flood, last + 1) == 60_999
    assert ledger.take(flood, last + 61_000) == 0


def test_a_pause_of_a_minute_and_a_guard_begins_a_new_chain() -> None:
    ledger, flood = Ledger(), one(limits.FLOOD)
    for at in range(49):
        ledger.take(flood, at)
        ledger.done(flood, at)

    for at in range(61_048, 61_098):
        assert ledger.take(flood, at) == 0
        ledger.done(flood, at)
    assert ledger.take(flood, 61_098) > 0


def test_a_chain_does_not_end_while_a_message_of_it_is_out() -> None:
    ledger, flood = Ledger(), one(limits.FLOOD)
    ledger.take(flood, 0)
    for _ in range(49):
        ledger.take(flood, 0)
        ledger.done(flood, 0)

    assert ledger.take(flood, HOUR) == math.inf
    ledger.done(flood, HOUR)
    assert ledger.take(flood, HOUR) == 61_000


def test_a_full_key_opens_a_window_and_a_guard_after_the_service_said_so() -> None:
    ledger, rule = Ledger(), limits.IDENTICAL
    ledger.take(one(rule), 0)
    ledger.fill(one(rule), 500)
    ledger.done(one(rule), 500)

    assert ledger.take(one(rule), 501) == 60_999
    assert [ledger.take(one(rule), 61_500) for _ in range(4)] == [0, 0, 0, math.inf]


def test_a_full_key_does_not_bring_back_early_what_may_still_be_counted() -> None:
    ledger, rule = Ledger(linger=5_000), limits.IDENTICAL
    ledger.take(one(rule), 0)
    ledger.lost(one(rule), 0)
    ledger.fill(one(rule), 1_000)

    taken = [ledger.take(one(rule), 62_000) for _ in range(3)]

    assert taken == [0, 0, 4_000]


def refused(ledger: Ledger, count: int, now: int) -> None:
    """Have the service turn *count* requests away at once, as the client tells it."""
    for _ in range(count):
        ledger.shrink(PLACE, now)
        ledger.pause(now, 2_000)
        ledger.undo(PLACE, now)


def answered(ledger: Ledger, count: int, now: int) -> None:
    for _ in range(count):
        assert ledger.take(PLACE, now) == 0
        ledger.done(PLACE, now)


def test_as_many_places_are_left_as_were_not_refused() -> None:
    ledger = Ledger()
    for _ in range(14):
        ledger.take(PLACE, 0)

    refused(ledger, 5, 0)

    assert ledger.limit(PLACE[0], 0) == 9
    assert ledger.free(PLACE[0], 2_000) == 0
    ledger.done(PLACE, 2_000)
    assert ledger.take(PLACE, 2_000) == 0
    assert ledger.take(PLACE, 2_000) == math.inf


def test_who_is_refused_with_few_under_way_leaves_fewer_than_that() -> None:
    ledger = Ledger()
    for _ in range(3):
        ledger.take(PLACE, 0)

    refused(ledger, 1, 0)

    assert ledger.limit(PLACE[0], 0) == 2


def test_one_place_is_left_however_often_the_service_refuses() -> None:
    ledger = Ledger()
    ledger.take(PLACE, 0)
    refused(ledger, 1, 0)

    assert ledger.limit(PLACE[0], 0) == 1
    assert ledger.take(PLACE, 2_000) == 0


def test_places_grow_back_after_a_hundred_answers_and_at_last_nothing_is_kept() -> None:
    ledger, now = Ledger(), 2_000
    for _ in range(14):
        ledger.take(PLACE, 0)
    refused(ledger, 2, 0)
    for _ in range(12):
        ledger.done(PLACE, now)
    answered(ledger, 87, now)
    assert ledger.limit(PLACE[0], now) == 12

    answered(ledger, 1, now)
    assert ledger.limit(PLACE[0], now) == 13
    answered(ledger, 99, now)
    assert ledger.limit(PLACE[0], now) == 13
    answered(ledger, 1, now)

    assert ledger.limit(PLACE[0], now) == 14
    assert not ledger.common.caps


def test_after_one_place_more_that_was_given_two_and_then_four_follow_sooner() -> None:
    ledger, now, seen = Ledger(), 2_000, list[int]()
    ledger.take(PLACE, 0)
    refused(ledger, 1, 0)

    for _ in range(351):
        answered(ledger, 1, now)
        if not seen or seen[-1] != ledger.limit(PLACE[0], now):
            seen.append(ledger.limit(PLACE[0], now))

    assert seen == [1, 2, 4, 8, 12, 14]


def test_an_hour_after_the_last_refusal_all_places_are_taken_to_be_free_again() -> None:
    ledger = Ledger()
    ledger.take(PLACE, 0)
    refused(ledger, 1, 0)

    assert ledger.limit(PLACE[0], HOUR - 1) == 1
    assert ledger.limit(PLACE[0], HOUR) == 14
    assert [ledger.take(PLACE, HOUR) for _ in range(15)] == [0] * 14 + [math.inf]
    refused(ledger, 1, HOUR)
    assert ledger.limit(PLACE[0], HOUR) == 13


def test_while_one_place_more_is_refused_it_is_tried_ever_more_rarely() -> None:
    ledger, now, tries = Ledger(), 0, list[int]()
    for _ in range(14):
        ledger.take(PLACE, now)
    refused(ledger, 4, now)
    for _ in range(10):
        ledger.done(PLACE, now)
    for _ in range(8):
        now += 10_000
        answers = 0
        while ledger.limit(PLACE[0], now) == 10:
            answered(ledger, 1, now)
            answers += 1
        tries.append(answers)
        for _ in range(11):
            ledger.take(PLACE, now)
        refused(ledger, 1, now)
        ledger.common.resume = now
        for _ in range(10):
            ledger.done(PLACE, now)

    assert ledger.limit(PLACE[0], now) == 10
    assert tries == [90, 190, 390, 790, 790, 790, 790, 790], "beside the ten of each round"


def test_a_pause_gives_no_place_and_the_longest_pause_holds() -> None:
    ledger, place = Ledger(), one(limits.AT_ONCE)
    ledger.pause(0, 2_000)
    ledger.pause(100, 1_000)

    assert ledger.take(place, 150) == 1_850
    assert ledger.take(place, 2_000) == 0


def test_all_slots_are_taken_together_or_none_is() -> None:
    ledger = Ledger()
    hourly = one(Rule(30, HOUR, Per.OPERATION), "hour")
    ledger.take(SEND, 0)

    for _ in range(100):
        assert ledger.take((*hourly, *SEND, *one(limits.AT_ONCE)), 0) == math.inf

    assert ledger.free(hourly[0], 0) == 30
    assert ledger.free(one(limits.AT_ONCE)[0], 0) == 14


@pytest.mark.parametrize("rule", [rule for rule in WINDOWS if not rule.chain], ids=str)
def test_no_window_ever_holds_more_than_the_limit_and_one_is_full(rule: Rule) -> None:
    ledger, starts, now = Ledger(), list[int](), 0
    while len(starts) < 3 * rule.limit:
        if wait := ledger.take(one(rule), now):
            now += int(wait)
        else:
            starts.append(now)
            ledger.done(one(rule), now)

    busiest = max(sum(left <= at < left + rule.window for at in starts) for left in starts)

    assert busiest == rule.limit
    assert starts[-1] == 2 * (rule.window + 1_000)


def params_of(row: Row) -> dict[str, str]:
    comma = "," if row.mass else ""
    return dict(row.flags) | dict.fromkeys(("id", "phone", "user", "sender"), f"1{comma}")


def test_two_rules_never_share_a_key() -> None:
    known: dict[bytes, Rule] = {}
    for row in EVERY_ROW:
        for slot in slots(row, params_of(row), same=b"same", recipients=[recipient("79990000000")]):
            assert known.setdefault(slot.key, slot.rule) == slot.rule


@pytest.mark.parametrize(
    ("by", "one", "other"),
    [
        ("user", "branch", " Branch"),
        ("user", "филиал", "ФИЛИАЛ"),
        ("phone", "+7 999 000-00-00", "89990000000"),
        ("sender", "79990000000", " 79990000000"),
    ],
)
def test_one_thing_has_one_key_however_it_is_written(by: str, one: str, other: str) -> None:
    rule = Rule(1, limits.MINUTE, Per.VALUES, by=(by,))
    row = Row("x", "x.php", (rule,))

    assert slots(row, {by: one}, same=b"") == slots(row, {by: other}, same=b"")


def test_names_of_senders_are_told_apart_by_their_case() -> None:
    rule = Rule(1, limits.MINUTE, Per.VALUES, by=("sender",))
    row = Row("x", "x.php", (rule,))

    assert slots(row, {"sender": "SHOP"}, same=b"") != slots(row, {"sender": "Shop"}, same=b"")


def test_an_answer_that_comes_late_in_a_lull_is_not_forgotten() -> None:
    ledger, other = Ledger(), one(limits.ONE_IDENTICAL, "other")
    ledger.take(other, 0)
    ledger.done(other, 0)
    ledger.take(SEND, 60_000)
    ledger.done(SEND, 80_000)

    assert ledger.take(SEND, 132_000) == 9_000


def test_keys_are_forgotten_after_two_generations() -> None:
    ledger = Ledger()
    for number in range(1_000):
        ledger.take(one(limits.ONE_IDENTICAL, str(number)), 0)
        ledger.done(one(limits.ONE_IDENTICAL, str(number)), 0)
    assert ledger.keys() == 1_000

    ledger.take(SEND, 2 * 66_000)

    assert ledger.keys() == 1


POOL = [
    Slot(rule, f"{rule}{number}".encode())
    for rule in (
        limits.ONE_IDENTICAL,
        limits.IDENTICAL,
        Rule(2, HOUR, Per.OPERATION),
        Rule(3, MINUTE, Per.RECIPIENT, chain=True),
        Rule(3, 0, Per.PATH),
    )
    for number in range(2)
]
STEPS = st.sampled_from(
    [1, 500, 999, 1_000, 4_999, 5_000, 20_000, 59_000, 60_000, 61_000, 66_000, 72_000, HOUR]
)


class Books(RuleBasedStateMachine):
    """A ledger beside one that never forgets."""

    @initialize(guard=st.sampled_from([0, 1_000]), linger=st.sampled_from([0, 5_000, 90_000]))
    def begin(self, guard: int, linger: int) -> None:
        self.ledger, self.naive = Ledger(guard, linger), Naive(guard, linger)
        self.out: list[list[tuple[Slot, Use]]] = []

    @rule(asked=st.lists(st.sampled_from(POOL), min_size=1, max_size=3, unique=True))
    def take(self, asked: list[Slot]) -> None:
        expected = max(self.naive.wait(slot) for slot in asked)
        assert self.ledger.take(asked, self.naive.now) == expected
        if not expected:
            self.out.append(self.naive.take(asked))

    @precondition(lambda self: self.out)
    @rule(data=st.data(), how=st.sampled_from(["done", "done", "lost", "undo"]))
    def leave(self, data: st.DataObject, how: How) -> None:
        taken = self.out.pop(data.draw(st.integers(0, len(self.out) - 1)))
        getattr(self.ledger, how)([slot for slot, _ in taken], self.naive.now)
        self.naive.leave(taken, how)

    @rule(slot=st.sampled_from([slot for slot in POOL if slot.rule.per is Per.REQUEST]))
    def fill(self, slot: Slot) -> None:
        self.ledger.fill([slot], self.naive.now)
        self.naive.fill(slot)

    @rule(guard=st.sampled_from([500, 2_000]), linger=st.sampled_from([1_000, 120_000]))
    def widen(self, guard: int, linger: int) -> None:
        self.ledger.widen(guard, linger)
        self.naive.guard = max(self.naive.guard, guard)
        self.naive.linger = max(self.naive.linger, linger)

    @rule(span=STEPS)
    def later(self, span: int) -> None:
        self.naive.now += span

    @invariant()
    def agree(self) -> None:
        if hasattr(self, "ledger"):
            for slot in POOL:
                assert self.ledger.wait(slot, self.naive.now) == self.naive.wait(slot), slot


def test_two_generations_never_lose_a_live_key() -> None:
    run_state_machine_as_test(Books, settings=settings(LAW, stateful_step_count=40))


ENDS = st.lists(st.tuples(STEPS, st.sampled_from(["take", "done", "lost"])), max_size=25)


@LAW
@given(ENDS, st.integers(0, 9), st.sampled_from([limits.ONE_IDENTICAL, limits.IDENTICAL]))
def test_the_wait_that_is_foretold_is_the_one_that_comes_if_all_is_answered_now(
    program: list[tuple[int, str]], ahead: int, rule: Rule
) -> None:
    ledger, now, out = after(program, rule)
    foretold = ledger.opens(one(rule)[0], ahead, now)

    assert started(ledger, rule, out, ahead, now) - now == foretold


@LAW
@given(ENDS, st.integers(0, 9))
def test_the_wait_that_is_foretold_for_a_chain_is_never_too_long(
    program: list[tuple[int, str]], ahead: int
) -> None:
    rule = Rule(3, MINUTE, Per.RECIPIENT, chain=True)
    ledger, now, out = after(program, rule)
    foretold = ledger.opens(one(rule)[0], ahead, now)

    assert started(ledger, rule, out, ahead, now) - now >= foretold


def after(program: list[tuple[int, str]], rule: Rule) -> tuple[Ledger, int, int]:
    """Run *program*: return the ledger, the time and how many are out."""
    ledger, now, out = Ledger(), 0, 0
    for span, act in program:
        now += span
        if act == "take":
            out += not ledger.take(one(rule), now)
        elif out:
            getattr(ledger, act)(one(rule), now)
            out -= 1
    return ledger, now, out


def started(ledger: Ledger, rule: Rule, out: int, ahead: int, now: int) -> int:
    """Answer what is *out*, let *ahead* go first as early as can be, and tell when one more may."""
    for _ in range(out):
        ledger.done(one(rule), now)
    for _ in range(ahead + 1):
        now += int(ledger.wait(one(rule)[0], now))
        assert ledger.take(one(rule), now) == 0
        ledger.done(one(rule), now)
    return now
