"""What the account keeps beside messages and contacts: each is changed by its operations only."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Registered:
    """One text for one sender at one operator."""

    id: int
    kind: str
    sender: str
    text: str


@dataclass(slots=True)
class Templates:
    """Texts: the account's own, by id, as they were said, and those that operators know."""

    own: dict[int, dict[str, str]] = field(default_factory=dict[int, dict[str, str]])
    registered: list[Registered] = field(default_factory=list[Registered])


@dataclass(slots=True)
class Numbers:
    """Numbers that were bought, and whether each is kept after this month."""

    own: dict[str, bool] = field(default_factory=dict[str, bool])


@dataclass(slots=True)
class Confirmations:
    """Phones whose call is waited for, and the number that each has to call."""

    awaited: dict[str, str] = field(default_factory=dict[str, str])
