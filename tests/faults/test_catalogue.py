"""What may go wrong with one exchange, each with its number in the catalogue of failures."""

from __future__ import annotations

import gzip
import itertools
import re
import tracemalloc
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Literal

import pytest

from smsc_async import BadPhone, Forbidden, NotSent, OutcomeUnknown, Sent, SmscError
from smsc_async.simulator import Simulator
from tests.faults.clients import PHONE, TRANSPORTS, Told, TransportName, client
from tests.faults.proxy import Act, Proxy, answered, between, fault

PAGE = b"<html><body><h1>Something</h1>" + b"<p>secret prose</p>" * 500 + b"</body></html>"
GOOD = b'{\n"id": 7,\n"cnt": 1,\n"cost": "1.2",\n"balance": "998.8"\n}'
SMALL_HEAD = b"HTTP/1.1 200 OK\r\nContent-Length: 60\r\n"
CONTINUE = b"HTTP/1.1 102 Processing\r\n\r\n"
ELSEWHERE = b"Location: https://127.0.0.1:1/sys/send.php"
REFUSED = '{"error": "запрет", "error_code": 6}'
BOMB = gzip.compress(bytes(8 * 1024 * 1024)) * 50


@dataclass(frozen=True)
class Case:
    """One fault, what it tells the sender of a message, and what the service has taken then."""

    name: str
    act: Act
    said: str = ""
    told: type[SmscError] | None = OutcomeUnknown  # None: the message is sent
    accepted: int = 1
    hangs: bool = False
    query: bool = True  # it is a fault for a query as well

    @property
    def timeout(self) -> float:
        return 0.5 if self.hangs else 10.0


def page(number: int, status: int, said: str = "") -> Case:
    name = f"{number}-page-{status}"
    return Case(name, Act(say=answered(PAGE, status)), f"HTTP {status}.*({said})")


def redirect(status: int, to: str, location: bytes) -> Case:
    act = Act(say=answered(b"", status, head=b"Location: " + location))
    return Case(f"16-redirect-{status}-{to}", act, "a redirect, which is not followed")


def instead(name: str, say: Callable[[bytes], bytes] | Iterable[bytes], said: str = "") -> Case:
    return Case(name, Act(say=say, then="close"), said)


def body(name: str, content: bytes, told: type[SmscError] | None = OutcomeUnknown) -> Case:
    said = "not the answer expected" if told is OutcomeUnknown else ""
    return Case(name, Act(say=answered(content)), said, told, query=b"id" not in content)


def chunked(answer: bytes) -> bytes:
    content = answer.partition(b"\r\n\r\n")[2]
    head = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
    return head + b"%x\r\n%s\r\n" % (len(content), content)


CASES = [
    Case("6-closed-at-accept", fault("accept", "close"), "connection was", accepted=0),
    Case("8-reset-in-the-head", fault(40, "reset"), "connection was reset", accepted=0),
    Case("8-closed-in-the-body", fault(225, "close"), "connection was", accepted=0),
    Case("9-nothing-is-read", fault("accept", "hang"), "no answer within", accepted=0, hangs=True),
    Case("10-closed-before-passing-on", fault("read", "close"), "without an answer", accepted=0),
    Case("10-reset-before-passing-on", fault("read", "reset"), "was reset", accepted=0),
    Case("10-closed-after-it-was-taken", fault("answered", "close"), "closed without an answer"),
    Case("10-reset-after-it-was-taken", fault("answered", "reset"), "connection was reset"),
    Case("11-silence-after-it-was-taken", fault("answered", "hang"), "no answer", hangs=True),
    Case(
        "12-the-answer-drips",
        Act(say=[SMALL_HEAD + b"\r\n", *[b" "] * 60], every=0.05),
        "no answer within 0.5 s",
        hangs=True,
    ),
    Case(
        "12-one-interim-answer-after-the-other",
        Act(say=itertools.repeat(CONTINUE), every=0.05),
        "no answer within 0.5 s",
        hangs=True,
    ),
    page(14, 500, "Internal Server Error"),
    page(14, 502, "Bad Gateway"),
    page(14, 503, "Service Unavailable"),
    page(14, 504, "Gateway Timeout"),
    page(14, 520),
    Case("14-an-acceptance-under-500", Act(say=answered(GOOD, 500)), "HTTP 500 Internal"),
    page(15, 400, "Bad Request"),
    page(15, 403, "Forbidden"),
    page(15, 405, "Method Not Allowed"),
    page(15, 413, "Request Entity|Content"),
    page(15, 414, "Request-URI|URI"),
    page(15, 429, "Too Many Requests"),
    *(redirect(status, "elsewhere", b"https://127.0.0.1:1/") for status in (301, 302, 303, 307)),
    *(redirect(status, "http", b"http://127.0.0.1:1/") for status in (302, 308)),
    *(redirect(status, "itself", b"/sys/send.php") for status in (301, 303, 307, 308)),
    instead("17-cut-with-a-length", lambda answer: answer[:-10], "the answer was cut short"),
    instead("17-cut-without-a-length", answered(GOOD[:-10], length=None), "malformed|truncated"),
    # It looks whole, but where it ends is what the reset has hidden.
    Case(
        "17-reset-without-a-length",
        Act(say=answered(GOOD, length=None), then="reset"),
        "the connection was reset",
    ),
    instead("17-cut-in-a-chunk", lambda answer: chunked(answer)[:-9], "the answer was cut short"),
    instead("17-cut-after-a-chunk", chunked, "the answer was cut short"),
    instead("17-cut-in-the-head", lambda answer: answer[:30], "the answer was cut|no HTTP|closed"),
    instead("17-length-too-long", answered(GOOD, length=len(GOOD) + 5), "answer was cut short"),
    Case(
        "17-length-too-long-and-silence",
        Act(say=answered(GOOD, length=len(GOOD) + 5), then="hang"),
        "no answer within",
        hangs=True,
    ),
    # What is left over may be taken for the beginning of one more answer.
    instead(
        "17-length-too-short",
        answered(GOOD, length=len(GOOD) - 5),
        "not the answer expected|no HTTP",
    ),
    instead("17-no-http", lambda _: b"\x00\x01garbage secret prose\r\n\r\n", "no HTTP"),
    body("18-empty", b""),
    body("18-blanks", b" \r\n\t "),
    body("18-byte-order-mark", b"\xef\xbb\xbf" + GOOD, None),
    body("19-cost-is-empty", GOOD.replace(b'"1.2"', b'""'), None),
    body("19-cost-is-null", GOOD.replace(b'"1.2"', b"null"), None),
    body("19-cost-is-not-a-number", GOOD.replace(b"1.2", b"NaN")),
    body("19-balance-is-infinite", GOOD.replace(b"998.8", b"1E+999999")),
    body("19-id-is-null", GOOD.replace(b"7", b"null")),
    body("19-id-of-30-digits", GOOD.replace(b"7", b"7" * 30), None),
    body("19-a-list", b"[" + GOOD + b"]"),
    body("20-no-json-in-windows-1251", "ошибка".encode("cp1251")),
    body("20-a-text-in-windows-1251", GOOD[:-1] + ', "x": "да"}'.encode("cp1251"), None),
    body("20-an-error-in-windows-1251", REFUSED.encode("cp1251"), Forbidden),
    body("21-plain-error", b"ERROR = 7 (invalid number), ID - 12", BadPhone),
    body("21-plain-ok", b"OK"),
    instead("22-packed", answered(BOMB, head=b"Content-Encoding: gzip"), "packed"),
    instead("22-longer-than-any-answer", answered(b" " * 1_048_577), "more than 1048576 bytes"),
    Case("24-heard-twice", Act(times=2), told=None),
]  # fmt: skip
every_case = pytest.mark.parametrize("case", CASES, ids=lambda case: str(case.name))
lost = pytest.mark.parametrize(
    "case",
    [case for case in CASES if case.told is OutcomeUnknown and case.query],
    ids=lambda case: str(case.name),
)
every_transport = pytest.mark.parametrize("transport", TRANSPORTS)


async def told_of(proxy: Proxy, case: Case, transport: TransportName) -> Sent | SmscError:
    async with client(proxy.url, transport=transport, timeout=case.timeout) as smsc:
        try:
            return await smsc.send(PHONE, "hello")
        except SmscError as error:
            return error


@every_transport
@every_case
async def test_a_send_tells_what_is_known_of_it_and_is_never_repeated(
    case: Case, transport: TransportName
) -> None:
    async with (
        Simulator() as sim,
        sim.serve() as url,
        between(url, case.act) as proxy,
    ):
        told = await told_of(proxy, case, transport)
        await proxy.passed_on(case.act.times if case.act.at == "answered" else 0)

    assert type(told) is (case.told or Sent)
    assert proxy.connections == 1
    assert len(sim.accepted) == case.accepted
    if isinstance(told, OutcomeUnknown):
        assert told.phones == (PHONE,)
        assert [message.id for message in sim.accepted] == [told.id] * case.accepted
        assert re.search(case.said, str(told))
        assert "secret prose" not in str(told)
        assert len(told.reason) < 200


@every_transport
@lost
async def test_a_query_is_asked_again_and_answered(case: Case, transport: TransportName) -> None:
    heard = Told()
    async with (
        Simulator() as sim,
        sim.serve() as url,
        between(url, case.act) as proxy,
        client(
            proxy.url, transport=transport, timeout=max(case.timeout, 1), on_event=heard
        ) as smsc,
    ):
        balance = await smsc.account.balance()

    assert balance.amount == sim.balance
    assert heard.kinds.count("repeated") == 1
    assert sim.requests in (1, 2)
    assert sim.refusals == []


@every_transport
@pytest.mark.parametrize("then", ["close", "reset"])
async def test_a_server_that_leaves_at_once_is_never_taken_for_one_that_answered(
    then: Literal["close", "reset"], transport: TransportName
) -> None:
    async with (
        between("", *[fault("accept", then)] * 14) as proxy,
        client(proxy.url, transport=transport, attempts=1) as smsc,
    ):
        for at in range(14):  # as many as linger at once
            # Reset before the connection is seen to be there, it is proof that nothing left.
            with pytest.raises((OutcomeUnknown, NotSent), match=r"connection was (reset|closed)"):
                await smsc.send(PHONE, f"hello {at}")

    assert proxy.connections == 14


FLOODS = {
    "13-interim-answers": itertools.repeat(CONTINUE * 100),
    "13-a-head-without-an-end": itertools.chain(
        [b"HTTP/1.1 200 OK\r\n"], itertools.repeat(b"X-More: " + b"x" * 8_000 + b"\r\n")
    ),
    "13-headers-without-an-end": itertools.chain(
        [b"HTTP/1.1 200 OK\r\n"], itertools.repeat((b"X-More: " + b"x" * 100 + b"\r\n") * 80)
    ),
    "13-a-line-without-an-end": itertools.chain([b"HTTP/1.1 200 "], itertools.repeat(b"x" * 8_000)),
    "22-a-body-without-an-end": itertools.chain(
        [b"HTTP/1.1 200 OK\r\n\r\n"], itertools.repeat(b" " * 8_000)
    ),
    "22-packed": [answered(BOMB, head=b"Content-Encoding: gzip")(b"")],
}


@every_transport
@pytest.mark.parametrize("name", FLOODS)
async def test_no_answer_fills_the_memory_and_each_has_an_end(
    name: str, transport: TransportName
) -> None:
    act = Act(at="read", say=FLOODS[name], then="close")
    async with (
        between("", act) as proxy,
        client(proxy.url, transport=transport, timeout=2) as smsc,
    ):
        tracemalloc.start()
        try:
            with pytest.raises(OutcomeUnknown, match=r"no end|no HTTP|more than|packed|within 2 s"):
                await smsc.send(PHONE, "hello")
            _, peak = tracemalloc.get_traced_memory()
        finally:
            tracemalloc.stop()

    assert peak < 8 * 1024 * 1024


@every_transport
async def test_an_answer_with_a_thousand_headers_is_read(transport: TransportName) -> None:
    head = b"\r\n".join(b"X-%d: x" % at for at in range(1_000))
    act = Act(at="read", say=answered(GOOD, head=head))
    async with between("", act) as proxy, client(proxy.url, transport=transport) as smsc:
        assert (await smsc.send(PHONE, "hello")).id == "7"


@every_transport
async def test_a_redirect_is_not_followed_to_anywhere(transport: TransportName) -> None:
    async with between("") as trap:
        acts = [
            Act(at="read", say=answered(b"", status, head=f"Location: {trap.url}/".encode()))
            for status in (301, 302, 303, 307, 308)
        ]
        async with (
            between("", *acts) as proxy,
            client(proxy.url, transport=transport) as smsc,
        ):
            for at in range(len(acts)):
                with pytest.raises(OutcomeUnknown):
                    await smsc.send(PHONE, f"hello {at}")

    assert proxy.requests == len(acts)
    assert trap.connections == 0
    assert trap.heard == b""


@every_transport
async def test_a_large_request_that_nobody_reads_on_is_unknown(transport: TransportName) -> None:
    rows = [(f"+7999{at:07}", "ж" * 900) for at in range(1_000)]
    for act in (fault(1_000, "reset"), fault(1_000, "hang")):  # rows 8 and 9
        async with (
            between("", act) as proxy,
            client(proxy.url, transport=transport, timeout=2) as smsc,
        ):
            with pytest.raises(OutcomeUnknown, match=r"reset|no answer within 2 s") as caught:
                await smsc.send_each(rows)

        assert len(caught.value.phones) == len(rows)
        assert proxy.requests == 0


@every_transport
async def test_history_may_be_longer_than_other_answers(transport: TransportName) -> None:
    long = answered(b'["' + b"x" * 2_000_000 + b'"]')
    async with (
        between("", Act(at="read", say=long)) as proxy,
        client(proxy.url, transport=transport) as smsc,
    ):
        rows = await smsc.raw("get.php", {"get_messages": 1})

    assert [len(row) for row in rows] == [2_000_000]
