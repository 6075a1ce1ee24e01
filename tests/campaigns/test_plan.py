"""The plan of a campaign: laws over the whole table of moves."""

from __future__ import annotations

from itertools import product

import pytest

from smsc_async.campaigns._plan import IN_DOUBT, MOVES, OPEN, Event, State, moved

SAID = {Event.SAID_SENT, Event.SAID_RESEND, Event.SAID_DROP}
ENDS = {State.ACCEPTED, State.REJECTED, State.ABANDONED, State.CANCELLED}


def after(state: State, without: frozenset[Event] = frozenset()) -> set[State]:
    """List all that can come of *state*, itself too, if some events do not happen."""
    found = {state}
    while (
        more := {to for (at, event), to in MOVES.items() if at in found and event not in without}
        - found
    ):
        found |= more
    return found


def test_a_send_whose_answer_was_lost_is_sent_again_by_policy_or_by_a_person_alone() -> None:
    again = frozenset({Event.RESEND, Event.SAID_RESEND})

    assert State.INTENT not in after(State.DOUBT, again)
    assert State.INTENT in after(State.DOUBT, again - {Event.RESEND})
    assert State.INTENT in after(State.DOUBT, again - {Event.SAID_RESEND})


def test_nothing_leaves_but_from_ready() -> None:
    assert [at for at, event in MOVES if event is Event.START] == [State.READY]
    assert [at for (at, _), to in MOVES.items() if to is State.INTENT] == [State.READY]


def test_what_is_known_for_certain_stays() -> None:
    assert not [at for (at, _), to in MOVES.items() if at in ENDS and to is not at]


def test_what_is_under_way_or_in_doubt_cannot_be_cancelled() -> None:
    assert [at for at, event in MOVES if event is Event.CANCEL] == [State.READY]


def test_each_state_is_reached_and_each_event_means_something() -> None:
    assert after(State.READY) == set(State)
    assert {event for _, event in MOVES} == set(Event)


@pytest.mark.parametrize("state", sorted(set(State) - ENDS))
def test_no_state_is_a_trap(state: State) -> None:
    assert ENDS & after(state)


@pytest.mark.parametrize("state", sorted(OPEN))
def test_the_program_alone_brings_what_is_open_to_where_it_waits_for_nobody(state: State) -> None:
    assert (ENDS | {State.HELD, State.PARTIAL}) & after(state, frozenset(SAID | {Event.CANCEL}))


def test_a_person_can_decide_about_whatever_is_in_doubt() -> None:
    # One that waits to be sent again is in doubt, too; one that was never sent is not spoken of.
    assert {(at, event) for at, event in MOVES if event in SAID} == set(
        product(IN_DOUBT | {State.READY}, SAID)
    )


def test_what_is_known_to_be_taken_in_part_is_never_sent_again_as_it_was() -> None:
    assert not {State.READY, State.INTENT} & after(State.PARTIAL)


@pytest.mark.parametrize(("state", "event"), sorted(set(product(State, Event)) - set(MOVES)))
def test_what_stands_in_no_row_cannot_happen(state: State, event: Event) -> None:
    with pytest.raises(KeyError):
        moved(state, event)


def test_a_row_of_the_table_is_a_move() -> None:
    assert moved(State.INTENT, Event.LOST) is State.DOUBT
