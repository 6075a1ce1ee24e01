"""The client beside every other one, over sockets to a server that is never the bottleneck."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from .results import measured, paragraph, table, verdict
from .turns import microseconds
from .wire_turns import Field, Measured, field

PLACES = 14  # requests at once: as many as the service takes of a login
# A server that was busier may have been what was measured: of its core, where the client had some
# of its own left; and where it had none, so that it was the client who was waited for.
MOST_BUSY = 0.7
MOST_BESIDE_FULL = 0.9
FULL = 0.95  # of a client's core

WORDS = {
    "bare": "a bare protocol",
    "ours": "smsc_async",
    "aiohttp": 'smsc_async, `transport="aiohttp"`',
    "httpx": "httpx with sniffio",
    "pip": "httpx as pip installs it",
    "vendor": "urllib in threads",
    "smsc": "smsc",
    "apprise": "apprise",
}
OTHERS = ("smsc", "apprise", "requests")
OURS = ("ours", "aiohttp")
THREADED = ("vendor", "smsc", "apprise")
PEERS = ("httpx", "pip", *THREADED)
MOST_CPU = {"ours": 0.60, "aiohttp": 0.35}  # to httpx with sniffio
LEAST_OF_BARE = {"ours": 0.92, "aiohttp": 0.95}
LEAST_RATE = {"ours": 1.8, "aiohttp": 3.0}  # to httpx with sniffio
# Why a peer may be ahead where a connection in the clear costs it next to nothing.
LOCAL = (
    "a connection for each request is next to free on one machine, and takes a round trip more "
    "between any two; and threads know no limits, nor what became of a request"
)


MOST_COLD = 0.60  # at a latency, of either
# Why a send may cost more beside one of httpx's when the client waits most of the time.
COLD = (
    "the same functions are called as often as at 0 ms, but for the turns of the loop and over "
    "aiohttp the first step of a write, and each takes longer after a pause, which adds more to a "
    "short send than to a long one"
)


@dataclass(frozen=True, slots=True)
class Plan:
    """One table: where to, and how long it is looked at one at a time and all places at once."""

    scheme: str
    latency: int  # milliseconds
    one: tuple[int, float]  # rounds, and about the seconds of a turn
    all: tuple[int, float]
    judged: bool = False  # its CPU time and speed are what was promised


PLANS = (
    Plan("http", 0, (9, 0.3), (9, 0.5), judged=True),
    Plan("http", 20, (7, 0.4), (7, 0.5)),
    Plan("http", 50, (7, 0.6), (7, 1.0), judged=True),
    Plan("http", 200, (7, 0.8), (7, 1.0)),
    Plan("https", 0, (7, 0.3), (7, 0.5)),
    Plan("https", 50, (7, 0.6), (7, 1.0)),
)


@dataclass(frozen=True, slots=True)
class Seen:
    """What was measured of a plan."""

    plan: Plan
    one: Measured
    all: Measured


def bound(latency: int, at_once: int) -> float:
    """Return the most requests a second that a latency allows; none bounds nothing."""
    return at_once * 1000 / latency if latency else float("inf")


def rows(seen: Seen) -> list[tuple[str, ...]]:
    """Return the table's rows, one for each side."""
    one, every, most = seen.one, seen.all, bound(seen.plan.latency, PLACES)
    return [
        (
            words,
            f"{one.rate(side):,.1f}",
            microseconds(one.cpu.seconds(side)),
            f"{every.rate(side):,.1f}",
            f"{every.rate(side) / most:.1%}" if seen.plan.latency else "",
            f"{every.faster(side, 'bare'):.3f}",
            f"{every.faster(side, 'httpx'):.2f}",
            microseconds(every.cpu.seconds(side)),
            f"{every.cpu.ratio(side, 'httpx'):.2f}",
            f"{every.cpu.ratio(side, 'pip'):.2f}",
        )
        for side, words in WORDS.items()
    ]


def promises(seen: Seen) -> list[str]:
    """Return what was promised of a plan, and whether it holds."""
    lines, every, plan = list[str](), seen.all, seen.plan
    for side in OURS if plan.judged else ():
        share, most = every.cpu.ratio(side, "httpx"), MOST_CPU[side]
        words = f"{WORDS[side]}: at most {most:.2f} of the CPU time of {WORDS['httpx']}"
        words = f"{words} ({share:.2f})"
        if plan.latency and most < share <= MOST_COLD:
            lines.append(f"- with a reason: not {words}: {COLD}")
        else:
            lines.append(verdict(words, held=share <= most))
    least, base = {0: (LEAST_RATE, "httpx"), 50: (LEAST_OF_BARE, "bare")}.get(
        plan.latency if plan.judged else -1, ({}, "")
    )
    lines += [
        verdict(
            f"{WORDS[side]}: at least {most} times the requests a second of {WORDS[base]} "
            f"({times:.2f})",
            held=times >= most,
        )
        for side, most in least.items()
        for times in [every.faster(side, base)]
    ]
    return [*lines, *standing(seen), served(seen)]


@dataclass(frozen=True, slots=True)
class Lead:
    """A peer that made more requests a second, and what a client of ours makes while it makes one.

    Where both sides of 1 are found in the middle half of the rounds, the two are *level*: what is
    between them is less than what is between one round and another.
    """

    peer: str
    at_once: int
    times: float
    low: float
    high: float

    @property
    def level(self) -> bool:
        """Whether the rounds do not tell who is ahead."""
        return self.low <= 1 <= self.high

    def __str__(self) -> str:
        spread = f"{self.times:.2f}, rounds from {self.low:.2f} to {self.high:.2f}"
        return f"{WORDS[self.peer]}, {self.at_once} at once ({spread})"


def leads(seen: Seen, side: str) -> list[Lead]:
    """Return the peers that made more requests a second than *side*, and where."""
    found = [
        Lead(peer, at_once, what.faster(side, peer), *what.spread(side, peer))
        for peer in PEERS
        for at_once, what in ((1, seen.one), (PLACES, seen.all))
    ]
    return [lead for lead in found if round(lead.times, 2) < 1]


def listed(found: Iterable[Lead]) -> str:
    """Return them in a sentence."""
    return ", ".join(map(str, found))


def standing(seen: Seen) -> list[str]:
    """Return whether each peer is behind in requests a second, and if one is not, why."""
    lines = list[str]()
    for side in OURS:
        found = leads(seen, side)
        level = [lead for lead in found if lead.level]
        ahead = [lead for lead in found if not lead.level]
        known = seen.plan.scheme == "http" and all(lead.peer in THREADED for lead in ahead)
        behind = f"{WORDS[side]}: behind {listed(ahead)}"
        if not ahead:
            lines.append(verdict(f"{WORDS[side]}: no peer is ahead", held=True))
        elif known:
            lines.append(f"- with a reason: {behind}: {LOCAL}")
        else:
            lines.append(verdict(behind, held=False))
        if level:
            lines.append(f"- level: {WORDS[side]}: with {listed(level)}")
    return lines


def served(seen: Seen) -> str:
    """Return whether the server was never the limit; alone the bare protocol may be held up."""
    rests, full = list[float](), list[float]()
    for side in WORDS:
        if side != "bare" or seen.plan.latency:
            for what in (seen.one, seen.all):
                (full if what.own(side) >= FULL else rests).append(what.busy.seconds(side))
    words = list[str]()
    if rests:
        words.append(f"{MOST_BUSY:.0%} of its core ({max(rests):.0%})")
    if full:
        words.append(
            f"{MOST_BESIDE_FULL:.0%} where the client filled its own core ({max(full):.0%})"
        )
    beside = "" if seen.plan.latency else ", the bare protocol aside"
    return verdict(
        f"the server was busy at most {' and '.join(words)}{beside}",
        held=max(rests, default=0) <= MOST_BUSY and max(full, default=0) <= MOST_BESIDE_FULL,
    )


def picture(seen: Seen) -> str:
    """Draw what all places at once bring, and return the link."""
    from .wire_plots import draw  # noqa: PLC0415 - who only reads figures needs nothing that draws

    plan, every = seen.plan, seen.all
    bars = {
        words.replace("`", ""): (every.rate(side), every.cpu.seconds(side) * 1e6)
        for side, words in WORDS.items()
    }
    ours = [WORDS[side].replace("`", "") for side in OURS]
    over = " over TLS" if plan.scheme == "https" else ""
    title = f"{PLACES} sends at once, answered after {plan.latency} ms{over}"
    name = f"wire-{plan.scheme}-{plan.latency}"
    return draw(name, title, bars, ours, bound(plan.latency, PLACES))


def see(against: Field, plan: Plan) -> Seen:
    """Measure what a table needs."""
    one = against.turns(plan.scheme, plan.latency, 1, *plan.one)
    return Seen(plan, one, against.turns(plan.scheme, plan.latency, PLACES, *plan.all))


HEADS: Sequence[str] = (
    "",
    "1 at once, each second",
    "CPU each",
    f"{PLACES} at once, each second",
    "of the bound",
    "of bare",
    "to httpx",
    "CPU each",
    "to httpx",
    "to httpx of pip",
)


def main() -> None:
    """Print the section."""
    with field(WORDS) as against:
        every = [see(against, plan) for plan in PLANS]
    print(
        paragraph(
            "Sends over sockets, by processes on one core that took turns against one server on",
            "the other: a bare asyncio protocol that posts and waits, this client over its two",
            "transports, httpx with the same form and `reply.json()`, urllib as in the service's",
            "own library (a connection for each request, in threads; it is spared reading",
            "certificates each time), and in threads as well the packages `smsc` (spared its log)",
            "and `apprise`. That one waits 5.5 s between the requests of an object; its recipients",
            "belong to the object, so there is a new one for each message, which does not wait.",
            "Requests a second, and the CPU time of the process for each; the bound is",
            f"{PLACES} divided by the latency. Ratios are medians of those within a round. Who",
            "makes more requests a second is ahead, and two are level where the middle half of the",
            "rounds, which is given, has both sides of 1 in it. The server gives out no tickets of",
            "TLS, for no client comes back with one.",
        )
    )
    for seen in every:
        over = ", TLS" if seen.plan.scheme == "https" else ""
        print(f"### {seen.plan.latency} ms{over}\n")
        print(table(HEADS, rows(seen)))
        print(picture(seen))
        print("\n".join(promises(seen)) + "\n")
    print(measured(["httpx", "httpcore", "anyio", "sniffio", "h11", "aiohttp", *OTHERS]))


if __name__ == "__main__":
    main()
