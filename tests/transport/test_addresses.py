"""Where a request goes: the address and the host that it names, however its base is written."""

from __future__ import annotations

import httpx
import pytest

from smsc_async import SmscClient

OWN = [
    "https://smsc.ru",
    "https://SMSC.ru:443",
    "https://sms.example.com:8443",
    "https://192.0.2.1",
    "https://[2001:db8::1]",
    "https://[2001:db8::1]:8443",
    "http://127.0.0.1:8080",
    "http://[::1]:8080",
    "http://localhost:80",
    "https://пример.рф",
    "https://пример.рф:8443",
]


@pytest.mark.parametrize("base", OWN)
async def test_a_request_goes_where_httpx_reads_its_address(base: str) -> None:
    requests: list[httpx.Request] = []

    def answer(request: httpx.Request) -> httpx.Response:
        requests.append(request)
        return httpx.Response(200, json={"balance": "1", "currency": "RUR"})

    transport = httpx.MockTransport(answer)
    async with SmscClient(api_key="key", base_url=base, transport=transport) as smsc:
        await smsc.account.balance()

    (request,) = requests
    assert request.url == httpx.URL(f"{base}/sys/balance.php")
    assert request.headers["host"].encode() == httpx.URL(base).netloc
