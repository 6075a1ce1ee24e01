"""What every typed call posts: one module of examples for each subject."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any

from smsc_async import SmscClient


@dataclass(frozen=True)
class Example:
    """One call, the answer it is given, and all that it posts beside credentials and format.

    The examples of an operation together use every parameter that it has.
    """

    operation: str
    call: Callable[[SmscClient], Awaitable[Any]]
    posted: Mapping[str, str]
    answer: str  # a file of tests/samples
    path: str = ""  # where it is not the operation's script under /sys/
