"""What each message costs as there are more: of a send, a page, and the keys of the throttle."""

from __future__ import annotations

import asyncio
import itertools
import statistics
import time
from collections.abc import Callable

from smsc_async import SmscClient, Throttle
from smsc_async._resources._history import RECEIVED, SENT
from smsc_async._throttle.keys import Slot
from smsc_async._throttle.ledger import Ledger
from smsc_async._wire import limits

from .bulk import REQUEST, messages
from .decode import message, ours, page
from .layers import Null
from .results import measured, paragraph, table, verdict
from .turns import Figures, microseconds, take_turns, timed

ROUNDS = 7
TURNS = 20_000  # rows or takes of a turn: it is longer than what disturbs it
MOST = 1.3  # times the cost of the smallest
SENT_MESSAGES = (1_000, 10_000, 100_000, 1_000_000)
AT_LEAST = 20_000  # messages of a turn, however few are sent at a time
PAGES = (10, 100, 1_000)  # the most that the service gives of what was sent
LONG_PAGES = (*PAGES, 10_000)  # and of what came in
ALIVE = (1, 1_000, 100_000, 1_000_000)


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


def decoding(size: int) -> Callable[[], float]:
    """Return what measures a message of a page of what was sent, in CPU seconds."""
    return reading(ours(SENT, page(message, size)), size)


def decoding_received(size: int) -> Callable[[], float]:
    """Return the same of a page of what came in."""
    return reading(ours(RECEIVED, page(received, size)), size)


def reading(work: Callable[[], object], size: int) -> Callable[[], float]:
    """Return what measures one of *size* rows that *work* reads."""
    whole = timed(work, max(1, TURNS // size))
    return lambda: whole() / size


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


# With how many rounds: a million sends take a minute.
CASES = {
    "messages sent, in requests of 1,000": (sending, SENT_MESSAGES, 1),
    "sent messages of a page, decoded": (decoding, PAGES, ROUNDS),
    "received messages of a page, decoded": (decoding_received, LONG_PAGES, ROUNDS),
    "keys alive in the throttle, a take and a return": (taking, ALIVE, ROUNDS),
}


def steepest(figures: Figures, sizes: tuple[int, ...]) -> float:
    """Return the cost of the dearest size, to that of the smallest."""
    return max(figures.ratio(str(size), str(sizes[0])) for size in sizes)


def main() -> None:
    """Print the section."""
    rows, verdicts = list[tuple[str, ...]](), list[str]()
    for name, (make, sizes, rounds) in CASES.items():
        figures = take_turns({str(size): make(size) for size in sizes}, rounds)
        rows += [
            (
                f"{size:,} {name}",
                microseconds(figures.seconds(str(size))),
                f"{figures.ratio(str(size), str(sizes[0])):.2f}",
            )
            for size in sizes
        ]
        ratio = steepest(figures, sizes)
        promise = f"{name}: each at most {MOST} times that of the smallest ({ratio:.2f})"
        verdicts.append(verdict(promise, held=ratio <= MOST))
    print(
        paragraph(
            "What one costs, in CPU time, by how many there are: flat is linear growth. Messages",
            "are sent over a null transport, each text its own, with all that they leave in the",
            f"throttle. Medians of {ROUNDS} rounds, but for those that are sent: once.",
        )
    )
    print(table(["", "each", "to the smallest"], rows))
    print("\n".join(verdicts))
    print(f"\n{measured(['msgspec'])}")


if __name__ == "__main__":
    main()
