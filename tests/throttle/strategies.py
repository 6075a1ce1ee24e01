"""Programs by chance: the simplest value of everything comes first, so that they shrink to it."""

from __future__ import annotations

import math
from collections import ChainMap
from typing import Any

from hypothesis import strategies as st

from .program import KINDS, WAYS, Program, Step

MOMENTS = [0.0, 0.1, 1.0, 30.0, 60.0, 61.0, 62.5, 120.0, 3_590.0]
SPANS = [0.0, 0.001, 0.1, 0.4, 2.0, 30.0, 61.0, 61.2, 75.0]

_kinds = st.fixed_dictionaries(
    {
        "call": st.sampled_from([*KINDS]),
        "number": st.integers(0, 2),
        "times": st.sampled_from([1, 2, 4, 7, 11]),
        "distinct": st.booleans(),
    }
)
_bursts = st.fixed_dictionaries(
    {
        "call": st.sampled_from(["send", "status"]),
        "times": st.sampled_from([15, 18]),
        "distinct": st.just(value=True),
    }
)
_moments = st.fixed_dictionaries({"at": st.sampled_from(MOMENTS), "client": st.integers(0, 2)})
_patience = st.fixed_dictionaries(
    {
        "lane": st.sampled_from(["interactive", "bulk"]),
        "max_wait": st.sampled_from([math.inf] * 6 + [0.0, 10.0, 75.0]),
        "deadline": st.sampled_from([None, None, None, 5.0, 90.0]),
        "timeout": st.sampled_from([100.0, 30.0, 2.0, 0.2]),
        "cancelled": st.none() | st.tuples(st.sampled_from(WAYS), st.sampled_from(SPANS)),
    }
)


def _steps(*parts: st.SearchStrategy[dict[str, Any]]) -> st.SearchStrategy[Step]:
    return st.tuples(*parts).map(lambda found: Step(**dict(ChainMap(*found))))


calm_steps = _steps(_kinds | _bursts, _moments)
steps = _steps(_kinds | _bursts, _moments, _patience)
seeds = st.integers(0, 999)

calm = st.builds(Program, steps=st.lists(calm_steps, min_size=1, max_size=8).map(tuple), seed=seeds)
wild = st.builds(
    Program,
    steps=st.lists(steps, min_size=1, max_size=10).map(tuple),
    seed=seeds,
    troubles=st.sampled_from([0.0, 0.1, 0.5]),
)
