"""Run measurements, print them, and write them down: ``python -m benchmarks [name ...]``."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from .results import BROKEN, put

# Each is a module here that prints its section; the order is that of the file.
CASES = (
    "wire",
    "profile_stacks",
    "start",
    "layers",
    "decode",
    "bulk",
    "growth",
    "admit",
    "memory",
    "lanes",
    "workers",
    "callbacks",
    "campaign",
    "campaign_store",
    "campaign_run",
    "campaign_soak",
)
RESULTS = Path(__file__).with_name("RESULTS.md")


def main(names: list[str]) -> None:
    """Run the cases *names*, or all, each in a process of its own; fail if a promise is broken."""
    broken: list[str] = []
    if unknown := set(names) - set(CASES):
        raise SystemExit(
            f"no such case: {', '.join(sorted(unknown))}; there are {', '.join(CASES)}"
        )
    for name in names or CASES:
        program = [sys.executable, "-m", f"{__package__}.{name}"]
        done = subprocess.run(  # noqa: S603 - our own
            program, stdout=subprocess.PIPE, text=True, check=True, cwd=RESULTS.parents[1]
        )
        print(f"## {name}\n\n{done.stdout}", flush=True)
        broken += [name] if BROKEN in done.stdout else []
        known = RESULTS.read_text("utf-8") if RESULTS.exists() else ""
        RESULTS.write_text(put(known, name, done.stdout, CASES), "utf-8")
    if broken:
        raise SystemExit(f"not held: {', '.join(broken)}")


if __name__ == "__main__":
    main(sys.argv[1:])
