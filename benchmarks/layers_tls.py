"""What TLS adds to a send."""

from __future__ import annotations

import asyncio
import itertools
import statistics
import tempfile
import time
from collections.abc import Iterator, Mapping
from pathlib import Path

from smsc_async import SmscClient, Throttle

from .results import paragraph, table
from .service import told
from .start import certificates
from .turns import Figures, microseconds

CLEAR, TLS = "over a socket in the clear", "over a socket with TLS"


async def in_turn(
    clients: Mapping[str, SmscClient], sends: int, numbers: Iterator[int]
) -> dict[str, float]:
    """Return the CPU seconds of a send of each client, the median; at each send all have theirs."""
    taken = {name: list[float]() for name in clients}
    for number in itertools.islice(numbers, sends):
        for name, smsc in clients.items():
            begun = time.process_time()
            await smsc.send(f"7999{number:07}", f"message {number}")
            taken[name].append(time.process_time() - begun)
    return {name: statistics.median(times) for name, times in taken.items()}


async def measure(rounds: int, sends: int) -> Figures:
    """Send one at a time to a server in another process, over connections that stay."""
    numbers = itertools.count()
    with tempfile.TemporaryDirectory() as folder:
        server, trusted = certificates(Path(folder))
        async with (
            told("answering") as port,
            told("answering", str(server)) as tls_port,
            SmscClient(
                api_key="key", base_url=f"http://localhost:{port}", throttle=Throttle()
            ) as clear,
            SmscClient(
                api_key="key",
                base_url=f"https://localhost:{tls_port}",
                ca_file=str(trusted),
                throttle=Throttle(),
            ) as tls,
        ):
            clients = {CLEAR: clear, TLS: tls}
            found = [await in_turn(clients, sends, numbers) for _ in range(rounds + 1)]
    return Figures(tuple(found[1:]))


def section(rounds: int, sends: int) -> str:
    """Return what there is to read of it."""
    figures = asyncio.run(measure(rounds, sends))
    adds = statistics.median(taken[TLS] - taken[CLEAR] for taken in figures.rounds)
    rows = [
        (name, microseconds(figures.seconds(name)), f"{figures.ratio(name, CLEAR):.2f}")
        for name in (CLEAR, TLS)
    ]
    rows.append(("what TLS adds", microseconds(adds), f"{figures.ratio(TLS, CLEAR) - 1:.2f}"))
    said = paragraph(
        "TLS stands outside of the sum, since it needs a socket: the CPU time of a send by the",
        "default transport to a server in another process, one at a time over a connection that",
        "stays, in the clear and with TLS by turns. Handshakes are not in it.",
    )
    return said + "\n" + table(["", "each", "to the clear"], rows)
