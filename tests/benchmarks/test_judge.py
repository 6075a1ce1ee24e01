"""What the benchmarks read from moments that were written down."""

from __future__ import annotations

import pytest

from benchmarks.judge import worst_window


@pytest.mark.parametrize(
    ("starts", "most"),
    [
        ([], 0),
        ([5.0], 1),
        ([0.0, 0.0, 0.0, 60.0, 60.0], 3),
        ([0.0, 0.0, 0.0, 59.995], 3),  # as good as a minute
        ([0.0, 0.0, 0.0, 59.9, 60.0], 4),
        ([0.0, 30.0, 40.0, 61.0, 62.0, 95.0], 4),
    ],
)
def test_the_worst_window_holds_the_most_starts_less_than_its_length_apart(
    starts: list[float], most: int
) -> None:
    assert worst_window(starts, 60) == most
