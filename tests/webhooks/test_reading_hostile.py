"""Whatever is posted, it is read or refused: in bounded memory, by the errors that are promised."""

from __future__ import annotations

import json
import pickle
import random
import tracemalloc

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from smsc_async import SmscError
from smsc_async.webhooks import BadCallback, NotUnderstood, SignatureMismatch, parse

from .service import CALL, FORM, JSON, MESSAGE, SECRET, STATUS, WRITERS, XML, form, signed

PROMISED = (BadCallback, NotUnderstood, SignatureMismatch)
MOST_MEMORY = 8 * 1024 * 1024
FULL = 64 * 1024  # the longest body that the app reads
CONTENT_TYPES = ["", FORM, JSON, XML, "text/plain"]
CHARSETS = st.sampled_from([None, "utf-8", "koi8-r", "windows-1251"])
KEYS = st.sampled_from([None, SECRET])
TYPES = st.sampled_from(CONTENT_TYPES) | st.text(max_size=20)
VALID = [
    (WRITERS[name][0]([signed(kind, row)], charset), WRITERS[name][1])
    for kind, row in (("status", {**STATUS, "cmt": "Заказ"}), ("message", MESSAGE), ("call", CALL))
    for name in WRITERS
    for charset in ("utf-8", "windows-1251")
]


def read(body: bytes, **how: object) -> SmscError | None:
    """Return the error, which is one of those promised."""
    try:
        found = parse(body, **how)  # type: ignore[arg-type]  # whatever it is
    except PROMISED as error:
        return error
    assert isinstance(found, tuple)
    assert found
    return None


@given(
    st.binary(max_size=80), TYPES, st.binary(max_size=20), CHARSETS, st.sampled_from([None, SECRET])
)
@example(b"<\0a\0", "", b"", None, None)
def test_no_bytes_raise_another_error(
    body: bytes, content_type: str, query: bytes, charset: str | None, secret: str | None
) -> None:
    read(body, secret=secret, content_type=content_type, query=query, charset=charset)


@given(st.text("{}[]\":,\\u0d8 e-1.n<>/a&;=%!?-'", max_size=60), TYPES)
def test_no_signs_of_the_formats_raise_another_error(text: str, content_type: str) -> None:
    read(text.encode(), secret=None, content_type=content_type)


PIECES = [b'"', b"<a>", b"]]>", b"\\", b"%00", b"&", b"\xed\xa0\x80", b"\x98", b"1e999"]
CUTS = st.lists(
    st.tuples(
        st.integers(0, 10_000),
        st.integers(0, 8),
        st.binary(max_size=4)
        | st.sampled_from(
            [b'"', b"<a>", b"]]>", b"\\", b"%00", b"&", b"\xed\xa0\x80", b"\x98", b"1e999"]
        ),
    ),
    min_size=1,
    max_size=4,
)


@given(st.sampled_from(VALID), CUTS, CHARSETS, KEYS)
def test_no_damage_to_a_callback_raises_another_error(
    valid: tuple[bytes, str],
    cuts: list[tuple[int, int, bytes]],
    charset: str | None,
    secret: str | None,
) -> None:
    body, content_type = valid
    for at, length, instead in cuts:
        place = at % (len(body) + 1)
        body = body[:place] + instead + body[place + length :]

    read(body, secret=secret, content_type=content_type, charset=charset)


VALUES = st.text(max_size=8) | st.sampled_from(["9" * 5000, "NaN", "-0", "1e5", "\0", "null", "０"])
NAMES = sorted(
    {*STATUS, *MESSAGE, *CALL, "err", "md5", "crc32", "extra", "text", "kind", "charset"}
)


@given(st.dictionaries(st.sampled_from(NAMES) | st.text(max_size=4), VALUES, max_size=12))
def test_no_value_of_a_field_raises_another_error(row: dict[str, str]) -> None:
    for kind, plain in (("status", STATUS), ("message", MESSAGE), ("call", CALL)):
        whole = {**plain, **row}
        for one in (row, whole, signed(kind, whole)):
            for secret in (None, SECRET):
                for name in ("form", "escaped JSON"):
                    write, content_type, _ = WRITERS[name]
                    read(write([one], "utf-8"), secret=secret, content_type=content_type)


CANARY = "Sesame7"  # stands in each value
HOSTILE_ROWS = [
    dict.fromkeys(STATUS, CANARY),
    {**STATUS, "id": f"{CANARY}:"},
    {**STATUS, "phone": f"{CANARY} x"},
    {**STATUS, "status": CANARY},
    {**MESSAGE, "mes": CANARY, "phone": f"8{CANARY}"},
    {**MESSAGE, "mes": CANARY, "waitcall": CANARY},
    {**CALL, "ts": CANARY},
    {"mes": CANARY},
    {**STATUS, "cost": CANARY, "sha1": CANARY},
    {**STATUS, "charset": CANARY},
]
HOSTILE_BODIES = [
    *(form([row], "utf-8") for row in HOSTILE_ROWS),
    *(json.dumps(row).encode() for row in HOSTILE_ROWS),
    form([signed("status", {**STATUS, "phone": f"{CANARY} x"})], "utf-8"),
    f"id={CANARY}&id={CANARY}".encode(),
    f"id={CANARY}&cmt=%FF%98".encode(),
    f'{{"id":"{CANARY}","id":"{CANARY}"}}'.encode(),
    f'{{"id":["{CANARY}"]}}'.encode(),
    f'{{"id":"{CANARY}'.encode(),
    f'["{CANARY}"]'.encode(),
    f'<?xml version="1.0" encoding="{CANARY}"?><a/>'.encode(),
    f"<a>{CANARY}".encode(),
    f"<!DOCTYPE a><a>{CANARY}</a>".encode(),
    f"<a><b>{CANARY}</b><b>{CANARY}</b></a>".encode(),
    CANARY.encode(),
]


@pytest.mark.parametrize("body", HOSTILE_BODIES)
def test_an_error_shows_no_value_and_no_secret_and_survives_a_queue(body: bytes) -> None:
    error = read(body, secret=SECRET, query=f"own={CANARY}".encode())

    assert error is not None
    for text in (str(error), repr(error), getattr(error, "reason", "")):
        assert text
        assert CANARY not in text
        assert SECRET not in text
        assert "Tq3" not in text
    again = pickle.loads(pickle.dumps(error))  # noqa: S301 - our own
    assert type(again) is type(error)
    assert str(again) == str(error)
    assert vars(again) == vars(error)


def test_the_errors_say_what_to_answer() -> None:
    assert issubclass(BadCallback, ValueError)
    assert issubclass(NotUnderstood, BadCallback)
    assert not issubclass(SignatureMismatch, ValueError)
    assert str(BadCallback("id is missing")) == "not a callback of the service: id is missing"
    assert "not signed" in str(SignatureMismatch("no sha1"))
    assert "signed but not understood" in str(NotUnderstood("id", {}))


def filled(start: bytes, again: bytes, end: bytes = b"") -> bytes:
    """Return a body of the full length."""
    return start + again * ((FULL - len(start) - len(end)) // len(again)) + end


def random_bytes(length: int) -> bytes:
    return random.Random(7).randbytes(length)


BIG = {
    "a form of many fields": filled(b"id=1", b"&a=1"),
    "a form of empty fields": filled(b"", b"&"),
    "a form of escapes": filled(b"mes=", b"%D0%94"),
    "a form of broken escapes": filled(b"mes=", b"%"),
    "a form of one name": filled(b"", b"a"),
    "a form of bytes": b"mes=" + random_bytes(FULL - 4),
    "deep arrays": filled(b"", b"["),
    "deep objects": filled(b"", b'{"a":'),
    "many objects": filled(b"[", b"{},", b"{}]"),
    "many small objects": filled(b"[", b'{"a":1},', b"{}]"),
    "many arrays": filled(b"[", b"[],", b"[]]"),
    "many numbers": filled(b"[", b"1,", b"1]"),
    "one number": filled(b'{"ts":', b"9", b"}"),
    "one fraction": filled(b'{"cost":0.', b"9", b"}"),
    "one name of JSON": filled(b'{"', b"\\u0434", b'":1}'),
    "one text of JSON": filled(b'{"mes":"', "🙂".encode(), b'"}'),
    "backslashes": filled(b'{"mes":"', b"\\\\", b'"}'),
    "quotes": filled(b'{"mes":"', b'\\"', b'"}'),
    "deep elements": filled(b"", b"<a>"),
    "many elements": filled(b"<a>", b"<b/>", b"</a>"),
    "many callbacks of XML": filled(b"<a>", b"<b><c/></b>", b"</a>"),
    "many attributes": filled(b"<a", b" b=''", b"/>"),
    "one attribute": filled(b"<a b='", b"x", b"'/>"),
    "a text of references": filled(b"<a><b>", b"&#x1F642;", b"</b></a>"),
    "a text of line breaks": filled(b"<a><mes>", b"\r", b"</mes></a>"),
    "white space": filled(b"<a>", b" ", b"</a>"),
    "white space at the start": filled(b"", b"\n", b"<a/>"),
    "declarations": filled(b"", b"<?xml "),
    "a declaration without end": filled(b"<?xml ", b"encoding='a' "),
    "processing": filled(b"<a>", b"<?b c?>", b"</a>"),
    "comments": filled(b"<a>", b"<!---->", b"</a>"),
    "CDATA": filled(b"<a><b>", b"<![CDATA[]]>", b"</b></a>"),
    "entities": filled(b"<!DOCTYPE a [", b"<!ENTITY a 'b'>", b"]><a/>"),
    "a wide entity": filled(b"<!DOCTYPE a [<!ENTITY e '", b"x", b"'>]><a>&e;&e;&e;</a>"),
    "namespaces": filled(b"<a>", b"<b xmlns:c='d'/>", b"</a>"),
    "chance": random_bytes(FULL),
}


@pytest.mark.parametrize("content_type", CONTENT_TYPES)
@pytest.mark.parametrize("name", BIG)
def test_the_longest_body_takes_little_memory(name: str, content_type: str) -> None:
    """It takes no long time either: what is quadratic would hold this test for minutes."""
    body = BIG[name]
    assert FULL - 32 < len(body) <= FULL
    tracemalloc.start()
    try:
        read(body, secret=SECRET, content_type=content_type, query=b"a=1")
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()

    assert peak < MOST_MEMORY


def test_reading_leaves_nothing_behind() -> None:
    body = filled(b"<a><b>", b"x", b"</b></a>")
    for _ in range(3):
        read(body, secret=None, content_type=XML)
    tracemalloc.start()
    try:
        for _ in range(50):
            read(body, secret=None, content_type=XML)
        left, _ = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()

    assert left < FULL
