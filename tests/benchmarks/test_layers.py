"""What the benchmarks read from the turns of layers."""

from __future__ import annotations

import pytest

from benchmarks.growth import steepest
from benchmarks.layers import LAYERS, WHOLE, summed
from benchmarks.turns import Figures


def test_the_layers_are_summed_round_by_round() -> None:
    rounds = [dict.fromkeys(LAYERS, each) | {WHOLE: whole} for each, whole in ((1, 7), (3, 60))]

    together, ratio = summed(Figures(tuple(rounds)))

    assert together == 2 * len(LAYERS)
    assert ratio == pytest.approx((len(LAYERS) / 7 + 3 * len(LAYERS) / 60) / 2)


def test_the_dearest_size_counts_wherever_it_stands() -> None:
    figures = Figures(({"1": 2.0, "10": 5.0, "100": 3.0},))

    assert steepest(figures, (1, 10, 100)) == 2.5
