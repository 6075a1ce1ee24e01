"""Messages that reach a phone as an SMS, and questions about a number."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import ClassVar, Literal

import msgspec

from .._wire import codes
from ..errors import InvalidMessage
from ._checks import (
    check_flag,
    check_life,
    check_line,
    check_sender,
    check_text,
    check_whole,
    life,
)
from ._message import Message

# What begins otherwise could be taken for a kind of message, for it comes before all else.
_LINK = re.compile(r"https?://\S+\Z", re.IGNORECASE)


class Sms(Message, frozen=True, kw_only=True):
    """A text message.

    ``text`` has at most 1000 characters; the service splits it into parts, each paid for: see
    :func:`parts`. ``sender`` is a registered name, at most 11 characters or 15 digits; ``""`` asks
    for none.
    ``translit`` is 0 for the text as it is, 1 for Latin letters, 2 for look-alike letters;
    ``tinyurl`` shortens links; ``valid`` is how long the operator tries, from a minute to 24
    hours, in whole minutes; ``max_parts`` cuts a longer text. With ``markup=True`` the text may
    hold what the service reads as commands: a kind such as ``__CALL__`` at its start, or settings
    after a line of three tildes; without it such a text is refused.
    """

    is_signed: ClassVar[bool] = True

    text: str = msgspec.field()
    sender: str | None = None
    translit: Literal[0, 1, 2] = 0
    tinyurl: bool = False
    valid: timedelta | None = None
    max_parts: int | None = None
    markup: bool = False

    def __post_init__(self) -> None:
        """Refuse what the service would refuse, or would do otherwise than meant."""
        check_text(self.text, markup=self.markup)
        check_sender(self.sender)
        check_whole("translit", self.translit, range(3), "is 0, 1 or 2")
        check_flag("tinyurl", self.tinyurl)
        check_life(self.valid)
        if self.max_parts is not None:
            most = codes.MAX_TEXT  # a part has a character at least
            rule = f"is a whole number between 1 and {most}"
            check_whole("max_parts", self.max_parts, range(1, most + 1), rule)

    @property
    def mes(self) -> str:
        """The text."""
        return self.text

    @property
    def is_altered(self) -> bool:
        """Whether the service was asked to change the text, or may read commands in it."""
        return bool(self.translit or self.tinyurl or self.max_parts or self.markup)

    def params(self) -> dict[str, str | int | None]:
        """Return everything but the text by the service's names; None is not sent."""
        return {
            "sender": self.sender,
            "translit": self.translit or None,
            "tinyurl": int(self.tinyurl) or None,
            "valid": life(self.valid),
            "maxsms": self.max_parts,
        }


class Flash(Sms, frozen=True, kw_only=True):
    """A text message that the phone shows at once and does not keep."""

    def params(self) -> dict[str, str | int | None]:
        """Return everything but the text by the service's names; None is not sent."""
        return {**Sms.params(self), "flash": 1}


class WapPush(Message, frozen=True, kw_only=True):
    """A link that the phone offers to open, under a ``title``; both are one line.

    ``link`` begins with http:// or https://, and has no blanks.
    Together they have at most 999 characters. ``sender`` and ``valid`` are those of :class:`Sms`.
    """

    is_signed: ClassVar[bool] = True

    link: str
    title: str
    sender: str | None = None
    valid: timedelta | None = None

    def __post_init__(self) -> None:
        """Refuse what could not be told apart, or does not fit."""
        check_line("link", self.link)
        if not _LINK.match(self.link):
            raise InvalidMessage("link", "begins with http:// or https://, and has no blanks")
        check_line("title", self.title)
        if len(self.mes) > codes.MAX_TEXT:
            raise InvalidMessage("title", f"has, with the link, over {codes.MAX_TEXT} characters")
        check_sender(self.sender)
        check_life(self.valid)

    @property
    def mes(self) -> str:
        """The link and the title, each on a line."""
        return f"{self.link}\n{self.title}"

    def params(self) -> dict[str, str | int | None]:
        """Return everything but the text by the service's names; None is not sent."""
        return {"push": 1, "sender": self.sender, "valid": life(self.valid)}


class Ping(Message, frozen=True, kw_only=True):
    """An SMS that the phone does not show: its status tells whether the number can be reached.

    It has no text. ``sender`` and ``valid`` are those of :class:`Sms`.
    """

    is_signed: ClassVar[bool] = True

    sender: str | None = None
    valid: timedelta | None = None

    def __post_init__(self) -> None:
        """Refuse a sender or a life time outside the rules."""
        check_sender(self.sender)
        check_life(self.valid)

    def params(self) -> dict[str, str | int | None]:
        """Return everything by the service's names; None is not sent."""
        return {"ping": 1, "sender": self.sender, "valid": life(self.valid)}


class Hlr(Message, frozen=True, kw_only=True):
    """A question to the operator about a number, which no phone notices; it has no text.

    The answer stands in the status: country, operator, roaming, ``imsi``.
    """

    def params(self) -> dict[str, str | int | None]:
        """Return the kind by the service's name."""
        return {"hlr": 1}
