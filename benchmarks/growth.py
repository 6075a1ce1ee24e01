"""What each message costs as there are more: of a send, a page, and the keys of the throttle."""

from __future__ import annotations

import asyncio
import itertools
import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeAlias

from smsc_async import SmscClient, Throttle
from smsc_async._operation import Operation
from smsc_async._resources._history import RECEIVED, SENT
from smsc_async._throttle.keys import Slot
from smsc_async._throttle.ledger import Ledger
from smsc_async._wire import limits

from .bulk import REQUEST, messages
from .decode import bare, message, ours, page
from .layers import Null
from .results import measured, paragraph, table, verdict
from .turns import Figures, microseconds, take_turns, timed

ROUNDS = 7
TURNS = 20_000  # rows or takes of a turn: it is longer than what disturbs it
MOST = 1.3  # times the cost of a smaller one
BARE = "msgspec alone"
SENT_MESSAGES = (1_000, 10_000, 100_000, 1_000_000)
AT_LEAST = 50_000  # messages of a turn, however few are sent at a time
PAGES = (10, 100, 1_000)  # the most that the service gives of what was sent
LONG_PAGES = (*PAGES, 10_000)  # and of what came in
ALIVE = (1, 1_000, 100_000, 1_000_000)


Sized: TypeAlias = Callable[[int], Callable[[], float]]  # what measures one of so many


def sending(size: int) -> Callable[[], float]:
    """Return what measures a message where *size* are sent, in CPU seconds."""

    async def main() -> float:
        async with SmscClient(api_key="key", transport=Null(), throttle=Throttle()) as smsc:
            begun = time.process_time()
            for first in range(0, size, REQUEST):
                await smsc.send_each(messages(REQUEST, first))
            return (time.process_time() - begun) / size

    def measure() -> float:
        return statistics.mean(asyncio.run(main()) for _ in range(max(1, AT_LEAST // size)))

    return measure


def received(number: int) -> dict[str, str | int]:
    """Return a message that came in, as the service lists it."""
    return {
        "id": number,
        "received": "21.11.2026 12:00:05",
        "phone": f"7999{number:07}",
        "message": f"Да, записывайте на восемь, а если не выйдет, то на {number % 12}",
        "to_phone": "79990000000",
        "sent": "21.11.2026 12:00:00",
    }


def decoding(
    by: Callable[[Operation[Any], bytes], Callable[[], object]],
    operation: Operation[Any],
    row: Callable[[int], dict[str, str | int]],
) -> Sized:
    """Return what measures a message of a page, decoded *by* somebody, in CPU seconds."""

    def make(size: int) -> Callable[[], float]:
        whole = timed(by(operation, page(row, size)), max(1, TURNS // size))
        return lambda: whole() / size

    return make


def taking(keys: int) -> Callable[[], float]:
    """Return what measures one take and return with *keys* keys alive, in CPU seconds.

    There are never more: of a window's keys one comes back with every take.
    """
    ledger = Ledger()
    rule = limits.ONE_IDENTICAL
    place = Slot(limits.AT_ONCE, b"login")
    alive = rule.window + ledger.guard  # milliseconds
    numbers = itertools.count()

    def turn() -> None:
        number = next(numbers)
        slots, now = (Slot(rule, number.to_bytes(16)), place), number * alive // keys
        ledger.take(slots, now)
        ledger.done(slots, now)

    for _ in range(keys):
        turn()
    return timed(turn, TURNS)


@dataclass(frozen=True, slots=True)
class Case:
    """What is measured for each size."""

    make: Sized
    sizes: tuple[int, ...]
    rounds: int = ROUNDS
    bare: Sized | None = None  # the same by msgspec alone: what it takes more, is not our growth

    def take_turns(self) -> Figures:
        """Return the seconds of each size, by us and bare."""
        sides = {str(size): self.make(size) for size in self.sizes}
        if self.bare:
            sides |= {f"{BARE}{size}": self.bare(size) for size in self.sizes}
        return take_turns(sides, self.rounds)


CASES = {
    "messages sent, in requests of 1,000": Case(sending, SENT_MESSAGES, 1),  # a minute
    "sent messages of a page, decoded": Case(
        decoding(ours, SENT, message), PAGES, bare=decoding(bare, SENT, message)
    ),
    "received messages of a page, decoded": Case(
        decoding(ours, RECEIVED, received), LONG_PAGES, bare=decoding(bare, RECEIVED, received)
    ),
    "keys alive in the throttle, a take and a return": Case(taking, ALIVE),
}


def steepest(figures: Figures, sizes: tuple[int, ...]) -> float:
    """Return the cost of a size to that of a smaller one, where it is the most."""
    pairs = itertools.combinations(sizes, 2)
    return max(figures.ratio(str(size), str(smaller)) for smaller, size in pairs)


def to_bare(figures: Figures, sizes: tuple[int, ...]) -> Figures:
    """Return the costs as shares of the bare ones, if those were measured."""
    return Figures(
        tuple(
            {str(size): taken[str(size)] / taken.get(f"{BARE}{size}", 1.0) for size in sizes}
            for taken in figures.rounds
        )
    )


def main() -> None:
    """Print the section."""
    rows, verdicts = list[tuple[str, ...]](), list[str]()
    for name, case in CASES.items():
        figures, sizes = case.take_turns(), case.sizes
        rows += [
            (
                f"{size:,} {name}{f', {said}' if said else ''}",
                microseconds(figures.seconds(f"{said}{size}")),
                f"{figures.ratio(f'{said}{size}', f'{said}{sizes[0]}'):.2f}",
            )
            for said in (("", BARE) if case.bare else ("",))
            for size in sizes
        ]
        ratio = steepest(to_bare(figures, sizes), sizes)
        beside = f", as shares of what {BARE} takes" if case.bare else ""
        promise = f"{name}: none over {MOST} times a smaller one{beside} ({ratio:.2f})"
        verdicts.append(verdict(promise, held=ratio <= MOST))
    print(
        paragraph(
            "What one costs, in CPU time, by how many there are: flat is linear growth. Messages",
            "are sent over a null transport, each text its own, with all that they leave in the",
            f"throttle. Medians of {ROUNDS} rounds, but for those that are sent: once. A page is",
            "decoded by msgspec alone as well: for a large one the system has to give memory,",
            "whoever decodes it.",
        )
    )
    print(table(["", "each", "to the smallest"], rows))
    print("\n".join(verdicts))
    print(f"\n{measured(['msgspec'])}")


if __name__ == "__main__":
    main()
