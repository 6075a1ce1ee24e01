"""What a call is made of: how often it is tried, and how long it speaks."""

from __future__ import annotations

import re
from typing import Final, NamedTuple

LETTERS_A_SECOND: Final = 15  # as an unhurried voice reads
SECONDS_OF_A_FILE: Final = 10  # nobody listens to it here


class Dialling(NamedTuple):
    """Seconds that it rings, seconds until the next try, and the tries; 0 grows from 3 to 14."""

    wait: int
    interval: int
    tries: int


DEFAULT: Final = Dialling(25, 0, 8)


def dialling(param: str) -> Dialling:
    """Read ``param``: what is a little off is moved, and one impossible value spoils all three."""
    if not re.fullmatch(r"\d{1,4},\d{1,4},\d", param):
        return DEFAULT
    wait, interval, tries = map(int, param.split(","))
    if wait > 99 or interval > 3600:  # noqa: PLR2004 - the page's figures
        return DEFAULT
    return Dialling(min(max(wait, 10), 35), max(interval, 10), max(tries, 1))


def seconds(text: str, files: int) -> int:
    """Return how long a call speaks."""
    return -(-len(text) // LETTERS_A_SECOND) + files * SECONDS_OF_A_FILE
