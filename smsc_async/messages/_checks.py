"""What the fields of a message may hold; plain functions that raise for all else."""

from __future__ import annotations

import re
from datetime import timedelta

from .._wire import codes
from .._wire.values import clock, one_line
from ..errors import InvalidMessage

_SHORTEST_LIFE = timedelta(minutes=1)
_LONGEST_LIFE = timedelta(hours=24)
_DIGITS = re.compile(r"\+?[0-9]+\Z")
_ADDRESS = re.compile(r"[^@\s,;:|<>\"]+@[^@\s,;:|<>\"]+\Z")
_LONE_SURROGATE = re.compile("[\ud800-\udfff]")


def check_text(text: str, *, markup: bool, most: int | None = codes.MAX_TEXT) -> None:
    """Raise unless *text* can be sent as it stands."""
    if not text.strip():
        raise InvalidMessage("text", "is empty")
    if _LONE_SURROGATE.search(text):
        raise InvalidMessage("text", "has half of a surrogate pair, which is no character")
    if most is not None and len(text) > most:
        raise InvalidMessage("text", f"has {len(text)} characters, over {most}")
    if markup:
        return
    if text.startswith(codes.KIND_PREFIXES):
        prefix = next(prefix for prefix in codes.KIND_PREFIXES if text.startswith(prefix))
        raise InvalidMessage(
            "text",
            f"begins with {prefix}, which makes another kind of message of it; "
            "pass markup=True if that is meant",
        )
    if one_line(codes.TEXT_BREAK) in one_line(text):
        raise InvalidMessage(
            "text",
            "has a line of three tildes, after which the service reads settings and not "
            "text; pass markup=True if that is meant",
        )


def check_line(field: str, text: str) -> None:
    """Raise unless *text* is one line with something in it."""
    if not text.strip():
        raise InvalidMessage(field, "is empty")
    if _is_broken(text):
        raise InvalidMessage(field, "has a control character, or half of a surrogate pair")


def check_sender(sender: str | None) -> None:
    """Raise unless *sender* fits an SMS."""
    if sender is None:
        return
    if _DIGITS.match(sender):
        if len(sender.lstrip("+")) > codes.MAX_SENDER_DIGITS:
            raise InvalidMessage("sender", f"has over {codes.MAX_SENDER_DIGITS} digits")
    elif len(sender) > codes.MAX_SENDER_TEXT:
        raise InvalidMessage("sender", f"has over {codes.MAX_SENDER_TEXT} characters")
    elif _is_broken(sender):
        raise InvalidMessage("sender", "has a control character, or half of a surrogate pair")


def is_address(text: str) -> bool:
    """Tell whether *text* is a plain e-mail address."""
    return bool(_ADDRESS.match(text)) and not _is_broken(text)


def check_life(valid: timedelta | None) -> None:
    """Raise unless an operator can be told to try for so long."""
    if valid is not None and not _SHORTEST_LIFE <= valid <= _LONGEST_LIFE:
        raise InvalidMessage("valid", "is between one minute and 24 hours")


def life(valid: timedelta | None) -> str | None:
    """Write how long an operator tries."""
    return None if valid is None else clock(valid)


def _is_broken(text: str) -> bool:
    return any(sign < " " for sign in text) or bool(_LONE_SURROGATE.search(text))
