"""Into how many parts a text falls.

Sizes: "Sending an SMS message", parameter ``mes``. Alphabet: 3GPP TS 23.038, section 6.2.1.
"""

from __future__ import annotations

from typing import Final

ALPHABET: Final = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?"
    "¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
# These go as two: an escape and a letter.
EXTENSION: Final = frozenset("\f^{}\\[~]|€")


def count(text: str) -> int:
    """Count the parts of *text*; an empty one still is a message."""
    if ALPHABET.union(EXTENSION).issuperset(text):
        sizes, alone, joined = [1 + (sign in EXTENSION) for sign in text], 160, 153
    else:
        sizes, alone, joined = [len(sign.encode("utf-16-be")) // 2 for sign in text], 70, 67
    if sum(sizes) <= alone:
        return 1
    full, free = 0, 0
    for size in sizes:  # what takes two is not torn apart: a part may end with one unused
        if size > free:
            full, free = full + 1, joined
        free -= size
    return full


def packets(data: bytes) -> int:
    """Count the SMS that so many octets fill."""
    return 1 if len(data) <= 140 else -(-len(data) // 134)  # noqa: PLR2004 - an SMS's octets


def cut(text: str, most: int) -> str:
    """Shorten *text* until it needs no more than *most* parts."""
    while count(text) > most:
        text = text[:-1]
    return text
