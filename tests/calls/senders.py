"""The calls about sender names."""

from __future__ import annotations

from datetime import date
from typing import get_args

from smsc_async import OperatorFlag, SenderDetails

from . import Example

DETAILS = SenderDetails(
    comment="for the shop",
    full_name="ООО Лавка",
    inn="7700000000",
    site="shop.example",
    email="shop@shop.example",
    address="Москва, 1",
    description="orders",
    subject="orders and codes",
    operators=frozenset(get_args(OperatorFlag)),
)
POSTED = {
    "cmt": "for the shop",
    "fio": "ООО Лавка",
    "inn": "7700000000",
    "site": "shop.example",
    "email": "shop@shop.example",
    "address": "Москва, 1",
    "desc": "orders",
    "subj": "orders and codes",
    "mega": "1",
    "mega_step": "1",
    "mts": "1",
    "mts_step": "1",
    "tele2": "1",
    "tele2_step": "1",
    "bee_step": "1",
    "motiv_step": "1",
    "ua_reg": "1",
    "ua_int": "1",
}
MAIL = SenderDetails(mail=True, name="Shop")
SHOWN = SenderDetails(name="Shop")

EXAMPLES = [
    Example(
        "senders.list",
        lambda smsc: smsc.senders.list(
            all=True,
            operators=True,
            since=date(2026, 11, 1),
            limit=100,
            before="17",
            user="branch",
        ),
        {
            "get": "1",
            "all": "1",
            "operators": "1",
            "from_date": "01.11.2026",
            "cnt": "100",
            "prev_id": "17",
            "user": "branch",
        },
        "senders.list/more_keys.json",
    ),
    Example(
        "senders.add",
        lambda smsc: smsc.senders.add("SHOP", DETAILS, user="branch"),
        {"add": "1", "sender": "SHOP", **POSTED, "user": "branch"},
        "senders.add/done.json",
    ),
    Example(
        "senders.add",
        lambda smsc: smsc.senders.add("shop@shop.example", MAIL),
        {"add": "1", "sender": "shop@shop.example", "mail": "1", "name": "Shop"},
        "senders.add/created.json",
    ),
    Example(
        "senders.add",
        lambda smsc: smsc.senders.add("a@b.example"),
        {"add": "1", "sender": "a@b.example", "mail": "1"},
        "senders.add/created.json",
    ),
    Example(
        "senders.change",
        lambda smsc: smsc.senders.change("shop@shop.example", SHOWN),
        {"chg": "1", "sender": "shop@shop.example", "mail": "1", "name": "Shop"},
        "senders.change/done.json",
    ),
    Example(
        "senders.change",
        lambda smsc: smsc.senders.change("SHOP", DETAILS, user="branch"),
        {"chg": "1", "sender": "SHOP", **POSTED, "user": "branch"},
        "senders.change/done.json",
    ),
    Example(
        "senders.change",
        lambda smsc: smsc.senders.change(id=5, details=MAIL),
        {"chg": "1", "id": "5", "mail": "1", "name": "Shop"},
        "senders.change/done.json",
    ),
    Example(
        "senders.send_code",
        lambda smsc: smsc.senders.send_code(
            "+7 (999) 000-00-00", site_name="shop.example", user="branch"
        ),
        {"send_code": "1", "sender": "79990000000", "site_name": "shop.example", "user": "branch"},
        "senders.send_code/done.json",
    ),
    Example(
        "senders.check_code",
        lambda smsc: smsc.senders.check_code("89990000000", "0412", user="branch"),
        {"check_code": "1", "sender": "79990000000", "code": "0412", "user": "branch"},
        "senders.check_code/done.json",
    ),
    Example(
        "senders.delete",
        lambda smsc: smsc.senders.delete("shop@shop.example", user="branch"),
        {"del": "1", "sender": "shop@shop.example", "user": "branch"},
        "senders.delete/done.json",
    ),
    Example(
        "senders.delete",
        lambda smsc: smsc.senders.delete(id="5"),
        {"del": "1", "id": "5"},
        "senders.delete/done.json",
    ),
]
