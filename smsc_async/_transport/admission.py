"""What a call asks of a gate."""

from __future__ import annotations

import msgspec

from .._throttle.keys import Slot
from .._wire.limits import Lane


class Admission(msgspec.Struct, frozen=True):
    """What a call asks of the gate."""

    operation: str
    slots: tuple[Slot, ...]
    lane: Lane
    max_wait: float
    unique: bool
    owner: object = None  # whose calls :meth:`Gate.turn_away` turns away
    number: int = 0  # of :meth:`Gate.arrive`, for one that came before it asks
