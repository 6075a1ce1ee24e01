"""Messages with files: MMS and e-mail; and those of the messengers."""

from __future__ import annotations

from typing import ClassVar

import msgspec

from .._file_url import check_file_url
from .._upload import File
from ..errors import InvalidMessage
from ._checks import check_files, check_flag, check_line, check_sender, check_text, is_address
from ._message import Message, Recipients

# Texts, pictures, music and videos, in the page's order.
_MMS_ENDINGS = (*(".txt", ".jpg", ".gif", ".png", ".wav", ".amr", ".mp3", ".mid", ".mp4", ".3gp"),)


class Mms(Message, frozen=True, kw_only=True):
    """A message of text, pictures, sound or video.

    It has a ``subject`` or a ``text``; a missing subject is replaced by the sender's name.
    The names of its ``files`` end with txt, jpg, gif, png, wav, amr, mp3, mid, mp4 or 3gp; how
    many and how large they may be, a :class:`File` tells. ``file_url`` is the public https address
    of one that the service fetches; it has at least 101 bytes, which the service checks.
    ``sender`` and ``markup`` are those of :class:`Sms`.
    """

    is_signed: ClassVar[bool] = True

    text: str | None = None
    subject: str | None = None
    files: tuple[File, ...] = ()  # pyright: ignore[reportIncompatibleMethodOverride]
    file_url: str | None = None
    sender: str | None = None
    markup: bool = False

    def __post_init__(self) -> None:
        """Refuse what the service would refuse."""
        if self.text is None and self.subject is None:
            raise InvalidMessage("text", "is missing, and so is the subject; one is needed")
        if self.text is not None:
            check_text(self.text, markup=self.markup)
        if self.subject is not None:
            check_line("subject", self.subject)
        check_files(self.files, _MMS_ENDINGS)
        check_url(self.file_url)
        check_sender(self.sender)

    @property
    def mes(self) -> str:
        """The text, if there is one."""
        return self.text or ""

    def params(self) -> dict[str, str | int | None]:
        """Return everything but text and files by the service's names; None is not sent."""
        return {"mms": 1, "sender": self.sender, "subj": self.subject, "fileurl": self.file_url}


class Email(Message, frozen=True, kw_only=True):
    """An e-mail: ``subject``, ``text``, and the ``sender``'s address.

    ``files`` are attached, as many as a :class:`File` tells; the text may point at one as
    ``<file 1>``. ``file_url`` is that of :class:`Mms`. A text that the service would read as
    commands needs ``markup=True``, as in :class:`Sms`; its limits do not hold here.
    """

    takes: ClassVar[Recipients] = "addresses"

    subject: str
    text: str
    sender: str
    files: tuple[File, ...] = ()  # pyright: ignore[reportIncompatibleMethodOverride]
    file_url: str | None = None
    markup: bool = False

    def __post_init__(self) -> None:
        """Refuse what the service would refuse."""
        check_line("subject", self.subject)
        check_text(self.text, markup=self.markup, most=None)
        if not is_address(self.sender):
            raise InvalidMessage("sender", "is an e-mail address, without a name")
        check_files(self.files)
        check_url(self.file_url)

    @property
    def mes(self) -> str:
        """The text."""
        return self.text

    def params(self) -> dict[str, str | int | None]:
        """Return everything but text and files by the service's names; None is not sent."""
        return {"mail": 1, "sender": self.sender, "subj": self.subject, "fileurl": self.file_url}


class _Messenger(Message, frozen=True, kw_only=True):
    """A text in a messenger."""

    text: str = msgspec.field()
    sender: str | None = None
    tinyurl: bool = False
    file_url: str | None = None
    markup: bool = False

    def __post_init__(self) -> None:
        """Refuse what the service would refuse, or would do otherwise than meant."""
        check_text(self.text, markup=self.markup)
        check_sender(self.sender)
        check_flag("tinyurl", self.tinyurl)
        check_url(self.file_url)

    @property
    def mes(self) -> str:
        """The text."""
        return self.text

    def params(self) -> dict[str, str | int | None]:
        """Return everything but the text by the service's names; None is not sent."""
        return {
            "sender": self.sender,
            "tinyurl": int(self.tinyurl) or None,
            "fileurl": self.file_url,
        }


class Viber(_Messenger, frozen=True, kw_only=True):
    """A message in Viber.

    ``sender`` is a name registered for that messenger, at most 11 characters like any other by
    the page; the client's own is not used. ``file_url`` is that of :class:`Mms`, ``tinyurl`` and
    ``markup`` are those of :class:`Sms`.
    """

    def params(self) -> dict[str, str | int | None]:
        """Return everything but the text by the service's names; None is not sent."""
        return {**_Messenger.params(self), "viber": 1}


class WhatsApp(_Messenger, frozen=True, kw_only=True):
    """A message in WhatsApp; the fields are those of :class:`Viber`."""

    def params(self) -> dict[str, str | int | None]:
        """Return everything but the text by the service's names; None is not sent."""
        return {**_Messenger.params(self), "whatsapp": 1}


class Social(_Messenger, frozen=True, kw_only=True):
    """A message in a social network: Odnoklassniki, VKontakte, or Mail.Ru Agent.

    The fields are those of :class:`Viber`.
    """

    def params(self) -> dict[str, str | int | None]:
        """Return everything but the text by the service's names; None is not sent."""
        return {**_Messenger.params(self), "soc": 1}


def check_url(address: str | None) -> None:
    """Raise unless the service may be asked to fetch that file."""
    if address is not None:
        check_file_url(address)
