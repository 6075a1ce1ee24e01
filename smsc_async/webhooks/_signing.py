"""What the service signs of a callback, and whether it did: pure.

Source: the hash of "Transmitting statuses and messages to the Client handler".
"""

from __future__ import annotations

import hashlib
import hmac
import re
import zlib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from functools import lru_cache
from typing import Final, Literal, TypeAlias

from .._wire.secret import Secret
from ._bodies import CHARSETS, Fields

Algorithm: TypeAlias = Literal["md5", "sha1", "crc32"]

LEAST_SECRET: Final = 22  # signs of 64 make 128 bits
_SIGNS: Final = re.compile(r"[A-Za-z0-9_-]+\Z")


def secrets_of(given: str | Sequence[str]) -> tuple[Secret, ...]:
    """Return the secrets to look for: one, or two while one takes the place of the other.

    Raises ValueError, which shows none, for what the service does not take.
    """
    if isinstance(given, str):
        return (_secret(given),)
    texts = tuple(given)
    if not 1 <= len(texts) <= 2:  # noqa: PLR2004 - the old one and the new one
        raise ValueError("secret: give one, or two while you change it")
    return tuple([_secret(text) for text in texts])


@lru_cache(maxsize=16)  # parse() is given the same each time; who gives it has it anyway
def _secret(text: str) -> Secret:
    check_signs("secret", text)
    return Secret(text.encode())


def check_signs(name: str, text: str) -> None:
    """Raise ValueError, which does not show *text*, for signs that the service does not take."""
    if not _SIGNS.match(text):
        raise ValueError(f"{name}: Latin letters, digits, - and _ only")


def check_strength(name: str, text: str) -> None:
    """Raise ValueError for a *text* that can be found out by trying."""
    if len(text) < LEAST_SECRET:
        raise ValueError(
            f"{name}: at least {LEAST_SECRET} signs, such as secrets.token_urlsafe() makes"
        )


def check_algorithm(algorithm: str, *, insecure_crc32: bool = True) -> None:
    """Raise ValueError for an algorithm that there is not, or one that was not meant."""
    if algorithm not in DIGESTS:
        raise ValueError(f"algorithm: one of {', '.join(DIGESTS)}")
    if algorithm == "crc32" and not insecure_crc32:
        raise ValueError(
            "algorithm: crc32 can be forged by anybody who has seen one callback; use sha1, or "
            "say insecure_crc32=True"
        )


def is_signed(text: str, fields: Fields, algorithm: Algorithm, keys: Iterable[Secret]) -> bool:
    """Tell whether the service signed *text*: with *algorithm*, one of *keys*, and nothing else.

    Each digest is compared in a time that tells nothing; which one it was, anybody may know.
    """
    digests, others = DIGESTS[algorithm]
    claimed = str(fields.get(algorithm, "")).lower()
    if not claimed.isascii() or not fields.keys().isdisjoint(others):
        return False
    for data in (text.encode(),) if text.isascii() else _encoded(text):
        for key in keys:
            for digest in digests(data + key.reveal()):
                if hmac.compare_digest(digest, claimed):
                    return True
    return False


def _encoded(text: str) -> Iterator[bytes]:
    """Yield the bytes that may have been signed: the page does not say in which charset.

    One of them is as it was received.
    """
    for charset in CHARSETS:
        with suppress(UnicodeEncodeError):
            yield text.encode(charset)


def _md5(data: bytes) -> tuple[str, ...]:
    # Said so, it is there on machines, too, that allow none for security.
    return (hashlib.md5(data, usedforsecurity=False).hexdigest(),)


def _sha1(data: bytes) -> tuple[str, ...]:
    return (hashlib.sha1(data).hexdigest(),)  # noqa: S324 - the best that the service has


def _crc32(data: bytes) -> tuple[str, ...]:
    """Return each way to write the sum, for the page does not say which it is."""
    number = zlib.crc32(data)
    signed = number - (1 << 32) if number >> 31 else number
    return (str(number), str(signed), f"{number:08x}", f"{number:x}")


_MAKERS: Final[Mapping[str, Callable[[bytes], tuple[str, ...]]]] = {
    "md5": _md5,
    "sha1": _sha1,
    "crc32": _crc32,
}
# What makes each, and the names of the others.
DIGESTS: Final = {name: (maker, frozenset(_MAKERS) - {name}) for name, maker in _MAKERS.items()}
