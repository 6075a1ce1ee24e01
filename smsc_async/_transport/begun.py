"""A coroutine that begins before its task does."""

from __future__ import annotations

from collections.abc import Coroutine, Generator
from typing import Any


class Begun(Coroutine[Any, Any, None]):
    """A coroutine that has gone as far as it could; a task goes on with it."""

    def __init__(self, begun: Coroutine[Any, Any, None]) -> None:
        self._begun = begun
        self._ended: StopIteration | None = None
        self._waits_for: list[object] = []  # until the task has heard of it
        try:
            self._waits_for.append(begun.send(None))
        except StopIteration as ended:
            self._ended = ended

    def send(self, value: Any) -> Any:  # noqa: ANN401 - a loop's business
        if self._ended is not None:
            raise self._ended
        return self._waits_for.pop() if self._waits_for else self._begun.send(value)

    def throw(self, *error: Any) -> Any:  # noqa: ANN401 - a loop's business
        if self._ended is not None:  # what is done cannot be cancelled
            raise self._ended
        self._waits_for.clear()
        return self._begun.throw(*error)

    def close(self) -> None:
        self._begun.close()

    def __await__(self) -> Generator[Any, Any, None]:
        raise NotImplementedError("a task steps it")
