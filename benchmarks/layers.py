"""What each layer of ours costs in a send through the whole client, and whether that is all."""

# ruff: noqa: SLF001 - the layers are what is measured
# pyright: reportPrivateUsage=false

from __future__ import annotations

import asyncio
import gc
import math
import statistics
import time
from collections.abc import Callable, Coroutine, Generator, Iterable, Mapping
from typing import Any, TypeAlias

import httpx
import msgspec

from smsc_async import SmscClient, Throttle, _bodies, _codec
from smsc_async._client import _Bound
from smsc_async._operation import Overrides
from smsc_async._resources._sent import SendReply
from smsc_async._resources.sending import SEND
from smsc_async._slices import at_once
from smsc_async._throttle.keys import recipient, slots
from smsc_async._transport.attempts import Made
from smsc_async._transport.exchange import Exchange
from smsc_async._transport.http import Answer, Http
from smsc_async._transport.injected import Injected
from smsc_async._transport.patience import Options, Patience
from smsc_async._transport.prepared import Prepared, Verdict, judge
from smsc_async._wire import limits

from . import layers_tls
from .decode import ANSWER
from .results import measured, paragraph, table, verdict
from .turns import Figures, microseconds

SENDS = 500
ROUNDS = 9
MISSING = 0.1  # of the whole, that the layers together may be off
HOST = "https://smsc.ru"
URL = httpx.URL(f"{HOST}/sys/send.php")
REPLY = SendReply(id=1, cnt=1)
ANSWERED = Answer(200, ANSWER)
DONE = Verdict("done", REPLY)
EXCHANGE = Exchange(ANSWERED, 0.0, DONE)
OPTIONS = Options()

Work: TypeAlias = Callable[[int], Any]  # what a layer does in the send of a number


class Null(httpx.AsyncBaseTransport):
    """Answers at once, so that only the client's own work is left."""

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Read the request as a socket would, and accept it."""
        await request.aread()
        return httpx.Response(200, content=ANSWER)


class Ready(httpx.AsyncBaseTransport):
    """Has its answer made already."""

    def __init__(self) -> None:
        self._response = httpx.Response(200, content=ANSWER)

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:  # noqa: ARG002 - it is not looked at
        """Return the one answer."""
        return self._response


class Client:
    """A client in its loop, and what its layers are given in some sends."""

    def __init__(self) -> None:
        self.smsc: Any = SmscClient(api_key="key", transport=Null(), throttle=Throttle())
        self.pipeline: Any = self.smsc._core.pipeline()
        self.attempts: Any = self.pipeline._attempts
        self.params = [{"phones": phone(n), "mes": text(n)} for n in range(SENDS)]
        self.pairs = [_codec.form(SEND, params) for params in self.params]
        self.row = limits.find(SEND.path, self.pairs[0])
        self.same = [same(self.row, pairs) for pairs in self.pairs]
        self.calls: list[Prepared] = [
            at_once(self.pipeline._prepare(SEND, params, repeat=False)) for params in self.params
        ]


def phone(number: int) -> str:
    """Return whom a send goes to."""
    return f"7999{number:07}"


def text(number: int) -> str:
    """Return what it says."""
    return f"message {number}"


def same(row: limits.Row, pairs: Mapping[str, str]) -> bytes:
    """Return what two identical sends share."""
    messages = at_once(_codec.addressed(pairs))
    return at_once(_codec.fingerprint(row, pairs, messages, message_only=True))


def answering(value: object) -> Callable[..., Coroutine[Any, Any, Any]]:
    """Return what stands in the place of another layer, and costs next to nothing."""

    async def answer(*_args: object, **_named: object) -> object:
        return value

    return answer


def in_one_slice(value: object) -> Callable[..., Generator[None, None, object]]:
    """Return the same for one that others may interrupt."""

    def work(*_args: object, **_named: object) -> Generator[None, None, object]:
        return value
        yield

    return work


def returning(value: object) -> Callable[..., object]:
    """Return the same for one that is not awaited."""

    def answer(*_args: object, **_named: object) -> object:
        return value

    return answer


class WayIn:
    """A client's way in that leads nowhere."""

    wall = time.time
    now = time.monotonic
    __call__ = staticmethod(answering(REPLY))


class Core:
    """What a client shares with its copies, of which nothing is called."""

    def pipeline(self) -> Core:
        """Return itself."""
        return self

    call = staticmethod(answering(REPLY))


def resource(client: Client) -> Work:
    """Check what a send is given, and make what it returns."""
    client.smsc._call = WayIn()
    return lambda n: client.smsc.send(phone(n), text(n))


def way_in(_client: Client) -> Work:
    """Put a call's options together, and find the pipeline."""
    core: Any = Core()
    call = _Bound(core, OPTIONS)
    return lambda _: call(SEND, {}, Overrides())


def run(client: Client) -> Work:
    """Decide whether to repeat, settle or return."""
    pipeline, made = client.pipeline, Made(REPLY, EXCHANGE)
    pipeline._prepare = in_one_slice(client.calls[0])
    client.attempts.make = answering(made)
    return lambda n: pipeline.call(SEND, client.params[n], OPTIONS)


def form(client: Client) -> Work:
    """Write the parameters as text."""
    return lambda n: _codec.form(SEND, client.params[n])


def identity(client: Client) -> Work:
    """Find who gets what, and what makes two sends the same."""
    return lambda n: same(client.row, client.pairs[n])


def derived(client: Client) -> Work:
    """Derive the id of the message."""
    return lambda n: client.pipeline._ids.derived(client.pairs[n])


def body(client: Client) -> Work:
    """Encode the body."""
    secret = client.pipeline._credentials
    pairs = [{**pairs, "id": f"d{n:032x}"} for n, pairs in enumerate(client.pairs)]
    return lambda n: at_once(_bodies.content(SEND.path, pairs[n], secret, {}, json_body=False))


def keys(client: Client) -> Work:
    """List what the limits count."""
    return lambda n: slots(
        client.row, client.pairs[n], same=client.same[n], recipients=[recipient(phone(n))]
    )


def prepared(client: Client) -> Work:
    """Find the limits of the call, and put together what is the same for all its attempts."""
    fields = msgspec.structs.asdict(client.calls[0])

    def work(n: int) -> None:
        limits.find(SEND.path, client.pairs[n])
        Prepared(**fields)

    return work


def throttle(client: Client) -> Work:
    """Wait for the limits, and give back what was taken."""
    attempts, patience = client.attempts, Patience(time.monotonic, OPTIONS)

    async def work(n: int) -> None:
        held, _ = await attempts._enter(client.calls[n], "interactive", patience, None)
        attempts._end(client.calls[n], held, DONE)

    return work


def task(client: Client) -> Work:
    """Run the exchange in a task, which outlives its caller."""
    attempts, patience = client.attempts, Patience(time.monotonic, OPTIONS)
    attempts._enter = answering(((), math.inf))
    attempts._end = returning(None)
    attempts._read = returning(DONE)
    attempts._http.post = answering(ANSWERED)
    return lambda n: attempts.make(client.calls[n], OPTIONS, patience, 1)


def exchange(client: Client) -> Work:
    """Make the request and read the answer, within a timeout."""
    http = Http(Injected(Ready()))
    return lambda n: http.post(HOST, client.calls[n].content, 30.0)


def transport(client: Client) -> Work:
    """Take the request and make the answer: the null transport's own."""
    null = Null()
    bodies = [call.content.parts[0] for call in client.calls]
    requests = [httpx.Request("POST", URL, content=it.reveal()) for it in bodies]  # type: ignore[union-attr] # a form
    return lambda n: null.handle_async_request(requests[n])


def judged(client: Client) -> Work:
    """Decode the answer, and decide what it means."""
    return lambda n: judge(client.calls[n], ANSWERED, 1, 0.0)


def whole(client: Client) -> Work:
    """Send."""
    return lambda n: client.smsc.send(phone(n), text(n))


def plain(_client: Client) -> Work:
    """Make the same request with httpx alone, unthrottled."""
    client = httpx.AsyncClient(transport=Null())
    form = {"cost": "3", "fmt": "3", "charset": "utf-8", "apikey": "key"}

    async def work(n: int) -> None:
        pairs = {"phones": phone(n), "mes": text(n), **form, "id": f"{n:033}"}
        reply = await client.post(URL, data=pairs)
        reply.json()

    return work


# With whether it is awaited.
LAYERS: dict[str, tuple[Callable[[Client], Work], bool]] = {
    "the message and its parameters checked, what is returned made": (resource, True),
    "the way in: options, the pipeline": (way_in, True),
    "the form: parameters as text": (form, False),
    "identity: who gets what, and its digest": (identity, False),
    "the id, derived": (derived, False),
    "the body encoded": (body, False),
    "the keys of the limits": (keys, False),
    "the limits found, the call put together": (prepared, False),
    "what follows an attempt: patience, repeats, settling": (run, True),
    "the throttle and the address, in and out": (throttle, True),
    "a task of its own": (task, True),
    "HTTP: the request, the timeout, the answer read": (exchange, True),
    "the null transport": (transport, True),
    "the answer decoded and judged": (judged, False),
}
WHOLE = "the whole client"
PLAIN = "httpx alone, unthrottled"
SIDES = {**LAYERS, WHOLE: (whole, True), PLAIN: (plain, True)}


async def in_turn(names: Iterable[str], sends: int = SENDS) -> dict[str, float]:
    """Return the seconds of each side, the median of some sends; in each, all have their turn."""
    works = {name: (SIDES[name][0](Client()), SIDES[name][1]) for name in names}
    taken = {name: list[float]() for name in works}
    gc.collect()
    for number in range(sends):
        for name, (work, awaited) in works.items():
            begun = time.perf_counter()
            if awaited:
                await work(number)
            else:
                work(number)
            taken[name].append(time.perf_counter() - begun)
    return {name: statistics.median(times) for name, times in taken.items()}


def measure() -> tuple[Figures, Figures]:
    """Return the seconds of the sides: each in its turn at every send, and all by itself."""
    together, alone = list[dict[str, float]](), list[dict[str, float]]()
    for _ in range(ROUNDS + 1):
        together.append(asyncio.run(in_turn(SIDES)))
        apart = (asyncio.run(in_turn([name])) for name in SIDES)
        alone.append({name: seconds for one in apart for name, seconds in one.items()})
    return Figures(tuple(together[1:])), Figures(tuple(alone[1:]))


def summed(figures: Figures) -> tuple[float, float]:
    """Return the seconds of all layers together, and how often the whole fits in them."""
    sums = [sum(taken[name] for name in LAYERS) for taken in figures.rounds]
    wholes = [taken[WHOLE] for taken in figures.rounds]
    ratios = [one / other for one, other in zip(sums, wholes, strict=True)]
    return statistics.median(sums), statistics.median(ratios)


def main() -> None:
    """Print the section."""
    together, alone = measure()
    (seconds, ratio), (least, _) = summed(together), summed(alone)
    print(
        paragraph(
            "A send without a network: each layer called with what it is given in a send, and the",
            "layers under it left out; all of them together; and the whole client. In turn: one",
            "after the other at every send, as in a send itself. By itself: the same layer again",
            "and again, which a processor soon knows by heart, so that the layers by themselves",
            f"are only {least / together.seconds(WHOLE):.2f} of the whole in turn. Medians of",
            f"{ROUNDS} rounds of {SENDS} sends.",
        )
    )
    rows = [
        (
            name,
            microseconds(alone.seconds(name)),
            microseconds(together.seconds(name)),
            f"{together.ratio(name, WHOLE):.2f}",
        )
        for name in SIDES
    ]
    all_layers = ("all of these", microseconds(least), microseconds(seconds), f"{ratio:.2f}")
    rows.insert(len(LAYERS), all_layers)
    print(table(["", "by itself", "in turn", "of the whole"], rows))
    print(f"The whole client is {together.ratio(WHOLE, PLAIN):.2f} times httpx alone.\n")
    promise = f"the layers make up the whole, within {MISSING:.0%} of it ({ratio:.3f})"
    print(verdict(promise, held=abs(ratio - 1) <= MISSING))
    print(f"\n{layers_tls.section(ROUNDS, SENDS)}")
    print(measured(["httpx"]))


if __name__ == "__main__":
    main()
