"""Work on many messages in slices, and what others may do between two of them."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Coroutine, Iterable, Sequence
from itertools import pairwise
from typing import Any, ClassVar, TypeAlias, cast

import pytest

from smsc_async import DuplicateSend, InvalidMessage, NotSent, Sent, Sms, SmscClient, _slices
from smsc_async._slices import SLICE, Work, at_once, in_slices, in_turns
from smsc_async.errors import CLOSED
from tests.samples import NOW, Answering, sample
from tests.virtual import VirtualLoop, run

Rows: TypeAlias = list[tuple[str, str | Sms]]

MANY = 5 * SLICE
ACCEPTED = sample("send/cost_3.json")
PHONE = "+79990000000"


# The rule


async def busiest(done: Sequence[object], works: Iterable[Awaitable[object]]) -> int:
    """Return how many were *done* in one turn of the loop at the most."""
    everything = asyncio.gather(*works)
    seen = [len(done)]
    while not everything.done():
        await asyncio.sleep(0)
        seen.append(len(done))
    await everything
    return max(after - before for before, after in pairwise(seen))


@pytest.mark.parametrize("size", [0, 1, SLICE, SLICE + 1, 2 * SLICE, 2 * SLICE + 1])
def test_cut_or_not_it_is_the_same_work(size: int) -> None:
    items = range(size)

    assert at_once(in_slices(str, items)) == list(map(str, items))
    assert run(in_turns(in_slices(str, items))) == list(map(str, items))


def test_what_fits_a_slice_is_done_without_a_turn_for_others() -> None:
    with pytest.raises(StopIteration) as ended:
        in_turns(in_slices(str, range(SLICE))).send(None)

    assert ended.value.value == list(map(str, range(SLICE)))


@pytest.mark.parametrize("size", [SLICE, 2 * SLICE])
def test_an_item_that_ends_an_iteration_drops_no_others(size: int) -> None:
    names = iter("ab")

    with pytest.raises(RuntimeError, match="StopIteration"):
        run(in_turns(in_slices(lambda _: next(names), range(size))))


@pytest.mark.parametrize("works", [1, 5])
def test_a_turn_of_the_loop_holds_one_slice_however_many_works_there_are(works: int) -> None:
    done: list[int] = []

    most = run(busiest(done, [in_turns(in_slices(done.append, range(MANY))) for _ in range(works)]))

    assert most == SLICE
    assert done == works * list(range(MANY))


def test_what_fits_a_slice_does_not_wait_for_what_does_not() -> None:
    async def main() -> tuple[bool, list[str]]:
        large = asyncio.create_task(in_turns(in_slices(str, range(MANY))))
        await asyncio.sleep(0)
        small = await in_turns(in_slices(str, range(2)))
        was_done = large.done()
        await large
        return was_done, small

    assert run(main()) == (False, ["0", "1"])


def failing(items: Sequence[int]) -> Work[object]:
    return in_slices(lambda item: 1 // (item - SLICE), items)


@pytest.mark.parametrize("cancelled", [False, True])
def test_one_that_does_not_come_to_its_end_lets_the_next_begin(*, cancelled: bool) -> None:
    async def main() -> object:
        first = asyncio.create_task(in_turns(failing(range(MANY))))
        second = asyncio.create_task(in_turns(in_slices(str, range(MANY))))
        await asyncio.sleep(0)
        if cancelled:
            first.cancel()
        with pytest.raises(asyncio.CancelledError if cancelled else ZeroDivisionError):
            await first
        return await second

    assert run(main()) == list(map(str, range(MANY)))


def test_no_loop_is_kept_for_its_turns() -> None:
    async def main() -> bool:
        works = [asyncio.create_task(in_turns(in_slices(str, range(MANY)))) for _ in range(2)]
        await asyncio.sleep(0)
        was_there = len(_slices._turns) == 1
        await asyncio.wait(works)
        return was_there

    assert run(main())
    assert not _slices._turns


# Calls


class Read(Sms, frozen=True, kw_only=True):
    """A text that notes when it is read."""

    texts: ClassVar[list[str]] = []

    @property
    def mes(self) -> str:
        self.texts.append(self.text)
        return self.text


def rows(size: int = MANY, begin: int = 0, kind: Callable[..., Sms] = Sms) -> Rows:
    return [(f"+7999{at:07}", kind(text=f"text {at}")) for at in range(begin, begin + size)]


def listed(given: Rows) -> str:
    return "\n".join(f"{phone}:{cast('Sms', message).text}" for phone, message in given)


def client(transport: Answering) -> SmscClient:
    return SmscClient(api_key="key", transport=transport, wall=lambda: NOW)


def with_client(work: Callable[[SmscClient], Coroutine[Any, Any, object]]) -> list[dict[str, str]]:
    """Do *work* with a client; return the forms that went out."""
    transport = Answering(ACCEPTED)

    async def main() -> None:
        async with client(transport) as smsc:
            await smsc.send(PHONE, "the login is proved")
            transport.forms.clear()
            await work(smsc)
            assert smsc.throttle.snapshot().in_flight == 0

    run(main())
    return transport.forms


CALLS: dict[str, Callable[[SmscClient, Rows], Coroutine[Any, Any, object]]] = {
    "send_each": lambda smsc, given: smsc.send_each(given),
    "price_each": lambda smsc, given: smsc.price_each(given),
    "jobs.add": lambda smsc, given: smsc.jobs.add("many", messages=given),
}


@pytest.mark.parametrize("call", CALLS.values(), ids=CALLS)
def test_a_turn_of_the_loop_reads_no_more_than_a_slice_of_a_call(
    call: Callable[[SmscClient, Rows], Coroutine[Any, Any, object]],
) -> None:
    Read.texts.clear()

    async def work(smsc: SmscClient) -> None:
        some = [call(smsc, rows(begin=at * MANY, kind=Read)) for at in range(2)]
        assert await busiest(Read.texts, some) == SLICE

    assert len(with_client(work)) == 2
    assert len(Read.texts) == 2 * MANY


async def started(work: Coroutine[Any, Any, Sent], turns: int = 1) -> asyncio.Task[Sent]:
    """Begin *work*, and let some turns of the loop pass."""
    task = asyncio.create_task(work)
    for _ in range(turns):
        await asyncio.sleep(0)
    return task


def test_one_text_to_many_is_cut_as_well() -> None:
    phones = [phone for phone, _ in rows()]

    async def work(smsc: SmscClient) -> None:
        large = await started(smsc.send(phones, "to all"))
        await smsc.send(PHONE, "a code")
        assert not large.done()
        await large

    assert [form["phones"] for form in with_client(work)] == [PHONE, ",".join(phones)]


def test_a_code_is_not_held_behind_a_list() -> None:
    async def work(smsc: SmscClient) -> None:
        lists = [await started(smsc.send_each(rows(begin=at * MANY))) for at in range(3)]
        await smsc.send(PHONE, "a code")
        assert not any(task.done() for task in lists)
        await asyncio.gather(*lists)

    assert [form.get("phones") for form in with_client(work)] == [PHONE, None, None, None]


def test_lists_go_out_in_the_order_in_which_they_came() -> None:
    given = [rows(begin=at * MANY) for at in range(3)]

    async def work(smsc: SmscClient) -> None:
        await asyncio.gather(*map(smsc.send_each, given))

    assert [form["list"] for form in with_client(work)] == list(map(listed, given))


def test_of_two_lists_that_are_the_same_the_first_goes_out() -> None:
    async def work(smsc: SmscClient) -> None:
        first, second = await asyncio.gather(
            smsc.send_each(rows()), smsc.send_each(rows()), return_exceptions=True
        )
        assert isinstance(first, Sent)
        assert isinstance(second, DuplicateSend)

    assert len(with_client(work)) == 1


def test_what_is_changed_after_the_call_began_changes_nothing() -> None:
    given: list[Any] = [list(row) for row in rows()]
    phones = [phone for phone, _ in rows(begin=MANY)]

    async def work(smsc: SmscClient) -> None:
        each = await started(smsc.send_each(given))
        same = await started(smsc.send(phones, "to all"))
        for row in given:
            row[:] = [PHONE, "changed"]
        given.clear()
        phones.reverse()
        phones.pop()
        await asyncio.gather(each, same)

    forms = {form.get("list", form.get("phones")) for form in with_client(work)}
    assert forms == {listed(rows()), ",".join(phone for phone, _ in rows(begin=MANY))}


def test_bad_rows_are_told_wherever_they_stand() -> None:
    given: list[Any] = [*rows(), ("nobody", "text"), "no row", (PHONE, 7)]

    async def work(smsc: SmscClient) -> None:
        with pytest.raises(InvalidMessage) as error:
            await smsc.send_each(given)
        assert set(error.value.rows) == {MANY, MANY + 1, MANY + 2}

    assert with_client(work) == []


# Reading the rows, seeing who gets what, and the digests of the phones are cut into five each.
in_the_middle = pytest.mark.parametrize("turn", range(1, 15))


@in_the_middle
def test_a_client_that_is_closed_in_the_middle_sends_nothing(turn: int) -> None:
    transport = Answering(ACCEPTED)

    async def main() -> None:
        smsc = client(transport)
        task = await started(smsc.send_each(rows()), turn)
        await smsc.aclose()
        with pytest.raises(NotSent, match=CLOSED):
            await task

    run(main())
    assert transport.forms == []


@in_the_middle
def test_a_call_that_is_cancelled_in_the_middle_leaves_nothing_behind(turn: int) -> None:
    async def work(smsc: SmscClient) -> None:
        task = await started(smsc.send_each(rows()), turn)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        await smsc.send_each(rows())  # no twin, and not behind anyone

    assert len(with_client(work)) == 1
    assert not _slices._turns


@in_the_middle
def test_the_time_between_slices_counts_for_the_deadline(turn: int) -> None:
    async def work(smsc: SmscClient) -> None:
        task = await started(smsc.send_each(rows(), deadline=5), turn)
        cast("VirtualLoop", asyncio.get_running_loop()).now += 6
        with pytest.raises(NotSent, match="deadline"):
            await task

    assert with_client(work) == []
