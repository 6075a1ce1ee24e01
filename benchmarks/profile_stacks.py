"""Where a send's time goes over each transport: the dearest functions by their own time."""

from __future__ import annotations

import asyncio
import cProfile
import itertools
import os
import pstats
import sysconfig
import tempfile
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path, PurePath

from .results import measured, paragraph, table
from .wire_client import SIDES
from .wire_plain import Opened, numbers
from .wire_turns import AUTHORITY, cores, serving

PLACES = 14
SENDS = 2_000
SHOWN = 12
PACKAGES = 8
STACKS = {"ours": "the default transport", "aiohttp": '`transport="aiohttp"`'}
SITE, LIBRARY = sysconfig.get_path("purelib"), sysconfig.get_path("stdlib")
ROOT = str(Path(__file__).parents[1])


@dataclass(frozen=True, slots=True)
class Place:
    """A function, its calls in a send, and the share of all time that it takes itself."""

    package: str
    name: str
    calls: float
    share: float


def package(file: str) -> str:
    """Return what *file* belongs to."""
    for root in (SITE, LIBRARY, ROOT):
        if file.startswith(root + os.sep):
            first = PurePath(file).relative_to(root).parts[0]
            return first.removesuffix(".py")
    return "built in"


def places(
    found: Mapping[tuple[str, int, str], tuple[int, int, float, float, object]], sends: int
) -> list[Place]:
    """Return the functions of a profile, the dearest first."""
    whole = sum(own for _, _, own, _, _ in found.values())
    made = [
        Place(package(file), name, calls / sends, own / whole)
        for (file, _, name), (_, calls, own, _, _) in found.items()
    ]
    return sorted(made, key=lambda place: -place.share)


async def profile(opened: Opened, url: str, authority: str) -> list[Place]:
    """Return where the time of sends goes, over connections that are there."""
    watch = cProfile.Profile()
    async with opened(url, authority) as calls:
        await calls(PLACES, itertools.islice(numbers, 10 * PLACES))
        watch.enable()
        await calls(PLACES, itertools.islice(numbers, SENDS))
        watch.disable()
    return places(pstats.Stats(watch).stats, SENDS)  # type: ignore[attr-defined]  # not in its stub


def section(words: str, found: list[Place]) -> str:
    """Return the tables of a stack."""
    shares = Counter[str]()
    for place in found:
        shares[place.package] += place.share  # type: ignore[assignment]  # shares, not counts
    packages = [(name, f"{share:.1%}") for name, share in shares.most_common(PACKAGES)]
    dearest = [
        (f"`{place.name}`", place.package, f"{place.calls:.1f}", f"{place.share:.1%}")
        for place in found[:SHOWN]
    ]
    return "\n".join(
        [
            f"### {words}\n",
            table(["package", "own time"], packages),
            table(["function", "package", "calls in a send", "own time"], dearest),
        ]
    )


def main() -> None:
    """Print the section."""
    first, last = cores()
    with tempfile.TemporaryDirectory() as folder, serving(Path(folder), last) as (urls, _):
        os.sched_setaffinity(0, {first})
        authority = str(Path(folder, AUTHORITY))
        every = {
            words: asyncio.run(profile(SIDES[side], urls["http 0"], authority))
            for side, words in STACKS.items()
        }
    print(
        paragraph(
            f"{SENDS:,} sends, {PLACES} at once, over sockets to a server on another core that",
            "answers at once: the share of the time that is spent in a function itself, by",
            "cProfile, which makes calls dearer than they are.",
        )
    )
    print(
        paragraph(
            "The three dearest places were httpcore's connection, whose reading, writing and three",
            "locks each gave the loop a turn (now asyncio's sockets and h11 alone, and head and",
            "body in one `send`); httpx's requests and answers (now only for a transport that is",
            "given); and quoting the form (now only what needs it). In aiohttp's stack they were",
            "httpx's objects at the seam (now none), the task in which it writes a body (now begun",
            "at once where answers take their time), and its own session and request (now given",
            "what they would look for; the rest is aiohttp's).",
        )
    )
    for words, found in every.items():
        print(section(words, found))
    print(measured(["httpx", "httpcore", "anyio", "aiohttp"]))


if __name__ == "__main__":
    main()
