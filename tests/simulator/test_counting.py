"""The counting refuses what the pages say is refused, and nothing else."""

from __future__ import annotations

from collections.abc import Hashable

import pytest

from smsc_async._wire import limits
from smsc_async._wire.limits import Per, Row, Rule
from smsc_async.simulator._counting import Arrivals, Call, Chains, Counting, Entry


def hidden(row: Row, rule: Rule) -> bool:
    """Tell whether a stricter rule of the row counts all that this one counts."""
    return any(
        other.window and other.per is Per.PATH and other.limit < rule.limit for other in row.rules
    )


WINDOWS = [
    pytest.param(row, rule, id=f"{row.name}{'+' if row.mass else ''}: {rule}")
    for row in limits.ROWS
    for rule in row.rules
    if rule.window and not hidden(row, rule)
]


def call(row: Row, *, same: Rule | None = None, number: int = 0) -> Call:
    """Make a call that shares with the others only what *same* counts; all of it without."""
    params = dict(row.flags)
    identity: Hashable = "same" if same is None or same.per is Per.REQUEST else number
    if row.path == "status.php":
        mine = same is None or same.per is Per.VALUES
        comma = "," if row.mass else ""
        params |= {"id": f"{0 if mine else number}{comma}", "phone": f"79990000000{comma}"}
    for rule in row.rules:
        if rule.per is Per.VALUES and row.path != "status.php":
            params[rule.by[0]] = "same" if same is None or same == rule else str(number)
    phone = "79990000000" if same is None or same.chain else f"7999{number:07}"
    return Call(row.path, params, identity, (phone,) if row.name == "send" else ())


def ask(counting: Counting, asked: Call, now: float, *, ends_well: bool = True) -> Entry:
    entry = counting.enter(asked, now)
    if entry.full is None:
        counting.leave(entry, 0 if ends_well else 1)
    return entry


@pytest.mark.parametrize(("row", "rule"), WINDOWS)
def test_one_more_than_a_rule_allows_is_refused_by_it(row: Row, rule: Rule) -> None:
    counting, seconds = Counting(), rule.window / 1000
    step = seconds / 2 if rule.chain else seconds / (rule.limit + 1)

    entries = [
        ask(counting, call(row, same=rule, number=number), number * step)
        for number in range(rule.limit + 1)
    ]

    assert [entry.full for entry in entries] == [None] * rule.limit + [rule]


@pytest.mark.parametrize(("row", "rule"), WINDOWS)
def test_one_whole_window_after_the_calls_another_is_let_in(row: Row, rule: Rule) -> None:
    counting, seconds = Counting(), rule.window / 1000
    for number in range(rule.limit):
        ask(counting, call(row, same=rule, number=number), 0.0)

    entry = ask(counting, call(row, same=rule, number=rule.limit), seconds)

    assert entry.full is None


@pytest.mark.parametrize("row", limits.ROWS, ids=lambda row: row.name)
def test_what_no_rule_counts_together_is_limited_only_by_operation_and_path(row: Row) -> None:
    other = Rule(0, 1, Per.LOGIN)
    counting = Counting()

    entries = [ask(counting, call(row, same=other, number=number), 0.0) for number in range(200)]

    pers = {entry.full.per for entry in entries if entry.full}
    assert pers <= {Per.OPERATION, Per.PATH}


def test_different_operations_of_one_path_have_windows_of_their_own() -> None:
    counting = Counting()
    for number in range(30):
        assert ask(counting, Call("get.php", {"get_messages": "1"}, number), 0.0).full is None

    assert ask(counting, Call("get.php", {"get_messages": "1"}, 30), 0.0).full
    assert ask(counting, Call("get.php", {"get_stat": "1"}, 31), 0.0).full is None


def send(*phones: str, identity: str = "") -> Call:
    return Call("send.php", {}, identity or object(), phones)


def test_a_pause_of_a_minute_ends_a_chain_of_messages_to_one_number() -> None:
    counting, rule = Counting(), limits.FLOOD
    for number in range(rule.limit):
        assert ask(counting, send("7"), number * 59.9).full is None
    last = (rule.limit - 1) * 59.9

    assert ask(counting, send("8"), last + 59.9).full is None
    assert ask(counting, send("7"), last + 60.0).full is None


def test_a_refused_message_lengthens_the_chain_unless_refusals_do_not_count() -> None:
    strict, mild = Counting(), Counting(refusals_count=False)
    for counting in (strict, mild):
        for number in range(limits.FLOOD.limit):
            ask(counting, send("7"), float(number))
        assert ask(counting, send("7"), 100.0).full == limits.FLOOD

    assert ask(strict, send("7"), 120.0).full == limits.FLOOD
    assert ask(mild, send("7"), 120.0).full is None


def test_each_message_of_one_request_counts_in_the_chain() -> None:
    counting = Counting()
    assert ask(counting, send(*["7"] * 50), 0.0).full is None

    assert ask(counting, send("8", "7"), 59.0).full == limits.FLOOD


def status(id: str, phone: str) -> Call:
    return Call("status.php", {"id": id, "phone": phone}, object())


def test_lists_of_ids_and_phones_are_paired_position_by_position() -> None:
    counting = Counting()
    for _ in range(4):
        ask(counting, status("2", "79990000002"), 0.0)
    assert ask(counting, status("1,2,", "79990000001,+79990000002,"), 0.0).full is None

    assert ask(counting, status("2", "79990000002"), 0.0).full
    assert ask(counting, status("1", "79990000002"), 0.0).full is None
    assert ask(counting, status("1", "79990000001"), 0.0).full is None


def test_the_login_of_a_sub_client_is_one_in_any_case() -> None:
    counting = Counting()
    entries = [
        ask(counting, Call("users.php", {"chg": "1", "user": user}, user), 0)
        for user in ("branch", "Branch", "BRANCH", "bRANCH", "office")
    ]

    assert [entry.full is None for entry in entries] == [True, True, True, False, True]


def test_an_address_without_a_page_is_limited_all_the_same() -> None:
    counting = Counting()
    entries = [ask(counting, Call("new.php", {}, number), 0.0) for number in range(4)]

    assert [bool(entry.full) for entry in entries] == [False, False, False, True]


def test_fourteen_run_at_once_and_the_fifteenth_is_refused() -> None:
    counting = Counting()
    running = [counting.enter(send(str(number)), 0.0) for number in range(14)]
    assert not any(entry.full for entry in running)

    assert counting.enter(send("7"), 0.0).full == limits.AT_ONCE
    assert counting.most_at_once == 15
    counting.leave(running[0], 0)
    assert counting.enter(send("7"), 0.0).full is None


def test_four_status_requests_run_at_once_inside_the_fourteen() -> None:
    counting = Counting()
    for number in range(4):
        assert counting.enter(status(str(number), "7"), 0.0).full is None

    assert counting.enter(status("5", "7"), 0.0).full == limits.STATUS_AT_ONCE
    for number in range(10):
        assert counting.enter(send(str(number)), 0.0).full is None
    assert counting.enter(send("7"), 0.0).full == limits.AT_ONCE


def test_the_number_that_may_run_at_once_can_be_lowered() -> None:
    counting = Counting(concurrent_limit=1)
    counting.enter(send("7"), 0.0)

    assert counting.enter(send("8"), 0.0).full == limits.AT_ONCE


def test_a_request_that_found_no_place_is_in_no_window() -> None:
    counting = Counting(concurrent_limit=1)
    first = counting.enter(send("8"), 0.0)
    assert counting.enter(send("7", identity="same"), 0.0).full == limits.AT_ONCE
    counting.leave(first, 0)

    assert counting.enter(send("7", identity="same"), 1.0).full is None


@pytest.mark.parametrize(("counts", "again"), [(True, limits.ONE_IDENTICAL), (False, None)])
def test_refused_requests_fill_the_window_if_refusals_count(
    *, counts: bool, again: Rule | None
) -> None:
    counting = Counting(refusals_count=counts)
    ask(counting, send("7", identity="same"), 0.0)
    assert ask(counting, send("7", identity="same"), 30.0).full == limits.ONE_IDENTICAL

    assert ask(counting, send("7", identity="same"), 61.0).full == again


@pytest.mark.parametrize(("counts", "again"), [(True, limits.ONE_IDENTICAL), (False, None)])
def test_a_request_that_came_to_nothing_is_forgotten_if_refusals_do_not_count(
    *, counts: bool, again: Rule | None
) -> None:
    counting = Counting(refusals_count=counts)
    ask(counting, send("7", identity="same"), 0.0, ends_well=False)

    assert ask(counting, send("7", identity="same"), 1.0).full == again


@pytest.mark.parametrize(
    ("first", "second", "refused"),
    [(0.0, 59.9, True), (0.0, 60.9, True), (0.9, 60.0, True), (0.9, 61.0, False)],
)
def test_in_whole_seconds_sixty_by_the_clock_is_still_within_the_minute(
    first: float, second: float, *, refused: bool
) -> None:
    counting = Counting(whole_seconds=True)
    ask(counting, send("7", identity="same"), first)

    assert bool(ask(counting, send("8", identity="same"), second).full) == refused


def test_in_whole_seconds_a_chain_is_broken_a_second_later() -> None:
    counting = Counting(whole_seconds=True)
    ask(counting, send(*["7"] * 50), 0.0)

    assert ask(counting, send("7"), 60.5).full == limits.FLOOD
    assert ask(counting, send("7"), 121.5).full is None


def test_arrivals_are_forgotten_when_their_window_is_over() -> None:
    arrivals = Arrivals(60.0)
    for number in range(10_000):
        arrivals.count(number, float(number))
        arrivals.add(number, float(number))

    assert len(arrivals) <= 2 * 60


def test_chains_are_forgotten_when_their_gap_is_over() -> None:
    chains = Chains(60.0, 50)
    for number in range(10_000):
        chains.count(number, float(number))
        chains.add(number, float(number))
        chains.add("same", float(number))

    assert len(chains) <= 60 + 50


def test_a_count_that_was_taken_back_twice_is_taken_back_once() -> None:
    arrivals, chains = Arrivals(60.0), Chains(60.0, 50)
    for tally in (arrivals, chains):
        undo = tally.add("thing", 0.0)
        tally.add("thing", 1.0)
        undo()
        undo()

    assert arrivals.count("thing", 2.0) == 1
    assert chains.count("thing", 2.0) == 1
