"""What all resources share."""

from __future__ import annotations

from typing import Literal

import msgspec

from .._operation import Call


class Resource:
    """Operations on one subject; sees nothing of the client but its way in."""

    def __init__(self, call: Call) -> None:
        self._call = call


class Done(msgspec.Struct, frozen=True):
    """The answer to a change that needs no words."""

    result: Literal["OK"]


class Created(msgspec.Struct, frozen=True):
    """The answer to what makes something: the id that the service gave it."""

    id: int
    error_code: Literal[0] = 0  # an error may have an id too, and is none of these


class Accepted(msgspec.Struct, frozen=True):
    """The answer to a change where no page shows one: any object that is no error."""

    error_code: Literal[0] = 0
