"""Bodies become fields in one way only, or are refused."""

from __future__ import annotations

import codecs
import json
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from smsc_async.webhooks import BadCallback, IncomingMessage, parse
from smsc_async.webhooks._bodies import MOST_FIELDS, MOST_RECORDS, fields_of

from .service import (
    FORM,
    JSON,
    MESSAGE,
    STATUS,
    XML,
    Writer,
    as_json,
    form,
    json_list,
    xml,
    xml_list,
)

CONTENT_TYPES = {
    "form": [FORM, f"{FORM}; charset=windows-1251"],
    "JSON": [JSON, "Application/JSON;charset=UTF-8", "text/json", "application/problem+json"],
    "XML": [XML, "application/xml ; charset=utf-8", "TEXT/XML", "application/callback+xml"],
}
# What says nothing of the format; a form is what many programs say of anything that they post.
VAGUE = ["", FORM, "text/plain", "text/html; charset=windows-1251", "application/octet-stream", ";"]
BODIES = {
    "form": form([STATUS], "utf-8"),
    "JSON": as_json([STATUS], "utf-8"),
    "XML": xml([STATUS], "utf-8"),
}


def fields(body: bytes, content_type: str = "", charset: str | None = None) -> list[dict[str, str]]:
    """Return what is read, numbers as texts."""
    return [
        {name: str(value) for name, value in each.items()}
        for each in fields_of(body, content_type, b"", charset)
    ]


def refused(body: bytes, content_type: str = "", charset: str | None = None) -> str:
    with pytest.raises(BadCallback) as caught:
        fields_of(body, content_type, b"", charset)
    assert type(caught.value) is BadCallback
    return caught.value.reason


@pytest.mark.parametrize("name", BODIES)
def test_the_format_is_what_the_content_type_says_or_else_the_first_sign(name: str) -> None:
    for content_type in (*CONTENT_TYPES[name], *VAGUE):
        assert fields(BODIES[name], content_type) == [STATUS], content_type


@pytest.mark.parametrize("white", [b" ", b"\r\n\t ", codecs.BOM_UTF8, codecs.BOM_UTF8 + b"\n"])
@pytest.mark.parametrize("name", ["JSON", "XML"])
def test_what_stands_before_the_first_sign_does_no_harm(name: str, white: bytes) -> None:
    for content_type in ("", CONTENT_TYPES[name][0]):
        assert fields(white + BODIES[name], content_type) == [STATUS]


@pytest.mark.parametrize("says", ["JSON", "XML"])
@pytest.mark.parametrize("name", BODIES)
def test_a_body_of_another_format_than_its_content_type_is_refused(name: str, says: str) -> None:
    if name != says:
        assert f"not {says}" in refused(BODIES[name], CONTENT_TYPES[says][0])


@pytest.mark.parametrize("charset", ["utf-16", "utf-16-le", "utf-16-be", "utf-32"])
@pytest.mark.parametrize("name", BODIES)
def test_a_charset_that_the_service_does_not_have_is_no_callback(name: str, charset: str) -> None:
    body = BODIES[name].decode().encode(charset)
    for content_type in ("", CONTENT_TYPES[name][0]):
        with pytest.raises(BadCallback):
            parse(body, secret=None, content_type=content_type)


@pytest.mark.parametrize("content_type", ["", FORM, JSON, XML])
@pytest.mark.parametrize("body", [b"", b" ", b"\r\n", codecs.BOM_UTF8, b"\0", b"&&&"])
def test_nothing_is_no_callback(body: bytes, content_type: str) -> None:
    with pytest.raises(BadCallback):
        parse(body, secret=None, content_type=content_type)


Shell = Callable[[bytes], bytes]  # puts a text into a message


def in_form(text: bytes) -> bytes:
    return b"phone=79991234567&to=79990000000&mes=" + text


def in_json(text: bytes) -> bytes:
    return b'{"phone":"79991234567","to":"79990000000","mes":"' + text + b'"}'


def in_xml(text: bytes) -> bytes:
    return b"<a><phone>79991234567</phone><to>79990000000</to><mes>" + text + b"</mes></a>"


every_shell = pytest.mark.parametrize("shell", [in_form, in_json, in_xml])


@every_shell
@pytest.mark.parametrize(
    "text",
    [
        b"\xc0\xaf",  # overlong
        b"\xe0\x80\xaf",
        b"\xed\xa0\xbd",  # half of a pair
        b"\xed\xa0\xbd\xed\xb9\x82",  # both halves, each by itself
        b"\xf4\x90\x80\x80",  # beyond the last
        b"\xff\xfe",
        b"\xd0",  # cut
        "Привет".encode("windows-1251"),
    ],
)
def test_bytes_that_are_no_utf_8_are_refused_where_it_is_configured(
    shell: Shell, text: bytes
) -> None:
    assert "not utf-8" in refused(shell(text), charset="utf-8")


@every_shell
def test_bytes_that_windows_1251_does_not_have_are_refused(shell: Shell) -> None:
    for charset in ("windows-1251", None):
        assert "not windows-1251" in refused(shell(b"\x98\xff"), charset=charset)


@pytest.mark.parametrize("name", ["utf-8", "UTF-8", "windows-1251", "Windows-1251", "KOI8-R"])
def test_a_form_and_xml_name_their_charset(name: str) -> None:
    text = "Ёлка".encode(name)

    assert fields(in_form(text) + b"&charset=" + name.encode())[0]["mes"] == "Ёлка"
    assert (
        fields(b'<?xml version="1.0" encoding="' + name.encode() + b'"?>' + in_xml(text))[0]["mes"]
        == "Ёлка"
    )


def test_the_configured_charset_wins_over_the_one_that_is_named() -> None:
    text = "Ёлка".encode("windows-1251")

    assert fields(in_form(text) + b"&charset=utf-8", charset="windows-1251")[0]["mes"] == "Ёлка"
    declared = b'<?xml version="1.0" encoding="utf-8"?>' + in_xml(text)
    assert fields(declared, charset="windows-1251")[0]["mes"] == "Ёлка"


def test_a_charset_that_is_named_and_that_the_service_does_not_have_is_refused() -> None:
    assert "charset" in refused(in_form(b"x") + b"&charset=utf-7")
    assert "charset" in refused(b'<?xml version="1.0" encoding="utf-16"?><a><b>c</b></a>')


def test_bytes_that_are_not_the_named_charset_are_refused() -> None:
    text = "Ёлка".encode("windows-1251")

    assert "not utf-8" in refused(in_form(text) + b"&charset=utf-8")
    assert "not utf-8" in refused(b"<?xml version='1.0' encoding='utf-8'?>" + in_xml(text))


def test_a_form_is_in_one_charset_as_a_whole() -> None:
    # In windows-1251 the second is "Рђ", in UTF-8 "А"; the first is no UTF-8.
    body = b"mes=%CF%F0%E8%E2%E5%F2&cmt=%D0%90&%CF%F0=1"

    assert fields(body) == [{"mes": "Привет", "cmt": "Рђ", "Пр": "1"}]


@every_shell
def test_a_mark_of_the_byte_order_within_a_text_belongs_to_it(shell: Shell) -> None:
    assert fields(shell(codecs.BOM_UTF8 + b"x"), charset="utf-8")[0]["mes"] == "\ufeffx"


def test_what_is_no_escape_in_a_form_stands_for_itself() -> None:
    assert fields(in_form(b"100%&a=%4&b=%zz&c=%%30&d=%u0414"))[0] == {
        "phone": "79991234567",
        "to": "79990000000",
        "mes": "100%",
        "a": "%4",
        "b": "%zz",
        "c": "%0",
        "d": "%u0414",
    }


def test_nul_is_a_sign_of_a_text_where_the_format_has_it() -> None:
    assert fields(in_form(b"a%00b"))[0]["mes"] == "a\0b"
    assert fields(in_json(b"a\\u0000b"))[0]["mes"] == "a\0b"
    for body in (in_xml(b"a\0b"), in_xml(b"a&#0;b"), in_json(b"a\0b")):
        assert "not " in refused(body)


TWICE = {
    "form": [
        b"id=1&id=1",
        b"id=1&i%64=2",
        b"a=&a=",
        b"a&a",
        b"id=1&+id=1&%20id=2",
        b"%C3%A9=1&\xc3\xa9=2",
    ],
    "JSON": [
        b'{"id":1,"id":1}',
        b'{"id":"1","id":2}',
        b'{"id":[],"id":2}',
        b'{"id":{"a":1},"id":2}',
        b'{"id":null,"id":2}',
        b'{"id":2,"id":null}',
        b'{"id":1.5,"id":1.5}',
        b'{"id":1,"\\u0069d":1}',
        b'{"id":"\\\\","id":"\\""}',
        b'[{"a":1},{"id":1,"id" : 1}]',
        b'{"":1,"":2}',
    ],
    "XML": [
        b"<a><id>1</id><id>1</id></a>",
        b"<a><id/><id>1</id></a>",
        b"<a><b><c>1</c></b><b><c>1</c><c/></b></a>",
    ],
}


@pytest.mark.parametrize("body", [body for bodies in TWICE.values() for body in bodies])
def test_a_field_that_stands_there_twice_is_refused(body: bytes) -> None:
    assert "twice" in refused(body)


Pairs = list[tuple[str, str | int | float | None]]
SCALARS = st.none() | st.text(max_size=6) | st.integers(-(2**70), 2**70) | st.floats(-9, 9)
NAMES = st.sampled_from(["id", "", '"', "\\", 'a"', "\\\\", "a:b", "ы", "😀", "\0"]) | st.text(
    max_size=3
)
PAIRS = st.lists(st.tuples(NAMES, SCALARS), max_size=6)


@st.composite
def written(draw: st.DrawFn) -> tuple[bytes, list[Pairs]]:
    """Write objects of JSON in one of the ways to, with names that may be there twice."""
    objects = draw(st.lists(PAIRS, min_size=1, max_size=3))
    escapes = draw(st.booleans())
    comma, colon = draw(st.sampled_from([(",", ":"), (", ", ": "), (" ,\n", "\t:\r\n")]))

    def one(value: object) -> str:
        return json.dumps(value, ensure_ascii=escapes)

    def all_of(pairs: Pairs) -> str:
        return "{" + comma.join(f"{one(name)}{colon}{one(value)}" for name, value in pairs) + "}"

    texts = [all_of(pairs) for pairs in objects]
    alone = len(texts) == 1 and draw(st.booleans())
    return (texts[0] if alone else f"[{comma.join(texts)}]").encode(), objects


@given(written())
def test_json_is_read_as_another_reader_does_and_what_is_there_twice_is_refused(
    given_: tuple[bytes, list[Pairs]],
) -> None:
    body, objects = given_
    read_again = json.loads(body, object_pairs_hook=list)
    assert (read_again if body.startswith(b"[") else [read_again]) == [
        [(name, value) for name, value in pairs] for pairs in objects
    ]
    twice = any(len({name for name, _ in pairs}) < len(pairs) for pairs in objects)

    if twice:
        assert "twice" in refused(body, JSON)
    else:
        assert [
            {name: number_or_text(value) for name, value in each.items()}
            for each in fields_of(body, JSON, b"", None)
        ] == [
            {name: number_or_text(value) for name, value in pairs if value is not None}
            for pairs in objects
        ]


def number_or_text(value: object) -> float | str:
    return value if isinstance(value, str) else float(str(value))


@pytest.mark.parametrize(
    "body",
    [
        b"[]",
        b"[[]]",
        b"[[{}]]",
        b"1",
        b'"id=1"',
        b"null",
        b"[null]",
        b"[1]",
        b'[{"id":1},2]',
        b'{"id":NaN}',
        b'{"id":Infinity}',
        b'{"id":-Infinity}',
        b'{"id":1e99999999999999999999}',
        b'{"id":' + b"1" * 60_000 + b"}",
        b'{"id":01}',
        b"{id:1}",
        b"{'id':1}",
        b'{"id":1,}',
        b'{"id":1}{"id":1}',
        b'{"id":1} x',
        b'{"id":"1',
        b'{"id":"\n"}',
        b'{"id":"\\ud83d"}',
        b'{"id":"\\ude42\\ud83d"}',
        b'{"id":"\\x41"}',
        b"[" * 60_000,
        b"[" * 30_000 + b"]" * 30_000,
        b'{"a":' * 10_000 + b"1" + b"}" * 10_000,
        b'[{"a":' * 9_000,
    ],
    ids=lambda body: body[:24].decode(),
)
def test_json_of_another_shape_is_refused(body: bytes) -> None:
    assert refused(body, JSON)


def test_what_json_has_beside_texts_and_numbers_is_kept_as_it_was_written() -> None:
    body = b'{"id":"1","a":true,"b":[1,"x\\"y"],"c":{"d":1.50,"e":null},"f":null,"g":{}}'

    assert fields_of(body, "application/json", b"", None) == [
        {"id": "1", "a": "true", "b": '[1,"x\\"y"]', "c": '{"d":1.50,"e":null}', "g": "{}"}
    ]


@pytest.mark.parametrize("inner", ['{"d":1,"d":2}', '[{"d":"1","d":"2"}]'])
def test_a_name_that_comes_twice_inside_another_field_is_refused_too(inner: str) -> None:
    assert refused(f'{{"id":"1","c":{inner}}}'.encode()) == "a field stands there twice"


BOMB = b"""<?xml version="1.0"?><!DOCTYPE l [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">
<!ENTITY c "&b;&b;&b;&b;&b;&b;&b;&b;"><!ENTITY d "&c;&c;&c;&c;&c;&c;&c;&c;">]><l><id>&d;</id></l>"""


@pytest.mark.parametrize(
    "body",
    [
        BOMB,
        b"<!DOCTYPE a><a><id>1</id></a>",
        b'<!DOCTYPE a SYSTEM "file:///etc/passwd"><a><id>1</id></a>',
        b'<!DOCTYPE a PUBLIC "x" "http://127.0.0.1/x.dtd"><a><id>1</id></a>',
        b'<!DOCTYPE a [<!ENTITY e SYSTEM "file:///etc/passwd">]><a><id>&e;</id></a>',
        b'<!DOCTYPE a [<!ENTITY % e SYSTEM "http://127.0.0.1/">%e;]><a><id>1</id></a>',
        b'<!DOCTYPE a [<!ENTITY e "'
        + b"x" * 30_000
        + b'">]><a><id>'
        + b"&e;" * 9_000
        + b"</id></a>",
    ],
    ids=range(7),
)
def test_xml_with_a_document_type_is_refused(body: bytes) -> None:
    assert refused(body) == "XML with a document type"


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (b"<a>", "not XML"),
        (b"<a><id>1</a></id>", "not XML"),
        (b"<a><id>1</id></a><a/>", "not XML"),
        (b"<a><id>&e;</id></a>", "not XML"),
        (b"<a><id>&#xD83D;</id></a>", "not XML"),
        (b"<a><id>\x01</id></a>", "not XML"),
        (b"<a><id>]]></id></a>", "not XML"),
        (b'<a x="1" x="2"><id>1</id></a>', "not XML"),
        (b"<a></a>", "without fields"),
        (b"<a>text</a>", "without fields"),
        (b'<a id="1" phone="79991234567" status="1"/>', "without fields"),
        (b"<a>" * 8 + b"<id>1</id>" + b"</a>" * 8, "deeper than 8"),
        (b"<a>" * 20_000, "deeper than 8"),
    ],
    ids=lambda value: value[:20] if isinstance(value, str) else "",
)
def test_xml_of_another_shape_is_refused(body: bytes, reason: str) -> None:
    assert reason in refused(body, XML)


def test_what_is_no_field_in_xml_is_passed_over() -> None:
    body = (
        b"<?xml version='1.0'?><?php echo 1; ?><!-- <id>3</id> --><a b='c'>text<id d='e'>1"
        b"<!-- 2 -->5<?x y?></id><n:x xmlns:n='u'>7</n:x><empty/></a><!-- end -->"
    )

    assert fields(body, XML) == [{"id": "15", "n:x": "7", "empty": ""}]


def test_a_declaration_of_xml_is_not_looked_for_without_end() -> None:
    long = b'<?xml version="1.0"' + b" " * 200 + b' encoding="koi8-r"?>'

    assert fields(long + in_xml("Ёлка".encode()))[0]["mes"] == "Ёлка"


def test_a_text_may_look_like_a_declaration_of_xml() -> None:
    text = b"<![CDATA[<?xml version='1.0' encoding='utf-7'?>]]>"

    assert fields(in_xml(text))[0]["mes"] == "<?xml version='1.0' encoding='utf-7'?>"


def test_a_line_break_of_xml_stays_as_it_was_sent() -> None:
    assert fields(in_xml(b"a\r\nb\nc\rd&#13;&#10;e"))[0]["mes"] == "a\r\nb\nc\rd\r\ne"


def many(count: int, write: Writer) -> bytes:
    return write([{f"n{at}": "1" for at in range(count)}], "utf-8")


@pytest.mark.parametrize("write", [form, as_json, json_list, xml, xml_list])
def test_there_are_sixty_four_fields_at_most(write: Writer) -> None:
    assert len(fields(many(MOST_FIELDS, write))[0]) == MOST_FIELDS
    for count in (MOST_FIELDS + 1, 1000):
        assert refused(many(count, write)) == "more than 64 fields"


@pytest.mark.parametrize("write", [json_list, xml_list])
def test_there_are_a_thousand_callbacks_at_most(write: Writer) -> None:
    assert len(fields(write([{"id": "1"}] * MOST_RECORDS, "utf-8"))) == MOST_RECORDS
    assert "more than 1000" in refused(write([{"id": "1"}] * (MOST_RECORDS + 1), "utf-8"))


def test_the_address_has_sixty_four_fields_at_most() -> None:
    with pytest.raises(BadCallback, match="more than 64"):
        fields_of(b"id=1", FORM, b"&".join(b"a%d" % at for at in range(65)), None)


@given(st.dictionaries(st.text(max_size=5), st.text(max_size=20), min_size=1, max_size=5))
def test_a_form_is_read_as_it_was_written(row: dict[str, str]) -> None:
    assert fields(form([row], "utf-8"), FORM, "utf-8") == [row]


# What XML can hold; the sign that stands for a carriage return is none of a text.
TEXT_OF_XML = st.text(
    st.characters(exclude_categories=["Cc", "Cs"], exclude_characters="\ufdd0\ufffe\uffff")
    | st.sampled_from("\t\n\r<>&'\"]")
)


@given(TEXT_OF_XML)
def test_a_text_of_xml_is_read_as_it_was_written(text: str) -> None:
    row = {**MESSAGE, "mes": text}

    (found,) = parse(xml([row], "utf-8"), secret=None, content_type=XML, charset="utf-8")

    assert isinstance(found, IncomingMessage)
    assert found.text == text
