"""The account's contacts, their groups, and who gets no messages."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

ALL: Final = 0
MASS: Final = 1


@dataclass(slots=True)
class Person:
    """One contact; *said* is what was told about it, by the names of the parameters."""

    number: int
    mail: bool  # it has e-mail addresses, and no phones
    addresses: list[str]
    groups: list[int] = field(default_factory=list[int])
    said: dict[str, str] = field(default_factory=dict[str, str])


@dataclass(slots=True)
class Group:
    """One group; it is sent to by its number."""

    id: int
    name: str
    number: int
    mail: bool


@dataclass(slots=True)
class Entry:
    """One phone or address that gets no messages of some kind."""

    id: int
    address: str
    mail: bool
    type: int
    comment: str


class Phonebook:
    """Contacts, groups and the blacklist; only the operations of phones.php change them."""

    def __init__(self) -> None:
        self.people: dict[int, Person] = {}
        self.groups: dict[int, Group] = {}
        self.blacklist: dict[str, Entry] = {}  # by address

    def find(self, address: str) -> Person | None:
        """Return the contact with a phone or an e-mail address."""
        return next((one for one in self.people.values() if address in one.addresses), None)

    def within(self, group: int) -> list[Person]:
        """Return the contacts in the group of that id."""
        return [one for one in self.people.values() if group in one.groups]

    def members(self, number: int) -> Sequence[str] | None:
        """Return whom a send to the group of that number reaches; None if there is no such."""
        found = next((group for group in self.groups.values() if group.number == number), None)
        if found is None:
            return None
        return [address for one in self.within(found.id) for address in one.addresses]

    def stops(self, address: str, *, mass: bool) -> bool:
        """Tell whether a message is stopped: one of many of a request, or one that is alone."""
        entry = self.blacklist.get(address)
        return entry is not None and (entry.type == ALL or (entry.type == MASS) == mass)
