"""phones.php: contacts, groups, and who gets no messages."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from itertools import chain
from typing import Final

from . import _answers as answers
from ._answers import Answer, Field
from ._ask import Ask
from ._dates import day
from ._drafts import address
from ._phonebook import Entry, Group, Person
from ._records import Refused

# By the parameter that tells it, the key of an answer that shows it.
SHOWN: Final[Mapping[str, str]] = {
    "fnm": "first_name",
    "lnm": "last_name",
    "mnm": "middle_name",
    "bd": "birthday",
    "myid": "id",
    "cmt": "comments",
    "tags": "tags",
}
SAID: Final = ("name", *SHOWN, "pho")
FULL_NAME: Final = ("lnm", "fnm", "mnm")
TYPES: Final = frozenset({"0", "1", "2"})
PARAMETERS: Final = (1, "parameters error")
NOTHING: Final = (3, "no records found")
FAILED: Final = (5, "operation failed")


def phones(ask: Ask) -> Answer:
    """Do what the first flag says."""
    for flag, operation in OPERATIONS.items():
        if ask.flag(flag):
            return operation(ask)
    raise Refused(*PARAMETERS)


def _addresses(ask: Ask, prefix: str = "") -> tuple[bool, list[str]]:
    """Read the phones or the e-mail addresses of a request, and tell which they are."""
    written = ask.params.get(f"{prefix}mail", "")
    if mail := bool(written.strip()):
        listed = re.split(r"[\s,;]+", written.strip(" ,;"))
    else:
        listed = re.findall(r"\+?\d+", ask.params.get(f"{prefix}phone", ""))  # any divider
    found = [address(one, "mail" if mail else "sms") for one in listed]
    if not found or not all(found):
        raise Refused(*PARAMETERS)
    return mail, found


def _people(ask: Ask) -> list[Person]:
    """Find the contacts that a request names."""
    _, addresses = _addresses(ask)
    found = [ask.book.phonebook.find(one) for one in addresses]
    people = {one.number: one for one in found if one is not None}
    if not people:
        raise Refused(*NOTHING)
    return list(people.values())


def _group(ask: Ask) -> Group:
    """Find the group that a request names."""
    written = ask.params.get("grp", "")
    if not written.isdecimal():
        raise Refused(*PARAMETERS)
    if (found := ask.book.phonebook.groups.get(int(written))) is None:
        raise Refused(*NOTHING)
    return found


def _tell(ask: Ask, one: Person) -> None:
    """Note what a request says about a contact."""
    if ask.params.get("bd"):
        day(ask.params["bd"], ask.settings.zone)
    if (written := ask.params.get("grp")) is not None:
        wanted = dict.fromkeys(int(group) for group in re.findall(r"\d+", written) if int(group))
        if not ask.book.phonebook.groups.keys() >= wanted.keys():
            raise Refused(*NOTHING)
        one.groups = list(wanted)
    one.said |= {name: ask.params[name] for name in SAID if name in ask.params}


def add(ask: Ask) -> Answer:
    """Add a contact, whose phones or addresses must be new."""
    mail, addresses = _addresses(ask)
    if any(ask.book.phonebook.find(one) for one in addresses):
        raise Refused(*FAILED)
    one = Person(ask.book.number(), mail, addresses)
    _tell(ask, one)
    ask.book.phonebook.people[one.number] = one
    return answers.created(one.number)


def change(ask: Ask) -> Answer:
    """Change a contact, and its phone or address if there is a new one."""
    mail, (old, *_) = _addresses(ask)
    (one, *_) = _people(ask)
    new = old
    if ask.params.get("new_mail" if mail else "new_phone"):
        _, (new, *_) = _addresses(ask, "new_")
    if ask.book.phonebook.find(new) not in (None, one):
        raise Refused(*FAILED)
    _tell(ask, one)
    one.addresses = [new if each == old else each for each in one.addresses]
    return answers.done()


def delete(ask: Ask) -> Answer:
    """Delete contacts."""
    for one in _people(ask):
        del ask.book.phonebook.people[one.number]
    return answers.done()


def contacts(ask: Ask) -> Answer:
    """List the contacts that are asked for; none is an error."""
    params = ask.params
    wanted = set(_addresses(ask)[1]) if params.get("phone") or params.get("mail") else None
    name, part, after = params.get("fio", ""), params.get("search", ""), params.get("after_id", "0")
    group = _group(ask).id if params.get("grp") else None
    rows = [
        _contact(one)
        for one in ask.book.phonebook.people.values()
        if (wanted is None or wanted.intersection(one.addresses))
        and (group is None or group in one.groups)
        and _holds(name, " ".join(one.said.get(said, "") for said in FULL_NAME))
        and _holds(part, "\n".join(chain(one.addresses, one.said.values())))
        and (not after.isdecimal() or one.number > int(after))
    ]
    return _listed(rows)


def _holds(part: str, text: str) -> bool:
    return part.casefold() in text.casefold()


def _contact(one: Person) -> dict[str, Field]:
    kind = "mail" if one.mail else "phone"
    groups = one.groups or [0]
    return {
        kind: ",".join(one.addresses),
        "name": one.said.get("name", ""),
        "group": groups[0] if len(groups) == 1 else "|".join(map(str, groups)),
        **{key: one.said.get(said, "") for said, key in SHOWN.items()},
        f"{kind}_other": one.said.get("pho", ""),
    }


def _listed(rows: list[dict[str, Field]]) -> Answer:
    if not rows:
        raise Refused(*NOTHING)
    return answers.records(rows)


def add_group(ask: Ask) -> Answer:
    """Add a group; without a number of its own its id is its number."""
    name = ask.params.get("name", "")
    if not name.strip():
        raise Refused(*PARAMETERS)
    known = ask.book.number()
    group = Group(known, name, known, ask.flag("type"))
    _renumber(ask, group)
    ask.book.phonebook.groups[known] = group
    return answers.created(known)


def _renumber(ask: Ask, group: Group) -> None:
    number = ask.params.get("num") or str(group.number)
    if not number.isdecimal():
        raise Refused(*PARAMETERS)
    others = {one.number for one in ask.book.phonebook.groups.values() if one is not group}
    if int(number) in others:
        raise Refused(*FAILED)
    group.number = int(number)


def change_group(ask: Ask) -> Answer:
    """Give a group another name or number."""
    group = _group(ask)
    _renumber(ask, group)
    group.name = ask.params.get("name") or group.name
    return answers.done()


def delete_group(ask: Ask) -> Answer:
    """Delete a group; its contacts stay."""
    group = _group(ask)
    for one in ask.book.phonebook.within(group.id):
        one.groups.remove(group.id)
    del ask.book.phonebook.groups[group.id]
    return answers.done()


def groups(ask: Ask) -> Answer:
    """List the groups of phones, or those of addresses; none is an error."""
    book = ask.book.phonebook
    rows: list[dict[str, Field]] = [
        {
            "id": group.id,
            "name": group.name,
            "number": group.number,
            "cnt": str(len(book.within(group.id))),
        }
        for group in book.groups.values()
        if group.mail == ask.flag("type")
    ]
    return _listed(rows)


def move_group(ask: Ask) -> Answer:
    """Make a group the only one of contacts (1), add it to theirs (2), or take it away (3)."""
    if (how := ask.params["move_group"]) not in {"1", "2", "3"}:
        raise Refused(*PARAMETERS)
    group = _group(ask).id
    for one in _people(ask):
        kept = [] if how == "1" else [each for each in one.groups if each != group]
        one.groups = kept if how == "3" else [*kept, group]
    return answers.done()


def add_black(ask: Ask) -> Answer:
    """Stop messages to phones or addresses; those that are there already are written anew."""
    kind = ask.params.get("type") or "0"
    if kind not in TYPES:
        raise Refused(*PARAMETERS)
    known = ask.book.number()
    mail, addresses = _addresses(ask)
    for one in addresses:
        comment = ask.params.get("cmt", "")
        ask.book.phonebook.blacklist[one] = Entry(known, one, mail, int(kind), comment)
    return answers.created(known)


def delete_black(ask: Ask) -> Answer:
    """Let messages through again."""
    _, addresses = _addresses(ask)
    found = ask.book.phonebook.blacklist.keys() & set(addresses)
    if not found:
        raise Refused(*NOTHING)
    for one in found:
        del ask.book.phonebook.blacklist[one]
    return answers.done()


def blacklist(ask: Ask) -> Answer:
    """List who gets no messages; nobody is an error."""
    rows: list[dict[str, Field]] = [
        {
            "id": entry.id,
            "email" if entry.mail else "phone": entry.address,
            "type": entry.type,
            "comment": entry.comment,
        }
        for entry in ask.book.phonebook.blacklist.values()
    ]
    return _listed(rows)


OPERATIONS: Final[Mapping[str, Callable[[Ask], Answer]]] = {
    "add": add,
    "chg": change,
    "del": delete,
    "get": contacts,
    "add_group": add_group,
    "chg_group": change_group,
    "del_group": delete_group,
    "get_group": groups,
    "move_group": move_group,
    "add_black": add_black,
    "del_black": delete_black,
    "get_black": blacklist,
}
