"""What the service accepts late, after its sender has given up or was killed."""

from __future__ import annotations

import os
import signal
from pathlib import Path
from random import Random
from typing import Final

import msgspec
import pytest

from smsc_async.campaigns import Policy
from smsc_async.simulator import Delays

from .quick import run
from .world import EACH, ENDED_BY_A_KILL, OPTIONS, Account, Script, account, brief, world

# Seconds, by the fast clock. What takes longer than the time-out of 30 is lost to the sender. A
# twin within a minute is refused, so the look-ups are so far apart, and what is late so much later,
# that nothing but the quiet time is in the way of sending twice.
LOOKUP_EVERY: Final = 70.0
QUIET: Final = 150.0
SOONER_THAN_QUIET: Final = 170.0
LATER_THAN_QUIET: Final = 320.0
FULL = int(os.environ.get("SMSC_SEEDS", "1"))
LATE: Final = 4  # the number of the request


def late(seconds: float) -> Delays:
    """Return what keeps one of the first requests on its way for so long."""
    number = 0

    def delays(chance: Random) -> tuple[float, float]:
        nonlocal number
        number += 1
        return (seconds, 0.1) if number == LATE else brief(chance)

    return delays


async def campaign(folder: Path, policy: Policy, seconds: float, kill: int = 0) -> Account:
    """Run one of which a request is late; the program is killed at the send number *kill*."""
    options = msgspec.structs.replace(
        OPTIONS, policy=policy, lookup_every=LOOKUP_EVERY, quiet=QUIET
    )
    script = Script()
    async with world(folder, options=options, script=script, delays=late(seconds)) as made:
        if kill:
            script.on_send = lambda times: made.signal(signal.SIGKILL) if times == kill else None
            assert await made.live() == ENDED_BY_A_KILL, made.said
            script.on_send = lambda _: None
        await made.finish()
        return await account(made)


@pytest.mark.parametrize(("policy", "kill"), [("resend", 0), ("resend", 8), ("hold", 8)])
def test_what_is_late_by_less_than_the_quiet_time_is_accepted_once(
    policy: Policy, kill: int, tmp_path: Path
) -> None:
    found = run(campaign(tmp_path, policy, SOONER_THAN_QUIET, kill))

    assert not found.twice
    assert not found.lost


def test_under_hold_nothing_is_accepted_twice_however_late(tmp_path: Path) -> None:
    found = run(campaign(tmp_path, "hold", LATER_THAN_QUIET))

    assert not found.twice
    assert not found.lost
    assert len(found.in_doubt) == EACH
    assert all(found.taken[phone] for phone in found.in_doubt)  # which nobody could know


@pytest.mark.skipif(not FULL, reason="it only shows the limit of a policy")
def test_under_resend_what_is_late_by_more_than_the_quiet_time_is_accepted_twice(
    tmp_path: Path,
) -> None:
    """The limit of the policy, as the documents say it; if this fails, they are wrong."""
    found = run(campaign(tmp_path, "resend", LATER_THAN_QUIET))

    assert len(found.twice) == EACH
    assert not found.lost
