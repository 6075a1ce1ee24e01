"""A request goes to the host that was named, and nowhere else: no redirect, no proxy unasked."""

from __future__ import annotations

import pytest

from smsc_async import BadReply, NotSent, OutcomeUnknown, SmscClient, Throttle
from smsc_async._transport.http import Own
from tests.loopback import ACCEPTED, BALANCE, Posted, answer, serving

ASKED = ("host", "user-agent", "accept", "accept-encoding", "content-type", "content-length")


each_own = pytest.mark.parametrize("transport", [None, "aiohttp"], ids=["own", "aiohttp"])


def client(url: str, transport: Own) -> SmscClient:
    return SmscClient(
        api_key="key",
        base_url=url,
        transport=transport,
        throttle=Throttle(),
        attempts=1,
        on_unknown="raise",
    )


@each_own
@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
@pytest.mark.parametrize("to", ["other", "other scheme", "same"])
async def test_a_redirect_is_never_followed(status: int, to: str, transport: Own) -> None:
    async def turn_away(request: Posted) -> bytes | None:
        target = {"other": other.url, "other scheme": other.url.replace("http", "https")}
        where = target.get(to, "") + request.path
        body = b"the new address is elsewhere"
        head = (
            f"HTTP/1.1 {status} Moved\r\nLocation: {where}\r\nContent-Length: {len(body)}\r\n\r\n"
        )
        return head.encode() + body

    async def accept(request: Posted) -> bytes | None:
        return answer(ACCEPTED)

    async with (
        serving(accept) as other,
        serving(turn_away) as service,
        client(service.url, transport) as smsc,
    ):
        with pytest.raises(OutcomeUnknown, match=f"HTTP {status}") as send:
            await smsc.send("+79990000000", "hello")
        with pytest.raises(BadReply, match=f"HTTP {status}") as question:
            await smsc.account.balance()

    assert other.connections == 0
    assert [request.path for request in service.posted] == ["/sys/send.php", "/sys/balance.php"]
    assert "elsewhere" not in f"{send.value}{question.value}"


@each_own
async def test_a_proxy_is_used_only_if_the_client_was_told_so(
    transport: Own, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def accept(request: Posted) -> bytes | None:
        return answer(BALANCE)

    async with serving(accept) as listener, serving(accept) as service:
        for name in ("http_proxy", "https_proxy", "all_proxy"):
            monkeypatch.setenv(name, listener.url)
            monkeypatch.setenv(name.upper(), listener.url)
        for name in ("no_proxy", "NO_PROXY"):
            monkeypatch.delenv(name, raising=False)
        async with client(service.url, transport) as smsc:
            await smsc.account.balance()
        async with client("https://127.0.0.1:1", transport) as smsc:
            with pytest.raises(NotSent):
                await smsc.account.balance()

    assert listener.connections == 0
    assert len(service.posted) == 1


@each_own
async def test_a_request_carries_nothing_but_what_the_service_needs(transport: Own) -> None:
    async def accept(request: Posted) -> bytes | None:
        return answer(BALANCE).replace(b"\r\n", b"\r\nSet-Cookie: seen=1\r\n", 1)

    async with serving(accept) as service, client(service.url, transport) as smsc:
        await smsc.account.balance()
        await smsc.account.balance()

    assert [tuple(request.headers) for request in service.posted] == [ASKED, ASKED]
    assert all("?" not in request.path for request in service.posted)
