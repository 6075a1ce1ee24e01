"""Contacts, templates and the rest: the whole client against the simulator, on a virtual clock."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from datetime import date
from decimal import Decimal

import httpx
import pytest

from smsc_async import (
    ApiError,
    BadPhone,
    Contact,
    Forbidden,
    Group,
    NotFound,
    OperationFailed,
    SmscClient,
    Status,
)
from smsc_async.simulator import Settings, Simulator
from tests.virtual import run
from tests.whole import offline

ANN = "+79990000001"
BOB = "+79990000002"
EVE = "+79990000003"


@asynccontextmanager
async def world(settings: Settings | None = None) -> AsyncIterator[tuple[Simulator, SmscClient]]:
    async with Simulator(settings) as sim:
        transport = httpx.ASGITransport(app=sim.app)
        async with SmscClient(login="demo", password="demo", transport=transport) as smsc:
            yield sim, smsc
    assert [refusal for refusal in sim.refusals if refusal.code == 9] == []


def phones(sim: Simulator) -> list[str]:
    return [f"+{message.phone}" for message in sim.accepted]


def test_a_contact_is_there_from_its_adding_to_its_deletion_and_as_it_was_given() -> None:
    async def main() -> None:
        async with world() as (_, smsc):
            assert await smsc.contacts.list() == []
            friends = await smsc.groups.add("friends")
            family = await smsc.groups.add("family")
            number = await smsc.contacts.add(
                [ANN, "8 999 000-00-02"],
                "Анна",
                groups=[friends, family],
                last_name="Иванова",
                first_name="Анна",
                middle_name="Петровна",
                birthday=date(1990, 2, 1),
                id="client-5",
                comment="звонить",
                tags=["vip", "moscow"],
                other_phones="+74950000001",
            )
            (ann,) = await smsc.contacts.list()
            assert ann.phones == ("79990000001", "79990000002")
            assert ann.groups == (friends, family)
            assert (ann.name, ann.last_name, ann.first_name) == ("Анна", "Иванова", "Анна")
            assert (ann.middle_name, ann.comments, ann.id) == ("Петровна", "звонить", "client-5")
            assert (ann.birthday, ann.tags) == (date(1990, 2, 1), ("vip", "moscow"))
            assert ann.other_phones == ("+74950000001",)
            assert ann.id != str(number), "the service's own id is another"

            await smsc.contacts.change(ANN, new_phone=EVE, name="Анна-2", groups=[family], tags=())
            (ann,) = await smsc.contacts.list(phones=EVE)
            assert ann.phones == ("79990000003", "79990000002")
            assert (ann.name, ann.groups, ann.tags) == ("Анна-2", (family,), ())
            assert ann.comments == "звонить", "what is not said stays"

            await smsc.contacts.delete(BOB)
            assert await smsc.contacts.list(phones=EVE) == []

    run(main())


def test_a_contact_by_e_mail_has_addresses() -> None:
    async def main() -> None:
        async with world() as (_, smsc):
            await smsc.contacts.add(["a@example.com", "b@example.com"], "A")
            await smsc.contacts.change("b@example.com", new_mail="c@example.com")
            (found,) = await smsc.contacts.list(mails="c@example.com")
            assert found.mails == ("a@example.com", "c@example.com")
            assert (found.phones, found.other_mails, found.groups) == ((), (), ())
            await smsc.contacts.delete("a@example.com")
            assert await smsc.contacts.list() == []

    run(main())


def test_a_list_holds_those_that_are_asked_for() -> None:
    async def main() -> None:
        async with world() as (_, smsc):
            group = await smsc.groups.add("friends")
            first = await smsc.contacts.add(ANN, "Ann", last_name="Ivanova", groups=[group])
            await smsc.contacts.add(BOB, "Bob", comment="loves tea")
            ask = smsc.contacts.list
            assert [one.name for one in await ask()] == ["Ann", "Bob"]
            assert [one.name for one in await ask(phones=[BOB, EVE])] == ["Bob"]
            assert [one.name for one in await ask(group=group)] == ["Ann"]
            assert [one.name for one in await ask(name="ivan")] == ["Ann"]
            assert [one.name for one in await ask(search="TEA")] == ["Bob"]
            assert [one.name for one in await ask(search="9990000001")] == ["Ann"]
            assert [one.name for one in await ask(after=first)] == ["Bob"]
            assert await ask(name="Bob") == [], "that is no part of a person's name"

    run(main())


def test_what_is_not_there_cannot_be_changed_or_deleted() -> None:
    async def main() -> None:
        async with world() as (sim, smsc):
            await smsc.contacts.add(ANN, "Ann")
            for call in (
                smsc.contacts.change(BOB, name="Bob"),
                smsc.contacts.delete(BOB),
                smsc.contacts.add(BOB, "Bob", groups=[77]),
                smsc.groups.change(77, name="x"),
                smsc.groups.delete(77),
                smsc.groups.move(77, ANN),
                smsc.blacklist.delete(ANN),
                smsc.templates.change(77, name="x"),
                smsc.templates.delete(77),
            ):
                with pytest.raises(NotFound):
                    await call
            assert await smsc.contacts.list(group=77) == []
            with pytest.raises(OperationFailed):
                await smsc.contacts.add([BOB, ANN], "Ann is there already")
            await smsc.contacts.add(EVE, "Eve")
            with pytest.raises(OperationFailed):
                await smsc.contacts.change(EVE, new_phone=ANN)
            assert [one.phone for one in await smsc.contacts.list()] == [ANN[1:], EVE[1:]]
            assert {refusal.code for refusal in sim.refusals} == {3, 5}

    run(main())


def test_a_contact_is_changed_until_nothing_but_its_name_is_left() -> None:
    async def main() -> None:
        async with world() as (_, smsc):
            await smsc.contacts.add(ANN, "Ann", id=5, tags="x", comment="y", other_phones=BOB)
            await smsc.contacts.change(ANN, id="", tags=(), comment="", other_phones="")
            assert await smsc.contacts.list() == [
                Contact(phone=ANN[1:], name="Ann", group=0, int_id=None)
            ]

    run(main())


def test_what_is_deleted_by_a_request_whose_answer_is_lost_is_deleted() -> None:
    lost: set[str] = set()

    def first(form: Mapping[str, str]) -> bool:
        """Lose the first answer to each deletion."""
        deletion = next((name for name in form if name.startswith("del")), "")
        again = deletion in lost
        lost.add(deletion)
        return bool(deletion) and not again

    async def main() -> Simulator:
        async with offline.world(lost=first) as (sim, smsc):
            group = await smsc.groups.add("clients")
            await smsc.contacts.add(ANN, "Ann", groups=[group])
            await smsc.blacklist.add(ANN)
            await smsc.groups.delete(group)
            await smsc.contacts.delete(ANN)
            await smsc.blacklist.delete(ANN)
            lost.clear()
            await asyncio.sleep(60)  # no minute has more repeats than three
            template = await smsc.templates.add("x", "Hello")
            await smsc.templates.delete(template)
            return sim

    sim = run(main())

    deletions = [one.code for one in sim.log if any(name.startswith("del") for name in one.params)]
    assert deletions == [0, 3] * 4


def test_groups_are_listed_changed_and_deleted() -> None:
    async def main() -> None:
        async with world() as (_, smsc):
            assert await smsc.groups.list() == []
            clients = await smsc.groups.add("clients", number=3)
            readers = await smsc.groups.add("readers", mail=True)
            await smsc.contacts.add(ANN, "Ann", groups=[clients])
            assert await smsc.groups.list() == [Group(clients, "clients", 3, 1)]
            assert await smsc.groups.list(mail=True) == [Group(readers, "readers", readers, 0)]
            with pytest.raises(OperationFailed):
                await smsc.groups.add("others", number=3)
            await smsc.groups.change(clients, name="friends")
            await smsc.groups.change(clients, number=4)
            assert await smsc.groups.list() == [Group(clients, "friends", 4, 1)]
            await smsc.groups.delete(clients)
            assert [one.groups for one in await smsc.contacts.list()] == [()]

    run(main())


def test_a_contact_is_moved_to_a_group_given_one_more_and_taken_out() -> None:
    async def main() -> None:
        async with world() as (_, smsc):
            first, second, third = [await smsc.groups.add(name) for name in "abc"]
            await smsc.contacts.add(ANN, "Ann", groups=[first])
            await smsc.contacts.add(BOB, "Bob", groups=[first])
            found: list[tuple[int, ...]] = []
            for group, how in ((second, "move"), (third, "add"), (second, "remove")):
                await smsc.groups.move(group, ANN, how=how)  # type: ignore[arg-type]
                (ann,) = await smsc.contacts.list(phones=ANN)
                found.append(ann.groups)
            assert found == [(second,), (second, third), (third,)]
            await smsc.groups.move(second, [ANN, BOB], how="add")
            assert [one.groups for one in await smsc.contacts.list()] == [
                (third, second),
                (first, second),
            ]

    run(main())


def test_a_send_to_a_group_reaches_its_members() -> None:
    async def main() -> Simulator:
        async with world() as (sim, smsc):
            group = await smsc.groups.add("clients", number=3)
            await smsc.contacts.add(ANN, "Ann", groups=[group])
            await smsc.contacts.add(BOB, "Bob", groups=[group])
            await smsc.contacts.add(EVE, "Eve")
            await smsc.send("G3", "hello")
            assert phones(sim) == [ANN, BOB]
            await smsc.groups.move(group, EVE, how="add")
            await smsc.groups.move(group, BOB, how="remove")
            await smsc.send("G3", "hello again")
            assert phones(sim)[2:] == [ANN, EVE]
            await smsc.send("G4", "hello, whoever you are")
            return sim

    assert len(run(main()).accepted) == 4 + 3, "a group that there is not has made-up members"


@pytest.mark.parametrize("scope", ["all", "mass", "single"])
def test_the_blacklist_stops_what_its_entry_says(scope: str) -> None:
    async def main() -> None:
        async with world() as (sim, smsc):
            await smsc.blacklist.add(ANN, scope=scope, comment="asked")  # type: ignore[arg-type]
            (entry,) = await smsc.blacklist.list()
            assert (entry.phone, entry.email, entry.scope) == ("79990000001", "", scope)
            assert entry.comment == "asked"

            if scope == "mass":
                await smsc.send(ANN, "hello", id=1)
            else:
                with pytest.raises(Forbidden):
                    await smsc.send(ANN, "hello", id=1)
            alone = await smsc.statuses.get(1, ANN)
            assert (alone.state is Status.FORBIDDEN) == (scope != "mass")

            await smsc.send([ANN, BOB], "hello all", id=2)
            mass = await smsc.statuses.get(2, ANN)
            assert (mass.state is Status.FORBIDDEN) == (scope != "single")
            assert (await smsc.statuses.get(2, BOB)).state is Status.DELIVERED

            await smsc.blacklist.delete(ANN)
            assert await smsc.blacklist.list() == []
            await smsc.send(ANN, "welcome back")
            assert sim.accepted[-1].text == "welcome back"

    run(main())


def test_the_blacklist_holds_addresses_too_and_each_once() -> None:
    async def main() -> None:
        async with world() as (_, smsc):
            await smsc.blacklist.add(["a@example.com", "b@example.com"])
            last = await smsc.blacklist.add("a@example.com", scope="mass")
            await smsc.blacklist.delete("b@example.com")
            (entry,) = await smsc.blacklist.list()
            assert (entry.id, entry.email, entry.scope) == (last, "a@example.com", "mass")

    run(main())


def test_templates_are_kept_changed_and_deleted() -> None:
    async def main() -> None:
        async with world() as (_, smsc):
            assert await smsc.templates.list() == []
            first = await smsc.templates.add("code", "Код: 1234", format="sms", signature=True)
            (code,) = await smsc.templates.list()
            assert (code.id, code.name, code.message) == (first, "code", "Код: 1234")
            assert (code.format, code.sender, code.flag) == ("sms", "", 1)
            await smsc.templates.change(first, text="Код: 77", sender="Shop", signature=False)
            (code,) = await smsc.templates.list()
            assert (code.name, code.message) == ("code", "Код: 77")
            assert (code.format, code.sender, code.flag) == ("sms", "Shop", 0)
            await smsc.templates.delete(first)
            assert await smsc.templates.list() == []

    run(main())


def test_operator_templates_are_registered_for_each_kind() -> None:
    async def main() -> None:
        async with world() as (_, smsc):
            await smsc.operator_templates.add("Shop", "Код: %d", kinds=["mts_auth", "soc"])
            ask = smsc.operator_templates.list
            assert [row.name for row in await ask(sender="Shop", text="Код: %d")] == [
                "mts_auth",
                "soc",
            ]
            assert all(row.id for row in await ask())
            assert await ask(sender="Other") == []
            assert await ask(text="Other") == []

    run(main())


def test_a_number_that_is_bought_costs_money_and_can_be_had_no_more() -> None:
    async def main() -> None:
        async with world(Settings(balance=Decimal(150))) as (sim, smsc):
            first, second, *_ = [number.phone for number in await smsc.numbers.list()]
            assert first
            assert second
            await smsc.numbers.buy(first)
            assert sim.balance == Decimal(50)
            assert sim.numbers == {first: True}
            assert first not in [number.phone for number in await smsc.numbers.list()]
            await smsc.numbers.change(first, prolong=False)
            assert sim.numbers == {first: False}
            for refused, code in (
                (smsc.numbers.change(second, prolong=False), 3),
                (smsc.numbers.buy(ANN), 3),
                (smsc.numbers.buy(second), 5),
            ):
                with pytest.raises(ApiError) as error:
                    await refused
                # No page gives the numbers a meaning here: of a send, 3 would be "no money".
                assert (type(error.value), error.value.code) == (ApiError, code)
            assert sim.balance == Decimal(50)

    run(main())


def test_when_all_numbers_are_bought_none_is_listed() -> None:
    async def main() -> None:
        async with world() as (sim, smsc):
            for number in await smsc.numbers.list():
                assert number.phone
                await smsc.numbers.buy(number.phone, prolong=False)
            assert set(sim.numbers.values()) == {False}
            assert await smsc.numbers.list() == []

    run(main())


def test_a_subscriber_is_told_whom_to_call_and_the_call_is_waited_for() -> None:
    async def main() -> None:
        async with world() as (sim, smsc):
            called = await smsc.confirmations.wait_call(ANN)
            assert called.phone in called.all_phones
            assert sim.awaited == {"79990000001": called.phone}
            with pytest.raises(BadPhone):
                await smsc.confirmations.wait_call("123456")

    run(main())


def test_an_event_is_told() -> None:
    async def main() -> Simulator:
        async with world() as (sim, smsc):
            await smsc.events.ping(12, ok=True, name="db", host="10.0.0.1", info="back")
            return sim

    (request,) = run(main()).log
    assert (request.path, request.code) == ("ping.php", 0)
    assert {"id": "12", "ok": "1", "name": "db"}.items() <= request.params.items()
