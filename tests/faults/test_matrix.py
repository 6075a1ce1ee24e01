"""What follows a failure on real sockets is what the table says, and what is told is what is so."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

import pytest

from smsc_async import (
    ApiError,
    DuplicateSend,
    NotSent,
    OperationFailed,
    OutcomeUnknown,
    Sent,
    SmscClient,
    SmscError,
    Throttled,
)
from smsc_async._refusals import QUERY, SEND
from smsc_async._transport.matrix import TABLE, Point, Then
from smsc_async._wire import codes
from smsc_async._wire.limits import Kind
from smsc_async.simulator import Simulator
from tests.faults.clients import PHONE, TRANSPORTS, Told, TransportName, client
from tests.faults.proxy import PASS, Act, answered, between, fault, nobody


@dataclass(frozen=True)
class Call:
    """A call, what kind it is of, and how many messages it sends."""

    kind: Kind
    make: Callable[[SmscClient], Awaitable[Any]]
    messages: int = 0
    to_send: bool = False  # its errors mean what they mean to a send


CALLS = {
    "balance": Call("query", lambda smsc: smsc.account.balance()),
    "price": Call("query", lambda smsc: smsc.price(PHONE, "hello"), to_send=True),
    "history": Call("query", lambda smsc: smsc.raw("get.php", {"get_answers": 1})),
    "send": Call("send", lambda smsc: smsc.send(PHONE, "hello"), 1, to_send=True),
    "send_each": Call(
        "send",
        lambda smsc: smsc.send_each([(PHONE, "one"), ("+79991111111", "two")]),
        2,
        to_send=True,
    ),
    "change": Call(
        "change", lambda smsc: smsc.raw("phones.php", {"add": 1, "phone": PHONE, "name": "Ann"})
    ),
    "removal": Call(
        "removal",
        lambda smsc: smsc.raw("status.php", {"del": 1, "id": "sent", "phone": PHONE}),
    ),
}
every_call = pytest.mark.parametrize("name", CALLS)
every_transport = pytest.mark.parametrize("transport", TRANSPORTS)
either = pytest.mark.parametrize("reused", [False, True], ids=["first", "reused"])


async def outcome(call: Awaitable[Any]) -> Any:  # noqa: ANN401 - a reply of any kind
    try:
        return await call
    except SmscError as error:
        return error


def holds(told: object, messages: int, accepted: int) -> bool:
    """Tell whether what the caller was told agrees with what the service took."""
    if isinstance(told, Sent):
        return accepted == messages
    if isinstance(told, OutcomeUnknown):
        return accepted in (0, messages)
    return accepted == 0


# Refused inside, and without a connection: F0, F1


@every_transport
@every_call
async def test_what_is_refused_inside_is_never_sent(name: str, transport: TransportName) -> None:
    async with between("") as proxy, client(proxy.url, transport=transport, max_wait=0) as smsc:
        smsc.throttle.pause(30)
        told = await outcome(CALLS[name].make(smsc))

    assert type(told) is Throttled
    assert proxy.connections == 0


@every_transport
@every_call
async def test_what_found_no_connection_is_repeated_and_then_not_sent(
    name: str, transport: TransportName
) -> None:
    heard = Told()
    async with client(nobody(), transport=transport, on_event=heard) as smsc:
        told = await outcome(CALLS[name].make(smsc))

    assert TABLE[CALLS[name].kind][Point.UNSENT] is Then.REPEAT
    assert type(told) is NotSent
    assert heard.kinds.count("repeated") == 1


# Lost on the way: F2, F3, F4

LOST = {
    "in the middle of the request": (fault(210, "close"), 0),
    "after it was answered": (fault("answered", "close"), 1),
    "reset after it was answered": (fault("answered", "reset"), 1),
    "unusable answer": (Act(say=answered(b"<html>", 502)), 1),
}


@every_transport
@either
@pytest.mark.parametrize("how", LOST)
@every_call
async def test_after_a_lost_answer_the_table_says_what_follows(
    name: str,
    how: str,
    reused: bool,  # noqa: FBT001 - a parameter of the test
    transport: TransportName,
) -> None:
    call, (act, reached) = CALLS[name], LOST[how]
    before = [PASS] if reused else []
    repeated = call.kind in ("query", "removal")
    assert (TABLE[call.kind][Point.LOST] is Then.REPEAT) is repeated
    async with (
        Simulator() as sim,
        sim.serve() as url,
        between(url, *before, act) as proxy,
        client(proxy.url, transport=transport) as smsc,
    ):
        if name == "removal":
            await outside(url)
        if reused:
            await smsc.account.balance()
        told = await outcome(call.make(smsc))
        asked = len(before) + reached + repeated
        await proxy.passed_on(asked)

    gone = 1 if name == "removal" else 0  # sent by another client, for this one to delete
    assert proxy.passed == asked
    assert sim.requests == asked + gone
    # A removal that finds nothing the second time may have done it the first, or never.
    told_all = repeated and not (name == "removal" and reached)
    assert isinstance(told, OutcomeUnknown) is not told_all
    assert isinstance(told, SmscError) is not told_all
    assert len(sim.accepted) - gone == (0 if repeated else call.messages * reached)
    assert holds(told, call.messages, len(sim.accepted) - gone)
    if call.messages and isinstance(told, OutcomeUnknown):
        assert {message.id for message in sim.accepted} <= {told.id}


@every_transport
@either
@pytest.mark.parametrize("how", LOST)
@pytest.mark.parametrize("name", [name for name in CALLS if CALLS[name].kind == "send"])
async def test_a_send_whose_answer_was_lost_is_asked_about_and_never_made_again(
    name: str,
    how: str,
    reused: bool,  # noqa: FBT001 - a parameter of the test
    transport: TransportName,
) -> None:
    call, (act, reached) = CALLS[name], LOST[how]
    before = [PASS] if reused else []
    patience = 10 if reached else 0.4  # what arrived is found as soon as it is asked about
    async with (
        Simulator() as sim,
        sim.serve() as url,
        between(url, *before, act) as proxy,
        client(proxy.url, transport=transport, on_unknown="settle", settle_for=patience) as smsc,
    ):
        if reused:
            await smsc.account.balance()
        told = await outcome(call.make(smsc))

    assert sum(request.path == "send.php" for request in sim.log) == reached
    assert len(sim.accepted) == call.messages * reached
    if reached:
        assert isinstance(told, Sent)
        assert told.settled
        assert {message.id for message in sim.accepted} == {told.id}
    else:
        assert isinstance(told, OutcomeUnknown)
        assert told.accepted == ()


async def outside(url: str) -> None:
    """Send, by another client, the message that is to be removed."""
    async with client(url) as other:
        await other.send(PHONE, "to be removed", id="sent")


# Refused by the service

TEXTS: dict[str, Callable[[int], str]] = {
    "json": lambda code: json.dumps({"error": "no", "error_code": code}),
    "json with an id": lambda code: json.dumps({"error": "no", "error_code": code, "id": "x7"}),
    "plain": lambda code: f"ERROR = {code} (no), ID - x7",
}


@every_transport
@every_call
@pytest.mark.parametrize("code", range(1, 9))
async def test_an_error_of_the_service_is_raised_once_whatever_its_shape(
    name: str, code: int, transport: TransportName
) -> None:
    call = CALLS[name]
    kind = (SEND if call.to_send else QUERY).get(code, ApiError)
    for write in TEXTS.values():
        for http in (200, 403):
            act = Act(at="read", say=answered(write(code).encode(), http))
            async with (
                between("", act) as proxy,
                client(proxy.url, transport=transport) as smsc,
            ):
                told = await outcome(call.make(smsc))

            assert type(told) is kind
            assert (told.code, told.text) == (code, "no")
            assert told.id in (None, "x7")
            assert proxy.requests == 1


SAME = b'{"error": "duplicate request, wait a minute", "error_code": 9}'
BUSY = b'{"error": "too many concurrent requests", "error_code": 9}'


@every_transport
@every_call
async def test_too_often_fills_the_minute_and_is_never_sent_again_in_it(
    name: str, transport: TransportName
) -> None:
    call, heard = CALLS[name], Told()
    async with (
        between("", Act(at="read", say=answered(SAME))) as proxy,
        client(proxy.url, transport=transport, max_wait=5, on_event=heard) as smsc,
    ):
        told = await outcome(call.make(smsc))

    match TABLE[call.kind][Point.OFTEN]:
        case Then.REPEAT:  # as soon as the minute is over, which is more than it may wait
            assert type(told) is Throttled
        case Then.SETTLE:
            assert type(told) is DuplicateSend
        case _:
            assert type(told) is QUERY[codes.ERROR_TOO_MANY]
    assert proxy.requests == 1
    assert "paused" in heard.kinds


@every_transport
async def test_too_many_at_once_is_repeated_by_every_call(transport: TransportName) -> None:
    async def one(name: str) -> None:
        call, heard = CALLS[name], Told()
        async with (
            Simulator() as sim,
            sim.serve() as url,
            between(url, Act(at="read", say=answered(BUSY))) as proxy,
            client(proxy.url, transport=transport, on_event=heard) as smsc,
        ):
            told = await outcome(call.make(smsc))

        assert TABLE[call.kind][Point.BUSY] is Then.REPEAT
        assert heard.kinds.count("repeated") == 1
        assert proxy.requests == 2
        assert holds(told, call.messages, len(sim.accepted))
        assert isinstance(told, OperationFailed) is (
            name == "removal"
        )  # there is nothing to remove
        assert isinstance(told, SmscError) is (name == "removal")

    await asyncio.gather(*map(one, CALLS))


# Found gone after a doubt


@every_transport
@pytest.mark.parametrize("code", [3, 5])
async def test_a_removal_that_is_refused_after_a_lost_answer_may_have_been_done_before(
    code: int, transport: TransportName
) -> None:
    refused = answered(TEXTS["json"](code).encode())
    acts = [fault("read", "close"), Act(at="read", say=refused)]
    async with between("", *acts) as proxy, client(proxy.url, transport=transport) as smsc:
        with pytest.raises(OutcomeUnknown):
            await CALLS["removal"].make(smsc)

    assert proxy.requests == 2
