"""However callbacks come, each is handled once, none backwards, and all ends alike: in each store.

A handler is called with one event of a message at a time, so what a program remembers of it last is
the newest.
"""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory
from typing import TypeAlias

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from smsc_async.webhooks import (
    CallbackApp,
    Event,
    Letter,
    MemorySeen,
    Seen,
    SqliteSeen,
    StatusReport,
    parse,
)
from smsc_async.webhooks._seen import event_of
from tests.virtual import run

from .calling import MOMENT, SECRET, Clock, Fields, as_json, ask, body, call, message, status

Made: TypeAlias = Callable[[Path], Seen]

STORES = pytest.mark.parametrize(
    "made", [lambda _: MemorySeen(), SqliteSeen], ids=["memory", "file"]
)

# The statuses of one message, the time that is told with each, and a key: the times contradict.
SIX = [
    (-1, str(MOMENT + 5), ""),
    (0, str(MOMENT + 20), ""),
    (77, str(MOMENT + 20), ""),
    (1, str(MOMENT), ""),
    (1, str(MOMENT), "1"),
    (2, "no time", ""),
]


def event(fields: Fields) -> Event:
    (found,) = parse(as_json(fields), secret=SECRET, content_type="application/json")
    return event_of(found)


class Program:
    """What stands behind an app: it writes down what it hears, and fails when told to."""

    def __init__(self, seen: Seen, failing: Iterator[bool] | None = None) -> None:
        self.failing = failing
        self.heard = list[StatusReport]()
        self.late = list[StatusReport]()
        self.newest = dict[str, StatusReport]()
        self.running = set[str]()
        self.app = CallbackApp(
            secret=SECRET, on_status=self.on_status, on_late=self.on_late, seen=seen
        )

    async def on_status(self, report: StatusReport) -> None:
        await self._work(report)
        self.heard.append(report)
        self.newest[report.id] = report

    async def on_late(self, report: StatusReport) -> None:
        await self._work(report)
        self.late.append(report)

    async def _work(self, report: StatusReport) -> None:
        assert report.id not in self.running, "two at a time about one message"
        self.running.add(report.id)
        try:
            await asyncio.sleep(0.5)
            if self.failing is not None and next(self.failing, False):
                raise ValueError("the program fails")
        finally:
            self.running.discard(report.id)

    async def hear(self, fields: Fields) -> int:
        start, _ = await ask(self.app, body(fields))
        return int(start["status"])

    async def hear_until_done(self, fields: Fields) -> None:
        """Repeat as the service does."""
        for _ in range(50):
            if await self.hear(fields) == 200:
                return
            await asyncio.sleep(240)
        raise AssertionError("it was given up")

    def check(self, posted: Iterable[Fields]) -> None:
        """Check the law of it all."""
        known = {event(fields) for fields in posted}
        assert sorted(map(event_of, self.heard + self.late)) == sorted(known), "each once"
        for name, newest in self.newest.items():
            places = [event_of(each).place for each in self.heard if each.id == name]
            assert places == sorted(places), "never backwards"
            subject = event_of(newest).subject
            there = (each for each in known if each.subject == subject)
            assert event_of(newest) == max(there, key=lambda each: each.place), "all ends alike"
        assert {event_of(each).subject for each in self.newest.values()} == {
            each.subject for each in known
        }


@STORES
def test_all_orders_of_six_events_and_their_duplicates_end_alike(
    made: Made, tmp_path: Path
) -> None:
    chance = Random(6)

    async def main() -> None:
        seen = made(tmp_path / "seen.db")
        for number, order in enumerate(itertools.permutations(SIX)):
            program = Program(seen)
            # Each order is that of another message, so that one store knows them all.
            events = [status(told, id=str(number), ts=ts, dtmf=key) for told, ts, key in order]
            posted = list(events)
            for fields in chance.sample(events, 4):  # again, at any time after the first
                posted.insert(chance.randint(posted.index(fields) + 1, len(posted)), fields)
            for fields in posted:
                assert await program.hear(fields) == 200
            program.check(events)
            assert program.newest[str(number)].status == 2
            assert event_of(program.heard[0]) == event(events[0])
        await seen.aclose()

    run(main())


# What is told of one message, as status and seconds, and what the program believes in the end,
# whichever comes first; of two alike that tell another time only the first counts.
LITERAL: dict[str, tuple[list[tuple[int, int]], int]] = {
    "a delivered message that fails later": ([(1, 3), (20, 9)], 20),
    "a receipt after the end": ([(20, 3), (1, 9)], 1),
    "a failure after the message was read": ([(2, 3), (20, 9)], 2),
    "two final ones": ([(20, 3), (25, 9)], 25),
    "two final ones with the times swapped": ([(20, 9), (25, 3)], 20),
    "two final ones of the same second": ([(20, 5), (25, 5)], 25),
    "a delivered message that is under way again": ([(1, 3), (0, 9), (-1, 12)], 1),
    "a message that was read before it was delivered": ([(2, 3), (1, 9)], 2),
    "a link that was clicked before the message was read": ([(4, 3), (2, 9)], 4),
    "a number of no page, and later one of a page": ([(77, 3), (0, 9)], 0),
}
# A time is not signed, so a duplicate may tell another. Where statuses tell by themselves how far
# the message is, it does not matter which; of two that do not, all times of one come first here.
RETOLD: dict[str, tuple[list[tuple[int, int]], int]] = {
    "a delivery": ([(0, 1), (1, 5), (1, 50), (1, 2)], 1),
    "an end": ([(1, 3), (20, 9), (20, 99), (1, 1)], 20),
    "a message that was read": ([(2, 1), (1, 9), (1, 0), (2, 99)], 2),
    "two ends, one of them twice": ([(20, 3), (25, 9), (25, 50), (20, 1)], 25),
    "what is under way": ([(-1, 1), (0, 5), (0, 7), (1, 3), (1, 0)], 1),
}


@STORES
@pytest.mark.parametrize(("told", "newest"), (LITERAL | RETOLD).values(), ids=LITERAL | RETOLD)
def test_in_all_orders_a_message_comes_to_the_status_that_is_written_here(
    told: list[tuple[int, int]], newest: int, made: Made, tmp_path: Path
) -> None:
    async def main() -> None:
        seen = made(tmp_path / "seen.db")
        for at, order in enumerate(itertools.permutations(told)):
            program, name = Program(seen), str(at)
            for number, second in order:
                again = status(number, id=name, ts=MOMENT + second)
                assert await program.hear(again) == 200
            assert program.newest[name].status == newest, order
            heard = [report.status for report in program.heard + program.late]
            assert sorted(heard) == sorted({number for number, _ in told}), "each once"
        await seen.aclose()

    run(main())


@STORES
def test_a_status_that_is_told_again_with_another_time_is_not_handled_again(
    made: Made, tmp_path: Path
) -> None:
    async def main() -> None:
        program = Program(seen := made(tmp_path / "seen.db"))
        for second in (5, 0, 9):
            assert await program.hear(status(1, ts=MOMENT + second)) == 200
        assert [(report.status, report.ts) for report in program.heard] == [(1, MOMENT + 5)]
        assert program.late == []
        await seen.aclose()

    run(main())


@st.composite
def events(draw: st.DrawFn) -> Fields:
    """Draw an event; one is told with one time, however often."""
    number = draw(st.sampled_from([-1, 0, 1, 2, 3, 4, 20, 25, 77]))
    dtmf = draw(st.sampled_from(["", "1", "12"]))
    calltime = draw(st.sampled_from(["", "3", "9", "1:30", "9" * 5000, "٣"]))
    at = MOMENT + (3 * number + len(dtmf + calltime)) % 4
    name = draw(st.sampled_from("123"))
    return status(number, id=name, ts=at, dtmf=dtmf, calltime=calltime)


EVENTS = st.lists(events(), min_size=1, max_size=12)


@contextmanager
def stores() -> Iterator[list[Seen]]:
    with TemporaryDirectory() as folder:
        yield [MemorySeen(), SqliteSeen(Path(folder, "seen.db"))]


@settings(max_examples=40)
@given(
    events=EVENTS,
    repeated=st.lists(st.integers(0, 11), max_size=12),
    failing=st.lists(st.booleans(), max_size=20),
    gaps=st.lists(st.sampled_from([0.0, 0.3, 0.6, 100.0]), min_size=1, max_size=5),
)
def test_whatever_comes_at_once_and_however_the_program_fails_the_law_holds(
    events: list[Fields], repeated: list[int], failing: list[bool], gaps: list[float]
) -> None:
    posted = events + [events[at % len(events)] for at in repeated]

    async def main(seen: Seen) -> None:
        program, tasks = Program(seen, iter(failing)), list[asyncio.Task[None]]()
        for at, fields in enumerate(posted):
            tasks.append(asyncio.create_task(program.hear_until_done(fields)))
            await asyncio.sleep(gaps[at % len(gaps)])
        await asyncio.gather(*tasks)
        program.check(events)
        await seen.aclose()

    with stores() as each:
        for seen in each:
            run(main(seen))


@settings(max_examples=40)
@given(events=EVENTS, chance=st.randoms(use_true_random=False))
def test_two_workers_with_one_file_are_as_one(events: list[Fields], chance: Random) -> None:
    async def main(path: Path) -> None:
        workers = [SqliteSeen(path), SqliteSeen(path)]
        programs = [Program(seen) for seen in workers]
        for name in ("heard", "late", "newest", "running"):  # one database behind both
            setattr(programs[1], name, getattr(programs[0], name))
        posted = events + chance.choices(events, k=len(events))
        async with asyncio.TaskGroup() as group:
            for fields in posted:
                group.create_task(chance.choice(programs).hear_until_done(fields))
        programs[0].check(events)
        for seen in workers:
            await seen.aclose()

    with TemporaryDirectory() as folder:
        run(main(Path(folder, "seen.db")))


@STORES
def test_of_two_that_no_time_tells_apart_the_same_is_the_newest_whichever_comes_first(
    made: Made, tmp_path: Path
) -> None:
    async def newest(keys: str) -> str | None:
        seen = made(tmp_path / keys)
        program = Program(seen)
        for key in keys:
            assert await program.hear(status(1, dtmf=key)) == 200
        await seen.aclose()
        return program.newest["5"].dtmf

    assert run(newest("12")) == run(newest("21"))


# What makes an event another, and newer.


def test_what_is_not_signed_makes_no_other_event_but_keys_that_were_pressed() -> None:
    same = [status(1), status(1, ts=MOMENT + 99, cost="9.9", cmt="changed", err=1, flag=7)]
    assert len({event(fields).key for fields in same}) == 1
    others = [
        *(status(1), status(2), status(1, id="6"), status(1, phone="79990000000")),
        *(status(1, dtmf="1"), status(1, callmenu="1"), status(1, calltime="1")),
        *(message(), message("нет"), message(id="78"), message(to="79990000002")),
        *(call(), call(MOMENT + 1)),
    ]
    assert len({event(fields).key for fields in others}) == len(others)


@pytest.mark.parametrize(("text", "seconds"), [("14", 14), ("", 0), ("0:14", 0), ("9" * 5000, 0)])
def test_a_later_key_of_a_call_is_newer_even_in_the_same_second(text: str, seconds: int) -> None:
    assert event(status(1, calltime=text)).rank[3] == seconds


# Letters, and what is forgotten.


def letter(number: int, at: float = 0.0) -> Letter:
    return Letter(at or float(number), "why", "text/plain", b"body %d" % number)


@STORES
def test_the_newest_hundred_letters_are_kept_the_same_once(made: Made, tmp_path: Path) -> None:
    async def main() -> None:
        seen = made(tmp_path / "seen.db")
        for number in range(130):
            await seen.keep(letter(number))
        await seen.keep(letter(50, at=500.0))
        await seen.keep(letter(0, at=501.0))
        assert isinstance(seen, MemorySeen | SqliteSeen)
        letters = seen.letters()
        kept = [*range(32, 50), *range(51, 130)]
        assert (
            letters
            == [
                *[letter(31)],
                *[letter(number) for number in kept],
                *[letter(50, at=500.0), letter(0, at=501.0)],
            ][-100:]
        )
        await seen.aclose()

    run(main())


def test_memory_keeps_the_newest_events_and_forgets_the_oldest() -> None:
    def single(number: int) -> Event:
        return Event(b"%d" % number, b"s%d" % number, (0, 0, 0, 0))

    async def main() -> None:
        seen = MemorySeen(keep=3)
        for number in range(5):
            assert await seen.begin(single(number), 1) == "new"
            await seen.end(single(number), handled=True)
        found = [await seen.begin(single(number), 1) for number in range(5)]
        assert found == ["new", "new", "duplicate", "duplicate", "duplicate"]
        sizes = [len(each) for each in (seen._handled, seen._newest, seen._held)]
        assert sizes == [3, 3, 2]

    run(main())


def test_memory_of_nothing_is_refused() -> None:
    with pytest.raises(ValueError, match="keep: at least one event"):
        MemorySeen(keep=0)


@STORES
def test_an_event_that_was_not_handled_is_new_again(made: Made, tmp_path: Path) -> None:
    async def main() -> None:
        seen, one = made(tmp_path / "seen.db"), event(status())
        for _ in range(3):
            assert await seen.begin(one, 35) == "new"
            assert await seen.begin(one, 35) == "busy"
            await seen.end(one, handled=False)
        assert await seen.begin(one, 35) == "new"
        await seen.end(one, handled=True)
        assert await seen.begin(one, 35) == "duplicate"
        await seen.aclose()

    run(main())


def test_a_clock_that_is_set_holds_no_message_longer_than_its_lease(tmp_path: Path) -> None:
    clock = Clock()

    async def main() -> None:
        seen = SqliteSeen(tmp_path / "seen.db", clock=clock)
        for step in (-86_400.0, -36.0, +36.0, +86_400.0):
            one = event(status(id=str(clock.now)))
            assert await seen.begin(one, 35) == "new"
            clock.now += step
            assert await seen.begin(one, 35) == "new"
        for step in (-1.0, -30.0, +30.0):
            one = event(status(id=str(clock.now)))
            assert await seen.begin(one, 35) == "new"
            clock.now += step
            held = await seen.begin(one, 35)
            clock.now += 70.1
            assert await seen.begin(one, 35) == "new"
            assert held == ("busy" if step > 0 else "new")
        await seen.aclose()

    run(main())
