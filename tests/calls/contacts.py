"""The calls about contacts, groups of them, and those who get no messages."""

from __future__ import annotations

from datetime import date

from . import Example

DONE = "contacts.change/done.json"
PERSON = {
    "name": "Анна",
    "grp": "7,9",
    "lnm": "Иванова",
    "fnm": "Анна",
    "mnm": "Петровна",
    "bd": "01.02.1990",
    "myid": "client-5",
    "cmt": "",
    "tags": "vip,two words",
    "pho": "74950000001,+74950000002",
}

EXAMPLES = [
    Example(
        "contacts.add",
        lambda smsc: smsc.contacts.add(
            ["+7 (999) 000-00-01", "79990000002"],
            "Анна",
            groups=[7, 9],
            last_name="Иванова",
            first_name="Анна",
            middle_name="Петровна",
            birthday=date(1990, 2, 1),
            id="client-5",
            comment="",
            tags=["vip", "two words"],
            other_phones=["7 495 000-00-01", "+74950000002"],
        ),
        {"add": "1", "phone": "+79990000001,79990000002", **PERSON},
        "contacts.add/created.json",
    ),
    Example(
        "contacts.add",
        lambda smsc: smsc.contacts.add(["a@example.com", "b@example.com "], "B", tags="x"),
        {"add": "1", "mail": "a@example.com,b@example.com", "name": "B", "tags": "x"},
        "contacts.add/created.json",
    ),
    Example(
        "contacts.change",
        lambda smsc: smsc.contacts.change(
            "+79990000001",
            name="Анна",
            groups=(7, 9),
            last_name="Иванова",
            first_name="Анна",
            middle_name="Петровна",
            birthday=date(1990, 2, 1),
            id="client-5",
            comment="",
            tags=["vip", "two words"],
            other_phones=["74950000001", "+74950000002"],
            new_phone="8 999 000-00-03",
        ),
        {"chg": "1", "phone": "+79990000001", "new_phone": "89990000003", **PERSON},
        DONE,
    ),
    Example(
        "contacts.change",
        lambda smsc: smsc.contacts.change(
            "a@example.com", new_mail="c@example.com", groups=(), tags=(), other_phones=(), id=5
        ),
        {
            "chg": "1",
            "mail": "a@example.com",
            "new_mail": "c@example.com",
            "grp": "",
            "tags": "",
            "pho": "",
            "myid": "5",
        },
        DONE,
    ),
    Example(
        "contacts.delete",
        lambda smsc: smsc.contacts.delete("+79990000001"),
        {"del": "1", "phone": "+79990000001"},
        "contacts.delete/done.json",
    ),
    Example(
        "contacts.delete",
        lambda smsc: smsc.contacts.delete(["a@example.com", "b@example.com"]),
        {"del": "1", "mail": "a@example.com,b@example.com"},
        "contacts.delete/done.json",
    ),
    Example(
        "contacts.list",
        lambda smsc: smsc.contacts.list(),
        {"get": "1"},
        "contacts.list/contacts.json",
    ),
    Example(
        "contacts.list",
        lambda smsc: smsc.contacts.list(
            phones=["79990000001", "+79990000002"], group=7, name="Ива", search="vip", after=31
        ),
        {
            "get": "1",
            "phone": "79990000001,+79990000002",
            "grp": "7",
            "fio": "Ива",
            "search": "vip",
            "after_id": "31",
        },
        "contacts.list/contacts.json",
    ),
    Example(
        "contacts.list",
        lambda smsc: smsc.contacts.list(mails="a@example.com"),
        {"get": "1", "mail": "a@example.com"},
        "contacts.list/mails.json",
    ),
    Example(
        "groups.add",
        lambda smsc: smsc.groups.add("clients", number=3),
        {"add_group": "1", "name": "clients", "num": "3"},
        "groups.add/created.json",
    ),
    Example(
        "groups.add",
        lambda smsc: smsc.groups.add("readers", mail=True),
        {"add_group": "1", "name": "readers", "type": "1"},
        "groups.add/created.json",
    ),
    Example(
        "groups.change",
        lambda smsc: smsc.groups.change(31, name="friends", number=4),
        {"chg_group": "1", "grp": "31", "name": "friends", "num": "4"},
        "groups.change/done.json",
    ),
    Example(
        "groups.delete",
        lambda smsc: smsc.groups.delete(31),
        {"del_group": "1", "grp": "31"},
        "groups.delete/done.json",
    ),
    Example(
        "groups.list",
        lambda smsc: smsc.groups.list(),
        {"get_group": "1"},
        "groups.list/groups.json",
    ),
    Example(
        "groups.list",
        lambda smsc: smsc.groups.list(mail=True),
        {"get_group": "1", "type": "1"},
        "groups.list/groups.json",
    ),
    Example(
        "groups.move",
        lambda smsc: smsc.groups.move(31, ["79990000001", "79990000002"]),
        {"move_group": "1", "grp": "31", "phone": "79990000001,79990000002"},
        "groups.move/done.json",
    ),
    Example(
        "groups.move",
        lambda smsc: smsc.groups.move(31, "79990000001", how="add"),
        {"move_group": "2", "grp": "31", "phone": "79990000001"},
        "groups.move/done.json",
    ),
    Example(
        "groups.move",
        lambda smsc: smsc.groups.move(31, "79990000001", how="remove"),
        {"move_group": "3", "grp": "31", "phone": "79990000001"},
        "groups.move/done.json",
    ),
    Example(
        "blacklist.add",
        lambda smsc: smsc.blacklist.add("79990000001"),
        {"add_black": "1", "phone": "79990000001", "type": "0"},
        "blacklist.add/created.json",
    ),
    Example(
        "blacklist.add",
        lambda smsc: smsc.blacklist.add("a@example.com", scope="mass", comment="asked"),
        {"add_black": "1", "mail": "a@example.com", "type": "1", "cmt": "asked"},
        "blacklist.add/created.json",
    ),
    Example(
        "blacklist.add",
        lambda smsc: smsc.blacklist.add(["79990000001", "79990000002"], scope="single"),
        {"add_black": "1", "phone": "79990000001,79990000002", "type": "2"},
        "blacklist.add/created.json",
    ),
    Example(
        "blacklist.delete",
        lambda smsc: smsc.blacklist.delete("79990000001"),
        {"del_black": "1", "phone": "79990000001"},
        "blacklist.delete/done.json",
    ),
    Example(
        "blacklist.delete",
        lambda smsc: smsc.blacklist.delete("a@example.com"),
        {"del_black": "1", "mail": "a@example.com"},
        "blacklist.delete/done.json",
    ),
    Example(
        "blacklist.list",
        lambda smsc: smsc.blacklist.list(),
        {"get_black": "1"},
        "blacklist.list/phones.json",
    ),
]
