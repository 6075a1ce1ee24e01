"""What a person hands in to be sent; checked when it is made.

Each check raises :class:`~smsc_async.errors.InvalidMessage`, which names the field and the rule.
Source: the parameters of "Sending an SMS message".
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import timedelta
from typing import Literal

import msgspec

from ._wire import codes
from ._wire.values import clock, one_line
from .errors import InvalidMessage

_SHORTEST_LIFE = timedelta(minutes=1)
_LONGEST_LIFE = timedelta(hours=24)
_MIDNIGHT = 24
_DIGITS = re.compile(r"\+?[0-9]+\Z")
_LONE_SURROGATE = re.compile("[\ud800-\udfff]")


class Sms(msgspec.Struct, frozen=True, kw_only=True):
    """A text message.

    ``text`` has at most 1000 characters; the service splits it into parts, each paid for.
    ``sender`` is a registered name, at most 11 characters or 15 digits; ``""`` asks for none.
    ``translit`` is 0 for the text as it is, 1 for Latin letters, 2 for look-alike letters;
    ``tinyurl`` shortens links; ``valid`` is how long the operator tries, from a minute to 24
    hours, in whole minutes; ``max_parts`` cuts a longer text. With ``markup=True`` the text may
    hold what the service reads as commands: a kind such as ``__CALL__`` at its start, or settings
    after a line of three tildes; without it such a text is refused.
    """

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
        if self.translit not in (0, 1, 2):
            raise InvalidMessage("translit", "is 0, 1 or 2")
        if self.valid is not None and not _SHORTEST_LIFE <= self.valid <= _LONGEST_LIFE:
            raise InvalidMessage("valid", "is between one minute and 24 hours")
        if self.max_parts is not None and self.max_parts < 1:
            raise InvalidMessage("max_parts", "is 1 or more")

    def params(self) -> dict[str, str | int | None]:
        """Return everything but the text by the service's names; None is not sent."""
        return {
            "sender": self.sender,
            "translit": self.translit or None,
            "tinyurl": int(self.tinyurl) or None,
            "valid": None if self.valid is None else clock(self.valid),
            "maxsms": self.max_parts,
        }


class Flash(Sms, frozen=True, kw_only=True):
    """A text message that the phone shows at once and does not keep."""

    def params(self) -> dict[str, str | int | None]:
        """Return everything but the text by the service's names; None is not sent."""
        return {**Sms.params(self), "flash": 1}


class Hours(msgspec.Struct, frozen=True):
    """A range of hours of the day: at once within it, else when it next begins.

    Keeps messages from arriving at night. The zone is that of ``tz``, else the account's.
    """

    first: int
    last: int

    def __post_init__(self) -> None:
        """Refuse what is no range of hours."""
        if not 0 <= self.first < self.last <= _MIDNIGHT:
            raise InvalidMessage("when", "a range of hours goes from 0 to 24, the lower first")


def check_text(text: str, *, markup: bool) -> None:
    """Raise unless *text* can be sent as it stands."""
    if not text.strip():
        raise InvalidMessage("text", "is empty")
    if _LONE_SURROGATE.search(text):
        raise InvalidMessage("text", "has half of a surrogate pair, which is no character")
    if len(text) > codes.MAX_TEXT:
        raise InvalidMessage("text", f"has {len(text)} characters, over {codes.MAX_TEXT}")
    if markup:
        return
    if text.startswith(codes.KIND_PREFIXES):
        prefix = next(prefix for prefix in codes.KIND_PREFIXES if text.startswith(prefix))
        raise InvalidMessage(
            "text",
            f"begins with {prefix}, which makes another kind of message of it; "
            "pass markup=True if that is meant",
        )
    if one_line(codes.TEXT_BREAK) in one_line(text):
        raise InvalidMessage(
            "text",
            "has a line of three tildes, after which the service reads settings and not "
            "text; pass markup=True if that is meant",
        )


def check_sender(sender: str | None) -> None:
    """Raise unless *sender* fits."""
    if sender is None:
        return
    if _DIGITS.match(sender):
        if len(sender.lstrip("+")) > codes.MAX_SENDER_DIGITS:
            raise InvalidMessage("sender", f"has over {codes.MAX_SENDER_DIGITS} digits")
    elif len(sender) > codes.MAX_SENDER_TEXT:
        raise InvalidMessage("sender", f"has over {codes.MAX_SENDER_TEXT} characters")
    elif any(character < " " for character in sender) or _LONE_SURROGATE.search(sender):
        raise InvalidMessage("sender", "has a control character, or half of a surrogate pair")


def options(message: Sms) -> Mapping[str, object]:
    """Return what two messages must share to go in one request: all but the text."""
    return {"kind": type(message), **msgspec.structs.asdict(message), "text": None}
