"""What the account keeps beside messages and contacts: each is changed by its operations only."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal


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


@dataclass(slots=True)
class Mailing:
    """One mailing; its messages stand in the history, under its id."""

    id: str
    name: str
    mail: bool
    begins: float  # on the simulator's clock
    date: datetime  # the same moment
    request: int  # the number of the one that made it
    cost: Decimal
    cancelled: bool = False


class Mailings:
    """The mailings of the account; only the operations change it."""

    def __init__(self) -> None:
        self._kept: dict[str, Mailing] = {}  # by id, oldest first

    def __iter__(self) -> Iterator[Mailing]:
        return iter(self._kept.values())

    def add(self, mailing: Mailing) -> None:
        """Keep a mailing."""
        self._kept[mailing.id] = mailing

    def find(self, id: str, *, mail: bool) -> Mailing | None:
        """Return the mailing with this id; one of e-mail is found as such only."""
        found = self._kept.get(id)
        return found if found is not None and found.mail == mail else None

    def remove(self, mailing: Mailing) -> None:
        """Forget a mailing."""
        del self._kept[mailing.id]


@dataclass(slots=True)
class Name:
    """One sender's name; *user* is the sub-client it belongs to, or nothing."""

    number: int
    sender: str
    user: str
    details: dict[str, str] = field(default_factory=dict[str, str])
    approved: bool = False
    made: datetime | None = None  # None: it was always there


class Names:
    """The sender names of the account; only the operations change it."""

    def __init__(self) -> None:
        self._kept: list[Name] = []
        self._codes: dict[str, str] = {}

    def __iter__(self) -> Iterator[Name]:
        return reversed(self._kept)

    def add(self, name: Name) -> None:
        """Keep a name."""
        self._kept.append(name)

    def find(self, *, sender: str, number: str, user: str) -> Name | None:
        """Return the name that is told by itself or by its number."""
        for name in self._kept:
            same = name.sender == sender if sender else str(name.number) == number
            if same and name.user == user:
                return name
        return None

    def remove(self, name: Name) -> None:
        """Forget a name."""
        self._kept.remove(name)

    def expect(self, sender: str, code: str) -> None:
        """Keep the code that was sent to a number."""
        self._codes[sender] = code

    def confirm(self, sender: str, code: str) -> bool:
        """Tell whether the code is the one that was sent, which it is once."""
        if self._codes.get(sender) != code:
            return False
        del self._codes[sender]
        return True


@dataclass(slots=True)
class Client:
    """One sub-client."""

    number: int
    login: str
    password: str = field(repr=False)
    settings: dict[str, str]
    balance: Decimal = Decimal()
    balance2: Decimal = Decimal()


class Clients:
    """The sub-clients of the account; only the operations change it."""

    def __init__(self) -> None:
        self._kept: list[Client] = []

    def __iter__(self) -> Iterator[Client]:
        return iter(self._kept)

    def add(self, client: Client) -> None:
        """Keep a sub-client."""
        self._kept.append(client)

    def find(self, *, user: str, number: str = "") -> Client | None:
        """Return the sub-client with a login, or without one with a number."""
        for client in self._kept:
            if client.login == user if user else str(client.number) == number:
                return client
        return None
