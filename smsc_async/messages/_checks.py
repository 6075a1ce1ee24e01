"""What the fields of a message may hold; plain functions that raise for all else."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import TypeGuard, TypeVar, cast

from .._upload import File
from .._wire import codes
from .._wire.values import clock, is_whole, one_line, tidy
from ..errors import InvalidMessage

S = TypeVar("S")

_SHORTEST_LIFE = timedelta(minutes=1)
_LONGEST_LIFE = timedelta(hours=24)
_DIGITS = re.compile(r"\+?[0-9]+\Z")
# A number as people write it; no name looks so.
_WRITTEN_NUMBER = re.compile(r"\s*\+?[0-9][0-9 ()./\-\u00a0]*\Z")
_ADDRESS = re.compile(r"[^@\s,;:|<>\"]+@[^@\s,;:|<>\"]+\Z")
_LONE_SURROGATE = re.compile("[\ud800-\udfff]")
# All control characters but line feed, return, tab, and the page break that phones know.
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0e-\x1f]")
_BREAK = re.compile(codes.TEXT_BREAK.replace("\n", r"(?:\r\n|\r|\n)"))
# By the service's word this text of a call is none, but asks for a code.
CODE = "code"
_CALL = "__CALL__"
ASKS_FOR_A_CODE = "asks for a code of the service's: use VoiceCode"


def check_text(text: object, *, markup: bool, most: int | None = codes.MAX_TEXT) -> None:
    """Raise unless *text* can be sent as it stands."""
    check_flag("markup", markup)
    if not isinstance(text, str):
        raise InvalidMessage("text", "is a text")
    if not text.strip():
        raise InvalidMessage("text", "is empty")
    if _LONE_SURROGATE.search(text):
        raise InvalidMessage("text", "has half of a surrogate pair, which is no character")
    if _CONTROL.search(text):
        raise InvalidMessage("text", "has a control character")
    if most is not None and len(text) > most:
        raise InvalidMessage("text", f"has {len(text)} characters, over {most}")
    start = text.lstrip()
    if markup:
        # Its digits would be lost with the answer, and nobody told that they are.
        if start.startswith(_CALL) and is_code(start.removeprefix(_CALL)):
            raise InvalidMessage("text", ASKS_FOR_A_CODE)
        return
    if start.startswith(codes.KIND_PREFIXES):
        prefix = next(prefix for prefix in codes.KIND_PREFIXES if start.startswith(prefix))
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


def is_code(text: str) -> bool:
    """Tell whether a call with this text asks for a code, whatever follows after a break."""
    return _BREAK.split(text, maxsplit=1)[0].strip().lower() == CODE


def check_line(field: str, text: object) -> None:
    """Raise unless *text* is one line with something in it."""
    if not isinstance(text, str):
        raise InvalidMessage(field, "is a text")
    if not text.strip():
        raise InvalidMessage(field, "is empty")
    if _is_broken(text):
        raise InvalidMessage(field, "has a control character, or half of a surrogate pair")


def check_flag(field: str, given: object) -> None:
    """Raise unless *given* is True or False."""
    if not isinstance(given, bool):
        raise InvalidMessage(field, "is True or False")


def check_files(files: object, endings: tuple[str, ...] | None = None) -> None:
    """Raise unless *files* are some, each with one of the *endings* if there are such."""
    if not is_tuple_of(files, File):
        raise InvalidMessage("files", "is a tuple of File: (file,) for one alone")
    for file in files:
        if endings is not None and not file.name.lower().endswith(endings):
            raise InvalidMessage("files", f"{file.name}: its ending is one of {' '.join(endings)}")


def check_sender(sender: object) -> None:
    """Raise unless *sender* fits an SMS; the page has no other rule for the other kinds."""
    if sender is None:
        return
    if not isinstance(sender, str):
        raise InvalidMessage("sender", "is a text")
    if _DIGITS.match(sender):
        if len(sender.lstrip("+")) > codes.MAX_SENDER_DIGITS:
            raise InvalidMessage("sender", f"has over {codes.MAX_SENDER_DIGITS} digits")
    elif len(sender) > codes.MAX_SENDER_TEXT:
        raise InvalidMessage("sender", f"has over {codes.MAX_SENDER_TEXT} characters")
    elif _is_broken(sender):
        raise InvalidMessage("sender", "has a control character, or half of a surrogate pair")


def caller(sender: S) -> S | str:
    """Return who calls as it is sent: a number without what people put between its digits."""
    if isinstance(sender, str) and _WRITTEN_NUMBER.match(sender):
        return tidy(sender)
    return sender


def is_address(text: object) -> bool:
    """Tell whether *text* is a plain e-mail address."""
    return isinstance(text, str) and bool(_ADDRESS.match(text)) and not _is_broken(text)


def check_life(valid: object) -> None:
    """Raise unless an operator can be told to try for so long."""
    if valid is not None and not is_between(valid, _SHORTEST_LIFE, _LONGEST_LIFE):
        raise InvalidMessage("valid", "is a timedelta between one minute and 24 hours")


def is_tuple_of(given: object, kind: type[S]) -> TypeGuard[tuple[S, ...]]:
    """Tell whether *given* is a tuple of that kind."""
    if not isinstance(given, tuple):
        return False
    return all(isinstance(one, kind) for one in cast("tuple[object, ...]", given))


def is_between(span: object, shortest: timedelta, longest: timedelta) -> bool:
    """Tell whether *span* is a time span within these."""
    return isinstance(span, timedelta) and shortest <= span <= longest


def check_whole(field: str, given: object, allowed: range, rule: str) -> None:
    """Raise, telling the *rule*, unless *given* is a whole number out of *allowed*."""
    if not is_whole(given, allowed):
        raise InvalidMessage(field, rule)


def life(valid: timedelta | None) -> str | None:
    """Write how long an operator tries."""
    return None if valid is None else clock(valid)


def _is_broken(text: str) -> bool:
    return any(sign < " " for sign in text) or bool(_LONE_SURROGATE.search(text))
