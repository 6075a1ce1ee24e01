"""A number has one spelling in a store, whatever its spelling in a list."""

from __future__ import annotations

import phonenumbers
import pytest
from hypothesis import given
from hypothesis import strategies as st
from phonenumbers import PhoneMetadata, timezone

from smsc_async._resources import _addressing
from smsc_async.campaigns._errors import BadRows
from smsc_async.campaigns._phones import Phones, zone

RUSSIA = Phones("RU")
REGIONS = ("RU", "KZ", "BY", "UA", "UZ", "AM", "DE", "ID", "CO", "GB", "US", "TR")
BY_REGION = {region: Phones(region) for region in REGIONS}
SEPARATORS = ("", " ", "-", "(", ")", "\u00a0", ".", " - ")


def outcome(phones: Phones, written: str, *, exact: bool) -> str:
    try:
        return phones.exact(written) if exact else phones.read(written)
    except ValueError as error:
        return f"bad: {error}"


@pytest.mark.parametrize(
    "written",
    [
        "+79261234567",
        "79261234567",
        "89261234567",
        "9261234567",
        " 8 (926) 123-45-67 ",
        "+7 926 123 45 67",
        "+7\u00a0926\u00a0123\u201345\u201367",
        "8.926.123.45.67",
        "0079261234567",
        "00 7 926 123 45 67",
    ],
)
def test_a_number_has_one_spelling(written: str) -> None:
    assert RUSSIA.read(written) == "+79261234567"
    assert RUSSIA.exact(written) == "+79261234567"


@pytest.mark.parametrize(
    ("written", "number"),
    [
        ("87011234567", "+77011234567"),  # Kazakhstan dials an 8 as well
        ("84951234567", "+74951234567"),
        ("88005553535", "+78005553535"),
        ("375291234567", "+375291234567"),
        ("8 10 375 29 123-45-67", "+375291234567"),
        ("00375291234567", "+375291234567"),
        ("+44 20 7946 0958", "+442079460958"),
    ],
)
def test_numbers_of_others_are_read_from_russia(written: str, number: str) -> None:
    assert RUSSIA.read(written) == number


@pytest.mark.parametrize(
    ("written", "why"),
    [
        ("", "is empty"),
        (" - ", "is empty"),
        ("112", "is too short for a number of RU (+7)"),
        ("1", "is too short for a number"),
        ("+7 926", "is too short for a number of RU (+7)"),
        ("792612345678", "is too short or too long for a number of RU (+7)"),
        ("926123456", "is too short for a number of RU (+7)"),
        ("1" * 30, "is too long for a number"),
        ("+8 926 123-45-67", "begins with the code of no country"),
        ("21112345678", "is too short or too long for a number of RU (+7)"),
        ("+71234567890", "is not a number of RU (+7) that anybody can have"),
        ("нет телефона", "is no phone number"),
        ("+7 9O3 OOO-17-28", "is no phone number"),
        ("٨٩٢٦١٢٣٤٥٦٧", "is no phone number"),
        ("8926\x001234567", "is no phone number"),
        ("7.92600E+10", "is a quantity"),
        ("7,926E10", "is a quantity"),
        ("+79160001122, +79160003344", "is more than one number"),
        ("+375290001122 / +375290003344", "is more than one number"),
        ("anna@example.com", "is no phone number"),
        ("G12", "is no phone number"),
    ],
)
def test_what_is_no_number_is_told_why(written: str, why: str) -> None:
    assert outcome(RUSSIA, written, exact=False).startswith(f"bad: {why}")
    assert outcome(RUSSIA, written, exact=True) == outcome(RUSSIA, written, exact=False)


def test_a_fault_does_not_show_the_number() -> None:
    for written in ("+7 926 123-45-678", "+79261234567x", "12345678"):
        fault = outcome(RUSSIA, written, exact=False)

        assert fault.startswith("bad: ")
        assert "123" not in fault


@pytest.mark.parametrize(
    ("region", "written"),
    [("DE", "4915123456789"), ("CO", "03211234567"), ("ID", "62812345678"), ("XK", "38343201234")],
)
def test_a_beginning_that_is_a_part_of_the_number_is_left_there(region: str, written: str) -> None:
    phones = Phones(region)

    assert outcome(phones, written, exact=False) == outcome(phones, written, exact=True)


def test_a_number_that_lacks_a_digit_is_not_looked_for_abroad() -> None:
    assert RUSSIA.read("+3725123456") == "+3725123456"
    assert outcome(RUSSIA, "3725123456", exact=False).startswith("bad: ")


def test_a_region_that_is_none_is_refused() -> None:
    for region in ("Russia", "ru", "", "ZZ", "001"):
        with pytest.raises(BadRows, match="such as RU"):
            Phones(region)


@st.composite
def mobile(draw: st.DrawFn) -> tuple[str, str]:
    """Draw a region, and digits like those of a mobile number that is called from there."""
    region = draw(st.sampled_from(REGIONS))
    code = phonenumbers.country_code_for_region(region)
    own = PhoneMetadata.metadata_for_region(region)
    other = PhoneMetadata.metadata_for_region(
        draw(st.sampled_from(phonenumbers.COUNTRY_CODE_TO_REGION_CODE[code]))
    )
    assert own is not None
    assert other is not None
    assert other.mobile is not None
    example = str(other.mobile.example_number)
    kept = draw(st.integers(0, len(example)))
    digits = example[:kept] + draw(
        st.text("0123456789", min_size=len(example) - kept, max_size=len(example) - kept)
    )
    start = draw(st.sampled_from(("", f"+{code}", f"{code}", own.national_prefix or "")))
    return region, "".join(sign + draw(st.sampled_from(SEPARATORS)) for sign in f"{start}{digits}")


@given(mobile())
def test_the_quick_way_agrees_with_the_library(drawn: tuple[str, str]) -> None:
    region, written = drawn
    phones = BY_REGION[region]

    assert outcome(phones, written, exact=False) == outcome(phones, written, exact=True)


@given(st.text("+0123456789 ()-.,/#x", max_size=24))
def test_both_ways_agree_on_what_looks_like_a_number(written: str) -> None:
    assert outcome(RUSSIA, written, exact=False) == outcome(RUSSIA, written, exact=True)


@given(st.text(max_size=20))
def test_a_text_is_a_number_or_a_fault(written: str) -> None:
    found = outcome(RUSSIA, written, exact=False)

    assert found.startswith("bad: ") or phonenumbers.is_valid_number(phonenumbers.parse(found))


def examples() -> list[str]:
    known = [
        PhoneMetadata.metadata_for_region(region)
        for region in sorted(phonenumbers.SUPPORTED_REGIONS)
    ]
    return [
        f"+{one.country_code}{kind.example_number}"
        for one in known
        if one is not None
        for kind in (one.mobile, one.fixed_line)
        if kind and kind.example_number
    ]


def test_what_is_read_can_be_sent_to_and_read_again() -> None:
    assert len(examples()) > 400
    for number in examples():
        phone = RUSSIA.read(number)

        assert _addressing.fault(phone, "phones") is None
        assert _addressing.spelled(phone) == phone
        assert RUSSIA.read(phone) == phone


def test_a_number_that_is_in_one_zone_has_that_zone() -> None:
    ones = 0
    for number in examples():
        phone = RUSSIA.read(number)
        zones = timezone.time_zones_for_number(phonenumbers.parse(phone))
        is_one = len(zones) == 1 and zones[0] != timezone.UNKNOWN_TIMEZONE
        ones += is_one

        assert zone(phone) == (zones[0] if is_one else None)
    assert ones > 200


def test_a_mobile_number_of_a_large_country_is_in_no_one_zone() -> None:
    assert zone("+79261234567") is None
    assert zone("+74951234567") == "Europe/Moscow"
