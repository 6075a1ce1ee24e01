"""What things of ours have cost, and whether they cost more now."""

from __future__ import annotations

import json
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
# 30 %. Record anew where a row has become better, or else it may lose that unseen.
#
"""


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


def written(ratios: Mapping[str, float], measured: str) -> str:
    """Return the file of *ratios*; *measured* says when and on what."""
    lines = (f"{json.dumps(name)} = {ratio:.4f}\n" for name, ratio in ratios.items())
    return "".join([HEAD, textwrap.indent(measured, "# "), "\n", *lines])


def read(document: str) -> dict[str, float]:
    """Return the ratios of such a file."""
    return tomllib.loads(document)
