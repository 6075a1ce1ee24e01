"""What it costs the throttle that many keys are alive."""

from __future__ import annotations

import time
from collections.abc import Callable

from smsc_async._throttle.keys import Slot
from smsc_async._throttle.ledger import Ledger
from smsc_async._wire import limits

from .results import measured, paragraph, table
from .turns import ROUNDS, microseconds, take_turns

TURNS = 2_000
ALIVE = (1, 1_000, 1_000_000)


def taking(keys: int) -> Callable[[], float]:
    """Return what measures one take and return with *keys* keys alive, in CPU seconds."""
    ledger = Ledger()
    rule = limits.ONE_IDENTICAL
    place = Slot(limits.AT_ONCE, b"login")

    def turn(number: int) -> None:
        slots = (Slot(rule, number.to_bytes(16)), place)
        ledger.take(slots, 0)
        ledger.done(slots, 0)

    for number in range(keys):
        turn(number)
    numbers = iter(range(keys, 10**9))

    def measure() -> float:
        begun = time.process_time()
        for _ in range(TURNS):
            turn(next(numbers))
        return (time.process_time() - begun) / TURNS

    return measure


def main() -> None:
    """Print the section."""
    figures = take_turns({str(keys): taking(keys) for keys in ALIVE})
    rows = [
        (
            f"{keys:,}",
            microseconds(figures.seconds(str(keys))),
            f"{figures.ratio(str(keys), '1'):.2f}",
        )
        for keys in ALIVE
    ]
    print(
        paragraph(
            "A take and a return, in CPU time, by how many keys are alive in the throttle:",
            f"medians of {ROUNDS} rounds.",
        )
    )
    print(table(["keys alive", "each", "to one key"], rows))
    print(measured())


if __name__ == "__main__":
    main()
