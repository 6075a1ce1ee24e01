"""Whether the amounts in a reply may be money; pure."""

from __future__ import annotations

from collections.abc import Collection
from contextlib import suppress
from decimal import Decimal
from functools import cache
from operator import attrgetter
from types import NoneType
from typing import cast

import msgspec
from msgspec import inspect

_MAGNITUDES = frozenset(range(-19, 20))  # of the first digit: no amount is larger, or smaller
_NO_AMOUNT = (
    inspect.BoolType,
    inspect.IntType,
    inspect.LiteralType,
    inspect.NoneType,
    inspect.StrType,
)


def are_sound(reply: object) -> bool:
    """Tell whether all amounts in *reply* may be money, which is neither infinite nor no number."""
    match reply:
        case Decimal():
            return reply.is_finite() and reply.adjusted() in _MAGNITUDES
        case msgspec.Struct():
            return all(are_sound(getattr(reply, name)) for name in _of_amounts(type(reply)))
        case list() | tuple():
            return _all_sound(cast("Collection[object]", reply))
        case _:
            return True


def _all_sound(values: Collection[object]) -> bool:
    """Tell the same of many values; rows of one kind, of which a page has many, by columns."""
    amounts = cast("Collection[Decimal]", values)
    with suppress(TypeError):  # they are not all amounts
        return all(map(Decimal.is_finite, amounts)) and (
            _MAGNITUDES.issuperset(map(Decimal.adjusted, amounts))
        )
    kinds = set(map(type, values))
    if NoneType in kinds:
        return _all_sound([each for each in values if each is not None])
    if len(kinds) == 1 and issubclass(kind := kinds.pop(), msgspec.Struct):
        return all(_all_sound([*map(attrgetter(name), values)]) for name in _of_amounts(kind))
    return all(map(are_sound, values))


@cache
def _of_amounts(kind: type[msgspec.Struct]) -> tuple[str, ...]:
    """Return the fields of a struct that may hold an amount, in themselves or further in."""
    fields = cast("inspect.StructType", inspect.type_info(kind)).fields
    return tuple(field.name for field in fields if _may_hold_one(field.type))


def _may_hold_one(kind: inspect.Type) -> bool:
    if isinstance(kind, inspect.UnionType):
        return any(map(_may_hold_one, kind.types))
    return not isinstance(kind, _NO_AMOUNT)
