"""To whom, and by which id: checked and written down; plain functions."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from collections.abc import Set as AbstractSet
from functools import partial
from typing import Final, NamedTuple, cast

from .._slices import Work, in_slices
from .._wire import codes, values
from ..errors import InvalidMessage
from ..messages._checks import is_address
from ..messages._message import Recipients

_GROUP = re.compile(r"[Gg][0-9]+\Z")
_PHONE = re.compile(r"\+?[0-9 ()./\-\u00a0]+\Z")
_TELEGRAM = re.compile(r"@[A-Za-z0-9_]{3,32}\Z|#[0-9]{1,20}\Z")
_CALLED: Final[Mapping[Recipients, str]] = {
    "phones": "phone number",
    "phone": "phone number",
    "addresses": "e-mail address",
    "telegram": "phone number, @nick or #id",
}
_PHONE_DIGITS = range(5, 16)  # the longest international number has 15
_RUSSIAN = ("7", "89")  # no number that begins so has more digits than those of Russia
_RUSSIAN_DIGITS = 11
_APART = re.compile(r"[ /\u00a0]+")
_WHOLE = 7  # digits that may be a number by themselves
A_TEXT: Final = "is a text, such as '+79991234567'"
SEVERAL: Final = "is a text, or several"
_IDS = range(1, codes.MAX_ID_NUMBER + 1)
_NUMBER = re.compile(rf"[0-9]{{1,{codes.MAX_ID_TEXT}}}\Z")
_ID = re.compile(rf"[A-Za-z0-9._\-]{{1,{codes.MAX_ID_TEXT}}}\Z")


def recipients(to: str | Iterable[str], takes: Recipients = "phones") -> Work[tuple[str, ...]]:
    """Return whom a kind that *takes* such goes to, as it is sent.

    Raises for what is no such recipient, and for one that is given twice.
    """
    given = (to,) if isinstance(to, str) else listed("to", to, SEVERAL)
    if not given:
        raise InvalidMessage("to", "names nobody")
    if len(given) > codes.MAX_RECIPIENTS:
        raise InvalidMessage(
            "to",
            f"names {len(given)} recipients, and one request takes {codes.MAX_RECIPIENTS}; send in "
            "portions, with send_each() if the texts differ, or run a campaign",
        )
    if takes == "phone" and len(given) > 1:
        raise InvalidMessage("to", "names many; a call that tells a code has one recipient")
    bad: dict[int, str] = {}
    found: dict[str, str] = {}
    read = yield from in_slices(partial(_recipient, takes), given)
    for at, one in enumerate(read):
        if isinstance(one, str):
            bad[at] = one
        elif one.number in found:
            bad[at] = "came before"
        else:
            found[one.number] = one.spelled
    if bad and len(given) == 1:
        raise InvalidMessage("to", bad[0])
    if bad:
        raise InvalidMessage("to", f"{len(bad)} of {len(given)} recipients are bad", bad)
    return tuple(found.values())


class _Recipient(NamedTuple):
    number: str  # what is equal for all spellings
    spelled: str


def _recipient(takes: Recipients, given: object) -> _Recipient | str:
    """Return a recipient, or why it is none."""
    if not isinstance(given, str):
        return A_TEXT
    return fault(given, takes) or _Recipient(values.digits(given), spelled(given))


def listed(field: str, given: object, rule: str) -> tuple[object, ...]:
    """Return what was given as several; raise, telling the *rule*, for what is one or none.

    A mapping is refused, for its values would be lost. What has no order of its own gets one, so
    that a program that is started anew makes the same request of it.
    """
    if isinstance(given, Mapping):
        raise InvalidMessage(field, f"{rule}, and no mapping: pass its items() or its keys()")
    if isinstance(given, str | bytes) or not isinstance(given, Iterable):
        raise InvalidMessage(field, rule)
    found = cast("Iterable[object]", given)
    return tuple(sorted(found, key=repr) if isinstance(found, AbstractSet) else found)


def check_text(phone: object, field: str = "phone") -> str:
    """Return a phone; raise unless it is a text, which a number is not."""
    if not isinstance(phone, str):
        raise InvalidMessage(field, A_TEXT)
    return phone


def checked_id(given: str | int | None) -> str | None:
    """Return an id that may be left out, as text."""
    return None if given is None else known_id(given)


def known_id(given: object) -> str:
    """Return an id as text; raise if it is outside the service's range or alphabet."""
    if not isinstance(given, str | int) or isinstance(given, bool):
        raise InvalidMessage("id", "is a text or a whole number")
    if isinstance(given, int) or _NUMBER.match(given):
        if int(given) not in _IDS:
            raise InvalidMessage("id", f"a number is between 1 and {codes.MAX_ID_NUMBER}")
    elif not _ID.match(given):
        raise InvalidMessage(
            "id", f"is at most {codes.MAX_ID_TEXT} Latin letters, digits and the signs . - _"
        )
    return str(given)


def is_group(phone: str) -> bool:
    """Tell whether *phone* is a group of the account, ``G`` and its number."""
    return bool(_GROUP.match(phone))


def is_mail(address: str) -> bool:
    """Tell whether *address* is one of e-mail."""
    return is_address(address.strip())


def is_askable(recipient: str) -> bool:
    """Tell whether a status can be asked for: by a phone or an address, which the service shows."""
    return is_mail(recipient) or _is_phone(recipient)


def phone(given: object, field: str = "phone") -> str:
    """Return a number as it is sent; raise for what is none, and for a group."""
    number = check_text(given, field)
    if is_group(number):
        raise InvalidMessage(field, "is a group, and not a number")
    if why := fault(number, "phone"):
        raise InvalidMessage(field, why)
    return spelled(number)


def own_number(field: str, given: object) -> str:
    """Return a number of the account's own, which may be a short one."""
    text = check_text(given, field)
    if not _PHONE.match(text.strip()) or not (number := values.tidy(text)).lstrip("+"):
        raise InvalidMessage(field, "is one phone number")
    return number


class Message(NamedTuple):
    """One message as its status is asked by: the id and the phone (or address) it went to."""

    id: str
    phone: str


def message(id: object, phone: object) -> Message:
    """Return a message as it is asked about; raise for a group, whose phones have one each."""
    known = known_id(id)
    number = check_text(phone)
    if is_group(number):
        raise InvalidMessage("phone", "is a group; a status is asked for each of its phones")
    if why := None if is_mail(number) else fault(number, "phone"):
        raise InvalidMessage("phone", why)
    return Message(known, spelled(number))


def messages(given: object) -> dict[Message, Message]:
    """Return each message once, by what tells messages apart; raise for rows that are none."""
    bad: dict[int, str] = {}
    found: dict[Message, Message] = {}
    for at, row in enumerate(listed("messages", given, "are pairs of an id and a phone")):
        try:
            one = message(*pair(row, "a pair of an id and a phone"))
        except InvalidMessage as error:
            bad[at] = str(error)
        else:
            found.setdefault(same(*one), one)
    if bad:
        raise InvalidMessage("messages", f"{len(bad)} of the messages cannot be asked about", bad)
    return found


def pair(row: object, what: str) -> tuple[object, object]:
    """Return the two that a row consists of; raise for a row that is not *what* it should be."""
    found: tuple[object, ...] = ()
    if isinstance(row, tuple):  # as most are
        found = cast("tuple[object, ...]", row)
    elif not isinstance(row, AbstractSet):
        found = listed("row", row, f"is {what}")
    if len(found) != 2:  # noqa: PLR2004 - two make a pair
        raise InvalidMessage("row", f"is {what}")
    return found[0], found[1]


def same(id: str, phone: str) -> Message:
    """Return what is equal for all spellings of one message."""
    return Message(str(int(id)) if _NUMBER.match(id) else id, values.digits(phone))


def fault(recipient: str, takes: Recipients) -> str | None:
    """Return why a kind that *takes* such cannot go to that *recipient*, if it cannot."""
    stripped = recipient.strip()
    if not stripped:
        return "is empty"
    if "," in recipient or ";" in recipient:
        return "is more than one number; pass a list of them"
    if is_group(recipient) and takes != "phone":
        return None
    if takes == "telegram" and _TELEGRAM.match(stripped):
        return None
    if is_mail(stripped) if takes == "addresses" else _is_phone(stripped):
        return None
    return f"{values.mask(recipient)!r} is no {_CALLED[takes]}"


def spelled(recipient: str) -> str:
    """Write a recipient as it is sent."""
    if is_group(recipient):
        return recipient.upper()
    return values.tidy(recipient) if _is_phone(recipient.strip()) else recipient.strip()


def _is_phone(text: str) -> bool:
    """Tell whether *text* is one number: not two that would be read as a third."""
    tidy = values.tidy(text)
    number = tidy.lstrip("+")
    if (tidy != text and not _PHONE.match(text)) or len(number) not in _PHONE_DIGITS:
        return False
    if number.startswith(_RUSSIAN) and len(number) > _RUSSIAN_DIGITS:
        return False
    words = [text] if tidy == text else _APART.split(text)
    return len(words) == 1 or not all(len(values.tidy(word)) >= _WHOLE for word in words)
