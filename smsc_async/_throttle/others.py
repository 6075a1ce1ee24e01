"""What a line needs to know of the lines that other processes have before the same ledger."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Protocol

from .._wire.limits import Lane
from .keys import Slot
from .queue import Entry, Queue


class Others(Protocol):
    """The lines of other processes."""

    def expect(self, slots: Iterable[Slot]) -> None:
        """Hear for which *slots* it will be asked, so that they can be read at once."""
        ...

    def before(self, entry: Entry, slot: Slot, queue: Queue | None, now: int) -> float:
        """Return 0, or for how many milliseconds *slot* is left to one whose turn it is there.

        *queue* is the line before *slot* here.
        """
        ...

    def changed(self, queue: Queue) -> None:
        """Hear that one has come to stand in *queue*, or left it."""
        ...

    def started(self, slots: tuple[Slot, ...], lane: Lane | None) -> None:
        """Hear that a call has taken *slots*, from its *lane* or past all who wait."""
        ...

    def ended(self, slots: tuple[Slot, ...]) -> bool:
        """Hear that a call leaves *slots*; tell whether they were still its own."""
        ...
