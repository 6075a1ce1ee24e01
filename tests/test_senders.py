"""Sender names: what is refused before the network, and what answers mean."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

import pytest

from smsc_async import (
    BadPhone,
    CodeAlreadySent,
    InvalidMessage,
    NotFound,
    SenderDetails,
    SenderName,
    SmscClient,
    Undeliverable,
    WrongCode,
)
from tests.samples import asked, sample, unsent

SOME = SenderDetails(comment="for the shop")
MAIL = SenderDetails(mail=True)
SHOWN = SenderDetails(name="Shop")
Asking = Callable[[SmscClient], Awaitable[object]]

BAD: list[tuple[Asking, str]] = [
    (lambda smsc: smsc.senders.list(limit=0), "limit"),
    (lambda smsc: smsc.senders.list(before=0), "before"),
    (lambda smsc: smsc.senders.list(before="last"), "before"),
    (lambda smsc: smsc.senders.list(before="٣"), "before"),
    (lambda smsc: smsc.senders.list(user=" "), "user"),
    (lambda smsc: smsc.senders.add(""), "sender"),
    (lambda smsc: smsc.senders.add("TWELVE CHARS"), "sender"),
    (lambda smsc: smsc.senders.add("1" * 16), "sender"),
    (lambda smsc: smsc.senders.add("no address", MAIL), "sender"),
    (lambda smsc: smsc.senders.add("SHOP", SenderDetails(comment="")), "comment"),
    (lambda smsc: smsc.senders.add("SHOP", SenderDetails(full_name=" ")), "full_name"),
    (lambda smsc: smsc.senders.add("SHOP", SenderDetails(address="\ud800")), "address"),
    (lambda smsc: smsc.senders.add("SHOP", SenderDetails(name="Shop")), "name"),
    (
        lambda smsc: smsc.senders.add(
            "SHOP",
            SenderDetails(operators=frozenset({"mts", "mtx"})),  # type: ignore[arg-type]
        ),
        "operators",
    ),
    (lambda smsc: smsc.senders.add("not @ an address"), "sender"),
    (lambda smsc: smsc.senders.change("not @ an address", SOME), "sender"),
    (lambda smsc: smsc.senders.change("SHOP", SHOWN), "name"),
    (lambda smsc: smsc.senders.change(id=5, details=SHOWN), "name"),
    (lambda smsc: smsc.senders.change("SHOP", MAIL), "sender"),
    (lambda smsc: smsc.senders.change("shop@shop.example"), "change"),
    (lambda smsc: smsc.senders.change(id=5, details=MAIL), "change"),
    (lambda smsc: smsc.senders.send_code("shop@shop.example"), "sender"),
    (lambda smsc: smsc.senders.change(details=SOME), "sender"),
    (lambda smsc: smsc.senders.change("SHOP", SOME, id=5), "sender"),
    (lambda smsc: smsc.senders.change("SHOP"), "change"),
    (lambda smsc: smsc.senders.change(id=0, details=SOME), "id"),
    (lambda smsc: smsc.senders.change(id="x", details=SOME), "id"),
    (lambda smsc: smsc.senders.send_code("SHOP"), "sender"),
    (lambda smsc: smsc.senders.send_code("1234"), "sender"),
    (lambda smsc: smsc.senders.send_code("+79990000000x"), "sender"),
    (lambda smsc: smsc.senders.send_code("79990000000,79990000001"), "sender"),
    (lambda smsc: smsc.senders.send_code("79990000000", site_name=""), "site_name"),
    (lambda smsc: smsc.senders.check_code("79990000000", ""), "code"),
    (lambda smsc: smsc.senders.check_code("79990000000", "12 34"), "code"),
    (lambda smsc: smsc.senders.check_code("SHOP", "1234"), "sender"),
    (lambda smsc: smsc.senders.delete(), "sender"),
    (lambda smsc: smsc.senders.delete("SHOP", id=5), "sender"),
    (lambda smsc: smsc.senders.delete("not @ an address"), "sender"),
]


@pytest.mark.parametrize(("call", "field"), BAD, ids=range(len(BAD)))
def test_what_cannot_be_a_sender_is_refused_before_the_network(call: Asking, field: str) -> None:
    with pytest.raises(InvalidMessage) as error:
        unsent(call)

    assert error.value.field == field


@pytest.mark.parametrize("written", ["+7 999 000-00-00", "79990000000", "8 (999) 0000000"])
def test_a_number_that_gets_a_code_has_one_spelling(written: str) -> None:
    _, _, sent = asked(
        lambda smsc: smsc.senders.send_code(written), sample("senders.send_code/done.json")
    )

    assert sent["sender"] == "79990000000"


def test_one_operator_may_be_named_without_a_set() -> None:
    details = SenderDetails(operators="mts")  # type: ignore[arg-type]

    assert details.params()["mts"] == 1


@pytest.mark.parametrize(
    ("answer", "names"),
    [
        (
            b'[{"sender": "SHOP"}, {"sender": "79990000000"}]',
            [
                SenderName("SHOP", None, {"sender": "SHOP"}),
                SenderName("79990000000", None, {"sender": "79990000000"}),
            ],
        ),
        (
            b'[{"id": "6", "sender": 79990000000, "mts": ""}]',
            [SenderName("79990000000", "6", {"id": "6", "sender": 79990000000, "mts": ""})],
        ),
        (b'{"sender": "SHOP", "id": 5}', [SenderName("SHOP", "5", {"sender": "SHOP", "id": 5})]),
        (b'[{"name": "SHOP"}]', [SenderName("", None, {"name": "SHOP"})]),
        (b"[]", []),
        (b"{}", []),
        (b"[{}]", []),
        (b'{"error": "no records found", "error_code": 3}', []),
    ],
)
def test_names_come_in_any_form_and_with_all_their_keys(
    answer: bytes, names: list[SenderName]
) -> None:
    found, _, _ = asked(lambda smsc: smsc.senders.list(), answer)

    assert found == names


@pytest.mark.parametrize(
    ("code", "kind"),
    [(3, NotFound), (7, BadPhone), (8, Undeliverable), (10, CodeAlreadySent), (11, WrongCode)],
)
def test_an_error_of_a_confirmation_says_what_to_do(code: int, kind: type[Exception]) -> None:
    with pytest.raises(kind):
        asked(
            lambda smsc: smsc.senders.check_code("79990000000", "1234"),
            b'{"error": "text", "error_code": %d}' % code,
        )


@pytest.mark.parametrize("answer", ["done.json", "created.json"])
def test_a_name_that_is_asked_for_may_be_answered_with_its_id(answer: str) -> None:
    asked(lambda smsc: smsc.senders.add("SHOP"), sample(f"senders.add/{answer}"))


@pytest.mark.parametrize("written", ["+79990000000", "8 (999) 000-00-00", "79990000000"])
def test_a_number_is_a_sender_by_its_digits_in_every_method(written: str) -> None:
    def change(smsc: SmscClient) -> Awaitable[object]:
        return smsc.senders.change(written, SenderDetails(comment="x"))

    for call in (
        lambda smsc: smsc.senders.add(written),
        change,
        lambda smsc: smsc.senders.send_code(written),
        lambda smsc: smsc.senders.check_code(written, "1234"),
        lambda smsc: smsc.senders.delete(written),
    ):
        _, _, form = asked(call, b"OK")
        assert form["sender"] == "79990000000"


@pytest.mark.parametrize("abroad", ["+81312345678", "+9123456789"])
def test_no_code_goes_to_a_number_that_is_another_one_without_its_plus(abroad: str) -> None:
    with pytest.raises(InvalidMessage, match="without its plus"):
        unsent(lambda smsc: smsc.senders.send_code(abroad))
