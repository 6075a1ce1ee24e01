"""What a store keeps of campaigns, and gives back."""

from __future__ import annotations

import asyncio
import re
import sqlite3
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager, closing
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace

from smsc_async.campaigns._errors import StoreError
from smsc_async.campaigns._plan import Event, State
from smsc_async.campaigns._records import NewRow, NewRows, Request, RowState, Status, Verdict
from smsc_async.campaigns._sqlite import SqliteStore, open_store
from smsc_async.campaigns._store import COLUMNS, Store

from ..virtual import run
from .inline import store_at

TAKEN = Verdict(event=Event.TAKEN, rows=RowState.ACCEPTED)
LOST = Verdict(event=Event.LOST)
RESEND = Verdict(event=Event.RESEND, resends=1)
Check = Callable[["Case"], Coroutine[Any, Any, None]]


class Case:
    """A store in a folder of its own, and a campaign in it."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.now = 1_000_000.0
        self.store = store_at(path, wall=lambda: self.now)
        self.campaign = 0

    async def load(self, *rows: NewRow, duplicates: bool = False, finish: bool = True) -> int:
        self.campaign = (await self.store.begin("autumn", b'{"text": "Hello"}')).number
        await self.store.add(self.campaign, NewRows.of(*rows))
        if finish:
            await self.store.finish(self.campaign, duplicates=duplicates)
        return self.campaign

    async def claim(self, most: int = 100, *zones: str | None) -> Request:
        request = await self.store.claim(self.campaign, most, zones=zones or None)
        assert request is not None
        return request

    async def rows(self) -> list[dict[str, object]]:
        return [
            dict(zip(COLUMNS, row, strict=True))
            async for portion in self.store.rows(self.campaign)
            for row in portion
        ]

    async def states(self) -> list[object]:
        return [row["state"] for row in await self.rows()]

    async def tell(self, request: Request, phone: str, status: int, at: float | None = 1.0) -> int:
        return await self.store.note([Status(request.id, phone, status, None, at)])

    def asked(self, question: str) -> list[tuple[object, ...]]:
        with closing(sqlite3.connect(self.path)) as db:
            return db.execute(question).fetchall()


@asynccontextmanager
async def opened(path: Path) -> AsyncIterator[Case]:
    case = Case(path)
    async with case.store:
        await case.store.own()
        yield case


@pytest.fixture
def check(tmp_path: Path) -> Callable[[Check], None]:
    """Run what is given with a store."""

    def checked(act: Check) -> None:
        async def main() -> None:
            async with opened(tmp_path / "campaigns.db") as case:
                await act(case)

        run(main())

    return checked


Checked = Callable[[Check], None]


def to(*last: int, text: str | None = "text", zone: str | None = None) -> list[NewRow]:
    return [NewRow(line, phone(one), text, zone) for line, one in enumerate(last, 2)]


def phone(last: int) -> str:
    return f"+7999{last:07}"


def phones(request: Request) -> list[str]:
    return [item.phone for item in request.items]


def test_it_is_a_store(tmp_path: Path) -> None:
    store: Store = store_at(tmp_path / "campaigns.db")

    assert isinstance(store, SqliteStore)
    run(store.aclose())


def test_a_campaign_begins_loading_and_is_found_again(check: Checked) -> None:
    async def act(case: Case) -> None:
        made = await case.store.begin("autumn", b"{}")
        other = await case.store.begin("winter", b"{}")

        assert (made.name, made.standing, made.plan) == ("autumn", "loading", b"{}")
        assert (made.created, made.spent, made.reason) == (case.now, Decimal(0), "")
        assert await case.store.campaign(made.number) == made
        assert await case.store.campaigns() == [made, other]
        assert made.key != other.key

    check(act)


def test_an_id_is_of_the_service_s_signs_and_short_enough_for_the_ten_millionth(
    check: Checked,
) -> None:
    async def act(case: Case) -> None:
        await case.load(*to(1))
        request = await case.claim()
        key = (await case.store.campaign(case.campaign)).key

        assert request.id == f"{key}.{request.number}"
        assert re.fullmatch(r"[A-Za-z0-9.-]+", request.id)
        assert len(f"{key}.10000000") <= 40
        assert len(key) * 4 >= 80

    check(act)


def test_rows_come_back_as_they_were_given_in_portions(check: Checked) -> None:
    async def act(case: Case) -> None:
        await case.load(*to(*range(12_000)))
        portions = [portion async for portion in case.store.rows(case.campaign)]

        assert len(portions) > 2
        assert max(map(len, portions)) <= 5000
        rows = await case.rows()
        assert [row["line"] for row in rows] == list(range(2, 12_002))
        assert rows[7] == dict.fromkeys(COLUMNS) | {
            "line": 9,
            "phone": phone(7),
            "text": "text",
            "state": "waiting",
            "reason": "",
        }

    check(act)


def test_two_campaigns_that_are_loaded_at_once_do_not_mix(check: Checked) -> None:
    async def act(case: Case) -> None:
        first = await case.load(*to(1, 2), finish=False)
        second = await case.load(*to(3, 4), finish=False)
        await case.store.add(first, NewRows.of(*to(5)))
        await case.store.finish(first, duplicates=False)
        await case.store.finish(second, duplicates=False)

        assert phones(await case.claim()) == [phone(3), phone(4)]
        case.campaign = first
        assert phones(await case.claim()) == [phone(1), phone(2), phone(5)]

    check(act)


@pytest.mark.parametrize(
    ("kept", "states"), [(True, ["waiting"] * 3), (False, ["waiting", "duplicate", "waiting"])]
)
def test_a_number_that_came_before_is_a_duplicate_unless_those_are_kept(
    check: Checked, *, kept: bool, states: list[str]
) -> None:
    async def act(case: Case) -> None:
        await case.load(*to(1, 1, 2), duplicates=kept)

        assert await case.states() == states

    check(act)


def test_addresses_that_differ_in_case_are_one(check: Checked) -> None:
    async def act(case: Case) -> None:
        await case.load(
            NewRow(1, "anna@example.com", "a", None), NewRow(2, "Anna@Example.com", "b", None)
        )

        assert await case.states() == ["waiting", "duplicate"]

    check(act)


@pytest.mark.parametrize("spelled", ["+7 999 000-00-01", "79990000001", "89990000001"])
def test_a_stopped_phone_is_known_however_it_is_spelled(check: Checked, spelled: str) -> None:
    async def act(case: Case) -> None:
        assert await case.store.stop([spelled, "+79990000001"], "said STOP") == 1
        assert await case.store.stop([spelled], "again") == 0
        assert await case.store.stop([], "nobody") == 0
        assert await case.store.stops() == 1
        counts = await case.store.finish(await case.load(*to(1, 2), finish=False), duplicates=False)

        assert counts.rows == {RowState.STOPPED: 1, RowState.WAITING: 1}

    check(act)


def test_one_who_is_taken_off_the_stop_list_is_sent_to_again(check: Checked) -> None:
    async def act(case: Case) -> None:
        await case.store.stop([phone(1), phone(2)], "said STOP")
        assert await case.store.unstop(["8 999 000-00-01", phone(7)]) == 1
        assert await case.store.stops() == 1
        counts = await case.store.finish(await case.load(*to(1, 2), finish=False), duplicates=False)

        assert counts.rows == {RowState.STOPPED: 1, RowState.WAITING: 1}

    check(act)


def test_a_phone_that_is_stopped_while_it_waits_is_never_claimed(check: Checked) -> None:
    async def act(case: Case) -> None:
        await case.load(*to(*range(1, 3000)))
        await case.store.stop([phone(last) for last in range(1, 2997)], "said STOP")

        assert phones(await case.claim()) == [phone(2997), phone(2998), phone(2999)]
        assert (await case.store.counts(case.campaign)).rows[RowState.STOPPED] == 2996
        assert await case.store.claim(case.campaign, 1) is None

    check(act)


def test_texts_of_their_own_the_campaign_s_text_and_rows_alone_go_apart(check: Checked) -> None:
    async def act(case: Case) -> None:
        await case.load(
            NewRow(1, phone(1), "own", None),
            NewRow(2, phone(2), None, None),
            NewRow(3, phone(3), "alone", None, alone=True),
            NewRow(4, phone(4), "own", None),
            NewRow(5, phone(5), None, None),
            NewRow(6, phone(6), None, None, alone=True),
        )
        packed = [[item.row & 0xFF for item in (await case.claim()).items] for _ in range(4)]

        assert packed == [[1, 4], [2, 5], [3], [6]]
        assert await case.store.claim(case.campaign, 100) is None

    check(act)


def test_rows_are_claimed_in_their_order_where_their_zone_is_open(check: Checked) -> None:
    async def act(case: Case) -> None:
        await case.load(
            *(
                NewRow(line, phone(line), "text", zone)
                for line, zone in enumerate([None, "A", "B", "A", "C", None, "B"])
            )
        )

        assert await case.store.zones(case.campaign) == [None, "A", "B", "C"]
        assert await case.store.claim(case.campaign, 9, zones=["D"]) is None
        assert phones(await case.claim(3, "A", "B")) == [phone(1), phone(2), phone(3)]
        assert phones(await case.claim(9, None)) == [phone(0), phone(5)]
        assert await case.store.zones(case.campaign) == ["B", "C"]
        assert phones(await case.claim()) == [phone(4), phone(6)]
        assert await case.store.zones(case.campaign) == []

    check(act)


def test_a_kept_duplicate_goes_into_a_later_request(check: Checked) -> None:
    async def act(case: Case) -> None:
        await case.load(*to(1, 1, 2, 1), duplicates=True)

        assert phones(await case.claim()) == [phone(1), phone(2)]
        assert phones(await case.claim()) == [phone(1)]
        assert phones(await case.claim()) == [phone(1)]

    check(act)


def test_a_request_is_frozen_as_an_intent_and_sent_again_as_it_was(check: Checked) -> None:
    async def act(case: Case) -> None:
        await case.load(*to(1, 2))
        begun = case.now
        claimed = await case.claim()
        assert (claimed.state, claimed.attempts, claimed.begun) == (State.INTENT, 1, begun)
        case.now += 60
        ready = await case.store.record(
            claimed.number, Verdict(event=Event.NOT_TAKEN, misses=2, note="no way there")
        )
        assert (ready.state, ready.misses, ready.note) == (State.READY, 2, "no way there")
        assert await case.store.requests(case.campaign, "ready") == [ready]
        again = await case.store.start(claimed.number)
        assert again is not None
        assert (again.id, again.items, again.begun) == (claimed.id, claimed.items, begun)
        assert (again.state, again.attempts, again.misses) == (State.INTENT, 2, 0)
        assert again.note == "no way there"  # the last that went wrong
        assert await case.store.requests(case.campaign, "intent") == [again]

    check(act)


def test_only_a_campaign_that_is_ready_gives_anything_to_send(check: Checked) -> None:
    async def act(case: Case) -> None:
        await case.load(*to(1, 2))
        request = await case.claim(1)
        await case.store.record(request.number, Verdict(event=Event.NOT_TAKEN))
        await case.store.stand(case.campaign, "paused", "no money", by="Anna")

        assert (await case.store.campaign(case.campaign)).reason == "no money"
        assert await case.store.claim(case.campaign, 1) is None
        assert await case.store.start(request.number) is None
        await case.store.stand(case.campaign, "ready")
        assert await case.store.claim(case.campaign, 1)
        assert await case.store.start(request.number)

    check(act)


def test_an_outcome_is_written_with_its_rows_its_cost_and_the_rows_that_differ(
    check: Checked,
) -> None:
    async def act(case: Case) -> None:
        await case.load(*to(1, 2, 3))
        request = await case.claim()
        refused = (request.items[1].row, RowState.REFUSED, "wrong number")
        for cost in ("0.1", "0.2"):
            await case.store.record(
                request.number,
                Verdict(
                    event=Event.TAKEN, rows=RowState.ACCEPTED, others=(refused,), cost=Decimal(cost)
                )
                if cost == "0.2"
                else Verdict(event=Event.NOT_TAKEN, cost=Decimal(cost)),
            )
            if cost == "0.1":
                await case.store.start(request.number)

        rows = await case.rows()
        assert [row["state"] for row in rows] == ["accepted", "refused", "accepted"]
        assert rows[1]["reason"] == "wrong number"
        assert {row["request_id"] for row in rows} == {request.id}
        assert (await case.store.campaign(case.campaign)).spent == Decimal("0.3")

    check(act)


def test_a_move_that_the_plan_does_not_know_writes_nothing(check: Checked) -> None:
    async def act(case: Case) -> None:
        await case.load(*to(1))
        request = await case.claim()
        before = case.asked("SELECT * FROM journal")
        with pytest.raises(KeyError):
            await case.store.record(
                request.number,
                Verdict(event=Event.SAID_DROP, rows=RowState.ABANDONED, cost=Decimal(1)),
            )

        assert await case.store.requests(case.campaign, *State) == [request]
        assert await case.states() == ["taken"]
        assert (await case.store.campaign(case.campaign)).spent == 0
        assert case.asked("SELECT * FROM journal") == before

    check(act)


def test_a_refused_request_is_split_into_two_with_ids_of_their_own(check: Checked) -> None:
    async def act(case: Case) -> None:
        await case.load(*to(1, 2, 3, 4))
        request = await case.claim()
        bad = (request.items[0].row, RowState.REFUSED, "wrong number")
        after = await case.store.record(
            request.number, Verdict(event=Event.REFUSED, others=(bad,), split=True)
        )

        assert after.state is State.REJECTED
        halves = await case.store.requests(case.campaign, "ready")
        assert [phones(half) for half in halves] == [[phone(2), phone(3)], [phone(4)]]
        assert len({request.id, *(half.id for half in halves)}) == 3
        assert await case.states() == ["refused", "taken", "taken", "taken"]
        # What is still told of the first says nothing of them any more.
        assert await case.tell(request, phone(4), 24) == 0
        assert await case.states() == ["refused", "taken", "taken", "taken"]

    check(act)


def test_a_row_that_was_refused_by_a_callback_is_split_off_with_the_others(check: Checked) -> None:
    async def act(case: Case) -> None:
        await case.load(*to(1, 2))
        request = await case.claim()
        await case.tell(request, phone(1), 24)
        await case.store.record(request.number, Verdict(event=Event.REFUSED, split=True))

        halves = await case.store.requests(case.campaign, "ready")
        assert [phones(half) for half in halves] == [[phone(1)], [phone(2)]]

    check(act)


def test_what_was_told_of_an_id_says_nothing_of_the_next(check: Checked) -> None:
    async def act(case: Case) -> None:
        await case.load(*to(1, 2, 3))
        split = await case.claim(2)
        await case.tell(split, phone(1), 22)
        await case.store.record(split.number, Verdict(event=Event.REFUSED, split=True))
        assert [row["status"] for row in await case.rows()] == [None, None, None]

        again = await case.claim(1)
        waits = Verdict(event=Event.REFUSED, rows=RowState.WAITING)
        await case.store.record(again.number, waits)
        assert (await case.rows())[2]["request_id"] is None
        assert await case.tell(again, phone(3), 24) == 0
        assert (await case.rows())[2]["status"] is None

    check(act)


def test_what_was_spent_is_told_with_its_moment(check: Checked) -> None:
    async def act(case: Case) -> None:
        await case.load(*to(1, 2, 3))
        begun = case.now
        for number, cost in enumerate((Decimal("0.3"), None, Decimal(2))):
            case.now = begun + 10 * number
            request = await case.claim(1)
            await case.store.record(request.number, replace(TAKEN, cost=cost))

        assert await case.store.costs(case.campaign, begun - 1) == [
            (begun, Decimal("0.3")),
            (begun + 20, Decimal(2)),
        ]
        assert await case.store.costs(case.campaign, begun) == [(begun + 20, Decimal(2))]
        assert await case.store.costs(case.campaign + 1, 0) == []

    check(act)


def test_what_a_person_decides_is_in_the_journal_with_name_and_time(check: Checked) -> None:
    async def act(case: Case) -> None:
        await case.load(*to(1))
        request = await case.claim()
        for event, rows in ((Event.LOST, None), (Event.HOLD, RowState.HELD)):
            await case.store.record(request.number, Verdict(event=event, rows=rows))
        case.now += 7
        await case.store.record(
            request.number,
            Verdict(event=Event.SAID_DROP, rows=RowState.ABANDONED, note="too late", by="Anna"),
        )

        assert case.asked("SELECT * FROM journal ORDER BY number DESC LIMIT 1") == [
            (
                4,
                case.now,
                case.campaign,
                request.number,
                "said drop",
                "abandoned",
                "too late",
                "Anna",
                None,
            )
        ]
        assert await case.states() == ["abandoned"]

    check(act)


def test_an_intent_of_an_earlier_life_is_in_doubt(check: Checked) -> None:
    async def act(case: Case) -> None:
        await case.load(*to(1, 2, 3))
        lost, _ready = await case.claim(1), await case.claim(1)
        await case.store.record(_ready.number, Verdict(event=Event.NOT_TAKEN))
        await case.store.aclose()
        case.store = store_at(case.path)
        await case.store.own()
        found = await case.store.recover(case.campaign)

        assert [(one.id, one.state) for one in found] == [
            (lost.id, State.DOUBT),
            (_ready.id, State.READY),
        ]
        assert await case.store.recover(case.campaign) == found
        await case.store.aclose()

    check(act)


def test_an_intent_of_which_all_was_told_is_found_without_a_look_up(check: Checked) -> None:
    async def act(case: Case) -> None:
        await case.load(*to(1, 2))
        request = await case.claim()
        assert await case.tell(request, "79990000001", 0) == 1
        assert await case.tell(request, "79990000002", 25) == 1
        assert [one.state for one in await case.store.requests(1, *State)] == [State.INTENT]

        assert await case.store.recover(case.campaign) == []
        assert [one.state for one in await case.store.requests(1, *State)] == [State.ACCEPTED]
        assert await case.states() == ["accepted", "refused"]

    check(act)


@pytest.mark.parametrize(
    ("told", "state", "rows"),
    [
        ({1: 0, 2: 1}, State.ACCEPTED, ["accepted", "accepted"]),
        ({1: 0}, State.PARTIAL, ["accepted", "held"]),
        ({1: 22, 2: 24}, State.REJECTED, ["refused", "refused"]),
        ({1: 22, 2: 1}, State.ACCEPTED, ["refused", "accepted"]),
        ({1: -3}, State.DOUBT, ["taken", "taken"]),
        ({9: 1}, State.DOUBT, ["taken", "taken"]),
    ],
)
def test_a_request_in_doubt_is_found_as_far_as_its_phones_are_told(
    check: Checked, told: dict[int, int], state: State, rows: list[str]
) -> None:
    async def act(case: Case) -> None:
        await case.load(*to(1, 2))
        request = await case.claim()
        await case.store.record(request.number, LOST)
        await case.store.note(
            [Status(request.id, phone(last), status, None, 1.0) for last, status in told.items()]
        )

        (after,) = await case.store.requests(case.campaign, *State)
        assert after.state is state
        assert await case.states() == rows

    check(act)


def test_what_was_held_is_found_by_a_late_callback(check: Checked) -> None:
    async def act(case: Case) -> None:
        await case.load(*to(1, 2))
        request = await case.claim()
        await case.store.record(request.number, LOST)
        await case.store.record(request.number, Verdict(event=Event.HOLD, rows=RowState.HELD))
        for last, state in ((1, State.PARTIAL), (2, State.ACCEPTED)):
            await case.tell(request, phone(last), 1)
            assert [one.state for one in await case.store.requests(1, *State)] == [state]

    check(act)


def test_a_resend_that_waits_is_not_sent_once_it_is_found(check: Checked) -> None:
    async def act(case: Case) -> None:
        await case.load(*to(1))
        request = await case.claim()
        await case.store.record(request.number, LOST)
        await case.store.record(request.number, RESEND)
        await case.tell(request, phone(1), 0)

        assert [one.state for one in await case.store.requests(1, *State)] == [State.ACCEPTED]
        with pytest.raises(KeyError):
            await case.store.start(request.number)

    check(act)


@pytest.mark.parametrize("event", [Event.NOT_TAKEN, Event.REFUSED])
def test_a_resend_that_fails_after_the_first_was_told_of_is_not_sent_once_more(
    check: Checked, event: Event
) -> None:
    async def act(case: Case) -> None:
        await case.load(*to(1, 2))
        request = await case.claim()
        await case.store.record(request.number, LOST)
        await case.store.record(request.number, RESEND)
        await case.store.start(request.number)
        await case.tell(request, phone(1), 1)
        after = await case.store.record(
            request.number, Verdict(event=event, rows=RowState.REFUSED, split=True, note="no")
        )

        assert after.state is State.PARTIAL
        assert await case.states() == ["accepted", "held"]
        assert await case.store.requests(case.campaign, "ready") == []

    check(act)


def test_an_answer_does_not_undo_what_was_told_before_it(check: Checked) -> None:
    async def act(case: Case) -> None:
        await case.load(*to(1, 2))
        request = await case.claim()
        await case.tell(request, phone(1), 22)
        await case.tell(request, phone(2), 1, case.now - 60)
        await case.store.record(request.number, TAKEN)

        assert await case.states() == ["refused", "accepted"]
        assert await case.store.undelivered(case.campaign, 9) == []
        assert (await case.rows())[1]["changed"] == case.now - 60
        assert (await case.store.counts(case.campaign)).statuses == {1: 1}

    check(act)


def test_one_who_stops_while_a_request_waits_again_is_taken_out_of_it(check: Checked) -> None:
    async def act(case: Case) -> None:
        await case.load(*to(1, 2, 3))
        both, one = await case.claim(2), await case.claim(1)
        for request in (both, one):
            await case.store.record(request.number, Verdict(event=Event.NOT_TAKEN))
        await case.store.stop([phone(1), phone(3)], "said STOP")

        started = await case.store.start(both.number)
        assert started is not None
        assert phones(started) == [phone(2)]
        assert await case.store.start(one.number) is None
        assert await case.states() == ["stopped", "taken", "stopped"]
        assert await case.store.requests(case.campaign, "ready") == []

    check(act)


def test_a_doubt_of_which_one_stopped_is_held_and_not_sent_again(check: Checked) -> None:
    async def act(case: Case) -> None:
        await case.load(*to(1, 2))
        request = await case.claim()
        await case.store.record(request.number, LOST)
        await case.store.record(request.number, RESEND)
        await case.store.stop([phone(1)], "said STOP")

        assert await case.store.start(request.number) is None
        (held,) = await case.store.requests(case.campaign, "held")
        assert held.note == "a recipient has stopped meanwhile"
        assert await case.states() == ["held", "held"]

    check(act)


def test_to_cancel_takes_what_waits_and_holds_what_was_in_doubt(check: Checked) -> None:
    async def act(case: Case) -> None:
        await case.load(*to(1, 2, 3, 4))
        under_way, ready, doubted = [await case.claim(1) for _ in range(3)]
        await case.store.record(ready.number, Verdict(event=Event.NOT_TAKEN))
        await case.store.record(doubted.number, LOST)
        await case.store.record(doubted.number, RESEND)
        await case.store.stand(case.campaign, "cancelled", by="Anna")
        assert await case.states() == ["taken", "cancelled", "held", "cancelled"]

        after = await case.store.record(under_way.number, Verdict(event=Event.NOT_TAKEN))
        assert after.state is State.CANCELLED
        assert await case.states() == ["cancelled", "cancelled", "held", "cancelled"]
        assert await case.store.requests(case.campaign, "ready", "intent") == []
        assert (await case.store.stand(case.campaign, "ready")).standing == "cancelled"

    check(act)


def test_the_halves_of_what_is_refused_after_a_cancel_are_not_sent(check: Checked) -> None:
    async def act(case: Case) -> None:
        await case.load(*to(1, 2))
        request = await case.claim()
        await case.store.stand(case.campaign, "cancelled")
        await case.store.record(request.number, Verdict(event=Event.REFUSED, split=True))

        assert await case.states() == ["cancelled", "cancelled"]

    check(act)


def test_rows_that_would_wait_again_after_a_cancel_are_cancelled(check: Checked) -> None:
    async def act(case: Case) -> None:
        await case.load(*to(1, 2))
        request = await case.claim()
        await case.store.stand(case.campaign, "cancelled")
        await case.store.record(
            request.number, Verdict(event=Event.REFUSED, rows=RowState.WAITING, note="no money")
        )

        assert await case.states() == ["cancelled", "cancelled"]

    check(act)


def test_what_is_loading_cannot_run_and_what_runs_is_loaded(check: Checked) -> None:
    async def act(case: Case) -> None:
        campaign = await case.load(*to(1), finish=False)
        assert await case.store.claim(campaign, 1) is None
        with pytest.raises(ValueError, match="still loading"):
            await case.store.stand(campaign, "ready")
        await case.store.finish(campaign, duplicates=False)
        for late in (
            case.store.add(campaign, NewRows.of(*to(2))),
            case.store.finish(campaign, duplicates=False),
        ):
            with pytest.raises(ValueError, match="no longer loading"):
                await late
        await case.claim()
        with pytest.raises(ValueError, match="may have been sent"):
            await case.store.discard(campaign)

    check(act)


def test_what_is_left_does_not_end_and_a_resend_begins_anew_at_once(check: Checked) -> None:
    async def act(case: Case) -> None:
        campaign = await case.load(*to(1))

        async def end() -> str:
            return (await case.store.stand(campaign, "done")).standing

        assert await end() == "ready"  # a row waits
        request = await case.claim()
        assert await end() == "ready"  # it is under way
        await case.store.record(request.number, LOST)
        assert await end() == "ready"  # it is to be looked up
        await case.store.record(request.number, Verdict(event=Event.HOLD, rows=RowState.HELD))
        assert await end() == "done"
        said = Verdict(event=Event.SAID_RESEND, rows=RowState.TAKEN, by="Ann")
        await case.store.record(request.number, said)
        found = await case.store.campaign(campaign)
        assert (found.standing, found.reason) == ("ready", "resumed")
        assert await end() == "ready"  # it is to be sent

    check(act)


def test_what_is_not_there_is_a_lookup_error(check: Checked) -> None:
    async def act(case: Case) -> None:
        await case.load(*to(1), finish=False)
        await case.store.discard(case.campaign)
        assert await case.store.campaigns() == []
        for call in (
            case.store.campaign(case.campaign),
            case.store.counts(case.campaign),
            case.store.claim(case.campaign, 1),
            case.store.requests(case.campaign, "ready"),
            case.rows(),
            case.store.start(1),
            case.store.record(1, TAKEN),
            case.store.purge(case.campaign),
        ):
            with pytest.raises(LookupError, match=r"there is no (campaign|request) 1"):
                await call

    check(act)


@pytest.mark.parametrize(
    ("told", "stays"),
    [
        ([(0, 5.0), (-1, 4.0)], 0),
        ([(-1, 4.0), (0, 4.0)], 0),
        ([(1, 5.0), (0, 9.0)], 1),
        ([(20, 5.0), (1, 9.0)], 20),
        ([(1, 5.0), (2, 4.0)], 2),
        ([(3, 5.0), (2, 4.0)], 2),
        ([(1, None), (2, None)], 2),
    ],
)
def test_a_status_never_goes_back(
    check: Checked, told: list[tuple[int, float | None]], stays: int
) -> None:
    async def act(case: Case) -> None:
        await case.load(*to(1))
        request = await case.claim()
        await case.store.record(request.number, TAKEN)
        for status, at in told:
            assert await case.tell(request, phone(1), status, at) == 1

        assert (await case.rows())[0]["status"] == stays
        assert (await case.store.counts(case.campaign)).statuses == {stays: 1}
        assert await case.states() == ["accepted"]

    check(act)


def test_what_is_told_of_others_messages_is_not_counted(check: Checked) -> None:
    async def act(case: Case) -> None:
        await case.load(*to(1))
        assert await case.store.note([Status("7", phone(1), 1, None, 1.0)]) == 0

    check(act)


def test_those_asked_longest_ago_come_first_until_nothing_more_is_to_be_told(
    check: Checked,
) -> None:
    async def act(case: Case) -> None:
        await case.load(*to(1, 2, 3, 4))
        request = await case.claim(3)
        await case.store.record(request.number, TAKEN)
        one, two, three = await case.store.undelivered(case.campaign, 9)
        assert one == (request.items[0].row, request.id, phone(1))
        case.now += 60
        await case.store.asked([one[0], two[0]])
        assert await case.store.undelivered(case.campaign, 2) == [three, one]
        await case.tell(request, phone(3), 1)
        await case.tell(request, phone(1), 0)
        assert await case.store.undelivered(case.campaign, 9) == [one, two]
        await case.store.asked([three[0]])
        assert await case.store.undelivered(case.campaign, 9) == [one, two]

    check(act)


def test_a_purge_leaves_the_figures_and_no_trace_of_phones_and_texts(check: Checked) -> None:
    async def act(case: Case) -> None:
        await case.load(
            *(NewRow(n, phone(n), f"Dear Anna {n}" * 40, None) for n in range(500)),
        )
        while request := await case.store.claim(case.campaign, 50):
            await case.store.record(request.number, TAKEN)
        with pytest.raises(ValueError, match="only one that is over"):
            await case.store.purge(case.campaign)
        await case.store.stand(case.campaign, "done")
        before = await case.store.counts(case.campaign)
        await case.store.purge(case.campaign)

        assert await case.store.counts(case.campaign) == before
        assert {(row["phone"], row["text"]) for row in await case.rows()} == {("", None)}
        assert await case.store.undelivered(case.campaign, 9) == []
        for file in case.path.parent.iterdir():
            left = file.read_bytes()
            assert b"9990000" not in left
            assert b"Dear Anna" not in left

    check(act)


def test_a_purge_that_cannot_wipe_all_says_so(check: Checked) -> None:
    async def act(case: Case) -> None:
        await case.load(*to(1))
        await case.store.stand(case.campaign, "cancelled")
        with closing(sqlite3.connect(case.path, isolation_level=None)) as other:
            other.execute("BEGIN")
            other.execute("SELECT * FROM recipient").fetchall()
            with pytest.raises(StoreError, match="purge it again"):
                await case.store.purge(case.campaign)
            other.execute("ROLLBACK")
        await case.store.purge(case.campaign)

    check(act)


def test_a_claim_costs_the_same_however_many_rows_are_sent_and_wait(check: Checked) -> None:
    async def act(case: Case) -> None:
        steps = 0

        def count() -> None:
            nonlocal steps
            steps += 1

        await case.store._writer.do(lambda db: db.set_progress_handler(count, 10), apart=True)
        costs: list[int] = []
        for rows in (300, 6000):
            await case.load(*to(*range(rows)))
            for _ in range(rows // 100):
                steps = 0
                request = await case.claim()
                costs.append(steps)
                await case.store.record(request.number, TAKEN)
        assert max(costs) < 1.1 * min(costs)

    check(act)


def test_the_rows_of_a_request_are_read_once_for_all_that_is_told_of_it(check: Checked) -> None:
    async def act(case: Case) -> None:
        said: list[str] = []
        await case.store._writer.do(lambda db: db.set_trace_callback(said.append), apart=True)
        await case.load(*to(*range(40)))
        even, odd = await case.claim(20), await case.claim(20)
        reads: list[int] = []
        for count in (1, 20):
            said.clear()
            told = [
                Status(one.id, one.items[row].phone, status, None, float(status))
                for row in range(count)
                for status in (0, 1)
                for one in (even, odd)
            ]
            assert await case.store.note(told) == len(told)
            reads.append(sum(one.startswith("SELECT") for one in said))

        assert reads[0] == reads[1]
        assert (await case.store.counts(case.campaign)).statuses == {1: 40}
        assert await case.store.undelivered(case.campaign, 9) == []

    check(act)


def test_rows_of_every_kind_and_zone_come_out_in_their_order_however_many_are_added(
    check: Checked,
) -> None:
    async def act(case: Case) -> None:
        rows = [
            NewRow(number, phone(number), (None, "own")[number % 2], (None, "a", "b")[number % 3])
            for number in range(1234)
        ]
        rows[777] = rows[777]._replace(alone=True)
        campaign = (await case.store.begin("autumn", b"{}")).number
        other = (await case.store.begin("winter", b"{}")).number
        for start, end in ((0, 1), (1, 1102), (1102, 1102), (1102, 1234)):
            await case.store.add(campaign, NewRows.of(*rows[start:end]))
            await case.store.add(other, NewRows.of(*to(*range(start, end))))
        for number in (campaign, other):
            await case.store.finish(number, duplicates=False)

        case.campaign = campaign
        assert await case.store.zones(campaign) == [None, "a", "b"]
        assert [row["line"] for row in await case.rows()] == list(range(1234))
        assert phones(await case.claim(3, "b")) == [phone(2), phone(8), phone(14)]
        assert phones(await case.claim(3, "b")) == [phone(5), phone(11), phone(17)]
        claimed = [phones(request) async for request in claims(case, 100)]
        assert [phone(777)] in claimed
        assert len(claimed) > 12
        assert all(one == sorted(one) for one in claimed)
        every = [number for one in claimed for number in one]
        assert len({*every}) == len(every) == 1234 - 6
        assert await case.store.zones(campaign) == []
        assert await case.store.zones(other) == [None]

    check(act)


async def claims(case: Case, most: int) -> AsyncIterator[Request]:
    while request := await case.store.claim(case.campaign, most):
        yield request


def test_the_end_of_loading_tells_what_a_count_would(check: Checked) -> None:
    async def act(case: Case) -> None:
        await case.store.stop([phone(2)], "said STOP")
        for rows, duplicates in (
            (to(), False),
            (to(1, 2, 1, 3, 1), False),
            (to(1, 2, 1, 3, 1), True),
        ):
            campaign = (await case.store.begin("autumn", b"{}")).number
            await case.store.add(campaign, NewRows.of(*rows))
            told = await case.store.finish(campaign, duplicates=duplicates)

            assert told == await case.store.counts(campaign)

    check(act)


def test_addresses_and_numbers_that_came_before_are_found_in_any_spelling(check: Checked) -> None:
    async def act(case: Case) -> None:
        written = ["a@b.example", "c@b.example", "A@b.example", "+79990000001", "79990000001"]
        await case.load(*(NewRow(line, one, "text", None) for line, one in enumerate(written)))

        assert await case.states() == ["waiting", "waiting", "duplicate", "waiting", "duplicate"]

    check(act)


def test_nothing_waits_in_a_campaign_that_was_cancelled(check: Checked) -> None:
    async def act(case: Case) -> None:
        await case.load(*to(1, 2))
        await case.store.stand(case.campaign, "cancelled")

        assert await case.store.zones(case.campaign) == []

    check(act)


def test_rows_of_a_zone_that_are_far_apart_are_looked_for_once(check: Checked) -> None:
    async def act(case: Case) -> None:
        steps = 0

        def count() -> None:
            nonlocal steps
            steps += 1

        near, far = to(*range(6000), zone="near"), to(*range(6000, 6040), zone="far")
        await case.load(*far[:20], *near, *far[20:])
        await case.store._writer.do(lambda db: db.set_progress_handler(count, 10), apart=True)
        costs: list[int] = []
        for _ in range(20):
            steps = 0
            assert len(phones(await case.claim(2, "far"))) == 2
            costs.append(steps)

        assert sum(cost > 2 * min(costs) for cost in costs) == 1

    check(act)


def test_rows_that_come_back_to_wait_are_claimed_before_all_that_come_after(
    check: Checked,
) -> None:
    async def act(case: Case) -> None:
        await case.load(
            *to(0, 1, zone="a"), *to(2, 3, 4, zone="b"), *to(5, zone="a"), *to(6, text=None)
        )
        unpaid = await case.claim(3)
        await case.claim(1)
        await case.claim(2)
        assert await case.store.zones(case.campaign) == [None]

        await case.store.record(unpaid.number, Verdict(event=Event.REFUSED, rows=RowState.WAITING))
        assert await case.store.zones(case.campaign) == [None, "a", "b"]
        assert phones(await case.claim(9, "b")) == [phone(2)]
        assert phones(await case.claim(9)) == [phone(0), phone(1)]
        assert phones(await case.claim(9)) == [phone(6)]
        assert await case.store.zones(case.campaign) == []

    check(act)


def test_fourteen_at_once_never_claim_a_row_twice(tmp_path: Path) -> None:
    async def main() -> list[int]:
        rows: list[int] = []
        async with open_store(tmp_path / "campaigns.db") as store:
            campaign = (await store.begin("autumn", b"{}")).number
            await store.add(campaign, NewRows.of(*to(*range(1000))))
            await store.finish(campaign, duplicates=False)

            async def one() -> None:
                while request := await store.claim(campaign, 7):
                    rows.extend(item.row for item in request.items)
                    await store.record(request.number, TAKEN)

            await asyncio.gather(*(one() for _ in range(14)))
            assert (await store.counts(campaign)).rows == {RowState.ACCEPTED: 1000}
        return rows

    rows = asyncio.run(main())

    assert len(rows) == len({*rows}) == 1000


def test_a_request_has_at_least_one_row(check: Checked) -> None:
    async def act(case: Case) -> None:
        await case.load(*to(1))
        with pytest.raises(ValueError, match="at least one row"):
            await case.store.claim(case.campaign, 0)

    check(act)
