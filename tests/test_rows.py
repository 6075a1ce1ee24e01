"""Lists whose rows no page shows: what is a row, what is none, and what is no list."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import date
from typing import Any

import pytest

from smsc_async import BadReply, SmscClient
from tests.samples import asked, sample

DAY = date(2026, 11, 21)
LISTS: dict[str, Callable[[SmscClient], Awaitable[list[Any]]]] = {
    "jobs": lambda smsc: smsc.jobs.list(),
    "senders": lambda smsc: smsc.senders.list(),
    "statistics": lambda smsc: smsc.subclients.statistics(DAY, DAY),
    "details": lambda smsc: smsc.subclients.details(DAY, DAY),
    "numbers": lambda smsc: smsc.numbers.list(),
    "templates": lambda smsc: smsc.operator_templates.list(),
}
ROW = {"id": 5, "sender": "SHOP"}
each_list = pytest.mark.parametrize("subject", LISTS)


@each_list
@pytest.mark.parametrize(
    "answer", [b'{"id": 5, "sender": "SHOP"}', b'[{"id": 5, "sender": "SHOP"}]']
)
def test_one_row_may_come_bare_or_in_an_array(subject: str, answer: bytes) -> None:
    found, _, _ = asked(LISTS[subject], answer)

    assert [row.raw for row in found] == [ROW]


@each_list
@pytest.mark.parametrize("answer", [b"[]", b"{}", b"[{}]", sample("errors/nothing_found.json")])
def test_what_says_nothing_is_no_row(subject: str, answer: bytes) -> None:
    found, _, _ = asked(LISTS[subject], answer)

    assert found == []


@each_list
@pytest.mark.parametrize("answer", [b"OK", b'{"result": "OK"}', b"[1]", b'[{"error_code": 1}]'])
def test_what_is_no_list_is_not_taken_for_an_empty_one(subject: str, answer: bytes) -> None:
    with pytest.raises(BadReply):
        asked(LISTS[subject], answer)


@each_list
def test_a_row_may_have_a_result_of_its_own(subject: str) -> None:
    found, _, _ = asked(LISTS[subject], b'[{"id": 5, "result": "OK"}]')

    assert [row.raw for row in found] == [{"id": 5, "result": "OK"}]
