"""One file, several processes: together they keep to the limits as one would alone."""

from __future__ import annotations

import asyncio
import random
import tempfile
from pathlib import Path
from typing import Literal, NamedTuple

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from smsc_async import DuplicateSend, FileThrottle, Throttled
from smsc_async._throttle.keys import PLACE, Slot
from smsc_async._transport.admission import Admission
from smsc_async._wire import limits
from smsc_async._wire.limits import AT_ONCE, SECOND, STATUS_AT_ONCE, Lane, Per, Rule
from tests.virtual import run

from .holders import (
    FREE,
    OFFERED,
    SOON,
    TABLES,
    admit,
    ask,
    die,
    done,
    fill,
    holder,
    kept,
    now,
    rows,
    virtual,
    waiting,
)
from .naive import How, Naive, Use


@virtual
async def test_fourteen_are_at_once_of_all_processes_together(path: Path) -> None:
    holders = [holder(path) for _ in range(4)]
    chance, running, most = random.Random(1), 0, 0

    async def work(throttle: FileThrottle) -> None:
        nonlocal running, most
        for _ in range(5):
            wanted = await admit(throttle)
            running += 1
            most = max(most, running)
            await asyncio.sleep(chance.uniform(0.1, 0.5))
            running -= 1
            done(throttle, wanted)

    await asyncio.gather(*(work(throttle) for throttle in holders for _ in range(20)))

    assert most == AT_ONCE.limit
    assert [kept(throttle) for throttle in holders] == [[]] * 4


@virtual
async def test_four_status_requests_are_at_once_of_all_processes_together(path: Path) -> None:
    one, other = holder(path), holder(path)
    status = (STATUS_AT_ONCE, "status")
    running = [await admit(throttle, ask(status)) for throttle in (one, other, one, other)]

    with pytest.raises(Throttled):
        await admit(one, ask(status, max_wait=10))
    done(other, running[1])

    await admit(one, ask(status, max_wait=0.1))


@virtual
async def test_the_twin_of_a_send_of_another_process_is_refused_at_once(path: Path) -> None:
    one, other, begun = holder(path), holder(path), now()
    await admit(one, ask((limits.ONE_IDENTICAL, "text"), unique=True))

    with pytest.raises(DuplicateSend):
        await admit(other, ask((limits.ONE_IDENTICAL, "text"), unique=True))

    assert now() == begun


@virtual
async def test_a_window_counts_from_the_answer_and_a_guard_in_every_process(path: Path) -> None:
    one, other, rule = holder(path), holder(path), (limits.ONE_IDENTICAL, "same")
    first = await admit(one, ask(rule))
    await asyncio.sleep(20)
    done(one, first)
    answered = now()

    await admit(other, ask(rule))

    assert now() - answered == pytest.approx(61, abs=0.002)


@virtual
async def test_a_window_that_opens_too_late_is_refused_without_waiting(path: Path) -> None:
    one, other, rule = holder(path), holder(path), (limits.ONE_IDENTICAL, "same")
    done(one, await admit(one, ask(rule)))
    begun = now()

    with pytest.raises(Throttled) as caught:
        await admit(other, ask(rule, max_wait=60))

    assert (now(), caught.value.retry_after) == (begun, 61)
    assert other.opens(ask(rule).slots, "bulk") == 61


@virtual
async def test_who_asks_for_a_longer_guard_waits_longer(path: Path) -> None:
    one, other, rule = holder(path), holder(path), (limits.ONE_IDENTICAL, "same")
    one.widen(guard=3.0, linger=5.0)
    done(one, await admit(one, ask(rule)))
    begun = now()

    await admit(other, ask(rule))

    assert now() - begun == pytest.approx(63, abs=0.002)


@virtual
async def test_a_flood_of_one_number_is_counted_of_all_processes_together(path: Path) -> None:
    one, other = holder(path), holder(path)
    flood = (Rule(3, limits.MINUTE, Per.RECIPIENT, chain=True), "number")
    for throttle in (one, other, one):
        done(throttle, await admit(throttle, ask(flood)))
        await asyncio.sleep(40)
    last = now() - 40

    await admit(other, ask(flood))

    assert now() - last == pytest.approx(61, abs=0.002)


@virtual
async def test_what_the_service_said_holds_for_every_process(path: Path) -> None:
    one, other = holder(path), holder(path)
    wanted = await admit(one, ask((limits.IDENTICAL, "same")))
    one.fill(wanted.slots)
    one.pause(3)
    done(one, wanted)
    begun = now()

    await admit(other)
    assert now() - begun == pytest.approx(3, abs=0.002)
    await admit(other, ask((limits.IDENTICAL, "same")))
    assert now() - begun == pytest.approx(61, abs=0.002)
    one.shrink((PLACE,))
    assert other.snapshot().places == 1


@virtual
async def test_a_place_that_is_not_used_goes_on_to_the_other_process_at_once(path: Path) -> None:
    one, other, rule = holder(path), holder(path), (limits.ONE_IDENTICAL, "same")
    unused = await admit(one, ask(rule))
    late = waiting(other, ask(rule))
    await asyncio.sleep(1)
    begun = now()
    one.leave(unused.slots, "undo")

    await late

    assert now() - begun <= SOON


@virtual
async def test_whoever_gives_up_waiting_leaves_no_claim(path: Path) -> None:
    one, other = holder(path), holder(path)
    running = await fill(one)
    impatient, patient = waiting(other), waiting(other, ask(lane="bulk"))
    await asyncio.sleep(1)
    assert one.snapshot().waiting == {"interactive": 1, "bulk": 1}

    impatient.cancel()
    await asyncio.wait([impatient])
    assert one.snapshot().waiting == {"interactive": 0, "bulk": 1}
    done(one, *running[:3])

    await asyncio.wait_for(patient, SOON)
    assert rows(path, "claim") == 0


@virtual
async def test_what_takes_no_place_is_no_turn_of_another_lane(path: Path) -> None:
    one, campaign = holder(path), holder(path)
    running = await fill(one)
    late = waiting(campaign, ask(lane="bulk"))
    await asyncio.sleep(0.1)
    trial = Slot(limits.ONE_TRIAL, b"trial")
    for _ in range(30):
        await one.admit(Admission("test", (trial,), "interactive", 1, unique=False), print)
        one.leave((trial,), "undo")
    urgent = waiting(one)
    await asyncio.sleep(0)

    done(one, running[0])
    await asyncio.sleep(SOON)

    assert (urgent.done(), late.done()) == (True, False)
    late.cancel()


@virtual
async def test_a_snapshot_tells_of_all_processes_together(path: Path) -> None:
    one, other, watching = holder(path), holder(path), holder(path)
    rule = (limits.IDENTICAL, "same")
    for length in (10, 20, 30):
        first = await admit(one, ask(rule))
        done(one, first)
        await asyncio.sleep(length / 10)
    waits = [waiting(one, ask(rule, lane="bulk")), waiting(other, ask(rule)), waiting(other)]
    running = await fill(one, 3)
    await asyncio.sleep(0)
    one.leave(running[0].slots, "lost")
    # The same key may be counted in windows as well.
    logins = (Slot(limits.REFUSED_LOGINS, PLACE.key),)
    one.note(lambda ledger, now: ledger.count(logins, now))

    seen = watching.snapshot()

    assert (seen.in_flight, seen.lingering, seen.paused) == (3, 1, 0)
    assert seen.waiting == {"interactive": 1, "bulk": 1}
    (standing,) = seen.standing
    assert (standing.rule, standing.waiting) == (str(limits.IDENTICAL), 2)
    assert standing.seconds == pytest.approx(61 - 6, abs=0.01), "the first of three to open"
    await asyncio.gather(*waits)


@virtual
async def test_who_stands_before_the_places_is_counted_once(path: Path) -> None:
    one, other = holder(path), holder(path)
    await fill(one)
    both = (Slot(limits.REFUSED_LOGINS, PLACE.key), Slot(limits.REFUSED_SENDS, PLACE.key))
    one.note(lambda ledger, now: ledger.count(both, now))
    late = waiting(one)
    await asyncio.sleep(0)

    (standing,) = other.snapshot().standing

    assert (standing.waiting, standing.seconds) == (1, None)
    late.cancel()


@virtual
async def test_nothing_is_written_by_looking(path: Path) -> None:
    one, other, watching = holder(path), holder(path), holder(path)
    await fill(one)
    late = [waiting(one), waiting(other)]
    watching.snapshot()
    await asyncio.sleep(0.2)
    store = watching._store
    assert store is not None
    store.was_changed()

    await asyncio.sleep(3)

    assert not store.was_changed(), "or two who wait would keep each other busy"
    for task in late:
        task.cancel()


RULES: list[tuple[Rule, str]] = [
    (Rule(1, 2 * SECOND, Per.REQUEST), "a"),
    (Rule(1, 2 * SECOND, Per.REQUEST), "b"),
    (Rule(3, 4 * SECOND, Per.OPERATION), "c"),
    (Rule(3, 2 * SECOND, Per.RECIPIENT, chain=True), "d"),
    (Rule(2, 0, Per.PATH), "e"),
]


class Call(NamedTuple):
    """One call of a program: who makes it when, of what, and how it ends."""

    holder: int
    wanted: float
    rules: list[int]
    lane: Lane
    unique: bool
    max_wait: float
    lasts: float
    ends: Literal["done", "lost", "undo"]


CALLS = st.builds(
    Call,
    holder=st.integers(0, 3),
    wanted=st.sampled_from([0.0, 0.0, 0.1, 0.5, 1.0, 3.0]),
    rules=st.lists(st.integers(0, len(RULES) - 1), max_size=3, unique=True).map(sorted),
    lane=st.sampled_from(["interactive", "bulk"]),
    unique=st.booleans(),
    max_wait=st.sampled_from([0.0, 1.0, 5.0, 1_000.0, 1_000.0, 1_000.0]),
    lasts=st.sampled_from([0.01, 0.3, 0.3, 2.0]),
    ends=st.sampled_from(["done", "done", "done", "lost", "undo"]),
)


class Program:
    """Calls of several holders, beside books that never forget."""

    def __init__(self, path: Path, calls: list[Call], deaths: dict[int, float]) -> None:
        self.naive = Naive()
        self._holders = [holder(path) for _ in range(4)]
        self._calls = calls
        self._deaths = deaths
        self._wanting: dict[int, tuple[Slot, ...]] = {}
        self._since: dict[int, float] = {}
        # One that was dead or gave back what it had not used is looked for each second only.
        rare = bool(deaths) or any(call.ends == "undo" for call in calls)
        self._bound = (2.0 if rare else 0.0) + OFFERED + 2 * SOON

    async def run(self) -> None:
        tasks = [asyncio.ensure_future(self._call(at, c)) for at, c in enumerate(self._calls)]
        mourned = [
            asyncio.ensure_future(self._end(at, when, tasks)) for at, when in self._deaths.items()
        ]
        watching = asyncio.ensure_future(self._watch())
        results = await asyncio.gather(*tasks, *mourned, return_exceptions=True)
        watching.cancel()
        await asyncio.wait([watching])
        if not watching.cancelled() and (error := watching.exception()):
            raise error
        for result in results:
            if isinstance(result, Exception) and not isinstance(result, Throttled):
                raise result

    async def over(self, path: Path) -> None:
        await asyncio.sleep(20)
        living = [t for at, t in enumerate(self._holders) if at not in self._deaths]
        if not living:
            living = [holder(path)]
        for throttle in living:
            seen = throttle.snapshot()
            assert (seen.in_flight, seen.lingering, seen.waiting) == (0, 0, FREE)
            assert kept(throttle) == []
        assert [rows(path, table) for table in TABLES] == [0, 0, 0]
        assert rows(path, "holder") == len(living)

    async def _call(self, at: int, call: Call) -> None:
        throttle, loop = self._holders[call.holder], asyncio.get_running_loop()
        await asyncio.sleep(call.wanted)
        rules = [RULES[number] for number in call.rules]
        wanted = ask(*rules, lane=call.lane, unique=call.unique, max_wait=call.max_wait)
        self._wanting[at] = wanted.slots
        try:
            await admit(throttle, wanted)
        finally:
            del self._wanting[at]
        taken = self._taken(wanted.slots)
        how: How = "lost"
        try:
            await asyncio.sleep(call.lasts)
            how = call.ends
        finally:
            self.naive.now = int(loop.time() * 1000)
            self.naive.leave(taken, how)
            if how == call.ends and call.holder not in self._ended():
                throttle.leave(wanted.slots, how)

    def _ended(self) -> set[int]:
        return {at for at, when in self._deaths.items() if now() >= 1_000 + when}

    def _taken(self, slots: tuple[Slot, ...]) -> list[tuple[Slot, Use]]:
        self.naive.now = int(now() * 1000)
        for slot in slots:
            assert self.naive.wait(slot) == 0, "one too many"
        return self.naive.take(slots)

    async def _end(self, at: int, when: float, tasks: list[asyncio.Task[None]]) -> None:
        await asyncio.sleep(when)
        die(self._holders[at])
        self._holders[at]._store = None
        for task, call in zip(tasks, self._calls, strict=True):
            if call.holder == at:
                task.cancel()

    async def _watch(self) -> None:
        """See that nobody who could start waits for long."""
        while True:
            await asyncio.sleep(0.01)
            self.naive.now = int(now() * 1000)
            could = {at for at, slots in self._wanting.items() if self._could(at, slots)}
            for at in list(self._since):
                if at not in could:
                    del self._since[at]
            for at in could:
                waited = now() - self._since.setdefault(at, now())
                assert waited < self._bound, "it waits for nothing"

    def _could(self, at: int, slots: tuple[Slot, ...]) -> bool:
        """Tell whether everything that one wants is free, and wanted by nobody else."""
        if any(self.naive.wait(slot) for slot in slots):
            return False
        others = {slot for other, theirs in self._wanting.items() if other != at for slot in theirs}
        bulk = self._calls[at].lane == "bulk"
        return not (bulk or others & set(slots[:-1]))


@settings(derandomize=True, max_examples=40)
@given(
    calls=st.lists(CALLS, min_size=5, max_size=60),
    deaths=st.dictionaries(st.integers(0, 3), st.sampled_from([0.2, 1.0, 4.0]), max_size=2),
)
def test_no_program_of_several_processes_breaks_a_rule_or_leaves_anything(
    calls: list[Call], deaths: dict[int, float]
) -> None:
    async def main(path: Path) -> None:
        program = Program(path, calls, deaths)
        await program.run()
        await program.over(path)

    with tempfile.TemporaryDirectory() as folder:
        run(main(Path(folder) / "limits.db"))
