"""Bytes for a phone are written as the page wants them, behind the header of the standard."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from smsc_async import Binary, InformationElement, InvalidMessage

ITALIC_AND_UNDERLINED = InformationElement.formatting(7, 5, italic=True, underlined=True)


@pytest.mark.parametrize(
    ("element", "octets"),
    [
        (InformationElement.concatenation(5, 2, 1), "0003050201"),
        (InformationElement.concatenation(255, 255, 255), "0003FFFFFF"),
        (InformationElement.concatenation(256, 2, 2), "080401000202"),
        (InformationElement.ports(2948, 9200), "05040B8423F0"),
        (InformationElement.ports(0, 65535), "05040000FFFF"),
        (InformationElement.formatting(7, 5), "0A03070500"),
        (ITALIC_AND_UNDERLINED, "0A03070560"),
        (InformationElement.formatting(0, 255, bold=True, struck=True), "0A0300FF90"),
        (InformationElement.formatting(1, 2, size="large", align="center"), "0A03010205"),
        (InformationElement.formatting(1, 2, size="small", align="right"), "0A0301020A"),
        (InformationElement.formatting(1, 2, align="default"), "0A03010203"),
        (InformationElement(0x24, b"\x01"), "240101"),
        (InformationElement(0xFF, b""), "FF00"),
    ],
)
def test_an_element_has_its_identifier_its_length_and_its_bytes(
    element: InformationElement, octets: str
) -> None:
    assert element.octets.hex().upper() == octets


@pytest.mark.parametrize(
    "make",
    [
        lambda: InformationElement(-1, b""),
        lambda: InformationElement(256, b""),
        lambda: InformationElement(0, bytes(256)),
        lambda: InformationElement(1.0, b""),  # type: ignore[arg-type]
        lambda: InformationElement(True, b""),
        lambda: InformationElement(1, "x"),  # type: ignore[arg-type]
        lambda: InformationElement.ports(2948.0, 9200),  # type: ignore[arg-type]
        lambda: InformationElement.formatting(0, 1, bold=1),  # type: ignore[arg-type]
        lambda: Binary(data=b"x", udh=ITALIC_AND_UNDERLINED),  # type: ignore[arg-type]
        lambda: Binary(data=b"x", udh=(b"x",)),  # type: ignore[arg-type]
        lambda: InformationElement.concatenation(65536, 2, 1),
        lambda: InformationElement.concatenation(-1, 2, 1),
        lambda: InformationElement.concatenation(1, 0, 0),
        lambda: InformationElement.concatenation(1, 256, 1),
        lambda: InformationElement.concatenation(1, 2, 0),
        lambda: InformationElement.concatenation(1, 2, 3),
        lambda: InformationElement.ports(65536, 0),
        lambda: InformationElement.ports(0, -1),
        lambda: InformationElement.formatting(256, 0),
        lambda: InformationElement.formatting(0, 256),
        lambda: InformationElement.formatting(0, 1, size="huge"),  # type: ignore[arg-type]
        lambda: InformationElement.formatting(0, 1, align="up"),  # type: ignore[arg-type]
        lambda: Binary(data=b"x", udh=(InformationElement(0, bytes(138)),)),
    ],
)
def test_what_no_header_can_say_is_refused(make: Callable[[], object]) -> None:
    with pytest.raises(InvalidMessage) as error:
        make()

    assert error.value.field == "udh"


@pytest.mark.parametrize(
    ("message", "mes"),
    [
        (Binary(data=b"Hello, World!"), "0048656C6C6F2C20576F726C6421"),
        (Binary(data=b"\x00\xff", udh=(InformationElement.ports(1, 2),)), "060504000100 0200FF"),
        (
            Binary(data=b"x", udh=(InformationElement(0x24, b"\x01"), ITALIC_AND_UNDERLINED)),
            "08240101 0A03070560 78",
        ),
        (Binary(data=b"", udh=(InformationElement(1, b"\x00\x01"),)), "0401020001"),
    ],
)
def test_the_header_stands_before_the_bytes_behind_its_length(message: Binary, mes: str) -> None:
    assert message.mes == mes.replace(" ", "")


def test_protocol_and_coding_stand_at_the_end_with_these_very_blanks() -> None:
    assert Binary(data=b"\x01", pid=0, dcs=255).mes == "0001\n~~~\npid: 0, dcs: 255"


@pytest.mark.parametrize(
    ("make", "field"),
    [
        (lambda: Binary(data=b""), "data"),
        (lambda: Binary(data=b"x", pid=1), "pid"),
        (lambda: Binary(data=b"x", dcs=1), "pid"),
        (lambda: Binary(data="x"), "data"),  # type: ignore[arg-type]
        (lambda: Binary(data=b"x", pid=256, dcs=0), "pid"),
        (lambda: Binary(data=b"x", pid=1.0, dcs=0), "pid"),  # type: ignore[arg-type]
        (lambda: Binary(data=b"x", pid=0, dcs=True), "dcs"),
        (lambda: Binary(data=b"x", pid=0, dcs=-1), "dcs"),
        (lambda: Binary(data=bytes(500)), "data"),
    ],
)
def test_bytes_that_are_none_or_do_not_fit_are_refused(
    make: Callable[[], object], field: str
) -> None:
    with pytest.raises(InvalidMessage) as error:
        make()

    assert error.value.field == field


def test_the_most_that_fits_is_sent() -> None:
    assert len(Binary(data=bytes(499)).mes) == 1000
    assert Binary(data=b"", udh=(InformationElement(0, bytes(137)),)).mes[:2] == "8B"


@given(st.binary(min_size=1, max_size=100), st.lists(st.binary(max_size=8), max_size=10))
def test_header_and_bytes_can_be_told_apart_again(data: bytes, elements: list[bytes]) -> None:
    udh = tuple(InformationElement(at, each) for at, each in enumerate(elements))

    octets = bytes.fromhex(Binary(data=data, udh=udh).mes)

    header, rest = octets[1 : 1 + octets[0]], octets[1 + octets[0] :]
    assert header == b"".join(element.octets for element in udh)
    assert rest == data
