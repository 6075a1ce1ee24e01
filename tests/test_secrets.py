"""Login, password and key stand in the body of a request, and nowhere else.

Each secret has a core of its own that nothing else holds and no encoding changes, with signs
around it that a form, a repr and an address would write otherwise.
"""

from __future__ import annotations

import asyncio
import base64
import contextlib
import copy
import csv
import dataclasses
import functools
import gc
import inspect
import io
import json
import logging
import marshal
import pickle
import pprint
import reprlib
import string
import traceback
import types
from collections import deque
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple, TypeAlias, get_args
from urllib.parse import parse_qsl, quote, quote_plus, urlencode

import msgspec
import pytest
import rich.pretty

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
from smsc_async._transport.http import Own
from smsc_async._upload import File
from smsc_async._wire.secret import Secret
from smsc_async.simulator import Fault, Settings, Simulator
from tests.samples import sample
from tests.uploads import mms

# Only globals hold them: what stands in a local variable of a test is in its own traceback.
LOGIN = "q+zx7login7xz &é"
PASSWORD = "w%zx8password8xz=/'\"\\ё"
KEY = "y zx9key9xz#?\t€"
CORES = ("zx7login7xz", "zx8password8xz", "zx9key9xz")
SECRETS = (LOGIN, PASSWORD, KEY)
# No secrets, but nothing that a log or the text of an error may hold either.
TEXT = "zx6text6xz"
PHONE = "+79990000000"


def in_base64(core: str) -> Iterator[str]:
    """Write *core* as it stands in base64, after whatever came before it."""
    for before, cut in ((0, 0), (1, 2), (2, 3)):
        whole = base64.b64encode(b"-" * before + core.encode()).decode()
        yield whole[cut : (before + len(core)) * 8 // 6]


# Percents, JSON, a repr and windows-1251 leave the cores as they are; these do not.
CODED = tuple(coded for core in CORES for coded in (*in_base64(core), core.encode().hex()))
SPELLINGS = tuple(
    spelling
    for secret in SECRETS
    for spelling in (
        *(secret, quote(secret), quote(secret, safe=""), quote_plus(secret)),
        *(repr(secret)[1:-1], json.dumps(secret)[1:-1]),
    )
)

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
    return any(found in plain for found in (*CORES, *CODED, *SPELLINGS))


def nothing_is_told(texts: Iterable[str | bytes]) -> None:
    for text in texts:
        assert not told(text), text


def nothing_personal_is_logged(*texts: str) -> None:
    for text in texts:
        assert TEXT not in text
        assert PHONE[1:] not in text


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
    except (SmscError, TypeError) as error:
        return error
    raise AssertionError("it raised nothing")


class Watched:
    """A client whose every word is kept."""

    def __init__(
        self,
        url: str,
        credentials: Credentials,
        transport: Own = None,
        *,
        timeout: float = 30.0,
        json_body: bool = False,
    ) -> None:
        self.heard: list[str] = []
        self.client = SmscClient(
            **credentials(),  # type: ignore[arg-type]
            base_url=url,
            transport=transport,
            on_event=lambda event: self.heard.append(repr(event)),
            throttle=Throttle(),  # a port comes back, and with it what was kept for its address
            timeout=timeout,
            json_body=json_body,
            chance=lambda: 0.0,
            sleep=at_once,
        )


async def at_once(seconds: float) -> None:
    await asyncio.sleep(0)


def alive() -> Iterator[str]:
    """List the reprs of all objects of ours that are there, and of what they hold.

    Of the libraries below too, but not of the simulator, which has to know the login.
    """
    for found in gc.get_objects():
        module = getattr(type(found), "__module__", None) or ""
        if not isinstance(module, str) or module.startswith("smsc_async.simulator"):
            continue
        if module.split(".")[0] in ("smsc_async", "httpx", "httpcore", "aiohttp", "tenacity"):
            yield repr(found)
            with contextlib.suppress(TypeError):
                yield repr(vars(found))


# The calls: what is asked, what the service does, and what is raised


Case: TypeAlias = tuple[Callable[[SmscClient], Awaitable[object]], list[bytes | None], type]

ACCEPTED = sample("send/cost_3.json")


def send(smsc: SmscClient) -> Awaitable[object]:
    return smsc.send(PHONE, TEXT)


def balance(smsc: SmscClient) -> Awaitable[object]:
    return smsc.account.balance()


def photo(smsc: SmscClient, **params: str) -> Awaitable[object]:
    return mms(smsc, File("photo.jpg", b"1" * 100), mes=TEXT, **params)  # type: ignore[arg-type]


# What is no text is found when the form is written, before its bytes are.
NO_TEXT: dict[str, str | int] = {"phones": PHONE, "mes": TEXT, "id": "own", "x": "\ud800"}


async def twice(smsc: SmscClient) -> None:
    await smsc.send(PHONE, TEXT)
    await smsc.send(PHONE, TEXT)


async def eleven_times(smsc: SmscClient) -> None:
    for _ in range(11):
        await smsc.with_options(max_wait=0).account.balance()


async def closed(smsc: SmscClient) -> None:
    await smsc.aclose()
    await smsc.send(PHONE, TEXT)


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
        InvalidMessage,
    ),
    "not text": (lambda smsc: smsc.raw("x.php", {"x": "\ud800"}), [ACCEPTED], InvalidMessage),
    "files refused": (photo, [sample("errors/login.json")], LoginRefused),
    "answer to files lost": (photo, [None], OutcomeUnknown),
    "files and no text": (
        lambda smsc: photo(smsc, id="own", subj="\ud800"),
        [ACCEPTED],
        InvalidMessage,
    ),
    "send of no text": (lambda smsc: smsc.raw("send.php", NO_TEXT), [ACCEPTED], InvalidMessage),
    "no file": (lambda smsc: mms(smsc, File("a", Path("?"))), [ACCEPTED], InvalidMessage),
}
AS_JSON: dict[str, Case] = {
    name: CASES[name]
    for name in ("login refused", "answer of a send lost", "twin", "send of no text")
}


@each_transport
@either
@pytest.mark.parametrize("name", CASES)
async def test_a_call_that_fails_gives_no_secret_away(
    name: str, credentials: Credentials, transport: Own, logged: Callable[[], str]
) -> None:
    call, answers, kind = CASES[name]
    async with serving(*answers) as service:
        watched = Watched(service.url, credentials, transport)
        async with watched.client as smsc:
            error = await caught(call(smsc))

    assert isinstance(error, kind)
    nothing_is_told([*shown(error), *watched.heard, logged(), *service.heads])
    nothing_personal_is_logged(str(error), logged())


@each_transport
@either
@pytest.mark.parametrize("name", AS_JSON)
async def test_a_send_as_json_that_fails_gives_no_secret_away(
    name: str, credentials: Credentials, transport: Own, logged: Callable[[], str]
) -> None:
    call, answers, kind = AS_JSON[name]
    async with serving(*answers) as service:
        watched = Watched(service.url, credentials, transport, json_body=True)
        async with watched.client as smsc:
            error = await caught(call(smsc))

    assert isinstance(error, kind)
    assert all(head.startswith(b"POST /rest/send/") for head in service.heads[:1])
    nothing_is_told([*shown(error), *watched.heard, logged(), *service.heads])
    nothing_personal_is_logged(str(error), logged())


@each_transport
@either
async def test_a_call_that_goes_well_gives_no_secret_away(
    credentials: Credentials, transport: Own, logged: Callable[[], str]
) -> None:
    answers = [ACCEPTED, sample("account.balance/currency.json"), sample("raw/done.json")]
    async with serving(*answers) as service:
        watched = Watched(service.url, credentials, transport)
        async with watched.client as smsc:
            results = [
                await smsc.send(PHONE, TEXT),
                await smsc.account.balance(),
                await smsc.raw("templates.php", {"del": 1, "id": 5}),
                smsc.throttle.snapshot(),
            ]
            inside = [*reprs(smsc), *reprs(smsc.with_options(timeout=1))]

    nothing_is_told([*inside, repr(results), *watched.heard, logged(), *service.heads])


@each_transport
@either
async def test_a_call_under_way_gives_no_secret_away(
    credentials: Credentials, transport: Own, logged: Callable[[], str]
) -> None:
    async with serving(ACCEPTED) as service:
        watched = Watched(service.url, credentials, transport)
        async with watched.client as smsc:
            under_way = asyncio.create_task(smsc.send(PHONE, TEXT))
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
        Watched(service.url, credentials, transport).client as smsc,
    ):
        await smsc.send(PHONE, TEXT)

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
    watched = Watched(service.url, lambda: {"login": LOGIN, "password": PASSWORD}, transport)
    async with watched.client as smsc:
        error = await caught(smsc.send(PHONE, TEXT))

    assert isinstance(error, NotSent)
    nothing_is_told([*shown(error), *watched.heard, logged()])


def kept(root: object) -> Iterator[str | bytes]:
    """List every text that can be reached from an object, but through code, loops and frames."""
    seen = {id(root)}
    waiting = [root]
    while waiting:
        found = waiting.pop()
        if isinstance(found, str | bytes | bytearray):
            yield bytes(found) if isinstance(found, bytearray) else found
        module = type(found).__module__.split(".")[0]
        if isinstance(found, type | types.ModuleType) or module in ("asyncio", "_asyncio"):
            continue
        held = getattr(found, "__closure__", None) or ()
        inside = held if isinstance(found, types.FunctionType) else gc.get_referents(found)
        for each in inside:
            if id(each) not in seen and not isinstance(each, types.FrameType | types.CodeType):
                seen.add(id(each))
                waiting.append(each)


@each_transport
async def test_of_a_call_that_has_ended_no_number_and_no_text_is_kept(transport: Own) -> None:
    async with serving(ACCEPTED) as service:
        watched = Watched(service.url, lambda: {"api_key": KEY}, transport)
        async with watched.client as smsc:
            await smsc.send([PHONE, "+79990000001"], TEXT)
            await smsc.send_each([(PHONE, f"{TEXT} again")])
            texts = [*kept(smsc)]

    assert any(told(text) for text in texts), "it sees into the secret: it would see these too"
    for text in texts:
        plain = text if isinstance(text, str) else text.decode("utf-8", "replace")
        assert TEXT not in plain
        assert PHONE[4:] not in plain


# The same against the simulator, which can do more


ERRORS = {f"error {code}": code for code in (*range(1, 10), 99)}
FAULTS = {fault: fault for fault in get_args(Fault)}


@either
@pytest.mark.parametrize("call", [send, balance])
@pytest.mark.parametrize(
    ("name", "transport"),
    [(name, None) for name in (*ERRORS, *FAULTS)] + [(name, "aiohttp") for name in FAULTS],
)
async def test_whatever_the_service_does_gives_no_secret_away(
    name: str,
    call: Callable[[SmscClient], Awaitable[object]],
    credentials: Credentials,
    transport: Own,
    logged: Callable[[], str],
) -> None:
    fault: Any = {**ERRORS, **FAULTS}[name]
    async with simulated() as simulator, simulator.serve() as url:
        simulator.faults = lambda path, params, number: fault
        watched = Watched(url, credentials, transport)
        async with watched.client as smsc:
            error = await caught(call(smsc.with_options(max_wait=0)))
            nothing_is_told([*alive(), *shown(error), *watched.heard, logged()])

    assert watched.heard
    nothing_personal_is_logged(str(error), logged())


@each_transport
@either
async def test_asking_what_became_of_a_send_gives_no_secret_away(
    credentials: Credentials, transport: Own, logged: Callable[[], str]
) -> None:
    async with simulated() as simulator, simulator.serve() as url:
        simulator.faults = lambda path, params, number: "drop_after" if number == 1 else None
        watched = Watched(url, credentials, transport)
        async with watched.client as smsc:
            sent = await smsc.send(PHONE, TEXT)
            nothing_is_told([*alive(), repr(sent), *watched.heard, logged()])

    assert sent.settled
    nothing_personal_is_logged(logged())


@each_transport
@either
async def test_a_wrong_login_gives_no_secret_away(
    credentials: Credentials, transport: Own, logged: Callable[[], str]
) -> None:
    async with Simulator() as simulator, simulator.serve() as url:
        watched = Watched(url, credentials, transport)
        async with watched.client as smsc:
            errors = [await caught(call(smsc)) for call in (send, balance, send)]
            texts = [text for error in errors for text in shown(error)]
            nothing_is_told([*alive(), *texts, *watched.heard, logged()])

    assert {type(error) for error in errors} == {LoginRefused}
    assert simulator.requests == 2, "the third is answered here"


@each_transport
@either
@pytest.mark.parametrize("end", ["too slow", "cancelled", "closed"])
async def test_a_call_that_is_cut_off_gives_no_secret_away(
    end: str, credentials: Credentials, transport: Own, logged: Callable[[], str]
) -> None:
    arrived = asyncio.Event()
    async with simulated(work=60) as simulator, simulator.serve() as url:
        simulator.faults = lambda path, params, number: arrived.set()
        watched = Watched(url, credentials, transport, timeout=0.5 if end == "too slow" else 30.0)
        smsc = watched.client.with_options(on_unknown="raise")
        call = asyncio.create_task(caught(send(smsc)))
        await arrived.wait()
        nothing_is_told([*alive(), repr(call)])
        if end == "cancelled":
            call.cancel()
        await smsc.aclose(30 if end == "too slow" else 0)
        (error,) = await asyncio.gather(call, return_exceptions=True)
        assert isinstance(error, BaseException)
        nothing_is_told([*alive(), *shown(error), *watched.heard, logged()])

    assert isinstance(error, asyncio.CancelledError if end == "cancelled" else OutcomeUnknown)
    assert ("its caller was cancelled" in logged()) is (end == "cancelled")
    nothing_personal_is_logged(str(error), logged())


def simulated(work: float = 0.0) -> Simulator:
    """Return a service that knows all the credentials here."""
    return Simulator(
        Settings(login=LOGIN, password=PASSWORD, apikey=KEY, delays=lambda random: (0.0, work))
    )


# A secret by itself


@dataclass
class Holder:
    secret: Secret


class Pair(NamedTuple):
    name: str
    secret: Secret


class Struct(msgspec.Struct):
    secret: Secret


def raised(secret: Secret) -> str:
    try:
        raise ValueError(secret)  # noqa: TRY301 - one of the ways
    except ValueError as error:
        return "".join([*shown_at_once(error)])


def shown_at_once(error: Exception) -> Iterator[str]:
    yield from traceback.TracebackException.from_exception(error, capture_locals=True).format()
    yield repr(error)
    yield f"{error}"


def written(secret: Secret) -> str:
    file = io.StringIO()
    csv.writer(file).writerow([secret])
    print(secret, file=file)
    return file.getvalue()


def recorded(secret: Secret) -> str:
    record = logging.LogRecord("x", 10, "x", 1, "%s %r", (secret, secret), None)
    return logging.Formatter().format(record) + repr(vars(record))


WAYS: dict[str, Callable[[Secret], object]] = {
    "str": str,
    "repr": repr,
    "ascii": ascii,
    "format": format,
    "f": lambda secret: f"{secret} {secret!r} {secret!a}",
    "f with a width": lambda secret: f"{secret:>40}",
    "percent s": lambda secret: "%s" % secret,  # noqa: UP031 - one of the ways
    "percent r": lambda secret: "%r" % secret,  # noqa: UP031 - the same
    "template": lambda secret: string.Template("$it").substitute(it=secret),
    "join": "".join,  # type: ignore[dict-item]
    "bytes": bytes,  # type: ignore[dict-item]
    "iteration": list,  # type: ignore[dict-item]
    "pprint": pprint.pformat,
    "reprlib": reprlib.repr,
    "rich": lambda secret: rich.pretty.pretty_repr(Holder(secret)),
    "list": lambda secret: repr([secret]),
    "dict": lambda secret: repr({secret: secret}),
    "deque": lambda secret: repr(deque([secret])),
    "dataclass": lambda secret: repr(Holder(secret)),
    "named tuple": lambda secret: repr(Pair("x", secret)),
    "namespace": lambda secret: repr(types.SimpleNamespace(secret=secret)),
    "partial": lambda secret: repr(functools.partial(print, secret)),
    "struct": lambda secret: repr(Struct(secret)),
    "asdict": lambda secret: repr(dataclasses.asdict(Holder(secret))),
    "vars": vars,
    "dir": dir,
    "members": inspect.getmembers,
    "state": lambda secret: secret.__getstate__(),
    "reduce": lambda secret: secret.__reduce_ex__(4),
    "json": json.dumps,
    "json by str": lambda secret: json.dumps(secret, default=str),
    "json by vars": lambda secret: json.dumps(secret, default=vars),
    "msgspec json": msgspec.json.encode,
    "msgspec struct": lambda secret: msgspec.json.encode(Struct(secret)),
    "msgspec pack": msgspec.msgpack.encode,
    "msgspec builtins": msgspec.to_builtins,
    "urlencode": lambda secret: urlencode({"psw": secret}),
    "copy": copy.copy,
    "deepcopy": copy.deepcopy,
    "marshal": marshal.dumps,  # type: ignore[dict-item]
    "log record": recorded,
    "csv and print": written,
    "exception": raised,
    **{
        f"pickle {version}": functools.partial(pickle.dumps, protocol=version)
        for version in range(6)
    },
}


@pytest.mark.parametrize("way", WAYS)
def test_a_secret_shows_itself_in_none_of_the_ways_to_show_a_thing(way: str) -> None:
    try:
        result = WAYS[way](Secret(KEY.encode()))
    except (TypeError, ValueError, AttributeError) as error:
        result = "".join(shown_at_once(error))

    assert not told(repr(result))
    assert not told(f"{result}")


def test_a_secret_equals_itself_alone_so_that_nothing_can_be_learned_by_comparing() -> None:
    secret = Secret(KEY.encode())

    assert secret == secret  # noqa: PLR0124 - the very question
    assert secret != Secret(KEY.encode())
    assert secret.reveal() == Secret(KEY.encode()).reveal()


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

    nothing_is_told(said(error.value))


@pytest.mark.parametrize(
    "environ",
    [
        {"SMSC_PASSWORD": PASSWORD},
        {"SMSC_LOGIN": LOGIN, "SMSC_PASSWORD": PASSWORD, "SMSC_URL": "http://smsc.ru"},
        {"SMSC_API_KEY": KEY, "SMSC_URL": f"https://{quote(LOGIN)}:{quote(PASSWORD)}@x"},
        {"SMSC_API_KEY": KEY + "\udcff"},
    ],
    ids=range(4),
)
def test_what_is_wrong_with_the_environment_is_said_without_its_secrets(
    environ: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("SMSC_API_KEY", "SMSC_LOGIN", "SMSC_PASSWORD", "SMSC_URL"):
        monkeypatch.delenv(name, raising=False)
    for name, value in environ.items():
        monkeypatch.setenv(name, value)

    with pytest.raises(ValueError, match=r"credentials|base_url") as error:
        SmscClient()

    nothing_is_told(said(error.value))


def said(error: BaseException) -> Iterator[str]:
    """List what is shown of an error and of the frames of ours that it came through."""
    found: BaseException | None = error
    while found is not None:
        yield repr(found)
        for frame in traceback.StackSummary.extract(
            traceback.walk_tb(found.__traceback__), capture_locals=True
        ):
            if "smsc_async" in frame.filename and "tests" not in frame.filename:
                yield repr(frame.locals)
        found = found.__cause__ or found.__context__


def test_a_client_is_not_pickled_and_its_copies_show_nothing() -> None:
    client = SmscClient(login=LOGIN, password=PASSWORD)

    assert not told(repr(copy.copy(client)))
    with pytest.raises((TypeError, AttributeError, NotImplementedError, pickle.PicklingError)):
        pickle.dumps(client)


def test_the_search_finds_each_secret_however_it_is_written() -> None:
    for secret in SECRETS:
        for text in (secret, quote(secret), quote_plus(secret), repr(secret), ascii(secret)):
            assert told(f"psw={text}&")
        for before in ("", "x", "xy", "xyz"):
            assert told(base64.b64encode(f"{before}{secret}".encode()))
        assert told(json.dumps({"psw": secret}))
        assert told(secret.encode().hex())
        assert told(secret.encode())
        assert told(secret.encode("cp1251", "replace"))
    assert not told("login=alex&psw=123")
