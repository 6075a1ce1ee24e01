"""What a call takes from the limits: one slot for each rule that counts it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import NamedTuple

from .._wire.limits import AT_ONCE, Per, Row, Rule
from .._wire.values import digest, digits, plain


class Slot(NamedTuple):
    """One token of one rule; *key* is what the rule counts together, as a digest."""

    rule: Rule
    key: bytes


PLACE = Slot(AT_ONCE, b"login")


def slots(
    row: Row, params: Mapping[str, str], *, same: bytes, recipients: Iterable[bytes] = ()
) -> tuple[Slot, ...]:
    """List what a call takes.

    *same* is the digest of what makes two requests of the operation identical, *recipients* are
    those of the phones that a send goes to.
    """
    return tuple(
        Slot(rule, key) for rule in row.rules for key in _keys(rule, row, params, same, recipients)
    )


def recipient(phone: str) -> bytes:
    """Return the digest of a phone, the same for all its spellings."""
    return digest("recipient", digits(phone))


def _keys(
    rule: Rule, row: Row, params: Mapping[str, str], same: bytes, recipients: Iterable[bytes]
) -> Iterator[bytes]:
    match rule.per:
        case Per.LOGIN:
            yield PLACE.key
        case Per.PATH:
            # One address may have a window and places of its own: two lines, so two keys.
            yield digest("path" if rule.window else "places", row.path)
        case Per.OPERATION:
            yield digest("operation", row.name)
        case Per.REQUEST:
            yield digest("request", row.name, same)
        case Per.RECIPIENT:
            yield from set(recipients)
        case Per.VALUES:
            # Comma lists go position by position: a request for many is one about each of them.
            columns = [
                [plain(name, value) for value in params.get(name, "").split(",")]
                for name in rule.by
            ]
            height = max(map(len, columns))
            lines = {
                tuple(column[at] if at < len(column) else "" for column in columns)
                for at in range(height)
            }
            for line in lines:
                if any(line):  # a trailing comma names nothing
                    yield digest("values", row.path, *rule.by, *line)
