"""Whose a number is, and where a short link leads: what is asked, and how answers are read."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from smsc_async import InvalidMessage, Link, NotFound, Operator, SmscClient
from tests.samples import Answering, asked, sample, unsent
from tests.virtual import run

PHONE = "79990000001"


def operator(answer: str) -> Operator:
    found, path, _ = asked(lambda smsc: smsc.lookup.operator("+7 999 000-00-01"), sample(answer))
    assert path == "/sys/info.php"
    return found


def test_an_operator_is_read_and_named_by_its_question() -> None:
    found = operator("lookup.operator/template.json")

    assert found == Operator(
        phone="+79990000001",
        country="Россия",
        operator="МТС",
        region="Москва",
        mcc="250",
        mnc="1",
        tz="0",
    )
    assert found.is_known
    few = operator("lookup.operator/few_keys.json")
    assert (few.operator, few.mcc, few.country) == ("МТС", "250", None)


def test_an_unknown_operator_is_an_error_of_its_own() -> None:
    with pytest.raises(NotFound):
        operator("errors/nothing_found.json")


@pytest.mark.parametrize(
    ("answer", "questions", "operators"),
    [
        ("many", ["79990000001,+79990000002"], ["МТС", "Билайн"]),
        # It names nobody, so each number is asked about singly.
        ("object", ["79990000001,+79990000002", PHONE, "+79990000002"], ["МТС", "МТС"]),
    ],
)
def test_a_list_may_be_answered_with_an_object(
    answer: str, questions: list[str], operators: list[str]
) -> None:
    transport = Answering(sample(f"lookup.operators/{answer}.json"))

    async def main() -> list[Operator]:
        async with SmscClient(api_key="key", transport=transport) as smsc:
            phones = [PHONE, "+79990000002"]
            return [found async for found in smsc.lookup.operators(phones, as_lists=True)]

    found = sorted(run(main()), key=lambda one: one.phone, reverse=True)

    assert [form["phone"] for form in transport.forms] == questions
    assert [one.phone for one in found] == [PHONE, "+79990000002"]
    assert [one.operator for one in found] == operators


def test_a_link_is_read() -> None:
    found, path, _ = asked(
        lambda smsc: smsc.lookup.link(id="145142"), sample("lookup.link/template.json")
    )

    assert path == "/sys/tinyurls.php"
    assert found == Link(
        id="145142",
        link="https://smsc.ru/AbCd",
        cnt=7,
        cnt_mon=3,
        cnt_day=1,
        cnt_yes=0,
        cnt_pmon=4,
    )
    bare, _, _ = asked(
        lambda smsc: smsc.lookup.link(id=145142), sample("lookup.link/bare_numbers.json")
    )
    assert (bare.id, bare.cnt, bare.cnt_day, bare.cnt_mon) == (found.id, 7, None, None)


@pytest.mark.parametrize(
    ("call", "field"),
    [
        (lambda smsc: smsc.lookup.operator(""), "phone"),
        (lambda smsc: smsc.lookup.operator("G1"), "phone"),
        (lambda smsc: smsc.lookup.operator("79990000001,79990000002"), "phone"),
        (lambda smsc: smsc.lookup.link(), "id"),
        (lambda smsc: smsc.lookup.link(id=1, url="https://example.com"), "id"),
        (lambda smsc: smsc.lookup.link(id=0), "id"),
        (lambda smsc: smsc.lookup.link(id=-1), "id"),
        (lambda smsc: smsc.lookup.link(id="x"), "id"),
        (lambda smsc: smsc.lookup.link(id=""), "id"),
        (lambda smsc: smsc.lookup.link(url=" "), "url"),
        (lambda smsc: smsc.lookup.operators([PHONE], as_lists=1), "as_lists"),
    ],
)
def test_what_cannot_be_asked_is_refused_before_anything_is_sent(
    call: Callable[[SmscClient], object], field: str
) -> None:
    with pytest.raises(InvalidMessage) as caught:
        unsent(call)  # type: ignore[arg-type]

    assert caught.value.field == field


def test_what_is_no_number_is_named_by_its_row_before_anything_is_asked() -> None:
    async def made(smsc: SmscClient) -> None:
        smsc.lookup.operators([PHONE, "anna@example.com", "G1"])

    with pytest.raises(InvalidMessage) as caught:
        unsent(made)

    assert list(caught.value.rows) == [1, 2]
