"""What became of messages: status.php, and the history of get.php."""

from __future__ import annotations

import zlib
from collections.abc import Iterator, Mapping
from datetime import timedelta
from itertools import islice
from typing import Final

from . import _answers as answers
from ._answers import Answer, Field
from ._ask import Ask
from ._dates import is_longer, span, written
from ._drafts import address
from ._kinds import KINDS
from ._records import Change, Message, Refused
from ._sending import STATUSES

WAITING: Final = -1
HANDED_OVER: Final = 0
DELIVERED: Final = 1
NOT_FOUND: Final = -3
NAMES: Final = {
    -2: "Остановлено",
    WAITING: "Ожидает отправки",
    HANDED_OVER: "Передано оператору",
    DELIVERED: "Доставлено",
    2: "Прочитано",
    3: "Просрочено",
    4: "Нажата ссылка",
    20: "Невозможно доставить",
    22: "Неверный номер",
    23: "Запрещено",
    24: "Недостаточно средств",
    25: "Недоступный номер",
}
# What an HLR request learns: nobody is abroad, so the roaming network has no name.
HOME: Final[Mapping[str, str]] = {
    "imsi": "250990000000000",
    "msc": "79990000000",
    "mcc": "250",
    "mnc": "99",
    "cn": "Россия",
    "net": "Симулятор",
    "rcn": "",
    "rnet": "",
}
MOST_MESSAGES: Final = 1000
MOST_MONTHS: Final = 6
MAIL: Final = "8"
# The order of the fields in the forms that are no JSON, which the page gives one by one.
TAIL: Final = (
    *("phone", "mccmnc", "country", "operator", "region", "cost", "sender_id", "status_name"),
    *("message", "type", "id", "int_id", "sms_cnt", "format", "crc"),
)
TEXT: Final = {
    "status": "Status",
    "last_date": "check_time",
    "err": "err",
    "send_date": "send_date",
    **{name: "ID" if name == "id" else name for name in TAIL},
}
VALUES: Final = ("status", "last_timestamp", "err", "send_timestamp", *TAIL)


def state(ask: Ask, message: Message) -> Change:
    """Return a message's status: the one that it was given, or what time has made of it."""
    if (changed := ask.book.changed(message)) is not None:
        return changed
    passed = [one for one in course(message, ask.settings.delivery) if one.at <= ask.now]
    return passed[-1] if passed else Change(WAITING, 0, message.at)


def course(message: Message, delivery: float) -> tuple[Change, ...]:
    """Return the statuses that time makes of a message, after it has waited to leave."""
    if message.code:
        return (Change(*STATUSES[message.code], message.at),)
    delivered = Change(DELIVERED, 0, message.due + delivery)
    return (Change(HANDED_OVER, 0, message.due), delivered) if delivery > 0 else (delivered,)


def statuses(ask: Ask) -> Answer:
    """Tell the status of one message or many, or delete them."""
    ids, phones = ask.params.get("id", ""), ask.params.get("phone", "")
    many = "," in ids + phones
    pairs = list(zip(_list(ids), _list(phones), strict=False))
    if not pairs:
        raise Refused(1, "parameters error")
    if ask.flag("del"):
        deleted = [
            ask.book.delete(known, address(phone) or phone, ask.now) for known, phone in pairs
        ]
        if not all(deleted):
            raise Refused(5, "delete failed")
        return answers.done()
    rows = [_status(ask, known, phone, many=many) for known, phone in pairs]
    return answers.records(rows) if many else answers.record(rows[0])


def _list(field: str) -> list[str]:
    """Split a list; a comma at the end only asks for the form of many."""
    return [value.strip() for value in field.split(",") if value.strip()]


def _status(ask: Ask, id: str, phone: str, *, many: bool) -> dict[str, Field]:
    named: dict[str, Field] = {"id": answers.bare(id), "phone": phone} if many else {}
    quirk = ask.settings.quirks.get(ask.path)
    message = ask.book.find(id, address(phone) or phone, ask.now)
    if message is None:
        if quirk == "unknown_is_error" and not many:
            raise Refused(3, "message not found")
        return {"status": NOT_FOUND} | named
    row = _common(ask, message)
    row["flag"] = KINDS.get(message.kind, 0)
    if quirk == "short_status":
        row = {name: value for name, value in row.items() if name not in {"err", "flag"}}
    if message.kind == "hlr":
        chosen = ask.book.changed(message)
        row |= HOME if chosen is None else {k: chosen.fields.get(k, v) for k, v in HOME.items()}
    detail = ask.params.get("all", "0")
    if detail in {"1", "2"}:
        row |= _details(ask, message) | {"comment": message.comment, "phone": phone}
    if detail == "2":
        row |= _place() | {"operator_orig": "Симулятор"}
    return row | named


def _common(ask: Ask, message: Message) -> dict[str, Field]:
    number, reason, changed, _ = state(ask, message)
    moment = ask.today + timedelta(seconds=changed - ask.now)
    return {
        "status": number,
        "last_date": written(moment, ask.settings.zone),
        "last_timestamp": int(moment.timestamp()),
        "err": reason,
    }


def _details(ask: Ask, message: Message) -> dict[str, Field]:
    number = state(ask, message).status
    return {
        "send_date": written(message.sent, ask.settings.zone),
        "send_timestamp": int(message.sent.timestamp()),
        "phone": message.phone,
        "cost": answers.money(message.cost),
        "sender_id": message.sender,
        "status_name": NAMES.get(number, ""),
        "message": message.text,
        "type": KINDS.get(message.kind, 0),
        "mccmnc": "25099",
        "sms_cnt": message.parts,
    }


def _place() -> dict[str, Field]:
    return {"country": "Россия", "operator": "Симулятор", "region": "Москва"}


def messages(ask: Ask) -> Answer:
    """List what was sent, newest first; nothing at all is an error."""
    count = ask.params.get("cnt") or str(MOST_MESSAGES)
    if not count.isdecimal() or not 1 <= int(count) <= MOST_MESSAGES:
        raise Refused(1, "parameters error")
    rows = [_row(ask, message) for message in islice(_chosen(ask), int(count))]
    if not rows:
        raise Refused(3, "message not found")
    return answers.records(rows, names=TEXT, order=VALUES)


def _chosen(ask: Ask) -> Iterator[Message]:
    """Give the messages that the parameters ask for."""
    params, zone = ask.params, ask.settings.zone
    mail = params.get("format") == MAIL
    field = params.get("email" if mail else "phone", "")
    phones = {address(phone) or phone for phone in _list(field)}
    first, last = span(params, zone)
    end = ask.today.astimezone(zone) if last is None else last - timedelta(days=1)
    if first is not None and is_longer(first, end, MOST_MONTHS):
        raise Refused(1, "parameters error")
    before = params.get("prev_id", "")
    for message in ask.book.newest(ask.now):
        if (
            (message.kind == "mail") == mail
            and (not phones or message.phone in phones)
            and (first is None or message.sent >= first)
            and (last is None or message.sent < last)
            and (not before.isdecimal() or message.number < int(before))
        ):
            yield message


def _row(ask: Ask, message: Message) -> dict[str, Field]:
    row = _common(ask, message) | _details(ask, message) | _place()
    row["id"] = answers.bare(message.id)
    row["int_id"] = str(message.number)
    row["format"] = KINDS["mail"] if message.kind == "mail" else 0
    row["crc"] = zlib.crc32(message.text.encode())
    return row
