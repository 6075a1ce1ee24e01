"""A text takes as many parts as the standard says: 3GPP TS 23.038 for the letters."""

from __future__ import annotations

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from smsc_async import Parts, parts

# The default alphabet, by code: the standard's table, column by column. 1B is the escape.
ALPHABET = {
    0x00: "@", 0x01: "£", 0x02: "$", 0x03: "¥", 0x04: "è", 0x05: "é", 0x06: "ù", 0x07: "ì",
    0x08: "ò", 0x09: "Ç", 0x0A: "\n", 0x0B: "Ø", 0x0C: "ø", 0x0D: "\r", 0x0E: "Å", 0x0F: "å",
    0x10: "Δ", 0x11: "_", 0x12: "Φ", 0x13: "Γ", 0x14: "Λ", 0x15: "Ω", 0x16: "Π", 0x17: "Ψ",
    0x18: "Σ", 0x19: "Θ", 0x1A: "Ξ", 0x1C: "Æ", 0x1D: "æ", 0x1E: "ß", 0x1F: "É",
    0x20: " ", 0x21: "!", 0x22: '"', 0x23: "#", 0x24: "¤", 0x25: "%", 0x26: "&", 0x27: "'",
    0x28: "(", 0x29: ")", 0x2A: "*", 0x2B: "+", 0x2C: ",", 0x2D: "-", 0x2E: ".", 0x2F: "/",
    0x30: "0", 0x31: "1", 0x32: "2", 0x33: "3", 0x34: "4", 0x35: "5", 0x36: "6", 0x37: "7",
    0x38: "8", 0x39: "9", 0x3A: ":", 0x3B: ";", 0x3C: "<", 0x3D: "=", 0x3E: ">", 0x3F: "?",
    0x40: "¡", 0x41: "A", 0x42: "B", 0x43: "C", 0x44: "D", 0x45: "E", 0x46: "F", 0x47: "G",
    0x48: "H", 0x49: "I", 0x4A: "J", 0x4B: "K", 0x4C: "L", 0x4D: "M", 0x4E: "N", 0x4F: "O",
    0x50: "P", 0x51: "Q", 0x52: "R", 0x53: "S", 0x54: "T", 0x55: "U", 0x56: "V", 0x57: "W",
    0x58: "X", 0x59: "Y", 0x5A: "Z", 0x5B: "Ä", 0x5C: "Ö", 0x5D: "Ñ", 0x5E: "Ü", 0x5F: "§",
    0x60: "¿", 0x61: "a", 0x62: "b", 0x63: "c", 0x64: "d", 0x65: "e", 0x66: "f", 0x67: "g",
    0x68: "h", 0x69: "i", 0x6A: "j", 0x6B: "k", 0x6C: "l", 0x6D: "m", 0x6E: "n", 0x6F: "o",
    0x70: "p", 0x71: "q", 0x72: "r", 0x73: "s", 0x74: "t", 0x75: "u", 0x76: "v", 0x77: "w",
    0x78: "x", 0x79: "y", 0x7A: "z", 0x7B: "ä", 0x7C: "ö", 0x7D: "ñ", 0x7E: "ü", 0x7F: "à",
}  # fmt: skip
# Behind the escape.
EXTENSION = {
    0x0A: "\f", 0x14: "^", 0x28: "{", 0x29: "}", 0x2F: "\\",
    0x3C: "[", 0x3D: "~", 0x3E: "]", 0x40: "|", 0x65: "€",
}  # fmt: skip


def test_the_table_is_whole() -> None:
    assert ALPHABET.keys() == set(range(128)) - {0x1B}
    assert len(set(ALPHABET.values()) | set(EXTENSION.values())) == 127 + 10


def test_every_letter_of_the_table_takes_one_unit_and_behind_the_escape_two() -> None:
    for sign in ALPHABET.values():
        assert parts(sign) == Parts(count=1, alphabet="gsm", length=1, room=159), sign
    for sign in EXTENSION.values():
        assert parts(sign) == Parts(count=1, alphabet="gsm", length=2, room=158), sign


def test_no_other_sign_is_of_that_alphabet() -> None:
    known = {*ALPHABET.values(), *EXTENSION.values()}

    for code in range(0x10000):
        if chr(code) not in known:
            assert parts(chr(code)) == Parts(count=1, alphabet="ucs2", length=1, room=69), code


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", (1, "gsm", 0, 160)),
        ("a" * 160, (1, "gsm", 160, 0)),
        ("a" * 161, (2, "gsm", 161, 145)),
        ("a" * 306, (2, "gsm", 306, 0)),
        ("a" * 307, (3, "gsm", 307, 152)),
        ("я" * 70, (1, "ucs2", 70, 0)),
        ("я" * 71, (2, "ucs2", 71, 63)),
        ("я" * 134, (2, "ucs2", 134, 0)),
        ("я" * 135, (3, "ucs2", 135, 66)),
        ("a" * 69 + "я", (1, "ucs2", 70, 0)),
        ("a" * 70 + "я", (2, "ucs2", 71, 63)),
        ("€" * 80, (1, "gsm", 160, 0)),
        ("€" * 81, (2, "gsm", 162, 143)),
        ("😀" * 35, (1, "ucs2", 70, 0)),
        ("😀" * 36, (2, "ucs2", 72, 61)),
        # The last of 153, and of 67, stays empty where a sign of two follows.
        ("a" * 152 + "€" + "a" * 152, (3, "gsm", 306, 152)),
        ("a" * 152 + "€" + "a" * 151, (2, "gsm", 305, 0)),
        ("я" * 66 + "😀" + "я" * 66, (3, "ucs2", 134, 66)),
        ("я" * 66 + "😀" + "я" * 65, (2, "ucs2", 133, 0)),
        ("😀" * 66, (2, "ucs2", 132, 1)),
        ("😀" * 67, (3, "ucs2", 134, 65)),
    ],
    ids=lambda value: repr(value)[:20],
)
def test_a_text_falls_into_parts(text: str, expected: tuple[object, ...]) -> None:
    found = parts(text)

    assert (found.count, found.alphabet, found.length, found.room) == expected


@given(st.text(st.characters(codec="utf-8") | st.sampled_from("a€я😀"), max_size=400))
@example("a" * 152 + "€" + "a" * 160)
def test_the_room_is_what_fits_without_another_part(text: str) -> None:
    found = parts(text)
    more = "a" if found.alphabet == "gsm" else "я"

    assert parts(text + more * found.room).count == found.count
    assert parts(text + more * (found.room + 1)).count == found.count + 1
