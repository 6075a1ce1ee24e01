"""What the benchmarks read from the turns of layers."""

from __future__ import annotations

import pytest

from benchmarks.growth import BARE, steepest, to_bare
from benchmarks.layers import LAYERS, SIDES, WHOLE, in_turn, summed
from benchmarks.turns import Figures


async def test_each_layer_does_its_part_of_a_send() -> None:
    taken = await in_turn(SIDES, sends=3)

    assert set(taken) == set(SIDES)


def test_the_layers_are_summed_round_by_round() -> None:
    rounds = [dict.fromkeys(LAYERS, each) | {WHOLE: whole} for each, whole in ((1, 7), (3, 60))]

    together, ratio = summed(Figures(tuple(rounds)))

    assert together == 2 * len(LAYERS)
    assert ratio == pytest.approx((len(LAYERS) / 7 + 3 * len(LAYERS) / 60) / 2)


def test_the_dearest_size_counts_wherever_it_stands() -> None:
    figures = Figures(({"1": 2.0, "10": 5.0, "100": 3.0},))

    assert steepest(figures, (1, 10, 100)) == 2.5


def test_a_dear_smallest_one_hides_no_growth() -> None:
    figures = Figures(({"1": 9.0, "10": 2.0, "100": 3.0},))

    assert steepest(figures, (1, 10, 100)) == 1.5


def test_what_grows_for_msgspec_too_is_no_growth_of_ours() -> None:
    figures = Figures(({"1": 2.0, "10": 4.0, f"{BARE}1": 1.0, f"{BARE}10": 2.0},))

    assert steepest(to_bare(figures, (1, 10)), (1, 10)) == 1
    assert steepest(to_bare(Figures(({"1": 2.0, "10": 4.0},)), (1, 10)), (1, 10)) == 2
