"""The kinds of messages: which one a request asks for, and what it must have.

Where the pages give a range and do not say what lies outside of it does, it is refused.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sized
from ipaddress import ip_address
from typing import Final

from .._wire import codes
from ._records import Refused

# The parameter that chooses a kind, and the number of the kind in the history. The pages give no
# number for the last three; theirs are made up, beside the documented ones.
KINDS: Final = {
    "flash": 1,
    "bin": 2,
    "push": 3,
    "hlr": 4,
    "ping": 5,
    "mms": 6,
    "call": 7,
    "mail": 8,
    "viber": 10,
    "soc": 12,
    "whatsapp": 13,
    "tg": 14,
    "bot": 15,
}
MALFORMED: Final = (1, "parameters error")
WITHOUT_TEXT: Final = frozenset({"hlr", "ping"})
# Kinds whose content may be a file alone.
WITH_FILES: Final = frozenset({"call", "viber", "whatsapp", "soc", "bot"})
SENDER: Final = re.compile(rf"\+?\d{{0,{codes.MAX_SENDER_DIGITS}}}|.{{0,{codes.MAX_SENDER_TEXT}}}")
SETTINGS: Final = re.compile(r"pid: \d{1,3}, dcs: \d{1,3}")


def chosen(params: Mapping[str, str]) -> str:
    """Return the kind that the flags choose.

    Raises:
        Refused: they choose several.
    """
    kinds = [name for name in KINDS if params.get(name, "") not in {"", "0"}]
    if len(kinds) > 1:
        raise Refused(*MALFORMED)
    return kinds[0] if kinds else "sms"


def check(kind: str, text: str, sender: str, params: Mapping[str, str], files: Sized) -> None:
    """Look for what is obligatory in a message.

    Raises:
        Refused: it is not there, or has the wrong form.
    """
    if not (kind == "mail" or SENDER.fullmatch(sender)):
        raise Refused(*MALFORMED)
    content = bool(text or (kind in WITH_FILES and (files or params.get("fileurl"))))
    ok = content or kind in WITHOUT_TEXT
    match kind:
        case "mms":
            ok = bool(text or params.get("subj"))
        case "mail":
            ok = bool(text and params.get("subj") and is_mail(sender))
        case "push":
            ok = bool(re.fullmatch(r"[^\n]+\n[^\n]+", text))
        case "bin":
            ok = is_binary(text, params["bin"])
        case "bot":
            ok = content and params["bot"].startswith("@")
        case _:
            pass
    if not ok:
        raise Refused(*MALFORMED)


def check_options(params: Mapping[str, str]) -> None:
    """Look at what may go with any message.

    Raises:
        Refused: a value is outside of its range, or goes with something that is not there.
    """
    given = {name: value for name, value in params.items() if value}
    wrong = any(name in given and not RULES[name](given[name]) for name in RULES)
    lonely = any(name in given and given.get(other, "0") == "0" for name, other in NEEDS)
    if wrong or lonely:
        raise Refused(*MALFORMED)


def octets(text: str, form: str) -> bytes | None:
    """Read a binary message, which comes as hexadecimal digits or as the bytes themselves."""
    digits = text.partition(codes.TEXT_BREAK)[0]
    try:
        return bytes.fromhex(digits) if form == "2" else digits.encode("latin-1")
    except ValueError:
        return None


def is_binary(text: str, form: str) -> bool:
    """Tell whether a binary message begins with a whole header and ends with settings, or none."""
    _, broken, settings = text.partition(codes.TEXT_BREAK)
    data = octets(text, form) or b"\xff"
    return data[0] < len(data) and (not broken or bool(SETTINGS.fullmatch(settings)))


def is_mail(text: str) -> bool:
    """Tell whether a text is an e-mail address."""
    return bool(re.fullmatch(r"[^@\s]+@[^@\s]+", text))


def _within(first: float, last: float) -> Callable[[str], bool]:
    def check(value: str) -> bool:
        return bool(re.fullmatch(r"\d+(\.\d+)?", value)) and first <= float(value) <= last

    return check


def _like(pattern: str) -> Callable[[str], bool]:
    return lambda value: bool(re.fullmatch(pattern, value))


def _address(value: str) -> bool:
    try:
        ip_address(value)
    except ValueError:
        return False
    return True


def _life(value: str) -> bool:
    if found := re.fullmatch(r"(\d\d):([0-5]\d)", value):
        return 1 <= int(found[1]) * 60 + int(found[2]) <= 24 * 60
    return bool(re.fullmatch(r"\d{1,2}", value)) and 1 <= int(value) <= 24  # noqa: PLR2004 - hours


RULES: Final[Mapping[str, Callable[[str], bool]]] = {
    "translit": _like("[012]"),
    "tinyurl": _like("[01]"),
    "valid": _life,
    "period": _within(0.1, 720),
    "freq": _within(1, 1440),
    "smsreq": _within(10, 999),
    "voice": _like(r"[mw][234]?(,[a-z]{2})?"),
    "fileurl": _like(r"https?://\S+"),
    "maxsms": _like(r"\d{1,4}"),
    "userip": _address,
}
NEEDS: Final = (("smsreq", "bot"), ("imgcode", "userip"))
