"""The service fetches a file's address: https, the public network, and nothing to be misread."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from smsc_async import InvalidMessage
from smsc_async._file_url import check_file_url
from tests.samples import asked, sample, unsent

GOOD = [
    "https://example.com/a.mp3",
    "https://example.com",
    "https://example.com:443/a.mp3",
    "HTTPS://EXAMPLE.COM/A.MP3",
    "https://cdn.shop.example.com/files/a%20b.jpg?v=1&w=2#x",
    "https://a-b.example.org/@user/a.mp3",
    "https://example.com/?next=http://127.0.0.1/",
    "https://xn--e1afmkfd.xn--p1ai/a.mp3",
    "https://1and1.example.com/",
    "https://127.0.0.1.example.com/",
    "https://localhost.example.com/",
    "https://example.community/",
    "https://8.8.8.8/a.mp3",
    "https://[2001:4860:4860::8888]/a.mp3",
    "https://example.com/" + "a" * 1980,
]
BAD = {
    "is no https": [
        "",
        "example.com/a.mp3",
        "//example.com/a.mp3",
        "http://example.com/a.mp3",
        "ftp://example.com/a.mp3",
        "file:///etc/passwd",
        "gopher://example.com/",
        "data:audio/mpeg;base64,AAAA",
        "javascript:alert(1)",
        "https:example.com",
        "https:/example.com",
        "https-://example.com",
    ],
    "has no host, or no end of it": [
        "https://",
        "https:///a.mp3",
        "https://:443/",
        "https://?x",
        "https://[::1",
        "https://example.com?x",
        "https://a.com#x",
    ],
    "has a user": [
        "https://user@example.com/",
        "https://user:password@example.com/",
        "https://@example.com/",
        "https://example.com@127.0.0.1/",
        "https://example.com?@127.0.0.1/",
        "https://example.com#@127.0.0.1/",
        "https://example.com:443@127.0.0.1/",
    ],
    "has another port": [
        "https://example.com:80/",
        "https://example.com:8443/",
        "https://example.com:22/",
        "https://example.com:0/",
        "https://example.com:99999/",
        "https://example.com:x/",
        "https://example.com:/",
        "https://example.com:0443/",
        "https://example.com:443:443/",
    ],
    "is an address of IPv4 that is not public": [
        "https://127.0.0.1/",
        "https://127.8.8.8:443/",
        "https://10.0.0.1/",
        "https://172.16.0.1/",
        "https://172.31.255.255/",
        "https://192.168.0.1/",
        "https://169.254.169.254/latest/meta-data/",
        "https://0.0.0.0/",
        "https://0.1.2.3/",
        "https://100.64.0.1/",
        "https://192.0.0.9/",
        "https://192.0.2.1/",
        "https://192.88.99.1/",
        "https://198.18.0.1/",
        "https://224.0.0.1/",
        "https://239.255.255.250/",
        "https://240.0.0.1/",
        "https://255.255.255.255/",
    ],
    "is an address of IPv4 in a form of its own": [
        "https://2130706433/",
        "https://134744072/",
        "https://0x7f000001/",
        "https://0x7f.0.0.1/",
        "https://0X7F.1/",
        "https://127.0.0.0x1/",
        "https://127.0.0.0x/",
        "https://0177.0.0.1/",
        "https://017700000001/",
        "https://127.1/",
        "https://127.0.1/",
        "https://8.8.2056/",
        "https://08.8.8.8/",
        "https://1.2.3.4.5/",
        "https://1.2.3.256/",
        "https://example.123/",
    ],
    "is an address of IPv6 that is not public": [
        "https://[::1]/",
        "https://[::]/",
        "https://[0:0:0:0:0:0:0:1]/",
        "https://[::ffff:127.0.0.1]/",
        "https://[::ffff:8.8.8.8]/",
        "https://[::7f00:1]/",
        "https://[64:ff9b::7f00:1]/",
        "https://[64:ff9b:1::1]/",
        "https://[2002:7f00:1::]/",
        "https://[2001:0:4136:e378:8000:63bf:3fff:fdd2]/",
        "https://[2001:db8::1]/",
        "https://[3fff::1]/",
        "https://[fe80::1]/",
        "https://[fe80::1%25eth0]/",
        "https://[2001:4860:4860::8888%25eth0]/",
        "https://[fc00::1]/",
        "https://[fd12:3456::1]/",
        "https://[fec0::1]/",
        "https://[ff02::1]/",
        "https://[100::1]/",
        "https://[127.0.0.1]/",
        "https://[example.com]/",
        "https://[v1.x]/",
    ],
    "is a private name": [
        "https://localhost/",
        "https://LOCALHOST/",
        "https://localhost./",
        "https://db.localhost/",
        "https://intranet/",
        "https://printer.local/",
        "https://Printer.Local./",
        "https://metadata.google.internal/",
        "https://router.home.arpa/",
        "https://router.lan/",
        "https://host.localdomain/",
        "https://x.onion/",
    ],
    "is no name": [
        "https://example.com./",
        "https://.example.com/",
        "https://example..com/",
        "https://-a.example.com/",
        "https://a-.example.com/",
        "https://a_b.example.com/",
        "https://" + "a" * 64 + ".com/",
        "https://" + "a." * 126 + "com/",
        "https://127.0.0.1%2eexample.com/",
        "https://%6c%6fcalhost/",
        "https://*.example.com/",
    ],
    "is no valid IDNA": [
        "https://xn--a.com/",
        "https://xn--.com/",
        "https://xn--abc-.com/",
        "https://xn--99999999999.com/",
    ],
    "has a character that is not read alike": [
        "https://пример.рф/",
        "https://１２７.0.0.1/",
        "https://127。0。0。1/",
        "https://ⓛocalhost/",
        "https://example.com/файл.mp3",
        "https://example.com/a b.mp3",
        " https://example.com/",
        "https://example.com/\n",
        "https://exam\tple.com/",
        "https://example.com/\r\nHost: x",
        "https://example.com/\x00",
        "https://example.com\\@127.0.0.1/",
        "https:\\\\127.0.0.1/",
        "https://example.com/a\\b",
        'https://example.com/"',
        "https://example.com/<>",
        "https://example.com/\u200b",
    ],
    "is too long": ["https://example.com/" + "a" * 1981],
}


@pytest.mark.parametrize("url", GOOD)
def test_a_public_address_is_passed(url: str) -> None:
    check_file_url(url)


@pytest.mark.parametrize("url", [url for urls in BAD.values() for url in urls])
def test_any_other_address_is_refused_and_not_repeated(url: str) -> None:
    with pytest.raises(InvalidMessage) as error:
        check_file_url(url)

    assert error.value.field == "fileurl"
    assert "example.com" not in error.value.rule
    assert "password" not in str(error.value)


@given(st.text() | st.text().map("https://{}".format) | st.from_regex(r"https://[!-~]+"))
def test_what_is_passed_can_be_read_in_one_way_only(url: str) -> None:
    try:
        check_file_url(url)
    except InvalidMessage:
        return
    assert url.isascii()
    assert url.isprintable()
    assert "@" not in url.split("/")[2]


def test_a_raw_send_may_have_a_public_file() -> None:
    params: dict[str, str | int] = {"phones": "79990000000", "mms": 1, "fileurl": GOOD[0]}

    _, _, form = asked(lambda smsc: smsc.raw("send.php", params), sample("send/cost_0.json"))

    assert form["fileurl"] == GOOD[0]


@pytest.mark.parametrize("script", ["send.php", "jobs.php", "/sys/send.php"])
@pytest.mark.parametrize("url", ["https://192.168.0.1/a.jpg", 17])
def test_a_raw_call_with_a_private_file_is_not_made(script: str, url: str | int) -> None:
    with pytest.raises(InvalidMessage, match="fileurl"):
        unsent(lambda smsc: smsc.raw(script, {"phones": "79990000000", "fileurl": url}))


@pytest.mark.parametrize("url", [5, b"https://files.example.com/a.jpg", ["x"]])
def test_an_address_is_a_text(url: object) -> None:
    with pytest.raises(InvalidMessage, match="fileurl: is a text"):
        check_file_url(url)
