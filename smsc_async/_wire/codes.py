"""Names and numbers of the service's HTTP interface; the only copy of them.

Sources: "Sending an SMS message", "Getting data" and "Contacts and groups. Server response and
error codes" at ``/api/http`` of the service.
"""

from __future__ import annotations

from typing import Final

# The four hosts that answer with the same interface, one per country. The service names one
# backup of each: the same host with ``www2.`` before it.
HOSTS: Final = ("smscentre.com", "smsc.ru", "smsc.ua", "smsc.kz")
BACKUP: Final = "www2."
FOLDER: Final = "/sys/"
# Where a send may be posted as JSON; no page names such an address for anything else.
REST: Final = "/rest/send/"

SEND: Final = "send.php"
STATUS: Final = "status.php"
BALANCE: Final = "balance.php"
JOBS: Final = "jobs.php"
PHONES: Final = "phones.php"
USERS: Final = "users.php"
SENDERS: Final = "senders.php"
GET: Final = "get.php"
INFO: Final = "info.php"
TINYURLS: Final = "tinyurls.php"
TEMPLATES: Final = "templates.php"
OPERATOR_TEMPLATES: Final = "op_templates.php"
RECEIVE_PHONES: Final = "receive_phones.php"
WAIT_CALL: Final = "wait_call.php"
PING: Final = "ping.php"
DOCUMENTS: Final = "documents.php"
DOWNLOADS: Final = "downloads.php"

# Every call asks for JSON in UTF-8: the service's own defaults are plain text and windows-1251.
ANSWER_FORM: Final = {"fmt": "3", "charset": "utf-8"}
CREDENTIALS: Final = frozenset({"login", "psw", "apikey"})

# The parameters that choose a kind of message; without one it is an SMS.
KINDS: Final = (
    *(
        "flash",
        "bin",
        "push",
        "hlr",
        "ping",
        "mms",
        "mail",
        "soc",
        "viber",
        "whatsapp",
        "tg",
        "bot",
    ),
    "call",
)
# A text that begins with one of these changes its own kind ("Using prefixes").
KIND_PREFIXES: Final = ("__CALL__", "__VIBER__", "__SOC__", "__PING__", "__HLR__")
# What follows this in a text is not sent: it is read as settings or as a comment.
TEXT_BREAK: Final = "\n~~~\n"

MAX_TEXT: Final = 1000
MAX_ID_NUMBER: Final = 2_147_483_647
MAX_ID_TEXT: Final = 40
MAX_SENDER_TEXT: Final = 11
MAX_SENDER_DIGITS: Final = 15
# The pages name no figure for the recipients of one request; this one is the client's own.
MAX_RECIPIENTS: Final = 1000
# Nor one for the messages of one question for statuses: the client's own again.
MAX_STATUSES: Final = 100

# Nor for the files of a message and how large they are together, in bytes: the client's own, too.
MAX_FILES: Final = 20
MAX_FILES_SIZE: Final = 25 * 1024 * 1024
# The names of their fields: this and a number from 0, as the service's own libraries have them.
FILE: Final = "file"

ERROR_LOGIN: Final = 2
ERROR_NOTHING: Final = 3
ERROR_BLOCKED: Final = 4
ERROR_TOO_MANY: Final = 9
# Error 9 has two causes, and only its text tells them apart.
CONCURRENT_HINT: Final = "concurrent"
DUPLICATE_HINT: Final = "duplicate"
