"""What all kinds of messages share, and when to send one."""

from __future__ import annotations

from typing import ClassVar, Literal, TypeAlias

import msgspec

from .._upload import File
from ..errors import InvalidMessage
from ._checks import check_whole

# To whom a kind goes: phones and groups, one phone alone, e-mail addresses and groups, or phones,
# groups, and the names and numbers of Telegram.
Recipients: TypeAlias = Literal["phones", "phone", "addresses", "telegram"]

_MIDNIGHT = 24


class Message(msgspec.Struct, frozen=True, kw_only=True):
    """What can be sent; made as one of its kinds, such as :class:`Sms` or :class:`Email`."""

    takes: ClassVar[Recipients] = "phones"
    # Whether the client's own sender, which is a name for SMS, goes with a message without one.
    is_signed: ClassVar[bool] = False
    # Whether the service can be asked for all that the lost answer to a send would have told.
    is_askable: ClassVar[bool] = True

    @property
    def mes(self) -> str:
        """The text as it is sent; empty for a kind that has none."""
        return ""

    @property  # a kind that has files has a field of this name, which can be read just so
    def files(self) -> tuple[File, ...]:
        """The files that go along."""
        return ()

    @property
    def is_altered(self) -> bool:
        """Whether the service may show another text than the one it was given."""
        return True

    def params(self) -> dict[str, str | int | None]:
        """Return everything but the text and the files by the service's names; None is not sent."""
        raise InvalidMessage("message", "is of no kind: make it as one, such as Sms")


class Hours(msgspec.Struct, frozen=True):
    """A range of hours of the day: at once within it, else when it next begins.

    Keeps messages from arriving at night. The zone is that of ``tz``, else the account's.
    """

    first: int
    last: int

    def __post_init__(self) -> None:
        """Refuse what is no range of hours."""
        rule = "a range of hours goes from 0 to 24, whole ones, the lower first"
        check_whole("when", self.last, range(_MIDNIGHT + 1), rule)
        check_whole("when", self.first, range(self.last), rule)
