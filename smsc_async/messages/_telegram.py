"""Messages in Telegram: a code by the service, or anything by a bot of one's own."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import ClassVar

import msgspec

from ..errors import InvalidMessage
from ._checks import check_flag, check_line, check_text, is_between
from ._media import check_url
from ._message import Message, Recipients

_BOT = re.compile(r"@[A-Za-z0-9_]{3,32}\Z")
_SHORTEST = timedelta(days=10)
_LONGEST = timedelta(days=999)


class Telegram(Message, frozen=True, kw_only=True):
    """A message with a code in its ``text``; to phones, ``@nick`` or ``#id``.

    ``markup`` is that of :class:`Sms`.
    """

    takes: ClassVar[Recipients] = "telegram"

    text: str
    markup: bool = False

    def __post_init__(self) -> None:
        """Refuse what the service would refuse, or would do otherwise than meant."""
        check_text(self.text, markup=self.markup)

    @property
    def mes(self) -> str:
        """The text."""
        return self.text

    def params(self) -> dict[str, str | int | None]:
        """Return the kind by the service's name."""
        return {"tg": 1}


class TelegramBot(Message, frozen=True, kw_only=True):
    """A message by a chat bot to those who talk to it; to phones, ``@nick`` or ``#id``.

    ``bot`` is its name, such as ``@name_bot``. Where a subscriber's number was not confirmed by
    SMS for as long as ``confirm_after``, 10 to 999 whole days, the text is shown only after that.
    ``file_url`` is that of :class:`Mms`, ``tinyurl`` and ``markup`` are those of :class:`Sms`.
    """

    takes: ClassVar[Recipients] = "telegram"

    text: str = msgspec.field()
    bot: str = msgspec.field()
    confirm_after: timedelta | None = None
    tinyurl: bool = False
    file_url: str | None = None
    markup: bool = False

    def __post_init__(self) -> None:
        """Refuse what the service would refuse, or would do otherwise than meant."""
        check_text(self.text, markup=self.markup)
        check_flag("tinyurl", self.tinyurl)
        check_line("bot", self.bot)
        if not _BOT.match(self.bot):
            raise InvalidMessage("bot", "is the name of a bot, such as @name_bot")
        after = self.confirm_after
        if after is not None and not is_between(after, _SHORTEST, _LONGEST):
            raise InvalidMessage("confirm_after", "is a timedelta between 10 and 999 days")
        check_url(self.file_url)

    @property
    def mes(self) -> str:
        """The text."""
        return self.text

    def params(self) -> dict[str, str | int | None]:
        """Return everything but the text by the service's names; None is not sent."""
        return {
            "bot": self.bot,
            "smsreq": None if self.confirm_after is None else self.confirm_after.days,
            "tinyurl": int(self.tinyurl) or None,
            "fileurl": self.file_url,
        }
