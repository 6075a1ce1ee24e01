"""Into how many parts a text falls.

Alphabet: 3GPP TS 23.038, sections 6.2.1 and 6.2.1.1. Sizes: "Sending an SMS message", ``mes``.
"""

from __future__ import annotations

from typing import Final, Literal

import msgspec

# In the order of their codes; what stands at 0x1B is no character but begins one of the others.
_ALPHABET: Final = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?"
    "¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
_EXTENSION: Final = frozenset("\f^{}\\[~]|€")
_EITHER: Final = _ALPHABET | _EXTENSION
# By alphabet: the units of a message that is one part, and of a part among several.
_SIZES: Final = {"gsm": (160, 153), "ucs2": (70, 67)}
_LAST_OF_ONE_UNIT: Final = "\uffff"


class Parts(msgspec.Struct, frozen=True, kw_only=True):
    """What a text takes: ``count`` parts of one ``alphabet``.

    ``length`` is counted in the alphabet's own units, of which some characters take two: those
    behind an escape in ``gsm`` (such as ``€`` and the square brackets), and emoji in ``ucs2``.
    ``room`` is how many units more leave the count as it is.
    """

    count: int
    alphabet: Literal["gsm", "ucs2"]
    length: int
    room: int


def parts(text: str) -> Parts:
    """Return how many parts an SMS with *text* takes, by the rules of the standard.

    One that is all in the 7-bit alphabet takes 160 units, or 153 in each of several parts; any
    other 70, or 67. A character of two units is never split. The service may change a text first
    (``translit``, ``tinyurl``, ``max_parts``, and what its account settings say) and its way of
    choosing the alphabet is not described: :meth:`SmscClient.price` asks for its own count.
    """
    alphabet: Literal["gsm", "ucs2"] = "gsm" if _EITHER.issuperset(text) else "ucs2"
    alone, joined = _SIZES[alphabet]
    widths = [_width(character, alphabet) for character in text]
    length = sum(widths)
    if length <= alone:
        return Parts(count=1, alphabet=alphabet, length=length, room=alone - length)
    count, room = 1, joined
    for width in widths:
        if width > room:
            count, room = count + 1, joined
        room -= width
    return Parts(count=count, alphabet=alphabet, length=length, room=room)


def _width(character: str, alphabet: Literal["gsm", "ucs2"]) -> int:
    is_wide = character in _EXTENSION if alphabet == "gsm" else character > _LAST_OF_ONE_UNIT
    return 2 if is_wide else 1
