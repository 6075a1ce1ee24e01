"""Contacts, groups and the blacklist: what is refused before the network, what lists say."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import UTC, date, datetime
from typing import Any, TypeAlias

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from smsc_async import (
    BadParameters,
    BlacklistEntry,
    Contact,
    Group,
    InvalidMessage,
    NotFound,
    OutcomeUnknown,
    SmscClient,
)
from smsc_async._codec import decode
from smsc_async._resources._contact import numbers
from smsc_async._resources.blacklist import LIST as BLACKLIST
from smsc_async._resources.contacts import LIST
from smsc_async._resources.groups import LIST as GROUPS
from smsc_async._wire.values import day, read_day
from tests.samples import Answering, asked, sample, unsent
from tests.virtual import run

PHONE = "+79990000001"
NOON = datetime(1990, 2, 1, 12, tzinfo=UTC)
NUMBER = st.from_regex(r"(7[0-9]{10}|[1-6][0-9]{6,14})", fullmatch=True)
ADDRESS = st.from_regex(r"[a-z.]{1,5}@[a-z]{1,5}\.ru", fullmatch=True)
TAG = st.from_regex(r"[^\s,;]([^,;\n]{0,8}[^\s,;])?", fullmatch=True)


def contacts(name: str) -> list[Contact]:
    found = decode(LIST, sample(f"contacts.list/{name}.json"))
    assert isinstance(found, list)
    return found


# Lists are read


def test_a_contact_is_read_as_the_page_shows_it() -> None:
    anna, boris = contacts("contacts")

    assert anna.phones == ("79990000001", "79990000002")
    assert anna.groups == (7,)
    assert anna.birthday == date(1990, 2, 1)
    assert anna.id == "client-5"
    assert anna.tags == ("vip", "moscow")
    assert anna.other_phones == ("74950000001",)
    assert (anna.name, anna.last_name, anna.middle_name) == ("Анна", "Иванова", "Петровна")
    assert (anna.mails, anna.other_mails, anna.int_id) == ((), (), None)
    assert (boris.groups, boris.birthday, boris.id, boris.tags) == ((), None, "", ())


def test_a_contact_by_e_mail_has_addresses() -> None:
    (anna,) = contacts("mails")

    assert anna.mails == ("anna@example.com", "a.b@example.com")
    assert anna.other_mails == ("anna@example.org",)
    assert anna.groups == (7, 9)
    assert anna.id == "100500"
    assert anna.birthday is None
    assert anna.phones == ()


def test_what_comes_bare_or_not_at_all_is_read_too() -> None:
    (bare,) = contacts("bare_numbers")
    (short,) = contacts("missing_keys")

    assert (bare.phones, bare.other_phones) == (("79990000001",), ("74950000001",))
    assert (bare.groups, bare.id, bare.int_id) == ((7, 9), "100500", 31)
    assert (short.phones, short.groups, short.tags, short.birthday) == (
        ("79990000001",),
        (),
        (),
        None,
    )


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("", ()),
        ("none", ()),
        ("79990000001", ("79990000001",)),
        ("+7 (999) 000-00-01", ("+79990000001",)),
        ("8 999 000 00 01", ("89990000001",)),
        ("8-999-0000001", ("89990000001",)),
        ("+7 9990000001", ("+79990000001",)),
        ("495 000 0001", ("4950000001",)),
        ("(495000) 000001", ("495000000001",)),
        ("8.999.000.00.01, 8 (999) 000-00-02", ("89990000001", "89990000002")),
        ("8 999 000 00 01;8 999 000 00 02", ("89990000001", "89990000002")),
        ("+7 999 000 00 01 +7 999 000 00 02", ("+79990000001", "+79990000002")),
        ("79990000001 79990000002", ("79990000001", "79990000002")),
        ("79990000001-79990000002", ("79990000001", "79990000002")),
        ("+79990000001+79990000002", ("+79990000001", "+79990000002")),
        ("79990000001\r\n79990000002", ("79990000001", "79990000002")),
        ("79990000001 и 12345", ("79990000001", "12345")),
        ("12345 6789012345", ("123456789012345",)),
        ("12345 79990000001", ("12345", "79990000001")),
        ("79990000001-12345", ("79990000001", "12345")),
        ("+79990000001/12345, 8 (999) 000-00-02", ("+79990000001", "12345", "89990000002")),
        ("1234567890123456", ("1234567890123456",)),
    ],
)
def test_numbers_are_told_apart_and_kept_together(text: str, found: tuple[str, ...]) -> None:
    assert numbers(text) == found


@given(
    st.lists(st.tuples(st.sampled_from(["", "+"]), NUMBER).map("".join), min_size=1),
    st.sampled_from([*",;|/\n\t -.:", ", ", " / ", ") ("]),
)
def test_whole_numbers_come_apart_whatever_divides_them(listed: list[str], divider: str) -> None:
    assert numbers(divider.join(listed)) == tuple(listed)


@given(st.text())
@example("+")
@example("+ +")
def test_of_any_text_numbers_have_all_digits_and_nothing_else(text: str) -> None:
    found = numbers(text)

    assert "".join(found).replace("+", "") == "".join(c for c in text if c in "0123456789")
    assert all(one.lstrip("+").isdecimal() and one.rfind("+") <= 0 for one in found)


@given(st.dates())
def test_a_day_is_read_as_it_is_written(when: date) -> None:
    assert read_day(day(when)) == when
    assert len(day(when)) == len("dd.mm.yyyy")


@pytest.mark.parametrize(
    "text", ["", " ", "00.00.0000", "31.02.1990", "1990-02-01", "01.02", "01.02.19901", "01.02.90"]
)
def test_what_is_no_day_is_none(text: str) -> None:
    assert read_day(text) is None


def test_a_group_has_numbers_bare_or_quoted_or_none() -> None:
    assert decode(GROUPS, sample("groups.list/groups.json")) == [
        Group(31, "clients", 3, 12),
        Group(32, "friends", 4, 0),
    ]
    assert decode(GROUPS, sample("groups.list/without_number.json")) == [Group(33, "new", None, 0)]


def test_an_entry_of_the_blacklist_says_whom_and_what_it_stops() -> None:
    rows = decode(BLACKLIST, sample("blacklist.list/phones.json"))
    assert isinstance(rows, list)
    mails = decode(BLACKLIST, sample("blacklist.list/mails.json"))
    assert isinstance(mails, list)
    (mail,) = mails

    assert [(row.phone, row.email, row.scope) for row in rows] == [
        ("79990000001", "", "all"),
        ("79990000002", "", "single"),
    ]
    assert (mail.id, mail.phone, mail.email, mail.scope) == (3, "", "anna@example.com", "mass")
    assert [BlacklistEntry(id=1, type=number).scope for number in (3, -1)] == [3, -1]


@pytest.mark.parametrize(
    "call",
    [
        lambda smsc: smsc.contacts.list(),
        lambda smsc: smsc.groups.list(),
        lambda smsc: smsc.blacklist.list(),
        lambda smsc: smsc.templates.list(),
        lambda smsc: smsc.operator_templates.list(),
        lambda smsc: smsc.numbers.list(),
    ],
)
def test_nothing_found_is_an_empty_list(call: Callable[[SmscClient], Awaitable[object]]) -> None:
    found, _, _ = asked(call, sample("errors/nothing_found.json"))

    assert found == []


def test_a_command_that_the_service_does_not_know_is_told_as_it_says_it() -> None:
    with pytest.raises(BadParameters):
        asked(lambda smsc: smsc.blacklist.list(), sample("errors/parameters.json"))


# Calls


@given(st.lists(st.tuples(st.sampled_from(["", "+"]), NUMBER).map("".join), min_size=1, max_size=3))
def test_numbers_that_are_posted_are_read_back(listed: list[str]) -> None:
    answer = sample("contacts.add/created.json")

    _, _, form = asked(lambda smsc: smsc.contacts.add(listed, "x", other_phones=listed), answer)

    assert Contact(phone=form["phone"]).phones == tuple(listed)
    assert Contact(phone_other=form["pho"]).other_phones == tuple(listed)


@given(
    st.lists(ADDRESS, min_size=1, max_size=3),
    st.lists(TAG, max_size=3),
    st.lists(st.integers(1, 10**9), max_size=3),
    st.dates(),
)
def test_what_is_posted_of_a_contact_is_read_back(
    mails: list[str], tags: list[str], groups: list[int], birthday: date
) -> None:
    def call(smsc: SmscClient) -> Awaitable[int]:
        return smsc.contacts.add(mails, "x", tags=tags, groups=groups, birthday=birthday)

    _, _, form = asked(call, sample("contacts.add/created.json"))
    read = Contact(
        mail=form["mail"],
        wire_tags=form["tags"],
        group=form["grp"],
        wire_birthday=form["bd"],
    )

    assert read.mails == tuple(mails)
    assert read.tags == tuple(tag.strip() for tag in tags)
    assert read.groups == tuple(groups)
    assert read.birthday == birthday


def test_adding_returns_the_id_that_the_service_gave() -> None:
    for answer in ("created", "quoted_id"):
        found, _, _ = asked(
            lambda smsc: smsc.contacts.add(PHONE, "x"), sample(f"contacts.add/{answer}.json")
        )
        assert found == 1234


REFUSED: list[tuple[Callable[[SmscClient], Awaitable[Any]], str]] = [
    (lambda smsc: smsc.contacts.add([], "x"), "to"),
    (lambda smsc: smsc.contacts.add("", "x"), "to"),
    (lambda smsc: smsc.contacts.add("G7", "x"), "to"),
    (lambda smsc: smsc.contacts.add("abc", "x"), "to"),
    (lambda smsc: smsc.contacts.add("79990000001,79990000002", "x"), "to"),
    (lambda smsc: smsc.contacts.add("a@example.com,b@example.com", "x"), "to"),
    (lambda smsc: smsc.contacts.add([PHONE, "a@example.com"], "x"), "to"),
    (lambda smsc: smsc.contacts.add(PHONE, " "), "name"),
    (lambda smsc: smsc.contacts.add(PHONE, "\ud800"), "name"),
    (lambda smsc: smsc.contacts.add(PHONE, "x", comment="\ud800"), "comment"),
    (lambda smsc: smsc.contacts.add(PHONE, "x", groups=[0]), "groups"),
    (lambda smsc: smsc.contacts.add(PHONE, "x", id=""), "id"),
    (lambda smsc: smsc.contacts.add(PHONE, "x", tags=""), "tags"),
    (lambda smsc: smsc.contacts.add(PHONE, "x", tags=["a,b"]), "tags"),
    (lambda smsc: smsc.contacts.add(PHONE, "x", tags=["a;b"]), "tags"),
    (lambda smsc: smsc.contacts.add(PHONE, "x", tags=["a\nb"]), "tags"),
    (lambda smsc: smsc.contacts.add(PHONE, "x", tags=["\ud800"]), "tags"),
    (lambda smsc: smsc.contacts.add(PHONE, "x", other_phones="1,2"), "other_phones"),
    (lambda smsc: smsc.contacts.change(PHONE), "change"),
    (lambda smsc: smsc.contacts.change(PHONE, name=""), "name"),
    (lambda smsc: smsc.contacts.change(PHONE, id=" "), "id"),
    (lambda smsc: smsc.contacts.change(PHONE, tags=" "), "tags"),
    (lambda smsc: smsc.contacts.change(PHONE, tags=[""]), "tags"),
    (lambda smsc: smsc.contacts.change(PHONE, other_phones=[""]), "other_phones"),
    (lambda smsc: smsc.contacts.add(PHONE, "x", groups="77"), "groups"),
    (lambda smsc: smsc.contacts.change(PHONE, birthday=NOON), "birthday"),
    (lambda smsc: smsc.contacts.change(PHONE, new_phone="x"), "new_phone"),
    (lambda smsc: smsc.contacts.change(PHONE, new_mail="a@example.com"), "new_mail"),
    (lambda smsc: smsc.contacts.change("a@example.com", new_phone=PHONE), "new_phone"),
    (lambda smsc: smsc.contacts.change("a@example.com", new_mail=PHONE), "new_mail"),
    (lambda smsc: smsc.contacts.delete(()), "to"),
    (lambda smsc: smsc.contacts.list(phones=PHONE, mails="a@example.com"), "mails"),
    (lambda smsc: smsc.contacts.list(phones=[]), "phones"),
    (lambda smsc: smsc.contacts.list(mails=[]), "mails"),
    (lambda smsc: smsc.contacts.list(mails=[PHONE]), "mails"),
    (lambda smsc: smsc.contacts.list(group=0), "group"),
    (lambda smsc: smsc.contacts.list(name=""), "name"),
    (lambda smsc: smsc.contacts.list(search=" "), "search"),
    (lambda smsc: smsc.contacts.list(after=0), "after"),
    (lambda smsc: smsc.groups.add(""), "name"),
    (lambda smsc: smsc.groups.add("x", number=0), "number"),
    (lambda smsc: smsc.groups.change(7), "change"),
    (lambda smsc: smsc.groups.change(0, name="x"), "group"),
    (lambda smsc: smsc.groups.delete(-1), "group"),
    (lambda smsc: smsc.groups.move(0, PHONE), "group"),
    (lambda smsc: smsc.groups.move(7, []), "phones"),
    (lambda smsc: smsc.groups.move(7, "a@example.com"), "phones"),
    (lambda smsc: smsc.groups.move(7, PHONE, how="out"), "how"),  # type: ignore[arg-type]
    (lambda smsc: smsc.blacklist.add("x"), "to"),
    (lambda smsc: smsc.blacklist.add(PHONE, scope="none"), "scope"),  # type: ignore[arg-type]
    (lambda smsc: smsc.blacklist.delete([]), "to"),
]


@pytest.mark.parametrize(("call", "field"), REFUSED)
def test_what_cannot_be_right_is_refused_before_anything_is_sent(
    call: Callable[[SmscClient], Awaitable[Any]], field: str
) -> None:
    with pytest.raises(InvalidMessage) as error:
        unsent(call)

    assert error.value.field == field


Make: TypeAlias = Callable[[Any, Any], Awaitable[Any]]

# Every argument of the methods by its name, and what may stand there beside what is tried.
OBLIGATORY: list[tuple[str, Make]] = [
    ("to", lambda smsc, given: smsc.contacts.add(given, "x")),
    ("name", lambda smsc, given: smsc.contacts.add(PHONE, given)),
    ("to", lambda smsc, given: smsc.contacts.change(given, name="x")),
    ("to", lambda smsc, given: smsc.contacts.delete(given)),
    ("name", lambda smsc, given: smsc.groups.add(given)),
    ("mail", lambda smsc, given: smsc.groups.add("x", mail=given)),
    ("group", lambda smsc, given: smsc.groups.change(given, name="x")),
    ("group", lambda smsc, given: smsc.groups.delete(given)),
    ("group", lambda smsc, given: smsc.groups.move(given, PHONE)),
    ("phones", lambda smsc, given: smsc.groups.move(7, given)),
    ("how", lambda smsc, given: smsc.groups.move(7, PHONE, how=given)),
    ("mail", lambda smsc, given: smsc.groups.list(mail=given)),
    ("to", lambda smsc, given: smsc.blacklist.add(given)),
    ("scope", lambda smsc, given: smsc.blacklist.add(PHONE, scope=given)),
    ("to", lambda smsc, given: smsc.blacklist.delete(given)),
    ("name", lambda smsc, given: smsc.templates.add(given, "x")),
    ("text", lambda smsc, given: smsc.templates.add("x", given)),
    ("id", lambda smsc, given: smsc.templates.change(given, name="x")),
    ("id", lambda smsc, given: smsc.templates.delete(given)),
]
PERSON = (
    *("groups", "last_name", "first_name", "middle_name", "birthday", "id", "comment", "tags"),
    "other_phones",
)


def given_to(method: Callable[..., Make], *fields: str) -> list[tuple[str, Make]]:
    return [(field, method(field)) for field in fields]


OPTIONAL = [
    *given_to(lambda f: lambda smsc, one: smsc.contacts.add(PHONE, "x", **{f: one}), *PERSON),
    *given_to(
        lambda f: lambda smsc, one: smsc.contacts.change(PHONE, **{f: one}),
        *("name", *PERSON, "new_phone"),
    ),
    *given_to(lambda f: lambda smsc, one: smsc.contacts.change("a@b.ru", **{f: one}), "new_mail"),
    *given_to(
        lambda f: lambda smsc, one: smsc.contacts.list(**{f: one}),
        *("phones", "mails", "group", "name", "search", "after"),
    ),
    *given_to(lambda f: lambda smsc, one: smsc.groups.add("x", **{f: one}), "number"),
    *given_to(lambda f: lambda smsc, one: smsc.groups.change(7, **{f: one}), "name", "number"),
    *given_to(lambda f: lambda smsc, one: smsc.blacklist.add(PHONE, **{f: one}), "comment"),
    *given_to(
        lambda f: lambda smsc, one: smsc.templates.add("x", "x", **{f: one}),
        *("format", "sender", "signature"),
    ),
    *given_to(
        lambda f: lambda smsc, one: smsc.templates.change(7, **{f: one}),
        *("name", "text", "format", "sender", "signature"),
    ),
]


@pytest.mark.parametrize(("field", "call"), OBLIGATORY)
def test_what_must_be_given_is_not_none(field: str, call: Make) -> None:
    with pytest.raises(InvalidMessage) as error:
        unsent(lambda smsc: call(smsc, None))

    assert error.value.field == field


NO_TEXT = {"birthday", "groups", "group", "after", "number", "mail", "signature"}
MAY_BE_A_NUMBER = {"id", "group", "after", "number"}
EVERY = [*OBLIGATORY, *OPTIONAL]
NEVER = (1.5, b"79990000001", print, [None], [[b"x"]])


@pytest.mark.parametrize(
    ("field", "call", "given"),
    [
        *((*one, given) for one in EVERY for given in NEVER),
        *((*one, "x") for one in EVERY if one[0] in NO_TEXT),
        *((*one, 79990000001) for one in EVERY if one[0] not in MAY_BE_A_NUMBER),
        *((*one, True) for one in EVERY if one[0] in MAY_BE_A_NUMBER),
    ],
)
def test_what_is_of_another_kind_is_refused_by_its_name(
    field: str, call: Make, given: object
) -> None:
    with pytest.raises(InvalidMessage) as error:
        unsent(lambda smsc: call(smsc, given))

    assert error.value.field == field


@pytest.mark.parametrize(
    ("field", "call", "posted"),
    [
        ("grp", lambda smsc: smsc.contacts.add(PHONE, "x", groups=["7", 9]), "7,9"),
        ("grp", lambda smsc: smsc.contacts.list(group="7"), "7"),
        ("after_id", lambda smsc: smsc.contacts.list(after="31"), "31"),
        ("grp", lambda smsc: smsc.groups.change("7", name="x"), "7"),
        ("grp", lambda smsc: smsc.groups.delete("7"), "7"),
        ("grp", lambda smsc: smsc.groups.move("7", PHONE), "7"),
        ("id", lambda smsc: smsc.templates.change("7", name="x"), "7"),
        ("id", lambda smsc: smsc.templates.delete("7"), "7"),
        ("tags", lambda smsc: smsc.contacts.change(PHONE, tags=""), ""),
        ("tags", lambda smsc: smsc.contacts.change(PHONE, tags=()), ""),
        ("myid", lambda smsc: smsc.contacts.change(PHONE, id=""), ""),
        ("pho", lambda smsc: smsc.contacts.change(PHONE, other_phones=""), ""),
        ("lnm", lambda smsc: smsc.contacts.change(PHONE, last_name=""), ""),
    ],
)
def test_ids_may_be_digits_and_what_is_empty_is_posted_as_such(
    field: str, call: Callable[[SmscClient], Awaitable[object]], posted: str
) -> None:
    _, (form,) = outcome(call, sample("errors/nothing_found.json"))

    assert form[field] == posted


def test_each_bad_number_of_a_list_is_named_by_its_place_and_masked() -> None:
    listed = [PHONE, "G7", "79990000001x", "a@b"]

    with pytest.raises(InvalidMessage) as error:
        unsent(lambda smsc: smsc.groups.move(7, listed))

    assert list(error.value.rows) == [1, 2, 3]
    assert "79990000001x" not in str(error.value)


def test_a_bad_number_that_is_alone_is_told_as_such() -> None:
    with pytest.raises(InvalidMessage) as error:
        unsent(lambda smsc: smsc.blacklist.add([""]))

    assert (error.value.rule, error.value.rows) == ("is empty", {})


def outcome(
    call: Callable[[SmscClient], Awaitable[object]], answer: bytes
) -> tuple[Any, list[dict[str, str]]]:
    """Return what a call raises, and each form that went out."""
    transport = Answering(answer)

    async def main() -> Any:  # noqa: ANN401 - an error of any kind
        async with SmscClient(api_key="key", transport=transport) as smsc:
            try:
                return await call(smsc)
            except Exception as error:  # noqa: BLE001 - the test looks at it
                return error

    return run(main()), transport.forms


CHANGES: list[Callable[[SmscClient], Awaitable[object]]] = [
    lambda smsc: smsc.contacts.add(PHONE, "x"),
    lambda smsc: smsc.contacts.change(PHONE, name="x"),
    lambda smsc: smsc.groups.add("x"),
    lambda smsc: smsc.groups.change(7, name="x"),
    lambda smsc: smsc.groups.move(7, PHONE),
    lambda smsc: smsc.blacklist.add(PHONE),
    lambda smsc: smsc.templates.add("x", "x"),
    lambda smsc: smsc.templates.change(7, name="x"),
    lambda smsc: smsc.operator_templates.add("x", "x", kinds=["soc"]),
    lambda smsc: smsc.numbers.buy(PHONE),
    lambda smsc: smsc.numbers.change(PHONE, prolong=True),
    lambda smsc: smsc.confirmations.wait_call(PHONE),
    lambda smsc: smsc.events.ping(7),
]
REMOVALS: list[Callable[[SmscClient], Awaitable[object]]] = [
    lambda smsc: smsc.contacts.delete(PHONE),
    lambda smsc: smsc.groups.delete(7),
    lambda smsc: smsc.blacklist.delete(PHONE),
    lambda smsc: smsc.templates.delete(7),
]


@pytest.mark.parametrize("call", CHANGES)
def test_a_change_is_never_made_again_by_itself(
    call: Callable[[SmscClient], Awaitable[object]],
) -> None:
    error, forms = outcome(call, sample("refused/gateway.html"))

    assert isinstance(error, OutcomeUnknown)
    assert len(forms) == 1


@pytest.mark.parametrize("call", REMOVALS)
def test_a_removal_is_made_again_for_nothing_is_left_to_be_harmed(
    call: Callable[[SmscClient], Awaitable[object]],
) -> None:
    error, forms = outcome(call, sample("refused/gateway.html"))

    assert isinstance(error, OutcomeUnknown)
    assert len(forms) > 1


@pytest.mark.parametrize("call", [*CHANGES[1:2], *REMOVALS])
def test_what_is_not_there_is_told_in_plain_text_too(
    call: Callable[[SmscClient], Awaitable[object]],
) -> None:
    error, forms = outcome(call, sample("errors/plain_nested.txt"))

    assert isinstance(error, NotFound)
    assert len(forms) == 1
