"""What the client tells whoever listens: values only."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal, TypeAlias

from .errors import SmscError

Happening: TypeAlias = Literal[
    "waiting",
    "admitted",
    "refused",
    "paused",
    "resumed",
    "repeated",
    "settled",
    "orphaned",
]


@dataclass(frozen=True, slots=True)
class Event:
    """Something that happened to a call of *operation* on its way; all times are in seconds.

    ``waiting``: it must wait for *rule*, about *seconds*; 0 if nobody knows. ``admitted``: an
    attempt of it starts, after having waited *seconds* for *rule*, or at once: 0 seconds for
    none. ``refused``: it ended with *error*, from here or from the service; where that is a
    :class:`Throttled`, *rule* and *seconds* are its own, else there are none. ``paused``: it
    was told to come less often, or not at all, so that nothing of the whole login starts for
    *seconds*, or of every login, where the address is blocked; *rule* is the limit that was
    met, where only one can be meant. ``resumed``: that pause is over, after *seconds*; it is
    told once, however often it was prolonged, with the operation that began it. ``repeated``:
    it is tried again in *seconds*. ``settled``: the answer to a send was lost, and the service
    was asked what became of it: with *error* that is what is known, without one it was taken.
    ``orphaned``: its caller was cancelled while it was under way, and this is how it ended:
    with *error*, or, without one, well. *id* is a message's, where there is one. A question
    that shares the exchange of another one is neither waiting nor admitted.
    """

    kind: Happening
    operation: str
    rule: str | None = None
    seconds: float = 0.0
    id: str | None = None
    error: SmscError | None = None


Listener: TypeAlias = Callable[[Event], None]
