"""templates.php and op_templates.php: texts that are kept, here and at the operators."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from . import _answers as answers
from ._answers import Answer, Field
from ._ask import Ask
from ._kept import Registered
from ._records import Refused

FORMATS: Final = frozenset({"", "sms", "flash", "bin", "push", "mms", "call", "mail", "viber"})
# What a template is registered for: by operator, or for all social networks.
OPERATORS: Final = {
    "mts": ("srv", "auth", "trn"),
    "mega": ("srv", "auth", "trn", "adv"),
    "bee": ("srv", "trn"),
    "tele2": ("srv", "trn"),
    "motiv": ("srv", "trn"),
}
KINDS: Final = (*(f"{who}_{what}" for who, all_ in OPERATORS.items() for what in all_), "soc")
PARAMETERS: Final = (1, "parameters error")
NOTHING: Final = (3, "no records found")


def templates(ask: Ask) -> Answer:
    """Add, change, delete or list texts."""
    if ask.flag("add"):
        return _add(ask)
    if ask.flag("chg"):
        return _change(ask)
    if ask.flag("del"):
        if ask.book.templates.own.pop(_id(ask), None) is None:
            raise Refused(*NOTHING)
        return answers.done()
    if not ask.flag("get"):
        raise Refused(*PARAMETERS)
    if not ask.book.templates.own:
        raise Refused(*NOTHING)
    return answers.records([_row(*kept) for kept in ask.book.templates.own.items()])


def _add(ask: Ask) -> Answer:
    said = _whole(_said(ask))
    number = ask.book.number()
    ask.book.templates.own[number] = said
    return answers.created(number)


def _change(ask: Ask) -> Answer:
    """Change a text; that there is none is told in plain text, whatever form is asked for."""
    found, said = ask.book.templates.own.get(_id(ask)), _said(ask)
    if found is None:
        return replace(answers.error(*NOTHING), plain=True)
    ask.book.templates.own[_id(ask)] = _whole(found | said)
    return answers.done()


def _id(ask: Ask) -> int:
    written = ask.params.get("id", "")
    if not written.isdecimal():
        raise Refused(*PARAMETERS)
    return int(written)


def _said(ask: Ask) -> dict[str, str]:
    if ask.params.get("format", "") not in FORMATS:
        raise Refused(*PARAMETERS)
    names = ("name", "msg", "format", "sender", "fl[1]")
    return {name: ask.params[name] for name in names if name in ask.params}


def _whole(said: dict[str, str]) -> dict[str, str]:
    if not said.get("name") or not said.get("msg"):
        raise Refused(*PARAMETERS)
    return said


def _row(id: int, said: dict[str, str]) -> dict[str, Field]:
    return {
        "id": id,
        "name": said["name"],
        "message": said["msg"],
        "format": said.get("format", ""),
        "sender": said.get("sender", ""),
        "flag": int(said.get("fl[1]") == "1"),
    }


def operator_templates(ask: Ask) -> Answer:
    """Register a text, or list those that are; no page shows these answers, so they are made up."""
    sender, text = ask.params.get("sender", ""), ask.params.get("msg", "")
    if ask.flag("add"):
        kinds = [kind for kind in KINDS if ask.flag(kind)]
        if not sender or not text or not kinds:
            raise Refused(*PARAMETERS)
        made = [Registered(ask.book.number(), kind, sender, text) for kind in kinds]
        ask.book.templates.registered += made
        return answers.created(made[0].id)
    if not ask.flag("get"):
        raise Refused(*PARAMETERS)
    rows: list[dict[str, Field]] = [
        {"id": one.id, "name": one.kind}
        for one in ask.book.templates.registered
        if sender in {"", one.sender} and text in {"", one.text}
    ]
    if not rows:
        raise Refused(*NOTHING)
    return answers.records(rows)
