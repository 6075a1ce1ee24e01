"""Texts with fields, and the messages that they become; plain functions."""

from __future__ import annotations

import re
import string
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Final

import msgspec

from .. import messages as kinds
from ..errors import InvalidMessage
from ..messages import Message, Sms, Voice, VoiceCode
from ._errors import BadTemplate
from ._rows import named

_LOOKED_INTO: Final = re.compile(r"[.\[]")
_DIVIDERS: Final = re.compile(r"[|:;,]")
# A text of only these can be sent in every kind that has one, and in a list, unless it is all
# blanks. It has no bar, backslash, tilde or underscore, which could mean something. The
# pattern says what there may be: one that says what there may not takes nearly twice as long.
_PLAIN = re.compile(
    r"(?=\s*\S)[\t\n\f\r -\[\]^`a-{}\x7f-\ud7ff\ue000-\U0010ffff]{1,1000}"
).fullmatch
_BY_NAME: Final[dict[str, type[Message]]] = {
    name: kind
    for name in kinds.__all__
    if isinstance(kind := getattr(kinds, name), type) and issubclass(kind, Message)
}


@dataclass(frozen=True, slots=True)
class Template:
    """A message, and the columns that its text is made with.

    Without fields it goes to all as it is; else its text is the template.
    """

    message: Message
    fields: tuple[str, ...]
    _form: str  # of the operator %

    def places(self, columns: Sequence[str]) -> tuple[int, ...]:
        """Return where the fields stand among *columns*.

        Raises :class:`BadTemplate` where a field is none of them.
        """
        if unknown := [field for field in self.fields if field not in columns]:
            raise BadTemplate(f"no column is called {named(unknown)}; there are {named(columns)}")
        return tuple(map(columns.index, self.fields))

    def texts(self, cells: Iterable[Iterable[str]]) -> list[str]:
        """Return the texts of many rows, by the cells of each field's column."""
        return list(map(self._form.__mod__, zip(*cells, strict=True)))

    def odd(self, texts: Iterable[str]) -> list[int]:
        """Return at which places texts are that may have a fault, or have to be alone."""
        if isinstance(self.message, Voice):  # a word of which may ask for a code
            return list(range(len(list(texts))))
        return [at for at, found in enumerate(map(_PLAIN, texts)) if found is None]

    def fault(self, text: str) -> str | None:
        """Return why the message cannot go out with that text, if it cannot."""
        try:
            with_text(self.message, text)
        except InvalidMessage as error:
            return str(error)
        return None

    def is_alone(self, text: str) -> bool:
        r"""Tell whether a list would not carry that text: see :class:`NewRow`.

        It turns ``\n`` into a line feed, and takes what stands before the first bar for a sender
        unless one is written there.
        """
        sender: str | None = getattr(self.message, "sender", None)
        is_signed = sender is not None and not _DIVIDERS.search(sender)
        return "\\n" in text or ("|" in text and not is_signed)


def compiled(message: str | Message) -> Template:
    """Return a message whose text may have fields, such as ``{name}``, as a template.

    A brace that is meant as such is written twice. Raises :class:`BadTemplate` for fields that are
    no plain names, and for messages that no campaign can send.
    """
    try:
        made = Sms(text=message) if isinstance(message, str) else _checked(message)
    except InvalidMessage as error:
        raise BadTemplate(str(error)) from None
    text = getattr(made, "text", None)
    if text is None:
        return Template(made, (), "")
    literals, fields = _parsed(text)
    if fields:
        form = "%s".join(literal.replace("%", "%%") for literal in literals)
        return Template(made, fields, form)
    return Template(with_text(made, literals[0]), (), "")


def with_text(message: Message, text: str) -> Message:
    """Return *message* with another text; raises :class:`InvalidMessage`."""
    changes: dict[str, Any] = {"text": text}
    return msgspec.structs.replace(message, **changes)


def kept(message: Message) -> bytes:
    """Write a message down as JSON: see :func:`restored`."""
    fields = {name: getattr(message, name) for name in message.__struct_fields__ if name != "files"}
    return msgspec.json.encode({"kind": type(message).__name__, "fields": fields})


def restored(written: bytes) -> Message:
    """Return the message that :func:`kept` wrote; raises ValueError for what it did not."""
    try:
        found = msgspec.json.decode(written, type=_Kept)
        kind = _BY_NAME[found.kind]
        fields: dict[str, Any] = {
            field.name: msgspec.convert(found.fields[field.name], field.type)
            for field in msgspec.structs.fields(kind)
            if field.name in found.fields
        }
        return kind(**fields)
    except (KeyError, TypeError, InvalidMessage, msgspec.MsgspecError) as error:
        raise ValueError("no message of this version was written there") from error


class _Kept(msgspec.Struct):
    kind: str
    fields: dict[str, Any]


def _checked(message: object) -> Message:
    if not isinstance(message, Message):
        raise BadTemplate("a template is a text, or a message such as Sms(text=...)")
    message.params()  # raises where it is of no kind
    if message.files:
        raise BadTemplate("a message of a campaign has no files; file_url names one to fetch")
    if isinstance(message, VoiceCode):
        raise BadTemplate("a code is told to one phone at a time: use send()")
    return message


def _parsed(text: str) -> tuple[list[str], tuple[str, ...]]:
    """Return what stands around the fields, and the fields."""
    literals, fields = [""], list[str]()
    try:
        for literal, field, form, conversion in string.Formatter().parse(text):
            literals[-1] += literal
            if field is not None:
                _check(field, form, conversion)
                fields.append(field)
                literals.append("")
    except ValueError as error:
        if isinstance(error, BadTemplate):
            raise
        raise BadTemplate("a brace stands alone; write {{ or }} where one is meant") from None
    return literals, tuple(fields)


def _check(field: str, form: str | None, conversion: str | None) -> None:
    if not field.strip() or field.strip().isdigit():
        raise BadTemplate("a field has a name, such as {name}")
    if _LOOKED_INTO.search(field):
        raise BadTemplate(f"{{{field}}}: a field is the name of a column, and not a part of one")
    if form or conversion:
        raise BadTemplate(f"{{{field}}}: a field has no format; make the column as it is to be")
