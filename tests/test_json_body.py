"""A client told so posts its sends as JSON; all else about it stays as it is."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable
from typing import Any
from urllib.parse import parse_qsl

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from smsc_async import DuplicateSend, SmscClient
from smsc_async._bodies import content
from smsc_async._slices import at_once
from smsc_async._upload import File
from smsc_async._wire import codes
from smsc_async._wire.secret import Secret
from smsc_async.simulator import Fault, Request, Simulator
from smsc_async.simulator import _form as simulated
from tests.uploads import PHONE, mms
from tests.virtual import run

NOW = 1_700_000_000.0


class Service(httpx.AsyncBaseTransport):
    """Keeps the requests, and answers that they were taken."""

    def __init__(self) -> None:
        self.requests: list[httpx.Request] = []

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        await request.aread()
        self.requests.append(request)
        found = {"id": 1, "cnt": 1, "cost": "1", "balance": "2", "currency": "RUR"}
        return httpx.Response(200, json=found)


def client(transport: httpx.AsyncBaseTransport, **options: Any) -> SmscClient:  # noqa: ANN401 - whatever
    given: dict[str, Any] = {"api_key": "key", **options}
    return SmscClient(**given, transport=transport, wall=lambda: NOW, chance=lambda: 0.0)


def asked(
    call: Callable[[SmscClient], Awaitable[object]],
    *,
    json_body: bool = True,
    **options: Any,  # noqa: ANN401 - of a client
) -> httpx.Request:
    """Make one call and return what went out."""
    service = Service()

    async def main() -> None:
        async with client(service, json_body=json_body, **options) as smsc:
            await call(smsc)

    run(main())
    (request,) = service.requests
    return request


CALLS: dict[str, Callable[[SmscClient], Awaitable[object]]] = {
    "send": lambda smsc: smsc.send(PHONE, 'двa "строки"\n😀', report=True),
    "send_each": lambda smsc: smsc.send_each([(PHONE, "one"), ("+79991111111", "two")]),
    "price": lambda smsc: smsc.price(PHONE, "hello"),
}
every_call = pytest.mark.parametrize("name", CALLS)


@every_call
def test_a_send_says_as_json_what_it_says_as_a_form(name: str) -> None:
    request = asked(CALLS[name])
    form = asked(CALLS[name], json_body=False)

    assert request.method == "POST"
    assert request.url.path == "/rest/send/"
    assert not request.url.query
    assert request.headers["content-type"] == "application/json"
    assert int(request.headers["content-length"]) == len(request.content)
    posted = json.loads(request.content.decode("utf-8"))
    assert posted.pop("fmt") == 3
    pairs = dict(parse_qsl(form.content.decode("ascii"), strict_parsing=True))
    assert pairs.pop("fmt") == "3"
    assert posted == pairs
    assert posted["apikey"] == "key"


def test_the_text_goes_in_utf_8() -> None:
    request = asked(CALLS["send"])

    assert "двa".encode() in request.content


def test_login_and_password_go_along_in_the_body() -> None:
    password = "%+&\\\"é€\n'"
    request = asked(CALLS["price"], api_key=None, login="me & you", password=password)

    posted = json.loads(request.content)
    assert (posted["login"], posted["psw"]) == ("me & you", password)
    assert "apikey" not in posted


def test_without_being_told_so_a_client_posts_forms() -> None:
    request = asked(CALLS["send"], json_body=False)

    assert request.url.path == "/sys/send.php"
    assert request.headers["content-type"] == "application/x-www-form-urlencoded"


@pytest.mark.parametrize("script", ["balance.php", "status.php", "jobs.php"])
def test_every_other_script_gets_a_form(script: str) -> None:
    request = asked(lambda smsc: smsc.raw(script, {"id": 1}))

    assert request.url.path == f"/sys/{script}"
    assert request.headers["content-type"] == "application/x-www-form-urlencoded"


def test_a_send_with_files_gets_a_form_with_parts() -> None:
    request = asked(lambda smsc: mms(smsc, File("a", b"1"), mes="hi"))

    assert request.url.path == "/sys/send.php"
    assert request.headers["content-type"].startswith("multipart/form-data; boundary=")


TEXTS = st.text(st.characters(exclude_categories=["Cs"]))


@given(st.dictionaries(st.from_regex(r"[a-z_]{1,10}", fullmatch=True), TEXTS))
def test_the_simulator_reads_what_was_given(pairs: dict[str, str]) -> None:
    pairs = {k: v for k, v in pairs.items() if k not in codes.CREDENTIALS} | codes.ANSWER_FORM
    posted = at_once(content(codes.SEND, pairs, Secret(b"&apikey=a%26%22"), {}, json_body=True))
    (whole,) = posted.parts
    assert isinstance(whole, Secret)

    form = simulated.read_json(whole.reveal(), posted.kind)

    assert not form.broken
    assert form.params == pairs | {"apikey": 'a&"'}


def ids(*, json_body: bool) -> list[str]:
    """Return the ids of sends that the client has chosen."""
    posted = [asked(CALLS[name], json_body=json_body) for name in ("send", "send_each")]
    read = [
        json.loads(request.content)
        if json_body
        else dict(parse_qsl(request.content.decode("ascii")))
        for request in posted
    ]
    return [found["id"] for found in read]


def test_the_derived_id_is_the_same_in_either_form() -> None:
    assert ids(json_body=True) == ids(json_body=False)


async def simulated_sends(
    *texts: str, fault: Fault | None = None
) -> tuple[list[str], list[Request]]:
    """Send texts to a simulator; tell what came of each, and what it saw."""
    told: list[str] = []
    async with Simulator() as sim:
        sim.faults = lambda path, params, number: fault if number == 1 else None
        async with SmscClient(
            login="demo",
            password="demo",
            json_body=True,
            transport=httpx.ASGITransport(app=sim.app),
            chance=lambda: 0.0,
        ) as smsc:
            for text in texts:
                try:
                    sent = await smsc.send(PHONE, text)
                    told.append("settled" if sent.settled else "sent")
                except DuplicateSend:
                    told.append("duplicate")
    assert sim.refusals == []
    assert len(sim.accepted) == len([each for each in told if each != "duplicate"])
    return told, sim.log


def test_the_limits_are_those_of_a_send() -> None:
    told, log = run(simulated_sends("one", "one", "two"))

    assert told == ["sent", "duplicate", "sent"]
    assert [request.path for request in log] == ["send.php", "send.php"]
    assert [request.params["fmt"] for request in log] == ["3", "3"]


@pytest.mark.parametrize("fault", ["drop_after", "html_502_after", "truncated"])
def test_a_lost_answer_is_settled_as_ever(fault: Fault) -> None:
    told, log = run(simulated_sends("one", fault=fault))

    assert told == ["settled"]
    assert [request.path for request in log] == ["send.php", "status.php"]
