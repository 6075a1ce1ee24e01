"""Each kind of callback is read right in each format, charset and way to sign, and only then."""

from __future__ import annotations

from decimal import Decimal
from typing import cast

import pytest

from smsc_async.webhooks import (
    Algorithm,
    BadCallback,
    CallConfirmation,
    Charset,
    IncomingMessage,
    NotUnderstood,
    SignatureMismatch,
    StatusReport,
    parse,
    verify,
)

from . import service
from .service import CALL, FORM, HASHES, MESSAGE, OTHER_SECRET, SECRET, STATUS, WRITERS, signed

TEXTS = [
    "Привет, мир",
    "",
    " с краёв ",
    "a:b::c:",
    "one\r\ntwo\nthree\rfour",
    """50% + 50% = "100" & <b>'x'</b> #?/\\ %41 &amp; {} []""",
    "null",
    "0012",
]
EMOJI = "Спасибо 🙂👍🏽, «да» – € 你好"

every_writer = pytest.mark.parametrize(
    ("name", "charset"),
    [(name, charset) for name in WRITERS for charset in service.CHARSETS[name]],
)


def rows_of(kind: str, charset: str) -> list[dict[str, str]]:
    match kind:
        case "status":
            return [
                {**STATUS, "cmt": text.replace("№", "No") if charset == "koi8-r" else text}
                for text in (*TEXTS, *([EMOJI] if charset == "utf-8" else ()))
            ]
        case "message":
            return [
                {**MESSAGE, "mes": text}
                for text in (*TEXTS, *([EMOJI] if charset == "utf-8" else ()))
            ]
        case _:
            return [CALL, {**CALL, "ts": "999999999"}]


def expected(kind: str, row: dict[str, str]) -> StatusReport | IncomingMessage | CallConfirmation:
    match kind:
        case "status":
            return StatusReport(
                id="123456",
                phone="79991234567",
                status=1,
                time="21.11.26 12:00:00",
                ts=1795262400,
                cnt=2,
                type=0,
                cost=Decimal("2.40"),
                flag=1280,
                sender="Магазин",
                cmt=row["cmt"],
            )
        case "message":
            return IncomingMessage(
                id="77",
                sms_id="123456",
                phone="79991234567",
                text=row["mes"],
                to="79990000000",
                smsc="79029990000",
                sent=1795262399,
                time=1795262400,
            )
        case _:
            return CallConfirmation(phone="79991234567", ts=int(row["ts"]))


@every_writer
@pytest.mark.parametrize("kind", ["status", "message", "call"])
def test_what_the_service_signs_is_read_as_it_was_written(
    kind: str, name: str, charset: Charset
) -> None:
    write, content_type, many = WRITERS[name]
    for row in rows_of(kind, charset):
        for how in HASHES:
            algorithm = cast("Algorithm", how.split()[0])
            for secret in (SECRET, OTHER_SECRET):
                one = signed(kind, row, how=how, secret=secret, charset=charset)
                rows = [one, one] if many else [one]
                body = write(rows, charset)
                for given in (secret, (SECRET, OTHER_SECRET)):
                    found = parse(
                        body,
                        secret=given,
                        algorithm=algorithm,
                        content_type=content_type,
                        charset=charset,
                    )

                    assert found == (expected(kind, row),) * len(rows)


@every_writer
def test_the_charset_is_found_where_it_is_not_told(name: str, charset: str) -> None:
    write, content_type, many = WRITERS[name]
    row = signed("message", {**MESSAGE, "mes": "Ёлка, подъезд"}, charset=charset)
    if charset == "koi8-r":  # that alone is to be named
        row["charset"] = charset

    found = parse(
        write([row, row] if many else [row], charset), secret=SECRET, content_type=content_type
    )

    assert [cast("IncomingMessage", each).text for each in found] == ["Ёлка, подъезд"] * (1 + many)


@pytest.mark.parametrize("bytes_of", service.CHARSETS["form"])
@pytest.mark.parametrize("signed_in", service.CHARSETS["form"])
def test_the_text_may_be_signed_in_another_charset_than_it_is_sent_in(
    bytes_of: Charset, signed_in: str
) -> None:
    row = signed("message", {**MESSAGE, "mes": "Ёлка"}, charset=signed_in)

    (found,) = parse(service.form([row], bytes_of), secret=SECRET, charset=bytes_of)

    assert cast("IncomingMessage", found).text == "Ёлка"


# Written by hand; the sums are of other programs, and the secret is "abc".
STATUS_1 = StatusReport(id="1", phone="79991234567", status=1)
SAMPLES: list[tuple[bytes, str, Algorithm, StatusReport | IncomingMessage | CallConfirmation]] = [
    (
        b"id=1&phone=79991234567&status=1&md5=6c94c94a1252658008a18ea3286c9997",
        FORM,
        "md5",
        STATUS_1,
    ),
    (
        b'{"id":1,"phone":"79991234567","status":1,"sha1":"9d63d0146feeef321fdddb71d3009cefda8783a5"}',
        "application/json",
        "sha1",
        STATUS_1,
    ),
    (
        (
            b"<status><id>1</id><phone>79991234567</phone><status>1</status>"
            b"<crc32>132404744</crc32></status>"
        ),
        "text/xml",
        "crc32",
        STATUS_1,
    ),
    (
        b"id=1&phone=79991234567&status=1&crc32=7e45608",
        FORM,
        "crc32",
        STATUS_1,
    ),
    (  # windows-1251, as it is where no address names another
        (
            b"phone=79991234567&mes=%C4%E0:+100%25&to=79990000000&id=9"
            b"&sha1=f23364912119c0796871ae5a99be98b9823e6f8a"
        ),
        FORM,
        "sha1",
        IncomingMessage(phone="79991234567", text="Да: 100%", to="79990000000", id="9"),
    ),
    (
        (
            b'[{"phone":"79991234567","mes":"\\u0414\\u0430 \\ud83d\\ude42\\r\\n",'
            b'"to":"79990000000","sha1":"ab759a3b939aa7157f1f9f1c66d0e66d4b7ad67a"}]'
        ),
        "application/json",
        "sha1",
        IncomingMessage(phone="79991234567", text="Да 🙂\r\n", to="79990000000"),
    ),
    (
        (
            b"<?xml version='1.0' encoding='utf-8' ?><a><phone>79991234567</phone>"
            b"<mes><![CDATA[\xd0\x94\xd0\xb0 ]]>&#x1F642;&#13;&#10;</mes><to>79990000000</to>"
            b"<md5>1e34298cd9f0273f5dd7793d14d60851</md5></a>"
        ),
        "text/xml",
        "md5",
        IncomingMessage(phone="79991234567", text="Да 🙂\r\n", to="79990000000"),
    ),
    (
        b"charset=koi8-r&phone=79991234567&mes=\xe4\xc1&to=79990000000&crc32=1783841729",
        FORM,
        "crc32",
        IncomingMessage(phone="79991234567", text="Да", to="79990000000"),
    ),
    (
        b"waitcall=1&phone=79991234567&ts=1795262400&crc32=-1762418832",
        FORM,
        "crc32",
        CallConfirmation(phone="79991234567", ts=1795262400),
    ),
]


@pytest.mark.parametrize(("body", "content_type", "algorithm", "callback"), SAMPLES)
def test_a_sample_is_read(
    body: bytes,
    content_type: str,
    algorithm: Algorithm,
    callback: StatusReport | IncomingMessage | CallConfirmation,
) -> None:
    assert parse(body, secret="abc", algorithm=algorithm, content_type=content_type) == (callback,)
    verify(body, secret="abc", algorithm=algorithm, content_type=content_type)


def test_a_status_has_every_field_of_the_page() -> None:
    hlr = {
        "imsi": "250011234567890",
        "msc": "79029990000",
        "mcc": "250",
        "mnc": "01",
        "cn": "Россия",
        "net": "МТС",
        "rcn": "Турция",
        "rnet": "Turkcell",
    }
    menu = {"dtmf": "1#", "calltime": "12", "callmenu": "1,2,0", "ringtime": "5"}
    rest = {"err": "220", "syserr": "34"}
    row = signed("status", {**STATUS, **hlr, **menu, **rest})

    (found,) = parse(service.form([row], "utf-8"), secret=SECRET)

    assert isinstance(found, StatusReport)
    for name, value in {**hlr, **menu, "syserr": "34"}.items():
        assert getattr(found, name) == value
    assert found.err == 220
    assert found.extra == {}


@pytest.mark.parametrize("name", ["JSON", "XML", "form"])
def test_numbers_that_are_texts_of_ours_stay_as_they_were_written(name: str) -> None:
    row = signed("status", {**STATUS, "mcc": "250", "dtmf": "0012", "sender": "900", "cost": "0"})
    body = {
        "form": service.form([row], "utf-8"),
        "XML": service.xml([row], "utf-8"),
        "JSON": service.escaped_json([row], "utf-8")
        .replace(b'"250"', b"250")
        .replace(b'"900"', b"900")
        .replace(b'"cost":"0"', b'"cost":0.50'),
    }[name]

    (found,) = parse(body, secret=SECRET, content_type=WRITERS[name][1])

    assert isinstance(found, StatusReport)
    assert (found.mcc, found.dtmf, found.sender) == ("250", "0012", "900")
    assert found.cost == (Decimal("0.50") if name == "JSON" else 0)


@pytest.mark.parametrize("flag", ["8", "40"])
def test_the_phone_of_an_email_is_an_address(flag: str) -> None:
    row = signed("status", {"id": "5", "phone": "анна+1@пример.рф", "status": "1", "flag": flag})

    (found,) = parse(service.form([row], "utf-8"), secret=SECRET)

    assert found.phone == "анна+1@пример.рф"


def test_what_the_page_does_not_name_is_kept_as_text() -> None:
    own = {"shop": "7", "extra": "x", "text": "y", "kind": "z", "известно": "да", "empty": ""}
    row = signed("status", {**STATUS, **own, "charset": "utf-8", "fmt": "3"})

    for name in ("form", "loose form", "JSON", "XML"):
        write, content_type, _ = WRITERS[name]
        (found,) = parse(write([row], "utf-8"), secret=SECRET, content_type=content_type)
        assert found.extra == own, name


def test_numbers_and_texts_that_the_page_does_not_name_are_texts_alike() -> None:
    body = b'[{"waitcall":1,"phone":79991234567,"ts":1795262400,"a":1,"b":2.50,"c":null,"d":"x"}]'

    (found,) = parse(body, secret=None, content_type="application/json")

    assert found == CallConfirmation(
        phone="79991234567", ts=1795262400, extra={"a": "1", "b": "2.50", "d": "x"}
    )


STRANGE = {
    "ts": ["", "soon", "-1", "1e400", "9" * 30, "9" * 5000, "NaN", "1795262400x", "١٢"],
    "flag": ["", "65536", "-1", "NaN", "0x10", "9" * 400],
    "err": ["", "none", "NaN", "Infinity", "9" * 10, "9" * 400],
    "cnt": ["two", "9" * 400],
    "type": ["SMS", "9" * 400],
    "cost": ["", "NaN", "sNaN", "-Infinity", "1e400", "9" * 400, "1_0", " 1", "١٢", "2,40", "null"],
}


@pytest.mark.parametrize(("name", "value"), [(n, v) for n, vs in STRANGE.items() for v in vs])
def test_an_unsigned_field_that_is_not_as_the_page_has_it_is_kept_as_text(
    name: str, value: str
) -> None:
    row = signed("status", {**STATUS, name: value})

    (found,) = parse(service.form([row], "utf-8"), secret=SECRET)

    assert found.extra == {name: value}
    assert getattr(found, name) is None
    assert isinstance(found, StatusReport)
    assert found.sender == "Магазин"


def test_all_strange_fields_are_kept_at_once() -> None:
    strange = {name: values[1] for name, values in STRANGE.items()}
    row = signed("status", {**STATUS, **strange, "own": "x"})

    (found,) = parse(service.form([row], "utf-8"), secret=SECRET)

    assert found.extra == {**strange, "own": "x"}


@pytest.mark.parametrize("number", ["1E400", "1" + "0" * 300, "-1.5", "1e-3"])
@pytest.mark.parametrize("name", ["cost", "ts", "flag", "err"])
def test_a_number_of_json_that_the_page_does_not_have_is_no_trouble(name: str, number: str) -> None:
    row = signed("status", {**STATUS, name: "@"})
    body = service.escaped_json([row], "utf-8").replace(b'"@"', number.encode())

    (found,) = parse(body, secret=SECRET)

    assert isinstance(found, StatusReport)
    assert name in found.extra or found.cost == Decimal(number)


def status(**changes: str) -> dict[str, str]:
    return {**STATUS, **changes}


WRONG = {
    "status": {
        "id": ["", "a" * 41, "a b", "a:b", "ы", "1\n"],
        "phone": ["", "12", "7 999", "1:2:3", "7\x00999", "a" * 255, "799\n"],
        "status": ["", "100", "+1", "1.0", "-0", "01", "one", "١", "1\n", "--1"],
    },
    "message": {
        "phone": ["", "12", "MTS", "7999:1", "1" * 21, "+", "7 9991234567", "7999\n"],
        "to": ["", "12", "me", "7999:1", "1" * 21, "7999\n"],
    },
    "call": {
        "phone": ["", "12", "a@b.ru", "7999:1", "7999\n"],
        "ts": ["", "12345678", "1" * 12, "0123456789", "-123456789", "1795262400.0", "NaN"],
    },
}
ROWS = {"status": STATUS, "message": MESSAGE, "call": CALL}
every_wrong = pytest.mark.parametrize(
    ("kind", "name", "value"),
    [
        (kind, name, value)
        for kind, fields in WRONG.items()
        for name, values in fields.items()
        for value in values
    ],
)


@every_wrong
def test_a_signed_field_that_is_wrong_is_understood_by_nobody(
    kind: str, name: str, value: str
) -> None:
    row = signed(kind, {**ROWS[kind], name: value})

    with pytest.raises(NotUnderstood) as caught:
        parse(service.form([row], "utf-8"), secret=SECRET)

    assert caught.value.fields == row


@every_wrong
@pytest.mark.parametrize("secret", [SECRET, None])
def test_what_is_wrong_and_not_signed_is_no_callback(
    kind: str, name: str, value: str, secret: str | None
) -> None:
    row = signed(kind, {**ROWS[kind], name: value}, secret=OTHER_SECRET)

    with pytest.raises(BadCallback) as caught:
        parse(service.form([row], "utf-8"), secret=secret)

    assert type(caught.value) is BadCallback


@pytest.mark.parametrize(("kind", "name"), [(k, n) for k, ns in service.SIGNED.items() for n in ns])
def test_what_is_missing_is_named(kind: str, name: str) -> None:
    row = signed(kind, ROWS[kind])
    del row[name]

    with pytest.raises(BadCallback) as caught:
        parse(service.form([row], "utf-8"), secret=SECRET)

    assert "missing" in caught.value.reason


def test_a_message_is_no_call_at_the_same_time() -> None:
    row = signed("message", {**MESSAGE, "waitcall": "1"})

    with pytest.raises(BadCallback, match="both"):
        parse(service.form([row], "utf-8"), secret=SECRET)


def test_without_a_secret_nothing_is_checked() -> None:
    (found,) = parse(b"id=1&phone=79991234567&status=1&sha1=none", secret=None)

    assert found == STATUS_1


@pytest.mark.parametrize("name", ["JSON list", "XML list"])
@pytest.mark.parametrize("bad", [0, 1, 2])
def test_a_list_with_one_that_is_forged_is_refused_as_a_whole(name: str, bad: int) -> None:
    write, content_type, _ = WRITERS[name]
    rows = [signed("status", status(id=str(at))) for at in range(3)]
    rows[bad]["status"] = "2"

    with pytest.raises(SignatureMismatch):
        parse(write(rows, "utf-8"), secret=SECRET, content_type=content_type)


def test_what_was_sent_by_get_belongs_to_the_callback() -> None:
    row = signed("status", STATUS)
    body = service.form([{name: row[name] for name in row if name != "sha1"}], "utf-8")
    query = f"own=%D0%94%D0%B0&flag_of_mine&sha1={row['sha1']}".encode()

    (found,) = parse(body, secret=SECRET, query=query)

    assert found.extra == {"own": "Да", "flag_of_mine": ""}


def test_what_was_sent_by_get_belongs_to_each_of_a_list() -> None:
    rows = [signed("status", status(id=str(at))) for at in range(2)]

    found = parse(
        service.json_list(rows, "utf-8"),
        secret=SECRET,
        content_type="application/json",
        query=b"a=1",
    )

    assert [each.extra for each in found] == [{"a": "1"}] * 2


@pytest.mark.parametrize("query", [b"id=1", b"status=2", b"sha1=x", b"%69d=5", b"a=1&sha1"])
def test_a_field_is_not_in_the_address_and_in_the_body(query: bytes) -> None:
    body = service.form([signed("status", STATUS)], "utf-8")

    with pytest.raises(BadCallback, match="in the address and in the body"):
        parse(body, secret=SECRET, query=query)


def test_checking_alone_returns_nothing_and_raises_the_same() -> None:
    row = signed("status", STATUS)

    verify(service.form([row], "utf-8"), secret=SECRET)
    with pytest.raises(SignatureMismatch):
        verify(service.form([{**row, "status": "2"}], "utf-8"), secret=SECRET)
    with pytest.raises(BadCallback):
        verify(b"", secret=SECRET)


@pytest.mark.parametrize(
    "secret", ["", "a b", "пароль", "a:b", "a\n", [], ["a", "b", "c"], ["a", ""]]
)
def test_a_secret_that_the_service_does_not_take_is_a_mistake(secret: str | list[str]) -> None:
    with pytest.raises(ValueError, match="secret"):
        parse(b"", secret=secret)


def test_an_algorithm_or_charset_that_there_is_not_is_a_mistake() -> None:
    with pytest.raises(ValueError, match="md5, sha1, crc32"):
        parse(b"", secret=None, algorithm=cast("Algorithm", "sha256"))
    with pytest.raises(ValueError, match="utf-8, windows-1251, koi8-r"):
        parse(b"", secret=None, charset=cast("Charset", "utf-16"))
