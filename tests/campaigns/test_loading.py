"""Rows go into a store a slice at a time; those that cannot be sent go to a file, and why."""

from __future__ import annotations

import asyncio
import stat
import threading
import tracemalloc
from collections.abc import AsyncIterator, Callable, Generator, Iterable, Iterator
from inspect import GEN_CLOSED, getgeneratorstate
from pathlib import Path
from typing import Any, TypeVar

import pytest

from smsc_async.campaigns._errors import BadRows, BadTemplate, StoreError
from smsc_async.campaigns._files import read_csv, read_json_lines
from smsc_async.campaigns._loading import Loaded, Rejects, in_thread, load, stop
from smsc_async.campaigns._making import Maker
from smsc_async.campaigns._records import NewRows
from smsc_async.campaigns._rows import Slice, Source
from smsc_async.campaigns._sqlite import SqliteStore
from smsc_async.campaigns._templates import compiled
from smsc_async.messages import Email, Message
from tests.campaigns.failing import FailingStore
from tests.campaigns.inline import store_at
from tests.virtual import run

T = TypeVar("T")
TEMPLATE = "Hello {name}"


async def inline(work: Callable[[], T], /) -> T:
    return work()


class Campaign:
    """A campaign that is loading, in a store of its own."""

    def __init__(self, folder: Path) -> None:
        self.path = folder / "campaigns.db"

    def load(
        self,
        source: Source,
        message: str | Message = TEMPLATE,
        **options: Any,  # noqa: ANN401 - of load() and Maker
    ) -> tuple[Loaded, list[tuple[object, ...]]]:
        """Load *source*; return what became of it, and line, phone and text of each row."""
        rejects = options.pop("rejects", None)
        clock = options.pop("clock", lambda: 0.0)

        async def main() -> tuple[Loaded, list[tuple[object, ...]]]:
            async with store_at(self.path) as store:
                campaign = (await store.begin("a", b"{}")).number
                maker = Maker(template=compiled(message), **options)
                loaded = await load(
                    store, campaign, source, maker, rejects=rejects, work=inline, clock=clock
                )
                await store.finish(campaign, duplicates=True)
                rows = [row async for portion in store.rows(campaign) for row in portion]
                return loaded, [(row[0], row[1], row[8]) for row in rows]

        return run(main())


@pytest.fixture
def campaign(tmp_path: Path) -> Campaign:
    return Campaign(tmp_path)


def people(count: int) -> Iterator[dict[str, object]]:
    for number in range(count):
        yield {"phone": f"8926{number:07}", "name": f"n{number}"}


async def later(rows: Iterable[T]) -> AsyncIterator[T]:
    for row in rows:
        await asyncio.sleep(0)
        yield row


# Sources


def test_a_file_is_loaded(campaign: Campaign, tmp_path: Path) -> None:
    path = tmp_path / "list.csv"
    path.write_text("phone;name\n8 (926) 000-00-01;Анна\n\n+79260000002;Пётр\n", "windows-1251")

    assert campaign.load(read_csv(path)) == (
        Loaded(2, 0),
        [(2, "+79260000001", "Hello Анна"), (4, "+79260000002", "Hello Пётр")],
    )


def test_objects_are_loaded(campaign: Campaign, tmp_path: Path) -> None:
    path = tmp_path / "list.jsonl"
    path.write_text('{"phone": 79260000001, "name": "a"}\n', "utf-8")

    assert campaign.load(read_json_lines(path))[1] == [(1, "+79260000001", "Hello a")]


@pytest.mark.parametrize("wrap", [list, iter, later], ids=["list", "iterator", "async"])
def test_rows_of_a_program_are_loaded(
    campaign: Campaign, wrap: Callable[[Iterable[Any]], Source]
) -> None:
    loaded, rows = campaign.load(wrap(list(people(4500))))

    assert loaded == Loaded(4500, 0)
    assert rows == [(at + 1, f"+7926{at:07}", f"Hello n{at}") for at in range(4500)]


def test_pairs_have_texts_of_their_own(campaign: Campaign) -> None:
    pairs = [("+79260000001", "one {x}"), ("+79260000002", "two")]

    assert campaign.load(pairs, "{text}")[1] == [
        (1, "+79260000001", "one {x}"),
        (2, "+79260000002", "two"),
    ]


def test_one_text_for_all_is_kept_with_no_row(campaign: Campaign) -> None:
    assert campaign.load(people(1), "Hello")[1] == [(1, "+79260000000", None)]


def test_a_source_of_nothing_is_a_list_of_nobody(campaign: Campaign) -> None:
    assert campaign.load([]) == (Loaded(0, 0), [])


def test_letters_go_to_addresses(campaign: Campaign) -> None:
    rows = [{"to": "Anna@Example.com"}, {"to": "+79260000001"}, {"to": ""}, {"to": "a@b@c"}]
    letter = Email(subject="s", text="hello", sender="shop@example.com")

    loaded, found = campaign.load(rows, letter, phone="to", zoned=True)

    assert found == [(1, "anna@example.com", None)]
    assert loaded == Loaded(1, 2)  # the third has nothing in it, and is none


def test_the_zone_is_that_of_the_number_where_it_is_wanted(tmp_path: Path) -> None:
    class Zones:
        def __init__(self) -> None:
            self.zones: list[str | None] = []

        async def add(self, _: int, rows: NewRows) -> None:
            self.zones += rows.zones

    def zones(*, zoned: bool) -> list[str | None]:
        store: Any = Zones()
        maker = Maker(template=compiled("hello"), zoned=zoned)
        rows = [{"phone": phone} for phone in ("84951234567", "89261234567")]
        run(load(store, 1, rows, maker, work=inline))
        zones: list[str | None] = store.zones
        return zones

    assert zones(zoned=True) == ["Europe/Moscow", None]
    assert zones(zoned=False) == [None, None]


def test_a_region_is_that_of_the_caller(campaign: Campaign) -> None:
    assert campaign.load([{"phone": "030 123456"}], "hello", region="DE")[1] == [
        (1, "+4930123456", None)
    ]


# What is refused before anything is stored


@pytest.mark.parametrize(
    ("message", "options", "error", "why"),
    [
        ("{surname}", {}, BadTemplate, "no column is called surname; there are phone, name"),
        (TEMPLATE, {"phone": "tel"}, BadRows, "no column is called tel; there are phone, name"),
        (TEMPLATE, {"region": "Russia"}, BadRows, "Russia"),
    ],
)
def test_a_list_that_does_not_fit_is_refused(
    campaign: Campaign,
    tmp_path: Path,
    *,
    message: str,
    options: dict[str, Any],
    error: type[Exception],
    why: str,
) -> None:
    path = tmp_path / "list.csv"
    path.write_text("phone,name\n", "utf-8")

    for source in (read_csv(path), people(3)):
        with pytest.raises(error, match=why):
            campaign.load(source, message, **options)


def test_a_list_without_a_header_does_not_show_its_numbers(
    campaign: Campaign, tmp_path: Path
) -> None:
    path = tmp_path / "list.csv"
    path.write_text("+79261234567,Анна\n", "utf-8")

    with pytest.raises(BadRows) as error:
        campaign.load(read_csv(path))

    assert "no column is called phone" in str(error.value)
    assert "1234567" not in str(error.value)


# Bad rows


def test_bad_rows_go_to_a_file_and_the_rest_goes_on(campaign: Campaign, tmp_path: Path) -> None:
    path = tmp_path / "list.csv"
    path.write_text(
        'phone,name,city\n+79260000001,"a\nb",x\n+7926,c,y\n+79260000002,d\n'
        '+79260000003,,z\n,,\n"a"b,c,d\n+79260000004,e,"w, q"\n',
        "utf-8",
    )
    bad = tmp_path / "bad.csv"

    with Rejects(bad) as rejects:
        loaded, rows = campaign.load(read_csv(path), rejects=rejects)

    assert loaded == Loaded(2, 4)
    assert [row[0] for row in rows] == [2, 9]
    assert stat.S_IMODE(bad.stat().st_mode) == 0o600
    assert bad.read_bytes().startswith(b"\xef\xbb\xbf")
    lines = bad.read_text("utf-8-sig").splitlines()
    assert lines[0] == "line,reason,phone,name,city"
    assert lines[1:] == [
        "4,phone: is too short for a number of RU (+7),+7926,c,y",
        '5,"has 2 cells, and there are 3 columns",+79260000002,d',
        "6,name: is empty,+79260000003,,z",
        '8,"a quotation mark is not closed, or something follows the closing one"',
    ]


def test_a_file_of_bad_rows_is_mended_and_read_again(campaign: Campaign, tmp_path: Path) -> None:
    first, second = tmp_path / "first.csv", tmp_path / "second.csv"
    with Rejects(first) as rejects:
        campaign.load(
            [{"phone": "+7926", "name": "a"}, {"phone": "1", "name": "b"}], rejects=rejects
        )
    first.write_text(first.read_text("utf-8-sig").replace("+7926,", "+79260000001,"), "utf-8-sig")

    with Rejects(second) as rejects:
        loaded, rows = campaign.load(read_csv(first), rejects=rejects)

    assert (loaded, rows) == (Loaded(1, 1), [(2, "+79260000001", "Hello a")])
    assert second.read_text("utf-8-sig").splitlines() == [
        "line,reason,phone,name",
        "3,phone: is too short for a number,1,b",
    ]


def test_without_bad_rows_there_is_no_file(campaign: Campaign, tmp_path: Path) -> None:
    bad = tmp_path / "bad.csv"
    with Rejects(bad) as rejects:
        campaign.load(people(1), rejects=rejects)

    assert not bad.exists()


def test_a_file_is_made_at_the_first_bad_row(campaign: Campaign, tmp_path: Path) -> None:
    bad = tmp_path / "bad.csv"

    def whole() -> Iterator[dict[str, object]]:
        yield from people(1)
        assert not bad.exists(), "a program that is killed here leaves no empty file"
        yield {"phone": "1", "name": "b"}

    with Rejects(bad) as rejects:
        campaign.load(whole(), rejects=rejects)

    assert len(bad.read_text("utf-8-sig").splitlines()) == 2


def test_where_there_is_no_folder_is_told_at_once(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match="nowhere"):
        Rejects(tmp_path / "nowhere" / "bad.csv")


def test_no_file_is_written_over(tmp_path: Path) -> None:
    path = tmp_path / "list.csv"
    path.write_text("mine", "utf-8")

    with pytest.raises(FileExistsError):
        Rejects(path)

    assert path.read_text("utf-8") == "mine"


def test_a_sign_that_cannot_be_written_is_spelled_out(campaign: Campaign, tmp_path: Path) -> None:
    bad = tmp_path / "bad.csv"
    with Rejects(bad) as rejects:
        campaign.load([{"phone": "+79260000001", "name": "\ud83d"}], rejects=rejects)

    assert "\\ud83d" in bad.read_text("utf-8-sig")


# Time and memory


def test_slow_rows_of_a_program_hold_the_loop_for_a_moment_only(campaign: Campaign) -> None:
    now = 0.0
    sizes: list[int] = []
    taken = 0

    def slow() -> Iterator[tuple[str, str]]:
        nonlocal now, taken
        for number in range(20):
            now += 0.001
            taken += 1
            yield f"8926{number:07}", "a"

    async def counted(work: Callable[[], T], /) -> T:
        nonlocal taken
        if taken:
            sizes.append(taken)
            taken = 0
        return work()

    async def main() -> Loaded:
        async with store_at(campaign.path) as store:
            number = (await store.begin("a", b"{}")).number
            maker = Maker(template=compiled("{text}"))
            return await load(store, number, slow(), maker, work=counted, clock=lambda: now)

    assert run(main()) == Loaded(20, 0)
    assert max(sizes) <= 5
    assert sum(sizes) == 20


def test_work_is_done_beside_the_loop(tmp_path: Path) -> None:
    async def main() -> tuple[Loaded, set[int], set[int]]:
        pulled: set[int] = set()
        made: set[int] = set()

        def rows() -> Iterator[tuple[str, str]]:
            pulled.add(threading.get_ident())
            yield "+79260000001", "a"

        async def noted(work: Callable[[], T], /) -> T:
            def noting() -> T:
                made.add(threading.get_ident())
                return work()

            return await in_thread(noting)

        async with SqliteStore(tmp_path / "campaigns.db") as store:
            number = (await store.begin("a", b"{}")).number
            loaded = await load(
                store, number, rows(), Maker(template=compiled("{text}")), work=noted
            )
            return loaded, pulled, made

    loaded, pulled, made = asyncio.run(main())

    assert loaded == Loaded(1, 0)
    assert pulled == {threading.get_ident()}
    assert made
    assert not made & pulled


def test_few_rows_wait_at_a_time() -> None:
    pulled = stored = most = 0

    def rows() -> Iterator[dict[str, object]]:
        nonlocal pulled
        for row in people(200_000):
            pulled += 1
            yield row

    class Counting:
        async def add(self, _: int, rows: NewRows) -> None:
            nonlocal stored, most
            most = max(most, pulled - stored)
            stored += len(rows.lines)

    store: Any = Counting()
    loaded = run(load(store, 1, rows(), Maker(template=compiled(TEMPLATE)), work=inline))

    assert loaded == Loaded(200_000, 0)
    assert stored == 200_000
    assert most < 10_000


def test_a_file_is_never_all_in_memory(tmp_path: Path) -> None:
    class Forgetting:
        async def add(self, _: int, rows: NewRows) -> None:
            pass

    path = tmp_path / "list.csv"
    with path.open("w", encoding="utf-8") as file:
        file.write("phone,name\n")
        file.writelines(f"{row['phone']},{str(row['name']) * 300}\n" for row in people(20_000))
    store: Any = Forgetting()
    maker = Maker(template=compiled("Hello"))
    tracemalloc.start()
    try:
        loaded = run(load(store, 1, read_csv(path), maker, work=inline))
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()

    assert loaded == Loaded(20_000, 0)
    assert peak < path.stat().st_size / 2


# Failures


def test_a_store_that_fails_ends_the_loading(tmp_path: Path) -> None:
    async def main(nth: int) -> None:
        async with store_at(tmp_path / f"{nth}.db") as inner:
            store = FailingStore(inner, nth)
            number = (await store.begin("a", b"{}")).number
            await load(store, number, people(9000), Maker(template=compiled(TEMPLATE)), work=inline)

    for nth in (2, 3, 4):
        with pytest.raises(StoreError):
            run(main(nth))
    run(main(5))


def test_a_file_is_closed_when_loading_ends_early(campaign: Campaign, tmp_path: Path) -> None:
    path = tmp_path / "list.csv"
    path.write_text("phone,name\n+79260000001,a\n", "utf-8")

    begun: list[Generator[Slice]] = []  # which are not closed for nobody having them any more

    class Kept:
        def slices(self, most: int) -> Generator[Slice]:
            begun.append(read_csv(path).slices(most))
            return begun[0]

    with pytest.raises(BadTemplate):
        campaign.load(Kept(), "{surname}")

    assert getgeneratorstate(begun[0]) == GEN_CLOSED


# Stop lists


def stops(tmp_path: Path, listed: Any, **options: Any) -> tuple[int, int]:  # noqa: ANN401 - of stop()
    async def main() -> tuple[int, int]:
        async with store_at(tmp_path / "campaigns.db") as store:
            new = await stop(store, listed, reason="a", work=inline, **options)
            return new, await store.stops()

    return run(main())


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "windows-1251"])
def test_who_is_not_to_be_sent_to_is_read_in_any_spelling(tmp_path: Path, encoding: str) -> None:
    path = tmp_path / "stop.txt"
    path.write_bytes(
        (
            "# просили не писать\n8 (926) 000-00-01\n\n+79260000001 # Анна\n"
            "Anna@Example.com\r\n9260000002"
        ).encode(encoding)
    )

    assert stops(tmp_path, path) == (3, 3)
    assert stops(tmp_path, str(path)) == (0, 3)


def test_who_is_stopped_is_sent_nothing(tmp_path: Path) -> None:
    async def main() -> list[object]:
        async with store_at(tmp_path / "campaigns.db") as store:
            await stop(store, ["8 926 000-00-01"], reason="a", work=inline)
            number = (await store.begin("a", b"{}")).number
            await load(store, number, people(3), Maker(template=compiled("a")), work=inline)
            await store.finish(number, duplicates=False)
            return [row[2] async for portion in store.rows(number) for row in portion]

    assert run(main()) == ["waiting", "stopped", "waiting"]


def test_lines_that_stop_nobody_are_told_and_nothing_is_changed(tmp_path: Path) -> None:
    lines = ["phone", "89260000001", *["+7926"] * 11, "89260000002"]

    with pytest.raises(BadRows) as error:
        stops(tmp_path, lines)

    text = str(error.value)
    assert text.startswith("stop list, line 1: is no phone number; line 3: is too short")
    assert text.endswith(
        "line 11: is too short for a number of RU (+7), and 2 more; mend them or put # before them"
    )
    assert stops(tmp_path, []) == (0, 0)


def test_one_fault_is_told_and_how_it_is_mended(tmp_path: Path) -> None:
    path = tmp_path / "stop.txt"
    path.write_text("89260000001\nx\n", "utf-8")
    said = r"^stop list, line 2: is no phone number; mend it or put # before it$"

    for listed in (path, path.read_text("utf-8").splitlines()):
        with pytest.raises(BadRows, match=said):
            stops(tmp_path, listed)

    path.write_text("89260000001\n# x\n", "utf-8")
    assert stops(tmp_path, path) == (1, 1)


def test_a_region_is_that_of_the_stop_list(tmp_path: Path) -> None:
    async def main() -> int:
        async with store_at(tmp_path / "campaigns.db") as store:
            await stop(store, ["030 123456"], reason="a", region="DE", work=inline)
            return await store.stop(["+4930123456"], "b")

    assert run(main()) == 0
