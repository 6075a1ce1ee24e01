"""Asking what became of a send, within the time that its own call has left."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING, Any

import msgspec

from .._operation import Operation, Overrides, Params, R
from ..errors import NotSent
from .patience import Options, Patience

if TYPE_CHECKING:
    from .pipeline import Pipeline

# A question that is not answered must not take all the time there is.
SHARE = 1 / 3


class Questions:
    """Makes queries for a call whose answer was lost; each goes out once."""

    def __init__(self, pipeline: Pipeline, options: Options, patience: Patience) -> None:
        self._pipeline = pipeline
        self._options = options
        # A send that was long in line must not have to end without a question for that.
        self._patience = patience.anew()
        self._asked = itertools.count(1)  # as the attempts of a call, each at the next host
        self._longest = options.settle_for * SHARE

    def left(self) -> float:
        """Return the seconds that are left for asking."""
        return min(self._patience.left(), self._options.settle_for - self._patience.working())

    async def __call__(
        self,
        operation: Operation[R],
        params: Params,
        overrides: Overrides = Overrides(),  # noqa: B008 - frozen
    ) -> R:
        """Ask once."""
        options, left = self._options.but(overrides), self.left()
        if left <= 0:
            raise NotSent(operation.name, "no time is left to ask what became of a send")
        timeout = min(options.timeout, left, self._longest)
        options = msgspec.structs.replace(options, timeout=timeout)
        return await self._pipeline.ask(
            operation, params, options, self._patience, next(self._asked)
        )

    def opens(self, operation: Operation[Any], params: Params) -> float:
        """Return the seconds until such a question may start."""
        return self._pipeline.opens(operation, params, self._options)

    def wall(self) -> float:
        """Return the time of day in unix seconds."""
        return self._pipeline.seams.wall()

    async def sleep(self, seconds: float) -> None:
        """Let *seconds* pass, but no more than are left."""
        await self._pipeline.seams.sleep(max(0.0, min(seconds, self.left())))
