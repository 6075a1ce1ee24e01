"""Whatever is done with a store, and however often it is closed, it does what the model does."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Coroutine
from decimal import Decimal
from pathlib import Path
from typing import Any, TypeVar

import hypothesis.strategies as st
from hypothesis import settings
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from smsc_async.campaigns._plan import MOVES, Event, State
from smsc_async.campaigns._records import NewRow, NewRows, RowState, Standing, Status, Verdict
from smsc_async.campaigns._sqlite import SqliteStore

from ..virtual import VirtualLoop
from .inline import store_at
from .model import Model, Row

T = TypeVar("T")
PHONES = [f"+7999000000{last}" for last in range(6)]
ZONES = [None, "Europe/Moscow", "Asia/Omsk"]
SEEDS = int(os.environ.get("SMSC_SEEDS", "1"))
NUMBERS = st.integers(0, 1000)
ROWS = st.lists(
    st.tuples(
        st.sampled_from(PHONES),
        st.sampled_from([None, "text"]),
        st.sampled_from(ZONES),
        st.sampled_from([False, False, False, True]),
    ),
    max_size=8,
)
# What a runner, or a person, says of the rows at each event.
ROWS_AFTER = {
    Event.TAKEN: RowState.ACCEPTED,
    Event.FOUND: RowState.ACCEPTED,
    Event.SAID_SENT: RowState.ACCEPTED,
    Event.REFUSED: RowState.REFUSED,
    Event.FOUND_REFUSED: RowState.REFUSED,
    Event.HOLD: RowState.HELD,
    Event.SAID_RESEND: RowState.TAKEN,
    Event.SAID_DROP: RowState.ABANDONED,
    Event.CANCEL: RowState.CANCELLED,
}


class Stores(RuleBasedStateMachine):
    @initialize()
    def open(self) -> None:
        self.loop = VirtualLoop()
        self.folder = Path(tempfile.mkdtemp())
        self.store = self.opened()
        self.model = Model()
        self.lines = 0

    def teardown(self) -> None:
        self.do(self.store.aclose())
        self.loop.close()
        shutil.rmtree(self.folder)

    def opened(self) -> SqliteStore:
        store = store_at(self.folder / "campaigns.db")
        self.do(store.own())
        return store

    def do(self, act: Coroutine[Any, Any, T]) -> T:
        return self.loop.run_until_complete(act)

    def one(self, numbers: list[int], which: int) -> int:
        return numbers[which % len(numbers)]

    def of(self, *standings: str) -> list[int]:
        return [
            number
            for number, found in self.model.campaigns.items()
            if not standings or found.standing in standings
        ]

    @rule()
    def reopen(self) -> None:
        self.do(self.store.aclose())
        self.store = self.opened()

    @precondition(lambda self: len(self.model.campaigns) < 3)
    @rule(rows=ROWS, ready=st.booleans(), duplicates=st.booleans())
    def begin(self, rows: list[tuple[Any, ...]], *, ready: bool, duplicates: bool) -> None:
        made = self.do(self.store.begin("a campaign", b"{}"))
        assert made.number == self.model.begin()
        self.load(made.number, rows)
        if ready:
            self.do(self.store.finish(made.number, duplicates=duplicates))
            self.model.finish(made.number, duplicates=duplicates)

    @precondition(lambda self: self.of("loading"))
    @rule(which=NUMBERS, rows=ROWS)
    def add(self, which: int, rows: list[tuple[Any, ...]]) -> None:
        self.load(self.one(self.of("loading"), which), rows)

    def load(self, campaign: int, rows: list[tuple[Any, ...]]) -> None:
        new = [NewRow(line, *row) for line, row in enumerate(rows, self.lines + 1)]
        self.lines += len(new)
        self.do(self.store.add(campaign, NewRows.of(*new)))
        self.model.campaigns[campaign].rows += [Row(row) for row in new]

    @precondition(lambda self: self.of("loading"))
    @rule(which=NUMBERS, duplicates=st.booleans())
    def finish(self, which: int, *, duplicates: bool) -> None:
        campaign = self.one(self.of("loading"), which)
        self.do(self.store.finish(campaign, duplicates=duplicates))
        self.model.finish(campaign, duplicates=duplicates)

    def unpacked(self) -> list[int]:
        packed = {one.campaign for one in self.model.requests.values()}
        return [number for number in self.of() if number not in packed]

    @precondition(lambda self: self.unpacked())
    @rule(which=NUMBERS)
    def discard(self, which: int) -> None:
        campaign = self.one(self.unpacked(), which)
        self.do(self.store.discard(campaign))
        del self.model.campaigns[campaign]

    @precondition(lambda self: self.of())
    @rule(
        which=NUMBERS,
        most=st.integers(1, 4),
        zones=st.none() | st.sets(st.sampled_from(ZONES)),
    )
    def claim(self, which: int, most: int, zones: set[str | None] | None) -> None:
        campaign = self.one(self.of(), which)
        claimed = self.do(self.store.claim(campaign, most, zones=zones))
        assert (claimed and claimed.number) == self.model.claim(campaign, most, zones)

    @precondition(lambda self: self.in_state(State.READY))
    @rule(which=NUMBERS)
    def start(self, which: int) -> None:
        number = self.one(self.in_state(State.READY), which)
        started = self.do(self.store.start(number))
        assert (started and started.number) == self.model.start(number)

    def in_state(self, *states: State) -> list[int]:
        return [number for number, one in self.model.requests.items() if one.state in states]

    @precondition(lambda self: self.model.requests)
    @rule(
        which=NUMBERS,
        event=st.sampled_from([event for event in Event if event is not Event.START]),
        cost=st.sampled_from([None, Decimal("0.1"), Decimal(3)]),
        split=st.booleans(),
        back=st.booleans(),
        misses=st.none() | st.integers(0, 3),
        resends=st.none() | st.integers(0, 3),
    )
    def record(
        self,
        which: int,
        event: Event,
        cost: Decimal | None,
        misses: int | None,
        resends: int | None,
        *,
        split: bool,
        back: bool,
    ) -> None:
        number = self.one(list(self.model.requests), which)
        split = split and event is Event.REFUSED and len(self.model.of(number)) > 1
        back = back and event in {Event.REFUSED, Event.FOUND_REFUSED}
        before = self.model.requests[number]
        back = back or (event is Event.SAID_RESEND and before.state is State.PARTIAL)
        verdict = Verdict(
            event=event,
            rows=None if split else RowState.WAITING if back else ROWS_AFTER.get(event),
            cost=cost,
            misses=misses,
            resends=resends,
            split=split,
        )
        is_cancelled = self.model.campaigns[before.campaign].standing == "cancelled"
        possible = (before.state, event) in MOVES and not (
            is_cancelled and event is Event.SAID_RESEND
        )
        try:
            after = self.do(self.store.record(number, verdict))
        except KeyError:
            assert not possible
        else:
            self.model.record(number, verdict)
            assert after.state == self.model.requests[number].state

    @precondition(lambda self: self.in_state(State.INTENT))
    @rule(which=NUMBERS, cost=st.sampled_from([Decimal(1), Decimal("2.5")]))
    def set_aside(self, which: int, cost: Decimal) -> None:
        number = self.one(self.in_state(State.INTENT), which)
        self.do(self.store.set_aside(number, cost))
        self.model.set_aside(number, cost)

    @precondition(lambda self: self.of())
    @rule(which=NUMBERS)
    def recover(self, which: int) -> None:
        campaign = self.one(self.of(), which)
        found = self.do(self.store.recover(campaign))
        self.model.recover(campaign)
        assert [request.number for request in found] == [
            number
            for number in self.in_state(State.READY, State.DOUBT)
            if self.model.requests[number].campaign == campaign
        ]

    @precondition(lambda self: self.of())
    @rule(which=NUMBERS, account=st.sampled_from(["one", "another"]))
    def bind(self, which: int, account: str) -> None:
        campaign = self.one(self.of(), which)
        after = self.do(self.store.bind(campaign, account))
        self.model.bind(campaign, account)
        assert after.account == self.model.campaigns[campaign].account

    @precondition(lambda self: self.of("ready", "paused", "cancelled", "done"))
    @rule(
        which=NUMBERS, standing=st.sampled_from(["ready", "ready", "paused", "cancelled", "done"])
    )
    def stand(self, which: int, standing: Standing) -> None:
        campaign = self.one(self.of("ready", "paused", "cancelled", "done"), which)
        after = self.do(self.store.stand(campaign, standing))
        self.model.stand(campaign, standing)
        assert after.standing == self.model.campaigns[campaign].standing

    @precondition(lambda self: self.model.requests)
    @rule(
        which=NUMBERS,
        phone=st.sampled_from(PHONES),
        status=st.sampled_from([-3, -2, -1, 0, 1, 2, 3, 4, 20, 22, 23, 24, 25, 99]),
        at=st.integers(0, 5),
    )
    def note(self, which: int, phone: str, status: int, at: int) -> None:
        number = self.one(list(self.model.requests), which)
        key = self.do(self.store.campaign(self.model.requests[number].campaign)).key
        told = Status(f"{key}.{number}", phone.removeprefix("+"), status, None, float(at))
        assert self.do(self.store.note([told])) == self.model.note(told)

    @rule(phones=st.lists(st.sampled_from(PHONES), max_size=2))
    def stop(self, phones: list[str]) -> None:
        new = self.do(self.store.stop(phones, "said STOP"))
        assert new == len({*phones} - self.model.stops)
        self.model.stops |= {*phones}

    @invariant()
    def rows_are_as_the_model_has_them(self) -> None:
        async def rows(campaign: int) -> list[tuple[object, ...]]:
            return [row async for portion in self.store.rows(campaign) for row in portion]

        for number, found in self.model.campaigns.items():
            record = self.do(self.store.campaign(number))
            assert (record.standing, record.spent) == (found.standing, found.spent)
            assert [row[:4] + row[5:6] for row in self.do(rows(number))] == [
                (
                    row.new.line,
                    row.new.phone,
                    row.state,
                    row.request and f"{record.key}.{row.request}",
                    row.status,
                )
                for row in found.rows
            ]

    @invariant()
    def zones_are_those_of_the_rows_that_wait(self) -> None:
        for number in self.of("ready", "paused", "done"):
            waiting = {
                row.new.zone
                for row in self.model.campaigns[number].rows
                if row.state is RowState.WAITING
            }
            found = self.do(self.store.zones(number))
            assert (set(found), len(found)) == (waiting, len(waiting))

    @invariant()
    def requests_are_as_the_model_has_them(self) -> None:
        for campaign in self.model.campaigns:
            found = self.do(self.store.requests(campaign, *State))
            assert [
                (
                    one.number,
                    one.state,
                    one.attempts,
                    one.resends,
                    one.misses,
                    one.doubted,
                    one.aside,
                )
                for one in found
            ] == [
                (number, one.state, one.attempts, one.resends, one.misses, one.doubted, one.aside)
                for number, one in self.model.requests.items()
                if one.campaign == campaign
            ]

    @invariant()
    def what_is_spent_is_told_move_by_move(self) -> None:
        for campaign, found in self.model.campaigns.items():
            assert sum(cost for _, cost in self.do(self.store.costs(campaign, -1.0))) == found.spent

    @invariant()
    def nothing_is_left_of_what_is_done(self) -> None:
        for campaign in self.of("done"):
            counts = self.do(self.store.counts(campaign))
            assert RowState.WAITING not in counts.rows
            assert State.READY not in counts.requests

    @invariant()
    def a_request_holds_each_phone_once_and_texts_of_one_kind(self) -> None:
        for campaign in self.model.campaigns:
            for request in self.do(self.store.requests(campaign, *State)):
                phones = [item.phone for item in request.items]
                assert len(phones) == len({*phones}) > 0
                assert len({item.text is None for item in request.items}) == 1

    @invariant()
    def an_open_row_is_in_an_open_request(self) -> None:
        for row in (row for one in self.model.campaigns.values() for row in one.rows):
            if row.state in {RowState.TAKEN, RowState.HELD}:
                assert row.request is not None
                assert self.model.requests[row.request].state not in {
                    State.ACCEPTED,
                    State.REJECTED,
                    State.CANCELLED,
                    State.ABANDONED,
                }


TestStores = Stores.TestCase
TestStores.settings = settings(deadline=None, max_examples=30 + 30 * SEEDS, stateful_step_count=40)
