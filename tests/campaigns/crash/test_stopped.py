"""A program that stands still past every deadline, and then goes on as if nothing had been."""

from __future__ import annotations

import asyncio
import signal
from pathlib import Path

import pytest

from smsc_async.simulator import Fault

from .quick import run
from .world import Account, Script, account, world

PAST_THE_DEADLINE = 45.0  # by the fast clock; a request has 30


async def stopped(folder: Path, script: Script) -> tuple[Account, int, str]:
    """Stop the program in the middle; meanwhile another one tries. Return how that one ended."""
    still = asyncio.Event()
    async with world(folder, script=script) as made:

        def stop(times: int) -> None:
            if times == 8:
                made.signal(signal.SIGSTOP)
                still.set()

        script.on_send = stop
        first = await made.begin()
        await still.wait()
        other = await made.live()
        said = made.said
        await asyncio.sleep(PAST_THE_DEADLINE)
        first.send_signal(signal.SIGCONT)
        assert await made.end(first) == 0, made.said
        await made.sim.idle()
        return await account(made), other, said


@pytest.mark.parametrize("fault", ["drop_after", "drop_before"])
def test_stopped_past_the_deadline_every_row_is_accepted_once(fault: Fault, tmp_path: Path) -> None:
    script = Script(faults={5: fault})

    found, other, said = run(stopped(tmp_path, script))

    assert not found.lost
    assert not found.twice
    assert not found.in_doubt
    assert other == 1
    assert said.startswith("StoreBusy: ")
