"""Every documented limit stands in the table, and every call finds its row."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from smsc_async._wire import codes
from smsc_async._wire.limits import AT_ONCE, HOUR, MINUTE, ROWS, Per, Row, Rule, find, span

every_row = pytest.mark.parametrize("row", ROWS, ids=lambda row: f"{row.name}-{row.mass}")
EVERY_RULE = sorted({rule for row in ROWS for rule in row.rules}, key=str)

SAME, ANY = Per.REQUEST, Per.OPERATION

# The "error 9" lines of the pages: what is asked, and the most that is not refused. Where a line
# says "more than", that is its number; where it says "or more", one less.
DOCUMENTED: list[tuple[str, dict[str, str], tuple[int, int, Per]]] = [
    (codes.SEND, {"phones": "7", "mes": "x"}, (1, MINUTE, SAME)),
    (codes.SEND, {"phones": "7", "mes": "x", "cost": "3"}, (1, MINUTE, SAME)),
    (codes.SEND, {"list": "7:x"}, (1, MINUTE, SAME)),
    (codes.SEND, {"phones": "7", "mes": "x"}, (50, MINUTE, Per.RECIPIENT)),
    (codes.SEND, {"phones": "7", "mes": "x", "cost": "1"}, (5, MINUTE, SAME)),
    (codes.STATUS, {"id": "1", "phone": "7"}, (5, MINUTE, Per.VALUES)),
    (codes.STATUS, {"id": "1", "phone": "7"}, (4, 0, Per.PATH)),
    (codes.STATUS, {"id": "1,2", "phone": "7,8"}, (1, MINUTE, Per.PATH)),
    (codes.STATUS, {"id": "1,", "phone": "7,"}, (1, MINUTE, Per.PATH)),
    (codes.STATUS, {"id": "1,2", "phone": "7,8"}, (5, MINUTE, Per.VALUES)),
    (codes.STATUS, {"id": "1,2", "phone": "7,8"}, (4, 0, Per.PATH)),
    *(
        (codes.STATUS, {"id": "1", "phone": "7", "del": "1"}, limit)
        for limit in ((5, MINUTE, Per.VALUES), (4, 0, Per.PATH))
    ),
    *(
        (codes.STATUS, {"id": "1,2", "phone": "7,8", "del": "1"}, limit)
        for limit in ((1, MINUTE, Per.PATH), (5, MINUTE, Per.VALUES), (4, 0, Per.PATH))
    ),
    (codes.BALANCE, {}, (10, MINUTE, ANY)),
    (codes.BALANCE, {"cur": "1"}, (10, MINUTE, ANY)),
    *(
        (codes.JOBS, {action: "1"}, (1, MINUTE, SAME))
        for action in ("add", "del", "cancel", "get", "get_all")
    ),
    *(
        (codes.PHONES, {action: "1"}, (3, MINUTE, SAME))
        for action in ("add", "chg", "del", "get", "add_group", "chg_group", "del_group")
    ),
    *(
        (codes.PHONES, {action: "1"}, (3, MINUTE, SAME))
        for action in ("get_group", "move_group", "add_black", "del_black", "get_black")
    ),
    (codes.USERS, {"add": "1", "user": "x"}, (3, MINUTE, ANY)),
    (codes.USERS, {"chg": "1", "user": "x"}, (3, MINUTE, Per.VALUES)),
    (codes.SENDERS, {"get": "1"}, (3, MINUTE, SAME)),
    (codes.SENDERS, {"add": "1"}, (5, MINUTE, ANY)),
    (codes.SENDERS, {"send_code": "1", "sender": "7"}, (1, 8 * HOUR, Per.VALUES)),
    (codes.GET, {"get_messages": "1"}, (3, MINUTE, SAME)),
    (codes.GET, {"get_messages": "1"}, (30, HOUR, ANY)),
    (codes.GET, {"get_answers": "1"}, (3, MINUTE, SAME)),
    (codes.GET, {"get_stat": "1"}, (3, MINUTE, ANY)),
    (codes.GET, {"get_price": "1"}, (3, MINUTE, SAME)),
    (codes.INFO, {"get_operator": "1", "phone": "7"}, (3, MINUTE, SAME)),
    (codes.INFO, {"get_operator": "1", "phone": "7"}, (100, MINUTE, ANY)),
    (codes.TINYURLS, {"get": "1", "id": "7"}, (3, MINUTE, SAME)),
]


@pytest.mark.parametrize(("path", "params", "limit"), DOCUMENTED)
def test_a_documented_limit_is_kept(
    path: str, params: dict[str, str], limit: tuple[int, int, Per]
) -> None:
    rules = {(rule.limit, rule.window, rule.per) for rule in find(path, params).rules}

    assert limit in rules


# Rules of the client's own, where a page is silent: identical changes, and all calls in all.
UNDOCUMENTED = {(1, MINUTE, SAME), (3, MINUTE, Per.PATH)}
OWN = {
    **dict.fromkeys(
        (
            *(
                "account.megafon",
                "confirmations.wait_call",
                "documents",
                "documents.act",
                "documents.invoice",
            ),
            *("downloads.file", "downloads.list", "events.ping", "numbers", "numbers.buy"),
            *(
                "numbers.list",
                "operator_templates",
                "operator_templates.list",
                "senders",
                "senders.delete",
            ),
            *("senders.send_code", "subclients.details", "subclients.statistics", "templates"),
            *("templates.delete", "templates.list"),
        ),
        UNDOCUMENTED,
    ),
    "subclients.add": {(1, MINUTE, SAME)},
    "subclients.change": {(1, MINUTE, SAME)},
    "subclients.pay": {(1, MINUTE, SAME), (3, MINUTE, Per.VALUES)},
    "senders.add": {(1, MINUTE, SAME)},
}


@every_row
def test_no_limit_is_kept_that_is_neither_documented_nor_said_to_be_our_own(row: Row) -> None:
    documented = {limit for path, params, limit in DOCUMENTED if find(path, params) == row}
    kept = {(rule.limit, rule.window, rule.per) for rule in row.rules if rule != AT_ONCE}

    assert kept == documented | OWN.get(row.name, set())


@every_row
def test_fourteen_at_once_and_never_fifteen_is_the_last_rule_of_all(row: Row) -> None:
    assert row.rules[-1] == AT_ONCE
    assert (AT_ONCE.limit, AT_ONCE.window, AT_ONCE.per) == (14, 0, Per.LOGIN)


@every_row
def test_places_stand_behind_windows(row: Row) -> None:
    windows = [bool(rule.window) for rule in row.rules]

    assert windows == sorted(windows, reverse=True)


@every_row
def test_a_row_is_found_by_its_own_flags(row: Row) -> None:
    several = {"id": "1,2"} if row.mass else {"id": "1"}

    assert find(row.path, {**dict(row.flags), **several}) == row


@every_row
def test_a_call_of_the_same_name_is_a_query_or_not_however_many_it_asks_for(row: Row) -> None:
    assert len({other.kind for other in ROWS if other.name == row.name}) == 1


def test_what_sends_changes_or_deletes_is_no_query() -> None:
    assert sorted({row.name for row in ROWS if row.kind not in {"query", "removal"}}) == [
        *("confirmations.wait_call", "contacts", "documents", "events.ping", "jobs", "jobs.add"),
        *("numbers", "numbers.buy"),
        *("operator_templates", "send", "senders", "senders.add", "senders.send_code"),
        *("subclients.add", "subclients.change", "subclients.pay", "templates"),
    ]
    assert sorted({row.name for row in ROWS if row.kind == "removal"}) == [
        *("blacklist.delete", "contacts.delete", "groups.delete", "jobs.delete"),
        *("senders.delete", "statuses.delete", "templates.delete"),
    ]


@pytest.mark.parametrize(
    ("params", "name"),
    [
        ({"id": "1", "phone": "7"}, "statuses.get"),
        ({"id": "1,2", "phone": "7,8"}, "statuses.get_many"),
        ({"id": "1,", "phone": "7"}, "statuses.get_many"),
        ({"id": "1", "phone": "7,"}, "statuses.get_many"),
        ({"id": "1", "phone": "7", "del": "1"}, "statuses.delete"),
        ({}, "statuses.get"),
    ],
)
def test_a_comma_asks_for_many_statuses(params: dict[str, str], name: str) -> None:
    assert find(codes.STATUS, params).name == name


def test_deleting_by_commas_counts_as_many() -> None:
    assert find(codes.STATUS, {"id": "1,2", "del": "1"}).mass
    assert not find(codes.STATUS, {"id": "1", "del": "1"}).mass


@pytest.mark.parametrize("cost", ["0", "2", "3", "01", "yes", ""])
def test_only_a_price_is_counted_as_a_price(cost: str) -> None:
    assert find(codes.SEND, {"cost": cost}).name == "send"


def test_creating_a_mailing_for_its_price_is_no_price() -> None:
    row = find(codes.JOBS, {"add": "1", "cost": "1"})

    assert (row.name, row.kind) == ("jobs.add", "change")


def test_an_address_that_no_page_describes_is_held_to_the_strictest() -> None:
    row = find("other.php", {"get": "1"})

    assert row.name == "other"
    assert row.rules == (Rule(1, MINUTE, Per.REQUEST), Rule(3, MINUTE, Per.PATH), AT_ONCE)
    assert row.kind == "change", "what it does is not known, so it is never repeated"


def test_a_known_address_with_unknown_flags_is_held_to_the_strictest_too() -> None:
    assert find(codes.GET, {"get_other": "1"}) == find(codes.GET, {})
    assert find(codes.GET, {}).rules == find("other.php", {}).rules


PARAMS = st.dictionaries(
    st.sampled_from(["id", "phone", "cost", "del", "get", "add", "get_stat", "other"]),
    st.sampled_from(["", "0", "1", "2", ",", "1,2"]),
)


@given(st.sampled_from(sorted({row.path for row in ROWS})) | st.text(), PARAMS)
def test_every_call_finds_a_row_of_its_own_path(path: str, params: dict[str, str]) -> None:
    row = find(path, params)

    assert row.path == path
    assert row.rules[-1] == AT_ONCE
    assert all(params.get(name) == value for name, value in row.flags)


@pytest.mark.parametrize(
    ("rule", "text"),
    [
        (AT_ONCE, "14 at once, counting all requests of one login"),
        (Rule(1, MINUTE, SAME), "1 in 60 s, counting identical requests"),
        (Rule(30, HOUR, ANY), "30 in 1 hour, counting all requests of one operation"),
        (
            Rule(1, 8 * HOUR, Per.VALUES, ("sender",)),
            "1 in 8 hours, counting requests about the same thing",
        ),
        (
            Rule(50, MINUTE, Per.RECIPIENT, chain=True),
            "50 in a row less than 60 s apart, counting messages to one number",
        ),
    ],
)
def test_a_rule_reads_as_a_person_would_say_it(rule: Rule, text: str) -> None:
    assert str(rule) == text


def test_windows_read_as_a_person_would_say_them() -> None:
    assert [span(window) for window in (1_000, 90_000, HOUR, 8 * HOUR)] == [
        "1 s",
        "90 s",
        "1 hour",
        "8 hours",
    ]


@pytest.mark.parametrize("rule", EVERY_RULE, ids=str)
def test_a_rule_makes_sense(rule: Rule) -> None:
    assert rule.limit >= 1
    assert rule.window >= 0
    assert bool(rule.by) == (rule.per is Per.VALUES)
    assert not rule.chain or rule.window
