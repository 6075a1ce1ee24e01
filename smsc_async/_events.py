"""What the client tells whoever listens: values only."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal, TypeAlias

from .errors import SmscError

Happening: TypeAlias = Literal[
    "waiting", "admitted", "refused", "paused", "repeated", "settled", "orphaned"
]


@dataclass(frozen=True, slots=True)
class Event:
    """Something that happened to a call on its way.

    ``waiting``: it waits for *rule*, about *seconds*. ``admitted``: it started after having waited
    *seconds*. ``refused``: *error* came instead of an answer, from here or from the service.
    ``paused``: the whole login waits *seconds*, or every login, where the address is blocked.
    ``repeated``: it is tried again in *seconds*. ``settled``: the answer to a send was lost, and
    the service was asked what became of it: with *error* that is what is known, without one it was
    taken. ``orphaned``: its caller was cancelled while it was under way, and this is how it ended:
    with *error*, or, without one, well. *id* is a message's, where there is one.
    """

    kind: Happening
    operation: str
    rule: str | None = None
    seconds: float = 0.0
    id: str | None = None
    error: SmscError | None = None


Listener: TypeAlias = Callable[[Event], None]
