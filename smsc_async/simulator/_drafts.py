"""Reading the messages that a request asks to send."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

from .._wire import codes
from ._parts import count, cut
from ._records import Refused, Uploaded
from ._texts import altered

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
WITHOUT_TEXT: Final = frozenset({"hlr", "ping"})
# Kinds whose content may be a file or a subject, so that the text may be missing.
WITH_FILES: Final = frozenset({"mms", "call", "mail", "viber", "whatsapp", "soc", "bot"})
GROUP_SIZE: Final = 3

# Whom a group reaches, by its number; None if there is no such group.
Members = Callable[[int], Sequence[str] | None]

_LINE = re.compile(r"(?:([^|:;]*)\|)?([^:;]*)[:;](.*)")
_MALFORMED = (1, "parameters error")


@dataclass(frozen=True, slots=True)
class Draft:
    """One message to one phone, before anybody has judged it."""

    phone: str  # digits or an address; as written when it is neither
    text: str
    kind: str
    original: str = ""  # the text before the service changed it
    sender: str = ""
    comment: str = ""
    parts: int = 1
    readable: bool = True  # the phone is one


def nobody(_number: int) -> None:
    """Know of no group."""


def read(
    params: Mapping[str, str], files: tuple[Uploaded, ...] = (), members: Members = nobody
) -> tuple[Draft, ...]:
    """Read every message of a request, each phone on its own.

    Raises:
        Refused: something obligatory is missing or has the wrong form.
    """
    kind = _kind(params)
    drafts: list[Draft] = []
    for sender, phones, text in _lines(params):
        message = _message(text, kind, sender, params)
        if not (text or files or kind in WITHOUT_TEXT or _excused(kind, params)):
            raise Refused(*_MALFORMED)
        for written in recipients(phones, members):
            phone = address(written, message.kind)
            drafts.append(replace(message, phone=phone or written, readable=bool(phone)))
    if not drafts:
        raise Refused(*_MALFORMED)
    return tuple(drafts)


def _kind(params: Mapping[str, str]) -> str:
    chosen = [name for name in KINDS if params.get(name, "") not in {"", "0"}]
    if len(chosen) > 1:
        raise Refused(*_MALFORMED)
    return chosen[0] if chosen else "sms"


def _excused(kind: str, params: Mapping[str, str]) -> bool:
    return kind in WITH_FILES and bool(params.get("subj") or params.get("fileurl"))


def _lines(params: Mapping[str, str]) -> Iterator[tuple[str, str, str]]:
    """Give the sender, the phones and the text of each line, or of the one message."""
    sender = params.get("sender", "")
    if not (lines := params.get("list")):
        yield sender, params.get("phones", ""), params.get("mes", "")
        return
    if params.get("nl", "") not in {"", "0"}:
        raise Refused(1, "nl is not simulated")  # no page shows how its lines are divided
    for line in lines.split("\n"):
        if not line.strip():
            continue
        if not (found := _LINE.fullmatch(line.removesuffix("\r"))):
            raise Refused(*_MALFORMED)
        own, phones, text = found.groups()
        # After the sender's name a line may give a zone of its own, which delays nothing here.
        named = sender if own is None else own.partition(",")[0].strip()
        yield named, phones, text.replace("\\n", "\n")


def _message(text: str, kind: str, sender: str, params: Mapping[str, str]) -> Draft:
    if len(text) > codes.MAX_TEXT:
        raise Refused(*_MALFORMED)
    if kind == "sms" and (prefix := next(filter(text.startswith, codes.KIND_PREFIXES), None)):
        kind, text = prefix.strip("_").lower(), text.removeprefix(prefix)
    text, _, comment = text.partition(codes.TEXT_BREAK)
    original, text = text, altered(text, params)
    parts = 1
    if kind in {"sms", "flash"}:
        if (most := params.get("maxsms", "0")).isdecimal() and int(most):
            text = cut(text, int(most))
        parts = count(text)
    return Draft("", text, kind, original, sender, comment, parts)


def recipients(field: str, members: Members = nobody) -> Iterator[str]:
    """Give the recipients of a comma or semicolon list, a group's members one by one.

    A group that there is not has made-up ones.
    """
    for written in re.split(r"[,;]", field):
        recipient = written.strip()
        if group := re.fullmatch(r"G(\d{1,6})", recipient):
            number = int(group[1])
            known = members(number)
            made_up = [f"7900{number:06d}{i}" for i in range(1, GROUP_SIZE + 1)]
            yield from made_up if known is None else known
        elif recipient:
            yield recipient


def address(written: str, kind: str = "sms") -> str:
    """Return the address that the service makes of what was written, or nothing."""
    if kind == "mail":
        return written if re.fullmatch(r"[^@\s]+@[^@\s]+", written) else ""
    if kind in {"tg", "bot"} and re.fullmatch(r"[@#]\w+", written):
        return written
    digits = re.sub(r"[\s()-]", "", written)
    # A plus switches the correction off.
    if re.fullmatch(r"8\d{10}", digits):
        digits = "7" + digits[1:]
    return digits.removeprefix("+") if re.fullmatch(r"\+?\d{7,15}", digits) else ""
