"""Numbers in one spelling, and the time zones that they are in."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import lru_cache
from typing import Final, cast

import phonenumbers as library
from phonenumbers import timezone

from ._errors import BadRows

_BETWEEN = re.compile(r"[\s().\-\u2010-\u2015]+")  # what people put between digits
_SHAPE = re.compile(r"(\+?)([0-9]+)\Z")
_QUANTITY = re.compile(r"[0-9][.,]?[0-9]*[eE]\+?[0-9]+\Z")
_ABROAD: Final = "00"  # dialled before the code of a country in most of them
# Without a plus, so long a number may begin with the code of another country; a shorter one is
# rather one of home with a digit missing, which might by chance be someone's abroad.
_WITH_CODE: Final = 11
_BLOCK: Final = 4  # digits: operators are given numbers by the ten thousand, of one type
_BLOCKS: Final = 65_536

_WRONG_LENGTH: Final = {
    library.ValidationResult.TOO_SHORT: "too short",
    library.ValidationResult.TOO_LONG: "too long",
    library.ValidationResult.INVALID_LENGTH: "too short or too long",
}


class Phones:
    """Reads numbers as people of *region*, an ISO 3166 code, write them.

    Raises :class:`BadRows` for a region that there is not.
    """

    def __init__(self, region: str) -> None:
        if region not in library.SUPPORTED_REGIONS:
            raise BadRows(f"no region is called {region!r}; say two capital letters, such as RU")
        self._region = region
        self._code = f"+{library.country_code_for_region(region)}"
        self._quick = _pattern(region, self._code, self.exact)

    def read(self, written: str) -> str:
        """Return a number in E.164, with its plus; raise ValueError, which says what is wrong."""
        found = self._quick(written)
        if found is None:
            return self._read(written)
        return self._code + found[1]

    def _read(self, written: str) -> str:
        tidied = _BETWEEN.sub("", written)
        found = self._quick(tidied)
        return self.exact(tidied) if found is None else self._code + found[1]

    def exact(self, written: str) -> str:
        """Do as :meth:`read`, by the library alone, which takes some fifty times as long."""
        tidied = _BETWEEN.sub("", written)
        if not tidied:
            raise ValueError("is empty")
        found = _SHAPE.match(tidied)
        if found is None:
            raise ValueError(_strange(tidied))
        plus, digits = found.groups()
        if digits.startswith(_ABROAD) and not plus:
            plus, digits = "+", digits.removeprefix(_ABROAD)
        try:
            number = library.parse(plus + digits, self._region)
        except library.NumberParseException as error:
            raise ValueError(_unread(error)) from None
        if not library.is_valid_number(number):
            number = self._abroad(plus, digits) or number
            if why := _fault(number):
                raise ValueError(why)
        return library.format_number(number, library.PhoneNumberFormat.E164)

    def _abroad(self, plus: str, digits: str) -> library.PhoneNumber | None:
        """Read digits as those of another country's number, if they are."""
        if plus or len(digits) < _WITH_CODE:
            return None
        try:
            number = library.parse(f"+{digits}")
        except library.NumberParseException:
            return None
        return number if library.is_valid_number(number) else None


@lru_cache(_BLOCKS)
def _zone(phone: str) -> str | None:
    zones = timezone.time_zones_for_number(library.parse(phone))
    return zones[0] if len(zones) == 1 and zones[0] != timezone.UNKNOWN_TIMEZONE else None


def zone(phone: str) -> str | None:
    """Return the time zone of a number in E.164; None where it may be in several, or in any.

    Nobody knows it of an address.
    """
    if "@" in phone:
        return None
    is_long = len(phone) > _WITH_CODE  # small countries share out less at a time
    return _zone(phone[:-_BLOCK] + "0" * _BLOCK if is_long else phone)


def beginning(phone: str) -> str:
    """Return the country code of a number in E.164 and the digit after it; "" of all else."""
    for digits in range(1, 4):
        code = phone[1 : 1 + digits]
        if code.isdecimal() and int(code) in library.COUNTRY_CODE_TO_REGION_CODE:
            return phone[: 2 + digits]
    return ""


def _pattern(
    region: str, code: str, exact: Callable[[str], str]
) -> Callable[[str], re.Match[str] | None]:
    """Return what finds mobile numbers of *code*, as people of *region* write them in digits.

    They are what lists are made of, and a pattern is enough to read them. A beginning that
    *exact* reads in another way, for it may be a part of the number there, is left to it.
    """
    mobile = [
        (known.national_number_pattern, known.example_number)
        for other in library.COUNTRY_CODE_TO_REGION_CODE[int(code)]
        if (known := _metadata(other).mobile) and known.example_number
    ]
    starts = [
        re.escape(start)
        for start in ("", code, code[1:], _metadata(region).national_prefix or "")
        if all(_is_read(exact, start + example, code + example) for _, example in mobile)
    ]
    patterns = "|".join(pattern for pattern, _ in mobile if pattern)
    return re.compile(f"(?:{'|'.join(starts)})({patterns})", re.ASCII).fullmatch


def _metadata(region: str) -> library.PhoneMetadata:
    # None is for regions that the library does not support.
    return cast("library.PhoneMetadata", library.PhoneMetadata.metadata_for_region(region))


def _is_read(exact: Callable[[str], str], written: str, number: str) -> bool:
    try:
        return exact(written) == number
    except ValueError:
        return False


def _strange(written: str) -> str:
    if _QUANTITY.match(written):
        return "is a quantity: a spreadsheet has made one of the number, and its end is lost"
    if len(re.findall("[0-9]{7,}", written)) > 1:
        return "is more than one number"
    return "is no phone number"


def _unread(error: library.NumberParseException) -> str:
    if error.error_type == library.NumberParseException.INVALID_COUNTRY_CODE:
        return "begins with the code of no country"
    if error.error_type == library.NumberParseException.TOO_LONG:
        return "is too long for a number"
    return "is too short for a number"


def _fault(number: library.PhoneNumber) -> str | None:
    """Return what is wrong with a number, if something is."""
    if library.is_valid_number(number):
        return None
    code = number.country_code or 0
    where = f"a number of {library.region_code_for_country_code(code)} (+{code})"
    if why := _WRONG_LENGTH.get(library.is_possible_number_with_reason(number)):
        return f"is {why} for {where}"
    return f"is not {where} that anybody can have"
