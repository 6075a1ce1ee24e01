"""Every error is one of ours, survives a worker's queue, says what to do, and tells no secret."""

from __future__ import annotations

import copy
import inspect
import pickle
import re
from datetime import UTC, datetime

import pytest

from smsc_async import _refusals, errors
from smsc_async.errors import (
    ApiError,
    BadReply,
    DuplicateSend,
    InvalidMessage,
    NoAnswer,
    NotSent,
    OutcomeUnknown,
    SmscError,
    Throttled,
    ThrottleUnavailable,
)

MOMENT = datetime(2026, 11, 21, 9, 30, 5, tzinfo=UTC)
PHONES = ("+79990000017", "79990000018")

EVERY_CLASS = [
    value
    for value in vars(errors).values()
    if isinstance(value, type) and issubclass(value, BaseException)
]


RULE = "1 in 60 s, counting identical requests"
EVERY_ERROR: list[SmscError] = [
    SmscError("text"),
    NotSent("send", "ConnectError"),
    Throttled("send", 12.5, RULE),
    ThrottleUnavailable("send", "limits.db: disk I/O error"),
    DuplicateSend("send", 12.5, RULE),
    NoAnswer("account.balance", "ReadTimeout", 3),
    NoAnswer("account.balance", "ReadTimeout", 1),
    OutcomeUnknown("send", "ReadTimeout", "d1", PHONES, MOMENT),
    OutcomeUnknown("contacts", "ReadTimeout", None, (), MOMENT),
    InvalidMessage("text", "is empty"),
    InvalidMessage("messages", "2 of 3 rows are bad", {0: "came before", 2: "is empty"}),
    BadReply("send", "not the answer expected", b"<html>"),
    *(
        kind("send", 3, "no money", name)
        for kind in EVERY_CLASS
        for name in ("1234", None)
        if issubclass(kind, ApiError)
    ),
]
every_error = pytest.mark.parametrize("error", EVERY_ERROR, ids=repr)


@pytest.mark.parametrize("kind", EVERY_CLASS)
def test_every_error_is_an_smsc_error(kind: type[BaseException]) -> None:
    assert issubclass(kind, SmscError)


def test_every_class_has_an_example_here() -> None:
    assert {type(error) for error in EVERY_ERROR} == set(EVERY_CLASS)


@every_error
def test_an_error_goes_whole_from_worker_to_worker(error: SmscError) -> None:
    copies = [pickle.loads(pickle.dumps(error, protocol)) for protocol in range(6)]  # noqa: S301
    copies += [copy.copy(error), copy.deepcopy(error)]

    for twin in copies:
        assert type(twin) is type(error)
        assert vars(twin) == vars(error)
        assert twin.args == error.args
        assert str(twin) == str(error)


@every_error
def test_the_arguments_of_an_error_are_its_fields_in_order(error: SmscError) -> None:
    if type(error) is not SmscError:
        names = list(inspect.signature(type(error)).parameters)
        assert [getattr(error, name) for name in names] == list(error.args)


@every_error
def test_an_error_has_no_field_for_a_secret_or_a_text_to_be_sent(error: SmscError) -> None:
    fields = vars(error).keys()

    assert not fields & {"login", "password", "psw", "api_key", "apikey", "message", "mes", "form"}


@pytest.mark.parametrize("kind", EVERY_CLASS)
def test_every_error_says_what_it_means(kind: type[BaseException]) -> None:
    assert kind.__doc__
    assert kind.__doc__ != kind.__bases__[0].__doc__


def drawn(text: str) -> dict[str, str]:
    """Read the tree in the module's docstring: each class and the one it is under."""
    above: dict[str, str] = {}
    path: list[str] = []
    for line in text.splitlines():
        branch = re.match(r"((?:│   |    )*)(?:├── |└── )(.*)", line)
        if line == "SmscError":
            path = ["SmscError"]
        if not branch:
            continue
        depth = len(branch[1]) // 4 + 1
        names = re.match(r"\w+(?: · \w+)*", branch[2])
        assert names, line
        for name in names[0].split(" · "):
            path = [*path[:depth], name]
            above[name] = path[depth - 1]
    return above


def test_the_tree_is_as_it_is_drawn() -> None:
    assert errors.__doc__

    real = {kind.__name__: kind.__bases__[0].__name__ for kind in EVERY_CLASS}

    assert drawn(errors.__doc__) == {
        name: above for name, above in real.items() if name != "SmscError"
    }


def test_what_is_wrong_before_sending_is_a_value_error_too() -> None:
    assert issubclass(InvalidMessage, ValueError)
    assert [kind for kind in EVERY_CLASS if issubclass(kind, ValueError)] == [InvalidMessage]


def test_what_never_left_can_be_told_from_what_may_have_arrived() -> None:
    assert issubclass(DuplicateSend, Throttled)
    assert issubclass(Throttled, NotSent)
    assert not issubclass(OutcomeUnknown, NotSent)
    assert not issubclass(NoAnswer, NotSent | OutcomeUnknown)


@pytest.mark.parametrize(
    ("error", "says"),
    [
        (NotSent("send", "ConnectError"), "safe to repeat"),
        (Throttled("send", 12.34, "3 in 60 s"), "try again in 12.3 s"),
        (Throttled("send", 12.34, "3 in 60 s"), "the service allows 3 in 60 s"),
        (DuplicateSend("send", 59.0, "1 in 60 s"), "pass repeat=True"),
        (DuplicateSend("send", 59.0, "1 in 60 s"), "possible in 59.0 s"),
        (NoAnswer("account.balance", "ReadTimeout", 1), "asked once, no usable answer (ReadTim"),
        (NoAnswer("account.balance", "ReadTimeout", 3), "asked 3 times"),
        (
            OutcomeUnknown("send", "reset", "d1", PHONES, MOMENT),
            "may have been accepted at 09:30:05",
        ),
        (
            OutcomeUnknown("send", "reset", "d1", PHONES, MOMENT),
            "ask for the status of id d1 before sending again",
        ),
        (InvalidMessage("text", "is empty"), "text: is empty"),
        (BadReply("send", "HTTP 502", b"<html>"), "HTTP 502; the first bytes are in its start"),
        (ApiError("send", 6, "message is denied", "17"), "send: message is denied (code 6)"),
    ],
    ids=lambda value: "" if isinstance(value, str) else type(value).__name__,
)
def test_an_error_says_what_happened_and_what_to_do(error: SmscError, says: str) -> None:
    assert says in str(error)


def test_numbers_are_masked_in_the_text_and_whole_in_the_fields() -> None:
    error = OutcomeUnknown("send", "reset", "d1", PHONES, MOMENT)

    assert error.phones == PHONES
    assert " to +7999***17, 7999***18:" in str(error)
    assert not any(phone in str(error) for phone in PHONES)


FOREIGN = "no\r\n2026-11-21 ERROR root: +79990000017 \x1b[2J\u202e" + "x" * 1000


@pytest.mark.parametrize(
    "error",
    [
        NotSent("send", FOREIGN),
        NoAnswer("account.balance", FOREIGN, 1),
        OutcomeUnknown("send", FOREIGN, "1\n2", ("7999\n000\n0017", "a\n@example.com"), MOMENT),
        BadReply("send", FOREIGN, FOREIGN.encode()),
        ApiError("send", 6, FOREIGN, "1\n2"),
    ],
    ids=lambda error: type(error).__name__,
)
def test_what_others_wrote_cannot_forge_a_line_of_a_log(error: SmscError) -> None:
    assert str(error).isprintable()
    assert "no\\r\\n2026-11-21 ERROR root: +7999***17 \\x1b[2J\\u202exxx" in str(error)
    assert len(str(error)) < 500


def test_a_reply_that_is_not_understood_stands_in_no_log() -> None:
    error = BadReply("history.sent", "not the answer expected", b'[{"message": "code 1234"}]')

    assert "1234" not in str(error)
    assert b"1234" in error.start


@pytest.mark.parametrize(
    ("count", "named"),
    [
        (0, "send: it may"),
        (1, "send to 7999***10: it"),
        (3, "7999***12: it"),
        (4, "7999***12 and 1 more: it"),
        (1000, "7999***12 and 997 more: it"),
    ],
)
def test_three_numbers_are_named_and_the_rest_counted(count: int, named: str) -> None:
    phones = tuple(f"799900000{at}" for at in range(10, 10 + count))

    assert named in str(OutcomeUnknown("send", "reset", "d1", phones, MOMENT))


def test_twenty_bad_rows_are_named_and_the_rest_counted() -> None:
    rows = dict.fromkeys(range(25), "is empty")

    text = str(InvalidMessage("messages", "25 of 25 rows are bad", rows))

    assert "row 0: is empty; " in text
    assert "row 19: is empty; and 5 more" in text
    assert "row 20" not in text
    assert "more" not in str(InvalidMessage("messages", "bad", dict.fromkeys(range(20), "x")))


def test_where_to_go_on_goes_with_an_error_from_worker_to_worker() -> None:
    error = Throttled("history.sent", 12.5, RULE)
    assert error.resume is None

    error.resume = 4503

    assert pickle.loads(pickle.dumps(error)).resume == 4503  # noqa: S301 - our own bytes
    assert copy.copy(error).resume == 4503
    assert Throttled("history.sent", 12.5, RULE).resume is None


def test_the_rows_of_an_error_are_its_own() -> None:
    rows = {0: "is empty"}
    error = InvalidMessage("messages", "bad", rows)

    rows[1] = "another"

    assert error.rows == {0: "is empty"}
    assert InvalidMessage("text", "is empty").rows == {}


def test_a_number_means_what_the_operation_says() -> None:
    assert _refusals.QUERY[3] is errors.NotFound
    assert _refusals.SEND[3] is errors.NoMoney
    assert {1, 2, 4, 9} == _refusals.ANYWHERE.keys()
    for table in (_refusals.QUERY, _refusals.SEND):
        assert _refusals.ANYWHERE.items() <= table.items()
    assert _refusals.QUERY.keys() == {1, 2, 3, 4, 5, 9}
    assert _refusals.SEND.keys() == set(range(1, 10))


def test_a_table_cannot_be_changed() -> None:
    for table in (_refusals.ANYWHERE, _refusals.QUERY, _refusals.SEND):
        with pytest.raises(TypeError):
            table[3] = ApiError  # type: ignore[index]


def test_a_change_that_is_no_send_is_not_asked_about_by_an_id_it_has_not() -> None:
    moment = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)

    said = str(OutcomeUnknown("raw phones.php", "ReadError", None, (), moment))

    assert "None" not in said
    assert said.endswith("look whether it was before repeating it")
