"""Calls: a text read out, sounds played, or a code that the service makes up."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import ClassVar, Literal, TypeAlias, get_args

import msgspec

from .._upload import File
from ..errors import InvalidMessage
from ._checks import (
    ASKS_FOR_A_CODE,
    CODE,
    caller,
    check_files,
    check_sender,
    check_text,
    check_whole,
    is_between,
    is_code,
)
from ._media import check_url
from ._message import Message, Recipients

# Men's and women's voices; the service's own choice is not the same on all its pages.
VoiceName: TypeAlias = Literal["m", "m2", "m3", "m4", "w", "w2", "w3", "w4"]

_SECOND = timedelta(seconds=1)
_LANGUAGE = re.compile(r"[a-z]{2}\Z")


class Dialling(msgspec.Struct, frozen=True, kw_only=True):
    """How a call is tried: rings for ``wait``, again after ``interval``, in all ``attempts`` times.

    10 to 35 seconds, 10 seconds to an hour, 1 to 9; whole seconds. A value outside of that would
    make the service take its own for all three, and not say so.
    """

    wait: timedelta
    interval: timedelta
    attempts: int

    def __post_init__(self) -> None:
        """Refuse what the service would replace."""
        if not is_between(self.wait, 10 * _SECOND, 35 * _SECOND):
            raise InvalidMessage("dialling", "wait is a timedelta between 10 and 35 seconds")
        if not is_between(self.interval, 10 * _SECOND, 3600 * _SECOND):
            raise InvalidMessage(
                "dialling", "interval is a timedelta between 10 seconds and an hour"
            )
        check_whole("dialling", self.attempts, range(1, 10), "attempts are 1 to 9, a whole number")

    def __str__(self) -> str:
        return f"{self.wait // _SECOND},{self.interval // _SECOND},{self.attempts}"


class Voice(Message, frozen=True, kw_only=True):
    """A call that reads out a ``text``, plays ``files``, or both.

    ``file_url`` is that of :class:`Mms`. ``voice`` reads, ``m`` to ``m4`` a man's and ``w`` to
    ``w4`` a woman's; ``language``, such as ``en``, goes with it. Without ``dialling`` the service
    tries in its own way. ``sender`` is the number that calls, blanks and dashes in it or not; the
    client's own sender is not used. ``files`` are bounded as a :class:`File` tells. ``markup`` is
    that of :class:`Sms`. :class:`VoiceCode` tells a code of the service's.

    ``Sent.count`` are seconds.
    """

    text: str | None = None
    files: tuple[File, ...] = ()  # pyright: ignore[reportIncompatibleMethodOverride]
    file_url: str | None = None
    voice: VoiceName | None = None
    language: str | None = None
    dialling: Dialling | None = None
    sender: str | None = None
    markup: bool = False

    def __post_init__(self) -> None:
        """Refuse what the service would refuse, or would do otherwise than meant."""
        check_files(self.files)
        if self.text is None and not self.files and self.file_url is None:
            raise InvalidMessage("text", "is missing, and so are files; one is needed")
        if self.text is not None:
            check_text(self.text, markup=self.markup)
            if is_code(self.text):
                raise InvalidMessage("text", ASKS_FOR_A_CODE)
        check_url(self.file_url)
        check_calling(self.sender, self.voice, self.language, self.dialling)

    @property
    def mes(self) -> str:
        """The text, if there is one."""
        return self.text or ""

    def params(self) -> dict[str, str | int | None]:
        """Return everything but text and files by the service's names; None is not sent."""
        return {
            **calling(self.sender, self.voice, self.language, self.dialling),
            "fileurl": self.file_url,
        }


class VoiceCode(Message, frozen=True, kw_only=True):
    """A call to one phone that reads out a code; ``Sent.code`` are the digits.

    The fields are those of :class:`Voice`. A code whose answer was lost cannot be asked for:
    :class:`~smsc_async.OutcomeUnknown` is raised at once.
    """

    takes: ClassVar[Recipients] = "phone"
    is_askable: ClassVar[bool] = False

    voice: VoiceName | None = None
    language: str | None = None
    dialling: Dialling | None = None
    sender: str | None = None

    def __post_init__(self) -> None:
        """Refuse what the service would refuse, or would do otherwise than meant."""
        check_calling(self.sender, self.voice, self.language, self.dialling)

    @property
    def mes(self) -> str:
        """The word that asks for a code."""
        return CODE

    def params(self) -> dict[str, str | int | None]:
        """Return everything but the word by the service's names; None is not sent."""
        return calling(self.sender, self.voice, self.language, self.dialling)


def check_calling(sender: object, voice: object, language: object, dialling: object) -> None:
    """Raise unless there is such a voice, and such a way to call."""
    check_sender(caller(sender))
    if dialling is not None and not isinstance(dialling, Dialling):
        raise InvalidMessage("dialling", "is a Dialling")
    if voice is not None and voice not in get_args(VoiceName):
        raise InvalidMessage("voice", f"is one of {', '.join(get_args(VoiceName))}")
    if language is not None and voice is None:
        raise InvalidMessage("language", "goes with a voice")
    if language is None:
        return
    if not isinstance(language, str) or not _LANGUAGE.match(language):
        raise InvalidMessage("language", "is two small letters, such as en")


def calling(
    sender: str | None, voice: str | None, language: str | None, dialling: Dialling | None
) -> dict[str, str | int | None]:
    """Return the parameters of a call by the service's names."""
    return {
        "call": 1,
        "sender": caller(sender),
        "voice": f"{voice},{language}" if language else voice,
        "param": None if dialling is None else str(dialling),
    }
