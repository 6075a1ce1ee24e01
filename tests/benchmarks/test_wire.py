"""What the benchmark of the clients beside each other reads and says."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pytest

from benchmarks.turns import Figures
from benchmarks.wire import PEERS, WORDS, Plan, Seen, bound, leads, promises
from benchmarks.wire_server import request_ends
from benchmarks.wire_turns import Measured, fitting, rotated

HEAD = b"POST / HTTP/1.1\r\nContent-Length: 3\r\n\r\n"


@pytest.mark.parametrize(
    ("got", "end"),
    [
        (b"", (0, False)),
        (HEAD[:-1], (0, False)),
        (HEAD + b"ab", (0, False)),
        (HEAD + b"abc", (len(HEAD) + 3, False)),
        (HEAD + b"abcPOST", (len(HEAD) + 3, False)),
        (b"GET / HTTP/1.1\r\nConnection: Close\r\n\r\n", (37, True)),
    ],
)
def test_a_request_ends_with_its_body(got: bytes, end: tuple[int, bool]) -> None:
    assert request_ends(got) == end


def test_a_turn_uses_all_places_alike_and_is_never_empty() -> None:
    assert fitting(0.001, 0.5, 14) == 504
    assert fitting(0.05, 0.001, 14) == 14
    assert fitting(0.25, 1, 1) == 4


def test_each_round_begins_with_another_side() -> None:
    assert rotated("abc", 0) == ["a", "b", "c"]
    assert rotated("abc", 4) == ["b", "c", "a"]


def test_no_latency_bounds_nothing() -> None:
    assert bound(50, 14) == 280
    assert bound(0, 14) == float("inf")


def seen(plan: Plan, busy: float = 0.1, own: float = 0.9, **slower: float) -> Seen:
    """Let each side take a second for a call but those that are said to be *slower*, in all."""
    return in_rounds(plan, [slower, slower], busy, own)


def in_rounds(
    plan: Plan, rounds: Sequence[Mapping[str, float]], busy: float = 0.1, own: float = 0.9
) -> Seen:
    """The same, round by round; the clients are busy for the share *own* of their core."""
    usual = dict.fromkeys(WORDS, 1.0) | {"bare": 0.1, "ours": 0.1, "aiohttp": 0.1}
    wall = [{**usual, **slower} for slower in rounds]
    cpu = [{side: own * each for side, each in taken.items()} for taken in wall]
    served = Figures((dict.fromkeys(WORDS, busy),))
    measured = Measured(Figures(tuple(wall)), Figures(tuple(cpu)), served)
    return Seen(plan, measured, measured)


PLAIN = Plan("http", 0, (1, 1), (1, 1), judged=True)
FAR = Plan("http", 50, (1, 1), (1, 1), judged=True)
TLS = Plan("https", 0, (1, 1), (1, 1))


def broken(what: Seen) -> int:
    return sum("NOT HELD" in line for line in promises(what))


def test_all_holds_where_the_client_is_far_ahead() -> None:
    assert [broken(seen(plan)) for plan in (PLAIN, FAR, TLS)] == [0, 0, 0]


def test_a_client_that_costs_too_much_is_seen() -> None:
    assert broken(seen(PLAIN, ours=0.59)) == 1  # too few requests for its time
    assert broken(seen(PLAIN, ours=0.61)) == 2
    assert broken(seen(FAR, aiohttp=0.12)) == 1
    assert broken(seen(FAR, ours=0.105, aiohttp=0.102)) == 0


def test_what_costs_too_much_while_it_mostly_waits_is_named_with_a_reason() -> None:
    assert '\n- with a reason: not smsc_async, `transport="aiohttp"`: at most 0.35' in "\n".join(
        ["", *promises(seen(FAR, aiohttp=0.6))]
    )
    assert broken(seen(FAR, aiohttp=0.61)) == 2  # too few requests for its time, as before
    assert "with a reason" not in "\n".join(promises(seen(PLAIN, ours=0.61)))


def test_a_peer_that_is_ahead_is_named_and_only_a_connection_each_is_a_reason() -> None:
    behind = seen(PLAIN, vendor=0.05)

    assert [(lead.peer, lead.at_once) for lead in leads(behind, "ours")] == [
        ("vendor", 1),
        ("vendor", 14),
    ]
    assert broken(behind) == 0
    assert "behind urllib in threads, 1 at once (0.50, rounds from" in "\n".join(promises(behind))
    assert broken(seen(TLS, vendor=0.05)) == 2
    assert all(broken(seen(TLS, **{peer: 0.05})) == 2 for peer in PEERS)


@pytest.mark.parametrize(
    ("times", "is_level"),
    [
        ((0.99, 0.99, 0.99), False),  # little, but every time
        ((0.97, 0.99, 1.03), True),
        ((0.5, 0.97, 0.98, 0.99, 1.2), False),  # one round of five is no answer
        ((0.5, 0.9, 0.98, 1.01, 1.2), True),
    ],
)
def test_two_are_level_only_where_the_rounds_do_not_tell_who_is_ahead(
    times: tuple[float, ...], *, is_level: bool
) -> None:
    one = in_rounds(TLS, [{"httpx": 0.1 * each} for each in times])

    assert {lead.level for lead in leads(one, "ours")} == {is_level}
    assert broken(one) == (0 if is_level else 2)
    assert ("- level: smsc_async: with httpx" in "\n".join(promises(one))) is is_level


def test_who_is_not_behind_is_not_called_level() -> None:
    assert not leads(in_rounds(TLS, [{"httpx": 0.09}, {"httpx": 0.2}]), "ours")


def test_a_server_without_rest_is_seen() -> None:
    assert broken(seen(PLAIN, busy=0.71)) == 1
    assert broken(seen(PLAIN, busy=0.71, own=0.96)) == 0  # it is the client who had none left
    assert broken(seen(PLAIN, busy=0.91, own=0.96)) == 1  # or both


def test_a_core_that_nobody_filled_is_not_spoken_of() -> None:
    told = [promises(seen(FAR, own=own))[-1] for own in (0.9, 0.96)]

    assert told == [
        "- held: the server was busy at most 70% of its core (10%)",
        "- held: the server was busy at most 90% where the client filled its own core (10%)",
    ]
