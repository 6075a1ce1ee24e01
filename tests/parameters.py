"""Every parameter that the service's pages name, and why a few are not offered.

Written from the pages, not from the code: an operation posts each of its names in one of the
examples in ``tests/calls``, and nothing else. ``*`` stands for a number or a letter in a name.
"""

from __future__ import annotations

from typing import Final

_KIND: Final = (
    *("sender", "translit", "tinyurl", "flash", "bin", "push", "mms", "mail", "soc", "viber"),
    *("whatsapp", "tg", "bot", "smsreq", "fileurl", "call", "voice", "param", "subj", "valid"),
    "maxsms",
)
_WHEN: Final = ("time", "tz", "period", "freq")
_SENT: Final = ("id", "cost", "imgcode", "userip", "op", "pp")
_MESSAGE: Final = ("phones", "mes", "list", "hlr", "ping", *_KIND, *_WHEN)
_CONTACT: Final = (
    *("phone", "mail", "name", "grp", "lnm", "fnm", "mnm", "bd", "myid", "cmt", "tags", "pho"),
)
_SENDER: Final = (
    *("sender", "cmt", "fio", "inn", "site", "email", "address", "desc", "subj", "mail", "name"),
    *("mega", "mega_step", "mts", "mts_step", "tele2", "tele2_step", "bee_step", "motiv_step"),
    *("ua_reg", "ua_int", "user"),
)
_STATISTICS: Final = (
    *("start", "end", "reseller", "user", "user_id", "mycur", "balance2", "hide_deleted"),
)
# Of a sub-client, the main settings are typed; all others go as a mapping, by these names.
_SETTINGS: Final = (
    *("type", "email", "email2", "phone", "phone2", "fio", "props", "cntr", "site_id", "tariff"),
    *("mintrf", "curr", "tz", "sender", "sender2", "nb", "ktm", "fmts", "notes", "ph", "dlim"),
    *("plim", "tlim", "ilim", "tmlim", "vld", "url", "mph", "mh1", "mh2", "mlen", "answ"),
    *("answ_call", "fl[*]", "fl2[*]", "fl3[*]", "mfl[*]"),
)

# By operation. What every operation takes (the credentials, fmt, charset) stands in UNOFFERED.
PARAMETERS: Final[dict[str, tuple[str, ...]]] = {
    "send": ("phones", "mes", "hlr", "ping", *_KIND, *_WHEN, *_SENT),
    "send_each": ("list", *_KIND, *_WHEN, *_SENT),  # HLR requests and pings have no text to list
    "price": ("phones", "mes", "hlr", "ping", *_KIND, "cost"),
    "price_each": ("list", *_KIND, "cost"),
    "statuses.get": ("id", "phone", "all"),
    "statuses.get_many": ("id", "phone", "all"),
    "statuses.delete": ("id", "phone", "del"),
    "account.balance": ("cur",),
    "account.statistics": ("get_stat", "start", "end", "mycur", "balance2"),
    "account.prices": ("get_price",),
    "account.megafon": ("get_mega_accounts", "account"),
    "jobs.add": (*_MESSAGE, "add", "name", "rpt", "rptn", "fl[*]", "sender2", "mes2", "tpl", "id"),
    "jobs.delete": ("del", "id", "mail"),
    "jobs.cancel": ("cancel", "id", "mail"),
    "jobs.get": ("get", "id", "mail"),
    "jobs.list": ("get_all", "start", "end", "mail"),
    "contacts.add": ("add", *_CONTACT),
    "contacts.change": ("chg", *_CONTACT, "new_phone", "new_mail"),
    "contacts.delete": ("del", "phone", "mail"),
    "contacts.list": ("get", "phone", "mail", "grp", "fio", "search", "after_id"),
    "groups.add": ("add_group", "name", "num", "type"),
    "groups.change": ("chg_group", "grp", "name", "num"),
    "groups.delete": ("del_group", "grp"),
    "groups.list": ("get_group", "type"),
    "groups.move": ("move_group", "grp", "phone"),
    "blacklist.add": ("add_black", "phone", "mail", "type", "cmt"),
    "blacklist.delete": ("del_black", "phone", "mail"),
    "blacklist.list": ("get_black",),
    "subclients.add": ("add", "user", "password", *_SETTINGS),
    "subclients.change": ("chg", "user", "new_login", "pswc", "password", *_SETTINGS),
    "subclients.pay": ("pay", "user", "sum", "balance2"),
    "subclients.statistics": ("get_stat", *_STATISTICS),
    "subclients.details": ("get_stat_all", *_STATISTICS),
    "senders.list": ("get", "all", "prev_id", "cnt", "operators", "from_date", "user"),
    "senders.add": ("add", *_SENDER),
    "senders.change": ("chg", "id", *_SENDER),
    "senders.send_code": ("send_code", "sender", "site_name", "user"),
    "senders.check_code": ("check_code", "sender", "code", "user"),
    "senders.delete": ("del", "sender", "id", "user"),
    "templates.add": ("add", "name", "msg", "format", "sender", "fl[*]"),
    "templates.change": ("chg", "id", "name", "msg", "format", "sender", "fl[*]"),
    "templates.delete": ("del", "id"),
    "templates.list": ("get",),
    "operator_templates.add": (
        *("add", "sender", "msg", "mts_srv", "mts_auth", "mts_trn", "mega_srv", "mega_auth"),
        *("mega_trn", "mega_adv", "bee_srv", "bee_trn", "tele2_srv", "tele2_trn", "motiv_srv"),
        *("motiv_trn", "soc"),
    ),
    "operator_templates.list": ("get", "sender", "msg"),
    "history.sent": (
        *("get_messages", "start", "end", "phone", "email", "format", "cnt", "prev_id"),
    ),
    "history.received": ("get_answers", "cnt", "hour", "after_id", "to_phone"),
    "lookup.operator": ("get_operator", "phone"),
    "lookup.operators": ("get_operator", "phone"),
    "lookup.link": ("get", "link", "id"),
    "numbers.list": ("get",),
    "numbers.buy": ("buy", "phone", "noprolong"),
    "numbers.change": ("chg", "phone", "noprolong"),
    "confirmations.wait_call": ("phone",),
    "events.ping": ("id", "ok", "name", "host", "info"),
}

# By script ("*" is every script), what is not a parameter of a typed call, and why.
UNOFFERED: Final[dict[tuple[str, str], str]] = {
    ("*", "login"): "the client's own: SmscClient(login=)",
    ("*", "psw"): "the client's own: SmscClient(password=)",
    ("*", "apikey"): "the client's own: SmscClient(api_key=)",
    ("*", "fmt"): "the client reads JSON",
    ("*", "charset"): "the client speaks UTF-8",
    ("send.php", "err"): "report=True tells of every number, and Sent.failed of the bad ones",
    ("send.php", "nl"): "no page shows its grammar; a line feed is written as the page says",
    ("jobs.php", "cost"): "here it creates the mailing all the same, so it is no dry run",
    (
        "senders.php",
        "doc_info",
    ): "goes with a file, and no page says how: upload it in the account",
    ("phones.php", "id"): "of a blacklist's entry, by one library only; phone or mail does it",
    ("users.php", "mycurr"): "another spelling of mycur, by a library",
    ("receive_phones.php", "gets"): "another spelling of get, by a library",
    ("get.php", "get_senders"): "the older form of senders.list",
    ("get_mnp.php", "*"): "raw and raw_bytes: an old list of ported numbers, on no page",
    ("documents.php", "*"): "raw and raw_bytes: no page shows the answers, see the recipe",
    ("downloads.php", "*"): "raw and raw_bytes: the list's shape is unknown, see the recipe",
}
