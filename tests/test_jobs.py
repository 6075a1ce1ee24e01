"""Mailings: what is refused before the network, and what answers mean."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from datetime import date, datetime, timedelta
from typing import Any, cast

import pytest

from smsc_async import (
    BadReply,
    Email,
    File,
    InvalidMessage,
    Job,
    Line,
    Sms,
    SmscClient,
    Viber,
    VoiceCode,
)
from smsc_async._operation import Call
from smsc_async._resources.jobs import JobAdded, Jobs
from tests.samples import NOW, asked, sample, unsent

PHONE = "+79990000000"
MANY = [(PHONE, "hello")]
ADDED = sample("jobs.add/created.json")


def add(*args: Any, **options: Any) -> Callable[[SmscClient], Awaitable[str]]:  # noqa: ANN401 - what they take
    return lambda smsc: smsc.jobs.add(*args, **options)


BAD: list[tuple[Callable[[SmscClient], Awaitable[object]], str]] = [
    (add("", PHONE, "hello"), "name"),
    (add("spring"), "message"),
    (add("spring", PHONE), "message"),
    (add("spring", None, "hello"), "to"),
    (add("spring", PHONE, "hello", template=3), "message"),
    (add("spring", PHONE, template=0), "template"),
    (add("spring", PHONE, messages=MANY), "messages"),
    (add("spring", None, "hello", messages=MANY), "messages"),
    (add("spring", messages=MANY, template=3), "messages"),
    (add("spring", messages=[]), "messages"),
    (add("spring", messages=[Line(PHONE, "hello", 3)]), "messages"),
    (add("spring", ["+7999", PHONE], "hello"), "to"),
    (add("spring", PHONE, ""), "text"),
    (add("spring", PHONE, VoiceCode()), "message"),
    (add("spring", PHONE, "hello", id="no spaces"), "id"),
    (add("spring", PHONE, "hello", when=datetime(2030, 1, 1)), "when"),  # noqa: DTZ001 - the point
    (add("spring", PHONE, "hello", freq=timedelta(hours=1)), "freq"),
    (add("spring", PHONE, "hello", repeat_every="nightly"), "repeat_every"),
    (add("spring", PHONE, "hello", repeats=2), "repeats"),
    (add("spring", PHONE, "hello", repeat_every="by hand", repeats=2), "repeats"),
    (add("spring", PHONE, "hello", repeat_every="daily", repeats=0), "repeats"),
    (add("spring", PHONE, "hello", retry_sender="SHOP"), "retry_sender"),
    (add("spring", PHONE, "hello", retry_failed=True, retry_sender="A" * 12), "retry_sender"),
    (add("spring", PHONE, "hello", retry_failed=True, retry_sender=""), "retry_sender"),
    (add("spring", PHONE, "hello", fallback_text=" "), "fallback_text"),
    (add("spring", PHONE, "hello", fallback_text="x" * 1001), "fallback_text"),
    (add("spring", PHONE, "hello", sender="SHOP"), "sender"),
    (add("spring", PHONE, "hello", subject="Hello"), "subject"),
    (add("spring", PHONE, "hello", mail=True), "mail"),
    (add("spring", PHONE, "hello", mail=None), "mail"),
    (add("spring", messages=MANY, mail=True), "messages"),
    (add("spring", PHONE, template=3, mail=True), "to"),
    (add("spring", PHONE, template=3, sender="shop@shop.example"), "to"),
    (add("spring", [PHONE, "ivan@example.com"], template=3), "to"),
    (add("spring", PHONE, template=3, sender="TWELVE CHARS"), "sender"),
    (add("spring", "ivan@example.com", template=3, sender="SHOP"), "sender"),
    (add("spring", "ivan@example.com", template=3, sender="not @ an address"), "sender"),
    (add("spring", PHONE, template=3, subject="Hello"), "subject"),
    (add("spring", "ivan@example.com", template=3, subject="two\nlines"), "subject"),
    (add("spring", template=3), "to"),
    (add("spring", messages=[(PHONE,)]), "messages"),
    (add("spring", messages=[(79990000000, "hello")]), "messages"),
    (add("spring", messages=[(PHONE, None)]), "messages"),
    (lambda smsc: smsc.jobs.get(0), "id"),
    (lambda smsc: smsc.jobs.delete(None), "id"),  # type: ignore[arg-type]
    (lambda smsc: smsc.jobs.delete("a b"), "id"),
    (lambda smsc: smsc.jobs.cancel(2**31), "id"),
    (lambda smsc: smsc.jobs.list(start=date(2026, 2, 1), end=date(2026, 1, 31)), "end"),
    (lambda smsc: smsc.jobs.list(start=datetime(2026, 1, 1)), "start"),  # noqa: DTZ001 - the same
    (lambda smsc: smsc.jobs.list(end=datetime(2026, 1, 1)), "end"),  # noqa: DTZ001 - the same
]


@pytest.mark.parametrize(("call", "field"), BAD, ids=range(len(BAD)))
def test_a_mailing_that_cannot_be_right_is_refused_before_the_network(
    call: Callable[[SmscClient], Awaitable[object]], field: str
) -> None:
    with pytest.raises(InvalidMessage) as error:
        unsent(call)

    assert error.value.field == field


@pytest.mark.parametrize(
    ("call", "sender"),
    [
        (add("spring", PHONE, "hello"), "CLIENT"),
        (add("spring", messages=MANY), "CLIENT"),
        (add("spring", PHONE, template=3), None),
        (add("spring", PHONE, Viber(text="hello")), None),
        (add("spring", PHONE, Sms(text="hello", sender="OWN")), "OWN"),
        (add("spring", PHONE, Sms(text="hello", sender="")), ""),
    ],
)
def test_the_clients_sender_stands_where_an_sms_names_none(
    call: Callable[[SmscClient], Awaitable[str]], sender: str | None
) -> None:
    _, _, form = asked(call, ADDED, sender="CLIENT")

    assert form.get("sender") == sender


class Keeping:
    """A way in that keeps the files which go along."""

    def __init__(self) -> None:
        self.files: list[File] = []

    async def __call__(
        self,
        operation: object,
        params: object,
        *,
        files: Sequence[File] = (),
        repeat: bool = False,
        since: float | None = None,
    ) -> JobAdded:
        self.files += files
        return JobAdded(id=1)

    def wall(self) -> float:
        return NOW

    def now(self) -> float:
        return 0.0


@pytest.mark.parametrize("each", [False, True])
async def test_files_go_along_with_a_mailing(*, each: bool) -> None:
    file = File("price.pdf", b"%PDF")
    letter = Email(subject="hi", text="hello", sender="b@shop.example", files=(file,))
    way = Keeping()
    jobs = Jobs(cast("Call", way), None)

    if each:
        await jobs.add("letters", messages=[("ivan@example.com", letter)])
    else:
        await jobs.add("letter", "ivan@example.com", letter)

    assert way.files == [file]


def test_a_list_may_be_of_one_day() -> None:
    today = date(2026, 1, 2)
    _, _, form = asked(
        lambda smsc: smsc.jobs.list(start=today, end=today), sample("jobs.list/array.json")
    )

    assert form["start"] == form["end"] == "02.01.2026"


@pytest.mark.parametrize(
    ("name", "id"), [("created", "17"), ("cost", "17"), ("text_id", "spring-26")]
)
def test_an_id_is_text_however_it_comes(name: str, id: str) -> None:
    found, _, _ = asked(add("spring", PHONE, "hello"), sample(f"jobs.add/{name}.json"))

    assert found == id


@pytest.mark.parametrize(
    ("name", "raw"),
    [("object", {"id": 17, "name": "spring"}), ("array", {"id": "17", "name": "spring"})],
)
def test_a_mailing_may_come_bare_or_in_an_array(name: str, raw: dict[str, object]) -> None:
    found, _, _ = asked(lambda smsc: smsc.jobs.get(17), sample(f"jobs.get/{name}.json"))

    assert found == Job(id="17", raw=raw)


@pytest.mark.parametrize("answer", [b'{"name": "spring"}', b'{"id": "", "name": "spring"}'])
def test_a_mailing_without_an_id_has_the_one_that_was_asked_for(answer: bytes) -> None:
    found, _, _ = asked(lambda smsc: smsc.jobs.get("spring-26"), answer)

    assert found.id == "spring-26"
    assert found.raw["name"] == "spring"


@pytest.mark.parametrize("answer", [b"[]", b"{}", b"[{}]", b"OK", b'{"result": "OK"}'])
def test_no_mailing_is_no_answer_to_the_question_for_one(answer: bytes) -> None:
    with pytest.raises(BadReply):
        asked(lambda smsc: smsc.jobs.get(17), answer)


@pytest.mark.parametrize(
    ("answer", "ids"),
    [
        ("jobs.list/array.json", ["17", "18"]),
        ("jobs.list/object.json", ["17"]),
        ("jobs.list/empty.json", []),
        ("errors/nothing_found.json", []),
    ],
)
def test_a_list_may_come_in_any_form_and_be_empty(answer: str, ids: list[str]) -> None:
    found, _, _ = asked(lambda smsc: smsc.jobs.list(), sample(answer))

    assert [job.id for job in found] == ids


def test_a_listed_mailing_without_an_id_is_still_shown() -> None:
    found, _, _ = asked(lambda smsc: smsc.jobs.list(), b'[{"name": "spring"}]')

    assert found == [Job(id="", raw={"name": "spring"})]
