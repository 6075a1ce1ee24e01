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
        size, alone, joined = len(text) + sum(c in EXTENSION for c in text), 160, 153
    else:
        size, alone, joined = len(text.encode("utf-16-be")) // 2, 70, 67
    return 1 if size <= alone else -(-size // joined)


def cut(text: str, most: int) -> str:
    """Shorten *text* until it needs no more than *most* parts."""
    while count(text) > most:
        text = text[:-1]
    return text
