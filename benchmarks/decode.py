"""Decoding what the service answers, beside msgspec decoding the same structs alone."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import msgspec

from smsc_async import _codec
from smsc_async._operation import Operation
from smsc_async._resources._history import SENT
from smsc_async._resources._status import GET_MANY
from smsc_async._resources.sending import SEND

from .pairs import Pair, rows
from .results import measured, paragraph, table, verdict

WHOLE = 1_000  # messages of a full page
SIZES = (1, 10, 100, WHOLE)
MESSAGES = 6_000  # decoded in a turn, whatever the size of the page
ROUNDS = 15
MOST = 1.1
ANSWER = b'{"id": 1,\n"cnt": 1,\n"cost": "1.40",\n"balance": "100.50"}'


def message(number: int) -> dict[str, str | int]:
    """Return a message with all that the history tells of one, as the service writes it."""
    return {
        "id": number,
        "int_id": 500_000 + number,
        "status": 1,
        "status_name": "Доставлено",
        "last_date": "21.11.2026 12:00:05",
        "last_timestamp": 1_795_251_605,
        "err": 0,
        "phone": f"7999{number:07}",
        "cost": f"{number % 7}.{number % 100:02}",
        "sender_id": "Shop",
        "send_date": "21.11.2026 12:00:00",
        "send_timestamp": 1_795_251_600,
        "message": f"Ваш заказ {number} передан в доставку, курьер позвонит за час до приезда.",
        "type": 0,
        "mccmnc": "25001",
        "country": "Россия",
        "operator": "МТС",
        "region": "Москва и Московская область",
        "sms_cnt": 2,
        "format": 0,
        "crc": 1_234_567_890,
    }


def status(number: int) -> dict[str, str | int]:
    """Return the status of a message as a question for several is answered."""
    known = message(number)
    kept = ("id", "phone", "status", "last_date", "last_timestamp", "err", "cost", "status_name")
    return {name: known[name] for name in kept}


def page(make: Callable[[int], dict[str, str | int]], size: int, *, escaped: bool = False) -> bytes:
    """Return an answer of *size* rows, in UTF-8 or with all that is no ASCII escaped."""
    return json.dumps([make(number) for number in range(size)], ensure_ascii=escaped).encode()


def ours(operation: Operation[Any], data: bytes) -> Callable[[], object]:
    """Return what decodes *data* as the client does."""
    return lambda: _codec.decode(operation, data)


def bare(operation: Operation[Any], data: bytes) -> Callable[[], object]:
    """Return what decodes *data* with msgspec alone, to the same structs."""
    decoder = msgspec.json.Decoder(operation.reply, strict=False)
    return lambda: decoder.decode(data)


def pair(operation: Operation[Any], data: bytes, size: int = 1) -> Pair:
    """Return both for an answer of *size* rows."""
    return Pair(ours(operation, data), bare(operation, data), MESSAGES // size)


FULL = {
    f"{WHOLE:,} messages, UTF-8": pair(SENT, page(message, WHOLE), WHOLE),
    f"{WHOLE:,} messages, escaped": pair(SENT, page(message, WHOLE, escaped=True), WHOLE),
}
ANSWERS = {
    **{f"{size:,} messages": pair(SENT, page(message, size), size) for size in SIZES[:-1]},
    **FULL,
    **{f"{size:,} statuses": pair(GET_MANY, page(status, size), size) for size in SIZES},
    "the answer to a send": pair(SEND, ANSWER),
}


def main() -> None:
    """Print the section."""
    found = {name: pair.take_turns(ROUNDS) for name, pair in ANSWERS.items()}
    print(
        paragraph(
            "An answer decoded as the client does it (errors are looked for, amounts that are no",
            "money are refused, dates are left as they are until they are asked for), beside",
            "msgspec alone, which decodes the same structs from the same bytes. CPU time, medians",
            f"of {ROUNDS} rounds.",
        )
    )
    print(table(["", "msgspec", "ours", "ratio"], rows(found)))
    for name in FULL:
        ratio = found[name].ratio("ours", "bare")
        promise = f"{name}: at most {MOST} times msgspec alone ({ratio:.3f})"
        print(verdict(promise, held=ratio <= MOST))
    print(f"\n{measured(['msgspec'])}")


if __name__ == "__main__":
    main()
