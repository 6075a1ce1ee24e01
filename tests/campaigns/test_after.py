"""What the end of a send means: each answer, and each error that there is."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal

import pytest

from smsc_async import (
    AddressBlocked,
    ApiError,
    BadParameters,
    BadPhone,
    BadReply,
    BadTime,
    DuplicateSend,
    Forbidden,
    InvalidMessage,
    LoginRefused,
    NoAnswer,
    NoMoney,
    NotSent,
    OutcomeUnknown,
    PhoneReport,
    Sent,
    SmscError,
    Throttled,
    ThrottleUnavailable,
    TooManyRequests,
    Undeliverable,
)
from smsc_async.campaigns._after import After, after, is_closed, is_refusal, named, unpriced
from smsc_async.campaigns._plan import MOVES, Event, State
from smsc_async.campaigns._records import Item, Request, RowState
from smsc_async.errors import CLOSED

PHONES = ("+79990000000", "+79990000001", "+79990000002")


def request(count: int = 3, *, resends: int = 0) -> Request:
    items = tuple(Item(10 + at, phone, "hello") for at, phone in enumerate(PHONES[:count]))
    return Request(
        number=1, campaign=1, id="key.1", state=State.INTENT, items=items, resends=resends
    )


def sent(*report: PhoneReport, count: int = 3) -> Sent:
    return Sent(id="key.1", phones=PHONES, count=count, cost=Decimal("3.6"), report=report)


def told(phone: str, status: int | None = None, error: int | None = None) -> PhoneReport:
    return PhoneReport(phone.lstrip("+"), status=status, error=error)


UNKNOWN = OutcomeUnknown("send", "lost", "key.1", PHONES, datetime(2026, 11, 21, tzinfo=UTC))
BLOCKED = AddressBlocked("send", 4, "blocked", None, 1800.0)
# The error; what it is to a request that was never in doubt; does the campaign pause, and does the
# service seem to be away.
ENDS: list[tuple[Exception, Event, bool, bool]] = [
    (NotSent("send", "no way"), Event.NOT_TAKEN, False, True),
    (ThrottleUnavailable("send", "no file"), Event.NOT_TAKEN, False, True),
    (Throttled("send", 7.0, "a rule"), Event.NOT_TAKEN, False, False),
    (DuplicateSend("send", 7.0, "a rule"), Event.NOT_TAKEN, False, False),
    (TooManyRequests("send", 9, "too many"), Event.NOT_TAKEN, False, False),
    (BLOCKED, Event.NOT_TAKEN, True, False),
    (LoginRefused("send", 2, "no"), Event.NOT_TAKEN, True, False),
    (BadParameters("send", 1, "no"), Event.NOT_TAKEN, True, False),
    (BadTime("send", 5, "no"), Event.NOT_TAKEN, True, False),
    (NoMoney("send", 3, "no money", "key.1"), Event.REFUSED, True, False),
    (Forbidden("send", 6, "no"), Event.REFUSED, False, False),
    (BadPhone("send", 7, "no"), Event.REFUSED, False, False),
    (Undeliverable("send", 8, "no"), Event.REFUSED, False, False),
    (InvalidMessage("text", "no"), Event.REFUSED, False, False),
    (InvalidMessage("messages", "no", {1: "bad"}), Event.REFUSED, False, False),
    (UNKNOWN, Event.LOST, False, True),
    (BadReply("send", "strange", b""), Event.LOST, False, True),
    (NoAnswer("send", "lost", 1), Event.LOST, False, True),
    (ApiError("send", 77, "new"), Event.LOST, False, True),
    (SmscError("new"), Event.LOST, False, True),
    (RuntimeError("a fault of ours"), Event.LOST, False, True),
]


@pytest.mark.parametrize(
    ("error", "event", "pauses", "trouble"), ENDS, ids=lambda one: type(one).__name__
)
def test_each_error_leads_where_the_plan_says(
    error: Exception,
    event: Event,
    *,
    pauses: bool,
    trouble: bool,
) -> None:
    then = after(request(), error)

    assert (then.verdict.event, bool(then.pause), then.trouble) == (event, pauses, trouble)
    assert (State.INTENT, event) in MOVES


@pytest.mark.parametrize(("error", "event"), [end[:2] for end in ENDS], ids=str)
def test_only_the_answer_of_a_service_that_says_no_ends_rows_for_good(
    error: Exception, event: Event
) -> None:
    then = after(request(), error)

    assert then.verdict.rows in {None, RowState.WAITING}  # of several rows, none by itself
    assert {state for _, state, _ in then.verdict.others} <= {RowState.REFUSED}
    assert event is Event.REFUSED or not then.verdict.others


@pytest.mark.parametrize(
    "error", [DuplicateSend("send", 7.0, "a rule"), TooManyRequests("send", 9, "twin")]
)
def test_one_that_may_have_been_taken_before_and_is_called_a_twin_is_in_doubt(
    error: SmscError,
) -> None:
    assert after(request(resends=1), error).verdict.event is Event.LOST


def test_who_has_to_wait_is_told_how_long() -> None:
    assert after(request(), Throttled("send", 7.0, "a rule")).wait == 7
    assert after(request(), TooManyRequests("send", 9, "no", None, 3.0)).wait == 3
    assert after(request(), TooManyRequests("send", 9, "no")).wait > 0


def test_one_row_that_is_refused_is_refused_for_good() -> None:
    then = after(request(1), BadPhone("send", 7, "invalid number"))

    assert then.verdict.rows is RowState.REFUSED
    assert then.verdict.others[0][:2] == (10, RowState.REFUSED)
    assert "invalid number" in then.verdict.others[0][2]
    assert not then.verdict.split
    assert then.refused


def test_several_that_are_refused_together_are_tried_in_halves() -> None:
    then = after(request(), Forbidden("send", 6, "no"))

    assert then.verdict.split
    assert then.verdict.rows is None


def test_rows_that_cannot_be_sent_cost_the_others_nothing() -> None:
    then = after(request(), InvalidMessage("messages", "1 of 3 is bad", {1: "has no text"}))

    assert then.verdict.rows is RowState.WAITING
    assert then.verdict.others == ((11, RowState.REFUSED, "has no text"),)


def test_rows_go_again_under_other_ids_once_there_is_money() -> None:
    then = after(request(), NoMoney("send", 3, "no money", "key.1"))

    assert then.verdict.rows is RowState.WAITING
    assert "top it up" in then.pause


def test_an_answer_that_names_all_phones_is_of_all_rows() -> None:
    then = after(request(), sent(*map(told, PHONES)))

    assert then == After(verdict=then.verdict)
    assert then.verdict.event is Event.TAKEN
    assert then.verdict.rows is RowState.ACCEPTED
    assert then.verdict.others == ()
    assert then.verdict.cost == Decimal("3.6")


def test_a_phone_that_the_answer_calls_bad_is_refused_and_says_why() -> None:
    then = after(request(), sent(told(PHONES[0]), told(PHONES[1], 22, 249), told(PHONES[2])))

    assert then.verdict.event is Event.TAKEN
    assert then.verdict.others == (
        (11, RowState.REFUSED, "wrong number: wrong format of the number"),
    )


def test_a_phone_that_the_answer_leaves_out_is_in_doubt() -> None:
    then = after(request(), sent(told(PHONES[0]), told(PHONES[2], 25)))

    assert then.verdict.event is Event.FOUND_SOME
    assert then.verdict.rows is RowState.ACCEPTED
    assert {(row, state) for row, state, _ in then.verdict.others} == {
        (11, RowState.HELD),
        (12, RowState.REFUSED),
    }
    assert then.verdict.cost == Decimal("3.6")


def test_an_answer_without_a_report_is_believed_where_it_counts_as_many() -> None:
    assert after(request(), sent(count=3)).verdict.event is Event.TAKEN
    assert after(request(), sent(count=2)).verdict.event is Event.FOUND_SOME


def test_a_number_abroad_is_not_taken_for_one_of_home() -> None:
    phone = "+84912345678"  # without its plus it looks like a Russian one
    one = Request(
        number=1, campaign=1, id="k.1", state=State.INTENT, items=(Item(1, phone, "hello"),)
    )

    assert after(one, sent(told(phone), count=1)).verdict.event is Event.TAKEN


def test_a_fault_of_ours_is_told_by_its_kind_alone() -> None:
    assert "secret" not in after(request(), RuntimeError("secret")).verdict.note


@pytest.mark.parametrize(
    "error", [end[0] for end in ENDS if isinstance(end[0], SmscError)], ids=str
)
def test_a_request_whose_price_is_not_told_is_not_sent(error: SmscError) -> None:
    assert unpriced(error).verdict.event is Event.NOT_TAKEN


def test_a_client_that_is_closed_is_not_one_that_is_offline() -> None:
    assert is_closed(NotSent("send", CLOSED))
    assert not is_closed(NotSent("send", "no way"))
    assert not is_closed(sent())


def test_statuses_are_said_in_words() -> None:
    assert [number for number in range(-5, 30) if is_refusal(number)] == [20, 22, 23, 24, 25]
    assert named(20, 6) == "cannot be delivered: subscriber offline"
    assert named(77, 9999) == "status 77: error 9999"
    assert named(None) == "refused"
