"""Who makes a request, and its body: from the fields of ASGI alone."""

from __future__ import annotations

from typing import Any

import pytest

from smsc_async.webhooks._request import Refused, body_of, client_of, header, networks, within
from tests.virtual import run

from .calling import Heard, ask, body, lines, status
from .test_app import app_of

SERVICE, STRANGER, PROXY = "203.0.113.7", "198.51.100.9", "10.0.0.2"
NAMED = b"x-forwarded-for"


def answered(peer: object, *named: bytes, **given: Any) -> int:  # noqa: ANN401 - what the app takes
    """Return what a peer is told; each of *named* is a header of its own."""

    async def main() -> int:
        headers = [(NAMED, value) for value in named]
        start, _ = await ask(app_of(**given), body(status()), client=peer, headers=headers)
        return int(start["status"])

    return run(main())


@pytest.mark.parametrize(
    ("peer", "named", "number"),
    [
        ((SERVICE, 1), [], 200),
        ((SERVICE, 1), [STRANGER.encode()], 200),
        ((STRANGER, 1), [], 403),
        ((STRANGER, 1), [SERVICE.encode()], 403),
        ((f"::ffff:{SERVICE}", 1), [], 200),
        ((f"::FFFF:{STRANGER}", 1), [], 403),
        (("2001:db8:5::1", 1, 0, 0), [], 200),
        (("2001:db8:6::1", 1, 0, 0), [], 403),
        (None, [], 403),
        (None, [SERVICE.encode()], 403),
        (("", 0), [], 403),
        (("testclient", 50000), [], 403),
    ],
)
def test_without_proxies_the_peer_alone_counts(
    peer: object, named: list[bytes], number: int
) -> None:
    assert answered(peer, *named, allow=[SERVICE, "2001:db8:5::/48"]) == number


@pytest.mark.parametrize(
    ("peer", "named", "number"),
    [
        ((PROXY, 1), [b"203.0.113.7"], 200),
        ((PROXY, 1), [b"198.51.100.9"], 403),
        ((PROXY, 1), [], 403),
        # What stands before, the caller may have written.
        ((PROXY, 1), [b"203.0.113.7, 198.51.100.9"], 403),
        ((PROXY, 1), [b"203.0.113.7", b"198.51.100.9"], 403),
        ((PROXY, 1), [b"198.51.100.9,203.0.113.7"], 200),
        ((PROXY, 1), [b"198.51.100.9", b" 203.0.113.7 "], 200),
        # A chain of proxies, all listed, or not.
        ((PROXY, 1), [b"203.0.113.7, 10.0.0.9, 10.200.0.1"], 200),
        ((PROXY, 1), [b"203.0.113.7, 11.0.0.1, 10.200.0.1"], 403),
        ((PROXY, 1), [b"198.51.100.9, 203.0.113.7, 10.0.0.9"], 200),
        ((PROXY, 1), [b"203.0.113.7, unknown"], 403),
        ((PROXY, 1), [b"203.0.113.7, \xff"], 403),
        ((PROXY, 1), [b"203.0.113.7:4321"], 200),
        ((PROXY, 1), [b"203.0.113.9:4321"], 403),
        ((PROXY, 1), [b"[2001:db8:5::7]:4321"], 403),
        ((PROXY, 1), [b"::ffff:203.0.113.7"], 200),
        ((f"::ffff:{PROXY}", 1), [b"203.0.113.7"], 200),
        ((PROXY, 1), [b","], 403),
        # Nobody else may name anybody, though they may be the service itself.
        ((STRANGER, 1), [b"203.0.113.7"], 403),
        ((SERVICE, 1), [b"198.51.100.9"], 200),
        (None, [b"203.0.113.7"], 403),
        (("", 0), [b"203.0.113.7"], 403),
    ],
)
def test_a_listed_proxy_names_the_caller_and_nobody_else_does(
    peer: object, named: list[bytes], number: int
) -> None:
    assert answered(peer, *named, allow=[SERVICE], proxies=["10.0.0.0/8"]) == number


def test_nothing_at_all_may_be_allowed() -> None:
    assert answered((SERVICE, 1), allow=[]) == 403


def test_the_log_names_whom_the_proxy_names(caplog: pytest.LogCaptureFixture) -> None:
    answered((PROXY, 1), b"198.51.100.9", allow=[SERVICE], proxies=[PROXY])
    answered(None, b"198.51.100.9", allow=[SERVICE], proxies=[PROXY])
    answered((PROXY, 1), b"a\nb\x1b[2J", allow=[SERVICE], proxies=[PROXY])

    told = "answered 403 to a callback from {}: an address that is not allowed"
    assert lines(caplog) == [
        told.format(who) for who in (STRANGER, "an unknown address", "an unknown address")
    ]


def test_a_header_that_came_twice_is_one() -> None:
    scope = {"headers": [(b"a", b"1"), (b"b", b"2"), (b"a", b"3")]}

    assert header(scope, b"a") == b"1,3"
    assert header(scope, b"c") == b""


def test_if_all_of_a_chain_are_proxies_the_first_one_called() -> None:
    proxies = networks("proxies", ["10.0.0.0/8", "::1"])
    scope = {"client": ("::1", 1), "headers": [(NAMED, b"10.0.0.1, 10.0.0.2")]}

    found = client_of(scope, proxies)

    assert str(found) == "10.0.0.1"
    assert found is not None
    assert within(found, proxies)


# Bodies.


def read(*events: dict[str, Any], length: bytes | None = None, most: int = 8) -> bytes:
    coming = list(events)

    async def receive() -> dict[str, Any]:
        return coming.pop(0)

    async def main() -> bytes:
        headers = {} if length is None else {b"content-length": length}
        return await body_of(headers, receive, most)

    return run(main())


def part(data: bytes, *, more: bool = True) -> dict[str, Any]:
    return {"type": "http.request", "body": data, "more_body": more}


@pytest.mark.parametrize(
    "events",
    [
        [part(b"12345678", more=False)],
        [{"type": "http.request", "body": b"12345678"}],
        [part(b"1234"), part(b"5678", more=False)],
        [part(b""), part(b"12345678"), part(b"", more=False)],
        [part(b"12345678"), {"type": "http.request"}],
    ],
)
@pytest.mark.parametrize("length", [None, b"8", b"08", b"3"])
def test_a_body_is_what_comes_however_it_is_cut(
    events: list[dict[str, Any]], length: bytes | None
) -> None:
    assert read(*events, length=length) == b"12345678"


def test_there_may_be_no_body() -> None:
    assert read({"type": "http.request"}) == b""


@pytest.mark.parametrize(
    "events",
    [
        [part(b"123456789", more=False)],
        [part(b"12345"), part(b"6789")],
        [part(b"123456789")],
    ],
)
def test_no_more_than_the_most_is_taken_in(events: list[dict[str, Any]]) -> None:
    with pytest.raises(Refused, match="more than 8 bytes") as refused:
        read(*events)
    assert refused.value.status == 413


@pytest.mark.parametrize("length", [b"9", b"104857600"])
def test_a_body_that_says_it_is_too_long_is_not_read(length: bytes) -> None:
    with pytest.raises(Refused, match="more than 8 bytes") as refused:
        read(length=length)
    assert refused.value.status == 413


@pytest.mark.parametrize("length", [b"8,8", b"0x8", b"eight", b"9" * 5000])
def test_a_length_that_is_no_number_is_refused(length: bytes) -> None:
    with pytest.raises(Refused, match="no number") as refused:
        read(length=length)
    assert refused.value.status == 400


def test_a_body_of_the_most_bytes_is_handled_and_one_more_is_not() -> None:
    long = status(cmt="x" * 1000)
    size, heard = len(body(long)["body"]), Heard()

    async def main() -> None:
        for most, number in ((size, 200), (size - 1, 413)):
            start, _ = await ask(app_of(max_body=most, on_status=heard), body(long))
            assert start["status"] == number

    run(main())
    assert len(heard) == 1


def test_an_ipv4_network_may_be_written_as_an_ipv6_socket_shows_it() -> None:
    allow = networks("allow", ["::ffff:10.0.0.0/104", "::ffff:192.0.2.1", "::/0"])

    assert [str(network) for network in allow] == ["10.0.0.0/8", "192.0.2.1/32", "::/0"]


def test_a_port_behind_an_address_of_ipv6_is_no_part_of_it() -> None:
    scope = {"client": (PROXY, 1), "headers": [(b"x-forwarded-for", b"[2001:db8:5::7]:4321")]}

    assert str(client_of(scope, networks("proxies", ["10.0.0.0/8"]))) == "2001:db8:5::7"
