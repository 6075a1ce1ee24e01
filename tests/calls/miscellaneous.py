"""The calls about numbers of one's own, confirmations by a call, and events."""

from __future__ import annotations

from . import Example

EXAMPLES = [
    Example(
        "numbers.list", lambda smsc: smsc.numbers.list(), {"get": "1"}, "numbers.list/rows.json"
    ),
    Example(
        "numbers.buy",
        lambda smsc: smsc.numbers.buy("79300000001"),
        {"buy": "1", "phone": "79300000001", "noprolong": "0"},
        "numbers.buy/done.json",
    ),
    Example(
        "numbers.buy",
        lambda smsc: smsc.numbers.buy("+7 930 000-00-01", prolong=False),
        {"buy": "1", "phone": "+79300000001", "noprolong": "1"},
        "numbers.buy/object.json",
    ),
    Example(
        "numbers.change",
        lambda smsc: smsc.numbers.change("79300000001", prolong=False),
        {"chg": "1", "phone": "79300000001", "noprolong": "1"},
        "numbers.change/done.json",
    ),
    Example(
        "confirmations.wait_call",
        lambda smsc: smsc.confirmations.wait_call("+7 999 000-00-01"),
        {"phone": "+79990000001"},
        "confirmations.wait_call/phone.json",
    ),
    Example(
        "events.ping", lambda smsc: smsc.events.ping(12), {"id": "12"}, "events.ping/done.json"
    ),
    Example(
        "events.ping",
        lambda smsc: smsc.events.ping(12, ok=True, name="db", host="10.0.0.1", info=""),
        {"id": "12", "ok": "1", "name": "db", "host": "10.0.0.1", "info": ""},
        "events.ping/done_plain.txt",
    ),
]
