"""How long a request for many messages holds up the loop that it is made in."""

from __future__ import annotations

import asyncio
import statistics
import time
from collections.abc import Callable, Coroutine, Iterator
from typing import Any, TypeVar

from smsc_async import SmscClient, Throttle

from .layers import Null
from .results import measured, paragraph, table, verdict

T = TypeVar("T")

ROUNDS = 7
MOST = 0.005  # CPU seconds
LATE = 0.02  # of a code: a send takes four turns
REQUEST = 1_000  # messages of one request at the most
TEXT = "Ваш заказ {} передан в доставку, курьер позвонит за час до приезда. Спасибо, что Вы с нами."


async def gaps(work: Coroutine[Any, Any, object]) -> list[float]:
    """Return the CPU seconds of each turn of the loop in which *work* is done."""
    task = asyncio.ensure_future(work)
    found = list[float]()
    while not task.done():
        begun = time.thread_time()
        await asyncio.sleep(0)
        found.append(time.thread_time() - begun)
    await task
    return found


def messages(size: int, begin: int) -> Iterator[tuple[str, str]]:
    """Make messages of different texts, to different phones."""
    return ((f"7{number:010}", TEXT.format(number)) for number in range(begin, begin + size))


def each(smsc: SmscClient, size: int) -> Coroutine[Any, Any, object]:
    """Send texts of their own, in as many requests at once as it takes."""
    portions = [list(messages(min(size, REQUEST), begin)) for begin in range(0, size, REQUEST)]

    async def send() -> None:
        await asyncio.gather(*map(smsc.send_each, portions))

    return send()


def same(smsc: SmscClient, size: int) -> Coroutine[Any, Any, object]:
    """Send one text to many."""
    return smsc.send([known for known, _ in messages(size, 0)], TEXT)


CASES: dict[str, tuple[Callable[[SmscClient, int], Coroutine[Any, Any, object]], int]] = {
    "one text to 1,000 phones": (same, REQUEST),
    "100 texts of their own, in one request": (each, 100),
    "1,000 texts of their own, in one request": (each, REQUEST),
    "5,000 texts of their own, in five requests": (each, 5 * REQUEST),
}


def with_client(work: Callable[[SmscClient], Coroutine[Any, Any, T]]) -> T:
    """Do *work* with a client whose login is proved."""

    async def main() -> T:
        async with SmscClient(api_key="key", transport=Null(), throttle=Throttle()) as smsc:
            await smsc.send("79990000000", "first")
            return await work(smsc)

    return asyncio.run(main())


def held(work: Callable[[SmscClient, int], Coroutine[Any, Any, object]], size: int) -> list[float]:
    """Return the turns of the loop while messages are sent."""
    return with_client(lambda smsc: gaps(work(smsc, size)))


def late(size: int) -> float:
    """Return the CPU seconds until a code is answered that is sent right after messages."""

    async def send(smsc: SmscClient) -> float:
        others = asyncio.ensure_future(each(smsc, size))
        await asyncio.sleep(0)
        begun = time.thread_time()
        await smsc.send("79990000001", "1234")
        taken = time.thread_time() - begun
        await others
        return taken

    return with_client(send)


def main() -> None:
    """Print the section."""
    found = {name: [held(*case) for _ in range(ROUNDS + 1)][1:] for name, case in CASES.items()}
    longest = {name: statistics.median(map(max, rounds)) for name, rounds in found.items()}
    wholes = {name: statistics.median(map(sum, rounds)) for name, rounds in found.items()}
    print(
        paragraph(
            "The longest turn of the event loop while messages are sent over a null transport, in",
            f"CPU time: nobody else runs meanwhile. Texts have {len(TEXT)} characters in Russian.",
            f"Medians of {ROUNDS} rounds.",
        )
    )
    alone, behind = (
        statistics.median(late(size) for _ in range(ROUNDS)) for size in (0, 5 * REQUEST)
    )
    rows = [
        (name, f"{longest[name] * 1e3:.1f} ms", f"{wholes[name] * 1e3:.1f} ms") for name in CASES
    ]
    print(table(["", "longest turn", "altogether"], rows))
    print(
        paragraph(
            f"A code that is sent after such 5,000 is answered after {behind * 1e3:.1f} ms, and by",
            f"itself after {alone * 1e3:.1f} ms.",
        )
    )
    for name, seconds in longest.items():
        promise = f"{name}: no turn over {MOST * 1e3:.0f} ms ({seconds * 1e3:.1f} ms)"
        print(verdict(promise, held=seconds <= MOST))
    promise = f"a code does not wait for them: {LATE * 1e3:.0f} ms ({behind * 1e3:.1f} ms)"
    print(verdict(promise, held=behind <= LATE))
    print(f"\n{measured()}")


if __name__ == "__main__":
    main()
