"""The ids that sends carry when their caller gives none."""

from __future__ import annotations

from collections.abc import Mapping

from .._wire.values import digest
from .clock import Seams

SLOT = 120


class Ids:
    """Derives an id from the login, the message and the two-minute slot of the clock.

    A program that was restarted, or a second worker, so sends the same bytes, and the service's
    own guard against twins still works. An id whose message was answered, well or not, is spent:
    the next send of the same message is meant, and gets an id by chance.
    """

    def __init__(self, account: bytes, seams: Seams) -> None:
        self._account = account
        self._seams = seams
        # Spent ids of this slot and the one before: a later one cannot be derived again.
        self._slot = 0
        self._spent: set[str] = set()
        self._spent_before: set[str] = set()

    def derived(self, pairs: Mapping[str, str]) -> str:
        """Return the id of a message sent now."""
        slot = self._turn()
        parts = (part for pair in sorted(pairs.items()) for part in pair)
        found = "d" + digest(self._account, str(slot), *parts).hex()
        return self.fresh() if found in self._spent or found in self._spent_before else found

    def fresh(self) -> str:
        """Return an id by chance."""
        return self._seams.new_id()

    def spend(self, message: str) -> None:
        """Note that the message with this derived id was answered."""
        self._turn()
        self._spent.add(message)

    def _turn(self) -> int:
        slot = int(self._seams.wall()) // SLOT
        if slot == self._slot:
            return slot
        if slot > self._slot + 1:
            self._spent_before = set()
        elif slot == self._slot + 1:
            self._spent_before = self._spent
        else:  # the clock was set back: ids that were spent can come again
            self._spent_before |= self._spent
        self._spent = set()
        self._slot = slot
        return slot
