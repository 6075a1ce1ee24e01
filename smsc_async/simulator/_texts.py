"""What the service changes in a text before it is sent: alphabet and links."""

from __future__ import annotations

import re
import zlib
from collections.abc import Mapping
from typing import Final

_LETTERS: Final = dict(
    zip("абвгдезийклмнопрстуфхцъыьэ", "abvgdezijklmnoprstufhc'y'e", strict=True)
) | {"ё": "yo", "ж": "zh", "ч": "ch", "ш": "sh", "щ": "sch", "ю": "yu", "я": "ya"}
# Signs that look like the Russian letters; what looks like none is written as it sounds.
_LOOKS: Final = dict(zip("взийкнпрстухч", "B3uukHnpcmyx4", strict=True)) | {"л": "/I"}
_LINK: Final = re.compile(r"https?://\S+")


def _table(letters: Mapping[str, str]) -> Mapping[int, str]:
    capitals = {letter.upper(): text[:1].upper() + text[1:] for letter, text in letters.items()}
    return str.maketrans(dict(letters) | capitals)


# By the value of the parameter ``translit``.
TABLES: Final = {"1": _table(_LETTERS), "2": _table(_LETTERS | _LOOKS)}


def altered(text: str, params: Mapping[str, str]) -> str:
    """Return *text* with made-up short links and in Latin letters, where *params* ask for it."""
    if params.get("tinyurl") == "1":
        text = _LINK.sub(lambda link: short(link[0]), text)
    return text.translate(TABLES.get(params.get("translit", ""), {}))


def links(text: str, params: Mapping[str, str]) -> list[str]:
    """List the links of *text* that are made short."""
    return _LINK.findall(text) if params.get("tinyurl") == "1" else []


def short(url: str) -> str:
    """Return the short link that stands for *url*."""
    return f"https://s.example/{zlib.crc32(url.encode()):x}"
