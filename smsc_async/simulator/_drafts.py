"""Reading the messages that a request asks to send."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence, Sized
from dataclasses import dataclass, replace
from typing import Final

from .._wire import codes
from ._kinds import MALFORMED, check, check_options, chosen, is_mail, octets
from ._parts import count, cut, packets
from ._records import Refused
from ._texts import altered
from ._voice import Dialling, dialling, seconds

GROUP_SIZE: Final = 3

# Whom a group reaches, by its number; None if there is no such group.
Members = Callable[[int], Sequence[str] | None]

_LINE = re.compile(r"(?:([^|:;]*)\|)?([^:;]*)[:;](.*)")


@dataclass(frozen=True, slots=True)
class Draft:
    """One message to one phone, before anybody has judged it."""

    phone: str  # digits or an address; as written when it is neither
    text: str
    kind: str
    original: str = ""  # the text before the service changed it
    sender: str = ""
    zone: str = ""  # of its line
    comment: str = ""
    parts: int = 1  # of a call its seconds
    dialling: Dialling | None = None
    readable: bool = True  # the phone is one

    @property
    def units(self) -> int:
        """What is paid for: the parts, or the call."""
        return self.parts if self.dialling is None else 1


def nobody(_number: int) -> None:
    """Know of no group."""


def read(
    params: Mapping[str, str], files: Sized = (), members: Members = nobody
) -> tuple[Draft, ...]:
    """Read every message of a request, each phone on its own.

    Raises:
        Refused: something obligatory is missing or has the wrong form.
    """
    check_options(params)
    kind = chosen(params)
    drafts: list[Draft] = []
    for sender, zone, phones, text in _lines(params):
        message = _message(text, kind, sender, params, files)
        for written in recipients(phones, members):
            phone = address(written, message.kind)
            drafts.append(replace(message, phone=phone or written, zone=zone, readable=bool(phone)))
    if not drafts:
        raise Refused(*MALFORMED)
    return tuple(drafts)


def _lines(params: Mapping[str, str]) -> Iterator[tuple[str, str, str, str]]:
    """Give sender, zone, phones and text of each line, or of the one message."""
    sender = params.get("sender", "")
    if not (lines := params.get("list")):
        yield sender, "", params.get("phones", ""), params.get("mes", "")
        return
    if params.get("nl", "") not in {"", "0"}:
        raise Refused(1, "nl is not simulated")  # no page shows how its lines are divided
    for line in lines.split("\n"):
        if not line.strip():
            continue
        if not (found := _LINE.fullmatch(line.removesuffix("\r"))):
            raise Refused(*MALFORMED)
        own, phones, text = found.groups()
        named, _, zone = (sender, "", "") if own is None else own.partition(",")
        yield named.strip(), zone.strip(), phones, text.replace("\\n", "\n")


def _message(text: str, kind: str, sender: str, params: Mapping[str, str], files: Sized) -> Draft:
    if len(text) > codes.MAX_TEXT and kind != "mail":
        raise Refused(*MALFORMED)
    if kind == "sms" and (prefix := next(filter(text.startswith, codes.KIND_PREFIXES), None)):
        kind, text = prefix.strip("_").lower(), text.removeprefix(prefix)
    check(kind, text, sender, params, files)
    data = octets(text, params["bin"]) if kind == "bin" else None
    original, _, comment = text.partition(codes.TEXT_BREAK)
    text, parts, param = altered(original, params), 1, None
    if kind in {"sms", "flash"}:
        if (most := params.get("maxsms", "0")).isdecimal() and int(most):
            text = cut(text, int(most))
        parts = count(text)
    elif kind == "call":
        parts = seconds(text, len(files) + bool(params.get("fileurl")))
        param = dialling(params.get("param", ""))
    elif data is not None:
        parts = packets(data)
    return Draft("", text, kind, original, sender, comment=comment, parts=parts, dialling=param)


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
        return written if is_mail(written) else ""
    if kind in {"tg", "bot"} and re.fullmatch(r"[@#]\w+", written):
        return written
    digits = re.sub(r"[\s()-]", "", written)
    # A plus switches the correction off.
    if re.fullmatch(r"8\d{10}", digits):
        digits = "7" + digits[1:]
    return digits.removeprefix("+") if re.fullmatch(r"\+?\d{7,15}", digits) else ""
