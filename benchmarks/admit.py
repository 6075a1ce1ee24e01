"""What it costs to be let in, against other limiters, and what each lets through."""

from __future__ import annotations

import asyncio
import itertools
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from smsc_async import FileThrottle, Throttle
from smsc_async._throttle.keys import PLACE, Slot
from smsc_async._transport.admission import Admission
from smsc_async._wire import limits

from .greedy import LIMIT, worst
from .peers import (
    PACKAGES,
    Aiolimiter,
    Limits,
    Peer,
    Pyrate,
    ThrottledPy,
    Window,
    fixed_window,
    sliding_counter,
)
from .results import measured, paragraph, table, verdict
from .turns import ROUNDS, Figures, microseconds, take_turns

SENDS = 140 * limits.AT_ONCE.limit
MOST = 8  # times the bare window
MAX_WAIT = 75.0


def unheard(_: object) -> None:
    """Listen to nothing."""


class Ours:
    """The throttle of the client, behind the face of the others; an answer comes at once."""

    def __init__(self) -> None:
        self._throttle = Throttle()

    async def acquire(self, key: str, limit: int) -> bool:
        """Wait for one rule of three a minute; *limit* has to be that."""
        slots = (Slot({LIMIT: limits.IDENTICAL}[limit], key.encode()),)
        ask = Admission("get", slots, "interactive", float("inf"), unique=False)
        started = await self._throttle.admit(ask, unheard)
        self._throttle.leave(slots, "done")
        return started

    async def send(self, same: str, recipient: str) -> None:
        """Start under the three rules of a send, and end at once."""
        slots = three(same.encode(), recipient.encode())
        ask = Admission("send", slots, "interactive", MAX_WAIT, unique=True)
        await self._throttle.admit(ask, unheard)
        self._throttle.leave(slots, "done")


def three(same: bytes, recipient: bytes) -> tuple[Slot, ...]:
    """List what a send takes: two keys of its own and one of the fourteen places."""
    return Slot(limits.ONE_IDENTICAL, same), Slot(limits.FLOOD, recipient), PLACE


@dataclass(slots=True)
class Ourselves:
    """Measures the way in; what the way out took in the same round is left in *out*."""

    make: Callable[[], Throttle] = Throttle
    out: list[float] = field(default_factory=list[float])

    def __call__(self) -> float:
        """Return the CPU seconds of one admission under three rules."""
        return asyncio.run(self._measure())

    async def _measure(self) -> float:
        throttle, entered, left = self.make(), 0.0, 0.0
        keys = (number.to_bytes(16) for number in range(2 * SENDS))
        asks = [
            Admission("send", three(next(keys), next(keys)), "interactive", MAX_WAIT, unique=True)
            for _ in range(SENDS)
        ]
        # As many as may be under way at once, so that nobody ever waits.
        for first in range(0, SENDS, limits.AT_ONCE.limit):
            some = asks[first : first + limits.AT_ONCE.limit]
            begun = time.process_time()
            for ask in some:
                await throttle.admit(ask, unheard)
            middle = time.process_time()
            for ask in some:
                throttle.leave(ask.slots, "done")
            ended = time.process_time()
            entered, left = entered + middle - begun, left + ended - middle
        if isinstance(throttle, FileThrottle):
            throttle.close()
        self.out.append(left / SENDS)
        return entered / SENDS


def measuring(make: Callable[[], Peer]) -> Callable[[], float]:
    """Return what measures one send of a limiter, in CPU seconds."""

    async def measure() -> float:
        peer = make()
        keys = [(f"{number:032}", f"{number:031}r") for number in range(SENDS)]
        begun = time.process_time()
        for same, recipient in keys:
            await peer.send(same, recipient)
        return (time.process_time() - begun) / SENDS

    return lambda: asyncio.run(measure())


DEQUE = "a bare deque window, one rule"
OURS = "smsc_async, admit"
OUT = "smsc_async, leave"
WHOLE = "smsc_async, asked, admitted and left"
FILE = "smsc_async through a file, admit"
FILE_OUT = "smsc_async through a file, leave"
PEERS: dict[str, Callable[[], Peer]] = {
    "aiolimiter": Aiolimiter,
    "pyrate-limiter, log": Pyrate,
    "limits, moving window": Limits,
    "throttled-py, sliding window": ThrottledPy,
}
# Those that are not measured for their cost, since they keep a window still less.
LOOSE: dict[str, Callable[[], Peer]] = {
    "limits, fixed window": fixed_window,
    "limits, sliding window counter": sliding_counter,
    "throttled-py, fixed window": lambda: ThrottledPy("fixed_window"),
    "throttled-py, token bucket": lambda: ThrottledPy("token_bucket"),
    "throttled-py, leaking bucket": lambda: ThrottledPy("leaking_bucket"),
    "throttled-py, GCRA": lambda: ThrottledPy("gcra"),
}


def cost() -> Figures:
    """Measure all in turn; the way out is a side of its own, measured with the way in."""
    with tempfile.TemporaryDirectory() as folder:
        files = (Path(folder, f"{number}.db") for number in itertools.count())
        alone, shared = Ourselves(), Ourselves(lambda: FileThrottle(next(files)))
        figures = take_turns(
            {
                DEQUE: measuring(lambda: Window(10**9)),
                OURS: alone,
                WHOLE: measuring(Ours),
                FILE: shared,
                **{name: measuring(make) for name, make in PEERS.items()},
            }
        )
    count = len(figures.rounds)
    outs = zip(figures.rounds, alone.out[-count:], shared.out[-count:], strict=True)
    return Figures(tuple({**taken, OUT: mine, FILE_OUT: ours} for taken, mine, ours in outs))


def main() -> None:
    """Print the section."""
    figures = cost()
    limiters: dict[str, Callable[[], Peer]] = {DEQUE: Window, OURS: Ours, **PEERS, **LOOSE}
    lets_in = {name: worst(make) for name, make in limiters.items()}
    rows = [
        (
            name,
            microseconds(figures.seconds(name)),
            f"{figures.ratio(name, DEQUE):.1f}",
            f"{lets_in.get(name, '')}",
        )
        for name in (DEQUE, OURS, OUT, WHOLE, FILE, FILE_OUT, *PEERS)
    ]
    rows += [(name, "", "", f"{lets_in[name]}") for name in LOOSE]
    print(
        paragraph(
            "To be let in under the three rules of a send: two keys that are new, and one that all",
            "share. The peers are asked three times, since none takes several rules together; they",
            "are spared their clearing up. Ours is spared what a client makes once for all limits:",
            "its keys are made before; the row that counts this too, and the way out, which the",
            "peers do not have, stands below it. In CPU time, with nobody in line: medians of",
            f"{ROUNDS} rounds of {SENDS} sends. Beside it, on a virtual clock and with greedy",
            f"callers: the starts in the worst minute where {LIMIT} are allowed.",
        )
    )
    print(table(["", "each", "to the deque", f"starts of {LIMIT}"], rows))
    ratio = figures.ratio(OURS, DEQUE)
    print(verdict(f"at most {MOST} times the bare window ({ratio:.1f})", held=ratio <= MOST))
    dearer = [name for name in PEERS if figures.ratio(OURS, name) >= 1]
    below = ", ".join(f"{figures.ratio(OURS, name):.2f} of {name.split(',')[0]}" for name in PEERS)
    print(verdict(f"an admission is below each peer ({below})", held=not dearer))
    whole = ", ".join(f"{figures.ratio(WHOLE, name):.2f} of {name.split(',')[0]}" for name in PEERS)
    print(f"- beside it, asked, admitted and left: {whole}")
    print(verdict(f"never more than {LIMIT} in a minute", held=lets_in[OURS] <= LIMIT))
    print(f"\n{measured(PACKAGES)}")


if __name__ == "__main__":
    main()
