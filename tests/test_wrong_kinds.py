"""Arguments of the wrong kind, or missing ones: refused before anything is sent.

No type checker looks at what a user's form or file has in it.
"""

from __future__ import annotations

import inspect
from collections.abc import Iterator, Mapping
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any, Final, TypeAlias

import pytest

from smsc_async import InvalidMessage, SenderDetails, SmscClient, SubclientSettings
from tests.samples import unsent

PHONE = "+79990000000"
DAY = date(2023, 11, 1)
HUGE = 10**5000
MOMENT = datetime(2030, 1, 1, tzinfo=UTC)

Values: TypeAlias = tuple[Any, ...]
TEXT: Values = (5, 1.5, b"text", ["text"], {}, True, "\ud800")
NUMBER: Values = (0, -1, HUGE, 1.5, Decimal(1), "5", b"5", [5], True)
ID: Values = (0, -1, HUGE, 1.5, Decimal(1), "", "x", "1.5", "9" * 5000, b"5", [5], True)
FLAG: Values = (0, 1, None, "", "yes", 1.5, [])
DATE: Values = (MOMENT, "01.11.2026", 20261101, 1.5, [])
NUMBER_OF_ANOTHER: Values = (79990000000, 1.5, b"7", [PHONE], "", "x", "\ud800")
WHOM: Values = (79990000000, 1.5, b"7", [79990000000], [None], {}, "", [])
SPAN: Values = (5, 1.5, "5", [5], timedelta(0))
WORDS: Values = (5, 1.5, b"soc", [5], [None], [["soc"]], "unheard of")
KNOWN: Values = (0, HUGE, 1.5, "", "a b", "9" * 5000, b"5", [5], True)
AMOUNT: Values = (
    *(0, -1, HUGE, 1.5, "5", [5], True, Decimal("Infinity"), Decimal("sNaN"), Decimal(HUGE)),
    *(Decimal("1E+999999"), Decimal("1E-999999")),
)

# By method: what it is right with, and what each argument must not be.
STATISTICS: Final = (
    {"start": DAY},
    {
        "start": DATE,
        "end": DATE,
        "user": TEXT,
        "user_id": ID,
        "own_balance": FLAG,
        "own_currency": FLAG,
        "second_balance": FLAG,
        "hide_deleted": FLAG,
    },
)
JOB: Final = ({"id": 5}, {"id": KNOWN, "mail": FLAG})
METHODS: Final[Mapping[str, tuple[Mapping[str, Any], Mapping[str, Values]]]] = {
    "jobs.add": (
        {"name": "spring", "to": PHONE, "message": "hello"},
        {
            "name": TEXT,
            "to": WHOM,
            "message": (5, 1.5, b"text", ["text"], {}, True),
            "id": KNOWN,
            "when": (5, 1.5, "now", DAY),
            "tz": (),
            "period": SPAN,
            "freq": SPAN,
            "repeat_every": (5, [], "never"),
            "repeats": NUMBER,
            "retry_failed": FLAG,
            "retry_sender": TEXT,
            "fallback_text": TEXT,
            "messages": (5, "+7", [5], [(PHONE,)], [(5, "hello")], [(PHONE, 5)]),
            "template": (),
            "sender": (),
            "subject": (),
            "mail": (),
            "repeat": FLAG,
        },
    ),
    "jobs.delete": JOB,
    "jobs.cancel": JOB,
    "jobs.get": JOB,
    "jobs.list": ({}, {"start": DATE, "end": DATE, "mail": FLAG}),
    "senders.list": (
        {},
        {
            "all": FLAG,
            "operators": FLAG,
            "since": DATE,
            "limit": NUMBER,
            "before": ID,
            "user": TEXT,
        },
    ),
    "senders.add": (
        {"sender": "SHOP"},
        {"sender": TEXT, "details": (None, 7, {}, "mts"), "user": TEXT},
    ),
    "senders.change": (
        {"sender": "SHOP", "details": SenderDetails(comment="for the shop")},
        {"sender": TEXT, "details": (None, 7, {}, "mts"), "id": (), "user": TEXT},
    ),
    "senders.send_code": ({"sender": PHONE}, {"sender": TEXT, "site_name": TEXT, "user": TEXT}),
    "senders.check_code": (
        {"sender": PHONE, "code": "1234"},
        {"sender": TEXT, "code": (*TEXT, 1234), "user": TEXT},
    ),
    "senders.delete": ({"sender": "SHOP"}, {"sender": TEXT, "id": (), "user": TEXT}),
    "subclients.add": (
        {"user": "branch", "password": "secret"},
        {"user": TEXT, "password": TEXT, "settings": (None, 7, {}, SubclientSettings)},
    ),
    "subclients.change": (
        {"user": "branch", "settings": SubclientSettings(tariff=1)},
        {
            "user": TEXT,
            "settings": (None, 7, {}, SubclientSettings),
            "new_login": TEXT,
            "password": TEXT,
            "current_password": TEXT,
        },
    ),
    "subclients.pay": (
        {"user": "branch", "amount": 5},
        {"user": TEXT, "amount": AMOUNT, "second_balance": FLAG, "repeat": FLAG},
    ),
    "subclients.statistics": STATISTICS,
    "subclients.details": STATISTICS,
    "numbers.list": ({}, {}),
    "numbers.buy": (
        {"phone": PHONE},
        {"phone": NUMBER_OF_ANOTHER, "prolong": FLAG, "repeat": FLAG},
    ),
    "numbers.change": (
        {"phone": PHONE, "prolong": True},
        {"phone": NUMBER_OF_ANOTHER, "prolong": FLAG},
    ),
    "operator_templates.add": (
        {"sender": "SHOP", "text": "hello", "kinds": ["soc"]},
        {"sender": (*TEXT, "a@b.example"), "text": TEXT, "kinds": WORDS},
    ),
    "operator_templates.list": ({}, {"sender": (*TEXT, "a@b.example"), "text": TEXT}),
    "confirmations.wait_call": ({"phone": PHONE}, {"phone": NUMBER_OF_ANOTHER}),
    "events.ping": (
        {"id": 5},
        {"id": ID, "ok": FLAG, "name": TEXT, "host": TEXT, "info": TEXT},
    ),
}
# What goes with other arguments than those above.
BESIDE: Final[tuple[tuple[str, Mapping[str, Any], str, Values], ...]] = (
    ("jobs.add", {"name": "spring", "to": PHONE}, "template", ID),
    ("jobs.add", {"name": "spring", "to": PHONE, "template": 3}, "to", (None, *WHOM)),
    ("jobs.add", {"name": "spring", "to": PHONE, "template": 3}, "sender", TEXT),
    ("jobs.add", {"name": "spring", "to": "a@b.example", "template": 3}, "subject", TEXT),
    ("jobs.add", {"name": "spring", "to": PHONE, "template": 3}, "mail", FLAG),
    (
        "jobs.add",
        {"name": "spring", "to": PHONE, "message": "hello", "when": MOMENT},
        "tz",
        (1.0, True, "3", HUGE, []),
    ),
    ("senders.change", {"details": SenderDetails(comment="for the shop")}, "id", ID),
    ("senders.delete", {}, "id", ID),
)


def method(smsc: SmscClient, name: str) -> Any:  # noqa: ANN401 - each has a signature of its own
    subject, _, called = name.partition(".")
    return getattr(getattr(smsc, subject), called)


def wrong() -> Iterator[tuple[str, Mapping[str, Any], str, object]]:
    for name, (right, arguments) in METHODS.items():
        parameters = inspect.signature(method(SmscClient(api_key="key"), name)).parameters
        for argument, values in arguments.items():
            for value in values:
                yield name, right, argument, value
            if parameters[argument].default is inspect.Parameter.empty:
                yield name, right, argument, None
    for name, right, argument, values in BESIDE:
        for value in values:
            yield name, right, argument, value


CASES = list(wrong())


@pytest.mark.parametrize(
    ("name", "right", "argument", "value"),
    CASES,
    ids=[f"{at} {name} {argument}" for at, (name, _, argument, _) in enumerate(CASES)],
)
def test_what_is_missing_or_of_another_kind_is_refused_before_anything_is_sent(
    name: str, right: Mapping[str, Any], argument: str, value: object
) -> None:
    given = {**right, argument: value}
    if argument == "messages":
        given = {"name": "spring", argument: value}
    with pytest.raises(InvalidMessage) as error:
        unsent(lambda smsc: method(smsc, name)(**given))

    assert error.value.field in {argument, "text"}


@pytest.mark.parametrize("name", METHODS)
def test_every_argument_of_a_method_is_looked_at(name: str) -> None:
    signature = inspect.signature(method(SmscClient(api_key="key"), name))

    assert signature.parameters.keys() == METHODS[name][1].keys()


@pytest.mark.parametrize(
    ("field", "values"),
    [
        ("type", (5, -1, 1.0, "1", True, [])),
        ("email", TEXT),
        ("phone", TEXT),
        ("full_name", TEXT),
        ("tariff", (-1, 9, 1.0, "1", True, HUGE, [])),
        ("currency", (1, 1.5, "RUR", [], {})),
        ("tz", (-13, 13, 3.0, "3", True, HUGE, [])),
        ("sender", (*TEXT, "not @ an address", "TWELVE CHARS")),
        ("url", (*TEXT, "ftp://branch.example")),
        ("other", (None, 5, "notes", ["notes"], {5: 1}, {"plim": 1.5}, {"plim": HUGE})),
    ],
)
def test_a_setting_of_another_kind_is_refused(field: str, values: Values) -> None:
    for value in values:
        with pytest.raises(InvalidMessage) as error:
            SubclientSettings(**{field: value})

        assert error.value.field == field


@pytest.mark.parametrize(
    ("field", "values"),
    [
        *[
            (field, TEXT)
            for field in (
                *("comment", "full_name", "inn", "site", "email", "address", "description"),
                *("subject", "name"),
            )
        ],
        ("mail", FLAG),
        ("operators", (None, 5, 1.5, [5], [None], [["mts"]], "unheard of")),
    ],
)
def test_a_detail_of_another_kind_is_refused(field: str, values: Values) -> None:
    for value in values:
        with pytest.raises(InvalidMessage) as error:
            SenderDetails(**{field: value})

        assert error.value.field == field
