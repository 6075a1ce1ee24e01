"""What the wire may know, and nobody else."""

from __future__ import annotations

from collections.abc import Callable
from typing import NoReturn


class Secret:
    """Bytes that no repr, log, copy, pickle or traceback shows; it equals nothing but itself."""

    # The bytes stand in a function's cell: whoever walks over attributes meets the function only.
    __slots__ = ("reveal",)
    reveal: Callable[[], bytes]  # for the wire only

    def __init__(self, data: bytes) -> None:
        self.reveal = lambda: data

    def __repr__(self) -> str:
        return "Secret(***)"

    def __reduce__(self) -> NoReturn:
        raise TypeError("a secret is not copied or pickled")

    __getstate__ = __reduce__
