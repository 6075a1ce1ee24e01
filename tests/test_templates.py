"""Templates, numbers of one's own, confirmations and events: what is refused, what is read."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from smsc_async import (
    BadPhone,
    Forbidden,
    InvalidMessage,
    NoMoney,
    OperatorTemplate,
    SmscClient,
    Template,
)
from tests.samples import asked, sample, unsent

PHONE = "+79990000001"


def test_a_template_is_read_with_its_text_in_message() -> None:
    found, _, _ = asked(lambda smsc: smsc.templates.list(), sample("templates.list/templates.json"))

    assert found == [
        Template(id=5, name="code", message="Код: 1234", format="sms", sender="Shop", flag=1),
        Template(id=6, name="any", message="Hello", sender="79990000009"),
    ]


def test_what_no_page_shows_is_kept_as_it_came() -> None:
    rows, _, _ = asked(
        lambda smsc: smsc.operator_templates.list(), sample("operator_templates.list/rows.json")
    )
    phones, _, _ = asked(lambda smsc: smsc.numbers.list(), sample("numbers.list/rows.json"))

    assert [(row.id, row.name) for row in rows] == [("77", "mts_srv"), (None, None)]
    assert rows[0].raw == {"id": 77, "name": "mts_srv", "status": "new"}
    assert rows[1] == OperatorTemplate({"template": "x"})
    assert [number.phone for number in phones] == ["79300000001", None]
    assert phones[1].raw == {"number": "79300000002"}


@pytest.mark.parametrize("answer", ["object.json", "list.json", "done_plain.txt"])
def test_whatever_is_no_error_is_taken_where_no_page_shows_the_answer(answer: str) -> None:
    def call(smsc: SmscClient) -> Awaitable[object]:
        return smsc.operator_templates.add("Shop", "Hello", kinds=["soc"])

    found, _, _ = asked(call, sample(f"operator_templates.add/{answer}"))

    assert found is None


def test_the_number_to_call_comes_bare_or_quoted_and_alone_or_with_all() -> None:
    def call(smsc: SmscClient) -> Awaitable[Any]:
        return smsc.confirmations.wait_call(PHONE)

    one, _, _ = asked(call, sample("confirmations.wait_call/phone.json"))
    all_, _, _ = asked(call, sample("confirmations.wait_call/all_phones.json"))
    none, _, _ = asked(call, b'{"phone": "7", "all_phones": null}')

    assert (one.phone, one.all_phones) == ("74950000009", ())
    assert (all_.phone, all_.all_phones) == ("74950000009", ("74950000009", "74950000010"))
    assert none.all_phones == ()


@pytest.mark.parametrize(("code", "kind"), [(3, NoMoney), (5, BadPhone), (6, Forbidden)])
def test_an_error_of_a_confirmation_says_what_to_do(code: int, kind: type[Exception]) -> None:
    with pytest.raises(kind):
        asked(
            lambda smsc: smsc.confirmations.wait_call(PHONE),
            f'{{"error": "x", "error_code": {code}}}'.encode(),
        )


REFUSED: list[tuple[Callable[[SmscClient], Awaitable[Any]], str]] = [
    (lambda smsc: smsc.templates.add("", "x"), "name"),
    (lambda smsc: smsc.templates.add("x", "  "), "text"),
    (lambda smsc: smsc.templates.add("x", "x", sender="x" * 12), "sender"),
    (lambda smsc: smsc.templates.add("x", "x", format="fax"), "format"),  # type: ignore[arg-type]
    (lambda smsc: smsc.templates.change(5), "change"),
    (lambda smsc: smsc.templates.change(0, name="x"), "id"),
    (lambda smsc: smsc.templates.change(5, text=""), "text"),
    (lambda smsc: smsc.templates.change(5, sender="x" * 12), "sender"),
    (lambda smsc: smsc.templates.delete(0), "id"),
    (lambda smsc: smsc.operator_templates.add("", "x", kinds=["soc"]), "sender"),
    (lambda smsc: smsc.operator_templates.add("x" * 12, "x", kinds=["soc"]), "sender"),
    (lambda smsc: smsc.operator_templates.add("x", "", kinds=["soc"]), "text"),
    (lambda smsc: smsc.operator_templates.add("x", "x", kinds=[]), "kinds"),
    (lambda smsc: smsc.operator_templates.add("x", "x", kinds=["fax"]), "kinds"),  # type: ignore[list-item]
    (lambda smsc: smsc.operator_templates.list(sender="x" * 12), "sender"),
    (lambda smsc: smsc.operator_templates.list(text=""), "text"),
    (lambda smsc: smsc.numbers.buy("G7"), "phone"),
    (lambda smsc: smsc.numbers.change("", prolong=True), "phone"),
    (lambda smsc: smsc.confirmations.wait_call("x"), "phone"),
    (lambda smsc: smsc.events.ping(0), "id"),
    (lambda smsc: smsc.events.ping(1, info="\ud800"), "info"),
]


@pytest.mark.parametrize(("call", "field"), REFUSED)
def test_what_cannot_be_right_is_refused_before_anything_is_sent(
    call: Callable[[SmscClient], Awaitable[Any]], field: str
) -> None:
    with pytest.raises(InvalidMessage) as error:
        unsent(call)

    assert error.value.field == field


def test_a_template_of_e_mail_is_from_an_address() -> None:
    _, _, form = asked(
        lambda smsc: smsc.templates.add("x", "x", format="mail", sender="shop@example.com"),
        sample("templates.add/created.json"),
    )

    assert form["sender"] == "shop@example.com"
