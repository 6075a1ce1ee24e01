"""Whether anything costs more than it did: ``python -m benchmarks.guard [--record]``.

Each row is the CPU time of something of ours, to that of something which no change of ours touches:
the two take turns, so that a slow or busy machine slows both. With three programs to a core the
rows were still found within a quarter of their medians, most within 10 %. Where one seems to have
lost too much it is measured again, in more rounds, and that counts. (Instructions would be exact,
but a container seldom has the counters of its processor.)
"""

from __future__ import annotations

import argparse
import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from . import decode, layers, recorded, start, wire
from .results import measured
from .turns import Figures, take_turns
from .wire_turns import field

AGAIN = 3  # times the rounds
SECONDS = 0.2  # of a turn over sockets, about


@dataclass(frozen=True, slots=True)
class Case:
    """What takes turns, in how many rounds, and by name a side with what it is measured by."""

    measure: Callable[[int], Figures]
    rounds: int
    rows: Mapping[str, tuple[str, str]]

    def ratios(self, times: int = 1) -> dict[str, float]:
        """Measure, with so many *times* the rounds."""
        figures = self.measure(self.rounds * times)
        return {name: figures.ratio(side, base) for name, (side, base) in self.rows.items()}


def sockets(rounds: int) -> Figures:
    """Send over sockets to a server that answers at once."""
    with field([*wire.OURS, "httpx"]) as against:
        return against.turns("http", 0, wire.PLACES, rounds, SECONDS).cpu


def null(rounds: int) -> Figures:
    """Send without a network. Medians of short sends: what else runs comes between few of them."""
    sides = (layers.WHOLE, layers.PLAIN)
    return Figures(tuple(asyncio.run(layers.in_turn(sides)) for _ in range(rounds + 1))[1:])


def program(rounds: int) -> Figures:
    """Start programs that make one call."""
    return asyncio.run(start.measure(rounds))


def admission(rounds: int) -> Figures:
    """Be let in under the rules of a send."""
    # Inside, for they import other limiters, which tests of this module do without.
    from .admit import Ours, Ourselves, measuring  # noqa: PLC0415
    from .peers import Window  # noqa: PLC0415

    sides: dict[str, Callable[[], float]] = {
        "window": measuring(lambda: Window(10**9)),
        "admit": Ourselves(),
        "whole": measuring(Ours),
    }
    return take_turns(sides, rounds)


CASES = (
    Case(
        sockets,
        25,
        {
            "a send over sockets, to httpx": ("ours", "httpx"),
            "a send over sockets by aiohttp, to httpx": ("aiohttp", "httpx"),
        },
    ),
    Case(null, 15, {"a send without a network, to httpx": (layers.WHOLE, layers.PLAIN)}),
    Case(
        program,
        9,
        {
            f"a program of one call {way}, to httpx": (f"ours {way}", f"plain {way}")
            for way in start.WAYS
        },
    ),
    Case(
        admission,
        41,
        {
            "an admission, to a bare window": ("admit", "window"),
            "an admission and the way out, to a bare window": ("whole", "window"),
        },
    ),
    *(
        Case(pair.take_turns, 41, {f"a page of {name}, to msgspec": ("ours", "bare")})
        for name, pair in decode.FULL.items()
    ),
)


def record() -> None:
    """Write down what everything costs, and print what has been lost or won since the last time."""
    _, known = recorded.read(recorded.FILE.read_text("utf-8"))
    ratios = {name: ratio for case in CASES for name, ratio in case.ratios(AGAIN).items()}
    document = recorded.written(ratios, measured(["httpx", "httpcore", "aiohttp", "msgspec"]))
    recorded.FILE.write_text(document, "utf-8")
    for name, now in ratios.items():
        print(recorded.line(name, now, known))


def check() -> None:
    """Print a line for each row, and fail where one has lost too much."""
    where, known = recorded.read(recorded.FILE.read_text("utf-8"))
    if where != recorded.HERE:
        # Another Python, or system, moves both sides of a row, and not by the same.
        print(f"not judged on {recorded.HERE}: recorded on {where}")
        return
    lost = list[str]()
    for case in CASES:
        ratios = case.ratios()
        if not all(recorded.has_held(name, now, known) for name, now in ratios.items()):
            ratios = case.ratios(AGAIN)
        for name, now in ratios.items():
            print(recorded.line(name, now, known), flush=True)
            lost += [] if recorded.has_held(name, now, known) else [name]
    if lost:
        raise SystemExit(f"lost more than {recorded.MOST_LOSS:.0%}: {'; '.join(lost)}")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(prog="python -m benchmarks.guard")
    parser.add_argument("--record", action="store_true", help="write down what everything costs")
    (record if parser.parse_args().record else check)()
