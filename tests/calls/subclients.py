"""The calls about sub-clients."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from smsc_async import SubclientSettings, SubclientType

from . import Example

OTHER: dict[str, str | int] = {
    "email2": "b@branch.example",
    "phone2": "+79990000001",
    "props": "ИНН 7700000000",
    "cntr": "1",
    "site_id": 3,
    "mintrf": 1,
    "sender2": "SHOP2",
    "nb": 1,
    "ktm": 2,
    "fmts": "7,-77",
    "notes": "two\nlines",
    "ph": 1,
    "dlim": 100,
    "plim": "1.5",
    "tlim": 0,
    "ilim": 5,
    "tmlim": "9-21",
    "vld": 60,
    "mph": 1,
    "mh1": 1,
    "mh2": 1,
    "mlen": 10,
    "answ": "",
    "answ_call": 0,
    "fl[29]": 1,
    "fl2[27]": 1,
    "fl3[20]": 1,
    "mfl[1]": 1,
}
SETTINGS = SubclientSettings(
    type=SubclientType.MAIN_TARIFF,
    email="a@branch.example",
    phone="+79990000000",
    full_name="Иванов Иван",
    tariff=0,
    currency="KZT",
    tz=3,
    sender="SHOP",
    url="https://branch.example/smsc?charset=utf-8",
    other=OTHER,
)
POSTED = {
    "type": "1",
    "email": "a@branch.example",
    "phone": "+79990000000",
    "fio": "Иванов Иван",
    "tariff": "0",
    "curr": "5",
    "tz": "15",
    "sender": "SHOP",
    "url": "https://branch.example/smsc?charset=utf-8",
    **{name: str(value) for name, value in OTHER.items()},
}
START, END = date(2026, 11, 1), date(2026, 11, 21)
SPAN = {"start": "01.11.2026", "end": "21.11.2026"}
FLAGS = {"reseller": "1", "mycur": "1", "balance2": "1", "hide_deleted": "1"}


def _statistics(method: str) -> list[Example]:
    flag = {"statistics": "get_stat", "details": "get_stat_all"}[method]
    return [
        Example(
            f"subclients.{method}",
            lambda smsc: getattr(smsc.subclients, method)(
                START,
                END,
                user="branch",
                own_balance=True,
                own_currency=True,
                second_balance=True,
                hide_deleted=True,
            ),
            {flag: "1", **SPAN, "user": "branch", **FLAGS},
            f"subclients.{method}/rows.json",
        ),
        Example(
            f"subclients.{method}",
            lambda smsc: getattr(smsc.subclients, method)(START, END, user_id=42),
            {flag: "1", **SPAN, "user_id": "42"},
            f"subclients.{method}/rows.json",
        ),
    ]


EXAMPLES = [
    Example(
        "subclients.add",
        lambda smsc: smsc.subclients.add("branch", "q+w e=é", SETTINGS),
        {"add": "1", "user": "branch", "password": "q+w e=é", **POSTED},
        "subclients.add/created.json",
    ),
    Example(
        "subclients.change",
        lambda smsc: smsc.subclients.change(
            "branch",
            SETTINGS,
            new_login="office",
            password="new one",
            current_password="old one",
        ),
        {
            "chg": "1",
            "user": "branch",
            "new_login": "office",
            "password": "new one",
            "pswc": "old one",
            **POSTED,
        },
        "subclients.change/done.json",
    ),
    Example(
        "subclients.pay",
        lambda smsc: smsc.subclients.pay("branch", Decimal("100.50"), second_balance=True),
        {"pay": "1", "user": "branch", "sum": "100.5", "balance2": "1"},
        "subclients.pay/done.json",
    ),
    *_statistics("statistics"),
    *_statistics("details"),
]
