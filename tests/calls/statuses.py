"""The calls about what became of messages."""

from __future__ import annotations

from smsc_async import SmscClient

from . import Example


async def _many(smsc: SmscClient) -> object:
    pairs = [(number, "+79990000000") for number in range(1, 6)]
    return [status async for status in smsc.statuses.get_many(pairs, details=1)]


async def _watched(smsc: SmscClient) -> object:
    changes = smsc.statuses.watch([(17, "+79990000000")], until="delivered", details=2)
    return [status async for status in changes]


EXAMPLES = [
    Example(
        "statuses.get",
        _watched,
        {"id": "17", "phone": "+79990000000", "all": "2"},
        "statuses.get/recorded_details_2.json",
    ),
    Example(
        "statuses.get",
        lambda smsc: smsc.statuses.get(17, "+7 999 000-00-00", details=2),
        {"id": "17", "phone": "+79990000000", "all": "2"},
        "statuses.get/recorded_details_2.json",
    ),
    Example(
        "statuses.get_many",
        _many,
        {"id": "1,2,3,4,5", "phone": ",".join(["+79990000000"] * 5), "all": "1"},
        "statuses.get_many/five.json",
    ),
    Example(
        "statuses.delete",
        lambda smsc: smsc.statuses.delete("order-17", "+79990000000"),
        {"del": "1", "id": "order-17", "phone": "+79990000000"},
        "statuses.delete/done.json",
    ),
]
