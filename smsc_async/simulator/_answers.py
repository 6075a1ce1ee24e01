"""Answers in the forms that the pages show: text, values and JSON."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from .._wire import codes
from ._settings import Quirk

Field = str | int | Sequence[Mapping[str, str]]
Record = Mapping[str, Field]

# The header names this charset whatever was asked for; HTTP status 200 goes with errors as well.
CONTENT_TYPES: Final = {"3": "application/json; charset=windows-1251"}
DEFAULT_TYPE: Final = "text/plain; charset=windows-1251"


@dataclass(frozen=True, slots=True)
class Answer:
    """One answer in each form; *code* is 0 or the number of an error."""

    json: object
    text: str
    values: str
    code: int = 0
    error: str = ""
    plain: bool = False  # it is text whatever form is asked for


def bare(id: str) -> int | str:
    """Return an id as JSON has it: a number bare, a text quoted."""
    number = id.isascii() and id.isdecimal() and not id.startswith("0")
    return int(id) if number and int(id) <= codes.MAX_ID_NUMBER else id


def money(amount: Decimal) -> str:
    """Write an amount without the zeros at its end."""
    return f"{amount.normalize():f}"


def error(code: int, text: str, id: str | None = None) -> Answer:
    """Answer with an error; *id* is that of the message that was refused."""
    shown: dict[str, Field] = {"error": text, "error_code": code}
    if id is not None:
        shown["id"] = bare(id)
    tail = "" if id is None else f", ID - {id}"
    return Answer(shown, f"ERROR = {code} ({text}){tail}", f"{id or 0},-{code}", code, text)


def done() -> Answer:
    """Answer that what was asked is done."""
    return Answer({"result": "OK"}, "OK", "OK")


def created(number: int | str) -> Answer:
    """Answer with the id of what was made."""
    return Answer({"id": number}, f"ID = {number}", str(number))


def record(row: Record) -> Answer:
    """Answer with one thing."""
    return Answer(row, _named(row), _values(row))


def records(
    rows: Sequence[Record],
    *,
    names: Mapping[str, str] | None = None,
    order: Sequence[str] | None = None,
) -> Answer:
    """Answer with a list of things.

    *names* are the fields of the text and how they are called there, *order* those of the values;
    without them both are as in the JSON.
    """
    texts = rows if names is None else [{names[k]: row[k] for k in names} for row in rows]
    values = rows if order is None else [{name: row[name] for name in order} for row in rows]
    return Answer(rows, "\n".join(map(_named, texts)), "\n".join(map(_values, values)))


def _named(row: Record) -> str:
    return ", ".join(f"{name} = {value}" for name, value in row.items())


def _values(row: Record) -> str:
    return ",".join(map(str, row.values()))


def sent(
    id: str | None,
    count: int,
    *,
    cost: Decimal | None = None,
    balance: Decimal | None = None,
    phones: Sequence[Mapping[str, str]] | None = None,
    code: str | None = None,
) -> Answer:
    """Answer to a send, or without an id to the question for its price."""
    shown: dict[str, Field] = {}
    values: list[str] = []
    texts: list[str] = []
    if id is None:
        paid = money(cost or Decimal())
        shown |= {"cost": paid, "cnt": count}
        values += [paid, str(count)]
        texts += [f"{paid} ({count} SMS)"]
    else:
        shown |= {"id": bare(id), "cnt": count}
        values += [id, str(count)]
        texts += [f"OK - {count} SMS", f"ID - {id}"]
        for name, amount in (("cost", cost), ("balance", balance)):
            if amount is not None:
                shown[name] = money(amount)
                values.append(money(amount))
                texts.append(f"{name.upper()} - {money(amount)}")
    if code is not None:
        shown["code"] = code
    report = ""
    if phones is not None:
        shown["phones"] = phones
        report = "".join("\n" + ",".join(phone.values()) for phone in phones)
    return Answer(shown, ", ".join(texts) + report, ",".join(values) + report)


def render(answer: Answer, form: str, quirk: Quirk | None = None) -> str:
    """Write an answer in the form that ``fmt`` asks for, or the one that a quirk imposes."""
    if quirk == "bare_ok" and not answer.code:
        return "OK"
    if form == "1":
        return answer.values
    if form != "3" or answer.plain or (quirk == "plain_error" and answer.code):
        return answer.text
    return json.dumps(answer.json, ensure_ascii=False, indent=0)
