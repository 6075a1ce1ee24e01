"""Login, password and key stand in the body of a request, and nowhere else.

Each secret has a core of its own that nothing else holds and no encoding changes, with signs
around it that a form, a repr and an address would write otherwise.
"""

from __future__ import annotations

import asyncio
import contextlib
import copy
import logging
import pickle
import traceback
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any, TypeAlias
from urllib.parse import parse_qsl, quote, quote_plus

import pytest

from smsc_async import (
    AddressBlocked,
    BadReply,
    DuplicateSend,
    Forbidden,
    InvalidMessage,
    LoginRefused,
    NoAnswer,
    NotSent,
    OutcomeUnknown,
    SmscClient,
    SmscError,
    Throttle,
    Throttled,
)
from smsc_async._codec import Secret
from smsc_async._transport.http import Own
from tests.samples import sample

# Only globals hold them: what stands in a local variable of a test is in its own traceback.
LOGIN = "q+zx7login7xz &é"
PASSWORD = "w%zx8password8xz=/'\"\\ё"
KEY = "y zx9key9xz#?\t€"
CORES = ("zx7login7xz", "zx8password8xz", "zx9key9xz")
SECRETS = (LOGIN, PASSWORD, KEY)
SPELLINGS = tuple(
    spelling
    for secret in SECRETS
    for spelling in (secret, quote(secret), quote(secret, safe=""), quote_plus(secret))
) + tuple(repr(secret)[1:-1] for secret in SECRETS)

either = pytest.mark.parametrize(
    "credentials",
    [
        pytest.param(lambda: {"login": LOGIN, "password": PASSWORD}, id="login"),
        pytest.param(lambda: {"api_key": KEY}, id="key"),
    ],
)
Credentials: TypeAlias = Callable[[], dict[str, str]]
each_transport = pytest.mark.parametrize("transport", [None, "aiohttp"], ids=["own", "aiohttp"])


def told(text: str | bytes) -> bool:
    """Tell whether *text* gives a secret away."""
    plain = text if isinstance(text, str) else text.decode("utf-8", "backslashreplace")
    return any(found in plain for found in (*CORES, *SPELLINGS))


def nothing_is_told(texts: Iterable[str | bytes]) -> None:
    for text in texts:
        assert not told(text), text


# What is looked at


@dataclass
class Service:
    """A service on this machine: it answers what it is told to, and keeps what it read."""

    answers: list[bytes | None]
    url: str = ""
    heads: list[bytes] = field(default_factory=list)
    bodies: list[bytes] = field(default_factory=list)

    async def talk(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(asyncio.IncompleteReadError, ConnectionError):
            while True:
                head = await reader.readuntil(b"\r\n\r\n")
                (length,) = [
                    int(line.split(b":")[1])
                    for line in head.lower().split(b"\r\n")
                    if line.startswith(b"content-length:")
                ]
                self.heads.append(head)
                self.bodies.append(await reader.readexactly(length))
                answer = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
                if answer is None:
                    break
                size = f"HTTP/1.1 200 OK\r\nContent-Length: {len(answer)}\r\n\r\n"
                writer.write(size.encode() + answer)
                await writer.drain()
        writer.close()


@contextlib.asynccontextmanager
async def serving(*answers: bytes | None) -> AsyncIterator[Service]:
    service = Service(list(answers))
    talks: set[asyncio.Task[None]] = set()

    def accept(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        talks.add(asyncio.create_task(service.talk(reader, writer)))

    server = await asyncio.start_server(accept, "127.0.0.1", 0)
    service.url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    try:
        yield service
    finally:
        server.close()
        await asyncio.gather(*talks)
        await server.wait_closed()


def shown(error: BaseException) -> Iterator[str]:
    """List all that a logger or a tracker of errors could print of an error."""
    trace = traceback.TracebackException.from_exception(error, capture_locals=True)
    yield "".join(trace.format())
    seen: list[BaseException | None] = [error]
    for each in seen:
        if each is not None:
            yield repr(each)
            yield str(each)
            yield repr(vars(each))
            yield repr(pickle.dumps(each))
            seen += [cause for cause in (each.__cause__, each.__context__) if cause not in seen]


def reprs(root: object) -> Iterator[str]:
    """List the reprs of an object and of all objects of ours within it, but into no secret."""
    seen: dict[int, object] = {}
    waiting = [root]
    while waiting:
        found = waiting.pop()
        if id(found) in seen or isinstance(found, str | bytes | int | float | None):
            continue
        seen[id(found)] = found
        yield repr(found)
        if isinstance(found, dict):
            waiting += [*found.keys(), *found.values()]
        elif isinstance(found, list | tuple | set | frozenset):
            waiting += [*found]
        elif type(found).__module__.startswith("smsc_async") and not isinstance(found, Secret):
            waiting += vars(found).values() if hasattr(found, "__dict__") else []
            names = [
                name for kind in type(found).__mro__ for name in vars(kind).get("__slots__", ())
            ]
            waiting += [getattr(found, name) for name in names if hasattr(found, name)]
    assert len(seen) > 5


@pytest.fixture
def logged(caplog: pytest.LogCaptureFixture) -> Callable[[], str]:
    """Log everything of everybody, and return it all with all that records carry."""
    for name in (None, "smsc_async", "httpx", "httpcore", "aiohttp", "asyncio", "tenacity"):
        caplog.set_level(logging.DEBUG, logger=name)

    def text() -> str:
        return caplog.text + "".join(repr(vars(record)) for record in caplog.records)

    return text


async def caught(call: Awaitable[object]) -> BaseException:
    """Return what a call raises; nothing secret is in this frame."""
    try:
        await call
    except (SmscError, TypeError, UnicodeError) as error:
        return error
    raise AssertionError("it raised nothing")


class Watched:
    """A client whose every word is kept."""

    def __init__(self, service: Service, credentials: Credentials, transport: Own = None) -> None:
        self.heard: list[str] = []
        self.client = SmscClient(
            **credentials(),  # type: ignore[arg-type]
            base_url=service.url,
            transport=transport,
            throttle=Throttle(),  # a port comes back, and with it what was kept for its address
            sleep=lambda _: asyncio.sleep(0),
            on_event=lambda event: self.heard.append(repr(event)),
            chance=lambda: 0.0,
        )


# The calls: what is asked, what the service does, and what is raised


Case: TypeAlias = tuple[Callable[[SmscClient], Awaitable[object]], list[bytes | None], type]

ACCEPTED = sample("send/cost_3.json")


def send(smsc: SmscClient) -> Awaitable[object]:
    return smsc.send("+79990000000", "text")


def balance(smsc: SmscClient) -> Awaitable[object]:
    return smsc.account.balance()


async def twice(smsc: SmscClient) -> None:
    await smsc.send("+79990000000", "text")
    await smsc.send("+79990000000", "text")


async def eleven_times(smsc: SmscClient) -> None:
    for _ in range(11):
        await smsc.with_options(max_wait=0).account.balance()


async def closed(smsc: SmscClient) -> None:
    await smsc.aclose()
    await smsc.send("+79990000000", "text")


CASES: dict[str, Case] = {
    "login refused": (send, [sample("errors/login.json")], LoginRefused),
    "blocked": (balance, [sample("errors/blocked.json")], AddressBlocked),
    "plain error": (send, [sample("errors/plain_with_id.txt")], Forbidden),
    "answer of a send lost": (send, [None], OutcomeUnknown),
    "answer of a question lost": (balance, [None], NoAnswer),
    "unreadable answer of a send": (send, [sample("refused/gateway.html")], OutcomeUnknown),
    "unreadable answer of a question": (balance, [sample("refused/gateway.html")], BadReply),
    "twin": (twice, [ACCEPTED], DuplicateSend),
    "limit": (eleven_times, [sample("account.balance/currency.json")], Throttled),
    "closed": (closed, [ACCEPTED], NotSent),
    "bad phone": (lambda smsc: smsc.send("abc", "text"), [ACCEPTED], InvalidMessage),
    "bad script": (lambda smsc: smsc.raw("x"), [ACCEPTED], InvalidMessage),
    "bad name": (lambda smsc: smsc.raw("x.php", {"psw": 1}), [ACCEPTED], InvalidMessage),
    "bad value": (
        lambda smsc: smsc.raw("x.php", {"x": 1.5}),  # type: ignore[dict-item]
        [ACCEPTED],
        TypeError,
    ),
    "not text": (lambda smsc: smsc.raw("x.php", {"x": "\ud800"}), [ACCEPTED], UnicodeError),
}


@each_transport
@either
@pytest.mark.parametrize("name", CASES)
async def test_a_call_that_fails_gives_no_secret_away(
    name: str, credentials: Credentials, transport: Own, logged: Callable[[], str]
) -> None:
    call, answers, kind = CASES[name]
    async with serving(*answers) as service:
        watched = Watched(service, credentials, transport)
        async with watched.client as smsc:
            error = await caught(call(smsc))

    assert isinstance(error, kind)
    nothing_is_told([*shown(error), *watched.heard, logged(), *service.heads])


@each_transport
@either
async def test_a_call_that_goes_well_gives_no_secret_away(
    credentials: Credentials, transport: Own, logged: Callable[[], str]
) -> None:
    answers = [ACCEPTED, sample("account.balance/currency.json"), sample("raw/done.json")]
    async with serving(*answers) as service:
        watched = Watched(service, credentials, transport)
        async with watched.client as smsc:
            results = [
                await smsc.send("+79990000000", "text"),
                await smsc.account.balance(),
                await smsc.raw("templates.php", {"del": 1, "id": 5}),
                smsc.throttle.snapshot(),
            ]
            inside = [*reprs(smsc), *reprs(smsc.with_options(timeout=1))]

    if transport is None:
        assert any("httpcore" in line for line in logged().splitlines()), "it is really logged"
    nothing_is_told([*inside, repr(results), *watched.heard, logged(), *service.heads])


@each_transport
@either
async def test_a_call_under_way_gives_no_secret_away(
    credentials: Credentials, transport: Own, logged: Callable[[], str]
) -> None:
    async with serving(ACCEPTED) as service:
        watched = Watched(service, credentials, transport)
        async with watched.client as smsc:
            under_way = asyncio.create_task(smsc.send("+79990000000", "text"))
            await asyncio.sleep(0)
            texts = [repr(task) for task in asyncio.all_tasks()] + [*reprs(smsc)]
            for task in asyncio.all_tasks() - {asyncio.current_task()}:
                for frame in task.get_stack():
                    if "smsc_async" in frame.f_code.co_filename:
                        texts += map(repr, frame.f_locals.values())
            under_way.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await under_way

    nothing_is_told([*texts, *watched.heard, logged(), *service.heads])


@each_transport
@either
async def test_the_body_holds_the_secrets_once_each_and_as_they_are(
    credentials: Credentials, transport: Own
) -> None:
    async with (
        serving(ACCEPTED) as service,
        Watched(service, credentials, transport).client as smsc,
    ):
        await smsc.send("+79990000000", "text")

    (body,) = service.bodies
    pairs = parse_qsl(body.decode("ascii"), keep_blank_values=True, strict_parsing=True)
    names = {"login": "login", "password": "psw", "api_key": "apikey"}
    wanted = [(names[name], secret) for name, secret in credentials().items()]
    assert pairs[-len(wanted) :] == wanted
    assert body.isascii()
    assert sum(body.count(core.encode()) for core in CORES) == len(wanted)
    assert all(head.startswith(b"POST /sys/send.php HTTP/1.1\r\n") for head in service.heads)


@each_transport
async def test_nothing_listens_and_nothing_is_told(
    transport: Own, logged: Callable[[], str]
) -> None:
    async with serving(ACCEPTED) as service:
        pass
    watched = Watched(service, lambda: {"login": LOGIN, "password": PASSWORD}, transport)
    async with watched.client as smsc:
        error = await caught(smsc.send("+79990000000", "text"))

    assert isinstance(error, NotSent)
    nothing_is_told([*shown(error), *watched.heard, logged()])


@pytest.mark.parametrize(
    ("options", "kind"),
    [
        ({"api_key": KEY, "login": LOGIN, "password": PASSWORD}, ValueError),
        ({"login": LOGIN}, ValueError),
        ({"password": PASSWORD}, ValueError),
        ({"api_key": KEY, "timeout": -1}, ValueError),
        ({"api_key": KEY, "base_url": f"https://{quote(LOGIN)}:{quote(PASSWORD)}@x"}, ValueError),
        ({"api_key": KEY, "base_url": f"https://x?psw={quote(PASSWORD)}"}, ValueError),
        ({"api_key": KEY, "base_url": f"https://x:{quote(PASSWORD)}"}, ValueError),
    ],
    ids=range(7),
)
def test_what_is_wrong_with_a_client_is_said_without_its_secrets(
    options: dict[str, Any], kind: type[Exception]
) -> None:
    with pytest.raises(kind) as error:
        SmscClient(**options)

    assert not told(str(error.value))
    assert not told(repr(error.value))
    assert error.value.__context__ is None or not told(str(error.value.__context__))


def test_a_client_is_not_pickled_and_its_copies_show_nothing() -> None:
    client = SmscClient(login=LOGIN, password=PASSWORD)

    assert not told(repr(copy.copy(client)))
    with pytest.raises((TypeError, AttributeError, NotImplementedError, pickle.PicklingError)):
        pickle.dumps(client)


def test_the_search_finds_each_secret_however_it_is_written() -> None:
    for secret in SECRETS:
        for text in (secret, quote(secret), quote_plus(secret), repr(secret), ascii(secret)):
            assert told(f"psw={text}&")
        assert told(secret.encode())
    assert not told("login=alex&psw=123")
