"""What a person hands in to be sent; checked when it is made.

Each check raises :class:`~smsc_async.errors.InvalidMessage`, which names the field and the rule.
Source: the parameters of "Sending an SMS message", and of "Voice code" and "Telegram bots".
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from .._lazy import lazily

if TYPE_CHECKING:
    from .._upload import File
    from ._binary import Binary, InformationElement
    from ._media import Email, Mms, Social, Viber, WhatsApp
    from ._message import Hours, Message
    from ._parts import Parts, parts
    from ._telegram import Telegram, TelegramBot
    from ._texts import Flash, Hlr, Ping, Sms, WapPush
    from ._voice import Dialling, Voice, VoiceCode
else:
    __getattr__, __dir__ = lazily(
        __name__,
        {
            "._upload": ("File",),
            "_binary": ("Binary", "InformationElement"),
            "_media": ("Email", "Mms", "Social", "Viber", "WhatsApp"),
            "_message": ("Hours", "Message"),
            "_parts": ("Parts", "parts"),
            "_telegram": ("Telegram", "TelegramBot"),
            "_texts": ("Flash", "Hlr", "Ping", "Sms", "WapPush"),
            "_voice": ("Dialling", "Voice", "VoiceCode"),
        },
    )

__all__ = [
    "Binary",
    "Dialling",
    "Email",
    "File",
    "Flash",
    "Hlr",
    "Hours",
    "InformationElement",
    "Message",
    "Mms",
    "Parts",
    "Ping",
    "Sms",
    "Social",
    "Telegram",
    "TelegramBot",
    "Viber",
    "Voice",
    "VoiceCode",
    "WapPush",
    "WhatsApp",
    "parts",
]
