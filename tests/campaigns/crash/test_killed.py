"""A campaign whose program is killed, anywhere, goes on: nothing is lost, nothing is sent twice."""

from __future__ import annotations

import os
import signal
from pathlib import Path
from random import Random
from typing import Final, NamedTuple

import msgspec
import pytest

from smsc_async.simulator import Fault

from .quick import run
from .world import EACH, ENDED_BY_A_KILL, OPTIONS, PLACES, ROWS, Account, Script, account, world

FULL = int(os.environ.get("SMSC_SEEDS", "1"))
KILLS = 20 if FULL else 5
EVERY = 5  # for one seed
PASSES = (20, 300)  # of the event loop: a life has some hundreds


class Point(NamedTuple):
    """Where a program is killed: by itself at a *moment*, or when a request has arrived whole."""

    moment: str = ""
    send: int = 0
    status: int = 0


# Of the sends the third is worked on and its answer is lost, the fifth is never worked on: so there
# are look-ups, one that finds and one that does not, and a resend.
FAULTS: Final[dict[int, Fault]] = {3: "drop_after", 5: "drop_before"}
POINTS: Final = {
    "before the intent": Point("before claim 6"),
    "after the intent": Point("after claim 6"),
    "after the last byte": Point(send=12),
    "after the answer": Point("before record 4"),
    "after the outcome": Point("after record 4"),
    "before an outcome and the next intent": Point("before record_and_claim 1"),
    "after an outcome and the next intent": Point("after record_and_claim 1"),
    "during a look-up": Point(status=1),
    "during a later look-up": Point(status=4),
    "before a resend": Point("before start 1"),
    "after the intent of a resend": Point("after start 1"),
}


async def killed_at(point: Point, folder: Path, script: Script, policy: str) -> Account:
    """Run a campaign, kill it at *point*, and run it to its end."""
    options = msgspec.structs.replace(OPTIONS, policy=policy)
    async with world(folder, options=options, script=script) as made:

        def kill(times: int, wanted: int) -> None:
            if times == wanted and len(made.workers) == 1:
                made.signal(signal.SIGKILL)

        script.on_send = lambda times: kill(times, point.send)
        script.on_status = lambda times: kill(times, point.status)
        assert await made.live(*point.moment.split()) == ENDED_BY_A_KILL, made.said
        await made.finish()
        return await account(made)


@pytest.mark.parametrize("point", POINTS)
def test_killed_at_a_point_every_row_is_accepted_once(point: str, tmp_path: Path) -> None:
    script = Script(faults=FAULTS)

    found = run(killed_at(POINTS[point], tmp_path, script, "resend"))

    assert not found.lost
    assert not found.twice
    assert len(found.states) == ROWS
    # A resend that was cut, too, is not sent a third time.
    assert len(found.in_doubt) == (EACH if point == "after the intent of a resend" else 0)


@pytest.mark.parametrize("point", ["after the intent", "after the last byte"])
def test_under_hold_only_what_the_service_never_took_is_in_doubt(
    point: str, tmp_path: Path
) -> None:
    """Nothing is late here, so that a look-up finds whatever was taken."""
    script = Script(faults=FAULTS)

    found = run(killed_at(POINTS[point], tmp_path, script, "hold"))

    assert not found.lost
    assert not found.twice
    assert not any(found.taken[phone] for phone in found.in_doubt)
    # What was under way, and the one that was never worked on.
    assert EACH <= len(found.in_doubt) <= EACH * (PLACES + 1)


async def killed_again_and_again(folder: Path, seed: int) -> list[Account]:
    """Kill programs at chance passes of their event loops, so often in all.

    Where one comes to its end before that, another campaign begins.
    """
    chance, kills, found = Random(seed), 0, list[Account]()
    while kills < EVERY:
        faults: dict[int, Fault] = {
            at: chance.choice(("drop_after", "drop_before", "garbage", "html_502_after"))
            for at in chance.sample(range(1, 60), 6)
        }
        own = folder / str(len(found))
        own.mkdir()
        async with world(own, rows=3 * ROWS, script=Script(faults=faults), visible=2.0) as made:
            while kills < EVERY and await made.live("pass", str(chance.randrange(*PASSES))):
                kills += 1
            await made.finish()
            found.append(await account(made))
    return found


@pytest.mark.parametrize("seed", range(KILLS // EVERY))
def test_killed_at_any_moment_again_and_again_every_row_is_accepted_once(
    seed: int, tmp_path: Path
) -> None:
    for found in run(killed_again_and_again(tmp_path, seed)):
        assert not found.lost
        assert not found.twice
