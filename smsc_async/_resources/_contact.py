"""What the service says of one contact, and how its lists are read."""

from __future__ import annotations

import re
from datetime import date

import msgspec

from .._wire.values import read_day

# What people put inside a number (the same signs that a number to be sent may have).
_DIVIDES_NUMBERS = re.compile(r"[^0-9+ ()./\-\u00a0]+|(?=\+)")
_WORD = re.compile(r"\+?[0-9]+")
_WHOLE = 7  # digits that may be a number by themselves
_MOST = 15  # digits that the longest number has
_DIVIDES_MAILS = re.compile(r"[\s,;:]+")
_DIVIDES_TAGS = re.compile(r"[,;\n]")
_NUMBER = re.compile(r"[0-9]+")


class Contact(msgspec.Struct, frozen=True, kw_only=True):
    """One contact of the account: a person with numbers, or one with e-mail addresses.

    The fields are the service's own, by its names; what is a list or a date in them is read by the
    properties. ``id`` is the one that you gave it, not the one that adding it returned; it may be
    empty. ``phone_other`` and ``mail_other`` get no messages. ``int_id``, by which a list is paged,
    is not on the pages; where it does not come it is None.
    """

    phone: str = ""
    mail: str = ""
    name: str = ""
    group: int | str = ""
    first_name: str = ""
    last_name: str = ""
    middle_name: str = ""
    wire_birthday: str = msgspec.field(name="birthday", default="")
    id: str = ""
    comments: str = ""
    wire_tags: str = msgspec.field(name="tags", default="")
    phone_other: str = ""
    mail_other: str = ""
    int_id: int | None = None

    @property
    def phones(self) -> tuple[str, ...]:
        """The numbers; a plus stays where one stands."""
        return numbers(self.phone)

    @property
    def mails(self) -> tuple[str, ...]:
        """The e-mail addresses."""
        return _parts(_DIVIDES_MAILS, self.mail)

    @property
    def other_phones(self) -> tuple[str, ...]:
        """The numbers that get no messages."""
        return numbers(self.phone_other)

    @property
    def other_mails(self) -> tuple[str, ...]:
        """The e-mail addresses that get no messages."""
        return _parts(_DIVIDES_MAILS, self.mail_other)

    @property
    def groups(self) -> tuple[int, ...]:
        """The ids of the groups that it is in."""
        return tuple(int(one) for one in _NUMBER.findall(str(self.group)) if int(one))

    @property
    def tags(self) -> tuple[str, ...]:
        """The tags."""
        return _parts(_DIVIDES_TAGS, self.wire_tags)

    @property
    def birthday(self) -> date | None:
        """The day of birth; None where there is none."""
        return read_day(self.wire_birthday)


def numbers(text: str) -> tuple[str, ...]:
    """Split a list of numbers, which the service divides by any sign.

    A sign that no number has in it always divides, and a plus begins a number. A space, a bracket,
    a dot, a slash or a dash divides only where all that it divides may be numbers by themselves
    (seven digits), or would be more than the fifteen digits of one number; else it stands inside
    one.
    """
    found: list[str] = []
    for part in _DIVIDES_NUMBERS.split(text):
        words = _WORD.findall(part)
        sizes = [len(word.lstrip("+")) for word in words]
        divided = min(sizes, default=_WHOLE) >= _WHOLE or sum(sizes) > _MOST
        found += words if divided else ["".join(words)]
    return tuple(found)


def can_be_a_tag(text: str) -> bool:
    """Tell whether *text* is read as one tag."""
    return bool(text.strip()) and not _DIVIDES_TAGS.search(text)


def _parts(divider: re.Pattern[str], text: str) -> tuple[str, ...]:
    return tuple(part.strip() for part in divider.split(text) if part.strip())
