"""Numbers, links, statistics and prices: the whole client against the simulator."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import aclosing, asynccontextmanager
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import httpx
import pytest

from smsc_async import (
    BadParameters,
    LoginRefused,
    NoAnswer,
    NotFound,
    NotSent,
    Operator,
    Sms,
    SmscClient,
    SmscError,
    Statistics,
)
from smsc_async.simulator import Settings, Simulator
from tests.virtual import run

MINUTE = 60.0
NOON = datetime(2026, 11, 21, 9, 0, tzinfo=UTC)  # in Moscow
UNKNOWN = "+33999000000"  # the simulator knows Russian numbers only


class Losing(httpx.ASGITransport):
    """Loses the answers to the questions about numbers that *lost* chooses."""

    def __init__(self, sim: Simulator, lost: Callable[[str], bool]) -> None:
        super().__init__(app=sim.app)
        self._lost = lost

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        form = dict(httpx.QueryParams((await request.aread()).decode()))
        response = await super().handle_async_request(request)
        if "get_operator" in form and self._lost(form.get("phone", "")):
            raise httpx.ReadError("lost", request=request)
        return response


class Forgetting(httpx.ASGITransport):
    """Leaves rows out of an answer about many, and spells the phones its own way."""

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        response = await super().handle_async_request(request)
        rows = json.loads(await response.aread())
        if isinstance(rows, list):
            rows = [{**row, "phone": f"8{row['phone'][2:]}"} for row in rows[::3]]
        return httpx.Response(200, json=rows)


def nothing(_phone: str) -> bool:
    return False


@asynccontextmanager
async def world(
    settings: Settings | None = None,
    lost: Callable[[str], bool] = nothing,
    *,
    max_wait: float = 75.0,
    deadline: float | None = None,
) -> AsyncIterator[tuple[Simulator, SmscClient]]:
    begun = now()

    def wall() -> datetime:
        return NOON + timedelta(seconds=now() - begun)

    async with (
        Simulator(settings, wall=wall) as sim,
        SmscClient(
            login="demo",
            password="demo",
            transport=Losing(sim, lost),
            max_wait=max_wait,
            deadline=deadline,
            wall=lambda: wall().timestamp(),
        ) as smsc,
    ):
        yield sim, smsc


def now() -> float:
    return asyncio.get_running_loop().time()


def numbers(count: int) -> list[str]:
    return [f"+7999{n:07}" for n in range(count)]


async def known(
    smsc: SmscClient, phones: list[str], *, as_lists: bool = False
) -> Mapping[str, bool]:
    """Ask about *phones*; return who is known, after each came once."""
    found = [one async for one in smsc.lookup.operators(phones, as_lists=as_lists)]
    assert len({one.phone for one in found}) == len(found)
    return {one.phone: one.is_known for one in found}


@pytest.mark.parametrize(("max_wait", "deadline"), [(0.0, None), (75.0, None), (75.0, 10.0)])
@pytest.mark.parametrize("whole_seconds", [False, True])
def test_a_hundred_numbers_a_minute_are_looked_up_whatever_the_patience(
    *, whole_seconds: bool, max_wait: float, deadline: float | None
) -> None:
    async def main() -> None:
        settings = Settings(latency=0.3, jitter=0.3, whole_seconds=whole_seconds)
        async with world(settings, max_wait=max_wait, deadline=deadline) as (sim, smsc):
            begun = now()
            found = await known(smsc, numbers(450))

            assert found == dict.fromkeys(numbers(450), True)
            assert sim.refusals == []
            assert sim.most_at_once == 14
            assert 4 * MINUTE < now() - begun < 5 * MINUTE

    run(main())


def test_lists_of_a_hundred_take_one_question_each() -> None:
    async def main() -> None:
        async with world() as (sim, smsc):
            begun = now()
            found = await known(smsc, numbers(1450), as_lists=True)

            assert found == dict.fromkeys(numbers(1450), True)
            assert (
                sorted(request.params["phone"].count(",") for request in sim.log)
                == [49] + [99] * 14
            )
            assert now() - begun < 5

    run(main())


@pytest.mark.parametrize("as_lists", [False, True])
def test_a_number_that_the_service_does_not_know_is_told_and_keeps_no_other_back(
    *, as_lists: bool
) -> None:
    async def main() -> None:
        async with world() as (sim, smsc):
            phones = [*numbers(5), UNKNOWN]
            found = await known(smsc, phones, as_lists=as_lists)

            assert found == {**dict.fromkeys(numbers(5), True), UNKNOWN: False}
            assert len(sim.log) == (7 if as_lists else 6)
            with pytest.raises(NotFound):
                await smsc.lookup.operator(UNKNOWN)

    run(main())


def test_a_list_with_one_number_is_a_question_about_one() -> None:
    async def main() -> None:
        async with world() as (_, smsc):
            assert await known(smsc, numbers(1), as_lists=True) == {"+79990000000": True}
            assert await known(smsc, [UNKNOWN], as_lists=True) == {UNKNOWN: False}

    run(main())


def test_what_a_list_leaves_out_is_asked_about_singly() -> None:
    async def main() -> None:
        async with Simulator() as sim:
            transport = Forgetting(app=sim.app)
            async with SmscClient(login="demo", password="demo", transport=transport) as smsc:
                found = await known(smsc, numbers(30), as_lists=True)

                assert found == dict.fromkeys(numbers(30), True)
                assert len(sim.log) == 21

    run(main())


@pytest.mark.parametrize("as_lists", [False, True])
def test_a_lost_answer_is_raised_when_all_others_have_theirs(*, as_lists: bool) -> None:
    phones = numbers(40)

    async def main() -> None:
        found: list[Operator] = []
        async with world(lost=lambda phone: phones[7] in phone) as (_, smsc):
            with pytest.raises(NoAnswer):
                await fill(found, smsc.lookup.operators(phones, as_lists=as_lists))

            assert {one.phone for one in found} == {*phones} - {phones[7]}

    run(main())


async def fill(found: list[Operator], operators: AsyncIterator[Operator]) -> None:
    async for operator in operators:
        found.append(operator)  # noqa: PERF401 - what came before an error is kept


def test_a_service_that_is_gone_ends_the_asking_before_the_last_number() -> None:
    async def main() -> None:
        found: list[Operator] = []
        async with world(lost=lambda _: len(found) > 50) as (sim, smsc):
            with pytest.raises(NoAnswer):
                await fill(found, smsc.lookup.operators(numbers(1000)))

            assert 50 < len(found) <= 66
            assert sim.requests < 100 + 2 * 28

    run(main())


def test_what_would_meet_every_number_is_raised_at_once() -> None:
    async def main() -> None:
        async with world(Settings(password="other")) as (sim, smsc):
            with pytest.raises(LoginRefused):
                await known(smsc, numbers(100))
            assert sim.requests <= 2

    run(main())


def test_a_closed_client_ends_the_asking() -> None:
    async def main() -> SmscError:
        async with world() as (_, smsc):
            asking = asyncio.create_task(known(smsc, numbers(300)))
            await asyncio.sleep(5)
            await smsc.aclose()
            with pytest.raises(NotSent) as caught:
                await asking
            return caught.value

    assert "closed" in str(run(main()))


def test_closing_the_iterator_early_leaves_nothing_behind() -> None:
    async def main() -> None:
        async with world(Settings(latency=0.5)) as (sim, smsc):
            before, begun = asyncio.all_tasks(), now()
            async with aclosing(smsc.lookup.operators(numbers(150))) as found:
                for _ in range(100):
                    await anext(found)
                await asyncio.sleep(1)  # the others wait for the next minute
            assert now() - begun < 10
            await sim.idle()
            await asyncio.sleep(1)

            assert asyncio.all_tasks() == before
            assert sim.requests == 100

    run(main())


def test_a_link_that_a_send_made_short_can_be_looked_up() -> None:
    url = "https://example.com/a?b=1&c=2"

    async def main() -> None:
        async with world() as (sim, smsc):
            await smsc.send("+79990000000", "see https://example.com/long")
            with pytest.raises(NotFound):
                await smsc.lookup.link(url="https://example.com/long")
            await smsc.price("+79990000000", Sms(text=f"see {url}", tinyurl=True))
            with pytest.raises(NotFound):
                await smsc.lookup.link(url=url)
            for n in range(2):
                await smsc.send(f"+7999000000{n}", Sms(text=f"see {url}", tinyurl=True))
            link = await smsc.lookup.link(url=url)

            assert sim.accepted[-1].text == f"see {link.link}"
            assert await smsc.lookup.link(id=link.id) == link
            assert (link.id, link.cnt, link.cnt_pmon) == ("1", 0, 0)
            with pytest.raises(NotFound):
                await smsc.lookup.link(id=2)

    run(main())


@pytest.mark.parametrize(
    ("path", "params"),
    [
        ("tinyurls.php", {"get": 1}),
        ("tinyurls.php", {"id": 1}),
        ("info.php", {"phone": "79990000000"}),
        ("info.php", {"get_operator": 1}),
        ("info.php", {"get_operator": 1, "phone": ","}),
    ],
)
def test_the_simulator_refuses_what_names_nothing(path: str, params: dict[str, str | int]) -> None:
    async def main() -> None:
        async with world() as (_, smsc):
            with pytest.raises((BadParameters, NotFound)):
                await smsc.raw(path, params)

    run(main())


def test_statistics_sum_up_the_days_that_are_asked_for() -> None:
    async def main() -> None:
        async with world() as (_, smsc):
            await smsc.send(["+79990000000", "+79990000001"], "hello")
            await asyncio.sleep(24 * 60 * MINUTE)
            await smsc.send("+79990000000", "hello again")
            day = date(2026, 11, 21)

            (both,) = await smsc.account.statistics(day)
            (first,) = await smsc.account.statistics(day, day)
            assert first == Statistics(
                login="demo", sms=2, credit=Decimal("2.4"), debit=Decimal(0), currency="RUR"
            )
            assert (both.sms, both.credit) == (3, Decimal("3.6"))
            assert await smsc.account.statistics(day, second_balance=True) == []

    run(main())


def test_prices_hold_the_tariffs_of_the_account_where_it_has_any() -> None:
    async def main() -> None:
        async with world() as (_, smsc):
            prices = await smsc.account.prices()
            assert (prices.codes, prices.mail) == ((), Decimal("1.2"))
            assert [zone.api for zone in prices.zones] == [Decimal("1.2")]
        async with world(Settings(own_prices={"25001": Decimal("1.1")})) as (_, smsc):
            (code,) = (await smsc.account.prices()).codes
            assert (code.mccmnc, code.cost) == ("25001", Decimal("1.1"))

    run(main())


def test_there_are_no_accounts_of_an_operator_here() -> None:
    async def main() -> None:
        async with world() as (sim, smsc):
            assert await smsc.account.megafon("77012345") == []
            assert [refusal.code for refusal in sim.refusals] == [3]

    run(main())
