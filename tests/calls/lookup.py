"""The calls about numbers and short links."""

from __future__ import annotations

from smsc_async import SmscClient

from . import Example


async def _many(smsc: SmscClient) -> object:
    phones = ["79990000001", "+7 999 000-00-02", "8 999 000-00-01"]
    return [operator async for operator in smsc.lookup.operators(phones, as_lists=True)]


async def _each(smsc: SmscClient) -> object:
    return [operator async for operator in smsc.lookup.operators(["79990000001"])]


EXAMPLES = [
    Example(
        "lookup.operator",
        lambda smsc: smsc.lookup.operator("+7 (999) 000-00-01"),
        {"get_operator": "1", "phone": "+79990000001"},
        "lookup.operator/template.json",
    ),
    Example(
        "lookup.operators",
        _many,
        {"get_operator": "1", "phone": "89990000001,+79990000002"},
        "lookup.operators/many.json",
    ),
    Example(
        "lookup.operators",
        _each,
        {"get_operator": "1", "phone": "79990000001"},
        "lookup.operator/template.json",
    ),
    Example(
        "lookup.link",
        lambda smsc: smsc.lookup.link(id=145142),
        {"get": "1", "id": "145142"},
        "lookup.link/template.json",
    ),
    Example(
        "lookup.link",
        lambda smsc: smsc.lookup.link(url="https://example.com/?a=1&b=2"),
        {"get": "1", "link": "https://example.com/?a=1&b=2"},
        "lookup.link/template.json",
    ),
]
