"""What tells the kinds of callbacks apart, and the forms that their fields have."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from operator import itemgetter
from typing import Final, TypeAlias, cast

from ._bodies import Fields
from ._callbacks import CallConfirmation, IncomingMessage, Received, StatusReport
from ._signing import DIGESTS

Parts: TypeAlias = Callable[[Fields], tuple[object, ...]]


@dataclass(frozen=True, slots=True)
class Kind:
    """What a kind of callback becomes, and what of it is signed, in which form.

    The forms are such that no text signed for one kind is one of another: only the text of a
    message may hold a colon, and a status has two digits at most where a number has three.
    """

    type: type[Received]
    signed: Parts  # in the order of the page
    joined: str  # how they are written as one
    bound: Parts | None  # those of them that have a form, where one is a free text
    fits: Callable[[str], object]  # whether these, as one, have the form
    known: frozenset[str]


def _kind(type: type[Received], signed: tuple[str, ...], form: str, free: str = "") -> Kind:
    bound = [name for name in signed if name != free]
    return Kind(
        type=type,
        signed=cast("Parts", itemgetter(*signed)),
        joined="%s:" * len(signed),
        bound=cast("Parts", itemgetter(*bound)) if free else None,
        fits=re.compile(form).match,
        known=frozenset({*_COMMON, *type.__struct_encode_fields__} - {"extra"}),
    )


_COMMON: Final = (*DIGESTS, "charset", "fmt", "waitcall")
STATUS: Final = _kind(
    StatusReport,
    ("id", "phone", "status"),
    r"[A-Za-z0-9._-]{1,40}:[^\s:\x00-\x1f\x7f]{3,254}:(?:0|-?[1-9][0-9]?):\Z",
)
MESSAGE: Final = _kind(
    IncomingMessage, ("phone", "mes", "to"), r"\+?[0-9]{3,20}:\+?[0-9]{3,20}:\Z", free="mes"
)
CALL: Final = _kind(CallConfirmation, ("phone", "ts"), r"\+?[0-9]{3,20}:[1-9][0-9]{8,10}:\Z")
# The names of all fields that the page has.
KNOWN: Final = STATUS.known | MESSAGE.known | CALL.known
# A decimal of Python's takes more: NaN, and numbers that fill the memory as soon as one counts.
MONEY: Final = re.compile(r"-?[0-9]{1,12}(?:\.[0-9]{1,12})?(?:[eE][-+]?[0-9]{1,2})?\Z")
