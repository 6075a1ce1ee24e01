"""The calls about texts that are kept, here and at the operators."""

from __future__ import annotations

from typing import get_args

from smsc_async import OperatorKind

from . import Example

KINDS: tuple[OperatorKind, ...] = get_args(OperatorKind)

EXAMPLES = [
    Example(
        "templates.add",
        lambda smsc: smsc.templates.add(
            "code", "Код: 1234", format="sms", sender="Shop", signature=True
        ),
        {
            "add": "1",
            "name": "code",
            "msg": "Код: 1234",
            "format": "sms",
            "sender": "Shop",
            "fl[1]": "1",
        },
        "templates.add/created.json",
    ),
    Example(
        "templates.add",
        lambda smsc: smsc.templates.add("any", "Hello"),
        {"add": "1", "name": "any", "msg": "Hello"},
        "templates.add/created.json",
    ),
    Example(
        "templates.change",
        lambda smsc: smsc.templates.change(
            5, name="other", text="Bye", format="viber", sender="", signature=False
        ),
        {
            "chg": "1",
            "id": "5",
            "name": "other",
            "msg": "Bye",
            "format": "viber",
            "sender": "",
            "fl[1]": "0",
        },
        "templates.change/done.json",
    ),
    Example(
        "templates.change",
        lambda smsc: smsc.templates.change(5, format=""),
        {"chg": "1", "id": "5", "format": ""},
        "templates.change/done.json",
    ),
    Example(
        "templates.delete",
        lambda smsc: smsc.templates.delete(5),
        {"del": "1", "id": "5"},
        "templates.delete/done.json",
    ),
    Example(
        "templates.list",
        lambda smsc: smsc.templates.list(),
        {"get": "1"},
        "templates.list/templates.json",
    ),
    Example(
        "operator_templates.add",
        lambda smsc: smsc.operator_templates.add("Shop", "Код: %d", kinds=KINDS),
        {"add": "1", "sender": "Shop", "msg": "Код: %d", **dict.fromkeys(KINDS, "1")},
        "operator_templates.add/object.json",
    ),
    Example(
        "operator_templates.add",
        lambda smsc: smsc.operator_templates.add("Shop", "Hello", kinds={"soc"}),
        {"add": "1", "sender": "Shop", "msg": "Hello", "soc": "1"},
        "operator_templates.add/list.json",
    ),
    Example(
        "operator_templates.list",
        lambda smsc: smsc.operator_templates.list(sender="Shop", text="Hello"),
        {"get": "1", "sender": "Shop", "msg": "Hello"},
        "operator_templates.list/rows.json",
    ),
    Example(
        "operator_templates.list",
        lambda smsc: smsc.operator_templates.list(),
        {"get": "1"},
        "operator_templates.list/rows.json",
    ),
]
