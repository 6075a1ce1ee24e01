"""What the account's handler is told, field by field."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, tzinfo

from . import _answers as answers
from ._history import HOME
from ._incoming import Incoming
from ._kinds import KINDS
from ._records import Change, Message

Fields = Mapping[str, str | int]  # a number is bare where the form knows numbers


def status(message: Message, change: Change, moment: datetime, zone: tzinfo) -> Fields:
    """Tell of a new status, which the message has from *moment* on."""
    kind = KINDS.get(message.kind, 0)
    fields: dict[str, str | int] = {
        "id": answers.bare(message.id),
        "phone": message.phone,
        "status": change.status,
        "time": f"{moment.astimezone(zone):%d.%m.%y %H:%M:%S}",
        "ts": int(moment.timestamp()),
    }
    if change.reason:
        fields["err"] = change.reason
    fields["cnt"] = message.parts
    if message.kind != "mail":  # the page has a number for it among those of the flag only
        fields["type"] = kind
    fields |= {
        "cost": answers.money(message.cost),
        "flag": kind,
        "sender": message.sender,
        "cmt": message.comment,
    }
    if message.kind == "call":
        fields["dtmf"] = ""  # nobody presses a key unless a test says so
    if message.kind == "hlr":
        fields |= HOME
    return {**fields, **change.fields}


def incoming(message: Incoming, answered: str | None) -> Fields:
    """Tell of a message that came in; *answered* is the id of the one that it answers."""
    moment = int(message.received.timestamp())
    return {
        "id": message.number,
        **({} if answered is None else {"sms_id": answers.bare(answered)}),
        "phone": message.phone,
        "mes": message.text,
        "to": message.to,
        "smsc": HOME["msc"],
        "sent": moment,
        "time": moment,
    }


def call(phone: str, moment: datetime) -> Fields:
    """Tell that a phone has called whose call was waited for."""
    return {"waitcall": 1, "phone": phone, "ts": int(moment.timestamp())}
