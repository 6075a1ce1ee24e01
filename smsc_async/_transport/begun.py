"""A coroutine that begins before its task does."""

from __future__ import annotations

from collections.abc import Coroutine, Generator
from typing import Any


class Begun(Coroutine[Any, Any, None]):
    """A coroutine that has gone as far as it could; a task, or who awaits it, goes on with it."""

    __name__ = __qualname__ = "Begun"  # a task shows it

    def __init__(self, begun: Coroutine[Any, Any, None]) -> None:
        self._begun = begun
        self._is_over = False
        self._waits_for: list[object] = []  # until the task has heard of it
        try:
            self._waits_for.append(begun.send(None))
        except StopIteration:  # not kept: it would keep what its frames know, the form included
            self._is_over = True

    def send(self, value: Any) -> Any:  # noqa: ANN401 - a loop's business
        if self._is_over:
            raise StopIteration
        return self._waits_for.pop() if self._waits_for else self._begun.send(value)

    def throw(self, *error: Any) -> Any:  # noqa: ANN401 - a loop's business
        if self._is_over:  # what is done cannot be cancelled
            raise StopIteration
        self._waits_for.clear()
        return self._begun.throw(*error)

    def close(self) -> None:
        self._begun.close()

    def __await__(self) -> Generator[Any, Any, None]:
        yield from self

    def __iter__(self) -> Begun:
        return self

    def __next__(self) -> Any:  # noqa: ANN401 - a loop's business
        return self.send(None)
