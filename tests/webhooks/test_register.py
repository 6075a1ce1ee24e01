"""The address to register tells the service all it needs, and nothing that would break."""

from __future__ import annotations

import re
import secrets
from typing import Literal, cast
from urllib.parse import unquote_plus, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from smsc_async.webhooks import Algorithm, Charset, callback_url

from .service import CALL, MESSAGE, SECRET, STATUS

Format = Literal[2, 3] | None


def parameters(url: str) -> dict[str, str]:
    """Read what stands behind ``?`` with none of the means that wrote it."""
    found: dict[str, str] = {}
    for pair in url.partition("?")[2].split("&"):
        name, _, value = pair.partition("=")
        assert unquote_plus(name) not in found
        found[unquote_plus(name)] = unquote_plus(value)
    return found


def test_what_is_recommended_is_what_is_made() -> None:
    url = callback_url("https://example.com/sms", secret=SECRET)

    assert url == f"https://example.com/sms?charset=utf-8&fmt=3&sha1={SECRET}"


@pytest.mark.parametrize("algorithm", ["md5", "sha1", "crc32"])
@pytest.mark.parametrize("fmt", [2, 3, None])
@pytest.mark.parametrize("charset", ["utf-8", "windows-1251", "koi8-r"])
def test_each_choice_is_written_as_the_page_has_it(
    algorithm: Algorithm, fmt: Format, charset: Charset
) -> None:
    if fmt is not None and charset == "koi8-r":
        with pytest.raises(ValueError, match="koi8-r for forms alone"):
            callback_url("https://example.com/", secret=SECRET, fmt=fmt, charset=charset)
        return

    url = callback_url(
        "https://example.com/",
        secret=SECRET,
        algorithm=algorithm,
        fmt=fmt,
        charset=charset,
        insecure_crc32=True,
    )

    expected = {"charset": charset, algorithm: SECRET}
    assert parameters(url) == (expected if fmt is None else {**expected, "fmt": str(fmt)})


BASES = {
    "https://example.com": {},
    "https://example.com/": {},
    "HTTPS://example.com:8443/a/b.php": {},
    "https://[2001:db8::1]/a": {},
    "https://xn--e1afmkfd.xn--p1ai/%D1%81": {},
    "https://example.com/a?": {},
    "https://example.com/a?shop=7": {"shop": "7"},
    "https://example.com/a?shop=%D0%94+%26&b": {"shop": "Д &", "b": ""},
    "https://example.com/!own&other=1?more=2": {"more": "2"},
    "https://example.com/a?x=1?2": {"x": "1?2"},
    "http://127.0.0.1:8000/a": {},
    "http://[::1]/a": {},
    "http://localhost:8000/a": {},
}


@pytest.mark.parametrize("base", BASES)
def test_the_address_and_its_own_parameters_stay_as_they_are(base: str) -> None:
    url = callback_url(base, secret=SECRET)

    assert url.startswith(base)
    assert parameters(url) == {**BASES[base], "charset": "utf-8", "fmt": "3", "sha1": SECRET}
    parts, before = urlsplit(url), urlsplit(base)
    assert (parts.netloc, parts.path, parts.fragment) == (before.netloc, before.path, "")


HLR = ("cn", "imsi", "mcc", "mnc", "msc", "net", "rcn", "rnet")
SHORT = (*HLR, "crc32", "dtmf", "err", "fmt", "md5", "sha1")
NAMES = st.text(min_size=1, max_size=5).filter(
    lambda name: name not in {*STATUS, *MESSAGE, *CALL, *SHORT}
)


@given(st.dictionaries(NAMES, st.text(max_size=9), max_size=4), st.integers(22, 60))
def test_an_address_of_ones_own_is_read_back(own: dict[str, str], length: int) -> None:
    def escaped(text: str) -> str:
        return "".join(f"%{byte:02X}" for byte in text.encode())

    query = "&".join(f"{escaped(name)}={escaped(value)}" for name, value in own.items())
    secret = secrets.token_urlsafe(64)[:length]

    url = callback_url(f"https://example.com/?{query}", secret=secret)

    assert parameters(url) == {**own, "charset": "utf-8", "fmt": "3", "sha1": secret}


REFUSED = [
    "",
    "example.com/a",
    "//example.com/a",
    "http://example.com/a",
    "http://localhost.example.com/a",
    "http://10.0.0.1/a",
    "http://",
    "ftp://example.com/a",
    "https:/example.com",
    "https:example.com",
    "https://",
    "https:///a",
    "https://:443/a",
    "https://example.com:99999/",
    "https://example.com:x/",
    "https://example.com:0/",
    "https://[::1/",
    "https://user@example.com/",
    "https://user:password@example.com/",
    "https://@example.com/",
    "https://example.com/a#",
    "https://example.com/a#b",
    "https://example.com/a?b#",
    "https://example.com/a b",
    " https://example.com/a",
    "https://example.com/a\n",
    "https://example.com/\ta",
    "https://пример.рф/",
    "https://example.com/ы",
    "https://example.com\\@evil.example/",
    'https://example.com/"',
    "https://example.com/<b>",
    "https://example.com/a?charset=utf-8",
    "https://example.com/a?fmt=3",
    "https://example.com/a?x=1&sha1=x",
    "https://example.com/a?md5",
    "https://example.com/a?%63rc32=1",
    "https://example.com/!sha1=x?a",
    # They come back, and would stand beside the service's own.
    *(f"https://example.com/a?{name}=1" for name in sorted({*STATUS, *MESSAGE, *CALL, "imsi"})),
    "https://example.com/!mes?a",
    "https://example.com/a?x=1&x=2",
    "https://example.com/!x?x",
]


@pytest.mark.parametrize("base", REFUSED)
def test_an_address_that_would_not_work_or_is_weak_is_refused(base: str) -> None:
    with pytest.raises(ValueError, match=re.compile("^base: ")) as caught:
        callback_url(base, secret=SECRET)

    assert SECRET not in str(caught.value)


@pytest.mark.parametrize(
    "secret", ["", "short", "a" * 21, f"{SECRET}!", f"{SECRET}\n", f"{SECRET}ы"]
)
def test_a_secret_that_is_weak_or_has_other_signs_is_refused(secret: str) -> None:
    with pytest.raises(ValueError, match=re.compile("^secret: ")) as caught:
        callback_url("https://example.com/", secret=secret)

    assert not secret or secret not in str(caught.value)


def test_a_secret_of_128_bits_is_enough() -> None:
    secret = secrets.token_urlsafe(16)

    assert len(secret) == 22
    assert callback_url("https://example.com/", secret=secret).endswith(f"sha1={secret}")


@pytest.mark.parametrize(
    ("wrong", "match"),
    [
        ({"algorithm": "crc32"}, "can be forged"),
        ({"algorithm": "sha256"}, "md5, sha1, crc32"),
        ({"algorithm": ""}, "md5, sha1, crc32"),
        ({"fmt": 1}, "fmt"),
        ({"fmt": "3"}, "fmt"),
        ({"charset": "utf-16"}, "charset"),
        ({"charset": "UTF-8"}, "charset"),
    ],
)
def test_what_the_service_does_not_have_is_refused(wrong: dict[str, object], match: str) -> None:
    with pytest.raises(ValueError, match=match) as caught:
        callback_url("https://example.com/", secret=SECRET, **cast("dict[str, Literal[2]]", wrong))  # type: ignore[arg-type]  # as it is meant

    assert SECRET not in str(caught.value)
