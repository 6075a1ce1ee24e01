"""For each row of the limits: more requests than any of its rules allows at once."""

from __future__ import annotations

import random
from collections.abc import Iterator

from smsc_async._wire import limits
from smsc_async._wire.limits import Per, Row

from .optimum import Request
from .reading import Params

PHONE = "79990000000"
UNDOCUMENTED = limits.find("new.php", {})
ROWS = [*limits.ROWS, UNDOCUMENTED]
IDS = [f"{row.name}{' of many' if row.mass else ''}" for row in ROWS]


def program(row: Row, seed: int, *, burst: bool) -> list[Request]:
    """Return the requests of *row* in the order in which they are wanted.

    In a *burst* all are wanted at once; otherwise they come by chance, with lulls between.
    """
    chance = random.Random(f"{seed} {row.name}")
    wanted = list(_requests(row))
    chance.shuffle(wanted)
    now, found = 0.0, list[Request]()
    for params in wanted:
        if not burst:
            now += chance.choice([0.0, 0.01, 0.1, 1.0, chance.uniform(0, 80)])
            now += 0.001  # so that the order is never a matter of chance
        found.append(Request(row.path, params, now))
    return found


def _requests(row: Row) -> Iterator[Params]:
    base = dict(row.flags)
    match row.path:
        case "send.php":
            return _sends(row, base)
        case "status.php":
            return _statuses(row, base)
        case "balance.php":
            return (base | {"cur": "1"} for _ in range(25))
        case _:
            return _others(row, base)


def _sends(row: Row, base: Params) -> Iterator[Params]:
    for at in range(8 if row.name == "send" else 24):
        yield {**base, "phones": PHONE, "mes": f"again {at % 2}"}
    for at in range(108):
        yield {**base, "phones": PHONE, "mes": f"flood {at}"}
    for at in range(40):
        yield {**base, "phones": f"7999{at:07},7998{at:07}", "mes": "one text"}


def _statuses(row: Row, base: Params) -> Iterator[Params]:
    for at in (*[0, 1] * 11, *range(2, 40)):
        yield {**base, "id": str(at), "phone": PHONE}
    for at in range(4 if row.mass else 0):
        yield {**base, "id": f"1,{50 + at},", "phone": f"{PHONE},{PHONE},"}


def _others(row: Row, base: Params) -> Iterator[Params]:
    distinct = 40
    for rule in row.rules:
        if rule.per is Per.REQUEST:
            for at in range(4 * rule.limit + 2):
                yield {**base, **_about(row, at % 2), "n": f"same {at % 2}"}
        if rule.per in (Per.OPERATION, Per.PATH):
            distinct = min(distinct, 2 * rule.limit + 2)
        if rule.per is Per.OPERATION and rule.limit > distinct:
            distinct = 2 * rule.limit + 2
        if rule.per is Per.VALUES:
            for at in range(2 * rule.limit + 1):
                yield {**base, **_about(row, 0), "n": f"about {at}"}
    for at in range(distinct):
        yield {**base, **_about(row, at), "n": str(at)}


def _about(row: Row, at: int) -> Params:
    return {rule.by[0]: f"thing {at}" for rule in row.rules if rule.per is Per.VALUES}
