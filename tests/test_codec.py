"""Every answer that the pages show is decoded; every form is what was meant, and nothing else."""

from __future__ import annotations

import importlib
import pkgutil
import traceback
from decimal import Decimal
from pathlib import Path
from random import Random
from typing import Any
from urllib.parse import parse_qsl, urlencode

import msgspec
import pytest
from hypothesis import assume, example, given
from hypothesis import strategies as st

from smsc_async import Balance, PhoneReport, Price, _codec, _refusals, _resources, errors
from smsc_async._codec import addressed, decode, encode, fingerprint, form
from smsc_async._operation import Operation
from smsc_async._resources._sent import SendReply
from smsc_async._resources.account import BALANCE
from smsc_async._resources.sending import PRICE, SEND, SEND_EACH
from smsc_async._slices import at_once
from smsc_async._wire import codes, limits
from smsc_async._wire.secret import Secret
from smsc_async.errors import ApiError, BadReply
from tests.samples import FOLDER, sample

RAW = Operation[Any](name="raw", path="info.php", reply=Any, page="")


def every_operation() -> list[Operation[Any]]:
    modules = [
        importlib.import_module(f"{_resources.__name__}.{found.name}")
        for found in pkgutil.iter_modules(_resources.__path__)
    ]
    values = [value for module in modules for value in vars(module).values()]
    found = {value.name: value for value in values if isinstance(value, Operation)}
    return [found[name] for name in sorted(found)]


EVERY_OPERATION = every_operation()
by_name = pytest.mark.parametrize(
    "operation", EVERY_OPERATION, ids=lambda operation: str(operation.name)
)


def files(folder: str) -> list[str]:
    return sorted(f"{folder}/{path.name}" for path in (FOLDER / folder).iterdir())


# Every operation


def test_the_operations_are_found() -> None:
    assert {"send", "send_each", "price", "account.balance"} <= {op.name for op in EVERY_OPERATION}


@by_name
def test_only_what_removes_may_find_nothing_and_be_done(operation: Operation[Any]) -> None:
    if operation.gone is not None:
        assert limits.find(operation.path, operation.fixed).kind == "removal"
        assert operation.gone == decode(operation, b"OK")


@by_name
def test_each_operation_has_answers_and_decodes_them(operation: Operation[Any]) -> None:
    folder = FOLDER / operation.name
    assert folder.is_dir(), f"tests/samples/{operation.name}/ holds no answer yet"
    names = files(operation.name)
    assert names

    for name in names:
        assert not isinstance(decode(operation, sample(name)), errors.SmscError), name


@by_name
def test_the_reply_of_an_operation_is_never_mistaken_for_an_error(
    operation: Operation[Any],
) -> None:
    for refusal in (
        b'{"error": "no", "error_code": 1}',
        b'{"error": "no", "error_code": 7, "id": 5}',
    ):
        with pytest.raises(msgspec.ValidationError):
            msgspec.json.decode(refusal, type=operation.reply, strict=False)


@by_name
def test_each_operation_is_known_to_the_limits(operation: Operation[Any]) -> None:
    row = limits.find(operation.path, {**operation.fixed})

    assert row in limits.ROWS


@by_name
def test_what_an_operation_always_says_is_not_what_the_client_says(
    operation: Operation[Any],
) -> None:
    assert not operation.fixed.keys() & (codes.CREDENTIALS | codes.ANSWER_FORM.keys())


@by_name
@pytest.mark.parametrize("code", [1, 2, 4, 9])
def test_four_numbers_mean_the_same_everywhere(operation: Operation[Any], code: int) -> None:
    error = decode(operation, f'{{"error": "text", "error_code": {code}}}'.encode())

    assert type(error) is _refusals.ANYWHERE[code]
    assert isinstance(error, ApiError)
    assert (error.operation, error.code, error.text, error.id) == (
        operation.name,
        code,
        "text",
        None,
    )


@by_name
def test_a_number_that_no_page_gives_is_still_an_error(operation: Operation[Any]) -> None:
    error = decode(operation, sample("errors/unknown_number.json"))

    assert type(error) is ApiError
    assert error.code == 77


def test_each_folder_of_answers_is_read_by_something() -> None:
    folders = {path.name for path in FOLDER.iterdir() if path.is_dir()} - {"__pycache__"}

    assert folders <= {"errors", "raw", "refused"} | {op.name for op in EVERY_OPERATION}


# Replies


@pytest.mark.parametrize(
    ("operation", "name", "reply"),
    [
        (SEND, "send/cost_3.json", SendReply(1234, 1, Decimal("1.40"), Decimal("100.50"))),
        (SEND, "send/cost_2.json", SendReply(1234, 1, Decimal("1.40"))),
        (SEND, "send/cost_0.json", SendReply(1234, 1)),
        (SEND, "send/recorded_cost_0.json", SendReply(33, 1)),
        (SEND, "send/recorded_cost_3.json", SendReply(14, 1, Decimal("4.1"), Decimal("83.6"))),
        (SEND, "send/bare_money.json", SendReply(14, 1, Decimal("4.1"), Decimal("83.6"))),
        (
            SEND,
            "send/quoted_count.json",
            SendReply("order-17.a_b", 2, Decimal("2.80"), Decimal("3215.3097")),
        ),
        (
            SEND,
            "send/report.json",
            SendReply(
                1234,
                2,
                Decimal("1.40"),
                Decimal("100.50"),
                (
                    PhoneReport("79990000000", "25001", Decimal("1.40")),
                    PhoneReport("70000000000", "0", Decimal("0.00"), "22", "249"),
                ),
            ),
        ),
        (
            SEND,
            "send/report_test_mode.json",
            SendReply(5, 1, Decimal(0), Decimal(10), (PhoneReport("79990000000", 25001),)),
        ),
        (
            SEND,
            "send/voice_code.json",
            SendReply(1234, 1, Decimal("0.60"), Decimal("99.90"), (), "041234"),
        ),
        (SEND, "send/unknown_keys.json", SendReply(1234, 1, Decimal("1.40"), Decimal("100.50"))),
        (SEND, "send/byte_order_mark.json", SendReply(1234, 1, Decimal("1.40"), Decimal("100.50"))),
        (SEND_EACH, "send_each/cost_3.json", SendReply(1235, 3, Decimal("4.20"), Decimal("96.30"))),
        (PRICE, "price/cost_1.json", Price(Decimal("1.40"), 1)),
        (PRICE, "price/bare_money.json", Price(Decimal("2.8"), 2)),
        (BALANCE, "account.balance/amount_only.json", Balance(Decimal("1871.62"))),
        (BALANCE, "account.balance/currency.json", Balance(Decimal("1871.62"), "RUR")),
        (BALANCE, "account.balance/credit.json", Balance(Decimal("-12.5"), "RUR", Decimal(500))),
        (BALANCE, "account.balance/bare_money.json", Balance(Decimal("3215.3097"), "RUR")),
        (RAW, "raw/created.json", {"id": 1234}),
        (RAW, "raw/done.json", {"result": "OK"}),
        (RAW, "raw/done_plain.txt", {"result": "OK"}),
        (RAW, "raw/done_plain_line.txt", {"result": "OK"}),
        (RAW, "raw/groups.json", [{"id": 1, "name": "clients", "number": 3, "cnt": "12"}]),
        (
            RAW,
            "raw/blacklist.json",
            [{"id": 1, "phone": "79990000000", "type": 0, "comment": "asked"}],
        ),
        (
            RAW,
            "raw/operator.json",
            {
                "country": "Россия",
                "operator": "МТС",
                "region": "Москва",
                "mcc": "250",
                "mnc": "1",
                "tz": "0",
            },
        ),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_an_answer_is_decoded(operation: Operation[Any], name: str, reply: object) -> None:
    assert decode(operation, sample(name)) == reply


@pytest.mark.parametrize("name", files("raw"))
def test_a_raw_answer_is_its_json(name: str) -> None:
    reply = decode(RAW, sample(name))

    if name.startswith("raw/done"):
        assert reply == {"result": "OK"}
    else:
        assert reply == msgspec.json.decode(sample(name))


def test_a_message_that_quotes_an_error_is_no_error() -> None:
    rows = decode(RAW, sample("raw/sent_messages.json"))

    assert isinstance(rows, list)
    assert rows[0]["message"] == '{"error_code": 9}'


def test_a_large_answer_is_not_searched_for_an_error() -> None:
    rows = [{"message": '"error_code"', "phone": "79990000000"}] * 1000

    assert decode(RAW, msgspec.json.encode(rows)) == rows


# Errors


@pytest.mark.parametrize(
    ("operation", "name", "kind", "said"),
    [
        (SEND, "parameters.json", errors.BadParameters, (1, "parameters error", None)),
        (SEND, "login.json", errors.LoginRefused, (2, "authorise error", None)),
        (SEND, "no_money.json", errors.NoMoney, (3, "no money", "1234")),
        (SEND, "blocked.json", errors.AddressBlocked, (4, "IP is blocked", None)),
        (SEND, "without_text.json", errors.BadTime, (5, "no reason given", None)),
        (SEND, "denied.json", errors.Forbidden, (6, "message is denied", "1234")),
        (SEND, "phone.json", errors.BadPhone, (7, "invalid number", "1234")),
        (SEND, "undeliverable.json", errors.Undeliverable, (8, "can't to deliver", "order-17")),
        (
            SEND,
            "duplicate.json",
            errors.TooManyRequests,
            (9, "duplicate request, wait a minute", None),
        ),
        (
            SEND,
            "concurrent.json",
            errors.TooManyRequests,
            (9, "too many concurrent requests", None),
        ),
        (SEND, "quoted_number.json", errors.NoMoney, (3, "no money", None)),
        (SEND, "unknown_number.json", ApiError, (77, "something new", None)),
        (SEND, "windows_1251.json", errors.Forbidden, (6, "запрещено", "12")),
        (
            SEND,
            "windows_1251_plain.txt",
            errors.NoMoney,
            (3, "нет денег", "12"),
        ),
        (SEND, "plain.txt", errors.BadParameters, (1, "parameters error", None)),
        (SEND, "plain_with_id.txt", errors.Forbidden, (6, "message is denied", "1234")),
        (SEND, "plain_without_text.txt", errors.TooManyRequests, (9, "no reason given", None)),
        (RAW, "plain_nested.txt", errors.NotFound, (3, "wrong (or old) template", None)),
        (RAW, "nothing_found.json", errors.NotFound, (3, "no records", None)),
        (RAW, "without_text.json", errors.OperationFailed, (5, "no reason given", None)),
        (RAW, "denied.json", ApiError, (6, "message is denied", "1234")),
    ],
    ids=lambda value: value if isinstance(value, str) and "." in value else "",
)
def test_an_error_is_decoded(
    operation: Operation[Any], name: str, kind: type[ApiError], said: tuple[int, str, str | None]
) -> None:
    error = decode(operation, sample(f"errors/{name}"))

    assert type(error) is kind
    assert isinstance(error, ApiError)
    assert (error.code, error.text, error.id) == said
    assert error.operation == operation.name


@by_name
@pytest.mark.parametrize("name", files("errors"))
def test_every_error_that_was_met_is_one_to_every_operation(
    operation: Operation[Any], name: str
) -> None:
    error = decode(operation, sample(name))

    if operation.nothing is None:
        assert isinstance(error, ApiError)
        assert isinstance(error, _refusals.of(operation.path).get(error.code, ApiError))
    else:
        assert isinstance(error, ApiError) or error == operation.nothing()


def test_nothing_found_is_a_value_where_the_operation_says_so() -> None:
    listing = Operation[list[str]](
        name="list", path="phones.php", reply=list[str], page="", nothing=list
    )

    empty = decode(listing, sample("errors/nothing_found.json"))
    refused = decode(listing, sample("errors/login.json"))

    assert empty == []
    assert isinstance(refused, errors.LoginRefused)


# What is neither


@pytest.mark.parametrize("operation", [SEND, PRICE, BALANCE], ids=lambda op: str(op.name))
@pytest.mark.parametrize("name", files("refused"))
def test_what_no_page_describes_is_a_bad_reply(operation: Operation[Any], name: str) -> None:
    data = sample(name)

    error = decode(operation, data)

    assert type(error) is BadReply
    assert error.operation == operation.name
    assert error.reason.startswith("not the answer expected: ")
    assert data.startswith(error.start)


def test_a_bad_reply_shows_its_first_bytes_only() -> None:
    error = decode(SEND, b"<html>" + b"x" * 10_000)

    assert isinstance(error, BadReply)
    assert error.start == b"<html>" + b"x" * 114


def test_a_plain_ok_is_no_answer_to_a_send() -> None:
    error = decode(SEND, b"OK")

    assert isinstance(error, BadReply)


@pytest.mark.parametrize(
    "data",
    [
        b"[" * 100_000,
        b"[" * 100_000 + b"]" * 100_000,
        b'{"error_code": 1, "x": ' + b"[" * 2_000 + b"]" * 2_000 + b"}",
        b"9" * 5_000,
        b"ERROR = " + b"9" * 4_000,
        b"ERROR = " + b"9" * 9_000,
        b"1e400",
        b"NaN",
        b"\xff" * 500,
        b"\xef\xbb\xbf",
        b'{"id": 1, "cnt": 1, "cost": "abc"}',
        b'{"error_code": 1e400}',
        b'"\\ud800"',
    ],
    ids=lambda data: repr(data[:12]),
)
@pytest.mark.parametrize("operation", [*EVERY_OPERATION, RAW], ids=lambda op: str(op.name))
def test_decoding_never_raises_on_what_is_odd(operation: Operation[Any], data: bytes) -> None:
    decode(operation, data)


# What is said oddly, and what is no answer though it looks like one

SENT = SendReply(id=1, cnt=1)
REPORTED = SendReply(id=1, cnt=1, phones=(PhoneReport("7"),))
ONE = '{"id": 1, "cnt": 1'


@pytest.mark.parametrize(
    ("said", "reply"),
    [
        (ONE + ', "cost": ""}', SENT),
        (ONE + ', "cost": null, "balance": "", "phones": null}', SENT),
        (ONE + ', "cost": " 1.40 "}', SendReply(id=1, cnt=1, cost=Decimal("1.40"))),
        (ONE + ', "cost": 1.40}', SendReply(id=1, cnt=1, cost=Decimal("1.40"))),
        (ONE + ', "balance": "", "cost": 0.1}', SendReply(id=1, cnt=1, cost=Decimal("0.1"))),
        (ONE + ', "phones": [{"phone": "7", "cost": ""}]}', REPORTED),
        (ONE + ', "new": {"cost": "NaN"}}', SENT),
        (ONE + ', "error_code": 0}', SENT),
        ('{"id": "1", "cnt": "1"}', SendReply(id="1", cnt=1)),
        ('{"id": "007", "cnt": 1.0}', SendReply(id="007", cnt=1)),
        ('{"id": 2, "cnt": 1, "id": 1}', SENT),
        (f'{{"id": {"7" * 30}, "cnt": 1}}', SendReply(id=int("7" * 30), cnt=1)),
    ],
)  # fmt: skip
def test_what_is_said_oddly_but_clearly_is_taken(said: str, reply: SendReply) -> None:
    assert decode(SEND, said.encode()) == reply


@pytest.mark.parametrize(
    "said",
    [
        *(
            f'{ONE}, "cost": "{amount}"}}'
            for amount in ("NaN", "sNaN", "Infinity", "-inf", "1E+999999")
        ),
        *(f'{ONE}, "balance": "{amount}"}}' for amount in ("1,40", "-", "1E-999999", "1 000")),
        *(f'{ONE}, "cost": {amount}}}' for amount in ("NaN", "1E+999999", "true", "[]")),
        ONE + ', "phones": [{"phone": "7", "cost": "NaN"}]}',
        ONE + ', "phones": {}}',
        *(
            f'{{"id": {named}, "cnt": 1}}'
            for named in ('""', '" "', "null", "1.5", "true", "[1]", '"й"')
        ),
        *(f'{{"id": 1, "cnt": {count}}}' for count in ('""', "null", '"two"', "1.5", "true")),
        f"[{ONE}}}]",
        ONE,
        ONE + "} x",
        '{"error_code": 0}',
        "ERROR = 0 (no error)",
        "ERROR = 7 (cut",
        "O",
    ],
)
def test_what_is_not_clearly_an_answer_is_none(said: str) -> None:
    assert type(decode(SEND, said.encode())) is BadReply


@pytest.mark.parametrize(
    ("said", "code"),
    [
        ('{"error_code": "7", "error": 5, "id": []}', 7),
        ('{"error_code": -7, "error": null}', -7),
        ('{"error_code": 7.0}', 7),
        ("ERROR = -7 (no)", -7),
    ],
)
def test_the_number_of_an_error_is_read_whatever_stands_beside_it(said: str, code: int) -> None:
    error = decode(SEND, said.encode())

    assert isinstance(error, ApiError)
    assert (error.code, error.text, error.id) == (code, error.text, None)


RUSSIAN = '{"balance": "1", "currency": "рубли за № 1"}'


def test_a_text_in_the_charset_of_the_service_is_read() -> None:
    assert decode(BALANCE, RUSSIAN.encode("cp1251")) == Balance(Decimal(1), "рубли за № 1")


def test_a_text_that_is_cut_in_the_middle_of_a_letter_loses_that_letter_only() -> None:
    data = RUSSIAN.encode().replace("№".encode(), "№".encode()[:1])

    assert decode(BALANCE, data) == Balance(Decimal(1), "рубли за \ufffd 1")


def test_a_byte_that_no_charset_has_costs_one_letter() -> None:
    data = RUSSIAN.encode("cp1251").replace(b"\xb9", b"\x98")

    assert decode(BALANCE, data) == Balance(Decimal(1), "рубли за \ufffd 1")


PIECES = st.sampled_from(
    [
        b'{"',
        b'"}',
        b'": ',
        b", ",
        b"error_code",
        b"error",
        b"id",
        b"cnt",
        b"cost",
        b"balance",
        b"ERROR = ",
        b"(",
        b"), ID - ",
        b"7",
        b"-0.5e9",
        b"null",
        b"[",
        b"]",
        b"\xff",
        b"\xef\xbb\xbf",
        b"OK",
    ]
)


@given(st.binary() | st.lists(PIECES).map(b"".join))
def test_decoding_never_raises(data: bytes) -> None:
    for operation in (*EVERY_OPERATION, RAW):
        decode(operation, data)


@given(
    code=st.integers(1, 300),
    text=st.text(max_size=200),
    id=st.none() | st.integers(1, codes.MAX_ID_NUMBER) | st.from_regex(r"[a-z._\-]{1,40}\Z"),
)
def test_an_error_object_always_gives_its_number_text_and_id(
    code: int, text: str, id: int | str | None
) -> None:
    keys = {"error": text, "error_code": code} | ({} if id is None else {"id": id})

    error = decode(SEND, msgspec.json.encode(keys))

    assert isinstance(error, ApiError)
    assert (error.code, error.text) == (code, text.strip() or "no reason given")
    assert error.id == (None if id is None else str(id))


# Forms


def test_a_form_holds_what_is_fixed_what_is_given_and_how_to_answer() -> None:
    assert form(PRICE, {"phones": "79990000000", "mes": "text", "sender": None, "tinyurl": 1}) == {
        "cost": "1",
        "phones": "79990000000",
        "mes": "text",
        "tinyurl": "1",
        "fmt": "3",
        "charset": "utf-8",
    }


def test_a_parameter_may_be_empty_and_is_then_sent() -> None:
    assert form(SEND, {"sender": ""})["sender"] == ""


def test_a_form_never_asks_for_another_answer_than_the_client_reads() -> None:
    pairs = form(RAW, {"fmt": "1", "charset": "koi8-r"})

    assert pairs == {"fmt": "3", "charset": "utf-8"}


@given(st.dictionaries(st.text(), st.text()))
def test_a_form_is_encoded_as_the_standard_library_does(pairs: dict[str, str]) -> None:
    assert at_once(encode(pairs)) == urlencode(pairs).encode()


def test_a_form_is_encoded_as_the_pages_ask() -> None:
    assert (
        at_once(encode({"mes": "a+b c&d=é", "time": "+5"})) == b"mes=a%2Bb+c%26d%3D%C3%A9&time=%2B5"
    )


def test_what_is_long_is_encoded_no_otherwise() -> None:
    pairs = {"id": "1", "list": "79990000000:да & нет\n" * 2_000, "x": "я" * 251, "y": "+"}

    assert at_once(encode(pairs)) == urlencode(pairs).encode()


@given(st.dictionaries(st.text(min_size=1), st.text()))
def test_a_form_comes_back_as_it_was(pairs: dict[str, str]) -> None:
    data = at_once(encode(pairs)).decode("ascii")

    assert parse_qsl(data, keep_blank_values=True) == list(pairs.items())


# What makes two sends identical

TEXTS = st.text(st.characters(codec="utf-8", exclude_characters="\\"), min_size=1)
PHONES = st.lists(
    st.integers(10_000_000_000, 99_999_999_999).map(lambda number: f"+{number}"),
    min_size=1,
    max_size=5,
    unique=True,
)


def of(params: dict[str, str], *, message_only: bool = True) -> bytes:
    pairs = form(SEND, params)
    row = limits.find(codes.SEND, pairs)
    messages = at_once(addressed(pairs))
    return at_once(fingerprint(row, pairs, messages, message_only=message_only))


@given(PHONES, TEXTS, st.randoms())
def test_recipients_count_in_any_order_and_spelling(
    phones: list[str], text: str, dice: Random
) -> None:
    other = [phone[:2] + " (" + phone[2:5] + ") " + phone[5:] for phone in phones]
    dice.shuffle(other)

    assert of({"phones": ",".join(phones), "mes": text}) == of(
        {"phones": ";".join(other), "mes": text}
    )


@pytest.mark.parametrize(
    "spelling",
    ["79990000000", "89990000000", "9990000000", "8 (999) 000-00-00", "+7 999 000 00 00"],
)
def test_a_russian_number_is_one_however_it_is_written(spelling: str) -> None:
    assert of({"phones": spelling, "mes": "x"}) == of({"phones": "+79990000000", "mes": "x"})


def test_with_a_plus_a_number_is_what_it_says() -> None:
    assert of({"phones": "+89990000000", "mes": "x"}) != of({"phones": "+79990000000", "mes": "x"})


def test_a_group_is_one_in_either_case_and_no_number() -> None:
    assert of({"phones": "G12345", "mes": "x"}) == of({"phones": "g12345", "mes": "x"})
    assert of({"phones": "G12345", "mes": "x"}) == of({"phones": " G12345", "mes": "x"})
    assert of({"phones": "G12345", "mes": "x"}) != of({"phones": "12345", "mes": "x"})


@given(PHONES, TEXTS)
def test_id_kind_and_options_never_make_a_send_another(phones: list[str], text: str) -> None:
    assume(text not in codes.KIND_PREFIXES)  # one without a text is told by its kind
    plain = of({"phones": ",".join(phones), "mes": text})

    for more in (
        {"id": "17"},
        {"flash": "1"},
        {"call": "1"},
        {"sender": "ivan", "translit": "1"},
        {"time": "+5"},
        {"op": "1", "pp": "3"},
    ):
        assert of({"phones": ",".join(phones), "mes": text, **more}) == plain


@given(PHONES, TEXTS, TEXTS)
@example(["+79990000000"], "a\r\nb", "a\nb")
def test_another_text_is_another_send(phones: list[str], text: str, other: str) -> None:
    same = of({"phones": ",".join(phones), "mes": text}) == of(
        {"phones": ",".join(phones), "mes": other}
    )

    assert same == (lines(text) == lines(other))


@given(PHONES, PHONES, TEXTS)
def test_other_recipients_are_another_send(some: list[str], others: list[str], text: str) -> None:
    same = of({"phones": ",".join(some), "mes": text}) == of(
        {"phones": ",".join(others), "mes": text}
    )

    assert same == (set(some) == set(others))


def lines(text: str) -> str:
    return text.replace("\r\n", "\n").replace("\r", "\n")


@given(PHONES, TEXTS)
@example(["+79990000000"], "a\r\nb;c:d")
def test_a_list_of_one_line_is_the_plain_send(phones: list[str], text: str) -> None:
    line = lines(text).replace("\n", "\\n")

    assert of({"list": f"{','.join(phones)}:{line}"}) == of(
        {"phones": ",".join(phones), "mes": text}
    )


def test_the_lines_of_a_list_count_in_any_order() -> None:
    assert of({"list": "+79990000001:a\n+79990000002:b"}) == of(
        {"list": "79990000002:b\n89990000001:a"}
    )
    assert of({"list": "+79990000001:a\n+79990000002:b"}) != of(
        {"list": "+79990000001:b\n+79990000002:a"}
    )


def test_each_form_of_a_list_says_who_gets_what() -> None:
    assert at_once(addressed({"list": "1,2:a:b\nivan,3|3:c;d\n4;e:f\n"})) == [
        ("1", "a:b"),
        ("2", "a:b"),
        ("3", "c;d"),
        ("4", "e:f"),
    ]


def test_a_plain_send_says_who_gets_what() -> None:
    assert at_once(addressed({"phones": "1;2, 3,", "mes": "a\nb"})) == [
        ("1", "a\\nb"),
        ("2", "a\\nb"),
        (" 3", "a\\nb"),
    ]
    assert at_once(addressed({"mes": "nobody"})) == []


def test_a_send_without_a_text_is_known_by_its_kind_and_its_numbers() -> None:
    lookup = {"phones": "79990000000,79990000001", "hlr": "1"}

    assert of(lookup) == of({**lookup, "id": "5", "op": "1", "time": "+5"})
    assert of(lookup) == of({"phones": "8 999 000-00-01;+79990000000", "hlr": "1"})
    assert of(lookup) != of({**lookup, "phones": "79990000000"})
    assert of(lookup) != of({"phones": lookup["phones"], "ping": "1"})


@pytest.mark.parametrize("name", ["subj", "fileurl", "sender"])
def test_nothing_but_a_text_tells_sends_of_a_kind_apart(name: str) -> None:
    picture = {"phones": "79990000000", "mms": "1", "subj": "one"}

    assert of(picture) == of({**picture, name: "two"})
    assert of(picture) != of({**picture, "mes": "text"})


@pytest.mark.parametrize("prefix", codes.KIND_PREFIXES)
def test_a_prefix_is_no_text(prefix: str) -> None:
    assert of({"phones": "79990000000", "mes": f"{prefix}hi"}) == of(
        {"list": "79990000000:hi", "call": "1"}
    )


def test_what_follows_a_break_makes_no_other_send() -> None:
    plain = {"phones": "79990000000", "mes": "00FF", "bin": "2"}

    assert of(plain) == of({**plain, "mes": "00FF\n~~~\npid: 1, dcs: 2"})
    assert of(plain) == of({"list": "79990000000:00FF\\n~~~\\npid: 1, dcs: 2", "bin": "2"})


def test_a_sender_and_a_zone_of_a_line_make_no_other_send() -> None:
    assert of({"list": "Shop,3|79990000000:a\n79990000001:b"}) == of(
        {"list": "79990000000:a\n.|79990000001:b", "sender": "Shop"}
    )


def test_a_number_of_telegrams_is_no_phone() -> None:
    assert of({"phones": "#9990000000", "mes": "x"}) != of({"phones": "79990000000", "mes": "x"})
    assert of({"phones": "@Nick", "mes": "x"}) == of({"phones": "@nick", "mes": "x"})


def test_a_price_is_no_send_but_counts_alike() -> None:
    pairs = {"phones": "79990000000", "mes": "x", "cost": "1"}
    row = limits.find(codes.SEND, pairs)

    assert row.name == "price"
    same = at_once(fingerprint(row, pairs, at_once(addressed(pairs)), message_only=True))
    assert same == of({"phones": "89990000000", "mes": "x"})


def test_with_the_identity_of_all_every_parameter_counts() -> None:
    plain = of({"phones": "79990000000", "mes": "x"}, message_only=False)

    assert plain == of({"mes": "x", "phones": "79990000000"}, message_only=False)
    assert plain != of({"phones": "79990000000", "mes": "x", "flash": "1"}, message_only=False)
    assert plain != of({"phones": "+79990000000", "mes": "x"}, message_only=False)


def test_every_parameter_counts_for_what_is_no_send() -> None:
    row = limits.find(codes.GET, {"get_messages": "1"})

    def known(**pairs: str) -> bytes:
        return at_once(fingerprint(row, {"get_messages": "1", **pairs}, (), message_only=True))

    assert known(cnt="10", start="01.01.2026") == known(start="01.01.2026", cnt="10")
    assert known(cnt="10") != known(cnt="11")
    assert known(phone="12") != known(phone="1", x="2")


def test_a_fingerprint_tells_nothing_and_is_short() -> None:
    found = of({"phones": "79990000000", "mes": "a secret"})

    assert len(found) == 16
    assert b"secret" not in found


# Secrets


def test_a_secret_shows_itself_to_nobody() -> None:
    secret = Secret(b"psw=123")

    assert repr(secret) == str(secret) == f"{secret}" == "Secret(***)"
    assert secret.reveal() == b"psw=123"


def test_a_secret_is_neither_copied_nor_pickled() -> None:
    import copy
    import pickle

    secret = Secret(b"psw=123")
    for attempt in (copy.copy, copy.deepcopy, pickle.dumps):
        with pytest.raises(TypeError, match="not copied or pickled"):
            attempt(secret)


def test_a_secret_does_not_stand_in_a_traceback() -> None:
    secret = Secret(b"psw=123")
    with pytest.raises(TypeError) as caught:
        b"x".join([secret])  # type: ignore[list-item]

    trace = traceback.TracebackException.from_exception(caught.value, capture_locals=True)
    frame = trace.stack[0]
    assert frame.locals is not None
    assert frame.locals["secret"] == "Secret(***)"


def test_a_decoder_is_made_once() -> None:
    assert _codec._decoder(SendReply) is _codec._decoder(SendReply)


def test_the_answers_are_explained() -> None:
    text = Path(FOLDER / "README.md").read_text("utf-8")

    for folder in FOLDER.iterdir():
        if folder.is_dir() and folder.name != "__pycache__":
            assert f"`{folder.name}`" in text


@given(st.dictionaries(st.text(), st.text()))
def test_a_form_is_written_as_python_itself_would(pairs: dict[str, str]) -> None:
    assert at_once(encode(pairs)) == urlencode(pairs).encode("ascii")
