"""Every answer decodes, and decodes the same however the service might write it."""

from __future__ import annotations

import copy
import re
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, cast

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec import inspect

from smsc_async import BadReply, SmscError
from smsc_async._codec import decode
from smsc_async._operation import Operation
from tests.samples import sample
from tests.test_codec import EVERY_OPERATION, files

# How the service writes a number, bare or in quotes; any other text is one.
NUMBER = re.compile(r"-?(0|[1-9][0-9]{0,14})(\.[0-9]{1,6})?\Z")
UNKNOWN = "a key that no page gives"
_ENCODER = msgspec.json.Encoder(decimal_format="number")
_LOOSE = msgspec.json.Decoder(Any, float_hook=Decimal)


@dataclass(frozen=True)
class Case:
    """One answer to one operation."""

    operation: Operation[Any]
    name: str

    def json(self) -> Any:  # noqa: ANN401 - JSON
        return _LOOSE.decode(sample(self.name).removeprefix(b"\xef\xbb\xbf"))

    def decode(self, value: object) -> object:
        return decode(self.operation, _ENCODER.encode(value))


@dataclass(frozen=True)
class Place:
    """A key of an object in an answer: the steps to the object, the key, the field it fills."""

    steps: tuple[str | int, ...]
    key: str
    field: inspect.Field | None

    def owner(self, value: Any) -> dict[str, Any]:  # noqa: ANN401 - JSON
        for step in self.steps:
            value = value[step]
        return cast("dict[str, Any]", value)


CASES = [
    Case(operation, name)
    for operation in EVERY_OPERATION
    for name in files(operation.name)
    if sample(name).lstrip(b"\xef\xbb\xbf \n")[:1] in {b"{", b"["}
]
every_case = pytest.mark.parametrize("case", CASES, ids=lambda case: str(case.name))


def objects(
    value: Any,  # noqa: ANN401 - JSON
    kind: inspect.Type,
    steps: tuple[str | int, ...] = (),
) -> Iterator[tuple[tuple[str | int, ...], dict[str, Any], inspect.StructType | None]]:
    """Give every object in an answer, with the steps to it and the struct that it becomes."""
    kinds = kind.types if isinstance(kind, inspect.UnionType) else (kind,)
    struct = next((inner for inner in kinds if isinstance(inner, inspect.StructType)), None)
    fields = {field.encode_name: field.type for field in struct.fields} if struct else {}
    match value:
        case dict():
            yield steps, cast("dict[str, Any]", value), struct
            for key, item in cast("dict[str, Any]", value).items():
                yield from objects(item, fields.get(key, inspect.AnyType()), (*steps, key))
        case list():
            lists = (inspect.ListType, inspect.VarTupleType)
            each = next((inner.item_type for inner in kinds if isinstance(inner, lists)), None)
            for at, item in enumerate(value):
                yield from objects(item, each or inspect.AnyType(), (*steps, at))
        case _:
            pass


def places(case: Case) -> list[Place]:
    found = list[Place]()
    for steps, owner, struct in objects(case.json(), inspect.type_info(case.operation.reply)):
        fields = {field.encode_name: field for field in struct.fields} if struct else {}
        found += [Place(steps, key, fields.get(key)) for key in owner]
    return found


def plain(reply: Any) -> Any:  # noqa: ANN401 - whatever was decoded
    """Return a reply as what it says: a number and its text say the same."""
    match reply:
        case msgspec.Struct():
            return {field: plain(getattr(reply, field)) for field in reply.__struct_fields__}
        case dict():
            pairs = cast("dict[str, Any]", reply).items()
            return {key: plain(item) for key, item in pairs if key != UNKNOWN}
        case list() | tuple():
            return [plain(item) for item in cast("list[Any]", reply)]
        case bool() | None:
            return reply
        case int() | float() | Decimal():
            return format(Decimal(str(reply)), "f")
        case _:
            return str(reply)


@every_case
def test_every_answer_decodes(case: Case) -> None:
    assert not isinstance(case.decode(case.json()), SmscError)


def test_there_is_an_answer_to_every_operation() -> None:
    assert {case.operation.name for case in CASES} == {one.name for one in EVERY_OPERATION}


@every_case
@settings(max_examples=20)
@given(data=st.data())
def test_a_key_that_no_page_gives_changes_nothing(case: Case, data: st.DataObject) -> None:
    value = case.json()
    found = list(objects(value, inspect.type_info(case.operation.reply)))
    if not found:
        return
    _, owner, _ = data.draw(st.sampled_from(found))
    owner[UNKNOWN] = data.draw(st.sampled_from([None, 1, "x", [1], {"status": 1}]))

    assert plain(case.decode(value)) == plain(case.decode(case.json()))


@every_case
@settings(max_examples=20)
@given(data=st.data())
def test_numbers_in_quotes_and_bare_decode_the_same(case: Case, data: st.DataObject) -> None:
    value = case.json()
    for place in places(case):
        owner, key = place.owner(value), place.key
        other = turned(owner[key])
        if other is not None and data.draw(st.booleans()):
            owner[key] = other

    assert plain(case.decode(value)) == plain(case.decode(case.json()))


@every_case
def test_all_numbers_turned_at_once_decode_the_same(case: Case) -> None:
    value = case.json()
    for place in places(case):
        owner, key = place.owner(value), place.key
        if (other := turned(owner[key])) is not None:
            owner[key] = other

    assert plain(case.decode(value)) == plain(case.decode(case.json()))


@every_case
def test_without_an_optional_key_all_else_is_the_same(case: Case) -> None:
    whole = case.decode(case.json())
    for place in places(case):
        value = case.json()
        del place.owner(value)[place.key]
        if place.field is None or place.field.required:
            continue
        reply = case.decode(value)

        assert not isinstance(reply, SmscError), f"{case.name} without {place.key}: {reply}"
        assert without(plain(reply), place) == without(plain(whole), place)


@every_case
def test_an_obligatory_key_that_is_missing_is_noticed(case: Case) -> None:
    for place in places(case):
        if place.field is None or not place.field.required:
            continue
        value = case.json()
        del place.owner(value)[place.key]

        assert isinstance(case.decode(value), BadReply)


def turned(value: object) -> object:
    """Return a number in quotes, or one that was in quotes without them; None for all else."""
    match value:
        case bool():
            return None
        case int() | Decimal():
            return format(value, "f") if isinstance(value, Decimal) else str(value)
        case str() if NUMBER.match(value):
            return Decimal(value) if "." in value else int(value)
        case _:
            return None


def without(reply: Any, place: Place) -> Any:  # noqa: ANN401 - builtins
    """Return *reply* without the field at *place*."""
    assert place.field is not None
    reply = copy.deepcopy(reply)
    owner = reply
    for step in place.steps:
        owner = owner[step]
    owner.pop(place.field.name, None)
    return reply
