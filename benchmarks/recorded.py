"""What things of ours have cost, and whether they cost more now."""

from __future__ import annotations

import json
import sys
import textwrap
import tomllib
from collections.abc import Mapping
from pathlib import Path

from .results import verdict

FILE = Path(__file__).with_name("recorded.toml")
MOST_LOSS = 0.30
HEAD = """\
# What things of ours cost, each to what is named beside it, in CPU time. Written by
# `python -m benchmarks.guard --record`; without it the same fails where a row has lost more than
# 30 %, on the same Python and system; elsewhere nothing is judged. Record anew where a row
# has become better, or else it may lose that unseen.
#
"""
HERE = f"Python {sys.version_info.major}.{sys.version_info.minor} on {sys.platform}"


def loss(recorded: float, now: float) -> float:
    """Return how much dearer than recorded a thing is now, as a share of what it was."""
    return now / recorded - 1


def has_held(name: str, now: float, recorded: Mapping[str, float]) -> bool:
    """Return whether a row has lost no more than is allowed; an unknown one may have lost all."""
    return name in recorded and loss(recorded[name], now) <= MOST_LOSS


def line(name: str, now: float, recorded: Mapping[str, float]) -> str:
    """Return what there is to say of a row."""
    held = has_held(name, now, recorded)
    if name not in recorded:
        return verdict(f"{name}: {now:.3f} now, and nothing is recorded", held=held)
    was = recorded[name]
    return verdict(f"{name}: {was:.3f} recorded, {now:.3f} now: {loss(was, now):+.1%}", held=held)


def written(ratios: Mapping[str, float], measured: str, where: str = HERE) -> str:
    """Return the file of *ratios*; *measured* says when and on what."""
    lines = (f"{json.dumps(name)} = {ratio:.4f}\n" for name, ratio in ratios.items())
    place = f"where = {json.dumps(where)}\n\n[ratios]\n"
    return "".join([HEAD, textwrap.indent(measured, "# "), "\n", place, *lines])


def read(document: str) -> tuple[str, dict[str, float]]:
    """Return where such a file was recorded, and its ratios."""
    found = tomllib.loads(document)
    return found["where"], found["ratios"]
