"""Requests are read as the pages say they are written."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest

from smsc_async.simulator import _dates as dates
from smsc_async.simulator import _drafts as drafts
from smsc_async.simulator import _form as forms
from smsc_async.simulator import _parts as parts
from smsc_async.simulator._records import Refused

MOSCOW = timezone(timedelta(hours=3))
NOW = datetime(2026, 11, 21, 9, 30, tzinfo=UTC)  # half past twelve in Moscow


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ("", 1),
        ("a" * 160, 1),
        ("a" * 161, 2),
        ("a" * 306, 2),
        ("a" * 307, 3),
        ("я" * 70, 1),
        ("я" * 71, 2),
        ("я" * 134, 2),
        ("я" * 135, 3),
        ("€" * 80, 1),
        ("€" * 81, 2),
        ("😀" * 35, 1),
        ("😀" * 36, 2),
        ("Ça va? À bientôt", 1),
    ],
)
def test_a_text_falls_into_parts(text: str, count: int) -> None:
    assert parts.count(text) == count


def test_a_text_is_cut_to_the_most_parts_it_may_have() -> None:
    assert parts.cut("a" * 500, 2) == "a" * 306
    assert parts.cut("short", 2) == "short"


@pytest.mark.parametrize(
    ("query", "body", "text"),
    [
        (b"mes=%EF%F0%E8%E2%E5%F2", b"", "привет"),
        (b"", b"mes=%D0%BF%D1%80&charset=utf-8", "пр"),
        (b"charset=utf-8", b"mes=%D0%BF%D1%80", "пр"),
        (b"", b"mes=%D0%D2&charset=koi8-r", "пр"),
        (b"", "mes=пр&charset=utf-8".encode(), "пр"),
        (b"mes=1", b"mes=2", "2"),
        (b"", b"mes=a+b%2Bc", "a b+c"),
        (b"mes=", b"", ""),
        (b"mes=a&charset=unknown", b"", "a"),
    ],
)
def test_a_form_is_read_in_the_charset_it_names(query: bytes, body: bytes, text: str) -> None:
    assert forms.read(query, body).params["mes"] == text


def test_a_form_with_files_gives_its_fields_and_the_names_of_the_files() -> None:
    body = (
        '--x\r\nContent-Disposition: form-data; name="charset"\r\n\r\nutf-8\r\n'
        '--x\r\nContent-Disposition: form-data; name="mes"\r\n\r\nпривет\r\n'
        '--x\r\nContent-Disposition: form-data; name="file0"; filename="a.mp3"\r\n'
        "Content-Type: audio/mpeg\r\n\r\nabc\r\n--x--\r\n"
    ).encode()

    form = forms.read(b"login=demo", body, "multipart/form-data; boundary=x")

    assert form.params == {"login": "demo", "charset": "utf-8", "mes": "привет"}
    assert [(file.field, file.name, file.kind, file.size) for file in form.files] == [
        ("file0", "a.mp3", "audio/mpeg", 3)
    ]


def pairs(**params: str) -> list[tuple[str, str]]:
    return [(draft.phone, draft.text) for draft in drafts.read(params)]


@pytest.mark.parametrize(
    ("line", "read"),
    [
        ("79990000001:hi", [("79990000001", "hi")]),
        ("79990000001;hi: there", [("79990000001", "hi: there")]),
        ("79990000001:Code: 1; yes", [("79990000001", "Code: 1; yes")]),
        ("79990000001:a|b", [("79990000001", "a|b")]),
        (r"79990000001:two\nlines", [("79990000001", "two\nlines")]),
        ("79990000001,79990000002:hi", [("79990000001", "hi"), ("79990000002", "hi")]),
        ("79990000001:a\n\n79990000002:b", [("79990000001", "a"), ("79990000002", "b")]),
    ],
)
def test_a_line_of_a_list_is_phones_and_a_text(line: str, read: list[tuple[str, str]]) -> None:
    assert pairs(list=line) == read


def test_a_line_of_a_list_may_name_its_sender_and_zone() -> None:
    ours, theirs = drafts.read({"list": "Shop,2|79990000001:a\n79990000002:b", "sender": "Us"})

    assert (ours.sender, theirs.sender) == ("Shop", "Us")


@pytest.mark.parametrize(
    "params",
    [
        {},
        {"phones": "79990000001"},
        {"mes": "hi"},
        {"list": "no divider"},
        {"list": "79990000001:"},
        {"list": "79990000001:a", "nl": "1"},
        {"phones": "79990000001", "mes": "a" * 1001},
        {"phones": "79990000001", "mes": "a", "flash": "1", "viber": "1"},
    ],
)
def test_what_lacks_something_obligatory_is_an_error_in_parameters(params: dict[str, str]) -> None:
    with pytest.raises(Refused) as refused:
        drafts.read(params)

    assert refused.value.code == 1


@pytest.mark.parametrize(
    ("written", "address"),
    [
        ("+79990000001", "79990000001"),
        ("8 (999) 000-00-01", "79990000001"),
        ("+89990000001", "89990000001"),
        ("380500000000", "380500000000"),
        ("12345", ""),
        ("phone", ""),
        ("@nick", ""),
    ],
)
def test_a_number_is_corrected_unless_it_begins_with_a_plus(written: str, address: str) -> None:
    assert drafts.address(written) == address


def test_an_address_fits_its_kind() -> None:
    assert drafts.address("me@example.com", "mail") == "me@example.com"
    assert drafts.address("79990000001", "mail") == ""
    assert drafts.address("@nick", "bot") == "@nick"


def test_a_group_has_made_up_members_that_do_not_change() -> None:
    members = list(drafts.recipients("G7;79990000001"))

    assert members == list(drafts.recipients("G7,79990000001"))
    assert len(set(members)) == drafts.GROUP_SIZE + 1


@pytest.mark.parametrize(
    ("params", "kind", "text"),
    [
        ({"mes": "hi"}, "sms", "hi"),
        ({"mes": "hi", "flash": "1"}, "flash", "hi"),
        ({"mes": "hi", "flash": "0"}, "sms", "hi"),
        ({"mes": "", "hlr": "1"}, "hlr", ""),
        ({"mes": "hi", "bot": "@shop_bot"}, "bot", "hi"),
        ({"mes": "__CALL__hi"}, "call", "hi"),
        ({"mes": "__SOC__hi"}, "soc", "hi"),
        ({"mes": "__CALL__hi", "viber": "1"}, "viber", "__CALL__hi"),
    ],
)
def test_a_flag_or_a_prefix_chooses_the_kind(params: dict[str, str], kind: str, text: str) -> None:
    (draft,) = drafts.read({"phones": "79990000001"} | params)

    assert (draft.kind, draft.text) == (kind, text)


def test_what_follows_the_break_is_a_comment_and_is_not_counted() -> None:
    text = "a" * 160 + "\n~~~\n" + "b" * 100
    (draft,) = drafts.read({"phones": "79990000001", "mes": text})

    assert (draft.parts, draft.comment) == (1, "b" * 100)


def test_a_text_longer_than_maxsms_is_cut() -> None:
    (draft,) = drafts.read({"phones": "79990000001", "mes": "a" * 400, "maxsms": "1"})

    assert (draft.parts, draft.text) == (1, "a" * 160)


@pytest.mark.parametrize(
    ("time", "tz", "moment"),
    [
        ("", None, "21.11.2026 12:30:00"),
        ("0", None, "21.11.2026 12:30:00"),
        ("2211261000", None, "22.11.2026 10:00:00"),
        ("0112261000", None, "01.12.2026 10:00:00"),
        ("22.11.26 10:00", None, "22.11.2026 10:00:00"),
        ("22.11.26 10:00", "2", "22.11.2026 08:00:00"),
        ("22.11.26 10:00", "-3", "22.11.2026 13:00:00"),
        ("20.11.26 10:00", None, "21.11.2026 12:30:00"),
        ("01795255200", None, "21.11.2026 13:00:00"),
        ("+90", None, "21.11.2026 14:00:00"),
        ("9-18", None, "21.11.2026 12:30:00"),
        ("14-18", None, "21.11.2026 14:00:00"),
        ("9-12", None, "22.11.2026 09:00:00"),
    ],
)
def test_a_time_has_four_forms(time: str, tz: str | None, moment: str) -> None:
    assert dates.written(dates.due(time, tz, NOW, MOSCOW), MOSCOW) == moment


@pytest.mark.parametrize(
    ("time", "tz"),
    [
        ("tomorrow", None),
        ("3213261000", None),
        ("18-9", None),
        ("9-25", None),
        ("+", None),
        ("0" + "9" * 30, None),
        ("22.11.26 10:00", "east"),
        ("22.11.26 10:00", "99"),
    ],
)
def test_a_time_that_cannot_be_read_is_an_error_in_the_date(time: str, tz: str | None) -> None:
    with pytest.raises(Refused) as refused:
        dates.due(time, tz, NOW, MOSCOW)

    assert refused.value.code == 5
