"""Four worker processes, one login, one file: no refusals, no idle places, nobody left out."""

from __future__ import annotations

import asyncio
import math

from smsc_async._wire.limits import AT_ONCE

from .crew import FIRST, KILLED, LINGER, Outcome, Plan, work
from .judge import busy, held, most_at_once, shares, whole_again
from .results import measured, paragraph, table, verdict

PLAN = Plan(latency=0.3, steady=60, after=15)
SHARE = 0.95  # of the places
FAIR = 0.5  # of a fair share
SPAN = 1.0  # seconds that are looked at to tell whether all places are busy
PLACES = AT_ONCE.limit


def judged(outcome: Outcome) -> str:
    """Return the tables and what they say about the promises."""
    seen, since, until = outcome.arrivals, outcome.since, outcome.until
    refused = [one for one in seen if one.code]
    kill = min(outcome.killed.values())
    fair = shares(seen, FIRST, since, until)
    taken = busy(seen, since, until, PLACES)
    underway = [one for one in seen if one.begun <= kill < one.ended and one.worker in KILLED]
    places = held(seen, outcome.killed, LINGER)
    most, most_held = most_at_once(seen), most_at_once(places)
    back = whole_again(seen, kill, PLACES, share=SHARE, span=SPAN)
    then = 0.0 if math.isinf(back) else busy(seen, back, outcome.ended, PLACES)
    rows = [
        ("requests", f"{len(seen):,}"),
        ("refused by the service", f"{len(refused)}"),
        ("errors in the workers", ", ".join(outcome.errors) or "none"),
        ("most at once", f"{most}"),
        (f"places busy, {until - since:.0f} s", f"{taken:.1%}"),
        ("of a fair share, each worker", ", ".join(f"{part:.2f}" for part in fair)),
        ("under way when two were killed", f"{len(underway)}"),
        (f"most at once, those counted for {LINGER:.0f} s more", f"{most_held}"),
        ("all places busy again after", f"{back - kill:.1f} s"),
        ("places busy from then on", f"{then:.1%}"),
    ]
    verdicts = [
        verdict("no refusals, before or after the kill", held=not refused and not outcome.errors),
        verdict(f"at least {SHARE:.0%} of the places busy ({taken:.1%})", held=taken >= SHARE),
        verdict(f"no process under half its fair share ({min(fair):.2f})", held=min(fair) >= FAIR),
        verdict(
            f"places of the killed are never back early ({most_held} of {PLACES})",
            held=most_held <= PLACES,
        ),
        verdict(f"and they are back ({then:.1%} busy)", held=then >= SHARE),
    ]
    return "\n".join([table(["", ""], rows), *verdicts])


def main() -> None:
    """Print the section."""
    outcome = asyncio.run(work(PLAN))
    print(
        paragraph(
            f"{len(FIRST)} worker processes with one login send what they can, each through a",
            "FileThrottle of the same file, over sockets to the simulator in another process. It",
            f"takes {PLAN.latency * 1e3:.0f} ms for a request, give or take 2 %, and wrote down",
            f"what it saw. After {PLAN.steady:.0f} s two are ended by SIGKILL, and two others",
            "begin.",
        )
    )
    print(judged(outcome))
    print(f"\n{measured()}")


if __name__ == "__main__":
    main()
