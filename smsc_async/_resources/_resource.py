"""What all resources share."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, Literal, TypeAlias

import msgspec
from msgspec import Meta

from .._operation import Call

# An object of which no page shows the keys: it is anything but an error.
Raw: TypeAlias = dict[Annotated[str, Meta(pattern="^(?!error_code$)")], Any]
# One that comes bare, in place of a list: nor the words that something was done, which are no row.
Bare: TypeAlias = dict[Annotated[str, Meta(pattern="^(?!error_code$|result$)")], Any]
Rows: TypeAlias = Bare | list[Raw]


class Resource:
    """Operations on one subject; sees nothing of the client but its way in and its sender."""

    def __init__(self, call: Call, sender: str | None = None) -> None:
        self._call = call
        self._sender = sender  # the client's, for what sends


class Done(msgspec.Struct, frozen=True):
    """The answer to a change that needs no words."""

    result: Literal["OK"]


class Created(msgspec.Struct, frozen=True):
    """The answer to what makes something: the id that the service gave it."""

    id: int
    error_code: Literal[0] = 0  # an error may have an id too, and is none of these


class Accepted(msgspec.Struct, frozen=True):
    """The answer to a change where no page shows one: any object that tells of no failure."""

    error_code: Literal[0] = 0
    error: None = None
    result: Literal["OK"] = "OK"


def rows(reply: Rows) -> list[Mapping[str, Any]]:
    """Return what came bare or in a list as a list; an object with nothing in it is no row."""
    return [row for row in (reply if isinstance(reply, list) else [reply]) if row]


def named(row: Mapping[str, Any], key: str) -> str | None:
    """Return an id or a name of a row as text; None where it has none."""
    value = row.get(key)
    return str(value) if isinstance(value, int | str) and value != "" else None
