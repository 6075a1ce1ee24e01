"""What an operation is given."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from random import Random

from ._book import Book
from ._drafts import Draft
from ._records import Uploaded
from ._settings import Settings


@dataclass(frozen=True, slots=True)
class Ask:
    """One request that was let in, and the world it acts upon."""

    path: str
    params: Mapping[str, str]
    files: tuple[Uploaded, ...]
    number: int
    arrived: float  # on the simulator's clock
    now: float
    today: datetime  # the same moment as *now*
    settings: Settings
    book: Book
    random: Random
    drafts: tuple[Draft, ...] = ()  # what send.php is asked for, as it was read on arrival

    def flag(self, name: str) -> bool:
        """Tell whether a parameter is switched on."""
        return self.params.get(name, "") not in {"", "0"}
