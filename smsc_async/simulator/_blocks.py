"""Whether the address is blocked for its errors."""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Mapping

from .._wire import codes
from ._settings import Block

WRONG_LOGIN = 2


class Blocks:
    """The blocks of the one address that the simulator knows; only the service changes them."""

    def __init__(self, wrong_logins: Block | None, refused_sends: Block | None) -> None:
        self.refused = 0  # requests that came during a block
        self._until = -math.inf
        self._wrong_logins = _Run(wrong_logins)
        self._refused_sends = _Run(refused_sends)

    def refuses(self, now: float) -> bool:
        """Count a request that arrives during a block, and tell whether it does."""
        blocked = now < self._until
        self.refused += blocked
        return blocked

    def start(self, seconds: float, now: float) -> None:
        """Block the address from *now* on, for so long and no longer."""
        self._until = now + seconds

    def ended(self, path: str, params: Mapping[str, str], code: int, now: float) -> None:
        """Take note of an answer; during a block none counts, so that none prolongs it."""
        if now < self._until:
            return
        if code == WRONG_LOGIN:
            self._note(self._wrong_logins, now)
        if path == codes.SEND and params.get("cost") != "1":
            if code:
                self._note(self._refused_sends, now)
            else:
                self._refused_sends.clear()

    def _note(self, run: _Run, now: float) -> None:
        if seconds := run.add(now):
            self.start(seconds, now)


class _Run:
    """Errors that lead to one block."""

    def __init__(self, block: Block | None) -> None:
        self._block = block
        self._moments = deque[float](maxlen=block.errors if block else 0)  # the newest so many

    def add(self, now: float) -> float:
        """Add one error; return the seconds of the block that it brings, or 0."""
        block, moments = self._block, self._moments
        moments.append(now)
        if block is None or len(moments) < block.errors or now - moments[0] > block.within:
            return 0.0
        moments.clear()
        return block.seconds

    def clear(self) -> None:
        """Forget the run."""
        self._moments.clear()
