"""What is read from moments that were written down: plain functions."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence

NEAR = 0.01  # what starts a hundredth of a second before the window is over is no fault


def worst_window(starts: Sequence[float], window: float) -> int:
    """Return the most of the sorted *starts* that lie in one window."""
    ends = (bisect_left(starts, first + window - NEAR) for first in starts)
    return max((end - at for at, end in enumerate(ends)), default=0)
