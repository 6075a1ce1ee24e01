"""What follows a failure: one law over the whole table."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from smsc_async import (
    AddressBlocked,
    BadReply,
    DuplicateSend,
    LoginRefused,
    NoAnswer,
    NoMoney,
    NotFound,
    NotSent,
    OutcomeUnknown,
    SmscError,
    Throttled,
    TooManyRequests,
)
from smsc_async._transport.matrix import TABLE, Point, Then, after, point
from smsc_async._wire.limits import ROWS, Kind

MOMENT = datetime(2026, 11, 21, tzinfo=UTC)
KINDS: tuple[Kind, ...] = ("query", "removal", "change", "send")


def test_each_kind_of_call_has_an_answer_to_each_failure() -> None:
    assert set(TABLE) == {*KINDS, *(row.kind for row in ROWS)}
    assert all(set(points) == set(Point) for points in TABLE.values())


@pytest.mark.parametrize("kind", KINDS)
def test_what_provably_never_left_is_always_repeated(kind: Kind) -> None:
    assert TABLE[kind][Point.UNSENT] is Then.REPEAT
    assert TABLE[kind][Point.BUSY] is Then.REPEAT


@pytest.mark.parametrize("kind", ["change", "send"])
def test_what_may_have_been_done_is_never_repeated(kind: Kind) -> None:
    assert TABLE[kind][Point.LOST] in (Then.SETTLE, Then.LOOK)
    assert Then.REPEAT not in {TABLE[kind][at] for at in (Point.OFTEN, Point.REFUSED)}


@pytest.mark.parametrize(
    ("error", "failed"),
    [
        (NotSent("send", "?"), Point.UNSENT),
        (Throttled("send", 1.0, "?"), None),
        (DuplicateSend("send", 1.0, "?"), None),
        (NoAnswer("send", "?", 1), Point.LOST),
        (BadReply("send", "?", b""), Point.LOST),
        (OutcomeUnknown("send", "?", "1", (), MOMENT), Point.LOST),
        (TooManyRequests("send", 9, "duplicate request"), Point.OFTEN),
        (TooManyRequests("send", 9, "Too many Concurrent requests"), Point.BUSY),
        (LoginRefused("send", 2, "?"), Point.REFUSED),
        (AddressBlocked("send", 4, "?"), Point.REFUSED),
        (NoMoney("send", 3, "?"), Point.REFUSED),
        (NotFound("statuses.delete", 3, "?"), Point.REFUSED),
    ],
)
def test_each_error_is_one_point_of_failure(error: SmscError, failed: Point | None) -> None:
    assert point(error) is failed
    if failed is None:
        assert {after(kind, error) for kind in KINDS} == {Then.RAISE}
