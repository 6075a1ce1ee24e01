"""The quick way to read a callback returns what the exact way does, or nothing."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from smsc_async import SmscError
from smsc_async.webhooks import parse
from smsc_async.webhooks._bodies import fields_of
from smsc_async.webhooks._quick import usual
from smsc_async.webhooks._reading import callback_of
from smsc_async.webhooks._signing import check_algorithm, secrets_of

from . import service
from .service import FORM, JSON, MESSAGE, OTHER_SECRET, SECRET, SIGNED, STATUS, XML, signed

Pairs = Sequence[tuple[str, str]]  # the names and values of an object, as JSON has them
ROWS = {
    "status": {**STATUS, "charset": "utf-8", "fmt": "3"},
    "message": {**MESSAGE, "charset": "utf-8", "fmt": "3"},
}
DEFAULTS: dict[str, Any] = {
    "content_type": JSON,
    "query": b"",
    "charset": None,
    "algorithm": "sha1",
    "secret": SECRET,
}
every_kind = pytest.mark.parametrize("kind", ROWS)


def outcome(body: bytes, how: Mapping[str, Any], *, exact: bool) -> str:
    """Tell what comes of *body*: each sign of what is returned, or of what is raised."""
    try:
        if not exact:
            return repr(parse(body, **how))
        keys = () if how["secret"] is None else secrets_of(how["secret"])
        check_algorithm(how["algorithm"])
        records = fields_of(body, how["content_type"], how["query"], how["charset"])
        return repr(tuple(callback_of(fields, keys, how["algorithm"]) for fields in records))
    except (SmscError, ValueError) as error:
        return f"{error!r}: {error}"


def quickly(body: bytes, **changed: Any) -> object:  # noqa: ANN401 - whatever it takes
    how = {**DEFAULTS, **changed}
    keys = () if how["secret"] is None else secrets_of(how["secret"])
    return usual(body, how["content_type"], how["query"], how["charset"], how["algorithm"], keys)


def written(pairs: Pairs, between: str = ",", colon: str = ":") -> bytes:
    inside = between.join(f"{name}{colon}{value}" for name, value in pairs)
    return f"{{{inside}}}".encode("utf-8", "surrogatepass")


def sha1(text: str, secret: str = SECRET) -> str:
    data = f"{text}:{secret}".encode("utf-8", "surrogatepass")
    return hashlib.sha1(data).hexdigest()  # noqa: S324 - the service's own


def pairs_of(row: Mapping[str, str], *names: str) -> list[tuple[str, str]]:
    """Return a row as JSON has it, with *names* as numbers."""
    return [
        (json.dumps(name), value if name in names else json.dumps(value))
        for name, value in row.items()
    ]


@every_kind
@pytest.mark.parametrize("write", [service.as_json, service.escaped_json], ids=["bare", "escaped"])
@pytest.mark.parametrize("content_type", [JSON, "application/json; charset=utf-8"])
@pytest.mark.parametrize("charset", [None, "utf-8"])
@pytest.mark.parametrize("secret", [SECRET, (OTHER_SECRET, SECRET)])
def test_what_the_recommended_address_brings_is_read_quickly(
    kind: str,
    write: service.Writer,
    content_type: str,
    charset: str | None,
    secret: str | tuple[str, str],
) -> None:
    for text in ("Да", "", 'в 10:30, "да" 🙂\r\n{}', ":::"):
        free = {"mes": text} if kind == "message" else {}
        body = write([signed(kind, {**ROWS[kind], **free})], "utf-8")
        how = {**DEFAULTS, "content_type": content_type, "charset": charset, "secret": secret}

        found = quickly(body, **how)

        assert f"({found!r},)" == outcome(body, how, exact=True)
        assert outcome(body, how, exact=False) == outcome(body, how, exact=True)


def test_the_spaces_of_an_object_are_no_hindrance() -> None:
    pairs = pairs_of(signed("status", ROWS["status"]), "id", "status", "ts")

    for between, colon in ((",", ":"), (", ", ": "), (",\r\n\t", " :"), (" ,", "\t: ")):
        body = written(pairs, between, colon)
        assert f"({quickly(body)!r},)" == outcome(body, DEFAULTS, exact=True)


# What stands there instead of the fields of a status or message, or beside them, and what is
# signed then; each is told of by one guard alone.
SAME_STATUS = "123456:79991234567:1"
SAME_MESSAGE = "79991234567:Да:79990000000"
STRANGE: dict[str, tuple[str, dict[str, str], str]] = {
    "a name that is unknown": ("status", {"shop": "7"}, SAME_STATUS),
    "a name of a message's": ("status", {"to": '"7"'}, SAME_STATUS),
    "a name of a status's": ("message", {"status": "1"}, SAME_MESSAGE),
    "a field for what is unknown": ("status", {"extra": "{}"}, SAME_STATUS),
    "a name of ours": ("message", {"text": '"x"'}, SAME_MESSAGE),
    "another hash": ("status", {"md5": '"x"'}, SAME_STATUS),
    "the mark of a call": ("message", {"waitcall": "1"}, SAME_MESSAGE),
    "a name as a value": ("status", {"cmt": '"mes"'}, SAME_STATUS),
    "a colon in an id": ("status", {"id": '"1:2"'}, "1:2:79991234567:1"),
    "no number to write to": ("message", {"to": '"shop"'}, "79991234567:Да:shop"),
    "a colon in a phone": ("message", {"phone": '"1:2"'}, "1:2:Да:79990000000"),
    "a status of three digits": ("status", {"status": "100"}, "123456:79991234567:100"),
    "a status with a point": ("status", {"status": "1.0"}, SAME_STATUS),
    "a status with zeros": ("status", {"status": '"01"'}, SAME_STATUS),
    "a status with a space": ("status", {"status": '" 1"'}, SAME_STATUS),
    "a status that is true": ("status", {"status": "true"}, "123456:79991234567:True"),
    "an id with a point": ("status", {"id": "5.00"}, "5.0:79991234567:1"),
    "an id that is a fraction": ("status", {"id": "5.0"}, "5:79991234567:1"),
    "an id of a message with a point": ("message", {"id": "5.00"}, SAME_MESSAGE),
    "an id that is true": ("status", {"id": "true"}, "True:79991234567:1"),
    "an id that is nothing": ("status", {"id": "null"}, "None:79991234567:1"),
    "an id of a message that is nothing": ("message", {"id": "null"}, SAME_MESSAGE),
    "a text that is a number": ("message", {"mes": "5"}, "79991234567:5:79990000000"),
    "a text that is nothing": ("message", {"mes": "null"}, "79991234567:None:79990000000"),
    "a text that is null in words": ("message", {"mes": '"null"'}, "79991234567:null:79990000000"),
    "money that is no number": ("status", {"cost": '"NaN"'}, SAME_STATUS),
    "money with a line": ("status", {"cost": '"1_0"'}, SAME_STATUS),
    "money as a number": ("status", {"cost": "2.40"}, SAME_STATUS),
    "money that is nothing": ("status", {"cost": "null"}, SAME_STATUS),
    "a moment with a fraction": ("status", {"ts": "5.5"}, SAME_STATUS),
    "a moment with a point": ("status", {"ts": "5.0"}, SAME_STATUS),
    "a moment that is nothing": ("status", {"ts": "null", "cmt": "null"}, SAME_STATUS),
    "a moment that is null in words": ("status", {"ts": '"null"', "cmt": '"null"'}, SAME_STATUS),
    "a moment that is true": ("status", {"ts": "true"}, SAME_STATUS),
    "a moment below nothing": ("status", {"ts": "-1"}, SAME_STATUS),
    "a moment of the wrong kind": ("message", {"time": '"21.11.26 12:00:00"'}, SAME_MESSAGE),
    "a time that is nothing": ("status", {"time": "null"}, SAME_STATUS),
    "a great number": ("status", {"id": "9" * 30}, f"{'9' * 30}:79991234567:1"),
    "a number greater than any": ("status", {"fmt": "1e999999999999999999999"}, SAME_STATUS),
    "nothing, written as great": ("status", {"ts": "0e9999999999999999999999"}, SAME_STATUS),
    "nothing, written as small": ("status", {"fmt": "1e-9999999999999999999999"}, SAME_STATUS),
    "money below nothing": ("status", {"cost": '"-0"'}, SAME_STATUS),
    "money in powers": ("status", {"cost": '"0e5"'}, SAME_STATUS),
    "a list nearly too deep": ("status", {"fmt": "[" * 970 + "]" * 970}, SAME_STATUS),
    "a deep list": ("status", {"fmt": "[" * 5000 + "]" * 5000}, SAME_STATUS),
    "a list": ("message", {"fmt": "[]", "charset": "[1]"}, SAME_MESSAGE),
    "half of a sign": ("message", {"mes": '"\\ud800"'}, "79991234567:\ud800:79990000000"),
    "a phone that is a number": ("status", {"phone": "79991234567"}, SAME_STATUS),
    "no text at all": ("message", {"to": "{}"}, "79991234567:Да:{}"),
}


@pytest.mark.parametrize(("kind", "fields", "text"), STRANGE.values(), ids=STRANGE)
def test_what_is_strange_in_a_field_is_left_to_the_exact_way(
    kind: str, fields: dict[str, str], text: str
) -> None:
    values = dict(pairs_of(ROWS[kind])) | {json.dumps(name): each for name, each in fields.items()}
    body = written([*values.items(), ('"sha1"', f'"{sha1(text)}"')])

    assert outcome(body, DEFAULTS, exact=False) == outcome(body, DEFAULTS, exact=True)


TWICE = {
    "a name": [('"status"', "2")],
    "a name at first nothing": [('"status"', "null")],
    "a name in other signs": [('"\\u0073tatus"', "2")],
    "a name, and colons in other signs": [
        ('"status"', "2"), ('"time"', '"\\u003a"'),
    ],
    "a name, and colons in capitals": [('"cmt"', '"x"'), ('"time"', '"\\u003A"')],
    "a hash": [('"sha1"', '"0"')],
}  # fmt: skip


@pytest.mark.parametrize("more", TWICE.values(), ids=TWICE)
def test_what_stands_there_twice_is_refused(more: list[tuple[str, str]]) -> None:
    row = {name: value for name, value in ROWS["status"].items() if name != "time"}
    body = written([*more, *pairs_of(signed("status", row))])

    assert "a field stands there twice" in outcome(body, DEFAULTS, exact=False)


WAYS: dict[str, dict[str, Any]] = {
    "another algorithm": {"algorithm": "md5"},
    "no algorithm": {"algorithm": "sha256"},
    "no secret": {"secret": None},
    "another secret": {"secret": OTHER_SECRET},
    "a parameter": {"query": b"shop=7"},
    "another charset": {"charset": "windows-1251"},
    "no charset": {"charset": "utf-16"},
    "another content type": {"content_type": XML},
    "one that is like it": {"content_type": "application/json+xml"},
    "that of a form": {"content_type": FORM},
}


@every_kind
@pytest.mark.parametrize("changed", WAYS.values(), ids=WAYS)
def test_another_way_is_left_to_the_exact_way(kind: str, changed: dict[str, Any]) -> None:
    body = service.as_json([signed(kind, ROWS[kind])], "utf-8")

    assert quickly(body) is not None
    assert quickly(body, **changed) is None
    how = {**DEFAULTS, **changed}
    assert outcome(body, how, exact=False) == outcome(body, how, exact=True)


def test_what_was_signed_for_one_kind_is_never_taken_for_another() -> None:
    status = written(pairs_of(signed("status", {"id": "7", "phone": "79991234567", "status": "1"})))
    as_message = status.replace(b'"id":', b'"to":"1","mes":').replace(b'"status"', b'"id"')

    assert quickly(status) is not None
    assert quickly(as_message) is None


NUMBERS = [
    *("1", '"1"', "1.0", '"1.0"', '"01"', '" 1"', "-0", '"-0"', "1e2", '"1e2"', "true", '"true"'),
    *("null", '"null"', "[]", "{}", '{"a":1}', "65536", "-1", "123456", '"123456"', "9" * 25),
    *('""', '"NaN"', "2.50", '"2.50"', '"\\u0031"', '"x"', '"a:b"', '"1_0"', "1e400"),
]  # fmt: skip
VALUES = st.sampled_from(NUMBERS) | st.text('Да:1 \\"\n,{}🙂', max_size=8).map(
    lambda text: json.dumps(text, ensure_ascii=len(text) % 2 == 0)
)
NAMES = st.sampled_from(
    [
        *('"id"', '"phone"', '"status"', '"time"', '"ts"', '"cost"', '"cmt"', '"mes"', '"to"'),
        *('"sent"', '"fmt"', '"charset"', '"waitcall"', '"md5"', '"sha1"', '"extra"', '"text"'),
        *('"shop"', '"\\u0069d"', '":"', '"me\\u0073"', '"flag"', '"err"', '"sender"'),
    ]
)
SPACES = st.sampled_from(["", "", "", " ", "\n", "\t "])
CHANGES = st.lists(st.tuples(NAMES, VALUES, st.booleans()), max_size=2)


def text_of(literal: str) -> str:
    """Return a value as a program may well write it, which signs what it reads."""
    value = json.loads(literal)
    return value if isinstance(value, str) else str(value)


@st.composite
def posted(draw: st.DrawFn) -> bytes:
    """Make a body that is usual but for a few changes, and signed but for a mistake or two."""
    kind = draw(st.sampled_from([*ROWS]))
    dropped = draw(st.sampled_from([{}, {}, *({name} for name in ROWS[kind])]))
    pairs = [pair for pair in pairs_of(ROWS[kind]) if json.loads(pair[0]) not in dropped]
    for name, value, beside in draw(CHANGES):
        if not beside:
            pairs = [pair for pair in pairs if pair[0] != name]
        pairs.append((name, value))
    sign = draw(st.sampled_from([text_of, lambda literal: literal.strip('"')]))
    values = {json.loads(name): sign(value) for name, value in pairs}
    text = ":".join(values.get(name, "") for name in SIGNED[kind])
    claimed = sha1(text, draw(st.sampled_from([SECRET, SECRET, OTHER_SECRET])))
    if draw(st.booleans()):
        pairs.append(('"sha1"', draw(st.sampled_from([f'"{claimed}"', f'"{claimed.upper()}"']))))
    else:
        pairs.insert(0, ('"sha1"', f'"{claimed}"'))
    before, after = draw(SPACES), draw(SPACES)
    body = written(pairs, f"{after},{before}", f"{before}:{after}")
    return draw(st.sampled_from([body, body, body, body + b" ", b"[%s]" % body]))


@settings(max_examples=500)
@given(body=posted(), changed=st.sampled_from([{}] * 20 + [*WAYS.values()]))
def test_the_quick_way_is_the_exact_way(body: bytes, changed: dict[str, Any]) -> None:
    how = {**DEFAULTS, **changed}

    found, exactly = quickly(body, **how), outcome(body, how, exact=True)

    assert found is None or f"({found!r},)" == exactly
    assert outcome(body, how, exact=False) == exactly


@given(st.data(), st.sampled_from([*ROWS]))
def test_damage_is_left_to_the_exact_way(data: st.DataObject, kind: str) -> None:
    body = bytearray(service.as_json([signed(kind, ROWS[kind])], "utf-8"))
    for _ in range(data.draw(st.integers(1, 3))):
        at = data.draw(st.integers(0, len(body)))
        body[at : at + data.draw(st.integers(0, 2))] = data.draw(
            st.sampled_from([b"", b'"', b":", b" ", b",", b"\\", b"0", b"\xd0", b"\xef\xbb\xbf"])
        )

    damaged = bytes(body)

    assert outcome(damaged, DEFAULTS, exact=False) == outcome(damaged, DEFAULTS, exact=True)
