"""Bytes for a phone, and the header that tells it what they are.

Source of the header: 3GPP TS 23.040, section 9.2.3.24.
"""

from __future__ import annotations

from datetime import timedelta
from typing import ClassVar, Literal, Self, cast

import msgspec

from .._wire import codes
from ..errors import InvalidMessage
from ._checks import check_life, check_sender, check_whole, is_tuple_of, life
from ._message import Message

_OCTET = range(1 << 8)
_TWO_OCTETS = range(1 << 16)
_LONGEST_HEADER = 139  # of the 140 octets of an SMS, one tells the header's length
_ALIGNMENTS = ("left", "center", "right", "default")  # the order is that of the numbers
_SIZES = ("normal", "large", "small")


class InformationElement(msgspec.Struct, frozen=True):
    """One element of a header: what it is, by the standard's *identifier*, and its bytes."""

    identifier: int
    data: bytes

    def __post_init__(self) -> None:
        """Refuse what has no room in a header."""
        _check("identifier", self.identifier, _OCTET)
        if not isinstance(self.data, bytes):  # pyright: ignore[reportUnnecessaryIsInstance]
            raise InvalidMessage("udh", "the data of an element are bytes")
        if len(self.data) not in _OCTET:
            raise InvalidMessage("udh", "an element has at most 255 octets")

    @property
    def octets(self) -> bytes:
        """The element as it stands in the header."""
        return bytes((self.identifier, len(self.data))) + self.data

    @classmethod
    def concatenation(cls, reference: int, total: int, number: int) -> Self:
        """Return what makes a message part *number*, from 1, of *total* with one *reference*."""
        _check("reference", reference, _TWO_OCTETS)
        _check("total", total, range(1, 256))
        _check("number", number, range(1, total + 1))
        if reference in _OCTET:
            return cls(0x00, bytes((reference, total, number)))
        return cls(0x08, reference.to_bytes(2, "big") + bytes((total, number)))

    @classmethod
    def ports(cls, destination: int, source: int) -> Self:
        """Return what hands a message to the program of a phone that listens at a port."""
        _check("destination", destination, _TWO_OCTETS)
        _check("source", source, _TWO_OCTETS)
        return cls(0x05, destination.to_bytes(2, "big") + source.to_bytes(2, "big"))

    @classmethod
    def formatting(
        cls,
        start: int,
        length: int,
        *,
        bold: bool = False,
        italic: bool = False,
        underlined: bool = False,
        struck: bool = False,
        size: Literal["normal", "large", "small"] = "normal",
        align: Literal["left", "center", "right", "default"] = "left",
    ) -> Self:
        """Return how *length* characters from *start*, which is 0 for the first, are shown (EMS).

        ``align="default"`` is the way of the text's language.
        """
        _check("start", start, _OCTET)
        _check("length", length, _OCTET)
        flags = cast("tuple[object, ...]", (bold, italic, underlined, struck))
        if not all(isinstance(flag, bool) for flag in flags):
            raise InvalidMessage("udh", "bold, italic, underlined and struck are True or False")
        if size not in _SIZES or align not in _ALIGNMENTS:
            raise InvalidMessage("udh", "there is no such size, or no such alignment")
        style = bold << 4 | italic << 5 | underlined << 6 | struck << 7
        mode = _ALIGNMENTS.index(align) | _SIZES.index(size) << 2 | style
        return cls(0x0A, bytes((start, length, mode)))


class Binary(Message, frozen=True, kw_only=True):
    """Bytes for a phone: ``data``, after a header of the elements in ``udh``.

    One SMS holds 140 octets: with a header, one for its length, the elements, and the data. The
    pages do not say what becomes of more; at most 500 are sent at all. ``pid`` and ``dcs``, the
    protocol and the coding by the standard's numbers, are given both or neither. ``sender`` and
    ``valid`` are those of :class:`Sms`.
    """

    is_signed: ClassVar[bool] = True

    data: bytes
    udh: tuple[InformationElement, ...] = ()
    pid: int | None = None
    dcs: int | None = None
    sender: str | None = None
    valid: timedelta | None = None

    def __post_init__(self) -> None:
        """Refuse what is nothing, or does not fit."""
        if not isinstance(self.data, bytes):  # pyright: ignore[reportUnnecessaryIsInstance]
            raise InvalidMessage("data", "are bytes")
        if not is_tuple_of(self.udh, InformationElement):
            raise InvalidMessage("udh", "is a tuple of InformationElement: (element,) for one")
        if not self.data and not self.udh:
            raise InvalidMessage("data", "is empty, and there is no header")
        if len(_header(self.udh)) > _LONGEST_HEADER:
            raise InvalidMessage("udh", f"has over {_LONGEST_HEADER} octets")
        if (self.pid is None) != (self.dcs is None):
            raise InvalidMessage("pid", "goes with dcs: give both or neither")
        for field, value in (("pid", self.pid), ("dcs", self.dcs)):
            if value is not None:
                check_whole(field, value, _OCTET, "is a whole number between 0 and 255")
        if len(self.mes) > codes.MAX_TEXT:
            raise InvalidMessage("data", f"takes over {codes.MAX_TEXT} characters when written")
        check_sender(self.sender)
        check_life(self.valid)

    @property
    def mes(self) -> str:
        """The bytes as hexadecimal digits, the header first; then the numbers."""
        header = _header(self.udh)
        octets = bytes((len(header),)) + header + self.data
        numbers = "" if self.pid is None else f"{codes.TEXT_BREAK}pid: {self.pid}, dcs: {self.dcs}"
        return octets.hex().upper() + numbers

    def params(self) -> dict[str, str | int | None]:
        """Return everything but the bytes by the service's names; None is not sent."""
        return {"bin": 2, "sender": self.sender, "valid": life(self.valid)}


def _header(elements: tuple[InformationElement, ...]) -> bytes:
    return b"".join(element.octets for element in elements)


def _check(name: str, value: int, allowed: range) -> None:
    rule = f"{name} is a whole number between {allowed[0]} and {allowed[-1]}"
    check_whole("udh", value, allowed, rule)
