"""What a program takes that is started for one call: its imports, and the call itself."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

import certifi
import trustme

from .first import SIDES
from .results import measured, paragraph, table, verdict
from .service import told
from .turns import Figures, take_turns

ROUNDS = 15
MOST = 1.15
WAYS = {"over plain HTTP": False, "over TLS": True}


def certificates(folder: Path) -> tuple[Path, Path]:
    """Write a server's certificate, and those to trust, which are as many as in real life."""
    authority = trustme.CA()
    server, trusted = folder / "server.pem", folder / "trusted.pem"
    authority.issue_cert("localhost").private_key_and_cert_chain_pem.write_to_path(server)
    own = authority.cert_pem.bytes()
    trusted.write_bytes(Path(certifi.where()).read_bytes() + b"\n" + own)
    return server, trusted


def calling(side: str, *words: str) -> Callable[[], float]:
    """Return what runs a program that makes one call, and returns the CPU seconds it tells of."""
    words = (sys.executable, "-m", f"{__package__}.first", side, *words)
    # What is installed is compiled already, so what is here is to be; the first round does it.
    env = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}

    def measure() -> float:
        here = Path(__file__).parents[1]
        done = subprocess.run(  # noqa: S603 - our own
            words, stdout=subprocess.PIPE, text=True, check=True, cwd=here, env=env
        )
        return float(done.stdout)

    return measure


async def measure(rounds: int = ROUNDS) -> Figures:
    """Return the CPU seconds of a call, with what is imported for it."""
    with tempfile.TemporaryDirectory() as folder:
        server, trusted = certificates(Path(folder))
        async with told("answering") as port, told("answering", str(server)) as tls_port:
            urls = {
                False: (f"http://localhost:{port}",),
                True: (f"https://localhost:{tls_port}", str(trusted)),
            }
            sides = {
                f"{side} {way}": calling(side, *urls[tls])
                for way, tls in WAYS.items()
                for side in SIDES
            }
            return await asyncio.to_thread(take_turns, sides, rounds)


def main() -> None:
    """Print the section."""
    figures = asyncio.run(measure())
    print(
        paragraph(
            "A program that is started for one call: the CPU time from its first import to the",
            "answer, from a server in another process. Beside it the same call by httpx alone,",
            "which posts JSON. What Python itself takes to start, and asyncio, which both have, is",
            f"left out, as is the command line of httpx's. Medians of {ROUNDS} rounds.",
        )
    )
    rows, verdicts = list[tuple[str, ...]](), list[str]()
    for way in WAYS:
        ratio = figures.ratio(f"ours {way}", f"plain {way}")
        times = (figures.seconds(f"{side} {way}") * 1e3 for side in ("plain", "ours"))
        rows.append((way, *(f"{taken:.0f} ms" for taken in times), f"{ratio:.2f}"))
        promise = f"{way}: at most {MOST} times httpx alone ({ratio:.3f})"
        verdicts.append(verdict(promise, held=ratio <= MOST))
    print(table(["", "httpx", "ours", "ratio"], rows))
    print("\n".join(verdicts))
    print(f"\n{measured(['httpx', 'msgspec'])}")


if __name__ == "__main__":
    main()
